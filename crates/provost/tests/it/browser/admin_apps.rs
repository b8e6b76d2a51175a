//! Administrative apps: made by the steps of the guide, set up by a client's calls, watched, rotated, revoked.

use super::{at, lodging, somebody};
use crate::support::{Account, Lodger, id, request, send};
use provost_testkit::Page;
use serde_json::{Value, json};

fn place(account: &Account, rest: &str) -> String {
    at(account, &format!("/settings/admin-apps{rest}"))
}

/// The status with which a key is answered.
fn status_of(account: &Account, key: &str) -> u16 {
    send(request("GET", &format!("{}/scim/v2/Users?count=1", account.base)).bearer_auth(key)).status
}

fn audited(account: &Account, action: &str) -> Value {
    account.api("GET", &format!("/audit?action={action}"), Value::Null).expect(200).json()["items"][0].clone()
}

/// An account that takes keys and tokens, and its list of administrative apps.
fn apps() -> (Lodger, Page) {
    let (account, page) = lodging(json!({ "preset": "dsm", "credentials": { "kind": "both" } }));
    page.open(&at(&account, ""));
    page.click("Settings");
    page.is_headed("Settings");
    (account, page)
}

/// Makes an app by the form; its key, from the clipboard.
fn added(page: &Page, name: &str) -> String {
    page.click("Add administrative app");
    page.fill("Name", name);
    page.click("Create");
    page.see("The key is shown once");
    page.copied_by("Copy the API key")
}

#[test]
fn f_5_3_1_and_f_5_3_2_and_f_5_3_4_the_settings_list_the_apps_and_the_form_begins_with_an_api_key() {
    let (_account, page) = apps();
    page.offers("Administrative apps");
    page.row("SCIM Entra").see("Never");
    page.click("Add administrative app");
    page.is_headed("Add administrative app");
    assert!(page.is_ticked("API key") && !page.is_ticked("User token"));
}

#[test]
fn f_5_3_3_an_app_has_a_name_of_its_own() {
    let (account, page) = apps();
    page.click("Add administrative app");
    let form = page.path();
    page.click("Create");
    assert_eq!(page.path(), form, "nothing is sent without a name");
    page.fill("Name", "SCIM Entra");
    page.click("Create");
    page.see("The administrative app was not added");
    page.see("An admin app named SCIM Entra exists");
    page.holds("Name", "SCIM Entra");
    page.fill("Name", "Halden");
    page.click("Create");
    page.is_headed("Halden");
    let apps = account.api("GET", "/admin-apps", Value::Null).expect(200).json();
    assert_eq!(apps["items"].as_array().map(Vec::len), Some(2));
}

#[test]
fn f_3_1_13_and_f_5_3_5_and_f_5_3_7_create_lists_the_app_and_the_copied_key_answers() {
    let (account, page) = apps();
    let key = added(&page, "Halden");
    assert_eq!(status_of(&account, &key), 200);
    assert_eq!(audited(&account, "admin_app.create")["target_name"], "Halden");
    page.reload();
    page.lacks(&key);
    page.open(&place(&account, ""));
    page.row("Halden").see("Current");
}

#[test]
fn f_5_3_6_who_looks_at_the_details_of_a_key_is_recorded() {
    let (account, page) = apps();
    let key = added(&page, "Halden");
    page.open(&place(&account, ""));
    page.click("Halden");
    page.click("View API key details");
    page.see("API key details");
    page.see(&key[key.len() - 8..]);
    page.lacks(&key);
    let entry = audited(&account, "admin_app.view_key");
    assert_eq!((&entry["target_name"], &entry["actor"]["name"]), (&json!("Halden"), &json!("operator")));
}

#[test]
fn f_3_1_14_the_page_of_an_app_shows_what_the_identity_provider_is_given() {
    let (account, page) = apps();
    page.click("SCIM Entra");
    assert_eq!(page.copied_by("Copy the tenant URL"), format!("{}/scim/v2?aadOptscim062020", account.base));
    page.see(&account.key[account.key.len() - 8..]);
    page.choose("Identity provider", "Okta");
    page.click("Show guide");
    assert_eq!(page.copied_by("Copy the tenant URL"), format!("{}/scim/v2", account.base));
}

#[test]
fn f_3_1_15_the_page_of_an_app_shows_its_last_contact_what_it_did_and_its_requests() {
    let (account, page) = lodging(json!("standard"));
    let user = id(&account.create(json!({ "userName": "ann@example.com" })));
    account.create(json!({ "userName": "bob@example.com" }));
    account.patch(&user, json!([{ "op": "replace", "path": "displayName", "value": "Ann" }])).expect(200);
    account.patch(&user, json!([{ "op": "replace", "path": "active", "value": false }])).expect(200);
    account.patch(&user, json!([{ "op": "replace", "path": "active", "value": "perhaps" }])).expect(400);
    page.open(&place(&account, &format!("/{}", account.app)));
    for text in ["Last contact", "from 127.0.0.1", "Created 2 in 30 days", "Updated 1 in 30 days"] {
        page.see(text);
    }
    page.see("Disabled 1 or removed, in 30 days");
    page.see("Failed 1 in 30 days");
    page.part("Recent requests").see("400");
    page.click("Users managed");
    page.row("bob@example.com").see("Active");
    page.click("Requests");
    page.see("POST /Users");
}

#[test]
fn s_57_a_key_is_rotated_with_an_overlap_whose_end_is_shown() {
    let (account, page) = lodging(json!("standard"));
    page.open(&place(&account, &format!("/{}", account.app)));
    page.click("Rotate key");
    page.holds("The old key", "One day");
    page.choose("The old key", "One hour");
    page.click("Rotate key");
    page.see("Key rotated");
    let new = page.copied_by("Copy the API key");
    assert_eq!((status_of(&account, &account.key), status_of(&account, &new)), (200, 200), "both, for an hour");
    let rows = page.table("Keys, newest first").cells();
    let old = rows.iter().find(|row| row[1] == "Replaced, still taken").expect("the old key is listed");
    assert!(old[4].contains(':') && old[2].ends_with(&account.key[account.key.len() - 8..]), "{old:?}");
    page.click("Rotate key");
    page.choose("The old key", "Refuse it at once");
    page.click("Rotate key");
    page.see("Key rotated");
    let newest = page.copied_by("Copy the API key");
    assert_eq!((status_of(&account, &new), status_of(&account, &newest)), (401, 200));
}

#[test]
fn s_58_a_revoked_key_is_refused_by_the_next_call() {
    let (account, page) = lodging(json!("standard"));
    assert_eq!(status_of(&account, &account.key), 200);
    page.open(&place(&account, &format!("/{}/key", account.app)));
    page.click("Revoke key");
    page.see("Revoke the key of SCIM Entra?");
    assert_eq!(status_of(&account, &account.key), 200, "nothing is done before it is confirmed");
    page.click("Revoke key");
    page.see("Key revoked");
    assert_eq!(status_of(&account, &account.key), 401);
    page.see("No key");
}

#[test]
fn s_60_a_key_shows_its_end_and_when_from_where_and_by_what_it_was_used_last() {
    let (account, page) = lodging(json!("standard"));
    let key = place(&account, &format!("/{}/key", account.app));
    page.open(&key);
    let row = |page: &Page| page.table("Keys, newest first").cells().swap_remove(1);
    let fresh = row(&page);
    assert!(fresh[2].ends_with(&account.key[account.key.len() - 8..]) && fresh[5] == "Never used", "{fresh:?}");
    account.scim_with("GET", "/Users?count=1", &[("user-agent", "Entra/7.1")], Value::Null).expect(200);
    page.open(&key);
    let used = row(&page);
    assert!(["127.0.0.1", "Entra/7.1"].iter().all(|part| used[5].contains(part)), "{used:?}");
    page.open(&place(&account, ""));
    page.row("SCIM Entra").lacks("Never");
}

#[test]
fn s_59_a_key_near_its_end_is_told_of_on_its_page_and_in_the_list() {
    let (account, page) = lodging(json!("standard"));
    for (days, is_near) in [("40", false), ("7", true)] {
        page.open(&place(&account, &format!("/{}/key/rotate", account.app)));
        page.fill("The new key expires in days (optional)", days);
        page.click("Rotate key");
        for seen in [place(&account, &format!("/{}", account.app)), place(&account, "")] {
            page.open(&seen);
            if is_near {
                page.see("The key of SCIM Entra expires in 7 days");
            } else {
                page.lacks("The key of SCIM Entra expires");
            }
        }
    }
}

#[test]
fn s_114_the_steps_of_the_set_up_turn_green_with_what_a_client_does() {
    let (account, page) = apps();
    let key = added(&page, "Halden");
    let halden = account.with_key(&key);
    let step = |name: &str, state: &str| page.row(name).see(state);
    step("Make the key", "Done");
    step("Connect the identity provider", "Waiting for the first request");
    step("Provision one user", "Not started");
    assert_eq!(status_of(&account, &key), 200);
    step("Connect the identity provider", "Done");
    step("Provision one user", "Waiting for the first user");
    let nameless = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "no mail" });
    halden.scim("POST", "/Users", nameless).expect(400);
    step("Provision one user", "Create refused");
    page.row("Provision one user").offers("Open provisioning policy");
    halden.create(json!({ "userName": "ann@example.com" }));
    step("Provision one user", "The first was ann@example.com");
    page.see("Set-up complete");
}

#[test]
fn f_5_1_1_only_who_may_sees_and_adds_administrative_apps() {
    let (account, _) = lodging(json!("standard"));
    let role = json!({ "name": "Desk", "permissions": ["GET_USERS"] });
    account.api("POST", "/roles", role).expect(201);
    for (role, sees, adds) in [
        ("ACCOUNTMEMBER", 403, 403),
        ("Desk", 403, 403),
        ("ACCOUNTAUDITOR", 200, 403),
        ("ACCOUNTADMINISTRATOR", 200, 200),
    ] {
        let page = somebody(&account, &format!("{}@example.com", role.to_lowercase()), role);
        assert_eq!(page.open(&place(&account, "/new")), adds, "{role}");
        assert_eq!(page.open(&place(&account, "")), sees, "{role}");
        match (sees, adds) {
            (200, 200) => page.offers("Add administrative app"),
            (200, _) => page.withholds("Add administrative app"),
            (..) => {
                page.is_headed("You may not do this");
                page.withholds("Settings");
            }
        }
    }
}
