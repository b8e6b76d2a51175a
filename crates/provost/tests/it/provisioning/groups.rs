//! Groups and their members at the target.

use super::{app, company, dsm_rows, hire, id_of, users};
use crate::support::{Account, id};
use serde_json::{Value, json};

/// An app that sends users and groups.
fn grouping<'a>(company: &'a Account, target: &Account) -> super::App<'a> {
    let made = app(company, &format!("{}/scim/v2?aadOptscim062020", target.base), &target.key);
    let mut rows = dsm_rows();
    rows.as_array_mut().expect("rows are a list").truncate(3);
    made.maps(rows, true);
    made
}

/// The id of the group of this name at the target.
fn group_of(target: &Account, name: &str) -> String {
    let found = target.scim("GET", "/Groups", Value::Null).expect(200).json();
    let named = found["Resources"].as_array().into_iter().flatten().find(|group| group["displayName"] == json!(name));
    id(named.unwrap_or_else(|| panic!("no {name} in {found}")))
}

/// The ids at the target of users of these names, sorted.
fn ids_of(target: &Account, names: &[&str]) -> Vec<String> {
    let mut ids: Vec<String> = names.iter().map(|name| id_of(target, name)).collect();
    ids.sort();
    ids
}

fn changes(company: &Account, group: &str, add: &[&str], remove: &[&str]) {
    company
        .api("PATCH", &format!("/groups/{group}"), json!({ "add_members": add, "remove_members": remove }))
        .expect(200);
}

#[test]
fn f_5_5_13_members_of_an_assigned_group_and_the_group_are_provisioned() {
    let company = company();
    let target = company.server.account(json!("standard"));
    let app = grouping(&company, &target);
    let [ann, bob, cid] = ["ann", "bob", "cid"].map(|name| hire(&company, name));
    let sales = id(&company.group("Sales", &[&ann, &bob]));
    app.assign_group(&sales, None);
    assert_eq!(app.cycle().1[0], 3, "two users and the group");
    let there = group_of(&target, "Sales");
    assert_eq!(target.members_of(&there), ids_of(&target, &["ann", "bob"]));
    changes(&company, &sales, &[&cid], &[&bob]);
    app.cycle();
    assert_eq!(target.members_of(&there), ids_of(&target, &["ann", "cid"]));
    assert_eq!(users(&target), ["ann", "-bob", "cid"], "who left is disabled");
}
