//! `/accounts/{account}/groups` and quorum policies.

use expect_test::expect;
use serde_json::{Value, json};

use crate::service::{At, Service, Tenant};

/// A user made by hand; `verified` or not.
async fn user(service: &Service, ours: &Tenant, email: &str, verified: bool) -> String {
    let made = service.done("POST", &format!("{}/users", ours.base), json!({ "email": email })).await;
    let id = made.at("/id").to_owned();
    service.done("PATCH", &format!("{}/users/{id}", ours.base), json!({ "verified": verified })).await;
    id
}

#[tokio::test]
async fn a_group_is_made_listed_and_removed_with_its_quorum_policy() {
    let service = Service::new();
    let ours = service.tenant(json!("dsm"), json!(["scim"])).await;
    let groups = format!("{}/groups", ours.base);
    let made = service.operate("POST", &groups, json!({ "display_name": " Keys " })).await;
    expect![[r#"201 {"id":"019b7ca9-8f2e-7000-8000-00000000000d","display_name":"Keys","external_id":null,"managed":false,"origin":null,"source":null,"locked":false,"role":null,"groups":[],"member_count":0,"created":"2026-01-02T03:04:05.678Z","modified":"2026-01-02T03:04:05.678Z","version":1}"#]]
    .assert_eq(&made.shown());
    for number in 0..3 {
        service.done("POST", &groups, json!({ "display_name": format!("G{number}") })).await;
    }
    let whole = service.done("GET", &groups, Value::Null).await;
    assert_eq!(whole["items"].as_array().unwrap().len(), 4);
    assert_eq!(service.pages(&format!("{groups}?limit=3")).await, whole["items"]);
    let group = format!("{groups}/{}", made.json().at("/id"));
    assert_eq!(service.done("GET", &group, Value::Null).await, made.json());

    let ann = user(&service, &ours, "ann@example.com", true).await;
    let quorum = json!({ "user": ann });
    service
        .check(
            &group,
            [
                ("GET", "/quorum-policy", Value::Null, "404 no such quorum policy"),
                ("PUT", "/quorum-policy", quorum.clone(), "200 "),
                ("GET", "/quorum-policy", Value::Null, "200 "),
            ],
        )
        .await;
    let approver = format!("/users/{ann}");
    let guarded = "409 the user is an approver in the quorum policy of group `Keys` and cannot be disabled or removed";
    service.check(&ours.base, [("DELETE", approver.as_str(), Value::Null, guarded)]).await;
    service
        .check(
            &group,
            [
                ("DELETE", "", Value::Null, "204 "),
                ("GET", "", Value::Null, "404 no such group"),
                ("GET", "/quorum-policy", Value::Null, "404 no such group"),
            ],
        )
        .await;
    service.check(&ours.base, [("DELETE", approver.as_str(), Value::Null, "204 ")]).await;
}

#[tokio::test]
async fn a_quorum_policy_is_set_shown_and_removed() {
    let service = Service::new();
    let ours = service.tenant(json!("dsm"), json!(["scim"])).await;
    let (ann, bob) = (user(&service, &ours, "ann@b.c", true).await, user(&service, &ours, "bob@b.c", true).await);
    let path = format!("{}/quorum-policy", ours.base);
    let tree = json!({ "quorum": { "n": 2, "members": [{ "user": ann }, { "app": ours.app }, { "user": bob }] } });
    assert_eq!(service.done("PUT", &path, tree.clone()).await, json!({ "policy": tree }));
    assert_eq!(service.done("GET", &path, Value::Null).await, json!({ "policy": tree }));
    let one = json!({ "user": bob });
    assert_eq!(service.done("PUT", &path, one.clone()).await, json!({ "policy": one }));
    let entry = service.last_entry(&ours).await;
    assert_eq!((&entry["changes"][0]["old"], &entry["changes"][0]["new"]), (&tree, &one));
    service
        .check(&path, [("DELETE", "", Value::Null, "204 "), ("DELETE", "", Value::Null, "404 no such quorum policy")])
        .await;
}

#[tokio::test]
async fn only_enabled_users_and_own_apps_approve() {
    let service = Service::new();
    let ours = service.tenant(json!("dsm"), json!(["scim"])).await;
    let other = service.tenant(json!("dsm"), json!(["scim"])).await;
    let disabled = user(&service, &ours, "bob@b.c", true).await;
    service.done("PATCH", &format!("{}/users/{disabled}", ours.base), json!({ "active": false })).await;
    let foreign = user(&service, &other, "eve@b.c", true).await;
    let group = service.done("POST", &format!("{}/groups", ours.base), json!({ "display_name": "G" })).await;
    let form = "400 a quorum policy is {\"user\": id}, {\"app\": id} or {\"quorum\": {\"n\", \"members\"}}: ";
    let deep = (0..9).fold(json!({ "app": ours.app }), |tree, _| json!({ "quorum": { "n": 1, "members": [tree] } }));
    let none = |id: &str| format!("400 the account has no user {id}");
    let must = |id: &str| format!("400 user {id} is disabled and cannot be an approver");
    for path in ["/quorum-policy".to_owned(), format!("/groups/{}/quorum-policy", group.at("/id"))] {
        service
            .check(
                &ours.base,
                [
                    ("PUT", path.as_str(), json!({ "user": disabled }), must(&disabled).as_str()),
                    ("PUT", &path, json!({ "user": foreign }), &none(&foreign)),
                    ("PUT", &path, json!({ "app": other.app }), "400 the account has no admin app"),
                    ("PUT", &path, json!({ "user": "x" }), form),
                    ("PUT", &path, json!({}), form),
                    ("PUT", &path, json!({ "user": disabled, "app": ours.app }), form),
                    (
                        "PUT",
                        &path,
                        json!({ "quorum": { "n": 2, "members": [{ "app": ours.app }] } }),
                        "400 a quorum of 2 out of 1",
                    ),
                    ("PUT", &path, deep.clone(), "400 a quorum policy has at most 8 levels"),
                    ("GET", &path, Value::Null, "404 no such quorum policy"),
                ],
            )
            .await;
    }
    let entry = service.last_entry(&ours).await;
    assert_eq!((entry.at("/action"), entry.at("/outcome")), ("quorum_policy.set", "failure"));
}

#[tokio::test]
async fn what_is_no_group_is_refused() {
    let service = Service::new();
    let ours = service.tenant(json!("dsm"), json!(["scim"])).await;
    service
        .check(
            &ours.base,
            [
                ("POST", "/groups", json!({}), "400 missing field `display_name`"),
                ("POST", "/groups", json!({ "display_name": "" }), "400 the group needs a name"),
                (
                    "POST",
                    "/groups",
                    json!({ "display_name": "G", "owners": [] }),
                    "400 `/owners`: unknown field `owners`",
                ),
                ("GET", "/groups/x", Value::Null, "404 no such group"),
                ("DELETE", "/groups/x", Value::Null, "404 no such group"),
            ],
        )
        .await;
}
