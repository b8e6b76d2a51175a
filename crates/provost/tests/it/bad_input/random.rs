//! Two thousand random requests over real connections; the bulk of them runs in the server's own tests.

use super::{GROUP, Guarded, PATCH_OP, USER};
use crate::{raw, support::Server};
use proptest::{
    collection::vec,
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::json;

const REQUESTS: usize = 2_000;

/// Fragments of valid requests, and of anything else.
fn fragment() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(format!("{{\"schemas\":[\"{USER}\"],\"userName\":\"r@a.example\"")),
        Just(format!("{{\"schemas\":[\"{PATCH_OP}\"],\"Operations\":[{{\"op\":\"replace\",\"path\":\"")),
        Just(format!("{{\"schemas\":[\"{GROUP}\"],\"displayName\":\"r\",\"members\":[")),
        Just("{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:SearchRequest\"],\"filter\":\"".to_owned()),
        Just("{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:BulkRequest\"],\"Operations\":[".to_owned()),
        prop::sample::select(vec![
            "}",
            "]",
            "{",
            "[",
            "\"",
            ":",
            ",",
            "null",
            "true",
            "-1e400",
            "\\u0000",
            "\\ud800",
            "\"active\":\"False\"",
            "{\"method\":\"POST\",\"path\":\"/Users\",\"bulkId\":\"1\",\"data\":",
            "members[value eq \\\"x\\\"]",
            "emails[type eq \"work\"].value",
            "\",\"value\":",
            "\"x\"}]}",
            "(((",
            "not (",
            " and ",
            "userName eq ",
            "%00",
            "&",
            "=",
            "?",
            "/",
            "..",
            "\u{0}",
            "😀",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
        "[ -~]{0,40}",
    ]
}

fn text() -> impl Strategy<Value = String> {
    vec(fragment(), 0..8).prop_map(|fragments| fragments.concat())
}

/// A request line that stays one line.
fn target() -> impl Strategy<Value = Vec<u8>> {
    let path = prop::sample::select(vec![
        "/scim/v2/Users",
        "/scim/v2/Users/",
        "/scim/v2/Users?filter=",
        "/scim/",
        "/scim/v2/Schemas/",
        "/scim/v2/Groups?",
        "/scim/v2/Groups/",
        "/scim/v2/Users?sortBy=",
        "/scim/v2/Users?cursor=",
        "/scim/v2/Users/.search",
        "/scim/v2/Bulk",
        "/scim/v2?",
    ]);
    (path, text(), vec(any::<u8>(), 0..4)).prop_map(|(path, text, bytes)| {
        let mut target = path.as_bytes().to_vec();
        target.extend(text.bytes().chain(bytes).filter(|byte| !byte.is_ascii_whitespace() && *byte != 0));
        target
    })
}

#[test]
fn s_16_random_requests_are_answered_and_never_with_a_5xx() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    let authorization = format!("Bearer {}", guarded.account.key);
    let seed: [u8; 32] = std::array::from_fn(|index| (index * 37 + 11) as u8);
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let methods = prop::sample::select(vec!["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "X"]);
    let types = prop::sample::select(vec!["application/scim+json", "application/json", "text/plain", "x"]);
    let requests = (methods, target(), types, text());
    for number in 0..REQUESTS {
        let (method, target, content_type, body) =
            requests.new_tree(&mut runner).expect("a request can be made").current();
        let length = body.len().to_string();
        let headers =
            [("authorization", authorization.as_str()), ("content-type", content_type), ("content-length", &length)];
        let answer = raw::exchange(&server.base, &[&raw::head(method, &target, &headers), body.as_bytes()]);
        let shown = String::from_utf8_lossy(&target).into_owned();
        assert!(
            (200..500).contains(&answer.status) || answer.status == 501,
            "{number}: {method} {shown} {body}: {}",
            answer.head
        );
        // What HTTP itself refuses has no body; everything else under /scim is a SCIM error.
        if answer.status >= 400 && method != "HEAD" && !answer.body.is_empty() {
            answer.error(answer.status);
        }
    }
    guarded.account.get(&guarded.id).expect(200);
    let users = guarded.account.scim("GET", "/Users?count=200", json!(null)).expect(200).json();
    for user in users["Resources"].as_array().expect("a list") {
        let id = user["id"].as_str().expect("an id");
        assert_eq!(&guarded.account.get(id).expect(200).json(), user);
    }
    let verified = guarded.account.api("GET", "/audit/verify", json!(null)).expect(200).json();
    assert_eq!(verified["verified"], json!(true));
}
