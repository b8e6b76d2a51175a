//! The stored document: replacing it, changing it, and sending it with its `meta`.

use super::{body, failed};
use crate::kinds;
use expect_test::expect;
use provost_scim::{Meta, Resource, render, urn};
use serde_json::{Value, json};

#[test]
fn replace() {
    let user = kinds::user();
    let device = kinds::device();
    let site = json!({"room":"1"});
    let cases = [
        (
            "PUT-02 PUT-03 omitted is cleared, arrays are replaced",
            &user,
            json!({"id":"1","userName":"b","title":"T","emails":[{"value":"a"},{"value":"b"}], urn::ENTERPRISE_USER: {"department":"D"}}),
            json!({"userName":"c","emails":[{"value":"c"}]}),
        ),
        (
            "PUT with part of a complex value keeps nothing else",
            &user,
            json!({"id":"1","userName":"b","name":{"givenName":"A","familyName":"F"}}),
            json!({"userName":"b","name":{"givenName":"B"}}),
        ),
        (
            "PUT-04 null clears",
            &user,
            json!({"id":"1","userName":"b","title":"T"}),
            json!({"userName":"b","title":null}),
        ),
        (
            "PUT-05 PUT-09 CHR-02 readOnly and id are kept",
            &user,
            json!({"id":"1","userName":"b"}),
            json!({"id":"2","userName":"b","groups":[{"value":"g"}],"meta":{}}),
        ),
        (
            "CHR-09 PIT-36 writeOnly is kept when omitted",
            &user,
            json!({"id":"1","userName":"b","password":"p"}),
            json!({"userName":"b"}),
        ),
        (
            "PUT-02 writeOnly is replaced",
            &user,
            json!({"id":"1","userName":"b","password":"p"}),
            json!({"userName":"b","password":"q"}),
        ),
        (
            "PUT-04 writeOnly is cleared outright",
            &user,
            json!({"id":"1","userName":"b","password":"p"}),
            json!({"userName":"b","password":null}),
        ),
        (
            "CHR-08 immutable is kept when omitted",
            &device,
            json!({"id":"1","serial":"S","stickers":["a"],"urn:example:Site":site}),
            json!({"serial":"S","urn:example:Site":site}),
        ),
        (
            "CHR-07 PUT-06 immutable must match",
            &device,
            json!({"id":"1","serial":"S","urn:example:Site":site}),
            json!({"serial":"s","urn:example:Site":site}),
        ),
        (
            "PUT-06 immutable is set when it was unset",
            &device,
            json!({"id":"1","serial":"S","urn:example:Site":site}),
            json!({"serial":"S","stickers":["b"],"urn:example:Site":site}),
        ),
        (
            "CHR-07 immutable may not be cleared outright",
            &device,
            json!({"id":"1","serial":"S","stickers":["a"],"urn:example:Site":site}),
            json!({"serial":"S","stickers":[],"urn:example:Site":site}),
        ),
        (
            "CHR-07 immutable sub-attribute must match",
            &device,
            json!({"id":"1","serial":"S","owner":{"value":"o","since":"1"},"urn:example:Site":site}),
            json!({"serial":"S","owner":{"value":"o","since":"2"},"urn:example:Site":site}),
        ),
        (
            "CHR-08 immutable and readOnly sub-attributes are kept",
            &device,
            json!({"id":"1","serial":"S","maker":"M","owner":{"value":"o","since":"1","display":"d"},"urn:example:Site":site}),
            json!({"serial":"S","owner":{"value":"p"},"urn:example:Site":{"floor":2}}),
        ),
        (
            "what the type does not know stays",
            &user,
            json!({"id":"1","userName":"b","locker":"9"}),
            json!({"userName":"c"}),
        ),
    ];
    let mut lines = String::new();
    for (name, kind, current, put) in cases {
        let current = Resource::from_canonical(&body(kind, current).to_string()).unwrap();
        let incoming = kind.read(body(kind, put)).unwrap();
        let after = kind.replace(&current, &incoming).map_or_else(failed, |mut after| {
            after.remove("schemas");
            after.to_json()
        });
        lines += &format!("{name}\n  {after}\n");
    }
    expect![[r#"
        PUT-02 PUT-03 omitted is cleared, arrays are replaced
          {"id":"1","userName":"c","emails":[{"value":"c"}]}
        PUT with part of a complex value keeps nothing else
          {"id":"1","userName":"b","name":{"givenName":"B"}}
        PUT-04 null clears
          {"id":"1","userName":"b"}
        PUT-05 PUT-09 CHR-02 readOnly and id are kept
          {"id":"1","userName":"b"}
        CHR-09 PIT-36 writeOnly is kept when omitted
          {"id":"1","userName":"b","password":"p"}
        PUT-02 writeOnly is replaced
          {"id":"1","userName":"b","password":"q"}
        PUT-04 writeOnly is cleared outright
          {"id":"1","userName":"b"}
        CHR-08 immutable is kept when omitted
          {"id":"1","serial":"S","stickers":["a"],"urn:example:Site":{"room":"1"}}
        CHR-07 PUT-06 immutable must match
          mutability: `serial` is immutable and has a value already
        PUT-06 immutable is set when it was unset
          {"id":"1","serial":"S","stickers":["b"],"urn:example:Site":{"room":"1"}}
        CHR-07 immutable may not be cleared outright
          mutability: `stickers` is immutable and has a value already
        CHR-07 immutable sub-attribute must match
          mutability: `owner.since` is immutable and has a value already
        CHR-08 immutable and readOnly sub-attributes are kept
          {"id":"1","serial":"S","maker":"M","owner":{"value":"p","since":"1","display":"d"},"urn:example:Site":{"floor":2}}
        what the type does not know stays
          {"id":"1","userName":"c","locker":"9"}
    "#]].assert_eq(&lines);
}

#[test]
fn canonical_document() {
    let kind = kinds::user();
    let mut resource = kind.read(body(&kind, json!({"userName":"b","active":true}))).unwrap().resource;
    resource.set_id("7");
    assert_eq!(resource.attributes().keys().take(2).collect::<Vec<_>>(), ["schemas", "id"]);
    resource.set("externalId", json!("e"));
    resource.set("active", Value::Null);
    resource.set("emails", json!([{"type":"work","value":"a"}]));
    resource.set_extension(urn::ENTERPRISE_USER, "manager", json!({"value":"7"}));
    resource.set_extension(urn::ENTERPRISE_USER, "department", json!("D"));
    resource.sync_schemas(&kind);
    expect![[r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"id":"7","externalId":"e","userName":"b","emails":[{"value":"a","type":"work"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"7"}}}"#]].assert_eq(&resource.to_json());
    assert_eq!(resource.extension(urn::ENTERPRISE_USER, "department"), Some(&json!("D")));
    assert_eq!((resource.id(), resource.external_id()), (Some("7"), Some("e")));
    assert_eq!(Resource::from_canonical(&resource.to_json()).unwrap(), resource);

    resource.set_extension(urn::ENTERPRISE_USER, "manager", json!({}));
    resource.set_extension(urn::ENTERPRISE_USER, "department", Value::Null);
    resource.sync_schemas(&kind);
    assert_eq!(resource.get(urn::ENTERPRISE_USER), None, "the container goes with its last attribute");
    assert_eq!(resource.get("schemas"), Some(&json!([urn::USER])));
    assert_eq!(resource.remove("externalId"), Some(json!("e")));
    assert_eq!(resource.external_id(), None);
    assert!(Resource::from_canonical("[]").is_err());
}

#[test]
fn meta() {
    let mut meta = Meta {
        resource_type: "User".to_owned(),
        created: "2010-01-23T04:56:22Z".parse().unwrap(),
        last_modified: "2011-05-13T04:42:34.1239Z".parse().unwrap(),
        location: "https://example.com/v2/Users/2819\"".to_owned(),
        version: 7,
        computed: 0,
    };
    let cases = [(r#"{"schemas":["urn:x"],"id":"7"}"#, json!({"schemas":["urn:x"],"id":"7"})), ("{}", json!({}))];
    for (document, mut expected) in cases {
        for location in ["https://example.com/v2/Users/2819\"", ""] {
            meta.location = location.to_owned();
            expected["meta"] = meta.to_value();
            assert_eq!(render(document, &meta), expected.to_string(), "the splice and the value agree");
        }
    }
    assert_eq!(meta.etag(), r#"W/"7""#, "COM-18");
    meta.location = "https://example.com/v2/Users/2819".to_owned();
    expect![[r#"{"resourceType":"User","created":"2010-01-23T04:56:22.000Z","lastModified":"2011-05-13T04:42:34.123Z","location":"https://example.com/v2/Users/2819","version":"W/\"7\""}"#]].assert_eq(&meta.to_value().to_string());
}
