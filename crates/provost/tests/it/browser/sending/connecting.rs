//! From nothing to an application that is connected.

use super::{added, operator};
use crate::{provisioning::company, support::Lodger};
use provost_testkit::Page;
use serde_json::json;

/// The set-up of an application, chosen to be automatic, with this URL and token typed.
#[track_caller]
fn typed(page: &Page, url: &str, token: &str) {
    page.fill("Tenant URL", url);
    page.fill("Secret token", token);
}

#[test]
fn f_5_2_1_an_application_is_added_to_an_empty_directory_and_has_its_menu() {
    let company: Lodger = company();
    let page = operator(&company.server);
    page.open(&format!("/console/accounts/{}", company.id));
    page.click("Enterprise applications");
    page.see("No enterprise applications yet");
    page.click("New application");
    page.fill("Name", " ");
    page.click("Create");
    page.see("The application was not added");
    page.fill("Name", "Ledger & Line");
    page.click("Create");
    page.is_headed("Ledger & Line");
    for section in
        ["Overview", "Provisioning", "Users and groups", "App roles", "Attribute mapping", "Provision on demand"]
    {
        page.part("Sections").click(section);
        page.is_headed("Ledger & Line");
    }
}

#[test]
fn u_28_the_application_is_opened_from_the_list_and_shows_its_menu() {
    let sending = added();
    let page = &sending.page;
    page.part("Breadcrumb").click("Enterprise applications");
    page.click("DSM");
    page.is_headed("DSM");
    page.part("Sections").offers("Provisioning");
    page.part("Sections").offers("Users and groups");
}

#[test]
fn u_29_the_menu_and_the_tile_lead_to_the_same_page_of_provisioning() {
    let sending = added();
    sending.page.click("Provision User Accounts");
    let by_tile = sending.page.path();
    sending.section("Overview");
    sending.section("Provisioning");
    assert_eq!(sending.page.path(), by_tile);
}

#[test]
fn u_37_the_menu_and_the_tile_lead_to_the_same_list_of_assignments() {
    let sending = added();
    sending.page.click("Assign users and groups");
    let by_tile = sending.page.path();
    sending.section("Overview");
    sending.section("Users and groups");
    assert_eq!(sending.page.path(), by_tile);
}

#[test]
fn f_5_4_1_and_f_5_4_2_and_f_5_4_3_provisioning_is_opened_and_get_started_leads_to_the_connection() {
    let sending = added();
    let page = &sending.page;
    sending.section("Provisioning");
    page.click("Get started");
    page.is_headed("Connect your application");
    page.choose("Provisioning mode", "Automatic");
    page.click("Choose");
    page.fill("Tenant URL", "https://scim.example/scim/v2");
    page.fill("Secret token", "typed in secret");
    let kind = page.evaluate("document.querySelector('[name=secret_token]').type");
    assert_eq!(kind, json!("password"), "the token is masked");
}

#[test]
fn u_30_and_u_31_get_started_offers_the_mode_and_only_automatic_asks_for_credentials() {
    let sending = added();
    let page = &sending.page;
    sending.section("Provisioning");
    page.click("Get started");
    page.holds("Provisioning mode", "Manual");
    page.see("Nothing is sent to the application, and no cycle runs.");
    page.lacks("Secret token");
    page.choose("Provisioning mode", "Automatic");
    page.click("Choose");
    page.see("Secret token");
    page.offers("Test connection");
}

#[test]
fn f_5_4_7_and_f_5_4_8_and_u_34_the_test_of_a_connection_says_what_is_wrong() {
    let sending = added();
    let page = &sending.page;
    sending.open("/provisioning/connect?mode=automatic");
    let url = format!("{}/scim/v2?aadOptscim062020", sending.target.base);
    let nowhere = format!("{}/nowhere", sending.target.base);
    for (url, token, told) in [
        (url.as_str(), "another-string", "Credentials invalid"),
        (&nowhere, &sending.target.key, "Endpoint not found"),
        ("http://127.0.0.1:9/scim/v2", &sending.target.key, "The application cannot be reached"),
        (&url, &sending.target.key, "The connection works"),
    ] {
        typed(page, url, token);
        page.click("Test connection");
        page.see(told);
    }
    page.click("What was asked");
    page.table("What was asked").see("200");
    let key = sending.company.api("GET", &format!("/enterprise-apps/{}", sending.app), json!(null)).expect(200).json();
    assert_eq!(key["tenant_url"], json!(""), "a test stores nothing");
}

#[test]
fn f_5_4_9_and_u_33_and_u_35_create_stores_the_connection_once_its_test_succeeds_and_masks_the_token() {
    let sending = added();
    let page = &sending.page;
    sending.open("/provisioning/connect?mode=automatic");
    let url = format!("{}/scim/v2?aadOptscim062020", sending.target.base);
    typed(page, &url, "another-string");
    page.click("Create");
    page.see("The test of the connection failed");
    page.offers("Create anyway");
    page.fill("Secret token", &sending.target.key);
    page.click("Test connection");
    page.see("The connection works");
    page.click("Create");
    page.see("Provisioning set up");
    page.see("No cycle yet");
    page.reload();
    page.see(&url);
    page.see(&format!("••••{}", &sending.target.key[sending.target.key.len() - 4..]));
    page.lacks(&sending.target.key);
    let stored = sending.api("GET", "", json!(null));
    assert_eq!((&stored["tenant_url"], &stored["started"]), (&json!(url), &json!(false)));
}
