//! Signing in and out, and what a session ends with.

use super::{PASSWORD, Stage, operator, stage, with_key, with_password};
use crate::support::Server;
use provost_testkit::Browser;
use serde_json::json;

#[test]
fn s_67_nobody_sees_a_screen_without_signing_in_and_comes_to_it_afterwards() {
    let stage = Stage::shared();
    let page = Browser::shared().page(&stage.server.base);
    let users = stage.path("/console/accounts/{account}/users");
    page.open(&users);
    with_password(&page, stage::ADMINISTRATOR, PASSWORD);
    page.offers("Sign out");
    assert_eq!(page.path(), users);
    page.click("Sign out");
    page.is_headed("Sign in");
    page.open(&users);
    page.is_headed("Sign in");
    page.back();
    page.is_headed("Sign in");
}

#[test]
fn s_67_a_wrong_key_is_refused_and_told() {
    let server = Server::start();
    let page = Browser::shared().page(&server.base);
    page.open("/console");
    with_key(&page, "prv_operator_wrong");
    assert_eq!(page.status(), 403);
    page.see("You are not signed in");
    page.withholds("Sign out");
    page.fill("Operator's key", &server.operator_key);
    page.click("Sign in");
    page.offers("Sign out");
}

#[test]
fn s_67_the_session_is_out_of_reach_of_scripts_and_of_other_sites() {
    let stage = Stage::shared();
    let page = operator(&stage.server);
    let cookies = page.cookies();
    assert!(cookies.iter().any(|cookie| cookie["name"] == "provost"), "{cookies:?}");
    for cookie in &cookies {
        assert_eq!(cookie["httpOnly"], json!(true), "{cookie}");
        assert!(["Lax", "Strict"].iter().any(|site| cookie["sameSite"] == *site), "{cookie}");
    }
    assert_eq!(page.evaluate("document.cookie"), "");
}

#[test]
fn s_67_a_form_of_another_site_is_refused() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    let page = operator(&server);
    let action = format!("{}/console/accounts/{}/users", server.base, account.id);
    page.open_foreign(&format!(
        "<form method=post action='{action}'><input name=email value='mallory@evil.example'><button>Win a prize</button></form>"
    ));
    page.click("Win a prize");
    assert_eq!(page.status() / 100, 4, "{}", page.text());
    assert_eq!(account.find("userName eq \"mallory@evil.example\"")["totalResults"], json!(0));
}

#[test]
fn s_67_signing_in_and_out_needs_no_javascript() {
    let stage = Stage::shared();
    let page = Browser::shared().page(&stage.server.base);
    page.without_javascript();
    page.open("/console");
    with_password(&page, stage::ADMINISTRATOR, PASSWORD);
    page.click("Sign out");
    page.is_headed("Sign in");
}
