//! The overview: what it shows is what a direct count gives.

use super::{Stage, administrator, at, lodging};
use crate::support::id;
use serde_json::{Value, json};

#[test]
fn s_76_last_contact_users_by_state_success_rate_and_failures_are_those_of_the_data() {
    let (account, page) = lodging(json!("standard"));
    page.open(&at(&account, ""));
    page.table("Last contact").row("SCIM Entra").see("Never");
    for name in ["ann@example.com", "bob@example.com", "cyd@example.com", "dan@example.com"] {
        account.create(json!({ "userName": name }));
    }
    let ann = account.find("userName eq \"ann@example.com\"");
    let ann = id(&ann["Resources"][0]);
    account.patch(&ann, json!([{ "op": "replace", "path": "active", "value": false }])).expect(200);
    account.patch(&ann, json!([{ "op": "replace", "path": "active", "value": "perhaps" }])).expect(400);
    page.reload();
    let contact = page.table("Last contact").row("SCIM Entra");
    contact.see("127.0.0.1");
    contact.lacks("Never");
    let states = page.part("Users by state");
    states.see("Enabled 3");
    states.see("Disabled 1");
    let counts = account.api("GET", "", Value::Null).expect(200).json()["counts"].clone();
    assert_eq!((&counts["users"], &counts["active_users"]), (&json!(4), &json!(3)));
    page.see("Users 4 4 managed");
    let activity = account.api("GET", "/activity?hours=24", Value::Null).expect(200).json();
    let (done, failed) = (activity["succeeded"].as_f64().unwrap_or(0.0), activity["failed"].as_f64().unwrap_or(0.0));
    assert!(done >= 5.0 && failed >= 1.0, "{activity}");
    page.see(&format!("Success rate {:.1} % of {} operations", done / (done + failed) * 100.0, done + failed));
    page.see("Failures to act on 1 in 1 cause");
    page.table("Failures to act on").row("ann@example.com").see("Update refused");
    page.part("Users by state").click("Disabled");
    page.offers("ann@example.com");
    page.withholds("bob@example.com");
}

#[test]
fn s_76_a_failure_leaves_the_list_when_the_change_succeeds() {
    let (account, page) = lodging(json!("standard"));
    let ann = id(&account.create(json!({ "userName": "ann@example.com" })));
    account.patch(&ann, json!([{ "op": "replace", "path": "active", "value": "perhaps" }])).expect(400);
    page.open(&at(&account, ""));
    page.see("Failures to act on 1");
    account.patch(&ann, json!([{ "op": "replace", "path": "active", "value": false }])).expect(200);
    page.reload();
    page.see("Nothing failed that did not succeed since");
}

#[test]
fn s_77_the_overview_begins_with_an_identity_provider_that_has_gone_silent() {
    let stage = Stage::shared();
    let page = administrator(&stage);
    page.open(&stage.path("/console/accounts/{account}"));
    page.see("An identity provider has gone silent Admin app Okta contractors has not asked for 24 hours");
    page.click("Open the app");
    page.is_headed("Okta contractors");
}
