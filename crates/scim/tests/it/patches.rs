//! The PATCH decision table, row by row.

use crate::kinds;
use expect_test::{Expect, expect};
use provost_scim::{AttrPath, NoMatch, PatchError, PatchRequest, Resource, ResourceType, ScimError, ScimType, urn};
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
        ("PAT-14 PIT-33 emails a primary: add b primary",
            json!({"userName":"b","emails":[{"value":"a","primary":true}]}),
            add("emails", json!([{"value":"b","primary":true}]))),
        ("PAT-35 name: add givenName", named(), add("name", json!({"givenName":"B"}))),
        ("PAT-56 name: replace givenName", named(), replace("name", json!({"givenName":"B"}))),
        ("PAT-54 emails a, b: replace c", mails(&[("work", "a"), ("home", "b")]), replace("emails", json!([{"value":"c"}]))),
        ("PAT-59 replace the work value", mails(&[("work", "a"), ("home", "b")]), replace(WORK_VALUE, json!("c"))),
        ("PAT-60 replace the work value of none", mails(&[("home", "b")]), replace(WORK_VALUE, json!("c"))),
        ("PAT-57 PIT-20 replace in all matches", mails(&[("work", "a"), ("work", "b")]), replace(r#"emails[type eq "work"].display"#, json!("d"))),
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
    check(&kinds::user(), NoMatch::NoTarget, &cases, expect![[r#"
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
    "#]]);

    let members = || json!({"displayName":"G","members":[{"value":"u1"},{"value":"u2"}]});
    let cases = [
        ("PAT-45 remove a member", members(), remove(r#"members[value eq "u1"]"#)),
        ("CHR-05 GRP-04 replace a member's value", members(), replace(r#"members[value eq "u1"].value"#, json!("u3"))),
        ("CHR-06 replace a member's value by itself", members(), replace(r#"members[value eq "u1"].value"#, json!("u1"))),
        ("CHR-05 a member's display is unassigned: set", members(), replace(r#"members[value eq "u1"].display"#, json!("U"))),
        ("PAT-38 members compare by value", members(), add("members", json!([{"value":"u1","display":"U"},{"value":"u3"}]))),
        ("PIT-19 path in another case", members(), remove(r#"MEMBERS[VALUE eq "u1"]"#)),
        ("PIT-19 path with the core URN", members(), remove(r#"urn:ietf:params:scim:schemas:core:2.0:Group:members[value eq "u1"]"#)),
        ("PAT-47 displayName is required", members(), replace("displayName", Value::Null)),
    ];
    check(&kinds::group(), NoMatch::NoTarget, &cases, expect![[r#"
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
    "#]]);
}

#[test]
fn add_replace_and_remove_by_target() {
    let full = || {
        json!({"userName":"b","name":{"givenName":"A","familyName":"F"},"title":"T",
            "emails":[{"value":"a","type":"work","primary":true},{"value":"b","type":"home"}],
            urn::ENTERPRISE_USER: {"department":"D","manager":{"value":"7"}}})
    };
    let cases = [
        ("PAT-31 add without value", full(), json!({"op":"add","path":"title"})),
        ("PAT-61 replace without value", full(), json!({"op":"replace","path":"title"})),
        ("PAT-41 add of null", full(), add("title", Value::Null)),
        ("PAT-41 add of an empty array", full(), add("emails", json!([]))),
        ("PAT-61 replace by an empty array", full(), replace("emails", json!([]))),
        ("PAT-36 add of one value without its array", full(), add("emails", json!({"value":"c"}))),
        ("PAT-38 present but for primary", full(), add("emails", json!([{"value":"A","type":"work"},{"value":"b","type":"home","primary":false}]))),
        ("PAT-14 a present value becomes primary", full(), add("emails", json!([{"value":"b","type":"home","primary":true}]))),
        ("PAT-15 one operation, two primary values", full(), add("emails", json!([{"value":"c","primary":true},{"value":"d","primary":true}]))),
        ("PAT-15 a filter that makes two primary", full(), replace(r#"emails[value pr].primary"#, json!(true))),
        ("PAT-14 primary through a filter", full(), replace(r#"emails[type eq "home"].primary"#, json!(true))),
        ("PAT-14 primary in a merged element", full(), replace(r#"emails[type eq "home"]"#, json!({"PRIMARY":true}))),
        ("PAT-58 CON-04 an element is merged", full(), replace(WORK, json!({"display":"W"}))),
        ("PAT-61 an element replaced by null", full(), replace(WORK, Value::Null)),
        ("PAT-61 a sub-attribute replaced by null", full(), replace(WORK_VALUE, Value::Null)),
        ("PAT-39 add to all that match", full(), add(r#"emails[value pr].display"#, json!("x"))),
        ("PAT-28 a sub-attribute of all values", full(), replace("emails.display", json!("x"))),
        ("PAT-28 remove a sub-attribute of all values", full(), remove("emails.type")),
        ("PAT-46 remove a sub-attribute of matches", full(), remove(WORK_VALUE)),
        ("PAT-44 remove all values", full(), remove("emails")),
        ("PAT-43 remove a complex value", full(), remove("name")),
        ("PAT-43 remove a sub-attribute", full(), remove("name.givenName")),
        ("MOD-33 remove the last sub-attribute", json!({"userName":"b","name":{"givenName":"A"}}), remove("name.givenName")),
        ("PAT-50 remove what is unassigned", full(), remove("nickName")),
        ("PAT-51 remove with a value", full(), json!({"op":"remove","path":"emails","value":[{"value":"a"}]})),
        ("PAT-06 remove with a value and no path", full(), json!({"op":"remove","value":{"emails":[]}})),
        ("PAT-47 replace userName by null", full(), replace("userName", Value::Null)),
        ("USR-03 blank userName", full(), replace("userName", json!(" "))),
        ("PAT-53 sub-attribute of an unassigned complex value", json!({"userName":"b"}), replace("name.familyName", json!("X"))),
        ("PAT-28 sub-attribute of no values at all", json!({"userName":"b"}), add("emails.value", json!("x"))),
        ("PAT-62 complex from a string", full(), replace("name", json!("Babs"))),
        ("PAT-62 an element from a string", full(), add("emails", json!(["a@b"]))),
        ("PAT-62 a filtered element from a string", full(), replace(WORK, json!("a@b"))),
        ("PAT-62 single-valued from an array", full(), replace("title", json!(["T"]))),
        ("PAT-56 nothing given, nothing changed", full(), replace("name", json!({}))),
        ("MOD-04 twice in one value", full(), replace("name", json!({"givenName":"x","GIVENNAME":"y"}))),
        ("CHR-01 a readOnly sub-attribute inside a value", full(), replace("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager", json!({"value":"8","displayName":"M"}))),
        ("CHR-03 a readOnly sub-attribute as target", full(), replace("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName", json!("M"))),
        ("PAT-27 a filter on a single value", full(), replace(r#"name[givenName eq "A"]"#, json!({"givenName":"B"}))),
        ("PAT-27 a filter after a sub-attribute", full(), replace(r#"emails.value[type eq "work"]"#, json!("x"))),
        ("PAT-24 a filter that the type forbids", full(), replace(r#"emails[primary gt true]"#, json!({}))),
        ("PAT-07 in order", full(), json!([remove("emails"), add("emails", json!([{"value":"x"}])), replace(r#"emails[value eq "x"].type"#, json!("other"))])),
        ("PAT-21 PIT-34 there and back", full(), json!([replace("title", json!("X")), replace("title", json!("T"))])),
        ("PIT-21 values with spaces", full(), replace(WORK_VALUE, json!("a b \"c\" d"))),
    ];
    check(&kinds::user(), NoMatch::NoTarget, &cases, expect![[r#"
        PAT-31 add without value
          invalidValue: an add or replace operation needs a value
        PAT-61 replace without value
          invalidValue: an add or replace operation needs a value
        PAT-41 add of null
          unchanged
        PAT-41 add of an empty array
          unchanged
        PAT-61 replace by an empty array
          {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
        PAT-36 add of one value without its array
          {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"value":"a","type":"work","primary":true},{"value":"b","type":"home"},{"value":"c"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
        PAT-38 present but for primary
          unchanged
        PAT-14 a present value becomes primary
          {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"value":"a","type":"work","primary":false},{"value":"b","type":"home","primary":true}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
        PAT-15 one operation, two primary values
          invalidValue: `emails` has more than one primary value
        PAT-15 a filter that makes two primary
          invalidValue: `emails.primary` has more than one primary value
        PAT-14 primary through a filter
          {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"value":"a","type":"work","primary":false},{"value":"b","type":"home","primary":true}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
        PAT-14 primary in a merged element
          {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"value":"a","type":"work","primary":false},{"value":"b","type":"home","primary":true}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
        PAT-58 CON-04 an element is merged
          {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"value":"a","display":"W","type":"work","primary":true},{"value":"b","type":"home"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
        PAT-61 an element replaced by null
          {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"value":"b","type":"home"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
        PAT-61 a sub-attribute replaced by null
          {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"type":"work","primary":true},{"value":"b","type":"home"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
        PAT-39 add to all that match
          {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"value":"a","display":"x","type":"work","primary":true},{"value":"b","display":"x","type":"home"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
        PAT-28 a sub-attribute of all values
          {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"value":"a","display":"x","type":"work","primary":true},{"value":"b","display":"x","type":"home"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
        PAT-28 remove a sub-attribute of all values
          {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"value":"a","primary":true},{"value":"b"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
        PAT-46 remove a sub-attribute of matches
          {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"type":"work","primary":true},{"value":"b","type":"home"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
        PAT-44 remove all values
          {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
        PAT-43 remove a complex value
          {"userName":"b","title":"T","emails":[{"value":"a","type":"work","primary":true},{"value":"b","type":"home"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
        PAT-43 remove a sub-attribute
          {"userName":"b","name":{"familyName":"F"},"title":"T","emails":[{"value":"a","type":"work","primary":true},{"value":"b","type":"home"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
        MOD-33 remove the last sub-attribute
          {"userName":"b"}
        PAT-50 remove what is unassigned
          unchanged
        PAT-51 remove with a value
          invalidValue: a remove operation takes no value; name the values in the path
        PAT-06 remove with a value and no path
          noTarget: a remove operation needs a path
        PAT-47 replace userName by null
          mutability: `userName` is required and may not be removed
        USR-03 blank userName
          invalidValue: `userName` must not be blank
        PAT-53 sub-attribute of an unassigned complex value
          {"userName":"b","name":{"familyName":"X"}}
        PAT-28 sub-attribute of no values at all
          {"userName":"b","emails":[{"value":"x"}]}
        PAT-62 complex from a string
          invalidValue: `name` must be an object, not a string
        PAT-62 an element from a string
          invalidValue: `emails` must be an object, not a string
        PAT-62 a filtered element from a string
          invalidValue: `emails` must be an object, not a string
        PAT-62 single-valued from an array
          invalidValue: `title` must be a string, not an array
        PAT-56 nothing given, nothing changed
          unchanged
        MOD-04 twice in one value
          invalidSyntax: `name.GIVENNAME` is given twice
        CHR-01 a readOnly sub-attribute inside a value
          {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"value":"a","type":"work","primary":true},{"value":"b","type":"home"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"8"}}}
        CHR-03 a readOnly sub-attribute as target
          mutability: `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName` is readOnly and may not be changed
        PAT-27 a filter on a single value
          invalidPath: `name` has no values that a filter could select
        PAT-27 a filter after a sub-attribute
          invalidPath: `emails.value` has no values that a filter could select
        PAT-24 a filter that the type forbids
          invalidFilter: in the value filter: `primary` is a boolean and cannot be compared with gt
        PAT-07 in order
          {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"value":"x","type":"other"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
        PAT-21 PIT-34 there and back
          unchanged
        PIT-21 values with spaces
          {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"value":"a b \"c\" d","type":"work","primary":true},{"value":"b","type":"home"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
    "#]]);
}

#[test]
fn a_filter_without_match() {
    let cases = [
        ("PIT-04 PAT-40 add makes the element", mails(&[("home", "h")]), add(WORK_VALUE, json!("w"))),
        ("PIT-04 replace makes it too", mails(&[("home", "h")]), replace(WORK_VALUE, json!("w"))),
        ("PIT-05 twice makes one", mails(&[]), json!([add(WORK_VALUE, json!("w")), add(WORK_VALUE, json!("v"))])),
        ("PIT-04 eq terms joined by and", mails(&[]), add(r#"emails[type eq "work" and primary eq "True"].value"#, json!("w"))),
        ("PIT-04 an element merged with its filter", mails(&[]), add(r#"emails[type eq "work"]"#, json!({"value":"w"}))),
        ("PIT-04 or describes nothing", mails(&[]), add(r#"emails[type eq "work" or type eq "home"].value"#, json!("w"))),
        ("PIT-04 ne describes nothing", mails(&[]), add(r#"emails[type ne "work"].value"#, json!("w"))),
        ("nothing to clear", mails(&[]), replace(WORK_VALUE, Value::Null)),
        ("PAT-14 the new element is primary",
            json!({"userName":"b","emails":[{"value":"a","primary":true}]}),
            add(r#"emails[type eq "work"]"#, json!({"value":"w","primary":true}))),
        ("PAT-62 the value must fit", mails(&[]), add(WORK_VALUE, json!(7))),
    ];
    let user = kinds::user();
    check(&user, NoMatch::Create, &cases, expect![[r#"
        PIT-04 PAT-40 add makes the element
          {"userName":"b","emails":[{"value":"h","type":"home"},{"value":"w","type":"work"}]}
        PIT-04 replace makes it too
          {"userName":"b","emails":[{"value":"h","type":"home"},{"value":"w","type":"work"}]}
        PIT-05 twice makes one
          {"userName":"b","emails":[{"value":"v","type":"work"}]}
        PIT-04 eq terms joined by and
          {"userName":"b","emails":[{"value":"w","type":"work","primary":true}]}
        PIT-04 an element merged with its filter
          {"userName":"b","emails":[{"value":"w","type":"work"}]}
        PIT-04 or describes nothing
          noTarget: no value of `emails.value` matches the filter
        PIT-04 ne describes nothing
          noTarget: no value of `emails.value` matches the filter
        nothing to clear
          unchanged
        PAT-14 the new element is primary
          {"userName":"b","emails":[{"value":"a","primary":false},{"value":"w","type":"work","primary":true}]}
        PAT-62 the value must fit
          invalidValue: `emails.value` must be a string, not a number
    "#]]);
    for (name, before, operations) in cases.iter().filter(|(name, ..)| !name.starts_with("PIT-05")) {
        let shown = apply(&user, before, json!([operations]), NoMatch::NoTarget);
        assert!(shown.starts_with("noTarget: no value of `emails"), "PAT-40 PAT-60 strict: {name}: {shown}");
    }
}

#[test]
fn without_path() {
    let before = || json!({"userName":"b","name":{"givenName":"A","familyName":"F"},"emails":[{"value":"a"}]});
    let replace = |value: Value| json!({"op":"replace","value":value});
    let cases = [
        ("PAT-52 each member is replaced", before(), replace(json!({"emails":[{"value":"c"}],"name":{"givenName":"B"}}))),
        ("PAT-32 each member is added", before(), json!({"op":"add","value":{"emails":[{"value":"c"}],"nickName":"N"}})),
        ("PAT-30 an empty path is none", before(), json!({"op":"replace","path":"","value":{"title":"T"}})),
        ("PAT-32 not an object", before(), replace(json!("x"))),
        ("PIT-10 CHR-04 the current id", before(), replace(json!({"id":"1","title":"T"}))),
        ("CHR-04 another id", before(), replace(json!({"id":"2","title":"T"}))),
        ("CHR-04 groups that are not there", before(), replace(json!({"groups":[{"value":"g"}]}))),
        ("schemas and meta are ignored", before(), replace(json!({"schemas":["x"],"META":{"version":"1"}}))),
        ("PAT-29 an extension", before(), replace(json!({urn::ENTERPRISE_USER: {"department":"D","manager":{"value":"7"}}}))),
        ("extension that is no object", before(), replace(json!({urn::ENTERPRISE_USER: "D"}))),
        ("MOD-01 names in any case", before(), replace(json!({"TITLE":"T"}))),
        ("unknown members", before(), replace(json!({"title":"T","shoeSize":43,"name":{"nick":"x"}, urn::ENTERPRISE_USER: {"pet":"cat"}}))),
        ("PAT-47 null for a required attribute", before(), replace(json!({"userName":null}))),
        ("1.8 null clears a sub-attribute", before(), replace(json!({"name":{"familyName":null}}))),
    ];
    check(&kinds::user(), NoMatch::NoTarget, &cases, expect![[r#"
        PAT-52 each member is replaced
          {"userName":"b","name":{"familyName":"F","givenName":"B"},"emails":[{"value":"c"}]}
        PAT-32 each member is added
          {"userName":"b","name":{"familyName":"F","givenName":"A"},"nickName":"N","emails":[{"value":"a"},{"value":"c"}]}
        PAT-30 an empty path is none
          {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"value":"a"}]}
        PAT-32 not an object
          invalidValue: without a path, the value must be an object, not a string
        PIT-10 CHR-04 the current id
          {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"value":"a"}]}
        CHR-04 another id
          mutability: `id` is readOnly and may not be changed
        CHR-04 groups that are not there
          mutability: `groups` is readOnly and may not be changed
        schemas and meta are ignored
          unchanged
        PAT-29 an extension
          {"userName":"b","name":{"familyName":"F","givenName":"A"},"emails":[{"value":"a"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}
        extension that is no object
          invalidValue: `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User` must be an object, not a string
        MOD-01 names in any case
          {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"value":"a"}]}
        unknown members
          {"userName":"b","name":{"familyName":"F","givenName":"A"},"title":"T","emails":[{"value":"a"}]} unknown: shoeSize name.nick urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:pet
        PAT-47 null for a required attribute
          mutability: `userName` is required and may not be removed
        1.8 null clears a sub-attribute
          {"userName":"b","name":{"givenName":"A"},"emails":[{"value":"a"}]}
    "#]]);
}

#[test]
fn extensions_and_schemas() {
    let before = || json!({"userName":"b", urn::ENTERPRISE_USER: {"department":"D","costCenter":"C"}});
    let bare = || json!({"userName":"b"});
    let department_only = || json!({"userName":"b", urn::ENTERPRISE_USER: {"department":"D"}});
    let by_filter = |urn: &str| remove(&format!(r#"schemas[value eq "{urn}"]"#));
    let cases = [
        ("PAT-29 add to an extension", before(), add(urn::ENTERPRISE_USER, json!({"division":"V"}))),
        ("PAT-29 replace merges", before(), replace(urn::ENTERPRISE_USER, json!({"department":"E","costCenter":null}))),
        ("PAT-29 remove an extension", before(), remove(urn::ENTERPRISE_USER)),
        ("PAT-29 replace an extension by null", before(), replace(urn::ENTERPRISE_USER, Value::Null)),
        ("PAT-62 an extension is an object", before(), replace(urn::ENTERPRISE_USER, json!([]))),
        ("PAT-18 remove its last attribute", department_only(), remove(DEPARTMENT)),
        ("PAT-18 PAT-26 remove its URN", before(), by_filter(urn::ENTERPRISE_USER)),
        ("PAT-17 and give it an attribute again", before(), json!([by_filter(urn::ENTERPRISE_USER), add(DEPARTMENT, json!("E"))])),
        ("COM-02 remove the core URN", before(), by_filter(urn::USER)),
        ("COM-02 remove all URNs", before(), remove("schemas")),
        ("PAT-18 replace by the core URN", before(), replace("schemas", json!([urn::USER]))),
        ("PAT-18 replace by both", before(), replace("schemas", json!([urn::USER, urn::ENTERPRISE_USER]))),
        ("COM-02 replace without the core URN", before(), replace("schemas", json!([urn::ENTERPRISE_USER]))),
        ("COM-04 add a URN without data", bare(), add("schemas", json!([urn::ENTERPRISE_USER]))),
        ("COM-02 add an unknown URN", bare(), add("schemas", json!("urn:example:Foo"))),
        ("PAT-62 add a number", bare(), add("schemas", json!([1]))),
        ("PAT-62 replace by an object", bare(), replace("schemas", json!({}))),
    ];
    check(&kinds::user(), NoMatch::NoTarget, &cases, expect![[r#"
        PAT-29 add to an extension
          {"userName":"b","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"costCenter":"C","division":"V","department":"D"}}
        PAT-29 replace merges
          {"userName":"b","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"E"}}
        PAT-29 remove an extension
          {"userName":"b"}
        PAT-29 replace an extension by null
          {"userName":"b"}
        PAT-62 an extension is an object
          invalidValue: `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User` must be an object, not an array
        PAT-18 remove its last attribute
          {"userName":"b"}
        PAT-18 PAT-26 remove its URN
          {"userName":"b"}
        PAT-17 and give it an attribute again
          {"userName":"b","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"E"}}
        COM-02 remove the core URN
          mutability: `schemas` is required and may not be removed
        COM-02 remove all URNs
          mutability: `schemas` is required and may not be removed
        PAT-18 replace by the core URN
          {"userName":"b"}
        PAT-18 replace by both
          unchanged
        COM-02 replace without the core URN
          mutability: `schemas` is required and may not be removed
        COM-04 add a URN without data
          unchanged
        COM-02 add an unknown URN
          unchanged unknown: urn:example:Foo
        PAT-62 add a number
          invalidValue: `schemas` must hold strings, not a number
        PAT-62 replace by an object
          invalidValue: `schemas` must be an array, not an object
    "#]]);

    let mut current = Resource::from_canonical(&json!({"userName":"b"}).to_string()).unwrap();
    let kind = kinds::user();
    current.sync_schemas(&kind);
    for (operations, expected) in [
        (json!([add(DEPARTMENT, json!("D"))]), json!([urn::USER, urn::ENTERPRISE_USER])),
        (json!([add(DEPARTMENT, json!("D")), remove(DEPARTMENT)]), json!([urn::USER])),
    ] {
        let body = json!({"schemas":[urn::PATCH_OP],"Operations":operations});
        let patched = PatchRequest::parse(body).unwrap().apply(&kind, &current, NoMatch::NoTarget).unwrap();
        assert_eq!(patched.resource.get("schemas"), Some(&expected), "PAT-16 PAT-18");
    }
}

#[test]
fn mutability_and_data_types() {
    let before = || {
        json!({"serial":"S","stickers":["a"],"tags":["x","y"],"owner":{"value":"o","since":"1"},
            "parts":[{"value":"p","codes":["1"]}],"urn:example:Site":{"room":"1"}})
    };
    let bare = || json!({"serial":"S","urn:example:Site":{"room":"1"}});
    let cases = [
        ("CHR-05 immutable: another value", before(), replace("serial", json!("T"))),
        ("CHR-06 immutable: the same", before(), replace("serial", json!("S"))),
        ("CHR-05 immutable: other values", before(), add("stickers", json!(["b"]))),
        ("CHR-06 immutable: the same values", before(), add("stickers", json!(["A"]))),
        ("CHR-05 immutable: remove", before(), remove("stickers")),
        ("CHR-05 immutable: remove one value", before(), remove(r#"stickers[value eq "a"]"#)),
        ("CHR-05 immutable, unassigned: add", bare(), add("stickers", json!(["b"]))),
        ("CHR-05 immutable, unassigned: remove", bare(), remove("stickers")),
        ("CHR-05 immutable sub-attribute", before(), replace("owner.since", json!("2"))),
        ("CHR-05 immutable sub-attribute inside a value", before(), replace("owner", json!({"since":"2"}))),
        ("PAT-47 required and immutable", before(), remove("serial")),
        ("PAT-47 required sub-attribute", before(), remove("owner.value")),
        ("PAT-47 required sub-attribute in elements", before(), remove(r#"parts[value eq "p"].value"#)),
        ("CHR-16 without its required sub-attribute", bare(), replace("owner.since", json!("2"))),
        ("CHR-16 inside a value", bare(), add("owner", json!({"since":"2"}))),
        ("CHR-16 an element", bare(), add("parts", json!([{"codes":["1"]}]))),
        ("writeOnly is set", bare(), replace("pin", json!("9"))),
        ("CHR-10 writeOnly may not be asked", before(), remove(r#"pin[value eq "9"]"#)),
        ("PAT-26 simple values by filter", before(), remove(r#"tags[value eq "X"]"#)),
        ("PAT-57 simple values replaced", before(), replace(r#"tags[value eq "x"]"#, json!("z"))),
        ("PAT-36 simple values", before(), add("tags", json!(["Y","z"]))),
        ("PAT-36 one simple value", before(), add("tags", json!("z"))),
        ("MOD-09 values of a sub-attribute", before(), add(r#"parts[value eq "p"].codes"#, json!(["2"]))),
        ("PAT-25 sub-attribute of a simple attribute", before(), replace("serial.x", json!("1"))),
        ("MOD-15 dateTime", bare(), replace("built", json!("2008-01-23T04:56:22+02:00"))),
        ("RTY-05 a required extension stays", before(), remove("urn:example:Site")),
        ("RTY-05 its last attribute stays", before(), remove("urn:example:Site:room")),
        ("RTY-05 its last attribute may change places", before(), json!([remove("urn:example:Site:room"), add("urn:example:Site:floor", json!(3))])),
    ];
    check(&kinds::device(), NoMatch::NoTarget, &cases, expect![[r#"
        CHR-05 immutable: another value
          mutability: `serial` is immutable and has a value already
        CHR-06 immutable: the same
          unchanged
        CHR-05 immutable: other values
          mutability: `stickers` is immutable and has a value already
        CHR-06 immutable: the same values
          unchanged
        CHR-05 immutable: remove
          mutability: `stickers` is immutable and has a value already
        CHR-05 immutable: remove one value
          mutability: `stickers` is immutable and has a value already
        CHR-05 immutable, unassigned: add
          {"serial":"S","stickers":["b"],"urn:example:Site":{"room":"1"}}
        CHR-05 immutable, unassigned: remove
          unchanged
        CHR-05 immutable sub-attribute
          mutability: `owner.since` is immutable and has a value already
        CHR-05 immutable sub-attribute inside a value
          mutability: `owner.since` is immutable and has a value already
        PAT-47 required and immutable
          mutability: `serial` is required and may not be removed
        PAT-47 required sub-attribute
          mutability: `owner.value` is required and may not be removed
        PAT-47 required sub-attribute in elements
          mutability: `parts.value` is required and may not be removed
        CHR-16 without its required sub-attribute
          invalidValue: `owner.value` is required
        CHR-16 inside a value
          invalidValue: `owner.value` is required
        CHR-16 an element
          invalidValue: `parts.value` is required
        writeOnly is set
          {"serial":"S","pin":"9","urn:example:Site":{"room":"1"}}
        CHR-10 writeOnly may not be asked
          invalidPath: `pin` has no values that a filter could select
        PAT-26 simple values by filter
          {"serial":"S","tags":["y"],"stickers":["a"],"owner":{"value":"o","since":"1"},"parts":[{"value":"p","codes":["1"]}],"urn:example:Site":{"room":"1"}}
        PAT-57 simple values replaced
          {"serial":"S","tags":["z","y"],"stickers":["a"],"owner":{"value":"o","since":"1"},"parts":[{"value":"p","codes":["1"]}],"urn:example:Site":{"room":"1"}}
        PAT-36 simple values
          {"serial":"S","tags":["x","y","z"],"stickers":["a"],"owner":{"value":"o","since":"1"},"parts":[{"value":"p","codes":["1"]}],"urn:example:Site":{"room":"1"}}
        PAT-36 one simple value
          {"serial":"S","tags":["x","y","z"],"stickers":["a"],"owner":{"value":"o","since":"1"},"parts":[{"value":"p","codes":["1"]}],"urn:example:Site":{"room":"1"}}
        MOD-09 values of a sub-attribute
          {"serial":"S","tags":["x","y"],"stickers":["a"],"owner":{"value":"o","since":"1"},"parts":[{"value":"p","codes":["1","2"]}],"urn:example:Site":{"room":"1"}}
        PAT-25 sub-attribute of a simple attribute
          unchanged unknown: serial.x
        MOD-15 dateTime
          {"serial":"S","built":"2008-01-23T02:56:22Z","urn:example:Site":{"room":"1"}}
        RTY-05 a required extension stays
          mutability: `urn:example:Site` is required and may not be removed
        RTY-05 its last attribute stays
          mutability: `urn:example:Site` is required and may not be removed
        RTY-05 its last attribute may change places
          {"serial":"S","tags":["x","y"],"stickers":["a"],"owner":{"value":"o","since":"1"},"parts":[{"value":"p","codes":["1"]}],"urn:example:Site":{"floor":3}}
    "#]]);
    let create = [("PIT-04 a simple value", bare(), add(r#"tags[value eq "x"]"#, json!("x")))];
    check(&kinds::device(), NoMatch::Create, &create, expect![[r#"
        PIT-04 a simple value
          {"serial":"S","tags":["x"],"urn:example:Site":{"room":"1"}}
    "#]]);
}

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
    "#]].assert_eq(&lines.concat());
    let twice = json!([add("emails", json!(values(0, 600))), add("emails", json!(values(0, 1000)))]);
    assert!(apply(&user, &json!({"userName":"b"}), twice, NoMatch::Create).starts_with('{'), "1,000 distinct values fit");
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
        ("PIT-01 capitals are for the dialect", json!({"schemas":[urn::PATCH_OP],"Operations":[{"op":"Remove","path":"title"}]})),
        ("PAT-04 JSON Pointer", json!({"schemas":[urn::PATCH_OP],"Operations":[{"op":"remove","path":"/title"}]})),
        ("PAT-04 array index", json!({"schemas":[urn::PATCH_OP],"Operations":[{"op":"remove","path":"emails[0]"}]})),
        ("path is a number", json!({"schemas":[urn::PATCH_OP],"Operations":[{"op":"remove","path":1}]})),
        ("path is null", json!({"schemas":[urn::PATCH_OP],"Operations":[{"op":"add","path":null,"value":{}}]})),
        ("unknown members are ignored", json!({"schemas":[urn::PATCH_OP,"x"],"Operations":[{"op":"remove","path":"title","x":1}],"y":2})),
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
    "#]].assert_eq(&lines.concat());
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
        (PatchError::Operand(String::new()), ScimType::InvalidValue),
    ];
    for (error, expected) in cases {
        assert_eq!((error.scim_type(), ScimError::from(error).status), (expected, 400));
    }
}
