//! `/accounts`.

use expect_test::expect;
use serde_json::{Value, json};

use crate::service::{At, Service};

const ACCOUNTS: &str = "/api/v1/accounts";

#[tokio::test]
async fn an_account_is_made_and_shown() {
    let service = Service::new();
    let new = json!({ "name": " Acme ", "policy": "dsm", "max_users": 5, "features": ["sso", "plan", "sso"] });
    let made = service.operate("POST", ACCOUNTS, new).await;
    expect![[r#"
        201 {
          "id": "019b7ca9-8f2e-7000-8000-000000000002",
          "name": "Acme",
          "max_users": 5,
          "features": [
            "sso",
            "plan"
          ],
          "policy_version": 1,
          "preset": "dsm",
          "tenant_url": "https://id.example.com/scim/v2?aadOptscim062020",
          "counts": {
            "users": 0,
            "active_users": 0,
            "managed_users": 0,
            "groups": 0,
            "roles": 0,
            "admin_apps": 0
          },
          "groups": []
        }
    "#]]
    .assert_eq(&made.pretty());
    let path = format!("{ACCOUNTS}/{}", made.json().at("/id"));
    assert_eq!(made.header("location"), Some(format!("https://id.example.com{path}").as_str()));
    assert_eq!(made.header("cache-control"), Some("no-store"));
    assert_eq!(service.done("GET", &path, Value::Null).await, made.json());
}

#[tokio::test]
async fn counts_and_groups_follow_what_is_made() {
    let service = Service::new();
    let ours = service.tenant(json!("standard"), json!(["scim"])).await;
    let user = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ann" });
    assert_eq!(service.ask(&ours.key, "POST", "/scim/v2/Users", user).await.status, 201);
    let bob = service.done("POST", &format!("{}/users", ours.base), json!({ "email": "bob" })).await;
    let disable = json!({ "active": false });
    service.done("PATCH", &format!("{}/users/{}", ours.base, bob.at("/id")), disable).await;
    service.done("POST", &format!("{}/groups", ours.base), json!({ "display_name": "G" })).await;
    service.done("POST", &format!("{}/roles", ours.base), json!({ "name": "R" })).await;
    let shown = service.done("GET", &ours.base, Value::Null).await;
    let counts = json!({ "users": 2, "active_users": 1, "managed_users": 1, "groups": 1, "roles": 1, "admin_apps": 1 });
    assert_eq!((&shown["counts"], shown.at("/groups/0/display_name")), (&counts, "G"));
}

#[tokio::test]
async fn what_is_no_account_is_refused_naming_the_member() {
    let service = Service::new();
    let policy = |policy: Value| json!({ "name": "A", "policy": policy });
    let unknown_role = json!({ "roles": { "default": "00000000-0000-7000-8000-000000000000" } });
    service
        .check(
            ACCOUNTS,
            [
                ("POST", "", json!({}), "400 missing field `name`"),
                ("POST", "", json!([]), "400 invalid length 0, expected struct NewAccount"),
                (
                    "POST",
                    "",
                    json!({ "name": "A", "nmae": 1 }),
                    "400 `/nmae`: unknown field `nmae`, expected one of `name`, `policy`",
                ),
                ("POST", "", json!({ "name": 1 }), "400 `/name`: invalid type: integer `1`, expected a string"),
                ("POST", "", json!({ "name": " " }), "400 the account needs a name"),
                ("POST", "", json!({ "name": "a\nb" }), "400 the account's name must be one line"),
                (
                    "POST",
                    "",
                    json!({ "name": "A", "max_users": -1 }),
                    "400 `/max_users`: invalid value: integer `-1`, expected u32",
                ),
                (
                    "POST",
                    "",
                    json!({ "name": "A", "features": ["sso", "x"] }),
                    "400 `/features/1`: unknown variant `x`",
                ),
                (
                    "POST",
                    "",
                    policy(json!("other")),
                    "400 there is no preset `other`: the presets are `standard`, `directory`, `dsm`",
                ),
                (
                    "POST",
                    "",
                    policy(json!({ "preset": "dsm", "x": 1 })),
                    "400 the policy document is not valid: unknown field `x`",
                ),
                (
                    "POST",
                    "",
                    policy(json!({ "roles": { "default": "x" } })),
                    "400 the policy document is not valid: expected ACCOUNTAD",
                ),
                (
                    "POST",
                    "",
                    policy(unknown_role),
                    "400 the account has no such account role (policy field `roles.default`)",
                ),
                ("PUT", "", Value::Null, "405 this path does not answer this method"),
                ("GET", "/x", Value::Null, "404 no such account"),
                ("GET", "/00000000-0000-7000-8000-000000000000", Value::Null, "404 no such account"),
                ("GET", "/00000000-0000-7000-8000-000000000000/audit", Value::Null, "404 no such account"),
                ("GET", "?limit=0", Value::Null, "400 `limit` is a number from 1 to 200"),
                (
                    "GET",
                    "?limit=x",
                    Value::Null,
                    "400 Failed to deserialize query string: limit: invalid digit found in string",
                ),
                (
                    "GET",
                    "?sort=name",
                    Value::Null,
                    "400 Failed to deserialize query string: sort: unknown field `sort`",
                ),
                ("GET", "?cursor=x", Value::Null, "400 `cursor` is not one that this list gave as `next`"),
            ],
        )
        .await;
    assert_eq!(service.done("GET", ACCOUNTS, Value::Null).await["items"], json!([]));
}

#[tokio::test]
async fn an_error_has_a_type_for_programs() {
    let service = Service::new();
    let refused = service.operate("POST", ACCOUNTS, json!({ "name": "A", "features": [1] })).await;
    expect![[r#"
        400 {
          "type": "/problems/invalid-value",
          "title": "A value is not taken",
          "status": 400,
          "detail": "`/features/0`: invalid type: integer `1`, expected string or map",
          "errors": [
            {
              "pointer": "/features/0",
              "detail": "invalid type: integer `1`, expected string or map"
            }
          ]
        }
    "#]]
    .assert_eq(&refused.pretty());
    let ours = service.tenant(json!("dsm"), json!(["scim"])).await;
    let users = format!("{}/users", ours.base);
    service.done("POST", &users, json!({ "email": "ann@example.com" })).await;
    for (method, path, body, kind) in [
        ("POST", users.as_str(), json!({ "email": "ANN@example.com" }), "/problems/name-taken"),
        ("POST", &users, json!({ "email": "ann" }), "/problems/policy"),
        ("GET", &format!("{users}?filter=x"), Value::Null, "/problems/invalid-filter"),
        ("GET", &format!("{}/roles/x", ours.base), Value::Null, "about:blank"),
    ] {
        let answer = service.operate(method, path, body).await;
        assert_eq!(answer.json().at("/type"), kind, "{method} {path}: {}", answer.text);
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    }
}

#[tokio::test]
async fn a_body_is_json_within_bounds() {
    let service = Service::new();
    let deep = "[".repeat(10_000);
    let long = format!("{{\"name\":\"{}\"}}", "a".repeat(1024 * 1024));
    let wide = format!("[{}0]", "0,".repeat(200_000));
    for (content_type, body, status) in [
        ("application/json", "{", 400),
        ("application/json", "", 400),
        ("application/json", "{\"name\":\"A\",\"name\":\"B\"}", 400),
        ("application/json", "{\"name\":\"A\",\"Name\":\"B\"}", 400),
        ("application/json", "\u{0}", 400),
        ("application/json", deep.as_str(), 400),
        ("application/json", &wide, 400),
        ("application/json", &long, 413),
        ("application/scim+json", "{\"name\":\"A\"}", 415),
        ("text/plain", "{\"name\":\"A\"}", 415),
    ] {
        let request = axum::extract::Request::post(ACCOUNTS).header("content-type", content_type);
        let request = request.header("authorization", format!("Bearer {}", crate::service::OPERATOR));
        let answer = service.send(request.body(body.to_owned().into()).unwrap()).await;
        let start: String = body.chars().take(30).collect();
        assert_eq!(answer.status, status, "{content_type}: {start}: {}", answer.text);
    }
}

#[tokio::test]
async fn the_operator_changes_name_limit_and_features() {
    let service = Service::new();
    let account = service.done("POST", ACCOUNTS, json!({ "name": "A", "max_users": 1, "features": ["sso"] })).await;
    let path = format!("{ACCOUNTS}/{}", account.at("/id"));
    for (change, name, max_users, features) in [
        (json!({}), "A", json!(1), json!(["sso"])),
        (json!({ "name": "B" }), "B", json!(1), json!(["sso"])),
        (json!({ "max_users": 7, "features": [] }), "B", json!(7), json!([])),
        (json!({ "max_users": null }), "B", Value::Null, json!([])),
    ] {
        let shown = service.done("PATCH", &path, change.clone()).await;
        let expected = (name, &max_users, &features);
        assert_eq!((shown.at("/name"), &shown["max_users"], &shown["features"]), expected, "{change}");
        assert_eq!(service.done("GET", &path, Value::Null).await, shown);
    }
    let unknown = json!({ "policy": "dsm" });
    service.check(&path, [("PATCH", "", unknown, "400 `/policy`: unknown field `policy`")]).await;
    let log = service.done("GET", &format!("{path}/audit?outcome=failure"), Value::Null).await;
    assert_eq!(log.at("/items/0/action"), "account.update", "a body that is refused is recorded");
}

#[tokio::test]
async fn s_46_the_user_limit_holds_for_every_door() {
    let service = Service::new();
    let ours = service.tenant(json!("standard"), json!(["scim"])).await;
    service.done("PATCH", &ours.base, json!({ "max_users": 1 })).await;
    service.done("POST", &format!("{}/users", ours.base), json!({ "email": "ann" })).await;
    let limit = "403 user limit reached: this account may have 1 enabled users";
    service.check(&ours.base, [("POST", "/users", json!({ "email": "bob" }), limit)]).await;
    let bob = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "bob" });
    assert_eq!(service.ask(&ours.key, "POST", "/scim/v2/Users", bob).await.shown(), limit);
}

#[tokio::test]
async fn pages_joined_are_the_whole_list() {
    let service = Service::new();
    for number in 0..5 {
        service.done("POST", ACCOUNTS, json!({ "name": format!("A{number}") })).await;
    }
    let whole = service.done("GET", ACCOUNTS, Value::Null).await;
    assert_eq!((whole["items"].as_array().unwrap().len(), &whole["next"]), (5, &Value::Null));
    for limit in 1..=6 {
        assert_eq!(service.pages(&format!("{ACCOUNTS}?limit={limit}")).await, whole["items"], "{limit} at a time");
    }
}
