//! The request log: what a client asked, found again by the person it was about.

use super::Visitor;
use crate::support::{id, shared};
use serde_json::{Value, json};

#[test]
fn s_74_a_failed_patch_is_found_by_the_users_address_with_its_redacted_body() {
    let server = shared();
    let account = server.account(json!("standard"));
    let user = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ann@example.com" });
    let user = id(&account.scim("POST", "/Users", user).expect(201).json());
    let patch = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "value": { "active": "perhaps", "password": "s3cret-of-ann" } }],
    });
    let refused = account.scim("PATCH", &format!("/Users/{user}"), patch).expect(400);
    let number = refused.headers["x-request-id"].to_str().unwrap().to_owned();
    let detail = refused.json()["detail"].as_str().unwrap().to_owned();
    account.scim("GET", "/Users/00000000-0000-4000-8000-000000000000", Value::Null).expect(404);

    let visitor = Visitor::operator(&server);
    let log = visitor.open(&format!("/console/accounts/{}/requests", account.id)).expect(200);
    log.says("POST /Users").says("404");
    let found = visitor.open(&format!("{}?q=Ann@Example.com&outcome=failure", log.at)).expect(200);
    found.says(&format!("PATCH /Users/{user}")).says("400").does_not_say("00000000-0000-4000-8000");
    let one = visitor.open(&found.link(&format!("PATCH /Users/{user}"))).expect(200);
    one.says(&number).says("SCIM Entra").says("[redacted]").says("perhaps").does_not_say("s3cret-of-ann");
    assert!(
        one.text().to_lowercase().contains(&detail.replace('`', " ").split_whitespace().next().unwrap().to_lowercase())
    );

    let shown = account.api("GET", &format!("/requests?user={user}"), Value::Null).expect(200).json();
    let statuses: Vec<&Value> = shown["items"].as_array().unwrap().iter().map(|one| &one["status"]).collect();
    assert_eq!(statuses, [400, 201], "the PATCH by its path, the POST by its name: {shown}");
    assert!(!shown.to_string().contains("s3cret"), "{shown}");
}

#[test]
fn requests_of_one_account_are_not_seen_in_another() {
    let server = shared();
    let (ours, theirs) = (server.account(json!("standard")), server.account(json!("standard")));
    ours.scim("GET", "/Users", Value::Null).expect(200);
    let shown = ours.api("GET", "/requests", Value::Null).expect(200).json();
    let request = id(&shown["items"][0]);
    theirs.api("GET", &format!("/requests/{request}"), Value::Null).expect(404);
    let other = theirs.api("GET", "/requests", Value::Null).expect(200).json();
    assert_eq!(other["items"], json!([]));
}
