//! Targets that give a role to whoever has none.

use crate::world::World;
use jiff::SignedDuration;
use provost_change::ResourceId;
use provost_engine::{Drift, Key, Reset};
use serde_json::{Value, json};

/// Somebody without a role at a target that gives `Member` then; roles are asserted.
fn with_a_default_role(is_terse: bool) -> (World, ResourceId) {
    let mut world = World::new(1);
    let row = json!({"target": "roles", "expression": "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])"});
    let target = json!({"name": "roles", "type": "string", "multi_valued": true});
    world.app.mappings.users.target.push(serde_json::from_value(target).unwrap());
    world.app.mappings.users.attributes.push(serde_json::from_value(row).unwrap());
    world.target.default_role = Some("Member".to_owned());
    world.target.is_terse = is_terse;
    let now = world.now;
    let user = world.account.hire(now, "ann");
    world.account.assign(now, Key::user(user), None);
    (world, user)
}

/// What a restart writes.
fn restarted(world: &mut World) -> u64 {
    world.wait(SignedDuration::from_mins(40));
    let now = world.now;
    world.records.job.restart(Reset::USUAL, now);
    world.cycle().unwrap().tally.writes
}

fn roles(world: &World) -> Vec<String> {
    let roles = world.target.users["t1"].get("roles").and_then(Value::as_array).unwrap();
    roles.iter().filter_map(|role| role["value"].as_str().map(str::to_owned)).collect()
}

#[test]
fn s_89_a_role_that_the_target_gives_to_whoever_has_none_is_not_taken_away_again_and_again() {
    for is_terse in [false, true] {
        let (mut world, _) = with_a_default_role(is_terse);
        world.cycle().unwrap();
        // A target that does not show what it made is told once more: who gave the role is not known before.
        assert_eq!(restarted(&mut world), u64::from(is_terse), "{is_terse}");
        for _ in 0..3 {
            assert_eq!(restarted(&mut world), 0, "{is_terse}");
        }
        for drift in [Drift::Repair, Drift::Alert, Drift::Adopt] {
            world.app.drift = drift;
            let actions = world.records.actions.len();
            world.wait(SignedDuration::from_mins(40));
            let report = world.cycle().unwrap();
            assert_eq!((report.tally.writes, world.records.actions.len()), (0, actions), "{drift:?}");
        }
        assert_eq!(roles(&world), ["Member"]);
    }
}

#[test]
fn a_role_that_somebody_gave_at_the_target_is_still_taken_away_where_none_is_asserted() {
    for is_terse in [false, true] {
        let (mut world, _) = with_a_default_role(is_terse);
        world.cycle().unwrap();
        restarted(&mut world);
        for _ in 0..2 {
            let both = json!([{"value": "Member"}, {"value": "Admin"}]);
            world.target.users.get_mut("t1").unwrap().set("roles", both);
            assert_eq!((restarted(&mut world), roles(&world)), (1, vec!["Member".to_owned()]), "{is_terse}");
            assert_eq!(restarted(&mut world), 0, "{is_terse}");
        }
    }
}

#[test]
fn who_had_a_role_and_has_none_is_written_once() {
    for (is_terse, role) in [(false, "Admin"), (true, "Admin"), (false, "Member")] {
        let (mut world, user) = with_a_default_role(is_terse);
        let now = world.now;
        let offered = world.account.offer_role(now, role);
        world.account.unassign(now, Key::user(user));
        world.account.assign(now, Key::user(user), Some(offered));
        world.cycle().unwrap();
        assert_eq!(roles(&world), [role]);
        world.account.roles.clear();
        let now = world.now;
        world.account.write(now, "app-role.delete", "app-role", offered, &[]);
        world.wait(SignedDuration::from_mins(40));
        world.cycle().unwrap();
        assert_eq!((restarted(&mut world), roles(&world)), (0, vec!["Member".to_owned()]), "{is_terse} {role}");
    }
}
