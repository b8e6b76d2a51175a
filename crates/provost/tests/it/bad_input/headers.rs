//! Headers that would have the server take a request for another one: other hosts, other methods, two lengths, two requests in one.

use super::Guarded;
use crate::{
    raw::{self, Raw},
    support::{Server, request, send},
};
use serde_json::{Value, json};
use std::io::Write as _;

/// Sends bytes as they are, and reads until the server closes.
fn exchange(base: &str, request: &str) -> Raw {
    raw::exchange(base, &[request.as_bytes()])
}

/// How many answers came back over the connection.
fn answers(raw: &Raw) -> usize {
    let all = format!("{}{}", raw.head, String::from_utf8_lossy(&raw.body));
    all.matches("HTTP/1.1 ").count()
}

#[test]
fn s_21_no_header_names_another_host_scheme_client_or_path() {
    const PUBLIC: &str = "https://scim.example.com";
    let server = Server::start_with(&["--public-url", PUBLIC]);
    let guarded = Guarded::new(server.account(json!("standard")));
    let account = &guarded.account;
    let host = server.base.strip_prefix("http://").expect("plain HTTP");
    let own = format!("{PUBLIC}/scim/v2/Users/{}", guarded.id);
    for (name, value) in [
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-for", "203.0.113.9"),
        ("x-forwarded-port", "444"),
        ("x-forwarded-prefix", "/evil"),
        ("forwarded", "for=203.0.113.9;host=evil.example;proto=https"),
        ("x-host", "evil.example"),
        ("x-original-url", "/api/v1/accounts"),
        ("x-rewrite-url", "/api/v1/accounts"),
        ("x-real-ip", "203.0.113.9"),
        ("x-original-host", "evil.example"),
    ] {
        let answer = account.scim_with("GET", &guarded.path(), &[(name, value)], Value::Null).expect(200);
        assert_eq!(answer.json()["meta"]["location"], own, "{name}");
        assert!(!answer.text.contains("evil.example") && !format!("{:?}", answer.headers).contains("evil.example"));
    }
    account.patch(&guarded.id, json!([{ "op": "replace", "path": "title", "value": "T" }])).expect(200);
    let entry = guarded.entry();
    assert_eq!(entry["client_ip"], "127.0.0.1", "{entry}");
    // Nor does the host that somebody asks for. (Without `--public-url` it is the one that who asked is told.)
    for named in ["evil.example", "evil.example:80", &format!("{host}.evil.example")] {
        let head = format!(
            "GET /scim/v2/Users HTTP/1.1\r\nhost: {named}\r\nauthorization: Bearer {}\r\nconnection: close\r\n\r\n",
            account.key
        );
        let answer = exchange(&server.base, &head);
        assert_eq!(answer.status, 200, "{named}: {}", answer.head);
        let body = String::from_utf8_lossy(&answer.body);
        assert!(body.contains(PUBLIC) && !body.contains("evil"), "{named}: {body}");
    }
}

#[test]
fn s_16_a_method_is_the_one_of_the_request_line() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    for name in ["x-http-method-override", "x-http-method", "x-method-override"] {
        for method in ["GET", "HEAD"] {
            let answer = guarded.account.scim_with(method, &guarded.path(), &[(name, "DELETE")], Value::Null);
            assert_eq!(answer.status, 200, "{name}");
        }
        let path = format!("{}?_method=DELETE", guarded.path());
        guarded.account.scim_with("GET", &path, &[(name, "PATCH")], Value::Null).expect(200);
    }
    guarded.unchanged("overrides");
}

#[test]
fn s_16_two_lengths_or_a_length_and_chunks_are_no_request() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    let before = guarded.entries();
    let key = &guarded.account.key;
    let smuggled = format!(
        "DELETE /scim/v2{} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\nconnection: close\r\n\r\n",
        guarded.path()
    );
    for (name, framing, body) in [
        ("two lengths", format!("content-length: 0\r\ncontent-length: {}", smuggled.len()), String::new()),
        (
            "two lengths the other way",
            format!("content-length: {}\r\ncontent-length: 0", smuggled.len()),
            String::new(),
        ),
        ("a list of lengths", format!("content-length: 0, {}", smuggled.len()), String::new()),
        ("a length with a sign", "content-length: +0".to_owned(), String::new()),
        ("a length below nothing", "content-length: -1".to_owned(), String::new()),
        ("a length in hexadecimal", "content-length: 0x0".to_owned(), String::new()),
        ("an odd encoding", "transfer-encoding: xchunked".to_owned(), String::new()),
        ("an encoding behind another", "transfer-encoding: chunked, identity".to_owned(), "0\r\n\r\n".to_owned()),
        ("a folded header", "content-length: 0\r\nx: a\r\n content-length: 9".to_owned(), String::new()),
        ("a space before the colon", "content-length : 0".to_owned(), String::new()),
        ("a chunk of no size", "transfer-encoding: chunked".to_owned(), "zz\r\n\r\n".to_owned()),
        ("a chunk without an end", "transfer-encoding: chunked".to_owned(), "ffffffffffffffffff\r\n".to_owned()),
    ] {
        let head = format!(
            "POST /scim/v2/Users HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\n\
             content-type: application/json\r\n{framing}\r\n\r\n{body}"
        );
        let answer = exchange(&server.base, &format!("{head}{smuggled}"));
        assert!((400..=505).contains(&answer.status), "{name}: {}", answer.head);
        assert_eq!(answers(&answer), 1, "{name}: what stands behind it is not taken for a request");
    }
    // A length beside chunks: whichever counts, what is smuggled does not.
    let both = format!(
        "POST /scim/v2/Users HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\ncontent-type: application/json\r\n\
         content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{smuggled}"
    );
    let answer = exchange(&server.base, &both);
    assert!((400..=505).contains(&answer.status) && answers(&answer) == 1, "{}", answer.head);
    guarded.unchanged("smuggling");
    let made = guarded.entries() - before;
    assert!(made <= 14, "nothing but refusals of empty bodies may be recorded: {made}");
}

#[test]
fn s_16_no_line_break_comes_into_a_header() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    for target in [
        "/scim/v2/Users/%0d%0aset-cookie:%20a=b",
        "/scim/v2/Users?filter=%0d%0aset-cookie:%20a=b",
        "/console/sign-in?next=%2Fconsole%0d%0aset-cookie:%20a=b",
        "/scim/v2/x%0d%0a%0d%0aHTTP/1.1%20200%20OK",
    ] {
        let answer = send(request("GET", &format!("{}{target}", server.base)).bearer_auth(&guarded.account.key));
        let planted = answer.headers.get_all("set-cookie").iter().any(|cookie| cookie.as_bytes().starts_with(b"a=b"));
        assert!(!planted, "{target}: {:?}", answer.headers);
        assert!(answer.status < 500, "{target}: {}", answer.status);
    }
    for id in ["a\rb", "a\nx: y", "\u{7f}"] {
        let head = format!("GET /healthz HTTP/1.1\r\nhost: x\r\nx-request-id: {id}\r\nconnection: close\r\n\r\n");
        let mut stream = raw::connect(&server.base);
        stream.write_all(head.as_bytes()).expect("the server reads");
        let answer = raw::read(stream);
        assert!(!answer.head.contains("\r\nx: y") && !answer.head.contains(id), "{}", answer.head);
    }
    // Names with line breaks are not taken at all.
    for name in ["a\r\nset-cookie: a=b", "a\nb", "\u{85}\u{7}"] {
        let user = json!({ "schemas": [super::USER], "userName": name });
        guarded.account.scim("POST", "/Users", user).error(400);
    }
    assert!(!server.log().lines().any(|line| line.starts_with("set-cookie")), "nor does a log line begin with them");
}
