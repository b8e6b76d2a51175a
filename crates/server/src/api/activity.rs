//! What happened in an account lately: how much, when, and what failed and did not succeed since.

use super::{Answer, Error, asked::InAccount, ok};
use crate::app::Failure;
use jiff::{SignedDuration, Timestamp};
use provost_accounts::{
    activity::{self, Period, Told},
    audit,
};
use provost_change::ResourceId;
use provost_scim::{ScimError, ScimType};
use provost_store::LogQuery;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// Hours that can be asked for: 30 days.
const HOURS_MAX: u64 = 720;

/// The query of the activity.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ActivityQuery {
    /// Hours back from now: 1 to 720, 24 unless said.
    hours: Option<u64>,
    /// Only what the admin app with this id did.
    app: Option<String>,
}

/// What happened in a period.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct ActivityView {
    /// When the period begins.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// False where more happened than is looked at, so that the oldest is missing.
    complete: bool,
    /// How much was done.
    succeeded: u64,
    /// How much was refused.
    failed: u64,
    /// The period in parts of an hour, six hours or a day, the oldest first. They begin at whole hours, and the last holds the present.
    parts: Vec<Part>,
    /// How much was done and refused of each action, such as `user.create`.
    actions: BTreeMap<String, Counted>,
    /// What failed and did not succeed since, by cause, the newest first: at most 20.
    causes: Vec<Cause>,
}

/// How much of something was done and refused.
#[derive(Debug, Default, PartialEq, Serialize, ToSchema)]
struct Counted {
    /// How much was done.
    succeeded: u64,
    /// How much was refused.
    failed: u64,
}

/// A part of a period.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
struct Part {
    /// When it begins.
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    /// What was done in it.
    succeeded: u64,
    /// What was refused in it.
    failed: u64,
}

/// Failures that have one cause: the same act, refused in the same words.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
struct Cause {
    /// What was tried, such as `user.update`.
    action: String,
    /// Why it was refused, as the client was told.
    detail: String,
    /// The field of the policy that refuses it.
    policy_field: Option<String>,
    /// SCIM's keyword for the reason, such as `uniqueness`.
    scim_type: Option<String>,
    /// The HTTP status that it was answered with.
    status: Option<u64>,
    /// How often it was tried.
    count: u64,
    /// What it was about: the first three.
    subjects: Vec<Subject>,
    /// How many it was about.
    subject_count: u64,
    /// Who tried it last.
    actor: String,
    /// When it was tried last.
    #[schema(value_type = String, format = DateTime)]
    last: Timestamp,
}

/// What a failure was about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
struct Subject {
    /// Its kind, such as `user`.
    kind: String,
    /// Its id; null of what was never made.
    id: Option<String>,
    /// Its name, or its id where that is not known.
    name: String,
}

pub(super) async fn get(asked: InAccount) -> Answer {
    let query: ActivityQuery = asked.request.query()?;
    let hours = query.hours.unwrap_or(24);
    if !(1..=HOURS_MAX).contains(&hours) {
        return Err(invalid(format!("`hours` is a number from 1 to {HOURS_MAX}")));
    }
    let by: Option<ResourceId> = match query.app.as_deref().map(str::parse) {
        Some(Err(_)) => return Err(invalid("`app` is the id of an admin app".to_owned())),
        Some(Ok(app)) => Some(app),
        None => None,
    };
    let app = &asked.request.app;
    let period = period(app.now(), hours);
    let told = app.activity(asked.account(), |tally| tally.told(&period, by)).await?;
    let mut causes = Vec::new();
    for cause in &told.causes {
        causes.extend(named(&asked, cause).await?);
    }
    ok(&view(&period, told, causes))
}

fn invalid(detail: String) -> Error {
    Failure::from(ScimError::bad_request(ScimType::InvalidValue, detail)).into()
}

fn view(period: &Period, told: Told, causes: Vec<Cause>) -> ActivityView {
    let from = |place: usize| {
        let later = period.step * i32::try_from(place).unwrap_or(0);
        period.since.checked_add(later).unwrap_or(period.since)
    };
    let part = |(place, counted): (usize, &activity::Counted)| {
        let activity::Counted { succeeded, failed } = *counted;
        Part { from: from(place), succeeded, failed }
    };
    let counted = |activity::Counted { succeeded, failed }| Counted { succeeded, failed };
    ActivityView {
        since: period.since,
        complete: told.complete,
        succeeded: told.parts.iter().map(|part| part.succeeded).sum(),
        failed: told.parts.iter().map(|part| part.failed).sum(),
        parts: told.parts.iter().enumerate().map(part).collect(),
        actions: told.actions.into_iter().map(|(action, sum)| (action, counted(sum))).collect(),
        causes,
    }
}

/// A cause with what its entries say by now; `None` where they are not kept any more.
async fn named(asked: &InAccount, cause: &activity::Cause) -> Result<Option<Cause>, Error> {
    let Some((entry, last)) = entry(asked, cause.newest).await? else { return Ok(None) };
    let mut subjects = Vec::new();
    for seq in &cause.subjects {
        let found = if *seq == cause.newest { Some((entry.clone(), last)) } else { self::entry(asked, *seq).await? };
        subjects.extend(found.as_ref().and_then(|(entry, _)| subject(entry)));
    }
    let text = |value: &Value| value.as_str().map(str::to_owned);
    Ok(Some(Cause {
        action: text(&entry["action"]).unwrap_or_default(),
        detail: text(&entry["detail"]).unwrap_or_else(|| "the reason was erased".to_owned()),
        policy_field: text(&entry["reason"]["policyField"]),
        scim_type: text(&entry["reason"]["scimType"]),
        status: entry["reason"]["status"].as_u64(),
        count: cause.count,
        subjects,
        subject_count: cause.subject_count,
        actor: by(&entry).and_then(text).unwrap_or_else(|| "somebody".to_owned()),
        last,
    }))
}

/// An entry of the log as it is shown, and when it was written.
async fn entry(asked: &InAccount, seq: u64) -> Result<Option<(Value, Timestamp)>, Error> {
    let one = LogQuery { after: seq.checked_sub(1), before: None, subject: None, newest_first: false, limit: 1 };
    let found = asked.request.app.store().log(asked.account(), &one).await?;
    Ok(found.first().filter(|entry| entry.seq == seq).map(|entry| (audit::shown(asked.account(), entry), entry.at)))
}

/// Who did something: a person by the sign-in name, as long as that was not erased.
fn by(entry: &Value) -> Option<&Value> {
    let name = if entry["actor"]["type"] == "person" { entry.get("actor_owner") } else { None };
    name.or_else(|| entry["actor"].get("name"))
}

/// The period of so many hours that ends with the present.
fn period(now: Timestamp, hours: u64) -> Period {
    let step_hours = match hours {
        ..=48 => 1,
        49..=336 => 6,
        337.. => 24,
    };
    let parts = hours.div_ceil(step_hours);
    let step = i64::try_from(step_hours * 3_600).unwrap_or(3_600);
    let last = now.as_second().div_euclid(step) * step;
    let since = last.saturating_sub(step.saturating_mul(i64::try_from(parts - 1).unwrap_or(0)));
    let since = Timestamp::from_second(since).unwrap_or(Timestamp::UNIX_EPOCH);
    Period { since, step: SignedDuration::from_secs(step), parts: usize::try_from(parts).unwrap_or(1) }
}

fn subject(entry: &Value) -> Option<Subject> {
    let kind = entry["target"]["type"].as_str()?.to_owned();
    let id = entry["target"]["id"].as_str().map(str::to_owned);
    let name = entry["target_name"].as_str().map(str::to_owned).or_else(|| id.clone())?;
    Some(Subject { kind, id, name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_begin_at_whole_hours_and_the_last_holds_the_present() {
        let now: Timestamp = "2026-03-05T16:43:20Z".parse().unwrap();
        for (hours, since, parts) in [
            (24, "2026-03-04T17:00:00Z", 24),
            (1, "2026-03-05T16:00:00Z", 1),
            (168, "2026-02-26T18:00:00Z", 28),
            (720, "2026-02-04T00:00:00Z", 30),
        ] {
            let period = period(now, hours);
            assert_eq!((period.since, period.parts), (since.parse().unwrap(), parts), "{hours}");
            let end = period.since.checked_add(period.step * i32::try_from(parts).unwrap()).unwrap();
            assert!(end > now && end.checked_sub(period.step).unwrap() <= now, "{hours}");
        }
    }
}
