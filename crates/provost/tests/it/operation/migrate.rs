//! Accounts moved from one database to another while servers serve.

use super::receiver::{Receiver, syslog};
use super::transfer::{listed, rich};
use super::until;
use crate::{
    database,
    mail::Sink,
    process::{Ran, command, ended, run, run_with, signal},
    support::{Account, Server, id},
};
use provost_testkit::{Database, PostgresServer};
use serde_json::{Value, json};
use std::{
    fs,
    path::Path,
    process::{Child, Stdio},
    sync::Arc,
};

fn text(path: &Path) -> &str {
    path.to_str().expect("a path is text")
}

fn migrate(from: &str, to: &str, more: &[&str]) -> Ran {
    run(&[&["migrate", "--from", from, "--to", to], more].concat())
}

fn new_database() -> Arc<Database<'static>> {
    Arc::new(PostgresServer::shared().database())
}

/// Under which URL clients reach each of the servers here; entity tags depend on it.
const PUBLIC: [&str; 2] = ["--public-url", "https://scim.example"];

/// A server on a database with the operator's key of another one.
fn at_target(database: &Arc<Database<'static>>, source: &Server) -> Server {
    Server::start_with_key(Arc::clone(database), &source.operator_key, &PUBLIC)
}

/// Everything that an account shows over SCIM and the API, with ids, versions and times, but for when keys were used last:
/// that is noted a while later.
fn shown(account: &Account) -> Value {
    let scim = |path: &str| account.scim("GET", path, Value::Null);
    let api = |path: &str| account.api("GET", path, Value::Null).expect(200).json();
    let users = scim("/Users?count=200").expect(200).json();
    let tags: Vec<String> = users["Resources"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|user| scim(&format!("/Users/{}", id(user))).expect(200).header("etag").to_owned())
        .collect();
    let groups = scim("/Groups?count=200").expect(200).json();
    let mut filtered = Vec::new();
    for filter in
        ["userName eq \"ännchen7@A.example\"", "externalId sw \"x-1\"", "emails.value eq \"second@a.example\""]
    {
        filtered.push(account.find(filter));
    }
    without_uses(json!({
        "users": users, "tags": tags, "groups": groups, "filtered": filtered,
        "devices": scim("/Devices").expect(200).json(),
        "schemas": scim("/Schemas").expect(200).json(),
        "last page": scim("/Users?startIndex=25&count=10").expect(200).json(),
        "account": api(""),
        "managed": listed(account, "/users"),
        "roles": listed(account, "/roles"),
        "quorum": api("/quorum-policy"),
        "policy": api("/policy"),
        "policies": listed(account, "/policy/versions"),
        "types": listed(account, "/resource-types"),
        "apps": listed(account, "/admin-apps"),
        "audit": listed(account, "/audit"),
        "verified": api("/audit/verify"),
    }))
}

fn without_uses(shown: Value) -> Value {
    match shown {
        Value::Array(values) => values.into_iter().map(without_uses).collect(),
        Value::Object(members) => {
            let kept = members.into_iter().filter(|(name, _)| name != "last_used");
            kept.map(|(name, value)| (name, without_uses(value))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => shown,
    }
}

/// Whether an account shows what it showed before; says where it does not.
#[track_caller]
fn assert_shows(account: &Account, before: &Value) {
    let now = shown(account);
    for (part, before) in before.as_object().expect("an object") {
        let (now, before) = (now[part].to_string(), before.to_string());
        let first = now.bytes().zip(before.bytes()).take_while(|(now, before)| now == before).count();
        let around = |text: &str| text.chars().skip(first.saturating_sub(100)).take(300).collect::<String>();
        assert!(now == before, "{part}: {} and not {}", around(&now), around(&before));
    }
}

/// Reads are answered as ever, and whoever wants to change something is told to come again.
#[track_caller]
fn assert_frozen(account: &Account, words: &str) {
    let user = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "late@a.example" });
    let refused = account.scim("POST", "/Users", user);
    assert!(!refused.header("retry-after").is_empty());
    assert!(refused.error(503)["detail"].as_str().expect("a sentence").contains(words));
    account.api("POST", "/roles", json!({ "name": "Late" })).refused(503, &[words]);
    account.scim("GET", "/Users?count=1", Value::Null).expect(200);
    let refused = account.audit().iter().filter(|entry| entry.to_string().contains("late@a.example")).count();
    assert_eq!(refused, 0, "what is frozen is not written to, for a refusal neither");
}

#[test]
fn a_served_account_is_moved_to_a_shared_database_and_back_and_answers_as_before() {
    let folder = Server::start_in_folder(&PUBLIC);
    let (account, other) = (rich(&folder), folder.account(json!("standard")));
    other.create(json!({ "userName": "stays@a.example" }));
    let before = shown(&account);
    let shared = new_database();
    let url = shared.url();
    // Under way, others are served; the command line says what there is to say.
    let ran = migrate(text(&folder.data()), &url, &["--account", &account.id, "--json"]).json();
    let moved = &ran["accounts"][0];
    assert_eq!((&moved["account"], &moved["outcome"]), (&json!(account.id), &json!("moved")));
    assert!(
        moved["rows"].as_u64().is_some_and(|rows| rows > 200)
            && moved["digest"].as_str().is_some_and(|d| d.len() == 64)
    );
    assert_eq!(ran["rows"], moved["rows"]);
    assert_frozen(&account, "the account was moved to another database");
    assert_shows(&account, &before);
    other.create(json!({ "userName": "goes-on@a.example" }));
    let again = migrate(text(&folder.data()), &url, &["--account", &account.id]).exits(0).stdout;
    assert!(
        again.starts_with("0 accounts were moved, 0 rows, each the same on both sides. At the target already: 1."),
        "{again}"
    );

    let node = at_target(&shared, &folder);
    let there = node.again(&account);
    assert_shows(&there, &before);
    let new = there.create(json!({ "userName": "new@a.example" }));
    let refused = there.scim("POST", "/Users", json!({ "schemas": new["schemas"], "userName": "NEW@a.example" }));
    assert_eq!(refused.error(409)["scimType"], json!("uniqueness"));
    node.api("GET", &format!("/accounts/{}", other.id), Value::Null).expect(404);

    let removed = run(&["migrate", "--from", text(&folder.data()), "--to", &url, "--remove-moved", "--json"]).json();
    assert_eq!(removed, json!({ "removed": [account.id] }));
    other.create(json!({ "userName": "goes-on-and-on@a.example" }));
    account.api("GET", "", Value::Null).expect(404);
    account.scim("GET", "/Users", Value::Null).expect(401);

    // Back into a new folder, with everything else that has come to the database meanwhile.
    let third = node.account(json!("standard"));
    let before = shown(&there);
    let mut home = Server::start_in_folder(&PUBLIC);
    home.stop();
    fs::remove_dir_all(home.data()).expect("the folder can go");
    let said = migrate(&url, text(&home.data()), &[]).exits(0).stdout;
    assert!(
        said.starts_with("2 accounts were moved, ") && said.contains("give the target's servers the operator.key"),
        "{said}"
    );
    assert_frozen(&there, "the account was moved to another database");
    fs::write(home.data().join("operator.key"), &folder.operator_key).expect("the key can be written");
    let verified = run(&["verify", "--data", text(&home.data()), "--json"]).json();
    assert_eq!((&verified["sound"], &verified["accounts"], &verified["notes"]), (&json!(true), &json!(2), &json!([])));
    home.restart();
    let back = home.again(&account);
    assert_shows(&back, &before);
    back.create(json!({ "userName": "newer@a.example" }));
    home.again(&third).create(json!({ "userName": "a@a.example" }));
}

/// Starts a move to a database in which a table is locked, and waits until it is frozen.
fn started(from: &Server, account: &Account, url: &str, more: &[&str]) -> Child {
    let data = from.data();
    let arguments = [&["migrate", "--from", text(&data), "--to", url], more].concat();
    let child = command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    until("the freeze", || database::is_frozen(&data, &account.id).then_some(()));
    child
}

/// What a process that failed says.
#[track_caller]
fn sentence(child: Child) -> String {
    let output = child.wait_with_output().expect("it can be waited for");
    let said = String::from_utf8(output.stderr).expect("text");
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(1), &b""[..]), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

/// A database in which everything but the schema is missing.
fn prepared(source: &Server) -> Arc<Database<'static>> {
    let database = new_database();
    at_target(&database, source).stop();
    database
}

#[test]
fn a_killed_move_leaves_the_account_frozen_and_the_same_command_goes_on() {
    let folder = Server::start_in_folder(&PUBLIC);
    let account = rich(&folder);
    let before = shown(&account);
    let database = prepared(&folder);
    let url = database.url();
    for lock in [
        "LOCK TABLE records IN EXCLUSIVE MODE",
        "LOCK TABLE members IN EXCLUSIVE MODE",
        "LOCK TABLE log IN EXCLUSIVE MODE",
    ] {
        let held = database.hold(lock);
        let mut child = started(&folder, &account, &url, &[]);
        assert_frozen(&account, "the account is being moved to another database");
        assert_shows(&account, &before);
        signal(child.id(), "KILL");
        ended(&mut child);
        drop(held);
        assert_frozen(&account, "is being moved");
    }
    // A server that starts meanwhile keeps to it, and an account that is half there is not there.
    let node = at_target(&database, &folder);
    node.api("GET", &format!("/accounts/{}", account.id), Value::Null).expect(404);
    let elsewhere = migrate(text(&folder.data()), &new_database().url(), &[]).sentence();
    assert!(elsewhere.contains("is being moved to another database: name that one to go on"), "{elsewhere}");
    let said = migrate(text(&folder.data()), &url, &[]).exits(0).stdout;
    assert!(said.starts_with("one account was moved, "), "{said}");
    assert_shows(&node.again(&account), &before);
}

#[test]
fn a_move_that_fails_lets_the_account_go_on_unless_told_otherwise() {
    let postgres: &'static PostgresServer = Box::leak(Box::new(PostgresServer::start()));
    let folder = Server::start_in_folder(&PUBLIC);
    let account = rich(&folder);
    let database = Arc::new(postgres.database());
    at_target(&database, &folder).stop();
    let url = database.url();
    // A signal.
    let held = database.hold("LOCK TABLE members IN EXCLUSIVE MODE");
    let child = started(&folder, &account, &url, &[]);
    signal(child.id(), "TERM");
    let said = sentence(child);
    assert!(said.contains("was ended by a signal; the account takes changes at the source again"), "{said}");
    account.create(json!({ "userName": "between@a.example" }));
    drop(held);
    // A target that goes away.
    let held = database.hold("LOCK TABLE members IN EXCLUSIVE MODE");
    let child = started(&folder, &account, &url, &[]);
    postgres.kill();
    let said = sentence(child);
    assert!(
        said.contains("provost: the target cannot be used: ") && said.contains("takes changes at the source again"),
        "{said}"
    );
    drop(held);
    account.create(json!({ "userName": "between2@a.example" }));
    postgres.start_again();
    // The same with the wish to go on later, which is then given up.
    let held = database.hold("LOCK TABLE members IN EXCLUSIVE MODE");
    let child = started(&folder, &account, &url, &["--keep-frozen"]);
    postgres.kill();
    let said = sentence(child);
    assert!(said.contains("stays frozen: run the same command again to go on, or give up with --abort"), "{said}");
    drop(held);
    assert_frozen(&account, "is being moved");
    let data = folder.data();
    let unreachable = migrate(text(&data), &url, &[]).sentence();
    assert!(unreachable.starts_with("the target: cannot connect to postgres://"), "{unreachable}");
    let said = run(&["migrate", "--from", text(&data), "--abort"]).exits(0).stdout;
    assert_eq!(said, "One move was given up: the account takes changes at the source again.\n");
    let json = run(&["migrate", "--from", text(&data), "--abort", "--json"]).json();
    assert_eq!(json, json!({ "given_up": [] }));
    account.create(json!({ "userName": "between3@a.example" }));
    postgres.start_again();
    let before = shown(&account);
    migrate(text(&data), &url, &[]).exits(0);
    assert_shows(&at_target(&database, &folder).again(&account), &before);
}

#[test]
fn a_row_that_was_tampered_with_at_the_target_is_found() {
    let folder = Server::start_in_folder(&PUBLIC);
    let account = rich(&folder);
    let before = shown(&account);
    let database = prepared(&folder);
    let held = database.hold("LOCK TABLE log IN EXCLUSIVE MODE");
    let mut child = started(&folder, &account, &database.url(), &[]);
    until("the log", || database.run("SELECT place FROM moves").contains("Log").then_some(()));
    signal(child.id(), "KILL");
    ended(&mut child);
    drop(held);
    let secret = "UPDATE records SET state = REPLACE(state, '\"managed\":true', '\"managed\":false')
         WHERE kind = 'user' AND state LIKE '%\"managed\":true%' RETURNING id";
    assert!(database.run(secret).lines().count() > 20);
    let said = migrate(text(&folder.data()), &database.url(), &["--keep-frozen"]).sentence();
    let expected = format!(
        "account {} is not at the target as it is at the source: `records` differs; run the command again to copy it anew; \
         the account takes changes at the source again",
        account.id
    );
    assert_eq!(said, expected);
    account.api("PATCH", "", json!({ "name": "Rich" })).expect(200);
    migrate(text(&folder.data()), &database.url(), &[]).exits(0);
    let node = at_target(&database, &folder);
    assert_eq!(shown(&node.again(&account))["users"], before["users"]);
}

#[test]
fn what_cannot_be_moved_is_one_sentence() {
    let mut folder = Server::start_in_folder(&PUBLIC);
    let account = folder.account(json!("standard"));
    let database = prepared(&folder);
    let (data, url) = (folder.data(), database.url());
    let (data, empty) = (text(&data), tempfile::tempdir().expect("a temporary folder can be made"));
    let cases: [(&str, &str, &[&str], &str); 9] = [
        (data, data, &[], "source and target are the same database"),
        (&url, &url, &[], "source and target are the same database"),
        (data, &url, &["--account", "Acme"], "an account is named by its id"),
        (
            data,
            &url,
            &["--account", "01890000-0000-7000-8000-000000000000"],
            "there is no account 01890000-0000-7000-8000-000000000000 at the source",
        ),
        (text(empty.path()), &url, &[], "the source: there is no database in"),
        (&url, data, &[], "the target: another server uses the data folder"),
        (data, "mysql://u:geheim@h/d", &[], "the target: the database URL cannot be used: give postgres://"),
        (data, "postgres://u:geheim@127.0.0.1:1/d", &[], "the target: cannot connect to postgres://127.0.0.1:1/d: "),
        ("postgres://u:geheim@127.0.0.1:1/d", &url, &[], "the source: cannot connect to postgres://127.0.0.1:1/d: "),
    ];
    for (from, to, more, expected) in cases {
        let said = migrate(from, to, more).sentence();
        assert!(said.starts_with(expected) && !said.contains("geheim"), "{said}");
    }
    // Nothing is written over, and nothing was frozen by all that.
    account.create(json!({ "userName": "ann@a.example" }));
    let copy = folder.data().with_file_name("copy");
    folder.stop();
    database::copy(&folder.data(), &copy);
    migrate(data, &url, &[]).exits(0);
    let said = migrate(text(&copy), &url, &[]).sentence();
    assert_eq!(said, format!("account {} is at the target already, and nothing is written over it", account.id));
    let said = migrate(data, text(&copy), &[]).exits(0).stdout;
    assert!(said.contains("0 accounts were moved") && said.contains("Moved to another database before: 1."), "{said}");
    let said = migrate(data, text(&copy), &["--account", &account.id]).sentence();
    assert_eq!(said, format!("account {} was moved to another database before", account.id));
    let said = run(&["migrate", "--from", data, "--abort", "--account", &account.id]).sentence();
    assert!(
        said.ends_with("cannot be given up: the database that it was moved to serves it, or was not named"),
        "{said}"
    );

    // Schemas that are not this version's.
    database::alter(&copy, "INSERT INTO migrations VALUES (999, 'x', 0)");
    let said = migrate(text(&copy), &url, &[]).sentence();
    assert!(
        said.starts_with("the source: the database has schema 999, but this version of Provost knows only"),
        "{said}"
    );
    let said = migrate(&url, text(&copy), &[]).sentence();
    assert!(said.starts_with("the target: the database has schema 999"), "{said}");
    let empty = new_database();
    let said = migrate(&empty.url(), &url, &[]).sentence();
    assert!(said.starts_with("the source: the database has schema 0"), "{said}");
    let newer = prepared(&folder);
    newer.run("INSERT INTO migrations VALUES (999, 'x', 0)");
    for (from, to, side) in [(newer.url(), &url, "source"), (url.clone(), &newer.url(), "target")] {
        let said = migrate(&from, to, &[]).sentence();
        assert!(said.starts_with(&format!("the {side}: the database has schema 999")), "{said}");
    }
    run(&["migrate", "--from", data]).exits(2);
    let told = [("PROVOST_MIGRATE_FROM", data), ("PROVOST_MIGRATE_TO", "postgres://u:geheim@127.0.0.1:1/d")];
    let said = run_with(&["migrate"], &told).sentence();
    assert!(said.starts_with("the target: cannot connect to"), "{said}");
}

/// Repairs keep away from an account that is frozen, and say so.
#[test]
fn what_is_frozen_is_not_repaired() {
    let mut folder = Server::start_in_folder(&PUBLIC);
    let (account, other) = (folder.account(json!("standard")), folder.account(json!("standard")));
    account.create(json!({ "userName": "ann@a.example" }));
    folder.stop();
    let data = folder.data();
    migrate(text(&data), &new_database().url(), &["--account", &account.id]).exits(0);
    database::alter(&data, "DELETE FROM unique_keys");
    let repaired = run(&["verify", "--data", text(&data), "--repair", "--json"]).json();
    let note = repaired["notes"][0].as_str().expect("a note");
    assert!(note.starts_with(&format!(
        "Account {} was not looked at, since it cannot be repaired: the account was moved",
        account.id
    )));
    assert_eq!(repaired["accounts"], json!(2));
    folder.restart();
    folder.again(&other).create(json!({ "userName": "bob@a.example" }));
}

/// Freezes an account of a server that does not run, as a move does that was killed.
fn freeze(data: &Path, account: &Account) {
    let id = account.id.replace('-', "");
    let token = "01890000-0000-7000-8000-000000000000";
    database::alter(data, &format!("UPDATE heads SET frozen = 'moving:{token}' WHERE account = x'{id}'"));
}

/// What a server does by itself waits for an account that is frozen, and for no other because of that.
#[test]
fn mail_streams_and_retention_wait_for_an_account_that_is_moved_and_for_no_other() {
    let port = Sink::start().port.to_string();
    let smtp = format!("smtp://127.0.0.1:{port}");
    let from = "Provost <provost@example.com>";
    let mut server = Server::start_in_folder(&[&PUBLIC[..], &["--smtp-url", &smtp, "--mail-from", from]].concat());
    let policy = json!({ "preset": "dsm", "audit": { "retention_days": 90 } });
    let accounts = [server.account(policy.clone()), server.account(policy)];
    let receivers = accounts.each_ref().map(|account| {
        let receiver = Receiver::start(|_, _| Vec::new());
        let target = json!({ "target": format!("syslog://{}", receiver.address) });
        account.api("PUT", "/audit/stream", target).expect(200);
        receiver.address
    });
    accounts[0].create(json!({ "userName": "ann@acme.example" }));
    accounts[1].create(json!({ "userName": "bob@acme.example" }));
    until("trouble", || server.log().contains("Mail has to wait").then_some(()));
    server.stop();
    freeze(&server.data(), &accounts[0]);
    let (sink, receivers) =
        (Sink::start_with(&["--port", &port]), receivers.map(|address| Receiver::start_at(address, syslog)));
    server.restart();
    assert_eq!(sink.next()["to"], json!(["bob@acme.example"]));
    let newest = |number: usize| server.again(&accounts[number]).audit()[0]["seq"].as_u64().expect("a number");
    until("the entries", || (receivers[1].newest() == newest(1)).then_some(()));
    assert_eq!(receivers[0].newest(), 0, "what could not be noted as sent is not sent");
    // The server that runs hears of its end.
    run(&["migrate", "--from", text(&server.data()), "--abort", "--account", &accounts[0].id]).exits(0);
    sink.next_to("ann@acme.example");
    until("the entries", || (receivers[0].newest() == newest(0)).then_some(()));
    server.stop();

    freeze(&server.data(), &accounts[0]);
    server.restart_at("+91 days");
    // Between what goes and the entry that says so there may be none.
    let oldest = |account: &Account| account.audit().last().and_then(|entry| entry["seq"].as_u64());
    let there = accounts.each_ref().map(|account| server.again(account));
    until("retention", || (oldest(&there[1]) > Some(1)).then_some(()));
    assert_eq!(oldest(&there[0]), Some(1));
}
