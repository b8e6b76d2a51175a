//! Runs: how many records lie in which range of ids, so that the page at an offset is found without counting up to it.
//!
//! A run covers the ids from its `first` up to the next run's, and splits when it is full. Skipping is then over one
//! run's keys at most, however far the page is from the first.

use super::row;
use crate::StoreError;
use provost_change::{AccountId, Kind, ResourceId};
use rusqlite::{Connection, params};
use uuid::Uuid;

/// A run splits when it holds this many ids. A million records are then some six hundred runs: summing them up and
/// skipping inside of one cost about the same.
pub(super) const SPLIT_AT: u64 = 2048;

/// Counts a record that was just made, and splits its run when that is full: holds `split_at` ids, 8 at least.
pub(super) fn add(
    connection: &Connection,
    account: AccountId,
    kind: &Kind,
    id: ResourceId,
    split_at: u64,
) -> rusqlite::Result<()> {
    const START: &str = "INSERT INTO runs (account, kind, first, size) VALUES ($1, $2, $3, $4)";
    const GROW: &str = "UPDATE runs SET size = size + 1 WHERE account = $1 AND kind = $2 AND first = $3";
    const SPLIT: &str = "
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
        // Ids grow with time: what comes next joins the upper part, and the lower one stays about as full as it is.
        let lower = size - size / 8;
        let params = params![owner, name, first.as_bytes(), row::int(lower)];
        if let Some(upper) = row::first(connection, SPLIT, params, |row| row::resource_id(row, 0))? {
            row::execute(connection, SHRINK, params![row::int(lower), owner, name, first.as_bytes()])?;
            row::execute(connection, START, params![owner, name, upper.as_bytes(), row::int(size - lower)])?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::migrations;
    use jiff::Timestamp;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// A database in which records have nothing but their key.
    fn database() -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        migrations::apply(&mut connection, Timestamp::UNIX_EPOCH).unwrap();
        connection
    }

    fn id_at(connection: &Connection, account: AccountId, offset: u64) -> Option<ResourceId> {
        const ID: &str = "SELECT id FROM records WHERE account = $1 AND id >= $2 ORDER BY id LIMIT 1 OFFSET $3";
        let (first, skip) = seek(connection, account, &Kind::USER, offset).unwrap()?;
        let params = params![account.as_bytes(), first.as_bytes(), row::int(skip)];
        row::first(connection, ID, params, |row| row::resource_id(row, 0)).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

        /// Ids come and go in any order, and runs are small.
        #[test]
        fn every_offset_is_found(numbers in proptest::collection::vec(0..80_u128, 0..200), split_at in 8..20_u64) {
            const ADD: &str = "INSERT INTO records VALUES ($1, 'user', $2, 1, 0, 0, '{}', '{}')";
            const REMOVE: &str = "DELETE FROM records WHERE account = $1 AND id = $2";
            let connection = database();
            let account = AccountId::new(Uuid::from_u128(1));
            let mut there = BTreeSet::new();
            for number in numbers {
                let id = ResourceId::new(Uuid::from_u128(number));
                let key = params![account.as_bytes(), id.as_bytes()];
                if there.insert(id) {
                    row::execute(&connection, ADD, key).unwrap();
                    add(&connection, account, &Kind::USER, id, split_at).unwrap();
                } else {
                    there.remove(&id);
                    row::execute(&connection, REMOVE, key).unwrap();
                    remove(&connection, account, &Kind::USER, id).unwrap();
                }
            }
            for (offset, id) in (0..).zip(&there) {
                prop_assert_eq!(id_at(&connection, account, offset), Some(*id));
            }
            prop_assert_eq!(id_at(&connection, account, there.len() as u64), None);
        }
    }
}
