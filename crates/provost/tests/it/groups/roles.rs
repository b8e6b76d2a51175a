//! Groups that are roles (P-12, `groups.mode: roles`): a custom role for each group, which its members hold.

use super::{GROUP, body, join, leave, read, role, some_users, under};
use crate::support::{Account, id};
use serde_json::{Value, json};

/// The names of the account's own roles, sorted.
fn role_names(account: &Account) -> Vec<String> {
    let roles = read(account, "/roles")["items"].as_array().expect("a list").clone();
    let own = roles.iter().filter(|role| role["system"] == false);
    let mut names: Vec<String> = own.map(|role| role["name"].as_str().expect("a name").to_owned()).collect();
    names.sort();
    names
}

#[test]
fn p_12_each_group_is_a_role_that_its_members_hold() {
    let account = under(json!("snowflake-like"));
    let [one, two] = some_users(&account);
    let crew = id(&account.group("Crew", &[&one]));
    assert_eq!(role_names(&account), ["Crew"]);
    let shown = read(&account, &format!("/roles/{crew}"));
    assert_eq!((&shown["id"], &shown["name"]), (&json!(crew), &json!("Crew")), "the role has the id of the group");
    assert_eq!(
        (account.roles_of(&one), account.roles_of(&two)),
        (vec!["Crew".to_owned()], vec!["Account Member".to_owned()])
    );

    account.patch_group(&crew, join(&[&two])).expect(204);
    account.patch_group(&crew, leave(&one)).expect(204);
    assert_eq!(
        (account.roles_of(&one), account.roles_of(&two)),
        (vec!["Account Member".to_owned()], vec!["Crew".to_owned()])
    );
    let gang = id(&account.group("Gang", &[&two]));
    let mut both = account.roles_of(&two);
    both.sort();
    assert_eq!(both, ["Crew", "Gang"]);

    account.patch_group(&crew, json!([{ "op": "replace", "path": "displayName", "value": "Fleet" }])).expect(204);
    assert_eq!(role_names(&account), ["Fleet", "Gang"], "renamed with its group");
    account.scim("DELETE", &format!("/Groups/{gang}"), Value::Null).expect(204);
    assert_eq!((role_names(&account), account.roles_of(&two)), (vec!["Fleet".to_owned()], vec!["Fleet".to_owned()]));
    account.scim("DELETE", &format!("/Groups/{crew}"), Value::Null).expect(204);
    assert_eq!((role_names(&account), account.roles_of(&two)), (vec![], vec!["Account Member".to_owned()]));
}

#[test]
fn p_12_what_the_role_permits_its_members_may() {
    let account = under(json!("snowflake-like"));
    let [user] = some_users(&account);
    let crew = id(&account.group("Crew", &[&user]));
    account.api("PATCH", &format!("/roles/{crew}"), json!({ "permissions": ["GET_USERS"] })).expect(200);
    let name = account.shown(&user)["email"].clone();
    let asked = account.api("POST", "/sign-in-checks", json!({ "identifier": name })).expect(200).json();
    assert_eq!(asked["permissions"], json!(["GET_USERS"]));
}

#[test]
fn p_12_a_group_is_not_named_as_another_role() {
    let account = under(json!("snowflake-like"));
    role(&account, "Crew", &[]);
    let gang = id(&account.group("Gang", &[]));
    let rename = |name: &str| json!([{ "op": "replace", "path": "displayName", "value": name }]);
    for name in ["Crew", "Account Administrator", "ACCOUNTMEMBER"] {
        account.scim("POST", "/Groups", body(name, &[])).refused(409, &[name, "groups.mode"]);
        account.patch_group(&gang, rename(name)).refused(409, &[name, "groups.mode"]);
        account.scim("PUT", &format!("/Groups/{gang}"), json!({ "schemas": [GROUP], "displayName": name })).error(409);
        account.api("PATCH", &format!("/groups/{gang}"), json!({ "display_name": name })).refused(409, &[name]);
    }
    assert_eq!(role_names(&account), ["Crew", "Gang"]);
    account.api("POST", "/roles", json!({ "name": "Gang" })).expect(409);
}

#[test]
fn p_12_the_role_of_a_group_goes_with_the_group_and_not_before() {
    let account = under(json!("snowflake-like"));
    let [user] = some_users(&account);
    let crew = id(&account.group("Crew", &[&user]));
    let path = format!("/roles/{crew}");
    let renamed = account.api("PATCH", &path, json!({ "name": "Other" })).status;
    let removed = account.api("DELETE", &path, Value::Null).status;
    assert_eq!((renamed, removed, role_names(&account)), (409, 409, vec!["Crew".to_owned()]));
    account.patch_group(&crew, leave(&user)).expect(204);
    account.api("DELETE", &path, Value::Null).refused(409, &["group"]);
}

#[test]
fn p_12_a_group_made_by_hand_is_a_role_too() {
    let account = under(json!("snowflake-like"));
    let [user] = some_users(&account);
    let new = json!({ "display_name": "Crew", "members": [user] });
    let crew = id(&account.api("POST", "/groups", new).expect(201).json());
    assert_eq!((role_names(&account), account.roles_of(&user)), (vec!["Crew".to_owned()], vec!["Crew".to_owned()]));
    account.api("DELETE", &format!("/groups/{crew}"), Value::Null).expect(204);
    assert_eq!((role_names(&account), account.roles_of(&user)), (vec![], vec!["Account Member".to_owned()]));
}
