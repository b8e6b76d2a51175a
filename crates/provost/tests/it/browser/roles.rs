//! Roles: made and edited, their ids copied, guarded while they are held, tried out as an identity provider asserts them.

use super::{at, lodging, somebody};
use crate::support::{Account, id};
use serde_json::{Value, json};

fn role(account: &Account, name: &str) -> String {
    id(&account.api("POST", "/roles", json!({ "name": name })).expect(201).json())
}

#[test]
fn f_5_6_1_5_and_f_5_6_1_6_a_role_is_created_listed_and_its_role_id_copied() {
    let (account, page) = lodging(json!("dsm"));
    page.open(&at(&account, ""));
    page.click("Roles");
    page.click("Create role");
    page.fill("Name", "Key Custodian");
    page.fill("Description (optional)", "Holds keys");
    page.tick("See users");
    page.tick("Exclusive");
    page.click("Create role");
    page.see("Role created");
    page.is_headed("Key Custodian");
    page.table("Permissions").row("See users").see("Read the users of the account");
    let copied = page.copied_by("Copy the role_id");
    let shown = account.api("GET", &format!("/roles/{copied}"), Value::Null).expect(200).json();
    assert_eq!((&shown["role_id"], &shown["permissions"]), (&json!(copied), &json!(["GET_USERS"])));
    page.open(&at(&account, "/roles"));
    let row = page.row("Key Custodian");
    row.see("Holds keys");
    row.see("Custom role");
    row.see("Alone (exclusive)");
}

#[test]
fn f_5_6_1_1_who_holds_a_custom_role_can_do_what_it_permits_and_no_more() {
    let (account, page) = lodging(json!("standard"));
    let reader = role(&account, "Reader");
    page.open(&at(&account, &format!("/roles/{reader}")));
    page.click("Edit role");
    page.tick("See users");
    page.click("Save role");
    page.see("Role saved");
    let holder = somebody(&account, "reader@example.com", "Reader");
    for (path, status) in
        [("/users", 200), ("/users/new", 403), ("/groups", 403), ("/audit", 403), ("/settings/policy", 403)]
    {
        assert_eq!(holder.open(&at(&account, path)), status, "{path}");
    }
    holder.open(&at(&account, "/users"));
    holder.withholds("Add user");
    holder.click("reader@example.com");
    for act in ["Edit profile", "Edit roles", "Disable", "Delete"] {
        holder.withholds(act);
    }
    page.click("Edit role");
    page.tick("Manage users");
    page.click("Save role");
    holder.open(&at(&account, "/users"));
    holder.offers("Add user");
}

#[test]
fn s_29_a_role_in_use_is_neither_deleted_nor_made_exclusive_and_its_holders_are_listed() {
    let (account, page) = lodging(json!("dsm"));
    let reader = role(&account, "Reader");
    let names = ["ann@example.com", "bob@example.com", "cyd@example.com"];
    for name in names {
        account.api("POST", "/users", json!({ "email": name, "roles": ["Reader"] })).expect(201);
    }
    let place = at(&account, &format!("/roles/{reader}"));
    page.open(&place);
    page.click("Delete");
    page.see("3 users hold this role: it cannot be deleted");
    names.iter().for_each(|name| page.offers(name));
    page.withholds("Delete role");
    page.open(&place);
    page.click("Edit role");
    page.tick("Exclusive");
    page.click("Save role");
    page.see("The role was not changed");
    names.iter().for_each(|name| page.part("Who holds it now").offers(name));
    let shown = account.api("GET", &format!("/roles/{reader}"), Value::Null).expect(200).json();
    assert_eq!(shown["exclusive"], false);
}

#[test]
fn s_34_the_test_box_names_role_and_rule_as_a_dry_run_does() {
    let (account, page) = lodging(json!({ "preset": "standard", "roles": { "meaning": "grant" } }));
    role(&account, "Manager");
    page.open(&at(&account, "/roles"));
    page.click("Mapping");
    for (value, display, gives, rule) in [
        ("x", "Manager", "Manager", "the display name is a role’s name"),
        ("ACCOUNTAUDITOR", "", "Account Auditor", "the value is a system role’s value"),
    ] {
        page.fill("Value (optional)", value);
        page.fill("Display name (optional)", display);
        page.click("Test");
        page.see(&format!("It gives {gives}"));
        page.see(rule);
        let mut element = json!({ "value": value });
        if !display.is_empty() {
            element["display"] = json!(display);
        }
        let told = account.api("POST", "/roles/assertion", json!({ "roles": [element] })).expect(200).json();
        assert_eq!(told["roles"][0]["name"], gives);
    }
}

#[test]
fn u_54_the_names_and_values_of_all_roles_are_offered_for_copying() {
    let (account, page) = lodging(json!("standard"));
    let ids = ["Owner", "Manager", "Standard User", "Field Crew"].map(|name| (name, role(&account, name)));
    for path in ["/roles/mapping", "/help/guide?idp=entra-automatic"] {
        page.open(&at(&account, path));
        for (name, value) in &ids {
            assert_eq!(page.copied_by(&format!("Copy the name {name}")), *name, "{path}");
            assert_eq!(page.copied_by(&format!("Copy the value of {name}")), *value, "{path}");
        }
    }
}
