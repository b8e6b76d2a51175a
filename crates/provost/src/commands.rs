//! The thin clients of `/api/v1`: one module per thing that is managed. They hold no rules; the server's sentences are shown. [`check`],
//! [`simulate`] and [`load`] ask any SCIM server instead.

pub mod account;
pub mod admin_app;
pub mod alert;
pub mod approval;
pub mod audit;
pub mod check;
mod collection;
pub mod enterprise_app;
pub mod group;
pub mod held_change;
mod in_account;
pub mod index;
pub mod load;
pub mod policy;
pub mod quorum_policy;
pub mod resource_type;
pub mod role;
pub mod schema;
mod service;
pub mod sign_in;
pub mod simulate;
pub mod transfer;
pub mod user;

use anyhow::Context;
use serde_json::Value;
use std::io::Read as _;
use std::path::Path;

/// What the help of every command that names an account ends with.
const ACCOUNT_HELP: &str = "The account is an id, or a name for whoever holds the operator's key.";

/// Reads a JSON document from a file, or from stdin when it is `-`.
fn read_document(file: &Path) -> anyhow::Result<Value> {
    serde_json::from_str(&read_text(file)?).with_context(|| format!("{} is not JSON", file.display()))
}

/// Reads a text from a file, or from stdin when it is `-`.
fn read_text(file: &Path) -> anyhow::Result<String> {
    if file.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context("cannot read stdin")?;
        Ok(text)
    } else {
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
    }
}
