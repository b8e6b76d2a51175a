//! The audit log (S-70, S-72).

use crate::{
    database::{self, DAMAGES},
    support::{Account, Server, assertive, pause},
};
use serde_json::{Value, json};
use std::{
    process::{Command, Output},
    time::{Duration, Instant},
};

fn verify(server: &Server) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_provost"));
    command.args(["audit", "verify", "--data"]).arg(server.data()).output().expect("the binary runs")
}

fn shown(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn user(account: &Account, name: &str) -> String {
    account.create(json!({ "userName": name }))["id"].as_str().expect("a user has an id").to_owned()
}

#[test]
fn s_70_an_entry_says_who_did_what_to_whom_from_where_with_which_outcome() {
    let server = Server::start_with(&["--trusted-proxy", "127.0.0.1/32"]);
    let account = server.account(json!("dsm"));
    let id = user(&account, "x@a.example");
    let headers = [("x-request-id", "r-70"), ("user-agent", "Entra/1.0"), ("x-forwarded-for", "203.0.113.7")];
    let patch = |roles: &[&str]| {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "replace", "path": "roles", "value": assertive(roles) }],
        });
        account.scim_with("PATCH", &format!("/Users/{id}"), &headers, body)
    };
    patch(&["ACCOUNTAUDITOR"]).expect(200);
    let entry = account.audit()[0].clone();
    let time: jiff::Timestamp = entry["time"].as_str().expect("a time").parse().expect("a time");
    assert!(time > jiff::Timestamp::UNIX_EPOCH);
    assert_eq!(entry["account"], json!(account.id), "{entry}");
    assert_eq!((&entry["actor"]["type"], &entry["actor"]["id"]), (&json!("app"), &json!(account.app)), "{entry}");
    assert_eq!((&entry["action"], &entry["outcome"]), (&json!("user.update"), &json!("success")));
    assert_eq!(entry["target"], json!({ "type": "user", "id": id }));
    assert_eq!(entry["target_name"], "x@a.example");
    assert_eq!((&entry["request_id"], &entry["client_ip"]), (&json!("r-70"), &json!("203.0.113.7")));
    assert_eq!(entry["user_agent"], "Entra/1.0");
    let changes = entry["changes"].as_array().expect("changes");
    let roles = changes.iter().find(|change| change["attribute"] == "account roles").expect("the roles changed");
    assert_eq!((&roles["old"], &roles["new"]), (&json!(["ACCOUNTMEMBER"]), &json!(["ACCOUNTAUDITOR"])), "{entry}");

    let refused = patch(&["Nonsense"]).error(400);
    let entry = account.audit()[0].clone();
    assert_eq!((&entry["action"], &entry["outcome"]), (&json!("user.update"), &json!("failure")), "{entry}");
    assert_eq!((&entry["detail"], &entry["target"]["id"]), (&refused["detail"], &json!(id)), "the reason: {entry}");
    assert_eq!(entry["reason"]["policyField"], "roles.unknown", "{entry}");

    account.api("PATCH", &format!("/users/{id}"), json!({ "active": false })).expect(200);
    let entry = account.audit()[0].clone();
    assert_eq!((&entry["action"], &entry["actor"]["type"]), (&json!("user.disable"), &json!("operator")), "{entry}");
}

#[test]
fn s_72_verification_names_the_first_broken_entry() {
    let mut server = Server::start_in_folder(&[]);
    let account = server.account(json!("standard"));
    for number in 0..8 {
        user(&account, &format!("{number}@a.example"));
    }
    let api = account.api("GET", "/audit/verify", Value::Null).expect(200).json();
    assert_eq!((&api["verified"], &api["entries"]), (&json!(true), &json!(10)), "{api}");
    server.stop();
    let whole = verify(&server);
    assert!(whole.status.success(), "{}", shown(&whole));

    let file = database::file(&server.data());
    let copy = std::fs::read(&file).expect("the database can be read");
    for damage in &DAMAGES {
        damage.inflict(&server.data());
        let name = damage.name;
        let broken = verify(&server);
        assert!(!broken.status.success(), "{name}: {}", shown(&broken));
        assert!(shown(&broken).contains(&format!("entry {}:", damage.broken)), "{name}: {}", shown(&broken));
        for side in ["provost.db-wal", "provost.db-shm"] {
            let _ = std::fs::remove_file(server.data().join(side));
        }
        std::fs::write(&file, &copy).expect("the database can be written");
    }
    assert!(verify(&server).status.success());

    // The running server finds it too.
    DAMAGES[0].inflict(&server.data());
    server.restart();
    let api = server.again(&account).api("GET", "/audit/verify", Value::Null).expect(200).json();
    assert_eq!((&api["verified"], &api["seq"]), (&json!(false), &json!(DAMAGES[0].broken)), "{api}");
}

#[test]
fn s_72_entries_past_their_retention_go_and_the_chain_still_verifies() {
    let mut server = Server::start_in_folder(&[]);
    let account = server.account(
        json!({ "preset": "standard", "audit": { "retention_days": 90 }, "alerts": { "no_contact_hours": null } }),
    );
    let keeping = server.account(json!({ "preset": "standard", "alerts": { "no_contact_hours": null } }));
    for account in [&account, &keeping] {
        for number in 0..5 {
            user(account, &format!("{number}@a.example"));
        }
    }
    let count = |server: &Server, account: &Account| server.again(account).audit().len();
    assert_eq!((count(&server, &account), count(&server, &keeping)), (7, 7));
    server.stop();
    server.restart_at("+89d");
    let late = user(&server.again(&account), "late@a.example");
    assert_eq!(count(&server, &account), 8, "nothing is old enough yet");
    server.stop();

    server.restart_at("+91d");
    let oldest = |server: &Server| {
        let entries = server.again(&account).audit();
        entries.last().and_then(|entry| entry["seq"].as_u64()).expect("an entry has a number")
    };
    let deadline = Instant::now() + Duration::from_secs(30);
    while oldest(&server) < 8 {
        assert!(Instant::now() < deadline, "old entries are still there");
        pause();
    }
    let entries = server.again(&account).audit();
    assert_eq!(entries.last().expect("an entry")["target"]["id"], json!(late), "what is younger stays");
    assert_eq!(entries[0]["action"], "audit.retention", "{}", entries[0]);
    assert_eq!(count(&server, &keeping), 7, "another account keeps its own");
    let api = server.again(&account).api("GET", "/audit/verify", Value::Null).expect(200).json();
    assert_eq!((&api["verified"], &api["first_seq"]), (&json!(true), &json!(8)), "{api}");
    user(&server.again(&account), "later@a.example");
    server.stop();
    let verified = verify(&server);
    assert!(verified.status.success(), "{}", shown(&verified));
}
