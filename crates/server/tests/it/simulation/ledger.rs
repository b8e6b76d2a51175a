//! What clients were told, and what they can only guess.

use std::collections::{BTreeMap, BTreeSet};

/// What came of a write, as its client sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was acknowledged.
    Done,
    /// It was refused: nothing was done.
    Refused,
    /// No answer came, or one that says that the store failed.
    Unknown,
}

/// What is known of a user.
#[derive(Debug, Default)]
pub struct Known {
    /// Names that it may have: one, unless a rename is in doubt.
    pub names: BTreeSet<String>,
    /// Counts that were acknowledged, each to whoever wrote it on top of the one before.
    pub counts: BTreeSet<u64>,
    /// Counts in doubt.
    pub doubtful_counts: usize,
    /// Addresses that were acknowledged.
    pub emails: BTreeSet<String>,
    /// Addresses in doubt.
    pub doubtful_emails: BTreeSet<String>,
    /// By group: whether it is a member; `None` in doubt.
    pub member_of: BTreeMap<String, Option<bool>>,
    /// Whether it was deleted; `None` in doubt.
    pub is_deleted: Option<bool>,
}

/// What all clients together know.
#[derive(Debug, Default)]
pub struct Ledger {
    /// By id.
    pub users: BTreeMap<String, Known>,
    /// Names of users that were created in doubt, each time.
    pub doubtful_users: Vec<String>,
    /// Writes that were acknowledged.
    pub done: u64,
    /// Writes that were sent.
    pub sent: u64,
    /// Rules that an answer broke.
    pub breaches: Vec<String>,
}

impl Ledger {
    /// Notes a write that was answered, or was not.
    pub fn note(&mut self, outcome: Outcome) {
        self.sent += 1;
        self.done += u64::from(outcome == Outcome::Done);
    }

    /// A user that was created.
    pub fn created(&mut self, id: &str, name: &str) {
        let known = Known { is_deleted: Some(false), names: BTreeSet::from([name.to_owned()]), ..Known::default() };
        if self.users.insert(id.to_owned(), known).is_some() {
            self.breaches.push(format!("the id {id} was given twice"));
        }
    }

    /// What is known of a user that was created.
    pub fn of(&mut self, id: &str) -> &mut Known {
        self.users.get_mut(id).expect("only users that were created are looked at")
    }

    /// A count that was written on top of the one before it.
    pub fn counted(&mut self, id: &str, count: u64, outcome: Outcome) {
        let known = self.of(id);
        match outcome {
            Outcome::Done if !known.counts.insert(count) => {
                self.breaches.push(format!("a lost update: two writers of {id} were told that theirs is {count}"));
            }
            Outcome::Done | Outcome::Refused => {}
            Outcome::Unknown => known.doubtful_counts += 1,
        }
    }
}
