//! How a job stands: held deletions, quarantine, failures, its status.

use super::{company, dsm, hire, into_dsm, through, users, went};
use serde_json::{Value, json};

#[test]
fn s_90_one_who_is_always_refused_stops_nobody_and_each_try_is_logged() {
    let company = company();
    let target = dsm(&company);
    let app = into_dsm(&company, &target);
    for number in 0..99 {
        app.assign(&hire(&company, &format!("user{number:02}")), None);
    }
    // A name that is no address is refused by the target.
    let bad = crate::support::id(&company.create(json!({ "userName": "nobody" })));
    app.assign(&bad, None);
    assert_eq!(app.cycle(), went([99, 0, 0, 0, 1]));
    assert_eq!(users(&target).len(), 99);
    assert_eq!(app.cycle(), went([0, 0, 0, 0, 1]), "the first try again is at once");
    assert_eq!(app.cycle(), went([0; 5]), "the next one is hours away");
    let tries = app.log(&format!("&user={bad}&status=failure"));
    assert_eq!(tries.len(), 2);
    let next = |entry: &Value| entry["error"]["next_attempt"].as_str().map(str::to_owned);
    assert!(next(&tries[0]) > next(&tries[1]), "{tries:?}");
    assert_eq!(app.run("?retry=now")["counts"]["failed"], json!(1), "unless somebody asks for it");
}

#[test]
fn s_91_a_wrong_token_is_quarantine_and_a_right_one_ends_it() {
    let company = company();
    let target = dsm(&company);
    let (app, recorder) = through(&company, &target);
    app.assign(&hire(&company, "ann"), None);
    app.set(json!({ "secret_token": "prv_wrong_key" }));
    assert_eq!(app.run("")["status"], json!("failed"));
    let status = app.status();
    assert_eq!(status["state"], json!("Quarantine"), "{status}");
    assert!(status["quarantine"].to_string().contains("401"), "{status}");
    assert!(recorder.take().iter().all(|heard| heard.method == "GET"));
    app.set(json!({ "secret_token": target.key }));
    assert_eq!(app.cycle(), went([1, 0, 0, 0, 0]));
    let status = app.status();
    assert_eq!((status["state"] == json!("Quarantine"), &status["quarantine"]), (false, &Value::Null), "{status}");
}

#[test]
fn s_92_more_leavers_than_the_threshold_are_held_until_somebody_allows_them() {
    let company = company();
    let target = dsm(&company);
    let (app, recorder) = through(&company, &target);
    app.set(json!({ "accidental_deletion_threshold": 3 }));
    let names = ["ann", "bob", "cid", "dee", "eve"];
    let assigned = names.map(|name| app.assign(&hire(&company, name), None));
    app.cycle();
    for assignment in &assigned {
        app.unassign(assignment);
    }
    recorder.take();
    let counts = app.run("")["counts"].clone();
    assert_eq!((&counts["disabled"], &counts["held"], recorder.writes().len()), (&json!(0), &json!(5), 0));
    assert_eq!((users(&target), &app.status()["state"]), (names.map(str::to_owned).to_vec(), &json!("Quarantine")));
    assert_eq!(app.log("").iter().filter(|entry| entry["action"] == json!("staged_delete")).count(), 5);
    app.api("POST", "/allow-deletions", Value::Null).expect(200);
    assert_eq!(app.cycle(), went([0, 0, 5, 0, 0]));
    assert_eq!(recorder.writes().len(), 5);
    assert_eq!(users(&target), names.map(|name| format!("-{name}")));
}

#[test]
fn s_102_another_token_changes_neither_links_nor_watermark() {
    let company = company();
    let target = dsm(&company);
    let (app, recorder) = through(&company, &target);
    app.system_roles();
    app.assign(&hire(&company, "ann"), Some(super::MEMBER));
    app.cycle();
    let before = app.status();
    let path = format!("/admin-apps/{}/rotate", target.app);
    let rotated = target.api("POST", &path, Value::Null).expect(200).json();
    let key = rotated["api_key"].as_str().expect("a new key is shown");
    app.set(json!({ "secret_token": key }));
    let after = app.status();
    for member in ["watermark", "synchronized_users", "last_success", "cycles"] {
        assert_eq!(before[member], after[member], "{member}");
    }
    for shown in [app.api("GET", "", Value::Null).text, company.api("GET", "/export", Value::Null).text] {
        assert!(!shown.contains(&target.key) && !shown.contains(key));
    }
    app.api("POST", "/restart", Value::Null).expect(200);
    recorder.take();
    assert_eq!(app.cycle(), went([0; 5]));
    assert!(recorder.take().iter().all(|heard| heard.method != "POST"), "nobody is made again");
}

#[test]
fn s_103_the_status_shows_counts_the_last_success_and_why_it_is_in_quarantine() {
    let company = company();
    let target = dsm(&company);
    let app = into_dsm(&company, &target);
    for name in ["ann", "bob"] {
        app.assign(&hire(&company, name), None);
    }
    app.api("POST", "/cycle", Value::Null).expect(200);
    let status = app.status();
    let success = &status["last_success"];
    assert_eq!((&status["synchronized_users"], &success["counts"]["created"]), (&json!(2), &json!(2)), "{status}");
    assert_eq!((&success["initial"], &status["quarantine"]), (&json!(true), &Value::Null));
    app.set(json!({ "secret_token": "prv_wrong_key" }));
    app.assign(&hire(&company, "cid"), None);
    app.run("");
    let status = app.status();
    assert!(status["quarantine"].is_object() && status["last_success"]["id"] == success["id"], "{status}");
    app.set(json!({ "secret_token": target.key }));
    app.api("POST", "/restart", Value::Null).expect(200);
    let restarted = app.status();
    assert_eq!((&restarted["watermark"], &restarted["quarantine"]), (&Value::Null, &Value::Null), "{restarted}");
    assert_eq!(app.run("")["initial"], json!(true));
    assert_eq!(users(&target), ["ann", "bob", "cid"]);
    app.api("POST", "/stop", Value::Null).expect(200);
    assert_eq!(app.status()["state"], json!("Paused"));
}

#[test]
fn f_4_1_18_and_f_5_5_16_an_app_that_is_started_runs_by_itself_until_it_is_stopped() {
    let company = company();
    let target = dsm(&company);
    let app = into_dsm(&company, &target);
    app.set(json!({ "interval": 1 }));
    app.assign(&hire(&company, "ann"), None);
    assert_eq!(users(&target), [""; 0], "nothing runs before it is started");
    app.api("POST", "/start", Value::Null).expect(200);
    super::newcomers::until(&target, &["ann"]);
    app.assign(&hire(&company, "bob"), None);
    super::newcomers::until(&target, &["ann", "bob"]);
    app.api("POST", "/stop", Value::Null).expect(200);
    let status = app.status();
    assert_eq!((&status["state"], &status["next_cycle"]), (&json!("Paused"), &Value::Null), "{status}");
}
