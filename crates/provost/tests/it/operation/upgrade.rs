//! S-106: a database of an earlier version is brought forward at the start, and a copy of it is the way back.

use crate::{
    database,
    process::run,
    support::{Account, Server},
};
use rusqlite::Connection;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{fs, path::Path};

/// The schema of the first version.
const FIRST: &str = include_str!("../../../../store/migrations/0001_accounts.sql");
/// What it had.
const TABLES: [&str; 6] = ["heads", "records", "runs", "unique_keys", "attribute_index", "log"];

/// Turns the database in a data folder into one that the first version would have written.
fn set_back(data: &Path) {
    let file = database::file(data);
    let now = data.join("now.db");
    fs::rename(&file, &now).expect("a stopped server leaves one file");
    let old = Connection::open(&file).expect("a database can be made");
    old.execute_batch(FIRST).expect("the first schema is SQL");
    let checksum: String = Sha256::digest(FIRST.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    let noted = "CREATE TABLE migrations (number INTEGER NOT NULL PRIMARY KEY, checksum TEXT NOT NULL, applied BIGINT NOT NULL)";
    old.execute_batch(noted).expect("the table is SQL");
    old.execute("INSERT INTO migrations VALUES (1, ?1, 0)", [checksum]).expect("the row fits");
    old.execute("ATTACH ?1 AS now", [now.to_str().expect("a path is text")]).expect("it is a database");
    for table in TABLES {
        let columns: Vec<String> = {
            let mut statement =
                old.prepare(&format!("SELECT name FROM pragma_table_info('{table}')")).expect("it is SQL");
            let names = statement.query_map([], |row| row.get(0)).expect("it runs");
            names.map(|name| name.expect("a column has a name")).collect()
        };
        let columns = columns.join(", ");
        let copy = format!("INSERT INTO main.{table} ({columns}) SELECT {columns} FROM now.{table}");
        old.execute_batch(&copy).unwrap_or_else(|error| panic!("{copy}: {error}"));
    }
    old.execute_batch("DETACH now").expect("nothing is under way");
    drop(old);
    fs::remove_file(now).expect("it is closed");
}

fn migrations(data: &Path) -> Vec<u32> {
    let database = Connection::open(database::file(data)).expect("the database opens");
    let mut statement = database.prepare("SELECT number FROM migrations ORDER BY number").expect("it is SQL");
    let numbers = statement.query_map([], |row| row.get(0)).expect("it runs");
    numbers.map(|number| number.expect("a number")).collect()
}

/// Everything that the account shows.
fn shown(account: &Account) -> Value {
    let get = |path: &str| account.api("GET", path, Value::Null).expect(200).json();
    json!({
        "account": get("")["counts"],
        "users": get("/users?limit=200"),
        "policy": get("/policy"),
        "versions": get("/policy/versions"),
        "roles": get("/roles"),
        "audit": get("/audit?limit=200"),
        "verified": get("/audit/verify"),
    })
}

#[test]
fn s_106_a_database_of_the_first_version_is_upgraded_without_loss_and_its_copy_stays_as_it_was() {
    let mut server = Server::start_in_folder(&[]);
    let account = server.account(json!("dsm"));
    account.api("POST", "/roles", json!({ "name": "Ops" })).expect(201);
    for number in 0..50 {
        account.create(json!({ "userName": format!("u{number}@a.example"), "externalId": format!("x{number}") }));
    }
    account.api("PUT", "/policy", json!("standard")).expect(200);
    let before = shown(&account);
    server.stop();
    let newest = *migrations(&server.data()).last().expect("there are migrations");
    set_back(&server.data());
    assert!(newest > 1 && migrations(&server.data()) == [1]);
    let kept = server.data().with_file_name("copy");
    database::copy(&server.data(), &kept);

    server.restart();
    let account = server.again(&account);
    assert_eq!(shown(&account), before, "nothing is lost");
    let found = account.find("externalId eq \"x7\"");
    assert_eq!(found["totalResults"], 1, "the indexes are there");
    let user = found["Resources"][0]["id"].as_str().expect("an id").to_owned();
    let group = json!({ "display_name": "New", "members": [user] });
    let group = account.api("POST", "/groups", group).expect(201).json();
    let members = account.api("GET", &format!("/groups/{}/members", group["id"].as_str().expect("an id")), Value::Null);
    assert_eq!(members.expect(200).json()["items"][0]["id"], json!(user), "what is new works");
    server.stop();
    assert_eq!(migrations(&server.data()), (1..=newest).collect::<Vec<_>>());

    // The way back is the copy, which this version verifies only after it was brought forward too.
    assert_eq!(migrations(&kept), [1]);
    let data = kept.to_str().expect("a path is text");
    let said = run(&["audit", "verify", "--data", data]).exits(1).stderr;
    assert!(said.contains("has schema 1") && said.contains("start the server once to update it"), "{said}");
    assert_eq!(migrations(&kept), [1], "looking changes nothing");

    // So is a backup of it, which the server brings forward after a restore.
    let (backup, restored) = (kept.with_file_name("backup"), kept.with_file_name("restored"));
    let text = |path: &Path| path.to_str().expect("a path is text").to_owned();
    run(&["backup", "--data", data, "--to", &text(&backup), "--with-keys"]).exits(0);
    run(&["restore", "--from", &text(&backup), "--data", &text(&restored)]).exits(0);
    assert_eq!(migrations(&restored), [1]);
    fs::remove_dir_all(server.data()).expect("the folder can go");
    database::copy(&restored, &server.data());
    server.restart();
    assert_eq!(shown(&server.again(&account)), before);
}
