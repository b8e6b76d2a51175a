//! User tokens in the management API: they do what their owner's roles permit, in every endpoint that there is.

use crate::service::{At, OPERATOR, Service, Tenant};
use serde_json::{Value, json};

/// A token for the API of a new user with this role.
async fn token(service: &Service, ours: &Tenant, role: &str) -> String {
    let email = format!("{}@acme.example", role.to_lowercase());
    service.done("POST", &format!("{}/users", ours.base), json!({ "email": email, "roles": [role] })).await;
    let app = json!({ "name": role, "owner": email, "scopes": ["api"] });
    service.done("POST", &format!("{}/admin-apps", ours.base), app).await.at("/api_key").to_owned()
}

/// Method and path of every endpoint of the account, its parameters filled in.
async fn endpoints(service: &Service, ours: &Tenant) -> Vec<(String, String, String)> {
    let document = service.ask("", "GET", "/api/v1/openapi.json", Value::Null).await.json();
    let account = ours.base.rsplit('/').next().unwrap();
    let mut all = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let filled = path.split('/').map(|segment| match segment {
                "{account}" => account.to_owned(),
                named if named.starts_with('{') => "00000000-0000-7000-8000-000000000000".to_owned(),
                plain => plain.to_owned(),
            });
            let path = format!("/api/v1{}", filled.collect::<Vec<_>>().join("/"));
            all.push((method.to_uppercase(), path, operation["description"].as_str().unwrap_or("").to_owned()));
        }
    }
    all
}

#[tokio::test]
async fn u_19_s_82_a_token_does_what_its_owners_roles_permit_in_every_endpoint() {
    let service = Service::new();
    let ours = service.tenant(json!({ "preset": "dsm", "credentials": { "kind": "both" } }), json!(["api"])).await;
    let member = token(&service, &ours, "ACCOUNTMEMBER").await;
    let auditor = token(&service, &ours, "ACCOUNTAUDITOR").await;
    let admin = token(&service, &ours, "ACCOUNTADMINISTRATOR").await;
    let endpoints = endpoints(&service, &ours).await;
    assert!(endpoints.len() > 30);
    for (method, path, needs) in endpoints {
        let of_operator = needs.starts_with("Only the operator");
        let reads = needs.contains(" GET_");
        for (who, key, refused) in [
            ("member", &member, true),
            ("auditor", &auditor, of_operator || !reads),
            ("administrator", &admin, of_operator),
            ("the account's own key", &ours.key, of_operator),
        ] {
            // Nothing stands in the body: what is allowed goes on to be refused for that.
            if who == "administrator" && path.ends_with("/revoke") {
                continue;
            }
            let answer = service.ask(key, &method, &path, json!([])).await;
            let is_refused = answer.status == 403;
            assert_eq!(is_refused, refused, "{who}: {method} {path}: {} ({needs})", answer.shown());
        }
    }
}

#[tokio::test]
async fn u_19_the_policy_says_which_permission_sets_scim_up() {
    let service = Service::new();
    let policy = json!({ "preset": "dsm", "credentials": { "kind": "both", "manage": "MANAGE_USERS" } });
    let ours = service.tenant(policy, json!(["api"])).await;
    let role = json!({ "name": "People", "permissions": ["MANAGE_USERS"] });
    service.done("POST", &format!("{}/roles", ours.base), role).await;
    let role = json!({ "name": "Connectors", "permissions": ["MANAGE_SCIM"] });
    service.done("POST", &format!("{}/roles", ours.base), role).await;
    let (people, connectors) = (token(&service, &ours, "People").await, token(&service, &ours, "Connectors").await);
    let apps = format!("{}/admin-apps", ours.base);
    let made = service.ask(&people, "POST", &apps, json!({ "name": "Sailpoint" })).await;
    assert_eq!(made.status, 201, "{}", made.shown());
    let refused = service.ask(&connectors, "POST", &apps, json!({ "name": "Okta" })).await;
    assert_eq!(refused.status, 403);
    assert!(refused.text.contains("MANAGE_USERS (policy field `credentials.manage`)"), "{}", refused.text);
    let entry = service.last_entry(&ours).await;
    assert_eq!((entry.at("/action"), entry.at("/outcome")), ("admin_app.use", "failure"), "misuse is recorded");
    assert_eq!(entry.at("/actor_owner"), "connectors@acme.example");
}

#[tokio::test]
async fn u_26_the_owner_is_a_user_of_the_account_and_enabled() {
    let service = Service::new();
    let ours = service.tenant(json!("fulcrum"), json!(["api"])).await;
    let other = service.tenant(json!("standard"), json!(["api"])).await;
    let user = |email: &str| json!({ "email": email });
    let ann = service.done("POST", &format!("{}/users", ours.base), user("ann@acme.example")).await;
    let off = service.done("POST", &format!("{}/users", ours.base), user("off@acme.example")).await;
    let eve = service.done("POST", &format!("{}/users", other.base), user("eve@other.example")).await;
    service.done("PATCH", &format!("{}/users/{}", ours.base, off.at("/id")), json!({ "active": false })).await;
    for (owner, shown) in [
        (json!(ann.at("/id")), "201"),
        (json!("ANN@acme.example"), "201"),
        (json!("nobody@acme.example"), "400 no user of this account has this id or userName"),
        (json!(eve.at("/id")), "400 no user of this account has this id or userName"),
        (json!("off@acme.example"), "400 the user is disabled"),
        (json!(""), "400 no user of this account has this id or userName"),
        (json!("x".repeat(2_000)), "400 at most 1024 bytes"),
        (Value::Null, "400 SCIM takes user tokens: an admin app with the scope `scim` needs an `owner`"),
    ] {
        let body = json!({ "name": format!("T {owner}").chars().take(100).collect::<String>(), "owner": owner });
        let answer = service.ask(OPERATOR, "POST", &format!("{}/admin-apps", ours.base), body).await;
        let found = format!("{} {}", answer.status, answer.text);
        let (status, detail) = shown.split_once(' ').unwrap_or((shown, ""));
        assert!(found.starts_with(status) && found.contains(detail), "{owner}: {found}");
    }
}

#[tokio::test]
async fn s_65_a_key_that_asks_too_often_waits() {
    let service = Service::new();
    let policy = json!({ "preset": "standard", "limits": { "requests_per_second": 25 } });
    let ours = service.tenant(policy, json!(["scim", "api"])).await;
    for (path, form) in [("/scim/v2/Users", "application/scim+json"), (ours.base.as_str(), "application/problem+json")]
    {
        service.clock.advance(jiff::SignedDuration::from_secs(60));
        let mut statuses = Vec::new();
        for _ in 0..51 {
            let answer = service.ask(&ours.key, "GET", path, Value::Null).await;
            if answer.status == 429 {
                assert_eq!((answer.header("retry-after"), answer.header("content-type")), (Some("1"), Some(form)));
                assert!(answer.text.contains("limits.requests_per_second"), "{}", answer.text);
            }
            statuses.push(answer.status);
        }
        assert_eq!((statuses[49], statuses[50]), (200, 429), "{path}");
        assert_eq!(
            service.ask(OPERATOR, "GET", &ours.base, Value::Null).await.status,
            200,
            "the operator is not counted"
        );
        service.clock.advance(jiff::SignedDuration::from_secs(1));
        assert_eq!(service.ask(&ours.key, "GET", path, Value::Null).await.status, 200, "after that time");
    }
}
