//! The audit log: filters, entries, the proof, the files.

use super::Visitor;
use crate::support::{id, shared};
use serde_json::{Value, json};

#[test]
fn s_71_the_log_is_filtered_shown_verified_and_exported() {
    let server = shared();
    let account = server.account(json!("standard"));
    let user = id(&account.api("POST", "/users", json!({ "email": "ann@example.com" })).expect(201).json());
    account
        .scim(
            "POST",
            "/Users",
            json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "bob@example.com" }),
        )
        .expect(201);
    account.api("POST", "/users", json!({ "email": "ann@example.com" })).expect(409);
    let visitor = Visitor::operator(&server);
    let place = format!("/console/accounts/{}/audit", account.id);
    let all = visitor.open(&place).expect(200);
    all.says("User created ann@example.com").says("Create refused").says("bob@example.com SCIM Entra");
    for (query, seen, hidden) in [
        ("?outcome=failure", "Create refused", "bob@example.com"),
        ("?severity=ERROR", "Create refused", "bob@example.com"),
        ("?actor=SCIM%20Entra", "bob@example.com", "ann@example.com"),
        ("?action=account.create", "Account created", "ann@example.com"),
        ("?when=1", "bob@example.com", "No entries"),
    ] {
        visitor.open(&format!("{place}{query}")).expect(200).says(seen).does_not_say(hidden);
    }
    visitor.open(&format!("{place}?user={user}")).expect(200).says("ann@example.com").does_not_say("bob@example.com");
    let long_ago = account.api("GET", "/audit?to=2020-01-01T00:00:00Z", Value::Null).expect(200).json();
    assert_eq!(long_ago["items"], json!([]));
    let since = account.api("GET", "/audit?from=2020-01-01T00:00:00Z&limit=200", Value::Null).expect(200).json();
    let whole = account.api("GET", "/audit?limit=200", Value::Null).expect(200).json();
    assert_eq!(since["items"], whole["items"]);

    let refused = visitor.open(&all.link("Create refused")).expect(200);
    refused.says("Why").says("Outcome Refused").says("ann@example.com");
    visitor.open(&all.link("Verify chain")).expect(200).says("Chain whole from entry 1 to");

    let csv = visitor.open(&all.link("Export CSV")).expect(200).html;
    let lines = visitor.open(&all.link("Export JSON")).expect(200).html;
    let rows = |text: &str, end: &str| text.split(end).filter(|line| !line.is_empty()).count();
    // The head is no entry; the export as JSON is an entry more.
    assert_eq!(rows(&csv, "\r\n") - 1, rows(&lines, "\n") - 1, "{csv}\n{lines}");
    visitor.open(&place).expect(200).says("Audit exported");
}
