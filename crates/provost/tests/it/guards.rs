//! Guards: what keeps an account from a broken or stolen connection, over the API, on the command line and in the console.

mod alerts;
mod approvals;
mod dialects;
mod held;

use crate::support::{Account, Server, pause};
use serde_json::Value;
use std::time::{Duration, Instant};

/// Far longer than looking after alerts takes.
const PATIENCE: Duration = Duration::from_secs(90);

/// The alerts of an account, once they are as wanted.
#[track_caller]
pub fn alerts(account: &Account, wanted: impl Fn(&[String]) -> bool) -> Vec<Value> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let listed = account.api("GET", "/alerts", Value::Null).expect(200).json();
        let found = listed["items"].as_array().expect("a list").clone();
        let causes: Vec<String> = found.iter().filter_map(|alert| alert["cause"].as_str().map(str::to_owned)).collect();
        if wanted(&causes) {
            return found;
        }
        assert!(Instant::now() < deadline, "the alerts are {causes:?}");
        pause();
    }
}

/// What `provost` is run with, as the operator.
fn environment(server: &Server) -> [(&str, &str); 2] {
    [("PROVOST_URL", server.base.as_str()), ("PROVOST_TOKEN", server.operator_key.as_str())]
}

/// The actions of an account's audit log, newest first.
fn actions(account: &Account) -> Vec<String> {
    account.audit().iter().filter_map(|entry| entry["action"].as_str().map(str::to_owned)).collect()
}
