//! API keys (S-57, S-58, S-60 to S-64).

use crate::{
    raw,
    support::{Account, Server, request, send},
};
use serde_json::{Value, json};

fn key_of(app: &Value) -> String {
    app["api_key"].as_str().expect("the key is shown").to_owned()
}

fn rotate(account: &Account, body: Value) -> (Account, Value) {
    let app = account.api("POST", &format!("/admin-apps/{}/rotate", account.app), body).expect(200).json();
    (account.with_key(&key_of(&app)), app)
}

fn users(account: &Account) -> u16 {
    account.scim("GET", "/Users?count=0", Value::Null).status
}

fn app(account: &Account) -> Value {
    account.api("GET", &format!("/admin-apps/{}", account.app), Value::Null).expect(200).json()
}

#[test]
fn s_57_rotation_with_overlap() {
    let mut server = Server::start();
    let k1 = server.account(json!("standard"));
    let (k2, shown) = rotate(&k1, json!({ "overlap_hours": 24 }));
    assert_eq!((users(&k1), users(&k2)), (200, 200));
    let keys = shown["keys"].as_array().expect("keys");
    let until = |key: &Value| key["valid_until"].as_str().map(|time| time.parse::<jiff::Timestamp>().expect("a time"));
    let created = |key: &Value| key["created"].as_str().expect("a time").parse::<jiff::Timestamp>().expect("a time");
    assert_eq!(keys.len(), 2);
    assert_eq!((&keys[0]["state"], until(&keys[0])), (&json!("current"), None));
    assert_eq!(keys[1]["state"], "replaced");
    let end = until(&keys[1]).expect("the old key shows its end");
    assert_eq!((end - created(&keys[0])).total(jiff::Unit::Second).expect("seconds").round(), 24.0 * 3600.0);

    for (offset, old) in [("+23h", 200), ("+25h", 401)] {
        server.stop();
        server.restart_at(offset);
        let (k1, k2) = (server.again(&k1), server.again(&k2));
        assert_eq!((users(&k1), users(&k2)), (old, 200), "{offset}");
    }
}

#[test]
fn s_57_rotation_without_overlap_ends_the_old_key_at_once() {
    let server = Server::start();
    let k1 = server.account(json!("standard"));
    assert_eq!(users(&k1), 200);
    let (k2, _) = rotate(&k1, json!({}));
    assert_eq!((users(&k1), users(&k2)), (401, 200));
}

#[test]
fn s_58_a_revoked_key_is_refused_at_the_very_next_call() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    let user = account.create(json!({ "userName": "x@a.example" }));
    assert_eq!(users(&account), 200);
    account.api("POST", &format!("/admin-apps/{}/revoke", account.app), Value::Null).expect(200);
    account.scim("GET", "/Users", Value::Null).error(401);
    account.scim("DELETE", &format!("/Users/{}", user["id"].as_str().expect("an id")), Value::Null).error(401);
    let (again, _) = rotate(&account, json!({}));
    assert_eq!(users(&again), 200);
    account.api("DELETE", &format!("/admin-apps/{}", account.app), Value::Null).expect(204);
    again.scim("GET", "/Users", Value::Null).error(401);
}

#[test]
fn s_60_last_use_and_last_eight() {
    let server = Server::start_with(&["--trusted-proxy", "127.0.0.1/32"]);
    let account = server.account(json!("standard"));
    let fresh = app(&account);
    assert_eq!(fresh["last_used"], Value::Null, "never used");
    assert_eq!(fresh["keys"][0]["last_eight"], json!(account.key[account.key.len() - 8..]));
    assert!(!fresh.to_string().contains(&account.key));

    let before = jiff_now(&account);
    let headers = [("user-agent", "Entra/1.0"), ("x-forwarded-for", "203.0.113.7")];
    account.scim_with("GET", "/Users", &headers, Value::Null).expect(200);
    let used = app(&account)["last_used"].clone();
    assert_eq!((&used["client_ip"], &used["user_agent"]), (&json!("203.0.113.7"), &json!("Entra/1.0")), "{used}");
    assert_eq!(used["key"], fresh["keys"][0]["id"]);
    let at: jiff::Timestamp = used["at"].as_str().expect("a time").parse().expect("a time");
    assert!(at >= before, "{at} {before}");
    // A call that is refused later is a use too; one with a wrong key is none.
    account.scim_with("GET", "/Nothing", &[("user-agent", "Other/2")], Value::Null).error(404);
    account.with_key("wrong").scim_with("GET", "/Users", &[("user-agent", "Wrong/3")], Value::Null).error(401);
    assert_eq!(app(&account)["last_used"]["user_agent"], "Other/2");
}

/// The server's own clock: the time of the newest audit entry.
fn jiff_now(account: &Account) -> jiff::Timestamp {
    account.audit()[0]["time"].as_str().expect("a time").parse().expect("a time")
}

#[test]
fn s_60_last_use_is_kept_over_a_restart() {
    let mut server = Server::start();
    let account = server.account(json!("standard"));
    account.scim_with("GET", "/Users", &[("user-agent", "Entra/1.0")], Value::Null).expect(200);
    server.stop();
    server.restart();
    assert_eq!(app(&server.again(&account))["last_used"]["user_agent"], "Entra/1.0");
}

#[test]
fn s_61_a_key_is_for_its_addresses_only() {
    let server = Server::start_with(&["--trusted-proxy", "127.0.0.1/32"]);
    let account = server.account(json!("standard"));
    account.api("PATCH", &format!("/admin-apps/{}", account.app), json!({ "allowed_ips": ["10.0.0.0/8"] })).expect(200);
    let from = |address: &str| account.scim_with("GET", "/Users", &[("x-forwarded-for", address)], Value::Null);
    from("192.0.2.1").error(403);
    let entry = &account.audit()[0];
    assert_eq!(entry["outcome"], "failure", "{entry}");
    assert_eq!((&entry["client_ip"], &entry["reason"]["status"]), (&json!("192.0.2.1"), &json!(403)), "{entry}");
    assert_eq!(entry["actor"]["id"], json!(account.app), "{entry}");
    from("10.1.1.1").expect(200);
    from("::ffff:10.1.1.1").expect(200);
    account.scim("GET", "/Users", Value::Null).error(403);
    // What the client writes left of the proxy's own entry proves nothing.
    from("10.1.1.1, 192.0.2.1").error(403);
    for bad in ["10.0.0.0/33", "ten", "10.0.0.1/8"] {
        let path = format!("/admin-apps/{}", account.app);
        let refused = account.api("PATCH", &path, json!({ "allowed_ips": [bad] })).expect(400);
        assert!(refused.text.contains("allowed_ips") || refused.text.contains(bad), "{}", refused.text);
    }
}

#[test]
fn s_62_a_scim_key_works_for_scim_only() {
    let server = Server::start();
    let (account, other) = (server.account(json!("standard")), server.account(json!("standard")));
    let api = |key: &str, method: &str, path: &str| {
        send(request(method, &format!("{}/api/v1{path}", server.base)).bearer_auth(key)).status
    };
    let own = format!("/accounts/{}", account.id);
    for path in [&own, &format!("{own}/users"), &format!("{own}/admin-apps"), &format!("{own}/audit"), "/accounts"] {
        assert_eq!(api(&account.key, "GET", path), 403, "{path}");
    }
    assert_eq!(api(&account.key, "DELETE", &format!("{own}/admin-apps/{}", account.app)), 403);
    assert_eq!(users(&account), 200);

    let wider =
        account.api("POST", "/admin-apps", json!({ "name": "Automation", "scopes": ["api"] })).expect(201).json();
    let wider = key_of(&wider);
    assert_eq!(api(&wider, "GET", &format!("{own}/users")), 200);
    assert_eq!(api(&wider, "GET", &format!("/accounts/{}/users", other.id)), 404);
    assert_eq!(api(&wider, "GET", "/accounts"), 403);
    account.with_key(&wider).scim("GET", "/Users", Value::Null).error(403);
    account.with_key(&server.operator_key).scim("GET", "/Users", Value::Null).error(403);
}

#[test]
fn s_63_all_401s_are_the_same() {
    let server = Server::start();
    let account = server.account(json!("standard"));
    let forged = |account: &str| {
        let account = account.parse().expect("an account id");
        provost_accounts::api_key::NewKey::make(account, [1; 8], [2; 32]).reveal().to_owned()
    };
    let wrong = forged(&account.id);
    let no_account = forged("018f4a3c-0000-7000-8000-000000000000");
    let mixed = format!("{}{}", &account.key[..60], &server.account(json!("dsm")).key[60..]);
    let revoked = {
        let app = account.api("POST", "/admin-apps", json!({ "name": "Gone" })).expect(201).json();
        account
            .api("POST", &format!("/admin-apps/{}/revoke", app["id"].as_str().expect("an id")), Value::Null)
            .expect(200);
        key_of(&app)
    };
    let answer = |authorization: Option<&str>| {
        let headers: Vec<(&str, &str)> = authorization.iter().map(|value| ("authorization", *value)).collect();
        let answer = raw::exchange(&server.base, &[&raw::head("GET", b"/scim/v2/Users", &headers)]);
        answer.error(401);
        let steady = |line: &&str| !line.starts_with("x-request-id:") && !line.starts_with("date:");
        let head: Vec<&str> = answer.head.lines().filter(steady).collect();
        (head.join("\n"), String::from_utf8(answer.body).expect("text"))
    };
    let missing = answer(None);
    assert!(
        missing
            .0
            .lines()
            .any(|line| line == "www-authenticate: Bearer" || line.starts_with("www-authenticate: Bearer ")),
        "{}",
        missing.0
    );
    for sent in [
        "Bearer malformed".to_owned(),
        format!("Bearer {wrong}"),
        format!("Bearer {mixed}"),
        format!("Bearer {no_account}"),
        format!("Bearer {revoked}"),
        format!("Bearer {}x", account.key),
        format!("Bearer {} x", account.key),
        format!("Basic {}", account.key),
        account.key.clone(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        format!("Bearer {}", "a".repeat(4000)),
    ] {
        assert_eq!(answer(Some(&sent)), missing, "{sent}");
    }
    answer_is_200(&server.base, &format!("bearer {}", account.key));
}

fn answer_is_200(base: &str, authorization: &str) {
    let answer = raw::exchange(base, &[&raw::head("GET", b"/scim/v2/Users", &[("authorization", authorization)])]);
    assert_eq!(answer.status, 200, "{}", answer.head);
}

/// SEC-05.
#[test]
fn s_64_many_wrong_keys_make_an_address_wait() {
    let server = Server::start_with(&["--trusted-proxy", "127.0.0.1/32"]);
    let account = server.account(json!("standard"));
    let from = |key: &str, address: &str| {
        account.with_key(key).scim_with("GET", "/Users", &[("x-forwarded-for", address)], Value::Null)
    };
    for number in 0..100 {
        from(&format!("wrong{number}"), "192.0.2.1").error(401);
    }
    let waiting = from("wrong", "192.0.2.1");
    let seconds: u64 = waiting.header("retry-after").parse().expect("a number of seconds");
    waiting.error(429);
    assert!((1..=60).contains(&seconds), "{seconds}");
    // The address waits, whatever it sends; others do not, and good keys never count.
    from(&account.key, "192.0.2.1").error(429);
    from(&account.key, "192.0.2.2").expect(200);
    from("wrong", "192.0.2.2").error(401);
    let api = request("GET", &format!("{}/api/v1/accounts", server.base)).bearer_auth(&server.operator_key);
    assert_eq!(send(api.header("x-forwarded-for", "192.0.2.1")).status, 429);
    for _ in 0..150 {
        from(&account.key, "192.0.2.3").expect(200);
    }
}
