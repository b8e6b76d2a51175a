//! What somebody else changes at the target, and how long it takes until who lost access has none there.

use crate::world::{World, target::is_active};
use jiff::SignedDuration;
use provost_change::ResourceId;
use provost_engine::{CycleReport, Drift, Key, Reset};
use serde_json::json;
use std::collections::BTreeSet;

/// Three assigned users, two of whom are members of an assigned group.
fn with_a_group(drift: Drift) -> (World, [ResourceId; 3], ResourceId) {
    let mut world = World::new(1);
    world.app.drift = drift;
    let now = world.now;
    let users = ["ann", "bob", "eve"].map(|name| {
        let id = world.account.hire(now, name);
        world.account.assign(now, Key::user(id), None);
        id
    });
    let group = world.account.found(now, "Audit");
    world.account.assign(now, Key::group(group), None);
    world.account.join(now, group, users[0]);
    world.account.join(now, group, users[1]);
    world.cycle().unwrap();
    next_cycle(&mut world);
    (world, users, group)
}

fn next_cycle(world: &mut World) -> CycleReport {
    world.wait(SignedDuration::from_mins(40));
    world.cycle().unwrap()
}

/// Which of the users are members of the group at the target.
fn members(world: &World, users: [ResourceId; 3], group: ResourceId) -> [bool; 3] {
    let there = world.link(Key::group(group)).unwrap().link.target.clone().unwrap();
    users.map(|user| world.target.members[&there].contains(&world.link_of(user).unwrap().target.unwrap()))
}

#[test]
fn s_104_drift_of_members_is_ignored_logged_repaired_or_adopted() {
    let source = [true, true, false];
    let drifted = [true, false, true];
    let left = "members were changed at the target: 1 came, and 1 went";
    let adopted = "members were changed at the target, and are left so: 1 came, and 1 went";
    for (drift, expected, said) in [
        (Drift::Ignore, drifted, None),
        (Drift::Alert, drifted, Some(left)),
        (Drift::Repair, source, None),
        (Drift::Adopt, drifted, Some(adopted)),
    ] {
        let (mut world, users, group) = with_a_group(drift);
        let there = world.link(Key::group(group)).unwrap().link.target.clone().unwrap();
        let target = |user: ResourceId| world.link_of(user).unwrap().target.unwrap();
        let (bob, eve) = (target(users[1]), target(users[2]));
        let known = world.target.members.get_mut(&there).unwrap();
        known.remove(&bob);
        known.insert(eve);
        let actions = world.records.actions.len();
        for _ in 0..3 {
            next_cycle(&mut world);
        }
        let errors: Vec<String> = world
            .records
            .actions
            .values()
            .take(world.records.actions.len() - actions)
            .filter_map(|action| Some(action.error.as_ref()?.reason.clone()))
            .collect();
        assert_eq!(members(&world, users, group), expected, "{drift:?}");
        assert_eq!(errors, said.map(str::to_owned).into_iter().collect::<Vec<_>>(), "{drift:?}: it is said once");

        // Whom the source changes is as the source says; a restart compares all.
        let now = world.now;
        world.account.part(now, group, users[0]);
        next_cycle(&mut world);
        assert!(!members(&world, users, group)[0], "{drift:?}");
        let now = world.now;
        world.records.job.restart(Reset::USUAL, now);
        next_cycle(&mut world);
        assert_eq!(members(&world, users, group), [false, true, false], "{drift:?}");
    }
}

#[test]
fn what_changed_at_the_source_before_a_restart_is_no_drift() {
    for drift in [Drift::Alert, Drift::Adopt] {
        let (mut world, users, group) = with_a_group(drift);
        let now = world.now;
        world.account.join(now, group, users[2]);
        world.account.part(now, group, users[0]);
        world.records.job.restart(Reset::USUAL, now);
        next_cycle(&mut world);
        assert_eq!(members(&world, users, group), [false, true, true], "{drift:?}");
    }
}

#[test]
fn s_104_who_is_removed_at_the_target_is_made_again_when_drift_is_looked_for() {
    let (mut world, users, group) = with_a_group(Drift::Repair);
    let there = world.link_of(users[0]).unwrap().target.unwrap();
    world.target.users.remove(&there);
    for members in world.target.members.values_mut() {
        members.remove(&there);
    }
    next_cycle(&mut world);
    next_cycle(&mut world);
    assert_eq!(members(&world, users, group), [true, true, false]);
    assert!(world.target.users.values().all(is_active));
}

/// Somebody loses access.
type Loses = fn(&mut World, ResourceId, ResourceId);

#[test]
fn time_to_deprovision_is_measured_however_access_is_lost() {
    let ways: [(&str, Loses); 5] = [
        ("out of the assigned group", |world, user, group| world.account.part(world.now, group, user)),
        ("out of scope with the group", |world, _, group| world.account.unassign(world.now, Key::group(group))),
        ("blocked", |world, user, _| world.account.set(world.now, user, "active", json!(false))),
        ("in the bin", |world, user, _| world.account.soft_delete(world.now, user)),
        ("purged", |world, user, _| world.account.purge(world.now, user)),
    ];
    for (name, loses) in ways {
        let (mut world, users, group) = with_a_group(Drift::Ignore);
        let now = world.now;
        world.account.unassign(now, Key::user(users[0]));
        next_cycle(&mut world);
        assert_eq!(world.records.job.deprovisioning.count, 0, "{name}: the group entitles, too");
        loses(&mut world, users[0], group);
        world.wait(SignedDuration::from_mins(25));
        world.cycle().unwrap();
        let measured = world.records.job.deprovisioning;
        assert_eq!(measured.count, 1, "{name}");
        let minutes = measured.last_ms / 60_000;
        assert_eq!(
            (minutes, measured.longest_ms, measured.total_ms),
            (25, measured.last_ms, measured.last_ms),
            "{name}"
        );
        next_cycle(&mut world);
        assert_eq!(world.records.job.deprovisioning, measured, "{name}: once");
    }
}

#[test]
fn time_to_deprovision_counts_the_time_that_somebody_takes_to_allow_it() {
    let (mut world, users, _) = with_a_group(Drift::Ignore);
    world.app.accidental_deletion_threshold = Some(0);
    let now = world.now;
    world.account.unassign(now, Key::user(users[2]));
    next_cycle(&mut world);
    world.wait(SignedDuration::from_hours(5));
    let now = world.now;
    world.records.job.allow_held(now);
    world.cycle().unwrap();
    let measured = world.records.job.deprovisioning;
    assert_eq!((measured.count, measured.last_ms / 60_000), (1, 5 * 60 + 40));
    let disabled: BTreeSet<bool> = world.target.users.values().map(is_active).collect();
    assert_eq!(disabled.len(), 2);
}
