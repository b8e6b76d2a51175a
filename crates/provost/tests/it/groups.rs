//! Groups over HTTP: who is in them, who may say so, what their members may do, and what a client reads of them.

mod by_hand;
mod conditions;
mod limits;
mod membership;
mod names;
mod nesting;
mod ownership;
mod reading;
mod role_mapping;
mod roles;
mod users;

use crate::support::{Account, Lodger, id, members, shared};
use serde_json::{Value, json};
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// The id of nobody.
const NOBODY: &str = "01890000-0000-7000-8000-000000000000";

/// An account with the preset `standard`.
fn standard() -> Lodger {
    under(json!("standard"))
}

/// An account with another policy.
fn under(policy: Value) -> Lodger {
    let server = shared();
    Lodger { account: server.account(policy), server }
}

/// Makes so many users and answers with their ids, sorted.
fn users(account: &Account, count: usize) -> Vec<String> {
    const CLIENTS: usize = 16;
    static MADE: AtomicUsize = AtomicUsize::new(0);
    let one = || {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        id(&account.create(json!({ "userName": format!("user{number}@a.com") })))
    };
    let mut ids: Vec<String> = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS.min(count))
            .map(|client| scope.spawn(move || (client..count).step_by(CLIENTS).map(|_| one()).collect::<Vec<_>>()))
            .collect();
        clients.into_iter().flat_map(|client| client.join().expect("no client fails")).collect()
    });
    ids.sort();
    ids
}

/// So many users of an account, each by its id.
fn some_users<const N: usize>(account: &Account) -> [String; N] {
    users(account, N).try_into().expect("as many as were asked for")
}

/// The ids as a request takes them.
fn each(ids: &[String]) -> Vec<&str> {
    ids.iter().map(String::as_str).collect()
}

/// The operations that let these join.
fn join(ids: &[&str]) -> Value {
    json!([{ "op": "add", "path": "members", "value": members(ids) }])
}

/// The operations that let one leave.
fn leave(id: &str) -> Value {
    json!([{ "op": "remove", "path": format!("members[value eq \"{id}\"]") }])
}

/// A group over SCIM.
#[track_caller]
fn group(account: &Account, id: &str) -> Value {
    account.scim("GET", &format!("/Groups/{id}"), Value::Null).expect(200).json()
}

/// A body that makes or replaces a group.
fn body(name: &str, ids: &[&str]) -> Value {
    json!({ "schemas": [GROUP], "displayName": name, "members": members(ids) })
}

/// What an endpoint of the account answers with, whole.
#[track_caller]
fn read(account: &Account, path: &str) -> Value {
    account.api("GET", path, Value::Null).expect(200).json()
}

/// The ids that a list shows, sorted; its total is theirs.
#[track_caller]
fn ids(list: &Value) -> Vec<String> {
    let mut ids: Vec<String> = list["Resources"].as_array().expect("a list").iter().map(id).collect();
    assert_eq!(list["totalResults"], json!(ids.len()));
    ids.sort();
    ids
}

/// Makes a role that permits this and answers with its id.
fn role(account: &Account, name: &str, permissions: &[&str]) -> String {
    id(&account.api("POST", "/roles", json!({ "name": name, "permissions": permissions })).expect(201).json())
}
