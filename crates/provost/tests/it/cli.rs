//! The command line: help, JSON, exit codes, error sentences, and how the server starts and ends.

mod clients;
mod demo;
mod help;
mod judging;
mod serve;
mod verify;

use crate::{
    process::{Ran, run_with},
    support::Server,
};
use serde_json::Value;
use std::path::Path;

/// Runs a client command as the operator.
fn as_operator(server: &Server, arguments: &[&str]) -> Ran {
    run_with(arguments, &[("PROVOST_URL", &server.base), ("PROVOST_TOKEN", &server.operator_key)])
}

/// Runs a command twice: as people see it, which must hold `shown`, and with `--json`, which it answers with.
#[track_caller]
fn reads(server: &Server, arguments: &[&str], shown: &str) -> Value {
    let plain = as_operator(server, arguments).exits(0).stdout;
    assert!(plain.contains(shown), "{arguments:?}: {plain}");
    as_operator(server, &[arguments, &["--json"]].concat()).json()
}

/// Writes a file; its path as text.
fn file(folder: &Path, name: &str, content: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, content).expect("the file can be written");
    path.to_str().expect("a temporary path is text").to_owned()
}
