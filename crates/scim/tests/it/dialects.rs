//! What the dialect rewrites beyond the recorded requests in `fixtures`, and what it leaves alone.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use crate::kinds;
use expect_test::{Expect, expect};
use provost_scim::{
    dialect::{EMPTY_OPERATIONS, normalise_patch, normalise_resource, unpack_role},
    urn,
};
use serde_json::{Value, json};

const MANAGER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";

#[track_caller]
fn check(cases: &[(&str, Value)], expected: Expect) {
    let kind = kinds::user();
    let mut lines = String::new();
    for (name, operations) in cases {
        let (normal, repairs) = normalise_patch(json!({"schemas":[urn::PATCH_OP],"Operations":operations}), &kind);
        lines += &format!("{name}\n");
        for operation in normal["Operations"].as_array().unwrap() {
            lines += &format!("  {operation}\n");
        }
        for repair in repairs {
            lines += &format!("    {}: {}\n", repair.code, repair.detail);
        }
    }
    expected.assert_eq(&lines);
}

#[test]
fn message_and_paths() {
    let cases = [
        ("PAT-05 keys in any case", json!([{"OP":"REMOVE","Path":"title"}])),
        ("a key in two spellings stays", json!([{"op":"remove","Op":"add","path":"title"}])),
        ("PAT-04 an op that is none stays", json!([{"op":"Move","path":"title"}, 7])),
        ("PAT-30 an empty path", json!([{"op":"replace","path":"","value":{"title":"T"}}])),
        (
            "PIT-03 order stays",
            json!([{"op":"replace","value":{"title":"T","name.givenName":"G","nickName":"N","emails[type eq \"work\"].value":"a@b","active":"False"}}]),
        ),
        ("PIT-03 manager as a key", json!([{"op":"add","value":{"manager":"7"}}])),
        ("PIT-03 a path-less value with a null path", json!([{"op":"add","path":null,"value":{"name.givenName":"G"}}])),
        (
            "an extension as an object is standard",
            json!([{"op":"add","value":{urn::ENTERPRISE_USER:{"department":"D"}}}]),
        ),
        (
            "a key of another extension stays",
            json!([{"op":"add","value":{"urn:example:Foo":{"a":1},"urn:example:Foo:bar":2}}]),
        ),
        ("what is no path stays", json!([{"op":"add","value":{"a b.c":1,"":2,"shoeSize":3}}])),
        ("a core name is never an extension's", json!([{"op":"replace","path":"department","value":"D"}])),
    ];
    check(
        &cases,
        expect![[r#"
        PAT-05 keys in any case
          {"op":"remove","path":"title"}
            key-case: operation 1: `OP` is `op`
            key-case: operation 1: `Path` is `path`
            op-case: operation 1: `REMOVE` is `remove`
        a key in two spellings stays
          {"op":"remove","Op":"add","path":"title"}
        PAT-04 an op that is none stays
          {"op":"Move","path":"title"}
          7
        PAT-30 an empty path
          {"op":"replace","value":{"title":"T"}}
            empty-path: operation 1: an empty path is none
        PIT-03 order stays
          {"op":"replace","value":{"title":"T"}}
          {"op":"replace","path":"name.givenName","value":"G"}
          {"op":"replace","value":{"nickName":"N"}}
          {"op":"replace","path":"emails[type eq \"work\"].value","value":"a@b"}
          {"op":"replace","value":{"active":false}}
            path-in-key: operation 1: `name.givenName` is a path
            path-in-key: operation 1: `emails[…].value` is a path
            boolean-text: operation 1: `active`: a string is the boolean false
        PIT-03 manager as a key
          {"op":"add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":{"value":"7"}}
            path-in-key: operation 1: `manager` is a path
            extension-path: operation 1: `manager` is `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager`
            reference-text: operation 1: `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager`: a string is its `value`
        PIT-03 a path-less value with a null path
          {"op":"add","path":"name.givenName","value":"G"}
            path-in-key: operation 1: `name.givenName` is a path
        an extension as an object is standard
          {"op":"add","value":{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D"}}}
        a key of another extension stays
          {"op":"add","value":{"urn:example:Foo":{"a":1},"urn:example:Foo:bar":2}}
        what is no path stays
          {"op":"add","value":{"a b.c":1,"":2,"shoeSize":3}}
        a core name is never an extension's
          {"op":"replace","path":"department","value":"D"}
    "#]],
    );
}

#[test]
fn values() {
    let cases = [
        (
            "PIT-02 booleans deep inside",
            json!([{"op":"add","path":"emails","value":[{"value":"true","primary":"TRUE"},{"value":"b","Primary":"fAlse"}]}]),
        ),
        ("PIT-02 booleans without path", json!([{"op":"add","value":{"ACTIVE":"True","roles":{"primary":"False"}}}])),
        ("PIT-02 booleans by path", json!([{"op":"add","path":"emails[type eq \"work\"].primary","value":"True"}])),
        ("PIT-02 another text stays", json!([{"op":"replace","path":"active","value":"yes"}])),
        ("PIT-02 texts of string attributes stay", json!([{"op":"replace","path":"title","value":"True"}])),
        (
            "1.8 an empty text clears where it replaces",
            json!([{"op":"replace","path":"name","value":{"givenName":""}},{"op":"replace","path":"emails[type eq \"work\"].value","value":""},{"op":"replace","path":"profileUrl","value":""}]),
        ),
        (
            "but not what is required, added or listed",
            json!([{"op":"replace","path":"userName","value":""},{"op":"add","path":"title","value":""},{"op":"replace","path":"emails","value":[{"display":""}]}]),
        ),
        (
            "PIT-06 manager",
            json!([{"op":"add","path":MANAGER,"value":["7"]},{"op":"add","path":format!("{MANAGER}.value"),"value":"7"},{"op":"replace","value":{urn::ENTERPRISE_USER:{"manager":"7"}}},{"op":"replace","path":urn::ENTERPRISE_USER,"value":{"Manager":""}}]),
        ),
        ("two managers stay", json!([{"op":"add","path":MANAGER,"value":[{"value":"7"},{"value":"8"}]}])),
    ];
    check(
        &cases,
        expect![[r#"
        PIT-02 booleans deep inside
          {"op":"add","path":"emails","value":[{"value":"true","primary":true},{"value":"b","Primary":false}]}
            boolean-text: operation 1: `emails.primary`: a string is the boolean true
            boolean-text: operation 1: `emails.primary`: a string is the boolean false
        PIT-02 booleans without path
          {"op":"add","value":{"ACTIVE":true,"roles":{"primary":false}}}
            boolean-text: operation 1: `active`: a string is the boolean true
            boolean-text: operation 1: `roles.primary`: a string is the boolean false
        PIT-02 booleans by path
          {"op":"add","path":"emails[type eq \"work\"].primary","value":true}
            boolean-text: operation 1: `emails.primary`: a string is the boolean true
        PIT-02 another text stays
          {"op":"replace","path":"active","value":"yes"}
        PIT-02 texts of string attributes stay
          {"op":"replace","path":"title","value":"True"}
        1.8 an empty text clears where it replaces
          {"op":"replace","path":"name","value":{"givenName":null}}
          {"op":"replace","path":"emails[type eq \"work\"].value","value":null}
          {"op":"replace","path":"profileUrl","value":null}
            empty-text: operation 1: `name.givenName`: an empty string clears it
            empty-text: operation 2: `emails.value`: an empty string clears it
            empty-text: operation 3: `profileUrl`: an empty string clears it
        but not what is required, added or listed
          {"op":"replace","path":"userName","value":""}
          {"op":"add","path":"title","value":""}
          {"op":"replace","path":"emails","value":[{"display":""}]}
        PIT-06 manager
          {"op":"add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":{"value":"7"}}
          {"op":"add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value","value":"7"}
          {"op":"replace","value":{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"7"}}}}
          {"op":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User","value":{"Manager":null}}
            reference-array: operation 1: `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager`: an array of one is its element
            reference-text: operation 1: `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager`: a string is its `value`
            reference-text: operation 3: `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager`: a string is its `value`
            empty-reference: operation 4: `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager`: an empty `value` clears it
        two managers stay
          {"op":"add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":[{"value":"7"},{"value":"8"}]}
    "#]],
    );
}

#[test]
fn removals() {
    let cases = [
        (
            "PIT-07 each listed value",
            json!([{"op":"remove","path":"emails","value":[{"value":"a\"b","type":"work"},"c"]}]),
        ),
        ("PIT-07 one value", json!([{"op":"remove","path":"Emails","value":{"$ref":null,"value":"a"}}])),
        (
            "PIT-07 without value, by all that is given",
            json!([{"op":"remove","path":"addresses","value":[{"type":"work","primary":true,"locality":null}]}]),
        ),
        ("PIT-07 an empty list removes nothing", json!([{"op":"remove","path":"emails","value":[]}])),
        (
            "PIT-07 a value that no filter can name stays",
            json!([{"op":"remove","path":"emails","value":[{"value":"a"},{"weight":1}]}]),
        ),
        ("PIT-07 a sub-attribute", json!([{"op":"remove","path":"emails.display","value":"D"}])),
        (
            "with the core URN",
            json!([{"op":"remove","path":"urn:ietf:params:scim:schemas:core:2.0:User:roles","value":[{"value":"Admin"}]}]),
        ),
        ("PAT-51 single-valued", json!([{"op":"remove","path":"title","value":"T"}])),
        ("PAT-51 null is no value", json!([{"op":"remove","path":"emails","value":null}])),
        ("unknown paths stay", json!([{"op":"remove","path":"shoeSizes","value":[1]}])),
        ("an extension stays", json!([{"op":"remove","path":urn::ENTERPRISE_USER,"value":{}}])),
        ("without path", json!([{"op":"remove","value":{"emails":[]}}])),
    ];
    check(
        &cases,
        expect![[r#"
            PIT-07 each listed value
              {"op":"remove","path":"emails[value eq \"a\\\"b\" or value eq \"c\"]"}
                remove-with-value: operation 1: `emails`: what the value lists goes, 2 in all
            PIT-07 one value
              {"op":"remove","path":"Emails[value eq \"a\"]"}
                remove-with-value: operation 1: `Emails`: what the value lists goes, 1 in all
            PIT-07 without value, by all that is given
              {"op":"remove","path":"addresses[type eq \"work\" and primary eq true]"}
                remove-with-value: operation 1: `addresses`: what the value lists goes, 1 in all
            PIT-07 an empty list removes nothing
              {"op":"add","path":"emails","value":[]}
                remove-with-value: operation 1: `emails`: what the value lists goes, 0 in all
            PIT-07 a value that no filter can name stays
              {"op":"remove","path":"emails","value":[{"value":"a"},{"weight":1}]}
            PIT-07 a sub-attribute
              {"op":"remove","path":"emails[display eq \"D\"].display"}
                remove-with-value: operation 1: `emails.display`: what the value lists goes, 1 in all
            with the core URN
              {"op":"remove","path":"urn:ietf:params:scim:schemas:core:2.0:User:roles[value eq \"Admin\"]"}
                remove-with-value: operation 1: `urn:ietf:params:scim:schemas:core:2.0:User:roles`: what the value lists goes, 1 in all
            PAT-51 single-valued
              {"op":"remove","path":"title"}
                remove-with-value: operation 1: `title`: the path says what goes, not the value
            PAT-51 null is no value
              {"op":"remove","path":"emails"}
                remove-with-value: operation 1: `emails`: the path says what goes, not the value
            unknown paths stay
              {"op":"remove","path":"shoeSizes","value":[1]}
            an extension stays
              {"op":"remove","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User","value":{}}
            without path
              {"op":"remove","value":{"emails":[]}}
        "#]],
    );
}

#[test]
fn nothing_to_do_is_reported() {
    let (_, repairs) = normalise_patch(json!({"Operations":[]}), &kinds::user());
    assert_eq!(repairs.last().map(|repair| repair.code), Some(EMPTY_OPERATIONS), "PIT-14");
    let many = vec![json!({"op":"Remove","path":"emails","value":[]}); 200];
    let (_, repairs) = normalise_patch(json!({"operations":many}), &kinds::user());
    assert_eq!(repairs.len(), 100, "the list of repairs has a bound");
}

#[test]
fn resources() {
    let kind = kinds::user();
    let cases = [
        ("PIT-02 booleans", json!({"userName":"b","active":"true","emails":[{"value":"a","primary":"False"}]})),
        ("PIT-06 manager", json!({"userName":"b", urn::ENTERPRISE_USER:{"manager":"7"}})),
        ("PIT-06 manager in an array", json!({"userName":"b", urn::ENTERPRISE_USER:{"manager":[{"value":"7"}]}})),
        ("PIT-06 no manager", json!({"userName":"b", urn::ENTERPRISE_USER:{"manager":{"value":""}}})),
        ("an empty text is a value", json!({"userName":"","title":""})),
        ("not an object", json!(["True"])),
    ];
    let lines = cases.map(|(name, body)| {
        let (normal, repairs) = normalise_resource(body, &kind);
        let repairs: String =
            repairs.iter().map(|repair| format!("    {}: {}\n", repair.code, repair.detail)).collect();
        format!("{name}\n  {normal}\n{repairs}")
    });
    expect![[r#"
        PIT-02 booleans
          {"userName":"b","active":true,"emails":[{"value":"a","primary":false}]}
            boolean-text: `active`: a string is the boolean true
            boolean-text: `emails.primary`: a string is the boolean false
        PIT-06 manager
          {"userName":"b","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"7"}}}
            reference-text: `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager`: a string is its `value`
        PIT-06 manager in an array
          {"userName":"b","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"7"}}}
            reference-array: `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager`: an array of one is its element
        PIT-06 no manager
          {"userName":"b","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":null}}
            empty-reference: `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager`: an empty `value` clears it
        an empty text is a value
          {"userName":"","title":""}
        not an object
          ["True"]
    "#]].assert_eq(&lines.concat());
}

/// The create that Entra documents: in standard form but for what is ignored.
#[test]
fn the_documented_create_needs_no_repair() {
    let body = json!({"schemas":[urn::USER, urn::ENTERPRISE_USER],
        "externalId":"0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
        "userName":"Test_User_ab6490ee-1e48-479e-a20b-2d77186b5dd1",
        "active":true,
        "emails":[{"primary":true,"type":"work","value":"Test_User_fd0ea19b@testuser.com"}],
        "meta":{"resourceType":"User"},
        "name":{"formatted":"givenName familyName","familyName":"familyName","givenName":"givenName"},
        "roles":[]});
    let kind = kinds::user();
    let (normal, repairs) = normalise_resource(body.clone(), &kind);
    assert_eq!((normal.to_string(), repairs), (body.to_string(), Vec::new()));
    let incoming = kind.read(normal).unwrap();
    assert_eq!((incoming.unknown, incoming.cleared), (Vec::new(), vec!["roles".to_owned()]));
}

#[test]
fn packed_roles() {
    let packed = r#"{"id":"06b07648-ecfe-589f-9d2f-6325724a46ee","value":"Admin","displayName":"Administrator"}"#;
    let cases = [
        ("5.7", json!({"value":packed}), Some(json!({"value":"Admin","display":"Administrator"}))),
        (
            "other members stay",
            json!({"primary":true,"Value":packed}),
            Some(json!({"value":"Admin","display":"Administrator","primary":true})),
        ),
        ("without a name", json!({"value":"{\"value\":\"A\"}"}), Some(json!({"value":"A"}))),
        ("a plain role", json!({"value":"Admin"}), None),
        ("JSON without value", json!({"value":"{\"id\":\"1\"}"}), None),
        ("value is a number", json!({"value":"{\"value\":1}"}), None),
        ("JSON that is no object", json!({"value":"[1]"}), None),
        ("broken JSON", json!({"value":"{"}), None),
        ("no object", json!("x"), None),
    ];
    for (name, role, expected) in cases {
        assert_eq!(unpack_role(&role), expected, "{name}");
    }
}
