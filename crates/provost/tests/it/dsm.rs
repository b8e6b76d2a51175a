//! What the Fortanix DSM document asks of a service provider, section by section, over HTTP. The preset is `dsm`; what the document
//! shows on a screen is asked of the management API.

mod attributes;
mod connecting;
mod conversation;
mod deprovisioning;
mod limits;
mod overview;
mod provisioning;
mod roles;

use crate::support::{Account, Answer, Lodger, id, shared};
use serde_json::{Value, json};

const ADMINISTRATOR: &str = "ACCOUNTADMINISTRATOR";
const MEMBER: &str = "ACCOUNTMEMBER";
const AUDITOR: &str = "ACCOUNTAUDITOR";

/// An account with the preset `dsm`.
fn dsm() -> Lodger {
    under(json!("dsm"))
}

/// An account with another policy.
fn under(policy: Value) -> Lodger {
    let server = shared();
    Lodger { account: server.account(policy), server }
}

/// Another account with the preset `dsm` on the same server.
fn neighbour(of: &Lodger) -> Account {
    of.server.account(json!("dsm"))
}

/// The account through another admin app of its own, made from `app`.
fn through(account: &Account, app: Value) -> Account {
    let made = account.api("POST", "/admin-apps", app).expect(201).json();
    account.with_key(made["api_key"].as_str().expect("a new app shows its key"))
}

/// Makes a custom role and answers with its `role_id`.
fn custom_role(account: &Account, name: &str, exclusive: bool) -> String {
    id(&account.api("POST", "/roles", json!({ "name": name, "exclusive": exclusive })).expect(201).json())
}

/// A user that an administrator makes by hand.
fn by_hand(account: &Account, email: &str, roles: &[&str]) -> Value {
    account.api("POST", "/users", json!({ "email": email, "roles": roles })).expect(201).json()
}

/// The person proves the address.
fn verify(account: &Account, user: &str) {
    account.api("PATCH", &format!("/users/{user}"), json!({ "verified": true })).expect(200);
}

/// Whether somebody who is signed in elsewhere under this identifier may use the account, and for what.
fn sign_in(account: &Account, identifier: &str) -> Value {
    account.api("POST", "/sign-in-checks", json!({ "identifier": identifier })).expect(200).json()
}

/// The operations with which AssertiveAppRoleAssignmentsComplex replaces the roles.
fn roles_now(values: &[&str]) -> Value {
    json!([{ "op": "replace", "path": "roles", "value": crate::support::assertive(values) }])
}

/// The operations of an unassigned user.
fn unassigned() -> Value {
    json!([{ "op": "replace", "path": "active", "value": false }])
}

/// How many users a SCIM client sees under this name.
fn named(account: &Account, user_name: &str) -> u64 {
    let found = account.find(&format!("userName eq \"{user_name}\""));
    found["totalResults"].as_u64().expect("a list has a total")
}

/// What an endpoint of the account answers with, whole.
fn read(account: &Account, path: &str) -> Value {
    account.api("GET", path, Value::Null).expect(200).json()
}

/// The newest entry of the audit log.
fn last_entry(account: &Account) -> Value {
    account.audit().into_iter().next().expect("the log has an entry")
}

/// The audit entries about a user, oldest first.
fn entries_about(account: &Account, user: &str) -> Vec<Value> {
    read(account, &format!("/audit?user={user}&order=oldest&limit=200"))["items"].as_array().expect("a list").clone()
}

/// What one attribute was before and after, in an audit entry.
fn changed(entry: &Value, attribute: &str) -> Option<(Value, Value)> {
    let changes = entry["changes"].as_array()?;
    let change = changes.iter().find(|change| change["attribute"] == attribute)?;
    Some((change["old"].clone(), change["new"].clone()))
}

/// The `detail` of a refusal that is a SCIM error of this status, which must hold these words.
#[track_caller]
fn refused(answer: Answer, status: u16, words: &[&str]) -> Value {
    let error = answer.error(status);
    let detail = error["detail"].as_str().expect("an error has a detail");
    for word in words {
        assert!(detail.contains(word), "`{word}` is not in: {detail}");
    }
    error
}
