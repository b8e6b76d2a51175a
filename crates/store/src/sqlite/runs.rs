//! Runs: how many records lie in which range of ids, so that the page at an offset is found without counting up to it.
//!
//! A run covers the ids from its `first` up to the next run's, and splits in the middle when it is full. Skipping is
//! then over at most one run's keys, however far the page is from the first.

use super::row;
use crate::StoreError;
use provost_change::{AccountId, Kind, ResourceId};
use rusqlite::{Connection, params};
use uuid::Uuid;

/// A run splits when it holds this many ids. A million records are then some two thousand runs, so that summing up
/// runs costs about what skipping inside of one costs.
pub(super) const SPLIT_AT: u64 = 1024;

/// Counts a record that was just made, and splits its run when that is full.
pub(super) fn add(
    connection: &Connection,
    account: AccountId,
    kind: &Kind,
    id: ResourceId,
    split_at: u64,
) -> rusqlite::Result<()> {
    const START: &str = "INSERT INTO runs (account, kind, first, size) VALUES ($1, $2, $3, $4)";
    const GROW: &str = "UPDATE runs SET size = size + 1 WHERE account = $1 AND kind = $2 AND first = $3";
    const MIDDLE: &str = "
        SELECT id FROM records WHERE account = $1 AND kind = $2 AND id >= $3 ORDER BY id LIMIT 1 OFFSET $4";
    const SHRINK: &str = "UPDATE runs SET size = $1 WHERE account = $2 AND kind = $3 AND first = $4";
    let (owner, name) = (account.as_bytes(), kind.as_str());
    let Some((first, size)) = around(connection, account, kind, id)? else {
        let first = ResourceId::new(Uuid::nil());
        row::execute(connection, START, params![owner, name, first.as_bytes(), 1])?;
        return Ok(());
    };
    row::execute(connection, GROW, params![owner, name, first.as_bytes()])?;
    let size = size + 1;
    if size >= split_at {
        let lower = size / 2;
        let params = params![owner, name, first.as_bytes(), row::int(lower)];
        if let Some(middle) = row::first(connection, MIDDLE, params, |row| row::resource_id(row, 0))? {
            row::execute(connection, SHRINK, params![row::int(lower), owner, name, first.as_bytes()])?;
            row::execute(connection, START, params![owner, name, middle.as_bytes(), row::int(size - lower)])?;
        }
    }
    Ok(())
}

/// Counts a record that was just removed. An empty run goes: the one before it covers its range from then on.
pub(super) fn remove(connection: &Connection, account: AccountId, kind: &Kind, id: ResourceId) -> rusqlite::Result<()> {
    const LESSEN: &str = "UPDATE runs SET size = size - 1 WHERE account = $1 AND kind = $2 AND first = $3";
    const END: &str = "DELETE FROM runs WHERE account = $1 AND kind = $2 AND first = $3";
    if let Some((first, size)) = around(connection, account, kind, id)? {
        let sql = if size > 1 { LESSEN } else { END };
        row::execute(connection, sql, params![account.as_bytes(), kind.as_str(), first.as_bytes()])?;
    }
    Ok(())
}

/// Where to begin so that `offset` ids come before: skip so many from this id on. None when there are not more than
/// `offset`.
pub(super) fn seek(
    connection: &Connection,
    account: AccountId,
    kind: &Kind,
    offset: u64,
) -> Result<Option<(ResourceId, u64)>, StoreError> {
    const RUNS: &str = "SELECT first, size FROM runs WHERE account = $1 AND kind = $2 ORDER BY first";
    let mut statement = connection.prepare_cached(RUNS)?;
    let mut runs = statement.query(params![account.as_bytes(), kind.as_str()])?;
    let mut skip = offset;
    while let Some(run) = runs.next()? {
        let size = row::natural(run, 1)?;
        if skip < size {
            return Ok(Some((row::resource_id(run, 0)?, skip)));
        }
        skip -= size;
    }
    Ok(None)
}

/// The run that covers an id, with its size.
fn around(
    connection: &Connection,
    account: AccountId,
    kind: &Kind,
    id: ResourceId,
) -> rusqlite::Result<Option<(ResourceId, u64)>> {
    const AROUND: &str = "
        SELECT first, size FROM runs
         WHERE account = $1 AND kind = $2 AND first <= $3 ORDER BY first DESC LIMIT 1";
    let params = params![account.as_bytes(), kind.as_str(), id.as_bytes()];
    row::first(connection, AROUND, params, |row| Ok((row::resource_id(row, 0)?, row::natural(row, 1)?)))
}
