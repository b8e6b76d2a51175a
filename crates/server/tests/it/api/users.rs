//! `/accounts/{account}/users`.

use expect_test::expect;
use serde_json::{Value, json};

use crate::service::{At, Service};

fn over_scim(name: &str) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name, "externalId": "e1" })
}

#[tokio::test]
async fn a_user_made_by_hand_is_unmanaged_and_not_yet_verified() {
    let service = Service::new();
    let ours = service.tenant(json!("dsm"), json!(["scim"])).await;
    let made = service.operate("POST", &format!("{}/users", ours.base), json!({ "email": "ann@example.com" })).await;
    expect![[r#"
        201 {
          "id": "019b7ca9-8f2e-7000-8000-00000000000d",
          "email": "ann@example.com",
          "user_name": "ann@example.com",
          "external_id": null,
          "active": true,
          "verified": false,
          "managed": false,
          "origin": null,
          "source": null,
          "roles": [
            {
              "id": "ACCOUNTMEMBER",
              "name": "Account Member",
              "via": null
            }
          ],
          "groups": [],
          "asserted_roles": null,
          "roles_overridden": false,
          "locked": {
            "profile": false,
            "roles": false
          },
          "held": null,
          "sign_in": {
            "allowed": false,
            "reason": "the address is not verified yet"
          },
          "deleted": null,
          "purge_at": null,
          "created": "2026-01-02T03:04:05.678Z",
          "modified": "2026-01-02T03:04:05.678Z",
          "version": 1,
          "attributes": {
            "schemas": [
              "urn:ietf:params:scim:schemas:core:2.0:User"
            ],
            "id": "019b7ca9-8f2e-7000-8000-00000000000d",
            "userName": "ann@example.com",
            "active": true,
            "roles": [
              {
                "value": "ACCOUNTMEMBER",
                "display": "Account Member"
              }
            ]
          }
        }
    "#]]
    .assert_eq(&made.pretty());
    let path = made.header("location").unwrap().strip_prefix("https://id.example.com").unwrap().to_owned();
    assert_eq!(service.done("GET", &path, Value::Null).await, made.json());
    let verified = service.done("PATCH", &path, json!({ "verified": true })).await;
    assert_eq!(verified["sign_in"], json!({ "allowed": true, "reason": null }));
}

#[tokio::test]
async fn a_local_change_of_a_managed_user_is_shown_as_an_override() {
    let service = Service::new();
    let ours = service.tenant(json!("dsm"), json!(["scim"])).await;
    let made = service.ask(&ours.key, "POST", "/scim/v2/Users", over_scim("ann@example.com")).await.json();
    let path = format!("{}/users/{}", ours.base, made.at("/id"));
    let changed = service.done("PATCH", &path, json!({ "roles": ["Account Auditor"], "active": false })).await;
    assert_eq!((&changed["managed"], changed.at("/origin/name")), (&json!(true), "Entra"));
    assert_eq!((changed.at("/roles/0/id"), &changed["roles_overridden"]), ("ACCOUNTAUDITOR", &json!(true)));
    assert_eq!(changed["sign_in"], json!({ "allowed": false, "reason": "the user is disabled" }));
    service.done("DELETE", &format!("{}/admin-apps/{}", ours.base, ours.app), Value::Null).await;
    let orphan = service.done("GET", &path, Value::Null).await;
    assert_eq!(orphan.at("/origin/name"), ours.app, "an origin that is gone is named by its id");
}

#[tokio::test]
async fn administrators_see_users_that_a_client_does_not() {
    let service = Service::new();
    let policy = json!({ "users": { "visibility": "managed_only" } });
    let ours = service.tenant(policy, json!(["scim"])).await;
    service.done("POST", &format!("{}/users", ours.base), json!({ "email": "ann" })).await;
    service.ask(&ours.key, "POST", "/scim/v2/Users", over_scim("bob")).await;
    let names = |list: Value, name: &str| -> Vec<String> {
        list.as_array().unwrap().iter().map(|user| user[name].as_str().unwrap().to_owned()).collect()
    };
    let seen = service.ask(&ours.key, "GET", "/scim/v2/Users", Value::Null).await.json();
    assert_eq!(names(seen["Resources"].clone(), "userName"), ["bob"]);
    for (filter, found) in [
        ("", vec!["ann", "bob"]),
        ("filter=userName sw \"a\"", vec!["ann"]),
        ("filter=userName eq \"ANN\"", vec!["ann"]),
        ("filter=externalId eq \"e1\"", vec!["bob"]),
        ("filter=externalId eq \"E1\"", vec![]),
        ("filter=active eq true", vec!["ann", "bob"]),
    ] {
        let shown = service.pages(&format!("{}/users?{filter}&limit=1", ours.base)).await;
        assert_eq!(names(shown, "email"), found, "{filter}");
    }
}

#[tokio::test]
async fn a_page_of_all_users_does_not_move_when_others_go() {
    let service = Service::new();
    let ours = service.tenant(json!("standard"), json!(["scim"])).await;
    let users = format!("{}/users", ours.base);
    let mut ids = Vec::new();
    for number in 0..5 {
        ids.push(service.done("POST", &users, json!({ "email": format!("u{number}") })).await.at("/id").to_owned());
    }
    let first = service.done("GET", &format!("{users}?limit=2"), Value::Null).await;
    service.done("DELETE", &format!("{users}/{}", ids[0]), Value::Null).await;
    let next = service.done("GET", &format!("{users}?limit=2&cursor={}", first.at("/next")), Value::Null).await;
    assert_eq!((next.at("/items/0/id"), next.at("/items/1/id")), (ids[2].as_str(), ids[3].as_str()));
}

#[tokio::test]
async fn what_the_account_does_not_allow_is_refused_and_recorded() {
    let service = Service::new();
    let ours = service.tenant(json!("dsm"), json!(["scim"])).await;
    service.done("POST", &format!("{}/roles", ours.base), json!({ "name": "Ops" })).await;
    service.done("POST", &format!("{}/roles", ours.base), json!({ "name": "G", "kind": "group" })).await;
    let admin = json!({ "email": "root@example.com", "roles": ["ACCOUNTADMINISTRATOR"] });
    let admin = service.done("POST", &format!("{}/users", ours.base), admin).await;
    let admin = format!("/users/{}", admin.at("/id"));
    let new = |email: &str, roles: Value| json!({ "email": email, "roles": roles });
    let many: Vec<&str> = vec!["Ops"; 1001];
    let cases = [
        ("POST", "/users", json!({}), "400 missing field `email`"),
        ("POST", "/users", json!({ "email": "a@b.c", "active": true }), "400 `/active`: unknown field `active`"),
        (
            "POST",
            "/users",
            new("ann", json!([])),
            "400 `userName` must be an e-mail address, such as ann@example.com (policy",
        ),
        ("POST", "/users", new("ROOT@example.com", json!([])), "409 a user with this `userName` exists in the account"), // S-5
        ("POST", "/users", new("a@b.c", json!(["Boss"])), "400 role `Boss` does not exist in this account"),
        ("POST", "/users", new("a@b.c", json!(["G"])), "400 role `G` does not exist in this account"),
        (
            "POST",
            "/users",
            new("a@b.c", json!(["Account Member", "Ops"])),
            "400 `Account Member` and `Ops` cannot be held together",
        ),
        ("POST", "/users", new("a@b.c", json!([1])), "400 `/roles/0`: invalid type: integer `1`, expected a string"),
        ("POST", "/users", new("a@b.c", json!(many)), "400 `/roles`: at most 1000 roles"),
        ("PATCH", &admin, json!({ "active": false }), "409 the user is the last enabled Account Administrator"), // S-36
        ("PATCH", &admin, json!({ "roles": ["Ops"] }), "409 the user is the last enabled Account Administrator"),
        ("DELETE", &admin, Value::Null, "409 the user is the last enabled Account Administrator"),
        ("PATCH", &admin, json!({ "user_name": "x" }), "400 `/user_name`: unknown field `user_name`"),
        ("PATCH", "/users/x", json!({}), "404 no such user"),
        ("GET", "/users?filter=shoeSize eq 1", Value::Null, "400 `shoeSize` is not an attribute of this resource type"),
        ("GET", "/users?filter=userName eq", Value::Null, "400 "),
        (
            "GET",
            "/users?startIndex=1",
            Value::Null,
            "400 Failed to deserialize query string: startIndex: unknown field",
        ),
    ];
    let writes = cases.iter().filter(|(method, ..)| *method != "GET").count();
    service.check(&ours.base, cases).await;
    let log = service.pages(&format!("{}/audit?outcome=failure&limit=200", ours.base)).await;
    assert_eq!(log.as_array().unwrap().len(), writes, "one entry for each refused write");
}

#[tokio::test]
async fn s_23_a_removed_user_is_gone_for_every_door() {
    let service = Service::new();
    let ours = service.tenant(json!("standard"), json!(["scim"])).await;
    let made = service.ask(&ours.key, "POST", "/scim/v2/Users", over_scim("ann")).await.json();
    let path = format!("{}/users/{}", ours.base, made.at("/id"));
    service
        .check(
            &path,
            [
                ("DELETE", "", Value::Null, "204 "),
                ("DELETE", "", Value::Null, "404 no such user"),
                ("GET", "", Value::Null, "404 no such user"),
                ("PATCH", "", json!({}), "404 no such user"),
            ],
        )
        .await;
    let gone = service.ask(&ours.key, "GET", &format!("/scim/v2/Users/{}", made.at("/id")), Value::Null).await;
    assert_eq!(gone.status, 404);
    let again = service.ask(&ours.key, "POST", "/scim/v2/Users", over_scim("ann")).await.json();
    assert_ne!(again["id"], made["id"], "S-22");
}
