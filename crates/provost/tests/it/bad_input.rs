//! Input that no client should send: each has a clear SCIM error and changes nothing (S-16).

mod attributes;
mod bodies;
mod bulk;
mod definitions;
mod depth;
mod foreign;
mod headers;
mod members;
mod queries;
mod random;
mod routes;
mod slow;
mod surface;

use crate::{
    raw::{self, Raw},
    support::{Account, Answer, id},
};
use serde_json::{Value, json};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// The id of nobody.
const NOBODY: &str = "018f4a3c-0000-7000-8000-000000000000";

/// An account with one user, and everything about it that a refused request must leave as it is.
struct Guarded {
    account: Account,
    id: String,
    shown: String,
    listed: String,
}

impl Guarded {
    fn new(account: Account) -> Self {
        let user = account.create(json!({ "userName": "x@a.example", "externalId": "e1", "active": true }));
        let id = user["id"].as_str().expect("a user has an id").to_owned();
        let (shown, listed) = state(&account, &id);
        Self { account, id, shown, listed }
    }

    /// Makes a group of the user, and watches it too.
    fn group(&mut self, name: &str) -> String {
        let group = id(&self.account.group(name, &[&self.id]));
        (self.shown, self.listed) = state(&self.account, &self.id);
        group
    }

    /// The newest audit entry.
    fn entry(&self) -> Value {
        self.account.api("GET", "/audit?limit=1", Value::Null).expect(200).json()["items"][0].clone()
    }

    fn entries(&self) -> u64 {
        self.entry()["seq"].as_u64().expect("an entry has a number")
    }

    /// Runs a mutating request, which must be refused with one of these statuses, change nothing and leave one audit entry.
    #[track_caller]
    fn refuses(&self, name: &str, statuses: &[u16], send: impl FnOnce(&Account) -> Value) -> Value {
        let before = self.entries();
        let error = send(&self.account);
        let status: u16 = error["status"].as_str().and_then(|status| status.parse().ok()).expect("a status");
        assert!(statuses.contains(&status), "{name}: {error}");
        let entry = self.entry();
        assert_eq!(entry["seq"].as_u64(), Some(before + 1), "{name}: exactly one audit entry");
        assert_eq!(entry["outcome"], "failure", "{name}: {entry}");
        assert_eq!(entry["detail"], error["detail"], "{name}");
        self.unchanged(name);
        error
    }

    #[track_caller]
    fn unchanged(&self, name: &str) {
        let (shown, listed) = state(&self.account, &self.id);
        assert_eq!((&shown, &listed), (&self.shown, &self.listed), "{name}");
    }

    fn path(&self) -> String {
        format!("/Users/{}", self.id)
    }
}

/// The user, and what there is: all users and all groups with their members.
fn state(account: &Account, id: &str) -> (String, String) {
    let list = |path: &str| account.scim("GET", path, Value::Null).expect(200).text;
    (account.get(id).expect(200).text, list("/Users") + &list("/Groups"))
}

/// A PATCH message of these operations.
fn patch(operations: Value) -> Value {
    json!({ "schemas": [PATCH_OP], "Operations": operations })
}

/// Posts more than is read: the server may answer and close before it has everything, which a well-behaved client takes for a
/// broken connection.
fn post_too_much(account: &Account, path: &str, key: &str, body: &str) -> Raw {
    let (authorization, length) = (format!("Bearer {key}"), body.len().to_string());
    let headers =
        [("authorization", authorization.as_str()), ("content-type", "application/json"), ("content-length", &length)];
    raw::exchange(&account.base, &[&raw::head("POST", path.as_bytes(), &headers), body.as_bytes()])
}

/// The SCIM error of an answer, whatever its status.
#[track_caller]
fn error_of(answer: Answer) -> Value {
    let status = answer.status;
    assert!((400..500).contains(&status), "{status}: {}", answer.text);
    answer.error(status)
}
