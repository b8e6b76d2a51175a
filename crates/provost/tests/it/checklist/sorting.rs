//! `sortBy` and `sortOrder` (SRT).

use super::{Case, ENTERPRISE, SEARCH, check, column, done, get, id_of, make_user, standard};
use crate::support::{Account, Server};
use serde_json::{Value, json};

/// The `userName`s of a list, joined.
fn order(account: &Account, query: &str) -> String {
    column(&get(account, &format!("/Users?{query}")), "userName").join(" ")
}

#[test]
fn srt_04_values_of_every_kind() {
    let server = Server::start();
    let account = standard(&server);
    assert_eq!(get(&account, "/ServiceProviderConfig")["sort"]["supported"], true, "SRT-01");
    let mail = |value: &str, primary: bool| json!({ "value": value, "primary": primary });
    for (name, attributes) in [
        (
            "a",
            json!({ "title": "delta", "externalId": "b", "name": { "givenName": "Z" }, "emails": [mail("9@x.example", false), mail("2@x.example", true)] }),
        ),
        (
            "b",
            json!({ "title": "Bravo", "externalId": "A", "name": { "givenName": "y" }, "emails": [mail("3@x.example", false), mail("0@x.example", false)] }),
        ),
        ("c", json!({ "title": "alpha", "externalId": "a", ENTERPRISE: { "division": "North" } })),
        ("d", json!({ "title": "Émile", "externalId": "B", "active": false, "emails": [mail("1@x.example", true)] })),
        ("e", json!({ ENTERPRISE: { "division": "East" } })),
    ] {
        let mut attributes = attributes;
        attributes["userName"] = json!(name);
        make_user(&account, attributes);
    }
    for (name, query, expected) in [
        ("SRT-02 ascending by default", "sortBy=userName", "a b c d e"),
        ("SRT-02 ascending", "sortBy=userName&sortOrder=ascending", "a b c d e"),
        ("SRT-02 descending", "sortBy=userName&sortOrder=descending", "e d c b a"),
        ("SRT-07 no case, Unicode, no locale; SRT-06 none comes last", "sortBy=title", "c b a d e"),
        ("SRT-06 none comes first", "sortBy=title&sortOrder=descending", "e d a b c"),
        ("SRT-07 I18-08 caseExact", "sortBy=externalId", "b d c a e"),
        ("SRT-04 a sub-attribute", "sortBy=name.givenName", "b a c d e"),
        ("SRT-04 in any case", "sortBy=NAME.GIVENNAME", "b a c d e"),
        ("SRT-05 the primary value, else the first", "sortBy=emails.value", "d a b c e"),
        ("SRT-05 the attribute alone", "sortBy=emails", "d a b c e"),
        (
            "SRT-04 an extension",
            "sortBy=urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division",
            "e c a b d",
        ),
        ("SRT-07 by time", "sortBy=meta.created&sortOrder=descending", "e d c b a"),
        ("SRT-03 sortOrder alone is ignored", "sortOrder=descending", "a b c d e"),
        ("SRT-09 ties in a stable order, page 1", "sortBy=userType&count=2", "a b"),
        ("SRT-09 ties in a stable order, page 2", "sortBy=userType&count=2&startIndex=3", "c d"),
        ("SRT-04 with a filter and a page", "sortBy=title&filter=title%20pr&startIndex=2&count=2", "b a"),
    ] {
        assert_eq!(order(&account, query), expected, "{name}");
    }
    let search = json!({ "schemas": [SEARCH], "sortBy": "title", "sortOrder": "descending", "count": 2 });
    assert_eq!(column(&done(&account, "POST /Users/.search", search), "userName"), ["e", "d"], "SRT-02 SEA-03");
    let case =
        |name, query: &str, expected| -> Case<'static> { (name, format!("GET /Users?{query}"), Value::Null, expected) };
    check(
        &account,
        [
            case("SRT-03", "sortBy=title&sortOrder=upwards", "400 invalidValue"),
            case("SRT-08 unknown", "sortBy=shoeSize", "400 invalidPath"),
            case("SRT-08 USR-16 password", "sortBy=password", "400 invalidPath"),
            case("SRT-08 complex", "sortBy=name", "400 invalidValue"),
            case("SRT-08 binary", "sortBy=x509Certificates.value", "400 invalidValue"),
        ],
    );
}

#[test]
fn srt_09_pages_of_a_sorted_list_joined_are_the_list() {
    let server = Server::start();
    let account = standard(&server);
    let mut ids: Vec<String> =
        (0..45).map(|number| id_of(&make_user(&account, json!({ "title": (["x", "y", "z"][number % 3]) })))).collect();
    for (name, order) in [("ascending", "ascending"), ("descending", "descending")] {
        let query = format!("sortBy=title&sortOrder={order}");
        let whole = column(&get(&account, &format!("/Users?{query}")), "id");
        let mut walked = Vec::new();
        while walked.len() < ids.len() {
            let page = get(&account, &format!("/Users?{query}&count=4&startIndex={}", walked.len() + 1));
            walked.extend(column(&page, "id"));
        }
        assert_eq!(walked, whole, "SRT-09 {name}");
        walked.sort();
        ids.sort();
        assert_eq!(walked, ids, "SRT-09 {name}: each exactly once");
    }
}

#[test]
fn srt_10_cursors_follow_the_order() {
    let server = Server::start();
    let account = standard(&server);
    for number in 0..25 {
        make_user(&account, json!({ "title": format!("{:02}", (number * 7) % 25) }));
    }
    let (mut cursor, mut walked) = (String::new(), Vec::new());
    loop {
        let query = format!("/Users?sortBy=title&sortOrder=descending&count=10&cursor={cursor}");
        let page = get(&account, &query);
        walked.extend(column(&page, "title"));
        match page["nextCursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    let expected: Vec<String> = (0..25).rev().map(|number| format!("{number:02}")).collect();
    assert_eq!(walked, expected, "SRT-10 PGC-03");
}
