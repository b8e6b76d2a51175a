//! Cursor paging of RFC 9865 (PGC).

use super::{Case, SEARCH, ask, check, column, done, get, id_of, make_user, members, standard};
use crate::support::{Account, Server};
use serde_json::{Value, json};

fn filled(server: &Server, count: usize) -> (Account, Vec<String>) {
    let account = standard(server);
    let ids =
        (0..count).map(|number| id_of(&make_user(&account, json!({ "title": format!("{}", number % 2) })))).collect();
    (account, ids)
}

fn next(page: &Value) -> Option<String> {
    page["nextCursor"].as_str().map(str::to_owned)
}

#[test]
fn pgc_01_walking_by_cursor() {
    let server = Server::start();
    let (account, ids) = filled(&server, 23);
    for (name, first, following) in [
        ("PGC-01 an empty value", "cursor=&count=10", "count=10"),
        ("PGC-01 no value", "cursor&count=10", "count=10"),
        ("PGC-09 with a filter", "cursor&count=5&filter=title%20pr", "count=5&filter=title%20pr"),
        ("PGC-09 with a projection", "cursor&count=7&attributes=userName", "count=7&attributes=userName"),
    ] {
        let mut page = get(&account, &format!("/Users?{first}"));
        assert_eq!(page.get("previousCursor"), None, "PGC-04 {name}");
        let mut walked = column(&page, "id");
        while let Some(cursor) = next(&page) {
            let unreserved = |one: char| one.is_ascii_alphanumeric() || "-._~".contains(one);
            assert!(!cursor.is_empty() && cursor.chars().all(unreserved), "PGC-02 {name}: {cursor}");
            page = get(&account, &format!("/Users?cursor={cursor}&{following}"));
            assert!(page["totalResults"].is_null() || page["totalResults"] == json!(23), "PGC-06 {name}");
            let found = column(&page, "id");
            assert!(!found.is_empty(), "PGC-03 {name}: no cursor leads to nothing");
            walked.extend(found);
        }
        assert_eq!(walked, ids, "PGC-03 {name}: pages joined are the whole");
    }
    let exact = get(&account, "/Users?cursor&count=23");
    assert_eq!((column(&exact, "id").len(), next(&exact)), (23, None), "PGC-03 the last page has no cursor");
}

#[test]
fn pgc_05_counts() {
    let server = Server::start();
    let (account, ids) = filled(&server, 5);
    for (name, count, found) in
        [("PGC-05 none", "0", 0), ("PGC-05 PGC-08 fewer than none", "-3", 0), ("PGC-05 two", "2", 2)]
    {
        let page = get(&account, &format!("/Users?cursor&count={count}"));
        assert_eq!(column(&page, "id").len(), found, "{name}");
    }
    let page = get(&account, "/Users?cursor&count=0");
    assert_eq!(page["totalResults"], json!(5), "PGC-05");
    let cursor = next(&get(&account, "/Users?cursor&count=2")).expect("PGC-03 there is more");
    check(
        &account,
        [
            ("PGC-07 PGC-08", "GET /Users?cursor&count=two".to_owned(), Value::Null, "400 invalidCount"),
            (
                "PGC-12 both methods",
                format!("GET /Users?cursor={cursor}&count=2&startIndex=3"),
                Value::Null,
                "400 invalidValue",
            ),
            ("PGC-12 both methods", "GET /Users?cursor&startIndex=1".to_owned(), Value::Null, "400 invalidValue"),
        ],
    );
    let changed = get(&account, &format!("/Users?cursor={cursor}&count=1"));
    assert_eq!(column(&changed, "id"), ids[2..3], "PGC-08 a changed count is taken");
    let plain = get(&account, "/Users?count=2");
    assert_eq!((next(&plain), &plain["startIndex"]), (None, &json!(1)), "PGC-11 index is the default");
    assert_eq!(column(&get(&account, "/Users"), "id"), ids, "PGC-11");
}

/// A cursor is bound to its query, endpoint, account and key, and cannot be made up.
#[test]
fn pgc_16_a_cursor_is_good_for_its_query_only() {
    let server = Server::start();
    let (account, _) = filled(&server, 6);
    let (other, _) = filled(&server, 6);
    let cursor = next(&get(&account, "/Users?cursor&count=2")).expect("PGC-03 there is more");
    let foreign = next(&get(&other, "/Users?cursor&count=2")).expect("PGC-03 there is more");
    let mut turned = cursor.clone().into_bytes();
    let middle = turned.len() / 2;
    turned[middle] = if turned[middle] == b'A' { b'B' } else { b'A' };
    let turned = String::from_utf8(turned).expect("ASCII");
    let mut answers = Vec::new();
    for (name, path) in [
        ("PGC-09 with a filter", format!("/Users?cursor={cursor}&count=2&filter=title%20pr")),
        ("PGC-09 sorted", format!("/Users?cursor={cursor}&count=2&sortBy=title")),
        ("PGC-09 of another endpoint", format!("/Groups?cursor={cursor}&count=2")),
        ("PGC-16 changed", format!("/Users?cursor={turned}&count=2")),
        ("PGC-16 shortened", format!("/Users?cursor={}&count=2", &cursor[..cursor.len() - 1])),
        ("PGC-16 made up", "/Users?cursor=x&count=2".to_owned()),
        ("PGC-16 long", format!("/Users?cursor={}&count=2", "x".repeat(5_000))),
        ("PGC-13 TEN-07 of another account", format!("/Users?cursor={foreign}&count=2")),
    ] {
        let error = ask(&account, &format!("GET {path}"), Value::Null).error(400);
        assert_eq!(error["scimType"], "invalidCursor", "PGC-07 {name}: {error}");
        answers.push((name, error["detail"].clone()));
    }
    let reveals = |name: &str| answers.iter().find(|(rule, _)| rule.contains(name)).expect("a case").1.clone();
    assert_eq!(reveals("TEN-07"), reveals("made up"), "PGC-15 nothing tells a foreign cursor from none");
    assert!(
        next(&get(&account, &format!("/Users?cursor={cursor}&count=2"))).is_some(),
        "PGC-16 the good one is good still"
    );
}

#[test]
fn pgc_13_every_page_is_authorized_anew() {
    let server = Server::start();
    let (account, ids) = filled(&server, 6);
    let cursor = next(&get(&account, "/Users?cursor&count=2")).expect("PGC-03 there is more");
    ask(&account, &format!("DELETE /Users/{}", ids[2]), Value::Null).expect(204);
    let page = get(&account, &format!("/Users?cursor={cursor}&count=2"));
    assert_eq!(column(&page, "id"), ids[3..5], "PGC-13 a page shows what is there now");
    let path = format!("GET /Users?cursor={cursor}&count=2");
    ask(&account.with_key("prv_none_none"), &path, Value::Null).error(401);
    account.api("POST", &format!("/admin-apps/{}/revoke", account.app), Value::Null).expect(200);
    ask(&account, &path, Value::Null).error(401)["detail"].as_str().expect("PGC-13 PGC-14 AUT-14");
}

#[test]
fn pgc_17_by_post() {
    let server = Server::start();
    let (account, ids) = filled(&server, 5);
    make_user(&account, json!({}));
    let search = |more: Value| -> Value {
        let mut body = json!({ "schemas": [SEARCH], "count": 2, "filter": "title pr", "attributes": ["title"] });
        super::merge(&mut body, more);
        body
    };
    let mut page = done(&account, "POST /Users/.search", search(json!({ "cursor": "" })));
    assert!(members(&page).contains(&"nextCursor"), "PGC-01 PGC-17 {page}");
    let mut walked = column(&page, "id");
    while let Some(cursor) = next(&page) {
        page = done(&account, "POST /Users/.search", search(json!({ "cursor": cursor })));
        walked.extend(column(&page, "id"));
    }
    assert_eq!(walked, ids, "PGC-17");
    let wrong: [Case<'static>; 2] = [
        ("PGC-17 PGC-07", "POST /Users/.search".to_owned(), search(json!({ "cursor": "x" })), "400 invalidCursor"),
        ("PGC-17 SEA-07", "POST /Users/.search".to_owned(), search(json!({ "cursor": 7 })), "400 invalidValue"),
    ];
    check(&account, wrong);
    let config = get(&account, "/ServiceProviderConfig");
    assert_eq!(config["pagination"]["cursor"], true, "SPC-09");
}
