//! The discovery resources say what is served, and only that.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use crate::kinds;
use expect_test::expect;
use provost_scim::{
    AttrPath, ResourceType, Schema,
    discovery::{Capabilities, Discovery, Pagination},
    urn,
};
use serde_json::Value;

const BASE: &str = "https://example.com/scim/v2";

fn capabilities() -> Capabilities {
    Capabilities {
        patch: true,
        bulk: None,
        filter_max_results: 200,
        change_password: false,
        sort: false,
        etag: true,
        documentation_uri: None,
        pagination: None,
    }
}

fn paged(cursor: bool, cursor_timeout_s: Option<u64>) -> Pagination {
    Pagination { page_size_default: 50, page_size_max: 200, cursor, cursor_timeout_s }
}

fn with<T>(types: &[ResourceType], capabilities: &Capabilities, ask: impl FnOnce(Discovery<'_>) -> T) -> T {
    let types: Vec<&ResourceType> = types.iter().collect();
    ask(Discovery { types: &types, capabilities, base: BASE })
}

#[test]
fn service_provider_config() {
    let plain = with(&[], &capabilities(), |discovery| discovery.service_provider_config());
    expect![[r#"
        {
          "schemas": [
            "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
          ],
          "patch": {
            "supported": true
          },
          "bulk": {
            "supported": false,
            "maxOperations": 0,
            "maxPayloadSize": 0
          },
          "filter": {
            "supported": true,
            "maxResults": 200
          },
          "changePassword": {
            "supported": false
          },
          "sort": {
            "supported": false
          },
          "etag": {
            "supported": true
          },
          "authenticationSchemes": [
            {
              "type": "oauthbearertoken",
              "name": "OAuth Bearer Token",
              "description": "Authentication scheme using the OAuth Bearer Token Standard",
              "specUri": "https://www.rfc-editor.org/info/rfc6750",
              "primary": true
            }
          ],
          "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": "https://example.com/scim/v2/ServiceProviderConfig"
          }
        }"#]]
    .assert_eq(&format!("{plain:#}"));
    let full = Capabilities {
        bulk: Some((1000, 1_048_576)),
        documentation_uri: Some("https://example.com/help".to_owned()),
        pagination: Some(paged(false, None)),
        ..capabilities()
    };
    let full = with(&[], &full, |discovery| discovery.service_provider_config());
    expect![[r#""https://example.com/help" {"supported":true,"maxOperations":1000,"maxPayloadSize":1048576} {"cursor":false,"index":true,"defaultPaginationMethod":"index","defaultPageSize":50,"maxPageSize":200}"#]].assert_eq(&format!("{} {} {}", full["documentationUri"], full["bulk"], full["pagination"]));
}

#[test]
fn resource_types() {
    let types = [kinds::user(), kinds::group()];
    let list = with(&types, &capabilities(), |discovery| discovery.resource_types());
    expect![[r#"
        {
          "schemas": [
            "urn:ietf:params:scim:api:messages:2.0:ListResponse"
          ],
          "totalResults": 2,
          "startIndex": 1,
          "itemsPerPage": 2,
          "Resources": [
            {
              "schemas": [
                "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
              ],
              "id": "User",
              "name": "User",
              "description": "User Account",
              "endpoint": "/Users",
              "schema": "urn:ietf:params:scim:schemas:core:2.0:User",
              "schemaExtensions": [
                {
                  "schema": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
                  "required": false
                }
              ],
              "meta": {
                "resourceType": "ResourceType",
                "location": "https://example.com/scim/v2/ResourceTypes/User"
              }
            },
            {
              "schemas": [
                "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
              ],
              "id": "Group",
              "name": "Group",
              "description": "Group",
              "endpoint": "/Groups",
              "schema": "urn:ietf:params:scim:schemas:core:2.0:Group",
              "meta": {
                "resourceType": "ResourceType",
                "location": "https://example.com/scim/v2/ResourceTypes/Group"
              }
            }
          ]
        }"#]]
    .assert_eq(&format!("{list:#}"));
    let one = |name: &str| with(&types, &capabilities(), |discovery| discovery.resource_type(name));
    assert_eq!(one("User"), Some(list["Resources"][0].clone()), "RTY-01");
    assert_eq!(one("Device"), None, "RTY-07");
    let narrow = [kinds::user().narrowed(&["userName".parse::<AttrPath>().unwrap()])];
    let narrow = with(&narrow, &capabilities(), |discovery| discovery.resource_type("User")).unwrap();
    assert_eq!(narrow.get("schemaExtensions"), None, "RTY-02 an extension of which nothing is left");
}

#[test]
fn schemas() {
    let types = [kinds::user(), kinds::group()];
    let list = with(&types, &capabilities(), |discovery| discovery.schemas());
    let ids: Vec<&str> =
        list["Resources"].as_array().unwrap().iter().map(|schema| schema["id"].as_str().unwrap()).collect();
    assert_eq!(
        ids,
        [urn::USER, urn::ENTERPRISE_USER, urn::GROUP, urn::SERVICE_PROVIDER_CONFIG, urn::RESOURCE_TYPE, urn::SCHEMA],
        "SCH-01 SCH-12"
    );
    assert_eq!((&list["totalResults"], &list["itemsPerPage"]), (&Value::from(6), &Value::from(6)), "DSC-06");
    for schema in list["Resources"].as_array().unwrap() {
        let id = schema["id"].as_str().unwrap();
        let alone = with(&types, &capabilities(), |discovery| discovery.schema(&id.to_uppercase()));
        assert_eq!(alone.as_ref(), Some(schema), "SCH-02");
        assert_eq!(schema["meta"]["location"], format!("{BASE}/Schemas/{id}"), "DSC-08");
        assert_eq!(schema["schemas"], serde_json::json!([urn::SCHEMA]), "SCH-11");
        for attribute in schema["attributes"].as_array().unwrap() {
            check_attribute(attribute, id == urn::SCHEMA);
        }
    }
    assert_eq!(with(&types, &capabilities(), |discovery| discovery.schema("urn:example:Foo")), None, "SCH-02");
    for listed in with(&types, &capabilities(), |discovery| discovery.resource_types())["Resources"].as_array().unwrap()
    {
        let schema = listed["schema"].as_str().unwrap();
        assert!(with(&types, &capabilities(), |discovery| discovery.schema(schema)).is_some(), "RTY-04 {schema}");
    }
}

/// SCH-05, SCH-06, SCH-08, SCH-09; no null anywhere.
fn check_attribute(attribute: &Value, may_nest: bool) {
    let name = &attribute["name"];
    let types = ["string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex"];
    let kind = attribute["type"].as_str().unwrap();
    assert!(types.contains(&kind), "{name}");
    assert!(attribute["multiValued"].is_boolean() && attribute["required"].is_boolean(), "{name}");
    assert!(["readOnly", "readWrite", "immutable", "writeOnly"].contains(&attribute["mutability"].as_str().unwrap()));
    assert!(["always", "never", "default", "request"].contains(&attribute["returned"].as_str().unwrap()));
    assert!(attribute.as_object().unwrap().values().all(|value| !value.is_null()), "{name}");
    let has_subs = attribute.get("subAttributes").is_some();
    assert_eq!(kind == "complex", has_subs, "{name}");
    if kind == "complex" || kind == "boolean" {
        assert!(attribute.get("uniqueness").is_none() && attribute.get("caseExact").is_none(), "{name}");
    }
    for sub in attribute["subAttributes"].as_array().into_iter().flatten() {
        assert!(may_nest || sub["type"] != "complex", "{name}");
        check_attribute(sub, false);
    }
}

#[test]
fn schemas_tell_what_is_supported() {
    let supported = ["userName", "emails.value"].map(|path| path.parse::<AttrPath>().unwrap());
    let narrow = [kinds::user().narrowed(&supported)];
    let user = with(&narrow, &capabilities(), |discovery| discovery.schema(urn::USER)).unwrap();
    expect![[r#"
        [
          {
            "name": "userName",
            "type": "string",
            "multiValued": false,
            "description": "Unique identifier for the User, typically used by the user to directly authenticate to the service provider. Each User MUST include a non-empty userName value. This identifier MUST be unique across the service provider's entire set of Users. REQUIRED.",
            "required": true,
            "caseExact": false,
            "mutability": "readWrite",
            "returned": "default",
            "uniqueness": "server"
          },
          {
            "name": "emails",
            "type": "complex",
            "multiValued": true,
            "description": "Email addresses for the user. The value SHOULD be canonicalized by the service provider, e.g., 'bjensen@example.com' instead of 'bjensen@EXAMPLE.COM'. Canonical type values of 'work', 'home', and 'other'.",
            "required": false,
            "mutability": "readWrite",
            "returned": "default",
            "subAttributes": [
              {
                "name": "value",
                "type": "string",
                "multiValued": false,
                "description": "Email addresses for the user. The value SHOULD be canonicalized by the service provider, e.g., 'bjensen@example.com' instead of 'bjensen@EXAMPLE.COM'. Canonical type values of 'work', 'home', and 'other'.",
                "required": false,
                "caseExact": false,
                "mutability": "readWrite",
                "returned": "default",
                "uniqueness": "none"
              }
            ]
          }
        ]"#]].assert_eq(&format!("{:#}", user["attributes"]));
    let names = |capabilities: &Capabilities| -> Vec<String> {
        let schema = with(&[], capabilities, |discovery| discovery.schema(urn::SERVICE_PROVIDER_CONFIG)).unwrap();
        schema["attributes"].as_array().unwrap().iter().map(|attribute| attribute["name"].to_string()).collect()
    };
    let paged = Capabilities { pagination: Some(paged(false, None)), ..capabilities() };
    assert!(!names(&capabilities()).contains(&"\"pagination\"".to_owned()), "SCH-10");
    assert!(names(&paged).contains(&"\"pagination\"".to_owned()), "SCH-10");
    assert!(names(&paged).contains(&"\"etag\"".to_owned()), "SPC-06");
}

/// SPC-02, SPC-05, SPC-06 and RTY-03: the schemas of the discovery resources with the errata applied.
#[test]
fn own_schemas_are_the_corrected_ones() {
    let full = Capabilities { pagination: Some(paged(true, Some(600))), ..capabilities() };
    let shown = |urn: &str| with(&[], &full, |discovery| discovery.schema(urn)).unwrap();
    let find = |within: &Value, name: &str| -> Value {
        let list = within.as_array().unwrap();
        list.iter().find(|attribute| attribute["name"] == name).unwrap_or_else(|| panic!("{name}")).clone()
    };
    let config = shown(urn::SERVICE_PROVIDER_CONFIG);
    let schemes = find(&config["attributes"], "authenticationSchemes");
    let kinds = find(&schemes["subAttributes"], "type")["canonicalValues"].clone();
    let expected = serde_json::json!(["oauth", "oauth2", "oauthbearertoken", "httpbasic", "httpdigest"]);
    assert_eq!(kinds, expected, "SPC-05 SPC-06");
    let etag = find(&config["attributes"], "etag");
    assert_eq!(find(&etag["subAttributes"], "supported")["required"], true, "SPC-06");
    let pagination = find(&config["attributes"], "pagination");
    for (name, required) in [("cursor", true), ("index", true), ("cursorTimeout", false)] {
        assert_eq!(find(&pagination["subAttributes"], name)["required"], required, "SPC-09 {name}");
    }
    let extensions = find(&shown(urn::RESOURCE_TYPE)["attributes"], "schemaExtensions");
    assert_eq!(
        (&extensions["multiValued"], &extensions["required"]),
        (&Value::Bool(true), &Value::Bool(false)),
        "RTY-03"
    );
    for urn in [urn::SERVICE_PROVIDER_CONFIG, urn::RESOURCE_TYPE, urn::SCHEMA] {
        let schema = shown(urn);
        let attributes = schema["attributes"].as_array().unwrap().iter();
        let subs = attributes.clone().flat_map(|attribute| attribute["subAttributes"].as_array().into_iter().flatten());
        let parts: Vec<&Value> = attributes.clone().chain(subs).collect();
        assert!(parts.iter().all(|part| part["mutability"] == "readOnly"), "SPC-02 SCH-04 {urn}");
    }
    let config = with(&[], &full, |discovery| discovery.service_provider_config());
    for scheme in config["authenticationSchemes"].as_array().unwrap() {
        assert!(expected.as_array().unwrap().contains(&scheme["type"]), "SPC-05");
        assert!(scheme["name"].is_string() && scheme["description"].is_string(), "SPC-05");
    }
}

/// SPC-01, SPC-03, SPC-08, SPC-09, SPC-11, BLK-01, BLK-26.
#[test]
fn service_provider_config_says_what_works() {
    let shown = |capabilities: &Capabilities| with(&[], capabilities, |discovery| discovery.service_provider_config());
    let off = Capabilities { patch: false, etag: false, ..capabilities() };
    let on = Capabilities {
        bulk: Some((1_000, 1_048_576)),
        sort: true,
        change_password: true,
        pagination: Some(paged(true, Some(600))),
        ..capabilities()
    };
    for (name, capabilities, works) in [("off", &off, false), ("on", &on, true)] {
        let config = shown(capabilities);
        assert_eq!(config["schemas"], serde_json::json!([urn::SERVICE_PROVIDER_CONFIG]), "SPC-01 {name}");
        assert_eq!(config.get("id"), None, "SPC-02 {name}");
        for feature in ["patch", "bulk", "changePassword", "sort", "etag"] {
            assert_eq!(config[feature]["supported"], works, "SPC-03 SPC-08 BLK-01 {feature} {name}");
        }
        assert!(config["bulk"]["maxOperations"].is_u64() && config["bulk"]["maxPayloadSize"].is_u64(), "SPC-03 BLK-26");
        assert_eq!(config["filter"], serde_json::json!({"supported": true, "maxResults": 200}), "SPC-03");
        assert_eq!(config["meta"]["resourceType"], "ServiceProviderConfig", "SPC-11");
        assert_eq!(config["meta"]["location"], format!("{BASE}/ServiceProviderConfig"), "SPC-11 DSC-08 DSC-09");
    }
    let pagination = |cursor, timeout| {
        let pagination = Some(paged(cursor, timeout));
        shown(&Capabilities { pagination, ..capabilities() })["pagination"].to_string()
    };
    let with_cursor =
        r#"{"cursor":true,"index":true,"defaultPaginationMethod":"index","defaultPageSize":50,"maxPageSize":200"#;
    assert_eq!(pagination(true, Some(600)), format!(r#"{with_cursor},"cursorTimeout":600}}"#), "SPC-09 PGC-11");
    assert_eq!(pagination(true, None), format!("{with_cursor}}}"), "SPC-09 no fixed timeout");
    assert_eq!(pagination(true, Some(0)), format!("{with_cursor}}}"), "SPC-09 a timeout is positive");
    assert!(!pagination(false, Some(600)).contains("cursorTimeout"), "SPC-08 no cursors, no timeout");
    assert_eq!(shown(&capabilities()).get("pagination"), None, "SPC-09");
    assert_eq!(shown(&on).get("securityEvents"), None, "SPC-10");
}

#[test]
fn custom_types_and_extensions_are_discovered() {
    let schema = |urn: &str, names: &[&str]| {
        let attributes: Vec<Value> = names.iter().map(|name| serde_json::json!({ "name": name })).collect();
        Schema::from_value(serde_json::json!({"id": urn, "name": "N", "attributes": attributes})).unwrap()
    };
    let shared = schema("urn:example:Site", &["room", "floor"]);
    let user = kinds::user().with_extension(shared.clone(), false, Vec::new()).unwrap();
    let supported = ["userName", "urn:example:Site:floor"].map(|path| path.parse::<AttrPath>().unwrap());
    let thing = ResourceType::custom(
        "Thing".to_owned(),
        "/Things",
        "A thing".to_owned(),
        schema("urn:example:Thing", &["code"]),
        vec![(shared, true)],
        Vec::new(),
    );
    let types = [user.narrowed(&supported), kinds::group(), thing.unwrap()];
    let list = with(&types, &capabilities(), |discovery| discovery.schemas());
    let ids: Vec<&Value> = list["Resources"].as_array().unwrap().iter().map(|schema| &schema["id"]).collect();
    let own = [urn::SERVICE_PROVIDER_CONFIG, urn::RESOURCE_TYPE, urn::SCHEMA];
    let of_types = [urn::USER, "urn:example:Site", urn::GROUP, "urn:example:Thing"];
    assert_eq!(ids, [of_types.as_slice(), own.as_slice()].concat(), "SCH-01 SCH-03 each once");
    let site = with(&types, &capabilities(), |discovery| discovery.schema("URN:EXAMPLE:SITE")).unwrap();
    let names: Vec<&Value> =
        site["attributes"].as_array().unwrap().iter().map(|attribute| &attribute["name"]).collect();
    assert_eq!(names, ["floor", "room"], "SCH-03 SCH-10 what one of the types has");

    let listed = with(&types, &capabilities(), |discovery| discovery.resource_types());
    let shown = with(&types, &capabilities(), |discovery| discovery.resource_type("Thing")).unwrap();
    assert_eq!(listed["Resources"][2], shown, "RTY-01");
    assert_eq!(listed["totalResults"], 3, "DSC-02 DSC-06");
    expect![[r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],"id":"Thing","name":"Thing","description":"A thing","endpoint":"/Things","schema":"urn:example:Thing","schemaExtensions":[{"schema":"urn:example:Site","required":true}],"meta":{"resourceType":"ResourceType","location":"https://example.com/scim/v2/ResourceTypes/Thing"}}"#]].assert_eq(&shown.to_string());
    for kind in listed["Resources"].as_array().unwrap() {
        let extensions =
            kind["schemaExtensions"].as_array().into_iter().flatten().map(|extension| &extension["schema"]);
        for schema in extensions.chain([&kind["schema"]]) {
            let found = with(&types, &capabilities(), |discovery| discovery.schema(schema.as_str().unwrap()));
            assert_eq!(found.map(|found| found["id"].clone()).as_ref(), Some(schema), "RTY-04");
        }
    }
}
