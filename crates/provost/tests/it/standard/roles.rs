//! Roles (S-15, S-25 to S-28, S-30, S-31).

use crate::support::{Account, Server, assertive};
use serde_json::{Value, json};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// Roles are granted, by whatever function the identity provider maps them.
fn tolerant() -> Value {
    json!({ "preset": "standard", "roles": { "meaning": "grant" } })
}

fn role(account: &Account, role: Value) -> String {
    let role = account.api("POST", "/roles", role).expect(201).json();
    role["role_id"].as_str().expect("a role has an id").to_owned()
}

fn user(account: &Account) -> String {
    account.create(json!({ "userName": "x@a.example" }))["id"].as_str().expect("a user has an id").to_owned()
}

fn replace(account: &Account, id: &str, roles: &Value) -> crate::support::Answer {
    account.patch(id, json!([{ "op": "replace", "path": "roles", "value": roles }]))
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names
}

/// What Entra's documentation shows for SingleAppRoleAssignment.
fn single() -> Value {
    json!([{ "op": "Add", "path": "roles", "value": [
        { "value": "{\"id\":\"06b07648-ecfe-589f-9d2f-6325724a46ee\",\"value\":\"Admin\",\"displayName\":\"Admin\"}" },
    ] }])
}

/// What it shows for AppRoleAssignmentsComplex.
fn complex() -> Value {
    json!([{ "op": "Add", "path": "roles", "value": [
        { "value": "{\"id\":\"06b07648-ecfe-589f-9d2f-6325724a46ee\",\"value\":\"Admin\",\"displayName\":\"Admin\"}" },
        { "value": "{\"id\":\"06b07648-ecfe-599f-9d2f-6325724a46ee\",\"value\":\"User\",\"displayName\":\"User\"}" },
    ] }])
}

/// What it shows for AssertiveAppRoleAssignmentsComplex.
fn assertive_sample() -> Value {
    json!([{ "op": "replace", "path": "roles", "value": assertive(&["User", "Test"]) }])
}

#[test]
fn s_15_the_three_documented_role_samples_in_tolerant_mode() {
    let server = Server::start();
    for (name, sample, roles) in [
        ("Single", single(), vec!["Admin"]),
        ("Complex", complex(), vec!["Admin", "User"]),
        ("Assertive", assertive_sample(), vec!["Test", "User"]),
    ] {
        let account = server.account(tolerant());
        for name in ["Admin", "User", "Test"] {
            role(&account, json!({ "name": name }));
        }
        let id = user(&account);
        account.patch(&id, sample).expect(200);
        assert_eq!(sorted(account.roles_of(&id)), roles, "{name}");
    }
}

#[test]
fn s_15_strict_dsm_takes_assertive_only() {
    let server = Server::start();
    let account = server.account(json!("dsm"));
    for name in ["Admin", "User", "Test"] {
        role(&account, json!({ "name": name }));
    }
    let id = user(&account);
    let before = account.get(&id).text;
    for (sample, field) in [(single(), "roles.patch"), (complex(), "roles.patch")] {
        let error = account.patch(&id, sample.clone()).error(400);
        let detail = error["detail"].as_str().expect("a detail");
        assert!(detail.contains(field) && detail.contains("AssertiveAppRoleAssignmentsComplex"), "{detail}");
        // The same values as a whole set are still packed.
        let mut replacing = sample;
        replacing[0]["op"] = json!("replace");
        let error = account.patch(&id, replacing).error(400);
        assert!(error["detail"].as_str().is_some_and(|detail| detail.contains("roles.packed_json")), "{error}");
        assert_eq!(account.get(&id).text, before);
    }
    account.patch(&id, assertive_sample()).expect(200);
    assert_eq!(sorted(account.roles_of(&id)), ["Test", "User"]);
}

#[test]
fn s_25_a_system_role_with_a_custom_role_is_refused() {
    let server = Server::start();
    let account = server.account(json!("dsm"));
    let r1 = role(&account, json!({ "name": "R1" }));
    let id = user(&account);
    let before = account.get(&id).text;
    for system in ["ACCOUNTMEMBER", "ACCOUNTADMINISTRATOR", "ACCOUNTAUDITOR"] {
        for set in [assertive(&[system, &r1]), assertive(&[&r1, system])] {
            let error = replace(&account, &id, &set).error(400);
            let detail = error["detail"].as_str().expect("a detail");
            assert!(detail.contains("`Account ") && detail.contains("`R1`"), "{detail}");
            assert_eq!(account.get(&id).text, before);
            assert_eq!(account.roles_of(&id), ["Account Member"]);
        }
    }
    let body = json!({ "schemas": [USER], "userName": "y@a.example", "roles": assertive(&["ACCOUNTMEMBER", &r1]) });
    account.scim("POST", "/Users", body).error(400);
    assert_eq!(account.find(r#"userName eq "y@a.example""#)["totalResults"], json!(0));
}

#[test]
fn s_26_an_exclusive_role_stands_alone() {
    let server = Server::start();
    let account = server.account(json!("dsm"));
    let e1 = role(&account, json!({ "name": "E1", "exclusive": true }));
    let (r1, r2) = (role(&account, json!({ "name": "R1" })), role(&account, json!({ "name": "R2" })));
    let id = user(&account);
    let error = replace(&account, &id, &assertive(&[&e1, &r1])).error(400);
    let detail = error["detail"].as_str().expect("a detail");
    assert!(detail.contains("`E1`") && detail.contains("`R1`"), "{detail}");
    assert_eq!(account.roles_of(&id), ["Account Member"]);
    replace(&account, &id, &assertive(&[&e1])).expect(200);
    assert_eq!(account.roles_of(&id), ["E1"]);
    replace(&account, &id, &assertive(&[&r1, &r2])).expect(200);
    assert_eq!(sorted(account.roles_of(&id)), ["R1", "R2"]);
}

#[test]
fn s_27_a_group_role_is_no_account_role() {
    let server = Server::start();
    let account = server.account(json!("dsm"));
    let group_role = role(&account, json!({ "name": "Custodian", "kind": "group" }));
    let id = user(&account);
    for named in [group_role.as_str(), "Custodian"] {
        let error = replace(&account, &id, &assertive(&[named])).error(400);
        assert!(error["detail"].as_str().is_some_and(|detail| detail.contains("group role")), "{error}");
    }
    account.api("PATCH", &format!("/users/{id}"), json!({ "roles": [group_role] })).expect(400);
    assert_eq!(account.roles_of(&id), ["Account Member"]);
}

#[test]
fn s_28_a_role_of_another_account_is_unknown() {
    let server = Server::start();
    let (a, b) = (server.account(json!("dsm")), server.account(json!("dsm")));
    let of_b = role(&b, json!({ "name": "Secret" }));
    let nowhere = "018f4a3c-0000-7000-8000-000000000000";
    let id = user(&a);
    let answer = |role: &str| replace(&a, &id, &assertive(&[role])).error(400).to_string().replace(role, "ROLE");
    assert_eq!(answer(&of_b), answer(nowhere));
    let local = |role: &str| {
        let answer = a.api("PATCH", &format!("/users/{id}"), json!({ "roles": [role] })).expect(400);
        answer.text.replace(role, "ROLE").replace(answer.header("x-request-id"), "ID")
    };
    assert_eq!(local(&of_b), local(nowhere));
    a.api("GET", &format!("/roles/{of_b}"), Value::Null).expect(404);
    assert_eq!(a.roles_of(&id), ["Account Member"]);
}

#[test]
fn s_30_a_renamed_role_keeps_its_id_and_is_found_by_its_new_name_only() {
    let server = Server::start();
    let account = server.account(tolerant());
    let ops = role(&account, json!({ "name": "Ops" }));
    let id = user(&account);
    let by_display = |name: &str| json!([{ "display": name }]);
    replace(&account, &id, &by_display("Ops")).expect(200);
    account.api("PATCH", &format!("/roles/{ops}"), json!({ "name": "Operations" })).expect(200);
    assert_eq!(account.roles_of(&id), ["Operations"], "who holds it keeps it");

    replace(&account, &id, &json!([{ "value": ops }])).expect(200);
    assert_eq!(account.roles_of(&id), ["Operations"]);
    let unknown = replace(&account, &id, &by_display("Ops")).error(400);
    let never = replace(&account, &id, &by_display("Never")).error(400);
    assert_eq!(unknown.to_string().replace("`Ops`", "ROLE"), never.to_string().replace("`Never`", "ROLE"));
    replace(&account, &id, &by_display("Operations")).expect(200);
    let entry =
        account.audit().into_iter().find(|entry| entry["action"] == "role.update").expect("the rename is audited");
    assert_eq!(entry["changes"], json!([{ "attribute": "name", "old": "Ops", "new": "Operations" }]));
}

#[test]
fn s_31_role_names_are_unique_in_an_account() {
    let server = Server::start();
    let (a, b) = (server.account(json!("dsm")), server.account(json!("dsm")));
    role(&a, json!({ "name": "Ops" }));
    a.api("POST", "/roles", json!({ "name": "Ops" })).expect(409);
    a.api("POST", "/roles", json!({ "name": "Account Member" })).expect(409);
    role(&b, json!({ "name": "Ops" }));
    let other = role(&a, json!({ "name": "Other" }));
    a.api("PATCH", &format!("/roles/{other}"), json!({ "name": "Ops" })).expect(409);
    let names = a.api("GET", "/roles", Value::Null).expect(200).json();
    let names: Vec<&str> =
        names["items"].as_array().expect("a list").iter().filter_map(|role| role["name"].as_str()).collect();
    assert_eq!(names.iter().filter(|name| **name == "Ops").count(), 1, "{names:?}");
}
