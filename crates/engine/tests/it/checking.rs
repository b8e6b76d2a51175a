//! What is said about an app with something wrong in it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use crate::fixtures::{app, app_and, roles_target, schemas};
use expect_test::{Expect, expect};
use provost_engine::{EnterpriseApp, FilterGroup, ScopeMode, check};
use serde_json::{Value as Json, json};

fn shown(app: &EnterpriseApp) -> String {
    let problems = check(app, schemas());
    if problems.is_empty() {
        return "- nothing\n".to_owned();
    }
    problems
        .iter()
        .map(|problem| {
            let at = problem.at.map_or_else(String::new, |at| format!(" (line {}, column {})", at.line, at.column));
            format!("- {}: {}{at}\n", problem.field, problem.problem)
        })
        .collect()
}

#[track_caller]
fn check_rows(cases: &[(&str, Json, Json)], expected: Expect) {
    let shown: String = cases
        .iter()
        .map(|(name, row, target)| format!("{name}\n{}", shown(&app_and(row.clone(), target.clone()))))
        .collect();
    expected.assert_eq(&shown);
}

#[test]
fn rows_with_something_wrong_are_named_with_their_place() {
    let number = json!({ "name": "custom", "type": "integer" });
    let many = json!({ "name": "custom", "type": "string", "multi_valued": true });
    let flag = json!({ "name": "custom", "type": "boolean" });
    let date = json!({ "name": "custom", "type": "date_time" });
    let leader = json!({ "name": "custom", "type": "reference" });
    check_rows(
        &[
            ("nothing wrong", json!({ "target": "nickName", "source": "givenName" }), Json::Null),
            ("unknown source", json!({ "target": "nickName", "source": "jobTitel" }), Json::Null),
            ("another case", json!({ "target": "nickName", "source": "JOBTITLE" }), Json::Null),
            ("unknown target", json!({ "target": "nickNam", "source": "givenName" }), Json::Null),
            ("target twice", json!({ "target": "USERNAME", "source": "mail" }), Json::Null),
            ("no path", json!({ "target": "emails[type eq", "source": "mail" }), Json::Null),
            ("an element", json!({ "target": "emails[type eq \"work\"]", "source": "mail" }), Json::Null),
            ("the id", json!({ "target": "id", "source": "objectId" }), Json::Null),
            ("syntax", json!({ "target": "nickName", "expression": "ToLower([mail]" }), Json::Null),
            ("function", json!({ "target": "nickName", "expression": "Tolower([mail])" }), Json::Null),
            (
                "two faults",
                json!({ "target": "nickName", "expression": "Join(\" \",\n [givenNam], Lef([surname], 1))" }),
                Json::Null,
            ),
            ("target and expression", json!({ "target": "nick", "expression": "Mid([mail], 1)" }), Json::Null),
            ("a bare attribute", json!({ "target": "nickName", "expression": "[mail]" }), Json::Null),
            ("several into one", json!({ "target": "nickName", "source": "otherMails" }), Json::Null),
            (
                "several by expression",
                json!({ "target": "nickName", "expression": "Split([mail], \"@\")" }),
                Json::Null,
            ),
            ("one into several", json!({ "target": "custom", "source": "mail" }), many.clone()),
            ("boolean into number", json!({ "target": "custom", "source": "accountEnabled" }), number.clone()),
            ("number as constant", json!({ "target": "custom", "constant": "seven" }), number),
            ("boolean as constant", json!({ "target": "custom", "constant": "perhaps" }), flag.clone()),
            ("true as text", json!({ "target": "custom", "constant": "True" }), flag),
            ("date as constant", json!({ "target": "custom", "constant": "31.1.2026" }), date.clone()),
            ("a date", json!({ "target": "custom", "constant": "2026-01-31T09:00:00Z" }), date),
            ("list as constant", json!({ "target": "nickName", "constant": ["a"] }), Json::Null),
            ("a list", json!({ "target": "custom", "constant": ["a", "b"] }), many.clone()),
            ("object in a list", json!({ "target": "custom", "constant": [{}] }), many),
            ("empty constant", json!({ "target": "nickName", "constant": "" }), Json::Null),
            ("default", json!({ "target": "nickName", "source": "mail", "default": 7 }), Json::Null),
            ("no reference", json!({ "target": "custom", "source": "mail" }), leader.clone()),
            (
                "expression for a reference",
                json!({ "target": "custom", "expression": "CStr([manager])" }),
                leader.clone(),
            ),
            ("constant for a reference", json!({ "target": "custom", "constant": "7" }), leader),
            ("a reference as text", json!({ "target": "nickName", "source": "manager" }), Json::Null),
            ("none", json!({ "target": "nickName", "none": false }), Json::Null),
            ("only a default", json!({ "target": "nickName", "none": true, "default": "Babs" }), Json::Null),
            ("roles without function", json!({ "target": "roles", "source": "appRoleAssignments" }), roles_target()),
            (
                "roles into a text",
                json!({ "target": "nickName", "expression": "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])" }),
                Json::Null,
            ),
            (
                "roles",
                json!({ "target": "roles", "expression": "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])" }),
                roles_target(),
            ),
            (
                "in part and as a whole",
                json!({ "target": "emails", "constant": ["x"] }),
                json!({ "name": "emails", "type": "string", "multi_valued": true }),
            ),
            (
                "candidates always",
                json!({ "target": "nickName", "expression": "SelectUniqueValue([givenName], [surname])" }),
                Json::Null,
            ),
            (
                "candidates on create",
                json!({
                    "target": "nickName", "apply": "on_create", "expression": "SelectUniqueValue([givenName], [surname])"
                }),
                Json::Null,
            ),
            ("matching twice", json!({ "target": "nickName", "source": "mail", "matching": 1 }), Json::Null),
            ("matching 0", json!({ "target": "nickName", "source": "mail", "matching": 0 }), Json::Null),
            ("matching by a constant", json!({ "target": "nickName", "constant": "x", "matching": 2 }), Json::Null),
            (
                "matching by several",
                json!({ "target": "custom", "source": "otherMails", "matching": 2 }),
                json!({ "name": "custom", "type": "string", "multi_valued": true }),
            ),
            ("too long", json!({ "target": "nickName", "constant": "x".repeat(4_097) }), Json::Null),
        ],
        expect![[r#"
            nothing wrong
            - nothing
            unknown source
            - mappings.users.attributes[22].source: the source has no attribute `jobTitel`; did you mean `jobTitle`?
            another case
            - mappings.users.attributes[22].source: the source has no attribute `JOBTITLE`; did you mean `jobTitle`?
            unknown target
            - mappings.users.attributes[22].target: `nickNam` is not in the list of the target's attributes; did you mean `nickName`?
            target twice
            - mappings.users.attributes[22].target: `USERNAME` is mapped twice; keep one of the rows
            no path
            - mappings.users.attributes[22].target: `emails[type eq` names no attribute: in the value filter: expected a value: a string in double quotes, a number, true, false or null, found the end at byte 14 of the path
            an element
            - mappings.users.attributes[22].target: `emails[type eq "work"]` is a whole element; write the sub-attribute behind it, such as `emails[type eq "work"].value`
            the id
            - mappings.users.attributes[22].target: `id` is made by the target; nothing can be mapped to it
            syntax
            - mappings.users.attributes[22].expression: expected `,` or `)`, found the end (line 1, column 15)
            function
            - mappings.users.attributes[22].expression: there is no function `Tolower`; did you mean `ToLower`? (line 1, column 1)
            two faults
            - mappings.users.attributes[22].expression: the source has no attribute `givenNam`; did you mean `givenName`? (line 2, column 2)
            - mappings.users.attributes[22].expression: there is no function `Lef`; did you mean `Left`? (line 2, column 14)
            target and expression
            - mappings.users.attributes[22].target: `nick` is not in the list of the target's attributes; add it there
            - mappings.users.attributes[22].expression: `Mid` takes 3 arguments, as in `Mid(source, start, length)`, not 2 (line 1, column 1)
            a bare attribute
            - mappings.users.attributes[22].expression: an expression is a call of a function; map a bare attribute directly, and a bare value as a constant (line 1, column 1)
            several into one
            - mappings.users.attributes[22].source: the source has several values there, and the target's attribute takes one; use Item or Join
            several by expression
            - mappings.users.attributes[22].expression: the expression gives several values, and the attribute takes a text
            one into several
            - nothing
            boolean into number
            - mappings.users.attributes[22].source: True or False does not go into an attribute of type integer
            number as constant
            - mappings.users.attributes[22].constant: the target's attribute is an integer: write a whole number
            boolean as constant
            - mappings.users.attributes[22].constant: the target's attribute is a boolean: write true or false
            true as text
            - nothing
            date as constant
            - mappings.users.attributes[22].constant: the target's attribute is a point in time: write it as "2026-01-31T09:00:00Z"
            a date
            - nothing
            list as constant
            - mappings.users.attributes[22].constant: the target's attribute takes one value, not several
            a list
            - nothing
            object in a list
            - mappings.users.attributes[22].constant: the target's attribute is a text: write it in quotes
            empty constant
            - mappings.users.attributes[22].constant: an empty text is no value; leave the row out to send nothing
            default
            - mappings.users.attributes[22].default: the target's attribute is a text: write it in quotes
            no reference
            - mappings.users.attributes[22].source: the target's attribute is a reference, and this attribute of the source leads to no object
            expression for a reference
            - mappings.users.attributes[22].expression: the target's attribute is a reference; map an attribute that leads to another object to it, such as `manager`, without an expression
            constant for a reference
            - mappings.users.attributes[22].constant: the target's attribute is a reference, which cannot be a constant
            a reference as text
            - nothing
            none
            - mappings.users.attributes[22].none: write `"none": true`, or say where the value comes from
            only a default
            - nothing
            roles without function
            - mappings.users.attributes[22].source: app roles need a function: SingleAppRoleAssignment, AppRoleAssignmentsComplex or AssertiveAppRoleAssignmentsComplex
            roles into a text
            - mappings.users.attributes[22].expression: app roles go into an attribute such as `roles`, of type string, with several values, and no sub-attribute of it
            roles
            - nothing
            in part and as a whole
            - mappings.users.attributes[22].target: `emails` and `emails[type eq "work"].value` are one attribute, as a whole and in part; keep one
            candidates always
            - mappings.users.attributes[22].expression: `SelectUniqueValue` is for values that are set on create and match nothing: apply it `on_create`
            candidates on create
            - nothing
            matching twice
            - mappings.users.attributes: the matching precedence 1 is given twice
            matching 0
            - mappings.users.attributes[22].matching: a matching precedence is a number from 1 to 10; leave it out where nothing is matched
            matching by a constant
            - mappings.users.attributes[22].matching: a value that everybody has finds nobody: match by an attribute of the source
            matching by several
            - mappings.users.attributes[22].matching: `custom` finds no single resource: match by an attribute with one value, no reference and no boolean
            too long
            - mappings.users.attributes[22].constant: a constant may have 4096 bytes, and this one has more
        "#]],
    );
}

#[test]
fn u_48_only_attributes_in_the_list_of_the_target_can_be_mapped_to() {
    let mut app = app();
    app.mappings.users.target.retain(|attribute| attribute.name != "title");
    app.mappings.users.target.push(serde_json::from_value(json!({ "name": "USERNAME", "type": "string" })).unwrap());
    app.mappings.users.target.push(serde_json::from_value(json!({ "name": "a.b.c", "type": "string" })).unwrap());
    let several = json!({ "name": "ims[type eq \"x\"].value", "type": "string", "multi_valued": true });
    app.mappings.users.target.push(serde_json::from_value(several).unwrap());
    expect![[r#"
        - mappings.users.target[53].name: the target's attribute `USERNAME` is there twice
        - mappings.users.target[54].name: `a.b.c` names no attribute: `b.c` is not a sub-attribute name at byte 2 of the path
        - mappings.users.target[55].name: `ims[type eq "x"].value` is one value of one element; it cannot have several values
        - mappings.users.attributes[3].target: `title` is not in the list of the target's attributes; add it there
    "#]].assert_eq(&shown(&app));
}

#[test]
fn a_trimmed_mapping_is_whole_and_one_without_a_name_or_a_match_is_not() {
    let mut trimmed = app();
    trimmed.mappings.users.attributes.retain(|row| ["userName", "active", "externalId"].contains(&row.target.as_str()));
    trimmed.mappings.groups.enabled = false;
    trimmed.mappings.groups.attributes.clear();
    assert_eq!(shown(&trimmed), "- nothing\n");
    trimmed.mappings.users.attributes.remove(0);
    expect![[r#"
        - mappings.users.attributes: no row matches; give one of them the matching precedence 1, such as `userName`
        - mappings.users.attributes: the target requires `userName`, and nothing is mapped to it
    "#]]
    .assert_eq(&shown(&trimmed));
}

#[test]
fn app_roles_do_not_go_together_with_all_users() {
    let row = json!({ "target": "roles", "expression": "AppRoleAssignmentsComplex([appRoleAssignments])" });
    let mut app = app_and(row, roles_target());
    app.scope = ScopeMode::All;
    expect![[r#"
        - mappings.users.attributes[22].expression: app roles are those of assignments: set the scope to `assigned`, or remove this row
    "#]].assert_eq(&shown(&app));
}

#[test]
fn settings_with_something_wrong_are_named() {
    let mut app = app();
    app.name = " ".to_owned();
    app.tenant_url = "target.example/scim".to_owned();
    app.interval = 0;
    app.notify = vec!["ada@contoso.com".to_owned(), "nobody".to_owned()];
    expect![[r#"
        - name: an app needs a name
        - tenant_url: the tenant URL is not a URL (relative URL without a base); write it as https://host/scim
        - interval: the interval must be from 1 to 604800 seconds, not 0
        - notify[1]: this is no e-mail address; write it as somebody@example.com
    "#]]
    .assert_eq(&shown(&app));
}

fn filters(filters: Json) -> EnterpriseApp {
    let mut app = app();
    app.mappings.users.filters = serde_json::from_value::<Vec<FilterGroup>>(filters).unwrap();
    app
}

#[test]
fn filters_with_something_wrong_are_named() {
    let clauses = [
        json!({ "source": "department", "operator": "EQUALS", "value": "Sales" }),
        json!({ "source": "departmen", "operator": "EQUALS", "value": "Sales" }),
        json!({ "source": "department", "operator": "EQUALS" }),
        json!({ "source": "department", "operator": "IS NULL", "value": "Sales" }),
        json!({ "source": "department", "operator": "IS TRUE" }),
        json!({ "source": "accountEnabled", "operator": "IS FALSE" }),
        json!({ "source": "employeeId", "operator": "Greater_Than", "value": "-1" }),
        json!({ "source": "employeeId", "operator": "&", "value": "four" }),
        json!({ "source": "department", "operator": "REGEX MATCH", "value": "(?=x)" }),
        json!({ "source": "department", "operator": "NOT REGEX MATCH", "value": "(" }),
        json!({ "source": "manager", "operator": "IS NOT NULL" }),
        json!({ "source": "otherMails", "operator": "Includes", "value": "x" }),
        json!({ "source": "appRoleAssignments", "operator": "IS NULL" }),
        json!({ "source": "IsSoftDeleted", "operator": "IS TRUE" }),
        json!({ "source": "emails", "operator": "IS NULL" }),
        json!({ "source": "employeeId", "operator": "!&", "value": "4" }),
    ];
    let shown: String = clauses
        .iter()
        .map(|clause| format!("{clause}\n{}", shown(&filters(json!([{ "name": "F", "clauses": [clause] }])))))
        .collect();
    expect![[r#"
        {"source":"department","operator":"EQUALS","value":"Sales"}
        - nothing
        {"source":"departmen","operator":"EQUALS","value":"Sales"}
        - mappings.users.filters[0].clauses[0].source: the source has no attribute `departmen`; did you mean `department`?
        {"source":"department","operator":"EQUALS"}
        - mappings.users.filters[0].clauses[0].value: EQUALS needs a value
        {"source":"department","operator":"IS NULL","value":"Sales"}
        - mappings.users.filters[0].clauses[0].value: IS NULL takes no value; leave it out
        {"source":"department","operator":"IS TRUE"}
        - mappings.users.filters[0].clauses[0].operator: `department` is neither true nor false; use EQUALS
        {"source":"accountEnabled","operator":"IS FALSE"}
        - nothing
        {"source":"employeeId","operator":"Greater_Than","value":"-1"}
        - mappings.users.filters[0].clauses[0].value: Greater_Than compares with a whole number of at least 0
        {"source":"employeeId","operator":"&","value":"four"}
        - mappings.users.filters[0].clauses[0].value: & compares with a whole number of at least 0
        {"source":"department","operator":"REGEX MATCH","value":"(?=x)"}
        - mappings.users.filters[0].clauses[0].value: in the pattern: patterns are searched in linear time, so looks ahead (`(?=`, `(?!`) are not supported
        {"source":"department","operator":"NOT REGEX MATCH","value":"("}
        - mappings.users.filters[0].clauses[0].value: in the pattern: the pattern is not understood: unclosed group
        {"source":"manager","operator":"IS NOT NULL"}
        - mappings.users.filters[0].clauses[0].source: `manager` cannot be asked: scoping filters do not ask attributes with several values, references, dates, app roles and IsSoftDeleted
        {"source":"otherMails","operator":"Includes","value":"x"}
        - mappings.users.filters[0].clauses[0].source: `otherMails` cannot be asked: scoping filters do not ask attributes with several values, references, dates, app roles and IsSoftDeleted
        {"source":"appRoleAssignments","operator":"IS NULL"}
        - mappings.users.filters[0].clauses[0].source: `appRoleAssignments` cannot be asked: scoping filters do not ask attributes with several values, references, dates, app roles and IsSoftDeleted
        {"source":"IsSoftDeleted","operator":"IS TRUE"}
        - mappings.users.filters[0].clauses[0].source: `IsSoftDeleted` cannot be asked: scoping filters do not ask attributes with several values, references, dates, app roles and IsSoftDeleted
        {"source":"emails","operator":"IS NULL"}
        - mappings.users.filters[0].clauses[0].source: `emails` cannot be asked: scoping filters do not ask attributes with several values, references, dates, app roles and IsSoftDeleted
        {"source":"employeeId","operator":"!&","value":"4"}
        - nothing
    "#]].assert_eq(&shown);
}

#[test]
fn filters_need_names_and_clauses() {
    let clause = json!({ "source": "department", "operator": "IS NULL" });
    let app = filters(json!([
        { "name": "A", "clauses": [clause] },
        { "name": "A", "clauses": [clause] },
        { "name": "", "clauses": [] }
    ]));
    expect![[r#"
        - mappings.users.filters[1].name: another scoping filter has this name
        - mappings.users.filters[2].name: a scoping filter needs a name, which the provisioning log shows
        - mappings.users.filters[2].clauses: a scoping filter without clauses holds for everybody; give it one, or remove it
    "#]].assert_eq(&shown(&app));
}

#[test]
fn there_may_be_so_many_of_everything_and_no_more() {
    let mut crowded = app();
    let users = &mut crowded.mappings.users;
    users.attributes = vec![users.attributes[2].clone(); 201];
    users.target = vec![users.target[0].clone(); 501];
    users.filters = vec![FilterGroup { name: "A".to_owned(), clauses: Vec::new() }; 51];
    crowded.notify = vec!["a@b".to_owned(); 21];
    expect![[r#"
        - notify: there are 21 addresses, and there may be 20
        - mappings.users.filters: there are 51 scoping filters, and there may be 50
        - mappings.users.target: there are 501 attributes of the target, and there may be 500
        - mappings.users.attributes: there are 201 rows, and there may be 200
    "#]]
    .assert_eq(&shown(&crowded));
}
