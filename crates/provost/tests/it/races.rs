//! Many clients at once.

mod groups;

use crate::support::{Account, Answer, Server, assertive};
use serde_json::{Value, json};
use std::{sync::Barrier, thread};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn id_of(user: &Value) -> String {
    user["id"].as_str().expect("a user has an id").to_owned()
}

/// Runs `work` in as many threads, which begin together.
fn at_once<T: Send>(clients: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let barrier = Barrier::new(clients);
    thread::scope(|scope| {
        let spawned: Vec<_> = (0..clients)
            .map(|client| {
                let (barrier, work) = (&barrier, &work);
                scope.spawn(move || {
                    barrier.wait();
                    work(client)
                })
            })
            .collect();
        spawned.into_iter().map(|thread| thread.join().expect("no client fails")).collect()
    })
}

fn count(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

#[test]
fn sixteen_clients_that_patch_one_user_lose_nothing() {
    const ROUNDS: usize = 8;
    let server = Server::start();
    let account = server.account(json!("standard"));
    let id = id_of(&account.create(json!({ "userName": "x@a.example", "name": { "givenName": "g" } })));
    let before = account.audit()[0]["seq"].as_u64().expect("a number");
    let paths = [
        "nickName",
        "title",
        "displayName",
        "userType",
        "name.givenName",
        "name.familyName",
        "name.middleName",
        "externalId",
        "emails",
        "phoneNumbers",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber",
        "entitlements",
        "addresses",
        "ims",
    ];
    for round in 0..ROUNDS {
        let answers = at_once(16, |client| {
            let path = paths[client];
            let value = format!("{client}-{round}");
            let operation = match path {
                "emails" | "phoneNumbers" | "entitlements" | "ims" => {
                    json!({ "op": "add", "path": path, "value": [{ "value": value, "type": format!("t{round}") }] })
                }
                "addresses" => {
                    json!({ "op": "add", "path": path, "value": [{ "locality": value, "type": format!("t{round}") }] })
                }
                _ => json!({ "op": "replace", "path": path, "value": value }),
            };
            account.patch(&id, json!([operation]))
        });
        assert_eq!(count(&answers, 200), 16, "{answers:?}");
        let user = account.get(&id).expect(200).json();
        for (client, path) in paths.iter().enumerate() {
            let value = json!(format!("{client}-{round}"));
            let shown = match *path {
                "emails" | "phoneNumbers" | "entitlements" | "ims" => {
                    assert_eq!(user[*path].as_array().map(Vec::len), Some(round + 1), "{path}: {user}");
                    &user[*path][round]["value"]
                }
                "addresses" => &user[*path][round]["locality"],
                path => match path.strip_prefix(ENTERPRISE) {
                    Some(name) => &user[ENTERPRISE][&name[1..]],
                    None => path.split('.').fold(&user, |value, name| &value[name]),
                },
            };
            assert_eq!(shown, &value, "{path}: {user}");
        }
    }
    let (user, writes) = (account.get(&id).json(), 16 * ROUNDS);
    assert_eq!(user["meta"]["version"], json!(format!("W/\"{}\"", writes + 1)), "each PATCH is a version");
    let after = account.audit()[0]["seq"].as_u64().expect("a number");
    assert_eq!(after - before, writes as u64, "and an audit entry");
}

#[test]
fn s_18_twenty_posts_of_one_user_name_make_one_user() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    for round in 0..5 {
        let answers = at_once(20, |client| {
            let cased = if client % 2 == 0 { "dup" } else { "DUP" };
            account.scim(
                "POST",
                "/Users",
                json!({ "schemas": [USER], "userName": format!("{cased}{round}@a.example") }),
            )
        });
        assert_eq!((count(&answers, 201), count(&answers, 409)), (1, 19), "{answers:?}");
        for refused in answers.into_iter().filter(|answer| answer.status == 409) {
            assert_eq!(refused.error(409)["scimType"], "uniqueness");
        }
        assert_eq!(account.find(&format!("userName eq \"dup{round}@a.example\""))["totalResults"], json!(1));
    }
    assert_eq!(account.find("userName pr")["totalResults"], json!(5));
}

#[test]
fn s_18_a_retried_post_is_a_conflict() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    let body = json!({ "schemas": [USER], "userName": "x@a.example", "externalId": "e1" });
    account.scim("POST", "/Users", body.clone()).expect(201);
    assert_eq!(account.scim("POST", "/Users", body).error(409)["scimType"], "uniqueness");
    assert_eq!(account.find("userName pr")["totalResults"], json!(1));
}

fn administrator(account: &Account, name: &str) -> String {
    id_of(&account.create(json!({ "userName": name, "roles": assertive(&["ACCOUNTADMINISTRATOR"]) })))
}

#[test]
fn s_36_of_the_last_two_administrators_only_one_can_go_at_once() {
    let server = Server::start();
    for round in 0..10 {
        let account = server.account(json!("dsm"));
        let ids = [administrator(&account, "a@a.example"), administrator(&account, "b@a.example")];
        let answers = at_once(2, |client| match (round + client) % 3 {
            0 => account.patch(&ids[client], json!([{ "op": "replace", "path": "active", "value": false }])),
            1 => account.scim("DELETE", &format!("/Users/{}", ids[client]), Value::Null),
            _ => account.patch(
                &ids[client],
                json!([{ "op": "replace", "path": "roles", "value": assertive(&["ACCOUNTMEMBER"]) }]),
            ),
        });
        let done = answers.iter().filter(|answer| answer.status < 300).count();
        assert_eq!((done, count(&answers, 409)), (1, 1), "{answers:?}");
        let users = account.api("GET", "/users", Value::Null).expect(200).json();
        let left = users["items"]
            .as_array()
            .expect("a list")
            .iter()
            .filter(|user| user["active"] == json!(true) && user["roles"][0]["name"] == "Account Administrator");
        assert_eq!(left.count(), 1, "{users}");
    }
}

#[test]
fn s_46_the_last_seats_are_given_once_each() {
    const SEATS: usize = 5;
    let server = Server::start();
    let account = server.account(json!("standard"));
    server.api("PATCH", &format!("/accounts/{}", account.id), json!({ "max_users": SEATS })).expect(200);
    let answers = at_once(16, |client| {
        account.scim("POST", "/Users", json!({ "schemas": [USER], "userName": format!("{client}@a.example") }))
    });
    assert_eq!((count(&answers, 201), count(&answers, 403)), (SEATS, 16 - SEATS), "{answers:?}");
    assert_eq!(account.find("active eq true")["totalResults"], json!(SEATS));
    let shown = account.api("GET", "", Value::Null).expect(200).json();
    assert_eq!(shown["counts"]["active_users"], json!(SEATS), "{shown}");
}

/// Two policies that differ in two fields: each request must be judged by both fields of one of them.
#[test]
fn s_83_each_request_is_judged_by_one_version_of_the_policy() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    let policies = [
        json!({ "preset": "standard", "users": { "domains": ["one.example"], "attributes": ["userName", "active", "title"] } }),
        json!({ "preset": "standard", "users": { "domains": ["two.example"], "attributes": ["userName", "active", "nickName"] } }),
    ];
    account.api("PUT", "/policy", policies[0].clone()).expect(200);
    let answers: Vec<(usize, usize, Answer)> = at_once(7, |client| {
        let mut answers = Vec::new();
        for round in 0..30 {
            if client == 0 {
                account.api("PUT", "/policy", policies[(round + 1) % 2].clone()).expect(200);
                continue;
            }
            let (domain, attribute) = (client % 2, client / 2 % 2);
            let body = json!({
                "schemas": [USER],
                "userName": format!("{client}-{round}@{}.example", ["one", "two"][domain]),
                ["title", "nickName"][attribute]: "x",
            });
            answers.push((domain, attribute, account.scim("POST", "/Users", body)));
        }
        answers
    })
    .into_iter()
    .flatten()
    .collect();
    for (domain, attribute, answer) in &answers {
        if domain == attribute {
            assert!(matches!(answer.status, 201 | 400), "{answer:?}");
        } else {
            // One version allows the domain, the other the attribute; none allows both.
            assert_eq!(answer.status, 400, "{answer:?}");
        }
    }
    assert!(count_of(&answers, 201) > 0 && count_of(&answers, 400) > 0);
    let versions = account.api("GET", "/policy/versions?limit=200", Value::Null).expect(200).json();
    assert_eq!(versions["items"].as_array().map(Vec::len), Some(32));
}

fn count_of(answers: &[(usize, usize, Answer)], status: u16) -> usize {
    answers.iter().filter(|(_, _, answer)| answer.status == status).count()
}
