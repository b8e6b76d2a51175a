//! POST bodies, beside the samples of Microsoft's documentation.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use crate::fixtures::{app, app_and, babs, compiled, group, roles_target, user, values, wanted, with_role};
use expect_test::expect;
use provost_engine::{
    Compatibility, Compiled, Dialect, ManagerForm, Method, Objects, Purpose::Create, Reads, Request, SchemasForm,
    Values,
};
use serde_json::{Value as Json, json};

/// Compared as text: names in this order, and nothing else.
#[track_caller]
fn is_body(request: &Request, sample: &str) {
    let sample: Json = serde_json::from_str(sample).unwrap();
    assert_eq!(request.body.as_ref().unwrap().to_string(), sample.to_string());
}

fn create(compiled: &Compiled, of: Objects, values: &Values) -> Request {
    let request = compiled.objects(of).wire(Dialect::Legacy).create(values);
    assert_eq!(request, compiled.objects(of).wire(Dialect::Compliant).create(values), "POST is the same in both");
    assert_eq!(request.method, Method::Post);
    request
}

#[test]
fn a_user_is_created_as_in_the_documented_sample() {
    let row = json!({ "target": "roles", "expression": "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])" });
    let compiled = compiled(&app_and(row, roles_target()));
    let values = values(json!({
        "userName": "Test_User_ab6490ee-1e48-479e-a20b-2d77186b5dd1",
        "active": true,
        "displayName": null,
        "emails[type eq \"work\"].value": "Test_User_fd0ea19b@testuser.com",
        "name.givenName": "givenName",
        "name.familyName": "familyName",
        "name.formatted": "givenName familyName",
        "externalId": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
        "roles": { "form": "asserted", "roles": [] }
    }));
    let request = create(&compiled, Objects::Users, &values);
    assert_eq!(request.path, "/Users");
    is_body(
        &request,
        r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
 "externalId":"0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
 "userName":"Test_User_ab6490ee-1e48-479e-a20b-2d77186b5dd1",
 "active":true,
 "emails":[{"primary":true,"type":"work","value":"Test_User_fd0ea19b@testuser.com"}],
 "meta":{"resourceType":"User"},
 "name":{"formatted":"givenName familyName","familyName":"familyName","givenName":"givenName"},
 "roles":[]}"#,
    );
}

#[test]
fn a_group_is_created_as_in_the_documented_sample_without_members() {
    let compiled = compiled(&app());
    let wanted = wanted(&compiled, &group(json!({ "displayName": "displayName" })), Create, false);
    let mut values = wanted.values;
    values.set("externalId", "8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159".into());
    let request = create(&compiled, Objects::Groups, &values);
    assert_eq!(request.path, "/Groups");
    is_body(
        &request,
        r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group",
            "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
 "externalId":"8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159",
 "displayName":"displayName",
 "meta":{"resourceType":"Group"}}"#,
    );
}

#[test]
fn everything_of_the_default_mapping_has_its_place() {
    let compiled = compiled(&app());
    let mut wanted = wanted(&compiled, &user(babs()), Create, false);
    wanted.resolve(|_| Some("T0".to_owned()));
    let request = create(&compiled, Objects::Users, &wanted.values);
    expect![[r#"
        {
          "schemas": [
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
          ],
          "externalId": "bjensen",
          "userName": "bjensen@contoso.com",
          "active": true,
          "addresses": [
            {
              "primary": true,
              "type": "work",
              "country": "USA",
              "formatted": "18/2111",
              "locality": "Hollywood",
              "postalCode": "91608",
              "region": "CA",
              "streetAddress": "100 Universal City Plaza"
            }
          ],
          "displayName": "Babs Jensen",
          "emails": [
            {
              "primary": true,
              "type": "work",
              "value": "bjensen@contoso.com"
            }
          ],
          "meta": {
            "resourceType": "User"
          },
          "name": {
            "formatted": "Barbara Jensen",
            "familyName": "Jensen",
            "givenName": "Barbara"
          },
          "phoneNumbers": [
            {
              "primary": true,
              "type": "work",
              "value": "555-555-5555"
            },
            {
              "type": "mobile",
              "value": "555-555-4444"
            },
            {
              "type": "fax",
              "value": "555-555-3333"
            }
          ],
          "preferredLanguage": "en-US",
          "title": "Tour Guide",
          "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
            "department": "Tours",
            "employeeNumber": "701984",
            "manager": "T0"
          }
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&request.body.unwrap().to_json()).unwrap());
}

#[test]
fn f_5_6_2_19_roles_stand_in_a_post_as_the_documentation_shows_them() {
    let cases = [
        (
            "SingleAppRoleAssignment",
            "roles[primary eq \"True\"].value",
            r#"[{"primary":true,"type":"WindowsAzureActiveDirectoryRole","value":"Admin"}]"#,
        ),
        (
            "AppRoleAssignmentsComplex",
            "roles",
            r#"[{"primary":false,"type":"WindowsAzureActiveDirectoryRole","displayName":"Admin","value":"Admin"},
                {"primary":false,"type":"WindowsAzureActiveDirectoryRole","displayName":"User","value":"User"}]"#,
        ),
        (
            "AssertiveAppRoleAssignmentsComplex",
            "roles",
            r#"[{"primary":false,"type":"WindowsAzureActiveDirectoryRole","display":"Admin","value":"Admin"},
                {"primary":false,"type":"WindowsAzureActiveDirectoryRole","display":"User","value":"User"}]"#,
        ),
    ];
    for (function, target, sample) in cases {
        let row = json!({ "target": target, "expression": format!("{function}([appRoleAssignments])") });
        let compiled = compiled(&app_and(row, if target == "roles" { roles_target() } else { Json::Null }));
        let mut object = user(json!({ "userName": "ada" }));
        object.assigned = vec![with_role(1, None), with_role(2, None)];
        let request = create(&compiled, Objects::Users, &wanted(&compiled, &object, Create, false).values);
        let sample: Json = serde_json::from_str(sample).unwrap();
        assert_eq!(request.body.unwrap().to_json()["roles"].to_string(), sample.to_string(), "{function}");
    }
}

#[test]
fn of_what_is_made_the_id_is_read_but_where_a_target_may_give_a_role_to_whoever_has_none() {
    let row = json!({ "target": "roles", "expression": "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])" });
    let compiled = compiled(&app_and(row, roles_target()));
    let mut object = user(json!({ "userName": "ada" }));
    for (roles, reads) in [(vec![], Reads::Whole), (vec![with_role(1, None)], Reads::Id)] {
        object.assigned = roles;
        let values = wanted(&compiled, &object, Create, false).values;
        assert_eq!(create(&compiled, Objects::Users, &values).reads, reads, "{values:?}");
    }
}

#[test]
fn the_first_element_of_a_list_is_primary_and_custom_attributes_stand_in_their_schema() {
    let row =
        json!({ "target": "urn:ietf:params:scim:schemas:extension:Custom:2.0:User:tags", "source": "otherMails" });
    let target = json!({
        "name": "urn:ietf:params:scim:schemas:extension:Custom:2.0:User:tags", "type": "string", "multi_valued": true
    });
    let compiled = compiled(&app_and(row, target));
    let values = values(json!({
        "userName": "ada",
        "phoneNumbers[type eq \"mobile\"].value": "1",
        "phoneNumbers[type eq \"fax\"].value": "2",
        "addresses[type eq \"work\"].region": "CA",
        "addresses[type eq \"work\"].country": "USA",
        "urn:ietf:params:scim:schemas:extension:Custom:2.0:User:tags": ["a", "b"]
    }));
    is_body(
        &create(&compiled, Objects::Users, &values),
        r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
            "userName":"ada",
            "addresses":[{"primary":true,"type":"work","country":"USA","region":"CA"}],
            "meta":{"resourceType":"User"},
            "phoneNumbers":[{"primary":true,"type":"mobile","value":"1"},{"type":"fax","value":"2"}],
            "urn:ietf:params:scim:schemas:extension:Custom:2.0:User":{"tags":["a","b"]}}"#,
    );
}

#[test]
fn a_target_that_keeps_to_the_rfc_gets_only_the_schemas_that_are_there() {
    let mut app = app();
    app.compatibility =
        Compatibility { schemas: SchemasForm::Present, manager: ManagerForm::Object, ..Compatibility::default() };
    let compiled = compiled(&app);
    let manager = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";
    is_body(
        &create(&compiled, Objects::Users, &values(json!({ "userName": "ada" }))),
        r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada"}"#,
    );
    is_body(
        &create(&compiled, Objects::Users, &values(json!({ "userName": "ada", manager: "T0" }))),
        r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"userName":"ada",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"T0"}}}"#,
    );
    is_body(
        &create(&compiled, Objects::Groups, &values(json!({ "displayName": "Sales" }))),
        r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Sales"}"#,
    );
}
