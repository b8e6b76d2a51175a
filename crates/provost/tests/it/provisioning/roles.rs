//! Roles go the way of the assignments.

use super::{ADMINISTRATOR, AUDITOR, MEMBER, company, dsm, hire, id_of, into_dsm, seen, through, users, went};
use crate::support::{assertive, id};
use serde_json::{Value, json};

/// Custom roles of a target, each offered by the app under its id.
fn custom_roles(app: &super::App<'_>, target: &super::Account, names: &[&str]) -> Vec<String> {
    let made = names.iter().map(|name| id(&target.api("POST", "/roles", json!({ "name": name })).expect(201).json()));
    made.zip(names).inspect(|(role, name)| drop(app.role(name, role))).map(|(role, _)| role).collect()
}

/// An administrator who was made by hand: there is always one.
fn root(target: &super::Account) {
    let made =
        target.api("POST", "/users", json!({ "email": "root@a.com", "roles": [ADMINISTRATOR] })).expect(201).json();
    target.api("PATCH", &format!("/users/{}", id(&made)), json!({ "verified": true })).expect(200);
}

#[test]
fn f_4_1_9_members_of_an_assigned_group_have_its_role() {
    let company = company();
    let target = dsm(&company);
    let app = into_dsm(&company, &target);
    app.system_roles();
    let ann = hire(&company, "ann");
    app.assign_group(&id(&company.group("Audit", &[&ann])), Some(AUDITOR));
    assert_eq!(app.cycle(), went([1, 0, 0, 0, 0]));
    assert_eq!(target.roles_of(&id_of(&target, "ann")), ["Account Auditor"]);
}

#[test]
fn f_4_1_11_two_system_roles_fail_for_this_user_and_for_nobody_else() {
    let company = company();
    let target = dsm(&company);
    let app = into_dsm(&company, &target);
    app.system_roles();
    let (ann, bob) = (hire(&company, "ann"), hire(&company, "bob"));
    for role in [ADMINISTRATOR, MEMBER] {
        app.assign(&ann, Some(role));
    }
    app.assign(&bob, Some(MEMBER));
    assert_eq!(app.cycle(), went([1, 0, 0, 0, 1]));
    assert_eq!(users(&target), ["bob"]);
    let [failure] = <[_; 1]>::try_from(app.log("&status=failure")).expect("one action failed");
    assert_eq!((&failure["source"]["id"], &failure["action"]), (&json!(ann), &json!("create")));
    let refusal = target.audit().into_iter().find(|entry| entry["outcome"] == json!("failure")).expect("it is audited");
    let reason = failure["error"]["reason"].as_str().expect("a failure has a reason");
    assert!(reason.contains("system role") || reason.contains("Account Administrator"), "{reason} {refusal}");
}

#[test]
fn f_4_1_24_and_f_5_6_2_15_another_role_in_the_assignment_is_the_only_one_after_the_next_cycle() {
    let company = company();
    let target = dsm(&company);
    let app = into_dsm(&company, &target);
    app.system_roles();
    let assigned = app.assign(&hire(&company, "ann"), Some(MEMBER));
    app.cycle();
    let there = id_of(&target, "ann");
    assert_eq!(target.roles_of(&there), ["Account Member"]);
    app.api("PATCH", &format!("/assignments/{assigned}"), json!({ "app_role": AUDITOR })).expect(200);
    assert_eq!(app.cycle(), went([0, 1, 0, 0, 0]));
    assert_eq!(target.roles_of(&there), ["Account Auditor"]);
}

#[test]
fn f_4_1_25_and_f_4_1_26_a_full_cycle_puts_roles_back_that_somebody_changed_at_the_target() {
    let company = company();
    let target = dsm(&company);
    let app = into_dsm(&company, &target);
    app.system_roles();
    root(&target);
    let names = ["ann", "bob", "cid"];
    for (name, role) in names.iter().zip([MEMBER, AUDITOR, ADMINISTRATOR]) {
        app.assign(&hire(&company, name), Some(role));
    }
    app.cycle();
    let roles = || names.map(|name| target.roles_of(&id_of(&target, name)).join(" "));
    let asserted = roles();
    for (name, role) in names.iter().zip([ADMINISTRATOR, MEMBER, AUDITOR]) {
        let path = format!("/users/{}", id_of(&target, name));
        target.api("PATCH", &path, json!({ "roles": [role] })).expect(200);
    }
    assert_ne!(roles(), asserted);
    app.api("POST", "/restart", Value::Null).expect(200);
    assert_eq!(app.run("")["status"], json!("succeeded"));
    assert_eq!(roles(), asserted);
    let ann = id_of(&target, "ann");
    let log = target.audit();
    let mut about = log.iter().filter(|entry| entry["target"]["id"] == json!(ann));
    let back = about.next().expect("it is audited");
    assert_eq!((&back["actor"]["id"], &back["action"]), (&json!(target.app), &json!("user.update")));
    assert!(
        back["changes"].to_string().contains(MEMBER) && back["changes"].to_string().contains(ADMINISTRATOR),
        "{back}"
    );
}

#[test]
fn f_5_6_2_20_a_role_that_is_added_and_removed_is_followed_both_times() {
    let company = company();
    let target = dsm(&company);
    let app = into_dsm(&company, &target);
    let [first, second] = <[_; 2]>::try_from(custom_roles(&app, &target, &["R1", "R2"])).expect("two roles");
    let ann = hire(&company, "ann");
    app.assign(&ann, Some(&first));
    app.cycle();
    let there = id_of(&target, "ann");
    assert_eq!(target.roles_of(&there), ["R1"]);
    let added = app.assign(&ann, Some(&second));
    assert_eq!(app.cycle(), went([0, 1, 0, 0, 0]));
    let mut both = target.roles_of(&there);
    both.sort();
    assert_eq!(both, ["R1", "R2"]);
    app.unassign(&added);
    assert_eq!(app.cycle(), went([0, 1, 0, 0, 0]));
    assert_eq!(target.roles_of(&there), ["R1"]);
}

#[test]
fn f_5_6_2_19_roles_are_sent_as_the_document_shows_them() {
    let company = company();
    let target = dsm(&company);
    let (app, recorder) = through(&company, &target);
    let roles = custom_roles(&app, &target, &["R1", "R2"]);
    let ann = hire(&company, "ann");
    for role in &roles {
        app.assign(&ann, Some(role));
    }
    app.cycle();
    let [post] = <[_; 1]>::try_from(recorder.writes()).expect("one request writes");
    let mut sent = post.body["roles"].as_array().expect("roles are a list").clone();
    sent.sort_by_key(|role| role["display"].to_string());
    let mut expected = assertive(&[&roles[0], &roles[1]]);
    for (number, name) in ["R1", "R2"].iter().enumerate() {
        expected[number]["display"] = json!(name);
    }
    assert_eq!(json!(sent), expected);
}

#[test]
fn s_104_drift_of_a_role_is_repaired_and_the_log_says_so() {
    let company = company();
    let target = dsm(&company);
    let app = into_dsm(&company, &target);
    app.system_roles();
    root(&target);
    app.set(json!({ "drift": "repair" }));
    let ann = hire(&company, "ann");
    app.assign(&ann, Some(MEMBER));
    app.cycle();
    let there = id(&seen(&target, "ann"));
    target.api("PATCH", &format!("/users/{there}"), json!({ "roles": [ADMINISTRATOR] })).expect(200);
    app.cycle();
    assert_eq!(target.roles_of(&there), ["Account Member"]);
    let newest = app.log(&format!("&user={ann}"))[0].clone();
    assert!(newest.to_string().to_lowercase().contains("drift"), "{newest}");
}

#[test]
fn f_5_6_2_1_without_app_roles_or_without_their_mapping_the_default_role_applies() {
    let company = company();
    let rows = super::dsm_rows();
    let without: Value = rows.as_array().expect("rows are a list").iter().take(3).cloned().collect();
    for (case, maps_roles, has_roles, expected) in [
        ("no app roles", true, false, "Account Member"),
        ("no mapping", false, true, "Account Member"),
        ("both", true, true, "Account Auditor"),
    ] {
        let target = dsm(&company);
        let url = format!("{}/scim/v2?aadOptscim062020", target.base);
        let app = super::app(&company, &url, &target.key);
        app.set(json!({ "name": case }));
        app.maps(if maps_roles { rows.clone() } else { without.clone() }, false);
        if has_roles {
            app.system_roles();
        }
        let name = case.replace(' ', "");
        app.assign(&hire(&company, &name), has_roles.then_some(AUDITOR));
        assert_eq!(app.cycle(), went([1, 0, 0, 0, 0]), "{case}");
        assert_eq!(target.roles_of(&id_of(&target, &name)), [expected], "{case}");
    }
}

#[test]
fn f_5_6_2_7_each_value_of_a_system_role_gives_that_role_at_the_target() {
    let company = company();
    let target = dsm(&company);
    root(&target);
    let app = into_dsm(&company, &target);
    app.system_roles();
    let values = [(ADMINISTRATOR, "ann"), (MEMBER, "bob"), (AUDITOR, "cid")];
    for (value, name) in values {
        app.assign(&hire(&company, name), Some(value));
    }
    assert_eq!(app.cycle(), went([3, 0, 0, 0, 0]));
    for ((_, name), role) in values.iter().zip(["Account Administrator", "Account Member", "Account Auditor"]) {
        assert_eq!(target.roles_of(&id_of(&target, name)), [role], "{name}");
    }
}

#[test]
fn f_5_6_2_13_three_custom_roles_are_listed_and_each_is_assigned_by_itself() {
    let company = company();
    let target = dsm(&company);
    let app = into_dsm(&company, &target);
    let names = ["Key Keeper", "Night Shift", "Surveyor"];
    let roles = custom_roles(&app, &target, &names);
    let listed = app.api("GET", "/app-roles", Value::Null).expect(200).json();
    let mut shown: Vec<&str> = listed["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|role| role["display_name"].as_str().expect("a name"))
        .collect();
    shown.sort();
    assert_eq!(shown, names);
    for (number, role) in roles.iter().enumerate() {
        app.assign(&hire(&company, &format!("user{number}")), Some(role));
    }
    assert_eq!(app.cycle(), went([3, 0, 0, 0, 0]));
    for (number, name) in names.iter().enumerate() {
        let held = target.roles_of(&id_of(&target, &format!("user{number}")));
        assert!(held.contains(&(*name).to_owned()), "{name}: {held:?}");
    }
}
