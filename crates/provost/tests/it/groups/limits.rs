//! How much one request does (P-14), and whether members are replaced at all.

use super::{body, each, group, join, leave, some_users, under, users};
use crate::support::{id, members};
use serde_json::{Value, json};

#[test]
fn p_14_one_request_names_so_many_members_and_no_more() {
    let account = under(json!({ "preset": "standard", "groups": { "members_per_patch_max": 100 } }));
    let all = users(&account, 102);
    let words = ["100", "101", "groups.members_per_patch_max"];
    account.scim("POST", "/Groups", body("Crew", &each(&all[..101]))).refused(400, &words);
    let made = id(&account.group("Crew", &each(&all[..100])));
    let before = group(&account, &made);
    let both = json!([join(&each(&all[100..]))[0],
                      { "op": "Remove", "path": "members", "value": members(&each(&all[..99])) }]);
    let many = json!([{ "op": "replace", "path": "members", "value": members(&each(&all[1..])) }]);
    for answer in [
        account.patch_group(&made, both),
        account.patch_group(&made, many),
        account.scim("PUT", &format!("/Groups/{made}"), body("Crew", &each(&all[1..]))),
    ] {
        assert_eq!(answer.refused(400, &words)["scimType"], "invalidValue");
        assert_eq!(group(&account, &made), before);
    }
    account.patch_group(&made, join(&each(&all[100..]))).expect(204);
    assert_eq!(account.members_of(&made), all, "the group itself may be larger");
}

#[test]
fn p_14_a_user_is_in_so_many_groups_and_no_more() {
    let account = under(json!({ "preset": "standard", "groups": { "per_user_max": 2 } }));
    let [one, two] = some_users(&account);
    let [first, second, third] = ["First", "Second", "Third"].map(|name| id(&account.group(name, &[])));
    account.patch_group(&first, join(&[&one])).expect(200);
    account.patch_group(&second, join(&[&one])).expect(200);
    let words = [one.as_str(), "groups.per_user_max"];
    for answer in [
        account.patch_group(&third, join(&[&two, &one])),
        account.patch_group(&third, json!([{ "op": "replace", "path": "members", "value": members(&[&one]) }])),
        account.scim("PUT", &format!("/Groups/{third}"), body("Third", &[&one])),
        account.scim("POST", "/Groups", body("Fourth", &[&one])),
    ] {
        answer.refused(400, &words);
        assert_eq!(account.members_of(&third), Vec::<String>::new());
    }
    account.api("PATCH", &format!("/groups/{third}"), json!({ "add_members": [one] })).refused(400, &words);
    account.patch_group(&first, join(&[&one])).expect(200);
    account.patch_group(&second, leave(&one)).expect(200);
    account.patch_group(&third, join(&[&one, &two])).expect(200);
}

#[test]
fn members_are_replaced_only_where_the_policy_takes_it() {
    let account = under(json!({ "preset": "standard", "groups": { "members_replace": "reject" } }));
    let [one, two] = some_users(&account);
    let made = id(&account.group("Crew", &[&one]));
    let before = group(&account, &made);
    for operations in [
        json!([{ "op": "replace", "path": "members", "value": members(&[&two]) }]),
        json!([{ "op": "replace", "path": "members", "value": [] }]),
        json!([{ "op": "replace", "value": { "members": members(&[&two]) } }]),
        json!([{ "op": "remove", "path": "members" }]),
        json!([join(&[&two])[0], { "op": "remove", "path": "members" }]),
    ] {
        account.patch_group(&made, operations).refused(400, &["groups.members_replace"]);
        assert_eq!(group(&account, &made), before);
    }
    let path = format!("/Groups/{made}");
    account.scim("PUT", &path, body("Crew", &[&two])).refused(400, &["groups.members_replace"]);
    let named = json!({ "schemas": [super::GROUP], "displayName": "Gang" });
    account.scim("PUT", &path, named).expect(200);
    assert_eq!(account.members_of(&made), [one.as_str()]);
    account.patch_group(&made, join(&[&two])).expect(200);
    account.patch_group(&made, leave(&one)).expect(200);
    account.patch_group(&made, json!([{ "op": "Remove", "path": "members", "value": members(&[&two]) }])).expect(200);
    assert_eq!(account.members_of(&made), Vec::<String>::new());
}

#[test]
fn groups_may_be_off_and_the_connection_test_succeeds_all_the_same() {
    let account = under(json!({ "preset": "standard", "groups": { "mode": "off" } }));
    let [user] = some_users(&account);
    let local =
        id(&account.api("POST", "/groups", json!({ "display_name": "Crew", "members": [user] })).expect(201).json());
    let list =
        account.scim("GET", "/Groups?excludedAttributes=members&filter=displayName%20eq%20%22Crew%22", Value::Null);
    assert_eq!(list.expect(200).json()["totalResults"], 0);
    account.scim("GET", &format!("/Groups/{local}"), Value::Null).error(404);
    account.scim("POST", "/Groups", body("Gang", &[])).refused(501, &["groups.mode"]);
    account.patch_group(&local, join(&[&user])).refused(501, &["groups.mode"]);
    assert_eq!(account.get(&user).expect(200).json().get("groups"), None);
}
