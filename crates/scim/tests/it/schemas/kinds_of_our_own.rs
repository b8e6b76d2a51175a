//! Resource types and extensions that an administrator defines: which are refused.

use super::{THING, document};
use crate::kinds;
use expect_test::expect;
use provost_scim::{ResourceType, Schema, SchemaError, urn};
use serde_json::{Value, json};

fn schema(urn: &str, attributes: Value) -> Schema {
    Schema::from_value(json!({"id": urn, "attributes": attributes})).unwrap()
}

fn thing() -> Schema {
    Schema::from_value(document(json!([
        {"name": "code", "uniqueness": "server"},
        {"name": "label"},
        {"name": "count", "type": "integer"},
        {"name": "pin", "mutability": "writeOnly"},
        {"name": "parts", "type": "complex", "multiValued": true, "subAttributes": [{"name": "value"}, {"name": "type"}]},
    ])))
    .unwrap()
}

fn shown(kind: Result<ResourceType, SchemaError>) -> String {
    match kind {
        Ok(kind) => format!("{} {} {:?}", kind.name, kind.endpoint, kind.indexed),
        Err(error) => error.to_string(),
    }
}

fn named(name: &str, endpoint: &str) -> String {
    shown(ResourceType::custom(name.to_owned(), endpoint, String::new(), thing(), Vec::new(), Vec::new()))
}

#[test]
fn names_and_endpoints() {
    let fine = r#"Thing /Things ["externalId", "code"]"#;
    assert_eq!(named("Thing", "/Things"), fine, "RTY-02");
    assert_eq!(named("Thing", "Things"), fine, "RTY-02 a slash is added");
    assert_eq!(named("A.b-c_d~1", "/ab~c"), r#"A.b-c_d~1 /ab~c ["externalId", "code"]"#);
    assert_eq!(named("Visit", "/visits"), r#"Visit /visits ["externalId", "code"]"#, "v and more than digits");
    let long = "x".repeat(65);
    for name in ["", "user", "GROUP", "Schema", "Me", "Bulk", "a b", "a/b", "ä", "1a", ".search", &long] {
        assert!(named(name, "/Things").contains(" has "), "RTY-02 {name}: {}", named(name, "/Things"));
    }
    let uuid = "c3a26dd3-27a0-4dec-a2ac-ce211e105f97";
    let endpoints = [
        "",
        "/",
        "//Things",
        "/Things/",
        "/a/b",
        "/users",
        "Groups",
        "/ME",
        "/Bulk",
        "/schemas",
        "/ResourceTypes",
        "/ServiceProviderConfig",
        "/.search",
        "/v2",
        "/V1.1",
        "/a%20b",
        "/a?b",
        "/ä",
        "/..",
        &long,
        uuid,
        &uuid.replace('-', ""),
    ];
    for endpoint in endpoints {
        assert!(
            named("Thing", endpoint).contains(" has the endpoint "),
            "RTY-02 {endpoint}: {}",
            named("Thing", endpoint)
        );
    }
    let description = "d".repeat(1_001);
    let kind = ResourceType::custom("Thing".to_owned(), "/Things", description, thing(), Vec::new(), Vec::new());
    assert_eq!(shown(kind), "resource type `Thing` has a description of more than 1000 characters");
}

#[test]
fn extensions() {
    let with = |urn: &str| {
        let extension = schema(urn, json!([{"name": "room"}]));
        shown(kinds::user().with_extension(extension, false, Vec::new()))
    };
    expect![[r#"
        User /Users ["userName", "externalId", "emails.value", "groups.value"]
        User /Users ["userName", "externalId", "emails.value", "groups.value"]
        resource type `User` cannot have both `urn:ietf:params:scim:schemas:core:2.0:User:Site` and `urn:ietf:params:scim:schemas:core:2.0:User`: one begins with the other
        resource type `User` cannot have both `urn:ietf:params:scim:schemas:extension:ENTERPRISE:2.0` and `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User`: one begins with the other"#]].assert_eq(&[
        with("urn:example:Site"),
        with("urn:example:params:scim:2.0:Thing"),
        with("urn:ietf:params:scim:schemas:core:2.0:User:Site"),
        with("urn:ietf:params:scim:schemas:extension:ENTERPRISE:2.0"),
    ]
    .join("\n"));
    let twice = kinds::user().with_extension(thing(), false, Vec::new()).unwrap();
    expect!["resource type `User` has the schema `urn:example:params:scim:2.0:Thing` already"]
        .assert_eq(&shown(twice.with_extension(thing(), false, Vec::new())));
    let read_only = schema("urn:example:Site", json!([{"name": "room", "mutability": "readOnly"}]));
    expect!["resource type `User` cannot require `urn:example:Site`, which has no attribute that clients may set"]
        .assert_eq(&shown(kinds::user().with_extension(read_only, true, Vec::new())));
    let many = (0..21).map(|number| (schema(&format!("urn:example:E{number}"), json!([{"name": "a"}])), false));
    let many = ResourceType::custom("Thing".to_owned(), "/Things", String::new(), thing(), many.collect(), Vec::new());
    assert_eq!(shown(many), "resource type `Thing` may have at most 20 extensions");
    let same = vec![(schema(&THING.to_uppercase().replace("URN:", "urn:"), json!([{"name": "a"}])), false)];
    let same = ResourceType::custom("Thing".to_owned(), "/Things", String::new(), thing(), same, Vec::new());
    assert!(shown(same).contains("already"), "one URN in two cases");
}

#[test]
fn indexes() {
    let on_user = |name: &str| shown(kinds::user().with_extension(thing(), false, vec![name.to_owned()]));
    let names = [
        format!("{THING}:LABEL"),
        format!("{THING}:parts.value"),
        "displayname".to_owned(),
        format!("{}:nickName", urn::USER),
        "USERNAME".to_owned(),
        "externalId".to_owned(),
        "id".to_owned(),
        "meta.location".to_owned(),
        "schemas".to_owned(),
        "label".to_owned(),
        "not a name".to_owned(),
        THING.to_owned(),
        format!("{THING}:count"),
        format!("{THING}:parts"),
        format!("{THING}:pin"),
        "active".to_owned(),
    ];
    let lines = names.map(|name| format!("{name}\n  {}\n", on_user(&name)));
    expect![[r#"
        urn:example:params:scim:2.0:Thing:LABEL
          User /Users ["userName", "externalId", "emails.value", "groups.value", "urn:example:params:scim:2.0:Thing:code", "urn:example:params:scim:2.0:Thing:label"]
        urn:example:params:scim:2.0:Thing:parts.value
          User /Users ["userName", "externalId", "emails.value", "groups.value", "urn:example:params:scim:2.0:Thing:code", "urn:example:params:scim:2.0:Thing:parts.value"]
        displayname
          User /Users ["userName", "externalId", "emails.value", "groups.value", "urn:example:params:scim:2.0:Thing:code", "displayName"]
        urn:ietf:params:scim:schemas:core:2.0:User:nickName
          User /Users ["userName", "externalId", "emails.value", "groups.value", "urn:example:params:scim:2.0:Thing:code", "nickName"]
        USERNAME
          User /Users ["userName", "externalId", "emails.value", "groups.value", "urn:example:params:scim:2.0:Thing:code"]
        externalId
          User /Users ["userName", "externalId", "emails.value", "groups.value", "urn:example:params:scim:2.0:Thing:code"]
        id
          resource type `User` cannot index `id`, which is a common attribute; of those only `externalId` may be named
        meta.location
          resource type `User` cannot index `meta.location`, which is a common attribute; of those only `externalId` may be named
        schemas
          resource type `User` cannot index `schemas`, which is a common attribute; of those only `externalId` may be named
        label
          resource type `User` cannot index `label`, which it does not have
        not a name
          resource type `User` cannot index `not a name`, which is no attribute: expected the end, found `a` at byte 4 of the path
        urn:example:params:scim:2.0:Thing
          resource type `User` cannot index `urn:example:params:scim:2.0:Thing`, which is a whole schema
        urn:example:params:scim:2.0:Thing:count
          User /Users ["userName", "externalId", "emails.value", "groups.value", "urn:example:params:scim:2.0:Thing:code", "urn:example:params:scim:2.0:Thing:count"]
        urn:example:params:scim:2.0:Thing:parts
          resource type `User` cannot index `urn:example:params:scim:2.0:Thing:parts`, which is complex: name one of its sub-attributes
        urn:example:params:scim:2.0:Thing:pin
          resource type `User` cannot index `urn:example:params:scim:2.0:Thing:pin`, which is never returned and cannot be searched for
        active
          User /Users ["userName", "externalId", "emails.value", "groups.value", "urn:example:params:scim:2.0:Thing:code", "active"]
    "#]].assert_eq(&lines.concat());
    let attributes: Vec<Value> = (0..30).map(|number| json!({ "name": format!("a{number}") })).collect();
    let wide = schema("urn:example:Wide", Value::from(attributes));
    let names: Vec<String> = (0..30).map(|number| format!("a{number}")).collect();
    let with = |count: usize| {
        let names = names[..count].to_vec();
        shown(ResourceType::custom("W".to_owned(), "/Ws", String::new(), wide.clone(), Vec::new(), names))
    };
    assert!(with(19).starts_with("W /Ws"), "externalId is the twentieth");
    assert_eq!(with(20), "resource type `W` may have at most 20 indexed attributes, unique ones included");
}
