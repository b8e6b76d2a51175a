//! When changes arrive.

use super::{AUDITOR, MEMBER, change, company, dsm, hire, id_of, seen, through};
use serde_json::{Value, json};

/// The assignment of a user gets another role.
fn other_role(company: &crate::support::Account, app: &str, assignment: &str, role: &str) {
    let path = format!("/enterprise-apps/{app}/assignments/{assignment}");
    company.api("PATCH", &path, json!({ "app_role": role })).expect(200);
}

#[test]
fn f_4_1_19_and_f_5_6_2_23_a_change_while_a_cycle_runs_arrives_with_the_end_of_the_next_and_not_earlier() {
    let company = company();
    let target = dsm(&company);
    let (app, recorder) = through(&company, &target);
    app.system_roles();
    let (ann, bob) = (hire(&company, "ann"), hire(&company, "bob"));
    let assigned = app.assign(&ann, Some(MEMBER));
    app.cycle();
    let there = id_of(&target, "ann");
    app.assign(&bob, Some(MEMBER));
    let (lodger, app_id) = (
        super::Lodger { account: company.account.with_key(&company.key), server: company.server.clone() },
        app.id.clone(),
    );
    let mut is_done = false;
    recorder.gate(Box::new(move |heard| {
        if heard.method == "POST" && !is_done {
            is_done = true;
            other_role(&lodger, &app_id, &assigned, AUDITOR);
            change(&lodger, &ann, "active", json!(false));
        }
        true
    }));
    app.cycle();
    recorder.open();
    assert_eq!(
        (target.roles_of(&there), &seen(&target, "ann")["active"]),
        (vec!["Account Member".to_owned()], &json!(true))
    );
    assert_eq!(super::users(&target), ["ann", "bob"]);
    app.cycle();
    assert_eq!(
        (target.roles_of(&there), &seen(&target, "ann")["active"]),
        (vec!["Account Auditor".to_owned()], &json!(false))
    );
    let guide = include_str!("../../../../../docs/provisioning.md").replace('\n', " ");
    assert!(
        guide.contains("begins every 40 minutes") && guide.contains("reaches the target at the end of the next cycle")
    );
}

#[test]
fn s_87_a_restart_looks_at_all_and_keeps_the_links() {
    let company = company();
    let target = dsm(&company);
    let (app, recorder) = through(&company, &target);
    let names: Vec<String> = (0..100).map(|number| format!("user{number:03}")).collect();
    app.system_roles();
    for name in &names {
        app.assign(&hire(&company, name), Some(MEMBER));
    }
    assert_eq!(app.run("")["counts"]["created"], json!(100));
    let ids = || names.iter().map(|name| id_of(&target, name)).collect::<Vec<_>>();
    let before = ids();
    app.api("POST", "/restart", Value::Null).expect(200);
    recorder.take();
    let ran = app.run("");
    let counts = &ran["counts"];
    assert_eq!(
        (&ran["initial"], &counts["imported"], &counts["created"]),
        (&json!(true), &json!(100), &json!(0)),
        "{ran}"
    );
    assert_eq!((recorder.writes().len(), ids()), (0, before));
}

#[test]
fn s_88_a_linked_user_who_is_renamed_is_patched_under_the_same_id() {
    let company = company();
    let target = company.server.account(json!("standard"));
    let (app, recorder) = through(&company, &target);
    let rows = json!([
        { "target": "externalId", "source": "objectId", "matching": 1 },
        { "target": "userName", "source": "userPrincipalName", "matching": 2 },
    ]);
    app.maps(rows, false);
    let ann = hire(&company, "ann");
    app.assign(&ann, None);
    app.cycle();
    let there = id_of(&target, "ann");
    recorder.take();
    change(&company, &ann, "userName", json!("anna@a.com"));
    assert_eq!(app.cycle(), super::went([0, 1, 0, 0, 0]));
    let [patch] = <[_; 1]>::try_from(recorder.writes()).expect("one request writes");
    assert_eq!((&*patch.method, patch.path), ("PATCH", format!("/scim/v2/Users/{there}")));
    assert_eq!(id_of(&target, "anna"), there);
}

#[test]
fn s_89_an_unchanged_directory_sends_no_write() {
    let company = company();
    let target = dsm(&company);
    let (app, recorder) = through(&company, &target);
    for name in ["ann", "bob"] {
        app.assign(&hire(&company, name), None);
    }
    app.cycle();
    recorder.take();
    let counts = app.run("")["counts"].clone();
    assert_eq!((&counts["writes"], recorder.writes().len()), (&json!(0), 0));
}
