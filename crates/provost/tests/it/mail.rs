//! Mail, by a real mail server (S-41, S-42, F-4.2-9, C20).

mod outbox;
pub mod sink;

use crate::{
    process::run_with,
    support::{Account, Server, id, request, send},
};
use serde_json::{Value, json};
pub use sink::Sink;

/// What links begin with: not where the server of a test listens.
const PUBLIC: &str = "https://scim.example.com";

/// A server that hands its mail to this URL.
fn server(smtp: &str) -> Server {
    Server::start_with(&["--smtp-url", smtp, "--mail-from", "Provost <provost@example.com>", "--public-url", PUBLIC])
}

fn dsm(document: Value) -> Value {
    let mut whole = json!({ "preset": "dsm" });
    whole.as_object_mut().expect("an object").extend(document.as_object().expect("an object").clone());
    whole
}

/// The link in a mail, as this server answers it.
fn link_in(mail: &Value, server: &Server) -> String {
    let text = mail["text"].as_str().expect("a text");
    let line = text.lines().find(|line| line.starts_with(PUBLIC)).unwrap_or_else(|| panic!("no link in {text}"));
    line.replacen(PUBLIC, &server.base, 1)
}

fn verified(account: &Account, user: &str) -> bool {
    account.shown(user)["verified"].as_bool().expect("a user shows whether it is verified")
}

fn press(link: &str) -> u16 {
    send(request("POST", link)).status
}

#[test]
fn s_41_a_link_is_pressed_once_and_scim_shows_nothing_of_it() {
    let sink = Sink::start();
    let server = server(&sink.url());
    let account = server.account(json!("dsm"));
    let created = account.scim_with(
        "POST",
        "/Users",
        &[("x-forwarded-host", "evil.example.com")],
        json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ann@acme.example" }),
    );
    let created = created.expect(201).json();
    let user = id(&created);
    let mail = sink.next_to("ann@acme.example");
    assert_eq!(mail["headers"]["From"], "Provost <provost@example.com>");
    assert_eq!(mail["headers"]["Subject"], "Confirm your address for Acme");
    assert_eq!(mail["hello"], "scim.example.com");
    let link = link_in(&mail, &server);

    let sign_in = json!({ "identifier": "ann@acme.example" });
    let before = account.api("POST", "/sign-in-checks", sign_in.clone()).expect(200).json();
    assert_eq!(before["allowed"], false, "F-4.1-22: {before}");
    for method in ["GET", "HEAD"] {
        let page = send(request(method, &link)).expect(200);
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert_eq!((page.header("referrer-policy"), page.header("cache-control")), ("no-referrer", "no-store"));
        assert_eq!(page.text.contains("<form method=\"post\">"), method == "GET", "{}", page.text);
        assert!(!verified(&account, &user), "looking at a link proves nothing");
    }
    let page = send(request("POST", &link)).expect(200);
    assert!(page.text.contains("Your address is confirmed"), "{}", page.text);
    assert!(verified(&account, &user));
    let after = account.api("POST", "/sign-in-checks", sign_in).expect(200).json();
    assert_eq!(after["allowed"], true, "F-4.1-22, with no SCIM call in between: {after}");
    let entry = account.audit().remove(0);
    assert_eq!((&entry["action"], &entry["target"]["id"]), (&json!("user.verify"), &json!(user)));
    assert_eq!((&entry["actor"]["type"], &entry["client_ip"]), (&json!("person"), &json!("127.0.0.1")));
    assert_eq!(
        (&entry["actor_owner"], &entry["actor"]["key"]),
        (&json!("ann@acme.example"), &Value::Null),
        "no session"
    );
    assert_eq!(press(&link), 404, "used up");

    let token = link.rsplit('/').next().expect("a token");
    assert!(!created.to_string().contains("verif") && !account.get(&user).text.contains("verif"));
    assert!(!account.shown(&user).to_string().contains(token) && !server.log().contains(token));
    assert!(!account.audit().iter().any(|entry| entry.to_string().contains(token)));
}

#[test]
fn s_41_a_newer_mail_kills_the_link_and_so_does_time() {
    let sink = Sink::start();
    let mut server = server(&sink.url());
    let account = server.account(json!("dsm"));
    let user = id(&account.create(json!({ "userName": "ann@acme.example" })));
    let first = link_in(&sink.next(), &server);
    let sent = account.api("POST", &format!("/users/{user}/verification-mails"), Value::Null).expect(202).json();
    assert_eq!(sent["to"], "ann@acme.example");
    let second = link_in(&sink.next_to("ann@acme.example"), &server);
    assert_ne!(first, second);
    assert_eq!((press(&first), verified(&account, &user)), (404, false), "the older link");

    let environment = [("PROVOST_URL", account.base.as_str()), ("PROVOST_TOKEN", account.operator_key.as_str())];
    let ran = run_with(&["user", "verify-mail", "ann@acme.example", "--account", &account.id], &environment).exits(0);
    assert!(ran.stdout.contains("ann@acme.example"), "{}", ran.stdout);
    let third = link_in(&sink.next(), &server);
    assert_eq!(press(&second), 404);

    server.stop();
    server.restart_at("+25 hours");
    let token = third.rsplit('/').next().expect("a token");
    assert_eq!(press(&format!("{}/verify/{token}", server.base)), 404, "expired");
    let account = server.again(&account);
    account.api("POST", &format!("/users/{user}/verification-mails"), Value::Null).expect(202);
    assert_eq!(press(&link_in(&sink.next(), &server)), 200);
    let again = account.api("POST", &format!("/users/{user}/verification-mails"), Value::Null);
    again.refused(409, &["verified already"]);
}

#[test]
fn s_41_nobody_learns_from_a_link_who_is_there() {
    let sink = Sink::start();
    let server = server(&sink.url());
    let account = server.account(json!("dsm"));
    account.create(json!({ "userName": "ann@acme.example" }));
    let good = link_in(&sink.next(), &server);
    let (head, token) = good.split_once("prv_verify_").expect("a token");
    let other = |range: std::ops::Range<usize>| {
        let mut token = token.to_owned();
        token.replace_range(range.clone(), &"0".repeat(range.len()));
        format!("{head}prv_verify_{token}")
    };
    let mut answers = Vec::new();
    for link in [other(0..32), other(32..64), other(64..96), format!("{head}x"), format!("{good}0")] {
        let asked = send(request("GET", &link)).expect(200);
        assert_eq!(asked.text, send(request("GET", &good)).text, "the page is the same for every link");
        answers.push(send(request("POST", &link)));
    }
    assert!(answers.iter().all(|answer| (answer.status, &answer.text) == (404, &answers[0].text)), "{answers:?}");
    let entries = account.audit();
    assert_eq!(entries[0]["action"], "user.create", "made-up links leave no trace in the log");
    for (method, status) in [("PUT", 405), ("DELETE", 405)] {
        let answer = send(request(method, &good)).expect(status);
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    }
    let statuses: Vec<u16> = (0..100).map(|_| press(&format!("{head}x"))).collect();
    assert_eq!(statuses.last(), Some(&429), "who tries too many links waits");
    assert_eq!(send(request("GET", &good)).status, 429);
}

#[test]
fn s_41_a_changed_address_is_proved_anew() {
    let sink = Sink::start();
    let server = server(&sink.url());
    let account = server.account(dsm(json!({ "users": { "identifier_update": "update" } })));
    let user = id(&account.create(json!({ "userName": "ann@acme.example" })));
    let old = link_in(&sink.next(), &server);
    assert_eq!(press(&old), 200);
    let renamed = json!([{ "op": "replace", "path": "userName", "value": "ann.new@acme.example" }]);
    account.patch(&user, renamed).expect(200);
    assert!(!verified(&account, &user));
    let new = link_in(&sink.next_to("ann.new@acme.example"), &server);
    assert_eq!((press(&old), press(&new)), (404, 200));
    assert!(verified(&account, &user));
    account.patch(&user, json!([{ "op": "replace", "path": "externalId", "value": "e1" }])).expect(200);
    assert!(verified(&account, &user), "nothing else must be proved again");
}

#[test]
fn s_42_a_first_sign_in_by_the_identity_provider_counts_where_the_policy_says_so() {
    let server = Server::start();
    for (sso, counts) in [("counts", true), ("ignored", false)] {
        let account = server.account(dsm(json!({ "users": { "sso_verification": sso } })));
        let user = id(&account.create(json!({ "userName": "ann@acme.example" })));
        let check = |sso: bool| {
            let question = json!({ "identifier": "ann@acme.example", "sso": sso });
            account.api("POST", "/sign-in-checks", question).expect(200).json()["allowed"] == true
        };
        assert!(!check(false), "{sso}: a sign-in by other means proves nothing");
        assert_eq!(check(true), counts, "{sso}");
        assert_eq!(check(false), counts, "{sso}: from then on");
        assert_eq!(verified(&account, &user), counts, "{sso}");
        let entry = account.audit().remove(0);
        assert_eq!(entry["action"] == "user.verify_by_sso", counts, "{entry}");
        let last = entry["seq"].clone();
        check(true);
        assert_eq!(account.audit()[0]["seq"], last, "once");
    }
}

/// Disables one user and deletes another over SCIM, then makes a third, whose mail comes after whatever those brought about.
fn deprovision(account: &Account) {
    let one = id(&account.create(json!({ "userName": "one@acme.example" })));
    let two = id(&account.create(json!({ "userName": "two@acme.example" })));
    account.patch(&one, json!([{ "op": "replace", "path": "active", "value": false }])).expect(200);
    account.scim("DELETE", &format!("/Users/{two}"), Value::Null).expect(204);
    account.create(json!({ "userName": "last@acme.example" }));
}

#[test]
fn f_4_2_9_nobody_gets_mail_when_a_user_is_de_provisioned_under_dsm() {
    let sink = Sink::start();
    let server = server(&sink.url());
    deprovision(&server.account(json!("dsm")));
    let mut came: Vec<(String, String)> = Vec::new();
    while came.last().is_none_or(|(to, _)| !to.starts_with("last@")) {
        let mail = sink.next();
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        came.push((text(&mail["to"][0]), text(&mail["headers"]["Subject"])));
    }
    let invitations =
        ["one", "two", "last"].map(|name| (format!("{name}@acme.example"), "Confirm your address for Acme".to_owned()));
    assert_eq!(came, invitations);
}

#[test]
fn c20_the_user_or_the_administrators_hear_of_a_de_provisioning() {
    let sink = Sink::start();
    let server = server(&sink.url());
    let quiet = json!({ "users": { "verification": "none" } });
    let policy = |notify: &str| {
        let mut policy = dsm(quiet.clone());
        policy["notify"] = json!(notify);
        policy
    };
    let account = server.account(policy("user"));
    deprovision(&account);
    for to in ["one@acme.example", "two@acme.example"] {
        assert_eq!(sink.next_to(to)["headers"]["Subject"], "Your access to Acme has ended");
    }
    let account = server.account(policy("admins"));
    let by_hand = |email: &str, role: &str| {
        let user = account.api("POST", "/users", json!({ "email": email, "roles": [role] })).expect(201).json();
        id(&user)
    };
    by_hand("boss@acme.example", "ACCOUNTADMINISTRATOR");
    by_hand("chief@acme.example", "ACCOUNTADMINISTRATOR");
    by_hand("member@acme.example", "ACCOUNTMEMBER");
    let gone = by_hand("gone@acme.example", "ACCOUNTADMINISTRATOR");
    account.api("PATCH", &format!("/users/{gone}"), json!({ "active": false })).expect(200);
    deprovision(&account);
    let mut came: Vec<String> = (0..4)
        .map(|_| {
            let mail = sink.next();
            let subject = mail["headers"]["Subject"].as_str().expect("a subject").to_owned();
            let who =
                ["one@", "two@"].into_iter().find(|who| mail["text"].as_str().is_some_and(|text| text.contains(who)));
            format!("{} {} {subject}", mail["to"][0].as_str().expect("an address"), who.expect("it names the user"))
        })
        .collect();
    came.sort();
    let expected = ["boss@acme.example", "chief@acme.example"].into_iter().flat_map(|to| {
        [("one@", "disabled"), ("two@", "removed")].map(|(who, what)| format!("{to} {who} A user of Acme was {what}"))
    });
    assert_eq!(came, expected.collect::<Vec<_>>());
}

#[test]
fn s_41_without_a_mail_server_the_log_says_that_no_mail_goes_out() {
    let server = Server::start();
    assert!(server.log().contains("Mail is off"), "{}", server.log());
    let account = server.account(dsm(json!({ "notify": "user" })));
    let user = id(&account.create(json!({ "userName": "ann@acme.example" })));
    let warned = account.audit()[0]["warnings"].to_string();
    assert!(warned.contains("sends no mail") && warned.contains("users.verification_mail"), "{warned}");
    let sent = account.api("POST", &format!("/users/{user}/verification-mails"), Value::Null);
    sent.refused(409, &["sends no mail"]);
    account.patch(&user, json!([{ "op": "replace", "path": "active", "value": false }])).expect(200);
    let warned = account.audit()[0]["warnings"].to_string();
    assert!(warned.contains("sends no mail") && warned.contains("notify"), "{warned}");
}
