//! The provisioning policy: shown with its reference, changed by form, preset and document, previewed, reverted, tried out.

use super::Visitor;
use crate::support::shared;
use serde_json::{Value, json};

#[test]
fn s_81_a_policy_is_edited_previewed_and_saved() {
    let server = shared();
    let account = server.account(json!("dsm"));
    account.api("POST", "/users", json!({ "email": "ann@example.com" })).expect(201);
    let visitor = Visitor::operator(&server);
    let place = format!("/console/accounts/{}/settings/policy", account.id);
    let page = visitor.open(&place).expect(200);
    page.says("Version 1").says("users.on_delete remove").says("The user is no longer a member of the account.");
    page.says("DELETE over SCIM: deleted for good at the identity provider").does_not_say("(C4");
    let form = visitor.open(&page.link("Edit policy")).expect(200);
    let unchanged = visitor.send(&form, &format!("{place}/edit"), &[]).expect(200);
    unchanged.says("Nothing would change");
    let typed = [("users.on_delete", "refuse"), ("brake.changes_per_hour", "25"), ("users.verification", "none")];
    let preview = visitor.send(&form, &format!("{place}/edit"), &typed).expect(200);
    preview
        .says("users.on_delete remove refuse")
        .says("brake.changes_per_hour")
        .says("What it means for existing users");
    preview.says("1 of 1 user or group would be affected").says("ann@example.com");
    let policy = || account.api("GET", "/policy", Value::Null).expect(200).json();
    assert_eq!(policy()["version"], 1, "a preview changes nothing");
    let saved = visitor.send(&preview, &format!("{place}/save"), &[]).expect(200);
    saved.says("Policy saved as version 2").says("users.on_delete refuse");
    assert_eq!(policy()["policy"]["brake"]["changes_per_hour"], 25);
    assert_eq!(policy()["policy"]["users"]["attributes"], json!(["userName", "active", "externalId", "roles"]));

    let bad = visitor.send(&form, &format!("{place}/edit"), &[("users.deleted_retention_days", "soon")]).expect(400);
    bad.says("Give a whole number");
    let stale = visitor.send(&form, &format!("{place}/edit"), &[("users.on_delete", "disable")]).expect(400);
    stale.says("Somebody put another version in force since you began");
    visitor.send(&stale, &format!("{place}/edit"), &[]).expect(200).says("Save policy");
}

#[test]
fn s_82_versions_are_compared_and_gone_back_to() {
    let server = shared();
    let account = server.account(json!("standard"));
    account.api("PUT", "/policy", json!({ "preset": "standard", "notify": "admins" })).expect(200);
    let visitor = Visitor::operator(&server);
    let place = format!("/console/accounts/{}/settings/policy", account.id);
    let page = visitor.open(&place).expect(200);
    let history = visitor.open(&page.link("History")).expect(200);
    history.says("Version 2 in force operator");
    visitor.open(&history.link("Version 2")).expect(200).says("notify none admins");
    let first = visitor.open(&history.link("Version 1")).expect(200);
    let ask = visitor.open(&first.link("Revert to this version")).expect(200);
    ask.says("Revert to version 1?").says("notify becomes \"none\" instead of \"admins\"");
    let done = visitor.send(&ask, &format!("{place}/history/1/revert"), &[]).expect(200);
    done.says("Reverted to version 1, as version 3");
}

#[test]
fn s_80_a_preset_is_chosen_with_its_purpose_and_can_be_changed_before_it_is_saved() {
    let server = shared();
    let account = server.account(json!("standard"));
    let visitor = Visitor::operator(&server);
    let place = format!("/console/accounts/{}/settings/policy", account.id);
    let presets = visitor.open(&visitor.open(&place).expect(200).link("Choose a preset")).expect(200);
    presets.says("fulcrum").says("This policy began as it");
    let pairs = |page: &super::Page, document: &str| {
        let csrf = page.form(&format!("{place}/preview")).into_iter().find(|(name, _)| name == "csrf").unwrap();
        [csrf, ("document".to_owned(), document.to_owned())]
    };
    let preview = visitor.post(&format!("{place}/preview"), &pairs(&presets, "\"fulcrum\""), &[]).expect(200);
    preview.says("preset standard fulcrum");
    let form = preview.form(&format!("{place}/save"));
    let again = visitor.post(&format!("{place}/edit-again"), &form, &[]).expect(200);
    again.says("Preview changes");
    let saved = visitor.send(&preview, &format!("{place}/save"), &[]).expect(200);
    saved.says("Policy saved as version 2").says("Began as preset fulcrum");

    let document = visitor.open(&format!("{place}/document")).expect(200);
    let broken = visitor.send(&document, &format!("{place}/preview"), &[("document", "{ \"users\": ")]).expect(400);
    broken.says("This is no JSON");
    let unknown = visitor.send(&broken, &format!("{place}/preview"), &[("document", "{ \"nothing\": 1 }")]).expect(400);
    unknown.says("The policy was not changed").says("nothing");
}

#[test]
fn s_85_a_request_is_tried_out_and_nothing_changes() {
    let server = shared();
    let account = server.account(json!("dsm"));
    let visitor = Visitor::operator(&server);
    let place = format!("/console/accounts/{}/settings/policy/simulator", account.id);
    let form = visitor.open(&place).expect(200);
    let user = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ann@example.com" });
    let typed = |body: String| [("path".to_owned(), "/Users".to_owned()), ("body".to_owned(), body)];
    let send = |body: String| {
        let typed = typed(body);
        let typed: Vec<(&str, &str)> = typed.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        visitor.send(&form, &place, &typed)
    };
    send(user.to_string())
        .expect(200)
        .says("It would be done")
        .says("Status 201")
        .says("User created")
        .says("Nothing was changed");
    let refused = send(json!({ "schemas": user["schemas"], "userName": "no mail" }).to_string()).expect(200);
    refused.says("It would be refused").says("users.identifier_format");
    let wrong = visitor.send(&form, &place, &[("path", "/Bulk")]).expect(400);
    wrong.says("The request was not tried out");
    assert_eq!(account.api("GET", "/users", Value::Null).expect(200).json()["items"], json!([]));
}
