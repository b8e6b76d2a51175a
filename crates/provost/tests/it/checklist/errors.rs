//! Errors: their form, status codes and keywords (ERR).

use super::{NOBODY, SEARCH, USER, add, ask, id_of, make_user, new_user, patch, remove, replace, standard};
use crate::support::Server;
use serde_json::{Value, json};

const KEYWORDS: [&str; 12] = [
    "invalidFilter",
    "tooMany",
    "uniqueness",
    "mutability",
    "invalidSyntax",
    "invalidPath",
    "noTarget",
    "invalidValue",
    "invalidVers",
    "sensitive",
    "invalidCursor",
    "invalidCount",
];

#[test]
fn err_03_every_keyword_with_its_status() {
    let server = Server::start();
    let account = standard(&server);
    let taken = super::fresh("taken");
    make_user(&account, json!({ "userName": taken }));
    let path = format!("/Users/{}", id_of(&make_user(&account, json!({}))));
    let operation = |operation: Value| patch(json!([operation]));
    for (request, body, status, keyword, word) in [
        ("GET /Users?filter=x".to_owned(), Value::Null, 400, "invalidFilter", "filter"),
        ("POST /Users".to_owned(), json!({ "schemas": [USER], "userName": taken }), 409, "uniqueness", "userName"),
        (format!("PATCH {path}"), operation(remove("userName")), 400, "mutability", "userName"),
        (format!("PATCH {path}"), operation(replace("meta.created", json!("x"))), 400, "mutability", "meta"),
        ("POST /Users".to_owned(), json!([]), 400, "invalidSyntax", "object"),
        (format!("PATCH {path}"), operation(replace("a[b", json!(1))), 400, "invalidPath", "path"),
        (format!("PATCH {path}"), operation(json!({ "op": "remove" })), 400, "noTarget", "path"),
        (
            format!("PATCH {path}"),
            operation(replace("emails[type eq \"x\"].value", json!("y"))),
            400,
            "noTarget",
            "emails",
        ),
        ("POST /Users".to_owned(), new_user(json!({ "active": 7 })), 400, "invalidValue", "active"),
        (format!("PATCH {path}"), operation(add("shoeSize", json!(1))), 400, "invalidValue", "shoeSize"),
        ("GET /Users?count=x".to_owned(), Value::Null, 400, "invalidValue", "count"),
        (format!("GET /Users/{NOBODY}"), Value::Null, 404, "", "user"),
        ("GET /Nothing".to_owned(), Value::Null, 404, "", "path"),
        ("DELETE /Users".to_owned(), Value::Null, 405, "", "GET"),
        ("GET /Me".to_owned(), Value::Null, 501, "", "/Me"),
        ("GET /Schemas?filter=id%20pr".to_owned(), Value::Null, 403, "", "discovery"),
    ] {
        let error = ask(&account, &request, body).error(status);
        let found = error["scimType"].as_str().unwrap_or_default();
        assert_eq!(found, keyword, "ERR-03 ERR-02 {request}: {error}");
        assert!(found.is_empty() || KEYWORDS.contains(&found), "ERR-03 {found}");
        let detail = error["detail"].as_str().expect("ERR-01 a detail");
        assert!(detail.contains(word), "ERR-04 {request}: {detail}");
        for (member, value) in error.as_object().expect("ERR-01 an object") {
            assert!(["schemas", "status", "scimType", "detail"].contains(&member.as_str()), "ERR-01 {member}: {value}");
        }
        assert_eq!(error["status"], json!(status.to_string()), "ERR-01 PIT-30 a text");
    }
}

#[test]
fn err_05_nothing_a_client_sends_is_a_500() {
    let server = Server::start();
    let account = standard(&server);
    let id = id_of(&make_user(&account, json!({})));
    let mut values = super::odd_values();
    values.extend([
        Value::Null,
        json!("x"),
        json!(-1),
        json!(1e308),
        json!(u64::MAX),
        json!("\u{0}"),
        json!("\u{FFFF}"),
    ]);
    for value in &values {
        for (request, body) in [
            ("POST /Users", value.clone()),
            ("POST /Users", json!({ "schemas": value, "userName": value })),
            (
                "POST /Users",
                json!({ "schemas": [USER], "userName": "x", "emails": value, "name": value, "active": value }),
            ),
            ("POST /Groups", json!({ "schemas": [super::GROUP], "displayName": value, "members": value })),
            (
                "POST /Groups",
                json!({ "schemas": [super::GROUP], "displayName": "x", "members": [value, { "value": value }] }),
            ),
            ("POST /Users/.search", json!({ "schemas": [SEARCH], "filter": value })),
            (
                "POST /.search",
                json!({ "schemas": [SEARCH], "sortBy": value, "sortOrder": value, "cursor": value, "count": value }),
            ),
            (
                "POST /Bulk",
                json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": value, "failOnErrors": value }),
            ),
            (
                "POST /Bulk",
                json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [value] }),
            ),
        ] {
            let answer = ask(&account, request, body.clone());
            assert!(answer.status < 500 || answer.status == 501, "ERR-05 {request} {body}: {}", answer.text);
        }
        for operation in [
            json!({ "op": value }),
            json!({ "op": "add", "path": value, "value": value }),
            json!({ "op": "replace", "path": "emails", "value": value }),
            json!({ "op": "remove", "path": "emails[value eq 1]", "value": value }),
        ] {
            let answer = ask(&account, &format!("PATCH /Users/{id}"), patch(json!([operation])));
            assert!(answer.status < 500, "ERR-05 {operation}: {}", answer.text);
            for hint in ["panicked", "src/", ".rs:", "sqlite", "SELECT", "thread '"] {
                assert!(!answer.text.contains(hint), "ERR-04 SEC-04 {hint} in {}", answer.text);
            }
        }
    }
}
