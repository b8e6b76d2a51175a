//! The audit log, as an administrator reads it.

use super::operator;
use crate::support::{Lodger, id, shared};
use provost_testkit::Page;
use serde_json::{Value, json};

/// An account under `dsm` in which a user was made, changed against the rules, disabled and removed; the page shows its log.
fn log() -> (Lodger, Page) {
    let server = shared();
    let account = server.account(json!("dsm"));
    let user = id(&account.create(json!({ "userName": "ann@a.example" })));
    let unsupported = json!([{ "op": "replace", "path": "displayName", "value": "Ann" }]);
    account.patch(&user, unsupported).expect(400);
    account.patch(&user, json!([{ "op": "replace", "path": "active", "value": false }])).expect(200);
    account.scim("DELETE", &format!("/Users/{user}"), Value::Null).expect(204);
    let page = operator(&server);
    page.open(&format!("/console/accounts/{}/audit", account.id));
    (Lodger { account, server }, page)
}

/// What was done or refused, by whom, to whom: the rows of the list.
fn rows(page: &Page) -> Vec<[String; 3]> {
    let shown = page.cells();
    shown[1..].iter().map(|cells| [cells[1].clone(), cells[2].clone(), cells[3].clone()]).collect()
}

#[test]
fn f_7_0_6_what_was_done_over_scim_is_in_the_audit_log() {
    let (_account, page) = log();
    let rows = rows(&page);
    for action in ["User created ann@a.example", "User deleted ann@a.example"] {
        assert!(rows.iter().any(|row| row[0] == action && row[1] == "SCIM Entra"), "{action} in {rows:?}");
    }
}

#[test]
fn f_7_0_4_a_refused_attribute_is_named_in_the_audit_log() {
    let (_account, page) = log();
    page.choose("Outcome", "Refused");
    page.click("Search");
    let rows = rows(&page);
    assert_eq!(rows.len(), 1, "{rows:?}");
    page.click("Update refused");
    for text in ["displayName", "ann@a.example", "SCIM Entra", "users.unsupported_on_patch"] {
        page.see(text);
    }
}

#[test]
fn f_4_2_11_who_was_disabled_is_found_in_the_audit_log() {
    let (_account, page) = log();
    page.choose("Action", "User disabled");
    page.click("Search");
    let rows = rows(&page);
    assert!(
        matches!(rows.as_slice(), [[what, by, _]] if what == "User disabled ann@a.example" && by == "SCIM Entra"),
        "{rows:?}"
    );
}

#[test]
fn s_71_the_log_is_exported_as_it_is_filtered_and_its_chain_verified() {
    let (_account, page) = log();
    page.choose("Outcome", "Refused");
    page.click("Search");
    let (name, text) = page.downloaded_by("Export CSV");
    assert!(name.ends_with(".csv"), "{name}");
    assert!(text.contains("displayName") && !text.contains("user.create"), "{text}");
    page.click("Verify chain");
    page.see("Chain whole");
}
