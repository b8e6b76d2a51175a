//! The SCIM checklist over HTTP: every case names the lines of `docs/conformance.md` that it covers.

mod access;
mod attributes;
mod bulk;
mod characteristics;
mod cursors;
mod discovery;
mod errors;
mod extensions;
mod filters;
mod groups;
mod http;
mod lists;
mod patches;
mod patterns;
mod projections;
mod sorting;
mod tenants;
mod texts;
mod users;
mod versions;
mod writes;

use crate::support::{Account, Answer, Server};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// The id of nobody.
const NOBODY: &str = "018f4a3c-0000-7000-8000-000000000000";

/// The lines and the rule, `METHOD path`, the body, and the answer: `201`, `400 invalidValue`.
type Case<'a> = (&'a str, String, Value, &'a str);

/// An account under the policy `standard`, groups included.
fn standard(server: &Server) -> Account {
    server.account(json!({ "preset": "standard", "groups": { "mode": "managed" } }))
}

/// Sends `METHOD path`.
fn ask(account: &Account, request: &str, body: Value) -> Answer {
    ask_with(account, request, &[], body)
}

/// The same with headers.
fn ask_with(account: &Account, request: &str, headers: &[(&str, &str)], body: Value) -> Answer {
    let (method, path) = request.split_once(' ').expect("a request has a method and a path");
    account.scim_with(method, path, headers, body)
}

/// Sends `METHOD path` and answers with the body, which must come with 200 or 201.
#[track_caller]
fn done(account: &Account, request: &str, body: Value) -> Value {
    let answer = ask(account, request, body);
    assert!(matches!(answer.status, 200 | 201), "{request}: {} {}", answer.status, answer.text);
    answer.json()
}

#[track_caller]
fn get(account: &Account, path: &str) -> Value {
    done(account, &format!("GET {path}"), Value::Null)
}

/// Runs cases in order; an error must have the form of one (ERR-01).
#[track_caller]
fn check(account: &Account, cases: impl IntoIterator<Item = Case<'static>>) {
    for (name, request, body, expected) in cases {
        assert_eq!(outcome(ask(account, &request, body)), expected, "{name}: {request}");
    }
}

/// `201`, or `400 invalidValue`: status and, if there is one, `scimType`.
#[track_caller]
fn outcome(answer: Answer) -> String {
    let status = answer.status;
    if status < 400 {
        return status.to_string();
    }
    let error = answer.error(status);
    format!("{status} {}", error["scimType"].as_str().unwrap_or_default()).trim_end().to_owned()
}

/// A name that no other user or group of this run has.
fn fresh(prefix: &str) -> String {
    static MADE: AtomicUsize = AtomicUsize::new(1);
    format!("{prefix}-{}", MADE.fetch_add(1, Ordering::Relaxed))
}

/// A body for a new user with these attributes and a name of its own.
fn new_user(attributes: Value) -> Value {
    let mut body = json!({ "schemas": [USER], "userName": fresh("user") });
    merge(&mut body, attributes);
    body
}

fn merge(body: &mut Value, attributes: Value) {
    let Value::Object(attributes) = attributes else { panic!("attributes are an object") };
    body.as_object_mut().expect("a body is an object").extend(attributes);
}

/// Makes a user with these attributes; answers with it.
#[track_caller]
fn make_user(account: &Account, attributes: Value) -> Value {
    done(account, "POST /Users", new_user(attributes))
}

/// Makes a group of these members (ids); answers with its id.
#[track_caller]
fn make_group(account: &Account, members: &[&str]) -> String {
    let members: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
    let body = json!({ "schemas": [GROUP], "displayName": fresh("group"), "members": members });
    id_of(&done(account, "POST /Groups", body))
}

fn id_of(resource: &Value) -> String {
    resource["id"].as_str().expect("a resource has an id").to_owned()
}

/// A PatchOp message.
fn patch(operations: Value) -> Value {
    json!({ "schemas": [PATCH_OP], "Operations": operations })
}

fn add(path: &str, value: Value) -> Value {
    json!({ "op": "add", "path": path, "value": value })
}

fn replace(path: &str, value: Value) -> Value {
    json!({ "op": "replace", "path": path, "value": value })
}

fn remove(path: &str) -> Value {
    json!({ "op": "remove", "path": path })
}

/// A member of every resource of a list, as text.
fn column(list: &Value, name: &str) -> Vec<String> {
    let resources = list["Resources"].as_array().unwrap_or_else(|| panic!("no list: {list}"));
    resources.iter().map(|resource| resource[name].as_str().unwrap_or("-").to_owned()).collect()
}

/// The names of an object's members, in alphabetical order.
fn members(object: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = object.as_object().expect("an object").keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

/// Every kind of simple JSON value and containers of them, none of which is a sensible text.
fn odd_values() -> Vec<Value> {
    vec![json!(7), json!(1.5), json!(true), json!([]), json!({}), json!([[]]), json!({ "a": { "b": [] } })]
}
