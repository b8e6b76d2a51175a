//! Who manages users, over HTTP and on the command line: adoption, release, and the migration of users who are there already.

mod adoption;
mod migration;

use crate::support::{Account, Lodger, id, shared};
use serde_json::{Value, json};

/// An account in which managed and unmanaged users live apart.
fn apart() -> Lodger {
    let server = shared();
    let users = json!({ "existing": "separate", "visibility": "managed_only", "matching": ["external_id", "user_name", "email"] });
    Lodger { account: server.account(json!({ "preset": "standard", "users": users })), server }
}

/// Makes a user by hand and answers with its id.
fn by_hand(account: &Account, name: &str) -> String {
    id(&account.api("POST", "/users", json!({ "email": name })).expect(201).json())
}

/// What an endpoint of the account answers with, whole.
fn read(account: &Account, path: &str) -> Value {
    account.api("GET", path, Value::Null).expect(200).json()
}
