//! Users over SCIM, through the whole server.

use serde_json::{Value, json};

use crate::service::{At, Service};

const SCIM: &str = "/scim/v2";

#[tokio::test]
async fn probe() {
    for (policy, roles) in [("standard", json!([{"value": "anything"}])), ("dsm", json!([{"value": "ACCOUNTADMINISTRATOR"}]))] {
        let service = Service::new();
        let tenant = service.tenant(json!(policy), json!(["scim"])).await;
        let body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": "ann@example.com", "externalId": "e1", "active": true, "displayName": "Ann",
            "name": {"givenName": "Ann", "familyName": "Bee"},
            "emails": [{"type": "work", "value": "ann@example.com", "primary": true}],
            "roles": roles,
        });
        let made = service.ask(&tenant.key, "POST", "/scim/v2/Users", body).await;
        println!("{policy} POST {} {}", made.shown(), made.header("location").unwrap_or("-"));
        let Value::String(id) = made.json()["id"].clone() else { continue };
        let user = format!("/scim/v2/Users/{id}");
        for (method, path, body) in [
            ("GET", user.clone(), Value::Null),
            ("GET", "/scim/v2/Users".into(), Value::Null),
            ("GET", "/scim/v2/Users?filter=userName eq \"ANN@example.com\"".into(), Value::Null),
            ("GET", "/scim/v2/Users?aadOptscim062020=&filter=userName eq \"nobody\"".into(), Value::Null),
            ("GET", "/scim/v2/Users?filter=displayName co \"nn\"&attributes=userName".into(), Value::Null),
            ("PATCH", user.clone(), json!({"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Replace","path":"active","value":"False"}]})),
            ("PATCH", user.clone(), json!({"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Replace","path":"active","value":true},{"op":"replace","path":"roles","value":[{"value":"ACCOUNTMEMBER"}]}]})),
            ("PUT", user.clone(), json!({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ann@example.com","externalId":"e2"})),
            ("GET", "/scim/v2/Groups".into(), Value::Null),
            ("GET", "/scim/v2/ServiceProviderConfig".into(), Value::Null),
            ("GET", "/scim/v2/ResourceTypes".into(), Value::Null),
            ("GET", "/scim/Schemas".into(), Value::Null),
            ("GET", "/scim/v2/Me".into(), Value::Null),
            ("GET", "/scim".into(), Value::Null),
            ("GET", "/scim/".into(), Value::Null),
            ("PATCH", "/scim/v2/Users".into(), Value::Null),
            ("DELETE", user.clone(), Value::Null),
            ("DELETE", user.clone(), Value::Null),
            ("GET", user.clone(), Value::Null),
        ] {
            let answer = service.ask(&tenant.key, method, &path, body).await;
            println!("{method} {path}\n    {}", answer.shown().chars().take(600).collect::<String>());
        }
        let log = service.done("GET", &format!("{}/audit?order=oldest", tenant.base), Value::Null).await;
        for item in log["items"].as_array().unwrap() { println!("  {item}"); }
        println!("{}", service.done("GET", &format!("{}/audit/verify", tenant.base), Value::Null).await);
        println!("{}", service.done("GET", &format!("{}/users", tenant.base), Value::Null).await);
    }
}
