//! Users and the groups that they are in (S-44, S-45, S-52).

use super::{NOBODY, group, some_users, standard, under};
use crate::support::{Account, assertive, encoded, id};
use serde_json::{Value, json};

/// The ids of the groups that a user shows, sorted.
fn groups_of(account: &Account, user: &str) -> Vec<String> {
    let user = account.get(user).expect(200).json();
    let groups = user["groups"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut ids: Vec<String> = groups.iter().map(|group| group["value"].as_str().expect("an id").to_owned()).collect();
    ids.sort();
    ids
}

#[test]
fn s_44_who_comes_back_is_in_no_group() {
    let account = under(json!({ "preset": "standard", "roles": { "meaning": "grant" } }));
    let crew_role = super::role(&account, "Crew Role", &["GET_USERS"]);
    let policy = json!({ "preset": "standard", "roles": { "meaning": "grant" },
                         "groups": { "roles": [{ "group": "Crew", "role": crew_role }] } });
    account.api("PUT", "/policy", policy).expect(200);
    let ann = json!({ "userName": "ann@a.com", "externalId": "7", "roles": assertive(&["ACCOUNTAUDITOR"]) });
    let first = id(&account.create(ann));
    let crew = id(&account.group("Crew", &[&first]));
    assert_eq!(account.roles_of(&first), ["Account Auditor", "Crew Role"]);
    account.scim("DELETE", &format!("/Users/{first}"), Value::Null).expect(204);

    let again = id(&account.create(json!({ "userName": "ann@a.com", "externalId": "7" })));
    assert_ne!(again, first);
    assert_eq!(groups_of(&account, &again), Vec::<String>::new());
    assert_eq!(account.roles_of(&again), ["Account Member"]);
    assert_eq!(account.members_of(&crew), Vec::<String>::new());
    let filter = encoded(&format!("members.value eq \"{first}\""));
    assert_eq!(account.scim("GET", &format!("/Groups?filter={filter}"), Value::Null).json()["totalResults"], 0);
}

#[test]
fn s_45_memberships_survive_being_disabled() {
    let account = standard();
    let [user] = some_users(&account);
    let mut groups = ["G1", "G2"].map(|name| id(&account.group(name, &[&user]))).to_vec();
    groups.sort();
    for active in [false, true] {
        account.patch(&user, json!([{ "op": "replace", "path": "active", "value": active }])).expect(200);
        assert_eq!(groups_of(&account, &user), groups, "active: {active}");
        for group in &groups {
            assert_eq!(account.members_of(group), [user.as_str()], "active: {active}");
        }
    }
}

#[test]
fn s_52_the_groups_of_a_user_are_read_only() {
    let account = standard();
    let [user] = some_users(&account);
    let (crew, gang) = (id(&account.group("Crew", &[&user])), id(&account.group("Gang", &[])));
    let other = json!([{ "value": gang }]);
    for operations in [
        json!([{ "op": "replace", "path": "groups", "value": other }]),
        json!([{ "op": "add", "path": "groups", "value": other }]),
        json!([{ "op": "remove", "path": "groups" }]),
        json!([{ "op": "remove", "path": format!("groups[value eq \"{crew}\"]") }]),
        json!([{ "op": "replace", "path": "title", "value": "T" }, { "op": "replace", "path": "groups", "value": other }]),
    ] {
        let error = account.patch(&user, operations.clone()).refused(400, &["groups"]);
        assert_eq!(error["scimType"], "mutability", "{operations}");
    }
    let shown = account.get(&user).expect(200).json();
    assert_eq!((groups_of(&account, &user), shown.get("title")), (vec![crew.clone()], None));

    let schemas = shown["schemas"].clone();
    let body = json!({ "schemas": schemas, "userName": shown["userName"], "groups": other });
    account.scim("PUT", &format!("/Users/{user}"), body).expect(200);
    assert_eq!(groups_of(&account, &user), [crew], "in a body that replaces the user they are left out");
    let made = account.create(json!({ "userName": "new@a.com", "groups": other }));
    assert_eq!(made.get("groups"), None);
    assert_eq!(account.members_of(&gang), Vec::<String>::new());

    let schema = account.scim("GET", "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User", Value::Null).json();
    let attributes = schema["attributes"].as_array().expect("attributes");
    let groups = attributes.iter().find(|attribute| attribute["name"] == "groups").expect("groups");
    assert_eq!(groups["mutability"], "readOnly");
}

#[test]
fn a_deleted_user_leaves_every_group() {
    let account = standard();
    let [user, other] = some_users(&account);
    let groups = ["G1", "G2"].map(|name| account.group(name, &[&user, &other]));
    let local = json!({ "display_name": "Local", "members": [user] });
    let local = account.api("POST", "/groups", local).expect(201).json();
    account.api("DELETE", &format!("/users/{user}"), Value::Null).expect(204);
    for before in groups {
        let after = group(&account, &id(&before));
        assert_eq!(account.members_of(&id(&before)), [other.as_str()]);
        assert_eq!((&before["meta"]["version"], &after["meta"]["version"]), (&json!("W/\"1\""), &json!("W/\"2\"")));
        let time = |group: &Value| group["meta"]["lastModified"].as_str().map(str::to_owned);
        assert!(time(&after) > time(&before));
    }
    let shown = account.api("GET", &format!("/groups/{}", id(&local)), Value::Null).expect(200).json();
    assert_eq!(shown["version"], 2);
    assert_eq!(account.scim("GET", &format!("/Groups/{NOBODY}"), Value::Null).status, 404);
}
