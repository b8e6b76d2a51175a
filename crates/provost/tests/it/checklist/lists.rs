//! List responses, index paging and .search (LST, PGI, SEA).

use super::{
    Case, GROUP, LIST, SEARCH, ask, check, column, done, get, id_of, make_group, make_user, members, standard,
};
use crate::support::{Account, Server, encoded};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn five(account: &Account) -> Vec<String> {
    (0..5).map(|number| id_of(&make_user(account, json!({ "title": format!("T{number}") })))).collect()
}

#[test]
fn lst_01_the_envelope() {
    let server = Server::start();
    let account = standard(&server);
    five(&account);
    let list = get(&account, "/Users?count=2&startIndex=2");
    assert_eq!(members(&list), ["Resources", "itemsPerPage", "schemas", "startIndex", "totalResults"], "LST-06 PIT-30");
    assert_eq!(list["schemas"], json!([LIST]), "LST-01");
    for (name, value) in [("totalResults", 5), ("itemsPerPage", 2), ("startIndex", 2)] {
        assert_eq!(list[name], json!(value), "LST-03 LST-05 PGI-06 {name}");
    }
    for resource in list["Resources"].as_array().expect("LST-02 a list") {
        assert!(resource["schemas"].is_array() && resource["meta"].is_object(), "CON-06 COM-01 {resource}");
    }
    for query in ["filter=title%20eq%20%22x%22", "filter=not%20(title%20pr)", "startIndex=99"] {
        let none = get(&account, &format!("/Users?{query}"));
        assert_eq!(none["Resources"], json!([]), "LST-02 LST-04 PIT-13 {query}");
    }
    assert_eq!(get(&account, "/Groups")["totalResults"], 0, "LST-04 PIT-13");
}

#[test]
fn pgi_01_pages() {
    let server = Server::start();
    let account = standard(&server);
    let ids = five(&account);
    for (name, query, start, found) in [
        ("PGI-01 the default", "", 1, &ids[..]),
        ("PGI-01 PIT-25 from 0", "startIndex=0", 1, &ids[..]),
        ("PGI-01 from before the start", "startIndex=-3", 1, &ids[..]),
        ("PGI-02 at most so many", "count=2", 1, &ids[..2]),
        ("PGI-01 the second page", "startIndex=3&count=2", 3, &ids[2..4]),
        ("PGI-06 the last page", "startIndex=5&count=2", 5, &ids[4..]),
        ("PGI-03 PGI-04 PIT-25 none", "count=0", 1, &[]),
        ("PGI-03 fewer than none", "count=-1", 1, &[]),
        ("PGI-07 behind the end", "startIndex=6", 6, &[]),
        ("PGI-02 PGI-05 more than there are", "count=100000", 1, &ids[..]),
    ] {
        let page = get(&account, &format!("/Users?{query}"));
        assert_eq!(column(&page, "id"), found, "{name}");
        assert_eq!((&page["totalResults"], &page["startIndex"]), (&json!(5), &json!(start)), "LST-05 {name}");
        assert_eq!(page["itemsPerPage"], json!(found.len()), "PGI-06 PIT-30 {name}");
    }
    let case =
        |name, query: &str| -> Case<'static> { (name, format!("GET /Users?{query}"), Value::Null, "400 invalidValue") };
    check(
        &account,
        [
            case("PGI-08", "count=two"),
            case("PGI-08", "count=1.0"),
            case("PGI-08", "startIndex=1e1"),
            case("PGI-08", "startIndex=x"),
            case("PGI-08", "count="),
        ],
    );
    // No state is kept: a page shows what is there when it is asked for.
    ask(&account, &format!("DELETE /Users/{}", ids[0]), Value::Null).expect(204);
    let page = get(&account, "/Users?startIndex=3&count=2");
    assert_eq!((column(&page, "id"), &page["totalResults"]), (ids[3..].to_vec(), &json!(4)), "PGI-09");
}

#[test]
fn lst_12_the_order_is_stable() {
    let server = Server::start();
    let account = standard(&server);
    let ids: Vec<String> = (0..30).map(|_| id_of(&make_user(&account, json!({ "title": "same" })))).collect();
    for filter in ["", "&filter=title%20eq%20%22same%22"] {
        let mut walked = Vec::new();
        while walked.len() < ids.len() {
            let page = get(&account, &format!("/Users?count=7&startIndex={}{filter}", walked.len() + 1));
            walked.extend(column(&page, "id"));
        }
        assert_eq!(walked, ids, "LST-12 {filter}");
        // A change of a resource does not move it.
        done(
            &account,
            &format!("PATCH /Users/{}", ids[3]),
            super::patch(json!([super::add("nickName", json!(filter))])),
        );
    }
}

#[test]
fn lst_07_queries_over_all_types() {
    let server = Server::start();
    let account = standard(&server);
    let user = id_of(&make_user(&account, json!({ "displayName": "Same", "title": "T" })));
    let group = id_of(&done(&account, "POST /Groups", json!({ "schemas": [GROUP], "displayName": "Same" })));
    let ids = |list: Value| -> BTreeSet<String> { column(&list, "id").into_iter().collect() };
    for (name, filter, expected) in [
        ("LST-07 SEA-01 both", "displayName eq \"same\"", vec![&user, &group]),
        ("LST-08 eq on what a type has not", "title eq \"T\"", vec![&user]),
        ("LST-08 pr on what a type has not", "not (title pr)", vec![&group]),
        ("LST-08 FLT-24 on what no type has", "shoeSize pr", vec![]),
        ("LST-09 by type", "meta.resourceType eq \"User\"", vec![&user]),
        ("LST-09 by another type", "meta.resourceType eq \"Group\" and displayName pr", vec![&group]),
        ("LST-09 not of a type", "meta.resourceType ne \"Group\"", vec![&user]),
    ] {
        let expected: BTreeSet<String> = expected.into_iter().cloned().collect();
        let search = json!({ "schemas": [SEARCH], "filter": filter });
        let found = done(&account, "POST /.search", search);
        assert_eq!(found["totalResults"], json!(expected.len()), "{name}");
        assert_eq!(ids(found), expected, "{name}: POST /.search");
        assert_eq!(ids(get(&account, &format!("/?filter={}", encoded(filter)))), expected, "{name}: GET /");
    }
    let all = done(&account, "POST /.search", json!({ "schemas": [SEARCH], "count": 1, "startIndex": 2 }));
    assert_eq!(
        (&all["totalResults"], &all["itemsPerPage"], &all["startIndex"]),
        (&json!(2), &json!(1), &json!(2)),
        "PGI-06"
    );
}

#[test]
fn sea_01_a_search_is_the_query() {
    let server = Server::start();
    let account = standard(&server);
    let ids = five(&account);
    make_group(&account, &[&ids[0]]);
    for (name, endpoint, query, body) in [
        ("SEA-04", "/Users", "", json!({})),
        ("SEA-03 filter", "/Users", "filter=title%20gt%20%22t2%22", json!({ "filter": "title gt \"t2\"" })),
        ("SEA-03 page", "/Users", "startIndex=2&count=2", json!({ "startIndex": 2, "count": 2 })),
        (
            "SEA-03 sort",
            "/Users",
            "sortBy=title&sortOrder=descending",
            json!({ "sortBy": "title", "sortOrder": "descending" }),
        ),
        ("SEA-03 attributes", "/Users", "attributes=title", json!({ "attributes": ["title"] })),
        ("SEA-03 excludedAttributes", "/Users", "excludedAttributes=meta", json!({ "excludedAttributes": ["meta"] })),
        ("SEA-01 groups", "/Groups", "excludedAttributes=members", json!({ "excludedAttributes": ["members"] })),
    ] {
        let mut body = body;
        body["schemas"] = json!([SEARCH]);
        let answer = ask(&account, &format!("POST {endpoint}/.search"), body).expect(200);
        assert_eq!(answer.json(), get(&account, &format!("{endpoint}?{query}")), "SEA-04 {name}");
    }
    let wrong =
        |name, body: Value, expected| -> Case<'static> { (name, "POST /Users/.search".to_owned(), body, expected) };
    check(
        &account,
        [
            wrong("SEA-02 SEA-05 no schemas", json!({ "filter": "title pr" }), "400 invalidSyntax"),
            wrong("SEA-02 another message", json!({ "schemas": [super::PATCH_OP] }), "400 invalidSyntax"),
            wrong("SEA-05 an array", json!([]), "400 invalidSyntax"),
            wrong(
                "SEA-05 FLT-09 a broken filter",
                json!({ "schemas": [SEARCH], "filter": "title eq" }),
                "400 invalidFilter",
            ),
            wrong("SEA-07 a text for a number", json!({ "schemas": [SEARCH], "count": "2" }), "400 invalidValue"),
            wrong("SEA-07 a number for a text", json!({ "schemas": [SEARCH], "filter": 7 }), "400 invalidValue"),
            wrong("PRJ-03 a single text", json!({ "schemas": [SEARCH], "attributes": "title" }), "200"),
            (
                "SEA-07 the URL does not count",
                "POST /Users/.search?count=0&filter=(((".to_owned(),
                json!({ "schemas": [SEARCH] }),
                "200",
            ),
            ("SEA-06 .search is no id", "GET /Users/.search".to_owned(), Value::Null, "405"),
            ("SEA-06 nor to be replaced", "PUT /Users/.search".to_owned(), super::new_user(json!({})), "405"),
            ("SEA-06 nor removed", "DELETE /Users/.search".to_owned(), Value::Null, "405"),
        ],
    );
    assert_eq!(get(&account, "/Users")["totalResults"], 5, "SEA-06 nothing is made");
}
