//! Apps that go with their account: export, import, verification.

use super::{App, app};
use crate::{
    process::run,
    support::{Server, id, request, send},
};
use serde_json::{Value, json};

#[test]
fn s_102_an_account_is_taken_along_with_its_apps_and_without_their_tokens() {
    let from = Server::start();
    let contoso = from.account(json!("directory"));
    let made = app(&contoso, "https://scim.example.com/scim");
    let role = made.role("Manager", "manager");
    let ann = id(&contoso.create(json!({ "userName": "ann@contoso.example" })));
    made.api("POST", "/assignments", json!({ "user": ann, "app_role": role })).expect(201);
    made.api("PUT", "/mappings", json!({ "settings": { "groups": { "enabled": false } } })).expect(200);
    made.api("POST", "/start", Value::Null).expect(200);
    let lines = contoso.api("GET", "/export", Value::Null).expect(200).text;
    for kind in ["enterprise_app", "app_role", "app_assignment"] {
        assert_eq!(lines.matches(&format!("{{\"type\":\"{kind}\"")).count(), 1, "{kind}");
    }

    let to = Server::start();
    let import = |text: &str| {
        let url = format!("{}/api/v1/accounts/import", to.base);
        let request = request("POST", &url).bearer_auth(&to.operator_key);
        send(request.header("content-type", "application/x-ndjson").body(text.to_owned()))
    };
    let counts = import(&lines).expect(201).json()["counts"].clone();
    for kind in ["enterprise_apps", "app_roles", "app_assignments"] {
        assert_eq!(counts[kind], json!(1), "{kind}");
    }
    let there = crate::support::Account {
        base: to.base.clone(),
        operator_key: to.operator_key.clone(),
        ..contoso.with_key("")
    };
    let same = App { account: &there, id: made.id.clone() };
    let shown = same.api("GET", "", Value::Null).expect(200).json();
    assert_eq!((&shown["secret_token"], &shown["started"]), (&Value::Null, &json!(false)));
    assert_eq!(same.api("GET", "/mappings", Value::Null).json(), made.api("GET", "/mappings", Value::Null).json());
    let assigned = same.list("/assignments");
    assert_eq!((&assigned[0]["user"]["id"], &assigned[0]["app_role"]["value"]), (&json!(ann), &json!("manager")));
    same.api("POST", "/assignments", json!({ "user": ann, "app_role": role })).refused(409, &["already"]);
    let name = json!({ "name": "dsm", "tenant_url": "https://scim.example.com" });
    there.api("POST", "/enterprise-apps", name).refused(409, &["of this name exists"]);
}

#[test]
fn apps_roles_and_assignments_are_verified() {
    let mut server = Server::start_in_folder(&[]);
    let contoso = server.account(json!("directory"));
    let made = app(&contoso, "https://scim.example.com/scim");
    made.role("Manager", "manager");
    let ann = id(&contoso.create(json!({ "userName": "ann@contoso.example" })));
    made.api("POST", "/assignments", json!({ "user": ann, "app_role": "manager" })).expect(201);
    contoso.api("POST", "/enterprise-apps", json!({ "name": "Gone", "tenant_url": "https://x.example" })).expect(201);
    server.stop();
    let data = server.data();
    let ran = run(&["verify", "--data", data.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
}
