//! The request as a whole: its form, its bounds, and what is reported of it.

use super::{DEPARTMENT, add, apply, remove, replace};
use crate::kinds;
use expect_test::expect;
use provost_scim::{AttrPath, NoMatch, PatchError, PatchRequest, Resource, ScimError, ScimType, urn};
use serde_json::{Value, json};

#[test]
fn bounds() {
    let user = kinds::user();
    let values = |from: usize, to: usize| -> Vec<Value> {
        (from..to).map(|number| json!({"value":number.to_string()})).collect()
    };
    let cases = [
        ("one operation brings too many", json!([add("emails", json!(values(0, 1001)))])),
        ("two operations do", json!([add("emails", json!(values(0, 600))), add("emails", json!(values(600, 1001)))])),
        ("a text is too long", json!([replace("title", json!("x".repeat(4097)))])),
        ("a control character", json!([replace("title", json!("\u{1}"))])),
        ("PAT-02 more operations than 1,000", Value::Array(vec![remove("title"); 1001])),
    ];
    let lines = cases.map(|(name, operations)| {
        format!("{name}\n  {}\n", apply(&user, &json!({"userName":"b"}), operations, NoMatch::Create))
    });
    expect![[r#"
        one operation brings too many
          invalidValue: `emails` has more than 1000 values
        two operations do
          invalidValue: `emails` has more than 1000 values
        a text is too long
          invalidValue: `title` is longer than 4096 characters
        a control character
          invalidValue: `title` holds a control character
        PAT-02 more operations than 1,000
          invalidSyntax: `Operations` must hold 1 to 1000 operations
    "#]]
    .assert_eq(&lines.concat());
    let stored = json!({"userName":"b","emails":values(0, 1000)});
    let five_terms = r#"emails[value eq "a" or value eq "b" or value eq "c" or value eq "d" or value eq "e"]"#;
    let remove_many =
        |count: usize| apply(&user, &stored, Value::Array(vec![remove(five_terms); count]), NoMatch::Create);
    assert_eq!(remove_many(800), "unchanged", "4,000,000 comparisons");
    assert_eq!(
        remove_many(801),
        "tooMany: the value filters of this request need more than 4000000 comparisons; send fewer operations"
    );
    let twice = json!([add("emails", json!(values(0, 600))), add("emails", json!(values(0, 1000)))]);
    assert!(
        apply(&user, &json!({"userName":"b"}), twice, NoMatch::Create).starts_with('{'),
        "1,000 distinct values fit"
    );
}

#[test]
fn requests_in_standard_form() {
    let ok = json!([remove("title")]);
    let cases = [
        ("PAT-01 no schemas", json!({"Operations":ok})),
        ("PAT-01 other schemas", json!({"schemas":[urn::USER],"Operations":ok})),
        ("PAT-01 schemas is a string", json!({"schemas":urn::PATCH_OP,"Operations":ok})),
        ("PAT-02 no Operations", json!({"schemas":[urn::PATCH_OP]})),
        ("PAT-02 PAT-03 PIT-14 none", json!({"schemas":[urn::PATCH_OP],"Operations":[]})),
        ("PAT-03 an object", json!({"schemas":[urn::PATCH_OP],"Operations":{}})),
        ("PAT-03 not objects", json!({"schemas":[urn::PATCH_OP],"Operations":["add"]})),
        ("PAT-03 not an object", json!([])),
        ("PAT-04 move", json!({"schemas":[urn::PATCH_OP],"Operations":[{"op":"move","path":"title"}]})),
        ("PAT-04 no op", json!({"schemas":[urn::PATCH_OP],"Operations":[{"path":"title"}]})),
        (
            "PIT-01 capitals are for the dialect",
            json!({"schemas":[urn::PATCH_OP],"Operations":[{"op":"Remove","path":"title"}]}),
        ),
        ("PAT-04 JSON Pointer", json!({"schemas":[urn::PATCH_OP],"Operations":[{"op":"remove","path":"/title"}]})),
        ("PAT-04 array index", json!({"schemas":[urn::PATCH_OP],"Operations":[{"op":"remove","path":"emails[0]"}]})),
        ("path is a number", json!({"schemas":[urn::PATCH_OP],"Operations":[{"op":"remove","path":1}]})),
        ("path is null", json!({"schemas":[urn::PATCH_OP],"Operations":[{"op":"add","path":null,"value":{}}]})),
        (
            "unknown members are ignored",
            json!({"schemas":[urn::PATCH_OP,"x"],"Operations":[{"op":"remove","path":"title","x":1}],"y":2}),
        ),
    ];
    let lines = cases.map(|(name, body)| {
        let shown = match PatchRequest::parse(body) {
            Ok(request) => format!("{} operations", request.operations.len()),
            Err(error) => format!("{:?}: {error}", error.scim_type()),
        };
        format!("{name}\n  {shown}\n")
    });
    expect![[r#"
        PAT-01 no schemas
          InvalidSyntax: `schemas` must be an array that contains urn:ietf:params:scim:api:messages:2.0:PatchOp
        PAT-01 other schemas
          InvalidSyntax: `schemas` must be an array that contains urn:ietf:params:scim:api:messages:2.0:PatchOp
        PAT-01 schemas is a string
          InvalidSyntax: `schemas` must be an array that contains urn:ietf:params:scim:api:messages:2.0:PatchOp
        PAT-02 no Operations
          InvalidSyntax: `Operations` must be an array
        PAT-02 PAT-03 PIT-14 none
          InvalidSyntax: `Operations` must hold 1 to 1000 operations
        PAT-03 an object
          InvalidSyntax: `Operations` must be an array
        PAT-03 not objects
          InvalidSyntax: an operation must be an object, not a string
        PAT-03 not an object
          InvalidSyntax: the body must be a JSON object, not an array
        PAT-04 move
          InvalidSyntax: `op` must be add, remove or replace
        PAT-04 no op
          InvalidSyntax: `op` must be add, remove or replace
        PIT-01 capitals are for the dialect
          InvalidSyntax: `op` must be add, remove or replace
        PAT-04 JSON Pointer
          InvalidPath: unexpected character `/` at byte 0 of the path
        PAT-04 array index
          InvalidPath: in the value filter: expected an attribute name, found `0` at byte 7 of the path
        path is a number
          InvalidSyntax: `path` must be a string, not a number
        path is null
          1 operations
        unknown members are ignored
          1 operations
    "#]]
    .assert_eq(&lines.concat());
}

#[test]
fn what_was_touched_and_what_is_unknown() {
    let supported = ["userName", "name.givenName", "emails.value", "emails.primary", DEPARTMENT];
    let supported = supported.map(|path| path.parse::<AttrPath>().unwrap());
    let kind = kinds::user().narrowed(&supported);
    let stored = json!({"schemas":[urn::USER],"id":"1","userName":"b","nickName":"kept",
        "name":{"givenName":"A","familyName":"kept"},"emails":[{"value":"a","type":"kept"}]});
    let current = Resource::from_canonical(&stored.to_string()).unwrap();
    let body = json!({"schemas":[urn::PATCH_OP],"Operations":[
        replace("USERNAME", json!("c")),
        replace("name.GivenName", json!("B")),
        replace("name.familyName", json!("X")),
        replace("nickName", json!("X")),
        replace("emails[value eq \"a\"].Value", json!("b")),
        replace("emails[type eq \"work\"].value", json!("X")),
        replace("emails[value eq \"b\"].type", json!("X")),
        add("urn:ietf:params:scim:schemas:extension:ENTERPRISE:2.0:User:Department", json!("D")),
        add("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value", json!("X")),
        add("urn:example:Foo:bar", json!("X")),
        {"op":"replace","value":{"userName":"d","nickName":"X","emails":[{"value":"b","type":"X"}],"urn:example:Foo":{}}},
    ]});
    let patched = PatchRequest::parse(body).unwrap().apply(&kind, &current, NoMatch::Create).unwrap();
    expect![[r#"
        {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"id":"1","userName":"d","name":{"givenName":"B","familyName":"kept"},"emails":[{"value":"b"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D"},"nickName":"kept"}
        touched: [
            "userName",
            "name.givenName",
            "emails.value",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
            "emails",
        ]
        unknown: [
            "name.familyName",
            "nickName",
            "emails.type",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
            "urn:example:Foo:bar",
            "urn:example:Foo",
        ]"#]].assert_eq(&format!(
        "{}\ntouched: {:#?}\nunknown: {:#?}",
        patched.resource.to_json(),
        patched.touched,
        patched.unknown
    ));
}

#[test]
fn every_error_has_its_keyword() {
    let cases = [
        (PatchError::Syntax(String::new()), ScimType::InvalidSyntax),
        (PatchError::Misplaced { attribute: String::new(), problem: "" }, ScimType::InvalidPath),
        (PatchError::NoPath, ScimType::NoTarget),
        (PatchError::NoTarget(String::new()), ScimType::NoTarget),
        (PatchError::Mutability { attribute: String::new(), rule: "" }, ScimType::Mutability),
        (PatchError::TooCostly { comparisons_max: 1 }, ScimType::TooMany),
        (PatchError::Operand(String::new()), ScimType::InvalidValue),
    ];
    for (error, expected) in cases {
        assert_eq!((error.scim_type(), ScimError::from(error).status), (expected, 400));
    }
}
