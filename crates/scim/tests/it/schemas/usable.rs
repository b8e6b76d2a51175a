//! A custom type and a custom extension go wherever the standard ones go.

use super::THING;
use crate::kinds;
use expect_test::expect;
use provost_scim::{
    Filter, NoMatch, PatchRequest, Projection, Resource, ResourceType, Schema, SortBy, SortOrder, ValueError, urn,
};
use serde_json::{Map, Value, json};

const TAGGED: &str = "urn:example:params:scim:2.0:Tagged";

/// Things: a custom type with an extension that each must carry.
fn things() -> ResourceType {
    let core = Schema::from_value(json!({"id": THING, "name": "Thing", "attributes": [
        {"name": "code", "required": true, "uniqueness": "server", "mutability": "immutable"},
        {"name": "label", "caseExact": true},
        {"name": "home", "type": "complex", "subAttributes": [
            {"name": "street"}, {"name": "key", "uniqueness": "global", "caseExact": true}]},
        {"name": "codes", "multiValued": true},
    ]}))
    .unwrap();
    let indexed = ["label", "codes", "urn:example:params:scim:2.0:TAGGED:Tags.VALUE"].map(str::to_owned);
    let extensions = vec![(tagged(), true)];
    ResourceType::custom("Thing".to_owned(), "/Things", "A thing".to_owned(), core, extensions, indexed.to_vec())
        .unwrap()
}

/// An extension for any type.
fn tagged() -> Schema {
    Schema::from_value(json!({"id": TAGGED, "name": "Tagged", "attributes": [
        {"name": "tag", "uniqueness": "server", "required": true},
        {"name": "rank", "type": "integer"},
        {"name": "note", "returned": "request"},
        {"name": "pin", "mutability": "writeOnly"},
        {"name": "tags", "type": "complex", "multiValued": true, "subAttributes": [
            {"name": "value"}, {"name": "type", "canonicalValues": ["x", "y"]}, {"name": "primary", "type": "boolean"}]},
    ]}))
    .unwrap()
}

/// Users who may carry the extension.
fn users() -> ResourceType {
    kinds::user().with_extension(tagged(), false, vec![format!("{TAGGED}:tags.value")]).unwrap()
}

fn read(kind: &ResourceType, body: Value) -> Resource {
    let incoming = kind.read(body).unwrap();
    assert!(incoming.unknown.is_empty() && incoming.unknown_schemas.is_empty(), "{incoming:?}");
    incoming.resource
}

fn a_thing() -> Value {
    json!({"schemas": [THING, TAGGED], "CODE": "T-1", "externalId": "X", "label": "L", "codes": ["A", "a", "B"],
        "home": {"key": "K", "street": "s"},
        TAGGED.to_uppercase(): {"TAG": "Red", "rank": 2, "note": "n", "pin": "1", "tags": [{"value": "One", "type": "x"}]}})
}

fn a_user() -> Value {
    json!({"schemas": [urn::USER], "userName": "BJensen", TAGGED: {"tag": "Red", "rank": 2, "tags": [{"value": "One"}]}})
}

#[test]
fn they_are_read_and_replaced() {
    let things = things();
    let thing = read(&things, a_thing());
    expect![[r#"{"schemas":["urn:example:params:scim:2.0:Thing","urn:example:params:scim:2.0:Tagged"],"externalId":"X","code":"T-1","label":"L","home":{"street":"s","key":"K"},"codes":["A","B"],"urn:example:params:scim:2.0:Tagged":{"tag":"Red","rank":2,"note":"n","pin":"1","tags":[{"value":"One","type":"x"}]}}"#]].assert_eq(&thing.to_json());
    let refused = |body: Value| things.read(body).unwrap_err();
    let missing = refused(json!({"schemas": [THING], "code": "T"}));
    assert_eq!(missing, ValueError::Missing(TAGGED.to_owned()), "RTY-05");
    let missing = refused(json!({"schemas": [THING], "code": "T", TAGGED: {"rank": 1}}));
    assert_eq!(missing, ValueError::Missing(format!("{TAGGED}:tag")), "RTY-05");

    let changed = json!({"schemas": [THING], "code": "t-1", TAGGED: {"tag": "Blue"}});
    let replaced = things.replace(&thing, &things.read(changed).unwrap()).unwrap();
    expect![[r#"{"schemas":["urn:example:params:scim:2.0:Thing","urn:example:params:scim:2.0:Tagged"],"code":"T-1","urn:example:params:scim:2.0:Tagged":{"tag":"Blue","pin":"1"}}"#]].assert_eq(&replaced.to_json());
    let other = json!({"schemas": [THING], "code": "T-2", TAGGED: {"tag": "Blue"}});
    let error = things.replace(&thing, &things.read(other).unwrap()).unwrap_err();
    assert_eq!(error, ValueError::Immutable("code".to_owned()), "CHR-07");

    let users = users();
    let user = read(&users, a_user());
    let bare = users.read(json!({"schemas": [urn::USER], "userName": "b"})).unwrap();
    assert_eq!(users.replace(&user, &bare).unwrap().get(TAGGED), None, "PUT-03");
}

#[test]
fn they_are_patched() {
    let patch = |kind: &ResourceType, current: &Resource, operations: Value| {
        let body = json!({"schemas": [urn::PATCH_OP], "Operations": operations});
        PatchRequest::parse(body).and_then(|request| request.apply(kind, current, NoMatch::NoTarget))
    };
    let users = users();
    let bare = read(&users, json!({"schemas": [urn::USER], "userName": "b"}));
    let operations = json!([
        {"op": "add", "path": format!("{TAGGED}:tag"), "value": "Red"},
        {"op": "add", "path": format!("{}:tags", TAGGED.to_uppercase()), "value": [{"value": "One", "type": "x"}, {"value": "Two"}]},
        {"op": "replace", "path": format!("{TAGGED}:tags[value eq \"one\"].type"), "value": "y"},
        {"op": "remove", "path": format!("{TAGGED}:tags[value eq \"two\"]")},
        {"op": "replace", "value": {TAGGED: {"rank": 7}}},
    ]);
    let patched = patch(&users, &bare, operations).unwrap();
    assert_eq!(patched.unknown, Vec::<String>::new());
    expect![[r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:example:params:scim:2.0:Tagged"],"userName":"b","urn:example:params:scim:2.0:Tagged":{"tag":"Red","rank":7,"tags":[{"value":"One","type":"y"}]}}"#]].assert_eq(&patched.resource.to_json());
    let removed = patch(&users, &patched.resource, json!([{"op": "remove", "path": TAGGED}])).unwrap();
    assert_eq!(removed.resource, bare, "PAT-18");

    let error = patch(&users, &bare, json!([{"op": "add", "path": format!("{TAGGED}:rank"), "value": 1}])).unwrap_err();
    assert_eq!(error.to_string(), format!("`{TAGGED}:tag` is required"), "CHR-15");

    let things = things();
    let thing = read(&things, a_thing());
    let error = patch(&things, &thing, json!([{"op": "replace", "path": "code", "value": "T-2"}])).unwrap_err();
    assert_eq!(error.to_string(), "`code` is immutable and has a value already", "CHR-05");
    let error = patch(&things, &thing, json!([{"op": "remove", "path": TAGGED}])).unwrap_err();
    assert_eq!(error.to_string(), format!("`{TAGGED}` is required and may not be removed"), "RTY-05");
    let fine =
        patch(&things, &thing, json!([{"op": "replace", "path": format!("{THING}:home.street"), "value": "new"}]));
    assert_eq!(fine.unwrap().resource.get("home").unwrap()["street"], "new");
}

#[test]
fn filters_find_them() {
    let (things, users) = (things(), users());
    let (thing, user) = (read(&things, a_thing()), read(&users, a_user()));
    for (kind, resource, filter, expected, lookups) in [
        (&things, &thing, "code eq \"t-1\"", true, "code=t-1"),
        (&things, &thing, "urn:example:params:scim:2.0:thing:CODE eq \"T-1\"", true, "code=t-1"),
        (&things, &thing, "codes eq \"b\"", true, "codes=b"),
        (&things, &thing, "label eq \"l\"", false, "label=l"),
        (&things, &thing, "home.key eq \"K\"", true, "home.key=K"),
        (&things, &thing, "home[street eq \"S\"]", true, "scan"),
        (&things, &thing, "externalId eq \"X\"", true, "externalId=X"),
        (&users, &user, "urn:example:params:scim:2.0:tagged:TAG eq \"red\"", true, "TAGGED:tag=red"),
        (&users, &user, "urn:example:params:scim:2.0:Tagged:tags.value eq \"ONE\"", true, "TAGGED:tags.value=one"),
        (&users, &user, "urn:example:params:scim:2.0:Tagged:tags[value eq \"one\"]", true, "TAGGED:tags.value=one"),
        (
            &users,
            &user,
            "urn:example:params:scim:2.0:Tagged:rank gt 1 and userName eq \"bjensen\"",
            true,
            "userName=bjensen",
        ),
        (&users, &user, "urn:example:params:scim:2.0:Tagged:rank gt 2", false, "scan"),
    ] {
        let query = Filter::parse(filter).unwrap().resolve(kind).unwrap();
        assert_eq!(query.matches(resource.attributes()), expected, "FLT-16 {filter}");
        let entries = query.lookups(&kind.indexed);
        let shown = entries.as_ref().map_or_else(
            || "scan".to_owned(),
            |entries| entries.iter().map(|(name, value)| format!("{name}={value}").replace(TAGGED, "TAGGED")).collect(),
        );
        assert_eq!(shown, lookups, "{filter}");
        let kept = [kind.unique_values(resource), kind.index_values(resource)].concat();
        let found = entries.is_some_and(|entries| entries.iter().any(|entry| kept.contains(entry)));
        assert!(found || !expected || lookups == "scan", "what a lookup asks for is kept: {filter}");
    }
    let secret = Filter::parse(&format!("{TAGGED}:pin eq \"1\"")).unwrap();
    assert!(secret.resolve(&users).is_err(), "CHR-10");
}

#[test]
fn answers_carry_them() {
    let things = things();
    let thing = read(&things, a_thing());
    let shown = |attributes: Option<&str>, excluded: Option<&str>| {
        let projection = Projection::parse(attributes, excluded).unwrap();
        let left: Map<String, Value> = projection.apply(&things, thing.attributes().clone());
        Value::Object(left).to_string()
    };
    let all = shown(None, None);
    assert!(!all.contains("\"pin\"") && !all.contains("\"note\""), "CHR-12 {all}");
    expect![[r#"
        {"schemas":["urn:example:params:scim:2.0:Thing","urn:example:params:scim:2.0:Tagged"],"urn:example:params:scim:2.0:Tagged":{"note":"n","tags":[{"value":"One"}]}}
        {"schemas":["urn:example:params:scim:2.0:Thing","urn:example:params:scim:2.0:Tagged"],"urn:example:params:scim:2.0:Tagged":{"tag":"Red","rank":2,"note":"n","tags":[{"value":"One","type":"x"}]}}
        {"schemas":["urn:example:params:scim:2.0:Thing","urn:example:params:scim:2.0:Tagged"],"code":"T-1"}"#]].assert_eq(&[
        shown(Some(&format!("{TAGGED}:note,{TAGGED}:TAGS.value,{TAGGED}:pin")), None),
        shown(Some(TAGGED), None),
        shown(None, Some(&format!("{TAGGED},codes,home,label,externalId"))),
    ]
    .join("\n"));
}

#[test]
fn lists_are_sorted_by_them() {
    let users = users();
    let sort_by = SortBy::parse(&format!("{}:RANK", TAGGED.to_lowercase()), &users).unwrap();
    let key = |rank: Value| {
        let body = json!({"schemas": [urn::USER], "userName": "b", TAGGED: {"tag": "t", "rank": rank}});
        sort_by.key(read(&users, body).attributes())
    };
    assert!(key(json!(2)) < key(json!(10)) && key(json!(10)) < key(json!(null)), "SRT-07");
    assert_eq!(SortOrder::default(), SortOrder::Ascending);
    assert!(SortBy::parse(&format!("{TAGGED}:pin"), &users).is_err(), "CHR-10");
}

#[test]
fn what_is_unique_and_what_is_indexed() {
    let (things, users) = (things(), users());
    let shown = |kind: &ResourceType, body: Value| {
        let resource = read(kind, body);
        format!("{:?}\n{:?}", kind.unique_values(&resource), kind.index_values(&resource)).replace(TAGGED, "TAGGED")
    };
    let email = json!({"schemas": [urn::USER], "userName": "Ä", "externalId": "Ä",
        "emails": [{"value": "A@b"}, {"value": "a@B", "type": "work"}, {"type": "home"}]});
    expect![[r#"
        [("code", "t-1"), ("home.key", "K"), ("TAGGED:tag", "red")]
        [("externalId", "X"), ("label", "L"), ("codes", "a"), ("codes", "b"), ("TAGGED:tags.value", "one")]
        [("userName", "bjensen"), ("TAGGED:tag", "red")]
        [("TAGGED:tags.value", "one")]
        [("userName", "ä")]
        [("externalId", "Ä"), ("emails.value", "a@b")]
        [("code", "a"), ("TAGGED:tag", "b")]
        []"#]]
    .assert_eq(
        &[
            shown(&things, a_thing()),
            shown(&users, a_user()),
            shown(&users, email),
            shown(&things, json!({"schemas": [THING], "code": "a", TAGGED: {"tag": "b"}})),
        ]
        .join("\n"),
    );
    assert_eq!(kinds::user().unique_names(), ["userName"], "CHR-20");
    assert_eq!(kinds::group().unique_names(), Vec::<String>::new());
}
