//! Requests that are tried out.

use super::{managed, read, under};
use crate::support::{Account, Answer, id, members};
use serde_json::{Map, Value, json};

/// Tries a request out and answers with what would become of it.
#[track_caller]
fn simulate(account: &Account, method: &str, path: &str, body: &Value) -> Value {
    let mut request = json!({ "method": method, "path": path });
    if !body.is_null() {
        request["body"] = body.clone();
    }
    account.api("POST", "/simulations", request).expect(200).json()
}

/// Without ids, times and what is made of them, which nobody can foretell.
fn plain(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let known =
                members.iter().filter(|(name, _)| !matches!(name.as_str(), "created" | "lastModified" | "time"));
            let known = known.filter(|(name, _)| !matches!(name.as_str(), "seq" | "hash" | "request_id"));
            Value::Object(known.map(|(name, value)| (name.clone(), plain(value))).collect::<Map<String, Value>>())
        }
        Value::Array(values) => values.iter().map(plain).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// The same with a made resource's id put in place of the foretold one.
fn with_id(simulated: &Value, answer: &Value) -> Value {
    let (foretold, made) = (&simulated["body"]["id"], &answer["id"]);
    match (foretold.as_str(), made.as_str()) {
        (Some(foretold), Some(made)) => {
            serde_json::from_str(&simulated.to_string().replace(foretold, made)).expect("still JSON")
        }
        _ => simulated.clone(),
    }
}

/// Simulates a request, sees that nothing has changed, sends it, and sees that the answer and the audit entry are those that were shown.
#[track_caller]
fn check(account: &Account, method: &str, path: &str, body: Value) -> Value {
    let before = read(account, "/audit/verify");
    let simulated = simulate(account, method, path, &body);
    assert_eq!(simulated["changed_nothing"], json!(true));
    assert_eq!(read(account, "/audit/verify"), before, "{method} {path}: the database is unchanged");

    let answer: Answer = account.scim(method, path, body);
    let shown = if answer.text.is_empty() { Value::Null } else { answer.json() };
    let simulated = with_id(&simulated, &shown);
    assert_eq!(simulated["status"], json!(answer.status), "{method} {path}: {}", answer.text);
    assert_eq!(plain(&simulated["body"]), plain(&shown), "{method} {path}");
    assert_eq!(simulated["headers"]["location"].as_str().unwrap_or_default(), answer.header("location"));
    if simulated["headers"]["etag"].is_string() {
        assert_eq!(simulated["headers"]["etag"].as_str(), Some(answer.header("etag")), "{method} {path}");
    }
    let entries = simulated["entries"].as_array().expect("a list");
    let after = read(account, "/audit/verify")["last_seq"].as_u64().expect("a number");
    assert_eq!(entries.len() as u64, after - before["last_seq"].as_u64().expect("a number"), "{method} {path}");
    if let [entry] = entries.as_slice() {
        let mut logged = plain(&account.audit()[0]);
        for name in ["user_agent", "client_ip"] {
            logged.as_object_mut().expect("an entry").remove(name);
        }
        let mut foretold = plain(entry);
        foretold.as_object_mut().expect("an entry").remove("client_ip");
        assert_eq!(foretold, logged, "{method} {path}");
    }
    simulated
}

#[test]
fn s_85_a_patch_is_foretold_with_its_changes_and_the_database_is_unchanged() {
    let account = under(json!({ "preset": "dsm", "users": { "identifier_update": "ignore" } }));
    let ann = managed(&account, "ann@a.com");
    let operations = json!([
        { "op": "Replace", "path": "active", "value": "False" },
        { "op": "Replace", "path": "userName", "value": "other@a.com" },
    ]);
    let patch = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations });
    let simulated = check(&account, "PATCH", &format!("/Users/{ann}"), patch);
    assert_eq!(simulated["status"], json!(200));
    let entry = &simulated["entries"][0];
    assert_eq!(entry["changes"], json!([{ "attribute": "active", "old": true, "new": false }]));
    assert_eq!(simulated["policy_fields"], json!(["users.identifier_update"]), "the rule is shown");
    assert_eq!(simulated["policy_version"], json!(1));
}

#[test]
fn s_85_whatever_is_asked_the_real_call_gives_the_same() {
    let account = under(json!("standard"));
    let (ann, bob) = (managed(&account, "ann@a.com"), managed(&account, "bob@a.com"));
    let group = id(&account.group("Staff", &[&ann]));
    let user = "urn:ietf:params:scim:schemas:core:2.0:User";
    let patch = |operations: Value| json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations });
    let new_group = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Others", "members": members(&[&ann, &bob]),
    });
    let whole_group = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Crew", "members": members(&[&bob]),
    });
    let (ann_path, group_path) = (format!("/Users/{ann}"), format!("/Groups/{group}"));
    for (method, path, body) in [
        ("GET", "/Users?count=1&sortBy=userName", Value::Null),
        ("GET", "/ServiceProviderConfig", Value::Null),
        ("GET", "/Users/unknown", Value::Null),
        ("GET", "/Users?filter=x", Value::Null),
        ("PATCH", "/ServiceProviderConfig", json!({})),
        ("POST", "/Users", json!({ "schemas": [user], "userName": "cid@a.com" })),
        ("POST", "/Users", json!({ "schemas": [user], "userName": "ann@a.com" })),
        ("POST", "/Users", json!({ "schemas": [user] })),
        ("PUT", ann_path.as_str(), json!({ "schemas": [user], "userName": "ann@a.com", "title": "Dr." })),
        ("PATCH", &group_path, patch(json!([{ "op": "add", "path": "members", "value": members(&[&bob]) }]))),
        (
            "PATCH",
            &format!("{group_path}?attributes=members"),
            patch(json!([{ "op": "remove", "path": "members", "value": members(&[&ann]) }])),
        ),
        ("PATCH", &group_path, patch(json!([{ "op": "add", "path": "members", "value": members(&[&bob]) }]))),
        ("PUT", &group_path, whole_group),
        ("POST", "/Groups", new_group),
        ("GET", &ann_path, Value::Null),
        ("DELETE", &ann_path, Value::Null),
        ("DELETE", &ann_path, Value::Null),
        ("GET", &group_path, Value::Null),
        ("DELETE", &group_path, Value::Null),
    ] {
        check(&account, method, path, body);
    }
}

#[test]
fn s_85_a_refusal_is_foretold_with_the_policy_field() {
    let account = under(json!("dsm"));
    let user = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "no address" });
    let simulated = check(&account, "POST", "/Users", user);
    assert_eq!((&simulated["status"], &simulated["policy_fields"]), (&json!(400), &json!(["users.identifier_format"])));
    assert_eq!(simulated["entries"][0]["reason"]["policyField"], json!("users.identifier_format"));
}

#[test]
fn s_85_what_is_pasted_may_be_a_url_with_headers_and_a_text_that_is_no_json() {
    let account = under(json!("standard"));
    let ann = managed(&account, "ann@a.com");
    let ask = |request: Value| account.api("POST", "/simulations", request).expect(200).json();
    let url = format!("{}/scim/v2/Users/{ann}?attributes=userName", account.base);
    let get = ask(json!({ "method": "get", "path": url, "headers": { "Authorization": "Bearer x" } }));
    assert_eq!((&get["status"], &get["body"]["userName"]), (&json!(200), &json!("ann@a.com")));
    let etag = get["headers"]["etag"].as_str().expect("a version");
    let unchanged = ask(json!({ "method": "GET", "path": url, "headers": { "If-None-Match": etag } }));
    assert_eq!((&unchanged["status"], &unchanged["body"]), (&json!(304), &Value::Null));
    let stale = json!({ "method": "DELETE", "path": format!("/Users/{ann}"), "headers": { "if-match": "W/\"99\"" } });
    assert_eq!(ask(stale)["status"], json!(412));
    let broken = ask(json!({ "method": "POST", "path": "/Users", "body": "{\"userName\":" }));
    assert_eq!((&broken["status"], &broken["body"]["scimType"]), (&json!(400), &json!("invalidSyntax")));
    let other = json!({ "method": "POST", "path": "/Users", "headers": { "Content-Type": "text/plain" }, "body": "x" });
    assert_eq!(ask(other)["status"], json!(415));
    let filter = ask(json!({ "method": "GET", "path": "/Users?filter=userName eq \"ann@a.com\"" }));
    assert_eq!(filter["body"]["totalResults"], json!(1));
    assert_eq!(ask(json!({ "method": "GET", "path": "/nothing/at/all" }))["status"], json!(404));
}

#[test]
fn s_85_a_request_is_judged_as_that_of_the_admin_app_that_would_send_it() {
    let account = under(json!({ "preset": "standard", "credentials": { "ownership": "exclusive" } }));
    let ann = managed(&account, "ann@a.com");
    let delete = json!({ "method": "DELETE", "path": format!("/Users/{ann}") });
    assert_eq!(account.api("POST", "/simulations", delete.clone()).expect(200).json()["status"], json!(204));
    let okta = id(&account.api("POST", "/admin-apps", json!({ "name": "Okta" })).expect(201).json());
    let unnamed = account.api("POST", "/simulations", delete.clone()).expect(400).json();
    assert!(unnamed["detail"].as_str().expect("a sentence").contains("2 admin apps"), "{unnamed}");
    for (app, status) in [(account.app.as_str(), 204), (&okta, 403)] {
        let mut request = delete.clone();
        request["admin_app"] = json!(app);
        let simulated = account.api("POST", "/simulations", request).expect(200).json();
        assert_eq!(simulated["status"], json!(status), "{simulated}");
    }
    assert_eq!(account.get(&ann).status, 200);
    let used = read(&account, &format!("/admin-apps/{okta}"));
    assert_eq!(used["last_used"], Value::Null, "no use of a key is noted");
}

#[test]
fn s_85_the_token_of_a_user_who_is_disabled_does_not_get_in() {
    let account = under(json!("standard"));
    account.api("PUT", "/policy", json!({ "preset": "standard", "credentials": { "kind": "user_token" } })).expect(200);
    let owner = super::by_hand(&account, "owner@a.com");
    let token = json!({ "name": "Owner's", "owner": owner });
    let token = id(&account.api("POST", "/admin-apps", token).expect(201).json());
    let ask = || {
        let request = json!({ "method": "GET", "path": "/Users", "admin_app": token });
        account.api("POST", "/simulations", request).expect(200).json()["status"].clone()
    };
    assert_eq!(ask(), json!(200));
    account.api("PATCH", &format!("/users/{owner}"), json!({ "active": false })).expect(200);
    assert_eq!(ask(), json!(401));
}

#[test]
fn what_is_no_request_is_refused_naming_the_member() {
    let account = under(json!("standard"));
    for (request, said) in [
        (json!({ "path": "/Users" }), "method"),
        (json!({ "method": "G E T", "path": "/Users" }), "/method"),
        (json!({ "method": "GET", "path": "/Bulk" }), "/path"),
        (json!({ "method": "GET", "path": "/Users", "headers": { "a b": "c" } }), "/headers/a b"),
        (json!({ "method": "GET", "path": "/Users", "headers": { "a": "b\nc" } }), "/headers/a"),
        (json!({ "method": "GET", "path": "/Users", "key": "x" }), "key"),
    ] {
        let refused = account.api("POST", "/simulations", request).expect(400).json();
        assert!(refused["detail"].as_str().expect("a sentence").contains(said), "{refused}");
    }
    let unknown = json!({ "method": "GET", "path": "/Users", "admin_app": "01890000-0000-7000-8000-000000000000" });
    account.api("POST", "/simulations", unknown).expect(404);
}
