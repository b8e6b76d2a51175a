//! Indexes that an account declares: built beside everything else, then used without a bound.

use super::{BADGE, DEVICE, USER, attribute, badge, standard, with_badges, with_devices};
use crate::{
    crowd,
    process::run,
    support::{Account, Server, encoded, id, pause, shared},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// More than a filter without an index may look at.
const USERS: usize = 10_300;
/// How long an index may take: longer than another node's lease.
const PATIENCE: Duration = Duration::from_secs(120);

/// Declares an index and answers with its id.
#[track_caller]
fn declare(account: &Account, resource_type: &str, attribute: &str) -> String {
    let new = json!({ "resource_type": resource_type, "attribute": attribute });
    let made = account.api("POST", "/indexes", new).expect(201);
    let index = made.json();
    assert_eq!(index["state"], "building");
    assert!(made.header("location").ends_with(&format!("/indexes/{}", id(&index))));
    id(&index)
}

/// Waits until an index is ready, or gone.
#[track_caller]
fn wait(account: &Account, index: &str, ready: bool) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let answer = account.api("GET", &format!("/indexes/{index}"), Value::Null);
        match answer.status {
            404 if !ready => return,
            200 if ready && answer.json()["state"] == "ready" => return,
            200 => assert!(Instant::now() < deadline, "{}", answer.text),
            other => panic!("{other}: {}", answer.text),
        }
        pause();
    }
}

/// A definition with an attribute of each type.
fn sheet() -> Value {
    json!({ "id": BADGE, "name": "Sheet", "attributes": [
        attribute("level", "integer"), attribute("weight", "decimal"), attribute("locked", "boolean"),
        attribute("since", "dateTime"), { "name": "tags", "type": "string", "multiValued": true },
        { "name": "code", "type": "string", "caseExact": true },
    ] })
}

fn user(number: usize) -> Value {
    json!({
        "schemas": [USER, ENTERPRISE, BADGE],
        "userName": format!("user{number}@a.example"),
        "title": format!("Title {number}"),
        ENTERPRISE: { "department": format!("Department {}", number % 3) },
        BADGE: {
            "level": number % 100, "weight": number as f64 / 4.0, "locked": number.is_multiple_of(1_000), "code": format!("C{number}"),
            "since": format!("2024-01-01T{:02}:{:02}:00+01:00", number / 60 % 24, number % 60), "tags": [format!("T{number}"), "all"],
        },
    })
}

/// An account with so many users.
fn crowded(server: &Server, count: usize) -> Account {
    let account = server.account(json!("standard"));
    let request = json!({ "schema": sheet(), "extends": [{ "resource_type": "User" }] });
    account.api("POST", "/schemas", request).expect(201);
    let numbers: Vec<usize> = (0..count).collect();
    thread::scope(|scope| {
        for numbers in numbers.chunks(count.div_ceil(12).clamp(1, 1_000)) {
            let account = &account;
            scope.spawn(move || {
                let post = |number: &usize| {
                    json!({ "method": "POST", "path": "/Users", "bulkId": number.to_string(), "data": user(*number) })
                };
                let answer = crowd::bulk(account, numbers.iter().map(post).collect()).expect(200).json();
                answer["Operations"].as_array().expect("results").iter().for_each(|result| drop(crowd::id_in(result)));
            });
        }
    });
    account
}

/// How many users a filter finds; nothing when it would have to look at too many.
fn total(account: &Account, filter: &str) -> Option<u64> {
    let answer = account.scim("GET", &format!("/Users?count=2&filter={}", encoded(filter)), Value::Null);
    if answer.status == 400 {
        assert_eq!(answer.error(400)["scimType"], "tooMany", "{filter}");
        return None;
    }
    answer.expect(200).json()["totalResults"].as_u64()
}

/// Filters that an index serves once it is declared: the attribute, the filter, and how many users it finds.
fn served() -> Vec<(String, String, u64)> {
    let sheet =
        |name: &str, value: &str, count| (format!("{BADGE}:{name}"), format!("{BADGE}:{name} eq {value}"), count);
    let third = USERS.div_ceil(3) as u64;
    vec![
        ("title".to_owned(), "title eq \"TITLE 7\"".to_owned(), 1),
        ("TITLE".to_owned(), "title eq \"title 1\" or title eq \"title 2\"".to_owned(), 2),
        ("TITLE".to_owned(), "title sw \"TITLE 4\"".to_owned(), 1_111),
        (format!("{ENTERPRISE}:department"), format!("{ENTERPRISE}:department eq \"department 0\""), third),
        sheet("level", "42", USERS as u64 / 100),
        sheet("weight", "2.25", 1),
        sheet("locked", "true", USERS.div_ceil(1_000) as u64),
        sheet("since", "\"2023-12-31T23:01:00Z\"", (1..USERS).step_by(24 * 60).count() as u64),
        sheet("tags", "\"t77\"", 1),
        sheet("code", "\"C9\"", 1),
        sheet("code", "\"c9\"", 0),
    ]
}

#[test]
fn lst_10_what_no_index_serves_is_refused_until_an_index_is_declared() {
    let server = shared();
    let account = crowded(&server, USERS);
    for (_, filter, _) in served() {
        assert_eq!(total(&account, &filter), None, "{filter}");
    }
    let refused = account.scim("GET", "/Users?sortBy=title", Value::Null).error(400);
    assert!(refused["detail"].as_str().expect("a detail").contains("10000 resources"), "{refused}");
    let sample = id(&account.find("userName eq \"user7@a.example\"")["Resources"][0]);
    let etag = |answer: &crate::support::Answer| answer.header("etag").to_owned();
    let before = etag(&account.get(&sample));
    let entries = account.audit()[0]["seq"].as_u64().expect("a number");

    let mut declared = BTreeMap::new();
    for (attribute, ..) in served().into_iter().filter(|(attribute, ..)| attribute != "TITLE") {
        declared.entry(attribute.clone()).or_insert_with(|| declare(&account, "User", &attribute));
    }
    declared.values().for_each(|index| wait(&account, index, true));
    for (_, filter, count) in served() {
        assert_eq!(total(&account, &filter), Some(count), "{filter}");
    }
    let after = account.get(&sample);
    assert_eq!(etag(&after), before, "no user changes for it");
    let written = account.audit()[0]["seq"].as_u64().expect("a number") - entries;
    assert_eq!(written, 2 * declared.len() as u64, "one entry when it is declared, one when it is ready");

    // All pages of what is found, by position and by cursor, and what else is asked of what is found.
    let department = format!("{ENTERPRISE}:department eq \"Department 1\"");
    let page = |query: &str| {
        account.scim("GET", &format!("/Users?filter={}&{query}", encoded(&department)), Value::Null).expect(200).json()
    };
    let third = (USERS as u64 - 1).div_ceil(3);
    let last = page(&format!("startIndex={third}"));
    assert_eq!((&last["totalResults"], &last["itemsPerPage"]), (&json!(third), &json!(1)));
    let (mut cursor, mut seen) = (String::new(), 0);
    loop {
        let found = page(&format!("count=200&cursor={cursor}"));
        seen += found["Resources"].as_array().map_or(0, Vec::len) as u64;
        let Some(next) = found["nextCursor"].as_str() else { break };
        cursor = encoded(next);
    }
    assert_eq!(seen, third);
    assert_eq!(total(&account, &format!("{department} and title eq \"title 4\"")), Some(1));
    assert_eq!(total(&account, &format!("{department} and title sw \"Title 4\"")).map(|count| count > 100), Some(true));
    for filter in ["title sw \"Title\"", "title ew \"7\"", "title pr", "title ne \"x\""] {
        assert_eq!(total(&account, filter), None, "beyond what an index serves: {filter}");
    }

    // A write changes what is found at once, and a declaration that is taken back is used no more from then on.
    account.patch(&sample, json!([{ "op": "replace", "path": "title", "value": "Boss" }])).expect(200);
    assert_eq!((total(&account, "title eq \"boss\""), total(&account, "title eq \"title 7\"")), (Some(1), Some(0)));
    let title = &declared["title"];
    let going = account.api("DELETE", &format!("/indexes/{title}"), Value::Null).expect(202).json();
    assert_eq!((&going["state"], &going["progress"]), (&json!("removing"), &Value::Null));
    assert_eq!(total(&account, "title eq \"boss\""), None);
    wait(&account, title, false);
    account.patch(&sample, json!([{ "op": "replace", "path": "title", "value": "Chief" }])).expect(200);
    wait(&account, &declare(&account, "User", "title"), true);
    assert_eq!((total(&account, "title eq \"boss\""), total(&account, "title eq \"chief\"")), (Some(0), Some(1)));
    if server.is_in_folder() {
        let data = server.data();
        run(&["verify", "--data", data.to_str().expect("a path is text"), "-a", &account.id]).exits(0);
    }
}

/// What a writer leaves: the titles of its users, by id.
fn write_meanwhile(account: &Account, ids: &[String], ends: &AtomicBool) -> BTreeMap<String, Option<String>> {
    let mut left = BTreeMap::new();
    for turn in 0_usize.. {
        if ends.load(Ordering::Relaxed) {
            break;
        }
        let id = &ids[turn * 37 % ids.len()];
        if left.get(id) == Some(&None) {
            continue;
        }
        let title = format!("turn {}", turn % 5);
        match turn % 8 {
            0 => {
                account.scim("DELETE", &format!("/Users/{id}"), Value::Null).expect(204);
                left.insert(id.clone(), None);
            }
            1 => {
                account.patch(id, json!([{ "op": "remove", "path": "title" }])).expect(200);
                left.insert(id.clone(), Some(String::new()));
            }
            2 => {
                let new = json!({ "userName": format!("{id}-{turn}"), "title": title });
                left.insert(super::id(&account.create(new)), Some(title));
            }
            _ => {
                account.patch(id, json!([{ "op": "replace", "path": "title", "value": title }])).expect(200);
                left.insert(id.clone(), Some(title));
            }
        }
    }
    left
}

#[test]
fn writes_during_the_build_and_the_removal_leave_no_wrong_entry() {
    let server = Server::start();
    let account = crowded(&server, 3_000);
    let ids: Vec<String> = (0..15)
        .flat_map(|page| {
            let path = format!("/Users?startIndex={}&count=200&attributes=id", page * 200 + 1);
            let found = account.scim("GET", &path, Value::Null).expect(200).json();
            found["Resources"].as_array().expect("users").iter().map(id).collect::<Vec<_>>()
        })
        .collect();
    let mut known: BTreeMap<String, Option<String>> = BTreeMap::new();
    for _ in 0..2 {
        let ends = AtomicBool::new(false);
        let alive: Vec<String> = ids.iter().filter(|id| known.get(*id) != Some(&None)).cloned().collect();
        let index = thread::scope(|scope| {
            let writers: Vec<_> = alive
                .chunks(alive.len().div_ceil(4))
                .map(|own| {
                    let (account, ends) = (&account, &ends);
                    scope.spawn(move || write_meanwhile(account, own, ends))
                })
                .collect();
            let index = declare(&account, "User", "title");
            wait(&account, &index, true);
            ends.store(true, Ordering::Relaxed);
            for writer in writers {
                known.extend(writer.join().expect("every write is done"));
            }
            index
        });
        for turn in 0..5 {
            let title = format!("turn {turn}");
            let expected = known.values().filter(|left| left.as_ref() == Some(&title)).count() as u64;
            assert_eq!(total(&account, &format!("title eq \"{title}\"")), Some(expected), "{title}");
        }
        for id in ids.iter().step_by(101).filter(|id| !known.contains_key(*id)) {
            let title = account.get(id).expect(200).json()["title"].as_str().expect("a title").to_owned();
            assert_eq!(account.find(&format!("title eq \"{title}\""))["Resources"][0]["id"], json!(id));
        }
        account.api("DELETE", &format!("/indexes/{index}"), Value::Null).expect(202);
        wait(&account, &index, false);
    }
}

#[test]
fn a_build_goes_on_after_the_server_was_killed() {
    let mut server = Server::start();
    let account = crowded(&server, USERS);
    let index = declare(&account, "User", &format!("{BADGE}:tags"));
    let mut account = account;
    for _ in 0..2 {
        server.kill();
        server.restart();
        account = server.again(&account);
    }
    wait(&account, &index, true);
    for (tag, count) in [("t0", 1), ("T10299", 1), ("all", USERS as u64), ("none", 0)] {
        assert_eq!(total(&account, &format!("{BADGE}:tags eq \"{tag}\"")), Some(count), "{tag}");
    }
    account.api("DELETE", &format!("/indexes/{index}"), Value::Null).expect(202);
    server.kill();
    server.restart();
    let account = server.again(&account);
    wait(&account, &index, false);
    if server.is_in_folder() {
        let found = run(&["verify", "--data", server.data().to_str().expect("a path is text"), "--json"]).json();
        assert_eq!(found["sound"], json!(true), "{found}");
    }
}

#[test]
fn what_can_have_no_index_is_refused_in_one_sentence() {
    let account = with_badges();
    declare(&account, "User", "title");
    let cases: [(Value, u16, &str); 16] = [
        (json!({ "resource_type": "Shoe", "attribute": "size" }), 400, "no resource type of the account"),
        (json!({ "resource_type": "User", "attribute": "size" }), 400, "does not have"),
        (json!({ "resource_type": "User", "attribute": "a b" }), 400, "no attribute"),
        (json!({ "resource_type": "User", "attribute": "name" }), 400, "complex: name one of its sub-attributes"),
        (json!({ "resource_type": "User", "attribute": "x509Certificates.value" }), 400, "binary"),
        (json!({ "resource_type": "User", "attribute": "password" }), 400, "does not have"),
        (json!({ "resource_type": "User", "attribute": "meta.created" }), 400, "common attribute"),
        (json!({ "resource_type": "User", "attribute": "groups.display" }), 400, "memberships"),
        (json!({ "resource_type": "Group", "attribute": "members.type" }), 400, "memberships"),
        (json!({ "resource_type": "User", "attribute": "userName" }), 409, "has an index already"),
        (json!({ "resource_type": "Group", "attribute": "displayName" }), 409, "has an index already"),
        (json!({ "resource_type": "user", "attribute": "TITLE" }), 409, "`title` of User has an index already"),
        (json!({ "resource_type": "User", "attribute": format!("{BADGE}:number") }), 409, "has an index already"),
        (json!({ "resource_type": "User", "attribute": format!("{BADGE}:site") }), 409, "has an index already"),
        (json!({ "resource_type": "User" }), 400, "attribute"),
        (json!({ "resource_type": "User", "attribute": "title", "unique": true }), 400, "unique"),
    ];
    for (body, status, said) in cases {
        account.api("POST", "/indexes", body).refused(status, &[said]);
    }
    account.api("GET", "/indexes/nothing", Value::Null).expect(404);
    account.api("DELETE", "/indexes/0190a5b4-7f0e-7c3a-8f3e-0123456789ab", Value::Null).expect(404);
    let schema = account.api("GET", "/schemas", Value::Null).expect(200).json()["items"][0].clone();
    let doors = declare(&account, "User", &format!("{BADGE}:doors.floor"));
    account
        .api("DELETE", &format!("/schemas/{}", id(&schema)), Value::Null)
        .refused(409, &["doors.floor", "remove it"]);
    wait(&account, &doors, true);
    account.api("DELETE", &format!("/indexes/{doors}"), Value::Null).expect(202);
    wait(&account, &doors, false);
    account.api("DELETE", &format!("/schemas/{}", id(&schema)), Value::Null).expect(204);
}

#[test]
fn an_account_declares_at_most_sixteen_indexes() {
    let account = standard();
    let of_users = ["title", "nickName", "displayName", "userType", "locale", "timezone", "active", "profileUrl"];
    let names = ["name.familyName", "name.givenName", "phoneNumbers.value", "addresses.country", "roles.value"];
    let enterprise = ["department", "costCenter", "manager.value"].map(|name| format!("{ENTERPRISE}:{name}"));
    let all = of_users.into_iter().chain(names).map(str::to_owned).chain(enterprise);
    let declared: Vec<String> = all.map(|attribute| declare(&account, "User", &attribute)).collect();
    assert_eq!(declared.len(), 16);
    let more = json!({ "resource_type": "User", "attribute": "preferredLanguage" });
    account.api("POST", "/indexes", more.clone()).refused(409, &["at most 16 indexes; remove one first"]);
    let listed = account.api("GET", "/indexes?limit=10", Value::Null).expect(200).json();
    let ids = listed["items"].as_array().expect("a list").iter().map(id);
    assert_eq!(ids.collect::<Vec<_>>(), declared[..10]);
    account.api("DELETE", &format!("/indexes/{}", declared[3]), Value::Null).expect(202);
    wait(&account, &declared[3], false);
    account.api("POST", "/indexes", more).expect(201);
    let ann = account.create(json!({ "userName": "ann", "active": false, "phoneNumbers": [{ "value": "tel:+1" }] }));
    declared.iter().filter(|index| **index != declared[3]).for_each(|index| wait(&account, index, true));
    for filter in ["active eq false", "phoneNumbers.value eq \"tel:+1\"", "phoneNumbers[value eq \"tel:+1\"]"] {
        assert_eq!(account.find(filter)["Resources"][0]["id"], ann["id"], "{filter}");
    }
}

#[test]
fn groups_and_types_of_the_accounts_own_have_indexes_too() {
    let account = with_devices();
    let device = |serial: &str, ports: u64| {
        let body = json!({ "schemas": [DEVICE], "serial": serial, "ports": ports, "locked": ports > 2 });
        account.scim("POST", "/Devices", body).expect(201).json()
    };
    (1..=4).for_each(|ports| drop(device(&format!("D{ports}"), ports)));
    let ports = declare(&account, "device", "ports");
    let group_schema = json!({ "schema": badge(), "extends": [{ "resource_type": "Group" }] });
    account.api("POST", "/schemas", group_schema).expect(201);
    let colour = declare(&account, "Group", &format!("{BADGE}:colour"));
    [&ports, &colour].into_iter().for_each(|index| wait(&account, index, true));
    device("D5", 3);
    let group = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group", BADGE], "displayName": "Staff",
        BADGE: { "colour": "Red" } });
    account.scim("POST", "/Groups", group).expect(201);
    let found =
        |path: &str, filter: &str, at: &str| super::found(&account, &format!("{path}?filter={}", encoded(filter)), at);
    assert_eq!(found("/Devices", "ports eq 3", "/serial"), ["D3", "D5"]);
    assert_eq!(found("/Devices", "ports eq 3 and locked eq true and serial eq \"d5\"", "/serial"), ["D5"]);
    assert_eq!(found("/Groups", &format!("{BADGE}:colour eq \"red\""), "/displayName"), ["Staff"]);
    let types = account.api("GET", "/resource-types", Value::Null).expect(200).json();
    for device in super::found(&account, "/Devices", "/id") {
        account.scim("DELETE", &format!("/Devices/{device}"), Value::Null).expect(204);
    }
    let path = format!("/resource-types/{}", id(&types["items"][0]));
    account.api("DELETE", &path, Value::Null).refused(409, &["`ports`", "remove it first"]);
}

#[test]
fn an_index_is_declared_on_the_command_line() {
    let account = standard();
    let index = |arguments: &[&str]| {
        let server = ["--url", &account.base, "--token", &account.operator_key, "--account", &account.id];
        run(&[&["index"], arguments, &server].concat())
    };
    let said = index(&["create", "User", "nickname"]).exits(0).stdout;
    assert!(said.contains("Attribute:") && said.contains("nickName") && said.contains("building"), "{said}");
    let made = account.api("GET", "/indexes", Value::Null).expect(200).json()["items"][0].clone();
    wait(&account, &id(&made), true);
    let listed = index(&["list"]).exits(0).stdout;
    assert!(listed.contains("nickName") && listed.contains("ready"), "{listed}");
    assert_eq!(index(&["show", "nickName", "--json"]).json()["id"], made["id"]);
    let refused = index(&["create", "User", "userName"]).sentence();
    assert_eq!(refused, "`userName` of User has an index already");
    let said = index(&["delete", "nickName"]).exits(0).stdout;
    assert!(said.contains("is not used any more; its entries are going."), "{said}");
    wait(&account, &id(&made), false);
}

#[test]
fn declared_indexes_go_with_an_account_to_another_installation() {
    let account = with_badges();
    for number in 0..5 {
        account.create(json!({ "userName": format!("u{number}"), "title": format!("t{}", number % 2) }));
    }
    let title = declare(&account, "User", "title");
    wait(&account, &title, true);
    let lines = account.api("GET", "/export", Value::Null).expect(200).text;
    assert!(lines.contains("\"type\":\"index\""), "{lines}");
    let other = Server::start();
    let import = crate::support::request("POST", &format!("{}/api/v1/accounts/import", other.base))
        .bearer_auth(&other.operator_key)
        .header("content-type", "application/x-ndjson")
        .body(lines);
    crate::support::send(import).expect(201);
    let there = other.api("GET", &format!("/accounts/{}/indexes/{title}", account.id), Value::Null).expect(200).json();
    assert_eq!((&there["attribute"], &there["state"]), (&json!("title"), &json!("ready")));
    let path = format!("/accounts/{}/users?filter={}", account.id, encoded("title eq \"T0\""));
    let found = other.api("GET", &path, Value::Null).expect(200).json();
    assert_eq!(found["items"].as_array().map(Vec::len), Some(3), "{found}");
    if other.is_in_folder() {
        run(&["verify", "--data", other.data().to_str().expect("a path is text")]).exits(0);
    }
}
