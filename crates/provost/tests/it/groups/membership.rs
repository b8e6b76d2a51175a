//! Members come and go (S-14, S-49 to S-51, S-55).

use super::{NOBODY, body, each, group, join, leave, some_users, standard, under, users};
use crate::support::{Answer, id, members};
use serde_json::{Value, json};

#[test]
fn s_14_a_member_is_removed_by_filter_and_by_value() {
    let account = standard();
    let [one, two, three] = some_users(&account);
    let by_filter = format!("members[value eq \"{one}\"]");
    let either = format!("members[value eq \"{one}\" or value eq \"{three}\"]");
    for (name, operations, left) in [
        ("Entra, by the standard", json!([{ "op": "remove", "path": by_filter }]), vec![&two, &three]),
        (
            "Entra, as it was",
            json!([{ "op": "Remove", "path": "members", "value": [{ "$ref": null, "value": one }] }]),
            vec![&two, &three],
        ),
        (
            "a single object",
            json!([{ "op": "remove", "path": "members", "value": { "value": one } }]),
            vec![&two, &three],
        ),
        ("an empty array", json!([{ "op": "Remove", "path": "members", "value": [] }]), vec![&one, &two, &three]),
        ("two by value", json!([{ "op": "remove", "path": "members", "value": members(&[&one, &two]) }]), vec![&three]),
        ("two by filter", json!([{ "op": "remove", "path": either }]), vec![&two]),
        (
            "two operations",
            json!([{ "op": "remove", "path": by_filter }, { "op": "remove", "path": format!("members[value eq \"{two}\"]") }]),
            vec![&three],
        ),
        (
            "Okta, with a value that says nothing",
            json!([{ "op": "remove", "path": by_filter, "value": null }]),
            vec![&two, &three],
        ),
        ("everybody", json!([{ "op": "remove", "path": "members" }]), vec![]),
    ] {
        let made = id(&account.group(name, &[&one, &two, &three]));
        account.patch_group(&made, operations).expect(200);
        let left: Vec<String> = left.into_iter().cloned().collect();
        assert_eq!(account.members_of(&made), left, "{name}");
    }
}

#[test]
fn s_14_who_is_no_member_leaves_without_a_trace() {
    let account = standard();
    let [one, two] = some_users(&account);
    let made = id(&account.group("Crew", &[&one]));
    let before = group(&account, &made);
    for operations in [
        leave(&two),
        leave(NOBODY),
        leave("7"),
        json!([{ "op": "Remove", "path": "members", "value": members(&[&two, NOBODY]) }]),
    ] {
        account.patch_group(&made, operations).expect(200);
        assert_eq!(group(&account, &made), before, "nothing has changed, its version neither");
    }
    account.patch_group(&made, join(&[&one])).expect(200);
    assert_eq!(group(&account, &made), before, "who is a member joins without a trace, too");
}

#[test]
fn s_14_operations_work_on_what_the_ones_before_leave() {
    let account = standard();
    let [one, two, three] = some_users(&account);
    for (name, operations, left) in [
        ("join and leave", json!([join(&[&two])[0], leave(&two)[0]]), vec![&one]),
        ("leave and join", json!([leave(&one)[0], join(&[&one])[0]]), vec![&one]),
        ("all go, some come", json!([{ "op": "remove", "path": "members" }, join(&[&two])[0]]), vec![&two]),
        ("some come, all go", json!([join(&[&two])[0], { "op": "remove", "path": "members" }]), vec![]),
        (
            "replaced, then one more",
            json!([{ "op": "replace", "path": "members", "value": members(&[&two]) }, join(&[&three])[0]]),
            vec![&two, &three],
        ),
        (
            "with a rename",
            json!([{ "op": "replace", "path": "displayName", "value": "Renamed" }, join(&[&three])[0]]),
            vec![&one, &three],
        ),
    ] {
        let made = id(&account.group(name, &[&one]));
        account.patch_group(&made, operations).expect(200);
        assert_eq!(account.members_of(&made), left.into_iter().cloned().collect::<Vec<_>>(), "{name}");
        account.scim("DELETE", &format!("/Groups/{made}"), Value::Null).expect(204);
    }
}

#[test]
fn s_49_a_thousand_members_in_two_requests_and_a_rename() {
    let account = standard();
    let all = users(&account, 1_000);
    let (first, second) = all.split_at(500);
    let made = id(&account.group("Crew", &each(first)));
    assert_eq!(account.members_of(&made), first);
    account.patch_group(&made, join(&each(second))).expect(204);
    assert_eq!(account.members_of(&made), all);
    account.patch_group(&made, json!([{ "op": "replace", "path": "displayName", "value": "Gang" }])).expect(204);
    assert_eq!(account.members_of(&made), all, "renamed, the members are the same");
    assert_eq!(group(&account, &made)["displayName"], "Gang");

    let gone = json!([{ "op": "Remove", "path": "members", "value": members(&each(first)) }]);
    account.patch_group(&made, gone).expect(204);
    assert_eq!(account.members_of(&made), second);
    let replaced = json!([{ "op": "replace", "path": "members", "value": members(&each(first)) }]);
    account.patch_group(&made, replaced).expect(204);
    assert_eq!(account.members_of(&made), first);
}

#[test]
fn s_50_one_member_who_is_not_there_refuses_all() {
    let account = standard();
    let neighbour = account.server.account(json!("standard"));
    let [one, two, gone] = some_users(&account);
    account.scim("DELETE", &format!("/Users/{gone}"), Value::Null).expect(204);
    let [foreign] = some_users(&neighbour);
    let foreign_group = id(&neighbour.group("Crew", &[]));
    let made = id(&account.group("Crew", &[&one]));
    let before = group(&account, &made);
    let path = format!("/Groups/{made}");
    for unknown in [NOBODY, &gone, &foreign, &foreign_group, "7", "", account.app.as_str(), account.id.as_str()] {
        let both = [two.as_str(), unknown];
        let renamed = json!([{ "op": "replace", "path": "displayName", "value": "Gang" }, join(&both)[0]]);
        let ways: [Answer; 6] = [
            account.patch_group(&made, join(&both)),
            account.patch_group(&made, renamed),
            account.patch_group(&made, json!([join(&[&two])[0], join(&[unknown])[0]])),
            account.patch_group(&made, json!([{ "op": "replace", "path": "members", "value": members(&both) }])),
            account.scim("PUT", &path, body("Gang", &both)),
            account.scim("POST", "/Groups", body("Gang", &both)),
        ];
        for answer in ways {
            let error = answer.refused(400, &["members"]);
            assert_eq!(error["scimType"], "invalidValue", "{unknown}");
            let detail = error["detail"].as_str().expect("a detail");
            assert!(unknown.is_empty() || detail.contains(&format!("`{unknown}`")), "named: {detail}");
            assert_eq!(group(&account, &made), before, "{unknown}: nothing has changed");
        }
    }
    let list = account.scim("GET", "/Groups", Value::Null).expect(200).json();
    assert_eq!(list["totalResults"], 1, "no group was made");
    let shown = account.get(&two).expect(200).json();
    assert_eq!(shown.get("groups"), None);
}

#[test]
fn s_50_where_only_managed_users_are_visible_they_alone_are_members() {
    let account = under(json!({ "preset": "standard", "users": { "visibility": "managed_only" } }));
    let [one] = some_users(&account);
    let local = account.api("POST", "/users", json!({ "email": "x@a.com" })).expect(201).json();
    let made = id(&account.group("Crew", &[&one]));
    account.patch_group(&made, join(&[&id(&local)])).refused(400, &[&id(&local)]);
    assert_eq!(account.members_of(&made), [one]);

    let open = standard();
    let local = id(&open.api("POST", "/users", json!({ "email": "x@a.com" })).expect(201).json());
    let made = id(&open.group("Crew", &[&local]));
    assert_eq!(open.members_of(&made), [local]);
}

#[test]
fn s_51_deleting_a_group_leaves_its_members() {
    let account = under(json!({ "preset": "standard", "roles": { "meaning": "grant" } }));
    let users = ["ann", "bob", "cy"].map(|name| {
        let user = json!({ "userName": format!("{name}@a.com"), "roles": [{ "value": "ACCOUNTAUDITOR" }] });
        id(&account.create(user))
    });
    let made = id(&account.group("Crew", &each(&users)));
    let other = id(&account.group("Gang", &[&users[0]]));
    let path = format!("/Groups/{made}");
    assert_eq!(account.scim("DELETE", &path, Value::Null).expect(204).text, "");
    for method in ["GET", "DELETE"] {
        account.scim(method, &path, Value::Null).error(404);
    }
    for (place, user) in users.iter().enumerate() {
        assert_eq!(account.roles_of(user), ["Account Auditor"]);
        let groups = account.get(user).expect(200).json()["groups"].clone();
        let left: Vec<String> =
            groups.as_array().into_iter().flatten().map(|group| group["value"].to_string()).collect();
        let expected = if place == 0 { vec![format!("\"{other}\"")] } else { vec![] };
        assert_eq!(left, expected);
    }
    assert_eq!(account.members_of(&other), [users[0].clone()]);
    account.group("Crew", &[]);
}

#[test]
fn s_55_a_patch_of_a_large_group_answers_without_a_body_unless_one_is_asked_for() {
    let account = standard();
    let all = users(&account, 2_100);
    let made = account.scim("POST", "/Groups?excludedAttributes=members", body("Crew", &each(&all))).expect(201);
    assert_eq!(made.json().get("members"), None);
    let made = id(&made.json());
    let path = format!("/Groups/{made}");
    let [newcomer] = some_users(&account);
    let patched = account.patch_group(&made, join(&[&newcomer])).expect(204);
    assert_eq!((patched.text.as_str(), patched.header("content-length")), ("", ""));

    let without = account.scim("GET", &format!("{path}?excludedAttributes=members"), Value::Null).expect(200);
    assert_eq!(without.json().get("members"), None);
    assert_eq!(without.header("etag"), patched.header("etag"));
    let mut expected = all;
    expected.push(newcomer.clone());
    expected.sort();
    assert_eq!(account.members_of(&made), expected, "members beyond what is read at once are all there");
    let listed = account.scim("GET", "/Groups", Value::Null).expect(200).json()["Resources"][0].clone();
    assert_eq!(listed, group(&account, &made), "in a list, too");

    let patch = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": leave(&newcomer) });
    for (query, keys) in [
        ("attributes=displayName", vec!["displayName", "id", "schemas"]),
        ("excludedAttributes=members", vec!["displayName", "id", "meta", "schemas"]),
    ] {
        let answer = account.scim("PATCH", &format!("{path}?{query}"), patch.clone()).expect(200).json();
        let mut shown: Vec<&String> = answer.as_object().expect("a group").keys().collect();
        shown.sort();
        assert_eq!(shown, keys, "{query}");
    }
    let whole = account.scim("PATCH", &format!("{path}?attributes=members.value"), patch).expect(200).json();
    assert_eq!(whole["members"].as_array().map(Vec::len), Some(2_100));
}

#[test]
fn s_55_a_patch_of_a_small_group_answers_as_the_policy_says() {
    for (answer, most, beyond) in [("resource", 200, 204), ("no_content", 204, 204)] {
        let account = under(json!({ "groups": { "patch_answer": answer } }));
        let all = users(&account, 101);
        let made = id(&account.group("Crew", &[]));
        let full = account.patch_group(&made, join(&each(&all[..100]))).expect(most);
        if most == 200 {
            assert_eq!(full.json(), group(&account, &made), "{answer}: as it is read");
        } else {
            assert_eq!(full.text, "", "{answer}");
        }
        let over = account.patch_group(&made, join(&each(&all[100..]))).expect(beyond);
        let read = account.scim("GET", &format!("/Groups/{made}"), Value::Null).expect(200);
        assert_eq!((over.text.as_str(), over.header("etag")), ("", read.header("etag")), "{answer}: 101 members");
    }
}

#[test]
fn s_50_members_who_are_not_there_are_left_out_where_the_policy_says_so() {
    let account = under(json!({ "groups": { "unknown_member": "ignore" } }));
    let others = under(json!("standard"));
    let [foreign] = some_users(&others);
    let [one, two] = some_users(&account);
    let made = id(&account.scim("POST", "/Groups", body("Crew", &[&one, NOBODY])).expect(201).json());
    assert_eq!(account.members_of(&made), std::slice::from_ref(&one), "a POST");
    account.patch_group(&made, join(&[&foreign, &two, "not an id"])).expect(200);
    assert_eq!(account.members_of(&made), [one.clone(), two.clone()], "a PATCH");
    account.scim("PUT", &format!("/Groups/{made}"), body("Crew", &[&two, NOBODY])).expect(200);
    assert_eq!(account.members_of(&made), [two], "a PUT");
    let by_hand = json!({ "add_members": [NOBODY] });
    account.api("PATCH", &format!("/groups/{made}"), by_hand).refused(400, &[NOBODY]);
    let warned: Vec<String> = account.audit().iter().map(|entry| entry["warnings"].to_string()).collect();
    for named in [NOBODY, foreign.as_str(), "not an id"] {
        assert!(warned.iter().any(|text| text.contains(named) && text.contains("groups.unknown_member")), "{warned:?}");
    }
}

#[test]
fn s_3_put_replaces_a_group_and_leaves_members_whom_it_does_not_speak_of() {
    let account = standard();
    let [one, two, three] = some_users(&account);
    let made = account.scim("POST", "/Groups", body("Crew", &[&one, &two])).expect(201).json();
    let path = format!("/Groups/{}", id(&made));
    let put = |body: Value| account.scim("PUT", &path, body).expect(200).json();
    let names = |group: &Value| (group["displayName"].clone(), group.get("externalId").cloned());

    let named = put(json!({ "schemas": [super::GROUP], "displayName": "Gang", "externalId": "7" }));
    assert_eq!(names(&named), (json!("Gang"), Some(json!("7"))));
    assert_eq!(account.members_of(&id(&made)), [one.clone(), two.clone()], "membership does not end by omission");
    let replaced = put(body("Gang", &[&two, &three]));
    assert_eq!(names(&replaced), (json!("Gang"), None), "other attributes do");
    assert_eq!(account.members_of(&id(&made)), [two.clone(), three.clone()]);
    for nobody in [json!([]), Value::Null] {
        put(body("Gang", &[&two]));
        put(json!({ "schemas": [super::GROUP], "displayName": "Gang", "members": nobody }));
        assert_eq!(account.members_of(&id(&made)), Vec::<String>::new(), "{nobody}");
    }
    assert_eq!(replaced["meta"]["created"], made["meta"]["created"]);
}

#[test]
fn a_member_shows_what_it_is_and_no_name() {
    let account = standard();
    let [user] = some_users(&account);
    let inner = id(&account.group("Inner", &[]));
    let sent = json!([{ "value": user, "display": "Ann", "type": "User", "$ref": "https://elsewhere.example/7" }, { "value": inner }]);
    let body = json!({ "schemas": [super::GROUP], "displayName": "Outer", "members": sent });
    let made = account.scim("POST", "/Groups", body).expect(201).json();
    let base = format!("{}/scim/v2", account.base);
    let mut shown = made["members"].as_array().expect("members").clone();
    shown.sort_by_key(|member| member["type"].to_string());
    assert_eq!(
        shown,
        [
            json!({ "value": inner, "$ref": format!("{base}/Groups/{inner}"), "type": "Group" }),
            json!({ "value": user, "$ref": format!("{base}/Users/{user}"), "type": "User" }),
        ]
    );
    for (kind, member) in [("Group", &user), ("User", &inner)] {
        let typed = json!([{ "op": "add", "path": "members", "value": [{ "value": member, "type": kind }] }]);
        account.patch_group(&id(&made), typed).refused(400, &["members.type"]);
    }
}
