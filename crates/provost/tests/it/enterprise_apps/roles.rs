//! App roles.

use super::{app, company};
use serde_json::{Value, json};

#[test]
fn f_5_6_2_2_an_app_without_roles_offers_default_access() {
    let contoso = company();
    let app = app(&contoso, "https://scim.example.com");
    let default = app.list("/app-roles");
    assert_eq!(default.len(), 1);
    assert_eq!((&default[0]["display_name"], &default[0]["value"]), (&json!("Default Access"), &Value::Null));
    let ann = crate::support::id(&contoso.create(json!({ "userName": "ann@contoso.example" })));
    for named in [json!("Default Access"), default[0]["id"].clone(), Value::Null] {
        let made = app.api("POST", "/assignments", json!({ "user": ann, "app_role": named })).expect(201).json();
        assert_eq!(made["app_role"], Value::Null);
        app.api("DELETE", &format!("/assignments/{}", crate::support::id(&made)), Value::Null).expect(204);
    }
}

#[test]
fn f_5_6_2_5_and_f_5_6_2_8_and_f_5_6_2_9_roles_have_a_name_a_value_without_spaces_and_a_description() {
    let contoso = company();
    let app = app(&contoso, "https://scim.example.com");
    for (display_name, value) in
        [("Account Administrator", "ACCOUNTADMINISTRATOR"), ("Account Auditor", "ACCOUNTAUDITOR"), ("Field Crew", "fc")]
    {
        app.role(display_name, value);
    }
    let shown: Vec<(String, String, bool, Value)> = app
        .list("/app-roles")
        .iter()
        .map(|role| {
            let text = |name: &str| role[name].as_str().unwrap().to_owned();
            (text("display_name"), text("value"), role["enabled"].as_bool().unwrap(), role["member_types"].clone())
        })
        .collect();
    let row = |name: &str, value: &str| (name.to_owned(), value.to_owned(), true, json!(["user"]));
    assert_eq!(
        shown,
        [
            row("Account Administrator", "ACCOUNTADMINISTRATOR"),
            row("Account Auditor", "ACCOUNTAUDITOR"),
            row("Field Crew", "fc")
        ]
    );
    let good = json!({ "display_name": "Account Member", "value": "ACCOUNTMEMBER", "description": "Belongs to it" });
    for (member, value, status, said) in [
        ("display_name", json!(""), 400, "needs a name"),
        ("display_name", json!("field crew"), 409, "a role with this display name"),
        ("value", json!("Account Member"), 400, "no spaces"),
        ("value", json!("a\tb"), 400, "no spaces"),
        ("value", json!(""), 400, "`value`"),
        ("value", json!("x".repeat(121)), 400, "`value`"),
        ("value", json!("fc"), 409, "a role with this value"),
        ("description", json!("  "), 400, "`description`"),
        ("member_types", json!([]), 400, "`member_types`"),
        ("member_types", json!(["robot"]), 400, "member_types"),
    ] {
        let mut body = good.clone();
        body[member] = value.clone();
        app.api("POST", "/app-roles", body).refused(status, &[said]);
    }
    app.api("POST", "/app-roles", json!({ "display_name": "X", "value": "x" })).refused(400, &["description"]);
    app.api("POST", "/app-roles", good).expect(201);
}

#[test]
fn f_5_6_2_10_a_role_that_is_not_enabled_cannot_be_assigned_and_one_in_use_not_removed() {
    let contoso = company();
    let app = app(&contoso, "https://scim.example.com");
    let ann = crate::support::id(&contoso.create(json!({ "userName": "ann@contoso.example" })));
    let role = app.role("Manager", "manager");
    let path = format!("/app-roles/{role}");
    app.api("PATCH", &path, json!({ "enabled": false })).expect(200);
    let body = json!({ "user": ann, "app_role": "manager" });
    app.api("POST", "/assignments", body.clone()).refused(409, &["`Manager` is not enabled"]);
    app.api("PATCH", &path, json!({ "enabled": true, "member_types": ["application"] })).expect(200);
    app.api("POST", "/assignments", body.clone()).refused(409, &["not for users and groups"]);
    app.api("PATCH", &path, json!({ "member_types": ["user"], "value": "boss" })).expect(200);
    app.api("POST", "/assignments", body).refused(400, &["`app_role`"]);
    let made = app.api("POST", "/assignments", json!({ "user": ann, "app_role": "boss" })).expect(201).json();
    app.api("DELETE", &path, Value::Null).refused(409, &["1 assignments have the role `Manager`"]);
    app.api("DELETE", &format!("/assignments/{}", crate::support::id(&made)), Value::Null).expect(204);
    app.api("DELETE", &path, Value::Null).expect(204);
    app.api("GET", &path, Value::Null).refused(404, &["no such app role"]);
}

#[test]
fn roles_of_another_app_are_not_to_be_found_below_this_one() {
    let contoso = company();
    let first = app(&contoso, "https://scim.example.com");
    let role = first.role("Manager", "manager");
    let body = json!({ "name": "Second", "tenant_url": "https://scim.example.com" });
    let id = crate::support::id(&contoso.api("POST", "/enterprise-apps", body).expect(201).json());
    let second = super::App { account: &contoso, id };
    second.role("Manager", "manager");
    for method in ["GET", "DELETE"] {
        second.api(method, &format!("/app-roles/{role}"), Value::Null).refused(404, &["no such app role"]);
    }
    second.api("PATCH", &format!("/app-roles/{role}"), json!({ "value": "x" })).refused(404, &["no such app role"]);
    let ann = crate::support::id(&contoso.create(json!({ "userName": "ann@contoso.example" })));
    second.api("POST", "/assignments", json!({ "user": ann, "app_role": role })).refused(400, &["`app_role`"]);
}
