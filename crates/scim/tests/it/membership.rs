//! Members as edges: what requests do to them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod filters;
mod properties;

use crate::kinds;
use expect_test::{Expect, expect};
use provost_scim::{
    Element, ElementStep, NoMatch, PatchRequest, Resource, ResourceType, ScimError, dialect::normalise_patch, urn,
};
use serde_json::{Value, json};
use std::sync::LazyLock;

static GROUP: LazyLock<ResourceType> = LazyLock::new(|| ResourceType::group().unwrap());

/// Does steps to members, in the order in which they came.
pub fn apply(steps: &[ElementStep], members: &mut Vec<Element>) {
    for step in steps {
        match step {
            ElementStep::Add(elements) => {
                for element in elements {
                    if members.iter().all(|member| member.value != element.value) {
                        members.push(element.clone());
                    }
                }
            }
            ElementStep::Remove(values) => members.retain(|member| !values.contains(&member.value)),
            ElementStep::RemoveMatching(query) => members.retain(|member| {
                !query.matches_element(&json!({"value": member.value, "type": member.kind.as_deref()}))
            }),
            ElementStep::Clear => members.clear(),
        }
    }
}

fn shown(steps: &[ElementStep]) -> String {
    let element = |element: &Element| match &element.kind {
        Some(kind) => format!("{}:{kind}", element.value),
        None => element.value.clone(),
    };
    let step = |step: &ElementStep| match step {
        ElementStep::Add(elements) => {
            format!("add {}", elements.iter().map(element).collect::<Vec<_>>().join(" "))
        }
        ElementStep::Remove(values) => format!("remove {}", values.join(" ")),
        ElementStep::RemoveMatching(query) => {
            let fields: Vec<String> = query.fields().iter().map(|field| field.notation()).collect();
            format!("remove matching {}", fields.join(" "))
        }
        ElementStep::Clear => "clear".to_owned(),
    };
    steps.iter().map(step).collect::<Vec<_>>().join(", ")
}

fn request(operations: Value) -> Value {
    json!({"schemas":[urn::PATCH_OP],"Operations":operations})
}

#[track_caller]
fn check(cases: &[(&str, Value)], expected: Expect) {
    let lines = cases.iter().map(|(name, operations)| {
        let (normal, _) = normalise_patch(request(operations.clone()), &GROUP);
        let detached = PatchRequest::parse(normal).and_then(|request| request.detach(&GROUP, "members"));
        let group = Resource::from_canonical(r#"{"displayName":"G"}"#).unwrap();
        let answer = detached.and_then(|(rest, steps)| {
            let patched = rest.apply(&GROUP, &group, NoMatch::NoTarget)?;
            let mut answer = format!("[{}]", shown(&steps));
            let name = patched.resource.get("displayName").and_then(Value::as_str).unwrap_or_default();
            if name != "G" {
                answer += &format!(" name {name}");
            }
            if !patched.unknown.is_empty() {
                answer += &format!(" unknown {}", patched.unknown.join(" "));
            }
            Ok(answer)
        });
        let answer = answer.unwrap_or_else(|error| {
            let error = ScimError::from(error);
            format!("{}: {}", serde_json::to_value(error.scim_type).unwrap().as_str().unwrap(), error.detail)
        });
        format!("{name}\n  {answer}\n")
    });
    expected.assert_eq(&lines.collect::<String>());
}

#[test]
fn adding() {
    let cases = [
        ("PAT-36 list", json!([{"op":"add","path":"members","value":[{"value":"1"},{"value":"2","type":"User"}]}])),
        ("PAT-36 one", json!([{"op":"add","path":"members","value":{"VALUE":"1","Type":"group"}}])),
        ("PIT-19 another case", json!([{"op":"add","path":"MEMBERS","value":{"value":"1"}}])),
        (
            "PAT-22 core URN",
            json!([{"op":"add","path":"urn:ietf:params:scim:schemas:core:2.0:GROUP:Members","value":{"value":"1"}}]),
        ),
        (
            "PAT-32 without path, the rest stays",
            json!([{"op":"add","value":{"displayName":"N","Members":[{"value":"1"}]}}]),
        ),
        ("PAT-32 without path, nothing else", json!([{"op":"add","value":{"members":[{"value":"1"}]}}])),
        (
            "PIT-03 URN as key",
            json!([{"op":"add","value":{"urn:ietf:params:scim:schemas:core:2.0:Group:members":[{"value":"1"}]}}]),
        ),
        (
            "PAT-41 null and none",
            json!([{"op":"add","path":"members","value":null},{"op":"add","path":"members","value":[]}]),
        ),
        (
            "GRP-08 each once, neighbours are one step",
            json!([{"op":"add","path":"members","value":[{"value":"1"},{"value":"1","type":"User"}]},
                   {"op":"add","path":"members","value":[{"value":"2"},{"value":"1"}]}]),
        ),
        (
            "GRP-07 value from $ref",
            json!([{"op":"add","path":"members","value":[
                {"$ref":"https://example.com/v2/Users/1"},{"$ref":"../Groups/2/"},{"$ref":"3?x=/4#/5","value":""},
                {"$ref":null,"value":"6"},{"$ref":"/Users/7","value":"8"}]}]),
        ),
        ("GRP-07 nobody", json!([{"op":"add","path":"members","value":[{"type":"User"}]}])),
        ("GRP-07 $ref to nowhere", json!([{"op":"add","path":"members","value":[{"$ref":"/"}]}])),
        ("GRP-07 blank", json!([{"op":"add","path":"members","value":[{"value":""}]}])),
        (
            "MOD-31 unassigned elements are none",
            json!([{"op":"add","path":"members","value":[null,{},{"value":null}]}]),
        ),
        ("PAT-62 a number", json!([{"op":"add","path":"members","value":[{"value":7}]}])),
        ("PAT-62 a text", json!([{"op":"add","path":"members","value":"1"}])),
        ("PAT-62 texts", json!([{"op":"add","path":"members","value":["1"]}])),
        ("PAT-62 a type that is none", json!([{"op":"add","path":"members","value":[{"value":"1","type":["User"]}]}])),
        ("PAT-62 null bytes", json!([{"op":"add","path":"members","value":[{"value":"1\u{0}"}]}])),
        ("PAT-31 without value", json!([{"op":"add","path":"members"}])),
        (
            "CON-10 display is accepted and not kept",
            json!([{"op":"add","path":"members","value":[{"value":"1","display":"Babs","primary":true}]}]),
        ),
        (
            "an unknown sub-attribute is reported once",
            json!([{"op":"add","path":"members","value":[{"value":"1","age":7},{"value":"2","age":7}]}]),
        ),
        ("MOD-04 one name twice", json!([{"op":"add","path":"members","value":[{"value":"1","Value":"2"}]}])),
    ];
    check(
        &cases,
        expect![[r#"
            PAT-36 list
              [add 1 2:User]
            PAT-36 one
              [add 1:group]
            PIT-19 another case
              [add 1]
            PAT-22 core URN
              [add 1]
            PAT-32 without path, the rest stays
              [add 1] name N
            PAT-32 without path, nothing else
              [add 1]
            PIT-03 URN as key
              [add 1]
            PAT-41 null and none
              []
            GRP-08 each once, neighbours are one step
              [add 1:User 2]
            GRP-07 value from $ref
              [add 1 2 3 6 8]
            GRP-07 nobody
              invalidValue: `members.value` is required
            GRP-07 $ref to nowhere
              invalidValue: `members.value` is required
            GRP-07 blank
              invalidValue: `members.value` is required
            MOD-31 unassigned elements are none
              invalidValue: `members.value` is required
            PAT-62 a number
              invalidValue: `members.value` must be a string, not a number
            PAT-62 a text
              invalidValue: `members` must be an object, not a string
            PAT-62 texts
              invalidValue: `members` must be an object, not a string
            PAT-62 a type that is none
              invalidValue: `members.type` must be a string, not an array
            PAT-62 null bytes
              invalidValue: `members.value` holds a control character
            PAT-31 without value
              invalidValue: an add or replace operation needs a value
            CON-10 display is accepted and not kept
              [add 1]
            an unknown sub-attribute is reported once
              [add 1 2] unknown members.age
            MOD-04 one name twice
              invalidSyntax: `members.Value` is given twice
        "#]],
    );
}

#[test]
fn removing_and_replacing() {
    let remove = |path: &str| json!([{"op":"remove","path":path}]);
    let cases = [
        ("PAT-44 all", remove("members")),
        ("PAT-45 one", remove(r#"members[value eq "1"]"#)),
        ("PAT-45 several", remove(r#"Members[VALUE eq "1" or value eq "2" or (value eq "1")]"#)),
        ("PAT-45 URN", remove(r#"urn:ietf:params:scim:schemas:core:2.0:Group:members[value eq "1"]"#)),
        ("PAT-45 by type", remove(r#"members[type eq "Group"]"#)),
        ("PAT-45 others", remove(r#"members[not (value eq "1")]"#)),
        ("PAT-45 both", remove(r#"members[value eq "1" and type eq "User"]"#)),
        (
            "neighbours are one step",
            json!([{"op":"remove","path":"members[value eq \"1\"]"},{"op":"remove","path":"members[value eq \"2\"]"},
                   {"op":"remove","path":"members[value eq \"1\"]"}]),
        ),
        (
            "PAT-07 order stays",
            json!([{"op":"remove","path":"members[value eq \"1\"]"},{"op":"replace","path":"displayName","value":"N"},
                   {"op":"add","path":"members","value":[{"value":"1"}]},{"op":"remove","path":"members"},
                   {"op":"remove","path":"members"},{"op":"add","path":"members","value":[{"value":"2"}]}]),
        ),
        ("PAT-54 replace", json!([{"op":"replace","path":"members","value":[{"value":"1"}]}])),
        ("PAT-54 replace by one", json!([{"op":"replace","path":"members","value":{"value":"1"}}])),
        ("PAT-61 replace by null", json!([{"op":"replace","path":"members","value":null}])),
        ("PAT-61 replace by none", json!([{"op":"replace","path":"members","value":[]}])),
        ("PAT-52 without path", json!([{"op":"replace","value":{"members":[],"displayName":"N"}}])),
        ("PIT-10 Okta's rename", json!([{"op":"replace","value":{"displayName":"N"}}])),
        ("PAT-54 replace by a list of nobody", json!([{"op":"replace","path":"members","value":[{"value":null}]}])),
        ("PAT-45 by $ref", remove(r#"members[$ref eq "https://example.com/v2/Users/1" or value eq "2"]"#)),
        ("PAT-45 by part of $ref", remove(r#"members[$ref co "/Users/"]"#)),
        ("PAT-61 an element by null", json!([{"op":"replace","path":"members[value eq \"1\"]","value":null}])),
        ("GRP-04 an element", json!([{"op":"replace","path":"members[value eq \"1\"]","value":{"value":"2"}}])),
        ("GRP-04 add to an element", json!([{"op":"add","path":"members[value eq \"1\"]","value":{"type":"User"}}])),
        ("GRP-04 a sub-attribute", json!([{"op":"replace","path":"members[value eq \"1\"].value","value":"2"}])),
        ("GRP-04 a sub-attribute of all", json!([{"op":"replace","path":"members.value","value":"2"}])),
        ("GRP-04 remove a sub-attribute", remove(r#"members[value eq "1"].type"#)),
        (
            "CON-10 display by path",
            json!([{"op":"replace","path":"members[value eq \"1\"].display","value":"B"},
                   {"op":"add","path":"members.display","value":"B"}]),
        ),
        (
            "CON-12 no such sub-attribute",
            json!([{"op":"replace","path":"members[value eq \"1\"].displayName","value":"B"}]),
        ),
        ("no such sub-attribute of all", remove("members.displayName")),
        ("no such name in the filter", remove(r#"members[age eq "1"]"#)),
        ("FLT-30 a filter that means nothing", remove(r"members[value eq 7]")),
        ("PAT-42 without path", json!([{"op":"remove","value":{"members":[{"value":"1"}]}}])),
        ("PAT-62 an edit of another attribute", json!([{"op":"replace","path":"displayName","value":7}])),
    ];
    check(
        &cases,
        expect![[r#"
            PAT-44 all
              [clear]
            PAT-45 one
              [remove 1]
            PAT-45 several
              [remove 1 2]
            PAT-45 URN
              [remove 1]
            PAT-45 by type
              [remove matching members.type]
            PAT-45 others
              [remove matching members.value]
            PAT-45 both
              [remove matching members.value members.type]
            neighbours are one step
              [remove 1 2]
            PAT-07 order stays
              [remove 1, add 1, clear, add 2] name N
            PAT-54 replace
              [clear, add 1]
            PAT-54 replace by one
              [clear, add 1]
            PAT-61 replace by null
              [clear]
            PAT-61 replace by none
              [clear]
            PAT-52 without path
              [clear] name N
            PIT-10 Okta's rename
              [] name N
            PAT-54 replace by a list of nobody
              invalidValue: `members.value` is required
            PAT-45 by $ref
              [remove 1 2]
            PAT-45 by part of $ref
              invalidFilter: in the value filter: `members.$ref` follows from `value` and may only be compared with eq
            PAT-61 an element by null
              [remove 1]
            GRP-04 an element
              mutability: `members` has values that are immutable: remove one and add another
            GRP-04 add to an element
              mutability: `members` has values that are immutable: remove one and add another
            GRP-04 a sub-attribute
              mutability: `members.value` is immutable: remove the member and add another
            GRP-04 a sub-attribute of all
              mutability: `members.value` is immutable: remove the member and add another
            GRP-04 remove a sub-attribute
              mutability: `members.type` is immutable: remove the member and add another
            CON-10 display by path
              []
            CON-12 no such sub-attribute
              [] unknown members.displayName
            no such sub-attribute of all
              [] unknown members.displayName
            no such name in the filter
              [] unknown members.age
            FLT-30 a filter that means nothing
              invalidFilter: in the value filter: `value` is a string and cannot be compared with 7
            PAT-42 without path
              noTarget: a remove operation needs a path
            PAT-62 an edit of another attribute
              invalidValue: `displayName` must be a string, not a number
        "#]],
    );
}

#[test]
fn removing_with_a_value() {
    let remove = |value: Value| json!([{"op":"Remove","path":"members","value":value}]);
    let cases = [
        ("PIT-07 PAT-51 list", remove(json!([{"$ref":null,"value":"1"},{"value":"2"},{"value":"1"}]))),
        ("PIT-07 one", remove(json!({"value":"1"}))),
        ("PIT-07 texts", remove(json!(["1", "2"]))),
        ("PIT-07 $ref alone", remove(json!([{"$ref":"https://example.com/v2/Users/1"}]))),
        ("PIT-07 with its type", remove(json!([{"value":"1","type":"User"}]))),
        (
            "S-14 nobody, beside something else",
            json!([{"op":"Remove","path":"members","value":[]},{"op":"Replace","path":"displayName","value":"N"}]),
        ),
        ("PAT-51 null", remove(Value::Null)),
        ("PAT-51 a null value", remove(json!([{"value":null}]))),
        ("PAT-51 a type alone", remove(json!([{"value":null,"type":"User"}]))),
        ("PAT-51 an empty object", remove(json!([{}]))),
        ("PAT-51 one null among values", remove(json!([{"value":"1"}, null]))),
        ("PAT-51 beside a filter", json!([{"op":"remove","path":"members[value eq \"1\"]","value":[{"value":"2"}]}])),
        ("GRP-04 values of a sub-attribute", json!([{"op":"remove","path":"members.value","value":"1"}])),
    ];
    check(
        &cases,
        expect![[r#"
            PIT-07 PAT-51 list
              [remove 1 2]
            PIT-07 one
              [remove 1]
            PIT-07 texts
              [remove 1 2]
            PIT-07 $ref alone
              [remove 1]
            PIT-07 with its type
              [remove 1]
            S-14 nobody, beside something else
              [] name N
            PAT-51 null
              invalidValue: a remove operation takes no value; name the values in the path
            PAT-51 a null value
              invalidValue: a remove operation takes no value; name the values in the path
            PAT-51 a type alone
              invalidValue: a remove operation takes no value; name the values in the path
            PAT-51 an empty object
              invalidValue: a remove operation takes no value; name the values in the path
            PAT-51 one null among values
              invalidValue: a remove operation takes no value; name the values in the path
            PAT-51 beside a filter
              [remove 1]
            GRP-04 values of a sub-attribute
              mutability: `members.value` is immutable: remove the member and add another
        "#]],
    );
}

/// A body of 1 MiB holds about so many; what they cost grows with their number.
#[test]
fn many_members_in_one_request() {
    let ids: Vec<String> = (0..18_000).map(|number| format!("019a0000-0000-7000-8000-{number:012}")).collect();
    let listed: Vec<Value> = ids.iter().map(|id| json!({"value":id})).collect();
    for (op, expected) in [
        ("Add", ElementStep::Add(ids.iter().map(|id| Element { value: id.clone(), kind: None }).collect())),
        ("Remove", ElementStep::Remove(ids.clone())),
    ] {
        let body = request(json!([{"op":op,"path":"members","value":listed}]));
        assert!(body.to_string().len() < 1024 * 1024);
        let (normal, repairs) = normalise_patch(body, &GROUP);
        let (rest, steps) = PatchRequest::parse(normal).unwrap().detach(&GROUP, "members").unwrap();
        assert!(steps == [expected], "S-49 {op}");
        assert!(rest.operations.is_empty());
        assert!(repairs.len() <= 2, "{op}");
    }
    let body = json!({"schemas":[urn::GROUP],"displayName":"G","members":listed});
    let members = GROUP.read(body).unwrap().resource.take_elements("members").unwrap().unwrap();
    assert_eq!(members.len(), ids.len(), "S-49 create and replace");
}

#[test]
fn members_in_the_body_of_a_post_or_put() {
    let cases = [
        ("not given", json!({}), Ok(None)),
        ("CRE-05 none", json!({"members":[]}), Ok(None)),
        ("CRE-05 null", json!({"members":null}), Ok(None)),
        ("MOD-01 any case", json!({"Members":[{"Value":"1","TYPE":"User"}]}), Ok(Some("add 1:User"))),
        (
            "GRP-08 once",
            json!({"members":[{"value":"1"},{"value":"2"},{"value":"1","type":"User"}]}),
            Ok(Some("add 1 2")),
        ),
        (
            "GRP-08 once, whatever names them",
            json!({"members":[{"value":"1"},{"$ref":"/Users/1","type":"User"}]}),
            Ok(Some("add 1:User")),
        ),
        (
            "GRP-07 from $ref",
            json!({"members":[{"$ref":"https://example.com/v2/Users/1","display":"B"}]}),
            Ok(Some("add 1")),
        ),
        ("GRP-07 nobody", json!({"members":[{"type":"User"}]}), Err("`members.value` is required")),
    ];
    for unassigned in [json!({}), Value::Null, json!({"value":null,"display":"B"})] {
        let error = GROUP.read(json!({"schemas":[urn::GROUP],"displayName":"G","members":[unassigned]})).unwrap_err();
        assert_eq!(error.to_string(), "`members.value` is required", "GRP-07");
    }
    for (name, members, expected) in cases {
        let mut body = json!({"schemas":[urn::GROUP],"displayName":"G"});
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        let mut incoming = GROUP.read(body).unwrap();
        assert!(incoming.unknown.is_empty(), "CON-10 {name}");
        let cleared = name.starts_with("CRE-05");
        assert_eq!(incoming.cleared.contains(&"members".to_owned()), cleared, "{name}");
        let taken = incoming.resource.take_elements("members");
        let found = taken.map(|elements| elements.map(|elements| shown(&[ElementStep::Add(elements)])));
        let found = found.map_err(|error| error.to_string());
        assert_eq!(found.as_ref().map(Option::as_deref).map_err(String::as_str), expected, "{name}");
        assert_eq!(incoming.resource.get("members"), None, "{name}");
    }
}

#[test]
fn a_request_on_what_only_the_server_sets_stays_whole() {
    let user = kinds::user();
    let body = request(json!([{"op":"add","path":"groups","value":[{"value":"1"}]}]));
    let (rest, steps) = PatchRequest::parse(body.clone()).unwrap().detach(&user, "groups").unwrap();
    assert_eq!((&rest, steps), (&PatchRequest::parse(body.clone()).unwrap(), Vec::new()));
    let error = rest.apply(&user, &Resource::default(), NoMatch::NoTarget).unwrap_err();
    assert_eq!(error.to_string(), "`groups` is readOnly and may not be changed", "S-52");
    let (rest, steps) = PatchRequest::parse(body.clone()).unwrap().detach(&user, "members").unwrap();
    assert_eq!((rest, steps), (PatchRequest::parse(body).unwrap(), Vec::new()), "no such attribute");
}
