//! Nesting without end (CVE-2026-46689): a 400, never a stack overflow; and without a key nothing is parsed at all.

use super::{Guarded, PATCH_OP, error_of};
use crate::{
    raw,
    support::{Server, encoded, request, send},
};
use serde_json::json;

const NESTED: usize = 5_000;

#[test]
fn s_16_json_100_000_deep() {
    const DEEP: usize = 100_000;
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    let arrays = format!("{}{}", "[".repeat(DEEP), "]".repeat(DEEP));
    let objects = format!("{}1{}", "{\"a\":".repeat(DEEP), "}".repeat(DEEP));
    let within = format!("{{\"schemas\":[],\"userName\":\"t@a.example\",\"name\":{objects}}}");
    for (name, body) in [("arrays", &arrays), ("objects", &objects), ("within", &within), ("open", &"[".repeat(DEEP))] {
        for (method, path) in [("POST", "/Users".to_owned()), ("PUT", guarded.path()), ("PATCH", guarded.path())] {
            let error = guarded.refuses(name, &[400], |account| {
                let url = format!("{}/scim/v2{path}", account.base);
                let request =
                    request(method, &url).bearer_auth(&account.key).header("content-type", "application/json");
                error_of(send(request.body(body.clone())))
            });
            assert_eq!(error["scimType"], "invalidSyntax", "{error}");
        }
    }
}

/// Nested parentheses and brackets, closed and open, in as many bytes as a request line carries.
fn bombs() -> Vec<(&'static str, String)> {
    let half = NESTED / 2;
    vec![
        ("open parentheses", "(".repeat(NESTED)),
        ("parentheses", format!("{}title pr{}", "(".repeat(half), ")".repeat(half))),
        ("not", "not(".repeat(NESTED / 4)),
        ("open brackets", "[".repeat(NESTED)),
        ("value paths", "a[".repeat(half)),
        ("closed value paths", format!("{}b pr{}", "a[".repeat(NESTED / 3), "]".repeat(NESTED / 3))),
        ("closing", ")".repeat(NESTED)),
        ("or", format!("title pr{}", " or title pr".repeat(NESTED / 12))),
        ("mixed", "emails[(not(".repeat(NESTED / 12)),
    ]
}

/// Query text that a URL may carry as it is.
fn in_url(filter: &str) -> String {
    filter.replace(' ', "+").replace('[', "%5B").replace(']', "%5D")
}

#[test]
fn s_16_nested_filters_with_a_key_are_refused() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    let authorization = format!("Bearer {}", guarded.account.key);
    for (name, filter) in bombs() {
        for written in [filter.replace(' ', "+"), in_url(&filter[..filter.len().min(2_400)])] {
            let target = format!("/scim/v2/Users?filter={written}");
            assert!(target.len() < 8_192, "{name}");
            let head = raw::head("GET", target.as_bytes(), &[("authorization", &authorization)]);
            let answer = raw::exchange(&server.base, &[&head]);
            // Some servers of HTTP do not take a bare bracket in a URL; that is an answer too.
            assert_eq!(answer.status, 400, "{name}: {}", answer.head);
            if !written.contains('[') {
                assert_eq!(answer.error(400)["scimType"], "invalidFilter", "{name}");
            }
        }
    }
    guarded.unchanged("nested filters");
}

#[test]
fn s_16_nested_paths_are_refused() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    for (name, bomb) in bombs() {
        let mut paths = vec![bomb.clone(), format!("emails[{bomb}].value")];
        // In a body there is room for the full number.
        paths.push(format!("emails[{}type eq \"x\"{}].value", "(".repeat(NESTED), ")".repeat(NESTED)));
        paths.push(format!("{}type eq \"x\"{}", "emails[".repeat(NESTED), "]".repeat(NESTED)));
        for path in paths {
            for operation in
                [json!({ "op": "replace", "path": path, "value": "x" }), json!({ "op": "remove", "path": path })]
            {
                let body = json!({ "schemas": [PATCH_OP], "Operations": [operation] });
                let error =
                    guarded.refuses(name, &[400], |account| error_of(account.scim("PATCH", &guarded.path(), body)));
                assert_eq!(error["scimType"], "invalidPath", "{name}: {error}");
            }
        }
    }
    // As a key of a value without path, too.
    let bomb = "(".repeat(NESTED);
    let keys = json!({ "schemas": [PATCH_OP], "Operations": [{ "op": "replace", "value": { format!("emails[{bomb}].value"): "x" } }] });
    guarded.refuses("key", &[400], |account| error_of(account.scim("PATCH", &guarded.path(), keys)));
}

#[test]
fn s_16_without_a_key_nothing_is_parsed() {
    let server = Server::start_with(&["--trusted-proxy", "127.0.0.1/32"]);
    let guarded = Guarded::new(server.account(json!("standard")));
    let before = guarded.entries();
    let unauthorised = server.account(json!("standard")).with_key("wrong");
    let plain = error_of(unauthorised.scim("GET", "/Users", json!(null)));
    assert_eq!(plain["status"], "401");
    let mut targets: Vec<String> = bombs()
        .into_iter()
        .map(|(_, filter)| format!("/Users?filter={}", in_url(&filter[..filter.len().min(2_400)])))
        .collect();
    targets.extend(
        [
            "/Users?filter=%",
            "/Users?filter=%ff%fe",
            "/Users?count=x&startIndex=y",
            "/Users?attributes=(((&excludedAttributes=)))",
            "/Users/%ff",
            "/Nothing/at/all",
            "/Users/..%2f..%2fetc",
        ]
        .map(str::to_owned),
    );
    for target in targets {
        for authorization in [None, Some("Bearer wrong")] {
            for method in ["GET", "PATCH", "POST", "PUT", "DELETE"] {
                let mut headers = vec![("content-length", "5000")];
                headers.extend(authorization.map(|value| ("authorization", value)));
                let address = format!("10.0.{}.{}", target.len() % 250, method.len());
                headers.push(("x-forwarded-for", &address));
                let head = raw::head(method, format!("/scim/v2{target}").as_bytes(), &headers);
                let answer = raw::exchange(&server.base, &[&head, "[".repeat(5_000).as_bytes()]);
                assert_eq!(answer.error(401), plain, "{method} {target}");
            }
        }
    }
    assert_eq!(guarded.entries(), before);
    guarded.unchanged("without a key");
    let long = format!("/Users?filter={}", encoded(&"(".repeat(NESTED)));
    unauthorised.scim("GET", &long, json!(null)).error(414);
}
