//! Every kind of refusal is a SCIM error that names the attribute and what to do (S-10).

use crate::support::{Account, Server, assertive, request, send};
use serde_json::{Value, json};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// Method, path, headers, body; then status, `scimType` and words of the detail.
struct Case {
    name: &'static str,
    send: (&'static str, String, Vec<(&'static str, &'static str)>, Value),
    status: u16,
    scim_type: Option<&'static str>,
    words: &'static [&'static str],
}

fn case(
    name: &'static str,
    send: (&'static str, String, Value),
    (status, scim_type): (u16, Option<&'static str>),
    words: &'static [&'static str],
) -> Case {
    let (method, path, body) = send;
    Case { name, send: (method, path, Vec::new(), body), status, scim_type, words }
}

fn patch(operation: Value) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation] })
}

fn check(account: &Account, case: &Case) {
    let (method, path, headers, body) = &case.send;
    let error = account.scim_with(method, path, headers, body.clone()).error(case.status);
    let name = case.name;
    assert_eq!(error.get("scimType").and_then(Value::as_str), case.scim_type, "{name}: {error}");
    let members: Vec<&String> = error.as_object().expect("an object").keys().collect();
    assert!(
        members.iter().all(|name| ["schemas", "status", "scimType", "detail"].contains(&name.as_str())),
        "{name}: {error}"
    );
    let detail = error["detail"].as_str().expect("a detail");
    for word in case.words {
        assert!(detail.contains(word), "{name}: {word} in {detail}");
    }
}

fn reading(id: &str) -> Vec<Case> {
    let gone = "018f4a3c-0000-7000-8000-000000000000";
    vec![
        case("unknown user", ("GET", format!("/Users/{gone}"), Value::Null), (404, None), &["user"]),
        case("no id", ("GET", "/Users/x".to_owned(), Value::Null), (404, None), &["user"]),
        case("unknown path", ("GET", "/Nothing".to_owned(), Value::Null), (404, None), &["path"]),
        case("method", ("DELETE", "/Users".to_owned(), Value::Null), (405, None), &["GET"]),
        case(
            "foreign version",
            ("GET", "/../v9/Users".to_owned(), Value::Null),
            (400, Some("invalidVers")),
            &["v9", "v2"],
        ),
        case(
            "filter",
            ("GET", "/Users?filter=userName+like+x".to_owned(), Value::Null),
            (400, Some("invalidFilter")),
            &["like"],
        ),
        case(
            "filter attribute",
            ("GET", "/Users?filter=shoeSize+eq+1".to_owned(), Value::Null),
            (400, Some("invalidFilter")),
            &["shoeSize"],
        ),
        case(
            "count",
            ("GET", "/Users?count=many".to_owned(), Value::Null),
            (400, Some("invalidValue")),
            &["count", "integer"],
        ),
        case(
            "both projections",
            ("GET", format!("/Users/{id}?attributes=id&excludedAttributes=id"), Value::Null),
            (400, Some("invalidValue")),
            &["attributes", "excludedAttributes"],
        ),
        case(
            "filtered discovery",
            ("GET", "/Schemas?filter=id+pr".to_owned(), Value::Null),
            (403, None),
            &["discovery"],
        ),
        case("unknown schema", ("GET", "/Schemas/urn:x".to_owned(), Value::Null), (404, None), &["schema"]),
        case("unknown group", ("GET", format!("/Groups/{gone}"), Value::Null), (404, None), &["group"]),
    ]
}

fn writing(id: &str) -> Vec<Case> {
    let user = |more: Value| {
        let mut body = json!({ "schemas": [USER], "userName": "new@a.example" });
        let members = more.as_object().expect("members").clone();
        body.as_object_mut().expect("an object").extend(members);
        body
    };
    let post = |body: Value| ("POST", "/Users".to_owned(), body);
    let to = |operation: Value| ("PATCH", format!("/Users/{id}"), patch(operation));
    let value = (400, Some("invalidValue"));
    let syntax = (400, Some("invalidSyntax"));
    vec![
        case("no userName", post(json!({ "schemas": [USER] })), value, &["userName", "required"]),
        case("blank userName", post(user(json!({ "userName": " " }))), value, &["userName"]),
        case(
            "not an e-mail address",
            post(user(json!({ "userName": "ann" }))),
            value,
            &["userName", "users.identifier_format"],
        ),
        case(
            "taken",
            post(user(json!({ "userName": "X@a.example" }))),
            (409, Some("uniqueness")),
            &["userName", "exists"],
        ),
        case("no schemas", post(json!({ "userName": "new@a.example" })), syntax, &["schemas"]),
        case(
            "core schema missing",
            post(json!({ "schemas": ["urn:x"], "userName": "n@a.example" })),
            value,
            &["schemas", USER],
        ),
        case("no object", post(json!([])), syntax, &["object"]),
        case("wrong type", post(user(json!({ "active": 7 }))), value, &["active", "true or false"]),
        case("too long", post(user(json!({ "externalId": "x".repeat(5_000) }))), value, &["externalId", "4096"]),
        case("control character", post(user(json!({ "externalId": "a\u{0}b" }))), value, &["externalId", "control"]),
        case("unknown role", post(user(json!({ "roles": assertive(&["Ghost"]) }))), value, &["Ghost", "roles.unknown"]),
        case(
            "two system roles",
            post(user(json!({ "roles": assertive(&["ACCOUNTMEMBER", "ACCOUNTAUDITOR"]) }))),
            value,
            &["Account Member", "Account Auditor", "roles.cardinality"],
        ),
        case(
            "role with a space",
            post(user(json!({ "roles": assertive(&["Account Member"]) }))),
            value,
            &["roles.value_spaces"],
        ),
        case(
            "attribute that the policy refuses",
            to(json!({ "op": "replace", "path": "displayName", "value": "X" })),
            value,
            &["displayName", "users.unsupported_on_patch", "remove the attribute mapping"],
        ),
        case("op", to(json!({ "op": "move", "path": "active" })), syntax, &["op", "add, remove or replace"]),
        case(
            "path",
            to(json!({ "op": "replace", "path": "a[b", "value": 1 })),
            (400, Some("invalidPath")),
            &["value filter", "path"],
        ),
        case("no target", to(json!({ "op": "remove" })), (400, Some("noTarget")), &["path"]),
        case("required", to(json!({ "op": "remove", "path": "userName" })), (400, Some("mutability")), &["userName"]),
        case(
            "roles.patch",
            to(json!({ "op": "add", "path": "roles", "value": assertive(&["ACCOUNTAUDITOR"]) })),
            value,
            &["roles.patch", "AssertiveAppRoleAssignmentsComplex"],
        ),
        case("no operations", ("PATCH", format!("/Users/{id}"), json!({ "schemas": [] })), syntax, &["schemas"]),
        Case {
            name: "version",
            send: ("DELETE", format!("/Users/{id}"), vec![("if-match", "W/\"99\"")], Value::Null),
            status: 412,
            scim_type: None,
            words: &["If-Match", "read it again"],
        },
        case("groups are off", ("POST", "/Groups".to_owned(), json!({})), (501, None), &["group", "groups.mode"]),
        case("bulk", ("POST", "/Bulk".to_owned(), json!({})), syntax, &["schemas", "BulkRequest"]),
        case("me", ("POST", "/Me".to_owned(), json!({})), (501, None), &["/Me"]),
    ]
}

#[test]
fn s_10_every_refusal_is_a_scim_error_that_names_attribute_and_remedy() {
    let server = Server::start();
    let account = server.account(json!("dsm"));
    let user = account.create(json!({ "userName": "x@a.example" }));
    let id = user["id"].as_str().expect("an id");
    for case in reading(id).into_iter().chain(writing(id)) {
        check(&account, &case);
    }
    // Those that need another request than `scim` makes.
    let url = format!("{}/scim/v2/Users", server.base);
    let post = || request("POST", &url).bearer_auth(&account.key);
    for (name, request, status, words) in [
        ("no key", request("GET", &url), 401, "Authorization"),
        ("operator's key", request("GET", &url).bearer_auth(&server.operator_key), 403, "admin app"),
        ("no content type", post().body("{}"), 415, "application/scim+json"),
        ("content type", post().header("content-type", "text/plain").body("{}"), 415, "application/scim+json"),
        ("malformed", post().header("content-type", "application/json").body("{"), 400, "line 1"),
        ("empty", post().header("content-type", "application/json"), 400, "body"),
        ("too large", post().header("content-type", "application/json").body("x".repeat(2 << 20)), 413, "1048576"),
        ("long URL", request("GET", &format!("{url}?filter={}", "x".repeat(9_000))), 414, "8192"),
        ("large headers", request("GET", &url).header("x-long", "x".repeat(9_000)), 431, "8192"),
    ] {
        let error = send(request).error(status);
        assert!(error["detail"].as_str().is_some_and(|detail| detail.contains(words)), "{name}: {error}");
    }
    assert_eq!(account.get(id).json(), user);
}
