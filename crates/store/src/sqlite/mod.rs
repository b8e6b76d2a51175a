//! Accounts in a folder, kept by SQLite: one writer thread that commits many change sets at once, and readers beside
//! it.

mod apply;
pub(crate) mod backup;
mod connection;
mod heads;
mod indexing;
pub(crate) mod inspect;
mod look_up;
mod members;
mod migrations;
pub(crate) mod moving;
mod read;
mod readers;
mod row;
mod runs;
mod search;
mod writer;

use crate::judge::judge;
use crate::store::in_two_steps;
use crate::{
    Answer, Committed, GroupedPage, Indexed, Indexing, LogQuery, OpenError, Page, Search, Store, StoreError, Unindexing,
};
use heads::Heads;
use jiff::Timestamp;
use look_up::Stored;
use provost_change::{AccountId, ChangeSet, Head, Kind, Logged, Member, Record, ResourceId, UniqueKey};
use readers::{Readers, snapshot};
use rusqlite::Connection;
use search::SMALL_MAX;
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;
use writer::{Done, Task, Writer};

/// A store in a folder, in the file `provost.db`. One process at a time writes to it.
///
/// Point reads run on the calling thread, since they take microseconds; what may read more runs where blocking is
/// allowed, on the Tokio runtime that the call is made in. Dropping the store waits until what was queued is
/// committed.
#[derive(Debug)]
pub struct SqliteStore {
    readers: Arc<Readers>,
    /// None when the store was opened for reading only.
    writer: Option<Writer>,
    heads: Arc<Heads>,
}

impl SqliteStore {
    /// Opens the store in `folder`, which is made when it is missing, and brings its schema up to date; `now` is noted
    /// beside the migrations that are applied.
    ///
    /// # Errors
    /// `InUse` while another process has the folder open, `Newer` and `Changed` when another version of the program
    /// made the database, `Folder` and `Database` when folder or file cannot be used.
    pub fn open(folder: &Path, now: Timestamp) -> Result<Self, OpenError> {
        let lock = connection::lock(folder)?;
        let mut connection = connection::writing(folder)?;
        migrations::apply(&mut connection, now)?;
        let readers = Arc::new(Readers::new(folder));
        let heads = Arc::new(Heads::default());
        let writer = Writer::start(connection, lock, Arc::clone(&readers), Arc::clone(&heads))
            .map_err(|error| OpenError::Database(error.to_string()))?;
        Ok(Self { readers, writer: Some(writer), heads })
    }

    /// Opens the store in `folder` for reading, beside a server or without one. Everything that writes answers
    /// `Unavailable`.
    ///
    /// # Errors
    /// `Missing` when the folder has no database; `Newer`, `Older` and `Changed` when another version of the program
    /// made it; `Database` when it cannot be read.
    pub fn open_read_only(folder: &Path) -> Result<Self, OpenError> {
        migrations::check(&connection::reading_existing(folder)?)?;
        Ok(Self { readers: Arc::new(Readers::new(folder)), writer: None, heads: Arc::default() })
    }

    /// Reads by a list of ids: on the calling thread when it is short.
    async fn by_id<T: Send + 'static>(
        &self,
        ids: &[ResourceId],
        read: impl FnOnce(&Connection, &[ResourceId]) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        if ids.len() as u64 <= SMALL_MAX {
            return self.readers.read(|connection| read(connection, ids));
        }
        let ids = ids.to_vec();
        self.readers.read_blocking(move |connection| read(connection, &ids)).await
    }

    async fn write(&self, account: AccountId, task: Task) -> Result<Done, StoreError> {
        match &self.writer {
            Some(writer) => writer.perform(account, task).await,
            None => Err(StoreError::Unavailable("it is open for reading only".to_owned())),
        }
    }
}

impl Store for SqliteStore {
    fn head(&self, account: AccountId) -> Answer<'_, Option<Head>> {
        Box::pin(async move {
            let read = || self.readers.read(|connection| read::head(connection, account));
            // Beside another process, which may write at any time, nothing is remembered.
            if self.writer.is_none() {
                return read();
            }
            self.readers.check_open()?;
            self.heads.get(account, read)
        })
    }

    fn accounts(&self, after: Option<AccountId>, limit: u64) -> Answer<'_, Vec<AccountId>> {
        Box::pin(
            async move { self.readers.read_blocking(move |connection| read::accounts(connection, after, limit)).await },
        )
    }

    fn load<'a>(&'a self, account: AccountId, keys: &'a [(Kind, ResourceId)]) -> Answer<'a, Vec<Option<Record>>> {
        Box::pin(async move { self.readers.read(|connection| read::load(connection, account, keys)) })
    }

    fn by_unique<'a>(&'a self, account: AccountId, key: &'a UniqueKey, kind: &'a Kind) -> Answer<'a, Option<Record>> {
        Box::pin(async move { self.readers.read(|connection| read::by_unique(connection, account, key, kind)) })
    }

    fn all<'a>(
        &'a self,
        account: AccountId,
        kind: &'a Kind,
        after: Option<ResourceId>,
        limit: u64,
    ) -> Answer<'a, Vec<Record>> {
        let kind = kind.clone();
        Box::pin(async move {
            self.readers.read_blocking(move |connection| read::all(connection, account, &kind, after, limit)).await
        })
    }

    fn search<'a>(&'a self, account: AccountId, search: &'a Search) -> Answer<'a, Page> {
        Box::pin(async move {
            if let Some(page) = self.readers.read(|connection| search::small(connection, account, search))? {
                return Ok(page);
            }
            let search = search.clone();
            self.readers.read_blocking(move |connection| search::any(connection, account, &search)).await
        })
    }

    fn members(
        &self,
        account: AccountId,
        group: ResourceId,
        after: Option<ResourceId>,
        limit: u64,
    ) -> Answer<'_, Vec<Member>> {
        Box::pin(async move {
            let page = move |connection: &Connection| members::page(connection, account, group, after, limit);
            if limit <= SMALL_MAX { self.readers.read(page) } else { self.readers.read_blocking(page).await }
        })
    }

    fn has_more_members(&self, account: AccountId, group: ResourceId, most: u64) -> Answer<'_, bool> {
        Box::pin(async move {
            let exceed = move |connection: &Connection| members::exceed(connection, account, group, most);
            if most <= SMALL_MAX { self.readers.read(exceed) } else { self.readers.read_blocking(exceed).await }
        })
    }

    fn members_among<'a>(
        &'a self,
        account: AccountId,
        group: ResourceId,
        ids: &'a [ResourceId],
    ) -> Answer<'a, Vec<Member>> {
        Box::pin(async move {
            let among = move |connection: &Connection, ids: &[ResourceId]| {
                snapshot(connection, |connection| members::among(connection, account, group, ids))
            };
            self.by_id(ids, among).await
        })
    }

    fn groups_of<'a>(&'a self, account: AccountId, members: &'a [ResourceId]) -> Answer<'a, Vec<Vec<ResourceId>>> {
        Box::pin(async move {
            let groups_of = move |connection: &Connection, ids: &[ResourceId]| {
                snapshot(connection, |connection| {
                    ids.iter().map(|id| members::groups_of(connection, account, *id, u64::MAX)).collect()
                })
            };
            self.by_id(members, groups_of).await
        })
    }

    fn load_grouped<'a>(
        &'a self,
        account: AccountId,
        (kind, id): &'a (Kind, ResourceId),
    ) -> Answer<'a, Option<(Record, Vec<ResourceId>)>> {
        let load = move |connection: &Connection| {
            let Some(record) = read::record(connection, account, kind, *id)? else { return Ok(None) };
            Ok(Some((record, members::groups_of(connection, account, *id, u64::MAX)?)))
        };
        Box::pin(async move { self.readers.read(|connection| snapshot(connection, load)) })
    }

    fn search_grouped<'a>(&'a self, account: AccountId, search: &'a Search) -> Answer<'a, GroupedPage> {
        Box::pin(async move {
            if let Some(found) = self.readers.read(|connection| search::small_grouped(connection, account, search))? {
                return Ok(found);
            }
            in_two_steps(self, account, search).await
        })
    }

    fn log<'a>(&'a self, account: AccountId, query: &'a LogQuery) -> Answer<'a, Vec<Logged>> {
        let query = query.clone();
        Box::pin(
            async move { self.readers.read_blocking(move |connection| read::log(connection, account, &query)).await },
        )
    }

    fn rehearse(&self, account: AccountId, change: ChangeSet) -> Answer<'_, Committed> {
        Box::pin(async move {
            let small = look_up::is_small(&change);
            let rehearse = move |connection: &Connection| {
                snapshot(connection, |connection| {
                    let head = read::head(connection, account)?;
                    let verdict = judge(&Stored { connection, account }, account, head.as_ref(), &change)?;
                    Ok(Committed { seq: verdict.head.seq })
                })
            };
            if small { self.readers.read(rehearse) } else { self.readers.read_blocking(rehearse).await }
        })
    }

    fn commit(&self, account: AccountId, change: ChangeSet) -> Answer<'_, Committed> {
        Box::pin(async move { Ok(Committed { seq: self.write(account, Task::Commit(change)).await?.number }) })
    }

    fn prune_log(&self, account: AccountId, before: Timestamp) -> Answer<'_, u64> {
        Box::pin(async move {
            let mut pruned = 0;
            loop {
                let step = self.write(account, Task::PruneLog(before)).await?.number;
                pruned += step;
                if step < apply::PRUNE_MAX {
                    return Ok(pruned);
                }
            }
        })
    }

    fn erase_personal(&self, account: AccountId, subject: ResourceId) -> Answer<'_, u64> {
        Box::pin(async move { Ok(self.write(account, Task::ErasePersonal(subject)).await?.number) })
    }

    fn index(&self, account: AccountId, indexing: Indexing) -> Answer<'_, Indexed> {
        Box::pin(async move {
            let Done { number: records, last } = self.write(account, Task::Index(indexing)).await?;
            Ok(Indexed { records, last })
        })
    }

    fn unindex(&self, account: AccountId, unindexing: Unindexing) -> Answer<'_, u64> {
        Box::pin(async move { Ok(self.write(account, Task::Unindex(unindexing)).await?.number) })
    }

    /// The lock on the folder is the lease: no other process writes here.
    fn lease<'a>(&'a self, _: AccountId, _: &'a str, _: Uuid, _: Timestamp, _: Timestamp) -> Answer<'a, bool> {
        Box::pin(async move {
            if let Some(writer) = &self.writer {
                writer.ping()?;
            }
            Ok(self.writer.is_some())
        })
    }

    fn ping(&self) -> Answer<'_, ()> {
        Box::pin(async move {
            if let Some(writer) = &self.writer {
                writer.ping()?;
            }
            self.readers.read_anew(read::ping)
        })
    }

    fn close(&self) -> Answer<'_, ()> {
        Box::pin(async move {
            self.readers.close();
            if let Some(writer) = &self.writer {
                writer.close().await;
            }
            Ok(())
        })
    }
}
