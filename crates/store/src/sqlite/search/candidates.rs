//! Where a search looks.

use super::Find;
use crate::sqlite::members;
use crate::sqlite::row::{self, int};
use crate::{Candidates, StoreError};
use provost_change::{IndexEntry, Kind, ResourceId};
use rusqlite::params;

impl Find<'_> {
    /// The ids of the records to look at, in their order; none when there are more than `candidates_max`. Where every
    /// record is a candidate, there is no use in more of them than the search may examine.
    pub(super) fn candidates(&self) -> Result<Option<Vec<ResourceId>>, StoreError> {
        let scan_limit = self.search.scan_max.saturating_add(1);
        let limit = self.candidates_max.saturating_add(1);
        let mut ids = match (&self.search.candidates, &self.search.within) {
            (Candidates::All, None) => return self.ids_of_kind(scan_limit).map(Some),
            (Candidates::All, Some(entry)) => return self.ids_indexed(entry, None, scan_limit, 0).map(Some),
            (Candidates::Ids(ids), _) => ids.clone(),
            (Candidates::Under(entries), _) => {
                let mut ids = Vec::new();
                for entry in entries {
                    ids.extend(self.ids_indexed(entry, None, limit, 0)?);
                    ids.extend(self.id_unique(entry)?);
                }
                ids
            }
            (Candidates::Beginning(entries), _) => {
                let Some(ids) = self.ids_beginning(entries)? else { return Ok(None) };
                ids
            }
            (Candidates::Containing(members), _) => self.ids_containing(members, limit)?,
            (Candidates::MembersOf(groups), _) => {
                let Some(ids) = self.ids_in(groups, limit)? else { return Ok(None) };
                ids
            }
        };
        if ids.len() as u64 > self.candidates_max {
            return Ok(None);
        }
        ids.sort_unstable();
        ids.dedup();
        let known = !matches!(self.search.candidates, Candidates::Ids(_));
        let mut visible = Vec::with_capacity(ids.len());
        for id in ids {
            if (known || self.exists(id)?) && self.is_within(id)? {
                visible.push(id);
            }
        }
        Ok(Some(visible))
    }

    fn ids_containing(&self, members: &[ResourceId], limit: u64) -> Result<Vec<ResourceId>, StoreError> {
        let mut ids = Vec::new();
        if self.search.kind == Kind::GROUP {
            for member in members {
                ids.extend(members::groups_of(self.connection, self.account, *member, limit)?);
            }
        }
        Ok(ids)
    }

    /// The members of the kind; none when a group has `limit` members of any kind.
    fn ids_in(&self, groups: &[ResourceId], limit: u64) -> Result<Option<Vec<ResourceId>>, StoreError> {
        let mut ids = Vec::new();
        for group in groups {
            let members = members::page(self.connection, self.account, *group, None, limit)?;
            if members.len() as u64 == limit {
                return Ok(None);
            }
            ids.extend(members.into_iter().filter(|member| member.kind == self.search.kind).map(|member| member.id));
        }
        Ok(Some(ids))
    }

    fn ids_of_kind(&self, limit: u64) -> Result<Vec<ResourceId>, StoreError> {
        const IDS: &str = "SELECT id FROM records WHERE account = $1 AND kind = $2 ORDER BY id LIMIT $3";
        let params = params![self.account.as_bytes(), self.search.kind.as_str(), int(limit)];
        Ok(row::rows(self.connection, IDS, params, |row| row::resource_id(row, 0))?)
    }

    pub(super) fn ids_indexed(
        &self,
        entry: &IndexEntry,
        after: Option<ResourceId>,
        limit: u64,
        offset: u64,
    ) -> Result<Vec<ResourceId>, StoreError> {
        const IDS: &str = "
            SELECT id FROM attribute_index
             WHERE account = $1 AND kind = $2 AND attribute = $3 AND value = $4 AND id > $5
             ORDER BY id LIMIT $6 OFFSET $7";
        let (account, kind, after) = (self.account.as_bytes(), self.search.kind.as_str(), row::behind(after.as_ref()));
        let params = params![account, kind, entry.attribute, entry.value, after, int(limit), int(offset)];
        Ok(row::rows(self.connection, IDS, params, |row| row::resource_id(row, 0))?)
    }

    pub(super) fn id_unique(&self, entry: &IndexEntry) -> Result<Option<ResourceId>, StoreError> {
        const HOLDER: &str = "
            SELECT id FROM unique_keys WHERE account = $1 AND space = $2 AND value = $3 AND kind = $4";
        let params = params![self.account.as_bytes(), entry.attribute, entry.value, self.search.kind.as_str()];
        Ok(row::first(self.connection, HOLDER, params, |row| row::resource_id(row, 0))?)
    }

    /// What is found under values that begin so; none when more than `candidates_max` of one entry do.
    fn ids_beginning(&self, entries: &[IndexEntry]) -> Result<Option<Vec<ResourceId>>, StoreError> {
        // The end is no text: a byte that none has stands behind all that begin so.
        const INDEXED: &str = "
            SELECT id FROM attribute_index
             WHERE account = $1 AND kind = $2 AND attribute = $3 AND value >= $4 AND value < CAST($5 AS TEXT) LIMIT $6";
        const UNIQUE: &str = "
            SELECT id FROM unique_keys
             WHERE account = $1 AND kind = $2 AND space = $3 AND value >= $4 AND value < CAST($5 AS TEXT) LIMIT $6";
        let most = self.candidates_max.min(self.search.scan_max);
        let (account, kind) = (self.account.as_bytes(), self.search.kind.as_str());
        let mut ids = Vec::new();
        for entry in entries {
            let before = ids.len();
            let end = [entry.value.as_bytes(), &[u8::MAX]].concat();
            for sql in [INDEXED, UNIQUE] {
                let params = params![account, kind, entry.attribute, entry.value, end, int(most.saturating_add(1))];
                ids.extend(row::rows(self.connection, sql, params, |row| row::resource_id(row, 0))?);
            }
            if (ids.len() - before) as u64 > most {
                return if most < self.search.scan_max { Ok(None) } else { Err(StoreError::TooMany) };
            }
        }
        Ok(Some(ids))
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
}
