//! Runs: how many records lie in which range of ids, so that the page at an offset is found without counting up to it.
//!
//! A run covers the ids from its `first` up to the next run's, and splits when it is full. Skipping is then over one
//! run's keys at most, however far the page is from the first.

use super::row::{self, Statements};
use crate::StoreError;
use provost_change::{AccountId, Kind, ResourceId};
use rusqlite::{Connection, params};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// A run splits when it holds this many ids. A million records are then some six hundred runs: summing them up and
/// skipping inside of one cost about the same.
pub(super) const SPLIT_AT: u64 = 2048;

/// Runs of the kinds that were changed last, as the database has them, or will have when the transaction is committed. Nobody else
/// writes them: records are counted here, and many of them cost one row.
#[derive(Debug)]
pub(super) struct Runs {
    accounts: HashMap<AccountId, Vec<(Kind, OfKind)>>,
    /// Whose runs the database does not have so: a commit looks at no others.
    changed: BTreeSet<AccountId>,
    /// How many runs and kinds are remembered, at most.
    remembered: usize,
    split_at: u64,
}

/// The runs of one kind by their first ids.
#[derive(Debug, Default)]
struct OfKind {
    sizes: BTreeMap<ResourceId, u64>,
    /// Those that the database does not have so.
    changed: BTreeSet<ResourceId>,
}

impl Runs {
    /// Remembers none. A run splits when it holds `split_at` ids, 8 at least.
    pub(super) fn new(split_at: u64) -> Self {
        Self { accounts: HashMap::new(), changed: BTreeSet::new(), remembered: 0, split_at }
    }

    /// Counts a record that was just made, and splits its run when that is full.
    pub(super) fn add(
        &mut self,
        on: &impl Statements,
        account: AccountId,
        kind: &Kind,
        id: ResourceId,
    ) -> rusqlite::Result<()> {
        const SPLIT: &str = "
            SELECT id FROM records WHERE account = $1 AND kind = $2 AND id >= $3 ORDER BY id LIMIT 1 OFFSET $4";
        let split_at = self.split_at;
        let runs = self.of_kind(on, account, kind)?;
        let first = runs.around(id).unwrap_or_else(|| ResourceId::new(Uuid::nil()));
        let size = runs.sizes.get(&first).copied().unwrap_or(0) + 1;
        runs.set(first, size);
        if size >= split_at {
            // Ids grow with time: what comes next joins the upper part, and the lower one stays about as full as it is.
            let lower = size - size / 8;
            let params = params![account.as_bytes(), kind.as_str(), first.as_bytes(), row::int(lower)];
            if let Some(upper) = row::first(on, SPLIT, params, |row| row::resource_id(row, 0))? {
                runs.set(first, lower);
                runs.set(upper, size - lower);
                self.remembered += 1;
            }
        }
        Ok(())
    }

    /// Counts a record that was just removed. An empty run goes: the one before it covers its range from then on.
    pub(super) fn remove(
        &mut self,
        on: &impl Statements,
        account: AccountId,
        kind: &Kind,
        id: ResourceId,
    ) -> rusqlite::Result<()> {
        let runs = self.of_kind(on, account, kind)?;
        if let Some(first) = runs.around(id) {
            let size = runs.sizes.get(&first).copied().unwrap_or(0);
            runs.set(first, size.saturating_sub(1));
        }
        Ok(())
    }

    /// Writes what was counted.
    pub(super) fn write(&mut self, on: &impl Statements) -> rusqlite::Result<()> {
        const PUT: &str = "
            INSERT INTO runs (account, kind, first, size) VALUES ($1, $2, $3, $4)
            ON CONFLICT (account, kind, first) DO UPDATE SET size = excluded.size";
        const END: &str = "DELETE FROM runs WHERE account = $1 AND kind = $2 AND first = $3";
        for account in std::mem::take(&mut self.changed) {
            for (kind, runs) in self.accounts.get_mut(&account).into_iter().flatten() {
                let (owner, name) = (account.as_bytes(), kind.as_str());
                for first in std::mem::take(&mut runs.changed) {
                    match runs.sizes.get(&first) {
                        Some(size) => row::execute(on, PUT, params![owner, name, first.as_bytes(), row::int(*size)])?,
                        None => row::execute(on, END, params![owner, name, first.as_bytes()])?,
                    };
                }
            }
        }
        Ok(())
    }

    /// How many are remembered, at most.
    pub(super) fn remembered(&self) -> usize {
        self.remembered
    }

    /// Forgets what the database has, and what was counted since.
    pub(super) fn clear(&mut self) {
        self.accounts.clear();
        self.changed.clear();
        self.remembered = 0;
    }

    /// The runs of a kind that is about to change.
    fn of_kind(&mut self, on: &impl Statements, account: AccountId, kind: &Kind) -> rusqlite::Result<&mut OfKind> {
        const ALL: &str = "SELECT first, size FROM runs WHERE account = $1 AND kind = $2 ORDER BY first";
        let kinds = self.accounts.entry(account).or_default();
        let place = match kinds.iter().position(|(known, _)| known == kind) {
            Some(place) => place,
            None => {
                let params = params![account.as_bytes(), kind.as_str()];
                let read = |row: &rusqlite::Row<'_>| Ok((row::resource_id(row, 0)?, row::natural(row, 1)?));
                let sizes: BTreeMap<ResourceId, u64> = row::rows(on, ALL, params, read)?.into_iter().collect();
                self.remembered += sizes.len() + 1;
                kinds.push((kind.clone(), OfKind { sizes, changed: BTreeSet::new() }));
                kinds.len() - 1
            }
        };
        self.changed.insert(account);
        Ok(&mut kinds[place].1)
    }
}

impl OfKind {
    /// The run that covers an id.
    fn around(&self, id: ResourceId) -> Option<ResourceId> {
        self.sizes.range(..=id).next_back().map(|(first, _)| *first)
    }

    fn set(&mut self, first: ResourceId, size: u64) {
        if size > 0 {
            self.sizes.insert(first, size);
        } else {
            self.sizes.remove(&first);
        }
        self.changed.insert(first);
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::migrations;
    use jiff::Timestamp;
    use proptest::prelude::*;

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
            let mut runs = Runs::new(split_at);
            let account = AccountId::new(Uuid::from_u128(1));
            let mut there = BTreeSet::new();
            for number in numbers {
                let id = ResourceId::new(Uuid::from_u128(number));
                let key = params![account.as_bytes(), id.as_bytes()];
                if there.insert(id) {
                    row::execute(&connection, ADD, key).unwrap();
                    runs.add(&connection, account, &Kind::USER, id).unwrap();
                } else {
                    there.remove(&id);
                    row::execute(&connection, REMOVE, key).unwrap();
                    runs.remove(&connection, account, &Kind::USER, id).unwrap();
                }
                // Now and then a transaction ends, and sometimes nothing is remembered of it.
                match number % 3 {
                    0 => runs.write(&connection).unwrap(),
                    1 => {
                        runs.write(&connection).unwrap();
                        runs.clear();
                    }
                    _ => {}
                }
            }
            runs.write(&connection).unwrap();
            for (offset, id) in (0..).zip(&there) {
                prop_assert_eq!(id_at(&connection, account, offset), Some(*id));
            }
            prop_assert_eq!(id_at(&connection, account, there.len() as u64), None);
        }
    }
}
