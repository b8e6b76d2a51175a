//! A folder as one end of a move. Its database may be another process's: what is written there is one short transaction, which the
//! server's writer notices by SQLite's own count of versions.

mod page;
mod write;

use super::connection;
use super::row::{self, execute};
use super::{migrations, read};
use crate::frozen;
use crate::moving::end::{Coming, End};
use crate::moving::rows::{Place, Rows};
use crate::{Answer, OpenError, StoreError};
use jiff::Timestamp;
use provost_change::{AccountId, Frozen, Head};
use rusqlite::{Connection, params};
use std::fs::File;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// The database in a folder.
pub(crate) struct SqliteEnd {
    reading: Arc<Mutex<Connection>>,
    writing: Arc<Mutex<Connection>>,
    /// Where accounts come to, nobody serves from the folder meanwhile; where they leave, nobody repairs it.
    _lock: File,
}

impl SqliteEnd {
    pub(crate) fn leaving(folder: &Path) -> Result<Self, OpenError> {
        let reading = connection::reading_existing(folder)?;
        migrations::check(&reading)?;
        let lock = connection::lock_for_leaving(folder)?;
        Ok(Self::of(reading, connection::writing(folder)?, lock))
    }

    pub(crate) fn entering(folder: &Path, now: Timestamp) -> Result<Self, OpenError> {
        let lock = connection::lock(folder)?;
        let mut writing = connection::writing(folder)?;
        migrations::apply(&mut writing, now)?;
        Ok(Self::of(connection::reading_existing(folder)?, writing, lock))
    }

    fn of(reading: Connection, writing: Connection, lock: File) -> Self {
        Self { reading: Arc::new(Mutex::new(reading)), writing: Arc::new(Mutex::new(writing)), _lock: lock }
    }

    fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Answer<'_, T> {
        Box::pin(blocking(Arc::clone(&self.reading), read))
    }

    /// One transaction, which is rolled back unless something was done.
    fn write(&self, write: impl FnOnce(&Connection) -> Result<bool, StoreError> + Send + 'static) -> Answer<'_, bool> {
        Box::pin(blocking(Arc::clone(&self.writing), |connection| {
            execute(connection, "BEGIN IMMEDIATE", [])?;
            let done = write(connection);
            let ended = execute(connection, if done == Ok(true) { "COMMIT" } else { "ROLLBACK" }, []);
            if ended.is_err() && !connection.is_autocommit() {
                execute(connection, "ROLLBACK", [])?;
            }
            let done = done?;
            ended?;
            Ok(done)
        }))
    }
}

/// Works with a connection where blocking is allowed.
async fn blocking<T: Send + 'static>(
    connection: Arc<Mutex<Connection>>,
    work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let working = tokio::task::spawn_blocking(move || work(&connection.lock().unwrap_or_else(PoisonError::into_inner)));
    working.await.unwrap_or_else(|error| Err(StoreError::Unavailable(format!("what works with it ended: {error}"))))
}

impl End for SqliteEnd {
    fn head(&self, account: AccountId) -> Answer<'_, Option<Head>> {
        self.read(move |connection| read::head(connection, account))
    }

    fn accounts(&self, after: Option<AccountId>, limit: u64) -> Answer<'_, Vec<AccountId>> {
        self.read(move |connection| read::accounts(connection, after, limit))
    }

    fn freeze(&self, account: AccountId, from: Option<Frozen>, to: Option<Frozen>) -> Answer<'_, bool> {
        const FREEZE: &str = "UPDATE heads SET frozen = $1 WHERE account = $2 AND frozen IS $3";
        let (from, to) = (from.map(frozen::text), to.map(frozen::text));
        self.write(move |connection| Ok(execute(connection, FREEZE, params![to, account.as_bytes(), from])? == 1))
    }

    fn page<'a>(&'a self, account: AccountId, after: &'a Place) -> Answer<'a, Rows> {
        let after = after.clone();
        self.read(move |connection| page::page(connection, account, &after))
    }

    /// Asked where it is written, so that what was not waited for has come to its end.
    fn coming(&self, account: AccountId) -> Answer<'_, Option<Coming>> {
        const COMING: &str = "SELECT token, place FROM moves WHERE account = $1";
        Box::pin(blocking(Arc::clone(&self.writing), move |connection| {
            let read = |row: &rusqlite::Row<'_>| Ok((Uuid::from_bytes(row.get(0)?), row.get::<_, String>(1)?));
            let found = row::first(connection, COMING, [account.as_bytes()], read)?;
            found.map(|(token, place)| Ok(Coming { token, place: Place::read(&place)? })).transpose()
        }))
    }

    fn expect(&self, account: AccountId, token: Uuid) -> Answer<'_, ()> {
        const EXPECT: &str = "
            INSERT INTO moves (account, token, place) VALUES ($1, $2, $3)
            ON CONFLICT (account) DO UPDATE SET token = excluded.token, place = excluded.place";
        let expect = self.write(move |connection| {
            let row = params![account.as_bytes(), token.as_bytes(), Place::Records(None).text()];
            Ok(execute(connection, EXPECT, row)? == 1)
        });
        Box::pin(async { expect.await.map(drop) })
    }

    fn append<'a>(&'a self, account: AccountId, coming: &'a Coming, rows: Rows, next: &'a Place) -> Answer<'a, bool> {
        let (coming, next) = (coming.clone(), next.clone());
        self.write(move |connection| write::append(connection, account, &coming, &rows, &next))
    }

    fn go_live<'a>(&'a self, account: AccountId, token: Uuid, head: &'a Head) -> Answer<'a, bool> {
        let head = Head { frozen: None, ..head.clone() };
        self.write(move |connection| write::go_live(connection, account, token, &head))
    }

    fn forget(&self, account: AccountId, token: Uuid) -> Answer<'_, bool> {
        const FORGET: &str = "DELETE FROM moves WHERE account = $1 AND token = $2 AND place <> $3";
        self.write(move |connection| {
            let coming = params![account.as_bytes(), token.as_bytes(), Place::Live.text()];
            Ok(execute(connection, FORGET, coming)? == 1)
        })
    }

    fn remove<'a>(&'a self, account: AccountId, to: &'a Place) -> Answer<'a, ()> {
        let to = to.clone();
        let remove = self.write(move |connection| write::remove(connection, account, &to).map(|()| true));
        Box::pin(async { remove.await.map(drop) })
    }

    fn remove_rest(&self, account: AccountId) -> Answer<'_, ()> {
        let remove = self.write(move |connection| write::remove_rest(connection, account).map(|()| true));
        Box::pin(async { remove.await.map(drop) })
    }
}
