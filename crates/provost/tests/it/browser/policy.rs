//! The provisioning policy: presets, previewed changes, requests that are only tried out.

use super::{at, lodging, somebody};
use crate::support::id;
use provost_testkit::Page;
use serde_json::{Value, json};

/// Puts a preset in force, by the screens.
fn choose(page: &Page, preset: &str) {
    page.click("Choose a preset");
    page.click(&format!("Preview {preset}"));
    page.click("Save policy");
    page.see(&format!("Began as preset {preset}"));
}

#[test]
fn s_80_two_accounts_follow_the_presets_that_were_chosen_for_them() {
    let renamed = |before: &str, preset: &str| {
        let (account, page) = lodging(json!(before));
        page.open(&at(&account, "/settings/policy"));
        choose(&page, preset);
        let ann = id(&account.create(json!({ "userName": "ann@example.com" })));
        account.patch(&ann, json!([{ "op": "replace", "path": "userName", "value": "new@example.com" }])).expect(200);
        (account.shown(&ann)["user_name"].clone(), account)
    };
    let (kept, first) = renamed("standard", "dsm");
    let (changed, second) = renamed("dsm", "standard");
    assert_eq!((kept, changed), (json!("ann@example.com"), json!("new@example.com")));
    for (account, preset) in [(&first, "dsm"), (&second, "standard")] {
        let policy = account.api("GET", "/policy", Value::Null).expect(200).json();
        assert_eq!(policy["policy"]["preset"], preset);
    }
}

#[test]
fn s_80_every_field_is_shown_and_a_document_that_does_not_fit_the_schema_is_refused() {
    let (account, page) = lodging(json!("standard"));
    page.open(&at(&account, "/settings/policy"));
    let policy = account.api("GET", "/policy", Value::Null).expect(200).json()["policy"].clone();
    let text = page.text();
    for (section, fields) in policy.as_object().into_iter().flatten() {
        for name in fields.as_object().into_iter().flatten().map(|(name, _)| format!("{section}.{name}")) {
            assert!(text.contains(&name), "{name}");
        }
    }
    page.click("Edit as JSON");
    page.fill("Policy", "{ \"preset\": \"standard\", \"users\": { \"on_delete\": \"explode\" } }");
    page.click("Preview changes");
    page.see("The policy was not changed");
    page.see("explode");
}

#[test]
fn f_8_0_2_beside_the_identifier_stands_not_to_change_addresses() {
    let (account, page) = lodging(json!("dsm"));
    page.open(&at(&account, "/settings/policy"));
    page.see("do not change somebody's e-mail address after provisioning");
    page.click("Edit policy");
    page.part("users.identifier_update").see("do not change somebody's e-mail address after provisioning");
    page.open(&at(&account, "/help/guide"));
    page.see("Do not change e-mail addresses after provisioning");
}

#[test]
fn s_81_exactly_those_who_would_be_removed_are_listed_and_nothing_changes_before_it_is_saved() {
    let (account, page) = lodging(json!("standard"));
    let mut disabled: Vec<String> = (0..7).map(|number| format!("gone{number}@example.com")).collect();
    for name in &disabled {
        account.create(json!({ "userName": name, "active": false }));
    }
    account.create(json!({ "userName": "here@example.com" }));
    page.open(&at(&account, "/settings/policy"));
    page.click("Edit policy");
    page.choose("users.on_deactivate", "remove");
    page.click("Preview changes");
    page.see("7 of 8 users and groups would be affected");
    let rows = page.table("Who would be affected").cells();
    let mut listed: Vec<String> = rows[1..].iter().map(|row| row[0].clone()).collect();
    listed.sort();
    disabled.sort();
    assert_eq!(listed, disabled);
    let version = || account.api("GET", "/policy", Value::Null).expect(200).json()["version"].clone();
    assert_eq!(version(), 1);
    page.click("Save policy");
    page.see("Policy saved as version 2");
    assert_eq!(version(), 2);
}

#[test]
fn s_85_a_pasted_patch_is_foretold_and_the_real_one_gives_the_same() {
    let (account, page) = lodging(json!("dsm"));
    let ann = id(&account.create(json!({ "userName": "ann@example.com" })));
    page.open(&at(&account, "/settings/policy"));
    page.click("Simulator");
    let schemas = json!(["urn:ietf:params:scim:api:messages:2.0:PatchOp"]);
    for (path, value, told, status, also) in [
        ("displayName", json!("Ann"), "It would be refused", 400, "users.unsupported_on_patch"),
        ("active", json!(false), "It would be done", 200, "User disabled"),
    ] {
        let operations = json!([{ "op": "replace", "path": path, "value": value }]);
        page.choose("Method", "PATCH");
        page.fill("Path", &format!("/Users/{ann}"));
        page.fill("Body (optional)", &json!({ "schemas": schemas, "Operations": operations }).to_string());
        let before = account.shown(&ann);
        page.click("Try request");
        page.see(told);
        page.see(&format!("Status {status}"));
        page.see(also);
        page.see("Nothing was changed");
        assert_eq!(account.shown(&ann), before);
        account.patch(&ann, operations).expect(status);
    }
}

#[test]
fn a_version_names_the_person_who_put_it_in_force() {
    let (account, _) = lodging(json!("standard"));
    let page = somebody(&account, "mia@example.com", "ACCOUNTADMINISTRATOR");
    page.open(&at(&account, "/settings/policy"));
    page.click("Edit policy");
    page.choose("users.on_deactivate", "remove");
    page.click("Preview changes");
    page.click("Save policy");
    page.see("Put in force by mia@example.com");
    page.click("History");
    page.row("Version 2").see("mia@example.com");
}
