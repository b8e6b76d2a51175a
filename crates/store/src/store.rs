//! What a store does.

use crate::StoreError;
use jiff::Timestamp;
use provost_change::{AccountId, ChangeSet, Head, IndexEntry, Kind, Logged, Record, ResourceId, UniqueKey};
use provost_scim::{Meta, Query};
use serde_json::{Map, Value};
use std::pin::Pin;

/// What a store's functions answer with, later.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Accounts with their records, unique keys, index entries and logs.
///
/// Every function names one account and neither reads nor writes another's rows; [`Store::accounts`] is the
/// exception. Reading an account that does not exist finds nothing. Each answer shows one moment: no commit is seen
/// in part.
///
/// # Errors
/// Every function answers `Unavailable` when the store cannot be reached or was closed, and `Corrupt` when what it
/// holds cannot be what was written. What else a function answers is said there.
pub trait Store: Send + Sync {
    /// The account's head row, when the account exists.
    fn head(&self, account: AccountId) -> Answer<'_, Option<Head>>;

    /// At most `limit` accounts behind `after`, in the order of their ids. The only function that crosses accounts:
    /// for whoever operates the whole installation.
    fn accounts(&self, after: Option<AccountId>, limit: u64) -> Answer<'_, Vec<AccountId>>;

    /// The records with these keys, in the order of the keys.
    fn load<'a>(&'a self, account: AccountId, keys: &'a [(Kind, ResourceId)]) -> Answer<'a, Vec<Option<Record>>>;

    /// The record of this kind that holds the key.
    fn by_unique<'a>(&'a self, account: AccountId, key: &'a UniqueKey, kind: &'a Kind) -> Answer<'a, Option<Record>>;

    /// At most `limit` records of a kind behind `after`, in the order of their ids.
    fn all<'a>(
        &'a self,
        account: AccountId,
        kind: &'a Kind,
        after: Option<ResourceId>,
        limit: u64,
    ) -> Answer<'a, Vec<Record>>;

    /// A page of the records that a search finds, in the order of their ids, and how many there are in all.
    ///
    /// # Errors
    /// `TooMany` when evaluating the filter would examine more than `scan_max` records.
    fn search<'a>(&'a self, account: AccountId, search: &'a Search) -> Answer<'a, Page>;

    /// Entries of the account's log.
    fn log<'a>(&'a self, account: AccountId, query: &'a LogQuery) -> Answer<'a, Vec<Logged>>;

    /// Commits a change set, whole or not at all; durable when it resolves. Dropping the answer does not take the
    /// change set back.
    ///
    /// It is judged in this order: the account, the configuration, the versions of the deletes and then of the puts,
    /// each as the ones before it leave them, the claims, the bounds. All releases and removals come before all
    /// claims and additions, so that two records can swap a unique key; a release of what another record holds does
    /// nothing, and claiming or adding what the record already has is no change. Bounds hold after all of the change
    /// set's deltas.
    ///
    /// # Errors
    /// `NoAccount`, `AccountExists`, `VersionChanged`, `ConfigChanged`, `Uniqueness`, `Bound`: nothing was changed.
    /// After `Unavailable` nothing was changed as far as can be known.
    fn commit(&self, account: AccountId, change: ChangeSet) -> Answer<'_, Committed>;

    /// Removes log entries from the oldest on, as long as they are older than `before`, and moves the head's base
    /// behind them. Answers with how many it removed.
    ///
    /// # Errors
    /// `NoAccount`.
    fn prune_log(&self, account: AccountId, before: Timestamp) -> Answer<'_, u64>;

    /// Empties the personal parts of the log entries about a subject; the chain still verifies. Answers with how many
    /// it emptied.
    ///
    /// # Errors
    /// `NoAccount`.
    fn erase_personal(&self, account: AccountId, subject: ResourceId) -> Answer<'_, u64>;

    /// Whether the store can answer, for readiness.
    fn ping(&self) -> Answer<'_, ()>;

    /// Ends the store: what was asked before is still done, what is asked afterwards is `Unavailable`. Closing again
    /// does nothing.
    fn close(&self) -> Answer<'_, ()>;
}

/// What to search for.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// The kind of the records. Without candidates, filter and `within`, the total is the head's count of this name.
    pub kind: Kind,
    /// What a filter sees as `meta.resourceType`.
    pub resource_type: String,
    /// Where to look.
    pub candidates: Candidates,
    /// What must hold of a record's attributes, `meta` included as it is shown, except for `location`.
    pub filter: Option<Query>,
    /// Only records that have this index entry too: what may not be seen is not counted.
    pub within: Option<IndexEntry>,
    /// How many of the found records to leave out before the page, from 0.
    pub offset: u64,
    /// At most how many records the page has.
    pub limit: u64,
    /// At most how many records the filter is evaluated on.
    pub scan_max: u64,
}

impl Search {
    /// Whether the filter holds of a record; without a filter it does.
    pub(crate) fn accepts(&self, record: &Record) -> Result<bool, StoreError> {
        let Some(filter) = &self.filter else { return Ok(true) };
        let mut attributes: Map<String, Value> = serde_json::from_str(&record.doc)
            .map_err(|error| StoreError::Corrupt(format!("{} {}: {error}", record.kind, record.id)))?;
        let meta = Meta {
            resource_type: self.resource_type.clone(),
            created: record.created,
            last_modified: record.modified,
            location: String::new(),
            version: record.version,
        };
        attributes.insert("meta".to_owned(), meta.to_value());
        Ok(filter.matches(&attributes))
    }
}

/// Which records a search looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Candidates {
    /// All of the kind.
    All,
    /// Those found under any of these entries, be it in the attribute index or as the value of a unique key.
    Under(Vec<IndexEntry>),
    /// Those with these ids.
    Ids(Vec<ResourceId>),
}

/// A page of found records.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// In the order of their ids.
    pub records: Vec<Record>,
    /// How many there are on all pages.
    pub total: u64,
}

/// Which log entries to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogQuery {
    /// Only entries with a greater sequence number.
    pub after: Option<u64>,
    /// Only entries with a smaller sequence number.
    pub before: Option<u64>,
    /// Only entries about this record.
    pub subject: Option<ResourceId>,
    /// From the newest down instead of from the oldest up.
    pub newest_first: bool,
    /// At most how many.
    pub limit: u64,
}

/// What a commit did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The account's last sequence number after it: that of the change set's last log entry, when it has any.
    pub seq: u64,
}
