//! Help: the guides say what the account really has, the questions are answered, and each refusal leads to its remedy.

use super::{at, lodging, operator, with_key};
use crate::support::{SUPPORT, Server, assertive, id, request, send, shared};
use provost_testkit::{Browser, Page};
use serde_json::{Value, json};

/// Where the page leads out of the console.
fn outward(page: &Page) -> Vec<String> {
    let found = page.evaluate("[...document.querySelectorAll('main a[rel=noreferrer]')].map(link => link.href)");
    found.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn leads_to(page: &Page, label: &str, to: &str) {
    page.offers(label);
    let found = outward(page);
    assert!(
        found.iter().any(|href| href.starts_with("https://learn.microsoft.com/") && href.contains(to)),
        "{to}: {found:?}"
    );
}

#[test]
fn f_1_0_1_and_f_1_0_2_and_f_1_0_3_and_f_1_0_5_the_guide_leads_from_the_application_to_switching_on() {
    let (account, page) = lodging(json!("dsm"));
    page.open(&at(&account, "/help"));
    page.click("Microsoft Entra ID");
    page.is_headed("Guide: Microsoft Entra ID");
    for (chapter, says) in [
        ("1. Add the application at the identity provider", vec!["Create your own application", "then Create"]),
        (
            "2. Set up SCIM in this account",
            vec!["choose Add administrative app", "Choose Create", "View API key details"],
        ),
        ("3. Connect the two", vec!["Tenant URL", "Secret Token", "Test connection", "Create"]),
        ("4. Map attributes", vec!["Attribute mapping", "Keep the mappings of this table"]),
        ("5. Provision roles", vec!["Create app role", "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])"]),
        ("6. Groups", vec!["This account takes no groups: disable the provisioning of groups"]),
        ("7. Test with one person, then switch on", vec!["Provision on demand", "Provisioning Status to On"]),
        ("Lifecycle", vec!["Create", "Update", "Disable", "Re-enable", "Delete", "is disabled here", "for good"]),
    ] {
        says.iter().for_each(|text| page.part(chapter).see(text));
    }
}

#[test]
fn f_1_0_4_the_steps_of_the_guide_give_a_key_that_is_usable() {
    let (account, page) = lodging(json!("dsm"));
    page.open(&at(&account, "/help/guide"));
    page.click("Settings, Administrative apps");
    page.click("Add administrative app");
    page.fill("Name", "By the guide");
    assert!(page.is_ticked("API key"));
    page.click("Create");
    let key = page.copied_by("Copy the API key");
    page.click("The whole guide for Microsoft Entra ID");
    let url = page.copied_by("Copy the tenant URL");
    let answer = send(request("GET", &url.replace("/scim/v2?", "/scim/v2/Users?")).bearer_auth(&key));
    assert_eq!(answer.expect(200).json()["totalResults"], 0);
}

#[test]
fn f_1_0_6_and_f_1_0_7_and_s_112_a_guide_prints_the_accounts_own_address_attributes_and_roles() {
    let (account, page) = lodging(json!("dsm"));
    let custodian = id(&account.api("POST", "/roles", json!({ "name": "Key Custodian" })).expect(201).json());
    for (idp, label, url, own_words) in [
        ("entra", "Microsoft Entra ID", "/scim/v2?aadOptscim062020", "Connect your application"),
        ("entra-automatic", "Microsoft Entra ID, mode Automatic", "/scim/v2?aadOptscim062020", "Admin Credentials"),
        ("okta", "Okta", "/scim/v2", "SCIM connector base URL"),
        ("onelogin", "OneLogin", "/scim/v2", "SCIM Bearer Token"),
        ("other", "Other SCIM client", "/scim/v2", "Often called base URL"),
    ] {
        page.open(&at(&account, &format!("/help/guide?idp={idp}")));
        page.holds("Identity provider", label);
        page.see(own_words);
        assert_eq!(page.copied_by("Copy the tenant URL"), format!("{}{url}", account.base), "{idp}");
        let rows = page.table("Attributes to keep").cells();
        let names: Vec<&str> = rows[1..].iter().map(|row| row[0].as_str()).collect();
        assert_eq!(names, ["userName", "active", "externalId", "roles"], "{idp}");
        let values = page.table("Roles and their values");
        for (role, value) in [
            ("Account Administrator", "ACCOUNTADMINISTRATOR"),
            ("Account Member", "ACCOUNTMEMBER"),
            ("Account Auditor", "ACCOUNTAUDITOR"),
            ("Key Custodian", custodian.as_str()),
        ] {
            assert_eq!(values.copied_by(&format!("Copy the value of {role}")), value, "{idp}");
        }
        page.part("5. Provision roles").see("In this account");
        page.part("5. Provision roles").see("At the identity provider");
    }
    let (open, page) = lodging(json!("standard"));
    page.open(&at(&open, "/help/guide"));
    page.part("6. Groups").see("This account takes groups");
    page.see("This account’s policy takes every standard attribute");
}

#[test]
fn f_3_1_1_and_u_1_the_guide_shows_the_five_parts_and_which_provider_is_in_no_gallery() {
    let (account, page) = lodging(json!("dsm"));
    page.open(&at(&account, "/help/guide"));
    let shown = page.part("How it fits together").text();
    let parts = ["Identity provider", "Its SCIM client", "SCIM endpoints", "Admin app", "This account"];
    let places: Vec<usize> = parts.iter().map(|part| shown.find(part).expect(part)).collect();
    assert!(places.is_sorted(), "{shown}");
    assert!(shown.contains("All calls go this way"), "{shown}");
    page.table("Identity providers").row("Microsoft Entra ID").see("Manual, not in gallery");
    page.see("Create your own application");
}

#[test]
fn f_4_2_12_and_f_5_6_2_24_and_f_7_0_7_the_guide_links_to_what_microsoft_tells() {
    let (account, page) = lodging(json!("dsm"));
    page.open(&at(&account, "/help/guide"));
    leads_to(
        &page,
        "managing the assignment of users and groups to an application",
        "assign-user-or-group-access-portal",
    );
    leads_to(&page, "restoring or permanently removing a deleted user", "users-restore");
    leads_to(&page, "tutorial on customising attribute mappings", "customize-application-attributes");
    leads_to(&page, "what Entra’s provisioning logs are", "concept-provisioning-logs");
}

#[test]
fn f_5_6_4_the_checklist_shows_which_half_is_missing_and_the_default_role_applies() {
    let (account, page) = lodging(json!("dsm"));
    page.open(&at(&account, "/help/guide"));
    let standing = |what: &str, state: &str| page.table("Both sides").row(what).see(state);
    standing("An administrative app with a key", "Done");
    standing("Tenant URL and secret token are entered", "Missing");
    let ann = id(&account.create(json!({ "userName": "ann@example.com" })));
    page.reload();
    standing("Tenant URL and secret token are entered", "Done");
    standing("One person is provisioned", "Done");
    standing("App roles are made, assigned and mapped", "Missing Until then everybody is Account Member");
    assert_eq!(account.roles_of(&ann), ["Account Member"]);
    account
        .patch(&ann, json!([{ "op": "replace", "path": "roles", "value": assertive(&["ACCOUNTAUDITOR"]) }]))
        .expect(200);
    page.reload();
    standing("App roles are made, assigned and mapped", "Done");
}

#[test]
fn f_9_0_4_and_f_9_0_7_and_f_9_0_8_and_f_9_0_9_and_f_9_0_10_and_f_9_0_11_and_f_9_0_12_questions_are_answered() {
    let page = Browser::shared().page(&shared().base);
    page.open("/console/help");
    for (question, answers) in [
        (
            "How does SCIM differ from SAML and OAuth?",
            vec!["lifecycle of identities", "authentication", "authorisation", "complement each other"],
        ),
        (
            "Do I need SCIM when I have SAML?",
            vec!["SCIM keeps the data of users current", "SAML gives them secure access", "together"],
        ),
        ("How does SCIM differ from LDAP?", vec!["querying a directory", "RESTful", "across domains"]),
        ("When do I use SCIM instead of LDAP?", vec!["automated provisioning into cloud services", "look people up"]),
        (
            "Why SCIM and not the vendor’s own API?",
            vec!["a standard and easier to integrate", "custom work for each integration"],
        ),
        ("Is SCIM all that identity management needs?", vec!["It is one component, user provisioning"]),
        (
            "May one identity provider provision and another one sign people in?",
            vec!["It is possible, and not commonly recommended", "identifiers must match", "raises complexity"],
        ),
    ] {
        page.lacks(answers[0]);
        page.click(question);
        answers.iter().for_each(|answer| page.see(answer));
        page.click(question);
    }
}

#[test]
fn s_75_a_refusal_leads_to_its_cause_and_remedy_and_every_remedy_has_a_page() {
    let (account, page) = lodging(json!("dsm"));
    let ann = id(&account.create(json!({ "userName": "ann@example.com" })));
    account.patch(&ann, json!([{ "op": "replace", "path": "displayName", "value": "Ann" }])).expect(400);
    page.open(&at(&account, &format!("/users/{ann}")));
    page.see("Update refused");
    page.click("What can cause this: The account’s policy refuses it");
    page.is_headed("The account’s policy refuses it");
    page.see("What to do.");
    page.click("All questions and refusals");
    let found = page.evaluate(
        "[...document.querySelectorAll('main a[href^=\"/problems/\"]')].map(link => link.getAttribute('href'))",
    );
    let links: Vec<&str> = found.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    assert!(links.len() > 20, "{links:?}");
    for link in links {
        assert_eq!(page.open(link), 200, "{link}");
        page.see("Why.");
        page.see("What to do.");
    }
}

#[test]
fn u_3_and_u_80_the_support_address_stands_on_help_guides_settings_and_error_pages() {
    let (account, page) = lodging(json!("dsm"));
    for path in [
        "/console/help".to_owned(),
        "/problems/policy".to_owned(),
        "/problems/401".to_owned(),
        at(&account, "/help"),
        at(&account, "/help/guide"),
        at(&account, "/settings/admin-apps"),
        at(&account, "/settings/api"),
        at(&account, &format!("/settings/admin-apps/{}", account.app)),
        at(&account, "/users/00000000-0000-4000-8000-000000000000"),
    ] {
        page.open(&path);
        page.offers(SUPPORT);
    }
}

#[test]
fn s_110_one_command_serves_the_set_up_can_be_completed_and_the_api_lists_every_route() {
    let server = Server::start();
    let page = operator(&server);
    page.click("Add account");
    page.fill("Name", "Acme");
    page.click("Add account");
    page.see("Account added");
    page.click("Add administrative app");
    page.fill("Name", "SCIM Entra");
    page.click("Create");
    let key = page.copied_by("Copy the API key");
    let scim = |method: &str, path: &str| request(method, &format!("{}/scim/v2{path}", server.base)).bearer_auth(&key);
    send(scim("GET", "/Users?count=1")).expect(200);
    let ann = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ann@example.com" });
    send(scim("POST", "/Users").header("content-type", "application/scim+json").body(ann.to_string())).expect(201);
    page.see("Set-up complete");
    let reference = send(request("GET", &format!("{}/api/v1/openapi.json", server.base))).expect(200).json();
    let listed = reference["paths"].as_object().map_or(0, serde_json::Map::len);
    assert!(listed > 80, "{listed} paths");
    for schema in ["User", "Group", "ServiceProviderConfig"] {
        let all = send(scim("GET", "/Schemas")).expect(200).json().to_string();
        assert!(all.contains(schema), "{schema}");
    }
    page.open("/console");
    page.click("Sign out");
    with_key(&page, &server.operator_key);
    page.offers("Sign out");
}
