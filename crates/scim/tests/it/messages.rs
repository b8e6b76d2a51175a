//! List answers, paging parameters and search requests.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use provost_scim::{
    ScimError, ScimType, SearchRequest,
    message::{LIST_TAIL, ListPosition, PageRequest, PageSizes, Paging, StartIndex, list_head, list_response, paging},
    urn,
};
use serde_json::{Value, json};

#[test]
fn list_responses_by_index() {
    let resources = [r#"{"id":"1"}"#, r#"{"id":"2"}"#];
    let cases = [
        ("LST-01 LST-04 LST-02 no match", 0_u64, 1_u64, 0, json!([])),
        ("LST-05 PGI-06 a page", 7, 3, 2, json!([{"id":"1"},{"id":"2"}])),
        ("PGI-01 position 0 is 1", 1, 0, 1, json!([{"id":"1"}])),
        ("PGI-04 PGI-07 nothing of many", 5, 9, 0, json!([])),
    ];
    for (name, total, start, count, expected) in cases {
        let text = list_response(total, start, resources[..count].iter().copied());
        let expected = json!({
            "schemas": [urn::LIST_RESPONSE],
            "totalResults": total,
            "startIndex": start.max(1),
            "itemsPerPage": count,
            "Resources": expected,
        });
        assert_eq!(text, expected.to_string(), "LST-06 {name}");
        let head = list_head(Some(total), ListPosition::from(StartIndex::from(start)), count);
        assert_eq!(format!("{head}{}{LIST_TAIL}", resources[..count].join(",")), text, "{name}, in parts");
    }
}

#[test]
fn list_responses_by_cursor() {
    let list = |total: Option<u64>, next: Option<&str>| {
        list_response(total, ListPosition::Cursor { next: next.map(str::to_owned) }, [r#"{"id":"1"}"#].into_iter())
    };
    let cases = [
        (
            "PGC-03 a page before the last",
            list(Some(100), Some("VZUTiyhEQJ94IR")),
            json!({"schemas":[urn::LIST_RESPONSE],"totalResults":100,"itemsPerPage":1,"nextCursor":"VZUTiyhEQJ94IR",
                "Resources":[{"id":"1"}]}),
        ),
        (
            "PGC-03 the last page",
            list(Some(1), None),
            json!({"schemas":[urn::LIST_RESPONSE],"totalResults":1,"itemsPerPage":1,"Resources":[{"id":"1"}]}),
        ),
        (
            "PGC-06 an unknown total",
            list(None, Some("a")),
            json!({"schemas":[urn::LIST_RESPONSE],"itemsPerPage":1,"nextCursor":"a","Resources":[{"id":"1"}]}),
        ),
    ];
    for (name, text, expected) in cases {
        assert_eq!(text, expected.to_string(), "{name}");
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
        ("beyond 64 bits with an exponent", Some("1e30"), Some("1E+30"), Some((u64::MAX, 100))),
        ("beyond 64 bits with a fraction", Some("18446744073709551616.0"), None, Some((u64::MAX, 100))),
        ("negative with an exponent", Some("-1e30"), Some("-9223372036854775809.0"), Some((1, 0))),
        ("PGI-08 an exponent within 64 bits", Some("1e1"), None, None),
        ("PGI-08 an exponent at the end of 64 bits", None, Some("1e19"), None),
        ("PGI-08 a negative exponent", None, Some("-1e18"), None),
        ("PGI-08 beyond all numbers", Some("1e999"), None, None),
        ("PGI-08 no number", None, Some("inf"), None),
        ("PGI-08 a word", Some("first"), None, None),
        ("PGI-08 a fraction", None, Some("1.0"), None),
        ("PGI-08 empty", None, Some(""), None),
        ("PGI-08 a sign alone", Some("-"), None, None),
        ("PGI-08 spaces", Some(" 1"), None, None),
        ("PGI-08 other digits", Some("٣"), None, None),
    ];
    for (name, start, count, expected) in cases {
        match paging(start, count, None, PageSizes { default: 100, max: 100 }) {
            Ok(Paging::Cursor { .. }) => panic!("{name}: no cursor was asked for"),
            Ok(Paging::Index(page)) => assert_eq!(Some((page.start_index.get(), page.count)), expected, "{name}"),
            Err(error) => {
                assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidValue)), "{name}");
                assert_eq!(expected, None, "{name}");
            }
        }
    }
    assert_eq!(StartIndex::from(3).offset(), 2);
    assert_eq!(StartIndex::from(0), StartIndex::FIRST);
}

const SIZES: PageSizes = PageSizes { default: 50, max: 100 };

fn by_index(start_index: u64, count: u64) -> Result<Paging, ScimType> {
    Ok(Paging::Index(PageRequest { start_index: StartIndex::from(start_index), count }))
}

fn by_cursor(cursor: Option<&str>, count: u64) -> Result<Paging, ScimType> {
    Ok(Paging::Cursor { cursor: cursor.map(str::to_owned), count })
}

#[test]
fn the_method_of_paging() {
    use ScimType::{InvalidCount, InvalidCursor, InvalidValue};
    let longest = "a".repeat(8_192);
    let too_long = "a".repeat(8_193);
    let cases = [
        ("PGC-11 PGI-02 neither is by index", None, None, None, by_index(1, 50)),
        ("PGI-05 by index", Some("3"), Some("700"), None, by_index(3, 100)),
        ("PGI-01 PGI-03 below 1", Some("-3"), Some("-7"), None, by_index(1, 0)),
        ("PGI-08 a word", Some("first"), None, None, Err(InvalidValue)),
        ("PGI-08 a count that is none", None, Some("ten"), None, Err(InvalidValue)),
        ("PGC-01 first page", None, Some("10"), Some(""), by_cursor(None, 10)),
        ("PGC-01 first page of default size", None, None, Some(""), by_cursor(None, 50)),
        ("PGC-01 next page", None, Some("10"), Some("VZUTiyhEQJ94IR"), by_cursor(Some("VZUTiyhEQJ94IR"), 10)),
        ("PGC-02 all characters", None, None, Some("aZ09-._~"), by_cursor(Some("aZ09-._~"), 50)),
        ("PGC-02 longest", None, None, Some(&longest), by_cursor(Some(&longest), 50)),
        ("PGC-05 PGC-08 more than a page", None, Some("101"), Some("a"), by_cursor(Some("a"), 100)),
        ("PGC-05 negative is none", None, Some("-1"), Some("a"), by_cursor(Some("a"), 0)),
        ("PGC-05 none", None, Some("0"), Some(""), by_cursor(None, 0)),
        ("PGC-07 PGC-08 no integer", None, Some("1.5"), Some("a"), Err(InvalidCount)),
        ("PGC-07 other characters", None, None, Some("a+b"), Err(InvalidCursor)),
        ("PGC-07 a space", None, None, Some(" "), Err(InvalidCursor)),
        ("PGC-07 other letters", None, None, Some("\u{e9}"), Err(InvalidCursor)),
        ("PGC-07 too long", None, None, Some(&too_long), Err(InvalidCursor)),
        ("PGC-12 both", Some("1"), None, Some(""), Err(InvalidValue)),
    ];
    for (name, start_index, count, cursor, expected) in cases {
        let found = paging(start_index, count, cursor, SIZES);
        let found = found.map_err(|error| (error.status, error.scim_type.unwrap()));
        assert_eq!(found, expected.map_err(|scim_type| (400, scim_type)), "{name}");
    }
}

#[test]
fn keywords_of_paging_by_cursor() {
    for (scim_type, expected) in [
        (ScimType::InvalidCursor, "invalidCursor"),
        (ScimType::ExpiredCursor, "expiredCursor"),
        (ScimType::InvalidCount, "invalidCount"),
    ] {
        let body: Value = serde_json::from_str(&ScimError::bad_request(scim_type, "x").to_json()).unwrap();
        assert_eq!(body["scimType"], expected, "PGC-07");
    }
}

#[test]
fn a_number_means_the_same_in_a_body_and_in_a_url() {
    let sizes = PageSizes { default: 100, max: 100 };
    for number in [
        "0",
        "-1",
        "7",
        "18446744073709551615",
        "18446744073709551616",
        "99999999999999999999",
        "-9223372036854775808",
        "-9223372036854775809",
        "-99999999999999999999",
        "1e30",
        "-1e30",
        "1e19",
        "10000000000000000000.0",
        "1e1",
        "1.0",
        "1.5",
    ] {
        let body = format!(r#"{{"schemas":["{}"],"startIndex":{number},"count":{number}}}"#, urn::SEARCH_REQUEST);
        let body = SearchRequest::parse(&serde_json::from_str(&body).unwrap()).unwrap();
        let (start, count) = (body.start_index.as_deref(), body.count.as_deref());
        assert_eq!(paging(start, None, None, sizes), paging(Some(number), None, None, sizes), "startIndex {number}");
        assert_eq!(paging(None, count, None, sizes), paging(None, Some(number), None, sizes), "count {number}");
        let (sent, written) = (paging(None, count, Some(""), sizes), paging(None, Some(number), Some(""), sizes));
        assert_eq!(sent, written, "count {number} by cursor");
    }
}

#[test]
fn search_requests() {
    let text = |text: &str| Some(text.to_owned());
    let cases = [
        ("SEA-03 nothing", json!({}), Ok(SearchRequest::default())),
        (
            "SEA-03 everything, in any case",
            json!({"Attributes":["id","userName"],"FILTER":"id pr","sortBy":"name.familyName","sortorder":"descending",
                "startIndex":2,"count":5}),
            Ok(SearchRequest {
                attributes: text("id,userName"),
                filter: text("id pr"),
                sort_by: text("name.familyName"),
                sort_order: text("descending"),
                start_index: text("2"),
                count: text("5"),
                ..SearchRequest::default()
            }),
        ),
        (
            "PGC-01 PGC-17 the first page",
            json!({"cursor":"","count":10}),
            Ok(SearchRequest { cursor: text(""), count: text("10"), ..SearchRequest::default() }),
        ),
        ("PGC-17 null is no cursor", json!({"cursor":null,"sortBy":null}), Ok(SearchRequest::default())),
        ("SEA-07 a text for a number", json!({"count":"2"}), Err("`count` must be an integer")),
        ("SEA-07 a cursor of another type", json!({"cursor":1}), Err("`cursor` must be a string")),
        ("SEA-07 an order of another type", json!({"sortOrder":true}), Err("`sortOrder` must be a string")),
        ("SEA-07 names of another type", json!({"sortBy":["userName"]}), Err("`sortBy` must be a string")),
    ];
    for (name, mut body, expected) in cases {
        body["schemas"] = json!([urn::SEARCH_REQUEST]);
        let found = SearchRequest::parse(&body).map_err(|error| error.detail);
        assert_eq!(found.as_ref().map_err(String::as_str), expected.as_ref().map_err(|error| *error), "{name}");
    }
}
