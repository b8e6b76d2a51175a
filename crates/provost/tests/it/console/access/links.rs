//! Links to set a password: from whom, to whom, and how often they work (S-41).

use super::{Browser, PASSWORD, entry, link, person, set_password, signed_in, user};
use crate::{
    mail::Sink,
    process::{run, run_with},
    support::{Account, Server, request, send},
};
use jiff::Timestamp;
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
    assert!(done.header("location").contains("&user_name=ann%40acme.example"), "the next form knows who it is");
    let set = entry(&account, "user.set_password", "success");
    assert_eq!((&set["actor"]["type"], &set["actor_owner"]), (&json!("person"), &json!("ann@acme.example")));
    assert_eq!(set["actor"]["key"], Value::Null, "a link is no session");
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

/// Who is on the list, and whether the link works.
fn invited(account: &Account) -> Vec<(String, bool)> {
    let found = account.api("GET", "/invitations", Value::Null).expect(200).json();
    let one = |item: &Value| Some((item["user"]["name"].as_str()?.to_owned(), item["works"].as_bool()?));
    found["items"].as_array().into_iter().flatten().map(|item| one(item).expect("a name and a state")).collect()
}

fn named(names: &[&str], works: bool) -> Vec<(String, bool)> {
    names.iter().map(|name| (format!("{name}@acme.example"), works)).collect()
}

#[test]
fn who_was_invited_and_has_not_come_is_listed_until_then() {
    let mut server = Server::start_in_folder(&[]);
    let account = server.account(json!("standard"));
    person(&server, &account, "ann@acme.example", "ACCOUNTADMINISTRATOR");
    person(&server, &account, "eve@acme.example", "ACCOUNTAUDITOR");
    let [bob, cara, dan] = ["bob", "cara", "dan"].map(|name| {
        let id = user(&account, &format!("{name}@acme.example"), "ACCOUNTMEMBER");
        link(&account, &id);
        id
    });
    assert_eq!(invited(&account), named(&["bob", "cara", "dan"], true), "not who has a password");
    let first = account.api("GET", "/invitations?limit=2", Value::Null).expect(200).json();
    let one = &first["items"][0];
    assert_eq!((&one["user"]["id"], &one["to"]), (&json!(bob), &Value::Null));
    let [sent, expires] = ["sent", "expires"].map(|at| one[at].as_str().and_then(|at| at.parse::<Timestamp>().ok()));
    let lifetime = expires.zip(sent).map(|(expires, sent)| expires.duration_since(sent).as_hours());
    assert_eq!(lifetime, Some(24));
    let rest = format!("/invitations?limit=2&cursor={}", first["next"].as_str().expect("a cursor"));
    assert_eq!(account.api("GET", &rest, Value::Null).expect(200).json()["items"][0]["user"]["id"], json!(dan));

    let list = format!("/console/accounts/{}/users/invitations", account.id);
    let ann = signed_in(&server, &account, "ann@acme.example");
    let page = ann.get(&list).expect(200);
    assert!(!page.text.contains("Send again"), "no mail goes out here");
    let withdraw = |id: &str| format!("{list}/{id}/withdraw");
    ann.submit_from(&page, &withdraw(&bob), &[]).expect(303);
    assert_eq!(invited(&account), named(&["cara", "dan"], true));
    ann.submit_from(&page, &withdraw(&bob), &[("again", "")]).expect(303);
    assert!(ann.cookie("provost_said").is_some_and(|said| said.contains("not%20there%20any%20more")));

    // Who may not manage users sees the list and does nothing with it; who may not see users does not see it.
    let eve = signed_in(&server, &account, "eve@acme.example");
    let seen = eve.get(&list).expect(200);
    assert!(seen.text.contains("cara@acme.example") && !seen.text.contains("Withdraw"), "{}", seen.text);
    eve.submit_from(&seen, &withdraw(&cara), &[]).expect(403);
    person(&server, &account, "fay@acme.example", "ACCOUNTMEMBER");
    let shown = signed_in(&server, &account, "fay@acme.example").get(&list);
    assert!(!shown.text.contains("cara@acme.example"), "{}", shown.text);
    assert_eq!(invited(&account), named(&["cara", "dan"], true));

    account.api("DELETE", &format!("/users/{dan}"), Value::Null).expect(204);
    server.stop();
    server.restart_at("+25 hours");
    let account = server.again(&account);
    assert_eq!(invited(&account), named(&["cara"], false), "who did not come in time may be asked again");
    let ann = signed_in(&server, &account, "ann@acme.example");
    let page = ann.get(&list).expect(200);
    assert!(page.text.contains("Expired"), "{}", page.text);
    set_password(&Browser::new(&server), &link(&account, &cara), PASSWORD).expect(303);
    assert_eq!(invited(&account), [], "she came");
    server.stop();
    let data = server.data();
    run(&["verify", "--data", data.to_str().expect("a path is text"), "--json"]).json();
}

#[test]
fn an_invitation_is_sent_again_from_the_list() {
    const PUBLIC: &str = "https://scim.example.com";
    let sink = Sink::start();
    let server =
        Server::start_with(&["--smtp-url", &sink.url(), "--mail-from", "provost@example.com", "--public-url", PUBLIC]);
    let account = server.account(json!("standard"));
    let cara = user(&account, "cara@acme.example", "ACCOUNTMEMBER");
    account.api("POST", &format!("/users/{cara}/invitations"), Value::Null).expect(202);
    let mailed = || {
        let text = sink.next_to("cara@acme.example")["text"].as_str().expect("a text").to_owned();
        text.lines().find_map(|line| line.strip_prefix(PUBLIC)).expect("a link").to_owned()
    };
    let first = mailed();
    let (operator, key) = (Browser::new(&server), server.operator_key.as_str());
    operator.submit("/console/sign-in?as=operator", "/console/sign-in", &[("key", key)]).expect(303);
    let list = format!("/console/accounts/{}/users/invitations", account.id);
    let page = operator.get(&list).expect(200);
    assert!(page.text.contains("cara@acme.example") && page.text.contains("Not used yet"), "{}", page.text);
    operator.submit_from(&page, &format!("{list}/{cara}/send"), &[]).expect(303);
    let second = mailed();
    assert!(set_password(&Browser::new(&server), &first, PASSWORD).expect(403).text.contains("This link is not valid"));
    set_password(&Browser::new(&server), &second, PASSWORD).expect(303);
    let page = operator.get(&list).expect(200);
    assert!(page.text.contains("Nobody is awaited"), "{}", page.text);
}
