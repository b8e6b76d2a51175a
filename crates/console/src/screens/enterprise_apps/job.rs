//! How the provisioning of an application stands, as the management API shows it.

use crate::components::{count, mark::Mark};
use jiff::Timestamp;
use serde::Deserialize;

/// The provisioning job.
#[derive(Clone, Debug, Deserialize)]
pub struct Job {
    /// `NotConfigured`, `NotRun`, `Active`, `Paused`, `Quarantine` or `Disabled`.
    pub state: String,
    /// Whether a cycle is under way.
    pub under_way: bool,
    /// When the next cycle is due.
    pub next_cycle: Option<Timestamp>,
    /// How far a cycle that looks at everything has come.
    pub progress: Option<Progress>,
    /// Why it runs rarely.
    pub quarantine: Option<Quarantine>,
    /// `allowed` or `rejected`, where the next cycle is going to follow a decision about what the last one held.
    pub held_decision: Option<String>,
    /// Users that were created or linked.
    pub synchronized_users: u64,
    /// Groups that were created or linked.
    pub synchronized_groups: u64,
    /// Users and groups whose last try failed and that are tried again by themselves.
    pub failing: u64,
    /// How long it took until access was gone.
    pub deprovisioning: Deprovisioning,
    /// The last cycles, newest first.
    pub cycles: Vec<Cycle>,
}

/// How far a cycle has come.
#[derive(Clone, Debug, Deserialize)]
pub struct Progress {
    /// In which phase.
    pub phase: String,
    /// What it did so far.
    pub tally: Tally,
}

/// Why an application is in quarantine.
#[derive(Clone, Debug, Deserialize)]
pub struct Quarantine {
    /// As Entra calls it.
    pub reason: String,
    /// What to do about it.
    pub detail: String,
    /// Since when.
    pub series_began: Timestamp,
    /// When it is tried again.
    pub next_attempt: Timestamp,
}

/// How long it took until those who lost access lost it at the target.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Deprovisioning {
    /// How many were measured.
    pub count: u64,
    /// The longest, in milliseconds.
    pub longest_ms: u64,
    /// The newest, in milliseconds.
    pub last_ms: u64,
}

/// A cycle that ended.
#[derive(Clone, Debug, Deserialize)]
pub struct Cycle {
    /// Its id.
    pub id: String,
    /// `succeeded`, `entry_level_errors`, `stopped` or `failed`.
    pub status: String,
    /// Why it did not come to its end.
    pub detail: Option<String>,
    /// Whether it looked at everything.
    pub initial: bool,
    /// When it began.
    pub began: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// What it did.
    pub counts: Tally,
}

/// What a cycle did, in objects.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub struct Tally {
    /// Looked at.
    pub imported: u64,
    /// Created.
    pub created: u64,
    /// Changed.
    pub updated: u64,
    /// Disabled.
    pub disabled: u64,
    /// Removed.
    pub deleted: u64,
    /// Found and linked.
    pub linked: u64,
    /// Failed.
    pub failed: u64,
    /// Disables and deletes that wait for somebody.
    pub held: u64,
    /// Requests that were sent.
    pub requests: u64,
}

impl Tally {
    /// What it wrote, at the target.
    pub fn writes(&self) -> u64 {
        self.created + self.updated + self.disabled + self.deleted
    }

    /// In words: `2 created, 1 disabled`.
    pub fn words(&self) -> String {
        let all = [
            (self.created, "created"),
            (self.linked, "linked"),
            (self.updated, "updated"),
            (self.disabled, "disabled"),
            (self.deleted, "deleted"),
            (self.failed, "failed"),
            (self.held, "held"),
        ];
        let said: Vec<String> = all
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, word)| format!("{} {word}", count(i64::try_from(number).unwrap_or(i64::MAX))))
            .collect();
        if said.is_empty() { "Nothing to change".to_owned() } else { said.join(", ") }
    }
}

impl Cycle {
    /// How it ended.
    pub fn standing(&self) -> (Mark, &'static str) {
        match self.status.as_str() {
            "succeeded" => (Mark::On, "Succeeded"),
            "entry_level_errors" => (Mark::Warn, "Some objects failed"),
            "stopped" => (Mark::Off, "Stopped"),
            _ => (Mark::Bad, "Failed"),
        }
    }
}

impl Job {
    /// How it stands; `started` says whether the application runs by itself.
    pub fn standing(&self, started: bool) -> (Mark, &'static str) {
        match self.state.as_str() {
            "Quarantine" => (Mark::Bad, "Quarantine"),
            "Disabled" => (Mark::Bad, "Switched off after 28 days in quarantine"),
            _ if self.under_way => (Mark::Run, "Cycle running"),
            _ if started => (Mark::On, "On"),
            _ => (Mark::Off, "Off"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn a_cycle_says_what_it_did() {
        assert_eq!(Tally::default().words(), "Nothing to change");
        let tally = Tally { created: 1_200, held: 3, ..Tally::default() };
        assert_eq!(tally.words(), "1,200 created, 3 held");
    }
}
