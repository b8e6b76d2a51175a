//! `provost simulate`, on our own server, on other people's, and on servers with a fault.

mod faults;
mod own;
mod replay;
mod scenario;
mod strangers;
mod wire;

use crate::{
    process::{Ran, run_with},
    support::{Account, Lodger, shared},
};
use serde_json::{Value, json};
use std::path::Path;

/// A run and its report.
struct Simulated {
    ran: Ran,
    report: Value,
}

/// Plays somebody at the service at `base`; what is played stands in `what`.
fn simulate(what: &[&str], base: &str, token: &str) -> Simulated {
    let folder = tempfile::tempdir().expect("a folder");
    let json = folder.path().join("report.json");
    let arguments: Vec<&str> = ["simulate"].iter().chain(what).copied().chain([base, "--json", text(&json)]).collect();
    let ran = run_with(&arguments, &[("PROVOST_TOKEN", token)]);
    let report = std::fs::read_to_string(&json).unwrap_or_else(|error| panic!("{error}: {ran:?}"));
    assert!(!ran.stdout.contains(token) && !report.contains(token), "the token is shown");
    Simulated { ran, report: serde_json::from_str(&report).expect("a report is JSON") }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of ours is text")
}

fn lodger(policy: Value) -> Lodger {
    let server = shared();
    Lodger { account: server.account(policy), server }
}

/// The standard with groups, and what Entra needs besides.
fn for_entra() -> Lodger {
    lodger(json!({ "preset": "standard", "groups": { "mode": "managed" }, "patch": { "no_match": "create" } }))
}

/// The same with what Google needs.
fn for_everybody() -> Lodger {
    lodger(json!({
        "preset": "standard",
        "groups": { "mode": "managed" },
        "patch": { "no_match": "create" },
        "users": { "unsupported_on_create": "ignore", "unsupported_on_replace": "ignore" },
    }))
}

fn scim(account: &Account) -> String {
    format!("{}/scim/v2", account.base)
}

fn total(account: &Account, path: &str) -> u64 {
    let list = account.scim("GET", path, Value::Null).expect(200).json();
    list["totalResults"].as_u64().expect("a list has a total")
}

/// Everybody and everything that SCIM sees there.
fn totals(account: &Account) -> (u64, u64) {
    (total(account, "/Users?count=0"), total(account, "/Groups?count=0"))
}

impl Simulated {
    /// `OUTCOME: ACT: STEP (SOURCE)` for whatever did not hold, each with what was wrong, and how many steps came to what.
    fn findings(&self) -> String {
        let mut out = String::new();
        for act in list(&self.report["acts"]) {
            for step in list(&act["steps"]) {
                let outcome = text_of(step, "outcome");
                if matches!(outcome, "failed" | "unsettled" | "warning" | "information") {
                    let source = step["source"].as_str().unwrap_or("nowhere");
                    out.push_str(&format!(
                        "{outcome}: {}: {} ({source})\n",
                        text_of(act, "title"),
                        text_of(step, "says")
                    ));
                    for finding in list(&step["findings"]) {
                        out.push_str(&format!("  {}\n", text_of(finding, "what")));
                    }
                }
            }
        }
        let counts = self.report["counts"].as_object().expect("a report counts");
        let some = counts.iter().filter(|(_, count)| **count != json!(0));
        some.for_each(|(outcome, count)| out.push_str(&format!("{outcome}: {count}\n")));
        out
    }

    /// How many steps came to this.
    fn count(&self, outcome: &str) -> u64 {
        self.report["counts"][outcome].as_u64().expect("a report counts")
    }

    /// What could not be removed.
    fn left_behind(&self) -> &Vec<Value> {
        list(&self.report["left_behind"])
    }
}

/// The findings without ids, which servers choose at random, and without what names begin with here.
fn plain(findings: &str) -> String {
    let is_id = |text: &str| text.len() >= 32 && text.chars().all(|one| one.is_ascii_hexdigit() || one == '-');
    let parts = findings.split('"').map(|part| if is_id(part) || part.contains("sim-") { "ID" } else { part });
    parts.collect::<Vec<_>>().join("\"")
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap_or_else(|| panic!("no list: {value}"))
}

fn text_of<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}"))
}
