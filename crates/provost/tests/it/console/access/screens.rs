//! The screens about signing in: the rules, links to set a password, sessions, one's own.

use super::{Browser, PASSWORD, entry, person, sessions, signed_in, user};
use crate::{console::visitor::Visitor, support::Server};
use serde_json::{Value, json};

#[test]
fn an_account_says_who_may_use_a_password_and_where_the_others_sign_in() {
    let server = Server::start_with(&["--allow-private-targets"]);
    let account = server.account(json!("standard"));
    person(&server, &account, "ann@acme.example", "ACCOUNTADMINISTRATOR");
    person(&server, &account, "bob@acme.example", "ACCOUNTMEMBER");
    let operator = Visitor::operator(&server);
    let tab = format!("/console/accounts/{}/settings/sign-in", account.id);
    let rules = format!("{tab}/edit");
    let page = operator.open(&rules).expect(200);
    let refused = operator.send(&page, &rules, &[("passwords", "administrators")]).expect(400);
    refused.says("people could not sign in otherwise");

    let form = format!("{tab}/provider");
    let page = operator.open(&form).expect(200);
    page.says(&format!("{}/console/sign-in/oidc/callback", server.base));
    let typed = [
        ("issuer", "http://127.0.0.1:9/acme"),
        ("client_id", "provost"),
        ("client_secret", "s3cret"),
        ("claim", "sub"),
    ];
    let tested = operator.send(&page, &form, &[typed.as_slice(), &[("do", "test")]].concat()).expect(200);
    tested.says("People could not sign in there").does_not_say("s3cret");
    assert_eq!(account.api("GET", "/sign-in", Value::Null).expect(200).json()["provider"], Value::Null);
    let wrong = operator.send(&tested, &form, &[("issuer", "acme")]).expect(400);
    assert!(wrong.html.contains("id=\"issuer-error\""), "the fault stands with its field: {}", wrong.text());
    let saved = operator.send(&wrong, &form, &typed).expect(200);
    saved.says("Identity provider saved").says("Kept, and never shown").does_not_say("s3cret");
    let page = operator.open(&rules).expect(200);
    operator
        .send(&page, &rules, &[("passwords", "administrators"), ("idle_minutes", "15")])
        .expect(200)
        .says("15 minutes");
    operator.send(&operator.open(&tab), &format!("{tab}/test"), &[]).expect(200).says("People could not sign in there");

    signed_in(&server, &account, "ann@acme.example");
    let bob = Browser::new(&server).sign_in(&account.id, "bob@acme.example", PASSWORD).expect(403);
    assert!(bob.text.contains("you sign in with your organisation"), "{}", bob.text);
    let cara = user(&account, "cara@acme.example", "ACCOUNTMEMBER");
    let link = account.api("POST", &format!("/users/{cara}/invitations"), json!({ "show_link": true }));
    link.refused(409, &["signs in at the account's identity provider"]);

    let gone = operator.send(&operator.open(&format!("{form}/remove")), &format!("{form}/remove"), &[]).expect(200);
    gone.says("Identity provider removed").says("Everybody");
    signed_in(&server, &account, "bob@acme.example");
}

#[test]
fn only_who_may_do_everything_changes_how_people_sign_in() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    person(&server, &account, "ann@acme.example", "ACCOUNTAUDITOR");
    let ann = signed_in(&server, &account, "ann@acme.example");
    let tab = format!("/console/accounts/{}/settings/sign-in", account.id);
    let page = ann.get(&tab).expect(200);
    assert!(page.text.contains("Second factor") && !page.text.contains("Edit rules"), "{}", page.text);
    let form = ann.get(&format!("{tab}/edit")).expect(200);
    ann.submit_from(&form, &format!("{tab}/edit"), &[("idle_minutes", "5"), ("session_hours", "1")]).expect(403);
    assert_eq!(account.api("GET", "/sign-in", Value::Null).expect(200).json()["idle_minutes"], 30);
}

#[test]
fn a_link_to_set_a_password_is_shown_sent_again_and_taken_back() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    let ann = user(&account, "ann@acme.example", "ACCOUNTMEMBER");
    let operator = Visitor::operator(&server);
    let page = format!("/console/accounts/{}/users/{ann}", account.id);
    let ask = operator.open(&page).expect(200).link("Show link to set a password");
    let shown = operator.send(&operator.open(&ask), &ask, &[]).expect(200);
    let link = |text: &str| {
        let at = text.find("/console/password/").expect("the link is shown");
        text[at..].split_whitespace().next().unwrap_or_default().to_owned()
    };
    let first = link(&shown.text());
    let withdraw = format!("{page}/invitation/withdraw");
    let back = operator.send(&operator.open(&page), &withdraw, &[]).expect(200);
    back.says("Link to set a password taken back").does_not_say("Take the link back");
    let set = Browser::new(&server).submit(&first, &first, &[("password", PASSWORD), ("again", PASSWORD)]);
    assert!(set.text.contains("This link is not valid"), "{}", set.text);
    assert_eq!(entry(&account, "user.withdraw_invitation", "success")["target_name"], "ann@acme.example");
    account.api("DELETE", &format!("/users/{ann}/invitations"), Value::Null).refused(404, &["no such invitation"]);
    let second = link(&operator.send(&operator.open(&ask), &ask, &[]).expect(200).text());
    assert_ne!(first, second);
    Browser::new(&server).submit(&second, &second, &[("password", PASSWORD), ("again", PASSWORD)]).expect(303);
}

#[test]
fn s_35_an_administrator_ends_sessions_one_by_one_and_all() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    let ann = person(&server, &account, "ann@acme.example", "ACCOUNTMEMBER");
    let browsers = [0; 3].map(|_| signed_in(&server, &account, "ann@acme.example"));
    let operator = Visitor::operator(&server);
    let page = format!("/console/accounts/{}/users/{ann}", account.id);
    let listed = operator.open(&operator.open(&page).expect(200).link("3 sessions")).expect(200);
    listed.says("127.0.0.1").says("Password");
    let one = sessions(&account, &ann)[0]["id"].as_str().expect("an id").to_owned();
    operator.send(&listed, &format!("{page}/sessions/{one}/end"), &[]).expect(200).says("Session ended");
    assert_eq!(browsers.iter().filter(|browser| browser.is_in()).count(), 2);
    let listed = operator.open(&format!("{page}/sessions")).expect(200);
    operator.send(&listed, &format!("{page}/sessions/end"), &[]).expect(200).says("Not signed in");
    assert_eq!(browsers.iter().filter(|browser| browser.is_in()).count(), 0);
}

#[test]
fn ones_own_page_lies_in_the_console_and_ends_the_other_sessions() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    person(&server, &account, "ann@acme.example", "ACCOUNTAUDITOR");
    let [mine, other] = [0; 2].map(|_| signed_in(&server, &account, "ann@acme.example"));
    let page = mine.get("/console/you").expect(200);
    for part in ["aria-label=\"Main\"", "Audit log", "This one", "End all others", "Set up an authenticator app"] {
        assert!(page.text.contains(part), "{part} is not in {}", page.text);
    }
    mine.submit_from(&page, "/console/you/sessions/end", &[]).expect(303);
    assert!(mine.is_in() && !other.is_in());
    let set_up = mine.get("/console/you/authenticator").expect(200);
    assert!(set_up.text.contains("<svg class=\"qr\"") && !set_up.text.contains("style="), "{}", set_up.text);
}

#[test]
fn the_operators_sign_in_leads_where_it_was_asked_for() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    let visitor = Visitor::new(&server);
    let wanted = format!("/console/accounts/{}/users?state=disabled", account.id);
    let page = visitor.open(&wanted).expect(200);
    let page = visitor.open(&page.link("Sign in as the operator").replace("&amp;", "&")).expect(200);
    let entered = visitor.send(&page, "/console/sign-in", &[("key", &server.operator_key)]).expect(200);
    assert_eq!(entered.at, wanted);
}

#[test]
fn a_user_with_the_longest_name_breaks_no_page() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    let long = "Wolfeschlegelstein ".repeat(52);
    for number in 0..30 {
        let name = json!({ "userName": format!("w{number}@acme.example"), "displayName": long.trim() });
        account.create(name);
    }
    let operator = Visitor::operator(&server);
    let list = operator.open(&format!("/console/accounts/{}/users", account.id)).expect(200);
    assert!(list.html.len() < 100_000, "{} bytes", list.html.len());
    list.says("…");
}
