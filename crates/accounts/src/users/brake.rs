//! The brake: at most so many disables and removals per hour and admin app, until an administrator lets more through.

use crate::{
    Actor, Call, Configuration, Decided, Refused,
    audit::{self, Entry},
};
use jiff::Timestamp;
use provost_change::{Bound, ChangeSet, CountChange, Kind, ResourceId};
use serde_json::json;
use std::collections::BTreeMap;

/// What the names of all its counts begin with.
const PREFIX: &str = "brake.";
const HOUR_SECONDS: i64 = 3_600;

/// The name of the count of what an admin app did in the hour of `at`.
pub fn count_name(app: ResourceId, at: Timestamp) -> String {
    format!("{PREFIX}{app}.{}", hour(at))
}

fn hour(at: Timestamp) -> i64 {
    at.as_second().div_euclid(HOUR_SECONDS)
}

/// Whether it is the name of such a count.
pub fn is_count(name: &str) -> bool {
    name.starts_with(PREFIX)
}

/// When the hour of `at` is over.
pub fn next_hour(at: Timestamp) -> Timestamp {
    Timestamp::from_second((hour(at) + 1) * HOUR_SECONDS).unwrap_or(Timestamp::MAX)
}

/// Counts a disable or removal over SCIM, where the policy brakes.
pub(super) fn count(config: &Configuration, call: &Call, change: &mut ChangeSet) {
    let (Actor::App { id, .. }, Some(most)) = (&call.actor, config.policy.brake.changes_per_hour) else { return };
    change.counts.push(CountChange {
        bound: Some(Bound::AtMost(i64::from(most))),
        ..CountChange::by(count_name(*id, call.now), 1)
    });
}

/// What the bound of such a count means to the client; `None` when the count is another one.
pub(super) fn refusal(config: &Configuration, count: &str) -> Option<Refused> {
    let app = count.strip_prefix(PREFIX)?.split('.').next()?;
    let name = app.parse().ok().and_then(|id| config.app(id)).map_or(app, |app| app.name.as_str());
    let most = config.policy.brake.changes_per_hour.unwrap_or_default();
    Some(Refused::by(
        "brake.changes_per_hour",
        429,
        None,
        format!(
            "admin app `{name}` has disabled or removed {most} users in this hour, which is all it may: an administrator can let more \
             through, or try again in the next hour"
        ),
    ))
}

/// Lets an admin app go on in this hour as if it had done nothing yet. `count` is what the head's count of [`count_name`] stands at.
///
/// # Errors
/// 404 for an unknown app.
pub fn release(config: &Configuration, call: &Call, app: ResourceId, count: i64) -> Result<Decided<()>, Refused> {
    let app = config.app(app).ok_or_else(|| Refused::not_found("admin app"))?;
    let name = count_name(app.id, call.now);
    let entry = Entry::done("brake.release").about(&Kind::ADMIN_APP, app.id, &app.name).changed(
        "changes in this hour",
        json!(count),
        json!(0),
    );
    let change = ChangeSet {
        counts: vec![CountChange { bound: Some(Bound::AtLeast(0)), ..CountChange::by(name, -count) }],
        log: vec![audit::entry(call, entry)],
        ..ChangeSet::default()
    };
    Ok(Decided { change, outcome: () })
}

/// What becomes of the counts of hours that are over: they are taken back, so that nothing of them is left. `None` when there are none.
pub fn forget(counts: &BTreeMap<String, i64>, now: Timestamp) -> Option<ChangeSet> {
    let over = |name: &str| {
        let hour_of = name.strip_prefix(PREFIX)?.rsplit('.').next()?.parse::<i64>().ok()?;
        Some(hour_of < hour(now))
    };
    let counts: Vec<CountChange> = counts
        .iter()
        .filter(|(name, count)| **count != 0 && over(name).unwrap_or(false))
        .map(|(name, count)| CountChange::by(name.clone(), -count))
        .collect();
    (!counts.is_empty()).then(|| ChangeSet { counts, ..ChangeSet::default() })
}
