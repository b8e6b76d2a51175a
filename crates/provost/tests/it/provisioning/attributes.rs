//! Which attributes are sent, of whom.

use super::{Account, change, company, dsm, dsm_rows, hire, into_dsm, seen, through, users, went};
use crate::support::id;
use serde_json::{Value, json};

#[test]
fn f_5_5_1_and_f_5_5_8_what_is_not_mapped_is_never_sent() {
    let company = company();
    let target = dsm(&company);
    let (app, recorder) = through(&company, &target);
    let ann = hire(&company, "ann");
    app.assign(&ann, None);
    app.cycle();
    change(&company, &ann, "displayName", json!("Ann"));
    change(&company, &ann, "active", json!(false));
    app.cycle();
    for heard in recorder.writes() {
        let mut sent: Vec<String> =
            heard.body.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect();
        sent.retain(|name| !["schemas", "meta", "Operations"].contains(&&**name));
        assert!(sent.iter().all(|name| ["userName", "active", "externalId", "roles"].contains(&&**name)), "{sent:?}");
        assert!(!heard.body.to_string().contains("displayName"), "{}", heard.body);
    }
}

#[test]
fn f_5_5_2_exactly_those_are_provisioned_who_are_assigned_directly_or_by_a_group() {
    let company = company();
    let target = dsm(&company);
    let app = into_dsm(&company, &target);
    let all: Vec<String> = (0..10).map(|number| hire(&company, &format!("user{number}"))).collect();
    for user in &all[..2] {
        app.assign(user, None);
    }
    app.assign_group(&id(&company.group("Sales", &[&all[4], &all[5], &all[6]])), None);
    assert_eq!(app.cycle(), went([5, 0, 0, 0, 0]));
    assert_eq!(users(&target), ["user0", "user1", "user4", "user5", "user6"]);
}

/// Sets the department of a user of the company.
fn moves(company: &Account, user: &str, department: &str) {
    let path = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";
    company.patch(user, json!([{ "op": "add", "path": path, "value": department }])).expect(200);
}

#[test]
fn s_94_a_scoping_filter_says_who_is_provisioned_and_who_is_disabled() {
    let company = company();
    let target = dsm(&company);
    let app = into_dsm(&company, &target);
    // App roles are sent only where the scope is who is assigned.
    app.maps(json!(dsm_rows().as_array().expect("rows are a list")[..3]), false);
    app.set(json!({ "scope": "all" }));
    let sales =
        json!([{ "name": "Sales", "clauses": [{ "source": "department", "operator": "EQUALS", "value": "Sales" }] }]);
    app.api("PUT", "/mappings", json!({ "settings": { "users": { "filters": sales } } })).expect(200);
    let [ann, bob, _cid] = ["ann", "bob", "cid"].map(|name| hire(&company, name));
    moves(&company, &ann, "Sales");
    moves(&company, &bob, "Research");
    assert_eq!(app.cycle(), went([1, 0, 0, 0, 0]));
    assert_eq!(users(&target), ["ann"]);
    moves(&company, &ann, "Research");
    assert_eq!(app.cycle(), went([0, 0, 1, 0, 0]));
    assert_eq!(users(&target), ["-ann"]);
}

#[test]
fn s_101_each_kind_of_mapping_gives_its_value_and_some_only_when_a_user_is_created() {
    let company = company();
    let target = company.server.account(json!("standard"));
    let (app, recorder) = through(&company, &target);
    app.maps(
        json!([
            { "target": "userName", "source": "userPrincipalName", "matching": 1 },
            { "target": "displayName", "source": "displayName" },
            { "target": "userType", "constant": "Employee" },
            { "target": "nickName", "expression": "ToUpper([displayName], )" },
            { "target": "title", "none": true, "default": "Staff" },
            { "target": "preferredLanguage", "source": "preferredLanguage", "default": "en" },
            { "target": "locale", "source": "displayName", "apply": "on_create" },
        ]),
        false,
    );
    let ann = hire(&company, "ann");
    app.assign(&ann, None);
    app.cycle();
    let values = |user: &Value| -> Vec<Value> {
        ["displayName", "userType", "nickName", "title", "preferredLanguage", "locale"]
            .map(|name| user[name].clone())
            .to_vec()
    };
    assert_eq!(json!(values(&seen(&target, "ann"))), json!(["ann", "Employee", "ANN", "Staff", "en", "ann"]));
    recorder.take();
    change(&company, &ann, "displayName", json!("anna"));
    app.cycle();
    assert_eq!(json!(values(&seen(&target, "ann"))), json!(["anna", "Employee", "ANNA", "Staff", "en", "ann"]));
    let sent = recorder.writes();
    assert!(sent.len() == 1 && !sent[0].body.to_string().contains("locale"), "{sent:?}");
}
