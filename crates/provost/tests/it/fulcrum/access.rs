//! What SCIM needs before it is answered: the plan, single sign-on, the API add-on, and the token of a member.

use super::{Fulcrum, OWNER, by_hand, fulcrum, last_entry, member, with_token_of};
use crate::support::id;
use serde_json::{Value, json};

/// Everything is refused, for this reason, while a feature is off; and answered once it is on.
fn without(feature: &str) {
    let account = fulcrum();
    let user = member(&account, "ann@b.com");
    let others: Vec<&str> = ["plan", "sso", "api_addon"].into_iter().filter(|one| *one != feature).collect();
    account.api("PATCH", "", json!({ "features": others })).expect(200);
    let new = json!({ "schemas": [super::USER], "userName": "bob@b.com" });
    for (method, path, body) in [
        ("GET", "/Users".to_owned(), Value::Null),
        ("GET", "/ServiceProviderConfig".to_owned(), Value::Null),
        ("GET", format!("/Users/{user}"), Value::Null),
        ("POST", "/Users".to_owned(), new.clone()),
        ("POST", "/Groups".to_owned(), json!({ "schemas": [super::GROUP], "displayName": "Crew" })),
        ("DELETE", format!("/Users/{user}"), Value::Null),
    ] {
        let error = account.scim(method, &path, body).error(403);
        let detail = error["detail"].as_str().expect("a detail");
        assert!(detail.contains(&format!("`{feature}`")) && detail.contains("requires"), "{method} {path}: {detail}");
        assert!(others.iter().all(|other| !detail.contains(&format!("`{other}`"))), "{method} {path}: {detail}");
    }
    let entry = last_entry(&account);
    assert_eq!((&entry["outcome"], &entry["reason"]["policyField"]), (&json!("failure"), &json!("requires")));
    account.shown(&user);
    account.api("PATCH", "", json!({ "features": ["plan", "sso", "api_addon"] })).expect(200);
    account.scim("POST", "/Users", new).expect(201);
}

#[test]
fn u_14_scim_needs_a_plan_that_includes_it() {
    without("plan");
}

#[test]
fn u_15_scim_needs_single_sign_on() {
    without("sso");
}

#[test]
fn u_16_scim_needs_the_api_add_on() {
    without("api_addon");
}

#[test]
fn u_26_a_token_is_tied_to_the_user_who_made_it() {
    let account = fulcrum();
    let token = account.api("GET", &format!("/admin-apps/{}", account.app), Value::Null).expect(200).json();
    assert_eq!(token["owner"], json!({ "id": account.owner, "name": "owner@b.com", "active": true }));
    member(&account, "ann@b.com");
    let actor = last_entry(&account)["actor"].clone();
    assert_eq!((&actor["name"], &actor["id"]), (&json!("SCIM Azure / Entra ID"), &json!(account.app)), "{actor}");
    assert_eq!(actor["owner"], json!(account.owner), "{actor}");
    let nobodys = account.api("POST", "/admin-apps", json!({ "name": "Another" }));
    nobodys.refused(400, &["owner", "credentials.kind"]);
}

/// Another owner takes the place of the one whose token dies by what this says.
fn after(end: impl Fn(&Fulcrum)) {
    let account = fulcrum();
    let user = member(&account, "ann@b.com");
    let second = id(&by_hand(&account, "second@b.com", &[OWNER]));
    end(&account);
    for (method, path) in [("GET", "/Users".to_owned()), ("DELETE", format!("/Users/{user}"))] {
        let answer = account.scim(method, &path, Value::Null);
        assert_eq!(answer.header("www-authenticate"), "Bearer");
        answer.error(401);
    }
    account.shown(&user);
    let account = with_token_of(&account, &second, "SCIM again");
    assert_eq!(account.get(&user).expect(200).json()["userName"], "ann@b.com");
}

#[test]
fn u_27_a_token_dies_with_its_user() {
    after(|account| drop(account.api("DELETE", &format!("/users/{}", account.owner), Value::Null).expect(204)));
    after(|account| {
        account.api("PATCH", &format!("/users/{}", account.owner), json!({ "active": false })).expect(200);
    });
}
