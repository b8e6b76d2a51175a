//! Section 7.0: what went wrong can be read, and put right.

use super::{app, change, company, dsm, dsm_rows, hire, id_of, into_dsm, users, went};
use crate::support::{Account, Server, encoded, pause};
use serde_json::{Value, json};
use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

/// The reasons of what failed, newest first.
fn reasons(app: &super::App<'_>) -> Vec<String> {
    let failures = app.log("&status=failure");
    failures.iter().map(|entry| entry["error"]["reason"].as_str().expect("a failure has a reason").to_owned()).collect()
}

#[test]
fn f_7_0_1_wrong_credentials_wrong_attributes_and_no_connection_are_each_in_the_log() {
    let company = company();
    let target = dsm(&company);
    let app = app(&company, &format!("{}/scim/v2?aadOptscim062020", target.base), "prv_wrong_key");
    app.maps(dsm_rows(), false);
    let ann = hire(&company, "ann");
    app.assign(&ann, None);

    assert_eq!(app.run("")["status"], json!("failed"));
    assert!(reasons(&app)[0].contains("401"), "{:?}", reasons(&app));

    let nobody = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port is free");
    app.set(json!({ "tenant_url": format!("http://{nobody}/scim"), "secret_token": target.key }));
    assert_eq!(app.run("?retry=now")["status"], json!("failed"));
    assert_eq!(reasons(&app).len(), 2, "{:?}", reasons(&app));

    app.set(json!({ "tenant_url": format!("{}/scim/v2?aadOptscim062020", target.base), "secret_token": target.key }));
    app.maps(untrimmed(), false);
    assert_eq!(app.run("?retry=now")["status"], json!("succeeded"));
    change(&company, &ann, "displayName", json!("Another"));
    assert_eq!(app.run("")["status"], json!("entry_level_errors"));
    assert!(reasons(&app)[0].contains("displayName"), "{:?}", reasons(&app));
}

/// The mapping with an attribute that the target does not take in a PATCH.
fn untrimmed() -> Value {
    let mut rows = dsm_rows();
    rows.as_array_mut().expect("rows are a list").push(json!({ "target": "displayName", "source": "displayName" }));
    rows
}

/// What the target's audit log says of a refusal.
fn refusal(target: &Account) -> String {
    let entry = target.audit().into_iter().find(|entry| entry["outcome"] == json!("failure")).expect("it is audited");
    entry["detail"].as_str().expect("a refusal has a detail").to_owned()
}

#[test]
fn f_7_0_3_and_f_7_0_5_what_the_target_says_is_in_the_log_and_a_trimmed_mapping_lets_the_pending_change_through() {
    let company = company();
    let target = dsm(&company);
    let app = into_dsm(&company, &target);
    app.maps(untrimmed(), false);
    app.system_roles();
    let (ann, bob) = (hire(&company, "ann"), hire(&company, "bob"));
    app.assign(&ann, Some(super::MEMBER));
    let changed = app.assign(&bob, Some(super::MEMBER));
    assert_eq!(app.cycle(), went([2, 0, 0, 0, 0]), "attributes too many are ignored in a POST");

    for user in [&ann, &bob] {
        change(&company, user, "displayName", json!("Another"));
    }
    change(&company, &ann, "active", json!(false));
    app.api("PATCH", &format!("/assignments/{changed}"), json!({ "app_role": super::AUDITOR })).expect(200);
    assert_eq!(app.cycle().1[4], 2);
    assert_eq!(users(&target), ["ann", "bob"], "the whole PATCH is refused");
    let there = id_of(&target, "bob");
    assert_eq!(target.roles_of(&there), ["Account Member"]);
    let said = refusal(&target);
    assert!(said.contains("displayName"), "{said}");
    for user in [&ann, &bob] {
        let failure = app.log(&format!("&user={user}&status=failure"))[0].clone();
        let reason = failure["error"]["reason"].as_str().expect("a failure has a reason");
        assert!(reason.contains(&said), "`{said}` is not in: {reason}");
    }

    app.maps(dsm_rows(), false);
    assert_eq!(app.cycle(), went([0, 1, 1, 0, 0]));
    assert_eq!(users(&target), ["-ann", "bob"]);
    assert_eq!(target.roles_of(&there), ["Account Auditor"]);
}

#[test]
fn f_7_0_2_and_s_97_of_twenty_entries_those_that_are_asked_for_are_listed() {
    let company = company();
    let target = dsm(&company);
    let app = into_dsm(&company, &target);
    app.system_roles();
    let all: Vec<String> = (0..20).map(|number| hire(&company, &format!("user{number:02}"))).collect();
    for user in &all {
        app.assign(user, Some(super::MEMBER));
    }
    for user in &all[..3] {
        app.assign(user, Some(super::AUDITOR));
    }
    assert_eq!(app.cycle(), went([17, 0, 0, 0, 3]));
    assert_eq!(app.log("").len(), 20);
    let failures = app.log("&status=failure");
    assert_eq!(failures.len(), 3);
    assert!(failures.iter().all(|entry| entry["status"] == json!("failure")));
    let of = |user: &str, status: &str| app.log(&format!("&user={}&status={status}", encoded(user))).len();
    assert_eq!((of("user01@a.com", "failure"), of(&all[1], "failure"), of(&all[1], "success")), (1, 1, 0));
    assert_eq!((of(&all[7], "failure"), of(&all[7], "success")), (0, 1));
    app.api("GET", "/provisioning-logs?status=nothing", Value::Null).expect(400);
    let time = |entry: &Value| encoded(entry["at"].as_str().expect("an entry has a time"));
    let (newest, oldest) = (time(&app.log("")[0]), time(&app.log("")[19]));
    let between = |query: &str| app.log(&format!("&status=failure{query}")).len();
    assert_eq!((between(&format!("&from={oldest}")), between("&from=2999-01-01T00:00:00Z")), (3, 0));
    assert_eq!((between("&to=2999-01-01T00:00:00Z"), between(&format!("&to={oldest}"))), (3, 0));
    let earlier = failures.len() - failures.iter().filter(|entry| time(entry) == newest).count();
    assert_eq!(between(&format!("&to={newest}&from={oldest}")), earlier, "`to` is behind the last");

    let path = |entry: &Value| entry["id"].as_str().expect("an entry has an id").to_owned();
    let mut ids: Vec<String> = app.log("").iter().map(path).collect();
    ids.dedup();
    assert_eq!(ids.len(), 20);
    let failure = &failures[0];
    let steps: Vec<&str> =
        failure["steps"].as_array().into_iter().flatten().filter_map(|step| step["type"].as_str()).collect();
    for step in ["import", "scoping", "matching", "processing", "export"] {
        assert!(steps.contains(&step), "{step} is not in {steps:?}");
    }
    assert!(failure["duration_ms"].is_u64() && failure["at"].is_string() && failure["error"]["reason"].is_string());
    let created = &app.log(&format!("&user={}", all[7]))[0];
    let modified: Vec<&Value> = created["modified"].as_array().into_iter().flatten().map(|one| &one["name"]).collect();
    assert!(modified.contains(&&json!("userName")), "{created}");
    assert_eq!(created["target"]["id"], json!(id_of(&target, "user07")));
}

#[test]
fn s_98_a_failure_at_matching_shows_no_later_step_as_done() {
    let company = company();
    let target = dsm(&company);
    let app = into_dsm(&company, &target);
    let ann = hire(&company, "ann");
    app.assign(&ann, None);
    let steps = |shown: &Value| -> Vec<String> {
        let all = shown["steps"].as_array().expect("an action has steps");
        all.iter()
            .map(|step| {
                format!("{} {}", step["type"].as_str().unwrap_or_default(), step["status"].as_str().unwrap_or_default())
            })
            .collect()
    };
    app.set(json!({ "secret_token": "prv_wrong_key" }));
    let failed = app.api("POST", "/provision-on-demand", json!({ "user": ann })).expect(200).json();
    assert_eq!(
        (&failed["status"], steps(&failed).last().map(String::as_str)),
        (&json!("failure"), Some("matching failure")),
        "{failed}"
    );
    app.set(json!({ "secret_token": target.key }));
    let done = app.api("POST", "/provision-on-demand", json!({ "user": ann })).expect(200).json();
    let all = steps(&done);
    for step in ["import success", "scoping success", "matching success", "export success"] {
        assert!(all.iter().any(|done| done == step), "{step} is not in {all:?}");
    }
    assert_eq!((&done["status"], users(&target)), (&json!("success"), vec!["ann".to_owned()]));
}

#[test]
fn s_97_the_provisioning_log_is_kept_for_thirty_days() {
    let mut server = Server::start_with(&["--allow-private-targets"]);
    let company = server.account(json!("directory"));
    let target = server.account(json!("dsm"));
    let app = into_dsm(&company, &target);
    app.assign(&hire(&company, "ann"), None);
    assert_eq!(app.cycle(), went([1, 0, 0, 0, 0]));
    let (before, id) = (app.log(""), app.id);
    assert_eq!(before.len(), 1);
    for (days, kept) in [("+29 days", before), ("+31 days", Vec::new())] {
        server.stop();
        server.restart_at(days);
        let company = server.again(&company);
        let app = super::App { company: &company, id: id.clone() };
        let deadline = Instant::now() + Duration::from_secs(30);
        while app.log("") != kept && Instant::now() < deadline {
            pause();
        }
        assert_eq!(app.log(""), kept, "{days}");
    }
}
