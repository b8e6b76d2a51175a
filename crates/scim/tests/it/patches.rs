//! The PATCH decision table, row by row.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod requests;
mod rules;
mod targets;

use crate::kinds;
use expect_test::{Expect, expect};
use provost_scim::{NoMatch, PatchRequest, Resource, ResourceType, ScimError, urn};
use serde_json::{Value, json};

/// What becomes of a resource: its attributes without `schemas` and `id`, or the error.
fn apply(kind: &ResourceType, before: &Value, operations: Value, no_match: NoMatch) -> String {
    let mut document = json!({"schemas":[kind.schema.id],"id":"1"});
    document.as_object_mut().unwrap().extend(before.as_object().unwrap().clone());
    let mut current = Resource::from_canonical(&document.to_string()).unwrap();
    current.sync_schemas(kind);
    let body = json!({"schemas":[urn::PATCH_OP],"Operations":operations});
    match PatchRequest::parse(body).and_then(|request| request.apply(kind, &current, no_match)) {
        Err(error) => {
            let error = ScimError::from(error);
            let keyword = serde_json::to_value(error.scim_type).unwrap();
            format!("{}: {}", keyword.as_str().unwrap(), error.detail)
        }
        Ok(patched) => {
            let mut notes = String::new();
            if !patched.unknown.is_empty() {
                notes = format!(" unknown: {}", patched.unknown.join(" "));
            }
            if !patched.changed {
                assert_eq!(patched.resource, current, "unchanged is equal");
                return format!("unchanged{notes}");
            }
            let mut resource = patched.resource;
            resource.remove("schemas");
            resource.remove("id");
            format!("{}{notes}", resource.to_json())
        }
    }
}

type Case<'a> = (&'a str, Value, Value);

#[track_caller]
fn check(kind: &ResourceType, no_match: NoMatch, cases: &[Case<'_>], expected: Expect) {
    let lines = cases.iter().map(|(name, before, operations)| {
        let operations = if operations.is_array() { operations.clone() } else { json!([operations]) };
        format!("{name}\n  {}\n", apply(kind, before, operations, no_match))
    });
    expected.assert_eq(&lines.collect::<String>());
}

fn add(path: &str, value: Value) -> Value {
    json!({"op":"add","path":path,"value":value})
}

fn replace(path: &str, value: Value) -> Value {
    json!({"op":"replace","path":path,"value":value})
}

fn remove(path: &str) -> Value {
    json!({"op":"remove","path":path})
}

fn mails(of: &[(&str, &str)]) -> Value {
    let elements: Vec<Value> = of.iter().map(|(kind, value)| json!({"value":value,"type":kind})).collect();
    json!({"userName":"b","emails":elements})
}

const WORK: &str = r#"emails[type eq "work"]"#;
const WORK_VALUE: &str = r#"emails[type eq "work"].value"#;
const DEPARTMENT: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";

#[test]
fn the_vectors_of_the_checklist() {
    let b = || json!({"userName":"b"});
    let named = || json!({"userName":"b","name":{"givenName":"A","familyName":"F"}});
    let a = || json!({"userName":"b","emails":[{"value":"a"}]});
    let cases = [
        ("PAT-33 no nickName: add", b(), add("nickName", json!("B"))),
        ("PAT-34 nickName A: add B", json!({"userName":"b","nickName":"A"}), add("nickName", json!("B"))),
        ("PAT-36 emails a: add b", a(), add("emails", json!([{"value":"b"}]))),
        ("PAT-37 emails a: add a", a(), add("emails", json!([{"value":"A"}]))),
        (
            "PAT-14 PIT-33 emails a primary: add b primary",
            json!({"userName":"b","emails":[{"value":"a","primary":true}]}),
            add("emails", json!([{"value":"b","primary":true}])),
        ),
        ("PAT-35 name: add givenName", named(), add("name", json!({"givenName":"B"}))),
        ("PAT-56 name: replace givenName", named(), replace("name", json!({"givenName":"B"}))),
        (
            "PAT-54 emails a, b: replace c",
            mails(&[("work", "a"), ("home", "b")]),
            replace("emails", json!([{"value":"c"}])),
        ),
        ("PAT-59 replace the work value", mails(&[("work", "a"), ("home", "b")]), replace(WORK_VALUE, json!("c"))),
        ("PAT-60 replace the work value of none", mails(&[("home", "b")]), replace(WORK_VALUE, json!("c"))),
        (
            "PAT-57 PIT-20 replace in all matches",
            mails(&[("work", "a"), ("work", "b")]),
            replace(r#"emails[type eq "work"].display"#, json!("d")),
        ),
        ("PAT-45 remove work", mails(&[("work", "a"), ("home", "b")]), remove(WORK)),
        ("PAT-45 remove the last", mails(&[("work", "a")]), remove(WORK)),
        ("PAT-49 CON-03 remove none", mails(&[("home", "b")]), remove(WORK)),
        ("PAT-42 remove without path", b(), json!({"op":"remove"})),
        ("PAT-47 remove userName", b(), remove("userName")),
        ("CHR-03 replace id", b(), replace("id", json!("x"))),
        ("CHR-03 replace meta.created", b(), replace("meta.created", json!("2011-05-13T04:42:34Z"))),
        ("CHR-03 USR-21 replace groups", b(), replace("groups", json!([{"value":"g"}]))),
        ("PAT-62 replace active", b(), replace("active", json!("yes"))),
        ("PAT-23 malformed path", b(), replace(r#"emails[type eq"#, json!("x"))),
        ("PAT-08 PIT-32 all or nothing", b(), json!([replace("nickName", json!("X")), remove("userName")])),
        ("PAT-16 add department", b(), add(DEPARTMENT, json!("D"))),
        ("PAT-55 replace an unassigned title", b(), replace("title", json!("T"))),
        ("PAT-61 MOD-31 replace title by null", json!({"userName":"b","title":"T"}), replace("title", Value::Null)),
    ];
    check(
        &kinds::user(),
        NoMatch::NoTarget,
        &cases,
        expect![[r#"
        PAT-33 no nickName: add
          {"userName":"b","nickName":"B"}
        PAT-34 nickName A: add B
          {"userName":"b","nickName":"B"}
        PAT-36 emails a: add b
          {"userName":"b","emails":[{"value":"a"},{"value":"b"}]}
        PAT-37 emails a: add a
          unchanged
        PAT-14 PIT-33 emails a primary: add b primary
          {"userName":"b","emails":[{"value":"a","primary":false},{"value":"b","primary":true}]}
        PAT-35 name: add givenName
          {"userName":"b","name":{"familyName":"F","givenName":"B"}}
        PAT-56 name: replace givenName
          {"userName":"b","name":{"familyName":"F","givenName":"B"}}
        PAT-54 emails a, b: replace c
          {"userName":"b","emails":[{"value":"c"}]}
        PAT-59 replace the work value
          {"userName":"b","emails":[{"value":"c","type":"work"},{"value":"b","type":"home"}]}
        PAT-60 replace the work value of none
          noTarget: no value of `emails.value` matches the filter
        PAT-57 PIT-20 replace in all matches
          {"userName":"b","emails":[{"value":"a","display":"d","type":"work"},{"value":"b","display":"d","type":"work"}]}
        PAT-45 remove work
          {"userName":"b","emails":[{"value":"b","type":"home"}]}
        PAT-45 remove the last
          {"userName":"b"}
        PAT-49 CON-03 remove none
          unchanged
        PAT-42 remove without path
          noTarget: a remove operation needs a path
        PAT-47 remove userName
          mutability: `userName` is required and may not be removed
        CHR-03 replace id
          mutability: `id` is readOnly and may not be changed
        CHR-03 replace meta.created
          mutability: `meta.created` is readOnly and may not be changed
        CHR-03 USR-21 replace groups
          mutability: `groups` is readOnly and may not be changed
        PAT-62 replace active
          invalidValue: `active` must be true or false, not a string
        PAT-23 malformed path
          invalidPath: in the value filter: expected a value: a string in double quotes, a number, true, false or null, found the end at byte 14 of the path
        PAT-08 PIT-32 all or nothing
          mutability: `userName` is required and may not be removed
        PAT-16 add department
          {"userName":"b","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D"}}
        PAT-55 replace an unassigned title
          {"userName":"b","title":"T"}
        PAT-61 MOD-31 replace title by null
          {"userName":"b"}
    "#]],
    );

    let members = || json!({"displayName":"G","members":[{"value":"u1"},{"value":"u2"}]});
    let cases = [
        ("PAT-45 remove a member", members(), remove(r#"members[value eq "u1"]"#)),
        ("CHR-05 GRP-04 replace a member's value", members(), replace(r#"members[value eq "u1"].value"#, json!("u3"))),
        (
            "CHR-06 replace a member's value by itself",
            members(),
            replace(r#"members[value eq "u1"].value"#, json!("u1")),
        ),
        (
            "CHR-05 a member's display is unassigned: set",
            members(),
            replace(r#"members[value eq "u1"].display"#, json!("U")),
        ),
        (
            "PAT-38 members compare by value",
            members(),
            add("members", json!([{"value":"u1","display":"U"},{"value":"u3"}])),
        ),
        ("PIT-19 path in another case", members(), remove(r#"MEMBERS[VALUE eq "u1"]"#)),
        (
            "PIT-19 path with the core URN",
            members(),
            remove(r#"urn:ietf:params:scim:schemas:core:2.0:Group:members[value eq "u1"]"#),
        ),
        ("PAT-47 displayName is required", members(), replace("displayName", Value::Null)),
    ];
    check(
        &kinds::group(),
        NoMatch::NoTarget,
        &cases,
        expect![[r#"
        PAT-45 remove a member
          {"displayName":"G","members":[{"value":"u2"}]}
        CHR-05 GRP-04 replace a member's value
          mutability: `members.value` is immutable and has a value already
        CHR-06 replace a member's value by itself
          unchanged
        CHR-05 a member's display is unassigned: set
          {"displayName":"G","members":[{"value":"u1","display":"U"},{"value":"u2"}]}
        PAT-38 members compare by value
          {"displayName":"G","members":[{"value":"u1"},{"value":"u2"},{"value":"u3"}]}
        PIT-19 path in another case
          {"displayName":"G","members":[{"value":"u2"}]}
        PIT-19 path with the core URN
          {"displayName":"G","members":[{"value":"u2"}]}
        PAT-47 displayName is required
          mutability: `displayName` is required and may not be removed
    "#]],
    );
}
