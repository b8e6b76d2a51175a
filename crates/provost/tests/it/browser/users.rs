//! The screens of users, as their administrator uses them.

use super::operator;
use crate::support::{Account, Lodger, id, shared};
use provost_testkit::Page;
use serde_json::{Value, json};

/// An account under `dsm` with one user of an identity provider and one made by hand; the page shows its users.
fn two_users() -> (Lodger, Page, String) {
    let server = shared();
    let account = server.account(json!("dsm"));
    let managed = id(&account.create(json!({ "userName": "scim@a.example", "externalId": "x-1" })));
    account.api("POST", "/users", json!({ "email": "manual@a.example", "roles": ["ACCOUNTAUDITOR"] })).expect(201);
    let page = operator(&server);
    page.open(&path(&account, ""));
    (Lodger { account, server }, page, managed)
}

fn path(account: &Account, rest: &str) -> String {
    format!("/console/accounts/{}/users{rest}", account.id)
}

#[test]
fn f_4_0_6_users_are_listed_with_state_and_role_and_who_is_managed_is_marked() {
    let (_account, page, _) = two_users();
    for (name, shown) in [
        ("scim@a.example", ["Pending verification", "Managed SCIM Entra", "Account Member"]),
        ("manual@a.example", ["Pending verification", "Local", "Account Auditor"]),
    ] {
        for text in shown {
            page.row(name).see(text);
        }
    }
    page.row("manual@a.example").lacks("Managed");
}

#[test]
fn u_67_the_list_is_filtered_by_who_manages() {
    let (_account, page, _) = two_users();
    for (choice, seen, unseen) in [
        ("An identity provider", "scim@a.example", "manual@a.example"),
        ("Nobody (local)", "manual@a.example", "scim@a.example"),
    ] {
        page.choose("Managed by", choice);
        page.click("Search");
        page.offers(seen);
        page.withholds(unseen);
        page.holds("Managed by", choice);
    }
}

#[test]
fn f_4_1_21_a_user_is_there_as_soon_as_it_was_provisioned() {
    let (account, page, _) = two_users();
    account.create(json!({ "userName": "new@a.example" }));
    page.withholds("new@a.example");
    page.reload();
    page.row("new@a.example").see("Pending verification");
}

#[test]
fn s_40_users_are_found_by_name_and_state_and_exported() {
    let (account, page, managed) = two_users();
    account.patch(&managed, json!([{ "op": "replace", "path": "active", "value": false }])).expect(200);
    page.fill("Search users", "sci");
    page.choose("State", "Disabled");
    page.click("Search");
    page.row("scim@a.example").see("Disabled");
    page.withholds("manual@a.example");
    page.fill("Search users", "nobody");
    page.click("Search");
    page.see("No user matches");
    page.click("Clear filters");
    page.offers("manual@a.example");
    let (name, text) = page.downloaded_by("Export CSV");
    assert_eq!(name, "users.csv");
    assert!(["scim@a.example", "manual@a.example"].iter().all(|user| text.contains(user)), "{text}");
}

#[test]
fn s_39_a_user_shows_where_it_comes_from() {
    let (account, page, managed) = two_users();
    page.click("scim@a.example");
    assert_eq!(page.path(), path(&account, &format!("/{managed}")));
    for text in ["Managed SCIM Entra", "External id x-1", "SCIM Entra overwrites when it next sends it", "User created"]
    {
        page.see(text);
    }
}

#[test]
fn s_115_a_user_is_deleted_only_by_who_types_its_name() {
    let (account, page, _) = two_users();
    page.click("manual@a.example");
    page.click("Delete");
    page.see("Delete manual@a.example?");
    page.fill("Type manual@a.example to confirm", "somebody else");
    page.click("Delete user");
    assert_eq!(count(&account), 2);
    page.fill("Type manual@a.example to confirm", "manual@a.example");
    page.click("Delete user");
    page.withholds("manual@a.example");
    assert_eq!(count(&account), 1);
}

fn count(account: &Account) -> usize {
    account.api("GET", "/users", Value::Null).expect(200).json()["items"].as_array().map_or(0, Vec::len)
}
