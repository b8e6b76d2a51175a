//! What the Fulcrum document asks of the sending half.

use super::{
    Account, Lodger, Recorder, app, change, company, dsm, fulcrum_rows, hire, id_of, into_dsm, seen, users, went,
};
use crate::{
    fulcrum::{OWNER, by_hand, group_by_hand, organisation, with_token_of},
    support::{id, pause},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// An organisation in the same process as the company, with the token of its owner.
pub fn fulcrum(company: &Lodger) -> Account {
    let account = organisation(&company.server, json!("fulcrum"));
    let owner = id(&by_hand(&account, "owner@b.com", &[OWNER]));
    with_token_of(&account, &owner, "SCIM Azure / Entra ID")
}

/// An app that leads into it as the document has it set up, by way of a proxy.
fn into<'a>(company: &'a Account, target: &Account) -> (super::App<'a>, Recorder) {
    let recorder = Recorder::before(&target.base);
    let app = app(company, &format!("{}/scim", recorder.base), &target.key);
    app.maps(fulcrum_rows(), true);
    (app, recorder)
}

/// The groups that a SCIM client sees, each with how many members it has.
fn groups(target: &Account) -> Vec<(String, usize)> {
    let list = target.scim("GET", "/Groups", Value::Null).expect(200).json();
    let shown = |group: &Value| {
        let name = group["displayName"].as_str().expect("a group has a name").to_owned();
        (name, target.members_of(&id(group)).len())
    };
    let mut groups: Vec<_> = list["Resources"].as_array().into_iter().flatten().map(shown).collect();
    groups.sort();
    groups
}

#[test]
fn u_2_and_u_50_a_custom_app_with_the_minimal_list_does_all_of_the_document() {
    let company = company();
    let target = fulcrum(&company);
    let (app, _recorder) = into(&company, &target);
    assert_eq!(app.api("POST", "/test-connection", Value::Null).expect(200).json()["success"], json!(true));
    for role in ["Manager", "Field Crew"] {
        app.role(role, &role.replace(' ', "").to_lowercase());
    }
    let ann = hire(&company, "ann");
    let details = json!([
        { "op": "add", "path": "name.givenName", "value": "Ann" },
        { "op": "add", "path": "name.familyName", "value": "Example" },
        { "op": "add", "path": "emails", "value": [{ "type": "work", "primary": true, "value": "ann@a.com" }] },
    ]);
    company.patch(&ann, details).expect(200);
    let crew = id(&company.group("Crew", &[&hire(&company, "bob")]));
    let assigned = app.assign(&ann, Some("Manager"));
    app.assign_group(&crew, Some("Field Crew"));
    assert_eq!(app.cycle(), went([3, 0, 0, 0, 0]));
    let there = seen(&target, "ann");
    let shown =
        [&there["externalId"], &there["name"]["givenName"], &there["name"]["familyName"], &there["emails"][0]["value"]];
    assert_eq!(shown, [&json!(ann), &json!("Ann"), &json!("Example"), &json!("ann@a.com")]);
    assert_eq!(target.roles_of(&id(&there)), ["Manager"]);
    assert_eq!(target.roles_of(&id_of(&target, "bob")), ["Field Crew"]);
    assert_eq!(groups(&target), [("Crew".to_owned(), 1)]);
    change(&company, &ann, "name.familyName", json!("Surveyor"));
    app.api("PATCH", &format!("/assignments/{assigned}"), json!({ "app_role": "Field Crew" })).expect(200);
    assert_eq!(app.cycle(), went([0, 1, 0, 0, 0]));
    assert_eq!(seen(&target, "ann")["name"]["familyName"], json!("Surveyor"));
    assert_eq!(target.roles_of(&id(&there)), ["Field Crew"]);
    app.unassign(&assigned);
    assert_eq!(app.cycle(), went([0, 0, 1, 0, 0]));
    assert_eq!(users(&target), ["bob"], "who is unassigned is removed as a member");
    app.assign(&ann, Some("Manager"));
    assert_eq!(app.run("")["status"], json!("succeeded"));
    assert_eq!(users(&target), ["ann", "bob"]);
}

#[test]
fn u_4_and_u_36_who_is_assigned_is_a_member_after_one_cycle() {
    let company = company();
    let target = fulcrum(&company);
    let (app, _recorder) = into(&company, &target);
    let ann = hire(&company, "ann");
    app.cycle();
    assert_eq!(users(&target), [""; 0]);
    app.assign(&ann, None);
    assert_eq!(app.cycle(), went([1, 0, 0, 0, 0]));
    assert_eq!(users(&target), ["ann"]);
}

#[test]
fn u_10_and_u_11_an_assigned_group_is_pushed_and_its_users_become_members() {
    let company = company();
    let target = fulcrum(&company);
    let (app, recorder) = into(&company, &target);
    let people = ["ann", "bob", "cid"].map(|name| hire(&company, name));
    app.assign_group(&id(&company.group("Crew", &people.each_ref().map(String::as_str))), None);
    assert_eq!(app.cycle(), went([4, 0, 0, 0, 0]));
    let posted = recorder.writes().into_iter().filter(|heard| heard.method == "POST" && heard.path == "/scim/Groups");
    assert_eq!(posted.count(), 1);
    assert_eq!((users(&target).len(), groups(&target)), (3, vec![("Crew".to_owned(), 3)]));
}

#[test]
fn u_61_a_user_in_two_groups_with_different_roles_fails_and_stays_as_before() {
    let company = company();
    let target = fulcrum(&company);
    let (app, _recorder) = into(&company, &target);
    app.role("Manager", "manager");
    app.role("Standard User", "standard");
    let ann = hire(&company, "ann");
    let [managers, standard] = ["Managers", "Standard"].map(|name| id(&company.group(name, &[])));
    app.assign_group(&managers, Some("Manager"));
    app.assign_group(&standard, Some("Standard User"));
    let add = json!([{ "op": "add", "path": "members", "value": [{ "value": ann }] }]);
    company.patch_group(&managers, add.clone()).expect(204);
    app.cycle();
    let before = seen(&target, "ann");
    assert_eq!(target.roles_of(&id(&before)), ["Manager"]);
    company.patch_group(&standard, add).expect(204);
    assert_eq!(app.run("")["status"], json!("entry_level_errors"));
    let failure = app.log(&format!("&user={ann}&status=failure"))[0].clone();
    let reason = failure["error"]["reason"].as_str().expect("a failure has a reason");
    assert!(reason.contains("Manager") && reason.contains("Standard User"), "{reason}");
    let after = seen(&target, "ann");
    assert_eq!((&after["roles"], &after["active"]), (&before["roles"], &before["active"]));
}

#[test]
fn u_74_an_unmanaged_group_is_not_seen_by_the_client() {
    let company = company();
    let target = fulcrum(&company);
    let unmanaged = group_by_hand(&target, "Crew", &[]);
    let (app, _recorder) = into(&company, &target);
    app.assign_group(&id(&company.group("Crew", &[])), None);
    assert_eq!(app.cycle(), went([1, 0, 0, 0, 0]), "nothing was there to be linked");
    let list = target.scim("GET", "/Groups", Value::Null).expect(200).json();
    assert_eq!(list["totalResults"], json!(1));
    assert_ne!(list["Resources"][0]["id"], json!(unmanaged));
}

#[test]
fn u_77_who_is_only_in_a_group_inside_an_assigned_group_is_not_provisioned() {
    let company = company();
    let target = fulcrum(&company);
    let (app, recorder) = into(&company, &target);
    let (ann, bob) = (hire(&company, "ann"), hire(&company, "bob"));
    let inner = id(&company.group("Inner", &[&bob]));
    app.assign_group(&id(&company.group("Outer", &[&ann, &inner])), None);
    app.cycle();
    assert_eq!((users(&target), groups(&target)), (vec!["ann".to_owned()], vec![("Outer".to_owned(), 1)]));
    let there = id_of(&target, "ann");
    for heard in recorder.writes() {
        assert!(!heard.body.to_string().contains("Group\"") || heard.path == "/scim/Groups", "{heard:?}");
        let members = heard.body["members"].as_array().cloned().unwrap_or_default();
        assert!(members.iter().all(|member| member["value"] == json!(there)), "{heard:?}");
    }
}

#[test]
fn u_79_with_an_interval_of_15_minutes_the_next_cycle_is_due_15_minutes_after_the_last() {
    let company = company();
    let target = fulcrum(&company);
    let (app, _recorder) = into(&company, &target);
    app.set(json!({ "interval": 900 }));
    app.assign(&hire(&company, "ann"), None);
    app.api("POST", "/start", Value::Null).expect(200);
    let deadline = Instant::now() + Duration::from_secs(60);
    while app.status()["next_cycle"].is_null() || app.status()["last_success"].is_null() {
        assert!(Instant::now() < deadline, "{}", app.status());
        pause();
    }
    let status = app.status();
    let time = |value: &Value| value.as_str().and_then(|text| text.parse::<Timestamp>().ok()).expect("a time");
    let apart = time(&status["next_cycle"]).duration_since(time(&status["last_success"]["began"]));
    assert_eq!(apart, SignedDuration::from_mins(15), "{status}");
    app.api("POST", "/stop", Value::Null).expect(200);
}

#[test]
fn f_5_5_13_who_is_in_an_assigned_group_is_provisioned_and_who_leaves_it_disabled() {
    let company = company();
    let target = dsm(&company);
    let app = into_dsm(&company, &target);
    let (ann, bob) = (hire(&company, "ann"), hire(&company, "bob"));
    let group = id(&company.group("Sales", &[&ann, &bob]));
    app.assign_group(&group, None);
    assert_eq!(app.cycle(), went([2, 0, 0, 0, 0]));
    company
        .patch_group(&group, json!([{ "op": "remove", "path": format!("members[value eq \"{ann}\"]") }]))
        .expect(204);
    assert_eq!(app.cycle(), went([0, 0, 1, 0, 0]));
    assert_eq!(users(&target), ["-ann", "bob"]);
}
