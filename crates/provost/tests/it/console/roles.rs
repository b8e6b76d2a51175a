//! Roles: the list, one role's page, what is done there, and the mapping with its test.

use super::{Page, Visitor};
use crate::support::{Account, id, shared};
use serde_json::{Value, json};

fn role(account: &Account, name: &str, exclusive: bool) -> String {
    id(&account.api("POST", "/roles", json!({ "name": name, "exclusive": exclusive })).expect(201).json())
}

/// The address of the place of roles.
fn place(account: &Account) -> String {
    format!("/console/accounts/{}/roles", account.id)
}

#[test]
fn f_5_6_1_5_f_5_6_1_6_a_role_is_created_listed_and_its_role_id_copied() {
    let server = shared();
    let account = server.account(json!("dsm"));
    let visitor = Visitor::operator(&server);
    let place = place(&account);
    let list = visitor.open(&place).expect(200);
    list.says("Account Administrator System role Alone (exclusive) All").says("Account Member Default System role");
    let form = visitor.open(&list.link("Create role")).expect(200);
    form.says("Manage users Add, change, disable and delete users");
    let again = visitor.send(&form, &place, &[("name", "Account Member"), ("description", "Keeps it")]).expect(409);
    again.says("The role was not created").says("A role named Account Member exists");
    assert!(again.html.contains("Keeps it"), "what was typed stays");
    let typed = [
        ("name", "Key <Custodian>"),
        ("description", "Holds keys"),
        ("permissions", "GET_USERS"),
        ("exclusive", "yes"),
    ];
    let page = visitor.send(&again, &place, &typed).expect(200);
    page.says("Role created").says("Key <Custodian>").says("Holds keys").says("Alone (exclusive)");
    page.says("See users Read the users of the account");
    let role = page.at.rsplit('/').next().unwrap().to_owned();
    let shown = account.api("GET", &format!("/roles/{role}"), Value::Null).expect(200).json();
    assert_eq!((&shown["role_id"], &shown["permissions"]), (&json!(role), &json!(["GET_USERS"])));
    page.says(&format!("role_id {role}"));
    assert!(page.html.contains(&format!("data-copy=\"{role}\"")), "the button copies the role_id");
    visitor.open(&place).expect(200).says("Key <Custodian> Holds keys Custom role Alone (exclusive) 1 0");
}

#[test]
fn f_5_6_1_1_permissions_of_a_role_are_changed() {
    let server = shared();
    let account = server.account(json!("dsm"));
    let role = role(&account, "Reader", false);
    let visitor = Visitor::operator(&server);
    let place = format!("{}/{role}", place(&account));
    let form = visitor.open(&format!("{place}/edit")).expect(200);
    let saved = visitor.send(&form, &format!("{place}/edit"), &[("permissions", "GET_AUDIT_LOG")]).expect(200);
    saved.says("Role saved").says("Read the audit log");
    let shown = account.api("GET", &format!("/roles/{role}"), Value::Null).expect(200).json();
    assert_eq!(shown["permissions"], json!(["GET_AUDIT_LOG"]));
    let system = visitor.open(&format!("/console/accounts/{}/roles/ACCOUNTMEMBER", account.id)).expect(200);
    system.says("Value ACCOUNTMEMBER").does_not_say("Edit role");
}

#[test]
fn s_29_a_role_in_use_is_not_deleted_nor_made_exclusive_and_its_holders_are_shown() {
    let server = shared();
    let account = server.account(json!("dsm"));
    let role = role(&account, "Reader", false);
    let names = ["ann@example.com", "bob@example.com", "cyd@example.com"];
    let users = names.map(|name| {
        id(&account.api("POST", "/users", json!({ "email": name, "roles": ["Reader"] })).expect(201).json())
    });
    let visitor = Visitor::operator(&server);
    let place = format!("{}/{role}", place(&account));
    let all = |page: &Page| names.iter().for_each(|name| drop(page.says(name)));
    let page = visitor.open(&place).expect(200);
    page.says("Holders 3");
    all(&page);
    let listed = visitor.open(&page.link("All of them in the list of users")).expect(200);
    all(&listed);
    let form = visitor.open(&format!("{place}/edit")).expect(200);
    let refused = visitor.send(&form, &format!("{place}/edit"), &[("exclusive", "yes")]).expect(409);
    refused.says("The role was not changed").says("it cannot become exclusive").says("Who holds it now");
    all(&refused);
    let ask = visitor.open(&format!("{place}/delete")).expect(200);
    ask.says("3 users hold this role: it cannot be deleted").says("Who would lose it");
    all(&ask);
    for user in &users {
        account.api("PATCH", &format!("/users/{user}"), json!({ "roles": [] })).expect(200);
    }
    let ask = visitor.open(&format!("{place}/delete")).expect(200);
    let typed = [("typed", "Reader")];
    visitor.send(&ask, &format!("{place}/delete"), &typed).expect(200).says("Role deleted").does_not_say("Reader");
    account.api("GET", &format!("/roles/{role}"), Value::Null).expect(404);
}

/// What a user would hold, by a SCIM request that is only tried.
fn dry_run(account: &Account, element: &Value) -> Value {
    let body = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "dry@example.com", "roles": [element] });
    account.api("POST", "/simulations", json!({ "method": "POST", "path": "/Users", "body": body })).expect(200).json()
}

/// The roles of an audit entry.
fn roles_of(simulated: &Value) -> Value {
    let changes = simulated["entries"][0]["changes"].as_array().cloned().unwrap_or_default();
    let change = changes.into_iter().find(|change| change["attribute"] == json!("account roles"));
    change.map_or(Value::Null, |change| change["new"].clone())
}

#[test]
fn s_34_the_test_box_names_role_and_rule_as_a_dry_run_does() {
    let server = shared();
    for (preset, value, display, says, rule) in [
        ("standard", "x", "Manager", "It gives Manager", "the display name is a role’s name"),
        ("standard", "ACCOUNTAUDITOR", "", "It gives Account Auditor", "the value is a system role’s value"),
        ("dsm", "ROLE", "", "It gives Manager", "the value is a role_id"),
        ("dsm", "User", "User", "It gives Account Member", "It counts as no role"),
        ("dsm", "nobody", "Nobody", "It would be refused", "Role nobody does not exist in this account"),
        ("fulcrum", "x", "Manager", "It gives Manager", "the display name is a role’s name"),
        ("fulcrum", "x", "Nobody", "It gives", "the default role takes its place"),
    ] {
        let account = server.account(json!({ "preset": preset, "requires": [] }));
        let manager = role(&account, "Manager", false);
        let value = if value == "ROLE" { manager.as_str() } else { value };
        let asked = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("value", value)
            .append_pair("display", display)
            .finish();
        let page = Visitor::operator(&server).open(&format!("{}/mapping?{asked}", place(&account))).expect(200);
        page.says(says).says(rule);

        let mut element = json!({ "value": value });
        if !display.is_empty() {
            element["display"] = json!(display);
        }
        let told = account.api("POST", "/roles/assertion", json!({ "roles": [element] })).expect(200).json();
        let simulated = dry_run(&account, &element);
        match told["refused"].is_null() {
            true => {
                let ids: Vec<Value> = told["roles"].as_array().unwrap().iter().map(|role| role["id"].clone()).collect();
                assert_eq!(roles_of(&simulated), json!(ids), "{preset} {element}: {simulated}");
            }
            false => assert_eq!(simulated["status"], json!(400), "{preset} {element}"),
        }
    }
}
