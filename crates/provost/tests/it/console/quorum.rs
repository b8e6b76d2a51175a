//! Quorum policies: a tree edited without a script, saved, shown, guarding, removed.

use super::Visitor;
use crate::support::{id, shared};
use serde_json::{Value, json};

#[test]
fn f_8_0_3_a_quorum_policy_is_made_branch_by_branch_and_guards_its_approvers() {
    let server = shared();
    let account = server.account(json!("dsm"));
    let user = |name: &str| id(&account.api("POST", "/users", json!({ "email": name })).expect(201).json());
    let (ann, bob) = (user("ann@example.com"), user("bob@example.com"));
    let visitor = Visitor::operator(&server);
    let place = format!("/console/accounts/{}/settings/quorum", account.id);
    let edit = format!("{place}/account");
    let page = visitor.open(&place).expect(200);
    let form = visitor.open(&page.link("Set quorum policy")).expect(200);
    let empty = visitor.send(&form, &edit, &[("do", "save")]).expect(400);
    empty.says("The quorum policy was not saved");
    let nobody = visitor.send(&form, &edit, &[("who.", "zoe@example.com"), ("do", "add")]).expect(400);
    nobody.says("No user signs in as zoe@example.com");
    assert!(nobody.html.contains("value=\"zoe@example.com\""), "what was typed stays");
    let one = visitor.send(&form, &edit, &[("who.", "ann@example.com"), ("do", "add")]).expect(200);
    let branch = visitor.send(&one, &edit, &[("do", "branch ")]).expect(200);
    branch.says("Branch 1");
    let two = visitor.send(&branch, &edit, &[("who.1", "bob@example.com"), ("do", "add")]).expect(200);
    let app = visitor.send(&two, &edit, &[("do", "app 1")]).expect(200);
    let saved = visitor.send(&app, &edit, &[("n.", "2"), ("do", "save")]).expect(200);
    saved
        .says("Quorum policy saved")
        .says("All 2 of ann@example.com Any one of bob@example.com SCIM Entra administrative app");
    saved.says("Guarded users");
    let tree = account.api("GET", "/quorum-policy", Value::Null).expect(200).json();
    let inner = json!({ "quorum": { "n": 1, "members": [{ "user": bob }, { "app": account.app }] } });
    assert_eq!(tree["policy"], json!({ "quorum": { "n": 2, "members": [{ "user": ann }, inner] } }));

    let form = visitor.open(&saved.link("Edit quorum policy")).expect(200);
    let less = visitor.send(&form, &edit, &[("do", "remove 1")]).expect(200);
    less.does_not_say("bob@example.com");
    visitor.send(&less, &edit, &[("do", "save")]).expect(200).says("This one ann@example.com");
    let ask = visitor.open(&visitor.open(&place).expect(200).link("Remove")).expect(200);
    visitor
        .send(&ask, &format!("{edit}/remove"), &[])
        .expect(200)
        .says("Quorum policy removed")
        .says("No quorum policy");
}

#[test]
fn f_8_0_4_a_group_has_a_quorum_policy_of_its_own() {
    let server = shared();
    let account = server.account(json!("standard"));
    let ann = id(&account.api("POST", "/users", json!({ "email": "ann@example.com" })).expect(201).json());
    let group = id(&account.api("POST", "/groups", json!({ "name": "Payments", "members": [ann] })).expect(201).json());
    let visitor = Visitor::operator(&server);
    let place = format!("/console/accounts/{}/settings/quorum", account.id);
    let page = visitor.open(&place).expect(200);
    let form = visitor.send(&page, &format!("{place}/groups"), &[("group", &group)]).expect(200);
    form.says("Quorum policy of Payments");
    let typed = [("who.", "ann@example.com"), ("do", "save")];
    visitor
        .send(&form, &format!("{place}/groups/{group}"), &typed)
        .expect(200)
        .says("Payments")
        .says("This one ann@example.com");
    let listed = account.api("GET", "/quorum-policies", Value::Null).expect(200).json();
    assert_eq!(listed["items"][0]["group"], json!(group));
    assert_eq!(listed["items"][0]["group_name"], "Payments");
}
