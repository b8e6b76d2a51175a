//! Bodies that are not what they should be.

use super::{Guarded, PATCH_OP, USER, error_of};
use crate::{
    raw,
    support::{Account, Server, request, send},
};
use serde_json::{Value, json};

fn send_text(account: &Account, method: &str, path: &str, content_type: Option<&str>, body: Vec<u8>) -> Value {
    let mut request = request(method, &format!("{}/scim/v2{path}", account.base)).bearer_auth(&account.key);
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    error_of(send(request.body(body)))
}

/// Every mutating request that has a body.
fn doors(guarded: &Guarded) -> [(&'static str, String); 3] {
    [("POST", "/Users".to_owned()), ("PUT", guarded.path()), ("PATCH", guarded.path())]
}

#[test]
fn s_16_bodies_that_are_no_json_object() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("empty", Vec::new()),
        ("blank", b"  \n".to_vec()),
        ("truncated", format!("{{\"schemas\":[\"{USER}\"],\"userName\":\"t@a.ex").into_bytes()),
        ("truncated escape", br#"{"userName":"\u00"#.to_vec()),
        ("lone surrogate", br#"{"userName":"\ud800"}"#.to_vec()),
        ("trailing text", br#"{"userName":"t@a.example"} x"#.to_vec()),
        ("two documents", br#"{}{}"#.to_vec()),
        ("trailing comma", br#"{"userName":"t@a.example",}"#.to_vec()),
        ("single quotes", br#"{'userName':'t@a.example'}"#.to_vec()),
        ("comment", br#"{/* */}"#.to_vec()),
        ("NaN", br#"{"userName":NaN}"#.to_vec()),
        ("byte order mark", b"\xef\xbb\xbf{}".to_vec()),
        ("bad UTF-8", b"{\"userName\":\"\xff\xfe\"}".to_vec()),
        ("UTF-16", "{}".encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("NUL bytes", vec![0; 64]),
        ("raw control character", b"{\"userName\":\"a\x01b\"}".to_vec()),
        ("a form", b"userName=t%40a.example".to_vec()),
        ("XML", b"<user/>".to_vec()),
        ("an array", b"[]".to_vec()),
        ("a string", b"\"x\"".to_vec()),
        ("a number", b"1e999".to_vec()),
        ("null", b"null".to_vec()),
    ];
    for (name, body) in cases {
        for (method, path) in doors(&guarded) {
            let name = format!("{method} {name}");
            let error = guarded.refuses(&name, &[400], |account| {
                send_text(account, method, &path, Some("application/scim+json"), body.clone())
            });
            assert_eq!(error["scimType"], "invalidSyntax", "{name}: {error}");
        }
    }
}

#[test]
fn s_16_content_types_that_are_not_read() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    let good = json!({ "schemas": [USER], "userName": "t@a.example" }).to_string();
    for content_type in [
        None,
        Some("text/plain"),
        Some("text/html; charset=utf-8"),
        Some("application/xml"),
        Some("application/x-www-form-urlencoded"),
        Some("application/json; charset=iso-8859-1"),
        Some("application/jsonp"),
        Some("multipart/form-data; boundary=x"),
        Some(""),
    ] {
        for (method, path) in doors(&guarded) {
            let name = format!("{method} {content_type:?}");
            guarded.refuses(&name, &[415], |account| {
                send_text(account, method, &path, content_type, good.clone().into_bytes())
            });
        }
    }
    guarded.refuses("compressed", &[415], |account| {
        let post = request("POST", &format!("{}/scim/v2/Users", account.base)).bearer_auth(&account.key);
        let post = post.header("content-type", "application/json").header("content-encoding", "gzip");
        error_of(send(post.body(good.clone())))
    });
}

const MEGABYTES_20: usize = 20 * 1024 * 1024;

#[test]
fn s_16_20_megabytes_with_a_length_and_in_chunks() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    let mut body = format!("{{\"schemas\":[\"{USER}\"],\"userName\":\"big@a.example\",\"title\":\"").into_bytes();
    body.resize(MEGABYTES_20, b'x');
    let authorization = format!("Bearer {}", guarded.account.key);
    let headers = [("authorization", authorization.as_str()), ("content-type", "application/scim+json")];
    guarded.refuses("Content-Length", &[413], |account| {
        let length = MEGABYTES_20.to_string();
        let headers = [&headers[..], &[("content-length", length.as_str())]].concat();
        raw::exchange(&account.base, &[&raw::head("POST", b"/scim/v2/Users", &headers), &body]).error(413)
    });
    guarded.refuses("chunked", &[413], |account| {
        let headers = [&headers[..], &[("transfer-encoding", "chunked")]].concat();
        let head = raw::head("POST", b"/scim/v2/Users", &headers);
        let size = format!("{:x}\r\n", 64 * 1024);
        let mut pieces: Vec<&[u8]> = vec![&head];
        for chunk in body.chunks_exact(64 * 1024) {
            pieces.extend([size.as_bytes(), chunk, b"\r\n"]);
        }
        pieces.push(b"0\r\n\r\n");
        raw::exchange(&account.base, &pieces).error(413)
    });
    // A length that is a lie is not believed further than the bound.
    let lie = raw::head("POST", b"/scim/v2/Users", &[&headers[..], &[("content-length", "99999999999999")]].concat());
    guarded.refuses("a lie", &[413], |account| raw::exchange(&account.base, &[&lie]).error(413));
}

#[test]
fn s_16_a_connection_that_ends_within_the_body() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    let authorization = format!("Bearer {}", guarded.account.key);
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", "application/scim+json"),
        ("content-length", "500"),
    ];
    let before = guarded.entries();
    let stream = raw::connect(&server.base);
    std::io::Write::write_all(&mut &stream, &raw::head("POST", b"/scim/v2/Users", &headers)).expect("the server reads");
    std::io::Write::write_all(&mut &stream, b"{\"schemas\":").expect("the server reads");
    stream.shutdown(std::net::Shutdown::Write).expect("a connection can be ended");
    let answer = raw::read(stream);
    assert!(answer.status == 0 || answer.status == 400, "{}", answer.head);
    guarded.unchanged("cut off");
    assert!(guarded.entries() <= before + 1);
}

#[test]
fn s_16_names_that_mean_two_things_and_schemas_that_mean_nothing() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    let core = format!("\"schemas\":[\"{USER}\"],\"userName\":\"t@a.example\"");
    let cases: Vec<(&str, String, &str, &str)> = vec![
        ("duplicate", format!("{{{core},\"title\":\"a\",\"title\":\"b\"}}"), "invalidSyntax", "title"),
        ("duplicate in another case", format!("{{{core},\"title\":\"a\",\"TITLE\":\"b\"}}"), "invalidSyntax", "TITLE"),
        ("duplicate userName", format!("{{{core},\"username\":\"b@a.example\"}}"), "invalidSyntax", "username"),
        ("duplicate active", format!("{{{core},\"active\":true,\"Active\":false}}"), "invalidSyntax", "Active"),
        (
            "duplicate sub-attribute",
            format!("{{{core},\"name\":{{\"givenName\":\"a\",\"givenname\":\"b\"}}}}"),
            "invalidSyntax",
            "givenname",
        ),
        ("unknown attribute", format!("{{{core},\"shoeSize\":43}}"), "invalidValue", "shoeSize"),
        ("unknown sub-attribute", format!("{{{core},\"name\":{{\"nick\":\"a\"}}}}"), "invalidValue", "name.nick"),
        ("__proto__", format!("{{{core},\"__proto__\":{{\"admin\":true}}}}"), "invalidValue", "__proto__"),
        ("constructor", format!("{{{core},\"constructor\":{{\"prototype\":{{}}}}}}"), "invalidValue", "constructor"),
        ("empty name", format!("{{{core},\"\":1}}"), "invalidValue", "``"),
        (
            "unknown extension",
            format!("{{{core},\"urn:example:x:2.0:User\":{{\"a\":1}}}}"),
            "invalidValue",
            "urn:example:x:2.0:User",
        ),
        (
            "unknown schema",
            format!("{{\"schemas\":[\"{USER}\",\"urn:example:x\"],\"userName\":\"t@a.example\"}}"),
            "invalidValue",
            "urn:example:x",
        ),
        (
            "SCIM 1.1",
            "{\"schemas\":[\"urn:scim:schemas:core:1.0\"],\"userName\":\"t@a.example\"}".to_owned(),
            "invalidValue",
            USER,
        ),
        (
            "SCIM 1.1 user",
            "{\"schemas\":[\"urn:scim:schemas:core:1.0:User\"],\"userName\":\"t@a.example\"}".to_owned(),
            "invalidValue",
            USER,
        ),
        (
            "another type's schema",
            "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:Group\"],\"userName\":\"t@a.example\"}".to_owned(),
            "invalidValue",
            USER,
        ),
        ("no schemas", "{\"userName\":\"t@a.example\"}".to_owned(), "invalidSyntax", "schemas"),
        (
            "schemas that is no array",
            format!("{{\"schemas\":\"{USER}\",\"userName\":\"t@a.example\"}}"),
            "invalidSyntax",
            "schemas",
        ),
        ("empty schemas", "{\"schemas\":[],\"userName\":\"t@a.example\"}".to_owned(), "invalidValue", "schemas"),
    ];
    for (name, body, scim_type, word) in cases {
        for (method, path) in [("POST", "/Users".to_owned()), ("PUT", guarded.path())] {
            let name = format!("{method} {name}");
            let error = guarded.refuses(&name, &[400], |account| {
                send_text(account, method, &path, Some("application/scim+json"), body.clone().into_bytes())
            });
            assert_eq!(error["scimType"], scim_type, "{name}: {error}");
            assert!(error["detail"].as_str().is_some_and(|detail| detail.contains(word)), "{name}: {error}");
        }
    }
}

#[test]
fn s_16_patches_that_mean_nothing() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    let operations = |operations: Value| json!({ "schemas": [PATCH_OP], "Operations": operations });
    let one = |operation: Value| operations(json!([operation]));
    let path_of = |path: &str| one(json!({ "op": "replace", "path": path, "value": "x" }));
    let cases: Vec<(&str, Value, &str)> = vec![
        ("no schemas", json!({ "Operations": [] }), "invalidSyntax"),
        (
            "foreign schemas",
            json!({ "schemas": [USER], "Operations": [{ "op": "remove", "path": "title" }] }),
            "invalidSyntax",
        ),
        ("SCIM 1.1", json!({ "schemas": ["urn:scim:schemas:core:1.0"], "nickName": "x" }), "invalidSyntax"),
        ("no operations", json!({ "schemas": [PATCH_OP] }), "invalidSyntax"),
        ("empty operations", operations(json!([])), "invalidSyntax"),
        ("operations no array", operations(json!({ "op": "remove" })), "invalidSyntax"),
        ("operation no object", operations(json!(["remove"])), "invalidSyntax"),
        (
            "too many",
            operations(vec![json!({ "op": "replace", "path": "title", "value": "x" }); 1_001].into()),
            "invalidSyntax",
        ),
        ("no op", one(json!({ "path": "title", "value": "x" })), "invalidSyntax"),
        ("unknown op", one(json!({ "op": "test", "path": "title", "value": "x" })), "invalidSyntax"),
        ("op no string", one(json!({ "op": 1, "path": "title", "value": "x" })), "invalidSyntax"),
        ("path no string", one(json!({ "op": "replace", "path": 7, "value": "x" })), "invalidSyntax"),
        ("path malformed", path_of("emails["), "invalidPath"),
        ("path with a space", path_of("nick name"), "invalidPath"),
        ("path of slashes", path_of("/nickName"), "invalidPath"),
        ("path with a NUL", path_of("nick\u{0}Name"), "invalidPath"),
        ("path with two filters", path_of("emails[type eq \"a\"][type eq \"b\"].value"), "invalidPath"),
        ("unknown attribute", path_of("shoeSize"), "invalidValue"),
        ("unknown sub-attribute", path_of("name.nick"), "invalidValue"),
        ("prototype", path_of("__proto__.admin"), "invalidPath"),
        ("no value", one(json!({ "op": "add", "path": "title" })), "invalidValue"),
        ("pathless text", one(json!({ "op": "replace", "value": "x" })), "invalidValue"),
        (
            "duplicate in another case",
            one(json!({ "op": "replace", "value": { "title": "a", "Title": "b" } })),
            "invalidSyntax",
        ),
        ("no target", path_of("emails[type eq \"fax\"].value"), "noTarget"),
        ("remove nothing named", one(json!({ "op": "remove" })), "noTarget"),
        ("remove what is required", one(json!({ "op": "remove", "path": "userName" })), "mutability"),
    ];
    for (name, body, scim_type) in cases {
        let error =
            guarded.refuses(name, &[400], |account| error_of(account.scim("PATCH", &guarded.path(), body.clone())));
        assert_eq!(error["scimType"], scim_type, "{name}: {error}");
    }
}

#[test]
fn s_16_roles_and_attributes_that_the_policy_refuses_are_named() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("dsm")));
    let role =
        |values: &[&str]| json!([{ "op": "replace", "path": "roles", "value": crate::support::assertive(values) }]);
    for (name, operations, words) in [
        (
            "second system role",
            role(&["ACCOUNTMEMBER", "ACCOUNTAUDITOR"]),
            vec!["`Account Member`", "`Account Auditor`", "roles.cardinality"],
        ),
        ("unknown role", role(&["Ghost"]), vec!["`Ghost`", "roles.unknown"]),
        (
            "refused attribute",
            json!([{ "op": "replace", "path": "displayName", "value": "X" }]),
            vec!["`displayName`", "users.unsupported_on_patch"],
        ),
        (
            "refused extension",
            json!([{ "op": "add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "value": "X" }]),
            vec!["enterprise:2.0:User:department", "users.unsupported_on_patch"],
        ),
        (
            "refused without path",
            json!([{ "op": "replace", "value": { "active": false, "name.givenName": "X" } }]),
            vec!["name.givenName", "users.unsupported_on_patch"],
        ),
    ] {
        let error = guarded.refuses(name, &[400], |account| error_of(account.patch(&guarded.id, operations.clone())));
        let detail = error["detail"].as_str().expect("a detail");
        assert!(words.iter().all(|word| detail.contains(word)), "{name}: {detail}");
    }
}
