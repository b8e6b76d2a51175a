//! `provost check`, on our own server, on other people's, and on servers with a fault.

mod faults;
mod own;
mod strangers;

use crate::process::{Ran, run_with};
use serde_json::Value;
use std::{collections::BTreeMap, path::Path};

/// A run and its report.
struct Checked {
    ran: Ran,
    report: Value,
}

/// Checks the service at `base` with further options.
fn check(base: &str, token: &str, more: &[&str]) -> Checked {
    let folder = tempfile::tempdir().expect("a folder");
    let json = folder.path().join("report.json");
    let file = text(&json);
    let arguments: Vec<&str> = ["check", base, "--json", file].into_iter().chain(more.iter().copied()).collect();
    let ran = run_with(&arguments, &[("PROVOST_TOKEN", token)]);
    let report = std::fs::read_to_string(&json).unwrap_or_else(|error| panic!("{error}: {ran:?}"));
    assert!(!ran.stdout.contains(token) && !report.contains(token), "the token is shown");
    Checked { ran, report: serde_json::from_str(&report).expect("a report is JSON") }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of ours is text")
}

impl Checked {
    /// What came of each case.
    fn cases(&self) -> &Vec<Value> {
        self.report["cases"].as_array().expect("a report has cases")
    }

    /// Leaves cases out.
    fn forget(&mut self, is_meant: impl Fn(&str) -> bool) {
        let cases = self.report["cases"].as_array_mut().expect("a report has cases");
        cases.retain(|case| !is_meant(text_of(case, "id")));
    }

    /// Ids and outcomes, in the order of the cases.
    fn outcomes(&self) -> Vec<(&str, &str)> {
        self.cases().iter().map(|case| (text_of(case, "id"), text_of(case, "outcome"))).collect()
    }

    /// The ids with one of these outcomes.
    fn with(&self, wanted: &[&str]) -> Vec<&str> {
        self.outcomes().into_iter().filter(|(_, outcome)| wanted.contains(outcome)).map(|(id, _)| id).collect()
    }

    /// `OUTCOME: ID: SOURCE`, for every case that is wrong, and how many there are of the rest.
    fn findings(&self) -> String {
        let mut lines = Vec::new();
        let mut rest = BTreeMap::new();
        for case in self.cases() {
            let outcome = text_of(case, "outcome");
            match outcome {
                "failed" | "unsettled" => {
                    lines.push(format!("{outcome}: {}: {}", text_of(case, "id"), text_of(case, "source")));
                }
                _ => *rest.entry(outcome).or_insert(0) += 1,
            }
        }
        lines.extend(rest.into_iter().map(|(outcome, count)| format!("{outcome}: {count}")));
        lines.join("\n") + "\n"
    }

    /// What could not be removed.
    fn left_behind(&self) -> &Vec<Value> {
        self.report["left_behind"].as_array().expect("a report says what it left behind")
    }
}

fn text_of<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}"))
}
