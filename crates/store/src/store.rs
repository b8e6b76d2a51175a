//! What a store does.

use crate::{GroupedPage, Indexed, Indexing, Page, Search, StoreError, Unindexing};
use jiff::Timestamp;
use provost_change::{AccountId, ChangeSet, Head, Kind, Logged, Member, Record, ResourceId, UniqueKey};
use std::pin::Pin;
use uuid::Uuid;

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

    /// A page of the records that a search finds, in the order of their ids unless sorted, and how many there are in all.
    ///
    /// # Errors
    /// `TooMany` when evaluating the filter would examine more than `scan_max` records, or sorting more than that many without
    /// an index; `ConfigChanged` when the search rests on another configuration than the account's.
    fn search<'a>(&'a self, account: AccountId, search: &'a Search) -> Answer<'a, Page>;

    /// At most `limit` members of a group behind `after`, in the order of their ids. Of a group that does not exist, none.
    fn members(
        &self,
        account: AccountId,
        group: ResourceId,
        after: Option<ResourceId>,
        limit: u64,
    ) -> Answer<'_, Vec<Member>>;

    /// Whether a group has more than `most` members. Costs what `most` of them cost, however large the group is.
    fn has_more_members(&self, account: AccountId, group: ResourceId, most: u64) -> Answer<'_, bool> {
        Box::pin(async move {
            let members = self.members(account, group, None, most.saturating_add(1)).await?;
            Ok(members.len() as u64 > most)
        })
    }

    /// Which of these are members of a group, in the order of their ids, each once.
    fn members_among<'a>(
        &'a self,
        account: AccountId,
        group: ResourceId,
        ids: &'a [ResourceId],
    ) -> Answer<'a, Vec<Member>>;

    /// For each of these, the groups of which it is a member itself, in the order of their ids.
    fn groups_of<'a>(&'a self, account: AccountId, members: &'a [ResourceId]) -> Answer<'a, Vec<Vec<ResourceId>>>;

    /// A record and the groups of which it is a member itself, in the order of their ids. The groups may be those of a moment later.
    fn load_grouped<'a>(
        &'a self,
        account: AccountId,
        key: &'a (Kind, ResourceId),
    ) -> Answer<'a, Option<(Record, Vec<ResourceId>)>> {
        Box::pin(async move {
            let found = self.load(account, std::slice::from_ref(key)).await?;
            let Some(record) = found.into_iter().flatten().next() else { return Ok(None) };
            let groups = self.groups_of(account, &[key.1]).await?;
            Ok(Some((record, groups.into_iter().flatten().collect())))
        })
    }

    /// What [`Store::search`] finds, and for each record on the page what [`Store::groups_of`] answers, perhaps a moment later.
    ///
    /// # Errors
    /// Those of [`Store::search`].
    fn search_grouped<'a>(&'a self, account: AccountId, search: &'a Search) -> Answer<'a, GroupedPage> {
        Box::pin(in_two_steps(self, account, search))
    }

    /// Entries of the account's log.
    fn log<'a>(&'a self, account: AccountId, query: &'a LogQuery) -> Answer<'a, Vec<Logged>>;

    /// Judges a change set as [`Store::commit`] would on what is committed now, and changes nothing. It neither waits for
    /// commits nor holds them up.
    ///
    /// # Errors
    /// Those of [`Store::commit`].
    fn rehearse(&self, account: AccountId, change: ChangeSet) -> Answer<'_, Committed>;

    /// Commits a change set, whole or not at all; durable when it resolves. Dropping the answer does not take the
    /// change set back.
    ///
    /// It is judged in this order: the account, whether that is frozen, the configuration, the versions of the deletes and then
    /// of the puts, each as the ones before it leave them, the groups and members of member changes, the claims, the bounds. All
    /// releases and removals come before all claims and additions, so that two records can swap a unique key; a release
    /// of what another record holds does nothing, and claiming or adding what the record already has is no change.
    /// Bounds hold after all of the change set's deltas.
    ///
    /// Members that stand in a group before and after the whole change set have not changed, whatever happened to them
    /// in between. A member change that names a version means the one that is stored before the change set.
    ///
    /// # Errors
    /// `NoAccount`, `AccountExists`, `Frozen`, `VersionChanged`, `ConfigChanged`, `Uniqueness`, `Bound`: nothing was changed.
    /// After `Unavailable` nothing was changed as far as can be known; where the answer of a server was lost, that is said.
    fn commit(&self, account: AccountId, change: ChangeSet) -> Answer<'_, Committed>;

    /// Removes log entries from the oldest on, as long as they are older than `before`, and moves the head's base
    /// behind them. Answers with how many it removed.
    ///
    /// # Errors
    /// `NoAccount`, `Frozen`.
    fn prune_log(&self, account: AccountId, before: Timestamp) -> Answer<'_, u64>;

    /// Empties the personal parts of the log entries about a subject; the chain still verifies. Answers with how many
    /// it emptied.
    ///
    /// # Errors
    /// `NoAccount`, `Frozen`.
    fn erase_personal(&self, account: AccountId, subject: ResourceId) -> Answer<'_, u64>;

    /// Enters records into an index as they are then: no write comes between reading one and entering it. Nothing else changes, no
    /// version and no log. Entering what is entered already is no change.
    ///
    /// # Errors
    /// `NoAccount`, `Frozen`, `ConfigChanged`, and what `entries` answers: nothing was changed.
    fn index(&self, account: AccountId, indexing: Indexing) -> Answer<'_, Indexed>;

    /// Removes entries of an index, and nothing else. Answers with how many: fewer than the limit were all that were left.
    ///
    /// # Errors
    /// `NoAccount`, `Frozen`, `ConfigChanged`: nothing was changed.
    fn unindex(&self, account: AccountId, unindexing: Unindexing) -> Answer<'_, u64>;

    /// Takes the lease of a piece of background work of an account until `until`, or holds it longer; whether it was got. A lease
    /// that is over at `now` can be taken from its holder; taking one until `now` gives it up. Where no other process can work on
    /// the store it is always got.
    ///
    /// A lease is a courtesy to other nodes: the clock of one may be wrong, and what keeps changes apart are the versions that
    /// they expect.
    fn lease<'a>(
        &'a self,
        account: AccountId,
        name: &'a str,
        holder: Uuid,
        now: Timestamp,
        until: Timestamp,
    ) -> Answer<'a, bool>;

    /// Whether the store can answer, for readiness.
    fn ping(&self) -> Answer<'_, ()>;

    /// Ends the store: what was asked before is still done, what is asked afterwards is `Unavailable`. Closing again
    /// does nothing.
    fn close(&self) -> Answer<'_, ()>;
}

/// A search, and then the groups of what it found.
pub(crate) async fn in_two_steps<S: Store + ?Sized>(
    store: &S,
    account: AccountId,
    search: &Search,
) -> Result<GroupedPage, StoreError> {
    let page = store.search(account, search).await?;
    let ids: Vec<ResourceId> = page.records.iter().map(|record| record.id).collect();
    let groups = store.groups_of(account, &ids).await?;
    Ok((page, groups))
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
