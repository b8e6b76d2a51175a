//! Disables that wait, and what somebody decided about them.

use crate::world::{World, target::is_active};
use jiff::SignedDuration;
use provost_change::ResourceId;
use provost_engine::{Job, JobState, Key, Reset, Standing, Wish, cycle};

/// Users who are at the target, and a threshold that lets nobody be disabled.
fn with_users(count: usize) -> (World, Vec<ResourceId>) {
    let mut world = World::new(1);
    world.app.accidental_deletion_threshold = Some(0);
    let now = world.now;
    let hired = |number: usize| {
        let id = world.account.hire(now, &format!("user{number}"));
        world.account.assign(now, Key::user(id), None);
        id
    };
    let users = (1..=count).map(hired).collect();
    world.cycle().unwrap();
    (world, users)
}

fn unassign(world: &mut World, users: &[ResourceId]) {
    let now = world.now;
    users.iter().for_each(|user| world.account.unassign(now, Key::user(*user)));
}

fn next_cycle(world: &mut World) {
    world.wait(SignedDuration::from_mins(40));
    world.cycle().unwrap();
}

fn in_use(world: &World) -> usize {
    world.target.users.values().filter(|resource| is_active(resource)).count()
}

#[test]
fn s_92_what_somebody_allows_is_what_the_log_says_to_be_held_and_not_what_comes_in_the_same_moment() {
    let (mut world, users) = with_users(4);
    unassign(&mut world, &users[..1]);
    next_cycle(&mut world);
    unassign(&mut world, &users[1..]);
    let now = world.now;
    world.records.job.allow_held(now);
    world.cycle().unwrap();
    assert_eq!(in_use(&world), 3, "the one that was held was disabled, and those were not that nobody had seen");
    let now = world.now;
    world.records.job.allow_held(now);
    next_cycle(&mut world);
    assert_eq!(in_use(&world), 0);
}

#[test]
fn s_92_what_somebody_rejects_is_what_the_log_says_to_be_held() {
    let (mut world, users) = with_users(2);
    unassign(&mut world, &users);
    let now = world.now;
    world.records.job.reject_held(now);
    world.cycle().unwrap();
    let standings = users.iter().map(|user| world.link_of(*user).unwrap().standing);
    assert!(standings.eq([Standing::Entitled; 2]));
    assert!(users.iter().all(|user| world.link_of(*user).unwrap().held.is_some()));
}

#[test]
fn s_92_what_somebody_decides_while_a_cycle_goes_on_is_done_by_the_next_one_at_once() {
    for (is_allowed, left) in [(true, 1), (false, 2)] {
        let (mut world, users) = with_users(2);
        unassign(&mut world, &users[..1]);
        next_cycle(&mut world);
        let counted = world.records.job.quarantine.clone().unwrap().series_count;

        let under_way = cycle(world.setting(), world.records.job.clone(), Wish::default(), world.now);
        world.wait(SignedDuration::from_secs(1));
        let now = world.now;
        let decide = if is_allowed { Job::allow_held } else { Job::reject_held };
        decide(&mut world.records.job, now);
        world.drive(under_way).unwrap();
        let job = &world.records.job;
        assert_eq!((job.due(world.now), job.state), (Some(world.now), JobState::Quarantine));
        assert_eq!(job.quarantine.as_ref().unwrap().series_count, counted, "it counted what was decided about since");

        world.cycle().unwrap();
        assert_eq!((in_use(&world), world.records.job.state), (left, JobState::Active));
        assert!(world.records.job.due(world.now) > Some(world.now));
    }
}

#[test]
fn what_is_gone_and_was_spared_is_nobodys_at_once_and_not_only_after_a_restart() {
    let (mut world, users) = with_users(1);
    let now = world.now;
    world.account.purge(now, users[0]);
    let namesake = world.account.hire(now, "user1");
    world.account.assign(now, Key::user(namesake), None);
    next_cycle(&mut world);
    assert_eq!(world.link_of(namesake).unwrap().escrow.unwrap().code, "DuplicateSourceEntries");
    let now = world.now;
    world.records.job.reject_held(now);
    next_cycle(&mut world);
    assert_eq!((world.link_of(users[0]), world.link_of(namesake).unwrap().target.as_deref()), (None, Some("t1")));
    world.wait(SignedDuration::from_mins(40));
    let now = world.now;
    world.records.job.restart(Reset::USUAL, now);
    assert_eq!(world.cycle().unwrap().tally.writes, 0);
}

#[test]
fn s_92_who_was_spared_stays_so_whatever_was_lost_or_killed_before() {
    let (mut world, users) = with_users(1);
    unassign(&mut world, &users);
    // An engine was killed: nothing is sure of anybody.
    world.records.job.is_under_way = true;
    next_cycle(&mut world);
    assert!(world.link_of(users[0]).unwrap().unsure);
    let now = world.now;
    world.records.job.reject_held(now);
    next_cycle(&mut world);
    for is_killed in [false, true] {
        let now = world.now;
        world.records.job.restart(Reset::USUAL, now);
        world.records.job.is_under_way = is_killed;
        next_cycle(&mut world);
        let link = world.link_of(users[0]).unwrap();
        assert_eq!((link.standing, link.held, in_use(&world)), (Standing::Spared, None, 1), "{is_killed}");
    }
}
