//! What a probe finds of targets that each have a way of their own.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use crate::{
    fake_target::{FakeTarget, Way},
    fixtures::{app, app_and, compiled, roles_target},
};
use expect_test::{Expect, expect};
use provost_engine::{
    Apply, Compatibility, Compiled, Dialect, Objects, Reply, Role,
    probe::{Consent, Report, Step, TargetProbe},
};
use serde_json::json;
use uuid::Uuid;

/// More requests than this is no probe but a load: the default mapping takes some eighty.
const REQUESTS_MAX: usize = 200;

fn consent(writes: bool) -> Consent {
    let role =
        Role { id: Some(Uuid::from_u128(7)), value: "Admin".to_owned(), display_name: Some("Admins".to_owned()) };
    Consent { writes, nonce: Uuid::from_u128(0xabc), role: Some(role) }
}

fn probed(compiled: Compiled, consent: Consent, target: &mut FakeTarget) -> Report {
    let mut probe = TargetProbe::new(compiled, consent);
    for _ in 0..REQUESTS_MAX {
        match probe.step() {
            Step::Ask(request) => {
                let reply = target.reply(&request);
                probe.replied(reply);
            }
            Step::Done(report) => return *report,
        }
    }
    panic!("the probe does not end");
}

/// Probes with consent to write and roles in the mapping.
fn report(ways: &[Way]) -> (Report, FakeTarget) {
    let app = app_and(
        json!({ "target": "roles", "expression": "AppRoleAssignmentsComplex([appRoleAssignments])" }),
        roles_target(),
    );
    let mut target = FakeTarget::new(ways);
    let report = probed(compiled(&app), consent(true), &mut target);
    (report, target)
}

/// The settings that are not Entra's.
fn otherwise(compatibility: Compatibility) -> Vec<String> {
    let of = |compatibility| match serde_json::to_value(compatibility) {
        Ok(serde_json::Value::Object(settings)) => settings,
        _ => panic!("settings are an object"),
    };
    let usual = of(Compatibility::default());
    let found = of(compatibility).into_iter().filter(|(name, value)| usual[name] != *value);
    found.map(|(name, value)| format!("{name}={}", value.as_str().unwrap())).collect()
}

#[test]
fn each_way_of_a_target_is_found_as_a_setting() {
    let table: &[(&[Way], &[&str])] = &[
        (&[], &[]),
        (&[Way::RefusesTextBooleans], &["booleans=plain"]),
        (&[Way::KeepsTextBooleans], &["booleans=plain"]),
        (&[Way::WantsManagerObject], &["manager=object"]),
        (&[Way::RefusesOtherSchemas], &["schemas=present"]),
        (&[Way::RefusesNullReferences], &["members=plain"]),
        (&[Way::RemovesAllMembers], &["members=plain"]),
        (&[Way::TakesOneMember], &["members=one"]),
        (&[Way::RefusesEntraFilters], &["filters=standard"]),
        (&[Way::FindsNothingByEntraFilters], &["filters=standard"]),
        (&[Way::KeepsPackedRoles], &["roles=plain"]),
        (&[Way::NeedsElements], &["elements=standard"]),
        (&[Way::TakesBulk], &["bulk=offered"]),
        (&[Way::SaysNothingOfBulk], &[]),
        (&[Way::TakesOr], &["searches=together"]),
        (
            &[Way::RefusesTextBooleans, Way::WantsManagerObject, Way::RemovesAllMembers, Way::NeedsElements],
            &["booleans=plain", "elements=standard", "manager=object", "members=plain"],
        ),
    ];
    for (ways, settings) in table {
        let (report, target) = report(ways);
        let mut found = otherwise(report.compatibility);
        found.sort();
        assert_eq!(found, *settings, "{ways:?}\n{report}");
        assert_eq!(report.obstacles, Vec::<String>::new(), "{ways:?}");
        assert_eq!(report.dialect, Dialect::Legacy, "{ways:?}");
        assert!(report.left_behind.is_empty() && target.is_empty(), "{ways:?}: what was made goes");
    }
}

#[test]
fn a_target_that_takes_only_lower_case_operations_needs_the_flag() {
    let (report, target) = report(&[Way::RefusesCapitals]);
    assert_eq!(report.dialect, Dialect::Compliant, "{report}");
    assert!(target.is_empty());
}

#[test]
fn what_no_setting_helps_with_is_an_obstacle() {
    #[track_caller]
    fn check(ways: &[Way], expected: Expect) {
        let (report, target) = report(ways);
        assert!(target.is_empty(), "{ways:?}: what was made goes");
        expected.assert_eq(&(report.obstacles.join("\n") + "\n"));
    }
    check(
        &[Way::IgnoresFilters],
        expect![[r#"
        /Users answers a search for nobody with 1 resources: filters are ignored, so people would be taken for others
        /Groups answers a search for nobody with 1 resources: filters are ignored, so people would be taken for others
    "#]],
    );
    check(
        &[Way::HasNoGroups],
        expect![[r#"
        the target has no groups that can be searched (404 (“no groups here”)); switch the mapping of groups off
    "#]],
    );
    check(
        &[Way::MakesNothing],
        expect![[r#"
        the target makes no user, neither with all attributes nor with a few
        the target makes no group; switch the mapping of groups off
    "#]],
    );
    check(
        &[Way::KeepsActive],
        expect![[r#"
        the target does not disable a user by a PATCH: 204, and it has True
    "#]],
    );
    check(
        &[Way::TakesNoPatch],
        expect![[r#"
        the target takes no PATCH request, so that nothing can be changed
    "#]],
    );
}

#[test]
fn without_consent_nothing_is_written_and_filters_are_still_tried() {
    let mut target = FakeTarget::new(&[Way::RefusesEntraFilters]);
    let report = probed(compiled(&app()), consent(false), &mut target);
    assert_eq!(target.writes, 0);
    assert_eq!(otherwise(report.compatibility), ["filters=standard"]);
    expect![[r#"
        PATCH: yes
        groups: yes
        most resources found: 200
        bulk: 1000 operations, 1048576 bytes
        schemas: none named
        filters: standard
          entra: 400 (“no such filter”)
          standard: 200, and found 0 of 0
    "#]]
    .assert_eq(&report.to_string());
}

/// A mapping with one row of each kind that a probe treats in its own way: what is lost is tried at every request.
fn small() -> Compiled {
    let mut app = app();
    let is_tried =
        |name: &str| name == "userName" || name == "active" || name.contains("manager") || name.contains("fax");
    app.mappings.users.attributes.retain(|row| is_tried(&row.target));
    compiled(&app)
}

#[test]
fn what_is_made_goes_again_whatever_fails() {
    let whole = {
        let mut target = FakeTarget::new(&[]);
        probed(small(), consent(true), &mut target);
        target.requests
    };
    for lost in 0..whole {
        let mut target = FakeTarget::new(&[]);
        target.loses = Some(lost);
        let report = probed(small(), consent(true), &mut target);
        assert!(target.is_empty(), "the answer to request {lost} is lost: {} stay\n{report}", target.len());
    }
    let mut target = FakeTarget::new(&[Way::RefusesDeletes]);
    let report = probed(small(), consent(true), &mut target);
    assert_eq!(report.left_behind.len(), target.len());
}

#[test]
fn a_target_that_falls_silent_is_left_alone_soon() {
    let mut probe = TargetProbe::new(compiled(&app()), consent(true));
    let mut asked = 0;
    while let Step::Ask(_) = probe.step() {
        probe.replied(Reply::TimedOut);
        asked += 1;
        assert!(asked <= 3, "nobody asks on and on");
    }
}

#[test]
fn a_mapping_is_fitted_to_what_the_target_keeps() {
    let (report, _) = report(&[Way::DropsTitles, Way::FreezesNames]);
    let fitted = report.fitted(Objects::Users, &app().mappings.users);
    assert!(fitted.attributes.iter().all(|row| row.target != "title"), "{report}");
    let applies = |target: &str| fitted.attributes.iter().find(|row| row.target == target).map(|row| row.apply);
    assert_eq!(applies("name.givenName"), Some(Apply::OnCreate), "{report}");
    assert_eq!(applies("displayName"), Some(Apply::Always), "{report}");
    expect![[r#"
        PATCH: yes
        groups: yes
        most resources found: 200
        bulk: 1000 operations, 1048576 bytes
        schemas: none named
        schemas: entra
          entra: 201, and it was made
        filters: entra
          entra: 200, and found 1 of 1
        searches: one
          together: 200, and did not find just the one who is there
          one: nothing was asked
        dialect: without a flag
          without a flag, displayName: 204, and it has provost-probe-person-2-00000000000000000000000000000abc
        booleans: text
          text: 204, and active is false
        elements: entra
          entra: 204, and it has +1 555 0100
        manager: text
          text: 204, and it has 2
        roles: text
          text: 204, and it has Admin
        bulk: never
          offered: 501 (“no bulk here”)
          never: nothing was asked
        schemas, of groups: entra
          entra: 201
        members: batched
          batched: two were added and one removed
        users, title: not kept; after POST it has nothing; PATCH: 204, and it has nothing
        users, name.givenName: kept on creation only; after POST it has Probe; PATCH: 400 (“names do not change”)
        users, name.familyName: kept on creation only; after POST it has Probe; PATCH: 400 (“names do not change”)
        users, name.formatted: kept on creation only; after POST it has Probe; PATCH: 400 (“names do not change”)
    "#]]
    .assert_eq(&report.to_string());
}
