//! Forms as people use them: wrong at first, twice, in two tabs, after a long break, with the Back button.

use super::{operator, with_key};
use crate::support::{Account, Lodger, shared};
use provost_testkit::Page;
use serde_json::{Value, json};

/// The form that adds a user, in an account of its own.
fn form() -> (Page, Lodger, String) {
    let server = shared();
    let account = server.account(json!("dsm"));
    let page = operator(&server);
    let path = format!("/console/accounts/{}/users/new", account.id);
    page.open(&path);
    (page, Lodger { account, server }, path)
}

fn users(account: &Account) -> usize {
    account.api("GET", "/users", Value::Null).expect(200).json()["items"].as_array().map_or(0, Vec::len)
}

#[test]
fn s_115_what_was_typed_is_kept_when_it_is_refused_and_each_error_stands_at_its_field() {
    for javascript in [true, false] {
        let (page, account, _) = form();
        if !javascript {
            page.without_javascript();
            page.reload();
        }
        account.api("POST", "/users", json!({ "email": "ann@a.example" })).expect(201);
        page.fill("Email address", "ann@a.example");
        page.click("Add user");
        page.see("The user was not added");
        page.holds("Email address", "ann@a.example");
        page.fill("Email address", "ben@a.example");
        page.click("Add user");
        page.see("User added");
        assert_eq!(users(&account), 2);
    }
}

#[test]
fn a_double_click_adds_one_user_and_the_back_button_adds_none() {
    let (page, account, path) = form();
    page.fill("Email address", "ann@a.example");
    page.double_click("Add user");
    assert_eq!(users(&account), 1);
    page.reload();
    page.back();
    assert_eq!(page.path(), path);
    assert_eq!(users(&account), 1);
}

#[test]
fn a_form_is_kept_for_who_was_signed_out_in_the_middle_of_it() {
    let (page, account, _) = form();
    page.fill("Email address", "ann@a.example");
    page.forget_cookies();
    page.click("Add user");
    page.is_headed("Sign in");
    assert_eq!(users(&account), 0);
    page.fill("Operator's key", &account.operator_key);
    page.click("Sign in");
    page.holds("Email address", "ann@a.example");
    assert_eq!(users(&account), 0, "what was kept is sent by who looks at it again");
    page.click("Add user");
    page.see("User added");
    assert_eq!(users(&account), 1);
}

#[test]
fn a_form_of_a_tab_that_was_left_open_is_shown_again_when_its_session_is_over() {
    let (page, account, _) = form();
    page.fill("Email address", "ann@a.example");
    let other = page.another();
    other.open("/console");
    other.click("Sign out");
    with_key(&other, &account.operator_key);
    other.offers("Sign out");
    page.click("Add user");
    page.holds("Email address", "ann@a.example");
    assert_eq!(users(&account), 0);
    page.click("Add user");
    page.see("User added");
    assert_eq!(users(&account), 1);
}
