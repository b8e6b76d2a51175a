//! Users: the list, its filters, one user's page and what is done there.

use super::Visitor;
use crate::support::{id, shared};
use serde_json::{Value, json};

#[test]
fn f_4_0_6_u_67_the_list_tells_who_is_managed() {
    let server = shared();
    let account = server.account(json!("standard"));
    account
        .scim(
            "POST",
            "/Users",
            json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "scim@example.com" }),
        )
        .expect(201);
    account.api("POST", "/users", json!({ "email": "hand@example.com" })).expect(201);
    let visitor = Visitor::operator(&server);
    let list = visitor.open(&format!("/console/accounts/{}/users", account.id)).expect(200);
    list.says("scim@example.com Active Managed SCIM Entra").says("hand@example.com Active Local");
    let managed = visitor.open(&format!("/console/accounts/{}/users?managed=true", account.id)).expect(200);
    managed.says("scim@example.com").does_not_say("hand@example.com").says("Managed by: An identity provider");
    let nobody = visitor.open(&format!("/console/accounts/{}/users?q=zz", account.id)).expect(200);
    nobody.says("No user matches");
}

#[test]
fn a_user_is_added_disabled_enabled_and_deleted() {
    let server = shared();
    let account = server.account(json!("standard"));
    let visitor = Visitor::operator(&server);
    let place = format!("/console/accounts/{}/users", account.id);
    let form = visitor.open(&format!("{place}/new")).expect(200);
    let again = visitor.send(&form, &place, &[("email", "")]).expect(400);
    again.says("The user was not added");
    let page = visitor.send(&again, &place, &[("email", "zoe@example.com")]).expect(200);
    page.says("User added").says("zoe@example.com").says("Active");
    let user = page.at.rsplit('/').next().unwrap().to_owned();
    let ask = visitor.open(&page.link("Disable")).expect(200);
    ask.says("Disable zoe@example.com?");
    let off = visitor.send(&ask, &format!("{place}/{user}/disable"), &[]).expect(200);
    off.says("User disabled").says("Disabled");
    let on = visitor.send(&off, &format!("{place}/{user}/enable"), &[]).expect(200);
    on.says("User enabled");
    let ask = visitor.open(&on.link("Delete")).expect(200);
    let wrong = visitor.send(&ask, &format!("{place}/{user}/delete"), &[("typed", "zoe")]).expect(400);
    wrong.says("What you typed is not “zoe@example.com”.");
    visitor
        .send(&wrong, &format!("{place}/{user}/delete"), &[("typed", "zoe@example.com")])
        .expect(200)
        .says("User deleted");
    account.api("GET", &format!("/users/{user}"), Value::Null).expect(404);
}

#[test]
fn f_5_6_2_roles_are_changed_on_the_users_page() {
    let server = shared();
    let account = server.account(json!("dsm"));
    let user = id(&account.api("POST", "/users", json!({ "email": "ann@example.com" })).expect(201).json());
    let visitor = Visitor::operator(&server);
    let place = format!("/console/accounts/{}/users/{user}", account.id);
    let page = visitor.open(&place).expect(200);
    page.says("In force: Account Member");
    let form = visitor.open(&page.link("Edit roles")).expect(200);
    let saved = visitor.send(&form, &format!("{place}/roles"), &[("roles", "ACCOUNTAUDITOR")]).expect(200);
    saved.says("Roles saved").says("In force: Account Auditor");
    let shown = account.api("GET", &format!("/users/{user}"), Value::Null).expect(200).json();
    assert_eq!(shown["roles"][0]["name"], "Account Auditor");
}

#[test]
fn s_40_the_export_has_the_rows_of_the_list_and_no_formulas() {
    let server = shared();
    let account = server.account(json!("standard"));
    for name in ["=cmd@example.com", "b@example.com"] {
        account
            .scim(
                "POST",
                "/Users",
                json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name }),
            )
            .expect(201);
    }
    let csv = Visitor::operator(&server).open(&format!("/console/accounts/{}/users.csv", account.id)).expect(200);
    let lines: Vec<&str> = csv.html.split("\r\n").filter(|line| !line.is_empty()).collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[0].starts_with("id,userName,"));
    assert!(csv.html.contains(",'=cmd@example.com,"), "{}", csv.html);
}
