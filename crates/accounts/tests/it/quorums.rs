//! Quorum policies and the guard on their approvers.

use crate::fixture::{ACCOUNT, Fixture};
use provost_accounts::{
    QuorumTree, User, quorum,
    users::{self, LocalEdit},
};
use provost_change::{Kind, ResourceId};
use serde_json::{Value, json};

/// A verified user `email`.
fn approver(fixture: &mut Fixture, email: &str) -> User {
    let user = fixture.post(json!({ "userName": email })).unwrap();
    let edit = LocalEdit { verified: Some(true), ..LocalEdit::default() };
    let decided = users::edit_local(&fixture.config(), &fixture.operator(), &user, &edit).unwrap();
    fixture.commit(decided).unwrap()
}

fn set(fixture: &mut Fixture, group: Option<(ResourceId, &str)>, tree: Value, approvers: &[User]) {
    let tree = QuorumTree::read(tree).unwrap();
    let decided = quorum::set(&fixture.config(), &fixture.operator(), group, tree, approvers).unwrap();
    fixture.commit(decided).unwrap();
}

#[test]
fn an_approver_anywhere_in_a_policy_is_not_de_provisioned() {
    let mut fixture = Fixture::dsm();
    let [ann, bob] = ["ann@acme.example", "bob@acme.example"].map(|email| approver(&mut fixture, email));
    let nested = json!({ "quorum": { "n": 1, "members": [
        { "app": fixture.app },
        { "quorum": { "n": 1, "members": [{ "user": ann.id() }] } },
    ] } });
    set(&mut fixture, None, nested, std::slice::from_ref(&ann));
    let group = fixture.id();
    set(&mut fixture, Some((group, "Crew")), json!({ "user": bob.id() }), std::slice::from_ref(&bob));

    let disable = json!([{ "op": "replace", "path": "active", "value": false }]);
    for (user, named) in [(&ann, "the account's quorum policy"), (&bob, "the quorum policy of group `Crew`")] {
        let refused = fixture.patch(user.id(), disable.clone()).unwrap_err();
        assert_eq!((refused.error.status, refused.field), (409, Some("guards")), "F-8.0-3, F-8.0-4");
        assert!(refused.error.detail.contains(named), "{}", refused.error.detail);
        let config = fixture.config();
        assert!(users::delete(&config, &fixture.entra(), &fixture.user(user.id())).is_err());
        assert!(
            users::delete_local(&config, &fixture.operator(), &fixture.user(user.id()), false).is_err(),
            "by hand neither"
        );
    }
    let changed = fixture.patch(ann.id(), json!([{ "op": "replace", "path": "externalId", "value": "e1" }]));
    assert!(changed.is_ok(), "F-8.0-6: other changes go through");

    let decided = quorum::remove(&fixture.config(), &fixture.operator(), None).unwrap();
    fixture.commit(decided).unwrap();
    assert!(!fixture.patch(ann.id(), disable).unwrap().is_active(), "F-8.0-5: out of the policy, it works");
}

#[test]
fn a_tree_that_can_never_decide_is_refused() {
    let user = json!({ "user": "00000000-0000-0000-0000-000000000001" });
    let deep = (0..9).fold(user.clone(), |inner, _| json!({ "quorum": { "n": 1, "members": [inner] } }));
    let wide = json!({ "quorum": { "n": 1, "members": vec![user.clone(); 256] } });
    for bad in [
        json!({ "quorum": { "n": 0, "members": [user] } }),
        json!({ "quorum": { "n": 2, "members": [user] } }),
        json!({ "quorum": { "n": 1, "members": [] } }),
        json!({ "someone": "x" }),
        json!("x"),
        deep,
        wide,
    ] {
        assert!(QuorumTree::read(bad.clone()).is_err(), "{bad}");
    }
}

#[test]
fn only_enabled_users_and_own_apps_approve() {
    let mut fixture = Fixture::dsm();
    let fresh = fixture.post(json!({ "userName": "new@acme.example", "active": false })).unwrap();
    let foreign = fixture.id();
    for (tree, known) in [
        (json!({ "user": fresh.id() }), vec![fresh.clone()]),
        (json!({ "user": foreign }), vec![]),
        (json!({ "app": foreign }), vec![]),
    ] {
        let tree = QuorumTree::read(tree).unwrap();
        let refused = quorum::set(&fixture.config(), &fixture.operator(), None, tree, &known).unwrap_err();
        assert_eq!(refused.error.status, 400);
    }
}

#[test]
fn an_approver_who_has_not_proved_the_address_is_noted() {
    let mut fixture = Fixture::dsm();
    let fresh = fixture.post(json!({ "userName": "new@acme.example" })).unwrap();
    // As it is shown, a tree stands under `policy`.
    let tree = QuorumTree::read(json!({ "policy": { "user": fresh.id() } })).unwrap();
    let known = [fresh.clone()];
    let decided = quorum::set(&fixture.config(), &fixture.operator(), None, tree, &known).unwrap();
    fixture.commit(decided).unwrap();
    let entry = fixture.log.last().unwrap();
    assert_eq!(entry["severity"], "WARNING");
    let disable = fixture.patch(fresh.id(), json!([{ "op": "replace", "path": "active", "value": false }]));
    assert_eq!(disable.unwrap_err().field, Some("guards"), "F-8.0-3");
}

#[test]
fn an_approver_who_is_removed_is_suspended_where_the_policy_says_so() {
    let mut fixture = Fixture::new(json!({ "preset": "dsm", "quorum_member": "suspend" }));
    let ann = approver(&mut fixture, "ann@acme.example");
    set(&mut fixture, None, json!({ "user": ann.id() }), std::slice::from_ref(&ann));
    let disable = json!([{ "op": "replace", "path": "active", "value": false }]);
    let enable = json!([{ "op": "replace", "path": "active", "value": true }]);
    assert!(!fixture.patch(ann.id(), disable).unwrap().is_active(), "disabled at once, and reversibly");
    assert!(fixture.patch(ann.id(), enable).unwrap().is_active());

    fixture.delete(ann.id()).unwrap();
    assert!(fixture.found(ann.id()).is_none(), "SCIM no longer shows it");
    assert_eq!((fixture.counts["user"], fixture.counts["suspended-user"]), (0, 1));
    let entry = fixture.log.last().unwrap();
    assert_eq!((entry["action"].as_str(), entry["severity"].as_str()), (Some("user.suspend"), Some("WARNING")));
    let kept = fixture.records.iter().find(|record| record.kind == Kind::SUSPENDED_USER).unwrap();
    let kept = User::read(ACCOUNT, kept.clone()).unwrap();
    assert_eq!((kept.id(), kept.is_active(), kept.state.removal_requested), (ann.id(), false, true));
    assert!(!kept.is_visible(&fixture.config()));
    let again = fixture.post(json!({ "userName": "ann@acme.example" })).unwrap();
    assert_ne!(again.id(), ann.id(), "the name is free");

    let early = users::delete_local(&fixture.config(), &fixture.operator(), &kept, false).unwrap_err();
    assert_eq!(early.field, Some("guards"), "not before the quorum policy lets the user go");
    let decided = quorum::remove(&fixture.config(), &fixture.operator(), None).unwrap();
    fixture.commit(decided).unwrap();
    let removed = users::delete_local(&fixture.config(), &fixture.operator(), &kept, false).unwrap();
    fixture.commit(removed).unwrap();
    assert!(fixture.records.iter().all(|record| record.kind != Kind::SUSPENDED_USER));
    assert_eq!(fixture.counts["suspended-user"], 0);
}

#[test]
fn a_suspended_user_comes_back_when_an_administrator_enables_it() {
    let mut fixture =
        Fixture::new(json!({ "preset": "dsm", "quorum_member": "suspend", "users": { "on_deactivate": "remove" } }));
    let ann = approver(&mut fixture, "ann@acme.example");
    set(&mut fixture, None, json!({ "user": ann.id() }), std::slice::from_ref(&ann));
    let disable = json!([{ "op": "replace", "path": "active", "value": false }]);
    let suspended = fixture.patch(ann.id(), disable).unwrap();
    assert!(suspended.state.removal_requested && fixture.found(ann.id()).is_none(), "removal by `active: false`");
    let edit = LocalEdit { active: Some(true), ..LocalEdit::default() };
    let back = fixture.edit(&suspended, &edit).unwrap();
    assert!(back.is_active() && !back.state.removal_requested);
    assert_eq!(fixture.found(ann.id()).unwrap().state, ann.state);
    assert_eq!((fixture.counts["user"], fixture.counts["suspended-user"]), (1, 0));
}
