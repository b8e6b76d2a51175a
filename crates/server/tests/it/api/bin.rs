//! Users who were deleted: the bin, and the assignments that end with them.

use crate::service::{At, Service, Tenant};
use jiff::{SignedDuration, Timestamp};
use provost_accounts::assignments;
use provost_change::{AccountId, ChangeSet, Expect, IndexEntry, Kind, Put, Record, ResourceId};
use provost_store::Store;
use serde_json::{Value, json};
use uuid::Uuid;

/// Assigns a user to an app, as the engine enters it.
async fn assign(service: &Service, ours: &Tenant, user: &str, number: u128) {
    let account: AccountId = ours.base.rsplit('/').next().unwrap().parse().unwrap();
    let (app, principal): (_, ResourceId) = (ResourceId::new(Uuid::from_u128(7)), user.parse().unwrap());
    let put = Put {
        record: Record {
            kind: assignments::kind(),
            id: ResourceId::new(Uuid::from_u128(number)),
            version: 0,
            created: Timestamp::UNIX_EPOCH,
            modified: Timestamp::UNIX_EPOCH,
            doc: json!({ "app": app, "of": "users", "principal": principal, "app_role": null }).to_string(),
            state: "{}".to_owned(),
        },
        expect: Expect::Absent,
        claims: Vec::new(),
        releases: Vec::new(),
        index_adds: vec![
            assignments::of(principal),
            IndexEntry { attribute: "app-assignment.app".to_owned(), value: app.to_string() },
        ],
        index_removes: Vec::new(),
    };
    service.store.commit(account, ChangeSet { puts: vec![put], ..ChangeSet::default() }).await.unwrap();
}

async fn assigned(service: &Service, ours: &Tenant) -> usize {
    let account: AccountId = ours.base.rsplit('/').next().unwrap().parse().unwrap();
    service.store.all(account, &assignments::kind(), None, 100).await.unwrap().len()
}

#[tokio::test]
async fn f_4_2_4_and_5_assignments_end_in_the_change_that_ends_the_user_whatever_door_it_comes_through() {
    let service = Service::new();
    let ours = service.tenant(json!("directory"), json!(["scim"])).await;
    for (number, door) in (1_000_u128..).zip(["api", "scim", "permanent"]) {
        let body = json!({ "email": format!("{door}@contoso.example") });
        let made = service.done("POST", &format!("{}/users", ours.base), body).await;
        let user = made.at("/id").to_owned();
        assign(&service, &ours, &user, number).await;
        assign(&service, &ours, &user, number + 100).await;
        let path = format!("{}/users/{user}", ours.base);
        let deleted = match door {
            "scim" => service.ask(&ours.key, "DELETE", &format!("/scim/v2/Users/{user}"), Value::Null).await,
            "permanent" => service.operate("DELETE", &format!("{path}?permanent=true"), Value::Null).await,
            _ => service.operate("DELETE", &path, Value::Null).await,
        };
        assert_eq!(deleted.status, 204, "{door}: {}", deleted.text);
        assert_eq!(assigned(&service, &ours).await, 0, "{door}");
        let entries = service.done("GET", &format!("{}/audit?limit=3", ours.base), Value::Null).await;
        let shown: Vec<(&str, &str)> = (0..3)
            .map(|place| {
                (entries.at(&format!("/items/{place}/action")), entries.at(&format!("/items/{place}/target/id")))
            })
            .collect();
        let removal = if door == "permanent" { "user.delete" } else { "user.soft_delete" };
        let ended = ("app-assignment.delete", user.as_str());
        assert_eq!(shown, [ended, ended, (removal, user.as_str())], "{door}");
    }
}

#[tokio::test]
async fn s_99_the_bin_is_listed_found_in_and_left_by_time() {
    let service = Service::new();
    let ours = service.tenant(json!("directory"), json!(["scim"])).await;
    let (users, bin) = (format!("{}/users", ours.base), format!("{}/users?deleted=true", ours.base));
    for name in ["ann", "bob", "cat"] {
        let made = service.done("POST", &users, json!({ "email": format!("{name}@contoso.example") })).await;
        service.operate("DELETE", &format!("{users}/{}", made.at("/id")), Value::Null).await;
    }
    let names = |list: &Value| -> Vec<String> {
        let items = list.as_array().unwrap();
        items.iter().map(|user| user["user_name"].as_str().unwrap().split('@').next().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&service.pages(&format!("{bin}&limit=2")).await), ["ann", "bob", "cat"]);
    for (filter, found) in [
        ("userName eq \"BOB@contoso.example\"", vec!["bob"]),
        ("userName sw \"b\" or userName sw \"c\"", vec!["bob", "cat"]),
        ("active eq false", vec![]),
    ] {
        let page = service.done("GET", &format!("{bin}&filter={filter}"), Value::Null).await;
        assert_eq!(names(&page["items"]), found, "{filter}");
    }
    let shown = service.done("GET", &bin, Value::Null).await["items"][0].clone();
    assert_eq!((shown.at("/deleted"), shown.at("/purge_at")), ("2026-01-02T03:04:05.678Z", "2026-02-01T03:04:05.678Z"));
    assert_eq!(service.done("GET", &users, Value::Null).await["items"], json!([]), "they are not among the others");

    // In the bin nothing is done with a user but restoring and removing.
    let path = format!("/users/{}", shown.at("/id"));
    let cases = [
        ("GET", "", Value::Null, "200"),
        ("PATCH", "", json!({ "active": false }), "409 the user is deleted: restore it first"),
        ("DELETE", "", Value::Null, "409 the user is deleted already"),
        ("DELETE", "?permanent=perhaps", Value::Null, "400"),
        ("POST", "/adopt", json!({ "admin_app": ours.app, "reason": "x" }), "409"),
    ];
    service.check(&format!("{}{path}", ours.base), cases).await;

    let account: AccountId = ours.base.rsplit('/').next().unwrap().parse().unwrap();
    let left = || service.store.all(account, &Kind::DELETED_USER, None, 10);
    let almost = SignedDuration::from_hours(30 * 24) - SignedDuration::from_millis(1);
    for (later, expected) in [(almost, 3), (SignedDuration::from_millis(1), 0)] {
        service.clock.advance(later);
        service.app.upkeep(tokio::time::sleep(std::time::Duration::from_millis(200))).await;
        assert_eq!(left().await.unwrap().len(), expected, "{later}");
    }
    let last = service.last_entry(&ours).await;
    assert_eq!((last.at("/action"), last.at("/actor/type")), ("user.delete", "system"));
}
