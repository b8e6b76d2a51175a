//! One user's page: where values come from, who wrote last, what was refused, and what is done there.

use super::Visitor;
use crate::support::{Account, id, shared};
use serde_json::{Value, json};

/// An account with a policy of its own fields.
fn with(fields: Value) -> Value {
    let mut policy = json!({ "preset": "standard" });
    policy.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
    policy
}

fn scim_user(account: &Account, name: &str) -> String {
    let user = account.create(json!({
        "userName": name, "externalId": "e-1", "displayName": "Zoë Lindqvist", "name": { "givenName": "Zoë", "familyName": "Lindqvist" },
    }));
    id(&user)
}

#[test]
fn s_39_the_page_says_who_wrote_last_and_where_each_value_comes_from() {
    let server = shared();
    let account = server.account(json!("standard"));
    let user = scim_user(&account, "zoe@example.com");
    let title = json!([{ "op": "replace", "path": "title", "value": "Engineer" }]);
    account.patch(&user, title).expect(200);
    let place = format!("/console/accounts/{}/users/{user}", account.id);
    let page = Visitor::operator(&server).open(&place).expect(200);
    let end = &account.key[account.key.len() - 8..];
    page.says("Zoë Lindqvist").says("External id e-1").says("Managed SCIM Entra");
    page.says("Last synchronised").says(&format!("by SCIM Entra, key ending {end}"));
    page.says("title Engineer SCIM Entra").says("SCIM Entra sent Engineer .");
    page.says("name.givenName Zoë SCIM Entra");
    let app = account.api("GET", &format!("/admin-apps/{}", account.app), Value::Null).expect(200).json();
    assert_eq!(app["keys"][0]["last_eight"], json!(end), "as the API says");
}

#[test]
fn s_39_a_refused_request_stands_there_with_its_remedy_until_it_succeeds() {
    let server = shared();
    let account = server.account(with(json!({ "users": { "identifier_update": "reject" } })));
    let user = scim_user(&account, "zoe@example.com");
    let rename = |name: &str| json!([{ "op": "replace", "path": "userName", "value": name }]);
    account.patch(&user, rename("else@example.com")).expect(400);
    let place = format!("/console/accounts/{}/users/{user}", account.id);
    let visitor = Visitor::operator(&server);
    let page = visitor.open(&place).expect(200);
    page.says("SCIM Entra: Update refused").says("users.identifier_update");
    assert_eq!(page.link("Open provisioning policy"), format!("/console/accounts/{}/settings/policy", account.id));
    account.patch(&user, json!([{ "op": "replace", "path": "title", "value": "x" }])).expect(200);
    visitor.open(&place).expect(200).does_not_say("Update refused SCIM").does_not_say("See the entry");
}

#[test]
fn s_37_a_locked_profile_is_read_only_with_the_reason() {
    let server = shared();
    let account = server.account(with(json!({ "local_edits": { "profile": "lock", "roles": "lock" } })));
    let user = scim_user(&account, "zoe@example.com");
    let visitor = Visitor::operator(&server);
    let place = format!("/console/accounts/{}/users/{user}", account.id);
    let page = visitor.open(&place).expect(200);
    page.says("Read only: SCIM Entra manages this user").says("local_edits.profile");
    page.does_not_say("Edit profile").does_not_say("Edit roles").does_not_say("Disable");
    let form = visitor.open(&format!("{place}/edit")).expect(200);
    form.says("Read only here").says("First name");
    assert!(form.html.contains("name=\"given_name\""), "the values are shown");
    assert_eq!(form.html.matches(" readonly").count(), 5, "each field is read only");
    assert!(!form.html.contains("Save profile"), "nothing can be sent");
}

#[test]
fn s_37_an_override_is_saved_with_the_note_that_it_is_overwritten() {
    let server = shared();
    let account = server.account(with(json!({ "local_edits": { "profile": "allow_override" } })));
    let user = scim_user(&account, "zoe@example.com");
    let visitor = Visitor::operator(&server);
    let place = format!("/console/accounts/{}/users/{user}", account.id);
    let page = visitor.open(&place).expect(200);
    let form = visitor.open(&page.link("Edit profile")).expect(200);
    form.says("The identity provider overwrites this");
    let saved =
        visitor.send(&form, &format!("{place}/edit"), &[("given_name", "Zoe <i>"), ("title", "Lead")]).expect(200);
    saved.says("Profile saved").says("name.givenName Zoe <i>").says("typed Zoe <i> here.");
    let shown = account.shown(&user);
    assert_eq!(shown["attributes"]["name"], json!({ "givenName": "Zoe <i>", "familyName": "Lindqvist" }));
    assert_eq!(shown["attributes"]["title"], json!("Lead"));
    account.patch(&user, json!([{ "op": "replace", "path": "name.givenName", "value": "Zoë" }])).expect(200);
    visitor.open(&place).expect(200).says("name.givenName Zoë SCIM Entra").says("Before that it was Zoe <i>");
}

#[test]
fn an_unmanaged_users_address_and_its_proof_are_edited() {
    let server = shared();
    let account = server.account(json!("standard"));
    let user = id(&account.api("POST", "/users", json!({ "email": "ann@example.com" })).expect(201).json());
    let visitor = Visitor::operator(&server);
    let place = format!("/console/accounts/{}/users/{user}", account.id);
    let form = visitor.open(&format!("{place}/edit")).expect(200);
    let again = visitor.send(&form, &format!("{place}/edit"), &[("email", ""), ("display_name", "Ann")]).expect(400);
    again.says("The profile was not changed");
    assert!(again.html.contains("value=\"Ann\""), "what was typed stays");
    visitor.send(&again, &format!("{place}/edit"), &[("email", "ann@else.example")]).expect(200).says("Profile saved");
    let shown = account.shown(&user);
    assert_eq!((&shown["email"], &shown["verified"]), (&json!("ann@else.example"), &json!(false)));
    let form = visitor.open(&format!("{place}/edit")).expect(200);
    visitor.send(&form, &format!("{place}/edit"), &[("verified", "yes")]).expect(200).says("Active , verified");
    assert_eq!(account.shown(&user)["verified"], json!(true));
}

#[test]
fn s_38_a_user_is_adopted_and_released_with_a_reason() {
    let server = shared();
    let account = server.account(json!("standard"));
    let user = id(&account.api("POST", "/users", json!({ "email": "ann@example.com" })).expect(201).json());
    let visitor = Visitor::operator(&server);
    let place = format!("/console/accounts/{}/users/{user}", account.id);
    let page = visitor.open(&place).expect(200);
    let form = visitor.open(&page.link("Adopt")).expect(200);
    let none = visitor.send(&form, &format!("{place}/adopt"), &[("reason", " ")]).expect(400);
    none.says("The user was not adopted").says("A reason is needed");
    let adopted = visitor.send(&none, &format!("{place}/adopt"), &[("reason", "moved to Entra")]).expect(200);
    adopted.says("User adopted").says("Managed SCIM Entra");
    let form = visitor.open(&adopted.link("Release from management")).expect(200);
    visitor.send(&form, &format!("{place}/release"), &[("reason", "left Entra")]).expect(200).says("User released");
    assert_eq!(account.shown(&user)["managed"], json!(false));
    let log = account.api("GET", "/audit?action=user.adopt", Value::Null).expect(200).json();
    assert!(log["items"].to_string().contains("moved to Entra"));
}

#[test]
fn f_9_0_2_an_address_that_was_changed_here_is_told_with_the_remedy() {
    let server = shared();
    let account = server.account(json!("standard"));
    let user = scim_user(&account, "old@example.com");
    let visitor = Visitor::operator(&server);
    let place = format!("/console/accounts/{}/users", account.id);
    let page = visitor.open(&format!("{place}/{user}")).expect(200);
    page.does_not_say("knows this user by another address");
    account.api("PATCH", &format!("/users/{user}"), json!({ "email": "new@example.com" })).expect(200);
    let page = visitor.open(&format!("{place}/{user}")).expect(200);
    page.says("SCIM Entra knows this user by another address").says("from old@example.com here");
    let ask = visitor.open(&page.link("Delete this user")).expect(200);
    let typed = [("typed", "Zoë Lindqvist")];
    visitor.send(&ask, &format!("{place}/{user}/delete"), &typed).expect(200).says("User deleted");
    let again = account.create(json!({ "userName": "old@example.com", "externalId": "e-1" }));
    assert_ne!(id(&again), user);
}
