//! Map roles: an app role finds the organisation's role of the same name.

use super::{Fulcrum, OWNER, USER, app_role, by_hand, fulcrum, last_entry, member, post, read, under};
use crate::support::{id, request, send};
use serde_json::{Value, json};

/// One way of mapping roles at the identity provider: its name, the role in a POST, and the operations of an update.
type Expression = (&'static str, fn(&str) -> Value, fn(&str) -> Value);

/// An app role packed into text.
fn packed(name: &str) -> Value {
    let role = json!({ "id": "06b07648-ecfe-589f-9d2f-6325724a46ee", "value": name, "displayName": name });
    json!([{ "op": "Add", "path": "roles", "value": [{ "value": role.to_string() }] }])
}

fn primary(name: &str) -> Value {
    json!([{ "primary": true, "type": "WindowsAzureActiveDirectoryRole", "value": name }])
}

fn complex(name: &str) -> Value {
    json!([{ "primary": false, "type": "WindowsAzureActiveDirectoryRole", "displayName": name, "value": "v" }])
}

fn assertive(name: &str) -> Value {
    json!([app_role("v", name)])
}

const EXPRESSIONS: [Expression; 5] = [
    (
        "AssertiveAppRoleAssignmentsComplex",
        assertive,
        |name| json!([{ "op": "replace", "path": "roles", "value": assertive(name) }]),
    ),
    ("the same without a path", assertive, |name| json!([{ "op": "replace", "value": { "roles": assertive(name) } }])),
    ("AppRoleAssignmentsComplex", complex, packed),
    ("SingleAppRoleAssignment", primary, packed),
    (
        "SingleAppRoleAssignment, by path",
        primary,
        |name| json!([{ "op": "Replace", "path": "roles[primary eq \"True\"].value", "value": name }]),
    ),
];

#[test]
fn u_13_a_member_has_the_role_that_is_assigned_at_the_identity_provider() {
    let account = fulcrum();
    for (number, (name, new, _)) in EXPRESSIONS.into_iter().enumerate() {
        let user = id(&post(&account, &format!("{number}@b.com"), new("Manager")).expect(201).json());
        assert_eq!(account.roles_of(&user), ["Manager"], "{name}");
    }
}

#[test]
fn u_43_a_member_gets_the_role_that_is_assigned_later() {
    let account = fulcrum();
    for (number, (name, new, update)) in EXPRESSIONS.into_iter().enumerate() {
        let user = member(&account, &format!("{number}@b.com"));
        assert_eq!(account.roles_of(&user), ["Account Member"], "{name}");
        let answer = account.patch(&user, update("Manager")).expect(200).json();
        assert_eq!(account.roles_of(&user), ["Manager"], "{name}");
        assert_eq!(answer["roles"].as_array().map(Vec::len), Some(1), "{name}: {answer}");

        let other = id(&post(&account, &format!("other{number}@b.com"), new("Manager")).expect(201).json());
        for role in ["Field Crew", "Manager"] {
            account.patch(&other, update(role)).expect(200);
            assert_eq!(account.roles_of(&other), [role], "{name}: it takes the place of the one before");
        }
    }
}

#[test]
fn u_43_another_expression_in_the_mapping_goes_on_where_the_one_before_left() {
    let account = fulcrum();
    for (before, new, _) in EXPRESSIONS {
        for (after, _, update) in EXPRESSIONS {
            let user = id(&post(&account, "ann@b.com", new("Manager")).expect(201).json());
            let answer = account.patch(&user, update("Field Crew"));
            assert_eq!(answer.status, 200, "from {before} to {after}: {}", answer.text);
            assert_eq!(account.roles_of(&user), ["Field Crew"], "from {before} to {after}");
            account.scim("DELETE", &format!("/Users/{user}"), Value::Null).expect(204);
        }
    }
}

#[test]
fn u_57_the_display_name_decides_whatever_the_value_says() {
    let account = fulcrum();
    let manager = read(&account, "/roles")["items"]
        .as_array()
        .expect("roles")
        .iter()
        .find(|role| role["name"] == "Manager")
        .map(id);
    let manager = manager.expect("the role Manager");
    for (number, value) in ["fc", "Manager", "ACCOUNTAUDITOR", "", &manager].into_iter().enumerate() {
        let name = format!("{number}@b.com");
        let user = id(&post(&account, &name, json!([app_role(value, "Field Crew")])).expect(201).json());
        assert_eq!(account.roles_of(&user), ["Field Crew"], "{value}");
    }
}

#[test]
fn u_58_an_app_role_without_a_role_of_its_name_gives_the_default_role() {
    let account = fulcrum();
    for (number, display) in ["Ghost", "field crew", "FieldCrew", " Field Crew"].into_iter().enumerate() {
        let name = format!("{number}@b.com");
        let user = id(&post(&account, &name, json!([app_role("Manager", display)])).expect(201).json());
        assert_eq!(account.roles_of(&user), ["Account Member"], "{display}");
        let entry = last_entry(&account);
        assert_eq!((&entry["action"], &entry["severity"]), (&json!("user.create"), &json!("WARNING")), "{display}");
        let warnings = entry["warnings"].to_string();
        assert!(warnings.contains("roles.unknown") && warnings.contains(display), "{warnings}");
    }
    let user = id(&post(&account, "x@b.com", json!([app_role("m", "Manager")])).expect(201).json());
    account.patch(&user, json!([{ "op": "replace", "path": "roles", "value": [app_role("g", "Ghost")] }])).expect(200);
    assert_eq!(account.roles_of(&user), ["Account Member"], "an update falls back, too");
}

/// The roles that the organisation marks as default.
fn default_roles(account: &Fulcrum) -> Vec<String> {
    let roles = read(account, "/roles")["items"].as_array().expect("a list").clone();
    let default = roles.into_iter().filter(|role| role["default"] == true);
    default.map(|role| role["name"].as_str().expect("a name").to_owned()).collect()
}

#[test]
fn u_59_exactly_one_role_is_the_default_and_an_owner_can_change_it() {
    let account = fulcrum();
    assert_eq!(default_roles(&account), ["Account Member"]);
    let before = member(&account, "before@b.com");

    let scopes = json!({ "name": "Console", "owner": account.owner, "scopes": ["api"] });
    let token = account.api("POST", "/admin-apps", scopes).expect(201).json();
    let roles = read(&account, "/roles")["items"].clone();
    let standard =
        roles.as_array().expect("a list").iter().find(|role| role["name"] == "Standard User").expect("a role");
    let policy = json!({ "preset": "fulcrum", "roles": { "default": standard["id"] } });
    let url = format!("{}/api/v1/accounts/{}/policy", account.base, account.id);
    let put = request("PUT", &url).bearer_auth(token["api_key"].as_str().expect("a key")).json(&policy);
    send(put).expect(200);

    assert_eq!(default_roles(&account), ["Standard User"]);
    let after = member(&account, "after@b.com");
    let ghost = id(&post(&account, "ghost@b.com", json!([app_role("g", "Ghost")])).expect(201).json());
    for (user, role) in [(before, "Account Member"), (after, "Standard User"), (ghost, "Standard User")] {
        assert_eq!(account.roles_of(&user), [role]);
    }
}

#[test]
fn u_60_two_different_roles_are_refused() {
    let account = fulcrum();
    let both = json!([app_role("m", "Manager"), app_role("s", "Standard User")]);
    let words = ["`Manager`", "`Standard User`", "roles.cardinality"];
    let error = post(&account, "ann@b.com", both.clone()).refused(400, &words);
    assert_eq!(error["scimType"], "invalidValue");
    assert_eq!(super::named(&account, "ann@b.com"), 0);

    let user = id(&post(&account, "ann@b.com", json!([app_role("fc", "Field Crew")])).expect(201).json());
    let before = account.get(&user).expect(200).json();
    let path = format!("/Users/{user}");
    let put = json!({ "schemas": [USER], "userName": "ann@b.com", "roles": both });
    let operations = json!([{ "op": "replace", "path": "name.givenName", "value": "A" },
                            { "op": "replace", "path": "roles", "value": both }]);
    for answer in [account.patch(&user, operations), account.scim("PUT", &path, put)] {
        answer.refused(400, &words);
        assert_eq!(account.get(&user).expect(200).json(), before, "nothing has changed");
        let entry = last_entry(&account);
        assert_eq!((&entry["outcome"], &entry["target"]["id"]), (&json!("failure"), &json!(user)));
    }
    assert_eq!(account.roles_of(&user), ["Field Crew"]);
}

#[test]
fn u_60_an_unknown_role_beside_a_known_one_is_two_roles() {
    let account = fulcrum();
    let both = json!([app_role("m", "Manager"), app_role("g", "Ghost")]);
    post(&account, "ann@b.com", both).refused(400, &["`Manager`", "`Account Member`"]);
}

#[test]
fn u_62_the_same_role_through_two_groups_is_no_conflict() {
    let account = fulcrum();
    let twice = json!([app_role("m", "Manager"), app_role("m2", "Manager")]);
    let user = id(&post(&account, "ann@b.com", twice.clone()).expect(201).json());
    assert_eq!(account.roles_of(&user), ["Manager"]);
    account.patch(&user, json!([{ "op": "replace", "path": "roles", "value": twice }])).expect(200);
    assert_eq!(account.roles_of(&user), ["Manager"]);
}

#[test]
fn s_33_a_protected_owner_is_neither_made_nor_unmade_over_scim() {
    let account = under(json!({ "preset": "fulcrum", "roles": { "protected": [OWNER] } }));
    let owner = json!([app_role("o", "Account Administrator")]);
    let refused = ["`Account Administrator`", "roles.protected"];
    post(&account, "ann@b.com", owner.clone()).refused(400, &refused);

    let user = member(&account, "ann@b.com");
    account.patch(&user, json!([{ "op": "replace", "path": "roles", "value": owner }])).refused(400, &refused);
    assert_eq!(account.roles_of(&user), ["Account Member"]);

    account.api("PATCH", &format!("/users/{user}"), json!({ "roles": [OWNER] })).expect(200);
    let path = format!("/Users/{user}");
    let demote = json!([{ "op": "replace", "path": "roles", "value": [app_role("m", "Manager")] }]);
    for answer in [
        account.patch(&user, demote),
        account.patch(&user, json!([{ "op": "remove", "path": "roles" }])),
        account.patch(&user, json!([{ "op": "Replace", "path": "active", "value": "False" }])),
        account.scim("DELETE", &path, Value::Null),
    ] {
        answer.refused(400, &refused);
        assert_eq!(account.roles_of(&user), ["Account Administrator"]);
    }
    account.patch(&user, json!([{ "op": "replace", "path": "name.givenName", "value": "Ann" }])).expect(200);
    assert_eq!(account.roles_of(&user), ["Account Administrator"], "another attribute is no reason either");
    by_hand(&account, "second@b.com", &[OWNER]);
    account.api("PATCH", &format!("/users/{user}"), json!({ "roles": ["Manager"] })).expect(200);
    assert_eq!(account.roles_of(&user), ["Manager"], "an administrator can");
}
