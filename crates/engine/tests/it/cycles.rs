//! What cycles do, requirement by requirement.

use crate::world::{
    World,
    target::{is_active, operations_of},
};
use jiff::SignedDuration;
use provost_change::ResourceId;
use provost_engine::{
    Action, ActionKind, Clause, CycleEnd, Drift, FilterGroup, FilterOperator, JobState, Key, Method, Notice,
    QuarantineReason, Reset, ScopeMode, Status, StepKind, Wish,
};
use serde_json::{Value, json};

/// Users `user1` and so on, assigned.
fn with_users(world: &mut World, count: usize) -> Vec<ResourceId> {
    let now = world.now;
    (1..=count)
        .map(|number| {
            let id = world.account.hire(now, &format!("user{number}"));
            world.account.assign(now, Key::user(id), None);
            id
        })
        .collect()
}

fn next_cycle(world: &mut World) -> provost_engine::CycleReport {
    world.wait(SignedDuration::from_mins(40));
    world.cycle().unwrap()
}

fn active(world: &World, user: ResourceId) -> Option<bool> {
    let found = world.target.by_external_id(true, &user.to_string());
    found.first().map(|id| is_active(&world.target.users[*id]))
}

fn last(world: &World) -> &Action {
    world.records.actions.values().next().unwrap()
}

fn writes(world: &World, mark: usize) -> Vec<String> {
    let shown = |request: &&provost_engine::Request| format!("{:?} {}", request.method, request.path);
    world.writes_since(mark).iter().map(shown).collect()
}

#[test]
fn f_4_1_3_f_4_1_4_only_assigned_users_are_created() {
    let mut world = World::new(1);
    let assigned = with_users(&mut world, 5);
    for number in 0..5 {
        let now = world.now;
        world.account.hire(now, &format!("other{number}"));
    }
    let report = world.cycle().unwrap();
    assert_eq!((world.target.users.len(), report.tally.created), (5, 5));
    assert!(assigned.iter().all(|user| active(&world, *user) == Some(true)));
}

#[test]
fn f_4_1_17_f_5_1_3_who_is_there_already_is_linked_and_not_created() {
    let mut world = World::new(1);
    let users = with_users(&mut world, 3);
    let body = json!({"schemas": [provost_scim::urn::USER], "userName": "USER2@contoso.example", "active": true});
    let there = world.target.answer(&provost_engine::Request::with(Method::Post, "/Users".to_owned(), &body));
    assert_eq!(there.status, 201);
    let report = world.cycle().unwrap();
    let posts = world.sent.iter().filter(|(_, request, _)| request.method == Method::Post).count();
    assert_eq!((posts, report.tally.linked, world.target.users.len()), (2, 1, 3));
    assert_eq!(world.target.by_external_id(true, &users[1].to_string()), ["t1"]);
}

#[test]
fn s_89_an_unchanged_source_sends_no_write() {
    let mut world = World::new(1);
    with_users(&mut world, 10);
    world.cycle().unwrap();
    let mark = world.sent.len();
    let report = next_cycle(&mut world);
    assert_eq!((report.end, report.tally.requests, world.sent.len()), (CycleEnd::Succeeded, 0, mark));
}

#[test]
fn s_87_a_restart_looks_at_everybody_and_keeps_the_links() {
    let mut world = World::new(1);
    with_users(&mut world, 100);
    world.cycle().unwrap();
    let links = world.records.links.clone();
    let now = world.now;
    world.records.job.restart(Reset::USUAL, now);
    let mark = world.sent.len();
    let report = next_cycle(&mut world);
    assert_eq!((report.tally.imported, report.tally.created, report.is_initial), (100, 0, true));
    assert_eq!((writes(&world, mark), world.records.links == links), (Vec::new(), true));
}

#[test]
fn s_88_a_linked_user_who_is_renamed_is_changed_and_not_made_again() {
    let mut world = World::new(1);
    let user = with_users(&mut world, 1)[0];
    world.cycle().unwrap();
    let now = world.now;
    world.account.set(now, user, "userName", json!("married@contoso.example"));
    let mark = world.sent.len();
    next_cycle(&mut world);
    assert_eq!(writes(&world, mark), ["Patch /Users/t1"]);
    assert_eq!(world.target.users["t1"].get("userName"), Some(&json!("married@contoso.example")));
}

#[test]
fn what_is_answered_under_the_id_of_another_is_not_linked_and_found_once_the_target_tells_the_truth() {
    let mut world = World::new(1);
    let first = with_users(&mut world, 1)[0];
    world.cycle().unwrap();
    let now = world.now;
    let second = world.account.hire(now, "second");
    world.account.assign(now, Key::user(second), None);
    world.faults.confuses = true;
    let mark = world.sent.len();
    let report = next_cycle(&mut world);
    let failed = last(&world);
    let error = failed.error.as_ref().unwrap();
    assert_eq!(
        (report.tally.failed, failed.status, error.code.as_str()),
        (1, Status::Failure, "DuplicateSourceEntries")
    );
    assert_eq!(error.reason, "the target gave the new resource the id t1, which another one has");
    let steps: Vec<&str> = failed.steps.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(steps.last(), Some(&"EntrySynchronizationError"), "{steps:?}");
    assert!(failed.modified.is_empty(), "nothing is known to have changed at it");
    assert_eq!(writes(&world, mark), ["Post /Users"], "it is made once");
    assert_eq!(world.link_of(first).unwrap().target.as_deref(), Some("t1"));
    assert_eq!(world.link_of(second).unwrap().target, None);

    world.faults.confuses = false;
    world.wait(SignedDuration::from_hours(24));
    next_cycle(&mut world);
    assert_eq!(world.link_of(second).unwrap().target.as_deref(), Some("t2"));
    assert_eq!(world.target.users.len(), 2);
}

#[test]
fn s_90_one_who_is_refused_stops_nobody_and_is_tried_with_growing_distance() {
    let mut world = World::new(1);
    with_users(&mut world, 100);
    world.target.refuses.insert("user7@contoso.example".to_owned());
    world.cycle().unwrap();
    assert_eq!(world.target.users.len(), 99);
    for _ in 0..40 {
        next_cycle(&mut world);
    }
    let tries: Vec<_> = world
        .records
        .actions
        .values()
        .rev()
        .filter(|action| action.status == Status::Failure)
        .map(|one| one.at)
        .collect();
    let hours: Vec<i64> = tries.windows(2).map(|pair| pair[1].duration_since(pair[0]).as_hours()).collect();
    assert_eq!(hours, [0, 6, 12], "tried again in the next cycle, then after 6, 12 and 24 hours");
}

#[test]
fn s_91_a_wrong_token_leads_to_quarantine_and_after_28_days_to_nothing() {
    let mut world = World::new(1);
    with_users(&mut world, 2);
    world.target.always = Some(401);
    let mut days = 0;
    while world.records.job.state != JobState::Disabled {
        world.cycle().unwrap();
        let next = world.records.job.next_cycle.unwrap();
        days = next.duration_since(crate::world::START).as_hours() / 24;
        world.now = world.now.max(next);
        assert!(days < 40, "it never ends: {:?}", world.records.job);
    }
    assert!((28..=30).contains(&days), "{days}");
    let reason = QuarantineReason::EncounteredQuarantineException;
    let [first, end] = world.records.notices.as_slice() else { panic!("{:?}", world.records.notices) };
    assert!(matches!(first, Notice::Quarantined(said, _) if *said == reason) && matches!(end, Notice::Disabled(_)));
    assert!(world.sent.len() < 70, "{} requests in 28 days", world.sent.len());
}

#[test]
fn f_7_0_1_a_target_that_cannot_be_used_is_in_the_log_once_for_each_cycle() {
    let mut world = World::new(1);
    with_users(&mut world, 2);
    world.target.always = Some(401);
    for cycles in 1..=2 {
        next_cycle(&mut world);
        assert_eq!(world.records.actions.len(), cycles);
    }
    let Action { action, status, error, source, .. } = last(&world);
    assert_eq!((action, status, &source.id), (&ActionKind::Other, &Status::Failure, &None));
    let error = error.as_ref().unwrap();
    assert!(error.code == "Unauthorized" && error.reason.contains("401"), "{error:?}");
}

#[test]
fn s_91_quarantine_ends_by_itself_once_the_token_is_right() {
    let mut world = World::new(1);
    with_users(&mut world, 2);
    world.target.always = Some(401);
    world.cycle().unwrap();
    assert_eq!(world.records.job.state, JobState::Quarantine);
    world.target.always = None;
    world.now = world.records.job.next_cycle.unwrap();
    world.cycle().unwrap();
    assert_eq!((world.records.job.state, world.target.users.len()), (JobState::Active, 2));
}

#[test]
fn s_92_more_deletions_than_the_threshold_wait_until_somebody_allows_them() {
    let mut world = World::new(1);
    let users = with_users(&mut world, 8);
    world.app.accidental_deletion_threshold = Some(3);
    world.cycle().unwrap();
    for user in &users[..5] {
        let now = world.now;
        world.account.unassign(now, Key::user(*user));
    }
    let mark = world.sent.len();
    let report = next_cycle(&mut world);
    let staged = world.records.of_cycle(report.id).iter().filter(|one| one.action == ActionKind::StagedDelete).count();
    assert_eq!((writes(&world, mark).len(), staged, report.tally.held), (0, 5, 5));
    assert_eq!(world.records.job.quarantine.as_ref().unwrap().reason, QuarantineReason::TooManyDeletes);
    let now = world.now;
    world.records.job.allow_held(now);
    let report = next_cycle(&mut world);
    assert_eq!((report.tally.disabled, world.records.job.state), (5, JobState::Active));
    assert!(users[..5].iter().all(|user| active(&world, *user) == Some(false)));
}

#[test]
fn s_92_rejected_deletions_leave_the_target_alone() {
    let mut world = World::new(1);
    let users = with_users(&mut world, 3);
    world.app.accidental_deletion_threshold = Some(0);
    world.cycle().unwrap();
    let now = world.now;
    world.account.unassign(now, Key::user(users[0]));
    next_cycle(&mut world);
    let now = world.now;
    world.records.job.reject_held(now);
    let mark = world.sent.len();
    next_cycle(&mut world);
    let now = world.now;
    world.records.job.restart(Reset::USUAL, now);
    next_cycle(&mut world);
    assert_eq!((writes(&world, mark), active(&world, users[0])), (Vec::new(), Some(true)));
    let now = world.now;
    world.account.assign(now, Key::user(users[0]), None);
    next_cycle(&mut world);
    world.app.accidental_deletion_threshold = None;
    let now = world.now;
    world.account.unassign(now, Key::user(users[0]));
    next_cycle(&mut world);
    assert_eq!(active(&world, users[0]), Some(false), "entitled again it is managed again");
}

#[test]
fn s_93_with_the_switch_on_who_leaves_the_scope_is_left_alone() {
    let mut world = World::new(1);
    let users = with_users(&mut world, 1);
    world.app.skip_out_of_scope_deletions = true;
    world.cycle().unwrap();
    let now = world.now;
    world.account.unassign(now, Key::user(users[0]));
    let mark = world.sent.len();
    next_cycle(&mut world);
    let action = last(&world);
    assert_eq!((world.sent.len(), action.status, active(&world, users[0])), (mark, Status::Skipped, Some(true)));
    assert_eq!(action.error.as_ref().unwrap().code, "SkipOutOfScopeDeletions");
}

#[test]
fn s_94_a_scoping_filter_decides_who_is_provisioned() {
    let mut world = World::new(1);
    world.app.scope = ScopeMode::All;
    let clause =
        Clause { source: "jobTitle".to_owned(), operator: FilterOperator::Equals, value: Some("Sales".to_owned()) };
    world.app.mappings.users.filters = vec![FilterGroup { name: "Sales".to_owned(), clauses: vec![clause] }];
    let now = world.now;
    let (ann, ben) = (world.account.hire(now, "ann"), world.account.hire(now, "ben"));
    world.account.set(now, ann, "title", json!("Sales"));
    world.account.set(now, ben, "title", json!("Research"));
    world.cycle().unwrap();
    assert_eq!((active(&world, ann), active(&world, ben)), (Some(true), None));
    let now = world.now;
    world.account.set(now, ann, "title", json!("Research"));
    next_cycle(&mut world);
    assert_eq!(active(&world, ann), Some(false));
}

#[test]
fn s_95_each_target_action_can_be_switched_off() {
    let mut world = World::new(1);
    let users = with_users(&mut world, 1);
    world.cycle().unwrap();
    world.app.mappings.users.actions.delete = false;
    world.app.mappings.users.actions.update = false;
    let now = world.now;
    world.account.set(now, users[0], "displayName", json!("Ann"));
    let mark = world.sent.len();
    next_cycle(&mut world);
    let now = world.now;
    world.account.purge(now, users[0]);
    next_cycle(&mut world);
    world.app.mappings.users.actions.create = false;
    let now = world.now;
    let other = world.account.hire(now, "other");
    world.account.assign(now, Key::user(other), None);
    next_cycle(&mut world);
    let skipped = world.records.actions.values().filter(|one| one.status == Status::Skipped).count();
    assert_eq!((writes(&world, mark), skipped), (Vec::new(), 3));
}

#[test]
fn s_96_an_engine_that_is_killed_goes_on_without_duplicates() {
    for dies_after in (0..150).step_by(3) {
        let mut world = World::new(dies_after);
        with_users(&mut world, 12);
        world.target.is_strict = false;
        world.dies_after = Some(dies_after);
        world.cycle();
        world.dies_after = None;
        world.cycle().unwrap();
        assert_eq!(world.target.users.len(), 12, "killed after {dies_after} commands");
        assert!(world.records.links.values().all(|stored| stored.link.target.is_some()));
    }
}

#[test]
fn s_97_the_log_says_step_by_step_what_was_done_and_why() {
    let mut world = World::new(1);
    let users = with_users(&mut world, 3);
    let now = world.now;
    world.account.set_manager(now, users[1], world.account.present(provost_engine::Objects::Users)[0]);
    let boss = world.account.hire(now, "boss");
    world.account.set_manager(now, users[0], boss);
    world.target.refuses.insert("user3@contoso.example".to_owned());
    world.cycle().unwrap();
    let now = world.now;
    world.account.set(now, users[1], "locale", json!("de-CH"));
    next_cycle(&mut world);
    let status = |status| world.records.actions.values().filter(move |one| one.status == status);
    for (wanted, steps) in [
        (
            Status::Success,
            vec![StepKind::Import, StepKind::Scoping, StepKind::Matching, StepKind::Processing, StepKind::Export],
        ),
        (
            Status::Warning,
            vec![StepKind::Import, StepKind::Scoping, StepKind::Matching, StepKind::Processing, StepKind::Export],
        ),
        (
            Status::Failure,
            vec![StepKind::Import, StepKind::Scoping, StepKind::Matching, StepKind::Processing, StepKind::Export],
        ),
        (Status::Skipped, vec![StepKind::Import, StepKind::Scoping, StepKind::Export]),
    ] {
        let action = status(wanted).next().unwrap_or_else(|| panic!("nothing has the status {wanted:?}"));
        let kinds: Vec<StepKind> = action.steps.iter().map(|step| step.kind).collect();
        assert!(steps.iter().all(|step| kinds.contains(step)), "{wanted:?} {kinds:?}");
        assert!(!action.source.name.is_empty() && action.source.id.is_some());
    }
    let failure = status(Status::Failure).next().unwrap();
    assert!(failure.error.as_ref().unwrap().reason.contains("this one is refused"), "{failure:?}");
    let created =
        world.records.actions.values().find(|one| one.action == ActionKind::Create && one.target.id.is_some()).unwrap();
    assert!(created.modified.iter().any(|one| one.name == "userName") && created.target.id.is_some());
}

#[test]
fn s_98_on_demand_shows_the_steps_and_stops_where_it_fails() {
    let mut world = World::new(1);
    let user = with_users(&mut world, 1)[0];
    let demand = |world: &mut World| {
        let (setting, job) = (world.setting(), world.records.job.clone());
        let running = provost_engine::provision_on_demand(setting, job, Key::user(user), Vec::new(), world.now);
        world.drive(running).unwrap().unwrap()
    };
    world.target.always = Some(500);
    let action = demand(&mut world);
    let kinds: Vec<StepKind> = action.steps.iter().map(|step| step.kind).collect();
    assert_eq!(
        (action.status, kinds),
        (Status::Failure, vec![StepKind::Import, StepKind::Scoping, StepKind::Matching])
    );
    world.target.always = None;
    let action = demand(&mut world);
    assert_eq!((action.status, action.action, active(&world, user)), (Status::Success, ActionKind::Create, Some(true)));
    assert_eq!(world.records.job.watermark, None, "the watermark is that of cycles");
}

#[test]
fn s_99_f_4_2_4_f_4_2_6_a_leaver_is_disabled_and_removed_once_purged() {
    let mut world = World::new(1);
    let user = with_users(&mut world, 1)[0];
    world.cycle().unwrap();
    let now = world.now;
    world.account.soft_delete(now, user);
    next_cycle(&mut world);
    assert_eq!(active(&world, user), Some(false));
    world.wait(SignedDuration::from_hours(30 * 24));
    let now = world.now;
    world.account.purge(now, user);
    let mark = world.sent.len();
    next_cycle(&mut world);
    assert_eq!((writes(&world, mark), active(&world, user)), (vec!["Delete /Users/t1".to_owned()], None));
}

#[test]
fn s_100_who_is_blocked_is_disabled_and_enabled_again() {
    let mut world = World::new(1);
    let user = with_users(&mut world, 1)[0];
    world.cycle().unwrap();
    for is_active in [false, true] {
        let now = world.now;
        world.account.set(now, user, "active", json!(is_active));
        next_cycle(&mut world);
        assert_eq!(active(&world, user), Some(is_active));
    }
}

#[test]
fn f_4_2_1_f_4_2_3_f_4_2_5_restored_users_stay_disabled_until_they_are_assigned_again() {
    let mut world = World::new(1);
    let user = with_users(&mut world, 1)[0];
    world.cycle().unwrap();
    let now = world.now;
    world.account.soft_delete(now, user);
    next_cycle(&mut world);
    let now = world.now;
    world.account.restore(now, user);
    next_cycle(&mut world);
    next_cycle(&mut world);
    assert_eq!(active(&world, user), Some(false));
    let now = world.now;
    world.account.assign(now, Key::user(user), None);
    next_cycle(&mut world);
    assert_eq!((active(&world, user), world.target.users.len()), (Some(true), 1));
}

#[test]
fn f_4_2_1_who_leaves_the_scope_is_disabled_and_nothing_else() {
    let mut world = World::new(1);
    let user = with_users(&mut world, 1)[0];
    world.cycle().unwrap();
    let now = world.now;
    world.account.set(now, user, "displayName", json!("Another Name"));
    world.account.unassign(now, Key::user(user));
    let mark = world.sent.len();
    next_cycle(&mut world);
    let operations: Vec<Vec<Value>> = world.writes_since(mark).into_iter().map(operations_of).collect();
    let operations = serde_json::to_string(&operations).unwrap();
    assert_eq!(operations, r#"[[{"op":"replace","path":"active","value":false}]]"#);
}

/// Somebody loses access.
type Loses = fn(&mut World, ResourceId);

#[test]
fn f_4_2_1_a_value_that_cannot_be_sent_keeps_nobody_in() {
    let lost: [(&str, Loses); 2] = [
        ("unassigned", |world, user| world.account.unassign(world.now, Key::user(user))),
        ("blocked", |world, user| world.account.set(world.now, user, "active", json!(false))),
    ];
    for (name, loses) in lost {
        let mut world = World::new(1);
        let users = &mut world.app.mappings.users;
        users.target.push(serde_json::from_value(json!({"name": "badge", "type": "integer"})).unwrap());
        users.attributes.push(serde_json::from_value(json!({"target": "badge", "source": "title"})).unwrap());
        let user = with_users(&mut world, 1)[0];
        world.cycle().unwrap();
        let now = world.now;
        world.account.set(now, user, "title", json!("no number"));
        loses(&mut world, user);
        next_cycle(&mut world);
        assert_eq!(active(&world, user), Some(false), "{name}");
    }
}

#[test]
fn f_4_2_8_who_is_in_two_assigned_groups_leaves_with_the_second() {
    let mut world = World::new(1);
    let now = world.now;
    let user = world.account.hire(now, "ann");
    let groups = ["One", "Two"].map(|name| {
        let group = world.account.found(now, name);
        world.account.assign(now, Key::group(group), None);
        world.account.join(now, group, user);
        group
    });
    world.cycle().unwrap();
    for (group, still) in groups.into_iter().zip([true, false]) {
        let now = world.now;
        world.account.part(now, group, user);
        next_cycle(&mut world);
        assert_eq!(active(&world, user), Some(still));
    }
}

#[test]
fn f_4_1_9_f_4_1_24_the_role_of_an_assigned_group_reaches_its_members_and_changes_in_the_next_cycle() {
    let mut world = World::new(1);
    let row = json!({"target": "roles", "expression": "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])"});
    let target = json!({"name": "roles", "type": "string", "multi_valued": true});
    world.app.mappings.users.target.push(serde_json::from_value(target).unwrap());
    world.app.mappings.users.attributes.push(serde_json::from_value(row).unwrap());
    let now = world.now;
    let (member, auditor) = (world.account.offer_role(now, "Member"), world.account.offer_role(now, "Auditor"));
    let (user, group) = (world.account.hire(now, "ann"), world.account.found(now, "Audit"));
    world.account.join(now, group, user);
    let role =
        |world: &World| world.target.users["t1"].get("roles").and_then(|roles| roles.pointer("/0/value").cloned());
    for (role_id, expected) in [(member, "Member"), (auditor, "Auditor")] {
        let now = world.now;
        world.account.unassign(now, Key::group(group));
        world.account.assign(now, Key::group(group), Some(role_id));
        next_cycle(&mut world);
        assert_eq!(role(&world), Some(json!(expected)));
    }
}

#[test]
fn u_77_members_of_groups_inside_an_assigned_group_are_not_provisioned() {
    let mut world = World::new(1);
    let now = world.now;
    let user = world.account.hire(now, "ann");
    let (outer, inner) = (world.account.found(now, "Outer"), world.account.found(now, "Inner"));
    world.account.join(now, inner, user);
    world.account.join(now, outer, inner);
    world.account.assign(now, Key::group(outer), None);
    world.cycle().unwrap();
    assert_eq!((world.target.users.len(), world.target.groups.len()), (0, 1));
    assert!(world.target.members.values().all(std::collections::BTreeSet::is_empty));
}

#[test]
fn f_4_1_18_cycles_are_due_every_40_minutes() {
    let mut world = World::new(1);
    with_users(&mut world, 1);
    world.cycle().unwrap();
    let mut ran = 0;
    for _ in 0..120 {
        world.wait(SignedDuration::from_mins(1));
        if world.records.job.due(world.now).is_some_and(|due| due <= world.now) {
            world.cycle().unwrap();
            ran += 1;
        }
    }
    assert_eq!(ran, 3);
}

#[test]
fn s_104_drift_is_ignored_logged_repaired_or_adopted() {
    let cases = [
        (Drift::Ignore, "Somebody", 0),
        (Drift::Alert, "Somebody", 1),
        (Drift::Repair, "user1", 1),
        (Drift::Adopt, "Somebody", 1),
    ];
    for (drift, expected, logged) in cases {
        let mut world = World::new(1);
        world.app.drift = drift;
        let user = with_users(&mut world, 1)[0];
        world.cycle().unwrap();
        let actions = world.records.actions.len();
        world.target.users.get_mut("t1").unwrap().set("displayName", json!("Somebody"));
        for _ in 0..3 {
            next_cycle(&mut world);
        }
        let name = world.target.users["t1"].get("displayName").cloned();
        assert_eq!((name, world.records.actions.len() - actions), (Some(json!(expected)), logged), "{drift:?}");
        let now = world.now;
        world.account.set(now, user, "displayName", json!("Ann"));
        next_cycle(&mut world);
        assert_eq!(world.target.users["t1"].get("displayName"), Some(&json!("Ann")), "{drift:?}: the source changed");
    }
}

#[test]
fn s_104_drift_of_what_has_no_value_at_the_source_is_seen_too() {
    let cases = [(Drift::Alert, Some("Boss"), 1), (Drift::Repair, None, 1), (Drift::Adopt, Some("Boss"), 1)];
    for (drift, expected, logged) in cases {
        let mut world = World::new(1);
        (world.app.drift, world.app.clear_nulls) = (drift, true);
        let user = with_users(&mut world, 1)[0];
        world.cycle().unwrap();
        let actions = world.records.actions.len();
        world.target.users.get_mut("t1").unwrap().set("title", json!("Boss"));
        for _ in 0..3 {
            next_cycle(&mut world);
        }
        let title = world.target.users["t1"].get("title").and_then(Value::as_str).map(str::to_owned);
        assert_eq!((title.as_deref(), world.records.actions.len() - actions), (expected, logged), "{drift:?}");
        let now = world.now;
        world.account.set(now, user, "title", json!("Engineer"));
        next_cycle(&mut world);
        assert_eq!(world.target.users["t1"].get("title"), Some(&json!("Engineer")), "{drift:?}: the source changed");
    }
}

#[test]
fn a_link_names_what_was_written_and_not_what_has_no_value() {
    let mut world = World::new(1);
    let user = with_users(&mut world, 1)[0];
    world.cycle().unwrap();
    let names = |world: &World| -> Vec<String> {
        let link = world.link_of(user).unwrap();
        link.written.iter().map(|(name, _)| name.to_owned()).filter(|name| name == "title").collect()
    };
    assert_eq!(names(&world), Vec::<String>::new());
    let now = world.now;
    world.account.set(now, user, "title", json!("Engineer"));
    next_cycle(&mut world);
    assert_eq!(names(&world), ["title"]);
    let mark = world.sent.len();
    next_cycle(&mut world);
    assert_eq!(writes(&world, mark), Vec::<String>::new());
}

#[test]
fn a_manager_who_comes_late_is_set_then() {
    let mut world = World::new(1);
    let user = with_users(&mut world, 1)[0];
    let now = world.now;
    let boss = world.account.hire(now, "boss");
    world.account.set_manager(now, user, boss);
    world.cycle().unwrap();
    let now = world.now;
    world.account.assign(now, Key::user(boss), None);
    next_cycle(&mut world);
    let manager = world.target.users["t1"].extension(crate::world::account::ENTERPRISE, "manager");
    assert_eq!(manager.and_then(|manager| manager.get("value")).and_then(Value::as_str), Some("t2"));
}

#[test]
fn what_was_made_under_a_wrong_id_is_found_when_it_is_looked_at_and_not_made_again() {
    let mut world = World::new(1);
    let user = with_users(&mut world, 1)[0];
    world.cycle().unwrap();
    for stored in world.records.links.values_mut() {
        stored.link.target = Some("nobody".to_owned());
    }
    let now = world.now;
    world.account.set(now, user, "displayName", json!("Ann"));
    next_cycle(&mut world);
    assert_eq!((world.target.users.len(), world.link_of(user).unwrap().target.as_deref()), (1, Some("t1")));
    assert_eq!(last(&world).error.as_ref().unwrap().code, "InvalidAnchor");
}

#[test]
fn a_plan_writes_nothing_and_is_done_as_it_was_made_unless_something_moved() {
    let mut world = World::new(1);
    let users = with_users(&mut world, 3);
    world.cycle().unwrap();
    let now = world.now;
    world.account.unassign(now, Key::user(users[0]));
    world.account.set(now, users[1], "displayName", json!("Ann"));
    let plan = |world: &mut World| {
        let (setting, job) = (world.setting(), world.records.job.clone());
        let running = provost_engine::plan(setting, job, Wish::default(), world.now);
        world.drive(running).unwrap().unwrap()
    };
    let apply = |world: &mut World, plan| {
        let (setting, job) = (world.setting(), world.records.job.clone());
        let running = provost_engine::apply(setting, job, plan, world.now);
        world.drive(running).unwrap()
    };
    let (mark, links) = (world.sent.len(), world.records.links.clone());
    let first = plan(&mut world);
    assert_eq!((first.objects.len(), first.deletions, writes(&world, mark)), (2, 1, Vec::new()));
    assert!(world.records.links == links, "a plan keeps nothing");
    assert_eq!(plan(&mut world).digest(), first.digest());

    let now = world.now;
    world.account.set(now, users[1], "displayName", json!("Eve"));
    let moved = apply(&mut world, first.clone());
    assert_eq!((moved.done, moved.moved.len(), writes(&world, mark)), (0, 1, Vec::new()));
    let second = plan(&mut world);
    assert_ne!(second.digest(), first.digest());
    let applied = apply(&mut world, second);
    assert_eq!((applied.done, applied.moved.len(), applied.failed.len()), (2, 0, 0));
    assert_eq!(active(&world, users[0]), Some(false));
    let mark = world.sent.len();
    next_cycle(&mut world);
    assert_eq!(writes(&world, mark), Vec::<String>::new(), "the cycle finds it done");
}

#[test]
fn undo_takes_back_what_a_cycle_wrote_unless_it_was_written_again() {
    let mut world = World::new(1);
    let users = with_users(&mut world, 2);
    world.cycle().unwrap();
    let now = world.now;
    world.account.set(now, users[0], "displayName", json!("Wrong"));
    world.account.set(now, users[1], "active", json!(false));
    let hired = with_users(&mut world, 3)[2];
    let report = next_cycle(&mut world);
    let before = world.target.users.len();
    let actions: Vec<Action> = world.records.of_cycle(report.id).into_iter().cloned().collect();
    let plan = provost_engine::undo(&actions);
    let (setting, job) = (world.setting(), world.records.job.clone());
    let running = provost_engine::revert(setting, job, plan.clone(), world.now);
    let applied = world.drive(running).unwrap();
    assert_eq!(
        (applied.moved.len(), applied.failed.len(), applied.done),
        (0, 0, plan.objects.len() as u64),
        "{plan:#?}"
    );
    let first = world.target.by_external_id(true, &users[0].to_string())[0];
    assert_eq!(world.target.users[first].get("displayName"), Some(&json!("user1")));
    assert_eq!((active(&world, users[1]), active(&world, hired)), (Some(true), None));
    assert!(world.target.users.len() < before);
    let (setting, job) = (world.setting(), world.records.job.clone());
    let running = provost_engine::revert(setting, job, plan, world.now);
    assert!(!world.drive(running).unwrap().moved.is_empty(), "it cannot be taken back twice");
}

#[test]
fn time_to_deprovision_is_measured_from_the_change_of_the_source() {
    let mut world = World::new(1);
    let user = with_users(&mut world, 1)[0];
    world.cycle().unwrap();
    let now = world.now;
    world.account.unassign(now, Key::user(user));
    next_cycle(&mut world);
    let measured = world.records.job.deprovisioning;
    assert_eq!(measured.count, 1);
    let minutes = measured.last_ms / 60_000;
    assert_eq!(minutes, 40, "{measured:?}");
}

#[test]
fn s_103_a_cycle_that_is_stopped_is_gone_on_with() {
    let mut world = World::new(1);
    with_users(&mut world, 500);
    let (setting, job) = (world.setting(), world.records.job.clone());
    let running = provost_engine::cycle(setting, job, Wish::default(), world.now);
    running.stop();
    let report = world.drive(running).unwrap();
    assert_eq!((report.end, world.records.job.watermark), (CycleEnd::Stopped, None));
    world.cycle().unwrap();
    assert_eq!(world.target.users.len(), 500);
    assert_eq!(world.records.job.last_success().unwrap().tally.created, 500);
}
