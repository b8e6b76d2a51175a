//! What the mapping wants of an object.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use crate::fixtures::{app, app_and, app_with, babs, compiled, id, roles_target, shown, user, wanted, with_role};
use expect_test::expect;
use provost_engine::{
    FaultCode,
    Purpose::{Create, Update},
    SourceObject, Wanted,
};
use serde_json::{Value as Json, json};

fn faults(wanted: &Wanted) -> String {
    wanted.faults.iter().map(|fault| format!("{} {}: {}\n", fault.code.as_str(), fault.target, fault.problem)).collect()
}

#[test]
fn s_101_the_default_mapping_of_somebody_with_everything() {
    let compiled = compiled(&app());
    let mut wanted = wanted(&compiled, &user(babs()), Create, false);
    assert_eq!(wanted.references[0].to, id(2));
    assert!(wanted.resolve(|to| (to == id(2)).then(|| "T0".to_owned())).is_empty());
    expect![[r#"
        userName = "bjensen@contoso.com"
        active = true
        displayName = "Babs Jensen"
        title = "Tour Guide"
        emails[type eq "work"].value = "bjensen@contoso.com"
        preferredLanguage = "en-US"
        name.givenName = "Barbara"
        name.familyName = "Jensen"
        name.formatted = "Barbara Jensen"
        addresses[type eq "work"].formatted = "18/2111"
        addresses[type eq "work"].streetAddress = "100 Universal City Plaza"
        addresses[type eq "work"].locality = "Hollywood"
        addresses[type eq "work"].region = "CA"
        addresses[type eq "work"].postalCode = "91608"
        addresses[type eq "work"].country = "USA"
        phoneNumbers[type eq "work"].value = "555-555-5555"
        phoneNumbers[type eq "mobile"].value = "555-555-4444"
        phoneNumbers[type eq "fax"].value = "555-555-3333"
        externalId = "bjensen"
        urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber = "701984"
        urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department = "Tours"
        urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager = "T0"
    "#]]
    .assert_eq(&shown(&wanted.values));
    assert!(wanted.faults.is_empty(), "{:?}", wanted.faults);
}

#[test]
fn s_101_each_type_of_mapping_gives_its_value_and_defaults_only_on_create() {
    let app = app_with(
        json!([
            { "target": "userName", "source": "userPrincipalName", "matching": 1 },
            { "target": "title", "source": "jobTitle", "default": "Newcomer" },
            { "target": "userType", "constant": "Employee" },
            { "target": "displayName", "expression": "Join(\", \", [surname], [givenName])" },
            { "target": "nickName", "none": true, "default": "Nick" },
            { "target": "locale", "constant": "en", "apply": "on_create" }
        ]),
        json!([]),
    );
    let compiled = compiled(&app);
    let ada = user(json!({ "userName": "ada", "name": { "givenName": "Ada", "familyName": "Lovelace" } }));
    expect![[r#"
        userName = "ada"
        title = "Newcomer"
        userType = "Employee"
        displayName = "Lovelace, Ada"
        nickName = "Nick"
        locale = "en"
    "#]]
    .assert_eq(&shown(&wanted(&compiled, &ada, Create, false).values));
    expect![[r#"
        userName = "ada"
        title = null
        userType = "Employee"
        displayName = "Lovelace, Ada"
        nickName = null
    "#]]
    .assert_eq(&shown(&wanted(&compiled, &ada, Update, false).values));
}

#[test]
fn who_is_not_entitled_is_wanted_inactive() {
    let compiled = compiled(&app());
    for (is_soft_deleted, active) in [(false, true), (true, false)] {
        let wanted = wanted(&compiled, &user(babs()), Update, is_soft_deleted);
        assert_eq!(wanted.values.get("active"), Some(&active.into()));
    }
}

#[test]
fn a_required_value_that_is_missing_is_a_fault_of_a_create_only() {
    let compiled = compiled(&app());
    let nameless = user(json!({ "displayName": "Nobody" }));
    let created = wanted(&compiled, &nameless, Create, false);
    expect![[r#"
        AttributeValidationFailed userName: the value of `userName` is missing, and the target requires it; give it a default
    "#]].assert_eq(&faults(&created));
    assert_eq!(created.faults[0].code, FaultCode::AttributeValidationFailed);
    assert!(wanted(&compiled, &nameless, Update, true).faults.is_empty(), "who leaves is disabled all the same");
}

#[test]
fn a_fault_of_one_attribute_leaves_the_others() {
    let app = app_with(
        json!([
            { "target": "userName", "source": "userPrincipalName", "matching": 1 },
            { "target": "flag", "expression": "ToLower([jobTitle])" },
            { "target": "number", "source": "jobTitle" },
            { "target": "since", "source": "jobTitle" },
            { "target": "nickName", "expression": "Split([jobTitle], \" \")" },
            { "target": "title", "expression": "Error([jobTitle])" },
            { "target": "active", "expression": "Not([IsSoftDeleted])" }
        ]),
        json!([
            { "name": "flag", "type": "boolean" }, { "name": "number", "type": "integer" },
            { "name": "since", "type": "date_time" }
        ]),
    );
    // What an expression gives is known to be several values, so that one is refused when it is saved.
    let problems = provost_engine::check(&app, crate::fixtures::schemas());
    assert_eq!(problems.len(), 1, "{problems:?}");
    let mut app = app;
    app.mappings.users.attributes.retain(|row| row.target != "nickName");
    let wanted = wanted(&compiled(&app), &user(json!({ "userName": "ada", "title": "Sales Manager" })), Update, true);
    expect![[r#"
        AttributeValidationFailed flag: the value of `flag` is invalid: the attribute takes True or False
        AttributeValidationFailed number: the value of `number` is invalid: the attribute takes a whole number
        AttributeValidationFailed since: the value of `since` is invalid: the attribute takes a point in time such as 2026-01-31T09:00:00Z
        ExpressionFailed title: the expression of `title` gave no value: `Error`: Sales Manager, at line 1, column 1
    "#]].assert_eq(&faults(&wanted));
    assert_eq!(wanted.values.get("active"), Some(&false.into()));
}

#[test]
fn values_take_the_type_of_their_attribute() {
    let app = app_with(
        json!([
            { "target": "userName", "source": "userPrincipalName", "matching": 1 },
            { "target": "flag", "expression": "ToLower(\"TRUE\")" },
            { "target": "number", "source": "employeeId" },
            { "target": "since", "expression": "CDate(\"2012-03-16-07:00\")" },
            { "target": "tags", "expression": "Split([jobTitle], \" \")" },
            { "target": "single", "source": "userType" },
            { "target": "empty", "expression": "Left([jobTitle], 0)" },
            { "target": "ignored", "expression": "IgnoreFlowIfNullOrEmpty([nickName])", "default": "x" },
            { "target": "secret", "expression": "Redact([jobTitle])" }
        ]),
        json!([
            { "name": "flag", "type": "boolean" }, { "name": "number", "type": "integer" },
            { "name": "since", "type": "date_time" }, { "name": "tags", "type": "string", "multi_valued": true },
            { "name": "single", "type": "string", "multi_valued": true }, { "name": "empty", "type": "string" },
            { "name": "ignored", "type": "string" }, { "name": "secret", "type": "string" }
        ]),
    );
    let wanted = wanted(&compiled(&app), &user(babs()), Create, false);
    expect![[r#"
        userName = "bjensen@contoso.com"
        flag = true
        number = 701984
        since = "2012-03-16T07:00:00Z"
        tags = ["Tour","Guide"]
        single = ["Employee"]
        empty = null
        secret = "Tour Guide"
    "#]]
    .assert_eq(&shown(&wanted.values));
    assert_eq!(wanted.redacted, ["secret"]);
}

fn with_roles(function: &str, target: &str, roles: &[u128]) -> String {
    let row = json!({ "target": target, "expression": format!("{function}([appRoleAssignments])") });
    let mut object: SourceObject = user(babs());
    object.assigned = roles.iter().map(|role| with_role(*role, None)).collect();
    let app = app_and(row, if target == "roles" { roles_target() } else { Json::Null });
    let wanted = wanted(&compiled(&app), &object, Create, false);
    let value = wanted.values.get(target).unwrap();
    format!("{}\n", serde_json::to_string(value).unwrap())
}

#[test]
fn roles_go_through_each_of_their_functions() {
    let single = "SingleAppRoleAssignment";
    let shown = [
        with_roles(single, "roles[primary eq \"True\"].value", &[1, 2]),
        with_roles(single, "roles[primary eq \"True\"].display", &[1, 2]),
        with_roles(single, "roles[primary eq \"True\"].type", &[1, 2]),
        with_roles(single, "userType", &[1, 2]),
        with_roles(single, "roles[primary eq \"True\"].value", &[]),
        with_roles("AppRoleAssignmentsComplex", "roles", &[1, 2]),
        with_roles("AppRoleAssignmentsComplex", "roles", &[]),
        with_roles("AssertiveAppRoleAssignmentsComplex", "roles", &[2]),
        with_roles("AssertiveAppRoleAssignmentsComplex", "roles", &[]),
        with_roles("AppRoleAssignments", "roles", &[1, 2]),
    ];
    expect![[r#"
        {"roles":[{"id":"06b07648-ecfe-589f-9d2f-6325724a46ee","value":"Admin","display_name":"Admin"}],"form":"single"}
        "Admin"
        "WindowsAzureActiveDirectoryRole"
        "Admin"
        null
        {"roles":[{"id":"06b07648-ecfe-589f-9d2f-6325724a46ee","value":"Admin","display_name":"Admin"},{"id":"06b07648-ecfe-599f-9d2f-6325724a46ee","value":"User","display_name":"User"}],"form":"added"}
        {"roles":[],"form":"added"}
        {"roles":[{"id":"06b07648-ecfe-599f-9d2f-6325724a46ee","value":"User","display_name":"User"}],"form":"asserted"}
        {"roles":[],"form":"asserted"}
        ["Admin","User"]
    "#]].assert_eq(&shown.concat());
}

#[test]
fn matching_values_come_in_the_order_of_their_precedence_and_defaults_match_nobody() {
    let app = app_with(
        json!([
            { "target": "userName", "source": "userPrincipalName", "matching": 3 },
            { "target": "externalId", "source": "employeeId", "matching": 1 },
            { "target": "nickName", "source": "nickName", "default": "Nick", "matching": 2 }
        ]),
        json!([]),
    );
    let wanted = wanted(&compiled(&app), &user(babs()), Create, false);
    let tried: Vec<String> = wanted
        .matching
        .iter()
        .map(|matching| {
            format!("{} {} {:?}", matching.precedence, matching.target, matching.value.as_ref().map(Json::to_string))
        })
        .collect();
    expect![[r#"
        1 externalId Some("\"701984\"")
        2 nickName None
        3 userName Some("\"bjensen@contoso.com\"")"#]]
    .assert_eq(&tried.join("\n"));
}

#[test]
fn values_to_choose_from_are_surfaced_and_references_wait_for_their_target() {
    let row = json!({
        "target": "nickName", "apply": "on_create",
        "expression": "SelectUniqueValue([givenName], Join(\"\", [givenName], \"1\"), Join(\"\", [givenName], \"2\"))"
    });
    let compiled = compiled(&app_and(row, Json::Null));
    let mut created = wanted(&compiled, &user(babs()), Create, false);
    assert_eq!(created.candidates[0].values, ["Barbara", "Barbara1", "Barbara2"]);
    assert_eq!(created.values.get("nickName"), None);
    let unresolved = created.resolve(|_| None);
    assert_eq!(unresolved[0].to, id(2));
    let manager = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";
    assert_eq!((unresolved[0].target.as_str(), created.values.get(manager)), (manager, None));
    assert!(wanted(&compiled, &user(babs()), Update, false).candidates.is_empty());
}

#[test]
fn the_rows_of_one_object_share_one_budget() {
    let mut rows = vec![json!({ "target": "userName", "source": "userPrincipalName", "matching": 1 })];
    let mut targets = Vec::new();
    for number in 0..150 {
        let target = format!("custom{number}");
        rows.push(json!({ "target": target, "expression": "Append([jobTitle], \"x\")" }));
        targets.push(json!({ "name": target, "type": "string" }));
    }
    let compiled = compiled(&app_with(Json::Array(rows), Json::Array(targets)));
    let wanted = wanted(&compiled, &user(json!({ "userName": "ada", "title": "a".repeat(60_000) })), Update, false);
    assert!(wanted.values.get("userName").is_some() && wanted.values.get("custom0").is_some());
    assert!(!wanted.faults.is_empty());
    assert!(wanted.faults.iter().all(|fault| fault.problem.contains("bytes together")), "{:?}", wanted.faults);
}

#[test]
fn an_attribute_can_be_explained() {
    let compiled = compiled(&app());
    let mut random = |_: &mut [u8]| {};
    let mut moment = provost_engine::Moment {
        now: crate::fixtures::now(),
        is_soft_deleted: true,
        purpose: Update,
        default_domain: None,
        random: &mut random,
    };
    let lineage = compiled.users.lineage(&user(babs()), &mut moment);
    let active = &lineage[1];
    assert_eq!(
        (active.target.as_str(), active.steps[0].result.as_str(), active.is_default),
        ("active", "\"False\"", false)
    );
    assert_eq!(lineage.len(), 22);
}
