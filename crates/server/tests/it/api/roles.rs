//! `/accounts/{account}/roles`.

use expect_test::expect;
use serde_json::{Value, json};

use crate::service::{At, Service};

#[tokio::test]
async fn the_roles_of_the_system_come_first_and_cannot_be_changed() {
    let service = Service::new();
    let ours = service.tenant(json!("dsm"), json!(["scim"])).await;
    let roles = format!("{}/roles", ours.base);
    let custom = json!({ "name": "Ops", "description": "on call", "exclusive": true, "permissions": ["GET_USERS", "GET_USERS"] });
    service.done("POST", &roles, custom).await;
    let list = service.done("GET", &roles, Value::Null).await;
    expect![[r#"
        [
          {
            "id": "ACCOUNTADMINISTRATOR",
            "value": "ACCOUNTADMINISTRATOR",
            "name": "Account Administrator",
            "system": true,
            "exclusive": true,
            "kind": "account",
            "permissions": [
              "GET_USERS",
              "MANAGE_USERS",
              "GET_ADMIN_APPS",
              "MANAGE_SCIM",
              "GET_ROLES",
              "MANAGE_ROLES",
              "GET_GROUPS",
              "MANAGE_GROUPS",
              "GET_POLICY",
              "MANAGE_POLICY",
              "GET_QUORUM_POLICY",
              "MANAGE_QUORUM_POLICY",
              "GET_AUDIT_LOG"
            ],
            "default": false,
            "of_group": false,
            "holders": 0
          },
          {
            "id": "ACCOUNTMEMBER",
            "value": "ACCOUNTMEMBER",
            "name": "Account Member",
            "system": true,
            "exclusive": true,
            "kind": "account",
            "permissions": [],
            "default": true,
            "of_group": false,
            "holders": null
          },
          {
            "id": "ACCOUNTAUDITOR",
            "value": "ACCOUNTAUDITOR",
            "name": "Account Auditor",
            "system": true,
            "exclusive": true,
            "kind": "account",
            "permissions": [
              "GET_USERS",
              "GET_ADMIN_APPS",
              "GET_ROLES",
              "GET_GROUPS",
              "GET_POLICY",
              "GET_QUORUM_POLICY",
              "GET_AUDIT_LOG"
            ],
            "default": false,
            "of_group": false,
            "holders": null
          },
          {
            "id": "019b7ca9-8f2e-7000-8000-00000000000d",
            "role_id": "019b7ca9-8f2e-7000-8000-00000000000d",
            "value": "019b7ca9-8f2e-7000-8000-00000000000d",
            "name": "Ops",
            "description": "on call",
            "system": false,
            "exclusive": true,
            "kind": "account",
            "permissions": [
              "GET_USERS"
            ],
            "default": false,
            "of_group": false,
            "holders": 0
          }
        ]
    "#]]
    .assert_eq(&format!("{:#}\n", list["items"]));
    assert_eq!(service.pages(&format!("{roles}?limit=1")).await, list["items"]);
    let unchangeable = "409 `Account Member` is a role of the system and cannot be changed";
    service
        .check(
            &roles,
            [
                ("GET", "/ACCOUNTMEMBER", Value::Null, "200 "),
                ("PATCH", "/ACCOUNTMEMBER", json!({ "name": "X" }), unchangeable),
                ("DELETE", "/ACCOUNTMEMBER", Value::Null, unchangeable),
                ("GET", "/OWNER", Value::Null, "404 no such role"),
            ],
        )
        .await;
}

#[tokio::test]
async fn what_is_no_role_is_refused() {
    let service = Service::new();
    let ours = service.tenant(json!("dsm"), json!(["scim"])).await;
    let other = service.tenant(json!("dsm"), json!(["scim"])).await;
    let role = service.done("POST", &format!("{}/roles", ours.base), json!({ "name": "Ops" })).await;
    let path = format!("/roles/{}", role.at("/id"));
    service
        .check(
            &ours.base,
            [
                ("POST", "/roles", json!({ "name": "Ops" }), "409 a role named `Ops` exists"), // S-31
                ("POST", "/roles", json!({ "name": "Account Auditor" }), "409 a role named `Account Auditor` exists"),
                ("POST", "/roles", json!({ "name": "" }), "400 the role needs a name"),
                ("POST", "/roles", json!({ "permissions": [] }), "400 missing field `name`"),
                ("POST", "/roles", json!({ "name": "X", "kind": "system" }), "400 `/kind`: unknown variant `system`"),
                (
                    "POST",
                    "/roles",
                    json!({ "name": "X", "permissions": ["ALL"] }),
                    "400 `/permissions/0`: unknown variant `ALL`",
                ),
                ("POST", "/roles", json!({ "name": "X", "id": "y" }), "400 `/id`: unknown field `id`"),
                ("PATCH", &path, json!({ "kind": "group" }), "400 `/kind`: unknown field `kind`"),
                ("PATCH", &path, json!({ "name": "ACCOUNTMEMBER" }), "409 a role named `ACCOUNTMEMBER` exists"),
            ],
        )
        .await;
    service.check(&other.base, [("POST", "/roles", json!({ "name": "Ops" }), "201 ")]).await; // S-31
}

#[tokio::test]
async fn a_role_in_use_is_neither_removed_nor_made_exclusive() {
    let service = Service::new();
    let ours = service.tenant(json!("dsm"), json!(["scim"])).await;
    let role = service.done("POST", &format!("{}/roles", ours.base), json!({ "name": "Ops" })).await;
    let path = format!("{}/roles/{}", ours.base, role.at("/id"));
    let user = json!({ "email": "ann@example.com", "roles": ["Ops"] });
    let user = service.done("POST", &format!("{}/users", ours.base), user).await;
    let user = format!("{}/users/{}", ours.base, user.at("/id"));
    service
        .check(
            &path,
            [
                ("DELETE", "", Value::Null, "409 1 users hold role `Ops`; it cannot be removed"),
                ("PATCH", "", json!({ "exclusive": true }), "409 "),
                ("PATCH", "", json!({ "name": "Operations", "permissions": ["MANAGE_ROLES"] }), "200 "),
            ],
        )
        .await;
    let renamed = service.done("GET", &user, Value::Null).await;
    assert_eq!(renamed.at("/roles/0/name"), "Operations", "S-30: who holds it by id holds it under its new name");
    service.done("PATCH", &user, json!({ "roles": [] })).await;
    service
        .check(
            &path,
            [
                ("PATCH", "", json!({ "exclusive": true }), "200 "),
                ("DELETE", "", Value::Null, "204 "),
                ("GET", "", Value::Null, "404 no such role"),
            ],
        )
        .await;
}
