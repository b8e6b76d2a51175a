//! No space left: a limit on the size of files stands for a full disk, since it needs no rights and can be lifted while the server
//! runs.

use super::{body, check_sound};
use crate::support::{Account, Answer, Server, request, send};
use serde_json::{Value, json};
use std::{fs, path::Path, process::Command};

/// No file of the server may grow beyond so many bytes from now on, or as it likes.
fn limit(server: &Server, bytes: &str) {
    let arguments = ["--pid", &server.pid().to_string(), &format!("--fsize={bytes}:unlimited")];
    let status = Command::new("prlimit").args(arguments).status().expect("`prlimit` (util-linux) is installed");
    assert!(status.success());
}

/// Bytes of the largest file of the database.
fn largest(data: &Path) -> u64 {
    ["provost.db", "provost.db-wal"]
        .iter()
        .map(|name| fs::metadata(data.join(name)).map_or(0, |file| file.len()))
        .max()
        .unwrap_or(0)
}

fn is_ready(server: &Server) -> u16 {
    send(request("GET", &format!("{}/readyz", server.base))).status
}

/// Whether a write was refused for want of space, in the words of its surface; otherwise it was done.
fn is_refused(answer: &Answer) -> bool {
    if [200, 201, 204].contains(&answer.status) {
        return false;
    }
    assert_eq!((answer.status, answer.header("retry-after")), (503, "5"), "{}", answer.text);
    assert!(answer.text.contains("the store is unavailable; try again"), "{}", answer.text);
    true
}

/// Creates users until one is refused; those that were acknowledged.
fn fill(account: &Account, prefix: &str) -> Vec<String> {
    let mut names = Vec::new();
    for number in 0..2_000 {
        let name = format!("{prefix}{number}@a.example");
        if is_refused(&account.scim("POST", "/Users", body(&name, "t"))) {
            return names;
        }
        names.push(name);
    }
    panic!("the disk never got full");
}

#[test]
fn s_106_a_full_disk_refuses_writes_for_a_while_and_loses_nothing() {
    let mut server = Server::start_in_folder(&[]);
    let account = server.account(json!("standard"));
    let group = account.group("All", &[]);
    let group = group["id"].as_str().expect("an id").to_owned();
    let mut acknowledged = Vec::new();
    for round in 0..3 {
        limit(&server, &(largest(&server.data()) + 200_000).to_string());
        let names = fill(&account, &format!("r{round}-"));
        assert!(!names.is_empty(), "there was some space");
        acknowledged.extend(names);

        // While it lasts: writes of every kind are refused or, where they need little, done; reads go on.
        let user = account.find(&format!("userName eq \"{}\"", acknowledged[0]))["Resources"][0].clone();
        let id = user["id"].as_str().expect("an id");
        let mut refused = 0;
        for _ in 0..3 {
            acknowledged.extend(fill(&account, &format!("r{round}-{}-", acknowledged.len())));
            for answer in [
                account.patch(id, json!([{ "op": "replace", "path": "title", "value": "u" }])),
                account.patch_group(&group, json!([{ "op": "add", "path": "members", "value": [{ "value": id }] }])),
                account.patch_group(&group, json!([{ "op": "remove", "path": "members" }])),
                account.api("PATCH", "", json!({ "name": "Full" })),
            ] {
                refused += usize::from(is_refused(&answer));
            }
            assert_eq!(account.get(id).expect(200).json()["userName"], user["userName"]);
            assert_eq!(account.find("userName eq \"nobody\"")["totalResults"], 0);
            assert_eq!(is_ready(&server), 200, "it can be read");
        }
        assert!(refused > 0, "the disk is full");

        // Space is back: no restart, no help.
        limit(&server, "unlimited");
        let name = format!("after-{round}@a.example");
        account.scim("POST", "/Users", body(&name, "t")).expect(201);
        acknowledged.push(name);
        check_sound(&server);
    }
    // A server that is killed while the disk is full.
    limit(&server, &largest(&server.data()).to_string());
    acknowledged.extend(fill(&account, "last-"));
    server.kill();
    server.restart();
    let account = server.again(&account);
    check_sound(&server);
    let users = super::listed(&account);
    assert_eq!(users.len(), acknowledged.len(), "nothing that was refused is there");
    for name in &acknowledged {
        assert!(users.values().any(|user| user["userName"] == json!(name)), "{name}");
    }
    assert!(server.log().contains("A transaction of the store failed."), "the log says why");
    assert_eq!(account.api("GET", "/audit/verify", Value::Null).expect(200).json()["verified"], json!(true));
}

/// A log that cannot be written is no reason to end.
#[test]
fn a_server_that_cannot_write_its_log_goes_on() {
    let server = Server::start_under(&["sh", "-c", "exec \"$0\" \"$@\" 2>/dev/full"], &["--log", "debug"]);
    let account = server.account(json!("standard"));
    account.create(json!({ "userName": "ann" }));
    account.with_key("wrong").scim("GET", "/Users", Value::Null).expect(401);
    assert_eq!(is_ready(&server), 200);
    assert_eq!(server.log(), "");
}
