//! Alerts: what is due at which time, raised once and cleared when over.

use crate::fixture::{ACCOUNT, Fixture, replace};
use jiff::{SignedDuration, Timestamp};
use provost_accounts::{
    admin_app::{self, AppEdit},
    alerts::{self, Alert, Cause, Facts, Tally},
    api_key::NewKey,
    mail,
};
use provost_change::{Logged, Record, ResourceId};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn account(policy: Value) -> Fixture {
    let mut document = json!({ "preset": "standard" });
    document.as_object_mut().unwrap().extend(policy.as_object().unwrap().clone());
    Fixture::new(document)
}

fn raised(fixture: &Fixture) -> Vec<(Record, Alert)> {
    let records = fixture.records.iter().filter(|record| record.kind == alerts::kind());
    records.map(|record| (record.clone(), alerts::read(ACCOUNT, record).unwrap())).collect()
}

/// Looks once; answers with what was raised and cleared.
fn look(
    fixture: &mut Fixture,
    contacts: &[(ResourceId, Timestamp)],
    tallies: Option<&BTreeMap<ResourceId, Tally>>,
) -> String {
    let contacts = contacts.iter().copied().collect();
    let counts = fixture.counts.clone();
    let facts = Facts { now: fixture.now, counts: &counts, contacts: &contacts, tallies };
    let mut call = fixture.operator();
    call.actor = provost_accounts::Actor::System;
    let Some(decided) = alerts::settle(&fixture.config(), &call, &facts, &raised(fixture)) else {
        return "nothing".to_owned();
    };
    let settled = fixture.commit(decided).unwrap();
    let list = |sign: &str, names: &[&str]| names.iter().map(|name| format!("{sign}{name}")).collect::<Vec<_>>();
    [list("+", &settled.raised), list("-", &settled.cleared)].concat().join(" ")
}

fn mails(fixture: &Fixture) -> usize {
    fixture.records.iter().filter(|record| record.kind == mail::kind()).count()
}

#[test]
fn s_77_no_contact_is_alerted_to_once_and_cleared_by_the_next_call() {
    let mut fixture = account(json!({ "alerts": { "no_contact_hours": 2 } }));
    let at = |minutes: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes);
    let app = fixture.app;
    fixture.now = at(10_000);
    assert_eq!(look(&mut fixture, &[], None), "nothing", "who never asked is not missed");
    let contacts = [(app, at(10_000))];
    for (minutes, expected) in [(10_119, "nothing"), (10_120, "+no_contact"), (10_121, "nothing"), (20_000, "nothing")]
    {
        fixture.now = at(minutes);
        assert_eq!(look(&mut fixture, &contacts, None), expected, "{minutes}");
    }
    assert_eq!((mails(&fixture), fixture.counts[alerts::COUNT]), (1, 1), "one mail");
    let entry = fixture.log.last().unwrap();
    assert_eq!((&entry["action"], &entry["target"]["id"]), (&json!("alert.raise"), &json!(app)));
    assert_eq!(look(&mut fixture, &[(app, at(19_999))], None), "-no_contact");
    assert_eq!((raised(&fixture).len(), fixture.counts[alerts::COUNT]), (0, 0));

    let (config, call) = (fixture.config(), fixture.operator());
    let revoked = admin_app::revoke(&config, &call, app).unwrap();
    fixture.commit(revoked).unwrap();
    assert_eq!(look(&mut fixture, &contacts, None), "nothing", "an app without a key cannot ask");
}

#[test]
fn s_77_failures_and_leavers_are_alerted_to_by_their_share_and_number() {
    let policy = json!({ "alerts": { "failure_percent": 50, "leavers_per_hour": 5, "mail": "none" } });
    let mut fixture = account(policy);
    let app = fixture.app;
    for (done, failed, left, expected) in [
        (0, 19, 0, "nothing"),
        (11, 9, 4, "nothing"),
        (10, 10, 4, "+failure_rate"),
        (10, 10, 5, "+leavers"),
        (10, 10, 6, "nothing"),
        (90, 10, 0, "-failure_rate -leavers"),
    ] {
        let tallies = BTreeMap::from([(app, Tally { done, failed, left })]);
        assert_eq!(look(&mut fixture, &[], Some(&tallies)), expected, "{done} {failed} {left}");
        assert_eq!(look(&mut fixture, &[], None), "nothing", "where nobody looked nothing is over");
    }
    assert_eq!(mails(&fixture), 0, "nobody wants mail");
}

#[test]
fn s_77_a_tally_counts_what_admin_apps_wrote_within_the_hour() {
    let mut fixture = account(json!({}));
    let user = fixture.post(json!({ "userName": "ann@a.com" })).unwrap().id();
    fixture.patch(user, replace("active", json!(false))).unwrap();
    fixture.local("hand@a.com", &[]).unwrap();
    let refused = fixture.post(json!({ "userName": "" })).unwrap_err();
    let call = fixture.entra();
    fixture.settle(provost_accounts::audit::refusal(&call, "user.create", None, &refused));
    let entry = |seq: usize, public: &Value| Logged {
        seq: seq as u64,
        at: Timestamp::UNIX_EPOCH,
        subject: None,
        public: public.to_string(),
        personal: None,
        personal_digest: None,
        hash: Default::default(),
    };
    let entries: Vec<Logged> = fixture.log.iter().enumerate().map(|(seq, public)| entry(seq, public)).collect();
    let tally = |now: Timestamp| alerts::tally(&entries, now).get(&fixture.app).copied();
    assert_eq!(tally(fixture.now), Some(Tally { done: 2, failed: 1, left: 1 }));
    assert_eq!(tally(fixture.now + SignedDuration::from_hours(1)), None);
}

#[test]
fn s_59_a_key_that_expires_is_told_of_30_7_and_1_days_before_and_when_it_has() {
    let mut fixture = account(json!({}));
    let at = |hours: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours);
    let rotate = |fixture: &mut Fixture, days: i64, number: u8| {
        let key = NewKey::make(ACCOUNT, [number; 8], [8; 32]);
        let expires = fixture.now + SignedDuration::from_hours(24 * days);
        let (config, call) = (fixture.config(), fixture.operator());
        let overlap = SignedDuration::from_hours(1_000);
        let rotated = admin_app::rotate(&config, &call, fixture.app, overlap, Some(expires), &key).unwrap();
        fixture.commit(rotated).unwrap();
    };
    rotate(&mut fixture, 40, 1);
    for (hours_left, expected) in [
        (40 * 24, "nothing"),
        (30 * 24 + 1, "nothing"),
        (30 * 24, "+key_expires"),
        (20 * 24, "nothing"),
        (7 * 24, "+key_expires -key_expires"),
        (24, "+key_expires -key_expires"),
        (1, "nothing"),
        (0, "+key_expires -key_expires"),
        (-100, "nothing"),
    ] {
        fixture.now = at(40 * 24 - hours_left);
        assert_eq!(look(&mut fixture, &[], None), expected, "{hours_left} hours left");
    }
    assert_eq!(mails(&fixture), 4, "a mail each");
    rotate(&mut fixture, 365, 2);
    assert_eq!(look(&mut fixture, &[], None), "-key_expires", "rotating ends it, although the old key is there");
    rotate(&mut fixture, 5, 3);
    assert_eq!(look(&mut fixture, &[], None), "nothing", "a key for five days is not told of at once");
}

#[test]
fn s_78_a_brake_that_holds_and_what_it_keeps_back_are_alerted_to() {
    let mut fixture = account(json!({ "brake": { "changes_per_hour": 1, "answer": "accept" } }));
    let [ann, bob] = ["ann@a.com", "bob@a.com"].map(|name| fixture.post(json!({ "userName": name })).unwrap().id());
    fixture.delete(ann).unwrap();
    assert_eq!(look(&mut fixture, &[], None), "+brake");
    fixture.is_braked = true;
    fixture.delete(bob).unwrap();
    assert_eq!(look(&mut fixture, &[], None), "+held");
    fixture.now += SignedDuration::from_hours(2);
    assert_eq!(look(&mut fixture, &[], None), "-brake", "the hour is over, the change waits on");
    fixture.is_braked = false;
    fixture.patch(bob, replace("active", json!(true))).unwrap();
    assert_eq!(look(&mut fixture, &[], None), "-held");
}

#[test]
fn a_honey_key_that_is_used_alerts_until_somebody_has_seen_it() {
    let mut fixture = account(json!({}));
    let bait = fixture.add_app("Backup of Entra");
    let edit = AppEdit { honey: Some(true), ..AppEdit::default() };
    let changed = admin_app::update(&fixture.config(), &fixture.operator(), bait, edit).unwrap();
    fixture.commit(changed).unwrap();
    let (config, call) = (fixture.config(), fixture.entra());
    let app = config.app(bait).unwrap();
    fixture.settle(alerts::honey(&config, &call, app));
    let found = raised(&fixture);
    assert_eq!(found[0].1.cause, Cause::Honey { app: bait });
    assert!(found[0].1.detail.contains("192.0.2.1"), "{}", found[0].1.detail);
    assert_eq!(look(&mut fixture, &[], None), "nothing", "it does not end by itself");
    assert_eq!(mails(&fixture), 1);

    let dismissed = alerts::dismiss(&fixture.config(), &fixture.operator(), (&found[0].0, &found[0].1)).unwrap();
    fixture.commit(dismissed).unwrap();
    assert!(raised(&fixture).is_empty());
    let other = Alert { cause: Cause::Held, since: fixture.now, detail: String::new() };
    let refused = alerts::dismiss(&fixture.config(), &fixture.operator(), (&found[0].0, &other)).unwrap_err();
    assert_eq!(refused.error.status, 409, "what ends by itself is not dismissed");
}

#[test]
fn the_names_of_causes_are_all_there() {
    let id = Fixture::dsm().app;
    let all = [
        Cause::NoContact { app: id },
        Cause::FailureRate { app: id },
        Cause::Leavers { app: id },
        Cause::Brake { app: id },
        Cause::Held,
        Cause::Honey { app: id },
        Cause::KeyExpires { app: id, key: "k".to_owned(), days: 7 },
    ];
    assert_eq!(all.clone().map(|cause| cause.name()), Cause::NAMES);
    for cause in all {
        assert_eq!(serde_json::to_value(&cause).unwrap()["cause"], cause.name(), "as it is stored and shown");
        assert!(!cause.title().is_empty());
    }
}
