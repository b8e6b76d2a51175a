//! Searching: from candidates to a page.

mod candidates;

use super::readers::snapshot;
use super::row::{self, int};
use super::{members, read, runs};
use crate::search::{Accepted, Found};
use crate::{Candidates, GroupedPage, Page, Search, Sort, StoreError};
use provost_change::{AccountId, IndexEntry, Kind, Record, ResourceId};
use provost_scim::SortOrder;
use rusqlite::{Connection, params};
use serde_json::{Map, Value};

/// How many candidates or records a search may have to be answered on the calling thread: some hundred microseconds'
/// worth.
pub(super) const SMALL_MAX: u64 = 200;

/// The answer, unless finding it may take long.
pub(super) fn small(connection: &Connection, account: AccountId, search: &Search) -> Result<Option<Page>, StoreError> {
    if may_take_long(search) {
        return Ok(None);
    }
    snapshot(connection, |connection| Find { connection, account, search, candidates_max: SMALL_MAX }.page())
}

/// The answer with the groups of each record, unless finding it may take long.
pub(super) fn small_grouped(
    connection: &Connection,
    account: AccountId,
    search: &Search,
) -> Result<Option<GroupedPage>, StoreError> {
    if may_take_long(search) {
        return Ok(None);
    }
    snapshot(connection, |connection| {
        let find = Find { connection, account, search, candidates_max: SMALL_MAX };
        let Some(page) = find.page()? else { return Ok(None) };
        let groups_of = |record: &Record| members::groups_of(connection, account, record.id, u64::MAX);
        let groups = page.records.iter().map(groups_of).collect::<Result<_, _>>()?;
        Ok(Some((page, groups)))
    })
}

fn may_take_long(search: &Search) -> bool {
    let of_all = search.candidates == Candidates::All;
    let walks = of_all && (search.filter.is_some() || search.within.is_some() || search.examines());
    let skips = of_all && search.sort.is_some() && search.offset > SMALL_MAX;
    walks || skips || (of_all && search.limit > SMALL_MAX)
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
        let search = self.search;
        if search.config.is_some() {
            search.allowed(read::head(self.connection, self.account)?.as_ref())?;
        }
        match &search.sort {
            None if search.is_whole() => return self.counted().map(Some),
            Some(Sort { index: Some(index), order, .. }) if search.is_whole() => {
                return self.walked(index, *order).map(Some);
            }
            None | Some(_) => {}
        }
        if let (Candidates::All, Some(entry), false) = (&search.candidates, &search.within, search.examines()) {
            return self.indexed(entry).map(Some);
        }
        if let (Some(entry), u64::MAX) = (search.is_under(), self.candidates_max)
            && self.id_unique(entry)?.is_none()
        {
            return self.indexed(entry).map(Some);
        }
        let Some(ids) = self.candidates()? else { return Ok(None) };
        let page = match &search.sort {
            Some(sort) => self.sorted(&ids, sort),
            None if search.filter.is_some() => self.filtered(&ids),
            None => self.listed(&ids),
        };
        page.map(Some)
    }

    /// All records of the kind: the page begins in one of its runs, and the head knows their number.
    fn counted(&self) -> Result<Page, StoreError> {
        const PAGE: &str = "
            SELECT id, version, created, modified, doc, state FROM records
             WHERE account = $1 AND kind = $2 AND id >= $3 ORDER BY id LIMIT $4 OFFSET $5";
        const BEHIND: &str = "
            SELECT id, version, created, modified, doc, state FROM records
             WHERE account = $1 AND kind = $2 AND id > $3 ORDER BY id LIMIT $4 OFFSET $5";
        let (kind, offset) = (&self.search.kind, self.search.offset);
        let total = self.total_of_kind()?;
        let (sql, first, skip) = match self.search.after {
            Some(after) => (BEHIND, after, offset),
            None => match runs::seek(self.connection, self.account, kind, offset)? {
                Some((first, skip)) => (PAGE, first, skip),
                None => return Ok(Page { records: Vec::new(), total }),
            },
        };
        let (account, limit) = (self.account.as_bytes(), int(self.search.limit));
        let params = params![account, kind.as_str(), first.as_bytes(), limit, int(skip)];
        let records = row::rows(self.connection, sql, params, |row| row::record(row, kind))?;
        Ok(Page { records, total })
    }

    /// All records of the kind that have an index entry.
    fn indexed(&self, entry: &IndexEntry) -> Result<Page, StoreError> {
        const COUNT: &str = "
            SELECT COUNT(*) FROM attribute_index
             WHERE account = $1 AND kind = $2 AND attribute = $3 AND value = $4";
        let under = params![self.account.as_bytes(), self.search.kind.as_str(), entry.attribute, entry.value];
        let total = row::first(self.connection, COUNT, under, |row| row::natural(row, 0))?.unwrap_or(0);
        let ids = self.ids_indexed(entry, self.search.after, self.search.limit, self.search.offset)?;
        Ok(Page { records: self.records(&ids)?, total })
    }

    /// All records of the kind in the order of an index, or of a unique space, or of both together.
    fn walked(&self, index: &str, order: SortOrder) -> Result<Page, StoreError> {
        const ASCENDING: &str = "
            SELECT value, id FROM attribute_index WHERE account = $1 AND kind = $2 AND attribute = $3
             UNION
            SELECT value, id FROM unique_keys WHERE account = $1 AND space = $3 AND kind = $2
             ORDER BY value, id LIMIT $4 OFFSET $5";
        const DESCENDING: &str = "
            SELECT value, id FROM attribute_index WHERE account = $1 AND kind = $2 AND attribute = $3
             UNION
            SELECT value, id FROM unique_keys WHERE account = $1 AND space = $3 AND kind = $2
             ORDER BY value DESC, id LIMIT $4 OFFSET $5";
        let sql = match order {
            SortOrder::Ascending => ASCENDING,
            SortOrder::Descending => DESCENDING,
        };
        let (account, kind) = (self.account.as_bytes(), self.search.kind.as_str());
        let params = params![account, kind, index, int(self.search.limit), int(self.search.offset)];
        let ids = row::rows(self.connection, sql, params, |row| row::resource_id(row, 1))?;
        Ok(Page { records: self.records(&ids)?, total: self.total_of_kind()? })
    }

    /// Those of `ids` that the filter accepts.
    fn filtered(&self, ids: &[ResourceId]) -> Result<Page, StoreError> {
        let mut accepted = Accepted::default();
        self.examine(ids, |record, _| accepted.take(self.search, record))?;
        Ok(accepted.page)
    }

    /// Those of `ids` that the filter accepts, in order. Only their keys are kept until it is known who is on the page.
    fn sorted(&self, ids: &[ResourceId], sort: &Sort) -> Result<Page, StoreError> {
        let mut keyed = Vec::new();
        self.examine(ids, |record, attributes| keyed.push((sort.by.key(attributes), record.id)))?;
        let total = if self.search.is_whole() { self.total_of_kind()? } else { keyed.len() as u64 };
        let ids = self.search.on_sorted_page(sort, keyed);
        Ok(Page { records: self.records(&ids)?, total })
    }

    fn listed(&self, ids: &[ResourceId]) -> Result<Page, StoreError> {
        Ok(Page { records: self.records(self.search.on_page(ids))?, total: ids.len() as u64 })
    }

    /// Reads each record and hands on those that the filter accepts, with their attributes.
    fn examine(
        &self,
        ids: &[ResourceId],
        mut accepted: impl FnMut(Record, &Map<String, Value>),
    ) -> Result<(), StoreError> {
        if ids.len() as u64 > self.search.scan_max {
            return Err(StoreError::TooMany);
        }
        for id in ids {
            let record = read::record(self.connection, self.account, &self.search.kind, *id)?;
            let Some(record) = record else { continue };
            let attributes = self.search.attributes(&record, &self.memberships(*id)?)?;
            if self.search.accepts(&attributes) {
                accepted(record, &attributes);
            }
        }
        Ok(())
    }

    /// What the filter asks about a record's memberships.
    fn memberships(&self, id: ResourceId) -> Result<Found, StoreError> {
        let (connection, account, edges, kind) = (self.connection, self.account, &self.search.edges, &self.search.kind);
        let mut found = Found::default();
        if edges.is_empty() {
            return Ok(found);
        }
        if *kind == Kind::GROUP {
            found.members = members::among(connection, account, id, &edges.members)?;
            if edges.any_member && found.members.is_empty() {
                found.members = members::page(connection, account, id, None, 1)?;
            }
        }
        for group in &edges.groups {
            if members::kind(connection, account, *group, id)?.as_ref() == Some(kind) {
                found.groups.push(*group);
            }
        }
        if edges.any_group && found.groups.is_empty() {
            found.groups.extend(members::first_group_of(connection, account, id, kind)?);
        }
        Ok(found)
    }

    fn total_of_kind(&self) -> Result<u64, StoreError> {
        let head = read::head(self.connection, self.account)?;
        Ok(head.map_or(0, |head| head.count(self.search.kind.as_str()).max(0) as u64))
    }

    fn records(&self, ids: &[ResourceId]) -> Result<Vec<Record>, StoreError> {
        let kind: &Kind = &self.search.kind;
        ids.iter().filter_map(|id| read::record(self.connection, self.account, kind, *id).transpose()).collect()
    }
}
