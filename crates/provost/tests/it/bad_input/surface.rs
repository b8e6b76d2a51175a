//! URLs, methods and headers that lead nowhere.

use super::{Guarded, USER};
use crate::{
    raw::{self, Raw},
    support::{Account, Server, encoded},
};
use serde_json::{Value, json};

fn ask(account: &Account, method: &str, target: &[u8]) -> Raw {
    let authorization = format!("Bearer {}", account.key);
    raw::exchange(&account.base, &[&raw::head(method, target, &[("authorization", &authorization)])])
}

#[test]
fn s_16_methods_on_paths_that_do_not_answer_them() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    let account = &guarded.account;
    let before = guarded.entries();
    let (users, user) = ("GET, HEAD, POST, OPTIONS", "GET, HEAD, PUT, PATCH, DELETE, OPTIONS");
    let one = guarded.path();
    for (path, allowed) in [
        ("/Users", users),
        ("/Groups", users),
        (one.as_str(), user),
        ("/Groups/1", user),
        ("/ServiceProviderConfig", "GET, HEAD, OPTIONS"),
        ("/ResourceTypes", "GET, HEAD, OPTIONS"),
        ("/ResourceTypes/User", "GET, HEAD, OPTIONS"),
        ("/Schemas", "GET, HEAD, OPTIONS"),
    ] {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "BREW"] {
            if allowed.split(", ").any(|name| name == method) {
                continue;
            }
            let target = format!("/scim/v2{path}");
            let answer = ask(account, method, target.as_bytes());
            let error = answer.error(405);
            assert!(answer.head.contains(&format!("\r\nallow: {allowed}\r\n")), "{method} {path}: {}", answer.head);
            assert!(error["detail"].as_str().is_some_and(|detail| detail.contains(allowed)), "{error}");
        }
        let options = ask(account, "OPTIONS", format!("/scim/v2{path}").as_bytes());
        assert_eq!((options.status, options.body.len()), (204, 0), "{path}: {}", options.head);
        assert!(options.head.contains(&format!("\r\nallow: {allowed}\r\n")), "{path}: {}", options.head);
    }
    assert_eq!(guarded.entries(), before, "nothing was asked to change");
    guarded.unchanged("methods");
}

#[test]
fn head_is_get_without_its_body() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    for path in
        [guarded.path(), "/Users".to_owned(), "/Schemas".to_owned(), "/Nothing".to_owned(), "/Users/x".to_owned()]
    {
        let target = format!("/scim/v2{path}");
        let (get, head) =
            (ask(&guarded.account, "GET", target.as_bytes()), ask(&guarded.account, "HEAD", target.as_bytes()));
        assert_eq!((head.status, head.body.len()), (get.status, 0), "{path}");
        let steady = |raw: &Raw| -> Vec<String> {
            let lines =
                raw.head.lines().filter(|line| !line.starts_with("x-request-id:") && !line.starts_with("date:"));
            lines.map(str::to_owned).collect()
        };
        assert_eq!(steady(&head), steady(&get), "{path}");
    }
}

#[test]
fn s_10_paths_under_scim_that_lead_nowhere_are_404_in_scim_form() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    for target in [
        "/scim/v2/users",
        "/scim/v2/User",
        "/scim/v2/Users/1/2",
        "/scim/v2//Users",
        "/scim/v2/Users//",
        "/scim/v2/Nothing?filter=(((",
        "/scim/v2/.env",
        "/scim/v2/Users/../Users",
        "/scim/v2/Users/..%2f..%2f..%2fetc%2fpasswd",
        "/scim/v2/Users/%2e%2e",
        "/scim/v2/Users/..;/x",
        "/scim/v2/Users/null",
        "/scim/v2/Users/0",
        "/scim/v2/Users/-1",
        "/scim/v2/Users/*",
        "/scim/v2/Users/%00",
        "/scim/v2/Users/a%00b",
        "/scim/v2/Users/%ff%fe",
        "/scim/v2/Users/%",
        "/scim/v2/Users/%zz",
        "/scim/v2/Users/' OR 1=1 --".replace(' ', "%20").as_str(),
        "/scim/v2/Users/__proto__",
        "/scim/v2/Users/${jndi:ldap:x}".replace('{', "%7B").replace('}', "%7D").as_str(),
        "/scim/v2/Users/😀",
        "/scim/admin",
        "/scim/v2/../../api/v1/accounts",
    ] {
        let answer = ask(&guarded.account, "GET", target.as_bytes());
        answer.error(404);
    }
    for id in ["..%2fUsers", "%00", "null", "018f4a3c-0000-7000-8000-000000000000", &"a".repeat(4_000)] {
        for method in ["PUT", "PATCH", "DELETE"] {
            let name = format!("{method} {id}");
            let body = match method {
                "PUT" => json!({ "schemas": [USER], "userName": "t@a.example" }),
                "PATCH" => json!({
                    "schemas": [super::PATCH_OP],
                    "Operations": [{ "op": "replace", "path": "title", "value": "T" }],
                }),
                _ => Value::Null,
            };
            guarded.refuses(&name, &[404], |account| account.scim(method, &format!("/Users/{id}"), body).error(404));
        }
    }
}

#[test]
fn s_16_queries_that_are_no_text() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    let account = &guarded.account;
    for (query, status) in [
        ("filter=%ff%fe", 400),
        ("filter=userName+eq+%22%ff%22", 400),
        ("%ff=1", 400),
        ("filter=%", 400),
        ("filter=%00", 400),
        ("filter=userName+eq+%22a%00b%22", 400),
        ("filter=userName+eq+%22a%01b%22", 400),
        ("attributes=%00", 400),
        ("attributes=((", 400),
        ("attributes=%3Cscript%3E", 400),
        ("count=1e9", 400),
        ("count=9999999999999999999999999", 200),
        ("startIndex=9999999999999999999999999", 200),
        ("aadOptscim062020=&filter=userName+eq+%22x%40a.example%22", 200),
        ("unknown=%00&other[]=1", 200),
        ("&&&=&", 200),
        ("filter=userName+eq+%22x%22&filter=(((", 200),
    ] {
        let answer = ask(account, "GET", format!("/scim/v2/Users?{query}").as_bytes());
        if status == 400 {
            answer.error(400);
        } else {
            assert_eq!(answer.status, status, "{query}: {}", answer.head);
        }
    }
    let quotes = encoded(r#"userName eq "x\" or userName pr or userName eq \"""#);
    assert_eq!(
        account.scim("GET", &format!("/Users?filter={quotes}"), Value::Null).expect(200).json()["totalResults"],
        0
    );
}

#[test]
fn s_16_a_long_target_and_long_headers() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    let account = &guarded.account;
    ask(account, "GET", format!("/scim/v2/Users?filter={}", "x".repeat(9 * 1024)).as_bytes()).error(414);
    ask(account, "GET", format!("/scim/v2/Users/{}", "x".repeat(9 * 1024)).as_bytes()).error(414);
    let long = "x".repeat(9 * 1024);
    raw::exchange(&account.base, &[&raw::head("GET", b"/scim/v2/Users", &[("x-long", &long)])]).error(431);
    // Beyond what the HTTP layer reads there is an answer, though not one of ours.
    let longer = ask(account, "GET", format!("/scim/v2/Users/{}", "x".repeat(100 * 1024)).as_bytes());
    assert!(matches!(longer.status, 0 | 400 | 414 | 431), "{}", longer.head);
    for noise in [
        &b"\x00\x01\x02\r\n\r\n"[..],
        b"GET\r\n\r\n",
        b"GET /scim/v2/Users HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01",
    ] {
        let stream = raw::connect(&account.base);
        std::io::Write::write_all(&mut &stream, noise).expect("the server reads");
        stream.shutdown(std::net::Shutdown::Write).expect("a connection can be ended");
        let answer = raw::read(stream);
        assert!(answer.status == 0 || (400..=505).contains(&answer.status), "{noise:?}: {}", answer.head);
    }
    guarded.unchanged("noise");
}
