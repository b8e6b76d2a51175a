//! `/accounts/{account}/policy`.

use serde_json::{Value, json};

use crate::service::{At, Service};

#[tokio::test]
async fn a_policy_is_a_preset_or_a_document_over_one() {
    let service = Service::new();
    let ours = service.tenant(json!("standard"), json!(["scim"])).await;
    let path = format!("{}/policy", ours.base);
    let first = service.done("GET", &path, Value::Null).await;
    assert_eq!((&first["version"], first.at("/policy/preset")), (&json!(1), "standard"));

    let dsm = service.done("PUT", &path, json!("dsm")).await;
    assert_eq!((&dsm["version"], dsm.at("/policy/users/identifier_update")), (&json!(2), "ignore"));
    assert_eq!(service.done("GET", &path, Value::Null).await, dsm);

    let partial = json!({ "preset": "dsm", "users": { "domains": ["example.com"] } });
    let partial = service.done("PUT", &path, partial).await;
    let mut expected = dsm["policy"].clone();
    expected["users"]["domains"] = json!(["example.com"]);
    assert_eq!((&partial["version"], &partial["policy"]), (&json!(3), &expected), "the rest comes from the preset");
    service
        .check(
            &ours.base,
            [("POST", "/users", json!({ "email": "a@other.com" }), "400 `userName` has the domain `other.com`")],
        ) // S-47
        .await;
    assert_eq!(
        service.done("PUT", &path, partial["policy"].clone()).await["policy"],
        partial["policy"],
        "what is shown is taken"
    );
}

#[tokio::test]
async fn every_version_is_kept_with_its_author() {
    let service = Service::new();
    let ours = service.tenant(json!("standard"), json!(["api"])).await;
    let path = format!("{}/policy", ours.base);
    assert_eq!(service.ask(&ours.key, "PUT", &path, json!("dsm")).await.status, 200);
    service.done("PUT", &path, json!("standard")).await;
    let versions = service.pages(&format!("{path}/versions?limit=2")).await;
    let shown: Vec<_> = versions
        .as_array()
        .unwrap()
        .iter()
        .map(|version| format!("{} {} {}", version["version"], version.at("/author"), version.at("/policy/preset")))
        .collect();
    assert_eq!(shown, ["1 operator standard", "2 Entra dsm", "3 operator standard"]);
    assert_eq!(versions[0].at("/created"), "2026-01-02T03:04:05.678Z");
    let entry = service.last_entry(&ours).await;
    let fields: Vec<&str> = entry["attributes"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(fields.contains(&"users.identifier_update") && !fields.contains(&"users.on_delete"), "{fields:?}");
}

#[tokio::test]
async fn what_is_no_policy_is_refused_naming_the_field_and_changes_nothing() {
    let service = Service::new();
    let ours = service.tenant(json!("dsm"), json!(["scim"])).await;
    let group = json!({ "name": "G", "kind": "group" });
    let group = service.done("POST", &format!("{}/roles", ours.base), group).await;
    let invalid = "400 the policy document is not valid: ";
    let cases = [
        (json!("none"), "400 there is no preset `none`: the presets are `standard`, `directory`, `dsm`"),
        (json!({ "preset": 1 }), "400 the policy document is not valid: `preset` must be a string"),
        (json!([]), "400 the policy document is not valid: expected the name of a preset or an object"),
        (json!(null), "415 "),
        (
            json!({ "user": {} }),
            "400 the policy document is not valid: unknown field `user`, expected one of `preset`, `users`",
        ),
        (
            json!({ "users": { "on_deletion": "remove" } }),
            "400 the policy document is not valid: unknown field `on_deletion`",
        ),
        (
            json!({ "users": { "on_delete": "archive" } }),
            "400 the policy document is not valid: unknown variant `archive`",
        ),
        (json!({ "users": [] }), invalid),
        (
            json!({ "users": { "profile_scope": "user" } }),
            "400 the policy document is not valid: unknown variant `user`, expected `membership`",
        ),
        (
            json!({ "users": { "attributes": ["shoeSize"] } }),
            "400 policy field `users.attributes`: `shoeSize` is no attribute",
        ),
        (json!({ "audit": { "retention_days": 0 } }), "400 policy field `audit.retention_days`: at least 1 day"),
        (
            json!({ "roles": { "default": group["id"] } }),
            "400 the account has no such account role (policy field `roles.default`)",
        ),
    ];
    let refused = cases.len();
    service.check(&ours.base, cases.map(|(policy, shown)| ("PUT", "/policy", policy, shown))).await;
    assert_eq!(service.done("GET", &format!("{}/policy", ours.base), Value::Null).await["version"], json!(1));
    let log = service.pages(&format!("{}/audit?action=policy.update&limit=200", ours.base)).await;
    assert_eq!(log.as_array().unwrap().len(), refused, "each refusal is recorded");
}

#[tokio::test]
async fn a_custom_role_becomes_the_default_role() {
    let service = Service::new();
    let ours = service.tenant(json!("dsm"), json!(["scim"])).await;
    let role = service.done("POST", &format!("{}/roles", ours.base), json!({ "name": "Ops" })).await;
    let policy = json!({ "preset": "dsm", "roles": { "default": role["id"] } });
    service.done("PUT", &format!("{}/policy", ours.base), policy).await;
    let user = service.done("POST", &format!("{}/users", ours.base), json!({ "email": "a@b.c" })).await;
    assert_eq!(user.at("/roles/0/name"), "Ops");
    let path = format!("/roles/{}", role.at("/id"));
    assert_eq!(service.done("GET", &format!("{}{path}", ours.base), Value::Null).await["default"], json!(true));
}

#[tokio::test]
async fn a_required_feature_is_asked_for_over_scim() {
    let service = Service::new();
    let ours = service.tenant(json!({ "requires": ["sso"] }), json!(["scim"])).await;
    let refused = service.ask(&ours.key, "GET", "/scim/v2/Users", Value::Null).await;
    assert_eq!(
        refused.shown(),
        "403 SCIM needs `sso`, which is not switched on for this account (policy field `requires`)"
    );
    service.done("PATCH", &ours.base, json!({ "features": ["sso"] })).await;
    assert_eq!(service.ask(&ours.key, "GET", "/scim/v2/Users", Value::Null).await.status, 200);
}

#[tokio::test]
async fn s_44_a_name_is_free_again_when_its_holder_goes_whatever_the_policy_was() {
    let existing = |choice: &str| json!({ "users": { "existing": choice } });
    let managed = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ann" });
    for (before, after) in
        [("link", "separate"), ("separate", "link"), ("conflict", "separate"), ("separate", "conflict")]
    {
        for changed in [false, true] {
            let service = Service::new();
            let ours = service.tenant(existing(before), json!(["scim"])).await;
            let users = format!("{}/users", ours.base);
            let ann = service.done("POST", &users, json!({ "email": "ann" })).await;
            service.done("PUT", &format!("{}/policy", ours.base), existing(after)).await;
            let ann = format!("{users}/{}", ann.at("/id"));
            if changed {
                service.done("PATCH", &ann, json!({ "active": false })).await;
                let found = service.done("GET", &format!("{users}?filter=userName eq \"ann\""), Value::Null).await;
                assert_eq!(found["items"].as_array().unwrap().len(), 1, "{before} to {after}");
            }
            service.done("DELETE", &ann, Value::Null).await;
            let again = service.ask(&ours.key, "POST", "/scim/v2/Users", managed.clone()).await;
            assert_eq!(again.status, 201, "{before} to {after}, changed: {changed}: {}", again.text);
            let by_hand = service.operate("POST", &users, json!({ "email": "ann" })).await;
            assert_eq!(
                by_hand.status,
                if after == "separate" { 201 } else { 409 },
                "{before} to {after}: {}",
                by_hand.text
            );
        }
    }
}
