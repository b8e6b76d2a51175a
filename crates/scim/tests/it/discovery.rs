//! The discovery resources say what is served, and only that.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use crate::kinds;
use expect_test::expect;
use provost_scim::{
    AttrPath, ResourceType,
    discovery::{Capabilities, Discovery, PageSizes},
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
        pagination: Some(PageSizes { default: 50, max: 200 }),
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
    let paged = Capabilities { pagination: Some(PageSizes { default: 50, max: 200 }), ..capabilities() };
    assert!(!names(&capabilities()).contains(&"\"pagination\"".to_owned()), "SCH-10");
    assert!(names(&paged).contains(&"\"pagination\"".to_owned()), "SCH-10");
    assert!(names(&paged).contains(&"\"etag\"".to_owned()), "SPC-06");
}
