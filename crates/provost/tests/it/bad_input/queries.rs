//! What a client asks for: orders, pages, cursors, searches and conditions that mean nothing.

use super::{GROUP, Guarded, PATCH_OP, USER, error_of, patch, post_too_much};
use crate::{
    crowd, raw,
    support::{Account, Server, encoded, request, send},
};
use serde_json::{Value, json};

const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

fn get(account: &Account, path: &str) -> Value {
    account.scim("GET", path, Value::Null).expect(200).json()
}

#[track_caller]
fn refused(account: &Account, path: &str) -> Value {
    let error = error_of(account.scim("GET", path, Value::Null));
    assert!(error["detail"].as_str().is_some_and(|detail| detail.len() < 400), "{error}");
    error
}

fn search(account: &Account, path: &str, more: Value) -> crate::support::Answer {
    let mut body = json!({ "schemas": [SEARCH] });
    body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    account.scim("POST", path, body)
}

#[test]
fn s_16_cursors_that_are_none() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    let account = &guarded.account;
    crowd::users(account, "page", 5);
    let next = |account: &Account, path: &str| {
        get(account, path)["nextCursor"].as_str().expect("more users follow").to_owned()
    };
    let cursor = next(account, "/Users?cursor&count=2");
    let stranger = server.account(json!("standard"));
    crowd::users(&stranger, "page", 5);
    let foreign = next(&stranger, "/Users?cursor&count=2");
    let app = account.api("POST", "/admin-apps", json!({ "name": "Second" })).expect(201).json();
    let second = account.with_key(app["api_key"].as_str().expect("a key"));
    let of_second = next(&second, "/Users?cursor&count=2");
    let unsigned: String = cursor.chars().take(54).chain("A".repeat(42).chars()).collect();
    let swapped = format!("{}{}", &cursor[cursor.len() / 2..], &cursor[..cursor.len() / 2]);
    let mut details = Vec::new();
    for (name, text) in [
        ("a word", "x".to_owned()),
        ("another account's", foreign.clone()),
        ("another admin app's", of_second),
        ("one letter less", cursor[..cursor.len() - 1].to_owned()),
        ("one letter more", format!("{cursor}A")),
        ("twice", cursor.repeat(2)),
        ("halves exchanged", swapped),
        ("without its signature", unsigned),
        ("zeros", "A".repeat(cursor.len())),
        ("an id", guarded.id.clone()),
        ("an offset", "2".to_owned()),
        ("long", "x".repeat(7_000)),
    ] {
        let error = refused(account, &format!("/Users?count=2&cursor={text}"));
        assert_eq!(error["scimType"], "invalidCursor", "{name}: {error}");
        details.push((name, error["detail"].clone()));
        let error = error_of(search(account, "/Users/.search", json!({ "cursor": text, "count": 2 })));
        assert_eq!(error["scimType"], "invalidCursor", "{name} by POST: {error}");
    }
    assert!(details.iter().all(|(_, detail)| *detail == details[0].1), "nothing tells a foreign one: {details:?}");
    for (name, text) in [
        ("padded", format!("{cursor}%3D")),
        ("with a blank", format!("{cursor}%20")),
        ("of other letters", "%2B%2F%2B%2F".to_owned()),
        ("NUL", "%00".to_owned()),
        ("no ASCII", "%F0%9F%98%80".to_owned()),
        ("SQL", "1%27%20or%20%271%27%3D%271".to_owned()),
    ] {
        assert_eq!(refused(account, &format!("/Users?cursor={text}"))["scimType"], "invalidCursor", "{name}");
    }
    let megabyte = json!({ "cursor": "x".repeat(1_000_000) });
    assert_eq!(error_of(search(account, "/Users/.search", megabyte))["scimType"], "invalidCursor", "1 MB");
    for (name, query) in [
        ("another filter", "count=2&filter=title%20pr"),
        ("another order", "count=2&sortBy=title"),
        ("the same filter in other words", "count=2&filter=userName%20pr"),
    ] {
        let error = refused(account, &format!("/Users?cursor={cursor}&{query}"));
        assert_eq!(error["scimType"], "invalidCursor", "{name}: {error}");
    }
    for path in ["/Groups", "/"] {
        assert_eq!(refused(account, &format!("{path}?cursor={cursor}"))["scimType"], "invalidCursor", "{path}");
    }
    for start in ["1", "0", "-1", "x", ""] {
        let error = refused(account, &format!("/Users?cursor={cursor}&startIndex={start}"));
        assert_eq!(error["scimType"], "invalidValue", "startIndex={start}: {error}");
    }
    for count in ["x", "1.5", "1e3", "0x10", "%20"] {
        let error = refused(account, &format!("/Users?cursor={cursor}&count={count}"));
        assert_eq!(error["scimType"], "invalidCount", "count={count}: {error}");
    }
    assert_eq!(
        get(account, &format!("/Users?cursor={cursor}&count=2"))["itemsPerPage"],
        json!(2),
        "the good one is good"
    );
    assert_eq!(get(&stranger, &format!("/Users?cursor={foreign}&count=2"))["itemsPerPage"], json!(2), "the other, too");
}

#[test]
fn s_16_orders_that_are_none() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    let account = &guarded.account;
    let long = "x".repeat(7_000);
    for (name, by) in [
        ("unknown", "shoeSize"),
        ("unknown sub-attribute", "name.nick"),
        ("a sub-attribute of a text", "userName.value"),
        ("complex", "name"),
        ("addresses", "addresses"),
        ("meta", "meta"),
        ("password", "password"),
        ("binary", "x509Certificates"),
        ("of a group", "members"),
        ("groups", "groups"),
        ("a part of groups", "groups.display"),
        ("an address", "meta.location"),
        ("a schema", USER),
        ("an unknown schema", "urn:example:x:shoeSize"),
        ("a complex attribute of a schema", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"),
        ("a value filter", "emails[type eq \"work\"].value"),
        ("a filter", "userName eq \"x\""),
        ("two attributes", "userName,title"),
        ("an order", "userName desc"),
        ("SQL", "userName; drop table record --"),
        ("SQL in quotes", "userName' or '1'='1"),
        ("SQL in brackets", "(select 1)"),
        ("a path", "../../etc/passwd"),
        ("a prototype", "__proto__"),
        ("dots", "name..givenName"),
        ("empty", ""),
        ("blank", " "),
        ("long", long.as_str()),
    ] {
        let error = refused(account, &format!("/Users?sortBy={}", encoded(by)));
        assert!(["invalidPath", "invalidValue"].iter().any(|known| error["scimType"] == *known), "{name}: {error}");
        let by_post = error_of(search(account, "/Users/.search", json!({ "sortBy": by })));
        assert_eq!(by_post, error, "{name}: by POST it is the same");
    }
    let longer = "x".repeat(10_000);
    account.scim("GET", &format!("/Users?sortBy={longer}"), Value::Null).error(414);
    error_of(search(account, "/Users/.search", json!({ "sortBy": longer })));
    for order in ["up", "desc", "", "ascending;", "descending ascending", "1"] {
        let error = refused(account, &format!("/Users?sortBy=userName&sortOrder={}", encoded(order)));
        assert_eq!(error["scimType"], "invalidValue", "{order}: {error}");
    }
    for (path, by) in [
        ("/Groups", "userName"),
        ("/Groups", "shoeSize"),
        ("/Groups", "members.shoe"),
        ("/Groups", "members"),
        ("/Groups", "members.type"),
    ] {
        refused(account, &format!("{path}?sortBy={by}"));
    }
    for (path, by) in [("/", "shoeSize"), ("/", "password"), ("/", "name")] {
        let answer = account.scim("GET", &format!("{path}?sortBy={by}"), Value::Null);
        assert!(answer.status == 200 || answer.status == 400, "{by}: {}", answer.text);
    }
}

#[test]
fn s_16_pages_beyond_all_numbers() {
    const MANY: &str = "99999999999999999999999999999999999999";
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    let account = &guarded.account;
    crowd::users(account, "page", 5);
    // What is asked for, and how many of the six come, from where.
    for (query, items, start) in [
        ("count=0", 0, 1),
        ("count=-1", 0, 1),
        ("count=-99999999999999999999999999", 0, 1),
        (&format!("count={MANY}"), 6, 1),
        ("count=18446744073709551616", 6, 1),
        ("startIndex=0", 6, 1),
        ("startIndex=-5", 6, 1),
        ("startIndex=7", 0, 7),
        ("startIndex=6&count=1", 1, 6),
        ("startIndex=9223372036854775807&count=9223372036854775807", 0, i64::MAX.unsigned_abs()),
        ("startIndex=18446744073709551615&count=18446744073709551615", 0, u64::MAX),
        (&format!("startIndex={MANY}&count={MANY}"), 0, u64::MAX),
    ] {
        for order in ["", "&sortBy=userName", "&sortBy=title&sortOrder=descending", "&filter=userName%20pr"] {
            let page = get(account, &format!("/Users?{query}{order}"));
            let shown = (&page["totalResults"], &page["itemsPerPage"], &page["startIndex"]);
            assert_eq!(shown, (&json!(6), &json!(items), &json!(start)), "{query}{order}");
            assert_eq!(page["Resources"].as_array().map(Vec::len), Some(items), "{query}{order}");
        }
    }
    for value in ["x", "1.5", "1e3", "1_000", "0x10", "%20", "1%202", "%D9%A1", "--1", "+", "NaN", "true"] {
        for name in ["count", "startIndex"] {
            for path in ["/Users", "/Groups", "/"] {
                let error = refused(account, &format!("{path}?{name}={value}"));
                assert_eq!(error["scimType"], "invalidValue", "{path}?{name}={value}: {error}");
                assert!(error["detail"].as_str().is_some_and(|detail| detail.contains(name)), "{error}");
            }
        }
    }
    let deep = refused(account, &format!("/?sortBy=userName&startIndex={MANY}"));
    assert_eq!(deep["scimType"], "tooMany", "{deep}");
}

#[test]
fn s_16_a_number_means_the_same_in_a_search_request_and_in_a_url() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    let account = &guarded.account;
    crowd::users(account, "page", 5);
    let url = format!("{}/scim/v2/Users/.search", account.base);
    for (number, status) in [
        ("2", 200),
        ("-1", 200),
        ("18446744073709551615", 200),
        ("18446744073709551616", 200),
        ("99999999999999999999", 200),
        ("-99999999999999999999", 200),
        ("1e30", 200),
        ("-1e30", 200),
        ("1e1", 400),
        ("1e19", 400),
        ("2.0", 400),
        ("1.5", 400),
    ] {
        for name in ["startIndex", "count"] {
            // Numbers as they are written: a JSON value would not keep their form.
            let body = format!(r#"{{"schemas":["{SEARCH}"],"{name}":{number}}}"#);
            let posted = request("POST", &url).bearer_auth(&account.key);
            let posted = send(posted.header("content-type", "application/scim+json").body(body)).expect(status);
            let shown = account.scim("GET", &format!("/Users?{name}={number}"), Value::Null).expect(status);
            assert_eq!(posted.json(), shown.json(), "{name} {number}");
        }
    }
}

#[test]
fn s_16_search_requests_that_are_none() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    let account = &guarded.account;
    let before = guarded.entries();
    let terms = vec!["title pr"; 900].join(" or ");
    for path in ["/.search", "/Users/.search", "/Groups/.search"] {
        for (name, body) in [
            ("an array", json!([])),
            ("a text", json!("x")),
            ("no schemas", json!({})),
            ("another message", json!({ "schemas": [PATCH_OP] })),
            ("schemas that are a text", json!({ "schemas": SEARCH })),
        ] {
            let error = error_of(account.scim("POST", path, body));
            assert_eq!(error["scimType"], "invalidSyntax", "{path} {name}: {error}");
        }
        for (name, value) in [
            ("attributes", json!(7)),
            ("attributes", json!([7])),
            ("attributes", json!([["userName"]])),
            ("attributes", json!({ "userName": true })),
            ("attributes", json!(vec!["x"; 10_000])),
            ("excludedAttributes", json!(false)),
            ("filter", json!(7)),
            ("filter", json!(["title pr"])),
            ("filter", json!({})),
            ("sortBy", json!(7)),
            ("sortBy", json!(["title"])),
            ("startIndex", json!("1")),
            ("startIndex", json!(1.5)),
            ("startIndex", json!([1])),
            ("count", json!("10")),
            ("count", json!(0.5)),
            ("count", json!(true)),
            ("cursor", json!(7)),
            ("cursor", json!({})),
        ] {
            let error = error_of(search(account, path, json!({ name: value })));
            assert_eq!(error["scimType"], "invalidValue", "{path} {name} {value}: {error}");
            assert!(error["detail"].as_str().is_some_and(|detail| detail.contains(name)), "{path}: {error}");
        }
        for (name, filter) in [
            ("malformed", "((("),
            ("ten thousand bytes", &"x".repeat(10_000)),
            ("many terms", &terms),
            ("deep", &format!("{}title pr{}", "(".repeat(1_000), ")".repeat(1_000))),
        ] {
            let error = error_of(search(account, path, json!({ "filter": filter })));
            assert_eq!(error["scimType"], "invalidFilter", "{path} {name}: {error}");
        }
        let both = search(account, path, json!({ "attributes": ["id"], "excludedAttributes": ["meta"] }));
        assert_eq!(error_of(both)["scimType"], "invalidValue", "{path}");
        let order = search(account, path, json!({ "sortBy": "id", "sortOrder": "up" }));
        assert_eq!(error_of(order)["scimType"], "invalidValue", "{path}");
        let positions = search(account, path, json!({ "cursor": "", "startIndex": 1 }));
        assert_eq!(error_of(positions)["scimType"], "invalidValue", "{path}");
        let long = json!({ "schemas": [SEARCH], "filter": "x".repeat(1_100_000) }).to_string();
        post_too_much(account, &format!("/scim/v2{path}"), &account.key, &long).error(413);
    }
    search(account, "/Robots/.search", json!({})).error(404);
    search(account, &format!("{}/.search", guarded.path()), json!({})).error(404);
    // What stands in the URL of a search by POST does not count.
    search(account, "/Users/.search?filter=(((&count=x&sortBy=password", json!({})).expect(200);
    assert_eq!(guarded.entries(), before, "a search is no write");
    guarded.unchanged("searches");
}

#[test]
fn s_16_conditions_that_are_none() {
    let server = Server::start();
    let mut guarded = Guarded::new(server.account(json!("standard")));
    let group = guarded.group("Guarded");
    let group = format!("/Groups/{group}");
    let authorization = format!("Bearer {}", guarded.account.key);
    for tag in [
        "garbage",
        "\"\"",
        "\"",
        "W/",
        "W/\"",
        "W/\"0\"",
        "W/\"-1\"",
        "W/\"1 \"",
        "W/\"01\"",
        "W/\"1.0\"",
        "W/\"99\"",
        "W/\"2-\"",
        "\"W/\\\"1\\\"\"",
        "1;W/\"9\"",
        "\u{fc}",
        "W/\"18446744073709551616\"",
        &"x".repeat(4_000),
        &"\"x\",".repeat(1_000),
    ] {
        for (path, body) in [
            (guarded.path(), json!({ "schemas": [USER], "userName": "never" })),
            (group.clone(), json!({ "schemas": [GROUP], "displayName": "never" })),
        ] {
            let change = patch(json!([{ "op": "replace", "path": "externalId", "value": "never" }]));
            for (method, body) in [("PUT", body.to_string()), ("PATCH", change.to_string()), ("DELETE", String::new())]
            {
                let length = body.len().to_string();
                let headers = [
                    ("authorization", authorization.as_str()),
                    ("content-type", "application/scim+json"),
                    ("content-length", &length),
                    ("if-match", tag),
                ];
                let head = raw::head(method, format!("/scim/v2{path}").as_bytes(), &headers);
                let name = format!("{method} {path} If-Match: {}", tag.chars().take(40).collect::<String>());
                guarded.refuses(&name, &[412], |account| {
                    raw::exchange(&account.base, &[&head, body.as_bytes()]).error(412)
                });
            }
        }
    }
    for header in ["if-match", "if-none-match"] {
        for tag in ["garbage", "\"\"", "W/\"99\""] {
            let answer = guarded.account.scim_with("GET", &group, &[(header, tag)], Value::Null);
            assert_eq!(answer.status, 200, "{header}: {tag}: a read goes on");
        }
    }
}
