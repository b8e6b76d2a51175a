//! Names that go from one to another, and who lost access while nobody saw it.

use crate::world::{World, target::is_active};
use jiff::SignedDuration;
use provost_change::ResourceId;
use provost_engine::{Key, Method, Reset, Standing, Wish, provision_on_demand};
use serde_json::json;

/// One who is assigned, with this name.
fn hired(world: &mut World, name: &str) -> ResourceId {
    let now = world.now;
    let id = world.account.hire(now, name);
    world.account.assign(now, Key::user(id), None);
    id
}

fn next_cycle(world: &mut World) {
    world.wait(SignedDuration::from_mins(40));
    world.cycle().unwrap();
}

fn name_there(world: &World, user: ResourceId) -> Option<String> {
    let target = world.link_of(user)?.target?;
    world.target.users.get(&target)?.get("userName")?.as_str().map(str::to_owned)
}

/// Kills the engine behind the request that gives somebody access, which arrives.
fn dies_while_it_enables(world: &mut World, run: impl Fn(&mut World)) {
    for commands in 0..60 {
        world.dies_after = Some(commands);
        run(world);
        world.dies_after = None;
        if world.target.users.values().any(is_active) {
            return;
        }
    }
    panic!("nothing was enabled");
}

#[test]
fn a_name_that_one_gives_up_and_a_new_one_takes_arrives_in_one_cycle() {
    for seed in 0..8 {
        let mut world = World::new(seed);
        let first = hired(&mut world, "ada");
        world.cycle().unwrap();
        let now = world.now;
        world.account.set(now, first, "userName", json!("lovelace@contoso.example"));
        let second = hired(&mut world, "ada");
        next_cycle(&mut world);
        let names = [name_there(&world, first), name_there(&world, second)];
        assert_eq!(names.map(Option::unwrap), ["lovelace@contoso.example", "ada@contoso.example"]);
        assert_eq!(world.target.users.len(), 2);
    }
}

#[test]
fn who_has_the_name_of_a_leaver_is_not_given_what_was_the_leavers() {
    let mut world = World::new(1);
    let leaver = hired(&mut world, "ada");
    world.cycle().unwrap();
    let now = world.now;
    world.account.soft_delete(now, leaver);
    let namesake = hired(&mut world, "ada");
    next_cycle(&mut world);
    let link = world.link_of(namesake).unwrap();
    let escrow = link.escrow.unwrap();
    assert_eq!((link.target, escrow.code.as_str(), escrow.holder), (None, "DuplicateSourceEntries", Some(leaver)));
    let why = format!(
        "the target's resource t1, which has the same userName, belongs to another object of the account: ada@contoso.example ({leaver}), \
         which is not in use there any more; change the userName of one of them, or remove that resource at the target"
    );
    assert_eq!(escrow.detail, why);
    assert!(world.target.users.values().all(|resource| !is_active(resource)));

    // Not when its time has come, but in the cycle that removes what was in its way, at the end of which that is done.
    world.app.accidental_deletion_threshold = Some(5);
    next_cycle(&mut world);
    next_cycle(&mut world);
    let now = world.now;
    world.account.purge(now, leaver);
    next_cycle(&mut world);
    assert_eq!(name_there(&world, namesake).as_deref(), Some("ada@contoso.example"));
    assert_eq!(world.target.users.len(), 1);
}

#[test]
fn a_name_that_the_target_does_not_give_twice_is_refused_with_who_has_it() {
    let mut world = World::new(1);
    let leaver = hired(&mut world, "ada");
    let other = hired(&mut world, "bob");
    world.cycle().unwrap();
    let now = world.now;
    world.account.soft_delete(now, leaver);
    world.account.set(now, other, "userName", json!("ada@contoso.example"));
    next_cycle(&mut world);
    let escrow = world.link_of(other).unwrap().escrow.unwrap();
    assert_eq!((escrow.code.as_str(), escrow.holder), ("DuplicateSourceEntries", Some(leaver)));
    let now = world.now;
    world.account.purge(now, leaver);
    next_cycle(&mut world);
    assert_eq!(name_there(&world, other).as_deref(), Some("ada@contoso.example"));
}

#[test]
fn s_96_who_was_enabled_by_an_engine_that_was_killed_is_disabled_though_cycles_failed_between() {
    for forgets_links in [false, true] {
        let mut world = World::new(1);
        let user = hired(&mut world, "ada");
        world.cycle().unwrap();
        let now = world.now;
        world.account.unassign(now, Key::user(user));
        next_cycle(&mut world);
        assert_eq!(world.link_of(user).unwrap().standing, Standing::Left);
        let now = world.now;
        world.account.assign(now, Key::user(user), None);
        dies_while_it_enables(&mut world, |world| {
            world.cycle();
        });
        let now = world.now;
        world.account.soft_delete(now, user);
        world.target.always = Some(503);
        next_cycle(&mut world);
        world.target.always = None;
        if forgets_links {
            let now = world.now;
            world.records.job.restart(Reset { force_deletes: false, ..Reset::FULL }, now);
        }
        next_cycle(&mut world);
        assert!(world.target.users.values().all(|resource| !is_active(resource)), "{forgets_links}");
    }
}

#[test]
fn s_98_who_was_enabled_on_demand_by_an_engine_that_was_killed_is_disabled_again() {
    for is_known in [false, true] {
        let mut world = World::new(1);
        let user = hired(&mut world, "ada");
        if is_known {
            world.cycle().unwrap();
        } else {
            // Somebody made it by hand.
            let body =
                json!({"schemas": [provost_scim::urn::USER], "userName": "ada@contoso.example", "active": false});
            let request = provost_engine::Request::with(Method::Post, "/Users".to_owned(), &body);
            assert_eq!(world.target.answer(&request).status, 201);
        }
        let now = world.now;
        world.account.unassign(now, Key::user(user));
        next_cycle(&mut world);
        let now = world.now;
        world.account.assign(now, Key::user(user), None);
        dies_while_it_enables(&mut world, |world| {
            let (setting, job) = (world.setting(), world.records.job.clone());
            let demand = provision_on_demand(setting, job, Key::user(user), Vec::new(), world.now);
            world.drive(demand);
        });
        let now = world.now;
        world.account.unassign(now, Key::user(user));
        next_cycle(&mut world);
        assert!(world.target.users.values().all(|resource| !is_active(resource)), "{is_known}");
    }
}

#[test]
fn who_is_found_under_another_id_is_told_to_those_who_refer_to_it() {
    for seed in 0..8 {
        let mut world = World::new(seed);
        let manager = hired(&mut world, "boss");
        let users: Vec<ResourceId> = (0..6).map(|number| hired(&mut world, &format!("user{number}"))).collect();
        let now = world.now;
        for user in &users {
            world.account.set_manager(now, *user, manager);
        }
        world.cycle().unwrap();
        let gone = world.link_of(manager).unwrap().target.unwrap();
        world.target.users.remove(&gone);
        let now = world.now;
        world.records.job.restart(Reset::USUAL, now);
        next_cycle(&mut world);
        next_cycle(&mut world);
        let there = world.link_of(manager).unwrap().target.unwrap();
        assert_ne!(there, gone);
        for user in users {
            let id = world.link_of(user).unwrap().target.unwrap();
            let seen = world.target.users[&id].extension(crate::world::account::ENTERPRISE, "manager").unwrap();
            assert_eq!(seen.get("value"), Some(&json!(there)));
        }
        let report = world.cycle_with(Wish { retries_now: true }).unwrap();
        assert_eq!(report.tally.writes, 0);
    }
}
