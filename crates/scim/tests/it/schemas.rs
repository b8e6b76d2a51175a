//! Schemas that an administrator sends: what is read, and which rule refuses what.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod kinds_of_our_own;
mod usable;

use expect_test::expect;
use provost_scim::{Mutability, Returned, Schema, Type, Uniqueness, urn};
use serde_json::{Value, json};

const THING: &str = "urn:example:params:scim:2.0:Thing";

fn document(attributes: Value) -> Value {
    json!({"id": THING, "name": "Thing", "attributes": attributes})
}

fn shown(document: Value) -> String {
    match Schema::from_value(document) {
        Ok(schema) => format!("{} attributes", schema.attributes.len()),
        Err(error) => error.to_string(),
    }
}

#[test]
fn mod_07_a_document_is_read_with_the_defaults_of_the_rfc() {
    let schema = Schema::from_value(json!({
        "schemas": [urn::SCHEMA],
        "ID": THING,
        "name": "Thing",
        "description": null,
        "meta": {"resourceType": "Schema"},
        "Attributes": [
            {"name": "code"},
            {"name": "secret", "MUTABILITY": "writeOnly"},
            {"name": "home", "type": "reference", "referenceTypes": ["external"]},
            {"name": "key", "type": "binary", "multiValued": true},
            {"name": "owner", "type": "complex", "subAttributes": [
                {"name": "value", "required": true, "uniqueness": "server", "caseExact": true, "canonicalValues": ["a", "A"]},
                {"name": "$ref", "type": "reference", "referenceTypes": ["User", "uri"]},
            ]},
        ],
    }))
    .unwrap();
    assert_eq!((schema.id.as_str(), schema.description.as_str()), (THING, ""));
    let [code, secret, home, key, owner] = schema.attributes.as_slice() else { panic!("{schema:?}") };
    assert_eq!((code.kind, code.mutability, code.returned), (Type::String, Mutability::ReadWrite, Returned::Default));
    assert_eq!((code.case_exact, code.required, code.multi_valued), (false, false, false));
    assert_eq!((secret.mutability, secret.returned), (Mutability::WriteOnly, Returned::Never), "CHR-10");
    assert!(home.case_exact && key.case_exact, "references and binary values respect case");
    assert_eq!(owner.sub_attribute("VALUE").unwrap().uniqueness, Uniqueness::Server);
    // What is stored is loaded again as it was.
    let stored = serde_json::to_string(&schema).unwrap();
    assert_eq!(Schema::load(&stored).unwrap(), schema);
}

#[test]
fn standard_documents_follow_the_rules_for_custom_ones() {
    for (text, new) in [
        (include_str!("../../schemas/User.json"), "urn:example:User"),
        (include_str!("../../schemas/Group.json"), "urn:example:Group"),
        (include_str!("../../schemas/EnterpriseUser.json"), "urn:example:Enterprise"),
    ] {
        let mut document: Value = serde_json::from_str(text).unwrap();
        assert!(shown(document.clone()).ends_with("belongs to the standard"), "{}", shown(document));
        document["id"] = json!(new);
        let expected = Schema::load(&document.to_string()).unwrap();
        assert_eq!(Schema::from_value(document).unwrap(), expected, "{new}");
    }
}

#[test]
fn urns() {
    let long = format!("urn:example:{}", "x".repeat(244));
    for (urn, expected) in [
        ("urn:example:Thing", true),
        ("urn:x-acme:a_b-c:2.0:Thing", true),
        // What Entra's guide has people write for custom attributes.
        ("urn:ietf:params:scim:schemas:extension:Acme:2.0:User", true),
        ("urn:ietf:params:scim:schemas:core:2.0:Device", true),
        ("urn:ietf:params:scim:schemas:core:2.0", false),
        ("URN:ietf:params:scim:schemas:core:2.0:user", false),
        ("urn:ietf:params:scim:schemas:core:2.0:user", false),
        ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:USER", false),
        (urn::SCHEMA, false),
        (urn::BULK_REQUEST, false),
        ("urn:ietf:params:SCIM:api:messages:2.0:Other", false),
        ("urn:ietf:params:scim:event:prov:create", false),
        ("", false),
        ("Thing", false),
        ("https://example.com/Thing", false),
        ("urn:example", false),
        ("urn:example:", false),
        ("urn::Thing", false),
        ("urn:e:Thing", false),
        ("urn:-example:Thing", false),
        ("urn:ex_ample:Thing", false),
        ("urn:example:a::b", false),
        ("urn:example:a..b", false),
        ("urn:example:Thing:", false),
        ("urn:example:a,b", false),
        ("urn:example:a b", false),
        ("urn:example:a[b]", false),
        ("urn:example:ä", false),
        (&long, false),
    ] {
        let document = json!({"id": urn, "attributes": [{"name": "code"}]});
        assert_eq!(Schema::from_value(document).is_ok(), expected, "{urn}");
    }
}

#[test]
fn every_rule_names_its_attribute() {
    let one = |attribute: Value| document(json!([attribute]));
    let sub =
        |sub: Value| one(json!({"name": "parts", "type": "complex", "multiValued": true, "subAttributes": [sub]}));
    let cases = [
        ("no object", json!([])),
        ("no id", json!({"attributes": [{"name": "a"}]})),
        ("id is a number", json!({"id": 1})),
        ("no attributes", json!({"id": THING})),
        ("attributes is an object", json!({"id": THING, "attributes": {}})),
        ("a member that is unknown", json!({"id": THING, "attributes": [{"name": "a"}], "attribute": []})),
        ("an attribute that is a string", document(json!(["a"]))),
        ("no name", one(json!({"type": "string"}))),
        ("no name of a sub-attribute", sub(json!({"type": "string"}))),
        ("a member that is mistyped", one(json!({"name": "code", "multivalue": true}))),
        ("SCH-06 type", one(json!({"name": "code", "type": "text"}))),
        ("mutability", one(json!({"name": "code", "mutability": "readonly"}))),
        ("required is a string", one(json!({"name": "code", "required": "true"}))),
        ("canonicalValues is a string", one(json!({"name": "code", "canonicalValues": "a"}))),
        ("a blank canonical value", one(json!({"name": "code", "canonicalValues": [" "]}))),
        ("a canonical value twice", one(json!({"name": "code", "canonicalValues": ["a", "a"]}))),
        ("canonical values of a number", one(json!({"name": "count", "type": "integer", "canonicalValues": ["1"]}))),
        ("a control character", one(json!({"name": "code", "description": "a\u{1}b"}))),
        ("MOD-01 twice in two cases", document(json!([{"name": "code"}, {"name": "CODE"}]))),
        ("name", one(json!({"name": "a.b"}))),
        ("name with a digit first", one(json!({"name": "1a"}))),
        ("an empty name", one(json!({"name": ""}))),
        ("a dollar", one(json!({"name": "$ref"}))),
        ("a dollar in a sub-attribute", sub(json!({"name": "a$"}))),
        ("COM-09 common", one(json!({"name": "ExternalID"}))),
        ("a word of filters", one(json!({"name": "Not"}))),
        (
            "SCH-07 complex without sub-attributes",
            one(json!({"name": "parts", "type": "complex", "subAttributes": []})),
        ),
        ("SCH-08 complex within complex", sub(json!({"name": "inner", "type": "complex"}))),
        ("SCH-08 sub-attributes of one", sub(json!({"name": "inner", "subAttributes": [{"name": "a"}]}))),
        ("sub-attributes of a string", one(json!({"name": "code", "subAttributes": [{"name": "a"}]}))),
        ("primary", sub(json!({"name": "Primary"}))),
        ("$ref", sub(json!({"name": "$ref"}))),
        (
            "$ref has one value",
            sub(json!({"name": "$ref", "type": "reference", "referenceTypes": ["User"], "multiValued": true})),
        ),
        ("CHR-24 a reference without types", one(json!({"name": "home", "type": "reference"}))),
        ("CHR-24 types of a string", one(json!({"name": "code", "referenceTypes": ["uri"]}))),
        ("CHR-24 types that are none", one(json!({"name": "home", "type": "reference", "referenceTypes": ["/Users"]}))),
        (
            "case of a reference",
            one(json!({"name": "home", "type": "reference", "referenceTypes": ["uri"], "caseExact": false})),
        ),
        (
            "CHR-10 writeOnly and returned",
            one(json!({"name": "pin", "mutability": "writeOnly", "returned": "default"})),
        ),
        ("CHR-10 in a sub-attribute", sub(json!({"name": "pin", "mutability": "writeOnly", "returned": "always"}))),
        ("readOnly and never returned", one(json!({"name": "pin", "mutability": "readOnly", "returned": "never"}))),
        (
            "writable in what is readOnly",
            one(
                json!({"name": "parts", "type": "complex", "mutability": "readOnly", "subAttributes": [{"name": "value"}]}),
            ),
        ),
        (
            "SCH-09 unique complex",
            one(json!({"name": "parts", "type": "complex", "uniqueness": "server", "subAttributes": [{"name": "a"}]})),
        ),
        ("SCH-09 unique boolean", one(json!({"name": "on", "type": "boolean", "uniqueness": "global"}))),
        ("CHR-20 unique values of many", one(json!({"name": "codes", "multiValued": true, "uniqueness": "server"}))),
        ("CHR-20 unique in many", sub(json!({"name": "value", "uniqueness": "server"}))),
        ("CHR-20 unique and secret", one(json!({"name": "pin", "mutability": "writeOnly", "uniqueness": "server"}))),
    ];
    let lines = cases.map(|(name, document)| format!("{name}\n  {}\n", shown(document)));
    expect![[r#"
        no object
          schema `?`: must be an object, not an array
        no id
          schema `?`: needs an `id`
        id is a number
          schema `?`: needs a string as `id`, not a number
        no attributes
          schema `urn:example:params:scim:2.0:Thing`: needs `attributes`
        attributes is an object
          schema `urn:example:params:scim:2.0:Thing`: needs an array as `attributes`, not an object
        a member that is unknown
          schema `urn:example:params:scim:2.0:Thing`: has the member `attribute`, which RFC 7643 §7 does not define
        an attribute that is a string
          schema `urn:example:params:scim:2.0:Thing`: an attribute must be an object, not a string
        no name
          schema `urn:example:params:scim:2.0:Thing`: an attribute needs a `name`
        no name of a sub-attribute
          schema `urn:example:params:scim:2.0:Thing`: a sub-attribute of `parts` needs a `name`
        a member that is mistyped
          schema `urn:example:params:scim:2.0:Thing`: attribute `code` has the member `multivalue`, which RFC 7643 §7 does not define
        SCH-06 type
          schema `urn:example:params:scim:2.0:Thing`: attribute `code` has a `type` that means nothing: unknown variant `text`, expected one of `string`, `boolean`, `decimal`, `integer`, `dateTime`, `binary`, `reference`, `complex`
        mutability
          schema `urn:example:params:scim:2.0:Thing`: attribute `code` has a `mutability` that means nothing: unknown variant `readonly`, expected one of `readOnly`, `readWrite`, `immutable`, `writeOnly`
        required is a string
          schema `urn:example:params:scim:2.0:Thing`: attribute `code` needs true or false as `required`, not a string
        canonicalValues is a string
          schema `urn:example:params:scim:2.0:Thing`: attribute `code` needs an array as `canonicalValues`, not a string
        a blank canonical value
          schema `urn:example:params:scim:2.0:Thing`: attribute `code` has a blank entry in `canonicalValues`
        a canonical value twice
          schema `urn:example:params:scim:2.0:Thing`: attribute `code` lists one of its `canonicalValues` twice
        canonical values of a number
          schema `urn:example:params:scim:2.0:Thing`: attribute `count` has `canonicalValues` and must be a string or a reference
        a control character
          schema `urn:example:params:scim:2.0:Thing`: attribute `code` has a `description` with a control character
        MOD-01 twice in two cases
          schema `urn:example:params:scim:2.0:Thing`: attribute `CODE` is defined twice: names must differ by more than case
        name
          schema `urn:example:params:scim:2.0:Thing`: attribute `a.b` must begin with a letter and hold letters, digits, `-` and `_` (RFC 7643 §2.1)
        name with a digit first
          schema `urn:example:params:scim:2.0:Thing`: attribute `1a` must begin with a letter and hold letters, digits, `-` and `_` (RFC 7643 §2.1)
        an empty name
          schema `urn:example:params:scim:2.0:Thing`: attribute `` must begin with a letter and hold letters, digits, `-` and `_` (RFC 7643 §2.1)
        a dollar
          schema `urn:example:params:scim:2.0:Thing`: attribute `$ref` may not hold `$`: only the sub-attribute `$ref` does
        a dollar in a sub-attribute
          schema `urn:example:params:scim:2.0:Thing`: attribute `parts.a$` may not hold `$`: only the sub-attribute `$ref` does
        COM-09 common
          schema `urn:example:params:scim:2.0:Thing`: attribute `ExternalID` is an attribute of every resource already (RFC 7643 §3.1)
        a word of filters
          schema `urn:example:params:scim:2.0:Thing`: attribute `Not` is a word of filters and cannot be an attribute
        SCH-07 complex without sub-attributes
          schema `urn:example:params:scim:2.0:Thing`: attribute `parts` is complex and needs `subAttributes`
        SCH-08 complex within complex
          schema `urn:example:params:scim:2.0:Thing`: attribute `parts.inner` is a sub-attribute and may not be complex
        SCH-08 sub-attributes of one
          schema `urn:example:params:scim:2.0:Thing`: attribute `parts.inner` is a sub-attribute and may have no `subAttributes`
        sub-attributes of a string
          schema `urn:example:params:scim:2.0:Thing`: attribute `code` has `subAttributes` and must be complex
        primary
          schema `urn:example:params:scim:2.0:Thing`: attribute `parts.Primary` must be a boolean (RFC 7643 §2.4)
        $ref
          schema `urn:example:params:scim:2.0:Thing`: attribute `parts.$ref` must be a reference (RFC 7643 §2.4)
        $ref has one value
          schema `urn:example:params:scim:2.0:Thing`: attribute `parts.$ref` must be single-valued (RFC 7643 §2.4)
        CHR-24 a reference without types
          schema `urn:example:params:scim:2.0:Thing`: attribute `home` is a reference and needs `referenceTypes`
        CHR-24 types of a string
          schema `urn:example:params:scim:2.0:Thing`: attribute `code` has `referenceTypes` and must be a reference
        CHR-24 types that are none
          schema `urn:example:params:scim:2.0:Thing`: attribute `home` has `referenceTypes` that are neither names of resource types nor `external` or `uri`
        case of a reference
          schema `urn:example:params:scim:2.0:Thing`: attribute `home` must be `caseExact`: references and binary values respect case (RFC 7643 §2.3.6, §2.3.7)
        CHR-10 writeOnly and returned
          schema `urn:example:params:scim:2.0:Thing`: attribute `pin` is writeOnly, and `returned` must be `never` (RFC 7643 §7)
        CHR-10 in a sub-attribute
          schema `urn:example:params:scim:2.0:Thing`: attribute `parts.pin` is writeOnly, and `returned` must be `never` (RFC 7643 §7)
        readOnly and never returned
          schema `urn:example:params:scim:2.0:Thing`: attribute `pin` is readOnly and never returned: nobody could set or see it
        writable in what is readOnly
          schema `urn:example:params:scim:2.0:Thing`: attribute `parts.value` must be readOnly as its attribute is
        SCH-09 unique complex
          schema `urn:example:params:scim:2.0:Thing`: attribute `parts` may have no `uniqueness`: only a string or a reference is unique
        SCH-09 unique boolean
          schema `urn:example:params:scim:2.0:Thing`: attribute `on` may have no `uniqueness`: only a string or a reference is unique
        CHR-20 unique values of many
          schema `urn:example:params:scim:2.0:Thing`: attribute `codes` may have no `uniqueness`: only a single value is unique
        CHR-20 unique in many
          schema `urn:example:params:scim:2.0:Thing`: attribute `parts.value` may have no `uniqueness`: only a single value is unique
        CHR-20 unique and secret
          schema `urn:example:params:scim:2.0:Thing`: attribute `pin` may have no `uniqueness`: a conflict would tell what is never returned
    "#]].assert_eq(&lines.concat());
}

#[test]
fn bounds() {
    let names = |count: usize| (0..count).map(|number| json!({ "name": format!("a{number}") })).collect::<Vec<_>>();
    let complex = |count: usize| document(json!([{"name": "c", "type": "complex", "subAttributes": names(count)}]));
    let texts = |count: usize| (0..count).map(|number| number.to_string()).collect::<Vec<_>>();
    let attribute = |member: &str, value: Value| document(json!([{"name": "a", member: value}]));
    for (name, largest, larger) in [
        ("attributes", document(Value::from(names(200))), document(Value::from(names(201)))),
        ("sub-attributes", complex(50), complex(51)),
        ("name", attribute("name", json!("n".repeat(64))), attribute("name", json!("n".repeat(65)))),
        (
            "description",
            attribute("description", json!("ä".repeat(1_000))),
            attribute("description", json!("ä".repeat(1_001))),
        ),
        (
            "canonical values",
            attribute("canonicalValues", json!(texts(200))),
            attribute("canonicalValues", json!(texts(201))),
        ),
        (
            "canonical value",
            attribute("canonicalValues", json!(["v".repeat(256)])),
            attribute("canonicalValues", json!(["v".repeat(257)])),
        ),
    ] {
        assert!(Schema::from_value(largest).is_ok(), "{name}");
        assert!(Schema::from_value(larger).is_err(), "{name}");
    }
    let long = "x".repeat(100_000);
    for document in [
        attribute("name", json!(long)),
        attribute("type", json!(long)),
        attribute(&long, json!(1)),
        json!({"id": long}),
        json!({"id": format!("urn:example:{long}"), "attributes": [{"name": "a"}]}),
        json!({"id": THING, "name": long}),
    ] {
        let error = shown(document);
        assert!(error.starts_with("schema ") && error.len() < 400, "an error repeats nothing long: {error}");
    }
}
