//! What Entra sends, as a Postman collection that npm `newman` runs: `tests/newman/entra.json`. `cargo xtask setup` installs it.

use crate::{
    process::ended,
    support::{Account, Server},
};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Assertions that the collection makes at least, so that none is left out unseen.
const ASSERTIONS_MIN: u64 = 75;

/// Runs the collection in an account; what newman reports of it.
fn run(account: &Account) -> Value {
    let built = Path::new(env!("CARGO_BIN_EXE_provost"));
    let target = built.ancestors().nth(2).expect("what is built lies in a profile's folder of the target folder");
    let program = target.join("newman/node_modules/newman/bin/newman.js");
    assert!(program.is_file(), "{} is missing: run `cargo xtask setup`", program.display());
    let collection: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/newman/entra.json");
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let report = folder.path().join("report.json");
    let mut newman = Command::new("node")
        .arg(program)
        .arg("run")
        .arg(collection)
        .args(["--env-var", &format!("base={}/scim/v2", account.base), "--env-var", &format!("token={}", account.key)])
        .args(["--reporters", "json", "--reporter-json-export"])
        .arg(&report)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("Node.js starts");
    let status = ended(&mut newman);
    let text = fs::read_to_string(&report).unwrap_or_else(|error| panic!("newman, {status}, reports nothing: {error}"));
    serde_json::from_str(&text).expect("a report is JSON")
}

/// What failed: which request, which assertion, and why.
fn failed(report: &Value) -> Vec<String> {
    let failures = report["run"]["failures"].as_array().expect("a list");
    let told = |failure: &Value| {
        format!("{}: {}: {}", failure["source"]["name"], failure["error"]["test"], failure["error"]["message"])
    };
    failures.iter().map(told).collect()
}

#[test]
fn the_collection_of_what_entra_sends_runs_without_a_failure() {
    let server = Server::start();
    for policy in [json!("directory"), json!({ "preset": "standard", "groups": { "patch_answer": "no_content" } })] {
        let account = server.account(policy.clone());
        let report = run(&account);
        assert_eq!(failed(&report), Vec::<String>::new(), "{policy}");
        let made = report["run"]["stats"]["assertions"]["total"].as_u64().expect("a number");
        assert!(made >= ASSERTIONS_MIN, "{policy}: only {made} assertions");
        assert_eq!(account.find("userName pr")["totalResults"], 0, "the life is over");
    }
}

#[test]
fn the_collection_finds_what_is_not_as_entra_wants_it() {
    let server = Server::start();
    // A PATCH of a group answers with the group here.
    let failed = failed(&run(&server.account(json!("standard"))));
    assert_eq!(failed.len(), 3, "{failed:?}");
    assert!(failed.iter().all(|one| one.contains("have status code 204 but got 200")), "{failed:?}");
}
