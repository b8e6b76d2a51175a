//! Who shall be at the target.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use crate::fixtures::{app, babs, compiled, group, id, user, with_role};
use provost_engine::{Assigned, EnterpriseApp, Entitlement, FilterGroup, ScopeMode, SourceObject};
use serde_json::{Value as Json, json};

fn judged(app: &EnterpriseApp, object: &SourceObject, app_has_roles: bool) -> Entitlement {
    compiled(app).objects(object.of).entitlement(object, app_has_roles).unwrap()
}

fn filtered(filters: Json) -> EnterpriseApp {
    let mut app = app();
    app.mappings.users.filters = serde_json::from_value::<Vec<FilterGroup>>(filters).unwrap();
    app
}

#[test]
fn who_is_blocked_or_deleted_is_not_active() {
    let mut resource = babs();
    assert!(judged(&app(), &user(resource.clone()), false).is_entitled());
    resource["active"] = json!(false);
    let blocked = judged(&app(), &user(resource.clone()), false);
    assert!(!blocked.is_active && blocked.is_in_scope() && !blocked.is_entitled());
    resource["active"] = json!(true);
    let mut deleted = user(resource);
    deleted.is_deleted = true;
    assert!(!judged(&app(), &deleted, false).is_active);
    assert!(judged(&app(), &group(json!({ "displayName": "Sales", "active": false })), false).is_active);
}

#[test]
fn assignment_counts_only_where_it_is_asked() {
    let mut unassigned = user(babs());
    unassigned.assigned.clear();
    let judgement = judged(&app(), &unassigned, false);
    assert!(!judgement.is_assigned && !judgement.is_entitled());
    let mut through = user(babs());
    through.assigned = vec![Assigned { through: Some(id(9)), role: None }];
    assert!(judged(&app(), &through, false).is_entitled());
    let mut all = app();
    all.scope = ScopeMode::All;
    assert!(judged(&all, &unassigned, true).is_entitled());
}

#[test]
fn default_access_counts_only_where_the_app_has_no_roles() {
    let by_default = user(babs());
    assert!(judged(&app(), &by_default, false).is_entitled());
    let judgement = judged(&app(), &by_default, true);
    assert!(judgement.is_assigned && !judgement.has_role && !judgement.is_entitled());
    let mut both = user(babs());
    both.assigned.push(with_role(1, Some(9)));
    assert!(judged(&app(), &both, true).is_entitled());
}

#[test]
fn every_operator_asks_what_its_name_says() {
    let object = user(json!({
        "userName": "ada", "title": "Sales Manager", "active": true,
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "employeeNumber": "1500000", "department": "6", "division": "" }
    }));
    let cases = [
        ("jobTitle", "EQUALS", "Sales Manager", true),
        ("jobTitle", "EQUALS", "sales manager", false),
        ("jobTitle", "NOT EQUALS", "Sales", true),
        ("nickName", "NOT EQUALS", "Sales", false),
        ("accountEnabled", "IS TRUE", "", true),
        ("accountEnabled", "IS FALSE", "", false),
        ("nickName", "IS NULL", "", true),
        ("division", "IS NULL", "", true),
        ("jobTitle", "IS NULL", "", false),
        ("jobTitle", "IS NOT NULL", "", true),
        ("nickName", "IS NOT NULL", "", false),
        ("employeeId", "REGEX MATCH", "(1[0-9][0-9][0-9][0-9][0-9][0-9])", true),
        ("jobTitle", "REGEX MATCH", "manager", false),
        ("jobTitle", "NOT REGEX MATCH", "manager", true),
        ("nickName", "NOT REGEX MATCH", "x", false),
        ("employeeId", "Greater_Than", "1499999", true),
        ("employeeId", "Greater_Than", "1500000", false),
        ("employeeId", "Greater_Than_OR_EQUALS", "1500000", true),
        ("jobTitle", "Greater_Than", "0", false),
        ("jobTitle", "Includes", "les M", true),
        ("jobTitle", "Includes", "les m", false),
        ("jobTitle", "ENDS_WITH", "Manager", true),
        ("jobTitle", "ENDS_WITH", "Sales", false),
        ("department", "&", "4", true),
        ("department", "&", "1", false),
        ("department", "!&", "1", true),
        ("department", "!&", "2", false),
        ("nickName", "!&", "1", false),
        ("jobTitle", "!&", "1", false),
    ];
    for (source, operator, value, expected) in cases {
        let mut clause = json!({ "source": source, "operator": operator });
        if !value.is_empty() {
            clause["value"] = json!(value);
        }
        let judgement = judged(&filtered(json!([{ "name": "F", "clauses": [clause] }])), &object, false);
        assert_eq!(judgement.passes_filters, expected, "{source} {operator} {value}");
    }
}

#[test]
fn clauses_hold_together_and_filters_are_alternatives() {
    let app = filtered(json!([
        { "name": "Sales in NY", "clauses": [
            { "source": "department", "operator": "EQUALS", "value": "Sales" },
            { "source": "state", "operator": "EQUALS", "value": "NY" }
        ] },
        { "name": "Managers", "clauses": [{ "source": "jobTitle", "operator": "IS NOT NULL" }] }
    ]));
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let people = [
        (json!({ enterprise: { "department": "Sales" }, "addresses": [{ "type": "work", "region": "NY" }] }), true),
        (json!({ enterprise: { "department": "Sales" } }), false),
        (json!({ "title": "Head" }), true),
        (json!({}), false),
    ];
    for (person, expected) in people {
        assert_eq!(judged(&app, &user(person.clone()), false).passes_filters, expected, "{person}");
    }
    let judgement = judged(&app, &user(json!({ "title": "Head" })), false);
    assert_eq!(
        judgement.scope_evaluation_result(),
        r#"{"Sales in NY.department EQUALS 'Sales'":false,"Sales in NY.state EQUALS 'NY'":false,"Managers.jobTitle IS NOT NULL":true}"#
    );
    assert_eq!(judged(&self::app(), &user(babs()), false).scope_evaluation_result(), "{}");
}

#[test]
fn a_filter_that_gives_no_answer_takes_nobody_away() {
    let app = filtered(json!([{ "name": "F", "clauses": [
        { "source": "jobTitle", "operator": "NOT REGEX MATCH", "value": "(a?){200}(b?){200}x" }
    ] }]));
    let long = user(json!({ "title": "a".repeat(1 << 20) }));
    let problem = compiled(&app).users.entitlement(&long, false).unwrap_err();
    assert!(problem.contains("F.jobTitle NOT REGEX MATCH") && problem.contains("too long"), "{problem}");
}
