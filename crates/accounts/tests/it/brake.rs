//! The brake on disables and removals.

use crate::fixture::{ACCOUNT, Fixture, refusal, replace};
use jiff::{SignedDuration, Timestamp};
use provost_accounts::{
    User,
    users::{self, HeldAct, LocalEdit, brake},
};
use provost_change::{Kind, ResourceId};
use serde_json::{Value, json};

fn braked(answer: &str) -> (Fixture, Vec<ResourceId>) {
    let brake = json!({ "changes_per_hour": 2, "answer": answer });
    let mut fixture = Fixture::new(json!({ "preset": "dsm", "brake": brake }));
    let users = (0..6)
        .map(|number| fixture.post(json!({ "userName": format!("u{number}@acme.example") })).unwrap().id())
        .collect();
    (fixture, users)
}

fn disable() -> Value {
    replace("active", json!(false))
}

#[test]
fn s_78_the_brake_holds_further_disables_and_removals_until_an_administrator_lets_them_through() {
    let (mut fixture, users) = braked("retry");
    fixture.patch(users[0], disable()).unwrap();
    fixture.patch(users[0], disable()).unwrap();
    assert!(!brake::holds(&fixture.config(), &fixture.counts, fixture.app, fixture.now));
    fixture.delete(users[1]).unwrap();
    assert!(brake::holds(&fixture.config(), &fixture.counts, fixture.app, fixture.now));
    let refused = fixture.patch(users[2], disable()).unwrap_err();
    assert_eq!((refused.error.status, refused.field), (429, Some("brake.changes_per_hour")), "P-33");
    assert!(refused.error.detail.contains("`Entra`"), "{}", refused.error.detail);
    assert_eq!(refusal(fixture.delete(users[2])), (429, "brake.changes_per_hour"));
    assert!(fixture.user(users[2]).is_active(), "nothing was changed");
    assert!(fixture.patch(users[2], replace("externalId", json!("e1"))).is_ok(), "other changes go through");
    assert!(fixture.post(json!({ "userName": "new@acme.example" })).is_ok());
    let other = fixture.local("hand@acme.example", &[]).unwrap();
    let removed = users::delete_local(&fixture.config(), &fixture.operator(), &other, false).unwrap();
    assert!(fixture.commit(removed).is_ok(), "administrators are not braked");

    let used = brake::used(&fixture.counts, fixture.app, fixture.now);
    assert_eq!(used, 2, "the second request to disable one user changed nothing");
    let released = brake::release(&fixture.config(), &fixture.operator(), fixture.app, &fixture.counts).unwrap();
    fixture.commit(released).unwrap();
    let entry = fixture.log.last().unwrap();
    assert_eq!(
        (entry["action"].as_str(), entry["target"]["type"].as_str()),
        (Some("brake.release"), Some("admin-app"))
    );
    assert!(fixture.patch(users[2], disable()).is_ok() && fixture.patch(users[3], disable()).is_ok());
    assert_eq!(refusal(fixture.patch(users[4], disable())).0, 429, "and then holds again");
}

#[test]
fn s_78_the_hour_slides() {
    let (mut fixture, users) = braked("retry");
    let at = |minutes: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes);
    fixture.now = at(50);
    fixture.patch(users[0], disable()).unwrap();
    fixture.now = at(70);
    fixture.patch(users[1], disable()).unwrap();
    assert_eq!(refusal(fixture.patch(users[2], disable())).0, 429, "although a clock's hour is over");
    assert_eq!(brake::frees(&fixture.counts, fixture.app, fixture.now), Some(at(115)));
    assert!(brake::slide(&fixture.counts, at(114)).is_none(), "what was done still counts");

    fixture.now = at(115);
    assert_eq!(brake::used(&fixture.counts, fixture.app, fixture.now), 1);
    let change = brake::slide(&fixture.counts, fixture.now).unwrap();
    fixture.settle(change.clone());
    assert!(brake::slide(&fixture.counts, fixture.now).is_none());
    fixture.patch(users[2], disable()).unwrap();
    assert_eq!(refusal(fixture.patch(users[3], disable())).0, 429);
    // Another node that read the same counts slides them no second time.
    let again = provost_accounts::Decided { change, outcome: () };
    assert!(fixture.commit(again).is_err());

    fixture.now = at(600);
    let change = brake::slide(&fixture.counts, fixture.now).unwrap();
    fixture.settle(change);
    assert!(fixture.counts.iter().all(|(name, count)| !brake::is_count(name) || *count == 0), "nothing is left");
}

#[test]
fn each_admin_app_has_a_brake_of_its_own() {
    let (mut fixture, users) = braked("retry");
    let okta = fixture.add_app("Okta");
    let mine = fixture.post_as(okta, json!({ "userName": "okta@acme.example" })).unwrap().id();
    for user in &users[..2] {
        fixture.patch(*user, disable()).unwrap();
    }
    assert!(fixture.patch_as(okta, mine, disable()).is_ok());
    assert_eq!(brake::used(&fixture.counts, okta, fixture.now), 1);
}

/// An account whose brake holds, and which keeps what comes then.
fn holding() -> (Fixture, Vec<ResourceId>) {
    let (mut fixture, users) = braked("accept");
    for user in &users[..2] {
        fixture.patch(*user, disable()).unwrap();
    }
    assert_eq!(refusal(fixture.patch(users[2], disable())).0, 429, "as long as nobody looked at the brake");
    fixture.is_braked = true;
    (fixture, users)
}

fn held(fixture: &Fixture, id: ResourceId) -> Option<HeldAct> {
    fixture.user(id).state.held.map(|held| held.act)
}

#[test]
fn s_78_what_the_brake_keeps_back_waits_for_an_administrator() {
    let (mut fixture, users) = holding();
    let both = json!([
        { "op": "replace", "path": "active", "value": false },
        { "op": "replace", "path": "externalId", "value": "e9" },
    ]);
    let answered = fixture.patch(users[2], both).unwrap();
    assert!(answered.is_active(), "the user stays enabled");
    assert_eq!(answered.resource.external_id(), Some("e9"), "the rest is done");
    assert_eq!(held(&fixture, users[2]), Some(HeldAct::Disable));
    let entry = fixture.log.last().unwrap().clone();
    assert_eq!((&entry["action"], &entry["severity"]), (&json!("user.hold"), &json!("WARNING")));
    fixture.delete(users[3]).unwrap();
    fixture.delete(users[4]).unwrap();
    assert_eq!((held(&fixture, users[3]), fixture.counts[brake::HELD_COUNT]), (Some(HeldAct::Remove), 3));

    fixture.patch(users[4], replace("externalId", json!("e4"))).unwrap();
    assert_eq!(held(&fixture, users[4]), Some(HeldAct::Remove), "a request that does not speak of it leaves it");
    fixture.patch(users[4], replace("active", json!(true))).unwrap();
    assert_eq!(held(&fixture, users[4]), None, "the client wants the user enabled after all");

    fixture.is_braked = false;
    for (user, gone) in [(users[2], false), (users[3], true)] {
        let decided = brake::let_through(&fixture.config(), &fixture.operator(), &fixture.user(user)).unwrap();
        fixture.commit(decided).unwrap();
        assert!(fixture.found(user).is_none_or(|user| !user.is_active() && user.state.held.is_none()));
        assert_eq!(fixture.found(user).is_none(), gone);
    }
    assert_eq!(fixture.counts[brake::HELD_COUNT], 0);
    assert_eq!(fixture.log.last().unwrap()["actor"]["type"], "operator", "S-78: it says who let it through");
    let none = brake::let_through(&fixture.config(), &fixture.operator(), &fixture.user(users[5])).unwrap_err();
    assert_eq!(none.error.status, 409);
}

#[test]
fn s_78_an_administrator_can_discard_what_was_held() {
    let (mut fixture, users) = holding();
    fixture.delete(users[2]).unwrap();
    let decided = brake::discard(&fixture.config(), &fixture.operator(), &fixture.user(users[2])).unwrap();
    fixture.commit(decided).unwrap();
    assert!(fixture.user(users[2]).is_active() && held(&fixture, users[2]).is_none());
    assert_eq!(fixture.log.last().unwrap()["action"], "brake.discard");
    assert!(brake::discard(&fixture.config(), &fixture.operator(), &fixture.user(users[2])).is_err());

    fixture.patch(users[3], disable()).unwrap();
    let user = fixture.user(users[3]);
    let edit = LocalEdit { active: Some(false), ..LocalEdit::default() };
    let disabled = fixture.edit(&user, &edit).unwrap();
    assert_eq!(disabled.state.held, None, "an administrator who disables the user has decided it");
    assert_eq!(fixture.counts[brake::HELD_COUNT], 0);
}

#[test]
fn guards_hold_before_the_brake_keeps_anything() {
    let (mut fixture, _) = braked("accept");
    fixture.adopt_policy(json!({
        "preset": "dsm", "roles": { "protected": ["ACCOUNTADMINISTRATOR"] },
        "brake": { "changes_per_hour": 0, "answer": "accept" },
    }));
    let boss = fixture.local("boss@acme.example", &["ACCOUNTADMINISTRATOR"]).unwrap();
    fixture.is_braked = true;
    assert_eq!(refusal(fixture.delete(boss.id())), (400, "roles.protected"));
    let record = fixture.records.iter().find(|record| record.kind == Kind::USER && record.id == boss.id()).unwrap();
    assert_eq!(User::read(ACCOUNT, record.clone()).unwrap().state.held, None);
}
