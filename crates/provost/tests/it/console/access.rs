//! Signing in to the console, and what ends a session (S-35, S-67, F-2.0-6).

mod door;
mod factors;
mod links;
mod provider;
mod rules;
mod screens;
mod secrets;

use super::Browser;
use crate::support::{Account, Answer, Server, id, pause};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A password that nobody guesses.
pub const PASSWORD: &str = "four words nobody says";

/// Makes a user by hand that may sign in; its id.
pub fn user(account: &Account, email: &str, role: &str) -> String {
    let made = account.api("POST", "/users", json!({ "email": email, "roles": [role] })).expect(201).json();
    let id = id(&made);
    account.api("PATCH", &format!("/users/{id}"), json!({ "verified": true })).expect(200);
    id
}

/// The path of a link to set a password that only the operator is shown.
#[track_caller]
pub fn link(account: &Account, user: &str) -> String {
    let made =
        account.api("POST", &format!("/users/{user}/invitations"), json!({ "show_link": true })).expect(202).json();
    let link = made["link"].as_str().expect("the operator is shown the link");
    link.strip_prefix(&account.base).unwrap_or_else(|| panic!("{link} leads elsewhere")).to_owned()
}

/// Sets a password by a link.
#[track_caller]
pub fn set_password(browser: &Browser, link: &str, password: &str) -> Answer {
    browser.submit(link, link, &[("password", password), ("again", password)])
}

/// Makes a user with a password; its id.
#[track_caller]
pub fn person(server: &Server, account: &Account, email: &str, role: &str) -> String {
    let id = user(account, email, role);
    set_password(&Browser::new(server), &link(account, &id), PASSWORD).expect(303);
    id
}

/// A browser in which somebody is signed in.
#[track_caller]
pub fn signed_in(server: &Server, account: &Account, email: &str) -> Browser {
    let browser = Browser::new(server);
    let answer = browser.sign_in(&account.id, email, PASSWORD).expect(303);
    assert_eq!(answer.header("location"), "/console");
    assert!(browser.is_in());
    browser
}

/// The sessions of a user, as the management API lists them.
pub fn sessions(account: &Account, user: &str) -> Vec<Value> {
    let listed = account.api("GET", &format!("/users/{user}/sessions"), Value::Null).expect(200).json();
    listed["items"].as_array().expect("a list").clone()
}

/// The newest entry of an action, once it is there.
pub fn entry(account: &Account, action: &str, outcome: &str) -> Value {
    loop {
        let entries = account.audit();
        match entries.into_iter().find(|entry| entry["action"] == action && entry["outcome"] == outcome) {
            Some(entry) => return entry,
            None => pause(),
        }
    }
}

#[test]
fn somebody_signs_in_by_password_and_out() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    let ann = person(&server, &account, "ann@acme.example", "ACCOUNTADMINISTRATOR");
    let browser = signed_in(&server, &account, "ANN@acme.example");
    let found = sessions(&account, &ann);
    assert_eq!(
        (found.len(), &found[0]["factors"], &found[0]["client_ip"]),
        (1, &json!(["password"]), &json!("127.0.0.1"))
    );
    let entry = entry(&account, "user.sign_in", "success");
    assert_eq!((&entry["actor"]["type"], &entry["actor"]["name"]), (&json!("person"), &json!("person")));
    assert_eq!((&entry["actor"]["owner"], &entry["actor"]["key"]), (&json!(ann), &found[0]["id"]));
    assert_eq!((&entry["actor_owner"], &entry["target"]["id"]), (&json!("ann@acme.example"), &json!(ann)));

    let page = browser.get("/console/sign-in?next=/console/you");
    assert_eq!((page.status, page.header("location")), (303, "/console/you"), "nobody signs in twice");
    let before = browser.cookie("provost").expect("a cookie");
    let out = browser.submit("/console/you", "/console/sign-out", &[]).expect(303);
    assert_eq!(out.header("location"), "/console/sign-in?notice=signed-out");
    assert!(browser.cookie("provost").is_none() && sessions(&account, &ann).is_empty());
    browser.plant("provost", &before);
    assert!(!browser.is_in(), "the session has ended, whatever a browser keeps");
    assert_eq!(account.audit()[0]["action"], "user.sign_out");
}

#[test]
fn an_account_is_found_by_name_by_id_and_where_it_is_the_only_one() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    person(&server, &account, "ann@acme.example", "ACCOUNTMEMBER");
    for name in ["", "Acme", " aCME ", &account.id] {
        Browser::new(&server).sign_in(name, "ann@acme.example", PASSWORD).expect(303);
    }
    let other = server.account(json!("standard"));
    person(&server, &other, "ann@acme.example", "ACCOUNTMEMBER");
    server.api("PATCH", &format!("/accounts/{}", other.id), json!({ "name": "Other" })).expect(200);
    Browser::new(&server).sign_in("", "ann@acme.example", PASSWORD).expect(403);
    for name in ["Other", &other.id, &account.id] {
        Browser::new(&server).sign_in(name, "ann@acme.example", PASSWORD).expect(303);
    }
}

#[test]
fn a_wrong_password_an_unknown_user_and_an_unknown_account_are_answered_alike() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    person(&server, &account, "ann@acme.example", "ACCOUNTMEMBER");
    user(&account, "new@acme.example", "ACCOUNTMEMBER");
    let nowhere = "00000000-0000-7000-8000-000000000000";
    let texts: Vec<String> = [
        (account.id.as_str(), "ann@acme.example", "not the password"),
        (&account.id, "ann@acme.example", ""),
        (&account.id, "bob@acme.example", PASSWORD),
        (&account.id, "new@acme.example", PASSWORD),
        (&account.id, "", PASSWORD),
        (nowhere, "ann@acme.example", PASSWORD),
        ("No such account", "ann@acme.example", PASSWORD),
    ]
    .into_iter()
    .map(|(account, user, password)| {
        let browser = Browser::new(&server);
        let answer = browser.sign_in(account, user, password).expect(403);
        assert!(browser.cookie("provost").is_none() && browser.cookie("provost-step").is_none());
        assert!(answer.text.contains("is not right"), "{}", answer.text);
        assert!(
            !answer.text.contains(PASSWORD) && answer.text.contains(&format!("value=\"{user}\"")),
            "what was typed stays"
        );
        let begins = answer.text.find("role=\"alert\"").expect("a reason");
        answer.text[begins..].split("</div>").next().expect("a text").to_owned()
    })
    .collect();
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
    loop {
        let failed: Vec<Value> =
            account.audit().into_iter().filter(|entry| entry["action"] == "user.sign_in").collect();
        let names: BTreeSet<&str> = failed.iter().filter_map(|entry| entry["target_name"].as_str()).collect();
        if names == BTreeSet::from(["ann@acme.example", "new@acme.example"]) {
            break;
        }
        pause();
    }
    assert_eq!(entry(&account, "user.sign_in", "failure")["detail"], "the password is wrong");
}

#[test]
fn after_ten_wrong_passwords_the_right_one_has_to_wait() {
    let mut server = Server::start();
    let account = server.account(json!("standard"));
    person(&server, &account, "ann@acme.example", "ACCOUNTMEMBER");
    person(&server, &account, "bob@acme.example", "ACCOUNTMEMBER");
    for _ in 0..10 {
        Browser::new(&server).sign_in(&account.id, "ann@acme.example", "not the password").expect(403);
    }
    Browser::new(&server).sign_in(&account.id, "ann@acme.example", PASSWORD).expect(403);
    Browser::new(&server).sign_in(&account.id, "bob@acme.example", PASSWORD).expect(303);
    server.stop();
    server.restart();
    Browser::new(&server).sign_in(&account.id, "ann@acme.example", PASSWORD).expect(303);
}

#[test]
fn s_67_a_form_from_elsewhere_is_refused() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    person(&server, &account, "ann@acme.example", "ACCOUNTMEMBER");
    let fields = [("account", account.id.as_str()), ("user_name", "ann@acme.example"), ("password", PASSWORD)];
    let stranger = Browser::new(&server);
    stranger.post("/console/sign-in", &fields).expect(403);
    stranger.get("/console/sign-in").expect(200);
    stranger.post("/console/sign-in", &fields).expect(403);
    stranger
        .post("/console/sign-in", &[&fields[..], &[("csrf", "0123456789abcdef0123456789abcdef")]].concat())
        .expect(403);
    assert!(stranger.cookie("provost").is_none(), "nobody is signed in by a form from elsewhere");

    let browser = signed_in(&server, &account, "ann@acme.example");
    let other = signed_in(&server, &account, "ann@acme.example");
    let foreign = other.get("/console/you").expect(200).text;
    let csrf = super::browser::attribute(foreign.split("name=\"csrf\"").nth(1).expect("a token"), "value");
    for path in [
        "/console/sign-out",
        "/console/confirm",
        "/console/you/password",
        "/console/you/authenticator",
        "/console/you/authenticator/remove",
        "/console/you/recovery-codes",
        "/console/you/passkeys",
        "/console/you/passkeys/remove",
        "/console/you/sessions/end",
        "/console/you/sessions/00000000-0000-7000-8000-000000000000/end",
    ] {
        for csrf in ["", "x", &csrf] {
            let answer = browser.post(path, &[("csrf", csrf), ("password", PASSWORD)]).expect(403);
            assert!(answer.text.contains("did not come from a page of this session"), "{path}: {}", answer.text);
        }
    }
    assert!(browser.is_in());
    let text = browser.post_with("/console/sign-out", &[], &[("content-type", "text/plain")]);
    assert_eq!(text.status, 415, "{}", text.text);
}

#[test]
fn a_session_is_always_a_fresh_one() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    let ann = person(&server, &account, "ann@acme.example", "ACCOUNTMEMBER");
    let mallory = signed_in(&server, &account, "ann@acme.example");
    let planted = mallory.cookie("provost").expect("a cookie");
    account.api("DELETE", &format!("/users/{ann}/sessions"), Value::Null).expect(204);
    let browser = Browser::new(&server);
    browser.plant("provost", &planted);
    browser.plant("provost-form", "planted");
    let page = browser.get("/console/sign-in").expect(200);
    let fields = [("account", account.id.as_str()), ("user_name", "ann@acme.example"), ("password", PASSWORD)];
    browser.submit_from(&page, "/console/sign-in", &fields).expect(303);
    assert_ne!(browser.cookie("provost").expect("a cookie"), planted);
    assert!(browser.is_in() && !mallory.is_in());
}

#[test]
fn cookies_are_for_the_server_alone_and_behind_tls_for_this_host_alone() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    person(&server, &account, "ann@acme.example", "ACCOUNTMEMBER");
    let set = |answer: &Answer| -> Vec<String> {
        answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().expect("text").to_owned()).collect()
    };
    let browser = Browser::new(&server);
    let page = browser.get("/console/sign-in").expect(200);
    for (name, value) in [
        ("cache-control", "no-store"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("content-type", "text/html; charset=utf-8"),
    ] {
        assert_eq!(page.header(name), value);
    }
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{policy}");
    assert!(set(&page)[0].ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{:?}", set(&page));
    let fields = [("account", account.id.as_str()), ("user_name", "ann@acme.example"), ("password", PASSWORD)];
    let entered = browser.submit_from(&page, "/console/sign-in", &fields).expect(303);
    let session = set(&entered).remove(0);
    assert!(
        session.starts_with("provost=prv_session_") && session.ends_with("; Path=/; HttpOnly; SameSite=Lax"),
        "{session}"
    );
    assert!(!server.log().contains("prv_session_"), "S-66");

    let behind_tls = Server::start_with(&["--public-url", "https://provost.acme.example"]);
    let page = Browser::new(&behind_tls).get("/console/sign-in").expect(200);
    let form = set(&page).remove(0);
    assert!(
        form.starts_with("__Host-provost-form=") && form.ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure"),
        "{form}"
    );
}

#[test]
fn a_sign_in_leads_where_it_was_asked_for_but_never_elsewhere() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    person(&server, &account, "ann@acme.example", "ACCOUNTMEMBER");
    for (next, location) in [
        ("/console/you", "/console/you"),
        ("/console/users?filter=a%20b", "/console/users?filter=a%20b"),
        ("https://evil.example", "/console"),
        ("//evil.example", "/console"),
        ("/api/v1/accounts", "/console"),
        ("/console/sign-in", "/console"),
    ] {
        let fields = [
            ("account", account.id.as_str()),
            ("user_name", "ann@acme.example"),
            ("password", PASSWORD),
            ("next", next),
        ];
        let answer = Browser::new(&server).submit("/console/sign-in", "/console/sign-in", &fields).expect(303);
        assert_eq!(answer.header("location"), location, "{next}");
    }
}

#[test]
fn the_operator_signs_in_with_the_key_for_eight_hours_and_proves_it_again() {
    let mut server = Server::start();
    let browser = Browser::new(&server);
    let page = "/console/sign-in?as=operator";
    let wrong = browser.submit(page, "/console/sign-in", &[("as", "operator"), ("key", "prvop_no")]).expect(403);
    assert!(wrong.text.contains("not the operator") && browser.cookie("provost").is_none());
    let key = server.operator_key.clone();
    browser.submit(page, "/console/sign-in", &[("as", "operator"), ("key", &key)]).expect(303);
    let cookie = browser.cookie("provost").expect("a cookie");
    assert!(cookie.starts_with("op.") && !cookie.contains(&key));
    assert_eq!(browser.get("/console/you").header("location"), "/console", "the operator is nobody's user");
    let confirm = "/console/confirm?next=/console/accounts";
    browser.submit(confirm, "/console/confirm", &[("key", "prvop_no")]).expect(403);
    let confirmed = browser.submit(confirm, "/console/confirm", &[("key", &key)]).expect(303);
    assert_eq!(confirmed.header("location"), "/console/accounts");
    assert_ne!(browser.cookie("provost").expect("a cookie"), cookie);

    let is_in = |browser: &Browser| browser.get("/console/confirm").status == 200;
    assert!(is_in(&browser));
    let other = Server::start();
    assert!(!is_in(&browser.at(&other)), "another operator's key");
    for (offset, still) in [("+7 hours", true), ("+9 hours", false)] {
        server.stop();
        server.restart_at(offset);
        assert_eq!(is_in(&browser.at(&server)), still, "{offset}");
    }
}
