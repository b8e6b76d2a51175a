//! A database file made anew from what can still be read of a damaged one.
//!
//! Only the tables that hold what nothing else says are read, from end to end and without an index. Whatever follows from them is left
//! out, and is for the repairs to make.

use super::Inspection;
use crate::sqlite::connection::{self, database};
use crate::sqlite::migrations;
use crate::{OpenError, StoreError};
use jiff::Timestamp;
use rusqlite::params;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// How many damaged files are kept before somebody has to look at them.
const KEPT_MAX: u32 = 100;

/// What cannot be derived from anything else. Rows are taken in the order in which they lie there.
const COPIES: [&str; 5] = [
    "INSERT INTO main.heads (account, seq, hash, base_seq, base_hash, config, counts, frozen)
     SELECT account, seq, hash, base_seq, base_hash, config, counts, frozen FROM damaged.heads NOT INDEXED",
    "INSERT INTO main.moves (account, token, place) SELECT account, token, place FROM damaged.moves NOT INDEXED",
    "INSERT INTO main.records (account, kind, id, version, created, modified, doc, state)
     SELECT account, kind, id, version, created, modified, doc, state FROM damaged.records NOT INDEXED",
    "INSERT INTO main.members (account, group_id, member, kind)
     SELECT account, group_id, member, kind FROM damaged.members NOT INDEXED",
    "INSERT INTO main.log (account, seq, at, subject, public, salt, personal, personal_digest, hash)
     SELECT account, seq, at, subject, public, salt, personal, personal_digest, hash FROM damaged.log NOT INDEXED",
];

impl Inspection {
    /// Makes the file anew, without what follows from its records, and keeps the damaged one beside it: answers with where. The
    /// folder must have been opened for repairs.
    ///
    /// # Errors
    /// `Corrupt` when what nothing else says is damaged, too, and `Unavailable`: the file is then as it was.
    pub fn rebuild(&mut self, folder: &Path, now: Timestamp) -> Result<PathBuf, StoreError> {
        let new = folder.join("provost.db.rebuilt");
        let made = self.lock.as_ref().ok_or_else(|| unavailable("it is open for reading only"));
        let made = made.and_then(|_| copied(&database(folder), &new, now));
        let kept = made.and_then(|()| {
            // Closing it copies its log back.
            self.connection = rusqlite::Connection::open_in_memory()?;
            swap(folder, &new).map_err(unavailable)
        });
        if kept.is_err() {
            for end in ["", "-wal", "-shm"] {
                // The next attempt writes over what cannot be removed.
                let _ = fs::remove_file(format!("{}{end}", new.display()));
            }
        }
        let opened = connection::writing(folder).map_err(|error: OpenError| unavailable(error))?;
        opened.execute_batch(super::CACHE)?;
        self.connection = opened;
        kept
    }
}

fn unavailable(why: impl ToString) -> StoreError {
    StoreError::Unavailable(why.to_string())
}

fn copied(damaged: &Path, new: &Path, now: Timestamp) -> Result<(), StoreError> {
    const ATTACH: &str = "ATTACH $1 AS damaged";
    let file = connection::private().create(true).truncate(true).open(new).map_err(unavailable)?;
    let mut connection = rusqlite::Connection::open(new)?;
    connection.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")?;
    migrations::apply(&mut connection, now).map_err(|error| match error {
        OpenError::Database(problem) => StoreError::Unavailable(problem),
        other => unavailable(other),
    })?;
    let name = damaged.to_str().ok_or_else(|| unavailable("the name of the folder is no text"))?;
    connection.execute(ATTACH, params![name])?;
    for copy in COPIES {
        connection.execute(copy, []).map_err(as_damage)?;
    }
    drop(connection);
    file.sync_all().map_err(unavailable)
}

/// Two rows in one place are damage as well.
fn as_damage(error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::ConstraintViolation) => StoreError::Corrupt(error.to_string()),
        _ => error.into(),
    }
}

/// Puts the new file in place of the damaged one, which keeps a name of its own.
fn swap(folder: &Path, new: &Path) -> io::Result<PathBuf> {
    let damaged = database(folder);
    let kept = (1..=KEPT_MAX).map(|number| folder.join(format!("provost.db.damaged-{number}")));
    let kept = kept.into_iter().find(|kept| !kept.exists());
    let kept = kept.ok_or_else(|| io::Error::other("the folder holds too many damaged files already"))?;
    for end in ["-wal", "-shm"] {
        match fs::rename(format!("{}{end}", damaged.display()), format!("{}{end}", kept.display())) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    // Never without a database: the damaged one has both names until the new one takes the first.
    fs::hard_link(&damaged, &kept)?;
    fs::rename(new, &damaged)?;
    File::open(folder)?.sync_all()?;
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table that a migration adds is copied, or is known to follow from the others.
    #[test]
    fn every_table_is_copied_or_derived() {
        const TABLES: &str = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
        let mut connection = rusqlite::Connection::open_in_memory().unwrap();
        migrations::apply(&mut connection, Timestamp::UNIX_EPOCH).unwrap();
        let mut statement = connection.prepare(TABLES).unwrap();
        let tables = statement.query_map([], |row| row.get(0)).unwrap().collect::<rusqlite::Result<Vec<String>>>();
        let follows = ["attribute_index", "migrations", "runs", "unique_keys"];
        for table in tables.unwrap() {
            let copied = COPIES.iter().any(|copy| copy.contains(&format!("main.{table} ")));
            assert!(copied != follows.contains(&table.as_str()), "{table}");
        }
    }
}
