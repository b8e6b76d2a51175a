//! The members of a group hold a role (S-54, `groups.roles`).

use super::{body, group, join, leave, role, some_users, under};
use crate::support::{Account, Lodger, assertive, id};
use serde_json::{Value, json};

/// An account in which the members of Crew are Manager and those of Gang are Auditing, under this rule for several roles.
fn mapped(cardinality: &str, on_conflict: &str) -> Lodger {
    let account = under(json!("standard"));
    let manager = role(&account, "Manager", &["MANAGE_USERS", "GET_GROUPS"]);
    let auditing = role(&account, "Auditing", &["GET_AUDIT_LOG"]);
    let policy = json!({
        "preset": "standard",
        "roles": { "meaning": "grant", "cardinality": cardinality, "on_conflict": on_conflict },
        "groups": { "roles": [{ "group": "Crew", "role": manager }, { "group": "Gang", "role": auditing }] },
    });
    account.api("PUT", "/policy", policy).expect(200);
    account
}

/// The user's roles and the group that gives each, as `Manager via Crew`, sorted.
fn roles(account: &Account, user: &str) -> Vec<String> {
    let shown = account.shown(user);
    let text = |role: &Value| match role["via"]["name"].as_str() {
        Some(group) => format!("{} via {group}", role["name"].as_str().expect("a name")),
        None => role["name"].as_str().expect("a name").to_owned(),
    };
    let mut roles: Vec<String> = shown["roles"].as_array().expect("a list").iter().map(text).collect();
    roles.sort();
    roles
}

/// What the application behind the account lets the user do.
fn permissions(account: &Account, user: &str) -> Value {
    let name = account.shown(user)["email"].clone();
    let asked = account.api("POST", "/sign-in-checks", json!({ "identifier": name })).expect(200).json();
    assert_eq!(asked["allowed"], true, "{asked}");
    asked["permissions"].clone()
}

#[test]
fn s_54_who_joins_holds_the_role_and_who_leaves_does_not() {
    let account = mapped("single", "error");
    let [user, other] = some_users(&account);
    let crew = id(&account.group("CREW", &[&other]));
    assert_eq!(roles(&account, &user), ["Account Member"]);
    assert_eq!(permissions(&account, &user), json!([]));
    account.patch_group(&crew, join(&[&user])).expect(200);
    assert_eq!(roles(&account, &user), ["Manager via CREW"]);
    assert_eq!(permissions(&account, &user), json!(["GET_USERS", "MANAGE_USERS", "GET_GROUPS"]));
    account.patch_group(&crew, leave(&user)).expect(200);
    assert_eq!(roles(&account, &user), ["Account Member"]);
    assert_eq!(permissions(&account, &user), json!([]));

    account.patch_group(&crew, join(&[&user])).expect(200);
    account.patch_group(&crew, json!([{ "op": "replace", "path": "displayName", "value": "Team" }])).expect(200);
    assert_eq!(roles(&account, &user), ["Account Member"], "it is the name that is mapped");
    account.patch_group(&crew, json!([{ "op": "replace", "path": "displayName", "value": "Crew" }])).expect(200);
    assert_eq!(roles(&account, &user), ["Manager via Crew"]);
    account.scim("DELETE", &format!("/Groups/{crew}"), Value::Null).expect(204);
    assert_eq!(roles(&account, &user), ["Account Member"]);
    assert_eq!(roles(&account, &other), ["Account Member"]);
}

#[test]
fn s_54_two_roles_under_single_are_a_conflict() {
    let account = mapped("single", "error");
    let [user, other] = some_users(&account);
    account.group("Crew", &[&user]);
    let gang = id(&account.group("Gang", &[]));
    let words = [user.as_str(), "`Manager`", "`Auditing`", "roles.cardinality"];
    let before = group(&account, &gang);
    for answer in [
        account.patch_group(&gang, join(&[&other, &user])),
        account.patch_group(&gang, json!([{ "op": "replace", "path": "members", "value": [{ "value": user }] }])),
        account.scim("PUT", &format!("/Groups/{gang}"), body("Gang", &[&user])),
        account.api("PATCH", &format!("/groups/{gang}"), json!({ "add_members": [user] })),
    ] {
        answer.refused(400, &words);
        assert_eq!(group(&account, &gang), before, "nobody has joined");
        assert_eq!(roles(&account, &user), ["Manager via Crew"]);
    }
    account.patch_group(&gang, join(&[&other])).expect(200);
    assert_eq!(roles(&account, &other), ["Auditing via Gang"]);
}

#[test]
fn s_54_where_a_conflict_comes_about_later_the_role_that_permits_most_counts() {
    let account = mapped("single", "error");
    let [user] = some_users(&account);
    account.group("Crew", &[&user]);
    let team = id(&account.group("Team", &[&user]));
    let rename = json!([{ "op": "replace", "path": "displayName", "value": "Gang" }]);
    account.patch_group(&team, rename).expect(200);
    assert_eq!(roles(&account, &user), ["Manager via Crew"]);
    account.api("PATCH", &format!("/groups/{team}"), json!({ "display_name": "Team" })).expect(200);
    assert_eq!(roles(&account, &user), ["Manager via Crew"]);
}

#[test]
fn s_54_the_highest_of_two_roles_may_be_taken() {
    let account = mapped("single", "highest");
    let [user] = some_users(&account);
    let gang = id(&account.group("Gang", &[&user]));
    assert_eq!(roles(&account, &user), ["Auditing via Gang"]);
    let crew = id(&account.group("Crew", &[&user]));
    assert_eq!(roles(&account, &user), ["Manager via Crew"], "it permits more");
    account.patch_group(&crew, leave(&user)).expect(200);
    assert_eq!(roles(&account, &user), ["Auditing via Gang"]);
    account.scim("DELETE", &format!("/Groups/{gang}"), Value::Null).expect(204);
    assert_eq!(roles(&account, &user), ["Account Member"]);
}

#[test]
fn s_54_where_many_roles_are_held_those_of_groups_are_added() {
    let account = mapped("many", "error");
    let user = json!({ "userName": "ann@a.com", "roles": assertive(&["ACCOUNTAUDITOR"]) });
    let user = id(&account.create(user));
    let crew = id(&account.group("Crew", &[&user]));
    account.group("Gang", &[&user]);
    assert_eq!(roles(&account, &user), ["Account Auditor", "Auditing via Gang", "Manager via Crew"]);
    account.patch(&user, json!([{ "op": "remove", "path": "roles" }])).expect(200);
    assert_eq!(roles(&account, &user), ["Auditing via Gang", "Manager via Crew"]);
    account.scim("DELETE", &format!("/Groups/{crew}"), Value::Null).expect(204);
    assert_eq!(roles(&account, &user), ["Auditing via Gang"]);
}

#[test]
fn s_54_a_mapping_names_a_role_that_is_there() {
    let account = mapped("single", "error");
    let policy =
        |role: &str| json!({ "preset": "standard", "groups": { "roles": [{ "group": "Crew", "role": role }] } });
    account.api("PUT", "/policy", policy(super::NOBODY)).refused(400, &["groups.roles"]);
    let listed = super::read(&account, "/roles")["items"].clone();
    let manager = listed.as_array().expect("a list").iter().find(|role| role["name"] == "Manager").map(id);
    let path = format!("/roles/{}", manager.expect("the role"));
    account.api("DELETE", &path, Value::Null).refused(409, &["groups.roles"]);
}
