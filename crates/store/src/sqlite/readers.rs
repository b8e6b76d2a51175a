//! Connections that read, as many as there are readers at once.

use super::{connection, row};
use crate::StoreError;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Semaphore;

/// How many connections are kept for the next reader; a burst opens more and closes them again.
const IDLE_MAX: usize = 16;

/// How many long reads run at once; others wait for their turn, so that they do not take every core from short ones.
const BLOCKING_MAX: usize = 8;

#[derive(Debug)]
pub(super) struct Readers {
    database: PathBuf,
    idle: Mutex<Idle>,
    blocking: Semaphore,
}

#[derive(Debug, Default)]
struct Idle {
    closed: bool,
    connections: Vec<Connection>,
}

impl Readers {
    pub(super) fn new(folder: &Path) -> Self {
        let idle = Mutex::new(Idle::default());
        Self { database: connection::database(folder), idle, blocking: Semaphore::new(BLOCKING_MAX) }
    }

    /// Reads on this thread: for what takes microseconds.
    pub(super) fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let connection = self.take()?;
        let answer = read(&connection);
        // A connection that is still inside a transaction failed to leave it, and would go on showing old data.
        if connection.is_autocommit() {
            self.give_back(connection);
        }
        answer
    }

    /// # Errors
    /// `Unavailable` after [`Readers::close`].
    pub(super) fn check_open(&self) -> Result<(), StoreError> {
        if self.idle().closed { Err(StoreError::Unavailable("it is closed".to_owned())) } else { Ok(()) }
    }

    /// Reads on a connection of its own: from the file, not from what a connection that was used before remembers of it.
    pub(super) fn read_anew<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.check_open()?;
        read(&connection::reading(&self.database)?)
    }

    /// Reads where blocking is allowed: for what may take longer.
    pub(super) async fn read_blocking<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let _turn = self.blocking.acquire().await.expect("the semaphore is never closed");
        let readers = Arc::clone(self);
        let reading = tokio::task::spawn_blocking(move || readers.read(read));
        reading.await.unwrap_or_else(|error| Err(StoreError::Unavailable(format!("the reader ended: {error}"))))
    }

    /// Ends reading; reads that run already end by themselves.
    pub(super) fn close(&self) {
        let mut idle = self.idle();
        idle.closed = true;
        idle.connections.clear();
    }

    fn take(&self) -> Result<Connection, StoreError> {
        let mut idle = self.idle();
        if idle.closed {
            return Err(StoreError::Unavailable("it is closed".to_owned()));
        }
        let kept = idle.connections.pop();
        drop(idle);
        Ok(kept.map_or_else(|| connection::reading(&self.database), Ok)?)
    }

    fn give_back(&self, connection: Connection) {
        let mut idle = self.idle();
        if !idle.closed && idle.connections.len() < IDLE_MAX {
            idle.connections.push(connection);
        }
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs several reads on one moment's state.
pub(super) fn snapshot<T>(
    connection: &Connection,
    read: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    row::execute(connection, "BEGIN", [])?;
    let answer = read(connection);
    let ended = row::execute(connection, "ROLLBACK", []);
    let answer = answer?;
    ended?;
    Ok(answer)
}
