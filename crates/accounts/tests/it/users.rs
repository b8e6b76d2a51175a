//! What becomes of users.

use crate::fixture::{Fixture, outcome, refusal, replace, roles};
use provost_accounts::users::{self, Creation, LocalEdit};
use serde_json::json;

#[test]
fn a_new_user_is_managed_enabled_and_not_verified() {
    let mut fixture = Fixture::dsm();
    let user = fixture.post(json!({ "userName": "ann@acme.example", "displayName": "left out" })).unwrap();
    assert!(user.is_active() && user.state.managed && !user.state.verified);
    assert_eq!(user.state.origin, Some(fixture.app));
    assert_eq!(user.resource.get("displayName"), None, "F-5.5-11");
    assert_eq!(user.sign_in_refusal(&fixture.config()), Some("the address is not verified yet"), "F-4.1-22");
    let entry = fixture.log.last().unwrap();
    assert_eq!((entry["action"].as_str(), entry["severity"].as_str()), (Some("user.create"), Some("WARNING")));
    assert_eq!(fixture.counts["user"], 1);
}

#[test]
fn a_sign_in_name_keeps_the_policys_form() {
    let mut strict = Fixture::new(json!({ "preset": "dsm", "users": { "domains": ["acme.example"] } }));
    for bad in ["ann", "ann@", "@acme.example", "a nn@acme.example", "ann@acme..example"] {
        let refused = refusal(strict.post(json!({ "userName": bad })));
        assert_eq!(refused, (400, "users.identifier_format"), "F-5.5-9 {bad}");
    }
    assert_eq!(refusal(strict.post(json!({ "userName": "ann@other.example" }))), (400, "users.domains"), "S-47");
    assert!(strict.post(json!({ "userName": "ann@ACME.example" })).is_ok());
}

#[test]
fn a_patch_with_an_unsupported_attribute_is_refused_whole() {
    let mut fixture = Fixture::dsm();
    let user = fixture.post(json!({ "userName": "ann@acme.example" })).unwrap();
    let mixed = json!([
        { "op": "replace", "path": "active", "value": false },
        { "op": "replace", "path": "displayName", "value": "Ann" },
    ]);
    let refused = fixture.patch(user.id(), mixed).unwrap_err();
    assert_eq!(refused.field, Some("users.unsupported_on_patch"), "F-5.5-10");
    assert!(refused.error.detail.contains("`displayName`"), "{}", refused.error.detail);
    assert_eq!(fixture.user(user.id()), user, "S-11");
}

#[test]
fn a_changed_sign_in_name_follows_the_policy() {
    let rename = replace("userName", json!("new@acme.example"));
    for (choice, expected) in
        [("reject", None), ("ignore", Some("old@acme.example")), ("update", Some("new@acme.example"))]
    {
        let mut fixture = Fixture::new(json!({ "preset": "dsm", "users": { "identifier_update": choice } }));
        let user = fixture.post(json!({ "userName": "old@acme.example" })).unwrap();
        match (fixture.patch(user.id(), rename.clone()), expected) {
            (Ok(changed), Some(name)) => assert_eq!(changed.user_name(), name, "F-8.0-1 {choice}"),
            (Err(refused), None) => assert_eq!(refused.field, Some("users.identifier_update")),
            (other, _) => panic!("{choice}: {other:?}"),
        }
    }
}

#[test]
fn a_leaver_whose_name_changed_in_the_same_request_is_still_disabled() {
    let mut fixture = Fixture::dsm();
    let user = fixture.post(json!({ "userName": "old@acme.example" })).unwrap();
    let both = json!([{ "op": "replace", "value": { "userName": "new@acme.example", "active": false } }]);
    let after = fixture.patch(user.id(), both).unwrap();
    assert!(!after.is_active() && after.user_name() == "old@acme.example");
    assert_eq!(fixture.log.last().unwrap()["severity"], "WARNING");
}

#[test]
fn roles_follow_the_identity_provider_and_override_local_changes() {
    let mut fixture = Fixture::dsm();
    let user = fixture.post(json!({ "userName": "ann@acme.example", "roles": roles(&["ACCOUNTMEMBER"]) })).unwrap();
    let edit = LocalEdit { roles: Some(vec!["Account Administrator".to_owned()]), ..LocalEdit::default() };
    let decided = users::edit_local(&fixture.config(), &fixture.operator(), &user, &edit).unwrap();
    let overridden = fixture.commit(decided).unwrap();
    assert!(overridden.roles_overridden(&fixture.config()));
    // A second administrator, so that the guard on the last one does not speak.
    fixture.local("root@acme.example", &["ACCOUNTADMINISTRATOR"]).unwrap();
    let spoken = fixture.patch(user.id(), replace("externalId", json!("e1")));
    assert_eq!(outcome(&fixture, spoken), "Account Member", "F-4.1-25");
    let entry = fixture.log.last().unwrap();
    let change =
        entry["changes"].as_array().unwrap().iter().find(|change| change["attribute"] == "account roles").unwrap();
    assert_eq!((&change["old"][0], &change["new"][0]), (&json!("ACCOUNTADMINISTRATOR"), &json!("ACCOUNTMEMBER")));
}

#[test]
fn dsm_takes_roles_as_a_whole_set_only() {
    let mut fixture = Fixture::dsm();
    let user = fixture.post(json!({ "userName": "ann@acme.example" })).unwrap().id();
    let auditor = roles(&["ACCOUNTAUDITOR"]);
    let cases = [
        ("replace", json!([{ "op": "replace", "path": "roles", "value": auditor }]), "Account Auditor"),
        ("path-less replace", json!([{ "op": "replace", "value": { "roles": auditor } }]), "Account Auditor"),
        ("F-5.6.2-22 empty", json!([{ "op": "replace", "path": "roles", "value": [] }]), "Account Member"),
        ("remove", json!([{ "op": "remove", "path": "roles" }]), "Account Member"),
        ("F-5.6.2-21 add", json!([{ "op": "Add", "path": "roles", "value": auditor }]), "400 roles.patch"),
        ("path-less add", json!([{ "op": "add", "value": { "roles": auditor } }]), "400 roles.patch"),
        (
            "one element",
            json!([{ "op": "replace", "path": "roles[primary eq \"True\"].value", "value": "ACCOUNTAUDITOR" }]),
            "400 roles.patch",
        ),
    ];
    for (name, operations, expected) in cases {
        let result = fixture.patch(user, operations);
        assert_eq!(outcome(&fixture, result), expected, "{name}");
    }
}

#[test]
fn one_apps_user_is_not_anothers() {
    let mut fixture = Fixture::dsm();
    let other = fixture.add_app("Okta");
    let user = fixture.post(json!({ "userName": "ann@acme.example" })).unwrap();
    let refused = fixture.patch_as(other, user.id(), replace("active", json!(false))).unwrap_err();
    assert_eq!((refused.error.status, refused.field), (403, Some("credentials.ownership")), "F-9.0-16");
    assert!(refused.error.detail.contains("`Entra`"));
}

#[test]
fn the_first_write_to_a_user_made_by_hand_links_it() {
    let mut fixture = Fixture::dsm();
    let local = fixture.local("x@acme.example", &["ACCOUNTAUDITOR"]).unwrap();
    assert!(!local.state.managed);
    let linked = fixture.patch(local.id(), replace("externalId", json!("e1"))).unwrap();
    assert_eq!((linked.id(), linked.state.origin), (local.id(), Some(fixture.app)), "F-5.1-3");
    assert_eq!(fixture.role_names(&linked), ["Account Auditor"], "nothing was asserted, nothing is taken away");

    let mut updating = Fixture::new(json!({ "users": { "identifier_update": "update" } }));
    let local = updating.local("x@acme.example", &[]).unwrap();
    let stolen = refusal(updating.patch(local.id(), replace("userName", json!("attacker@evil.example"))));
    assert_eq!(stolen, (403, "users.existing"), "adoption cannot change the sign-in name as well");
}

#[test]
fn what_the_last_administrator_loses_is_refused() {
    let mut fixture = Fixture::dsm();
    let admin = roles(&["ACCOUNTADMINISTRATOR"]);
    let user = fixture.post(json!({ "userName": "ann@acme.example", "roles": admin })).unwrap().id();
    let demote = replace("roles", roles(&["ACCOUNTMEMBER"]));
    for operations in [replace("active", json!(false)), demote.clone()] {
        assert_eq!(refusal(fixture.patch(user, operations)), (409, "guards"), "S-36");
    }
    fixture.post(json!({ "userName": "bob@acme.example", "roles": admin })).unwrap();
    assert!(fixture.patch(user, demote).is_ok());
}

#[test]
fn s_3_put_replaces_but_leaves_access_as_it_was() {
    let mut fixture = Fixture::new(json!("standard"));
    let user = fixture.post(json!({ "userName": "ann", "nickName": "A", "active": false })).unwrap().id();
    let after = fixture.put(user, json!({ "userName": "ann", "title": "Dr" })).unwrap();
    assert!(!after.is_active());
    assert_eq!((after.resource.get("nickName"), after.resource.get("title")), (None, Some(&json!("Dr"))));
}

#[test]
fn a_write_that_changes_nothing_writes_only_its_audit_entry() {
    let mut fixture = Fixture::dsm();
    let user = fixture.post(json!({ "userName": "ann@acme.example", "externalId": "e1" })).unwrap();
    let again = fixture.patch(user.id(), replace("externalId", json!("e1"))).unwrap();
    assert_eq!(again.record.version, user.record.version, "PIT-34");
    assert_eq!(fixture.log.last().unwrap()["action"], "user.update");
}

#[test]
fn s_19_a_post_for_a_disabled_user_reactivates_where_the_policy_says_so() {
    let mut fixture = Fixture::new(json!({ "preset": "dsm", "users": { "on_post_inactive": "reactivate" } }));
    let user = fixture.post(json!({ "userName": "ann@acme.example" })).unwrap();
    let user = fixture.patch(user.id(), replace("active", json!(false))).unwrap();
    let config = fixture.config();
    let body = json!({ "schemas": [provost_scim::urn::USER], "userName": "ann@acme.example", "active": true });
    let creation = Creation::read(&config, body).unwrap();
    assert_eq!(creation.same_person(&config).len(), 1, "by userName: the body has no externalId");
    let decided = creation.decide(&config, &fixture.entra(), Some(&user)).unwrap();
    let back = fixture.commit(decided).unwrap();
    assert_eq!((back.id(), back.is_active()), (user.id(), true));
}

#[test]
fn s_46_the_user_limit_counts_enabled_users() {
    let mut fixture = Fixture::dsm();
    let edit = provost_accounts::account::AccountEdit { max_users: Some(Some(1)), ..Default::default() };
    let decided = provost_accounts::account::update(&fixture.config(), &fixture.operator(), edit).unwrap();
    fixture.commit(decided).unwrap();
    let first = fixture.post(json!({ "userName": "a@acme.example" })).unwrap();
    let refused = fixture.post(json!({ "userName": "b@acme.example" })).unwrap_err();
    assert_eq!(refused.error.status, 403);
    assert!(refused.error.detail.contains("user limit reached"));
    fixture.patch(first.id(), replace("active", json!(false))).unwrap();
    assert!(fixture.post(json!({ "userName": "b@acme.example" })).is_ok());
    assert_eq!(fixture.patch(first.id(), replace("active", json!(true))).unwrap_err().error.status, 403);
}

#[test]
fn locked_fields_of_managed_users_are_not_edited_by_hand() {
    let mut fixture = Fixture::new(json!({ "preset": "dsm", "local_edits": { "roles": "lock", "profile": "lock" } }));
    let user = fixture.post(json!({ "userName": "ann@acme.example" })).unwrap();
    let edits = [
        (LocalEdit { roles: Some(vec![]), ..LocalEdit::default() }, "local_edits.roles"),
        (LocalEdit { active: Some(false), ..LocalEdit::default() }, "local_edits.profile"),
        (LocalEdit { email: Some("x@acme.example".to_owned()), ..LocalEdit::default() }, "local_edits.profile"),
    ];
    for (edit, field) in edits {
        let refused = refusal(users::edit_local(&fixture.config(), &fixture.operator(), &user, &edit));
        assert_eq!(refused, (409, field));
    }
}

#[test]
fn s_43_what_is_personal_about_a_removed_user_goes_where_the_policy_says_so() {
    let mut fixture = Fixture::new(json!({
        "preset": "dsm",
        "quorum_member": "suspend",
        "users": { "on_delete_personal_data": "erase" },
    }));
    let user = fixture.post(json!({ "userName": "ann@acme.example" })).unwrap();
    let (config, call) = (fixture.config(), fixture.entra());
    let removed = users::delete(&config, &call, &user).unwrap();
    assert_eq!(users::erased_by(&config, &removed.change), [user.id()], "P-32");
    let keeping = Fixture::dsm().config();
    assert_eq!(users::erased_by(&keeping, &removed.change), []);

    let tree = provost_accounts::QuorumTree::read(json!({ "user": user.id() })).unwrap();
    let users_of_tree = std::slice::from_ref(&user);
    let set = provost_accounts::quorum::set(&config, &fixture.operator(), None, tree, users_of_tree).unwrap();
    fixture.commit(set).unwrap();
    let suspended = users::delete(&fixture.config(), &call, &user).unwrap();
    assert_eq!(users::erased_by(&fixture.config(), &suspended.change), [], "a suspended user is not gone");
}
