//! Groups that are members of groups.

use crate::world::World;
use jiff::SignedDuration;
use provost_change::ResourceId;
use provost_engine::{Key, Reset, Wish};

/// Two assigned groups at the target, the first of which contains the second.
fn one_in_another() -> (World, [ResourceId; 2]) {
    let mut world = World::new(1);
    let now = world.now;
    let groups = ["Outer", "Inner"].map(|name| {
        let group = world.account.found(now, name);
        world.account.assign(now, Key::group(group), None);
        group
    });
    world.account.join(now, groups[0], groups[1]);
    next_cycle(&mut world);
    next_cycle(&mut world);
    assert_eq!(members(&world, groups[0]), [there(&world, groups[1])]);
    (world, groups)
}

fn next_cycle(world: &mut World) {
    world.wait(SignedDuration::from_mins(40));
    world.cycle().unwrap();
}

fn there(world: &World, group: ResourceId) -> String {
    world.link(Key::group(group)).unwrap().link.target.clone().unwrap()
}

fn members(world: &World, group: ResourceId) -> Vec<String> {
    world.target.members.get(&there(world, group)).into_iter().flatten().cloned().collect()
}

#[test]
fn a_group_that_was_taken_out_of_another_is_out_though_all_links_were_dropped_meanwhile() {
    let (mut world, [outer, inner]) = one_in_another();
    let now = world.now;
    world.account.part(now, outer, inner);
    world.records.job.restart(Reset { force_deletes: false, ..Reset::FULL }, now);
    // The inner one is found late, when the outer one was compared already.
    let target = world.link(Key::group(inner)).unwrap().link.target.clone().unwrap();
    let resource = world.target.groups.remove(&target).unwrap();
    let kept = world.target.members.clone();
    world.app.mappings.groups.actions.create = false;
    next_cycle(&mut world);
    world.target.groups.insert(target, resource);
    world.target.members = kept;
    world.app.mappings.groups.actions.create = true;
    let now = world.now;
    world.account.rename_group(now, inner, "Inner, renamed");
    next_cycle(&mut world);
    next_cycle(&mut world);
    assert_eq!(members(&world, outer), Vec::<String>::new());
    let report = world.cycle_with(Wish { retries_now: true }).unwrap();
    assert_eq!((report.tally.requests, world.link(Key::group(outer)).unwrap().link.has_strangers), (0, false));
}

#[test]
fn a_group_that_nobody_takes_out_stays_whatever_the_order_in_which_they_are_found() {
    let (mut world, [outer, inner]) = one_in_another();
    let now = world.now;
    world.records.job.restart(Reset { force_deletes: false, ..Reset::FULL }, now);
    for _ in 0..3 {
        next_cycle(&mut world);
        assert_eq!(members(&world, outer), [there(&world, inner)]);
    }
}
