//! Runs: how many records lie in which range of ids, so that the page at an offset is found without counting up to it.
//!
//! A run covers the ids from its first up to the next run's, and splits when it is full. Skipping is then over one run's keys at
//! most, however far the page is from the first. The first run begins before all ids and stays.

use super::connections::{first, rows};
use super::fault::Fault;
use super::net::{After, Net};
use super::row::{self, int};
use deadpool_postgres::Object;
use provost_change::{AccountId, Kind, ResourceId};
use std::collections::BTreeMap;
use tokio_postgres::{Error, Row};
use uuid::Uuid;

/// A run splits when it holds this many ids. A million records are then some six hundred runs: summing them up and skipping inside
/// of one cost about the same.
const SPLIT_AT: u64 = 2048;

/// How many of them stay. Ids grow with time: what comes next joins the upper part.
const LOWER: usize = 1792;

/// The runs that a transaction changes.
#[derive(Default)]
pub(super) struct Runs<'a> {
    /// By account and kind, from the one around the least id that may come or go.
    of_kind: BTreeMap<(AccountId, &'a Kind), Vec<Run>>,
}

/// So many ids from `first` on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    pub(super) first: ResourceId,
    pub(super) size: u64,
    is_changed: bool,
}

/// A run with whose records it counts.
pub(super) type Owned<'a> = (AccountId, &'a Kind, Run);

/// The runs from the one around an id on.
pub(super) async fn from(
    connection: &Object,
    (account, kind, id): (AccountId, &Kind, ResourceId),
) -> Result<Vec<Row>, Error> {
    const FROM: &str = "
        SELECT first_id, size FROM runs
         WHERE account = $1 AND kind = $2 AND first_id >= (
               SELECT first_id FROM runs
                WHERE account = $1 AND kind = $2 AND first_id <= $3 ORDER BY first_id DESC LIMIT 1)
         ORDER BY first_id";
    rows(connection, FROM, &[&account.uuid(), &kind.as_str(), &id.uuid()]).await
}

/// Where to begin so that `offset` ids come before: skip so many from this id on. None when there are not more than `offset`.
pub(super) async fn seek(
    connection: &Object,
    account: AccountId,
    kind: &Kind,
    offset: u64,
) -> Result<Option<(ResourceId, u64)>, Fault> {
    const SEEK: &str = "
        SELECT first_id, before FROM (
               SELECT first_id, CAST(SUM(size) OVER (ORDER BY first_id) AS BIGINT) - size AS before, size
                 FROM runs WHERE account = $1 AND kind = $2) AS summed
         WHERE before <= $3 AND before + size > $3 ORDER BY first_id LIMIT 1";
    let found = first(connection, SEEK, &[&account.uuid(), &kind.as_str(), &int(offset)]).await?;
    let skip = |row: Row| Ok((row::resource_id(&row, 0)?, offset.saturating_sub(row::natural(&row, 1)?)));
    found.map(skip).transpose()
}

impl<'a> Runs<'a> {
    /// Adds what [`from`] has found.
    pub(super) fn add(
        &mut self,
        (account, kind, _): (AccountId, &'a Kind, ResourceId),
        found: &[Row],
    ) -> Result<(), Fault> {
        let run = |row| Ok(Run { first: row::resource_id(row, 0)?, size: row::natural(row, 1)?, is_changed: false });
        self.of_kind.insert((account, kind), found.iter().map(run).collect::<Result<_, Fault>>()?);
        Ok(())
    }

    /// Counts the records that come and go.
    pub(super) fn count(&mut self, net: &Net<'a>) {
        for ((account, kind, id), change) in &net.records {
            let comes = !matches!(change.after, After::Gone);
            if comes == change.stored {
                continue;
            }
            let runs = self.of_kind.entry((*account, kind)).or_default();
            if runs.is_empty() {
                runs.push(Run { first: ResourceId::new(Uuid::nil()), size: 0, is_changed: true });
            }
            let around = runs.partition_point(|run| run.first <= *id).saturating_sub(1);
            let run = &mut runs[around];
            run.size = if comes { run.size + 1 } else { run.size.saturating_sub(1) };
            run.is_changed = true;
        }
    }

    /// Those that changed.
    pub(super) fn changed(&self) -> Vec<Owned<'a>> {
        let all =
            self.of_kind.iter().flat_map(|((account, kind), runs)| runs.iter().map(|run| (*account, *kind, *run)));
        all.filter(|(.., run)| run.is_changed).collect()
    }
}

impl Run {
    pub(super) fn is_full(&self) -> bool {
        self.size >= SPLIT_AT
    }

    /// Whether the run before it may cover its range.
    pub(super) fn is_over(&self) -> bool {
        self.size == 0 && self.first.uuid() != Uuid::nil()
    }
}

/// What a full run is replaced by: its ids in the records are read.
pub(super) async fn split<'a>(connection: &Object, (account, kind, run): Owned<'a>) -> Result<Vec<Owned<'a>>, Error> {
    const IDS: &str = "
        SELECT id FROM records WHERE account = $1 AND kind = $2 AND id >= $3 ORDER BY id LIMIT $4";
    let found = rows(connection, IDS, &[&account.uuid(), &kind.as_str(), &run.first.uuid(), &int(run.size)]).await?;
    let mut parts = Vec::new();
    for part in found.chunks(LOWER) {
        let first = match parts.is_empty() {
            true => run.first,
            false => ResourceId::new(part[0].try_get(0)?),
        };
        parts.push((account, kind, Run { first, size: part.len() as u64, is_changed: true }));
    }
    Ok(parts)
}
