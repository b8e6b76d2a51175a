//! Putting right what follows from the records. What is a record's own is never changed here.

use super::Inspected;
use crate::StoreError;
use crate::sqlite::apply::Rows;
use crate::sqlite::row::{self, execute, int};
use crate::sqlite::{members, runs};
use provost_change::{Head, IndexEntry, Kind, LogEntry, ResourceId, UniqueKey};
use rusqlite::{Connection, params};
use uuid::Uuid;

impl Inspected<'_> {
    /// Gives a unique key to a record, whoever held it.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`.
    pub fn give(&self, key: &UniqueKey, kind: &Kind, id: ResourceId) -> Result<(), StoreError> {
        const GIVE: &str = "
            INSERT INTO unique_keys (account, space, value, kind, id) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (account, space, value) DO UPDATE SET kind = excluded.kind, id = excluded.id";
        let row = params![self.account.as_bytes(), key.space, key.value, kind.as_str(), id.as_bytes()];
        Ok(execute(self.connection, GIVE, row).map(drop)?)
    }

    /// Frees a unique key.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`.
    pub fn free(&self, key: &UniqueKey) -> Result<(), StoreError> {
        const FREE: &str = "DELETE FROM unique_keys WHERE account = $1 AND space = $2 AND value = $3";
        Ok(execute(self.connection, FREE, params![self.account.as_bytes(), key.space, key.value]).map(drop)?)
    }

    /// Lets a record be found under a value.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`.
    pub fn index(&self, kind: &Kind, id: ResourceId, entry: &IndexEntry) -> Result<(), StoreError> {
        Ok(self.rows().enter(kind, id, entry)?)
    }

    /// Lets a record be found under a value no more.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`.
    pub fn unindex(&self, kind: &Kind, id: ResourceId, entry: &IndexEntry) -> Result<(), StoreError> {
        const UNINDEX: &str = "
            DELETE FROM attribute_index
             WHERE account = $1 AND kind = $2 AND attribute = $3 AND value = $4 AND id = $5";
        let row = params![self.account.as_bytes(), kind.as_str(), entry.attribute, entry.value, id.as_bytes()];
        Ok(execute(self.connection, UNINDEX, row).map(drop)?)
    }

    /// Ends a membership; a group that is there has another version from then on.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`.
    pub fn end_membership(&self, group: ResourceId, member: ResourceId) -> Result<(), StoreError> {
        members::remove(self.connection, self.account, group, member)?;
        Ok(members::touch(self.connection, self.account, group, None)?)
    }

    /// Counts anew how many records of a kind lie where.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`.
    pub fn rebuild_runs(&self, kind: &Kind) -> Result<(), StoreError> {
        const CLEAR: &str = "DELETE FROM runs WHERE account = $1 AND kind = $2";
        const IDS: &str = "SELECT id FROM records WHERE account = $1 AND kind = $2 ORDER BY id";
        const START: &str = "INSERT INTO runs (account, kind, first, size) VALUES ($1, $2, $3, $4)";
        let (owner, name) = (self.account.as_bytes(), kind.as_str());
        execute(self.connection, CLEAR, params![owner, name])?;
        let ids = row::rows(self.connection, IDS, params![owner, name], |row| row::resource_id(row, 0))?;
        // As full as they are after a split.
        let full = usize::try_from(runs::SPLIT_AT - runs::SPLIT_AT / 8).unwrap_or(usize::MAX);
        for (number, run) in ids.chunks(full).enumerate() {
            // The first covers what may come before.
            let first = if number == 0 { ResourceId::new(Uuid::nil()) } else { run[0] };
            execute(self.connection, START, params![owner, name, first.as_bytes(), int(run.len() as u64)])?;
        }
        Ok(())
    }

    /// Writes the head row.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`.
    pub fn put_head(&self, head: &Head) -> Result<(), StoreError> {
        Ok(self.rows().head(head)?)
    }

    /// Appends to the log what was repaired, behind the entry that `head` names. Answers with the head from then on.
    ///
    /// # Errors
    /// `Unavailable`, `Corrupt`.
    pub fn append(&self, head: &Head, entry: LogEntry) -> Result<Head, StoreError> {
        let entry = entry.chained(head.seq + 1, &head.hash);
        self.rows().append(&entry)?;
        let head = Head { seq: entry.seq, hash: entry.hash, ..head.clone() };
        self.put_head(&head)?;
        Ok(head)
    }

    fn rows(&self) -> Rows<'_, Connection> {
        Rows { connection: self.connection, account: self.account }
    }
}
