//! The removal of an approver, which the other approvers approve.

use crate::fixture::{ACCOUNT, Fixture, refusal};
use jiff::SignedDuration;
use provost_accounts::{
    Actor, Call, Owner, QuorumTree, Refused, User,
    approvals::{self, ApprovalRequest, State, Verdict},
    quorum,
    users::{self, LocalEdit},
};
use provost_change::{Kind, Record, ResourceId};
use serde_json::{Value, json};

/// An account in which removals of approvers wait, and its four approvers.
fn account(tree: impl FnOnce(&[ResourceId]) -> Value) -> (Fixture, Vec<ResourceId>) {
    let mut fixture = Fixture::new(json!({ "preset": "dsm", "quorum_member": "suspend" }));
    let approvers: Vec<User> = ["ann", "bob", "cid", "dan"]
        .iter()
        .map(|name| {
            let user = fixture.post(json!({ "userName": format!("{name}@acme.example") })).unwrap();
            let edit = LocalEdit { verified: Some(true), ..LocalEdit::default() };
            fixture.edit(&user, &edit).unwrap()
        })
        .collect();
    let ids: Vec<ResourceId> = approvers.iter().map(User::id).collect();
    set(&mut fixture, tree(&ids), &approvers);
    (fixture, ids)
}

fn set(fixture: &mut Fixture, tree: Value, approvers: &[User]) {
    let tree = QuorumTree::read(tree).unwrap();
    let decided = quorum::set(&fixture.config(), &fixture.operator(), None, tree, approvers).unwrap();
    fixture.commit(decided).unwrap();
}

/// So many of these.
fn of(n: usize, ids: &[ResourceId]) -> Value {
    let members: Vec<Value> = ids.iter().map(|id| json!({ "user": id })).collect();
    json!({ "quorum": { "n": n, "members": members } })
}

fn stored(fixture: &Fixture, user: ResourceId) -> (Record, ApprovalRequest) {
    let is_it = |record: &&Record| record.kind == approvals::kind() && record.id == user;
    let record = fixture.records.iter().find(is_it).unwrap().clone();
    let request = approvals::read(ACCOUNT, &record).unwrap();
    (record, request)
}

/// The user, whatever it is stored as.
fn anywhere(fixture: &Fixture, id: ResourceId) -> Option<User> {
    let record = fixture.records.iter().find(|record| User::KINDS.contains(&record.kind) && record.id == id)?;
    Some(User::read(ACCOUNT, record.clone()).unwrap())
}

fn person(fixture: &Fixture, id: ResourceId) -> Call {
    let owner = Owner { id, name: "somebody".to_owned(), roles: Vec::new() };
    fixture.call(Actor::Person { owner, session: Some(id) })
}

fn vote(fixture: &mut Fixture, call: &Call, user: ResourceId, verdict: Verdict) -> Result<State, Refused> {
    let (record, request) = stored(fixture, user);
    let digest = request.digest.clone();
    vote_on(fixture, call, (&record, &request), &digest, verdict)
}

fn vote_on(
    fixture: &mut Fixture,
    call: &Call,
    (record, request): (&Record, &ApprovalRequest),
    digest: &str,
    verdict: Verdict,
) -> Result<State, Refused> {
    let config = fixture.config();
    let voters: Vec<User> = request.approvers(&config).into_iter().filter_map(|id| anywhere(fixture, id)).collect();
    let user = anywhere(fixture, request.user);
    let decided = approvals::vote(&config, call, (record, request), (digest, verdict), user.as_ref(), &voters)?;
    fixture.commit(decided).map(|request| request.state)
}

#[test]
fn a_removed_approver_is_suspended_and_goes_when_enough_others_approve() {
    let (mut fixture, ids) = account(|ids| of(2, ids));
    fixture.delete(ids[0]).unwrap();
    assert!(fixture.found(ids[0]).is_none(), "suspended at once");
    let (_, request) = stored(&fixture, ids[0]);
    assert_eq!((request.user, request.state, request.votes.len()), (ids[0], State::Open, 0));
    let entry = fixture.log.last().unwrap();
    assert_eq!((&entry["action"], &entry["target"]["id"]), (&json!("approval.request"), &json!(ids[0])));

    let bob = person(&fixture, ids[1]);
    assert_eq!(vote(&mut fixture, &bob, ids[0], Verdict::Approve), Ok(State::Open));
    assert_eq!(vote(&mut fixture, &bob, ids[0], Verdict::Approve).unwrap_err().error.status, 409, "once each");
    let cid = person(&fixture, ids[2]);
    assert_eq!(vote(&mut fixture, &cid, ids[0], Verdict::Approve), Ok(State::Approved));
    assert!(anywhere(&fixture, ids[0]).is_none(), "removed");
    let (policy, _) = fixture.config().quorum_policy(None).map(|(policy, version)| (policy.clone(), version)).unwrap();
    assert_eq!(serde_json::to_value(policy.policy).unwrap(), of(2, &ids[1..]), "and out of the policy");
    let actions: Vec<&str> =
        fixture.log[fixture.log.len() - 3..].iter().filter_map(|entry| entry["action"].as_str()).collect();
    assert_eq!(actions, ["approval.approve", "user.delete", "quorum_policy.set"]);

    let dan = person(&fixture, ids[3]);
    assert_eq!(vote(&mut fixture, &dan, ids[0], Verdict::Deny).unwrap_err().error.status, 409, "it is done once");
}

#[test]
fn who_proposed_it_and_who_is_to_go_do_not_count() {
    let (mut fixture, ids) = account(|ids| of(2, ids));
    let ann = person(&fixture, ids[0]);
    let bob = person(&fixture, ids[1]);
    let decided = approvals::propose(&fixture.config(), &bob, &fixture.user(ids[0])).unwrap();
    fixture.commit(decided).unwrap();
    assert!(fixture.user(ids[0]).is_active(), "nothing is done yet");
    let stranger = person(&fixture, fixture.id());
    let app = fixture.entra();
    for (call, word) in [
        (bob, "you proposed it"),
        (ann, "it is about you"),
        (stranger, "no approver"),
        (app, "no approver"),
        (fixture.operator(), "only approvers"),
    ] {
        let refused = vote(&mut fixture, &call, ids[0], Verdict::Approve).unwrap_err();
        assert_eq!(refused.error.status, 403);
        assert!(refused.error.detail.contains(word), "{}", refused.error.detail);
    }
    for (id, state) in [(ids[2], State::Open), (ids[3], State::Approved)] {
        let call = person(&fixture, id);
        assert_eq!(vote(&mut fixture, &call, ids[0], Verdict::Approve), Ok(state));
    }
}

#[test]
fn a_request_is_denied_once_it_cannot_be_approved_any_more() {
    let (mut fixture, ids) = account(|ids| of(2, ids));
    fixture.delete(ids[0]).unwrap();
    for (id, state) in [(ids[1], State::Open), (ids[2], State::Denied)] {
        let call = person(&fixture, id);
        assert_eq!(vote(&mut fixture, &call, ids[0], Verdict::Deny), Ok(state));
    }
    assert!(anywhere(&fixture, ids[0]).is_some_and(|user| user.state.removal_requested), "an administrator decides");
    assert_eq!(fixture.log.last().unwrap()["action"], "approval.deny");
}

#[test]
fn a_request_is_bound_to_the_user_and_the_policies_as_they_were() {
    let (mut fixture, ids) = account(|ids| of(1, ids));
    let bob = person(&fixture, ids[1]);
    fixture.delete(ids[0]).unwrap();
    let (record, request) = stored(&fixture, ids[0]);
    let wrong = vote_on(&mut fixture, &bob, (&record, &request), "another", Verdict::Approve);
    assert_eq!(wrong.unwrap_err().error.status, 409, "approvers name what they approve");

    // An administrator enables the user meanwhile.
    let suspended = anywhere(&fixture, ids[0]).unwrap();
    fixture.edit(&suspended, &LocalEdit { active: Some(true), ..LocalEdit::default() }).unwrap();
    assert_eq!(vote(&mut fixture, &bob, ids[0], Verdict::Approve), Ok(State::Void));
    assert!(fixture.user(ids[0]).is_active());

    // The policy changes meanwhile.
    fixture.delete(ids[0]).unwrap();
    let users: Vec<User> = ids[1..].iter().filter_map(|id| anywhere(&fixture, *id)).collect();
    let with_gone = json!({ "quorum": { "n": 1, "members": [{ "user": ids[1] }, { "user": ids[2] }] } });
    set(&mut fixture, with_gone, &users);
    assert_eq!(vote(&mut fixture, &bob, ids[0], Verdict::Approve), Ok(State::Void));
    assert!(anywhere(&fixture, ids[0]).is_some());
}

#[test]
fn an_approver_who_may_no_longer_sign_in_does_not_count() {
    let (mut fixture, ids) = account(|ids| of(2, ids));
    fixture.delete(ids[0]).unwrap();
    let bob = person(&fixture, ids[1]);
    assert_eq!(vote(&mut fixture, &bob, ids[0], Verdict::Approve), Ok(State::Open));
    fixture.patch(ids[1], json!([{ "op": "replace", "path": "active", "value": false }])).unwrap();
    let cid = person(&fixture, ids[2]);
    assert_eq!(vote(&mut fixture, &cid, ids[0], Verdict::Approve), Ok(State::Open), "bob's word is gone with him");
    let again = vote(&mut fixture, &bob, ids[0], Verdict::Approve).unwrap_err();
    assert_eq!(again.error.status, 403);
    let dan = person(&fixture, ids[3]);
    assert_eq!(vote(&mut fixture, &dan, ids[0], Verdict::Approve), Ok(State::Approved));
}

#[test]
fn a_request_expires_and_is_forgotten_later() {
    let (mut fixture, ids) = account(|ids| of(1, ids));
    fixture.delete(ids[0]).unwrap();
    let (record, request) = stored(&fixture, ids[0]);
    assert!(approvals::pass(&fixture.operator(), &record, &request).is_none());
    fixture.now += approvals::EXPIRES_AFTER;
    let bob = person(&fixture, ids[1]);
    let change = approvals::pass(&fixture.operator(), &record, &request).unwrap();
    let state = vote(&mut fixture, &bob, ids[0], Verdict::Approve);
    assert_eq!(state, Ok(State::Expired), "whoever comes first says so");
    fixture.settle(change);
    let (record, request) = stored(&fixture, ids[0]);
    assert_eq!(request.state, State::Expired);
    assert!(approvals::pass(&fixture.operator(), &record, &request).is_none());
    fixture.now += approvals::KEPT + SignedDuration::from_secs(1);
    let change = approvals::pass(&fixture.operator(), &record, &request).unwrap();
    fixture.settle(change);
    assert!(fixture.records.iter().all(|record| record.kind != approvals::kind()));
}

#[test]
fn where_nobody_else_can_approve_nothing_is_asked() {
    let (mut fixture, ids) = account(|ids| json!({ "user": ids[0] }));
    fixture.delete(ids[0]).unwrap();
    assert_eq!(fixture.log.last().unwrap()["action"], "user.suspend");
    assert!(fixture.records.iter().all(|record| record.kind != approvals::kind()));
    let suspended = anywhere(&fixture, ids[0]).unwrap();
    assert_eq!(refusal(approvals::propose(&fixture.config(), &fixture.operator(), &suspended)), (409, "-"));
    let outside = fixture.user(ids[1]);
    assert_eq!(refusal(approvals::propose(&fixture.config(), &fixture.operator(), &outside)), (409, "-"));
    fixture.adopt_policy(json!("dsm"));
    let refused = approvals::propose(&fixture.config(), &fixture.operator(), &suspended);
    assert_eq!(refusal(refused), (409, "quorum_member"));
}

#[test]
fn every_policy_that_guards_the_user_is_asked_and_apps_approve_too() {
    let (mut fixture, ids) = account(|ids| of(1, &ids[..2]));
    let okta = fixture.add_app("Okta");
    let group = fixture.id();
    let tree = json!({ "quorum": { "n": 2, "members": [{ "user": ids[0] }, { "app": okta }] } });
    let users = [fixture.user(ids[0])];
    let tree = QuorumTree::read(tree).unwrap();
    let set = quorum::set(&fixture.config(), &fixture.operator(), Some((group, "Crew")), tree, &users).unwrap();
    fixture.commit(set).unwrap();
    fixture.delete(ids[0]).unwrap();
    let (bob, okta) = (person(&fixture, ids[1]), fixture.app_call(okta));
    assert_eq!(vote(&mut fixture, &bob, ids[0], Verdict::Approve), Ok(State::Open));
    assert_eq!(vote(&mut fixture, &okta, ids[0], Verdict::Approve), Ok(State::Approved));
    let config = fixture.config();
    let left: Vec<Value> =
        config.quorum.iter().map(|(policy, _)| serde_json::to_value(&policy.policy).unwrap()).collect();
    assert!(left.iter().all(|tree| !tree.to_string().contains(&ids[0].to_string())), "{left:?}");
    assert!(users::delete_local(&config, &fixture.operator(), &fixture.user(ids[1]), false).is_err(), "guards go on");
    assert!(fixture.records.iter().all(|record| record.kind != Kind::SUSPENDED_USER));
}
