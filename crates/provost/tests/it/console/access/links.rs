//! Links to set a password: from whom, to whom, and how often they work (S-41).

use super::{Browser, PASSWORD, entry, link, person, set_password, signed_in, user};
use crate::{
    mail::Sink,
    process::run_with,
    support::{Server, request, send},
};
use serde_json::{Value, json};

#[test]
fn a_link_sets_a_password_once_and_proves_nothing_where_no_mail_went() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    let ann = user(&account, "ann@acme.example", "ACCOUNTMEMBER");
    account.api("POST", &format!("/users/{ann}/invitations"), json!({})).refused(409, &["sends no mail"]);
    let environment = [("PROVOST_URL", account.base.as_str()), ("PROVOST_TOKEN", account.operator_key.as_str())];
    let words = ["user", "invite", "ann@acme.example", "--print-link", "--account", &account.id, "--json"];
    let made = run_with(&words, &environment).json();
    let first = made["link"].as_str().expect("the link").strip_prefix(&account.base).expect("it leads here").to_owned();
    let second = link(&account, &ann);
    let browser = Browser::new(&server);
    assert!(
        set_password(&browser, &first, PASSWORD).expect(403).text.contains("This link is not valid"),
        "a newer one is out"
    );
    for (password, said) in [
        ("short", "at least 12"),
        ("passwordpassword", "tried first"),
        ("121212121212", "tried first"),
        ("ann@acme.example", "your own name"),
        (&"x".repeat(257), "longer than 256"),
    ] {
        let refused = set_password(&browser, &second, password).expect(403);
        assert!(refused.text.contains(said), "{password}: {}", refused.text);
        assert!(!refused.text.contains(&format!("value=\"{password}\"")), "a password is not sent back");
    }
    let other = browser.submit(&second, &second, &[("password", PASSWORD), ("again", "another")]).expect(403);
    assert!(other.text.contains("not the same"));
    let done = set_password(&browser, &second, PASSWORD).expect(303);
    assert!(done.header("location").starts_with("/console/sign-in?notice=password-set"));
    assert!(set_password(&browser, &second, PASSWORD).expect(403).text.contains("This link is not valid"), "used up");
    signed_in(&server, &account, "ann@acme.example");
    let token = second.rsplit('/').next().expect("a token");
    assert!(!server.log().contains(token) && !account.audit().iter().any(|entry| entry.to_string().contains(token)));
}

#[test]
fn every_link_looks_the_same_until_somebody_sends_the_form() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    let ann = user(&account, "ann@acme.example", "ACCOUNTMEMBER");
    let good = link(&account, &ann);
    let browser = Browser::new(&server);
    // A form's token is another one in each answer.
    let shown = |path: &str| {
        let page = browser.get(path).expect(200).text;
        let token = super::super::browser::attribute(page.split("name=\"csrf\"").nth(1).expect("a token"), "value");
        page.replace(&token, "")
    };
    let page = shown(&good);
    let session = good.replace("prv_password_", "prv_session_");
    for bad in ["/console/password/x", &good[..good.len() - 1], &session] {
        assert_eq!(shown(bad), page, "{bad}");
        assert!(set_password(&browser, bad, PASSWORD).expect(403).text.contains("This link is not valid"));
    }
    assert_eq!(send(request("PUT", &format!("{}{good}", server.base))).status, 405);
}

#[test]
fn s_41_a_mailed_link_proves_the_address_and_expires() {
    const PUBLIC: &str = "https://scim.example.com";
    let sink = Sink::start();
    let mut server =
        Server::start_with(&["--smtp-url", &sink.url(), "--mail-from", "provost@example.com", "--public-url", PUBLIC]);
    let account = server.account(json!({ "preset": "dsm", "users": { "verification_mail": "none" } }));
    let made = account.api("POST", "/users", json!({ "email": "ann@acme.example" })).expect(201).json();
    let ann = made["id"].as_str().expect("an id").to_owned();
    let invite = || account.api("POST", &format!("/users/{ann}/invitations"), Value::Null).expect(202).json();
    let invited = invite();
    assert_eq!((&invited["to"], &invited["link"]), (&json!("ann@acme.example"), &Value::Null));
    let mailed = |sink: &Sink| {
        let mail = sink.next_to("ann@acme.example");
        assert_eq!(mail["headers"]["Subject"], "Set your password for Acme");
        let text = mail["text"].as_str().expect("a text").to_owned();
        let line = text.lines().find(|line| line.starts_with(PUBLIC)).expect("a link").to_owned();
        line.strip_prefix(PUBLIC).expect("the link begins so").to_owned()
    };
    let late = mailed(&sink);
    server.stop();
    server.restart_at("+25 hours");
    // Behind a proxy with TLS, cookies have the prefix of their host.
    assert!(set_password(&Browser::new(&server), &late, PASSWORD).expect(403).text.contains("This link is not valid"));
    let account = server.again(&account);
    account.api("POST", &format!("/users/{ann}/invitations"), Value::Null).expect(202);
    assert_eq!(account.shown(&ann)["verified"], false);
    set_password(&Browser::new(&server), &mailed(&sink), PASSWORD).expect(303);
    assert_eq!(account.shown(&ann)["verified"], true, "whoever has the mail has the address");
    let browser = Browser::new(&server);
    browser.sign_in(&account.id, "ann@acme.example", PASSWORD).expect(303);

    let forgot = "/console/sign-in/forgot";
    let asked = |name: &str| {
        let fields = [("account", account.id.as_str()), ("user_name", name)];
        Browser::new(&server).submit(forgot, forgot, &fields).expect(200).text
    };
    // Found by a name that only looks like the address, and mailed to the address.
    let known = asked("\u{ff41}nn@acme.example");
    assert_eq!(asked("nobody@acme.example"), known);
    let again = mailed(&sink);
    entry(&account, "user.forgot_password", "success");
    asked("ann@acme.example");
    set_password(&Browser::new(&server), &again, "another four words of mine").expect(303);
    assert!(!browser.is_in(), "another password ends the sessions");
    let sent = account.audit().iter().filter(|entry| entry["action"] == "user.forgot_password").count();
    assert_eq!(sent, 1, "one mail in five minutes");
}

#[test]
fn nobody_is_invited_who_is_disabled() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    let ann = person(&server, &account, "ann@acme.example", "ACCOUNTMEMBER");
    let out = link(&account, &ann);
    account.api("PATCH", &format!("/users/{ann}"), json!({ "active": false })).expect(200);
    let invite = account.api("POST", &format!("/users/{ann}/invitations"), json!({ "show_link": true }));
    invite.refused(409, &["disabled"]);
    set_password(&Browser::new(&server), &out, PASSWORD).expect(403);
}
