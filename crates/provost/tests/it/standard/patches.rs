//! PATCH as clients send it (S-11 to S-13).

use crate::support::{Account, Server};
use serde_json::{Value, json};

/// As documented for a tenant URL without the flag: one operation per attribute, each with a path.
const LEGACY: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
 "Operations":[
  {"op":"Replace","path":"displayName","value":"Pvlo"},
  {"op":"Replace","path":"emails[type eq \"work\"].value","value":"TestBcwqnm@test.microsoft.com"},
  {"op":"Replace","path":"name.givenName","value":"Gtfd"},
  {"op":"Replace","path":"name.familyName","value":"Pkqf"},
  {"op":"Replace","path":"externalId","value":"Eqpj"},
  {"op":"Replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber","value":"Eqpj"}]}"#;

/// As documented for `aadOptscim062020`: attributes without a filter in one operation without a path.
const COMPLIANT: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
 "Operations":[
  {"op":"replace","path":"emails[type eq \"work\"].value","value":"TestMhvaes@test.microsoft.com"},
  {"op":"replace","value":{
    "displayName":"Bjfe",
    "name.givenName":"Kkom",
    "name.familyName":"Unua",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber":"Aklq"}}]}"#;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn id_of(user: &Value) -> String {
    user["id"].as_str().expect("a user has an id").to_owned()
}

/// A user after a PATCH, without what differs between any two users.
fn patched(account: &Account, body: &str, query: &str) -> Value {
    let id = id_of(&account.create(json!({ "userName": format!("{}@a.example", account.audit().len()) })));
    let body = serde_json::from_str(body).expect("the sample is JSON");
    let answer = account.scim("PATCH", &format!("/Users/{id}{query}"), body).expect(200).json();
    let mut user = account.get(&id).expect(200).json();
    assert_eq!(answer, user, "the answer is the resource as it is stored");
    let members = user.as_object_mut().expect("a user is an object");
    members.retain(|name, _| !matches!(name.as_str(), "id" | "meta" | "userName"));
    user
}

fn expected(values: [&str; 5]) -> Value {
    let [display, work, given, family, number] = values;
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "name": { "familyName": family, "givenName": given },
        "displayName": display,
        "emails": [{ "value": work, "type": "work" }],
        "active": true,
        ENTERPRISE: { "employeeNumber": number },
    })
}

#[test]
fn s_13_entras_two_documented_samples_yield_the_same_resource() {
    let server = Server::start();
    let account = server.account(json!({ "preset": "standard", "patch": { "no_match": "create" } }));

    let mut legacy = patched(&account, LEGACY, "");
    assert_eq!(legacy.as_object_mut().and_then(|user| user.shift_remove("externalId")), Some(json!("Eqpj")));
    assert_eq!(legacy, expected(["Pvlo", "TestBcwqnm@test.microsoft.com", "Gtfd", "Pkqf", "Eqpj"]));
    let compliant = patched(&account, COMPLIANT, "?aadOptscim062020");
    assert_eq!(compliant, expected(["Bjfe", "TestMhvaes@test.microsoft.com", "Kkom", "Unua", "Aklq"]));

    // The same values in either form.
    let mut same = LEGACY.to_owned();
    for (from, to) in [
        ("\"externalId\",\"value\":\"Eqpj\"", "\"userName\",\"value\":\"same@a.example\""),
        ("Pvlo", "Bjfe"),
        ("TestBcwqnm", "TestMhvaes"),
        ("Gtfd", "Kkom"),
        ("Pkqf", "Unua"),
        ("Eqpj", "Aklq"),
    ] {
        assert!(same.contains(from), "{from}");
        same = same.replace(from, to);
    }
    assert_eq!(patched(&account, &same, ""), compliant);
}

#[test]
fn s_13_a_filter_that_matches_nothing_is_no_target_where_the_policy_says_so() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    let id = id_of(&account.create(json!({ "userName": "x@a.example" })));
    let body: Value = serde_json::from_str(LEGACY).expect("the sample is JSON");
    let error = account.scim("PATCH", &format!("/Users/{id}"), body).error(400);
    assert_eq!(error["scimType"], "noTarget");
}

#[test]
fn s_11_a_patch_is_atomic() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    let id = id_of(&account.create(json!({ "userName": "x@a.example", "nickName": "old" })));
    let before = account.get(&id).text;
    for (bad, scim_type) in [
        (json!({ "op": "replace", "path": "active", "value": "perhaps" }), "invalidValue"),
        (json!({ "op": "replace", "path": "nonsense", "value": 1 }), "invalidValue"),
        (json!({ "op": "remove", "path": "userName" }), "mutability"),
        (json!({ "op": "replace", "path": "emails[type eq \"home\"].value", "value": "x@b.example" }), "noTarget"),
        (json!({ "op": "replace", "path": "emails[type", "value": "x" }), "invalidPath"),
        (json!({ "op": "remove" }), "noTarget"),
        (json!({ "op": "merge", "path": "title", "value": "x" }), "invalidSyntax"),
    ] {
        let operations = json!([
            { "op": "replace", "path": "nickName", "value": "new" },
            { "op": "add", "path": "emails", "value": [{ "type": "work", "value": "w@a.example" }] },
            bad,
        ]);
        let error = account.patch(&id, operations).error(400);
        assert_eq!(error["scimType"], scim_type, "{bad}: {error}");
        assert_eq!(account.get(&id).text, before, "{bad}");
    }
}

#[test]
fn s_12_op_in_any_case_and_active_as_boolean_or_string() {
    let server = Server::start();
    for policy in ["standard", "dsm"] {
        let account = server.account(json!(policy));
        let id = id_of(&account.create(json!({ "userName": "x@a.example" })));
        for op in ["replace", "Replace", "REPLACE"] {
            for value in [json!(false), json!("False"), json!("false"), json!("FALSE")] {
                for operation in [
                    json!({ "op": op, "path": "active", "value": value }),
                    json!({ "op": op, "value": { "active": value } }),
                ] {
                    let user = account.patch(&id, json!([operation])).expect(200).json();
                    assert_eq!(user["active"], json!(false), "{policy}: {operation}");
                    assert_eq!(account.get(&id).json()["active"], json!(false));
                    let enabled =
                        account.patch(&id, json!([{ "op": op, "path": "active", "value": "True" }])).expect(200);
                    assert_eq!(enabled.json()["active"], json!(true));
                }
            }
        }
    }
}
