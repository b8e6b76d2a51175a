//! A clock that was set back between two runs.

use super::{check_sound, listed};
use crate::support::{Account, Server};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Sequence numbers and times of all audit entries, the oldest first.
fn entries(account: &Account) -> Vec<(u64, String)> {
    let mut entries: Vec<(u64, String)> = account
        .audit()
        .iter()
        .map(|entry| (entry["seq"].as_u64().expect("a number"), entry["time"].as_str().expect("a time").to_owned()))
        .collect();
    entries.reverse();
    entries
}

/// All users by cursor, beginning at one.
fn from_cursor(account: &Account, cursor: &str) -> Vec<String> {
    let (mut ids, mut cursor) = (Vec::new(), cursor.to_owned());
    loop {
        let page = account.scim("GET", &format!("/Users?count=7&cursor={cursor}"), Value::Null).expect(200).json();
        let found = page["Resources"].as_array().map_or(&[][..], Vec::as_slice);
        ids.extend(found.iter().map(|user| user["id"].as_str().expect("an id").to_owned()));
        match page["nextCursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => return ids,
        }
    }
}

fn create(account: &Account, prefix: &str) -> Vec<String> {
    let made = (0..10).map(|number| account.create(json!({ "userName": format!("{prefix}{number}@a.example") })));
    made.map(|user| user["id"].as_str().expect("an id").to_owned()).collect()
}

/// The key of a new admin app that ends so many days after the newest entry of the log.
fn key(account: &Account, name: &str, description: &str, days: i64) -> String {
    let (_, now) = entries(account).pop().expect("there are entries");
    let now: Timestamp = now.parse().expect("a time");
    let expires = (now + SignedDuration::from_hours(24 * days)).to_string();
    let app = json!({ "name": name, "description": description, "expires": expires });
    let app = account.api("POST", "/admin-apps", app).expect(201).json();
    app["api_key"].as_str().expect("a key").to_owned()
}

#[test]
fn s_106_a_clock_set_back_between_two_runs_confuses_nothing() {
    let mut server = Server::start();
    let account = server.account(json!({ "preset": "standard", "audit": { "retention_days": 30 } }));
    let short = key(&account, "Short", "until in ten days", 10);
    server.stop();
    // Twenty days ahead, and back.
    server.restart_at("+20 days");
    let ahead = server.again(&account);
    let first = create(&ahead, "ahead");
    let lasting = key(&ahead, "Lasting", "until in five days", 5);
    let begun = ahead.scim("GET", "/Users?count=7&cursor=", Value::Null).expect(200).json();
    let cursor = begun["nextCursor"].as_str().expect("there is more").to_owned();
    ahead.with_key(&short).scim("GET", "/Users", Value::Null).expect(401);
    server.stop();

    server.restart_at("+0 days");
    let back = server.again(&account);
    let second = create(&back, "back");
    let ids: BTreeSet<&String> = first.iter().chain(&second).collect();
    assert_eq!(ids.len(), 20, "no id is given twice");
    // Lists and cursors hold all of them, each once.
    assert_eq!(listed(&back).len(), 20);
    let all = from_cursor(&back, "");
    assert_eq!((all.len(), all.iter().collect::<BTreeSet<_>>()), (20, ids));
    assert_eq!(from_cursor(&back, &cursor), first[7..], "a cursor of the run before goes on where it was");
    // Changes of what is from the future.
    let changed = back.patch(&first[0], json!([{ "op": "replace", "path": "title", "value": "x" }])).expect(200).json();
    assert_eq!(changed["title"], "x");
    back.scim("DELETE", &format!("/Users/{}", first[1]), Value::Null).expect(204);
    // The log's order is that of the commits, whatever the clock said; nothing is gone before its time.
    let log = entries(&back);
    let numbers: Vec<u64> = log.iter().map(|(seq, _)| *seq).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
    assert!(!log.is_sorted_by_key(|(_, time)| time.clone()), "the clock was set back");
    assert_eq!(back.api("GET", "/audit/verify", Value::Null).expect(200).json()["verified"], json!(true));
    // A key that was made ahead works, and keys end when the clock says so.
    for key in [&lasting, &short] {
        back.with_key(key).scim("GET", "/Users", Value::Null).expect(200);
    }
    server.stop();
    check_sound(&server);

    // Ahead again, beyond what retention keeps of the run in between: what stays verifies.
    server.restart_at("+40 days");
    let ahead = server.again(&account);
    assert_eq!(ahead.api("GET", "/audit/verify", Value::Null).expect(200).json()["verified"], json!(true));
    assert_eq!(listed(&ahead).len(), 19);
    for key in [&lasting, &short] {
        ahead.with_key(key).scim("GET", "/Users", Value::Null).expect(401);
    }
    check_sound(&server);
}
