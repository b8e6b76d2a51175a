//! `audit verify` without a server.

use super::as_operator;
use crate::{process::run, support::Server};
use rusqlite::Connection;
use serde_json::{Value, json};

#[test]
fn a_database_is_verified_beside_a_server_and_without_one() {
    let mut server = Server::start_in_folder(&[]);
    let account = server.account(json!("dsm"));
    let other = server.account(json!("standard"));
    let data = server.data();
    let data = data.to_str().expect("a path is text");
    let found = run(&["audit", "verify", "--data", data, "-a", &account.id, "--json"]).json();
    assert_eq!((&found["verified"], &found["entries"]), (&json!(true), &json!(2)));
    let api = as_operator(&server, &["audit", "verify", "-a", &account.id, "--json"]).json();
    assert_eq!(found, api, "over the API it is the same");
    server.stop();
    let all = run(&["audit", "verify", "--data", data]).exits(0).stdout;
    for id in [&account.id, &other.id] {
        assert!(all.contains(&format!("account {id}: 2 entries verify")), "{all}");
    }
    let said = run(&["audit", "verify", "--data", "/nonexistent"]).sentence();
    assert!(said.contains("there is no database"), "{said}");
}

#[test]
fn the_first_broken_entry_is_named_and_the_exit_code_is_3() {
    for (damage, seq, problem) in [
        ("UPDATE log SET public = replace(public, 'success', 'failure') WHERE seq = 2", 2, "was changed"),
        (
            "UPDATE log SET personal = replace(personal, 'Acme', 'Evil') WHERE seq = 1",
            1,
            "its personal part was changed",
        ),
        ("DELETE FROM log WHERE seq = 1", 1, "is missing"),
        ("DELETE FROM log WHERE seq = 2", 2, "is missing"),
        ("DELETE FROM log", 1, "is missing"),
        ("UPDATE heads SET hash = zeroblob(32)", 2, "is not the one"),
    ] {
        let mut server = Server::start_in_folder(&[]);
        let account = server.account(json!("dsm"));
        server.stop();
        let database = Connection::open(server.data().join("provost.db")).expect("the database opens");
        assert!(database.execute(damage, []).expect("the statement is right") > 0, "{damage}");
        drop(database);
        let data = server.data();
        let verify = ["audit", "verify", "--data", data.to_str().expect("a path is text")];
        let ran = run(&verify).exits(3);
        assert!(ran.stdout.contains(&format!("BROKEN: audit entry {seq}: {problem}")), "{damage}: {}", ran.stdout);
        let json = run(&[&verify[..], &["--json"]].concat()).exits(3).stdout;
        let found: Value = serde_json::from_str(&json).expect("it is JSON");
        assert_eq!((&found["verified"], &found["seq"]), (&json!(false), &json!(seq)), "{damage}");
        server.restart();
        let api = as_operator(&server, &["audit", "verify", "-a", &account.id]).exits(3);
        assert!(api.stdout.contains(&format!("audit entry {seq}:")), "{damage}, over the API: {}", api.stdout);
    }
}
