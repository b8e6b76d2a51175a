//! Extensions, `schemas`, mutability and data types.

use super::{DEPARTMENT, add, check, remove, replace};
use crate::kinds;
use expect_test::expect;
use provost_scim::{NoMatch, PatchRequest, Resource, Schema, urn};
use serde_json::{Value, json};

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
        (
            "PAT-17 and give it an attribute again",
            before(),
            json!([by_filter(urn::ENTERPRISE_USER), add(DEPARTMENT, json!("E"))]),
        ),
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
    check(
        &kinds::user(),
        NoMatch::NoTarget,
        &cases,
        expect![[r#"
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
    "#]],
    );

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
        ("PAT-36 simple values", before(), add("tags", json!(["Y", "z"]))),
        ("PAT-36 one simple value", before(), add("tags", json!("z"))),
        ("MOD-09 values of a sub-attribute", before(), add(r#"parts[value eq "p"].codes"#, json!(["2"]))),
        ("PAT-25 sub-attribute of a simple attribute", before(), replace("serial.x", json!("1"))),
        ("MOD-15 dateTime", bare(), replace("built", json!("2008-01-23T04:56:22+02:00"))),
        ("RTY-05 a required extension stays", before(), remove("urn:example:Site")),
        ("RTY-05 its last attribute stays", before(), remove("urn:example:Site:room")),
        (
            "RTY-05 its last attribute may change places",
            before(),
            json!([remove("urn:example:Site:room"), add("urn:example:Site:floor", json!(3))]),
        ),
    ];
    check(
        &kinds::device(),
        NoMatch::NoTarget,
        &cases,
        expect![[r#"
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
    "#]],
    );
    let create = [("PIT-04 a simple value", bare(), add(r#"tags[value eq "x"]"#, json!("x")))];
    check(
        &kinds::device(),
        NoMatch::Create,
        &create,
        expect![[r#"
        PIT-04 a simple value
          {"serial":"S","tags":["x"],"urn:example:Site":{"room":"1"}}
    "#]],
    );
}

#[test]
fn a_whole_complex_value_keeps_its_mutability_whatever_part_of_it_is_addressed() {
    let mut kind = kinds::device();
    let more = r#"{"id":"urn:example:More","attributes":[
        {"name":"seal","type":"complex","mutability":"immutable","subAttributes":[{"name":"value"},{"name":"note"}]},
        {"name":"place","type":"complex","required":true,"subAttributes":[{"name":"value"},{"name":"note"}]}]}"#;
    kind.schema.attributes.extend(Schema::load(more).unwrap().attributes);
    let before = || json!({"serial":"S","seal":{"value":"a"},"place":{"value":"a"},"urn:example:Site":{"room":"1"}});
    let unsealed = || json!({"serial":"S","place":{"value":"a"},"urn:example:Site":{"room":"1"}});
    let cases = [
        ("CHR-05 another value", before(), replace("seal", json!({"value":"b"}))),
        ("CHR-05 one more sub-attribute", before(), add("seal", json!({"note":"n"}))),
        ("CHR-05 a sub-attribute", before(), replace("seal.value", json!("b"))),
        ("CHR-05 without its last sub-attribute", before(), remove("seal.value")),
        ("CHR-05 without a path", before(), json!({"op":"replace","value":{"seal":{"value":"b"}}})),
        ("CHR-06 the same", before(), replace("seal.value", json!("A"))),
        ("CHR-06 the first value", unsealed(), add("seal.value", json!("b"))),
        ("PAT-47 without its last sub-attribute", before(), remove("place.value")),
        ("PAT-47 the same inside a value", before(), replace("place", json!({"value":null}))),
        ("PAT-50 a required sub-attribute of what is unassigned", before(), remove("owner.value")),
    ];
    check(
        &kind,
        NoMatch::NoTarget,
        &cases,
        expect![[r#"
        CHR-05 another value
          mutability: `seal` is immutable and has a value already
        CHR-05 one more sub-attribute
          mutability: `seal` is immutable and has a value already
        CHR-05 a sub-attribute
          mutability: `seal` is immutable and has a value already
        CHR-05 without its last sub-attribute
          mutability: `seal` is immutable and has a value already
        CHR-05 without a path
          mutability: `seal` is immutable and has a value already
        CHR-06 the same
          unchanged
        CHR-06 the first value
          {"serial":"S","seal":{"value":"b"},"place":{"value":"a"},"urn:example:Site":{"room":"1"}}
        PAT-47 without its last sub-attribute
          mutability: `place` is required and may not be removed
        PAT-47 the same inside a value
          mutability: `place` is required and may not be removed
        PAT-50 a required sub-attribute of what is unassigned
          unchanged
    "#]],
    );
}
