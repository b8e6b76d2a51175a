//! Forms that come late, from an old page, or twice; and acts that want a proof of who is there.

use super::{Browser, PASSWORD, person, signed_in};
use crate::support::{Account, Answer, Server, id};
use serde_json::{Value, json};

/// A server with an administrator who is signed in.
fn administrator(server: &Server) -> (Account, Browser) {
    let account = server.account(json!("standard"));
    person(server, &account, "ann@acme.example", "ACCOUNTADMINISTRATOR");
    let browser = signed_in(server, &account, "ann@acme.example");
    (account, browser)
}

fn new_user(account: &Account) -> (String, String) {
    let base = format!("/console/accounts/{}/users", account.id);
    (format!("{base}/new"), base)
}

fn users(account: &Account, email: &str) -> Vec<Value> {
    account.find(&format!("userName eq \"{email}\""))["Resources"].as_array().cloned().unwrap_or_default()
}

/// What the field of a form shows.
fn value(answer: &Answer, name: &str) -> String {
    let input = answer.text.split("<input").find(|input| input.contains(&format!("name=\"{name}\"")));
    super::super::browser::attribute(input.expect("the field is there"), "value")
}

fn at(browser: &Browser, server: &mut Server, offset: &str) -> Browser {
    server.stop();
    server.restart_at(offset);
    browser.at(server)
}

#[test]
fn what_was_typed_comes_back_behind_the_sign_in_and_is_sent_once() {
    let mut server = Server::start();
    let (account, browser) = administrator(&server);
    let (form, sent_to) = new_user(&account);
    let page = browser.get(&form).expect(200);
    let browser = at(&browser, &mut server, "+45 minutes");
    let account = server.again(&account);
    let typed = [("email", "zoë+\"a&b@acme.example")];
    let late = browser.submit_from(&page, &sent_to, &typed).expect(303);
    let to = late.header("location").to_owned();
    assert!(to.starts_with("/console/sign-in?notice=unsent&next=%2Fconsole%2Fkept%2F"), "{to}");
    assert!(!to.contains("acme.example"), "nothing that was typed stands in an address");
    let sign_in = browser.get(&to).expect(200);
    assert!(sign_in.text.contains("What you typed comes back"), "{}", sign_in.text);

    let fields = [("account", account.id.as_str()), ("user_name", "ann@acme.example"), ("password", PASSWORD)];
    let entered = browser.submit_from(&sign_in, "/console/sign-in", &fields).expect(303);
    let kept = entered.header("location").to_owned();
    let again = browser.get(&kept).expect(409);
    assert_eq!(value(&again, "email"), typed[0].1);
    assert!(again.text.contains("Your session had ended before this came"), "{}", again.text);
    let made = || users(&account, "zoë+\\\"a&b@acme.example").len();
    assert_eq!(made(), 0, "nothing is sent but by the person");
    browser.get(&kept).expect(409);

    browser.submit_from(&again, &sent_to, &typed).expect(303);
    assert_eq!(made(), 1);

    // Somebody else at the same machine does not see it.
    person(&server, &account, "bob@acme.example", "ACCOUNTADMINISTRATOR");
    let bob = signed_in(&server, &account, "bob@acme.example");
    assert!(bob.get(&kept).expect(404).text.contains("for whoever typed it"));
}

#[test]
fn the_operators_form_comes_back_too_and_a_secret_does_not() {
    let mut server = Server::start();
    let account = server.account(json!("standard"));
    let browser = Browser::new(&server);
    let key = server.operator_key.clone();
    browser.submit("/console/sign-in?as=operator", "/console/sign-in", &[("key", &key)]).expect(303);
    let form = format!("/console/accounts/{}/settings/account/stream", account.id);
    let page = browser.get(&form).expect(200);
    let browser = at(&browser, &mut server, "+9 hours");
    let typed = [("target", "https://logs.example.com/acme"), ("authorization", "Bearer s3cret")];
    let late = browser.submit_from(&page, &form, &typed).expect(303);
    let sign_in = browser.get(late.header("location")).expect(200);
    assert!(sign_in.text.contains("Operator's key"), "the operator is asked for the operator's key");
    let entered = browser.submit_from(&sign_in, "/console/sign-in", &[("key", &key)]).expect(303);
    let again = browser.get(entered.header("location")).expect(409);
    assert_eq!((value(&again, "target").as_str(), value(&again, "authorization").as_str()), (typed[0].1, ""));
    assert!(!again.text.contains("s3cret"));
}

#[test]
fn a_form_of_an_earlier_session_comes_back_filled_in() {
    let server = Server::start();
    let (account, browser) = administrator(&server);
    let (form, sent_to) = new_user(&account);
    let page = browser.get(&form).expect(200);
    let fresh = signed_in(&server, &account, "ann@acme.example");
    let kept = fresh.submit_from(&page, &sent_to, &[("email", "zoe@acme.example")]).expect(303);
    let again = fresh.get(kept.header("location")).expect(409);
    assert_eq!(value(&again, "email"), "zoe@acme.example");
    assert!(again.text.contains("from an earlier session") && users(&account, "zoe@acme.example").is_empty());

    person(&server, &account, "bob@acme.example", "ACCOUNTADMINISTRATOR");
    let bob = signed_in(&server, &account, "bob@acme.example");
    bob.submit_from(&page, &sent_to, &[("email", "zoe@acme.example")]).expect(403);
    bob.post(&sent_to, &[("email", "zoe@acme.example"), ("csrf", "none")]).expect(403);
    assert!(users(&account, "zoe@acme.example").is_empty());
}

#[test]
fn a_form_that_is_sent_twice_is_done_once_and_says_so() {
    let server = Server::start();
    let (account, browser) = administrator(&server);
    let base = format!("/console/accounts/{}/settings/admin-apps", account.id);
    let page = browser.get(&format!("{base}/new")).expect(200);
    let named = |name: &'static str| [("name", name), ("method", "app_key")];
    let first = browser.submit_from(&page, &base, &named("HR feed")).expect(303);
    let second = browser.submit_from(&page, &base, &named("HR feed")).expect(303);
    assert_eq!(first.header("location"), second.header("location"));
    assert!(browser.cookie("provost_said").is_some_and(|said| said.contains("sent%20already")));
    let apps = || account.api("GET", "/admin-apps", Value::Null).expect(200).json()["items"].clone();
    let count = |name: &str| apps().as_array().into_iter().flatten().filter(|app| app["name"] == name).count();
    assert_eq!(count("HR feed"), 1);
    // The same page with another name is another form.
    browser.submit_from(&page, &base, &named("HR feed 2")).expect(303);
    assert_eq!(count("HR feed 2"), 1);
}

#[test]
fn tokens_of_forms_look_different_in_each_answer_and_pages_are_compressed() {
    let server = Server::start();
    let (account, browser) = administrator(&server);
    let (form, _) = new_user(&account);
    let tokens = [0; 2].map(|_| value(&browser.get(&form).expect(200), "csrf"));
    assert_ne!(tokens[0], tokens[1]);
    let of = |path: &str| browser.get_with(path, &[("accept-encoding", "gzip")]);
    let page = of(&form);
    assert_eq!((page.header("content-encoding"), page.header("vary")), ("gzip", "accept-encoding"));
    assert_eq!(browser.get(&form).headers.get("content-encoding"), None);
    let plain = browser.get(&form).text;
    let style = plain.split("href=\"").find(|rest| rest.contains("console.css")).expect("a stylesheet");
    let style = of(style.split('"').next().unwrap_or_default());
    assert_eq!(style.header("content-encoding"), "gzip");
    assert!(style.header("cache-control").contains("immutable"));
    assert_eq!(of("/console/you/authenticator").headers.get("content-encoding"), None, "it shows a secret");
}

#[test]
fn dangerous_acts_want_a_fresh_proof_of_who_is_there() {
    let mut server = Server::start();
    let (account, browser) = administrator(&server);
    let bob = id(&account.create(json!({ "userName": "bob@acme.example" })));
    let base = format!("/console/accounts/{}", account.id);
    let delete = format!("{base}/users/{bob}/delete");
    let page = browser.get(&delete).expect(200);
    let browser = at(&browser, &mut server, "+10 minutes");
    let account = server.again(&account);
    for path in [
        format!("{base}/users/{bob}/delete"),
        format!("{base}/settings/sign-in/edit"),
        format!("{base}/settings/sign-in/provider"),
        format!("{base}/settings/admin-apps/{}/key", account.app),
        format!("{base}/settings/admin-apps/{}/key/rotate", account.app),
        "/console/you/authenticator".to_owned(),
    ] {
        let asked = browser.get(&path).expect(303);
        assert!(asked.header("location").starts_with("/console/confirm?act="), "{path}");
    }
    let late = browser.submit_from(&page, &delete, &[("typed", "bob@acme.example")]).expect(303);
    let confirm = browser.get(late.header("location")).expect(200);
    assert!(confirm.text.contains("<strong>Delete a user</strong>"), "{}", confirm.text);
    assert_eq!(users(&account, "bob@acme.example").len(), 1);
    let confirmed = browser.submit_from(&confirm, "/console/confirm", &[("password", PASSWORD)]).expect(303);
    let again = browser.get(confirmed.header("location")).expect(409);
    assert_eq!(value(&again, "typed"), "bob@acme.example");
    browser.submit_from(&again, &delete, &[("typed", "bob@acme.example")]).expect(303);
    assert!(users(&account, "bob@acme.example").is_empty());
}
