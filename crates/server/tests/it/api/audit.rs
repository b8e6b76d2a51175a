//! `/accounts/{account}/audit`.

use expect_test::expect;
use provost_change::{ChangeSet, LogEntry, ResourceId};
use provost_store::Store;
use serde_json::{Value, json};

use crate::service::{At, Service, Tenant};

/// An account whose log has six entries: the account, the app, three users, a refusal.
async fn scene() -> (Service, Tenant, Vec<String>) {
    let service = Service::new();
    let ours = service.tenant(json!("standard"), json!(["scim"])).await;
    let mut users = Vec::new();
    for name in ["ann", "bob", "eve"] {
        let user = service.done("POST", &format!("{}/users", ours.base), json!({ "email": name })).await;
        users.push(user.at("/id").to_owned());
    }
    service.operate("PATCH", &format!("{}/users/{}", ours.base, users[1]), json!({ "x": 1 })).await;
    (service, ours, users)
}

fn numbers(items: &Value) -> Vec<u64> {
    items.as_array().unwrap().iter().map(|entry| entry["seq"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn s_70_an_entry_says_who_did_what_to_whom_when_and_from_where() {
    let (service, ours, _) = scene().await;
    let entry = service.last_entry(&ours).await;
    expect![[r#"
        {
          "action": "user.update",
          "outcome": "failure",
          "severity": "ERROR",
          "actor": {
            "type": "operator",
            "name": "operator"
          },
          "target": {
            "type": "user",
            "id": "019b7ca9-8f2e-7000-8000-000000000011"
          },
          "request_id": "019b7ca9-8f2e-7000-8000-000000000018",
          "reason": {
            "status": 400,
            "scimType": "invalidValue"
          },
          "target_name": "bob",
          "client_ip": "192.0.2.7",
          "user_agent": "tests/1",
          "detail": "`/x`: unknown field `x`, expected one of `email`, `roles`, `active`, `verified`, `attributes`",
          "account": "019b7ca9-8f2e-7000-8000-000000000002",
          "seq": 6,
          "time": "2026-01-02T03:04:05.678Z",
          "hash": "1f1dfddc64f0a02aba2affde482eccc86a78a297d464712df895b59f5da6c11a"
        }
    "#]]
    .assert_eq(&format!("{entry:#}\n"));
}

#[tokio::test]
async fn entries_are_filtered_ordered_and_paged() {
    let (service, ours, users) = scene().await;
    for (query, found) in [
        ("", vec![6, 5, 4, 3, 2, 1]),
        ("order=newest", vec![6, 5, 4, 3, 2, 1]),
        ("order=oldest", vec![1, 2, 3, 4, 5, 6]),
        ("action=user.create", vec![5, 4, 3]),
        ("outcome=failure", vec![6]),
        ("outcome=success&action=user.update", vec![]),
        ("after_seq=2&before_seq=5", vec![4, 3]),
        ("after_seq=2&before_seq=5&order=oldest", vec![3, 4]),
        ("before_seq=1", vec![]),
        (&format!("user={}", users[1]), vec![6, 4]),
        (&format!("subject={}&order=oldest", users[1]), vec![4, 6]),
        (&format!("subject={}", ours.app), vec![2]),
    ] {
        for limit in [1, 2, 3, 200] {
            let shown = service.pages(&format!("{}/audit?{query}&limit={limit}", ours.base)).await;
            assert_eq!(numbers(&shown), found, "{query} by {limit}");
        }
    }
    service
        .check(
            &ours.base,
            [
                ("GET", "/audit?user=ann", Value::Null, "400 `user` is not an id"),
                (
                    "GET",
                    "/audit?outcome=maybe",
                    Value::Null,
                    "400 Failed to deserialize query string: outcome: unknown variant",
                ),
                ("GET", "/audit?user=x&subject=x", Value::Null, "400 "),
                ("GET", "/audit?since=1", Value::Null, "400 Failed to deserialize query string: since: unknown field"),
            ],
        )
        .await;
}

#[tokio::test]
async fn a_rare_entry_is_found_a_bounded_walk_at_a_time() {
    let (service, ours, _) = scene().await;
    let account = ours.base[17..].parse().unwrap();
    let entry = |n: u128| LogEntry {
        at: "2026-01-02T03:04:05Z".parse().unwrap(),
        subject: Some(ResourceId::new(uuid::Uuid::from_u128(n))),
        public: r#"{"action":"filler","outcome":"success"}"#.to_owned(),
        personal: None,
    };
    let log = (0..10_500).map(entry).collect();
    service.store.commit(account, ChangeSet { log, ..ChangeSet::default() }).await.unwrap();
    let path = format!("{}/audit?action=user.create&limit=2", ours.base);
    let first = service.done("GET", &path, Value::Null).await;
    assert_eq!(
        (&first["items"], first["next"].is_string()),
        (&json!([]), true),
        "there is more than one request looks at"
    );
    assert_eq!(numbers(&service.pages(&path).await), [5, 4, 3]);
    let verified = service.done("GET", &format!("{}/audit/verify", ours.base), Value::Null).await;
    assert_eq!(
        (&verified["verified"], &verified["entries"]),
        (&json!(true), &json!(10_506)),
        "a long chain is walked whole"
    );
}

#[tokio::test]
async fn s_72_the_chain_verifies_also_behind_retention() {
    let (service, ours, _) = scene().await;
    let path = format!("{}/audit/verify", ours.base);
    let hash = service.last_entry(&ours).await["hash"].clone();
    let whole = json!({ "verified": true, "entries": 6, "first_seq": 1, "last_seq": 6, "hash": hash });
    assert_eq!(service.done("GET", &path, Value::Null).await, whole);
    let account = ours.base[17..].parse().unwrap();
    service.store.prune_log(account, "2027-01-01T00:00:00Z".parse().unwrap()).await.unwrap();
    let empty = json!({ "verified": true, "entries": 0, "first_seq": null, "last_seq": 6, "hash": hash });
    assert_eq!(service.done("GET", &path, Value::Null).await, empty);
    service.done("POST", &format!("{}/users", ours.base), json!({ "email": "dan" })).await;
    let later = service.done("GET", &path, Value::Null).await;
    assert_eq!((&later["entries"], &later["first_seq"], &later["last_seq"]), (&json!(1), &json!(7), &json!(7)));
}
