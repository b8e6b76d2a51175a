//! Mail to those whom an app names.

use super::{app, dsm, dsm_rows, hire, users};
use crate::{
    mail::Sink,
    support::{Server, pause},
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const OPS: &str = "ops@a.com";
const BOSS: &str = "boss@a.com";

/// The next mails, one to each of the two: their common subject and text.
#[track_caller]
fn told(sink: &Sink) -> (String, String) {
    let text = |of: &Value| of.as_str().expect("a text").to_owned();
    let mut came = [sink.next(), sink.next()]
        .map(|mail| (text(&mail["to"][0]), (text(&mail["headers"]["Subject"]), text(&mail["text"]))));
    came.sort();
    let [(first, one), (second, other)] = came;
    assert_eq!((first.as_str(), second.as_str(), &one), (BOSS, OPS, &other));
    one
}

#[test]
fn s_91_those_whom_an_app_names_hear_of_quarantine_once_for_each_reason_and_of_its_end() {
    let mut sink = Sink::start();
    let url = sink.url();
    let mut server = Server::start_with(&[
        "--allow-private-targets",
        "--smtp-url",
        &url,
        "--mail-from",
        "provost@example.com",
        "--public-url",
        "https://scim.example.com",
    ]);
    let company = server.account(json!("directory"));
    let elsewhere = super::company();
    let target = dsm(&elsewhere);
    let made = app(&company, &format!("{}/scim/v2?aadOptscim062020", target.base), &target.key);
    made.maps(dsm_rows(), false);
    made.set(json!({ "name": "DSM", "notify": [OPS, BOSS], "accidental_deletion_threshold": 1 }));
    let assigned = ["ann", "bob"].map(|name| made.assign(&hire(&company, name), None));
    made.cycle();

    for assignment in &assigned {
        made.unassign(assignment);
    }
    made.run("");
    let (subject, text) = told(&sink);
    assert_eq!(subject, "Provisioning into DSM is in quarantine");
    assert!(text.contains('2') && text.contains("threshold"), "{text}");
    made.run("?retry=now");

    made.set(json!({ "secret_token": "prv_wrong_key" }));
    made.run("?retry=now");
    let (subject, text) = told(&sink);
    assert_eq!(subject, "Provisioning into DSM is in quarantine", "another reason");
    assert!(text.contains("401") && !text.contains("prv_wrong_key"), "{text}");
    made.run("?retry=now");
    made.api("POST", "/start", Value::Null).expect(200);
    let id = made.id;

    server.stop();
    server.restart_at("+29 days");
    let company = server.again(&company);
    let late = super::App { company: &company, id };
    let (subject, text) = told(&sink);
    assert_eq!(subject, "Provisioning into DSM is switched off", "and nothing came in between");
    assert!(text.contains("401") && text.contains("four weeks"), "{text}");
    let deadline = Instant::now() + Duration::from_secs(30);
    while late.status()["state"] != json!("Disabled") {
        assert!(Instant::now() < deadline, "{}", late.status());
        pause();
    }
    late.set(json!({ "secret_token": target.key }));
    late.api("POST", "/allow-deletions", Value::Null).expect(200);
    late.api("POST", "/restart", Value::Null).expect(200);
    let deadline = Instant::now() + Duration::from_secs(60);
    while users(&target) != ["-ann", "-bob"] {
        assert!(Instant::now() < deadline, "{}", late.status());
        pause();
    }
    server.stop();
    assert_eq!(sink.others(), [""; 0], "a quarantine that ends well is no news");
}
