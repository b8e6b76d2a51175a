//! Many clients at one group.

use super::{USER, at_once, count};
use crate::{
    crowd,
    support::{Account, Answer, Server, id, members, shared},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// Connections at once.
const CLIENTS: usize = 64;

fn add(ids: &[&str]) -> Value {
    json!({ "op": "add", "path": "members", "value": members(ids) })
}

fn remove(id: &str) -> Value {
    json!({ "op": "remove", "path": format!("members[value eq \"{id}\"]") })
}

fn version(account: &Account, group: &str) -> u64 {
    let shown = account.api("GET", &format!("/groups/{group}"), Value::Null).expect(200).json();
    shown["version"].as_u64().expect("a group has a version")
}

fn name(account: &Account, group: &str) -> String {
    let path = format!("/Groups/{group}?excludedAttributes=members");
    let shown = account.scim("GET", &path, Value::Null).expect(200).json();
    shown["displayName"].as_str().expect("a group has a name").to_owned()
}

fn sequence(account: &Account) -> u64 {
    account.audit()[0]["seq"].as_u64().expect("an entry has a number")
}

/// Every step of a client is taken: nobody is told to come again.
#[track_caller]
fn all_done(answers: impl IntoIterator<Item = Answer>) {
    for answer in answers {
        assert_eq!(answer.status, 204, "{}", answer.text);
    }
}

#[test]
fn a_thousand_patches_that_add_one_member_each_lose_nobody() {
    let server = Server::start();
    let account = server.account(json!({ "groups": { "patch_answer": "no_content" } }));
    let users = crowd::users(&account, "u", 1_000);
    let group = id(&account.group("Everybody", &[]));
    let (before, version_before) = (sequence(&account), version(&account, &group));
    let answers = at_once(CLIENTS, |client| {
        let mine = users.iter().skip(client).step_by(CLIENTS);
        mine.map(|user| account.patch_group(&group, json!([add(&[user])]))).collect::<Vec<_>>()
    });
    all_done(answers.into_iter().flatten());
    let mut expected = users.clone();
    expected.sort();
    assert_eq!(account.members_of(&group), expected, "nobody is lost and nobody is there twice");
    assert_eq!(version(&account, &group) - version_before, 1_000, "each change of members is a version");
    assert_eq!(sequence(&account) - before, 1_000, "and an audit entry");
    assert_eq!(account.api("GET", "/audit/verify", Value::Null).expect(200).json()["verified"], json!(true));
    let found = account.find(&format!("groups.value eq \"{group}\""));
    assert_eq!(found["totalResults"], json!(1_000), "the users know it, too");
}

/// Repeatable choices (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % end as u64).expect("it is less than a usize")
    }
}

/// Each client moves users of its own in and out of the same group, by every kind of operation, so that what is to be left of
/// them follows from its own steps.
#[test]
fn mixed_adds_and_removes_end_as_each_client_left_them() {
    const STEPS: usize = 40;
    const OWN: usize = 8;
    let server = shared();
    let account = server.account(json!({ "groups": { "patch_answer": "no_content" } }));
    let users = crowd::users(&account, "u", 16 * OWN);
    let group = id(&account.group("Crossing", &[]));
    let left = at_once(16, |client| {
        let own = &users[client * OWN..(client + 1) * OWN];
        let mut random = Random(client as u64);
        let mut inside: BTreeSet<&String> = BTreeSet::new();
        for step in 0..STEPS {
            let (one, other) = (&own[random.below(OWN)], &own[random.below(OWN)]);
            let operations = match random.below(4) {
                0 => {
                    inside.extend([one, other]);
                    json!([add(&[one, other])])
                }
                1 => {
                    inside.remove(one);
                    json!([remove(one)])
                }
                2 => {
                    inside.insert(one);
                    inside.remove(other);
                    json!([add(&[one]), remove(other)])
                }
                _ => {
                    inside.remove(one);
                    inside.remove(other);
                    json!([{ "op": "remove", "path": "members", "value": members(&[one, other]) }])
                }
            };
            let answer = account.patch_group(&group, operations);
            assert_eq!(answer.status, 204, "client {client}, step {step}: {}", answer.text);
        }
        inside.into_iter().cloned().collect::<Vec<String>>()
    });
    let mut expected: Vec<String> = left.into_iter().flatten().collect();
    expected.sort();
    assert_eq!(account.members_of(&group), expected);
    assert_eq!(account.api("GET", "/audit/verify", Value::Null).expect(200).json()["verified"], json!(true));
}

#[test]
fn sixteen_renames_beside_changes_of_members_are_all_done() {
    const MEMBERS: usize = 160;
    let server = shared();
    let account = server.account(json!({ "groups": { "patch_answer": "no_content" } }));
    let users = crowd::users(&account, "u", MEMBERS);
    let group = id(&account.group("Before", &[]));
    let answers = at_once(32, |client| match client {
        0..16 => vec![account.patch_group(
            &group,
            json!([{ "op": "replace", "path": "displayName", "value": format!("Name {client}") }]),
        )],
        _ => {
            let mine = users.iter().skip(client - 16).step_by(16);
            mine.map(|user| account.patch_group(&group, json!([add(&[user])]))).collect()
        }
    });
    all_done(answers.into_iter().flatten());
    let last = name(&account, &group);
    assert!((0..16).any(|client| last == format!("Name {client}")), "{last}");
    let mut expected = users;
    expected.sort();
    assert_eq!(account.members_of(&group), expected, "a rename takes no member with it");
    let by_name = |name: &str| {
        let filter = crate::support::encoded(&format!("displayName eq \"{name}\""));
        account.scim("GET", &format!("/Groups?filter={filter}"), Value::Null).expect(200).json()["totalResults"].clone()
    };
    for client in 0..16 {
        let name = format!("Name {client}");
        assert_eq!(by_name(&name), json!(u64::from(name == last)), "{name}: no former name is found or taken");
    }
    assert_eq!(by_name("Before"), json!(0));
}

#[test]
fn of_two_puts_with_the_same_if_match_one_is_done() {
    let server = shared();
    let account = server.account(json!({ "groups": { "patch_answer": "no_content" } }));
    let users = crowd::users(&account, "u", 2);
    let group = id(&account.group("Round", &[]));
    for round in 0..10 {
        let read = account.scim("GET", &format!("/Groups/{group}"), Value::Null).expect(200);
        let tag = read.header("etag").to_owned();
        let answers = at_once(2, |client| {
            let name = format!("Round {round} {client}");
            let body = json!({ "schemas": [GROUP], "displayName": name, "members": members(&[&users[client]]) });
            account.scim_with("PUT", &format!("/Groups/{group}"), &[("if-match", &tag)], body)
        });
        assert_eq!((count(&answers, 200), count(&answers, 412)), (1, 1), "{answers:?}");
        let winner = answers.iter().position(|answer| answer.status == 200).expect("one is done");
        assert_eq!(name(&account, &group), format!("Round {round} {winner}"));
        assert_eq!(account.members_of(&group), [users[winner].clone()], "name and members are those of one request");
    }
}

/// The tag of a group counts its members: whoever asks for one version of them does not overwrite another.
#[test]
fn of_two_patches_of_members_with_the_same_if_match_one_is_done() {
    let server = shared();
    let account = server.account(json!({ "groups": { "patch_answer": "no_content" } }));
    let users = crowd::users(&account, "u", 20);
    let group = id(&account.group("Round", &[]));
    for round in 0..10 {
        let tag = account.scim("GET", &format!("/Groups/{group}"), Value::Null).expect(200).header("etag").to_owned();
        let mine = [&users[2 * round], &users[2 * round + 1]];
        let answers = at_once(2, |client| {
            let schemas = json!(["urn:ietf:params:scim:api:messages:2.0:PatchOp"]);
            let body = json!({ "schemas": schemas, "Operations": [add(&[mine[client]])] });
            account.scim_with("PATCH", &format!("/Groups/{group}"), &[("if-match", &tag)], body)
        });
        assert_eq!((count(&answers, 204), count(&answers, 412)), (1, 1), "{answers:?}");
        let inside = account.members_of(&group);
        let winner = answers.iter().position(|answer| answer.status == 204).expect("one is done");
        assert!(inside.contains(mine[winner]) && !inside.contains(mine[1 - winner]), "{inside:?}");
        assert_eq!(inside.len(), round + 1);
    }
}

#[test]
fn s_18_posts_of_one_group_name_make_one_group() {
    let server = shared();
    let account = server.account(json!({ "groups": { "patch_answer": "no_content" } }));
    for round in 0..5 {
        let answers = at_once(20, |client| {
            let name = format!("{} {round}", if client % 2 == 0 { "sales" } else { "SALES" });
            account.scim("POST", "/Groups", json!({ "schemas": [GROUP], "displayName": name }))
        });
        assert_eq!((count(&answers, 201), count(&answers, 409)), (1, 19), "{answers:?}");
        for refused in answers.into_iter().filter(|answer| answer.status == 409) {
            assert_eq!(refused.error(409)["scimType"], "uniqueness");
        }
    }
    let all = account.scim("GET", "/Groups", Value::Null).expect(200).json();
    assert_eq!(all["totalResults"], json!(5));
}

/// Each of `count` groups is added to the next one at the same moment; the last one would close the circle.
fn ring(account: &Account, round: usize, count: usize) {
    let groups: Vec<String> = (0..count).map(|n| id(&account.group(&format!("Ring {round} {n}"), &[]))).collect();
    let answers = at_once(count, |n| account.patch_group(&groups[n], json!([add(&[&groups[(n + 1) % count]])])));
    let done = answers.iter().filter(|answer| answer.status == 204).count();
    assert_eq!((done, super::count(&answers, 400)), (count - 1, 1), "one link is missing: {answers:?}");
    for (n, answer) in answers.into_iter().enumerate() {
        let inside = account.members_of(&groups[n]);
        if answer.status == 204 {
            assert_eq!(inside, [groups[(n + 1) % count].clone()]);
        } else {
            assert_eq!(answer.error(400)["scimType"], "invalidValue");
            assert_eq!(inside, [""; 0], "what is refused changes nothing");
        }
    }
}

#[test]
fn no_group_comes_to_contain_itself() {
    let server = shared();
    let account = server.account(json!({ "groups": { "patch_answer": "no_content" } }));
    for round in 0..15 {
        ring(&account, round, 2);
    }
    for round in 15..20 {
        ring(&account, round, 5);
    }
}

#[test]
fn whoever_goes_while_coming_into_a_group_is_not_in_it() {
    const ROUNDS: usize = 30;
    let server = shared();
    let account = server.account(json!({ "groups": { "patch_answer": "no_content" } }));
    let users = crowd::users(&account, "u", ROUNDS);
    let group = id(&account.group("Revolving", &[]));
    for user in &users {
        let answers = at_once(3, |client| match client {
            0 => account.scim("DELETE", &format!("/Users/{user}"), Value::Null),
            1 => account.patch_group(&group, json!([add(&[user])])),
            _ => account.scim(
                "POST",
                "/Groups",
                json!({ "schemas": [GROUP], "displayName": user, "members": members(&[user]) }),
            ),
        });
        assert_eq!(answers[0].status, 204, "{}", answers[0].text);
        assert!(matches!(answers[1].status, 204 | 400), "{}", answers[1].text);
        assert!(matches!(answers[2].status, 201 | 400), "{}", answers[2].text);
        let filter = crate::support::encoded(&format!("members.value eq \"{user}\""));
        let found = account.scim("GET", &format!("/Groups?filter={filter}"), Value::Null).expect(200).json();
        assert_eq!(found["totalResults"], json!(0), "nobody is left behind: {found}");
    }
    assert_eq!(account.members_of(&group), [""; 0]);
}

#[test]
fn a_group_that_goes_takes_its_last_changes_with_it() {
    let server = shared();
    let account = server.account(json!({ "groups": { "patch_answer": "no_content" } }));
    let users = crowd::users(&account, "u", 8);
    for round in 0..15 {
        let group = id(&account.group(&format!("Passing {round}"), &[]));
        let answers = at_once(9, |client| match users.get(client) {
            Some(user) => account.patch_group(&group, json!([add(&[user])])),
            None => account.scim("DELETE", &format!("/Groups/{group}"), Value::Null),
        });
        assert_eq!(answers[8].status, 204, "{}", answers[8].text);
        assert!(answers[..8].iter().all(|answer| matches!(answer.status, 204 | 404)), "{answers:?}");
        let found = account.find(&format!("groups.value eq \"{group}\""));
        assert_eq!(found["totalResults"], json!(0), "nobody is in a group that is not there: {found}");
    }
    for user in &users {
        assert_eq!(account.get(user).expect(200).json().get("groups"), None);
    }
}

/// A bulk request is judged by one policy, however often the policy changes while it runs.
#[test]
fn s_83_all_operations_of_a_bulk_request_follow_one_version_of_the_policy() {
    const OPERATIONS: usize = 60;
    let server = Server::start();
    let account = server.account(json!({ "groups": { "patch_answer": "no_content" } }));
    let policies = ["one", "two"]
        .map(|domain| json!({ "preset": "standard", "users": { "domains": [format!("{domain}.example")] } }));
    account.api("PUT", "/policy", policies[0].clone()).expect(200);
    let judged: Vec<Vec<usize>> = at_once(5, |client| {
        let mut judged = Vec::new();
        for round in 0..8 {
            if client == 0 {
                account.api("PUT", "/policy", policies[(round + 1) % 2].clone()).expect(200);
                continue;
            }
            let operations: Vec<Value> = (0..OPERATIONS)
                .map(|n| {
                    let user_name = format!("{client}-{round}-{n}@{}.example", ["one", "two"][n % 2]);
                    json!({
                        "method": "POST", "path": "/Users", "bulkId": n.to_string(),
                        "data": { "schemas": [USER], "userName": user_name },
                    })
                })
                .collect();
            let answer = crowd::bulk(&account, operations.into()).expect(200).json();
            let made: Vec<bool> = answer["Operations"]
                .as_array()
                .expect("a bulk request has results")
                .iter()
                .map(|result| result["status"] == "201")
                .collect();
            let allowed = made.iter().position(|made| *made).expect("one of the two is allowed") % 2;
            assert!(made.iter().enumerate().all(|(n, made)| *made == (n % 2 == allowed)), "{answer}");
            judged.push(allowed);
        }
        judged
    });
    let judged = judged.concat();
    assert!(judged.contains(&0) && judged.contains(&1), "both policies were in force while requests ran: {judged:?}");
}
