//! What targets answer, as values.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use crate::fixtures::{app_with, compiled, roles_target, shown};
use expect_test::{Expect, expect};
use provost_engine::{id_of, listed};
use serde_json::{Value as Json, json};

#[track_caller]
fn check(resource: Json, expected: Expect) {
    let mut app = app_with(
        json!([
            { "target": "userName", "source": "userPrincipalName", "matching": 1 },
            { "target": "active", "expression": "Not([IsSoftDeleted])" },
            { "target": "name.givenName", "source": "givenName" },
            { "target": "emails[type eq \"work\"].value", "source": "mail" },
            { "target": "roles", "expression": "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])" },
            { "target": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager", "source": "manager" },
            { "target": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "source": "department" },
            { "target": "number", "source": "employeeId" },
            { "target": "tags", "source": "otherMails" }
        ]),
        json!([
            roles_target(), { "name": "number", "type": "integer" },
            { "name": "tags", "type": "string", "multi_valued": true }
        ]),
    );
    let whole = shown(&compiled(&app).users.seen(&resource));
    // An attribute is mapped as a whole or in part, so the primary role is seen by another mapping.
    let rows = &mut app.mappings.users.attributes;
    rows.retain(|row| matches!(row.target.as_str(), "userName" | "roles"));
    rows[1].target = "roles[primary eq \"True\"].value".to_owned();
    rows[1].gives = provost_engine::Gives::Expression("SingleAppRoleAssignment([appRoleAssignments])".to_owned());
    let part = shown(&compiled(&app).users.seen(&resource));
    let part = part.lines().last().unwrap();
    expected.assert_eq(&format!("{whole}{part}\n"));
}

#[test]
fn a_resource_as_the_rfc_has_it() {
    check(
        json!({
            "id": "T1", "userName": "ada", "active": true, "name": { "givenName": "Ada", "familyName": "Lovelace" },
            "emails": [{ "type": "home", "value": "h@x" }, { "type": "work", "value": "w@x", "primary": true }],
            "roles": [{ "value": "Admin", "display": "Administrator", "primary": true }, { "value": "User" }],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "manager": { "value": "T0" }, "department": "Tours" },
            "number": 7, "tags": ["a", "b"], "unknown": { "deep": [1] }
        }),
        expect![[r#"
            userName = "ada"
            active = true
            name.givenName = "Ada"
            emails[type eq "work"].value = "w@x"
            roles = {"roles":[{"value":"Admin","display_name":"Administrator"},{"value":"User"}],"form":"added"}
            urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager = "T0"
            urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department = "Tours"
            number = 7
            tags = ["a","b"]
            roles[primary eq "True"].value = "Admin"
        "#]],
    );
}

#[test]
fn a_resource_as_others_have_it() {
    check(
        json!({
            "USERNAME": "ada", "active": "True", "name": "Ada",
            "emails": { "type": "WORK", "value": "w@x" },
            "roles": ["Admin", { "value": "", "display": "nothing" }, { "value": "User", "displayName": "A user", "primary": "true" }],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user": { "manager": "T0", "department": "" },
            "number": "7", "tags": [{ "value": "a" }, null, { "other": 1 }]
        }),
        expect![[r#"
            userName = "ada"
            active = true
            name.givenName = null
            emails[type eq "work"].value = "w@x"
            roles = {"roles":[{"value":"Admin"},{"value":"User","display_name":"A user"}],"form":"added"}
            urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager = "T0"
            urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department = null
            number = 7
            tags = ["a"]
            roles[primary eq "True"].value = "User"
        "#]],
    );
    check(
        json!({
            "userName": 7, "active": "perhaps", "emails": "w@x", "roles": null,
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department": "Tours",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "manager": [{ "value": "T0" }] },
            "number": {}, "tags": "a"
        }),
        expect![[r#"
            userName = "7"
            active = "perhaps"
            name.givenName = null
            emails[type eq "work"].value = null
            roles = {"roles":[],"form":"added"}
            urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager = "T0"
            urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department = "Tours"
            number = null
            tags = ["a"]
            roles[primary eq "True"].value = null
        "#]],
    );
    check(
        json!([]),
        expect![[r#"
            userName = null
            active = null
            name.givenName = null
            emails[type eq "work"].value = null
            roles = null
            urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager = null
            urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department = null
            number = null
            tags = null
            roles[primary eq "True"].value = null
        "#]],
    );
}

#[test]
fn a_list_is_taken_in_the_forms_that_servers_have() {
    let cases = [
        json!({ "totalResults": 0, "Resources": [] }),
        json!({ "totalResults": 0 }),
        json!({ "totalResults": 0, "Resources": null }),
        json!({ "totalResults": 1, "resources": [{ "id": "a" }] }),
        json!({ "id": "a", "userName": "x" }),
        json!({ "Resources": {} }),
        json!({ "detail": "no" }),
        json!([]),
        json!(null),
    ];
    let shown: String = cases
        .iter()
        .map(|body| match listed(body) {
            Ok(resources) => format!("{body}: {} found\n", resources.len()),
            Err(problem) => format!("{body}: error: {problem}\n"),
        })
        .collect();
    expect![[r#"
        {"totalResults":0,"Resources":[]}: 0 found
        {"totalResults":0}: 0 found
        {"totalResults":0,"Resources":null}: 0 found
        {"totalResults":1,"resources":[{"id":"a"}]}: 1 found
        {"id":"a","userName":"x"}: 1 found
        {"Resources":{}}: error: the target answered a query with something else than a list of resources
        {"detail":"no"}: error: the target answered a query with something else than a list of resources
        []: error: the target answered a query with something else than an object
        null: error: the target answered a query with something else than an object
    "#]]
    .assert_eq(&shown);
}

#[test]
fn an_id_is_a_text_that_can_stand_in_a_url() {
    for taken in [json!({ "id": "a" }), json!({ "ID": "a" }), json!({ "id": "a" , "Id": "b" })] {
        assert_eq!(id_of(&taken).as_deref(), Some("a"), "{taken}");
    }
    assert_eq!(id_of(&json!({ "id": 7 })).as_deref(), Some("7"));
    let long = "a".repeat(1_001);
    for id in [json!(""), json!("."), json!(".."), json!(null), json!({}), json!(long)] {
        assert_eq!(id_of(&json!({ "id": id })), None, "{id}");
    }
    assert_eq!((id_of(&json!({})), id_of(&json!("a"))), (None, None));
}
