//! Resource types that do not depend on the bytes, and a few resources of each.

use provost_scim::{ResourceType, Schema, urn};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

struct Known {
    kinds: Vec<ResourceType>,
    /// For each type, in canonical form, with `id` and `meta`.
    resources: Vec<Vec<Map<String, Value>>>,
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let user = ResourceType::user().expect("the schemas of the crate are sound");
    let group = ResourceType::group().expect("the schemas of the crate are sound");
    let kinds = vec![user, group, device()];
    let resources =
        kinds.iter().map(|kind| bodies(kind).into_iter().map(|body| canonical(kind, body)).collect()).collect();
    Known { kinds, resources }
});

/// The User and Group of RFC 7643, and a type with every data type and mutability.
pub fn all() -> &'static [ResourceType] {
    &KNOWN.kinds
}

/// Resources of one of [`all`]: one with most attributes, and one with few.
pub fn resources(kind: &ResourceType) -> &'static [Map<String, Value>] {
    let place = KNOWN.kinds.iter().position(|known| known.name == kind.name);
    place.map_or(&[], |place| &KNOWN.resources[place])
}

fn canonical(kind: &ResourceType, body: Value) -> Map<String, Value> {
    let mut resource = kind.read(body).expect("the body is valid").resource;
    resource.set_id("2819c223");
    let mut document = resource.into_attributes();
    let meta = json!({ "resourceType": kind.name, "created": "2010-01-23T04:56:22Z", "version": "W/\"1\"" });
    document.insert("meta".to_owned(), meta);
    document
}

fn bodies(kind: &ResourceType) -> Vec<Value> {
    match kind.name.as_str() {
        "User" => vec![
            json!({
                "schemas": [urn::USER], "userName": "bjensen@Example.com", "externalId": "BJensen", "title": "T",
                "displayName": "Jose\u{301}", "active": false, "password": "p",
                "name": { "givenName": "Barbara", "familyName": "O'Malley" },
                "emails": [{ "value": "bjensen@example.com", "type": "work", "primary": true }, { "value": "b@home.example" }],
                "roles": [{ "value": "a" }],
                urn::ENTERPRISE_USER: { "department": "D", "manager": { "value": "26118915" } },
            }),
            json!({ "schemas": [urn::USER], "userName": "b" }),
        ],
        "Group" => vec![
            json!({ "schemas": [urn::GROUP], "displayName": "Guides", "members": [{ "value": "2819c223", "type": "User" }] }),
            json!({ "schemas": [urn::GROUP], "displayName": "b" }),
        ],
        _ => vec![
            json!({
                "schemas": ["urn:example:Device"], "serial": "S", "label": "l", "ports": 8, "weight": 1.5, "online": true,
                "built": "2008-01-23T04:56:22Z", "firmware": "TWFu", "manual": "https://a.example/", "pin": "1",
                "tags": ["a", "B"], "stickers": ["a"], "owner": { "value": "a", "since": "1" }, "seal": { "value": "a" },
                "parts": [{ "value": "a", "codes": ["1", "2"] }, { "value": "b", "primary": true }],
                "urn:example:Site": { "room": "1", "floor": 3 },
            }),
            json!({ "schemas": ["urn:example:Device"], "serial": "T", "urn:example:Site": { "room": "2" } }),
        ],
    }
}

fn device() -> ResourceType {
    let core = r#"{"id":"urn:example:Device","name":"Device","attributes":[
        {"name":"serial","required":true,"mutability":"immutable","caseExact":true},
        {"name":"label"},
        {"name":"ports","type":"integer"},
        {"name":"weight","type":"decimal"},
        {"name":"built","type":"dateTime"},
        {"name":"firmware","type":"binary","caseExact":true},
        {"name":"manual","type":"reference","caseExact":true},
        {"name":"online","type":"boolean"},
        {"name":"pin","mutability":"writeOnly","returned":"never"},
        {"name":"maker","mutability":"readOnly"},
        {"name":"tags","multiValued":true},
        {"name":"stickers","multiValued":true,"mutability":"immutable"},
        {"name":"owner","type":"complex","subAttributes":[
            {"name":"value","required":true},{"name":"since","mutability":"immutable"},{"name":"display","mutability":"readOnly"}]},
        {"name":"seal","type":"complex","mutability":"immutable","subAttributes":[{"name":"value"},{"name":"note"}]},
        {"name":"parts","type":"complex","multiValued":true,"subAttributes":[
            {"name":"value","required":true},{"name":"codes","multiValued":true},{"name":"primary","type":"boolean"}]}
    ]}"#;
    let site =
        r#"{"id":"urn:example:Site","name":"Site","attributes":[{"name":"room"},{"name":"floor","type":"integer"}]}"#;
    let load = |text: &str| Schema::load(text).expect("the schema above is sound");
    ResourceType {
        name: "Device".to_owned(),
        endpoint: "/Devices".to_owned(),
        description: String::new(),
        schema: load(core),
        extensions: vec![(load(site), true)],
        indexed: Vec::new(),
        building: Vec::new(),
    }
}
