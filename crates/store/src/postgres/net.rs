//! What all change sets of a transaction do together: each row at most once, as it is after the last of them.

use super::names::GROUP;
use jiff::Timestamp;
use provost_change::{AccountId, IndexEntry, Kind, Logged, Put, ResourceId, UniqueKey};
use std::collections::{BTreeMap, BTreeSet};

/// The rows that change. Borrowed from the change sets, as far as they carry them.
#[derive(Default)]
pub(super) struct Net<'a> {
    /// Accounts whose head changes, and whether it is new.
    pub(super) heads: BTreeMap<AccountId, bool>,
    /// Records, by account, kind and id.
    pub(super) records: BTreeMap<(AccountId, &'a Kind, ResourceId), Change<'a>>,
    /// Unique keys with who holds them afterwards.
    pub(super) keys: BTreeMap<(AccountId, &'a UniqueKey), Option<(&'a Kind, ResourceId)>>,
    /// Whether index entries are there afterwards.
    pub(super) index: BTreeMap<(AccountId, &'a Kind, &'a IndexEntry, ResourceId), bool>,
    /// Groups that lose all the edges which are stored.
    pub(super) emptied: BTreeSet<(AccountId, ResourceId)>,
    /// Edges by group and member, with what the member is afterwards.
    pub(super) edges: BTreeMap<(AccountId, ResourceId, ResourceId), Option<Kind>>,
    /// Log entries, in the order of each account's sequence.
    pub(super) log: Vec<(AccountId, Logged)>,
}

/// What becomes of a record.
pub(super) struct Change<'a> {
    /// Whether it was there before the transaction.
    pub(super) stored: bool,
    pub(super) after: After<'a>,
}

/// A record after the transaction.
pub(super) enum After<'a> {
    /// Not there.
    Gone,
    /// As it was put. A group that was touched since has another time of modification.
    Put { put: &'a Put, version: u64, modified: Timestamp },
    /// As it was, but for version and, where given, time of modification.
    Touched { version: u64, modified: Option<Timestamp> },
}

impl<'a> Net<'a> {
    pub(super) fn head(&mut self, account: AccountId, is_new: bool) {
        let new = self.heads.entry(account).or_default();
        *new |= is_new;
    }

    pub(super) fn put(&mut self, account: AccountId, put: &'a Put, before: u64, version: u64) {
        let after = After::Put { put, version, modified: put.record.modified };
        self.change((account, &put.record.kind, put.record.id), before, after);
    }

    pub(super) fn delete(&mut self, account: AccountId, (kind, id): (&'a Kind, ResourceId), before: u64) {
        self.change((account, kind, id), before, After::Gone);
    }

    pub(super) fn touch(&mut self, account: AccountId, group: ResourceId, version: u64, at: Option<Timestamp>) {
        let key = (account, &GROUP, group);
        let after = match self.records.get(&key).map(|change| &change.after) {
            Some(After::Put { put, modified, .. }) => After::Put { put, version, modified: at.unwrap_or(*modified) },
            Some(After::Touched { modified, .. }) => After::Touched { version, modified: at.or(*modified) },
            Some(After::Gone) | None => After::Touched { version, modified: at },
        };
        self.change(key, version, after);
    }

    /// All edges of the group go, those too that came in this transaction.
    pub(super) fn empty(&mut self, account: AccountId, group: ResourceId) {
        self.edges.retain(|(of, from, _), _| (*of, *from) != (account, group));
        self.emptied.insert((account, group));
    }

    fn change(&mut self, key: (AccountId, &'a Kind, ResourceId), before: u64, after: After<'a>) {
        let stored = self.records.get(&key).map_or(before != 0, |change| change.stored);
        self.records.insert(key, Change { stored, after });
    }
}
