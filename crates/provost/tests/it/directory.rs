//! The directory: an account that other applications are provisioned from (preset `directory`).

mod bin;
mod csv;
mod ldap;

use crate::{
    process::{Ran, run_with},
    support::{Account, Lodger, shared},
};
use serde_json::json;

/// A directory of its own on the shared server.
fn directory() -> Lodger {
    let server = shared();
    Lodger { account: server.account(json!("directory")), server }
}

/// Runs `provost` on an account as the operator.
fn provost(account: &Account, arguments: &[&str]) -> Ran {
    let environment = [
        ("PROVOST_URL", account.base.as_str()),
        ("PROVOST_TOKEN", &account.operator_key),
        ("PROVOST_ACCOUNT", &account.id),
    ];
    run_with(arguments, &environment)
}
