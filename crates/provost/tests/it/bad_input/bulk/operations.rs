//! Operations of a bulk request that mean nothing, or lead out of it: each fails alone, as the request that it stands for.

use super::{ENTERPRISE, failed, results};
use crate::{
    bad_input::{GROUP, Guarded, NOBODY, USER, patch},
    crowd::post_user,
    support::{Answer, Server, members},
};
use serde_json::{Value, json};

#[test]
fn s_16_operations_that_are_none_fail_alone() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    let with = |more: Value| {
        let mut operation = post_user("1", "never");
        operation.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        operation
    };
    let on_user = |more: Value| {
        let mut operation = json!({ "method": "DELETE", "path": guarded.path() });
        operation.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        operation
    };
    let long = "x".repeat(100_000);
    for (name, operation, status) in [
        ("null", Value::Null, 400),
        ("a text", json!("POST /Users"), 400),
        ("an array", json!([post_user("1", "never")]), 400),
        ("nothing", json!({}), 400),
        ("no method", json!({ "path": guarded.path() }), 400),
        ("a number as method", on_user(json!({ "method": 7 })), 400),
        ("GET", on_user(json!({ "method": "GET" })), 400),
        ("a long method", on_user(json!({ "method": long })), 400),
        (
            "no bulkId",
            json!({ "method": "POST", "path": "/Users", "data": { "schemas": [USER], "userName": "never" } }),
            400,
        ),
        ("an empty bulkId", with(json!({ "bulkId": "" })), 400),
        ("a number as bulkId", with(json!({ "bulkId": 7 })), 400),
        ("a long bulkId", with(json!({ "bulkId": long })), 400),
        ("no data", with(json!({ "data": null })), 400),
        ("data that is a text", with(json!({ "data": "{}" })), 400),
        ("data that is an array", with(json!({ "data": [] })), 400),
        ("a number as version", on_user(json!({ "version": 7 })), 400),
        ("a long version", on_user(json!({ "version": long })), 400),
        ("a version with a line break", on_user(json!({ "version": "a\nb" })), 400),
        ("a version that is none", on_user(json!({ "version": "garbage" })), 412),
        ("another version", on_user(json!({ "version": "W/\"99\"" })), 412),
    ] {
        let found = results(&guarded, json!([operation]));
        assert_eq!(found.len(), 1, "{name}: {found:?}");
        assert_eq!(failed(&found[0]).0, status, "{name}: {}", found[0]);
        assert!(found[0].to_string().len() < 3_000, "{name}: what is long is not repeated");
        guarded.unchanged(name);
    }
}

#[test]
fn s_16_paths_that_lead_out_of_a_bulk_request() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    let (account, one) = (&guarded.account, guarded.path());
    let (key, long) = (&account.app, format!("/Users/{}", "x".repeat(2_000)));
    let paths: Vec<String> = [
        "/Users/..",
        "/Users/../Users",
        "../Users",
        "/./Users",
        "//Users",
        "/Users//",
        "/Users/%2e%2e",
        "/%2e%2e/Users",
        "/%55sers",
        "/users",
        "/v2/Users",
        "/scim/v2/Users",
        "/api/v1/accounts",
        "/Users?count=1",
        "/Users?filter=(((",
        "/Users#x",
        "/Users/a b",
        "/Users/%00",
        "/Users/%ff",
        "/Users/%",
        "\\Users",
        "https://a.example/scim/v2/Users",
        "file:///etc/passwd",
        "/Bulk",
        "/bulk",
        "/%42ulk",
        "Bulk",
        "/.search",
        "/Users/.search",
        "/Users/%2esearch",
        "/Me",
        "/",
        "",
        " ",
        "/Schemas",
        "/ServiceProviderConfig",
        "/ResourceTypes/User",
        "/Robots",
        "/Robots/1",
    ]
    .map(str::to_owned)
    .into_iter()
    .chain([
        format!("{}/scim/v2{one}", account.base),
        format!("{one}/x"),
        format!("{one}/../{NOBODY}"),
        format!("{one}%2f.."),
        format!("{one}?attributes=id"),
        format!("{one}/"),
        format!("/{key}/v2/Users"),
        long,
    ])
    .collect();
    for path in paths {
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            // A slash at the end is the only liberty that is taken.
            if path == format!("{one}/") && method != "POST" {
                continue;
            }
            let mut operation = json!({ "method": method, "path": path, "bulkId": "1" });
            match method {
                "POST" | "PUT" => operation["data"] = json!({ "schemas": [USER], "userName": "never" }),
                "PATCH" => operation["data"] = patch(json!([{ "op": "replace", "path": "title", "value": "never" }])),
                _ => {}
            }
            let name = format!("{method} {}", path.chars().take(60).collect::<String>());
            let found = results(&guarded, json!([operation]));
            let (status, error) = failed(&found[0]);
            assert!(matches!(status, 400 | 404 | 405 | 501), "{name}: {error}");
            guarded.unchanged(&name);
        }
    }
    for path in [json!(7), json!(null), json!(["/Users"]), json!({ "a": 1 })] {
        let found = results(&guarded, json!([{ "method": "DELETE", "path": path }]));
        assert_eq!(failed(&found[0]).0, 400, "{path}");
    }
    guarded.unchanged("paths that are no text");
}

/// An operation is answered as the request that it stands for, and recorded once.
#[test]
fn s_16_a_refused_operation_is_the_refused_request() {
    let server = Server::start();
    let mut guarded = Guarded::new(server.account(json!("standard")));
    let group = guarded.group("Guarded");
    let user = |more: Value| {
        let mut user = json!({ "schemas": [USER], "userName": "never" });
        user.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        user
    };
    let one = |operation: Value| patch(json!([operation]));
    for (name, method, path, data) in [
        ("a taken name", "POST", "/Users", user(json!({ "userName": "X@A.example" }))),
        ("an unknown attribute", "POST", "/Users", user(json!({ "shoeSize": 43 }))),
        ("a wrong type", "POST", "/Users", user(json!({ "active": "perhaps" }))),
        ("no schemas", "POST", "/Groups", json!({ "displayName": "never" })),
        (
            "nobody as member",
            "POST",
            "/Groups",
            json!({ "schemas": [GROUP], "displayName": "never", "members": members(&[NOBODY]) }),
        ),
        (
            "a path into nothing",
            "PATCH",
            &guarded.path(),
            one(json!({ "op": "replace", "path": "emails[", "value": "x" })),
        ),
        (
            "no target",
            "PATCH",
            &guarded.path(),
            one(json!({ "op": "replace", "path": "emails[type eq \"x\"].value", "value": "x" })),
        ),
        (
            "an immutable member",
            "PATCH",
            &format!("/Groups/{group}"),
            one(json!({ "op": "replace", "path": "members.value", "value": "x" })),
        ),
        ("no operations", "PATCH", &guarded.path(), patch(json!([]))),
        ("nobody to change", "PATCH", &format!("/Users/{NOBODY}"), one(json!({ "op": "remove", "path": "title" }))),
        ("nobody to remove", "DELETE", &format!("/Groups/{NOBODY}"), Value::Null),
        ("no id", "DELETE", "/Users/x", Value::Null),
        ("no such endpoint", "POST", "/Robots", json!({ "schemas": ["urn:example:robot"] })),
        ("a method of other paths", "DELETE", "/Users", Value::Null),
        ("not offered", "DELETE", "/Me", Value::Null),
    ] {
        let alone = error_of_any(guarded.account.scim(method, path, data.clone()));
        let before = guarded.entries();
        let mut operation = json!({ "method": method, "path": path, "bulkId": "1" });
        if !data.is_null() {
            operation["data"] = data;
        }
        let found = results(&guarded, json!([operation]));
        let (_, error) = failed(&found[0]);
        assert_eq!(error, alone, "{name}");
        assert_eq!(guarded.entries() - before, 1, "{name}: exactly one audit entry");
        guarded.unchanged(name);
    }
}

/// The SCIM error of an answer; 501 is one, too.
#[track_caller]
fn error_of_any(answer: Answer) -> Value {
    let status = answer.status;
    assert!(status >= 400, "{}", answer.text);
    answer.error(status)
}

/// What an operation asks for is written to the audit log, done or not: one that is malformed, too.
#[test]
fn f_2_0_7_every_refused_operation_of_a_bulk_request_is_in_the_audit_log() {
    let server = Server::start();
    let guarded = Guarded::new(server.account(json!("standard")));
    let reference = json!({ "schemas": [USER, ENTERPRISE], "userName": "never", ENTERPRISE: { "manager": { "value": "bulkId:nobody" } } });
    for (name, operation) in [
        ("refused", json!({ "method": "DELETE", "path": format!("/Users/{NOBODY}") })),
        ("data that is a text", json!({ "method": "POST", "path": "/Users", "bulkId": "1", "data": "x" })),
        (
            "no bulkId",
            json!({ "method": "POST", "path": "/Users", "data": { "schemas": [USER], "userName": "never" } }),
        ),
        ("a reference to nobody", json!({ "method": "POST", "path": "/Users", "bulkId": "1", "data": reference })),
        ("a version that is none", json!({ "method": "DELETE", "path": guarded.path(), "version": 7 })),
    ] {
        let before = guarded.entries();
        let found = results(&guarded, json!([operation]));
        let (_, error) = failed(&found[0]);
        let entry = guarded.entry();
        assert_eq!(guarded.entries() - before, 1, "{name}: exactly one audit entry");
        assert_eq!((&entry["outcome"], &entry["detail"]), (&json!("failure"), &error["detail"]), "{name}: {entry}");
        guarded.unchanged(name);
    }
}
