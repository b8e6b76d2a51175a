//! How much happened in an account lately, and which failures nobody has put right since: a tally that is kept up with the audit log.
//!
//! It is added to in the order of the log, and holds counts, sequence numbers and digests, but no names: what was erased from the log is
//! not to be found here either. Whatever it tells is what counting the same entries again would tell.

mod event;

pub use event::Event;

use event::Digest;
use jiff::{SignedDuration, Timestamp};
use provost_change::ResourceId;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

/// Counts that are kept, about 2 MB: one for each hour, app and action. Beyond it the oldest hours go.
const CELLS_MAX: usize = 20_000;
/// Failures that are kept, about 2 MB. Beyond it the oldest go.
const FAILURES_MAX: usize = 10_000;
/// Causes that are told, those of the newest failures first.
const CAUSES_MAX: usize = 20;
/// What of one cause is told by name.
const SUBJECTS_MAX: usize = 3;

const HOUR_S: i64 = 3_600;

/// How much of something was done and refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// How much was done.
    pub succeeded: u64,
    /// How much was refused.
    pub failed: u64,
}

/// A period, in equal parts that begin at whole hours.
#[derive(Clone, Copy, Debug)]
pub struct Period {
    /// When it begins.
    pub since: Timestamp,
    /// How long a part is.
    pub step: SignedDuration,
    /// How many parts there are.
    pub parts: usize,
}

/// What happened in a period.
#[derive(Debug, PartialEq, Eq)]
pub struct Told {
    /// False where the tally does not reach back to the beginning of the period, so that the oldest is missing.
    pub complete: bool,
    /// The period's parts, the oldest first.
    pub parts: Vec<Counted>,
    /// How much was done and refused of each action.
    pub actions: BTreeMap<String, Counted>,
    /// What failed and did not succeed since, the newest first: at most 20.
    pub causes: Vec<Cause>,
}

/// Failures that have one cause: the same act, refused in the same words.
#[derive(Debug, PartialEq, Eq)]
pub struct Cause {
    /// The entry of the newest of them.
    pub newest: u64,
    /// How often it was tried.
    pub count: u64,
    /// The newest entries about the first three of those whom it was about.
    pub subjects: Vec<u64>,
    /// How many it was about.
    pub subject_count: u64,
}

/// What is kept of a failure that the same app has not put right.
#[derive(Debug)]
struct Failure {
    at: Timestamp,
    app: Option<ResourceId>,
    /// The act and whom it was about: what settles it.
    key: Digest,
    cause: Digest,
    subject: Option<Digest>,
    /// Whether somebody else has put it right.
    is_settled: bool,
}

/// What each app did in an hour, by action.
type Hour = HashMap<(Option<ResourceId>, Arc<str>), Counted>;

/// What happened in an account from some time on, up to an entry of its log.
#[derive(Debug)]
pub struct Tally {
    /// From when on everything is counted.
    from: Timestamp,
    seq: u64,
    hours: BTreeMap<i64, Hour>,
    cells: usize,
    actions: HashSet<Arc<str>>,
    failures: BTreeMap<u64, Failure>,
    by_key: HashMap<Digest, BTreeSet<u64>>,
}

impl Tally {
    /// Nothing is counted yet; from `from` on everything will be, up to entry `seq`.
    pub fn new(from: Timestamp) -> Self {
        Self {
            from,
            seq: 0,
            hours: BTreeMap::new(),
            cells: 0,
            actions: HashSet::new(),
            failures: BTreeMap::new(),
            by_key: HashMap::new(),
        }
    }

    /// The last entry that is counted; 0 before the first.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// Counts what comes next in the log.
    pub fn add(&mut self, event: &Event) {
        debug_assert!(event.seq > self.seq, "events come in the order of the log");
        self.seq = event.seq;
        self.count(event);
        match &event.failure {
            None => self.settle(event),
            Some(why) => {
                let key = event.key();
                self.by_key.entry(key).or_default().insert(event.seq);
                let cause = Digest::of(&[&event.action, why]);
                let subject = event.subject.as_ref().map(event::Subject::digest);
                let failure = Failure { at: event.at, app: event.app, key, cause, subject, is_settled: false };
                self.failures.insert(event.seq, failure);
            }
        }
        self.bound();
    }

    fn count(&mut self, event: &Event) {
        let action = match self.actions.get(event.action.as_str()) {
            Some(known) => Arc::clone(known),
            None => {
                let action: Arc<str> = event.action.as_str().into();
                self.actions.insert(Arc::clone(&action));
                action
            }
        };
        let hour = self.hours.entry(hour(event.at)).or_default();
        let before = hour.len();
        let counted = hour.entry((event.app, action)).or_default();
        match event.failure {
            None => counted.succeeded += 1,
            Some(_) => counted.failed += 1,
        }
        self.cells += hour.len() - before;
    }

    /// What succeeds puts right what failed before: for everybody, and for good where the same app did it.
    fn settle(&mut self, event: &Event) {
        if self.failures.is_empty() {
            return;
        }
        for seq in self.by_key.get(&event.key()).cloned().unwrap_or_default() {
            match self.failures.get_mut(&seq) {
                Some(failure) if failure.app != event.app => failure.is_settled = true,
                Some(_) | None => self.forget(seq),
            }
        }
    }

    fn forget(&mut self, seq: u64) {
        let Some(failure) = self.failures.remove(&seq) else { return };
        if let Some(others) = self.by_key.get_mut(&failure.key) {
            others.remove(&seq);
            if others.is_empty() {
                self.by_key.remove(&failure.key);
            }
        }
    }

    /// Keeps within the bounds: what was counted before the oldest that is left is not complete any more.
    fn bound(&mut self) {
        while self.cells > CELLS_MAX
            && let Some((hour, cells)) = self.hours.pop_first()
        {
            self.cells -= cells.len();
            self.from = self.from.max(at_hour(hour + 1));
        }
        while self.failures.len() > FAILURES_MAX
            && let Some((seq, at)) = self.failures.first_key_value().map(|(seq, failure)| (*seq, failure.at))
        {
            self.forget(seq);
            self.from = self.from.max(at_hour(hour(at) + 1));
        }
    }

    /// Forgets what happened before the hour of `horizon`.
    pub fn forget_before(&mut self, horizon: Timestamp) {
        let kept = self.hours.split_off(&hour(horizon));
        self.hours = kept;
        self.cells = self.hours.values().map(HashMap::len).sum();
        let begin = at_hour(hour(horizon));
        let gone: Vec<u64> =
            self.failures.iter().filter(|(_, failure)| failure.at < begin).map(|(seq, _)| *seq).collect();
        gone.into_iter().for_each(|seq| self.forget(seq));
        self.from = self.from.max(begin);
    }

    /// What happened in a period; of one app alone, where `app` says so.
    pub fn told(&self, period: &Period, app: Option<ResourceId>) -> Told {
        let mut parts = vec![Counted::default(); period.parts];
        let mut actions: BTreeMap<String, Counted> = BTreeMap::new();
        for (hour, cells) in self.hours.range(hour(period.since)..) {
            let place = at_hour(*hour).duration_since(period.since).as_secs() / period.step.as_secs().max(1);
            let place = usize::try_from(place).unwrap_or(0).min(period.parts.saturating_sub(1));
            for ((_, action), counted) in cells.iter().filter(|((by, _), _)| app.is_none() || *by == app) {
                for sum in parts.get_mut(place).into_iter().chain([actions.entry(action.to_string()).or_default()]) {
                    sum.succeeded += counted.succeeded;
                    sum.failed += counted.failed;
                }
            }
        }
        Told { complete: self.from <= period.since, parts, actions, causes: self.causes(period.since, app) }
    }

    fn causes(&self, since: Timestamp, app: Option<ResourceId>) -> Vec<Cause> {
        let mut places: HashMap<Digest, usize> = HashMap::new();
        let mut causes: Vec<(Cause, HashSet<Digest>)> = Vec::new();
        let is_open = |failure: &Failure| {
            failure.at >= since && if app.is_some() { failure.app == app } else { !failure.is_settled }
        };
        for (seq, failure) in self.failures.iter().rev().filter(|(_, failure)| is_open(failure)) {
            let place = match places.get(&failure.cause) {
                Some(place) => *place,
                None if causes.len() == CAUSES_MAX => continue,
                None => {
                    let cause = Cause { newest: *seq, count: 0, subjects: Vec::new(), subject_count: 0 };
                    causes.push((cause, HashSet::new()));
                    places.insert(failure.cause, causes.len() - 1);
                    causes.len() - 1
                }
            };
            let (cause, seen) = &mut causes[place];
            cause.count += 1;
            if failure.subject.is_some_and(|subject| seen.insert(subject)) {
                cause.subject_count += 1;
                if cause.subjects.len() < SUBJECTS_MAX {
                    cause.subjects.push(*seq);
                }
            }
        }
        causes.into_iter().map(|(cause, _)| cause).collect()
    }
}

/// The hour since 1970.
fn hour(at: Timestamp) -> i64 {
    at.as_second().div_euclid(HOUR_S)
}

fn at_hour(hour: i64) -> Timestamp {
    Timestamp::from_second(hour.saturating_mul(HOUR_S)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
