//! `/accounts/{account}/admin-apps`.

use expect_test::expect;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::service::{At, Service, Tenant};

async fn scene() -> (Service, Tenant, String) {
    let service = Service::new();
    let ours = service.tenant(json!("standard"), json!(["scim"])).await;
    let app = format!("{}/admin-apps/{}", ours.base, ours.app);
    (service, ours, app)
}

impl Service {
    /// What a SCIM request with a key is answered with.
    async fn knock(&self, key: &str) -> u16 {
        self.ask(key, "GET", "/scim/v2/Users?count=0", Value::Null).await.status
    }
}

#[tokio::test]
async fn s_60_an_app_shows_its_keys_by_their_end_and_its_last_use() {
    let (service, ours, app) = scene().await;
    let never = service.operate("GET", &app, Value::Null).await;
    expect![[r#"
        200 {
          "id": "019b7ca9-8f2e-7000-8000-000000000009",
          "name": "Entra",
          "description": "",
          "scopes": [
            "scim"
          ],
          "allowed_ips": [],
          "owner": null,
          "role_ceiling": null,
          "honey": false,
          "created": "2026-01-02T03:04:05.678Z",
          "tenant_url": "https://id.example.com/scim/v2?aadOptscim062020",
          "keys": [
            {
              "id": "019b7ca98f2e700080000000000000020000000000000007",
              "last_eight": "20ef1945",
              "created": "2026-01-02T03:04:05.678Z",
              "expires": null,
              "valid_until": null,
              "state": "current"
            }
          ],
          "last_used": null,
          "warning": null
        }
    "#]]
    .assert_eq(&never.pretty());
    assert!(ours.key.ends_with(never.json().at("/keys/0/last_eight")) && !never.text.contains(&ours.key));
    service.clock.advance(SignedDuration::from_mins(1));
    assert_eq!(service.knock(&ours.key).await, 200);
    let used = service.done("GET", &app, Value::Null).await;
    let expected = json!({
        "at": "2026-01-02T03:05:05.678Z",
        "client_ip": "192.0.2.7",
        "user_agent": "tests/1",
        "key": used["keys"][0]["id"],
    });
    assert_eq!(used["last_used"], expected);
}

#[tokio::test]
async fn an_app_is_made_with_all_that_it_can_have() {
    let (service, ours, _) = scene().await;
    let new = json!({
        "name": "Okta", "description": "nightly", "scopes": ["api", "scim", "api"],
        "allowed_ips": ["10.0.0.0/8", "2001:db8::1", "10.0.0.0/8"], "expires": "2026-06-01T00:00:00Z",
    });
    let made = service.operate("POST", &format!("{}/admin-apps", ours.base), new).await;
    let shown = made.json();
    assert_eq!(made.status, 201);
    assert_eq!((&shown["scopes"], shown.at("/description")), (&json!(["api", "scim"]), "nightly"));
    assert_eq!(shown["allowed_ips"], json!(["10.0.0.0/8", "2001:db8::1/128"]));
    assert_eq!(shown.at("/keys/0/valid_until"), "2026-06-01T00:00:00Z");
    assert!(shown.at("/api_key").starts_with("prv_"));
    let entry = service.last_entry(&ours).await;
    assert!(!entry.to_string().contains(shown.at("/api_key")), "S-66");
    let path = made.header("location").unwrap().strip_prefix("https://id.example.com").unwrap().to_owned();
    let again = service.operate("GET", &path, Value::Null).await;
    assert!(!again.text.contains("api_key") && !again.text.contains(shown.at("/api_key")), "S-56: shown once");
}

#[tokio::test]
async fn what_is_no_admin_app_is_refused_naming_the_member() {
    let (service, ours, app) = scene().await;
    let networks = |list: Value| json!({ "name": "X", "allowed_ips": list });
    let apps = "/admin-apps";
    let app = app.strip_prefix(&ours.base).unwrap();
    let rotate = format!("{app}/rotate");
    service
        .check(
            &ours.base,
            [
                ("POST", apps, json!({ "name": "Entra" }), "409 an admin app named `Entra` exists"),
                (
                    "POST",
                    apps,
                    json!({ "name": "X", "scopes": [] }),
                    "400 `/scopes`: name at least one of `scim` and `api`",
                ),
                ("POST", apps, json!({ "name": "X", "scopes": ["root"] }), "400 `/scopes/0`: unknown variant `root`"),
                (
                    "POST",
                    apps,
                    networks(json!(["10.0.0.0/8", "10.0.0.1/8"])),
                    "400 `/allowed_ips/1`: `10.0.0.1/8` has bits set",
                ),
                (
                    "POST",
                    apps,
                    networks(json!(["here"])),
                    "400 `/allowed_ips/0`: `here` is not an IP address or network",
                ),
                ("POST", apps, networks(json!(vec!["10.0.0.0/8"; 101])), "400 `/allowed_ips`: at most 100 networks"),
                (
                    "POST",
                    apps,
                    json!({ "name": "X", "description": "x".repeat(1001) }),
                    "400 `/description`: at most 1000 characters",
                ),
                ("POST", apps, json!({ "name": "X", "expires": "tomorrow" }), "400 `/expires`: "),
                ("POST", apps, json!({ "name": "X", "key": "mine" }), "400 `/key`: unknown field `key`"),
                ("PATCH", app, json!({ "expires": null }), "400 `/expires`: unknown field `expires`"),
                (
                    "PATCH",
                    app,
                    json!({ "allowed_ips": ["::/0", "x"] }),
                    "400 `/allowed_ips/1`: `x` is not an IP address or network",
                ),
                ("POST", &rotate, json!({ "overlap_hours": -1 }), "400 an old key stays valid for 0 to 2160 hours"),
                ("POST", &rotate, json!({ "overlap_hours": 2161 }), "400 an old key stays valid for 0 to 2160 hours"),
                ("POST", &rotate, json!({ "overlap_hours": 1e300 }), "400 `/overlap_hours`: no such time"),
                ("POST", &rotate, json!({ "overlap": 1 }), "400 `/overlap`: unknown field `overlap`"),
            ],
        )
        .await;
    assert_eq!(service.knock(&ours.key).await, 200, "nothing changed");
    let log = service.pages(&format!("{}/audit?outcome=failure&limit=200", ours.base)).await;
    assert_eq!(log.as_array().unwrap().len(), 15, "every refusal is recorded");
}

#[tokio::test]
async fn a_rotated_key_is_taken_until_the_overlap_ends() {
    let (service, ours, app) = scene().await;
    let rotated = service.done("POST", &format!("{app}/rotate"), json!({ "overlap_hours": 0.5 })).await;
    let new = rotated.at("/api_key");
    assert_eq!(rotated.at("/keys/0/state"), "current");
    assert_eq!(
        (rotated.at("/keys/1/state"), rotated.at("/keys/1/valid_until")),
        ("replaced", "2026-01-02T03:34:05.678Z")
    );
    assert_eq!((service.knock(&ours.key).await, service.knock(new).await), (200, 200));
    service.clock.advance(SignedDuration::from_mins(30));
    assert_eq!((service.knock(&ours.key).await, service.knock(new).await), (401, 200));
    assert_eq!(service.done("GET", &app, Value::Null).await.at("/keys/1/state"), "expired");
    let third = service.done("POST", &format!("{app}/rotate"), Value::Null).await;
    assert_eq!(
        (service.knock(new).await, service.knock(third.at("/api_key")).await),
        (401, 200),
        "without an overlap, at once"
    );
    assert_eq!(third["keys"].as_array().unwrap().len(), 1, "keys that are not taken any more are forgotten");
}

#[tokio::test]
async fn a_key_ends_on_its_day() {
    let (service, _, app) = scene().await;
    let rotated = service.done("POST", &format!("{app}/rotate"), json!({ "expires": "2026-01-03T00:00:00Z" })).await;
    let key = rotated.at("/api_key");
    assert_eq!(service.knock(key).await, 200);
    service.clock.advance(SignedDuration::from_hours(24));
    assert_eq!(service.knock(key).await, 401);
    assert_eq!(service.done("GET", &app, Value::Null).await.at("/keys/0/state"), "expired");
}

#[tokio::test]
async fn s_58_a_revoked_key_is_refused_at_once() {
    let (service, ours, app) = scene().await;
    assert_eq!(service.knock(&ours.key).await, 200);
    let revoked = service.done("POST", &format!("{app}/revoke"), Value::Null).await;
    assert_eq!((&revoked["keys"], service.knock(&ours.key).await), (&json!([]), 401));
    let rotated = service.done("POST", &format!("{app}/rotate"), Value::Null).await;
    assert_eq!(service.knock(rotated.at("/api_key")).await, 200);
}

#[tokio::test]
async fn an_app_is_changed_and_removed() {
    let (service, ours, app) = scene().await;
    let change = json!({ "name": "Entra ID", "description": "d", "scopes": ["api"], "allowed_ips": ["192.0.2.0/24"] });
    let changed = service.done("PATCH", &app, change.clone()).await;
    for (name, value) in change.as_object().unwrap() {
        assert_eq!(changed[name], *value, "{name}");
    }
    assert_eq!(service.knock(&ours.key).await, 403, "it lost its scope");
    service.done("DELETE", &app, Value::Null).await;
    assert_eq!(service.knock(&ours.key).await, 401);
    service
        .check(
            &app,
            [("GET", "", Value::Null, "404 no such admin app"), ("DELETE", "", Value::Null, "404 no such admin app")],
        )
        .await;
}

#[tokio::test]
async fn apps_are_listed_page_by_page() {
    let (service, ours, _) = scene().await;
    let apps = format!("{}/admin-apps", ours.base);
    for number in 0..4 {
        service.done("POST", &apps, json!({ "name": format!("A{number}") })).await;
    }
    let whole = service.done("GET", &apps, Value::Null).await;
    assert_eq!(whole["items"].as_array().unwrap().len(), 5);
    assert_eq!(service.pages(&format!("{apps}?limit=2")).await, whole["items"]);
}
