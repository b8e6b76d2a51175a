//! The thin clients of `/api/v1`: one module per thing that is managed. They hold no rules; the server's sentences are shown.

pub mod account;
pub mod admin_app;
pub mod audit;
pub mod group;
pub mod policy;
pub mod quorum_policy;
pub mod role;
pub mod user;

use anyhow::Context;
use serde_json::Value;
use std::io::Read as _;
use std::path::Path;

/// What the help of every command that names an account ends with.
const ACCOUNT_HELP: &str = "The account is an id, or a name for whoever holds the operator's key.";

/// Reads a JSON document from a file, or from stdin when it is `-`.
fn read_document(file: &Path) -> anyhow::Result<Value> {
    let mut text = String::new();
    if file.as_os_str() == "-" {
        std::io::stdin().read_to_string(&mut text).context("cannot read stdin")?;
    } else {
        text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    }
    serde_json::from_str(&text).with_context(|| format!("{} is not JSON", file.display()))
}
