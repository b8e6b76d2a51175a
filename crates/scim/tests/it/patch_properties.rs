//! What holds for every PATCH: it never panics, keeps the resource canonical, and a dialect's rewrite is done once.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use crate::kinds;
use proptest::{collection::vec, prelude::*};
use provost_scim::{
    NoMatch, PatchRequest, Resource, ResourceType,
    dialect::{normalise_patch, normalise_resource},
    urn,
};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec!["", "a", "A", "b", "work", "home", "True", "false", "1", "2008-01-23T04:56:22Z", "TWFu"])
            .prop_map(str::to_owned),
        1 => ".{0,6}",
    ]
}

fn name() -> impl Strategy<Value = String> {
    let known = "userName title active name emails roles addresses groups id meta schemas externalId password manager \
        givenName familyName value type primary display $ref displayName department serial label ports built firmware \
        tags stickers owner parts codes since pin maker room shoeSize USERNAME Emails";
    let urns = [urn::ENTERPRISE_USER, urn::USER, "urn:example:Site", "urn:example:Foo"];
    prop_oneof![
        8 => prop::sample::select(known.split_ascii_whitespace().collect::<Vec<_>>()).prop_map(str::to_owned),
        2 => prop::sample::select(urns.to_vec()).prop_map(str::to_owned),
        1 => path(),
    ]
}

fn path() -> impl Strategy<Value = String> {
    let plain =
        "userName|title|active|name|emails|roles|groups|schemas|manager|id|serial|tags|stickers|owner|parts|pin";
    let filter = r#"\[(type eq "work"|value eq "a"|primary eq true|primary eq "True"|value pr|type eq "home" and value eq "b"|not \(value eq "a"\))\]"#;
    let sub = r"\.(givenName|familyName|value|type|primary|display|codes|since)";
    let urn = "urn:(ietf:params:scim:schemas:extension:enterprise:2\\.0:User|example:Site)(:(department|manager|room|manager\\.value))?";
    prop_oneof![
        6 => proptest::string::string_regex(&format!("({plain})({filter})?({sub})?")).unwrap(),
        2 => proptest::string::string_regex(urn).unwrap(),
        1 => ".{0,12}",
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        6 => text().prop_map(Value::from),
        1 => Just(Value::Null),
        2 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => Just(json!(1.5)),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::Array),
            vec((name(), inner), 0..4).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Any operation at all; most are refused.
fn wild() -> impl Strategy<Value = Value> {
    let op = prop::sample::select(vec!["add", "replace", "remove", "Add", "Replace", "Remove", "move"]);
    (op, proptest::option::weighted(0.8, path()), proptest::option::weighted(0.8, value())).prop_map(
        |(op, path, value)| {
            let mut operation = Map::new();
            operation.insert("op".to_owned(), Value::from(op));
            operation.extend(path.map(|path| ("path".to_owned(), Value::from(path))));
            operation.extend(value.map(|value| ("value".to_owned(), value)));
            Value::Object(operation)
        },
    )
}

/// An operation whose value fits its path; most are applied.
fn fitting() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec!["a", "A", "b", "c", "work", "home"]);
    let element = (word.clone(), proptest::option::of(word.clone()), proptest::option::of(any::<bool>())).prop_map(
        |(value, kind, primary)| {
            let mut element = json!({"value":value});
            element.as_object_mut().unwrap().extend(kind.map(|kind| ("type".to_owned(), Value::from(kind))));
            element
                .as_object_mut()
                .unwrap()
                .extend(primary.map(|primary| ("primary".to_owned(), Value::from(primary))));
            element
        },
    );
    let texts = "title name.givenName nickName userName emails.display emails[type eq \"work\"].value \
        emails[value eq \"a\" and type eq \"home\"].display urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department \
        label owner.value tags tags[value eq \"a\"] parts[value pr].value stickers";
    let texts = texts.replace(" eq ", "~eq~").replace(" pr", "~pr").replace(" and ", "~and~");
    let texts: Vec<String> = texts.split_ascii_whitespace().map(|path| path.replace('~', " ")).collect();
    let lists = ["emails", "roles", "phoneNumbers", "parts"];
    let ones =
        ["emails[type eq \"work\"]", "emails[primary eq true]", "roles[value eq \"a\"]", "parts[value eq \"a\"]"];
    let set = prop_oneof![
        4 => (prop::sample::select(texts), word.clone()).prop_map(|(path, value)| (path, Value::from(value))),
        3 => (prop::sample::select(lists.to_vec()), vec(element.clone(), 0..4))
            .prop_map(|(path, values)| (path.to_owned(), Value::from(values))),
        2 => (prop::sample::select(ones.to_vec()), element).prop_map(|(path, value)| (path.to_owned(), value)),
        1 => any::<bool>().prop_map(|value| ("active".to_owned(), Value::from(value))),
        1 => word.prop_map(|value| (urn::ENTERPRISE_USER.to_owned(), json!({"department":value,"division":null}))),
    ];
    (prop::sample::select(vec!["add", "replace", "remove", "Add", "Replace", "null"]), set).prop_map(
        |(op, (path, value))| match op {
            "remove" => json!({"op":op,"path":path}),
            "null" => json!({"op":"replace","path":path,"value":null}),
            _ => json!({"op":op,"path":path,"value":value}),
        },
    )
}

fn patch() -> impl Strategy<Value = Value> {
    vec(prop_oneof![9 => fitting(), 1 => wild()], 0..5)
        .prop_map(|operations| json!({"schemas":[urn::PATCH_OP],"Operations":operations}))
}

static USER: LazyLock<ResourceType> = LazyLock::new(kinds::user);
static DEVICE: LazyLock<ResourceType> = LazyLock::new(kinds::device);

/// By name, so that a failing case shows on one screen.
fn kind() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["User", "Device"])
}

fn named(kind: &str) -> &'static ResourceType {
    if kind == "User" { &USER } else { &DEVICE }
}

/// A resource of the type with something in most of its attributes.
fn stored(kind: &ResourceType) -> Resource {
    let body = match kind.name.as_str() {
        "User" => json!({"schemas":[urn::USER],"userName":"b","title":"T","active":true,"password":"p",
            "name":{"givenName":"A","familyName":"F"},
            "emails":[{"value":"a","type":"work","primary":true},{"value":"b","type":"home"}],
            "roles":[{"value":"a"}],
            urn::ENTERPRISE_USER:{"department":"D","manager":{"value":"7"}}}),
        _ => json!({"schemas":["urn:example:Device"],"serial":"a","tags":["a","b"],"stickers":["a"],
            "owner":{"value":"a","since":"1"},"parts":[{"value":"a","codes":["1"]}],"urn:example:Site":{"room":"1"}}),
    };
    let mut resource = kind.read(body).unwrap().resource;
    resource.set_id("1");
    resource
}

/// RFC 7643 §2.5: what is unassigned is absent, at every level.
fn has_unassigned(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(values) => values.is_empty() || values.iter().any(has_unassigned),
        Value::Object(members) => members.is_empty() || members.values().any(has_unassigned),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_patch_is_applied_or_refused(
        kind in kind(),
        body in patch(),
        no_match in prop::sample::select(vec![NoMatch::NoTarget, NoMatch::Create]),
    ) {
        let kind = named(kind);
        let (normal, _) = normalise_patch(body, kind);
        let current = stored(kind);
        if let Ok(patched) = PatchRequest::parse(normal).and_then(|request| request.apply(kind, &current, no_match)) {
            prop_assert_eq!(patched.changed, patched.resource != current);
            prop_assert_eq!(patched.resource.id(), Some("1"), "CHR-03");
            let document = Value::Object(patched.resource.attributes().clone());
            prop_assert!(!has_unassigned(&document), "{}", document);
            let mut synced = patched.resource.clone();
            synced.sync_schemas(kind);
            prop_assert_eq!(synced.to_json(), patched.resource.to_json(), "order and schemas are canonical already");
            // What is stored reads as a body, and means the same.
            let read = kind.read(document.clone());
            prop_assert!(read.is_ok(), "{} {:?}", document, read);
            let mut read = read.unwrap();
            read.resource.set_id("1");
            prop_assert_eq!(&read.resource, &patched.resource);
            prop_assert!(read.unknown.is_empty());
        }
    }

    #[test]
    fn asking_for_what_is_there_changes_nothing(kind in kind()) {
        let kind = named(kind);
        let current = stored(kind);
        let mut value = current.attributes().clone();
        for op in ["add", "replace"] {
            let body = json!({"schemas":[urn::PATCH_OP],"Operations":[{"op":op,"value":value}]});
            let patched = PatchRequest::parse(body).unwrap().apply(kind, &current, NoMatch::NoTarget).unwrap();
            prop_assert!(!patched.changed, "PAT-37 PAT-21 CHR-06");
            value.shift_remove("id");
        }
    }

    #[test]
    fn normalising_twice_is_normalising_once(kind in kind(), body in prop_oneof![patch(), value()]) {
        let kind = named(kind);
        let (once, _) = normalise_patch(body, kind);
        let (twice, repairs) = normalise_patch(once.clone(), kind);
        prop_assert_eq!(once.to_string(), twice.to_string());
        let codes: Vec<&str> = repairs.iter().map(|repair| repair.code).collect();
        prop_assert!(codes.iter().all(|code| *code == "empty-operations"), "{:?} {}", codes, once);
    }

    #[test]
    fn normalising_a_resource_twice_is_normalising_it_once(kind in kind(), body in value()) {
        let kind = named(kind);
        let (once, _) = normalise_resource(body, kind);
        let (twice, repairs) = normalise_resource(once.clone(), kind);
        prop_assert_eq!(once.to_string(), twice.to_string());
        prop_assert!(repairs.is_empty(), "{:?} {}", repairs, once);
    }

    #[test]
    fn any_body_is_read_or_refused(kind in kind(), members in vec((name(), value()), 0..8)) {
        let kind = named(kind);
        let mut body = json!({"schemas":[kind.schema.id],"userName":"b","serial":"S","urn:example:Site":{"room":"1"}});
        body.as_object_mut().unwrap().extend(members);
        let (body, _) = normalise_resource(body, kind);
        let Ok(incoming) = kind.read(body) else { return Ok(()) };
        let document = Value::Object(incoming.resource.attributes().clone());
        prop_assert!(!has_unassigned(&document), "{}", document);
        let again = kind.read(document).unwrap();
        prop_assert_eq!(again.resource.to_json(), incoming.resource.to_json(), "canonical form is stable");
        let current = stored(kind);
        if let Ok(replaced) = kind.replace(&current, &incoming) {
            prop_assert_eq!(replaced.id(), Some("1"), "PUT-09");
        }
    }

    /// What RFC 7644 defines passes byte for byte.
    #[test]
    fn standard_patches_need_no_repair(titles in vec("[a-zA-Z]{1,8}", 1..4), active in any::<bool>()) {
        let mut operations = vec![
            json!({"op":"add","path":"emails","value":[{"value":"a","type":"work","primary":active}]}),
            json!({"op":"remove","path":"emails[type eq \"work\"].value"}),
            json!({"op":"remove","path":"roles"}),
            json!({"op":"replace","value":{"active":active,"name":{"givenName":null},urn::ENTERPRISE_USER:{"manager":{"value":"7"}}}}),
        ];
        operations.extend(titles.iter().map(|title| json!({"op":"replace","path":"title","value":title})));
        let body = json!({"schemas":[urn::PATCH_OP],"Operations":operations});
        let (normal, repairs) = normalise_patch(body.clone(), &USER);
        prop_assert_eq!(normal.to_string(), body.to_string());
        prop_assert!(repairs.is_empty());
    }
}
