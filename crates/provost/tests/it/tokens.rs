//! User tokens, role ceilings and the rate limit (U-20 to U-27, C13, S-32, S-35, S-65, S-69).

use crate::{
    process::run_with,
    support::{Account, Server, assertive, id, pause, request, send},
};
use serde_json::{Value, json};

/// A user made by hand.
fn user(account: &Account, email: &str, role: &str) -> String {
    id(&account.api("POST", "/users", json!({ "email": email, "roles": [role] })).expect(201).json())
}

/// The account as it is reached with the key of a new admin app.
fn with_app(account: &Account, app: Value) -> (Account, Value) {
    let app = account.api("POST", "/admin-apps", app).expect(201).json();
    (account.with_key(app["api_key"].as_str().expect("the key is shown")), app)
}

/// A request to the management API with a key; `path` below the account.
fn api(account: &Account, method: &str, path: &str, body: &Value) -> u16 {
    let url = format!("{}/api/v1/accounts/{}{path}", account.base, account.id);
    let mut request = request(method, &url).bearer_auth(&account.key);
    if !body.is_null() {
        request = request.header("content-type", "application/json").body(body.to_string());
    }
    send(request).status
}

fn scim(account: &Account) -> u16 {
    account.scim("GET", "/Users?count=0", Value::Null).status
}

fn both() -> Value {
    json!({ "preset": "standard", "credentials": { "kind": "both" } })
}

#[test]
fn u_20_u_24_u_25_a_token_is_made_shown_once_and_listed_with_its_owner() {
    let server = Server::start();
    let account = server.account(both());
    user(&account, "owner@acme.example", "ACCOUNTADMINISTRATOR");
    let environment = [("PROVOST_URL", account.base.as_str()), ("PROVOST_TOKEN", account.operator_key.as_str())];
    let description = "SCIM Azure / Entra ID";
    let made = run_with(
        &[
            "admin-app",
            "create",
            "SCIM token",
            "--owner",
            "owner@acme.example",
            "--description",
            description,
            "--role-ceiling",
            "Account Auditor",
            "--account",
            &account.id,
            "--json",
        ],
        &environment,
    )
    .json();
    let key = made["api_key"].as_str().expect("U-25: the token is shown").to_owned();
    assert_eq!(scim(&account.with_key(&key)), 200, "U-20");

    let listed = account.api("GET", "/admin-apps", Value::Null).expect(200).json();
    let token = listed["items"].as_array().expect("a list").iter().find(|app| app["id"] == made["id"]).expect("U-24");
    assert_eq!((&token["description"], &token["owner"]["name"]), (&json!(description), &json!("owner@acme.example")));
    assert_eq!(token["role_ceiling"], json!({ "id": "ACCOUNTAUDITOR", "name": "Account Auditor" }));
    assert_eq!((&token["created"], &token["owner"]["active"]), (&made["created"], &json!(true)));
    assert_eq!(token["keys"][0]["last_eight"], key[key.len() - 8..], "U-25: afterwards only its end is shown");
    assert!(!listed.to_string().contains(&key) && token["last_used"]["at"].is_string());
    let entries = account.audit();
    let entry = entries.iter().find(|entry| entry["target"]["id"] == made["id"]).expect("U-24: an audit entry");
    assert_eq!(entry["action"], "admin_app.create");
    let shown = run_with(&["admin-app", "list", "--account", &account.id], &environment).exits(0).stdout;
    assert!(shown.contains("owner@acme.example"), "{shown}");
}

#[test]
fn s_35_s_69_a_disabled_owners_tokens_are_refused_at_once_and_can_be_handed_over() {
    let server = Server::start();
    let account = server.account(both());
    let owner = id(&account.create(json!({ "userName": "owner@acme.example" })));
    user(&account, "heir@acme.example", "ACCOUNTMEMBER");
    let (token, app) = with_app(&account, json!({ "name": "Laptop", "owner": owner, "scopes": ["scim", "api"] }));
    assert_eq!(scim(&token), 200);

    account.patch(&owner, json!([{ "op": "replace", "path": "active", "value": false }])).expect(200);
    let entry = account.audit().remove(0);
    assert_eq!((&entry["action"], &entry["severity"]), (&json!("user.disable"), &json!("WARNING")));
    assert!(entry["warnings"][0].as_str().is_some_and(|text| text.contains("token `Laptop`")), "{entry}");
    let refused = token.scim("GET", "/Users", Value::Null);
    assert_eq!(refused.header("www-authenticate"), "Bearer");
    refused.error(401);
    assert_eq!(api(&token, "GET", "/users", &Value::Null), 401, "the management API too");
    let path = format!("/admin-apps/{}", app["id"].as_str().expect("an id"));
    assert_eq!(account.api("GET", &path, Value::Null).json()["owner"]["active"], false);

    account.api("PATCH", &path, json!({ "owner": "heir@acme.example" })).expect(200);
    assert_eq!(scim(&token), 200, "handed over");
    let heir = account.api("GET", &path, Value::Null).json()["owner"]["id"].clone();
    let heir = heir.as_str().expect("an id");
    account.api("DELETE", &format!("/users/{heir}"), Value::Null).expect(204);
    assert_eq!(scim(&token), 401, "removed");
    assert_eq!(
        account.api("GET", &path, Value::Null).json()["owner"],
        json!({ "id": heir, "name": null, "active": false })
    );
}

#[test]
fn u_26_the_log_names_the_token_and_its_owner() {
    let server = Server::start();
    let account = server.account(both());
    let owner = user(&account, "owner@acme.example", "ACCOUNTMEMBER");
    let (token, app) = with_app(&account, json!({ "name": "Laptop", "owner": owner }));
    token.create(json!({ "userName": "ann@acme.example" }));
    let entry = account.audit().remove(0);
    assert_eq!((&entry["actor"]["name"], &entry["actor"]["id"]), (&json!("Laptop"), &app["id"]));
    assert_eq!((&entry["actor"]["owner"], &entry["actor_owner"]), (&json!(owner), &json!("owner@acme.example")));
}

#[test]
fn c13_a_credential_of_another_kind_is_refused_and_recorded() {
    let server = Server::start();
    let account = server.account(both());
    let owner = user(&account, "owner@acme.example", "ACCOUNTMEMBER");
    let (token, _) = with_app(&account, json!({ "name": "Laptop", "owner": owner }));
    for (kind, of_token, of_app) in [("app_key", 403, 200), ("user_token", 200, 403), ("both", 200, 200)] {
        account.api("PUT", "/policy", json!({ "preset": "standard", "credentials": { "kind": kind } })).expect(200);
        assert_eq!((scim(&token), scim(&account)), (of_token, of_app), "{kind}");
        if kind != "both" {
            let refused = if of_token == 403 { &token } else { &account };
            refused.scim("GET", "/Users", Value::Null).refused(403, &["credentials.kind"]);
            let entry = account.audit().remove(0);
            assert_eq!((&entry["action"], &entry["outcome"]), (&json!("admin_app.use"), &json!("failure")));
            assert_eq!(entry["reason"]["policyField"], "credentials.kind");
        }
        let owner = if kind == "app_key" { json!(owner) } else { Value::Null };
        let made = account.api("POST", "/admin-apps", json!({ "name": format!("New under {kind}"), "owner": owner }));
        match kind {
            "both" => drop(made.expect(201)),
            _ => drop(made.refused(400, &["credentials.kind", "owner"])),
        }
    }
}

#[test]
fn u_19_who_has_not_the_permission_sets_nothing_up() {
    let server = Server::start();
    let account = server.account(both());
    let role = json!({ "name": "Manager", "permissions": ["MANAGE_USERS", "GET_POLICY"] });
    account.api("POST", "/roles", role).expect(201);
    let token = |email: &str, role: &str| {
        let owner = user(&account, email, role);
        with_app(&account, json!({ "name": email, "owner": owner, "scopes": ["api"] })).0
    };
    let owner = token("owner@acme.example", "ACCOUNTADMINISTRATOR");
    let manager = token("manager@acme.example", "Manager");
    let member = token("member@acme.example", "ACCOUNTMEMBER");
    let app = |name: &str| json!({ "name": name });
    let policy = json!({ "preset": "standard", "credentials": { "kind": "both" }, "notify": "admins" });
    let colleague = json!({ "email": "new@acme.example" });
    for (case, method, path, body, of_owner, of_manager, of_member) in [
        ("U-19: set SCIM up", "POST", "/admin-apps", app("Okta"), 201, 403, 403),
        ("U-21: list tokens", "GET", "/admin-apps", Value::Null, 200, 403, 403),
        ("S-82: change the policy", "PUT", "/policy", policy, 200, 403, 403),
        ("see the policy", "GET", "/policy", Value::Null, 200, 200, 403),
        ("make a user", "POST", "/users", colleague, 201, 201, 403),
        ("see users", "GET", "/users", Value::Null, 200, 200, 403),
        ("read the audit log", "GET", "/audit", Value::Null, 200, 403, 403),
        ("change the account", "PATCH", "", json!({ "name": "Mine" }), 403, 403, 403),
    ] {
        assert_eq!(api(&member, method, path, &body), of_member, "member: {case}");
        assert_eq!(api(&manager, method, path, &body), of_manager, "manager: {case}");
        let body = if path == "/users" && method == "POST" { json!({ "email": "other@acme.example" }) } else { body };
        assert_eq!(api(&owner, method, path, &body), of_owner, "owner: {case}");
    }
    let demoted = id(&account
        .api("GET", "/users?filter=userName%20eq%20%22owner%40acme.example%22", Value::Null)
        .json()["items"][0]);
    user(&account, "second@acme.example", "ACCOUNTADMINISTRATOR");
    account.api("PATCH", &format!("/users/{demoted}"), json!({ "roles": ["ACCOUNTMEMBER"] })).expect(200);
    assert_eq!(api(&owner, "GET", "/users", &Value::Null), 403, "the roles of now count, not those of then");
}

#[test]
fn s_32_a_key_grants_nothing_above_its_role_ceiling() {
    let server = Server::start();
    let account = server.account(json!("dsm"));
    account
        .api("PATCH", &format!("/admin-apps/{}", account.app), json!({ "role_ceiling": "ACCOUNTMEMBER" }))
        .expect(200);
    let body = |name: &str, role: &str| {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": name,
            "roles": assertive(&[role]),
        })
    };
    let refused = account.scim("POST", "/Users", body("eve@acme.example", "ACCOUNTADMINISTRATOR"));
    refused.refused(403, &["role_ceiling"]);
    assert_eq!(account.audit()[0]["outcome"], "failure");
    account.scim("POST", "/Users", body("ann@acme.example", "ACCOUNTMEMBER")).expect(201);
    account.api("PATCH", &format!("/admin-apps/{}", account.app), json!({ "role_ceiling": null })).expect(200);
    account.scim("POST", "/Users", body("eve@acme.example", "ACCOUNTADMINISTRATOR")).expect(201);
    let unknown = account.api("PATCH", &format!("/admin-apps/{}", account.app), json!({ "role_ceiling": "Nobody" }));
    unknown.refused(400, &["role_ceiling"]);
}

#[test]
fn p_24_a_key_lives_no_longer_than_the_policy_says() {
    let server = Server::start();
    let account = server.account(json!({ "preset": "standard", "credentials": { "lifetime_days_max": 30 } }));
    let far = json!({ "name": "Far", "expires": "2999-01-01T00:00:00Z" });
    account.api("POST", "/admin-apps", far).refused(400, &["credentials.lifetime_days_max"]);
    let app = account.api("GET", &format!("/admin-apps/{}", account.app), Value::Null).expect(200).json();
    let time = |value: &Value| value.as_str().expect("a time").parse::<jiff::Timestamp>().expect("a time");
    let (created, expires) = (time(&app["keys"][0]["created"]), time(&app["keys"][0]["expires"]));
    assert_eq!(expires.duration_since(created).as_hours(), 24 * 30);
}

#[test]
fn s_65_a_key_that_asks_too_often_is_told_when_to_come_again() {
    let server = Server::start();
    let account = server.account(json!({ "preset": "standard", "limits": { "requests_per_second": 25 } }));
    let (mut taken, mut refused) = (0, None);
    while refused.is_none() {
        match account.scim("GET", "/Users?count=0", Value::Null) {
            answer if answer.status == 429 => refused = Some(answer),
            answer => drop(answer.expect(200)),
        }
        taken += 1;
        // Two seconds' worth may come at once; a slow machine earns more meanwhile.
        assert!(taken < 100_000, "the limit is never reached");
    }
    assert!(taken > 50, "{taken}");
    let refused = refused.expect("the loop ends with one");
    assert_eq!(refused.header("retry-after"), "1");
    refused.error(429);
    while scim(&account) == 429 {
        pause();
    }
    assert_eq!(account.api("GET", "/users", Value::Null).status, 200);
}
