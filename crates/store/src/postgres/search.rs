//! Searching: from candidates to a page, all of it in one snapshot.

mod candidates;

use super::connections::{first, rows};
use super::fault::Fault;
use super::members::uuids;
use super::row::{self, int, value};
use super::{read, runs};
use crate::search::{Accepted, Found};
use crate::{Candidates, Page, Search, Sort, StoreError};
use deadpool_postgres::Object;
use provost_change::{AccountId, IndexEntry, Kind, Member, Record, ResourceId};
use provost_scim::SortOrder;
use serde_json::{Map, Value};
use std::collections::HashMap;
use tokio::try_join;

/// How many records are read at once to look into them; more would only take memory.
const CHUNK: usize = 500;

/// Of how many records under one entry the ids are read to show a page of them; beyond it they are counted, and those of the page read.
pub(super) const LISTED_MAX: usize = 200;

/// The answer. `connection` shows one moment.
pub(super) async fn page(connection: &Object, account: AccountId, search: &Search) -> Result<Page, Fault> {
    Find { connection, account, search }.page().await
}

struct Find<'a> {
    connection: &'a Object,
    account: AccountId,
    search: &'a Search,
}

impl Find<'_> {
    async fn page(&self) -> Result<Page, Fault> {
        let search = self.search;
        if search.config.is_some() {
            search.allowed(read::head(self.connection, self.account).await?.as_ref())?;
        }
        match &search.sort {
            None if search.is_whole() => return self.counted().await,
            Some(Sort { index: Some(index), order, .. }) if search.is_whole() => {
                return self.walked(index, *order).await;
            }
            None | Some(_) => {}
        }
        if let (Candidates::All, Some(entry), false) = (&search.candidates, &search.within, search.examines()) {
            return self.indexed(entry).await;
        }
        let mut ids = self.candidates().await?;
        if let Some(entry) = search.is_under()
            && ids.len() > LISTED_MAX
        {
            if !self.is_unique(entry).await? {
                return self.indexed(entry).await;
            }
            ids = self.ids_under(std::slice::from_ref(entry), i64::MAX).await?;
        }
        match &search.sort {
            Some(sort) => self.sorted(&ids, sort).await,
            None if search.filter.is_some() => self.filtered(&ids).await,
            None => self.listed(&ids).await,
        }
    }

    /// All records of the kind: the page begins in one of its runs, and the head knows their number.
    async fn counted(&self) -> Result<Page, Fault> {
        const PAGE: &str = "
            SELECT id, version, created, modified, doc, state FROM records
             WHERE account = $1 AND kind = $2 AND id >= $3 ORDER BY id LIMIT $4 OFFSET $5";
        let (kind, offset) = (&self.search.kind, self.search.offset);
        let start = match self.search.after {
            Some(after) => row::behind(Some(after.uuid())).map(|first| (first, offset)),
            None if offset == 0 => row::behind(None).map(|first| (first, 0)),
            None => {
                let found = runs::seek(self.connection, self.account, kind, offset).await?;
                found.map(|(first, skip)| (first.uuid(), skip))
            }
        };
        let Some((from, skip)) = start else {
            return Ok(Page { records: Vec::new(), total: self.total_of_kind().await? });
        };
        let (account, name) = (self.account.uuid(), kind.as_str());
        let (limit, skip) = (int(self.search.limit), int(skip));
        let read = async { Ok(rows(self.connection, PAGE, &[&account, &name, &from, &limit, &skip]).await?) };
        let (found, total) = try_join!(biased; read, self.total_of_kind())?;
        let records = found.iter().map(|row| row::record(row, 0, kind)).collect::<Result<_, Fault>>()?;
        Ok(Page { records, total })
    }

    /// All records of the kind that have an index entry.
    async fn indexed(&self, entry: &IndexEntry) -> Result<Page, Fault> {
        const COUNT: &str = "
            SELECT COUNT(*) FROM attribute_index
             WHERE account = $1 AND kind = $2 AND attribute = $3 AND value = $4";
        let value = value(&entry.value);
        let (account, kind) = (self.account.uuid(), self.search.kind.as_str());
        let count = async { Ok(first(self.connection, COUNT, &[&account, &kind, &entry.attribute, &&*value]).await?) };
        let ids = self.ids_indexed(entry, self.search.after, self.search.limit, self.search.offset);
        let (count, ids) = try_join!(biased; count, ids)?;
        let total = count.map_or(Ok(0), |row| row::natural(&row, 0))?;
        Ok(Page { records: self.records(&ids).await?, total })
    }

    /// All records of the kind in the order of an index, or of a unique space, or of both together.
    async fn walked(&self, index: &str, order: SortOrder) -> Result<Page, Fault> {
        const ASCENDING: &str = "
            SELECT value, id FROM attribute_index WHERE account = $1 AND kind = $2 AND attribute = $3
             UNION ALL
            SELECT u.value, u.id FROM unique_keys u
             WHERE u.account = $1 AND u.space = $3 AND u.kind = $2 AND NOT EXISTS (
                   SELECT 1 FROM attribute_index i
                    WHERE i.account = $1 AND i.kind = $2 AND i.attribute = $3 AND i.value = u.value AND i.id = u.id)
             ORDER BY value, id LIMIT $4 OFFSET $5";
        const DESCENDING: &str = "
            SELECT value, id FROM attribute_index WHERE account = $1 AND kind = $2 AND attribute = $3
             UNION ALL
            SELECT u.value, u.id FROM unique_keys u
             WHERE u.account = $1 AND u.space = $3 AND u.kind = $2 AND NOT EXISTS (
                   SELECT 1 FROM attribute_index i
                    WHERE i.account = $1 AND i.kind = $2 AND i.attribute = $3 AND i.value = u.value AND i.id = u.id)
             ORDER BY value DESC, id LIMIT $4 OFFSET $5";
        let sql = match order {
            SortOrder::Ascending => ASCENDING,
            SortOrder::Descending => DESCENDING,
        };
        let (account, kind) = (self.account.uuid(), self.search.kind.as_str());
        let (limit, offset) = (int(self.search.limit), int(self.search.offset));
        let walk = async { Ok(rows(self.connection, sql, &[&account, &kind, &index, &limit, &offset]).await?) };
        let (found, total) = try_join!(biased; walk, self.total_of_kind())?;
        let ids: Vec<ResourceId> = found.iter().map(|row| row::resource_id(row, 1)).collect::<Result<_, _>>()?;
        Ok(Page { records: self.records(&ids).await?, total })
    }

    /// Those of `ids` that the filter accepts.
    async fn filtered(&self, ids: &[ResourceId]) -> Result<Page, Fault> {
        let mut accepted = Accepted::default();
        self.examine(ids, |record, _| accepted.take(self.search, record)).await?;
        Ok(accepted.page)
    }

    /// Those of `ids` that the filter accepts, in order. Only their keys are kept until it is known who is on the page.
    async fn sorted(&self, ids: &[ResourceId], sort: &Sort) -> Result<Page, Fault> {
        let mut keyed = Vec::new();
        self.examine(ids, |record, attributes| keyed.push((sort.by.key(attributes), record.id))).await?;
        let total = if self.search.is_whole() { self.total_of_kind().await? } else { keyed.len() as u64 };
        let ids = self.search.on_sorted_page(sort, keyed);
        Ok(Page { records: self.records(&ids).await?, total })
    }

    async fn listed(&self, ids: &[ResourceId]) -> Result<Page, Fault> {
        Ok(Page { records: self.records(self.search.on_page(ids)).await?, total: ids.len() as u64 })
    }

    /// Reads the records, some at a time, and hands on those that the filter accepts, with their attributes.
    async fn examine(
        &self,
        ids: &[ResourceId],
        mut accepted: impl FnMut(Record, &Map<String, Value>),
    ) -> Result<(), Fault> {
        if ids.len() as u64 > self.search.scan_max {
            return Err(StoreError::TooMany.into());
        }
        for chunk in ids.chunks(CHUNK) {
            let (records, mut found) = try_join!(biased; self.records(chunk), self.memberships(chunk))?;
            for record in records {
                let memberships = found.remove(&record.id).unwrap_or_default();
                let attributes = self.search.attributes(&record, &memberships)?;
                if self.search.accepts(&attributes) {
                    accepted(record, &attributes);
                }
            }
        }
        Ok(())
    }

    /// What the filter asks about the memberships of some records.
    async fn memberships(&self, ids: &[ResourceId]) -> Result<HashMap<ResourceId, Found>, Fault> {
        const AMONG: &str = "
            SELECT member, kind, group_id FROM members
             WHERE account = $1 AND group_id = ANY($2) AND member = ANY($3) ORDER BY member";
        const FIRST_MEMBERS: &str = "
            SELECT m.member, m.kind, m.group_id
              FROM unnest($1::UUID[]) AS k (id)
              JOIN members m ON m.account = $2 AND m.group_id = k.id AND m.member = (
                   SELECT f.member FROM members f WHERE f.account = $2 AND f.group_id = k.id ORDER BY f.member LIMIT 1)";
        const GROUPS: &str = "
            SELECT group_id, member FROM members
             WHERE account = $1 AND group_id = ANY($2) AND member = ANY($3) AND kind = $4";
        const FIRST_GROUPS: &str = "
            SELECT m.group_id, m.member
              FROM unnest($1::UUID[]) AS k (id)
              JOIN members m ON m.account = $2 AND m.member = k.id AND m.group_id = (
                   SELECT f.group_id FROM members f
                    WHERE f.account = $2 AND f.member = k.id AND f.kind = $3 ORDER BY f.group_id LIMIT 1)";
        let (edges, kind) = (&self.search.edges, &self.search.kind);
        let mut found: HashMap<ResourceId, Found> = HashMap::new();
        let (account, name, ids) = (self.account.uuid(), kind.as_str(), uuids(ids));
        let is_group = *kind == Kind::GROUP;
        let mut members = Vec::new();
        if is_group && !edges.members.is_empty() {
            members = rows(self.connection, AMONG, &[&account, &ids, &uuids(&edges.members)]).await?;
        }
        if is_group && edges.any_member {
            // They count only where none of those that were asked for is found.
            members.extend(rows(self.connection, FIRST_MEMBERS, &[&ids, &account]).await?);
        }
        for row in &members {
            let member: Member = row::member(row)?;
            let of = found.entry(row::resource_id(row, 2)?).or_default();
            if edges.members.contains(&member.id) && !of.members.contains(&member) || of.members.is_empty() {
                of.members.push(member);
            }
        }
        let mut groups = HashMap::<ResourceId, Vec<ResourceId>>::new();
        if !edges.groups.is_empty() {
            for row in rows(self.connection, GROUPS, &[&account, &uuids(&edges.groups), &ids, &name]).await? {
                groups.entry(row::resource_id(&row, 1)?).or_default().push(row::resource_id(&row, 0)?);
            }
        }
        for (id, containing) in groups {
            let asked = edges.groups.iter().copied().filter(|group| containing.contains(group));
            found.entry(id).or_default().groups.extend(asked);
        }
        if edges.any_group {
            for row in rows(self.connection, FIRST_GROUPS, &[&ids, &account, &name]).await? {
                let of = found.entry(row::resource_id(&row, 1)?).or_default();
                if of.groups.is_empty() {
                    of.groups.push(row::resource_id(&row, 0)?);
                }
            }
        }
        Ok(found)
    }

    async fn total_of_kind(&self) -> Result<u64, Fault> {
        let head = read::head(self.connection, self.account).await?;
        Ok(head.map_or(0, |head| head.count(self.search.kind.as_str()).max(0) as u64))
    }

    /// The records with these ids, in their order; those that are not there are left out.
    async fn records(&self, ids: &[ResourceId]) -> Result<Vec<Record>, Fault> {
        const RECORDS: &str = "
            SELECT id, version, created, modified, doc, state FROM records
             WHERE account = $1 AND kind = $2 AND id = ANY($3)";
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let kind = &self.search.kind;
        let found = rows(self.connection, RECORDS, &[&self.account.uuid(), &kind.as_str(), &uuids(ids)]).await?;
        let mut records: HashMap<ResourceId, Record> = HashMap::with_capacity(found.len());
        for row in &found {
            let record = row::record(row, 0, kind)?;
            records.insert(record.id, record);
        }
        Ok(ids.iter().filter_map(|id| records.remove(id)).collect())
    }
}
