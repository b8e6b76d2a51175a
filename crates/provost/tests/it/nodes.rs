//! `serve --database-url`: servers that share a PostgreSQL database.

mod provisioning;
mod sending;

use crate::{
    process::run_with,
    support::{Account, Server, pause, request, send},
};
use provost_testkit::{Database, PostgresServer};
use serde_json::{Value, json};
use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::Arc,
};

/// Two servers on one database. Each has a data folder of its own, with the same operator's key.
fn two_nodes() -> (Server, Server) {
    let database = Arc::new(PostgresServer::shared().database());
    let first = Server::start_on(Some(Arc::clone(&database)), &[], &[]);
    let key = fs::read_to_string(first.data().join("operator.key")).expect("the key is there");
    let second = Server::start_with_key(database, &key, &[]);
    (first, second)
}

/// The same account, asked of another server.
fn at(server: &Server, account: &Account) -> Account {
    server.again(account)
}

#[test]
fn what_one_node_does_the_other_shows_at_once() {
    let (first, second) = two_nodes();
    let here = first.account(json!("standard"));
    let there = at(&second, &here);
    for round in 0..20 {
        let (writer, reader) = if round % 2 == 0 { (&here, &there) } else { (&there, &here) };
        let user = writer.create(json!({ "userName": format!("user{round}@example.com") }));
        let id = user["id"].as_str().expect("a user has an id");
        assert_eq!(reader.get(id).expect(200).json()["userName"], user["userName"]);
        let found = reader.find(&format!("userName eq \"user{round}@example.com\""));
        assert_eq!(found["totalResults"], 1);
    }
    assert_eq!(there.scim("GET", "/Users", Value::Null).expect(200).json()["totalResults"], 20);
}

/// A policy is kept in memory, and used only as long as it is the account's.
#[test]
fn a_policy_or_key_that_one_node_changes_counts_on_the_other_at_once() {
    let (first, second) = two_nodes();
    let here = first.account(json!("standard"));
    let there = at(&second, &here);
    let ann = there.create(json!({ "userName": "ann@example.com" }));
    let group = there.group("Staff", &[])["id"].as_str().expect("a group has an id").to_owned();
    let add = json!([{ "op": "add", "path": "members", "value": [{ "value": ann["id"] }] }]);
    assert_eq!(there.patch_group(&group, add.clone()).status, 200);
    here.api("PUT", "/policy", json!({ "groups": { "patch_answer": "no_content" } })).expect(200);
    assert_eq!(there.patch_group(&group, add).status, 204);
    here.api("POST", &format!("/admin-apps/{}/revoke", here.app), Value::Null).expect(200);
    there.scim("GET", "/Users", Value::Null).expect(401);
    let rotated = there.api("POST", &format!("/admin-apps/{}/rotate", here.app), Value::Null).expect(200);
    let key = rotated.json()["api_key"].as_str().expect("a new key is shown").to_owned();
    here.with_key(&key).scim("GET", "/Users", Value::Null).expect(200);
}

#[test]
fn members_added_by_both_nodes_at_once_are_all_there() {
    let (first, second) = two_nodes();
    let here = first.account(json!("standard"));
    let there = at(&second, &here);
    let ids: Vec<String> = (0..40)
        .map(|number| {
            here.create(json!({ "userName": format!("u{number}@example.com") }))["id"].as_str().expect("id").to_owned()
        })
        .collect();
    let group = here.group("Staff", &[])["id"].as_str().expect("a group has an id").to_owned();
    std::thread::scope(|scope| {
        for (number, id) in ids.iter().enumerate() {
            let (account, group) = (if number % 2 == 0 { &here } else { &there }, &group);
            scope.spawn(move || {
                let add = json!([{ "op": "add", "path": "members", "value": [{ "value": id }] }]);
                let answer = account.patch_group(group, add);
                assert!(answer.status < 300, "{}", answer.text);
            });
        }
    });
    let mut expected = ids.clone();
    expected.sort();
    assert_eq!(there.members_of(&group), expected);
}

/// While the database is away, requests get 503 and the server is not ready; afterwards it goes on by itself.
#[test]
fn a_database_that_is_away_is_503_until_it_is_back() {
    let server: &'static PostgresServer = Box::leak(Box::new(PostgresServer::start()));
    let node = Server::start_on(Some(Arc::new(server.database())), &[], &[]);
    let account = node.account(json!("standard"));
    let ready = || send(request("GET", &format!("{}/readyz", node.base))).status;
    assert_eq!(ready(), 200);
    server.kill();
    let refused = account.scim("POST", "/Users", json!({ "userName": "ann@example.com" }));
    assert_eq!((refused.status, refused.headers.contains_key("retry-after"), ready()), (503, true, 503));
    server.start_again();
    while ready() != 200 {
        pause();
    }
    account.create(json!({ "userName": "bob@example.com" }));
    assert_eq!(account.find("userName eq \"bob@example.com\"")["totalResults"], 1);
}

/// What `serve` says about a database that it cannot use.
fn refusal(url: &str) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    refusal_in(&folder.path().join("data"), url)
}

fn refusal_in(data: &Path, url: &str) -> String {
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--data", data.to_str().expect("a path is text")];
    run_with(&arguments, &[("PROVOST_DATABASE_URL", url)]).sentence()
}

#[test]
fn a_database_that_cannot_be_used_is_one_sentence_without_the_password() {
    let server = PostgresServer::shared();
    server.ask("postgres", "CREATE ROLE with_password LOGIN PASSWORD 'another'; CREATE ROLE guest LOGIN");
    let [database, newer]: [Database<'_>; 2] = [server.database(), server.database()];
    let noted = "CREATE TABLE migrations (number BIGINT, checksum TEXT, applied BIGINT);
         INSERT INTO migrations VALUES (999, 'x', 0)";
    server.ask(newer.name(), noted);
    let url = database.url();
    let with_password = |user: &str, name: &str| {
        let host = url.split(['@', '/']).nth(3).expect("the URL has a host");
        format!("postgres://{user}:geheim@{host}/{name}")
    };
    let cases = [
        ("mysql://u:geheim@h/d".to_owned(), "the database URL cannot be used: give postgres://"),
        ("postgres://u:geheim@h/d?sslmode=perhaps".to_owned(), "its sslmode is `disable`, `require` or `verify-full`"),
        ("postgres://u:geheim@127.0.0.1:1/d".to_owned(), "cannot connect to postgres://127.0.0.1:1/d: "),
        ("postgres://u:geheim@host.invalid/d".to_owned(), "cannot connect to postgres://host.invalid:5432/d: "),
        ("postgres://u:geheim@/d".to_owned(), "the database URL cannot be used: give postgres://"),
        (with_password("stranger", "d"), "role \"stranger\" does not exist"),
        (with_password("with_password", database.name()), "password authentication failed for user \"with_password\""),
        (
            with_password("guest", database.name()),
            "permission denied for schema public (SQLSTATE 42501); let the user make",
        ),
        (
            with_password("postgres", newer.name()),
            "the database has schema 999, but this version of Provost knows only",
        ),
        (with_password("postgres", "missing"), "database \"missing\" does not exist"),
    ];
    for (url, expected) in cases {
        let said = refusal(&url);
        assert!(said.contains(expected) && !said.contains("geheim"), "{url}: {said}");
    }
}

/// The debug lines of the driver would show what people are called.
#[test]
fn no_log_level_shows_the_password_or_what_is_stored() {
    let database = Arc::new(PostgresServer::shared().database());
    let mut node = Server::start_on(Some(database), &[], &["--log", "trace"]);
    node.account(json!("standard")).create(json!({ "userName": "unmistakable@example.com" }));
    node.stop();
    let log = node.log();
    assert!(log.contains("The server is ready.") && !log.contains("unmistakable"), "{log}");
}

/// Cursors and sealed secrets of one server would be nothing to another one.
#[test]
fn a_server_with_another_operators_key_is_refused() {
    let database = Arc::new(PostgresServer::shared().database());
    let mut first = Server::start_on(Some(Arc::clone(&database)), &[], &[]);
    let own = fs::read_to_string(first.data().join("operator.key")).expect("the key is there");
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let key = folder.path().join("operator.key");
    let missing = "the servers on this database have an operator's key: copy it from one of them to ";
    assert_eq!(refusal_in(folder.path(), &database.url()), format!("{missing}{}", key.display()));
    assert!(!key.exists(), "none is made that would be the wrong one");
    let another = format!("prvop_{}", "7".repeat(64));
    fs::write(&key, &another).expect("a file can be written");
    fs::set_permissions(&key, Permissions::from_mode(0o600)).expect("it is ours");
    let said = refusal_in(folder.path(), &database.url());
    let wrong = "is not the operator's key of the other servers on this database: copy theirs there";
    assert_eq!(said, format!("{} {wrong}", key.display()));
    // The mark is all that the database has of the key.
    let stored = database.server().ask(database.name(), "SELECT * FROM installation");
    assert!(stored.starts_with("operator-key|\\x") && !stored.contains(own.trim()), "{stored}");
    // The same key again, after a restart and on a second server.
    first.stop();
    first.restart();
    let second = Server::start_with_key(database, &own, &[]);
    let account = first.account(json!("standard"));
    at(&second, &account).create(json!({ "userName": "ann@example.com" }));
}
