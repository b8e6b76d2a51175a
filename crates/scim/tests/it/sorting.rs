//! `sortBy` and `sortOrder` (RFC 7644 §3.4.2.3).

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use crate::kinds;
use proptest::prelude::*;
use provost_scim::{ResourceType, Schema, ScimType, SortBy, SortKey, SortOrder};
use serde_json::{Value, json};

/// A user with an extension whose attributes have the types that User lacks.
fn kind() -> ResourceType {
    let mut user = kinds::user();
    let extra = r#"{"id":"urn:example:Extra","attributes":[
        {"name":"age","type":"integer"},{"name":"score","type":"decimal"},{"name":"tags","multiValued":true},
        {"name":"thumb","type":"binary"},{"name":"pin","returned":"never"},{"name":"note","mutability":"writeOnly"},
        {"name":"keys","type":"complex","multiValued":true,"subAttributes":[{"name":"label"}]},
        {"name":"seen","type":"dateTime"},{"name":"home","type":"reference","caseExact":true}]}"#;
    user.extensions.push((Schema::load(extra).unwrap(), false));
    user
}

#[test]
fn what_may_be_sorted_by() {
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let cases = [
        ("SRT-04 attribute", "userName", Ok("userName")),
        ("SRT-04 any case", "NAME.GivenName", Ok("name.givenName")),
        ("SRT-04 core URN", "urn:ietf:params:scim:schemas:core:2.0:User:title", Ok("title")),
        ("SRT-05 multi-valued complex is its value", "EMAILS", Ok("emails.value")),
        ("SRT-05 its sub-attribute", "emails.type", Ok("emails.type")),
        ("SRT-05 multi-valued simple", "urn:example:extra:TAGS", Ok("urn:example:Extra:tags")),
        ("common attributes", "id", Ok("id")),
        ("common attributes", "externalid", Ok("externalId")),
        ("common attributes", "meta.created", Ok("meta.created")),
        ("common attributes", "META.LASTMODIFIED", Ok("meta.lastModified")),
        ("read-only", "groups", Ok("groups.value")),
        ("SRT-08 unknown", "shoeSize", Err(ScimType::InvalidPath)),
        ("SRT-08 unknown sub-attribute", "name.first", Err(ScimType::InvalidPath)),
        ("SRT-08 unknown schema", "urn:example:other:title", Err(ScimType::InvalidPath)),
        ("SRT-08 empty", "", Err(ScimType::InvalidPath)),
        ("SRT-08 a filter", "emails[type eq \"work\"]", Err(ScimType::InvalidPath)),
        ("SRT-08 two", "userName,title", Err(ScimType::InvalidPath)),
        ("SRT-04 SRT-08 complex", "name", Err(ScimType::InvalidValue)),
        ("SRT-04 SRT-08 complex with a value", &format!("{enterprise}:manager"), Err(ScimType::InvalidValue)),
        ("SRT-08 complex values without value", "urn:example:Extra:keys", Err(ScimType::InvalidValue)),
        ("SRT-08 meta", "meta", Err(ScimType::InvalidValue)),
        ("SRT-08 a schema", enterprise, Err(ScimType::InvalidValue)),
        ("SRT-08 binary", "urn:example:Extra:thumb", Err(ScimType::InvalidValue)),
        ("SRT-08 binary value", "x509Certificates", Err(ScimType::InvalidValue)),
        ("SRT-08 password", "password", Err(ScimType::InvalidValue)),
        ("SRT-08 never returned", "urn:example:Extra:pin", Err(ScimType::InvalidValue)),
        ("SRT-08 writeOnly", "urn:example:Extra:note", Err(ScimType::InvalidValue)),
    ];
    for (name, text, expected) in cases {
        let found = SortBy::parse(text, &kind());
        match &found {
            Ok(by) => assert_eq!(Ok(by.notation().as_str()), expected, "{name} {text}"),
            Err(error) => {
                assert_eq!((error.status, Err(error.scim_type.unwrap())), (400, expected), "{name} {text}");
            }
        }
    }
}

#[test]
fn order_words() {
    let cases = [
        ("SRT-02 default", None, Some(SortOrder::Ascending)),
        ("SRT-02", Some("ascending"), Some(SortOrder::Ascending)),
        ("SRT-02", Some("descending"), Some(SortOrder::Descending)),
        ("in any case", Some("Descending"), Some(SortOrder::Descending)),
        ("SRT-03 another word", Some("down"), None),
        ("SRT-03 empty", Some(""), None),
    ];
    for (name, text, expected) in cases {
        let found = SortOrder::parse(text);
        let scim_type = found.as_ref().err().map(|error| (error.status, error.scim_type));
        assert_eq!(found.ok(), expected, "{name} {text:?}");
        assert_eq!(scim_type.is_some(), expected.is_none());
        assert!(scim_type.is_none_or(|found| found == (400, Some(ScimType::InvalidValue))), "{name} {text:?}");
    }
}

fn key(by: &SortBy, attributes: &Value) -> SortKey {
    by.key(attributes.as_object().unwrap())
}

/// The resources are given in ascending order; in groups of equal ones.
#[track_caller]
fn check(name: &str, sort_by: &str, ascending: &[&[Value]]) {
    let by = SortBy::parse(sort_by, &kind()).unwrap();
    for (left_place, left) in ascending.iter().enumerate() {
        for (right_place, right) in ascending.iter().enumerate() {
            for (left, right) in left.iter().flat_map(|left| right.iter().map(move |right| (left, right))) {
                let (left_key, right_key) = (key(&by, left), key(&by, right));
                let expected = left_place.cmp(&right_place);
                assert_eq!(SortOrder::Ascending.compare(&left_key, &right_key), expected, "{name}: {left} {right}");
                let reverse = SortOrder::Descending.compare(&left_key, &right_key);
                assert_eq!(reverse, expected.reverse(), "SRT-06 {name}: {left} {right}");
            }
        }
    }
}

#[test]
fn order_follows_the_type() {
    let extra = |value: Value| json!({ "urn:example:Extra": value });
    check(
        "SRT-07 not caseExact: without case, by code point; SRT-06 missing last",
        "userName",
        &[
            &[json!({"userName":""})],
            &[json!({"userName":"Zoe"}), json!({"userName":"zOE"})],
            &[json!({"userName":"zoe2"})],
            &[json!({"userName":"\u{e9}a"}), json!({"userName":"E\u{301}A"})],
            &[json!({}), json!({"userName":null}), json!({"userName":7})],
        ],
    );
    check(
        "SRT-07 caseExact",
        "externalId",
        &[&[json!({"externalId":"B"})], &[json!({"externalId":"a"})], &[json!({"externalId":"b"})], &[json!({})]],
    );
    check(
        "SRT-07 caseExact reference",
        "urn:example:Extra:home",
        &[&[extra(json!({"home":"urn:B"}))], &[extra(json!({"home":"urn:a"}))], &[extra(json!({})), json!({})]],
    );
    check(
        "SRT-07 dateTime by instant",
        "meta.created",
        &[
            &[json!({"meta":{"created":"2011-05-13T05:00:00+02:00"}})],
            &[
                json!({"meta":{"created":"2011-05-13T04:42:34Z"}}),
                json!({"meta":{"created":"2011-05-13T06:42:34.000+02:00"}}),
            ],
            &[json!({"meta":{"created":"2011-05-13T04:42:34.001Z"}})],
            &[json!({"meta":{}}), json!({"meta":{"created":"yesterday"}})],
        ],
    );
    check(
        "SRT-07 booleans",
        "active",
        &[&[json!({"active":false})], &[json!({"active":true})], &[json!({}), json!({"active":"true"})]],
    );
    check(
        "SRT-07 integers, exactly",
        "urn:example:Extra:age",
        &[
            &[extra(json!({"age":i64::MIN}))],
            &[extra(json!({"age":-1}))],
            &[extra(json!({"age":0})), extra(json!({"age":-0.0}))],
            &[extra(json!({"age":9}))],
            &[extra(json!({"age":10}))],
            &[extra(json!({"age":9_007_199_254_740_992_u64})), extra(json!({"age":9_007_199_254_740_992.0}))],
            &[extra(json!({"age":9_007_199_254_740_993_u64}))],
            &[extra(json!({"age":u64::MAX}))],
            &[extra(json!({"age":"1"})), json!({})],
        ],
    );
    check(
        "SRT-07 decimals",
        "urn:example:Extra:score",
        &[
            &[extra(json!({"score":-1e300}))],
            &[extra(json!({"score":1.25}))],
            &[extra(json!({"score":2})), extra(json!({"score":2.0}))],
            &[extra(json!({"score":1e300}))],
        ],
    );
}

#[test]
fn of_several_values_the_primary_counts_else_the_first() {
    check(
        "SRT-05 complex",
        "emails",
        &[
            &[json!({"emails":[{"value":"z"},{"value":"a","primary":true}]})],
            &[json!({"emails":[{"value":"b","primary":false},{"value":"a"}]})],
            &[json!({"emails":[{"type":"work","primary":true},{"value":"a"}]}), json!({"emails":[]}), json!({})],
        ],
    );
    check(
        "SRT-05 simple",
        "urn:example:Extra:tags",
        &[
            &[json!({"urn:example:Extra":{"tags":["A","z"]}})],
            &[json!({"urn:example:Extra":{"tags":["b"]}})],
            &[json!({"urn:example:Extra":{"tags":[]}})],
        ],
    );
}

proptest! {
    /// A sort may panic when an order contradicts itself.
    #[test]
    fn keys_are_in_total_order(
        numbers in prop::collection::vec(
            prop_oneof![
                any::<i64>().prop_map(Value::from),
                any::<u64>().prop_map(Value::from),
                any::<i64>().prop_map(|number| Value::from(number as f64)),
                (0_u64..4).prop_map(|add| Value::from((1_u64 << 60) + add)),
                any::<f64>().prop_map(Value::from),
            ],
            3,
        )
    ) {
        let by = SortBy::parse("urn:example:Extra:score", &kind()).unwrap();
        let keys: Vec<SortKey> =
            numbers.iter().map(|number| key(&by, &json!({"urn:example:Extra":{"score":number}}))).collect();
        let [a, b, c] = keys.as_slice() else { unreachable!("three are made") };
        prop_assert!(!(a <= b && b <= c) || a <= c, "{:?}", numbers);
        prop_assert_eq!(a.cmp(b), b.cmp(a).reverse());
        prop_assert_eq!(a == b, a.cmp(b).is_eq());
    }
}
