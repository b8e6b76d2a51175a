//! API tokens of people: made by an owner, shown once, handed over before their owner goes.

use super::{at, lodging, somebody};
use crate::support::{Account, Lodger, id, request, send};
use provost_testkit::Page;
use serde_json::{Value, json};

const OWNER: &str = "owner@example.com";
const DESCRIPTION: &str = "SCIM Azure / Entra ID";

/// An account that takes tokens, with roles of its own, and its operator's page.
fn account() -> (Lodger, Page) {
    let (account, page) = lodging(json!({ "preset": "standard", "credentials": { "kind": "both" } }));
    for (name, permissions) in [("Manager", json!(["GET_USERS", "MANAGE_USERS"])), ("Standard User", json!([]))] {
        account.api("POST", "/roles", json!({ "name": name, "permissions": permissions })).expect(201);
    }
    (account, page)
}

fn status_of(account: &Account, key: &str) -> u16 {
    send(request("GET", &format!("{}/scim/v2/Users?count=1", account.base)).bearer_auth(key)).status
}

#[test]
fn u_19_only_an_owner_opens_the_form_for_a_token() {
    let (account, _) = account();
    for (role, status) in [("Manager", 403), ("Standard User", 403), ("ACCOUNTADMINISTRATOR", 200)] {
        let page = somebody(&account, &format!("{}@example.com", role.replace(' ', ".").to_lowercase()), role);
        assert_eq!(page.open(&at(&account, "/settings/api/new")), status, "{role}");
        page.is_headed(if status == 200 { "New API token" } else { "You may not do this" });
    }
}

#[test]
fn u_20_and_u_21_and_u_22_and_u_23_and_u_24_and_u_25_an_owner_makes_a_token_and_copies_it_once() {
    let (account, _) = account();
    let page = somebody(&account, OWNER, "ACCOUNTADMINISTRATOR");
    page.open(&at(&account, "/settings"));
    page.click("API");
    page.see("No API tokens yet");
    page.click("New API token");
    let form = page.path();
    page.click("Create token");
    assert_eq!(page.path(), form, "nothing is sent without a description");
    page.fill("Description", DESCRIPTION);
    page.click("Create token");
    page.see("API token created");
    page.see("The token is shown once");
    let token = page.copied_by("Copy the API token");
    assert_eq!(status_of(&account, &token), 200);
    page.reload();
    page.lacks(&token);
    let row = page.row(DESCRIPTION);
    row.see(OWNER);
    row.see(&format!("…{}", &token[token.len() - 8..]));
    let heads = page.table("API tokens").cells().swap_remove(0);
    assert!(heads.iter().any(|head| head == "Created"), "{heads:?}");
    let made = account.api("GET", "/audit?action=admin_app.create", Value::Null).expect(200).json();
    assert_eq!(
        (&made["items"][0]["target_name"], &made["items"][0]["actor_owner"]),
        (&json!(DESCRIPTION), &json!(OWNER))
    );
}

#[test]
fn s_69_who_removes_the_owner_of_a_token_is_warned_and_can_hand_it_over() {
    let (account, page) = account();
    let user = |email: &str| {
        id(&account
            .api("POST", "/users", json!({ "email": email, "roles": ["ACCOUNTADMINISTRATOR"] }))
            .expect(201)
            .json())
    };
    let (owner, _) = (user(OWNER), user("heir@example.com"));
    let token = |name: &str| {
        let made = account.api("POST", "/admin-apps", json!({ "name": name, "owner": owner })).expect(201).json();
        made["api_key"].as_str().expect("a new token is shown").to_owned()
    };
    let (kept, lost) = (token("Laptop"), token("Phone"));
    let asking = at(&account, &format!("/users/{owner}/delete"));
    page.open(&asking);
    page.see(&format!("2 tokens end with {OWNER}"));
    page.offers("Hand over Phone");
    page.click("Hand over Laptop");
    page.fill("Owner", "nobody@example.com");
    page.click("Hand over");
    page.see("The token was not handed over");
    page.fill("Owner", "heir@example.com");
    page.click("Hand over");
    page.see("Token handed over");
    page.see("Token of heir@example.com");
    page.open(&asking);
    page.see(&format!("The token Phone ends with {OWNER}"));
    page.fill(&format!("Type {OWNER} to confirm"), OWNER);
    page.click("Delete user");
    page.see("User deleted");
    assert_eq!((status_of(&account, &kept), status_of(&account, &lost)), (200, 401));
}
