//! `provost verify`: every invariant is derived anew, each fault is named, and what follows from the rest is put right.

use super::{transfer::rich, until};
use crate::{
    database::{alter, copy},
    process::{Ran, run},
    support::{Account, Server, encoded, id},
};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// A stopped server's folder with an account that has some of everything, to be copied and damaged.
struct Stopped {
    server: Server,
    account: Account,
    copies: TempDir,
}

fn stopped() -> Stopped {
    let mut server = Server::start_in_folder(&[]);
    let account = rich(&server);
    server.account(json!("dsm"));
    server.stop();
    Stopped { server, account, copies: tempfile::tempdir().expect("a temporary folder can be made") }
}

impl Stopped {
    /// A copy of the folder, with statements run on its database.
    fn damaged(&self, statements: &str) -> PathBuf {
        let data = self.copies.path().join("data");
        if data.exists() {
            fs::remove_dir_all(&data).expect("a copy can be removed");
        }
        copy(&self.server.data(), &data);
        alter(&data, statements);
        data
    }
}

fn verify(data: &Path, more: &[&str]) -> Ran {
    run(&[&["verify", "--data", data.to_str().expect("a path is text")], more].concat())
}

/// What was found, whatever the exit code.
fn findings(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {} {}", ran.stdout, ran.stderr))
}

#[test]
fn an_account_with_some_of_everything_is_sound_beside_a_server_and_without_one() {
    let mut server = Server::start_in_folder(&[]);
    let account = rich(&server);
    let found = verify(&server.data(), &["--json"]).json();
    assert_eq!((&found["sound"], &found["faults"], &found["accounts"]), (&json!(true), &json!(0), &json!(1)));
    assert!(found["records"].as_u64() > Some(45) && found["log_entries"].as_u64() > Some(50), "{found}");
    let refused = verify(&server.data(), &["--repair"]).sentence();
    assert!(refused.contains("another server uses the data folder"), "{refused}");
    server.stop();
    for arguments in [&[][..], &["--repair"], &["-a", &account.id]] {
        let said = verify(&server.data(), arguments).exits(0).stdout;
        assert!(said.starts_with("1 account, ") && said.ends_with(" log entries: all is sound.\n"), "{said}");
    }
    let said = verify(&server.data(), &["-a", "nobody"]).sentence();
    assert_eq!(said, "an account is named by its id");
    let said = verify(&server.data(), &["-a", "0190a5b4-7f0e-7c3a-8f3e-0123456789ab"]).sentence();
    assert_eq!(said, "there is no account 0190a5b4-7f0e-7c3a-8f3e-0123456789ab");
    let nowhere = server.data().join("nowhere");
    for arguments in [&[][..], &["--repair"]] {
        assert!(verify(&nowhere, arguments).sentence().starts_with("there is no database in"));
        assert!(!nowhere.exists(), "looking makes nothing");
    }
}

/// Damage, what is said of it, and whether all of it can be repaired.
struct Case {
    damage: &'static str,
    said: &'static [&'static str],
    repairable: bool,
}

const SEVENTH: &str = "User.userName' AND value = 'ännchen7@a.example'";

const CASES: [Case; 22] = [
    Case {
        damage: "DELETE FROM unique_keys WHERE space = 'SEVENTH",
        said: &[": user ", "it does not hold its value of `User.userName`"],
        repairable: true,
    },
    Case {
        damage: "DELETE FROM unique_keys",
        said: &["it does not hold its value of `Group.displayName`"],
        repairable: true,
    },
    Case {
        damage: "DELETE FROM attribute_index",
        said: &[
            "it is not found under its `User.emails.value`",
            "`User#managed`",
            "`User#role`",
            "`Group.displayName`",
        ],
        repairable: true,
    },
    Case {
        damage: "UPDATE unique_keys SET id = (SELECT id FROM unique_keys WHERE value = 'ännchen8@a.example') WHERE space = 'SEVENTH",
        said: &[
            "holds its value of `User.userName`, and has another",
            "it holds a value that it does not have of `User.userName`",
        ],
        repairable: true,
    },
    Case {
        damage: "INSERT INTO attribute_index SELECT account, kind, attribute, 'nobody', id FROM attribute_index WHERE attribute = 'User.emails.value' LIMIT 1",
        said: &["it is found under a value that it does not have of `User.emails.value`"],
        repairable: true,
    },
    Case {
        damage: "INSERT INTO unique_keys SELECT account, space, 'nobody', kind, zeroblob(16) FROM unique_keys WHERE space = 'SEVENTH",
        said: &["user 00000000-0000-0000-0000-000000000000: it does not exist, and holds a value of `User.userName`"],
        repairable: true,
    },
    Case {
        damage: "INSERT INTO members SELECT account, group_id, zeroblob(16), 'user' FROM members LIMIT 1",
        said: &[": group ", "its member user 00000000-0000-0000-0000-000000000000 does not exist"],
        repairable: true,
    },
    Case {
        damage: "UPDATE members SET kind = 'group' WHERE kind = 'user'",
        said: &["its member group"],
        repairable: true,
    },
    Case {
        damage: "INSERT INTO members SELECT account, zeroblob(16), member, kind FROM members LIMIT 1",
        said: &["group 00000000-0000-0000-0000-000000000000: it does not exist, and user "],
        repairable: true,
    },
    Case {
        damage: "DELETE FROM records WHERE kind = 'user' AND id = (SELECT id FROM unique_keys WHERE space = 'SEVENTH)",
        said: &[
            "it does not exist, and holds a value of `User.userName`",
            "it does not exist, and is found under a value of `User.externalId`",
            "the count `user` says 30, and there are 29",
            "the count `user.active`",
            "pages of kind `user` do not begin where they should",
            "does not exist",
        ],
        repairable: true,
    },
    Case {
        damage: "UPDATE heads SET counts = '{\"user\":7,\"nobody\":3,\"brake.x.5\":9}'",
        said: &[
            "the count `user` says 7, and there are 30",
            "the count `nobody` says 3, and there are 0",
            "the count `group` says 0",
        ],
        repairable: true,
    },
    Case {
        damage: "UPDATE runs SET size = size + 1 WHERE kind = 'user'",
        said: &["pages of kind `user`"],
        repairable: true,
    },
    Case {
        damage: "UPDATE runs SET first = unhex('ff' || hex(randomblob(15)))",
        said: &["pages of kind `group`"],
        repairable: true,
    },
    Case { damage: "DELETE FROM runs", said: &["pages of kind `policy`"], repairable: true },
    Case {
        damage: "UPDATE records SET doc = substr(doc, 9) WHERE kind = 'user' AND rowid % 7 = 0",
        said: &["its document is not what was written: "],
        repairable: false,
    },
    Case {
        damage: "UPDATE records SET doc = replace(doc, '\"id\":\"0', '\"id\":\"1') WHERE kind = 'group'",
        said: &[": group ", "its document has another id"],
        repairable: false,
    },
    Case {
        damage: "UPDATE records SET version = -1 WHERE kind LIKE 'custom.%'",
        said: &[": custom.", "it cannot be read: "],
        repairable: false,
    },
    Case {
        damage: "UPDATE records SET doc = '{}' WHERE kind = 'account'",
        said: &["its users, groups and resources cannot be checked", ": account "],
        repairable: false,
    },
    // A value that two have stays with who holds it, and is given to nobody where nobody holds it.
    Case {
        damage: "UPDATE records SET doc = replace(doc, 'Ännchen7@', 'Ännchen8@') WHERE kind = 'user'",
        said: &[
            "has the same value of `User.userName`, and holds it",
            "it holds a value that it does not have of `User.userName`",
        ],
        repairable: false,
    },
    Case {
        damage: "UPDATE records SET doc = replace(doc, 'Ännchen7@', 'Ännchen8@') WHERE kind = 'user'; DELETE FROM unique_keys",
        said: &["has the same value of `User.userName`, and nobody holds it"],
        repairable: false,
    },
    Case {
        damage: "INSERT INTO members SELECT account, member, group_id, 'group' FROM members WHERE kind = 'group'",
        said: &[": group ", "it contains itself through the groups in it"],
        repairable: false,
    },
    Case {
        damage: "UPDATE runs SET account = zeroblob(16) WHERE kind = 'role'",
        said: &["account 00000000-0000-0000-0000-000000000000: `runs` has rows of it, but the account does not exist"],
        repairable: false,
    },
];

#[test]
fn each_fault_is_named_and_what_follows_from_the_records_is_put_right() {
    let stopped = stopped();
    let whole = verify(&stopped.server.data(), &["--json"]).json();
    for Case { damage, said, repairable } in CASES {
        let data = stopped.damaged(&damage.replace("SEVENTH", SEVENTH));
        let ran = verify(&data, &[]).exits(3);
        for words in said {
            assert!(ran.stdout.contains(words), "{damage}: `{words}` is not in\n{}", ran.stdout);
        }
        let account = format!("account {}: ", stopped.account.id);
        assert!(ran.stdout.contains(&account) || damage.contains("runs"), "{damage}: {}", ran.stdout);
        let found = findings(&verify(&data, &["--json"]).exits(3));
        let repaired = findings(&verify(&data, &["--repair", "--json"]).exits(if repairable { 0 } else { 3 }));
        assert_eq!(repaired["sound"], json!(repairable), "{damage}: {repaired}");
        assert!(repairable == (repaired["faults"] == repaired["repaired"]), "{damage}: {repaired}");
        let again = findings(&verify(&data, &["--json"]));
        assert_eq!(again["sound"], json!(repairable), "{damage}: {again}");
        assert!(again["faults"].as_u64() <= found["faults"].as_u64(), "{damage}: repairing makes nothing worse");
        if repairable {
            assert!(again["log_entries"].as_u64() > whole["log_entries"].as_u64(), "{damage}: the log says so");
        }
    }
}

/// S-72: damage to the log is named here as by `audit verify`, and never repaired.
#[test]
fn s_72_a_broken_chain_is_named_and_stays_broken() {
    let stopped = stopped();
    let account = stopped.account.id.replace('-', "");
    for (damage, said) in [
        ("UPDATE log SET public = replace(public, 'success', 'failure') WHERE seq = 7", "audit entry 7: was changed"),
        ("DELETE FROM log WHERE seq = 7", "audit entry 7: is missing"),
        ("UPDATE heads SET seq = seq - 1", "stands outside of the chain"),
        (
            "UPDATE heads SET base_seq = 1, base_hash = (SELECT hash FROM log WHERE log.account = heads.account AND seq = 1)",
            "audit entry 1: stands outside of the chain",
        ),
    ] {
        let and = if damage.starts_with("UPDATE heads") { "WHERE" } else { "AND" };
        let data = stopped.damaged(&format!("{damage} {and} account = x'{account}'"));
        for arguments in [&[][..], &["--repair"], &[]] {
            let ran = verify(&data, arguments).exits(3);
            assert!(ran.stdout.contains(said) && ran.stdout.contains("1 fault."), "{damage}: {}", ran.stdout);
        }
    }
}

/// What was repaired is found, unique and listed again over SCIM.
#[test]
fn a_repaired_account_serves_as_before() {
    let Stopped { mut server, account, .. } = stopped();
    let ask = |account: &Account| {
        let ids = |page: &Value| -> Value {
            page["Resources"]
                .as_array()
                .map_or(Value::Null, |found| found.iter().map(|one| one["id"].clone()).collect())
        };
        let of = |path: &str| {
            let page = account.scim("GET", path, Value::Null).expect(200).json();
            json!([page["totalResults"], ids(&page)])
        };
        let found = |filter: &str| ids(&account.find(filter));
        json!([
            of("/Users?count=5&startIndex=9"),
            of("/Groups"),
            of(&format!("/Users?sortBy=userName&filter={}", encoded("active eq true"))),
            found("userName eq \"äNNCHEN7@a.example\""),
            found("externalId eq \"x-7\""),
            found("emails.value eq \"u7@a.example\""),
            found("urn:acme:params:scim:badge:site eq \"north\""),
            account.api("GET", "", Value::Null).expect(200).json()["counts"],
        ])
    };
    server.restart();
    let before = ask(&server.again(&account));
    server.stop();
    alter(
        &server.data(),
        "DELETE FROM unique_keys; DELETE FROM attribute_index; DELETE FROM runs; UPDATE heads SET counts = '{}'",
    );
    let ran = verify(&server.data(), &["--repair"]).exits(0);
    assert!(ran.stdout.contains(" (repaired)") && ran.stdout.ends_with("all is sound now.\n"), "{}", ran.stdout);
    server.restart();
    let account = server.again(&account);
    assert_eq!(ask(&account), before);
    let taken = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ÄNNCHEN7@A.example" });
    account.scim("POST", "/Users", taken).error(409);
    let audit = account.api("GET", "/audit/verify", Value::Null).expect(200).json();
    assert_eq!(audit["verified"], json!(true));
    let entry = account.audit().into_iter().find(|entry| entry["action"] == "account.repair").expect("it is noted");
    assert_eq!(entry["actor"]["type"], "operator", "{entry}");
    let changed: Vec<&str> = entry["attributes"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    assert_eq!(changed, ["counts", "index entries", "lists", "unique keys"]);
}

/// Where a name stands depends on the policy of the day it was written: either place is right.
#[test]
fn names_that_an_earlier_policy_put_elsewhere_are_no_fault() {
    let server = Server::start_in_folder(&[]);
    let separate = json!({ "preset": "standard", "users": { "existing": "separate" } });
    let account = server.account(separate.clone());
    let local = |name: &str| {
        let user = json!({ "email": format!("{name}@a.example") });
        id(&account.api("POST", "/users", user).expect(201).json())
    };
    let ann = local("ann");
    account.create(json!({ "userName": "ann@a.example" }));
    let sound = || {
        let found = verify(&server.data(), &["--json"]);
        assert_eq!(findings(&found)["faults"], json!(0), "{}", found.stdout);
    };
    sound();
    account.api("PUT", "/policy", json!("standard")).expect(200);
    sound();
    let eve = local("eve");
    account.api("PUT", "/policy", separate).expect(200);
    sound();
    for user in [&ann, &eve] {
        account.api("PATCH", &format!("/users/{user}"), json!({ "active": false })).expect(200);
        sound();
    }
}

/// While a declared index is being built its entries may be missing, and none may be wrong; while it goes, whatever is left of it is no
/// fault.
#[test]
fn declared_indexes_are_verified_as_far_as_they_are() {
    let mut server = Server::start_in_folder(&[]);
    let account = server.account(json!("standard"));
    for number in 0..3 {
        account.create(json!({ "userName": format!("u{number}@a.example"), "title": format!("Title {number}") }));
    }
    let declared = json!({ "resource_type": "User", "attribute": "title" });
    let index = format!("/indexes/{}", id(&account.api("POST", "/indexes", declared).expect(201).json()));
    let is_ready = || (account.api("GET", &index, Value::Null).expect(200).json()["state"] == "ready").then_some(());
    until("the index", is_ready);
    server.stop();
    let stopped = Stopped { server, account, copies: tempfile::tempdir().expect("a temporary folder can be made") };

    let is = |state: &str| {
        format!(
            "UPDATE records SET doc = replace(doc, '\"ready\"', '\"{state}\"') WHERE kind = 'index';
             UPDATE heads SET counts = json_set(counts, '$.\"index.unfinished\"', 1);"
        )
    };
    let (lost, wrong) = (
        "DELETE FROM attribute_index WHERE attribute = 'User.title' AND value = 'title 1';",
        "UPDATE attribute_index SET value = 'boss' WHERE attribute = 'User.title' AND value = 'title 1';",
    );
    let unseen = "it is not found under its `User.title`";
    let nobody = "it is found under a value that it does not have of `User.title`";
    let cases: [(String, Option<&str>); 9] = [
        (String::new(), None),
        (lost.to_owned(), Some(unseen)),
        (wrong.to_owned(), Some(nobody)),
        (is("building"), None),
        (is("building") + lost, None),
        (is("building") + wrong, Some(nobody)),
        (is("removing") + wrong, None),
        (
            "UPDATE records SET doc = replace(doc, '\"ready\"', '\"building\"') WHERE kind = 'index'".to_owned(),
            Some("the count `index.unfinished` says 0, and there are 1"),
        ),
        (
            "UPDATE records SET doc = replace(doc, '\"title\"', '\"name\"') WHERE kind = 'index'".to_owned(),
            Some("cannot be checked"),
        ),
    ];
    for (damage, said) in cases {
        let data = stopped.damaged(&damage);
        let found = verify(&data, &[]);
        match said {
            None => drop(found.exits(0)),
            Some(said) => assert!(found.stdout.contains(said), "{damage}: {}", found.stdout),
        }
        let repaired = findings(&verify(&data, &["--repair", "--json"]));
        assert_eq!(repaired["sound"], json!(said != Some("cannot be checked")), "{damage}: {repaired}");
    }
}
