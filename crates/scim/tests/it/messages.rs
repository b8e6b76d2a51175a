//! List answers and paging parameters.

use provost_scim::{
    ScimType,
    message::{StartIndex, list_response, page},
};
use serde_json::{Value, json};

#[test]
fn list_responses() {
    let resources = [r#"{"id":"1"}"#, r#"{"id":"2"}"#];
    let cases = [
        ("LST-01 LST-04 LST-02 no match", 0, 1, 0, json!([])),
        ("LST-05 PGI-06 a page", 7, 3, 2, json!([{"id":"1"},{"id":"2"}])),
        ("PGI-01 position 0 is 1", 1, 0, 1, json!([{"id":"1"}])),
        ("PGI-04 PGI-07 nothing of many", 5, 9, 0, json!([])),
    ];
    for (name, total, start, count, expected) in cases {
        let text = list_response(total, start, resources[..count].iter().copied());
        let expected = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": total,
            "startIndex": start.max(1),
            "itemsPerPage": count,
            "Resources": expected,
        });
        assert_eq!(text, expected.to_string(), "LST-06 {name}");
        assert!(serde_json::from_str::<Value>(&text).is_ok());
    }
}

#[test]
fn pages() {
    let cases = [
        ("PGI-01 PGI-02 defaults", None, None, Some((1, 100))),
        ("PGI-01 0 and below are 1", Some("0"), Some("5"), Some((1, 5))),
        ("PGI-01 negative", Some("-7"), None, Some((1, 100))),
        ("PGI-05 not more than the maximum", Some("2"), Some("101"), Some((2, 100))),
        ("PGI-03 PIT-25 none", None, Some("0"), Some((1, 0))),
        ("PGI-03 negative is none", None, Some("-1"), Some((1, 0))),
        ("a plus sign", Some("+3"), Some("+4"), Some((3, 4))),
        ("leading zeros", Some("003"), None, Some((3, 100))),
        ("beyond 64 bits", Some("99999999999999999999999"), Some("99999999999999999999999"), Some((u64::MAX, 100))),
        ("negative beyond 64 bits", Some("-99999999999999999999999"), None, Some((1, 100))),
        ("PGI-08 a word", Some("first"), None, None),
        ("PGI-08 a fraction", None, Some("1.0"), None),
        ("PGI-08 empty", None, Some(""), None),
        ("PGI-08 a sign alone", Some("-"), None, None),
        ("PGI-08 spaces", Some(" 1"), None, None),
        ("PGI-08 other digits", Some("٣"), None, None),
    ];
    for (name, start, count, expected) in cases {
        match page(start, count, 100) {
            Ok(page) => assert_eq!(Some((page.start_index.get(), page.count)), expected, "{name}"),
            Err(error) => {
                assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidValue)), "{name}");
                assert_eq!(expected, None, "{name}");
            }
        }
    }
    assert_eq!(StartIndex::from(3).offset(), 2);
    assert_eq!(StartIndex::from(0), StartIndex::FIRST);
}
