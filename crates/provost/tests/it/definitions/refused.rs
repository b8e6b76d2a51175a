//! Definitions that break a rule.

use super::{BADGE, DEVICE, attribute, badge, device, standard, with_devices};
use serde_json::{Value, json};

/// The definition of a schema with other attributes.
fn schema(attributes: Value) -> Value {
    json!({ "id": BADGE, "name": "Badge", "attributes": attributes })
}

#[test]
fn a_schema_that_breaks_a_rule_is_refused_naming_the_rule() {
    let account = standard();
    let user = json!([{ "resource_type": "User" }]);
    let cases = [
        (
            "no URN",
            json!({ "schema": { "id": "badge", "attributes": [attribute("a", "string")] } }),
            "urn:namespace:name",
        ),
        (
            "a URN of the standard",
            json!({ "schema": { "id": "urn:ietf:params:scim:schemas:core:2.0:User", "attributes": [attribute("a", "string")] } }),
            "belongs to the standard",
        ),
        ("no attributes", json!({ "schema": schema(json!([])) }), "needs `attributes`"),
        ("a type that is none", json!({ "schema": schema(json!([attribute("a", "text")])) }), "`a`"),
        (
            "a name twice",
            json!({ "schema": schema(json!([attribute("a", "string"), attribute("A", "string")])) }),
            "twice",
        ),
        ("a name of every resource", json!({ "schema": schema(json!([attribute("meta", "string")])) }), "`meta`"),
        (
            "a name that is none",
            json!({ "schema": schema(json!([attribute("a b", "string")])) }),
            "begin with a letter",
        ),
        ("complex without parts", json!({ "schema": schema(json!([attribute("a", "complex")])) }), "subAttributes"),
        ("an unknown member", json!({ "schema": schema(json!([{ "name": "a", "typ": "string" }])) }), "`typ`"),
        ("no document", json!({ "schema": [] }), "must be an object"),
        (
            "an index on what it does not have",
            json!({ "schema": badge(), "extends": user, "indexed": ["shoe"] }),
            "shoe",
        ),
        (
            "an index on what has parts",
            json!({ "schema": badge(), "extends": user, "indexed": ["doors"] }),
            "complex: name one of its sub-attributes",
        ),
        (
            "an extension of nothing known",
            json!({ "schema": badge(), "extends": [{ "resource_type": "Device" }] }),
            "Device",
        ),
        (
            "one type twice",
            json!({ "schema": badge(), "extends": [{ "resource_type": "User" }, { "resource_type": "User" }] }),
            "named already",
        ),
        ("an unknown member of the request", json!({ "schema": badge(), "extend": [] }), "extend"),
    ];
    let count = cases.len();
    for (name, request, said) in cases {
        let refused = account.api("POST", "/schemas", request).expect(400).json();
        assert!(refused["detail"].as_str().expect("a sentence").contains(said), "{name}: {refused}");
    }
    account.api("POST", "/schemas", json!({ "schema": badge(), "extends": user })).expect(201);
    let mut other_case = badge();
    other_case["id"] = json!(BADGE.to_uppercase().replace("URN:", "urn:"));
    account.api("POST", "/schemas", json!({ "schema": other_case })).expect(409);
    let mut below = badge();
    below["id"] = json!(format!("{BADGE}:more"));
    account.api("POST", "/schemas", json!({ "schema": below, "extends": user })).expect(400);
    let refused = account.audit().into_iter().filter(|entry| entry["outcome"] == "failure").count();
    assert_eq!(refused, count + 2, "each is recorded");
}

#[test]
fn a_type_that_breaks_a_rule_is_refused_naming_the_rule() {
    let account = with_devices();
    let mut other = device();
    other["id"] = json!("urn:acme:params:scim:other");
    account.api("POST", "/schemas", json!({ "schema": other })).expect(201);
    let new =
        |name: &str, endpoint: &str, schema: &str| json!({ "name": name, "endpoint": endpoint, "schema": schema });
    let other = "urn:acme:params:scim:other";
    let mut extended = new("Other", "/Others", other);
    extended["extensions"] = json!([{ "schema": "urn:acme:unknown" }]);
    let mut indexed = new("Other", "/Others", other);
    indexed["indexed"] = json!(["meta.created"]);
    for (name, request, status, said) in [
        ("a schema that is not there", new("Other", "/Others", "urn:acme:unknown"), 400, "urn:acme:unknown"),
        (
            "a schema of the standard",
            new("Other", "/Others", "urn:ietf:params:scim:schemas:core:2.0:User"),
            400,
            "no schema",
        ),
        ("a name of the standard", new("User", "/Others", other), 400, "taken by the standard"),
        ("an endpoint of the standard", new("Other", "/Users", other), 400, "means something else"),
        ("an endpoint that is a version", new("Other", "/v2", other), 400, "v2"),
        (
            "an endpoint that begins with a digit",
            new("Other", "/01890000-0000-7000-8000-000000000000", other),
            400,
            "must begin with a letter",
        ),
        (
            "an endpoint that could be an id",
            new("Other", "/a1890000-0000-7000-8000-000000000000", other),
            400,
            "could be an id",
        ),
        ("an endpoint of two segments", new("Other", "/a/b", other), 400, "endpoint"),
        ("no endpoint", new("Other", "", other), 400, "endpoint"),
        ("a name that is taken", new("device", "/Others", other), 409, "same name, endpoint or schema"),
        ("an endpoint that is taken", new("Other", "/devices", other), 409, "same name, endpoint or schema"),
        ("a schema that is taken", new("Other", "/Others", DEVICE), 409, "same name, endpoint or schema"),
        ("an extension that is not there", extended, 400, "urn:acme:unknown"),
        ("an index on what every resource has", indexed, 400, "common attribute"),
    ] {
        let refused = account.api("POST", "/resource-types", request).expect(status).json();
        assert!(refused["detail"].as_str().expect("a sentence").contains(said), "{name}: {refused}");
    }
    let list = account.api("GET", "/resource-types", Value::Null).expect(200).json();
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1));
}
