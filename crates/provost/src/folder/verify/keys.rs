//! Unique keys and index entries.
//!
//! What follows from each record is looked up; then the tables are counted. If everything that follows is there and the tables hold
//! no more than that, they hold exactly that, and need not be read. Only otherwise is each of their rows held against its record.

use super::account::Look;
use super::faults::Remedy;
use provost_accounts::{Configuration, derived::Derived, indexes::State};
use provost_change::{Kind, Record, ResourceId, UniqueKey};
use provost_engine::registry::derived_of_any;
use provost_store::StoreError;
use std::collections::BTreeMap;

/// Rows of a table that are read at once.
const ROWS_AT_ONCE: u64 = 1_000;

/// What follows from the records that were read.
#[derive(Default)]
pub struct Sums {
    /// How many records there were.
    pub records: u64,
    /// What they add to the counts.
    pub counts: BTreeMap<String, i64>,
    /// Whether some of them could not be read.
    pub has_gaps: bool,
    /// Unique keys that follow and are there.
    unique: u64,
    /// Index entries that follow and are there.
    index: u64,
    /// Unique keys that follow from records which do not hold them.
    wanted: BTreeMap<UniqueKey, Vec<(Kind, ResourceId)>>,
}

impl Look<'_> {
    /// Holds what follows from one record against what is there.
    pub(super) fn follows(
        &mut self,
        record: &Record,
        now: Derived,
        formerly: Option<Derived>,
        sums: &mut Sums,
    ) -> Result<(), StoreError> {
        let (kind, id) = (&record.kind, record.id);
        let standing = self.standing(kind, id, now, formerly)?;
        for (name, count) in standing.counts {
            *sums.counts.entry(name).or_default() += count;
        }
        for key in standing.unique {
            if self.holds(kind, id, &key)? {
                sums.unique += 1;
            } else {
                sums.wanted.entry(key).or_default().push((kind.clone(), id));
            }
        }
        for entry in standing.index {
            if self.at.is_found(kind, id, &entry)? {
                sums.index += 1;
                continue;
            }
            let fault = self.of_record(kind, id, format!("it is not found under its `{}`", entry.attribute));
            self.repair(fault, "index entries", |at| at.index(kind, id, &entry))?;
            sums.index += u64::from(self.faults.repairing);
        }
        for entry in standing.building {
            sums.index += u64::from(self.at.is_found(kind, id, &entry)?);
        }
        Ok(())
    }

    fn holds(&self, kind: &Kind, id: ResourceId, key: &UniqueKey) -> Result<bool, StoreError> {
        Ok(self.at.holder(key)?.is_some_and(|holder| holder == (kind.clone(), id)))
    }

    /// What follows under the configuration that a record was written under, as far as what it holds tells.
    fn standing(
        &self,
        kind: &Kind,
        id: ResourceId,
        now: Derived,
        formerly: Option<Derived>,
    ) -> Result<Derived, StoreError> {
        let Some(formerly) = formerly else { return Ok(now) };
        for key in now.unique.difference(&formerly.unique) {
            if self.holds(kind, id, key)? {
                return Ok(now);
            }
        }
        for key in formerly.unique.difference(&now.unique) {
            if self.holds(kind, id, key)? {
                return Ok(formerly);
            }
        }
        Ok(now)
    }

    /// What stands for a record, read anew. `None` where there is no such record; an error inside where it cannot be read.
    fn standing_of(
        &self,
        config: &Configuration,
        kind: &Kind,
        id: ResourceId,
    ) -> Result<Option<Result<Derived, String>>, StoreError> {
        let record = match self.at.record(kind, id) {
            Ok(Some(record)) => record,
            Ok(None) => return Ok(None),
            Err(StoreError::Corrupt(problem)) => return Ok(Some(Err(problem))),
            Err(error) => return Err(error),
        };
        match derived_of_any(config, &record) {
            Ok((now, formerly)) => self.standing(kind, id, now, formerly).map(|standing| Some(Ok(standing))),
            Err(error) => Ok(Some(Err(error.cause))),
        }
    }

    /// Unique keys that their records do not hold. Who has a value alone gets it; where two have it, nobody is given it.
    pub(super) fn claims(&mut self, config: &Configuration, sums: &mut Sums) -> Result<(), StoreError> {
        for (key, claimants) in std::mem::take(&mut sums.wanted) {
            let space = &key.space;
            let holder = self.at.holder(&key)?;
            let rightful = match &holder {
                None => None,
                Some((kind, id)) => match self.standing_of(config, kind, *id)? {
                    Some(Ok(standing)) if standing.unique.contains(&key) => Some((kind.clone(), *id)),
                    // Who cannot be asked may well have the value.
                    Some(Err(_)) => Some((kind.clone(), *id)),
                    Some(Ok(_)) | None => None,
                },
            };
            match (rightful, claimants.as_slice()) {
                (None, [(kind, id)]) => {
                    let problem = match &holder {
                        None => format!("it does not hold its value of `{space}`"),
                        Some((kind, id)) => format!("{kind} {id} holds its value of `{space}`, and has another"),
                    };
                    let fault = self.of_record(kind, *id, problem);
                    self.repair(fault, "unique keys", |at| at.give(&key, kind, *id))?;
                    sums.unique += u64::from(self.faults.repairing);
                }
                (Some((holder, holder_id)), claimants) => {
                    for (kind, id) in claimants {
                        let problem = format!("{holder} {holder_id} has the same value of `{space}`, and holds it");
                        self.fault(self.of_record(kind, *id, problem), Remedy::None);
                    }
                }
                (None, claimants) => {
                    for (place, (kind, id)) in claimants.iter().enumerate() {
                        let (other, other_id) = &claimants[usize::from(place == 0)];
                        let problem =
                            format!("{other} {other_id} has the same value of `{space}`, and nobody holds it");
                        self.fault(self.of_record(kind, *id, problem), Remedy::None);
                    }
                }
            }
        }
        Ok(())
    }

    /// Rows that follow from no record.
    pub(super) fn surplus(&mut self, config: &Configuration, sums: &Sums) -> Result<(), StoreError> {
        let (unique, index) = self.at.sizes()?;
        if unique != sums.unique {
            self.surplus_keys(config)?;
        }
        if index != sums.index {
            self.surplus_entries(config)?;
        }
        Ok(())
    }

    fn surplus_keys(&mut self, config: &Configuration) -> Result<(), StoreError> {
        let mut after = None;
        loop {
            let rows = self.at.unique_rows(after.as_ref(), ROWS_AT_ONCE)?;
            for row in &rows {
                let problem = match self.standing_of(config, &row.kind, row.id)? {
                    None => "it does not exist, and holds a value",
                    Some(Ok(standing)) if !standing.unique.contains(&row.key) => {
                        "it holds a value that it does not have"
                    }
                    // What follows from a record that cannot be read is not known.
                    Some(Ok(_) | Err(_)) => continue,
                };
                let fault = self.of_record(&row.kind, row.id, format!("{problem} of `{}`", row.key.space));
                self.repair(fault, "unique keys", |at| at.free(&row.key))?;
            }
            let Some(last) = rows.into_iter().next_back() else { return Ok(()) };
            after = Some(last);
        }
    }

    fn surplus_entries(&mut self, config: &Configuration) -> Result<(), StoreError> {
        let mut after = None;
        loop {
            let rows = self.at.index_rows(after.as_ref(), ROWS_AT_ONCE)?;
            for row in &rows {
                // The server removes them, whatever they find.
                if config.is_declared(&row.kind, &row.entry.attribute, &[State::Removing]) {
                    continue;
                }
                let problem = match self.standing_of(config, &row.kind, row.id)? {
                    None => "it does not exist, and is found under a value",
                    Some(Ok(standing))
                        if !standing.index.contains(&row.entry) && !standing.building.contains(&row.entry) =>
                    {
                        "it is found under a value that it does not have"
                    }
                    // What follows from a record that cannot be read is not known.
                    Some(Ok(_) | Err(_)) => continue,
                };
                let fault = self.of_record(&row.kind, row.id, format!("{problem} of `{}`", row.entry.attribute));
                self.repair(fault, "index entries", |at| at.unindex(&row.kind, row.id, &row.entry))?;
            }
            let Some(last) = rows.into_iter().next_back() else { return Ok(()) };
            after = Some(last);
        }
    }
}
