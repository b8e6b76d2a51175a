//! The provisioning job of an app: whether it runs, how far it has come, and how it went.

use crate::{Objects, Quarantine, QuarantineReason};
use jiff::{SignedDuration, Timestamp};
use provost_change::{Kind, ResourceId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, VecDeque};

/// The job of one app: a record of [`Job::kind`] with the app's id. Only the engine writes it, and who starts, stops or restarts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// Whether and how it runs.
    pub state: JobState,
    /// Up to which entry of the audit log all changes are at the target or in escrow; `None`: the next cycle looks at everything.
    pub watermark: Option<u64>,
    /// Whether a cycle is under way, or one was killed and none that began since has come to its end: nothing is known of what it did last.
    pub is_under_way: bool,
    /// How far a cycle that looks at everything has come.
    pub progress: Option<Progress>,
    /// Counts restarts: what a cycle that began before one says of its place is ignored.
    pub epoch: u64,
    /// Counts how often all links were dropped.
    pub generation: u32,
    /// Failures that began before are forgotten.
    pub forget_escrows_before: Option<Timestamp>,
    /// Disables and deletes that were held at this time, and said to be so in the log, may be sent, whatever their number.
    pub allow_held_until: Option<Timestamp>,
    /// Disables and deletes that were held at this time, and said to be so in the log, are not sent.
    pub reject_held_until: Option<Timestamp>,
    /// Why it is left alone, when it is.
    pub quarantine: Option<Quarantine>,
    /// Reasons that somebody was told of in this quarantine.
    pub told: BTreeSet<QuarantineReason>,
    /// When the next cycle is due; `None`: at once.
    pub next_cycle: Option<Timestamp>,
    /// Cycles in a row that did not come to their end.
    pub successive_failures: u32,
    /// When the first cycle that looked at everything ended.
    pub steady_first: Option<Timestamp>,
    /// Whether the failures of an initial cycle were so many that they were dropped.
    pub escrows_pruned: bool,
    /// Where the next look for drift begins.
    pub drift_place: Option<ResourceId>,
    /// How many resources were created or linked, until links are dropped.
    pub synchronized_users: u64,
    /// The same of groups.
    pub synchronized_groups: u64,
    /// How long it took until those who lost access lost it at the target.
    pub deprovisioning: Deprovisioning,
    /// The last cycles, newest first, at most [`CYCLES_MAX`].
    pub cycles: VecDeque<CycleReport>,
}

/// Whether and how a job runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum JobState {
    /// Something is missing: the token, or all mappings.
    #[default]
    NotConfigured,
    /// It has never run.
    NotRun,
    /// It runs.
    Active,
    /// Somebody stopped it.
    Paused,
    /// It runs rarely, since it mostly failed.
    Quarantine,
    /// It was in quarantine for four weeks and is switched off.
    Disabled,
}

/// How far a cycle that looks at everything has come: what lies before this place is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The cycle.
    pub cycle: ResourceId,
    /// The watermark when it began.
    pub watermark: u64,
    /// In which phase.
    pub phase: Phase,
    /// Behind which record.
    pub after: Option<ResourceId>,
    /// What it did so far.
    pub tally: Tally,
}

/// Part of a cycle, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The target is asked whether it can be used.
    Probe,
    /// Users that changed.
    ChangedUsers,
    /// Users that have a link.
    LinkedUsers,
    /// Users that have none.
    NewUsers,
    /// Users whose manager came late.
    Waiting,
    /// Groups that changed.
    ChangedGroups,
    /// Groups that have a link.
    LinkedGroups,
    /// Groups that have none.
    NewGroups,
    /// Links are held against the target.
    Drift,
    /// Disables and deletes, once they are counted.
    Deletions,
}

/// What a cycle did, in objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Looked at.
    pub imported: u64,
    /// Of those, entitled.
    pub entitled: u64,
    /// Created at the target.
    pub created: u64,
    /// Changed there, restored ones included.
    pub updated: u64,
    /// Disabled there.
    pub disabled: u64,
    /// Removed there.
    pub deleted: u64,
    /// Found there and linked.
    pub linked: u64,
    /// Nothing to do.
    pub skipped: u64,
    /// Failed, and remembered for another try.
    pub failed: u64,
    /// References to objects that failed themselves.
    pub unresolved: u64,
    /// Disables and deletes that wait for somebody.
    pub held: u64,
    /// Requests that were sent.
    pub requests: u64,
    /// Of those, requests that write.
    pub writes: u64,
}

/// How a cycle went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CycleReport {
    /// Which cycle: the provisioning log names it.
    pub id: ResourceId,
    /// When it began.
    pub began: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// Whether it looked at everything.
    pub is_initial: bool,
    /// How it ended.
    pub end: CycleEnd,
    /// What it did.
    pub tally: Tally,
}

/// What somebody decided about disables and deletes that are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum HeldDecision {
    /// The next cycle sends them.
    Allowed,
    /// The next cycle lets go of them.
    Rejected,
}

/// How a cycle ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CycleEnd {
    /// It came to its end.
    Succeeded,
    /// It came to its end, and some objects failed.
    EntryLevelErrors,
    /// Somebody stopped it at once; what was not done is done by the next one.
    Stopped,
    /// The target could not be used; why, in one sentence. What was not done is done by the next one.
    Failed(String),
}

/// How long it took from a change of the source until access was gone at the target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deprovisioning {
    /// How many were measured.
    pub count: u64,
    /// All of them together, in milliseconds.
    pub total_ms: u64,
    /// The longest, in milliseconds.
    pub longest_ms: u64,
    /// The newest, in milliseconds.
    pub last_ms: u64,
}

/// What a restart forgets, in the scopes that Graph names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default, deny_unknown_fields)]
pub struct Reset {
    /// How far it has come: the next cycle looks at everything.
    pub watermark: bool,
    /// Failures.
    pub escrows: bool,
    /// Quarantine.
    pub quarantine_state: bool,
    /// Links: everything is matched anew.
    pub connector_data_store: bool,
    /// Holding: what is held is sent.
    pub force_deletes: bool,
}

/// Cycles that are remembered.
pub const CYCLES_MAX: usize = 20;

impl Reset {
    /// What a restart does when nothing else is asked for: links survive.
    pub const USUAL: Self = Self {
        watermark: true,
        escrows: true,
        quarantine_state: true,
        connector_data_store: false,
        force_deletes: false,
    };
    /// Everything.
    pub const FULL: Self = Self {
        watermark: true,
        escrows: true,
        quarantine_state: true,
        connector_data_store: true,
        force_deletes: true,
    };
}

impl Tally {
    /// Objects with which something was done, or that needed nothing.
    pub fn succeeded(&self) -> u64 {
        self.changed() + self.linked + self.skipped
    }

    /// Objects with which something was done at the target.
    pub fn changed(&self) -> u64 {
        self.created + self.updated + self.disabled + self.deleted
    }
}

impl Deprovisioning {
    /// Adds a measurement.
    pub fn measured(&mut self, took: SignedDuration) {
        let ms = u64::try_from(took.as_millis()).unwrap_or(0);
        self.count += 1;
        self.total_ms = self.total_ms.saturating_add(ms);
        self.longest_ms = self.longest_ms.max(ms);
        self.last_ms = ms;
    }
}

impl Job {
    /// The kind of the records.
    pub fn kind() -> Kind {
        Kind::named("provisioning-job")
    }

    /// Starts it, or starts it again; what it knows stays.
    pub fn start(&mut self) {
        self.state = match (&self.quarantine, self.cycles.is_empty()) {
            (Some(_), _) => JobState::Quarantine,
            (None, true) => JobState::NotRun,
            (None, false) => JobState::Active,
        };
        self.next_cycle = self.quarantine.as_ref().map(|quarantine| quarantine.next_attempt);
    }

    /// Stops it; a cycle that is under way ends as who runs it decides.
    pub fn stop(&mut self) {
        self.state = JobState::Paused;
    }

    /// Forgets what the reset names. A cycle that was under way is not gone on with, and the next one is due at once.
    pub fn restart(&mut self, reset: Reset, now: Timestamp) {
        self.epoch += 1;
        self.progress = None;
        if reset.watermark {
            self.watermark = None;
        }
        if reset.escrows {
            self.forget_escrows_before = Some(now);
            self.escrows_pruned = false;
            self.successive_failures = 0;
        }
        if reset.quarantine_state {
            self.lift_quarantine();
        }
        if reset.connector_data_store {
            self.generation = self.generation.wrapping_add(1);
            self.watermark = None;
            (self.synchronized_users, self.synchronized_groups) = (0, 0);
        }
        if reset.force_deletes {
            self.allow_held(now);
        }
        if self.state != JobState::Paused {
            self.start();
        }
        self.next_cycle = None;
    }

    /// Lets what is held now be sent by the next cycle, once.
    pub fn allow_held(&mut self, now: Timestamp) {
        self.allow_held_until = Some(now);
        self.next_cycle = None;
    }

    /// Has the next cycle let go of what is held now: it stays as it is at the target.
    pub fn reject_held(&mut self, now: Timestamp) {
        self.reject_held_until = Some(now);
        self.next_cycle = None;
    }

    /// What was decided about what the last cycle held, until the next follows it.
    pub fn held_decision(&self) -> Option<HeldDecision> {
        let last = self.cycles.front()?.ended;
        if self.reject_held_until.is_some_and(|until| until >= last) {
            Some(HeldDecision::Rejected)
        } else if self.allow_held_until.is_some_and(|until| until >= last) {
            Some(HeldDecision::Allowed)
        } else {
            None
        }
    }

    /// Whether it runs by itself.
    pub fn runs(&self) -> bool {
        match self.state {
            JobState::NotRun | JobState::Active | JobState::Quarantine => true,
            JobState::NotConfigured | JobState::Paused | JobState::Disabled => false,
        }
    }

    /// When its next cycle is due; `None` when it does not run.
    pub fn due(&self, now: Timestamp) -> Option<Timestamp> {
        self.runs().then(|| self.next_cycle.unwrap_or(now))
    }

    /// Counts a resource that was created or linked.
    pub fn synchronized(&mut self, of: Objects) {
        match of {
            Objects::Users => self.synchronized_users += 1,
            Objects::Groups => self.synchronized_groups += 1,
        }
    }

    /// Quarantine is over.
    pub fn lift_quarantine(&mut self) {
        self.quarantine = None;
        self.told.clear();
        if self.state == JobState::Quarantine {
            self.state = JobState::Active;
        }
    }

    /// Imposes quarantine, or keeps it. Whether somebody has to be told: once for each reason, and when it is switched off.
    pub fn quarantined(&mut self, reason: QuarantineReason, detail: String, now: Timestamp) -> bool {
        let quarantine = Quarantine::impose(self.quarantine.as_ref(), reason, detail, now);
        self.next_cycle = Some(quarantine.next_attempt);
        let has_lasted = quarantine.has_lasted(now);
        self.quarantine = Some(quarantine);
        if self.state != JobState::Paused {
            self.state = if has_lasted { JobState::Disabled } else { JobState::Quarantine };
        }
        self.told.insert(reason) || has_lasted
    }

    /// Remembers how a cycle went.
    pub fn remember(&mut self, report: CycleReport) {
        self.cycles.push_front(report);
        self.cycles.truncate(CYCLES_MAX);
    }

    /// The newest cycle that came to its end.
    pub fn last_success(&self) -> Option<&CycleReport> {
        let ended = |report: &&CycleReport| match report.end {
            CycleEnd::Succeeded | CycleEnd::EntryLevelErrors => true,
            CycleEnd::Stopped | CycleEnd::Failed(_) => false,
        };
        self.cycles.iter().find(ended)
    }
}
