//! What a cycle makes of its job, as data: the job may be stopped or restarted while the cycle goes on.

use crate::{CycleEnd, CycleReport, Deprovisioning, Job, JobState, Progress, QuarantineReason};
use jiff::{SignedDuration, Timestamp};
use provost_change::ResourceId;

/// What a cycle makes of its job.
#[derive(Clone, Debug, PartialEq)]
pub struct JobChange {
    /// The job's [`epoch`](Job::epoch) when the cycle began.
    pub epoch: u64,
    /// Users that were created or linked since the last change.
    pub users: u64,
    /// The same of groups.
    pub groups: u64,
    /// How long de-provisioning took since the last change.
    pub deprovisioning: Deprovisioning,
    /// How far the cycle is.
    pub place: Place,
}

/// How far a cycle is.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// It is none: something was done beside the job's cycles.
    Beside,
    /// It is under way; `None` where it begins anew when it is ended.
    UnderWay(Option<Progress>),
    /// It has ended.
    Ended(Box<Ended>),
}

/// How a cycle ended, and what follows.
#[derive(Clone, Debug, PartialEq)]
pub struct Ended {
    /// How it went.
    pub report: CycleReport,
    /// The watermark, when everything up to there was looked at.
    pub watermark: Option<u64>,
    /// Whether it has not come to what a killed one may have done before it.
    pub in_doubt: bool,
    /// What the cycle knew of decisions about what is held: see [`Job::decided`].
    pub decided: Decided,
    /// Why the app is to be in quarantine; `None`: it is not.
    pub quarantine: Option<(QuarantineReason, String)>,
    /// Whether there were so many failures in an initial cycle that they are dropped and the job stops.
    pub prunes: bool,
    /// From when on the target wants to be asked again, when it said so.
    pub not_before: Option<Timestamp>,
    /// Seconds from the beginning of one cycle to that of the next.
    pub interval: u64,
    /// Where the next look for drift begins.
    pub drift_place: Option<ResourceId>,
}

/// Until when what is held was decided about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    /// What may be sent.
    pub allowed_until: Option<Timestamp>,
    /// What is not sent.
    pub rejected_until: Option<Timestamp>,
}

/// What somebody has to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The app is in quarantine; why, for people.
    Quarantined(QuarantineReason, String),
    /// The app was in quarantine for four weeks and is switched off.
    Disabled(String),
}

/// Cycles in a row that did not come to their end after which an app goes into quarantine, when the target is merely away.
const FAILURES_MAX: u32 = 3;

impl Job {
    /// What was decided about what is held.
    pub fn decided(&self) -> Decided {
        Decided { allowed_until: self.allow_held_until, rejected_until: self.reject_held_until }
    }

    /// Applies what a cycle says. What it says of its place is ignored after a restart.
    pub fn apply(&mut self, change: &JobChange, now: Timestamp) -> Vec<Notice> {
        self.synchronized_users += change.users;
        self.synchronized_groups += change.groups;
        self.deprovisioning.add(&change.deprovisioning);
        let is_current = change.epoch == self.epoch;
        match &change.place {
            Place::Beside => Vec::new(),
            Place::UnderWay(progress) => {
                self.is_under_way = true;
                if is_current {
                    self.progress.clone_from(progress);
                }
                Vec::new()
            }
            Place::Ended(ended) => {
                self.is_under_way = ended.in_doubt;
                self.remember(ended.report.clone());
                if is_current { self.ended(ended, now) } else { Vec::new() }
            }
        }
    }

    fn ended(&mut self, ended: &Ended, now: Timestamp) -> Vec<Notice> {
        if self.state == JobState::NotRun {
            self.state = JobState::Active;
        }
        // What somebody decided while the cycle went on is done by the next one, at once.
        let is_decided_anew = ended.decided != self.decided();
        let interval = SignedDuration::from_secs(i64::try_from(ended.interval).unwrap_or(i64::MAX / 1_000_000));
        let next = (ended.report.began + interval).max(now);
        self.next_cycle = Some(ended.not_before.map_or(next, |not_before| next.max(not_before)));
        self.drift_place = ended.drift_place;
        if let Some(watermark) = ended.watermark {
            self.watermark = Some(watermark);
            self.progress = None;
            self.successive_failures = 0;
            self.steady_first.get_or_insert(now);
        }
        let mut quarantine = ended.quarantine.clone();
        if let CycleEnd::Failed(why) = &ended.report.end {
            self.successive_failures = self.successive_failures.saturating_add(1);
            let is_away = self.successive_failures >= FAILURES_MAX || self.quarantine.is_some();
            quarantine =
                quarantine.or_else(|| is_away.then(|| (QuarantineReason::EncounteredQuarantineException, why.clone())));
        }
        if ended.prunes {
            self.escrows_pruned = true;
            self.forget_escrows_before = Some(now);
            self.state = JobState::Paused;
        }
        let notices = match quarantine {
            // It counted what somebody has decided about since.
            Some((QuarantineReason::TooManyDeletes, _)) if is_decided_anew => Vec::new(),
            Some((reason, detail)) => self.imposed(reason, detail, now),
            None => {
                // Whoever stops a cycle has not seen whether the target works again.
                if ended.watermark.is_some() {
                    self.lift_quarantine();
                }
                Vec::new()
            }
        };
        if is_decided_anew {
            self.next_cycle = ended.not_before;
        }
        notices
    }

    fn imposed(&mut self, reason: QuarantineReason, detail: String, now: Timestamp) -> Vec<Notice> {
        let is_news = self.quarantined(reason, detail.clone(), now);
        match self.state {
            JobState::Disabled => vec![Notice::Disabled(detail)],
            _ if is_news => vec![Notice::Quarantined(reason, detail)],
            _ => Vec::new(),
        }
    }
}

impl Deprovisioning {
    /// Adds other measurements.
    pub fn add(&mut self, other: &Self) {
        if other.count > 0 {
            self.count += other.count;
            self.total_ms = self.total_ms.saturating_add(other.total_ms);
            self.longest_ms = self.longest_ms.max(other.longest_ms);
            self.last_ms = other.last_ms;
        }
    }
}
