//! Policies over HTTP: their versions, whom another one would affect, what would become of a request, and the brake.

mod brake;
mod preview;
mod simulations;
mod versions;

use crate::support::{Account, Lodger, id, shared};
use serde_json::{Value, json};

/// An account with a policy.
fn under(policy: Value) -> Lodger {
    let server = shared();
    Lodger { account: server.account(policy), server }
}

/// Makes a user over SCIM and answers with its id.
fn managed(account: &Account, name: &str) -> String {
    id(&account.create(json!({ "userName": name, "externalId": name })))
}

/// Makes a user by hand and answers with its id.
fn by_hand(account: &Account, name: &str) -> String {
    id(&account.api("POST", "/users", json!({ "email": name })).expect(201).json())
}

/// Disables a user over SCIM.
fn disable(account: &Account, id: &str) -> u16 {
    account.patch(id, json!([{ "op": "replace", "path": "active", "value": false }])).status
}

/// What an endpoint of the account answers with, whole.
fn read(account: &Account, path: &str) -> Value {
    account.api("GET", path, Value::Null).expect(200).json()
}
