//! Projection: what `attributes`, `excludedAttributes` and `returned` leave of a resource (RFC 7644 §3.9).

use provost_scim::{Projection, ResourceType, Schema, ScimType, Sent};
use serde_json::{Map, Value, json};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// A user type with an extension that has every `returned`, for attributes and for sub-attributes.
fn user_type() -> ResourceType {
    let mut user = ResourceType::user().expect("the schemas in the crate are sound");
    let extra = r#"{ "id": "urn:example:Extra", "attributes": [
        { "name": "badge", "returned": "always" },
        { "name": "notes", "returned": "request" },
        { "name": "pin", "returned": "never" },
        { "name": "car", "type": "complex", "multiValued": true, "subAttributes": [
            { "name": "plate", "returned": "always" }, { "name": "brand" },
            { "name": "price", "returned": "request" }, { "name": "key", "returned": "never" } ] }
    ] }"#;
    user.extensions.push((Schema::load(extra).expect("a sound schema"), false));
    user
}

fn resource(plain: bool) -> Map<String, Value> {
    let mut value = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "id": "1",
        "userName": "a",
        "name": { "familyName": "f", "givenName": "g" },
        "password": "secret",
        "emails": [{ "value": "v", "type": "work" }, { "value": "w" }],
        (ENTERPRISE): { "department": "d", "manager": { "value": "m", "displayName": "M" } },
        "meta": { "resourceType": "User", "version": "1" }
    });
    if !plain {
        let car = json!([{ "plate": "p", "brand": "b", "price": "9", "key": "k" }, { "key": "k" }]);
        value["urn:example:Extra"] = json!({ "badge": "b", "notes": "n", "pin": "0", "car": car });
    }
    let Value::Object(members) = value else { unreachable!("an object is written above") };
    members
}

/// What is left, `schemas` and `id` (which always are) not shown.
fn shown(attributes: &str, excluded: &str, resource: Map<String, Value>) -> String {
    let projection = Projection::parse(Some(attributes), Some(excluded)).expect("the case has sound names");
    let mut left = projection.apply(&user_type(), resource);
    assert!(
        left.shift_remove("schemas").is_some() && left.shift_remove("id").is_some(),
        "PRJ-06 {attributes} {excluded}"
    );
    Value::Object(left).to_string()
}

const NAME: &str = r#""name":{"familyName":"f","givenName":"g"}"#;
const EMAILS: &str = r#""emails":[{"value":"v","type":"work"},{"value":"w"}]"#;
const EXTENSION: &str = concat!(
    r#""urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":"#,
    r#"{"department":"d","manager":{"value":"m","displayName":"M"}}"#
);
const META: &str = r#""meta":{"resourceType":"User","version":"1"}"#;

#[test]
fn attributes_name_what_is_returned() {
    let everything = format!(r#"{{"userName":"a",{NAME},{EMAILS},{EXTENSION},{META}}}"#);
    for (attributes, expected) in [
        ("", everything.as_str()),                // PRJ-17
        (" , ,", everything.as_str()),            // PRJ-03
        ("userName", r#"{"userName":"a"}"#),      // PRJ-04 S-7
        (" USERNAME ,, ", r#"{"userName":"a"}"#), // PRJ-03 PRJ-09
        ("id", "{}"),
        ("name", &format!("{{{NAME}}}")),                    // PRJ-13 PIT-26
        ("name.GIVENNAME", r#"{"name":{"givenName":"g"}}"#), // PRJ-13
        ("name.givenName,name", &format!("{{{NAME}}}")),     // PRJ-13
        ("emails.type", r#"{"emails":[{"type":"work"}]}"#),  // PRJ-15
        ("emails.display", "{}"),                            // PRJ-15
        ("meta.version", r#"{"meta":{"version":"1"}}"#),
        ("password", "{}"), // CHR-12 CHR-10
        ("urn:ietf:params:scim:schemas:core:2.0:user:userName", r#"{"userName":"a"}"#), // PRJ-09
        ("unknown,name.unknown,urn:x:y", "{}"), // PRJ-16
        ("department", "{}"), // PRJ-11
        (ENTERPRISE, &format!("{{{EXTENSION}}}")), // PRJ-12 PRJ-18
        (
            "urn:ietf:params:scim:schemas:EXTENSION:enterprise:2.0:User:manager.displayName", // PRJ-09 PRJ-18
            r#"{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"displayName":"M"}}}"#,
        ),
    ] {
        assert_eq!(shown(attributes, "", resource(true)), expected, "attributes={attributes}");
    }
}

#[test]
fn excluded_attributes_name_what_is_left_out() {
    for (excluded, expected) in [
        ("userName,META", format!("{{{NAME},{EMAILS},{EXTENSION}}}")), // PRJ-05
        ("id,schemas,emails", format!(r#"{{"userName":"a",{NAME},{EXTENSION},{META}}}"#)), // PRJ-05 PRJ-06
        (
            "name.familyName,emails.value", // PRJ-14
            format!(r#"{{"userName":"a","name":{{"givenName":"g"}},"emails":[{{"type":"work"}}],{EXTENSION},{META}}}"#),
        ),
        ("name.familyName,name.givenName", format!(r#"{{"userName":"a",{EMAILS},{EXTENSION},{META}}}"#)), // PRJ-15
        (ENTERPRISE, format!(r#"{{"userName":"a",{NAME},{EMAILS},{META}}}"#)),                            // PRJ-12
        (
            &format!("{ENTERPRISE}:manager,emails,name,meta"), // PRJ-09
            r#"{"userName":"a","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"d"}}"#
                .to_owned(),
        ),
        ("unknown", format!(r#"{{"userName":"a",{NAME},{EMAILS},{EXTENSION},{META}}}"#)), // PRJ-16
    ] {
        assert_eq!(shown("", excluded, resource(true)), expected, "excludedAttributes={excluded}");
    }
}

#[test]
fn returned_decides_together_with_the_names() {
    let core = "schemas,userName,name,emails,meta,urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let extra = |members: &str| format!(r#"{{"urn:example:Extra":{{{members}}}}}"#);
    for (excluded, expected) in [
        (core.to_owned(), extra(r#""badge":"b","car":[{"plate":"p","brand":"b"}]"#)), // CHR-11 CHR-12
        (format!("{core},urn:example:Extra"), extra(r#""badge":"b""#)),               // PRJ-05
        (format!("{core},urn:example:Extra:badge"), extra(r#""badge":"b","car":[{"plate":"p","brand":"b"}]"#)),
        (format!("{core},urn:example:Extra:car.plate"), extra(r#""badge":"b","car":[{"plate":"p","brand":"b"}]"#)),
        (format!("{core},urn:example:Extra:car.brand"), extra(r#""badge":"b","car":[{"plate":"p"}]"#)), // PRJ-14
        (format!("{core},urn:example:Extra:car"), extra(r#""badge":"b""#)),
    ] {
        assert_eq!(shown("", &excluded, resource(false)), expected, "excludedAttributes={excluded}");
    }
    for (attributes, expected) in [
        ("id", extra(r#""badge":"b""#)),                                  // CHR-11
        ("urn:example:Extra:notes", extra(r#""badge":"b","notes":"n""#)), // named
        ("urn:example:Extra:pin", extra(r#""badge":"b""#)),               // CHR-12
        ("urn:example:Extra:car", extra(r#""badge":"b","car":[{"plate":"p","brand":"b"}]"#)), // PRJ-13
        ("urn:example:Extra:car.price", extra(r#""badge":"b","car":[{"plate":"p","price":"9"}]"#)), // PRJ-13
        ("urn:example:Extra:car.key", extra(r#""badge":"b","car":[{"plate":"p"}]"#)), // CHR-12
    ] {
        assert_eq!(shown(attributes, "", resource(false)), expected, "attributes={attributes}");
    }
}

/// What is left of the extension when this is sent, as a body or as an operation.
fn answered(attributes: &str, excluded: &str, sent: Sent) -> Value {
    let projection = Projection::parse(Some(attributes), Some(excluded)).expect("the case has sound names");
    let mut left = projection.with_sent(sent).apply(&user_type(), resource(false));
    left.shift_remove("urn:example:Extra").expect("a badge is always returned")
}

#[test]
fn chr_13_what_is_returned_on_request_is_shown_where_it_is_sent() {
    let plain = json!({ "badge": "b", "car": [{ "plate": "p", "brand": "b" }] });
    let notes = json!({ "badge": "b", "notes": "n", "car": [{ "plate": "p", "brand": "b" }] });
    let price = json!({ "badge": "b", "car": [{ "plate": "p", "brand": "b", "price": "9" }] });
    let extra = |value: Value| json!({ "urn:example:extra": value });
    for (name, body, expected) in [
        ("nothing", json!({}), &plain),
        ("what is returned anyway", extra(json!({ "badge": "b", "car": [{ "brand": "b" }] })), &plain),
        ("what is never returned", extra(json!({ "pin": "0", "car": [{ "key": "k" }] })), &plain),
        ("an attribute", extra(json!({ "Notes": "n" })), &notes),
        ("null", extra(json!({ "notes": null })), &notes),
        ("a sub-attribute", extra(json!({ "car": [{ "plate": "p" }, { "PRICE": "9" }] })), &price),
        ("of another schema", json!({ "notes": "n", "car": [{ "price": "9" }] }), &plain),
        ("no object", json!([{ "notes": "n" }]), &plain),
        ("no extension", extra(json!(7)), &plain),
    ] {
        assert_eq!(&answered("", "", Sent::in_resource(&user_type(), &body)), expected, "{name}");
    }
    let operation = |op: &str, path: Value, value: Value| {
        let operations = json!([{ "op": op, "path": path, "value": value }]);
        let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations });
        Sent::in_patch(&user_type(), &body)
    };
    for (name, op, path, value, expected) in [
        ("another", "add", json!("title"), json!("t"), &plain),
        ("unknown", "add", json!("notes"), json!("n"), &plain),
        ("by path", "add", json!("urn:example:Extra:notes"), json!("n"), &notes),
        ("removed", "remove", json!("urn:example:Extra:notes"), Value::Null, &notes),
        ("of the extension", "Replace", json!("urn:example:Extra"), json!({ "NOTES": "n" }), &notes),
        ("without path", "replace", Value::Null, extra(json!({ "notes": "n" })), &notes),
        ("a key that is a path", "replace", Value::Null, json!({ "urn:example:Extra:notes": "n" }), &notes),
        ("in an element", "add", json!("urn:example:Extra:car"), json!([{ "price": "9" }]), &price),
        ("a sub-attribute", "add", json!("urn:example:Extra:car.price"), json!("9"), &price),
        ("behind a filter", "add", json!("urn:example:Extra:car[plate eq \"p\"].price"), json!("9"), &price),
        ("in a filter only", "add", json!("urn:example:Extra:car[price eq \"9\"].brand"), json!("b"), &plain),
        ("no operation", "multiply", json!("urn:example:Extra:notes"), json!("n"), &plain),
    ] {
        assert_eq!(&answered("", "", operation(op, path, value)), expected, "{name}");
    }
    let both = || Sent::in_resource(&user_type(), &extra(json!({ "notes": "n", "car": [{ "price": "9" }] })));
    for (attributes, excluded, expected) in [
        ("", "urn:example:Extra:notes,urn:example:Extra:car", json!({ "badge": "b" })),
        ("", "urn:example:Extra", json!({ "badge": "b" })),
        ("", "urn:example:Extra:car.price", notes),
        (
            "",
            "urn:example:Extra:car.brand,urn:example:Extra:notes",
            json!({ "badge": "b", "car": [{ "plate": "p", "price": "9" }] }),
        ),
        ("userName", "", json!({ "badge": "b" })),
        ("urn:example:Extra:notes", "", json!({ "badge": "b", "notes": "n" })),
    ] {
        assert_eq!(answered(attributes, excluded, both()), expected, "{attributes} {excluded}");
    }
    let standard = ResourceType::user().expect("the schemas in the crate are sound");
    let nothing = Sent::in_resource(&standard, &json!({ "userName": "a", "password": "secret" }));
    assert_eq!((standard.returns_on_request(), nothing), (false, Sent::default()));
}

#[test]
fn the_default_carries_what_the_schema_returns() {
    assert!(Projection::default().is_default());
    let left = Projection::default().apply(&user_type(), resource(true));
    let mut expected = resource(true);
    expected.shift_remove("password");
    assert_eq!(left, expected, "CHR-10 CHR-12");
    assert_eq!(left.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "the order stays");
}

#[test]
fn parameters_that_are_refused() {
    let parse = |attributes: Option<&str>, excluded: Option<&str>| {
        Projection::parse(attributes, excluded).map(|projection| projection.is_default())
    };
    for (attributes, excluded) in [(None, None), (Some(""), None), (None, Some(" ,")), (Some(""), Some(""))] {
        assert_eq!(parse(attributes, excluded), Ok(true), "PRJ-17");
    }
    assert_eq!(parse(Some("userName"), Some("")), Ok(false), "PRJ-17");
    let many = |names: usize| vec!["a"; names].join(",");
    assert_eq!(parse(Some(&many(200)), None), Ok(false));
    for (attributes, excluded, detail) in [
        ("a", "b", "`attributes` and `excludedAttributes` exclude each other: send one of them"), // PRJ-07 PRJ-08
        (&many(201), "", "`attributes` may have 200 names"),
        (
            "",
            "emails[type pr]",
            "`excludedAttributes` holds what is no attribute name: expected the end, found `[` at byte 6 of the path",
        ),
    ] {
        let error = parse(Some(attributes), Some(excluded)).expect_err("refused");
        assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidValue)), "PRJ-08");
        assert_eq!(error.detail, detail);
    }
}
