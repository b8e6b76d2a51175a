//! Searching: from candidates to a page.

use super::readers::snapshot;
use super::row::{self, int};
use super::{read, runs};
use crate::{Candidates, Page, Search, StoreError};
use provost_change::{AccountId, IndexEntry, Kind, Record, ResourceId};
use rusqlite::{Connection, params};

/// How many candidates or records a search may have to be answered on the calling thread: some hundred microseconds'
/// worth.
const SMALL_MAX: u64 = 200;

/// The answer, unless finding it may take long.
pub(super) fn small(connection: &Connection, account: AccountId, search: &Search) -> Result<Option<Page>, StoreError> {
    let walks = search.candidates == Candidates::All && (search.filter.is_some() || search.within.is_some());
    if walks || (search.candidates == Candidates::All && search.limit > SMALL_MAX) {
        return Ok(None);
    }
    snapshot(connection, |connection| Find { connection, account, search, candidates_max: SMALL_MAX }.page())
}

/// The answer, however long it takes.
pub(super) fn any(connection: &Connection, account: AccountId, search: &Search) -> Result<Page, StoreError> {
    let page =
        snapshot(connection, |connection| Find { connection, account, search, candidates_max: u64::MAX }.page())?;
    Ok(page.expect("no number of candidates is too large"))
}

struct Find<'a> {
    connection: &'a Connection,
    account: AccountId,
    search: &'a Search,
    /// With more candidates than this there is no answer.
    candidates_max: u64,
}

impl Find<'_> {
    fn page(&self) -> Result<Option<Page>, StoreError> {
        match (&self.search.candidates, &self.search.filter, &self.search.within) {
            (Candidates::All, None, None) => return self.counted().map(Some),
            (Candidates::All, None, Some(entry)) => return self.indexed(entry).map(Some),
            (Candidates::All, Some(_), _) | (Candidates::Under(_) | Candidates::Ids(_), _, _) => {}
        }
        let Some(ids) = self.candidates()? else { return Ok(None) };
        if self.search.filter.is_some() { self.filtered(&ids) } else { self.listed(&ids) }.map(Some)
    }

    /// All records of the kind: the page begins in one of its runs, and the head knows their number.
    fn counted(&self) -> Result<Page, StoreError> {
        const PAGE: &str = "
            SELECT id, version, created, modified, doc, state FROM records
             WHERE account = $1 AND kind = $2 AND id >= $3 ORDER BY id LIMIT $4 OFFSET $5";
        let kind = &self.search.kind;
        let head = read::head(self.connection, self.account)?;
        let total = head.map_or(0, |head| head.count(kind.as_str()).max(0) as u64);
        let Some((first, skip)) = runs::seek(self.connection, self.account, kind, self.search.offset)? else {
            return Ok(Page { records: Vec::new(), total });
        };
        let (account, limit) = (self.account.as_bytes(), int(self.search.limit));
        let params = params![account, kind.as_str(), first.as_bytes(), limit, int(skip)];
        let records = row::rows(self.connection, PAGE, params, |row| row::record(row, kind))?;
        Ok(Page { records, total })
    }

    /// All records of the kind that have an index entry.
    fn indexed(&self, entry: &IndexEntry) -> Result<Page, StoreError> {
        const COUNT: &str = "
            SELECT COUNT(*) FROM attribute_index
             WHERE account = $1 AND kind = $2 AND attribute = $3 AND value = $4";
        let under = params![self.account.as_bytes(), self.search.kind.as_str(), entry.attribute, entry.value];
        let total = row::first(self.connection, COUNT, under, |row| row::natural(row, 0))?.unwrap_or(0);
        let ids = self.ids_indexed(entry, self.search.limit, self.search.offset)?;
        Ok(Page { records: self.records(&ids)?, total })
    }

    /// Those of `ids` that the filter accepts.
    fn filtered(&self, ids: &[ResourceId]) -> Result<Page, StoreError> {
        if ids.len() as u64 > self.search.scan_max {
            return Err(StoreError::TooMany);
        }
        let mut page = Page::default();
        let end = self.search.offset.saturating_add(self.search.limit);
        for id in ids {
            let record = read::record(self.connection, self.account, &self.search.kind, *id)?;
            let Some(record) = record else { continue };
            if self.search.accepts(&record)? {
                if (self.search.offset..end).contains(&page.total) {
                    page.records.push(record);
                }
                page.total += 1;
            }
        }
        Ok(page)
    }

    fn listed(&self, ids: &[ResourceId]) -> Result<Page, StoreError> {
        let place = |number: u64| usize::try_from(number).unwrap_or(usize::MAX).min(ids.len());
        let (start, end) = (self.search.offset, self.search.offset.saturating_add(self.search.limit));
        Ok(Page { records: self.records(&ids[place(start)..place(end)])?, total: ids.len() as u64 })
    }

    /// The ids of the records to look at, in their order; none when there are more than `candidates_max`. Where every
    /// record is a candidate, there is no use in more of them than the filter may examine.
    fn candidates(&self) -> Result<Option<Vec<ResourceId>>, StoreError> {
        let scan_limit = self.search.scan_max.saturating_add(1);
        let limit = self.candidates_max.saturating_add(1);
        let mut ids = match (&self.search.candidates, &self.search.within) {
            (Candidates::All, None) => return self.ids_of_kind(scan_limit).map(Some),
            (Candidates::All, Some(entry)) => return self.ids_indexed(entry, scan_limit, 0).map(Some),
            (Candidates::Ids(ids), _) => ids.clone(),
            (Candidates::Under(entries), _) => {
                let mut ids = Vec::new();
                for entry in entries {
                    ids.extend(self.ids_indexed(entry, limit, 0)?);
                    ids.extend(self.id_unique(entry)?);
                }
                ids
            }
        };
        if ids.len() as u64 > self.candidates_max {
            return Ok(None);
        }
        ids.sort_unstable();
        ids.dedup();
        let known = matches!(self.search.candidates, Candidates::Under(_));
        let mut visible = Vec::with_capacity(ids.len());
        for id in ids {
            if (known || self.exists(id)?) && self.is_within(id)? {
                visible.push(id);
            }
        }
        Ok(Some(visible))
    }

    fn ids_of_kind(&self, limit: u64) -> Result<Vec<ResourceId>, StoreError> {
        const IDS: &str = "SELECT id FROM records WHERE account = $1 AND kind = $2 ORDER BY id LIMIT $3";
        let params = params![self.account.as_bytes(), self.search.kind.as_str(), int(limit)];
        Ok(row::rows(self.connection, IDS, params, |row| row::resource_id(row, 0))?)
    }

    fn ids_indexed(&self, entry: &IndexEntry, limit: u64, offset: u64) -> Result<Vec<ResourceId>, StoreError> {
        const IDS: &str = "
            SELECT id FROM attribute_index
             WHERE account = $1 AND kind = $2 AND attribute = $3 AND value = $4 ORDER BY id LIMIT $5 OFFSET $6";
        let (account, kind) = (self.account.as_bytes(), self.search.kind.as_str());
        let params = params![account, kind, entry.attribute, entry.value, int(limit), int(offset)];
        Ok(row::rows(self.connection, IDS, params, |row| row::resource_id(row, 0))?)
    }

    fn id_unique(&self, entry: &IndexEntry) -> Result<Option<ResourceId>, StoreError> {
        const HOLDER: &str = "
            SELECT id FROM unique_keys WHERE account = $1 AND space = $2 AND value = $3 AND kind = $4";
        let params = params![self.account.as_bytes(), entry.attribute, entry.value, self.search.kind.as_str()];
        Ok(row::first(self.connection, HOLDER, params, |row| row::resource_id(row, 0))?)
    }

    fn exists(&self, id: ResourceId) -> Result<bool, StoreError> {
        const EXISTS: &str = "SELECT 1 FROM records WHERE account = $1 AND kind = $2 AND id = $3";
        let params = params![self.account.as_bytes(), self.search.kind.as_str(), id.as_bytes()];
        Ok(row::first(self.connection, EXISTS, params, |_| Ok(()))?.is_some())
    }

    fn is_within(&self, id: ResourceId) -> Result<bool, StoreError> {
        const HAS: &str = "
            SELECT 1 FROM attribute_index
             WHERE account = $1 AND kind = $2 AND attribute = $3 AND value = $4 AND id = $5";
        let Some(entry) = &self.search.within else { return Ok(true) };
        let (account, kind) = (self.account.as_bytes(), self.search.kind.as_str());
        let params = params![account, kind, entry.attribute, entry.value, id.as_bytes()];
        Ok(row::first(self.connection, HAS, params, |_| Ok(()))?.is_some())
    }

    fn records(&self, ids: &[ResourceId]) -> Result<Vec<Record>, StoreError> {
        let kind: &Kind = &self.search.kind;
        ids.iter().filter_map(|id| read::record(self.connection, self.account, kind, *id).transpose()).collect()
    }
}
