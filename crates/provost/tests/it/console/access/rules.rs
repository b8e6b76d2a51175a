//! When sessions end, and who ends them.

use super::{Browser, PASSWORD, entry, link, person, sessions, set_password, signed_in, user};
use crate::{
    process::run_with,
    support::{Server, id, request, send},
};
use serde_json::{Value, json};

#[test]
fn s_35_f_2_0_6_a_disabled_users_sessions_end_at_once_and_for_good() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    let begin = |email: &str| {
        let ann = id(&account.create(json!({ "userName": email })));
        account.api("PATCH", &format!("/users/{ann}"), json!({ "verified": true })).expect(200);
        set_password(&Browser::new(&server), &link(&account, &ann), PASSWORD).expect(303);
        (ann, signed_in(&server, &account, email))
    };
    let (ann, browser) = begin("ann@acme.example");
    let active =
        |value: bool| account.patch(&ann, json!([{ "op": "replace", "path": "active", "value": value }])).expect(200);
    active(false);
    assert!(!browser.is_in());
    assert!(sessions(&account, &ann).is_empty());
    let answer = Browser::new(&server).sign_in(&account.id, "ann@acme.example", PASSWORD).expect(403);
    assert!(answer.text.contains("The user is disabled."), "{}", answer.text);
    active(true);
    assert!(!browser.is_in(), "what has ended stays ended");
    signed_in(&server, &account, "ann@acme.example");

    let (bob, browser) = begin("bob@acme.example");
    account.scim("DELETE", &format!("/Users/{bob}"), Value::Null).expect(204);
    assert!(!browser.is_in(), "deleted");
}

#[test]
fn s_67_a_session_ends_without_use_and_at_the_end_of_its_hours() {
    let mut server = Server::start();
    let account = server.account(json!("standard"));
    let ann = person(&server, &account, "ann@acme.example", "ACCOUNTMEMBER");
    let idle = signed_in(&server, &account, "ann@acme.example");
    let used = signed_in(&server, &account, "ann@acme.example");
    let at = |server: &mut Server, offset: &str| {
        server.stop();
        server.restart_at(offset);
    };
    at(&mut server, "+25 minutes");
    assert!(used.at(&server).is_in());
    at(&mut server, "+45 minutes");
    assert!(used.at(&server).is_in() && !idle.at(&server).is_in(), "half an hour without a request");
    let account = server.again(&account);
    assert_eq!(sessions(&account, &ann).len(), 1);
    account.api("PATCH", "/sign-in", json!({ "idle_minutes": 1_440, "session_hours": 8 })).expect(200);
    at(&mut server, "+479 minutes");
    assert!(used.at(&server).is_in());
    at(&mut server, "+482 minutes");
    assert!(!used.at(&server).is_in(), "eight hours, used or not");
}

#[test]
fn sessions_are_listed_and_ended_over_the_api_and_on_the_command_line() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    let ann = person(&server, &account, "ann@acme.example", "ACCOUNTMEMBER");
    let browsers = [0; 3].map(|_| signed_in(&server, &account, "ann@acme.example"));
    let found = sessions(&account, &ann);
    assert_eq!(found.len(), 3);
    let first = found[0]["id"].as_str().expect("an id");
    account.api("DELETE", &format!("/users/{ann}/sessions/{first}"), Value::Null).expect(204);
    assert_eq!(browsers.each_ref().map(Browser::is_in), [false, true, true]);
    account.api("DELETE", &format!("/users/{ann}/sessions/{first}"), Value::Null).refused(404, &["no such session"]);
    account.api("DELETE", &format!("/users/{ann}/sessions/x"), Value::Null).refused(404, &["no such session"]);
    assert_eq!(entry(&account, "session.revoke", "success")["target_name"], "ann@acme.example");

    let environment = [("PROVOST_URL", account.base.as_str()), ("PROVOST_TOKEN", account.operator_key.as_str())];
    let run = |words: &[&str]| run_with(&[words, &["--account", &account.id]].concat(), &environment).exits(0).stdout;
    assert!(run(&["user", "sessions", "ann@acme.example"]).contains("127.0.0.1"));
    let second = sessions(&account, &ann)[0]["id"].as_str().expect("an id").to_owned();
    run(&["user", "end-sessions", "ann@acme.example", "--session", &second]);
    assert_eq!(browsers.each_ref().map(Browser::is_in), [false, false, true]);
    run(&["user", "end-sessions", "ann@acme.example"]);
    assert_eq!(browsers.each_ref().map(Browser::is_in), [false; 3]);

    let mine = signed_in(&server, &account, "ann@acme.example");
    let other = signed_in(&server, &account, "ann@acme.example");
    let other_id = sessions(&account, &ann)[1]["id"].as_str().expect("an id").to_owned();
    mine.submit("/console/you", &format!("/console/you/sessions/{other_id}/end"), &[]).expect(303);
    assert!(mine.is_in() && !other.is_in());
}

#[test]
fn another_password_ends_the_other_sessions() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    let ann = person(&server, &account, "ann@acme.example", "ACCOUNTMEMBER");
    let (mine, other) =
        (signed_in(&server, &account, "ann@acme.example"), signed_in(&server, &account, "ann@acme.example"));
    let new = "another four words of mine";
    let change = |current: &str, new: &str, again: &str| {
        let fields = [("current", current), ("password", new), ("again", again)];
        mine.submit("/console/you", "/console/you/password", &fields)
    };
    assert!(change("not the password", new, new).expect(400).text.contains("The present password is wrong"));
    assert!(change(PASSWORD, new, "something else").expect(400).text.contains("not the same"));
    assert!(change(PASSWORD, "short", "short").expect(400).text.contains("at least 12"));
    assert!(other.is_in());
    change(PASSWORD, new, new).expect(303);
    assert!(mine.is_in() && !other.is_in());
    Browser::new(&server).sign_in(&account.id, "ann@acme.example", PASSWORD).expect(403);
    Browser::new(&server).sign_in(&account.id, "ann@acme.example", new).expect(303);
    let entry = entry(&account, "user.set_password", "success");
    assert_eq!((&entry["actor"]["owner"], &entry["actor"]["type"]), (&json!(ann), &json!("person")));
    assert!(!account.audit().iter().any(|entry| entry.to_string().contains(new)));
}

#[test]
fn a_user_who_goes_for_good_takes_everything_along() {
    let mut server = Server::start();
    let account = server.account(json!("directory"));
    let ann = person(&server, &account, "ann@acme.example", "ACCOUNTMEMBER");
    let browser = signed_in(&server, &account, "ann@acme.example");
    account.api("DELETE", &format!("/users/{ann}"), Value::Null).expect(204);
    assert!(!browser.is_in(), "in the bin");
    account.api("POST", &format!("/users/{ann}/restore"), json!({})).expect(200);
    assert!(!browser.is_in());
    signed_in(&server, &account, "ann@acme.example");
    account.api("DELETE", &format!("/users/{ann}?permanent=true"), Value::Null).expect(204);
    let again = user(&account, "ann@acme.example", "ACCOUNTMEMBER");
    let kept = account.api("GET", &format!("/users/{again}/credentials"), Value::Null).expect(200).json();
    assert_eq!(kept["password_set"], Value::Null);
    Browser::new(&server).sign_in(&account.id, "ann@acme.example", PASSWORD).expect(403);
    if server.is_in_folder() {
        set_password(&Browser::new(&server), &link(&account, &again), PASSWORD).expect(303);
        signed_in(&server, &account, "ann@acme.example");
        server.stop();
        run_with(&["verify", "--data", server.data().to_str().expect("a path of text")], &[]).exits(0);
    }
}

#[test]
fn who_may_do_less_decides_nothing_about_who_may_do_more() {
    let server = Server::start();
    let account = server.account(json!({ "preset": "standard", "credentials": { "kind": "both" } }));
    let boss = user(&account, "boss@acme.example", "ACCOUNTADMINISTRATOR");
    let member = user(&account, "member@acme.example", "ACCOUNTMEMBER");
    let role = json!({ "name": "Helpdesk", "permissions": ["MANAGE_USERS", "MANAGE_POLICY"] });
    account.api("POST", "/roles", role).expect(201);
    let helper = user(&account, "helper@acme.example", "Helpdesk");
    let app = json!({ "name": "Laptop", "owner": helper, "scopes": ["api"] });
    let key = account.api("POST", "/admin-apps", app).expect(201).json()["api_key"].as_str().expect("a key").to_owned();
    let ask = |method: &str, path: &str, body: Value| {
        let url = format!("{}/api/v1/accounts/{}{path}", account.base, account.id);
        let mut asked = request(method, &url).bearer_auth(&key);
        if !body.is_null() {
            asked = asked.header("content-type", "application/json").body(body.to_string());
        }
        send(asked)
    };
    ask("POST", &format!("/users/{boss}/invitations"), json!({})).refused(403, &["permits more than you may"]);
    ask("DELETE", &format!("/users/{boss}/second-factors"), Value::Null).refused(403, &["permits more than you may"]);
    ask("PATCH", &format!("/users/{boss}"), json!({ "email": "mine@acme.example" })).refused(403, &["permits more"]);
    ask("PATCH", "/sign-in", json!({ "idle_minutes": 5 })).refused(403, &["everything in the account"]);
    ask("POST", &format!("/users/{member}/invitations"), json!({ "show_link": true }))
        .refused(403, &["only the operator"]);
    ask("DELETE", &format!("/users/{member}/second-factors"), Value::Null).expect(204);
}
