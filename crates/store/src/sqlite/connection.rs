//! Opening the database file, and who may.

use crate::OpenError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, Error, ErrorCode, MAIN_DB, OpenFlags, ffi};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

const DATABASE: &str = "provost.db";
const LOCK: &str = "provost.lock";
const LEAVING_LOCK: &str = "provost.leaving.lock";

/// How long to wait for another process, a backup for example, that holds the database's own lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How often the lock is looked at. A busy server lets it go for moments that SQLite's own waits, ever longer, mostly miss.
const BUSY_LOOK: Duration = Duration::from_micros(500);

/// More than the number of different statements in this crate, so that none is prepared twice.
const STATEMENTS_MAX: usize = 96;

/// Settings of the connection that writes. `secure_delete` overwrites what was deleted or erased; the size of the
/// write-ahead log at which it is copied back (pages of 4 KiB) weighs rewriting hot pages against the time that a
/// reader needs to look pages up in it. The cache is small because SQLite goes through the whole of it at the end of a
/// transaction that has split a page; what it does not hold, the operating system does.
const WRITING: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA secure_delete = ON;
    PRAGMA wal_autocheckpoint = 4000;
    PRAGMA journal_size_limit = 67108864;
    PRAGMA cache_size = -8192;";

/// Settings of a connection that reads. Each commit empties its cache; between commits it holds the inner pages of the trees of a
/// million users, so that only leaves are fetched from the operating system.
const READING: &str = "
    PRAGMA query_only = ON;
    PRAGMA cache_size = -16384;
    PRAGMA soft_heap_limit = 100663296;";

/// Makes the folder and takes it for this process, until the file is closed.
pub(super) fn lock(folder: &Path) -> Result<File, OpenError> {
    let cannot = |error| OpenError::Folder { folder: folder.to_owned(), error };
    fs::create_dir_all(folder).map_err(cannot)?;
    let lock = locked(folder, LOCK, OpenError::InUse)?;
    // A database that is there is not opened here: closing it again would take away locks that SQLite holds on it.
    match private().create_new(true).open(database(folder)) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(cannot(error)),
        Ok(_) | Err(_) => Ok(lock),
    }
}

/// Takes the folder for moving accounts out of it, until the file is closed; a server may serve from it meanwhile.
pub(super) fn lock_for_leaving(folder: &Path) -> Result<File, OpenError> {
    locked(folder, LEAVING_LOCK, OpenError::Leaving)
}

fn locked(folder: &Path, name: &str, taken: impl FnOnce(PathBuf) -> OpenError) -> Result<File, OpenError> {
    let cannot = |error| OpenError::Folder { folder: folder.to_owned(), error };
    let lock = private().create(true).open(folder.join(name)).map_err(cannot)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(taken(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(cannot(error)),
    }
}

/// Files with personal data are for their owner alone; SQLite gives its own files the permissions of the database.
pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

pub(super) fn database(folder: &Path) -> PathBuf {
    folder.join(DATABASE)
}

/// The connection that writes. The folder is locked.
pub(super) fn writing(folder: &Path) -> Result<Connection, OpenError> {
    let connection = open(&database(folder), OpenFlags::SQLITE_OPEN_READ_WRITE, WRITING)?;
    let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    if mode != "wal" {
        return Err(OpenError::Database(format!(
            "its journal mode is `{mode}`: the file system allows no write-ahead log"
        )));
    }
    Ok(connection)
}

/// A connection that reads what is there.
pub(super) fn reading(database: &Path) -> rusqlite::Result<Connection> {
    open(database, OpenFlags::SQLITE_OPEN_READ_ONLY, READING)
}

/// A connection that reads, with a clear answer when there is nothing.
pub(super) fn reading_existing(folder: &Path) -> Result<Connection, OpenError> {
    let database = database(folder);
    match fs::metadata(&database) {
        Ok(found) if found.is_file() => Ok(reading(&database)?),
        Err(error) if ![ErrorKind::NotFound, ErrorKind::NotADirectory].contains(&error.kind()) => {
            Err(OpenError::Folder { folder: folder.to_owned(), error })
        }
        Ok(_) | Err(_) => Err(OpenError::Missing(folder.to_owned())),
    }
}

/// Whether the lock is to be looked at again, after so many times.
#[expect(clippy::disallowed_methods, reason = "SQLite asks, and nobody tells when another process lets its lock go")]
fn look_again(times: i32) -> bool {
    let is_over = BUSY_LOOK * times.unsigned_abs() >= BUSY_TIMEOUT;
    if !is_over {
        thread::sleep(BUSY_LOOK);
    }
    !is_over
}

fn open(database: &Path, flags: OpenFlags, settings: &str) -> rusqlite::Result<Connection> {
    let mut connection = Connection::open_with_flags(database, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // SQLite opens for reading what it may not write, and would say so only when something is written.
    if flags.contains(OpenFlags::SQLITE_OPEN_READ_WRITE) && connection.is_readonly(MAIN_DB)? {
        return Err(Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_READONLY), None));
    }
    connection.busy_handler(Some(look_again))?;
    // Otherwise a statement that compares with a parameter is planned anew for each value.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    connection.execute_batch(settings)?;
    Ok(connection)
}

const MAY_ONLY_BE_READ: &str = "it may only be read; let the user that runs this write the folder and all files in it";

impl From<Error> for OpenError {
    fn from(error: Error) -> Self {
        Self::Database(match error.sqlite_error_code() {
            // SQLite names it no further: a limit on files, a broken disk, a file system that was taken away.
            Some(ErrorCode::SystemIoFailure) => {
                format!("{error}: the disk is full or failing, or the file may not grow")
            }
            Some(ErrorCode::ReadOnly) => MAY_ONLY_BE_READ.to_owned(),
            _ => error.to_string(),
        })
    }
}
