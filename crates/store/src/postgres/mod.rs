//! Accounts in a PostgreSQL database, or in what speaks its protocol, that any number of nodes share.
//!
//! Every writer locks the account's head row first, so what it reads behind that stays true until it commits. The SQL keeps to
//! what distributed databases have too: no sequences, advisory locks, triggers, notifications or session state.

mod again;
mod committer;
mod connections;
mod fault;
mod fetch;
mod installation;
mod lease;
mod members;
mod migrations;
pub(crate) mod moving;
mod names;
mod net;
mod read;
mod row;
mod runs;
mod search;
mod state;
mod url;
mod write;

use crate::judge::judge;
use crate::{Answer, Committed, Indexed, Indexing, LogQuery, OpenError, Page, Search, Store, StoreError, Unindexing};
use again::persist;
use committer::{Committer, Done, LANES, PRUNE_MAX, Task};
use connections::Connections;
use fault::Fault;
use fetch::{Heads, fetch};
use jiff::Timestamp;
use names::Names;
use provost_change::{AccountId, ChangeSet, Head, Kind, Logged, Member, Record, ResourceId, UniqueKey};
pub(crate) use row::value as indexed_value;
use std::sync::Arc;
use tokio::try_join;
pub use url::DatabaseUrl;
use uuid::Uuid;

/// How many connections read at once. A node has these and one for each lane of its committer.
const READERS_MAX: usize = 16;

/// A store in a PostgreSQL database. Any number of them, in any number of processes, work on one database.
///
/// It needs the Tokio runtime that it was opened in. Dropping it commits what is queued as long as that runs.
#[derive(Debug)]
pub struct PostgresStore {
    readers: Connections,
    committer: Committer,
    writers: Arc<Connections>,
}

impl PostgresStore {
    /// Opens the store and brings its schema up to date, once, however many nodes start together. `now` is noted beside the
    /// migrations that are applied; `node` tells this process from every other.
    ///
    /// # Errors
    /// `Unreachable` when there is no server that lets us in, `Newer` and `Changed` when another version of the program made the
    /// schema, `Database` when it cannot be made.
    pub async fn open(url: &DatabaseUrl, now: Timestamp, node: Uuid) -> Result<Self, OpenError> {
        let connections = |max| Connections::new(url, max).map_err(OpenError::Database);
        let (readers, writers) = (connections(READERS_MAX)?, Arc::new(connections(LANES)?));
        let unreachable = |error: StoreError| OpenError::Unreachable { place: url.to_string(), error: error.why() };
        let connection = writers.take().await.map_err(unreachable)?;
        migrations::apply(&connection, now, node).await?;
        drop(connection);
        Ok(Self { readers, committer: Committer::start(&writers), writers })
    }

    /// What the nodes on this database have agreed about under a name; none when no node has said anything yet.
    ///
    /// # Errors
    /// Those of [`Store`].
    pub fn decided<'a>(&'a self, name: &'a str) -> Answer<'a, Option<Vec<u8>>> {
        self.read(move || async move { installation::decided(&self.readers.take().await?, name).await })
    }

    /// Decides what the nodes on this database agree about under a name, unless another node has: answers with what holds.
    ///
    /// # Errors
    /// Those of [`Store`].
    pub fn decide<'a>(&'a self, name: &'a str, value: &'a [u8]) -> Answer<'a, Vec<u8>> {
        self.read(move || async move { installation::decide(&self.readers.take().await?, name, value).await })
    }

    /// Says anew what the nodes on this database agree about under a name, whatever was decided before.
    ///
    /// # Errors
    /// Those of [`Store`].
    pub fn decide_anew<'a>(&'a self, name: &'a str, value: &'a [u8]) -> Answer<'a, ()> {
        self.read(move || async move { installation::decide_anew(&self.readers.take().await?, name, value).await })
    }

    /// Takes back what was decided under a name; nothing where nothing was.
    ///
    /// # Errors
    /// Those of [`Store`].
    pub fn undecide<'a>(&'a self, name: &'a str) -> Answer<'a, ()> {
        self.read(move || async move { installation::undecide(&self.readers.take().await?, name).await })
    }

    /// Asks until nothing stands in the way any more, but not for ever.
    fn read<'a, T, F>(&'a self, ask: impl FnMut() -> F + Send + 'a) -> Answer<'a, T>
    where
        F: Future<Output = Result<T, Fault>> + Send + 'a,
        T: Send + 'a,
    {
        Box::pin(async move { persist(&self.readers, ask).await.map_err(Fault::into_error) })
    }
}

impl Store for PostgresStore {
    fn head(&self, account: AccountId) -> Answer<'_, Option<Head>> {
        self.read(move || async move { read::head(&self.readers.take().await?, account).await })
    }

    fn accounts(&self, after: Option<AccountId>, limit: u64) -> Answer<'_, Vec<AccountId>> {
        self.read(move || async move { read::accounts(&self.readers.take().await?, after, limit).await })
    }

    fn load<'a>(&'a self, account: AccountId, keys: &'a [(Kind, ResourceId)]) -> Answer<'a, Vec<Option<Record>>> {
        self.read(move || async move { read::load(&self.readers.take().await?, account, keys).await })
    }

    fn by_unique<'a>(&'a self, account: AccountId, key: &'a UniqueKey, kind: &'a Kind) -> Answer<'a, Option<Record>> {
        self.read(move || async move { read::by_unique(&self.readers.take().await?, account, key, kind).await })
    }

    fn all<'a>(
        &'a self,
        account: AccountId,
        kind: &'a Kind,
        after: Option<ResourceId>,
        limit: u64,
    ) -> Answer<'a, Vec<Record>> {
        self.read(move || async move { read::all(&self.readers.take().await?, account, kind, after, limit).await })
    }

    fn search<'a>(&'a self, account: AccountId, search: &'a Search) -> Answer<'a, Page> {
        self.read(move || async move {
            let snapshot = self.readers.snapshot().await?;
            search::page(&snapshot, account, search).await
        })
    }

    fn members(
        &self,
        account: AccountId,
        group: ResourceId,
        after: Option<ResourceId>,
        limit: u64,
    ) -> Answer<'_, Vec<Member>> {
        self.read(move || async move { members::page(&self.readers.take().await?, account, group, after, limit).await })
    }

    fn has_more_members(&self, account: AccountId, group: ResourceId, most: u64) -> Answer<'_, bool> {
        self.read(move || async move { members::exceed(&self.readers.take().await?, account, group, most).await })
    }

    fn members_among<'a>(
        &'a self,
        account: AccountId,
        group: ResourceId,
        ids: &'a [ResourceId],
    ) -> Answer<'a, Vec<Member>> {
        self.read(move || async move { members::among(&self.readers.take().await?, account, group, ids).await })
    }

    fn groups_of<'a>(&'a self, account: AccountId, members: &'a [ResourceId]) -> Answer<'a, Vec<Vec<ResourceId>>> {
        self.read(move || async move { members::groups_of(&self.readers.take().await?, account, members).await })
    }

    /// Both questions are on their way together.
    fn load_grouped<'a>(
        &'a self,
        account: AccountId,
        key: &'a (Kind, ResourceId),
    ) -> Answer<'a, Option<(Record, Vec<ResourceId>)>> {
        self.read(move || async move {
            let connection = self.readers.take().await?;
            let load = read::load(&connection, account, std::slice::from_ref(key));
            let groups = members::groups_of(&connection, account, std::slice::from_ref(&key.1));
            let (found, groups) = try_join!(biased; load, groups)?;
            Ok(found.into_iter().flatten().next().map(|record| (record, groups.into_iter().flatten().collect())))
        })
    }

    fn log<'a>(&'a self, account: AccountId, query: &'a LogQuery) -> Answer<'a, Vec<Logged>> {
        self.read(move || async move { read::log(&self.readers.take().await?, account, query).await })
    }

    fn rehearse(&self, account: AccountId, change: ChangeSet) -> Answer<'_, Committed> {
        Box::pin(async move {
            let judged = persist(&self.readers, || async {
                let snapshot = self.readers.snapshot().await?;
                let mut names = Names::default();
                names.add(account, &change);
                let mut fetched = fetch(&snapshot, &names, Heads::Seen).await?;
                let seen = fetched.accounts.entry(account).or_default();
                let verdict = judge(seen, account, seen.head.as_ref(), &change)?;
                Ok(Committed { seq: verdict.head.seq })
            });
            judged.await.map_err(Fault::into_error)
        })
    }

    fn commit(&self, account: AccountId, change: ChangeSet) -> Answer<'_, Committed> {
        Box::pin(
            async move { Ok(Committed { seq: self.committer.perform(account, Task::Commit(change)).await?.number }) },
        )
    }

    fn prune_log(&self, account: AccountId, before: Timestamp) -> Answer<'_, u64> {
        Box::pin(async move {
            let mut pruned = 0;
            loop {
                let step = self.committer.perform(account, Task::PruneLog(before)).await?.number;
                pruned += step;
                if step < PRUNE_MAX {
                    return Ok(pruned);
                }
            }
        })
    }

    fn erase_personal(&self, account: AccountId, subject: ResourceId) -> Answer<'_, u64> {
        Box::pin(async move { Ok(self.committer.perform(account, Task::ErasePersonal(subject)).await?.number) })
    }

    fn index(&self, account: AccountId, indexing: Indexing) -> Answer<'_, Indexed> {
        Box::pin(async move {
            let Done { number: records, last } = self.committer.perform(account, Task::Index(indexing)).await?;
            Ok(Indexed { records, last })
        })
    }

    fn unindex(&self, account: AccountId, unindexing: Unindexing) -> Answer<'_, u64> {
        Box::pin(async move { Ok(self.committer.perform(account, Task::Unindex(unindexing)).await?.number) })
    }

    fn lease<'a>(
        &'a self,
        account: AccountId,
        name: &'a str,
        holder: Uuid,
        now: Timestamp,
        until: Timestamp,
    ) -> Answer<'a, bool> {
        self.read(
            move || async move { lease::take(&self.readers.take().await?, account, name, holder, now, until).await },
        )
    }

    fn ping(&self) -> Answer<'_, ()> {
        self.read(move || async move {
            self.committer.ping()?;
            read::ping(&self.readers.take().await?).await
        })
    }

    fn close(&self) -> Answer<'_, ()> {
        Box::pin(async move {
            self.readers.close();
            self.committer.close().await;
            self.writers.close();
            Ok(())
        })
    }
}
