//! What is wrong, and what becomes of it.

use provost_change::{AccountId, Kind, ResourceId};
use serde_json::{Value, json};
use std::fmt;

/// Faults that are shown one by one; more are counted.
const SHOWN_MAX: usize = 1_000;

/// What can be done about a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Nothing here.
    None,
    /// `--repair` puts it right.
    Possible,
    /// It is right now.
    Done,
}

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    account: Option<AccountId>,
    kind: Option<String>,
    id: Option<String>,
    problem: String,
    remedy: Remedy,
}

/// Everything that is wrong.
#[derive(Debug, Default)]
pub struct Faults {
    /// Whether what can be put right is.
    pub repairing: bool,
    shown: Vec<Fault>,
    found: u64,
    repaired: u64,
}

impl Fault {
    /// In the database file itself.
    pub fn of_file(problem: String) -> Self {
        Self { account: None, kind: None, id: None, problem, remedy: Remedy::None }
    }

    /// In an account as a whole.
    pub fn of_account(account: AccountId, problem: impl Into<String>) -> Self {
        Self { account: Some(account), ..Self::of_file(problem.into()) }
    }

    /// In a record.
    pub fn of_record(account: AccountId, kind: &Kind, id: ResourceId, problem: impl Into<String>) -> Self {
        Self::of_row(account, kind.to_string(), id.to_string(), problem)
    }

    /// In a row that cannot be read as a record.
    pub fn of_row(account: AccountId, kind: String, id: String, problem: impl Into<String>) -> Self {
        Self { kind: Some(kind), id: Some(id), ..Self::of_account(account, problem) }
    }

    /// For programs.
    pub fn json(&self) -> Value {
        json!({
            "account": self.account.map(|account| account.to_string()),
            "kind": self.kind,
            "id": self.id,
            "problem": self.problem,
            "repairable": self.remedy != Remedy::None,
            "repaired": self.remedy == Remedy::Done,
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.account {
            None => write!(out, "database")?,
            Some(account) => write!(out, "account {account}")?,
        }
        if let (Some(kind), Some(id)) = (&self.kind, &self.id) {
            write!(out, ": {kind} {id}")?;
        }
        let remedy = match self.remedy {
            Remedy::None => "",
            Remedy::Possible => " (--repair puts it right)",
            Remedy::Done => " (repaired)",
        };
        write!(out, ": {}{remedy}", self.problem)
    }
}

impl Faults {
    /// None so far.
    pub fn new(repairing: bool) -> Self {
        Self { repairing, ..Self::default() }
    }

    /// Notes a fault.
    pub fn add(&mut self, fault: Fault, remedy: Remedy) {
        self.found += 1;
        self.repaired += u64::from(remedy == Remedy::Done);
        if self.shown.len() < SHOWN_MAX {
            self.shown.push(Fault { remedy, ..fault });
        }
    }

    /// What becomes of a fault that can be repaired.
    pub fn remedy(&self) -> Remedy {
        if self.repairing { Remedy::Done } else { Remedy::Possible }
    }

    /// How many were shown and repaired so far, for [`Self::take_back`].
    pub fn mark(&self) -> (usize, u64) {
        (self.shown.len(), self.repaired)
    }

    /// What was repaired since the mark is not: the repairs were taken back.
    pub fn take_back(&mut self, (shown, repaired): (usize, u64)) {
        self.repaired = repaired;
        for fault in self.shown.iter_mut().skip(shown).filter(|fault| fault.remedy == Remedy::Done) {
            fault.remedy = Remedy::Possible;
        }
    }

    /// The first of them.
    pub fn shown(&self) -> &[Fault] {
        &self.shown
    }

    /// How many there were.
    pub fn found(&self) -> u64 {
        self.found
    }

    /// How many of them are right now.
    pub fn repaired(&self) -> u64 {
        self.repaired
    }

    /// How many are left.
    pub fn open(&self) -> u64 {
        self.found - self.repaired
    }
}
