//! Sections 2.0 to 4.1: who comes, and where.

use super::{app, change, company, dsm, dsm_rows, hire, id_of, into_dsm, seen, users, went};
use crate::support::{Account, id, pause};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Waits until the users of a target are these.
#[track_caller]
pub fn until(target: &Account, expected: &[&str]) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while users(target) != expected {
        assert!(Instant::now() < deadline, "{:?} is not {expected:?}", users(target));
        pause();
    }
}

#[test]
fn f_2_0_3_and_f_3_1_3_and_f_5_0_1_a_running_job_follows_a_users_life_and_nobody_else_does() {
    let company = company();
    let target = dsm(&company);
    let app = into_dsm(&company, &target);
    let ann = hire(&company, "ann");
    let assigned = app.assign(&ann, None);
    assert_eq!(users(&target), [""; 0], "nothing happens without the client");
    app.set(json!({ "interval": 1 }));
    app.api("POST", "/start", Value::Null).expect(200);
    until(&target, &["ann"]);
    change(&company, &ann, "active", json!(false));
    until(&target, &["-ann"]);
    change(&company, &ann, "active", json!(true));
    until(&target, &["ann"]);
    app.unassign(&assigned);
    until(&target, &["-ann"]);
    app.assign(&ann, None);
    until(&target, &["ann"]);
    company.api("DELETE", &format!("/users/{ann}?permanent=true"), Value::Null).expect(204);
    until(&target, &[]);
    app.api("POST", "/stop", Value::Null).expect(200);
}

#[test]
fn f_2_0_4_who_is_blocked_in_the_directory_is_disabled_in_every_account() {
    let company = company();
    let targets = [(); 3].map(|()| dsm(&company));
    let ann = hire(&company, "ann");
    let apps: Vec<_> = targets
        .iter()
        .enumerate()
        .map(|(number, target)| {
            // Apps are told apart by their names, which here are their tenant URLs.
            let url = format!("{}/scim/v2{}?aadOptscim062020", target.base, "/".repeat(number));
            let app = app(&company, &url, &target.key);
            app.maps(dsm_rows(), false);
            app.assign(&ann, None);
            app
        })
        .collect();
    for (app, target) in apps.iter().zip(&targets) {
        assert_eq!(app.cycle(), went([1, 0, 0, 0, 0]));
        assert_eq!(users(target), ["ann"]);
    }
    change(&company, &ann, "active", json!(false));
    for (app, target) in apps.iter().zip(&targets) {
        assert_eq!(app.cycle(), went([0, 0, 1, 0, 0]));
        assert_eq!(users(target), ["-ann"]);
    }
}

#[test]
fn f_2_0_5_one_cycle_brings_or_disables_and_its_delay_is_measured() {
    let company = company();
    let target = dsm(&company);
    let app = into_dsm(&company, &target);
    let assigned = app.assign(&hire(&company, "ann"), None);
    app.cycle();
    assert_eq!(users(&target), ["ann"]);
    app.unassign(&assigned);
    app.cycle();
    assert_eq!(users(&target), ["-ann"]);
    let (status, interval) = (app.status(), app.api("GET", "", Value::Null).json()["interval"].as_u64());
    let measured = &status["deprovisioning"];
    assert_eq!(measured["count"], json!(1), "{status}");
    assert!(measured["longest_ms"].as_u64() <= interval.map(|seconds| seconds * 1000), "{status}");
}

#[test]
fn f_3_1_2_each_change_of_the_directory_queues_an_action() {
    let company = company();
    let target = dsm(&company);
    let app = into_dsm(&company, &target);
    let planned = || -> Vec<Value> {
        let plan = app.api("POST", "/plan", Value::Null).expect(200).json();
        let objects = plan["objects"].as_array().expect("a plan has objects").clone();
        objects.iter().flat_map(|object| object["intents"].as_array().cloned().unwrap_or_default()).collect()
    };
    let ann = hire(&company, "ann");
    app.assign(&ann, None);
    let actions = || planned().iter().map(|intent| intent["action"].clone()).collect::<Vec<_>>();
    assert_eq!(actions(), [json!("create")]);
    app.cycle();
    assert_eq!(actions(), [Value::Null; 0]);
    change(&company, &ann, "userName", json!("anna@a.com"));
    assert_eq!(actions(), [json!("update")]);
    company.api("DELETE", &format!("/users/{ann}"), Value::Null).expect(204);
    assert_eq!(actions(), [json!("disable")]);
    company.api("DELETE", &format!("/users/{ann}?permanent=true"), Value::Null).expect(204);
    assert_eq!(actions(), [json!("delete")]);
    assert_eq!(users(&target), ["ann"], "a plan does nothing");
}

#[test]
fn f_4_1_1_without_a_key_nothing_is_sent_and_with_it_the_initial_cycle_provisions() {
    let company = company();
    let target = dsm(&company);
    let body = json!({ "name": "DSM", "tenant_url": format!("{}/scim/v2?aadOptscim062020", target.base) });
    let id = id(&company.api("POST", "/enterprise-apps", body).expect(201).json());
    let app = super::App { company: &company, id };
    app.maps(dsm_rows(), false);
    app.assign(&hire(&company, "ann"), None);
    app.api("POST", "/start", Value::Null).refused(409, &["no secret token"]);
    app.api("POST", "/cycle", Value::Null).refused(409, &["no secret token"]);
    assert_eq!(users(&target), [""; 0]);
    assert!(target.audit().iter().all(|entry| entry["actor"]["type"] == json!("operator")));
    app.set(json!({ "secret_token": target.key }));
    app.api("POST", "/start", Value::Null).expect(200);
    let deadline = Instant::now() + Duration::from_secs(60);
    while app.status()["last_success"].is_null() {
        assert!(Instant::now() < deadline, "{}", app.status());
        pause();
    }
    app.api("POST", "/stop", Value::Null).expect(200);
    assert_eq!(app.status()["last_success"]["initial"], json!(true));
    assert_eq!(users(&target), ["ann"]);
}

#[test]
fn f_4_1_3_all_assigned_users_are_created_by_the_initial_cycle() {
    let company = company();
    let target = dsm(&company);
    let app = into_dsm(&company, &target);
    let names = ["ann", "bob", "cid", "dee", "eve"];
    for name in names {
        app.assign(&hire(&company, name), None);
    }
    assert_eq!(app.cycle(), went([5, 0, 0, 0, 0]));
    assert_eq!(users(&target), names);
}

#[test]
fn f_4_1_4_users_who_are_not_assigned_are_not_created() {
    let company = company();
    let target = dsm(&company);
    let app = into_dsm(&company, &target);
    let all: Vec<String> = (0..10).map(|number| hire(&company, &format!("user{number}"))).collect();
    for number in [3, 7] {
        app.assign(&all[number], None);
    }
    assert_eq!(app.cycle(), went([2, 0, 0, 0, 0]));
    assert_eq!(users(&target), ["user3", "user7"]);
}

#[test]
fn f_5_1_3_who_is_there_already_is_linked_and_managed_from_then_on() {
    let company = company();
    let target = dsm(&company);
    let manual = id(&target
        .api("POST", "/users", json!({ "email": "ann@a.com", "roles": [super::AUDITOR] }))
        .expect(201)
        .json());
    assert_eq!(target.shown(&manual)["managed"], json!(false));
    let app = into_dsm(&company, &target);
    let ann = hire(&company, "ann");
    let assigned = app.assign(&ann, None);
    assert_eq!(app.cycle().1[0], 0, "nobody is created");
    let linked = seen(&target, "ann");
    assert_eq!((&linked["id"], &linked["externalId"]), (&json!(manual), &json!(ann)));
    assert_eq!(target.shown(&manual)["managed"], json!(true));
    app.unassign(&assigned);
    assert_eq!(app.cycle(), went([0, 0, 1, 0, 0]));
    assert_eq!((users(&target), id_of(&target, "ann")), (vec!["-ann".to_owned()], manual));
}
