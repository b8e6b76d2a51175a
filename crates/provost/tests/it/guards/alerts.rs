//! Alerts by list, mail, metric and banner.

use super::{actions, alerts, environment};
use crate::{
    console::Visitor,
    mail::Sink,
    process::run_with,
    support::{Server, id, request, send},
};
use serde_json::{Value, json};

#[test]
fn s_77_silence_is_alerted_to_once_and_cleared_by_the_next_call() {
    let sink = Sink::start();
    let url = sink.url();
    let mail = ["--smtp-url", &url, "--mail-from", "Provost <provost@example.com>"];
    let mut server = Server::start_with(&[&mail[..], &["--public-url", "https://scim.example.com"]].concat());
    let policy = json!({ "preset": "standard", "alerts": { "no_contact_hours": 2 } });
    let account = server.account(policy);
    account
        .api("POST", "/users", json!({ "email": "boss@acme.example", "roles": ["ACCOUNTADMINISTRATOR"] }))
        .expect(201);
    account.scim("GET", "/Users?count=0", Value::Null).expect(200);
    server.stop();
    server.restart_at("+3 hours");
    let account = server.again(&account);
    let raised = alerts(&account, |causes| causes == ["no_contact"]);
    assert_eq!((&raised[0]["app"], &raised[0]["app_name"]), (&json!(account.app), &json!("SCIM Entra")));
    assert_eq!(raised[0]["dismissible"], false);
    account.api("POST", &format!("/alerts/{}/dismiss", id(&raised[0])), json!({})).expect(409);
    let mail = sink.next_to("boss@acme.example");
    assert_eq!(mail["headers"]["Subject"], "Acme: An identity provider has gone silent");
    assert!(mail["text"].as_str().is_some_and(|text| text.contains("`SCIM Entra`")), "{mail}");
    let metrics = send(request("GET", &format!("{}/metrics", account.base))).text;
    assert!(metrics.contains("provost_alerts_raised_total{cause=\"no_contact\"} 1"), "{metrics}");
    let page = Visitor::operator(&server).open(&format!("/console/accounts/{}", account.id)).expect(200);
    page.says("An identity provider has gone silent").says("has not asked for 2 hours");
    let listed = run_with(&["alert", "list", "--account", &account.id], &environment(&server)).exits(0).stdout;
    assert!(listed.contains("no_contact"), "{listed}");

    account.scim("GET", "/Users?count=0", Value::Null).expect(200);
    alerts(&account, <[String]>::is_empty);
    let is_alert = |action: &String| ["alert.raise", "alert.clear"].contains(&action.as_str());
    let logged: Vec<String> = actions(&account).into_iter().filter(is_alert).collect();
    assert_eq!(logged, ["alert.clear", "alert.raise"], "once each");
}

#[test]
fn s_59_a_key_that_expires_is_told_of_before() {
    let mut server = Server::start();
    let account = server.account(json!("standard"));
    let in_days = |days: i64| {
        let now = jiff::Timestamp::from_second(
            std::time::SystemTime::UNIX_EPOCH.elapsed().map_or(0, |now| i64::try_from(now.as_secs()).unwrap_or(0)),
        );
        now.expect("a time") + jiff::SignedDuration::from_hours(24 * days)
    };
    let app = json!({ "name": "Okta", "expires": in_days(40).to_string() });
    let okta = account.api("POST", "/admin-apps", app).expect(201).json();
    let okta = account.with_key(okta["api_key"].as_str().expect("a key"));
    okta.scim("GET", "/Users?count=0", Value::Null).expect(200);
    alerts(&account, <[String]>::is_empty);
    for (offset, status, word) in [("+11 days", 200, "expires on"), ("+41 days", 401, "expired on")] {
        server.stop();
        server.restart_at(offset);
        let (account, okta) = (server.again(&account), server.again(&okta));
        let raised = alerts(&account, |causes| causes.iter().any(|cause| cause == "key_expires"));
        let told = raised.iter().find(|alert| alert["cause"] == "key_expires").expect("it is there");
        let detail = told["detail"].as_str().expect("a sentence").to_owned();
        // The one that was raised before is there until it is looked at.
        if offset == "+11 days" {
            assert!(detail.contains(word), "{detail}");
        }
        assert_eq!(okta.scim("GET", "/Users?count=0", Value::Null).status, status, "{offset}");
        let page = Visitor::operator(&server).open(&format!("/console/accounts/{}", account.id)).expect(200);
        page.says("An API key");
    }
    assert!(server.log().contains("the key has expired"), "the cause stands in the server's log");
}

#[test]
fn a_key_that_is_bait_is_refused_recorded_and_alerted_to_until_somebody_has_seen_it() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    let made = run_with(
        &["admin-app", "create", "Backup of Entra", "--honey", "--account", &account.id, "--json"],
        &environment(&server),
    )
    .json();
    assert_eq!(made["honey"], true);
    let bait = account.with_key(made["api_key"].as_str().expect("a key"));
    let other_end = if bait.key.ends_with('0') { "1" } else { "0" };
    let unknown = bait.with_key(&format!("{}{other_end}", &bait.key[..bait.key.len() - 1]));
    for _ in 0..2 {
        let refused = bait.scim("GET", "/Users", Value::Null);
        let like = unknown.scim("GET", "/Users", Value::Null);
        assert_eq!((refused.status, &refused.text), (401, &like.text), "whoever uses it learns nothing");
    }
    let raised = alerts(&account, |causes| causes == ["honey"]);
    assert_eq!((&raised[0]["app_name"], &raised[0]["dismissible"]), (&json!("Backup of Entra"), &json!(true)));
    let uses = account.audit().into_iter().filter(|entry| entry["action"] == "admin_app.honey").count();
    assert_eq!(uses, 2, "each use is recorded, with one alert");
    let visitor = Visitor::operator(&server);
    let place = format!("/console/accounts/{}", account.id);
    let page = visitor.open(&place).expect(200);
    page.says("Somebody used a key that is bait");
    let dismiss = format!("{place}/alerts/{}/dismiss", id(&raised[0]));
    visitor.send(&page, &dismiss, &[]).expect(200).does_not_say("Somebody used a key that is bait");
    alerts(&account, <[String]>::is_empty);
    assert_eq!(actions(&account)[0], "alert.dismiss");
    account.api("PATCH", &format!("/admin-apps/{}", id(&made)), json!({ "honey": false })).expect(200);
    assert_eq!(bait.scim("GET", "/Users", Value::Null).status, 200);
}
