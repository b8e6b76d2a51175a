//! The brake: at most so many disables and removals within an hour and admin app, until an administrator lets more through.
//!
//! The hour slides: what was done is counted in steps of five minutes, and in one count for the whole window, which alone has a bound. A
//! step that left the window is taken back from it ([`slide`]) when that bound is reached, so that a write costs two counts and no reading.

use super::{HeldAct, HeldChange, User, UserState, write};
use crate::{
    Actor, Call, Configuration, Decided, Refused,
    audit::{self, Entry},
    policy::BrakeAnswer,
};
use jiff::Timestamp;
use provost_change::{Bound, ChangeSet, CountChange, IndexEntry, Kind, ResourceId};
use serde_json::json;
use std::collections::BTreeMap;

/// What the names of all its counts begin with.
const PREFIX: &str = "brake.";
/// What parts the app from the step in the name of a step's count.
const OF_STEP: char = '@';
/// A step: what was done at its beginning counts for so much longer than an hour, at most.
const STEP_SECONDS: i64 = 300;
/// Steps of a window: an hour, and the one that is under way.
const STEPS: i64 = 3_600 / STEP_SECONDS + 1;
/// Index attribute of users about whom a change is held.
const HELD: &str = "User#held";
/// Count of the users about whom a change is held.
pub const HELD_COUNT: &str = "user.held";

fn window_name(app: ResourceId) -> String {
    format!("{PREFIX}{app}")
}

fn step_name(app: ResourceId, step: i64) -> String {
    format!("{PREFIX}{app}{OF_STEP}{step}")
}

fn step(at: Timestamp) -> i64 {
    at.as_second().div_euclid(STEP_SECONDS)
}

/// Whether it is the name of such a count.
pub fn is_count(name: &str) -> bool {
    name.starts_with(PREFIX)
}

/// Under what users are found about whom a change is held.
pub fn held_users() -> IndexEntry {
    IndexEntry { attribute: HELD.to_owned(), value: "true".to_owned() }
}

/// The steps of an app that are counted, oldest first, with what was done in each.
fn steps(counts: &BTreeMap<String, i64>, app: ResourceId) -> Vec<(i64, i64)> {
    let prefix = format!("{}{OF_STEP}", window_name(app));
    let of = |(name, count): (&String, &i64)| Some((name.strip_prefix(&prefix)?.parse().ok()?, *count));
    let mut steps: Vec<(i64, i64)> = counts.iter().filter_map(of).filter(|(_, count)| *count != 0).collect();
    steps.sort_unstable();
    steps
}

fn is_over(step_number: i64, now: Timestamp) -> bool {
    step_number + STEPS <= step(now)
}

/// How many users an admin app has disabled or removed within the last hour, since its brake was released last.
pub fn used(counts: &BTreeMap<String, i64>, app: ResourceId, now: Timestamp) -> i64 {
    steps(counts, app).into_iter().filter(|(step, _)| !is_over(*step, now)).map(|(_, count)| count).sum()
}

/// From when on fewer count; `None` when none do.
pub fn frees(counts: &BTreeMap<String, i64>, app: ResourceId, now: Timestamp) -> Option<Timestamp> {
    let (oldest, _) = steps(counts, app).into_iter().find(|(step, _)| !is_over(*step, now))?;
    Timestamp::from_second((oldest + STEPS) * STEP_SECONDS).ok()
}

/// Whether the next disable or removal of an admin app is not done.
pub fn holds(config: &Configuration, counts: &BTreeMap<String, i64>, app: ResourceId, now: Timestamp) -> bool {
    config.policy.brake.changes_per_hour.is_some_and(|most| used(counts, app, now) >= i64::from(most))
}

/// Counts a disable or removal over SCIM, where the policy brakes.
pub(super) fn count(config: &Configuration, call: &Call, change: &mut ChangeSet) {
    let (Actor::App { id, .. }, Some(most)) = (&call.actor, config.policy.brake.changes_per_hour) else { return };
    change
        .counts
        .push(CountChange { bound: Some(Bound::AtMost(i64::from(most))), ..CountChange::by(window_name(*id), 1) });
    change.counts.push(CountChange::by(step_name(*id, step(call.now)), 1));
}

/// Whether what a call wants to disable or remove is held for an administrator, and answered as if it were done.
pub(super) fn keeps(config: &Configuration, call: &Call) -> bool {
    call.is_braked && config.policy.brake.answer == BrakeAnswer::Accept
}

/// What is kept of a change that is held; `None` where somebody else than an admin app wants it.
pub(super) fn held(call: &Call, act: HeldAct) -> Option<HeldChange> {
    let Actor::App { id, .. } = &call.actor else { return None };
    Some(HeldChange { act, app: *id, since: call.now, request_id: call.request_id.clone() })
}

/// What the audit log says of a change that is held.
pub(super) const HELD_WARNING: &str = "the brake holds: the user stays enabled until an administrator releases or discards the change \
     (policy field `brake.changes_per_hour`)";

/// How long the admin app of such a count waits until it may disable or remove a user again, in seconds.
pub fn wait(count: &str, counts: &BTreeMap<String, i64>, now: Timestamp) -> Option<u32> {
    let until = frees(counts, count.strip_prefix(PREFIX)?.parse().ok()?, now)?;
    u32::try_from(until.as_second() - now.as_second()).ok().map(|seconds| seconds.max(1))
}

/// What the bound of such a count means to the client; `None` when the count is another one.
pub(super) fn refusal(config: &Configuration, count: &str) -> Option<Refused> {
    let app = count.strip_prefix(PREFIX)?;
    let name = app.parse().ok().and_then(|id| config.app(id)).map_or(app, |app| app.name.as_str());
    let most = config.policy.brake.changes_per_hour.unwrap_or_default();
    Some(Refused::by(
        "brake.changes_per_hour",
        429,
        None,
        format!(
            "admin app `{name}` has disabled or removed {most} users within an hour, which is all it may: an administrator can let more \
             through, or try again later"
        ),
    ))
}

/// Lets an admin app go on as if it had done nothing yet. `counts` are those of the account's head.
///
/// # Errors
/// 404 for an unknown app.
pub fn release(
    config: &Configuration,
    call: &Call,
    app: ResourceId,
    counts: &BTreeMap<String, i64>,
) -> Result<Decided<()>, Refused> {
    let app = config.app(app).ok_or_else(|| Refused::not_found("admin app"))?;
    let steps = steps(counts, app.id);
    let done: i64 = steps.iter().map(|(_, count)| count).sum();
    let entry = Entry::done("brake.release").about(&Kind::ADMIN_APP, app.id, &app.name).changed(
        "changes within an hour",
        json!(done),
        json!(0),
    );
    let change =
        ChangeSet { counts: taken_back(app.id, &steps), log: vec![audit::entry(call, entry)], ..ChangeSet::default() };
    Ok(Decided { change, outcome: () })
}

/// Takes steps back from the window. Two who do it at once cannot both: what was taken back is not there any more.
fn taken_back(app: ResourceId, steps: &[(i64, i64)]) -> Vec<CountChange> {
    let at_least_none =
        |name: String, delta| CountChange { bound: Some(Bound::AtLeast(0)), ..CountChange::by(name, delta) };
    let done: i64 = steps.iter().map(|(_, count)| count).sum();
    let mut counts: Vec<CountChange> =
        steps.iter().map(|(step, count)| at_least_none(step_name(app, *step), -count)).collect();
    if done != 0 {
        counts.push(at_least_none(window_name(app), -done));
    }
    counts
}

/// Moves the windows of all admin apps on: what left them counts no more, and nothing is left of it. `None` when nothing left any.
pub fn slide(counts: &BTreeMap<String, i64>, now: Timestamp) -> Option<ChangeSet> {
    let apps = counts.keys().filter_map(|name| name.strip_prefix(PREFIX)?.parse::<ResourceId>().ok());
    let mut changes: Vec<CountChange> = Vec::new();
    for app in apps {
        let over: Vec<_> = steps(counts, app).into_iter().filter(|(step, _)| is_over(*step, now)).collect();
        changes.extend(taken_back(app, &over));
    }
    // Counts of whole hours, as they were before the window slid.
    let is_former = |name: &str| name.strip_prefix(PREFIX).is_some_and(|rest| rest.contains('.'));
    let former = counts.iter().filter(|(name, count)| **count != 0 && is_former(name));
    changes.extend(former.map(|(name, count)| CountChange::by(name.clone(), -count)));
    (!changes.is_empty()).then(|| ChangeSet { counts: changes, ..ChangeSet::default() })
}

/// Does what was held: the user is disabled or removed as the admin app wanted, if every rule but the brake still lets it.
///
/// # Errors
/// 409 where nothing is held; by the guards.
pub fn let_through(config: &Configuration, call: &Call, user: &User) -> Result<Decided<()>, Refused> {
    match is_held(user)?.act {
        HeldAct::Disable => super::scim::disable(config, call, user),
        HeldAct::Remove => super::scim::delete(config, call, user),
    }
}

/// Forgets what was held: the user stays as it is.
///
/// # Errors
/// 409 where nothing is held.
pub fn discard(config: &Configuration, call: &Call, user: &User) -> Result<Decided<()>, Refused> {
    is_held(user)?;
    let state = UserState { held: None, ..user.state.clone() };
    Ok(write::restate(config, call, user, state, "brake.discard").map(drop))
}

fn is_held(user: &User) -> Result<&HeldChange, Refused> {
    user.state.held.as_ref().ok_or_else(|| Refused::status(409, "no change of this user is held"))
}
