//! Versions of the policy.

use super::{managed, read, under};
use serde_json::{Value, json};

/// What happens when a client deletes a user whom it made.
fn fate_of_a_deleted_user(account: &crate::support::Account, name: &str) -> u16 {
    let user = managed(account, name);
    account.scim("DELETE", &format!("/Users/{user}"), Value::Null).expect(204);
    account.get(&user).status
}

#[test]
fn s_82_three_versions_are_listed_with_author_and_diff_and_the_first_is_in_force_again() {
    let account = under(json!("standard"));
    assert_eq!(fate_of_a_deleted_user(&account, "ann@a.com"), 404);
    let second = json!({ "preset": "standard", "users": { "on_delete": "disable" }, "roles": { "unknown": "ignore" } });
    account.api("PUT", "/policy", second).expect(200);
    assert_eq!(fate_of_a_deleted_user(&account, "bob@a.com"), 200);

    let reverted = account.api("POST", "/policy/revert", json!({ "version": 1 })).expect(200).json();
    assert_eq!(reverted["version"], json!(3));
    assert_eq!(fate_of_a_deleted_user(&account, "cid@a.com"), 404, "the behaviour equals version 1");
    assert_eq!(read(&account, "/policy/versions/3")["policy"], read(&account, "/policy/versions/1")["policy"]);

    let versions = read(&account, "/policy/versions");
    let shown: Vec<String> = versions["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|version| format!("{} by {}", version["version"], version["author"]))
        .collect();
    assert_eq!(shown, ["1 by \"operator\"", "2 by \"operator\"", "3 by \"operator\""]);
    let version = read(&account, "/policy/versions/2");
    assert_eq!(version, versions["items"][1]);

    let fields = |diff: &Value| -> Vec<String> {
        let changes = diff["changes"].as_array().expect("a list");
        changes.iter().map(|change| format!("{} {} {}", change["field"], change["old"], change["new"])).collect()
    };
    let on_delete = |old: &str, new: &str| format!("\"users.on_delete\" \"{old}\" \"{new}\"");
    let diff = read(&account, "/policy/versions/2/diff");
    assert_eq!(diff["against"], json!(1), "the one before");
    assert_eq!(fields(&diff)[0], on_delete("remove", "disable"));
    assert!(fields(&diff)[1].starts_with("\"roles.unknown\""), "{diff}");
    assert_eq!(fields(&read(&account, "/policy/versions/3/diff"))[0], on_delete("disable", "remove"));
    assert_eq!(fields(&read(&account, "/policy/versions/3/diff?against=1")), [""; 0]);
    assert_eq!(fields(&read(&account, "/policy/versions/1/diff?against=2"))[0], on_delete("disable", "remove"));

    let entry = account.audit().into_iter().find(|entry| entry["action"] == "policy.revert").expect("it is recorded");
    assert_eq!((&entry["outcome"], &entry["changes"][0]["new"]), (&json!("success"), &json!(1)));
}

#[test]
fn a_version_that_never_was_is_not_found() {
    let account = under(json!("standard"));
    for (method, path, body, status) in [
        ("GET", "/policy/versions/2", Value::Null, 404),
        ("GET", "/policy/versions/0", Value::Null, 404),
        ("GET", "/policy/versions/x", Value::Null, 404),
        ("GET", "/policy/versions/2/diff", Value::Null, 404),
        ("GET", "/policy/versions/1/diff?against=9", Value::Null, 404),
        ("GET", "/policy/versions/1/diff", Value::Null, 400),
        ("GET", "/policy/versions/1/diff?against=x", Value::Null, 400),
        ("POST", "/policy/revert", json!({ "version": 2 }), 400),
        ("POST", "/policy/revert", json!({ "version": -1 }), 400),
        ("POST", "/policy/revert", json!({}), 400),
    ] {
        assert_eq!(account.api(method, path, body).status, status, "{method} {path}");
    }
    let refused = account.audit().into_iter().filter(|entry| entry["outcome"] == "failure").count();
    assert_eq!(refused, 3, "each write that was refused is recorded");
    assert_eq!(read(&account, "/policy")["version"], json!(1));
}

#[test]
fn s_82_an_earlier_version_that_names_a_role_which_is_gone_is_refused() {
    let account = under(json!("standard"));
    let role = account.api("POST", "/roles", json!({ "name": "Ops" })).expect(201).json();
    account.api("PUT", "/policy", json!({ "preset": "standard", "roles": { "default": role["id"] } })).expect(200);
    account.api("PUT", "/policy", json!("standard")).expect(200);
    let gone = format!("/roles/{}", role["id"].as_str().expect("an id"));
    account.api("DELETE", &gone, Value::Null).expect(204);
    let refused = account.api("POST", "/policy/revert", json!({ "version": 2 })).expect(400).json();
    assert!(refused["detail"].as_str().expect("a sentence").contains("roles.default"), "{refused}");
    assert_eq!(read(&account, "/policy")["version"], json!(3));
}

#[test]
fn s_82_whoever_has_no_permission_for_policies_gets_403() {
    let account = under(json!("standard"));
    let reader = json!({ "name": "Reader", "permissions": ["GET_POLICY"] });
    account.api("POST", "/roles", reader).expect(201);
    let new = json!({ "email": "reader@a.com", "roles": ["Reader"] });
    let owner = account.api("POST", "/users", new).expect(201).json();
    let token = json!({ "name": "Reader's", "owner": owner["id"], "scopes": ["api"] });
    let token = account.api("POST", "/admin-apps", token).expect(201).json();
    let ask = |method: &str, path: &str, body: Value| {
        let url = format!("{}/api/v1/accounts/{}{path}", account.base, account.id);
        let key = token["api_key"].as_str().expect("a key");
        let request = crate::support::request(method, &url).bearer_auth(key);
        let request = request.header("content-type", "application/json").body(body.to_string());
        crate::support::send(request).status
    };
    assert_eq!(ask("GET", "/policy/versions/1", Value::Null), 200);
    for (path, body) in [
        ("/policy/revert", json!({ "version": 1 })),
        ("/policy/preview", json!("dsm")),
        ("/simulations", json!({ "method": "GET", "path": "/Users" })),
    ] {
        assert_eq!(ask("POST", path, body), 403, "{path}");
    }
}

#[test]
fn s_80_the_presets_and_the_form_of_a_policy_can_be_read() {
    let account = under(json!("standard"));
    let presets = account.server.api("GET", "/policy/presets", Value::Null).expect(200).json();
    let names: Vec<&str> =
        presets["items"].as_array().expect("a list").iter().filter_map(|one| one["name"].as_str()).collect();
    for name in ["standard", "directory", "dsm", "fulcrum", "slack-like", "aws-like"] {
        assert!(names.contains(&name), "{name} is not among {names:?}");
    }
    assert_eq!(presets["items"][0]["policy"], read(&account, "/policy")["policy"], "standard comes first, whole");
    let page = account.server.api("GET", "/policy/presets?limit=2", Value::Null).expect(200).json();
    let next = page["next"].as_str().expect("there are more");
    let page =
        account.server.api("GET", &format!("/policy/presets?limit=2&cursor={next}"), Value::Null).expect(200).json();
    assert_eq!(page["items"][0]["name"], json!(names[2]));

    let reference = account.server.api("GET", "/policy/reference", Value::Null).expect(200).json();
    assert_eq!(reference["title"], json!("Policy"));
    let text = reference.to_string();
    for name in text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(reference.pointer(name).is_some(), "{name} leads nowhere");
    }
}
