//! Users that come back, limits and guards (S-19, S-36, S-44, S-46, S-47).

use crate::support::{Account, Server, assertive};
use serde_json::{Value, json};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

fn id_of(user: &Value) -> String {
    user["id"].as_str().expect("a user has an id").to_owned()
}

fn disable(account: &Account, id: &str) -> crate::support::Answer {
    account.patch(id, json!([{ "op": "replace", "path": "active", "value": false }]))
}

#[test]
fn s_19_post_for_a_disabled_user_reactivates_where_the_policy_says_so() {
    let server = Server::start();
    let account = server.account(json!({ "preset": "standard", "users": { "on_post_inactive": "reactivate" } }));
    let id = id_of(&account.create(json!({ "userName": "x@a.example", "externalId": "e1", "title": "old" })));
    disable(&account, &id).expect(200);
    // Known by its externalId, under another name.
    let again = account.create(json!({ "userName": "new@a.example", "externalId": "e1" }));
    assert_eq!(
        (id_of(&again), &again["active"], &again["userName"]),
        (id.clone(), &json!(true), &json!("new@a.example"))
    );
    let user = account.get(&id).expect(200).json();
    assert_eq!((&user["active"], user.get("title")), (&json!(true), None), "the POST says what the user is now");
    // Known by its userName.
    disable(&account, &id).expect(200);
    assert_eq!(id_of(&account.create(json!({ "userName": "NEW@a.example" }))), id);
    assert_eq!(account.find(r#"userName eq "new@a.example""#)["totalResults"], json!(1));
    // Enabled, the name is simply taken.
    account.scim("POST", "/Users", json!({ "schemas": [USER], "userName": "new@a.example" })).error(409);
}

#[test]
fn s_19_post_for_a_disabled_user_is_a_conflict_otherwise() {
    let server = Server::start();
    let account = server.account(json!({ "preset": "standard", "users": { "on_post_inactive": "conflict" } }));
    let id = id_of(&account.create(json!({ "userName": "x@a.example", "externalId": "e1" })));
    disable(&account, &id).expect(200);
    let body = json!({ "schemas": [USER], "userName": "x@a.example", "externalId": "e1" });
    assert_eq!(account.scim("POST", "/Users", body).error(409)["scimType"], "uniqueness");
    assert_eq!(account.get(&id).json()["active"], json!(false));
}

#[test]
fn s_36_the_last_enabled_administrator_stays() {
    let server = Server::start();
    let account = server.account(json!("dsm"));
    let administrator =
        |name: &str| id_of(&account.create(json!({ "userName": name, "roles": assertive(&["ACCOUNTADMINISTRATOR"]) })));
    let member = json!([{ "op": "replace", "path": "roles", "value": assertive(&["ACCOUNTMEMBER"]) }]);
    let last = administrator("a@a.example");
    let before = account.get(&last).text;
    for refused in [
        disable(&account, &last),
        account.scim("DELETE", &format!("/Users/{last}"), Value::Null),
        account.patch(&last, member.clone()),
        account.patch(&last, json!([{ "op": "remove", "path": "roles" }])),
        account.scim(
            "PUT",
            &format!("/Users/{last}"),
            json!({ "schemas": [USER], "userName": "a@a.example", "active": false }),
        ),
    ] {
        let error = refused.error(409);
        let detail = error["detail"].as_str().expect("a detail");
        assert!(detail.contains("last enabled Account Administrator") && detail.contains("guards"), "{detail}");
        assert_eq!(account.get(&last).text, before);
    }
    for (method, path, body) in [
        ("PATCH", format!("/users/{last}"), json!({ "active": false })),
        ("PATCH", format!("/users/{last}"), json!({ "roles": ["ACCOUNTMEMBER"] })),
        ("DELETE", format!("/users/{last}"), Value::Null),
    ] {
        account.api(method, &path, body).expect(409);
        assert_eq!(account.get(&last).text, before);
    }
    // A disabled administrator does not count, an enabled one does.
    let other = administrator("b@a.example");
    disable(&account, &other).expect(200);
    disable(&account, &last).error(409);
    account.patch(&other, json!([{ "op": "replace", "path": "active", "value": true }])).expect(200);
    account.patch(&last, member).expect(200);
    disable(&account, &other).error(409);
}

#[test]
fn s_36_without_the_guard_the_last_administrator_may_go() {
    let server = Server::start();
    let account = server.account(json!({ "preset": "dsm", "guards": [] }));
    let id =
        id_of(&account.create(json!({ "userName": "a@a.example", "roles": assertive(&["ACCOUNTADMINISTRATOR"]) })));
    disable(&account, &id).expect(200);
}

#[test]
fn s_44_a_person_who_comes_back_after_a_delete_has_no_old_rights() {
    let server = Server::start();
    let account = server.account(json!("dsm"));
    let role = account.api("POST", "/roles", json!({ "name": "Ops" })).expect(201).json();
    let role = role["role_id"].as_str().expect("a role has an id");
    let new = json!({ "userName": "x@a.example", "externalId": "e1", "roles": assertive(&[role]) });
    let old = id_of(&account.create(new));
    account.api("PATCH", &format!("/users/{old}"), json!({ "verified": true })).expect(200);
    assert_eq!(account.roles_of(&old), ["Ops"]);
    account.scim("DELETE", &format!("/Users/{old}"), Value::Null).expect(204);

    let again = id_of(&account.create(json!({ "userName": "x@a.example", "externalId": "e1" })));
    assert_ne!(again, old);
    assert_eq!(account.roles_of(&again), ["Account Member"], "only what was asserted now: the default role");
    let shown = account.shown(&again);
    assert_eq!((&shown["verified"], &shown["roles_overridden"]), (&json!(false), &json!(false)), "{shown}");
    assert!(!shown.to_string().contains(role), "{shown}");
    // Nobody holds the role any more, so it can go.
    account.api("DELETE", &format!("/roles/{role}"), Value::Null).expect(204);
}

#[test]
fn s_46_the_user_limit_holds() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    server.api("PATCH", &format!("/accounts/{}", account.id), json!({ "max_users": 5 })).expect(200);
    let ids: Vec<String> =
        (0..5).map(|number| id_of(&account.create(json!({ "userName": format!("{number}@a.example") })))).collect();
    let sixth = json!({ "schemas": [USER], "userName": "5@a.example" });
    let error = account.scim("POST", "/Users", sixth.clone()).error(403);
    assert!(error["detail"].as_str().is_some_and(|detail| detail.contains("user limit reached")), "{error}");
    account.api("POST", "/users", json!({ "email": "5@a.example" })).expect(403);
    assert_eq!(account.find("userName pr")["totalResults"], json!(5));

    // A disabled user takes no seat, and cannot be enabled while all are taken.
    disable(&account, &ids[0]).expect(200);
    let mut disabled = sixth.clone();
    disabled["active"] = json!(false);
    disabled["userName"] = json!("6@a.example");
    account.scim("POST", "/Users", disabled).expect(201);
    account.scim("POST", "/Users", sixth).expect(201);
    let before = account.get(&ids[0]).text;
    let error = account.patch(&ids[0], json!([{ "op": "replace", "path": "active", "value": true }])).error(403);
    assert!(error["detail"].as_str().is_some_and(|detail| detail.contains("user limit reached")), "{error}");
    assert_eq!(account.get(&ids[0]).text, before);
    server.api("PATCH", &format!("/accounts/{}", account.id), json!({ "max_users": null })).expect(200);
    account.patch(&ids[0], json!([{ "op": "replace", "path": "active", "value": true }])).expect(200);
}

#[test]
fn s_47_only_allowed_domains() {
    let server = Server::start();
    let account = server.account(json!({ "preset": "standard", "users": { "domains": ["a.com"] } }));
    let post =
        |account: &Account, name: &str| account.scim("POST", "/Users", json!({ "schemas": [USER], "userName": name }));
    let error = post(&account, "x@other.com").error(400);
    let detail = error["detail"].as_str().expect("a detail");
    assert!(detail.contains("other.com") && detail.contains("users.domains"), "{detail}");
    for refused in ["x@sub.a.com", "x@xa.com", "x", "x@a.com@other.com"] {
        post(&account, refused).error(400);
    }
    let id = id_of(&post(&account, "x@A.COM").expect(201).json());
    account.patch(&id, json!([{ "op": "replace", "path": "userName", "value": "x@other.com" }])).error(400);
    account.api("POST", "/users", json!({ "email": "y@other.com" })).expect(400);

    let open = server.account(json!({ "preset": "standard", "users": { "domains": [] } }));
    post(&open, "x@other.com").expect(201);
}
