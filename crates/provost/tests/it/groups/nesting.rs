//! Groups inside groups, never in a circle.

use super::{group, join, leave, some_users, standard};
use crate::support::{Account, encoded, id, members};
use serde_json::{Value, json};
use std::{sync::Barrier, thread};

/// The groups that a user shows: their names and how the user is in them, sorted.
fn groups_of(account: &Account, user: &str) -> Vec<String> {
    let user = account.get(user).expect(200).json();
    let groups = user["groups"].as_array().map(Vec::as_slice).unwrap_or_default();
    let text = |group: &Value, name: &str| group[name].as_str().expect("a text").to_owned();
    let mut shown: Vec<String> =
        groups.iter().map(|group| format!("{} {}", text(group, "display"), text(group, "type"))).collect();
    shown.sort();
    shown
}

#[test]
fn a_user_shows_the_groups_that_contain_it_through_others() {
    let account = standard();
    let [user] = some_users(&account);
    let crew = id(&account.group("Crew", &[&user]));
    let fleet = id(&account.group("Fleet", &[&crew]));
    let company = id(&account.group("Company", &[&fleet]));
    account.group("Unrelated", &[]);
    assert_eq!(groups_of(&account, &user), ["Company indirect", "Crew direct", "Fleet indirect"]);

    account.patch_group(&company, join(&[&user])).expect(200);
    let both = ["Company direct", "Crew direct", "Fleet indirect"];
    assert_eq!(groups_of(&account, &user), both, "one that contains it both ways is shown once");
    account.patch_group(&fleet, leave(&crew)).expect(200);
    assert_eq!(groups_of(&account, &user), ["Company direct", "Crew direct"]);
    account.patch_group(&fleet, join(&[&crew])).expect(200);
    account.scim("DELETE", &format!("/Groups/{fleet}"), Value::Null).expect(204);
    assert_eq!(groups_of(&account, &user), ["Company direct", "Crew direct"], "the group between them is gone");
    assert_eq!(account.members_of(&company), [user]);
    assert_eq!(account.members_of(&crew).len(), 1);
}

#[test]
fn two_ways_to_a_group_are_one_membership() {
    let account = standard();
    let [user] = some_users(&account);
    let left = id(&account.group("Left", &[&user]));
    let right = id(&account.group("Right", &[&user]));
    account.group("Top", &[&left, &right]);
    assert_eq!(groups_of(&account, &user), ["Left direct", "Right direct", "Top indirect"]);
    account.scim("DELETE", &format!("/Groups/{left}"), Value::Null).expect(204);
    assert_eq!(groups_of(&account, &user), ["Right direct", "Top indirect"]);
}

#[test]
fn no_group_contains_itself() {
    let account = standard();
    let [user] = some_users(&account);
    let inner = id(&account.group("Inner", &[&user]));
    let middle = id(&account.group("Middle", &[&inner]));
    let outer = id(&account.group("Outer", &[&middle]));
    for (name, into, member) in [
        ("itself", &inner, &inner),
        ("one that contains it", &inner, &middle),
        ("one that contains it through another", &inner, &outer),
    ] {
        let before = group(&account, into);
        let replaced = json!([{ "op": "replace", "path": "members", "value": members(&[&user, member]) }]);
        let put = json!({ "schemas": [super::GROUP], "displayName": "New", "members": members(&[member]) });
        for answer in [
            account.patch_group(into, join(&[member])),
            account.patch_group(into, replaced),
            account.scim("PUT", &format!("/Groups/{into}"), put),
        ] {
            assert_eq!(answer.refused(400, &[member])["scimType"], "invalidValue", "{name}");
            assert_eq!(group(&account, into), before, "{name}");
        }
    }
    account.patch_group(&outer, leave(&middle)).expect(200);
    account.patch_group(&inner, join(&[&outer])).expect(200);
    assert_eq!(groups_of(&account, &user), ["Inner direct", "Middle indirect"], "once the chain is broken it may turn");
}

#[test]
fn two_writers_at_once_make_no_circle() {
    let account = standard();
    for round in 0..10 {
        let [left, right] = ["left", "right"].map(|side| id(&account.group(&format!("{side}{round}"), &[])));
        let barrier = Barrier::new(2);
        let mut statuses = thread::scope(|scope| {
            [(&left, &right), (&right, &left)]
                .map(|(into, member)| {
                    let (account, barrier) = (&account, &barrier);
                    scope.spawn(move || {
                        barrier.wait();
                        account.patch_group(into, join(&[member])).status
                    })
                })
                .map(|writer| writer.join().expect("a writer ends"))
        });
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 400], "round {round}");
    }
}

#[test]
fn a_deleted_group_leaves_those_that_contain_it() {
    let account = standard();
    let inner = id(&account.group("Inner", &[]));
    let outer = id(&account.group("Outer", &[&inner]));
    let before = group(&account, &outer)["meta"]["version"].clone();
    account.scim("DELETE", &format!("/Groups/{inner}"), Value::Null).expect(204);
    let after = group(&account, &outer);
    assert_eq!(after.get("members"), None);
    assert_ne!(after["meta"]["version"], before);
    let filter = encoded(&format!("members.value eq \"{inner}\""));
    assert_eq!(account.scim("GET", &format!("/Groups?filter={filter}"), Value::Null).json()["totalResults"], 0);
}

#[test]
fn a_member_that_is_a_group_is_removed_by_its_type_too() {
    let account = standard();
    let [user] = some_users(&account);
    let inner = id(&account.group("Inner", &[]));
    let outer = id(&account.group("Outer", &[&user, &inner]));
    let groups = json!([{ "op": "remove", "path": "members[type eq \"Group\"]" }]);
    account.patch_group(&outer, groups).expect(200);
    assert_eq!(account.members_of(&outer), [user]);
}
