//! A folder looked through row by row: whether what lies there is what was written, and putting right what follows from the rest.
//!
//! What should be there is not known here; whoever asks holds it against what is.

mod rebuild;
mod repair;
mod rows;

pub use rows::{Dangling, IndexRow, UniqueRow, Unreadable};

use super::{connection, migrations, read, readers::snapshot};
use crate::{LogQuery, OpenError, StoreError};
use provost_change::{AccountId, Head, IndexEntry, Kind, Logged, Record, ResourceId, UniqueKey};
use rusqlite::Connection;
use std::fs::File;
use std::path::Path;

/// Memory for pages while everything is read once and looked up many times: 64 MiB.
const CACHE: &str = "PRAGMA cache_size = -65536";

/// The database in a folder, for looking through.
#[derive(Debug)]
pub struct Inspection {
    connection: Connection,
    /// Held while repairs are made: nobody serves from the folder or moves accounts out of it meanwhile.
    lock: Option<[File; 2]>,
}

/// One account at one moment, see [`Inspection::account`].
#[derive(Debug)]
pub struct Inspected<'a> {
    connection: &'a Connection,
    account: AccountId,
}

/// How much of a database is read to see whether it is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thorough {
    /// Every page and row.
    Pages,
    /// That, and whether SQLite's own indexes agree with the tables.
    Indexes,
}

/// What SQLite says is wrong with its own structures; nothing when they are whole.
pub(super) fn integrity(connection: &Connection, thorough: Thorough, limit: u32) -> rusqlite::Result<Vec<String>> {
    let pragma = match thorough {
        Thorough::Pages => "quick_check",
        Thorough::Indexes => "integrity_check",
    };
    let mut problems = Vec::new();
    connection.pragma(None, pragma, limit, |row| {
        // The first may have a title above it.
        problems.extend(row.get::<_, String>(0)?.lines().map(str::to_owned));
        Ok(())
    })?;
    problems.retain(|problem| problem != "ok" && !problem.starts_with("***"));
    Ok(problems)
}

impl Inspection {
    /// Opens the database in `folder` for reading, beside a server or without one.
    ///
    /// # Errors
    /// `Missing`, `Newer`, `Older`, `Changed`, `Database` as for [`SqliteStore::open_read_only`](crate::SqliteStore::open_read_only).
    pub fn open(folder: &Path) -> Result<Self, OpenError> {
        let connection = connection::reading_existing(folder)?;
        migrations::check(&connection)?;
        connection.execute_batch(CACHE)?;
        Ok(Self { connection, lock: None })
    }

    /// Opens it for repairs as well, and takes the folder.
    ///
    /// # Errors
    /// Those of [`Self::open`]; `InUse` while a server runs, `Leaving` while accounts are moved away.
    pub fn open_for_repair(folder: &Path) -> Result<Self, OpenError> {
        // Looking first, so that nothing is made where there is nothing.
        drop(Self::open(folder)?);
        let lock = [connection::lock(folder)?, connection::lock_for_leaving(folder)?];
        let connection = connection::writing(folder)?;
        connection.execute_batch(CACHE)?;
        Ok(Self { connection, lock: Some(lock) })
    }

    /// Sentences of SQLite about its own structures, at most `limit`; none when they are whole.
    ///
    /// # Errors
    /// `Unavailable`; `Corrupt` when the damage is such that SQLite cannot look through it.
    pub fn integrity(&self, limit: u32) -> Result<Vec<String>, StoreError> {
        Ok(integrity(&self.connection, Thorough::Indexes, limit)?)
    }

    /// Builds SQLite's own indexes anew from the tables, in one transaction.
    ///
    /// # Errors
    /// `Unavailable`; `Corrupt` when a table is damaged itself.
    pub fn rebuild_indexes(&self) -> Result<(), StoreError> {
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let rebuilt = self.connection.execute_batch("REINDEX");
        self.end(rebuilt.map_err(StoreError::from))
    }

    /// All accounts, in the order of their ids.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`.
    pub fn accounts(&self) -> Result<Vec<AccountId>, StoreError> {
        read::accounts(&self.connection, None, u64::MAX)
    }

    /// Tables with rows of accounts that do not exist, and the ids that these rows have.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`.
    pub fn orphans(&self) -> Result<Vec<(&'static str, AccountId)>, StoreError> {
        snapshot(&self.connection, rows::orphans)
    }

    /// Looks through one account at one moment. What is repaired on the way is committed together at the end, unless `look` fails.
    ///
    /// # Errors
    /// Those of `look`; `Frozen` where repairs would be made to an account that takes no changes; `Unavailable` when they cannot be
    /// committed.
    pub fn account<T>(
        &self,
        account: AccountId,
        look: impl FnOnce(&Inspected<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let look = |connection: &Connection| look(&Inspected { connection, account });
        if self.lock.is_none() {
            return snapshot(&self.connection, look);
        }
        if let Some(frozen) = read::head(&self.connection, account)?.and_then(|head| head.frozen) {
            return Err(frozen.into());
        }
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let looked = look(&self.connection);
        self.end(looked)
    }

    /// Commits, or takes back what was done before an error.
    fn end<T>(&self, done: Result<T, StoreError>) -> Result<T, StoreError> {
        let ended = self.connection.execute_batch(if done.is_ok() { "COMMIT" } else { "ROLLBACK" });
        if ended.is_err() && !self.connection.is_autocommit() {
            self.connection.execute_batch("ROLLBACK")?;
        }
        let done = done?;
        ended?;
        Ok(done)
    }
}

impl Inspected<'_> {
    /// Which account.
    pub fn id(&self) -> AccountId {
        self.account
    }

    /// Its head row.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`.
    pub fn head(&self) -> Result<Option<Head>, StoreError> {
        read::head(self.connection, self.account)
    }

    /// One record.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`.
    pub fn record(&self, kind: &Kind, id: ResourceId) -> Result<Option<Record>, StoreError> {
        read::record(self.connection, self.account, kind, id)
    }

    /// All records of a kind, in the order of their ids.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`.
    pub fn all(&self, kind: &Kind) -> Result<Vec<Record>, StoreError> {
        read::all(self.connection, self.account, kind, None, u64::MAX)
    }

    /// Hands over every record, in the order of kinds and ids; also those that cannot be read.
    ///
    /// # Errors
    /// Those of `each`; `Unavailable`, `Corrupt` when the rows themselves cannot be reached.
    pub fn records(
        &self,
        each: impl FnMut(Result<Record, Unreadable>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        rows::records(self.connection, self.account, each)
    }

    /// Who holds a unique key.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`.
    pub fn holder(&self, key: &UniqueKey) -> Result<Option<(Kind, ResourceId)>, StoreError> {
        rows::holder(self.connection, self.account, key)
    }

    /// Whether a record is found under a value.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`.
    pub fn is_found(&self, kind: &Kind, id: ResourceId, entry: &IndexEntry) -> Result<bool, StoreError> {
        rows::is_found(self.connection, self.account, kind, id, entry)
    }

    /// How many unique keys and index entries there are.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`.
    pub fn sizes(&self) -> Result<(u64, u64), StoreError> {
        rows::sizes(self.connection, self.account)
    }

    /// At most `limit` unique keys behind `after`, in their order.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`.
    pub fn unique_rows(&self, after: Option<&UniqueRow>, limit: u64) -> Result<Vec<UniqueRow>, StoreError> {
        rows::unique_rows(self.connection, self.account, after, limit)
    }

    /// At most `limit` index entries behind `after`, in their order.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`.
    pub fn index_rows(&self, after: Option<&IndexRow>, limit: u64) -> Result<Vec<IndexRow>, StoreError> {
        rows::index_rows(self.connection, self.account, after, limit)
    }

    /// Memberships of which the group or the member does not exist.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`.
    pub fn dangling(&self) -> Result<Vec<Dangling>, StoreError> {
        rows::dangling(self.connection, self.account)
    }

    /// Which group contains which group itself.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`.
    pub fn nested(&self) -> Result<Vec<(ResourceId, ResourceId)>, StoreError> {
        rows::nested(self.connection, self.account)
    }

    /// The kinds whose runs do not say how many records lie where: pages of them would be wrong.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`.
    pub fn wrong_runs(&self) -> Result<Vec<Kind>, StoreError> {
        rows::wrong_runs(self.connection, self.account)
    }

    /// Entries of the log.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`.
    pub fn log(&self, query: &LogQuery) -> Result<Vec<Logged>, StoreError> {
        read::log(self.connection, self.account, query)
    }
}
