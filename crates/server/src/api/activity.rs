//! What happened in an account lately: how much, when, and what failed and did not succeed since.

use super::{Answer, asked::InAccount, ok};
use crate::app::Failure;
use jiff::{SignedDuration, Timestamp};
use provost_accounts::audit;
use provost_scim::{ScimError, ScimType};
use provost_store::LogQuery;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};
use utoipa::{IntoParams, ToSchema};

/// Entries that are read at once.
const CHUNK: u64 = 500;
/// Entries that one request looks at, the newest.
const EXAMINED_MAX: u64 = 10_000;
/// Hours that can be asked for: 30 days.
const HOURS_MAX: u64 = 720;
/// Causes that are told, those of the newest failures first.
const CAUSES_MAX: usize = 20;
/// What of one cause is told by name.
const SUBJECTS_MAX: usize = 3;

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
        let detail = format!("`hours` is a number from 1 to {HOURS_MAX}");
        return Err(Failure::from(ScimError::bad_request(ScimType::InvalidValue, detail)).into());
    }
    let now = asked.request.app.now();
    let (since, step, parts) = period(now, hours);
    let mut tally = Tally::new(since, step, parts);
    let mut walk = LogQuery { after: None, before: None, subject: None, newest_first: true, limit: CHUNK };
    let mut examined = 0;
    loop {
        let entries = asked.request.app.store().log(asked.account(), &walk).await?;
        for entry in &entries {
            if entry.at < since {
                return ok(&tally.told(true));
            }
            let shown = audit::shown(asked.account(), entry);
            if query.app.as_deref().is_none_or(|app| shown["actor"]["id"] == app) {
                tally.count(&shown, entry.at);
            }
        }
        examined += entries.len() as u64;
        match entries.last() {
            Some(last) if entries.len() as u64 == CHUNK => walk.before = Some(last.seq),
            _ => return ok(&tally.told(true)),
        }
        if examined >= EXAMINED_MAX {
            return ok(&tally.told(false));
        }
    }
}

/// Where a period begins, how long its parts are, and how many there are.
fn period(now: Timestamp, hours: u64) -> (Timestamp, SignedDuration, u64) {
    let step_hours = match hours {
        ..=48 => 1,
        49..=336 => 6,
        337.. => 24,
    };
    let parts = hours.div_ceil(step_hours);
    let step = i64::try_from(step_hours * 3_600).unwrap_or(3_600);
    let last = now.as_second().div_euclid(step) * step;
    let since = last.saturating_sub(step.saturating_mul(i64::try_from(parts - 1).unwrap_or(0)));
    (Timestamp::from_second(since).unwrap_or(Timestamp::UNIX_EPOCH), SignedDuration::from_secs(step), parts)
}

/// What is counted while the log is read from its end.
struct Tally {
    since: Timestamp,
    step: SignedDuration,
    parts: Vec<Part>,
    actions: BTreeMap<String, Counted>,
    causes: Vec<(Cause, HashSet<Subject>)>,
    /// What succeeded later than what is read now: a failure before it is settled.
    settled: HashSet<(String, String)>,
}

/// What settles a failure of an action: a refused change of a user is logged as one before it is known what it would have done, and the
/// change that succeeds by what it did.
fn settling(action: &str) -> &str {
    match action {
        "user.enable" | "user.disable" => "user.update",
        other => other,
    }
}

impl Tally {
    fn new(since: Timestamp, step: SignedDuration, parts: u64) -> Self {
        let from = |position: u64| since.checked_add(step * i32::try_from(position).unwrap_or(0)).unwrap_or(since);
        let parts = (0..parts).map(|position| Part { from: from(position), succeeded: 0, failed: 0 }).collect();
        Self { since, step, parts, actions: BTreeMap::new(), causes: Vec::new(), settled: HashSet::new() }
    }

    /// Counts an entry; entries come newest first.
    fn count(&mut self, entry: &Value, at: Timestamp) {
        let position = at.duration_since(self.since).as_secs() / self.step.as_secs().max(1);
        let position = usize::try_from(position).unwrap_or(0).min(self.parts.len() - 1);
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let action = text(&entry["action"]).unwrap_or_default();
        let subject = subject(entry);
        let key =
            (settling(&action).to_owned(), subject.as_ref().map_or_else(String::new, |subject| subject.name.clone()));
        let counted = self.actions.entry(action.clone()).or_default();
        if entry["outcome"] == "success" {
            counted.succeeded += 1;
            self.parts[position].succeeded += 1;
            self.settled.insert(key);
            return;
        }
        counted.failed += 1;
        self.parts[position].failed += 1;
        if self.settled.contains(&key) {
            return;
        }
        let detail = text(&entry["detail"]).unwrap_or_else(|| "the reason was erased".to_owned());
        let known = self.causes.iter().position(|(cause, _)| cause.action == action && cause.detail == detail);
        let place = match known {
            Some(place) => place,
            None if self.causes.len() == CAUSES_MAX => return,
            None => {
                let actor = text(&entry["actor"]["name"]).unwrap_or_else(|| "somebody".to_owned());
                let policy_field = text(&entry["reason"]["policyField"]);
                let (subjects, subject_count) = (Vec::new(), 0);
                let cause = Cause { action, detail, policy_field, count: 0, subjects, subject_count, actor, last: at };
                self.causes.push((cause, HashSet::new()));
                self.causes.len() - 1
            }
        };
        let (cause, seen) = &mut self.causes[place];
        cause.count += 1;
        if let Some(subject) = subject.filter(|subject| seen.insert(subject.clone())) {
            cause.subject_count += 1;
            if cause.subjects.len() < SUBJECTS_MAX {
                cause.subjects.push(subject);
            }
        }
    }

    fn told(self, complete: bool) -> ActivityView {
        ActivityView {
            since: self.since,
            complete,
            succeeded: self.parts.iter().map(|part| part.succeeded).sum(),
            failed: self.parts.iter().map(|part| part.failed).sum(),
            parts: self.parts,
            actions: self.actions,
            causes: self.causes.into_iter().map(|(cause, _)| cause).collect(),
        }
    }
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
    use serde_json::json;

    fn entry(action: &str, outcome: &str, name: &str, detail: &str) -> Value {
        json!({
            "action": action, "outcome": outcome, "target": { "type": "user", "id": name }, "target_name": name,
            "actor": { "name": "SCIM Entra" }, "detail": detail, "reason": { "policyField": "users.fields" },
        })
    }

    #[test]
    fn parts_begin_at_whole_hours_and_the_last_holds_the_present() {
        let now: Timestamp = "2026-03-05T16:43:20Z".parse().unwrap();
        for (hours, since, parts) in [
            (24, "2026-03-04T17:00:00Z", 24),
            (1, "2026-03-05T16:00:00Z", 1),
            (168, "2026-02-26T18:00:00Z", 28),
            (720, "2026-02-04T00:00:00Z", 30),
        ] {
            let (from, step, number) = period(now, hours);
            assert_eq!((from, number), (since.parse().unwrap(), parts), "{hours}");
            let end = from.checked_add(step * i32::try_from(parts).unwrap()).unwrap();
            assert!(end > now && end.checked_sub(step).unwrap() <= now, "{hours}");
        }
    }

    #[test]
    fn failures_are_grouped_by_cause_and_leave_when_the_same_act_succeeds() {
        let since: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let mut tally = Tally::new(since, SignedDuration::from_hours(1), 24);
        let at = |minutes: i64| since.checked_add(SignedDuration::from_mins(minutes)).unwrap();
        for (minutes, action, outcome, name, detail) in [
            (1_439, "user.update", "success", "ann", ""),
            (1_430, "user.update", "failure", "bob", "not this field"),
            (1_420, "user.update", "failure", "bob", "not this field"),
            (1_410, "user.update", "failure", "cid", "not this field"),
            (1_400, "user.update", "failure", "ann", "not this field"),
            (0, "user.create", "failure", "dan", "taken"),
        ] {
            tally.count(&entry(action, outcome, name, detail), at(minutes));
        }
        let told = tally.told(true);
        assert_eq!((told.succeeded, told.failed), (1, 5));
        assert_eq!(told.actions["user.update"], Counted { succeeded: 1, failed: 4 });
        assert_eq!((told.parts[23].succeeded, told.parts[23].failed, told.parts[0].failed), (1, 4, 1));
        let causes: Vec<_> = told
            .causes
            .iter()
            .map(|cause| (cause.action.as_str(), cause.count, cause.subject_count, cause.last))
            .collect();
        assert_eq!(causes, [("user.update", 3, 2, at(1_430)), ("user.create", 1, 1, at(0))]);
        assert_eq!(told.causes[0].policy_field.as_deref(), Some("users.fields"));
    }
}
