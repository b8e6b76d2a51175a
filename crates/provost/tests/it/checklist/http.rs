//! Media types, paths, methods and queries (HTT, LOC).

use super::{NOBODY, USER, add, ask, ask_with, check, get, id_of, make_user, new_user, patch, standard};
use crate::{
    raw,
    support::{Account, Server, request, send},
};
use serde_json::{Value, json};

/// A POST of a user as text of some media type.
fn post(account: &Account, content_type: Option<&str>, accept: Option<&str>, body: &[u8]) -> crate::support::Answer {
    let mut asked = request("POST", &format!("{}/scim/v2/Users", account.base)).bearer_auth(&account.key);
    for (name, value) in [("content-type", content_type), ("accept", accept)] {
        if let Some(value) = value {
            asked = asked.header(name, value);
        }
    }
    send(asked.body(body.to_vec()))
}

#[test]
fn htt_02_media_types() {
    let server = Server::start();
    let account = standard(&server);
    let body = || new_user(json!({ "nickName": "Zoë 葉" })).to_string().into_bytes();
    for (name, content_type, accept, status) in [
        ("HTT-02 HTT-06 PIT-12 scim+json", Some("application/scim+json"), None, 201),
        ("HTT-06 PIT-12 json", Some("application/json"), None, 201),
        ("HTT-06 PIT-12 with a character set", Some("application/scim+json; charset=utf-8"), None, 201),
        ("HTT-06 in capitals", Some("Application/SCIM+JSON;charset=UTF-8"), None, 201),
        ("HTT-06 another type", Some("text/plain"), None, 415),
        ("HTT-06 a form", Some("application/x-www-form-urlencoded"), None, 415),
        ("HTT-06 another character set", Some("application/scim+json; charset=latin1"), None, 415),
        ("HTT-03 accepts scim+json", Some("application/scim+json"), Some("application/scim+json"), 201),
        ("HTT-04 accepts json", Some("application/scim+json"), Some("application/json"), 201),
        ("HTT-05 accepts all", Some("application/scim+json"), Some("*/*"), 201),
        ("HTT-06 accepts what there is not", Some("application/scim+json"), Some("text/html, image/png"), 201),
    ] {
        let answer = post(&account, content_type, accept, &body());
        assert_eq!(answer.status, status, "{name}: {}", answer.text);
        assert_eq!(answer.header("content-type"), "application/scim+json", "HTT-05 HTT-08 {name}");
        if status == 201 {
            assert_eq!(answer.json()["nickName"], "Zoë 葉", "HTT-02 {name}");
        }
    }
}

#[test]
fn htt_24_bodies_that_are_no_message() {
    let server = Server::start();
    let account = standard(&server);
    let deep = format!("{}{}", "[".repeat(2_000), "]".repeat(2_000));
    for (name, body, expected) in [
        ("HTT-24 CON-13 cut off", "{\"schemas\":[".as_bytes(), "400 invalidSyntax"),
        ("HTT-24 no JSON", b"userName=x", "400 invalidSyntax"),
        ("HTT-24 nothing", b"", "400 invalidSyntax"),
        ("HTT-24 two values", b"{}{}", "400 invalidSyntax"),
        ("HTT-02 HTT-24 no UTF-8", b"{\"userName\":\"\xff\"}", "400 invalidSyntax"),
        ("HTT-25 an array", b"[]", "400 invalidSyntax"),
        ("HTT-25 a text", b"\"x\"", "400 invalidSyntax"),
        ("HTT-25 null", b"null", "400 invalidSyntax"),
        ("HTT-25 SEC-11 too deep", deep.as_bytes(), "400 invalidSyntax"),
        ("MOD-04 the same name twice", br#"{"schemas":[],"userName":"a","UserName":"b"}"#, "400 invalidSyntax"),
    ] {
        assert_eq!(super::outcome(post(&account, Some("application/scim+json"), None, body)), expected, "{name}");
    }
    let long = vec![b' '; 1024 * 1024 + 1];
    let answer = post(&account, Some("application/scim+json"), None, &long);
    assert_eq!(super::outcome(answer), "413", "HTT-25 SEC-11 a body has a bound");
}

#[test]
fn paths_and_methods() {
    let server = Server::start();
    let account = standard(&server);
    let user = make_user(&account, json!({}));
    let id = id_of(&user);
    let one = format!("/Users/{id}");
    let replacement = new_user(json!({}));
    check(
        &account,
        [
            ("HTT-16 PUT-01 PUT never creates", format!("PUT /Users/{NOBODY}"), replacement.clone(), "404"),
            ("HTT-16 nor under a name of the client's", "PUT /Users/mine".to_owned(), replacement.clone(), "404"),
            ("HTT-17 PUT is there", format!("PUT {one}"), replacement, "200"),
            ("HTT-17 so is PATCH", format!("PATCH {one}"), patch(json!([add("title", json!("T"))])), "200"),
            ("HTT-20 DELETE of all", "DELETE /Users".to_owned(), Value::Null, "405"),
            ("HTT-20 POST to one", format!("POST {one}"), new_user(json!({})), "405"),
            ("HTT-20 PUT to all", "PUT /Users".to_owned(), new_user(json!({})), "405"),
            ("HTT-21 PIT-38 an unknown endpoint", "GET /Robots".to_owned(), Value::Null, "404"),
            ("HTT-21 a deep path", "GET /a/b/c/d".to_owned(), Value::Null, "404"),
            ("HTT-21 an unknown resource", format!("GET /Users/{NOBODY}"), Value::Null, "404"),
            ("HTT-19 MEA-01 not offered", "GET /Me".to_owned(), Value::Null, "501"),
            ("HTT-15 PIT-24 an unknown parameter", format!("GET {one}?filters=x&verbose=1"), Value::Null, "200"),
            ("HTT-15 in a list", "GET /Users?unknown=%ff".to_owned(), Value::Null, "400 invalidValue"),
        ],
    );
    let allowed = ask(&account, "DELETE /Users", Value::Null);
    assert_eq!(allowed.header("allow"), "GET, HEAD, POST, OPTIONS", "HTT-20");
    let options = ask(&account, &format!("OPTIONS {one}"), Value::Null).expect(204);
    assert_eq!(options.header("accept-patch"), "application/scim+json", "HTT-22");
    let head = ask(&account, &format!("HEAD {one}"), Value::Null).expect(200);
    let read = ask(&account, &format!("GET {one}"), Value::Null).expect(200);
    assert_eq!((head.text.as_str(), head.header("etag")), ("", read.header("etag")), "HTT-22");
}

#[test]
fn versions_in_the_path() {
    let server = Server::start();
    let account = standard(&server);
    let id = id_of(&make_user(&account, json!({})));
    let fetch = |path: &str| send(request("GET", &format!("{}{path}", account.base)).bearer_auth(&account.key));
    for base in ["/scim/v2", "/scim"] {
        let user = fetch(&format!("{base}/Users/{id}")).expect(200).json();
        let location = json!(format!("{}{base}/Users/{id}", account.base));
        assert_eq!(user["meta"]["location"], location, "HTT-12 HTT-13 LOC-03 {base}");
        let list = fetch(&format!("{base}/Users")).expect(200).json();
        assert_eq!(list["Resources"][0]["meta"]["location"], location, "LOC-03 {base}");
    }
    for path in ["/scim/v9/Users", "/scim/v1/Users", "/scim/v0/ServiceProviderConfig", "/scim/v22/Users"] {
        let error = fetch(path).error(400);
        assert_eq!(error["scimType"], "invalidVers", "HTT-14 HTT-12 {path}");
    }
}

#[test]
fn asy_01_who_asks_for_an_asynchronous_answer_is_answered_at_once() {
    let server = Server::start();
    let account = standard(&server);
    let headers = [("prefer", "respond-async, wait=0")];
    let made = ask_with(&account, "POST /Users", &headers, new_user(json!({}))).expect(201);
    let path = format!("/Users/{}", id_of(&made.json()));
    let read = ask_with(&account, &format!("GET {path}"), &headers, Value::Null).expect(200);
    assert_eq!((read.json(), made.header("set-txn")), (made.json(), ""), "ASY-01");
    ask_with(&account, &format!("DELETE {path}"), &headers, Value::Null).expect(204);
}

#[test]
fn htt_09_queries_are_decoded_once() {
    let server = Server::start();
    let account = standard(&server);
    make_user(&account, json!({ "userName": "a+b", "title": "50% & more" }));
    make_user(&account, json!({ "userName": "a b", "title": "%41" }));
    for (name, query, found) in [
        ("HTT-09 percent-encoded", "userName%20eq%20%22a%2Bb%22", vec!["a+b"]),
        ("HTT-10 a plus is a space", "userName+eq+%22a+b%22", vec!["a b"]),
        ("HTT-10 %2B is a plus", "userName+eq+%22a%2Bb%22", vec!["a+b"]),
        ("HTT-09 once and not twice", "title+eq+%22%2541%22", vec!["a b"]),
        ("HTT-09 once", "title+eq+%22A%22", vec![]),
        ("HTT-09 & and %", "title+eq+%2250%25%20%26%20more%22", vec!["a+b"]),
    ] {
        let list = get(&account, &format!("/Users?filter={query}"));
        assert_eq!(super::column(&list, "userName"), found, "{name}");
    }
    // The base holds no query: what follows `?` in a tenant URL does not get in the way.
    assert_eq!(get(&account, "/Users?aadOptscim062020&count=1")["itemsPerPage"], 1, "HTT-11");
    let user = make_user(&account, json!({}));
    assert!(!user["meta"]["location"].as_str().expect("a location").contains('?'), "HTT-11");
}

#[test]
fn loc_02_locations_come_from_configuration() {
    let server = Server::start_with(&["--public-url", "https://scim.example.com"]);
    let account = server.account(json!("standard"));
    let body = new_user(json!({}));
    for headers in [
        &[][..],
        &[("host", "evil.example")][..],
        &[("x-forwarded-host", "evil.example"), ("x-forwarded-proto", "http")][..],
        &[("forwarded", "host=evil.example")][..],
    ] {
        let mut body = body.clone();
        body["userName"] = json!(super::fresh("user"));
        let made = ask_with(&account, "POST /Users", headers, body).expect(201);
        let location = format!("https://scim.example.com/scim/v2/Users/{}", id_of(&made.json()));
        assert_eq!(made.header("location"), location, "LOC-01 LOC-02 PIT-39 {headers:?}");
        assert_eq!(made.json()["meta"]["location"], json!(location), "LOC-02 PIT-39 {headers:?}");
    }
}

#[test]
fn htt_08_every_error_is_json_of_ours() {
    let server = Server::start();
    let account = standard(&server);
    let authorization = format!("Bearer {}", account.key);
    let headers = [("authorization", authorization.as_str())];
    for target in
        ["/scim/v2/Nothing", "/scim/v2/Users/x", "/scim/v2/%00", "/scim/admin/x/y", "/scim/v2/Users?filter=%22"]
    {
        let answer = raw::exchange(&account.base, &[&raw::head("GET", target.as_bytes(), &headers)]);
        let error = answer.error(answer.status);
        assert_eq!(error["status"], answer.status.to_string(), "HTT-08 HTT-18 HTT-21 PIT-38 {target}");
    }
    let wrong = json!({ "schemas": [USER] });
    let error = ask(&account, "POST /Users", wrong).error(400);
    assert_eq!(error["status"], "400", "HTT-18 PIT-30 status is a text");
}
