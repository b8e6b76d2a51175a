//! Filters beside the schema: whom they match, and which are refused by meaning (RFC 7644 §3.4.2.2).

use provost_scim::{Attribute, Filter, ResourceType, Schema, ScimError, ScimType};
use serde_json::{Map, Value, json};

/// A user with the enterprise extension and an extension whose attributes have the types that User lacks.
fn user_type() -> ResourceType {
    let mut user = ResourceType::user().expect("the schemas in the crate are sound");
    let extra = r#"{ "id": "urn:example:Extra", "attributes": [
        { "name": "age", "type": "integer" },
        { "name": "score", "type": "decimal" },
        { "name": "tags", "multiValued": true },
        { "name": "thumb", "type": "binary" },
        { "name": "pin", "returned": "never" },
        { "name": "keys", "type": "complex", "multiValued": true, "subAttributes": [
            { "name": "value", "mutability": "writeOnly" }, { "name": "label" } ] },
        { "name": "events", "type": "complex", "subAttributes": [ { "name": "uris", "multiValued": true } ] }
    ] }"#;
    user.extensions.push((Schema::load(extra).expect("a sound schema"), false));
    user
}

fn barbara() -> Map<String, Value> {
    let value = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User",
                    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
        "id": "2819c223-7f76-453a-919d-413861904646",
        "externalId": "BJensen",
        "userName": "bjensen@Example.com",
        "name": { "familyName": "O'Malley", "givenName": "Barbara", "honorificPrefix": "" },
        "displayName": "Jose\u{301}",
        "userType": "Employee",
        "active": false,
        "emails": [
            { "value": "bjensen@example.com", "type": "work", "primary": true },
            { "value": "babs@jensen.org", "type": "home" },
            { "value": "third@jensen.org" }
        ],
        "x509Certificates": [{ "value": "MIIDQzCC" }],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "manager": { "value": "26118915" } },
        "urn:example:Extra": { "age": 0, "score": 1.5, "thumb": "QUJD", "tags": ["red", "Green"],
                              "events": { "uris": ["a", "b"] } },
        "meta": { "resourceType": "User", "created": "2010-01-23T04:56:22Z", "lastModified": "2011-05-13T04:42:34Z",
                  "version": "W/\"a330bc54f0671c9\"" }
    });
    let Value::Object(members) = value else { unreachable!("an object is written above") };
    members
}

/// `true`, `false`, or why the filter is refused.
fn shown(text: &str) -> String {
    let filter = Filter::parse(text).expect("the case is well formed");
    match filter.resolve(&user_type()) {
        Ok(query) => query.matches(&barbara()).to_string(),
        Err(error) => error.to_string(),
    }
}

#[track_caller]
fn check(expected: &str, filters: &[&str]) {
    for text in filters {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn equality_follows_case_exact() {
    check(
        "true",
        &[
            "userName eq \"BJENSEN@example.COM\"", // CHR-18
            "USERNAME EQ \"bjensen@example.com\"", // FLT-01 MOD-01
            "externalId eq \"BJensen\"",
            "displayName eq \"jos\\u00e9\"", // FLT-37
            "externalId ne \"bjensen\"",
            "urn:EXAMPLE:extra:TAGS eq \"GREEN\"",
            "schemas eq \"urn:ietf:params:scim:schemas:Extension:enterprise:2.0:User\"", // FLT-18
            "x509Certificates.value eq \"MIIDQzCC\"",
        ],
    );
    check(
        "false",
        &[
            "userName ne \"BJENSEN@example.COM\"",
            "externalId eq \"bjensen\"", // COM-12
            "id eq \"2819C223-7F76-453A-919D-413861904646\"",
            "urn:example:Extra:thumb eq \"qujd\"", // MOD-16
            "x509Certificates.value eq \"miidqzcc\"",
            "schemas eq \"urn:example:other\"",
        ],
    );
}

#[test]
fn paths_lead_to_core_common_and_extension_attributes() {
    check(
        "true",
        &[
            "name.familyName co \"O'Malley\"", // FLT-16
            "urn:ietf:params:scim:schemas:core:2.0:User:userName sw \"bj\"",
            "urn:ietf:params:scim:schemas:core:2.0:User:name.givenName eq \"Barbara\"",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq \"26118915\"",
            "id eq \"2819c223-7f76-453a-919d-413861904646\"", // FLT-17
            "externalId pr and meta.created pr and schemas pr",
            "meta.resourceType eq \"User\"", // LST-09
            "meta.version eq \"W/\\\"a330bc54f0671c9\\\"\"",
            "urn:example:Extra:events.uris eq \"b\"", // MOD-09
        ],
    );
    check("false", &["urn:example:Extra:events.uris eq \"c\"", "title pr", "meta.location pr"]);
}

#[test]
fn text_operators() {
    check(
        "true",
        &[
            "userName co \"ENSEN@\"", // FLT-27
            "userName sw \"BJ\"",
            "userName sw \"bjensen@example.com\"",
            "userName ew \"bjensen@example.com\"",
            "userName ew \".COM\"",
            "userName gt \"Alpha\" and userName lt \"C\"", // FLT-29
            "userName ge \"BJENSEN@EXAMPLE.COM\" and userName le \"BJENSEN@EXAMPLE.COM\"",
            "externalId lt \"bJensen\"",
        ],
    );
    check(
        "false",
        &[
            "userName sw \"ensen\"",
            "userName gt \"bjensen@example.com\"",
            "externalId co \"bjens\"",
            "title co \"\"",
            "title lt \"z\"",
        ],
    );
}

#[test]
fn presence() {
    // FLT-28
    check("true", &["active pr", "urn:example:Extra:age pr", "name pr", "emails pr", "urn:example:Extra:tags pr"]);
    check("false", &["title pr", "name.honorificPrefix pr", "phoneNumbers pr", "emails.display pr", "addresses pr"]);
}

#[test]
fn several_values() {
    check(
        "true",
        &[
            "emails co \"jensen.org\"", // FLT-22
            "emails eq \"babs@jensen.org\"",
            "emails.type eq \"work\" and emails.value co \"@jensen.org\"", // FLT-20
            "emails[type eq \"work\" and value co \"@example.com\"]",
            "emails[type eq \"work\"].value eq \"bjensen@example.com\"", // FLT-14 PIT-09
            "emails[not (type eq \"work\") and not (type eq \"home\")]",
            "emails[type ne \"work\"]", // FLT-35
            "emails.type ne \"work\"",
            "emails[primary eq \"True\"].value sw \"bj\"", // PIT-02
            "urn:example:Extra:tags ne \"red\"",
            "urn:example:Extra:tags[value sw \"gr\"]", // PAT-26
            "name[familyName sw \"O\" and givenName sw \"B\"]",
        ],
    );
    check(
        "false",
        &[
            "emails[type eq \"work\" and value co \"@jensen.org\"]", // FLT-20
            "emails[type eq \"work\"].value eq \"babs@jensen.org\"",
            "phoneNumbers ne \"1\"", // FLT-35
            "phoneNumbers.type ne \"work\"",
            "phoneNumbers[not (type eq \"work\")]",
            "urn:example:Extra:events.uris ne \"a\" and urn:example:Extra:events.uris eq \"c\"",
            "emails[value pr and display pr]", // FLT-21
        ],
    );
}

#[test]
fn several_values_of_a_sub_attribute_that_has_none_satisfy_nothing() {
    let mut user = user_type();
    let schema = r#"{ "id": "urn:example:Parts", "attributes": [
        { "name": "parts", "type": "complex", "multiValued": true,
          "subAttributes": [ { "name": "value" }, { "name": "codes", "multiValued": true } ] },
        { "name": "part", "type": "complex", "subAttributes": [ { "name": "value" }, { "name": "codes", "multiValued": true } ] }
    ] }"#;
    user.extensions.push((Schema::load(schema).expect("a sound schema"), false));
    let parts = json!({ "parts": [{ "value": "a" }], "part": { "value": "a" } });
    let Value::Object(resource) = json!({ "urn:example:Parts": parts }) else {
        unreachable!("an object is written above")
    };
    // FLT-35
    for (filter, expected) in [
        ("urn:example:Parts:parts.codes ne \"x\"", false),
        ("urn:example:Parts:part.codes ne \"x\"", false),
        ("urn:example:Parts:parts[codes ne \"x\"]", false),
        ("urn:example:Parts:parts[not (codes eq \"x\")]", true),
        ("urn:example:Parts:parts.codes eq null", true),
        ("urn:example:Parts:part.value ne \"x\"", true),
    ] {
        let query = Filter::parse(filter).expect("the case is well formed").resolve(&user).expect("the case fits");
        assert_eq!(query.matches(&resource), expected, "{filter}");
    }
}

#[test]
fn negation_and_null_have_two_truth_values() {
    check(
        "true",
        &[
            "title ne \"x\"",       // FLT-35
            "not (title eq \"x\")", // FLT-36
            "not (title gt \"x\") and not (title le \"x\")",
            "title eq null", // FLT-34
            "externalId ne null",
            "name ne null and phoneNumbers eq null and emails ne null",
            "emails[type eq null]",
            "name.honorificPrefix eq null",
        ],
    );
    check("false", &["title ne null", "externalId eq null", "not (title eq null)", "emails[value eq null]"]);
}

#[test]
fn booleans_numbers_and_instants() {
    check(
        "true",
        &[
            "active eq false",
            "active ne true",
            "active eq \"False\"",          // Entra sends `roles[primary eq "True"]`
            "urn:example:Extra:age eq 0.0", // FLT-29
            "urn:example:Extra:age gt -1 and urn:example:Extra:age lt 1e2",
            "urn:example:Extra:score ge 1.5 and urn:example:Extra:score lt 2",
            "urn:example:Extra:score le 18446744073709551615",
            "meta.lastModified eq \"2011-05-13T06:42:34+02:00\"", // FLT-32
            "meta.lastModified eq \"2011-05-13T04:42:34.000Z\"",
            "meta.lastModified eq \"2011-05-13T04:42:34\"", // MOD-15
            "meta.lastModified gt \"2011-05-13T06:42:33+02:00\"",
            "meta.created lt \"2011-05-13T04:42:34Z\"",
            "meta.created ne \"2011-05-13T04:42:34Z\"",
        ],
    );
    check(
        "false",
        &[
            "active eq true",
            "emails.primary eq false",
            "urn:example:Extra:age ne 0",
            "meta.lastModified gt \"2011-05-13T04:42:34Z\"",
        ],
    );
}

#[test]
fn what_the_schema_does_not_allow_is_refused() {
    for (text, expected) in [
        // FLT-24
        ("favouriteColour eq \"x\"", "`favouriteColour` is not an attribute of this resource type"),
        ("name.nick pr", "`name.nick` is not an attribute of this resource type"),
        ("employeeNumber eq \"7\"", "`employeeNumber` is not an attribute of this resource type"),
        ("urn:example:Other:x pr", "`urn:example:Other:x` is not an attribute of this resource type"),
        ("emails[colour eq \"x\"]", "`emails.colour` is not an attribute of this resource type"),
        ("emails[emails.type eq \"x\"]", "`emails.emails.type` is not an attribute of this resource type"),
        ("urn:example:Extra:tags[type pr]", "`tags.type` is not an attribute of this resource type"),
        ("urn:example:Extra pr", "`urn:example:Extra` is a schema: ask for it with `schemas eq`"),
        // USR-16
        ("password eq \"x\"", "`password` is never returned and may not be used in a filter"),
        ("not (PASSWORD pr)", "`PASSWORD` is never returned and may not be used in a filter"),
        ("urn:example:Extra:pin eq null", "`urn:example:Extra:pin` is never returned and may not be used in a filter"),
        (
            "urn:example:Extra:keys eq \"x\"",
            "`urn:example:Extra:keys` is never returned and may not be used in a filter",
        ),
        ("urn:example:Extra:keys[value sw \"x\"]", "`value` is never returned and may not be used in a filter"),
        // FLT-22 FLT-23
        ("name eq \"x\"", "`name` is complex: name one of its sub-attributes"),
        ("addresses eq \"x\"", "`addresses` is complex: name one of its sub-attributes"),
        ("userName[value pr]", "`userName` has one value without sub-attributes and takes no value filter"),
        ("emails.value[value pr]", "`emails.value` is a sub-attribute and takes no value filter"),
        // FLT-30
        ("active gt true", "`active` is a boolean and cannot be compared with gt"),
        ("x509Certificates.value lt \"AA\"", "`x509Certificates.value` is binary and cannot be compared with lt"),
        // FLT-31
        ("active co \"t\"", "`active` is a boolean and cannot be compared with co"),
        ("urn:example:Extra:age sw 1", "`urn:example:Extra:age` is a number and cannot be compared with sw"),
        ("meta.created sw \"2011\"", "`meta.created` is a dateTime and cannot be compared with sw"),
        // FLT-33
        ("active eq \"yes\"", "`active` is a boolean and cannot be compared with \"yes\""),
        ("active eq 1", "`active` is a boolean and cannot be compared with 1"),
        ("userName eq 5", "`userName` is a string and cannot be compared with 5"),
        ("userName eq true", "`userName` is a string and cannot be compared with true"),
        ("urn:example:Extra:age eq \"5\"", "`urn:example:Extra:age` is a number and cannot be compared with \"5\""),
        ("meta.created gt \"yesterday\"", "`meta.created` is a dateTime and cannot be compared with \"yesterday\""),
        ("meta.created gt \"2011-05-13\"", "`meta.created` is a dateTime and cannot be compared with \"2011-05-13\""),
        // FLT-34
        ("userName gt null", "`userName` can only be compared with null by eq and ne"),
        ("name co null", "`name` can only be compared with null by eq and ne"),
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn a_refusal_answers_invalid_filter() {
    let filter = Filter::parse("userName pr and password pr").expect("well formed");
    let error = ScimError::from(filter.resolve(&user_type()).expect_err("password is never returned"));
    assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidFilter)), "USR-16");
}

#[test]
fn the_checklist_vectors_mean_something_for_users() {
    for text in [
        r#"title pr or userType eq "Intern" and active eq true"#,
        r#"not (userType eq "Employee")"#,
        r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#,
        r#"emails[type eq "work" and value co "@foo.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#,
        r#"groups[$ref pr]"#,
    ] {
        assert_eq!(shown(text), "false", "{text}");
    }
    check(
        "true",
        &[
            r#"emails[type eq "work" or (type eq "home" and value ew "@example.com")]"#,
            r#"emails[not (type eq "home")]"#,
            r#"meta.lastModified ge "2011-05-13T04:42:34Z""#,
            "((userName pr))",
        ],
    );
}

fn within(attribute: &Attribute, text: &str, element: &Value) -> String {
    match Filter::parse(text).expect("the case is well formed").resolve_within(attribute) {
        Ok(query) => query.matches_element(element).to_string(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn value_filters_of_patch_paths() {
    let user = user_type();
    let emails = user.schema.attribute("emails").expect("a core attribute");
    let schemas = user.top_level("schemas").expect("a common attribute");
    let name = user.schema.attribute("name").expect("a core attribute");
    let work = json!({ "type": "Work", "value": "a@b", "primary": true });
    for (attribute, text, element, expected) in [
        (emails, r#"TYPE eq "work""#, &work, "true"),
        (emails, r#"type eq "work" and not (display pr)"#, &work, "true"),
        (emails, r#"type eq "home" or primary eq "TRUE""#, &work, "true"),
        (emails, r#"display ne "x""#, &work, "true"),
        (emails, r#"type eq "home""#, &work, "false"),
        (emails, "display pr", &json!({}), "false"),
        (emails, "primary eq 1", &work, "`primary` is a boolean and cannot be compared with 1"),
        (emails, "userName pr", &work, "`emails.userName` is not an attribute of this resource type"),
        (emails, "emails[type pr]", &work, "`emails.emails` is not an attribute of this resource type"),
        // PAT-26
        (schemas, r#"value eq "urn:X""#, &json!("urn:x"), "true"),
        (schemas, r#"value ne "urn:x""#, &json!("urn:x"), "false"),
        (schemas, "type pr", &json!("urn:x"), "`schemas.type` is not an attribute of this resource type"),
        // PAT-27
        (name, "familyName pr", &json!({}), "`name` has one value, and a value filter selects among several"),
    ] {
        assert_eq!(within(attribute, text, element), expected, "{text}");
    }
}
