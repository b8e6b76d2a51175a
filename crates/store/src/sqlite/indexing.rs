//! Index entries by themselves.

use super::apply::Rows;
use super::read;
use super::row::{self, Statements, execute, int};
use crate::{Indexed, Indexing, StoreError, Unindexing};
use provost_change::{IndexEntry, Kind, ResourceId};
use rusqlite::{Result, params};

impl<C: Statements> Rows<'_, C> {
    /// Enters records as they are now.
    pub(super) fn index(&self, indexing: &Indexing) -> std::result::Result<Indexed, StoreError> {
        let Indexing { config: _, kind, after, limit, entries } = indexing;
        let records = read::all(self.connection, self.account, kind, *after, *limit)?;
        for record in &records {
            for entry in entries(record)? {
                self.enter(kind, record.id, &entry)?;
            }
        }
        Ok(Indexed { records: records.len() as u64, last: records.last().map(|record| record.id) })
    }

    /// Lets a record be found under a value.
    pub(super) fn enter(&self, kind: &Kind, id: ResourceId, entry: &IndexEntry) -> Result<()> {
        const ENTER: &str = "
            INSERT INTO attribute_index (account, kind, attribute, value, id) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (account, kind, attribute, value, id) DO NOTHING";
        let row = params![self.account.as_bytes(), kind.as_str(), entry.attribute, entry.value, id.as_bytes()];
        execute(self.connection, ENTER, row).map(drop)
    }

    /// Removes the first entries of an attribute; answers with how many.
    pub(super) fn unindex(&self, unindexing: &Unindexing) -> Result<u64> {
        const LAST: &str = "
            SELECT value, id FROM attribute_index WHERE account = $1 AND kind = $2 AND attribute = $3
             ORDER BY value, id LIMIT 1 OFFSET $4";
        const UP_TO: &str = "
            DELETE FROM attribute_index
             WHERE account = $1 AND kind = $2 AND attribute = $3 AND (value, id) <= ($4, $5)";
        const REST: &str = "DELETE FROM attribute_index WHERE account = $1 AND kind = $2 AND attribute = $3";
        let Unindexing { config: _, kind, attribute, limit } = unindexing;
        let (account, kind) = (self.account.as_bytes(), kind.as_str());
        let Some(before_last) = limit.checked_sub(1) else { return Ok(0) };
        let at = params![account, kind, attribute, int(before_last)];
        let last =
            row::first(self.connection, LAST, at, |row| Ok((row.get::<_, String>(0)?, row::resource_id(row, 1)?)))?;
        let gone = match last {
            Some((value, id)) => {
                execute(self.connection, UP_TO, params![account, kind, attribute, value, id.as_bytes()])?
            }
            None => execute(self.connection, REST, params![account, kind, attribute])?,
        };
        Ok(gone as u64)
    }
}
