//! Users over SCIM, through the whole server. The recorded conversations of clients are tests of the binary.

use serde_json::{Value, json};

use crate::service::{At, Service, Tenant};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

fn ann(roles: Value) -> Value {
    json!({
        "schemas": [USER], "userName": "ann@example.com", "externalId": "e1", "active": true, "displayName": "Ann",
        "emails": [{ "type": "work", "value": "ann@example.com", "primary": true }], "roles": roles,
    })
}

fn patch(operations: Value) -> Value {
    json!({ "schemas": [PATCH], "Operations": operations })
}

async fn service(policy: &str) -> (Service, Tenant) {
    let service = Service::new();
    let tenant = service.tenant(json!(policy), json!(["scim"])).await;
    (service, tenant)
}

/// The life of a user under a preset; afterwards the audit log, by action and outcome.
async fn life(policy: &str, role: &str, other_role: &str) -> Vec<String> {
    let (service, tenant) = service(policy).await;
    let made = service.ask(&tenant.key, "POST", "/scim/v2/Users", ann(json!([{ "value": role }]))).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let id = made.json().at("/id").to_owned();
    let user = format!("/scim/v2/Users/{id}");
    assert_eq!(made.header("location"), Some(format!("https://id.example.com{user}").as_str()));
    assert_eq!(made.header("etag"), Some("W/\"1\""));
    for (method, path, body, status, pointer, expected) in [
        ("GET", user.as_str(), Value::Null, 200, "/userName", json!("ann@example.com")),
        ("GET", &format!("/scim/Users/{id}"), Value::Null, 200, "/meta/version", json!("W/\"1\"")),
        (
            "GET",
            "/scim/v2/Users?filter=userName eq \"ANN@example.com\"",
            Value::Null,
            200,
            "/Resources/0/id",
            json!(id),
        ),
        (
            "GET",
            "/scim/v2/Users?aadOptscim062020=&filter=userName eq \"x\"",
            Value::Null,
            200,
            "/totalResults",
            json!(0),
        ),
        ("GET", "/scim/v2/Users?attributes=userName", Value::Null, 200, "/Resources/0/externalId", Value::Null),
        ("POST", "/scim/v2/Users", ann(json!([])), 409, "/scimType", json!("uniqueness")),
        (
            "PATCH",
            &user,
            patch(json!([{ "op": "Replace", "path": "active", "value": "False" }])),
            200,
            "/active",
            json!(false),
        ),
        ("PATCH", &user, patch(json!([{ "op": "replace", "value": { "active": true } }])), 200, "/active", json!(true)),
        (
            "PATCH",
            &user,
            patch(json!([{ "op": "replace", "path": "roles", "value": [{ "value": other_role }] }])),
            200,
            "/roles/0/value",
            json!(other_role),
        ),
        (
            "PUT",
            &user,
            json!({ "schemas": [USER], "userName": "ann@example.com", "externalId": "e2" }),
            200,
            "/externalId",
            json!("e2"),
        ),
        ("DELETE", &user, Value::Null, 204, "", Value::Null),
        ("DELETE", &user, Value::Null, 404, "/detail", json!("no such user")),
        ("GET", &user, Value::Null, 404, "/detail", json!("no such user")),
        ("GET", "/scim/v2/Users", Value::Null, 200, "/totalResults", json!(0)),
    ] {
        let answer = service.ask(&tenant.key, method, path, body.clone()).await;
        let shown = answer.json().pointer(pointer).cloned().unwrap_or_default();
        assert_eq!((answer.status, shown), (status, expected), "{policy}: {method} {path} {body}: {}", answer.text);
    }
    let verified = service.done("GET", &format!("{}/audit/verify", tenant.base), Value::Null).await;
    assert_eq!(verified["verified"], json!(true));
    let log = service.pages(&format!("{}/audit?order=oldest", tenant.base)).await;
    let line = |entry: &Value| format!("{} {}", entry.at("/action"), entry.at("/outcome"));
    log.as_array().unwrap().iter().skip(2).map(line).collect()
}

#[tokio::test]
async fn a_user_lives_and_every_write_leaves_one_entry() {
    let entries = [
        "user.create success",
        "user.create failure",
        "user.disable success",
        "user.enable success",
        "user.update success",
        "user.update success",
        "user.delete success",
        "user.delete failure",
    ];
    assert_eq!(life("standard", "anything", "something else").await, entries);
    assert_eq!(life("dsm", "ACCOUNTAUDITOR", "ACCOUNTMEMBER").await, entries);
}

#[tokio::test]
async fn a_write_that_cannot_be_read_is_recorded_too() {
    let (service, tenant) = service("dsm").await;
    let made = service.ask(&tenant.key, "POST", "/scim/v2/Users", ann(json!([]))).await.json();
    let user = format!("/scim/v2/Users/{}", made.at("/id"));
    let twice = patch(
        json!([{ "op": "replace", "path": "roles", "value": [{ "value": "ACCOUNTMEMBER" }, { "value": "ACCOUNTAUDITOR" }] }]),
    );
    for (method, path, body, status, action) in [
        ("POST", "/scim/v2/Users", json!({ "schemas": [USER] }), 400, "user.create"),
        ("POST", "/scim/v2/Users?attributes=a&excludedAttributes=b", ann(json!([])), 400, "user.create"),
        ("POST", "/scim/v2/Users", Value::Null, 415, "user.create"),
        ("PATCH", &user, json!({}), 400, "user.update"),
        ("PATCH", &user, twice, 400, "user.update"),
        ("PUT", &user, json!({ "schemas": ["urn:x"], "userName": "a@b.c" }), 400, "user.update"),
        ("DELETE", "/scim/v2/Users/x", Value::Null, 404, "user.delete"),
    ] {
        let before = service.last_entry(&tenant).await["seq"].as_u64().unwrap();
        let answer = service.ask(&tenant.key, method, path, body).await;
        let entry = service.last_entry(&tenant).await;
        let recorded = (entry["seq"].as_u64().unwrap(), entry.at("/action"), entry.at("/outcome"));
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
        assert_eq!(recorded, (before + 1, action, "failure"), "{method} {path}");
    }
    let shown = service.ask(&tenant.key, "GET", &user, Value::Null).await;
    assert_eq!(shown.json(), made, "nothing changed");
}

#[tokio::test]
async fn every_path_below_scim_is_scim() {
    let (service, tenant) = service("standard").await;
    for (method, path, status) in [
        ("GET", "/scim", 200),
        ("GET", "/scim/", 200),
        ("GET", "/scim/v2", 200),
        ("GET", "/scim/v2/", 200),
        ("GET", "/scim/v2/Nothing", 404),
        ("GET", "/scim/v2/Users/", 200),
        ("GET", "/scim/v2/Groups", 200),
        ("GET", "/scim/v2/ServiceProviderConfig", 200),
        ("GET", "/scim/v1/Users", 400),
        ("GET", "/scim/v2/Me", 501), // S-24
        ("POST", "/scim/v2/Bulk", 415),
        ("PATCH", "/scim/v2/Users", 405),
        ("OPTIONS", "/scim/v2/Users", 204),
        ("HEAD", "/scim/v2/Users", 200),
        ("PURGE", "/scim/v2/Users", 405),
    ] {
        let answer = service.ask(&tenant.key, method, path, Value::Null).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
        let is_scim = answer.header("content-type") == Some("application/scim+json");
        assert!(is_scim || status == 204, "{method} {path}: {:?}", answer.headers);
    }
    assert_eq!(
        service.ask("", "GET", "/scim/v2/Nothing", Value::Null).await.status,
        401,
        "paths are not explored without a key"
    );
}

#[tokio::test]
async fn s_108_readiness_follows_the_store_and_the_end_of_the_server() {
    use provost_store::Store;
    let (service, _) = service("standard").await;
    let ready = || service.ask("", "GET", "/readyz", Value::Null);
    assert_eq!(ready().await.status, 200);
    service.stop.send_replace(true);
    assert_eq!(ready().await.shown(), "503 the server is shutting down");
    service.stop.send_replace(false);
    service.store.close().await.unwrap();
    assert_eq!(ready().await.shown(), "503 the store does not answer");
    let away = service.operate("GET", "/api/v1/accounts", Value::Null).await;
    assert_eq!((away.status, away.header("retry-after")), (503, Some("5")));
}
