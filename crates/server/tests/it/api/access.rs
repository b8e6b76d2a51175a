//! Who may ask for what.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::service::{At, OPERATOR, Service};

const WITHOUT: &str = "401 authentication is required: send `Authorization: Bearer` with a valid key ";
const NO_ACCOUNT: &str = "404 no such account ";
const OF_THE_OPERATOR: &str = "403 only the operator may do this ";
const SCIM_ONLY: &str = "403 this key works for SCIM only; it does not have the scope `api` ";

#[tokio::test]
async fn s_62_a_key_opens_what_its_scope_says_in_its_own_account() {
    let service = Service::new();
    let ours = service.tenant(json!("standard"), json!(["api"])).await;
    let other = service.tenant(json!("standard"), json!(["api"])).await;
    let scim = service.tenant(json!("standard"), json!(["scim"])).await;
    let both = service.tenant(json!("standard"), json!(["scim", "api"])).await;
    let wrong = ours.key.replace(char::is_numeric, "1");
    let (users, policy) = (format!("{}/users", ours.base), format!("{}/policy", ours.base));
    for (case, key, method, path, shown) in [
        ("no key", "", "GET", users.as_str(), WITHOUT),
        ("no key: paths that do not exist look alike", "", "GET", "/api/v1/nothing", WITHOUT),
        ("a malformed key", "x", "GET", &users, WITHOUT),
        ("a key with another checksum", &wrong, "GET", &users, WITHOUT),
        ("the operator", OPERATOR, "GET", &users, "200 "),
        ("the operator, everywhere", OPERATOR, "GET", "/api/v1/accounts", "200 "),
        (
            "the operator, where there is nothing",
            OPERATOR,
            "GET",
            "/api/v1/nothing",
            "404 nothing is served at this path ",
        ),
        ("the account's key", &ours.key, "GET", &users, "200 "),
        ("the account's key sees the account", &ours.key, "GET", &ours.base, "200 "),
        ("the account's key does not see others", &ours.key, "GET", "/api/v1/accounts", OF_THE_OPERATOR),
        ("the account's key makes no accounts", &ours.key, "POST", "/api/v1/accounts", OF_THE_OPERATOR),
        ("the account's key does not raise its own limit", &ours.key, "PATCH", &ours.base, OF_THE_OPERATOR),
        (
            "the account's key is not for SCIM",
            &ours.key,
            "GET",
            "/scim/v2/Users",
            "403 this key does not have the scope `scim` ",
        ),
        ("another account's key", &other.key, "GET", &users, NO_ACCOUNT),
        ("another account's key, writing", &other.key, "PUT", &policy, NO_ACCOUNT),
        ("another account's key cannot tell what exists", &other.key, "GET", "/api/v1/accounts/x/users", NO_ACCOUNT),
        ("S-62: a SCIM key", &scim.key, "GET", &format!("{}/users", scim.base), SCIM_ONLY),
        ("S-62: a SCIM key, writing", &scim.key, "POST", &format!("{}/users", scim.base), SCIM_ONLY),
        ("S-62: a SCIM key, elsewhere", &scim.key, "GET", &users, SCIM_ONLY),
        ("S-62: a SCIM key, on all accounts", &scim.key, "GET", "/api/v1/accounts", OF_THE_OPERATOR),
        ("a key with both scopes", &both.key, "GET", &format!("{}/users", both.base), "200 "),
        ("a key with both scopes, over SCIM", &both.key, "GET", "/scim/v2/Users", "200 "),
        (
            "the operator's key is not for SCIM",
            OPERATOR,
            "GET",
            "/scim/v2/Users",
            "403 SCIM takes the API key of an admin app",
        ),
    ] {
        let answer = service.ask(key, method, path, Value::Null).await;
        assert!(format!("{} ", answer.shown()).starts_with(shown), "{case}: {}", answer.shown());
    }
    let entry = service.last_entry(&scim).await;
    assert_eq!((entry.at("/action"), entry.at("/outcome")), ("admin_app.use", "failure"), "misuse is recorded");
}

#[tokio::test]
async fn s_63_three_ways_to_have_no_key_are_one_answer() {
    let service = Service::new();
    let ours = service.tenant(json!("standard"), json!(["api"])).await;
    let mut answers = Vec::new();
    let unknown = provost_accounts::api_key::NewKey::make(ours.base[17..].parse().unwrap(), [9; 8], [9; 32]);
    let nobody = provost_accounts::api_key::NewKey::make(ours.app.parse().unwrap(), [9; 8], [9; 32]);
    for key in ["", "x", unknown.reveal(), nobody.reveal()] {
        let answer = service.ask(key, "GET", &format!("{}/users", ours.base), Value::Null).await;
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        answers.push((answer.status, answer.text));
    }
    assert!(answers.iter().all(|answer| answer.0 == 401 && *answer == answers[0]), "{answers:?}");
}

#[tokio::test]
async fn a_request_is_authenticated_before_anything_of_it_is_read() {
    let service = Service::new();
    for (method, path, body) in [
        ("POST", "/api/v1/accounts", "{"),
        ("GET", "/api/v1/accounts/%FF/users?limit=x", ""),
        ("TRACE", "/api/v1/accounts", ""),
    ] {
        let request = axum::extract::Request::builder().method(method).uri(path).body(body.to_owned().into()).unwrap();
        assert_eq!(service.send(request).await.status, 401, "{method} {path}");
    }
}

#[tokio::test]
async fn s_61_a_key_is_for_its_addresses_only() {
    let service = Service::new();
    let ours = service.tenant(json!("standard"), json!(["api"])).await;
    let app = format!("{}/admin-apps/{}", ours.base, ours.app);
    service.done("PATCH", &app, json!({ "allowed_ips": ["10.0.0.0/8"] })).await;
    for (ip, status) in [("192.0.2.1", 403), ("10.1.1.1", 200)] {
        assert_eq!(service.ask_from(ip, &ours.key, "GET", &ours.base, Value::Null).await.status, status, "{ip}");
    }
    let entry = service.last_entry(&ours).await;
    assert_eq!((entry.at("/action"), entry.at("/client_ip")), ("admin_app.use", "192.0.2.1"));
}

#[tokio::test]
async fn s_64_many_wrong_keys_shut_one_address_out() {
    let service = Service::new();
    let ours = service.tenant(json!("standard"), json!(["api"])).await;
    let mut statuses = Vec::new();
    for _ in 0..101 {
        let answer = service.ask_from("203.0.113.5", "wrong", "GET", &ours.base, Value::Null).await;
        statuses.push(answer.status);
        if answer.status == 429 {
            assert!(answer.header("retry-after").is_some());
        }
    }
    assert_eq!((statuses[0], statuses[100]), (401, 429));
    assert_eq!(service.ask_from("203.0.113.5", &ours.key, "GET", &ours.base, Value::Null).await.status, 429);
    assert_eq!(service.ask_from("203.0.113.6", &ours.key, "GET", &ours.base, Value::Null).await.status, 200);
    service.clock.advance(SignedDuration::from_hours(1));
    assert_eq!(service.ask_from("203.0.113.5", &ours.key, "GET", &ours.base, Value::Null).await.status, 200);
}

#[tokio::test]
async fn what_belongs_to_another_account_does_not_exist() {
    let service = Service::new();
    let ours = service.tenant(json!("dsm"), json!(["api"])).await;
    let other = service.tenant(json!("dsm"), json!(["api"])).await;
    let id = |value: Value| value.at("/id").to_owned();
    let role = id(service.done("POST", &format!("{}/roles", other.base), json!({ "name": "Ops" })).await);
    let user = id(service.done("POST", &format!("{}/users", other.base), json!({ "email": "x@example.com" })).await);
    let group = id(service.done("POST", &format!("{}/groups", other.base), json!({ "display_name": "G" })).await);
    let unknown = "00000000-0000-7000-8000-000000000000";
    for (path, id) in [("roles", role), ("users", user), ("groups", group.clone()), ("admin-apps", other.app.clone())] {
        for method in ["GET", "PATCH", "DELETE"] {
            if path == "groups" && method == "PATCH" {
                continue;
            }
            let body = if method == "PATCH" { json!({}) } else { Value::Null };
            let foreign = service.ask(&ours.key, method, &format!("{}/{path}/{id}", ours.base), body.clone()).await;
            let nothing =
                service.ask(&ours.key, method, &format!("{}/{path}/{unknown}", ours.base), body.clone()).await;
            let no_id = service.ask(&ours.key, method, &format!("{}/{path}/x", ours.base), body).await;
            assert_eq!((foreign.status, &foreign.text), (404, &nothing.text), "{method} {path}");
            assert_eq!((no_id.status, &no_id.text), (404, &nothing.text), "{method} {path}");
        }
    }
    let quorum = format!("/groups/{group}/quorum-policy");
    let user = json!({ "user": unknown });
    service
        .check(
            &ours.base,
            [
                ("GET", quorum.as_str(), Value::Null, "404 no such group"),
                ("PUT", &quorum, user, "404 no such group"),
                ("POST", &format!("/admin-apps/{}/rotate", other.app), Value::Null, "404 no such admin app"),
                ("POST", &format!("/admin-apps/{}/revoke", other.app), Value::Null, "404 no such admin app"),
            ],
        )
        .await;
}
