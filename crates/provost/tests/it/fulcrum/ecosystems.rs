//! Managed and unmanaged users and groups live apart.

use super::{Fulcrum, GROUP, USER, by_hand, fulcrum, group_by_hand, last_entry, member, named, post, read};
use crate::support::{encoded, id, members};
use serde_json::{Value, json};

/// Ids of what a SCIM client is shown under a path.
fn listed(account: &Fulcrum, path: &str) -> Vec<String> {
    let list = account.scim("GET", path, Value::Null).expect(200).json();
    let ids: Vec<String> = list["Resources"].as_array().expect("a list").iter().map(id).collect();
    assert_eq!(list["totalResults"], json!(ids.len()), "{path}");
    ids
}

/// An organisation with users and groups of both kinds: the managed user, the unmanaged one, the managed group, the unmanaged one.
fn both_kinds() -> (Fulcrum, [String; 4]) {
    let account = fulcrum();
    let managed = member(&account, "ann@b.com");
    let unmanaged = id(&by_hand(&account, "xav@b.com", &[]));
    let pushed = id(&account.group("Crew", &[&managed]));
    let internal = group_by_hand(&account, "Friends", &[&managed, &unmanaged]);
    (account, [managed, unmanaged, pushed, internal])
}

#[test]
fn u_63_over_scim_only_the_managed_are_visible() {
    let (account, [user, _, group, _]) = both_kinds();
    for query in ["", "?sortBy=id", "?startIndex=1&count=100", "?filter=id%20pr", "?filter=meta.created%20pr"] {
        assert_eq!(listed(&account, &format!("/Users{query}")), [user.as_str()], "{query}");
        assert_eq!(listed(&account, &format!("/Groups{query}")), [group.as_str()], "{query}");
    }
    let search = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"] });
    for (path, expected) in [
        ("/Users/.search", vec![user.clone()]),
        ("/Groups/.search", vec![group.clone()]),
        ("/.search", vec![user.clone(), group.clone()]),
    ] {
        let list = account.scim("POST", path, search.clone()).expect(200).json();
        let mut ids: Vec<String> = list["Resources"].as_array().expect("a list").iter().map(id).collect();
        let mut expected = expected;
        ids.sort();
        expected.sort();
        assert_eq!((ids, &list["totalResults"]), (expected.clone(), &json!(expected.len())), "{path}");
    }
    assert_eq!(read(&account, "")["counts"]["users"], 3, "the owner, too, is the organisation's own");
    let groups = account.get(&user).expect(200).json()["groups"].clone();
    assert_eq!(groups.as_array().map(Vec::len), Some(1), "of the user's groups the managed one: {groups}");
    assert_eq!(groups[0]["value"], json!(group));
}

#[test]
fn u_63_an_unmanaged_user_is_not_there_to_be_touched() {
    let (account, [_, user, group, _]) = both_kinds();
    let before = account.shown(&user);
    let path = format!("/Users/{user}");
    let unknown = account.get("01890000-0000-7000-8000-000000000000").error(404);
    for answer in [
        account.get(&user),
        account.patch(&user, json!([{ "op": "replace", "path": "active", "value": false }])),
        account.scim("PUT", &path, json!({ "schemas": [USER], "userName": "xav@b.com", "active": false })),
        account.scim("DELETE", &path, Value::Null),
    ] {
        assert_eq!(answer.error(404), unknown, "as if there were no such user");
    }
    let joins = json!([{ "op": "Add", "path": "members", "value": members(&[&user]) }]);
    let nobody =
        json!([{ "op": "Add", "path": "members", "value": members(&["01890000-0000-7000-8000-000000000000"]) }]);
    let told = |answer: Value| {
        answer["detail"].as_str().expect("a detail").replace(&user, "01890000-0000-7000-8000-000000000000")
    };
    let refused = account.patch_group(&group, joins).error(400);
    assert_eq!(refused["scimType"], "invalidValue");
    assert_eq!(told(refused), told(account.patch_group(&group, nobody).error(400)));
    assert_eq!(account.shown(&user), before);
}

#[test]
fn u_64_a_user_made_by_hand_is_unmanaged() {
    let account = fulcrum();
    let user = by_hand(&account, "xav@b.com", &["Manager"]);
    assert_eq!((&user["managed"], &user["origin"]), (&json!(false), &Value::Null));
    let filtered = read(&account, "/users?managed=false")["items"].clone();
    let ids: Vec<String> = filtered.as_array().expect("a list").iter().map(id).collect();
    assert_eq!(ids, [account.owner.clone(), id(&user)]);
    assert_eq!(read(&account, "/users?managed=true")["items"], json!([]));
}

#[test]
fn u_65_the_identity_provider_is_unaware_of_unmanaged_users() {
    let account = fulcrum();
    let user = by_hand(&account, "xav@b.com", &[]);
    for filter in [
        "userName eq \"xav@b.com\"".to_owned(),
        "userName sw \"xav\"".to_owned(),
        format!("id eq \"{}\"", id(&user)),
        "active eq true".to_owned(),
        "not (userName eq \"ann@b.com\")".to_owned(),
    ] {
        let found = account.find(&filter);
        assert_eq!((&found["totalResults"], &found["Resources"]), (&json!(0), &json!([])), "{filter}");
    }
}

#[test]
fn u_66_a_user_made_over_scim_is_managed() {
    let account = fulcrum();
    let user = account.shown(&member(&account, "ann@b.com"));
    assert_eq!(user["managed"], true);
    assert_eq!(user["origin"], json!({ "id": account.app, "name": "SCIM Azure / Entra ID" }));
    let filtered = read(&account, "/users?managed=true")["items"].clone();
    assert_eq!(filtered.as_array().map(Vec::len), Some(1), "{filtered}");
}

#[test]
fn u_68_unmanaged_groups_are_internal() {
    let (account, [user, _, group, internal]) = both_kinds();
    assert_eq!(read(&account, &format!("/groups/{internal}"))["managed"], false);
    let path = format!("/Groups/{internal}");
    for filter in
        ["displayName eq \"Friends\"".to_owned(), "displayName sw \"F\"".to_owned(), format!("id eq \"{internal}\"")]
    {
        assert_eq!(listed(&account, &format!("/Groups?filter={}", encoded(&filter))), Vec::<String>::new(), "{filter}");
    }
    for filter in [format!("members.value eq \"{user}\""), "members pr".to_owned()] {
        assert_eq!(listed(&account, &format!("/Groups?filter={}", encoded(&filter))), [group.as_str()], "{filter}");
    }
    let by_group = encoded(&format!("groups.value eq \"{internal}\""));
    assert_eq!(listed(&account, &format!("/Users?filter={by_group}")), Vec::<String>::new());
    for answer in [
        account.scim("GET", &path, Value::Null),
        account.scim("GET", &format!("{path}?excludedAttributes=members"), Value::Null),
        account.patch_group(&internal, json!([{ "op": "remove", "path": "members" }])),
        account.scim("PUT", &path, json!({ "schemas": [GROUP], "displayName": "X" })),
        account.scim("DELETE", &path, Value::Null),
    ] {
        answer.error(404);
    }
    let left = read(&account, &format!("/groups/{internal}/members"))["items"].clone();
    assert_eq!(left.as_array().map(Vec::len), Some(2), "nothing has changed: {left}");
}

#[test]
fn u_72_a_managed_and_an_unmanaged_user_may_have_the_same_name() {
    let account = fulcrum();
    let unmanaged = by_hand(&account, "xav@b.com", &["Manager"]);
    let managed = id(&post(&account, "xav@b.com", json!([])).expect(201).json());
    assert_ne!(managed, id(&unmanaged));
    assert_eq!(named(&account, "xav@b.com"), 1);
    let both = read(&account, "/users")["items"].clone();
    let same: Vec<&Value> =
        both.as_array().expect("a list").iter().filter(|user| user["email"] == "xav@b.com").collect();
    assert_eq!(same.len(), 2, "{both}");
    assert_eq!(same.iter().filter(|user| user["managed"] == true).count(), 1);

    assert_eq!(post(&account, "xav@b.com", json!([])).error(409)["scimType"], "uniqueness", "but not two managed ones");
    account.patch(&managed, json!([{ "op": "replace", "path": "active", "value": false }])).expect(200);
    assert_eq!(account.shown(&id(&unmanaged)), unmanaged, "what befalls one does not befall the other");
    assert_eq!(last_entry(&account)["target"]["id"], json!(managed));
}
