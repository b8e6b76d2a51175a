//! A copy of the database while a server writes to it, and the way back.
//!
//! The copy is written beside its place and moved there whole: whatever ends it early leaves what was there before. It is a
//! database file of its own, without a write-ahead log.

use super::connection::{self, database, private};
use super::inspect::{Thorough, integrity};
use super::{migrations, row};
use crate::OpenError;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, ErrorCode, OpenFlags, ffi, params};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};

/// Pages that are copied between two signs of progress: 4 MiB.
const PAGES_AT_ONCE: i32 = 1024;
/// What every SQLite database begins with.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// Sentences about damage that one message holds.
const DAMAGES_MAX: u32 = 1;

/// A file that belongs to an installation but is no part of its database, such as a key.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyFile {
    /// Its name in the data folder.
    pub name: String,
    /// All of it.
    pub content: Vec<u8>,
}

/// Why a backup was not made or not restored. Nothing was put in place.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database cannot be opened, or is another version's.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The backup would lie among the files of a server.
    #[error("a backup does not belong into the data folder `{}`; name a file elsewhere", .0.display())]
    Inside(PathBuf),
    /// Another backup writes the same file.
    #[error("another backup to `{}` is under way", .0.display())]
    UnderWay(PathBuf),
    /// Something lies where the data would be put.
    #[error("the folder `{}` is not empty; name a new one, or move what is in it away", .0.display())]
    NotEmpty(PathBuf),
    /// The file is something else.
    #[error("`{}` is no backup of Provost", .0.display())]
    NoBackup(PathBuf),
    /// The file is only a part of a server's database.
    #[error(
        "`{}` has a write-ahead log beside it: it is a server's own database; make a backup of it with `provost backup`",
        .0.display()
    )]
    InService(PathBuf),
    /// What was copied is not whole.
    #[error("`{}` is damaged: {problem}", file.display())]
    Damaged {
        /// Which file.
        file: PathBuf,
        /// The first thing that is wrong.
        problem: String,
    },
    /// A file cannot be read or written.
    #[error("`{}` cannot be used: {error}", file.display())]
    File {
        /// Which file.
        file: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// SQLite failed while it copied.
    #[error("the copy `{}` cannot be written: {error}", file.display())]
    Copy {
        /// Which file.
        file: PathBuf,
        /// Why.
        error: rusqlite::Error,
    },
}

/// How far a copy has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes that are done.
    pub done: u64,
    /// Bytes there are in all.
    pub whole: u64,
}

/// Copies the database in `folder` to the file `to`, beside a server or without one, as it is at one moment, and checks the copy.
/// A file that is there already is replaced once the copy is whole. `keys` are put into it. Answers with its size in bytes.
///
/// While it runs, the server's write-ahead log is not cut back: it grows by what is written meanwhile.
///
/// # Errors
/// A folder without a database, a file that cannot be written, a database that is damaged.
pub fn back_up(
    folder: &Path,
    to: &Path,
    keys: &[KeyFile],
    progress: &mut dyn FnMut(Progress),
) -> Result<u64, BackupError> {
    let from = connection::reading_existing(folder)?;
    migrations::known(&from)?;
    let parent = parent(to);
    let same = |path: &Path| fs::canonicalize(path).ok();
    if same(parent).is_some() && same(parent) == same(folder) {
        return Err(BackupError::Inside(folder.to_owned()));
    }
    let partial = Partial::take(to)?;
    let copy = |error| BackupError::Copy { file: partial.path.clone(), error };
    // What an attempt that was ended left behind: the lock is ours, nobody uses it.
    partial.file.set_len(0).map_err(|error| BackupError::File { file: partial.path.clone(), error })?;
    let mut into = partial.open().map_err(copy)?;
    copy_pages(&from, &mut into, progress).map_err(copy)?;
    drop(into);
    let into = partial.open().map_err(copy)?;
    sound(&into, Thorough::Pages, folder)?;
    put_keys(&into, keys).map_err(copy)?;
    drop(into);
    partial.place(to)
}

/// Puts the backup `from` into `folder`, which is made when it is missing and must be empty, and checks it. Answers with the names of
/// the key files that it held, which are in the folder then.
///
/// # Errors
/// A folder that is not empty or in use; a file that is no backup, damaged or of a newer version.
pub fn restore(from: &Path, folder: &Path, progress: &mut dyn FnMut(Progress)) -> Result<Vec<String>, BackupError> {
    let size = recognised(from)?;
    empty(folder)?;
    let to = database(folder);
    let partial = Partial::take(&to)?;
    // Who was faster has put something there meanwhile.
    empty(folder)?;
    copy_bytes(from, &partial, size, progress)?;
    let database = partial.open().map_err(|error| read_error(from, error))?;
    match migrations::known(&database) {
        Ok(0) => return Err(BackupError::NoBackup(from.to_owned())),
        Ok(_) => {}
        Err(OpenError::Database(problem)) => return Err(BackupError::Damaged { file: from.to_owned(), problem }),
        Err(error) => return Err(error.into()),
    }
    sound(&database, Thorough::Indexes, from)?;
    let keys = take_keys(&database).map_err(|error| read_error(from, error))?;
    if keys
        .iter()
        .any(|key| Path::new(&key.name).file_name() != Some(OsStr::new(&key.name)) || folder.join(&key.name) == to)
    {
        return Err(BackupError::NoBackup(from.to_owned()));
    }
    drop(database);
    // A folder with a database looks complete: what belongs to it comes first.
    keys.iter().try_for_each(|key| write_key(folder, key))?;
    partial.place(&to)?;
    Ok(keys.into_iter().map(|key| key.name).collect())
}

fn write_key(folder: &Path, key: &KeyFile) -> Result<(), BackupError> {
    let path = folder.join(&key.name);
    let cannot = |error| BackupError::File { file: path.clone(), error };
    let mut file = private().create_new(true).open(&path).map_err(cannot)?;
    file.write_all(&key.content).and_then(|()| file.sync_all()).map_err(cannot)
}

/// A file that becomes another once it is whole. It goes away when it does not.
struct Partial {
    path: PathBuf,
    /// Locked for whoever writes it.
    file: File,
    placed: bool,
}

impl Partial {
    fn take(to: &Path) -> Result<Self, BackupError> {
        let path = beside(to, PARTIAL);
        let cannot = |error| BackupError::File { file: path.clone(), error };
        let file = private().create(true).open(&path).map_err(cannot)?;
        match file.try_lock() {
            // Whoever had it may have moved it to its place just now.
            Ok(()) if is_at(&file, &path) => Ok(Self { path, file, placed: false }),
            Ok(()) | Err(fs::TryLockError::WouldBlock) => Err(BackupError::UnderWay(to.to_owned())),
            Err(fs::TryLockError::Error(error)) => Err(cannot(error)),
        }
    }

    /// Nothing of it counts before it is placed: it needs no journal, and no waiting for the disk before the end. That also
    /// turns a database with a write-ahead log into one without.
    fn open(&self) -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(
            &self.path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        connection.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA secure_delete = ON;")?;
        Ok(connection)
    }

    /// Makes it durable and moves it to its place. Answers with its size in bytes.
    fn place(mut self, to: &Path) -> Result<u64, BackupError> {
        let cannot = |error| BackupError::File { file: to.to_owned(), error };
        self.file.sync_all().map_err(cannot)?;
        let size = self.file.metadata().map_err(cannot)?.len();
        fs::rename(&self.path, to).map_err(cannot)?;
        self.placed = true;
        File::open(parent(to)).and_then(|folder| folder.sync_all()).map_err(cannot)?;
        Ok(size)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.placed {
            // The next attempt writes over what cannot be removed.
            for end in ["", "-wal", "-shm"] {
                let _ = fs::remove_file(beside(&self.path, end));
            }
        }
    }
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let same = |one: fs::Metadata, other: fs::Metadata| (one.dev(), one.ino()) == (other.dev(), other.ino());
    file.metadata().and_then(|one| Ok(same(one, fs::metadata(path)?))).unwrap_or(false)
}

#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}

/// What the name of a file that is not whole yet ends with.
const PARTIAL: &str = ".partial";

fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(end);
    PathBuf::from(name)
}

fn parent(file: &Path) -> &Path {
    file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Copies all pages as they are at one moment: the open transaction holds it, so that nothing begins anew when the server writes.
fn copy_pages(from: &Connection, into: &mut Connection, progress: &mut dyn FnMut(Progress)) -> rusqlite::Result<()> {
    const MOMENT: &str = "SELECT count(*) FROM migrations";
    let page: u64 = from.pragma_query_value(None, "page_size", |row| row.get::<_, i64>(0))?.unsigned_abs();
    row::execute(from, "BEGIN", [])?;
    from.query_row(MOMENT, [], |_| Ok(()))?;
    let backup = Backup::new(from, into)?;
    loop {
        let step = backup.step(PAGES_AT_ONCE)?;
        let pages = backup.progress();
        let bytes = |pages: i32| u64::from(pages.max(0).unsigned_abs()) * page;
        progress(Progress { done: bytes(pages.pagecount - pages.remaining), whole: bytes(pages.pagecount) });
        match step {
            StepResult::Done => break,
            StepResult::More => {}
            // Neither is somebody else's: the source is read under its own transaction, the copy is locked.
            _ => return Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_BUSY), None)),
        }
    }
    drop(backup);
    row::execute(from, "ROLLBACK", []).map(drop)
}

/// Checks that a database is whole. `file` is what a message names.
fn sound(database: &Connection, thorough: Thorough, file: &Path) -> Result<(), BackupError> {
    let damaged = |problem| BackupError::Damaged { file: file.to_owned(), problem };
    match integrity(database, thorough, DAMAGES_MAX) {
        Ok(problems) => problems.into_iter().next().map_or(Ok(()), |problem| Err(damaged(problem))),
        Err(error) => Err(read_error(file, error)),
    }
}

/// What an error means that came from reading a file.
fn read_error(file: &Path, error: rusqlite::Error) -> BackupError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => BackupError::NoBackup(file.to_owned()),
        Some(ErrorCode::DatabaseCorrupt) => BackupError::Damaged { file: file.to_owned(), problem: error.to_string() },
        _ => BackupError::Copy { file: file.to_owned(), error },
    }
}

const KEYS_THERE: &str = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'backup_keys'";

fn put_keys(database: &Connection, keys: &[KeyFile]) -> rusqlite::Result<()> {
    const TABLE: &str = "CREATE TABLE backup_keys (name TEXT NOT NULL PRIMARY KEY, content BLOB NOT NULL)";
    const PUT: &str = "INSERT INTO backup_keys (name, content) VALUES ($1, $2)";
    if keys.is_empty() {
        return Ok(());
    }
    database.execute(TABLE, [])?;
    keys.iter().try_for_each(|key| database.execute(PUT, params![key.name, key.content]).map(drop))
}

/// The keys in a backup, which are taken out of it.
fn take_keys(database: &Connection) -> rusqlite::Result<Vec<KeyFile>> {
    const KEYS: &str = "SELECT name, content FROM backup_keys ORDER BY name";
    if row::first(database, KEYS_THERE, [], |_| Ok(()))?.is_none() {
        return Ok(Vec::new());
    }
    let read = |row: &rusqlite::Row<'_>| Ok(KeyFile { name: row.get(0)?, content: row.get(1)? });
    let keys = row::rows(database, KEYS, [], read)?;
    database.flush_prepared_statement_cache();
    database.execute_batch("DROP TABLE backup_keys")?;
    Ok(keys)
}

/// The size of a file that can be a backup.
fn recognised(from: &Path) -> Result<u64, BackupError> {
    let cannot = |error| BackupError::File { file: from.to_owned(), error };
    let mut file = File::open(from).map_err(cannot)?;
    let metadata = file.metadata().map_err(cannot)?;
    let mut begin = [0; MAGIC.len()];
    if !metadata.is_file() || file.read_exact(&mut begin).is_err() || begin != *MAGIC {
        return Err(BackupError::NoBackup(from.to_owned()));
    }
    if fs::metadata(beside(from, "-wal")).is_ok_and(|log| log.len() > 0) {
        return Err(BackupError::InService(from.to_owned()));
    }
    Ok(metadata.len())
}

/// Makes the folder, and refuses one in which there is anything but what an attempt that was ended left behind.
fn empty(folder: &Path) -> Result<(), BackupError> {
    let cannot = |error| OpenError::Folder { folder: folder.to_owned(), error };
    fs::create_dir_all(folder).map_err(cannot)?;
    let left = beside(&database(folder), PARTIAL);
    let left = [&left, &beside(&left, "-wal"), &beside(&left, "-shm")];
    for entry in fs::read_dir(folder).map_err(cannot)? {
        if !left.contains(&&entry.map_err(cannot)?.path()) {
            return Err(BackupError::NotEmpty(folder.to_owned()));
        }
    }
    Ok(())
}

fn copy_bytes(
    from: &Path,
    partial: &Partial,
    whole: u64,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), BackupError> {
    const CHUNK_BYTES: u64 = 4 * 1024 * 1024;
    let unreadable = |error| BackupError::File { file: from.to_owned(), error };
    let unwritable = |error| BackupError::File { file: partial.path.clone(), error };
    partial.file.set_len(0).map_err(unwritable)?;
    let mut from = File::open(from).map_err(unreadable)?;
    let mut done = 0;
    loop {
        let copied = io::copy(&mut (&mut from).take(CHUNK_BYTES), &mut &partial.file).map_err(unwritable)?;
        done += copied;
        progress(Progress { done, whole });
        if copied == 0 {
            return Ok(());
        }
    }
}
