//! Section 4.2: who goes, and comes back.

use super::{AUDITOR, change, company, dsm, hire, id_of, into_dsm, through, users, went};
use crate::support::Server;
use serde_json::{Value, json};

#[test]
fn f_4_2_1_and_f_4_2_10_who_is_removed_from_the_app_is_disabled_and_the_log_says_so() {
    let company = company();
    let target = dsm(&company);
    let (app, recorder) = through(&company, &target);
    let ann = hire(&company, "ann");
    let assigned = app.assign(&ann, None);
    app.cycle();
    app.unassign(&assigned);
    recorder.take();
    assert_eq!(app.cycle(), went([0, 0, 1, 0, 0]));
    let [patch] = <[_; 1]>::try_from(recorder.writes()).expect("one request writes");
    let operation = &patch.body["Operations"][0];
    let value = operation["value"].get("active").unwrap_or(&operation["value"]);
    assert_eq!((&*patch.method, value), ("PATCH", &json!(false)), "{}", patch.body);
    assert_eq!(users(&target), ["-ann"]);
    assert_eq!(app.log_of(&ann)[0], "disable success");
}

#[test]
fn f_4_2_3_who_is_assigned_again_is_the_same_user_enabled_with_the_asserted_role() {
    let company = company();
    let target = dsm(&company);
    let app = into_dsm(&company, &target);
    app.system_roles();
    let ann = hire(&company, "ann");
    let assigned = app.assign(&ann, Some(super::MEMBER));
    app.cycle();
    let there = id_of(&target, "ann");
    app.unassign(&assigned);
    app.cycle();
    assert_eq!(users(&target), ["-ann"]);
    app.assign(&ann, Some(AUDITOR));
    assert_eq!(app.cycle(), went([0, 1, 0, 0, 0]));
    assert_eq!((users(&target), id_of(&target, "ann")), (vec!["ann".to_owned()], there.clone()));
    assert_eq!(target.roles_of(&there), ["Account Auditor"]);
}

#[test]
fn f_4_2_4_and_f_4_2_5_a_soft_deleted_user_is_disabled_and_stays_so_when_only_restored() {
    let company = company();
    let target = dsm(&company);
    let app = into_dsm(&company, &target);
    let ann = hire(&company, "ann");
    app.assign(&ann, None);
    app.cycle();
    company.api("DELETE", &format!("/users/{ann}"), Value::Null).expect(204);
    assert_eq!(app.cycle(), went([0, 0, 1, 0, 0]));
    assert_eq!(app.api("GET", "/assignments", Value::Null).json()["items"], json!([]));
    assert_eq!(users(&target), ["-ann"]);
    company.api("POST", &format!("/users/{ann}/restore"), Value::Null).expect(200);
    for _ in 0..2 {
        assert_eq!(app.cycle(), went([0; 5]));
        assert_eq!(users(&target), ["-ann"]);
    }
    app.assign(&ann, None);
    assert_eq!(app.cycle(), went([0, 1, 0, 0, 0]));
    assert_eq!(users(&target), ["ann"]);
}

#[test]
fn f_4_2_6_a_hard_deleted_user_is_removed_from_the_account() {
    let company = company();
    let target = dsm(&company);
    let (app, recorder) = through(&company, &target);
    let ann = hire(&company, "ann");
    app.assign(&ann, None);
    app.cycle();
    recorder.take();
    company.api("DELETE", &format!("/users/{ann}?permanent=true"), Value::Null).expect(204);
    assert_eq!(app.cycle(), went([0, 0, 0, 1, 0]));
    assert_eq!(recorder.writes().iter().map(|heard| &*heard.method).collect::<Vec<_>>(), ["DELETE"]);
    assert_eq!(users(&target), [""; 0]);
    assert_eq!(target.api("GET", "/users", Value::Null).expect(200).json()["items"], json!([]));
}

#[test]
fn s_93_with_the_switch_on_who_leaves_is_left_alone_and_the_log_says_skipped() {
    let company = company();
    let target = dsm(&company);
    let (app, recorder) = through(&company, &target);
    app.set(json!({ "skip_out_of_scope_deletions": true }));
    let ann = hire(&company, "ann");
    let assigned = app.assign(&ann, None);
    app.cycle();
    app.unassign(&assigned);
    recorder.take();
    assert_eq!(app.cycle(), went([0; 5]));
    assert_eq!(recorder.writes().len(), 0);
    assert_eq!(users(&target), ["ann"]);
    assert!(app.log_of(&ann)[0].ends_with("skipped"), "{:?}", app.log_of(&ann));
}

#[test]
fn s_95_with_deletes_switched_off_none_is_sent_and_the_log_says_skipped() {
    let company = company();
    let target = dsm(&company);
    let (app, recorder) = through(&company, &target);
    let actions = json!({ "create": true, "update": true, "delete": false });
    app.api("PUT", "/mappings", json!({ "settings": { "users": { "actions": actions } } })).expect(200);
    let ann = hire(&company, "ann");
    app.assign(&ann, None);
    app.cycle();
    company.api("DELETE", &format!("/users/{ann}?permanent=true"), Value::Null).expect(204);
    recorder.take();
    app.cycle();
    assert!(recorder.writes().iter().all(|heard| heard.method != "DELETE"));
    assert_eq!(users(&target).len(), 1);
    assert!(app.log_of(&ann)[0].ends_with("skipped"), "{:?}", app.log_of(&ann));
}

#[test]
fn s_99_after_30_days_in_the_bin_the_user_is_removed_at_the_target() {
    let mut server = Server::start_with(&["--allow-private-targets"]);
    let company = server.account(json!("directory"));
    let elsewhere = super::company();
    let target = dsm(&elsewhere);
    let app = into_dsm(&company, &target);
    let ann = hire(&company, "ann");
    app.assign(&ann, None);
    app.cycle();
    company.api("DELETE", &format!("/users/{ann}"), Value::Null).expect(204);
    app.cycle();
    assert_eq!(users(&target), ["-ann"]);
    server.stop();
    server.restart_at("+31 days");
    let later = server.again(&company);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while later.api("GET", &format!("/users/{ann}"), Value::Null).status != 404 {
        assert!(std::time::Instant::now() < deadline, "the user is still in the bin");
        crate::support::pause();
    }
    let app = super::App { company: &later, id: app.id.clone() };
    assert_eq!(app.cycle(), went([0, 0, 0, 1, 0]));
    assert_eq!(users(&target), [""; 0]);
}

#[test]
fn s_100_who_is_blocked_is_disabled_and_who_is_unblocked_enabled() {
    let company = company();
    let target = dsm(&company);
    let (app, recorder) = through(&company, &target);
    app.system_roles();
    let ann = hire(&company, "ann");
    app.assign(&ann, Some(super::MEMBER));
    app.cycle();
    for (active, shown) in [(false, "-ann"), (true, "ann")] {
        change(&company, &ann, "active", json!(active));
        recorder.take();
        app.cycle();
        let [patch] = <[_; 1]>::try_from(recorder.writes()).expect("one request writes");
        let operation = &patch.body["Operations"][0];
        let value = operation["value"].get("active").unwrap_or(&operation["value"]);
        assert_eq!((&*patch.method, value), ("PATCH", &json!(active)), "{}", patch.body);
        assert_eq!(users(&target), [shown]);
    }
}
