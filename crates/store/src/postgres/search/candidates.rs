//! Where a search looks.

use super::{Find, LISTED_MAX};
use crate::postgres::connections::{first, rows};
use crate::postgres::fault::Fault;
use crate::postgres::members::uuids;
use crate::postgres::row::{self, int, value};
use crate::{Candidates, StoreError};
use provost_change::{IndexEntry, Kind, ResourceId};
use std::borrow::Cow;
use tokio::try_join;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

impl Find<'_> {
    /// The ids of the records to look at, in their order, each once. Where they are examined, or all are candidates, there is no use
    /// in more of them than the search may examine.
    pub(super) async fn candidates(&self) -> Result<Vec<ResourceId>, Fault> {
        let scan_limit = self.search.scan_max.saturating_add(1);
        match (&self.search.candidates, &self.search.within) {
            (Candidates::All, None) => self.ids_of_kind(scan_limit).await,
            (Candidates::All, Some(entry)) => self.ids_indexed(entry, None, scan_limit, 0).await,
            (Candidates::Ids(ids), within) => self.visible(ids, within.as_ref(), true).await,
            (Candidates::Under(entries), within) => {
                let ids = self.ids_under(entries, self.useful()).await?;
                self.visible(&ids, within.as_ref(), false).await
            }
            (Candidates::Beginning(entries), within) => {
                let ids = self.ids_beginning(entries).await?;
                self.visible(&ids, within.as_ref(), false).await
            }
            (Candidates::Containing(members), within) => {
                let ids = self.ids_containing(members).await?;
                self.visible(&ids, within.as_ref(), false).await
            }
            (Candidates::MembersOf(groups), within) => {
                let ids = self.ids_in(groups).await?;
                self.visible(&ids, within.as_ref(), false).await
            }
        }
    }

    /// Those that have the index entry; where none is asked for, those that are there.
    async fn visible(
        &self,
        ids: &[ResourceId],
        within: Option<&IndexEntry>,
        may_be_absent: bool,
    ) -> Result<Vec<ResourceId>, Fault> {
        const THERE: &str = "SELECT id FROM records WHERE account = $1 AND kind = $2 AND id = ANY($3) ORDER BY id";
        const WITHIN: &str = "
            SELECT r.id FROM records r
              JOIN attribute_index i ON i.account = r.account AND i.kind = r.kind AND i.id = r.id
             WHERE r.account = $1 AND r.kind = $2 AND r.id = ANY($3) AND i.attribute = $4 AND i.value = $5 ORDER BY r.id";
        let (account, kind) = (self.account.uuid(), self.search.kind.as_str());
        let found = match within {
            _ if ids.is_empty() => return Ok(Vec::new()),
            None if !may_be_absent => return Ok(ids.to_vec()),
            None => rows(self.connection, THERE, &[&account, &kind, &uuids(ids)]).await?,
            Some(entry) => {
                let value = value(&entry.value);
                let asked = uuids(ids);
                rows(self.connection, WITHIN, &[&account, &kind, &asked, &entry.attribute, &&*value]).await?
            }
        };
        all(&found)
    }

    pub(super) async fn ids_under(&self, entries: &[IndexEntry], limit: i64) -> Result<Vec<ResourceId>, Fault> {
        const UNDER: &str = "
            SELECT i.id
              FROM unnest($1::TEXT[], $2::BYTEA[]) AS k (attribute, value)
              JOIN attribute_index i
                ON i.account = $3 AND i.kind = $4 AND i.attribute = k.attribute AND i.value = k.value
             UNION
            SELECT u.id
              FROM unnest($1::TEXT[], $2::BYTEA[]) AS k (attribute, value)
              JOIN unique_keys u ON u.account = $3 AND u.space = k.attribute AND u.value = k.value AND u.kind = $4
             ORDER BY id LIMIT $5";
        let values: Vec<Cow<'_, [u8]>> = entries.iter().map(|entry| value(&entry.value)).collect();
        let values: Vec<&[u8]> = values.iter().map(AsRef::as_ref).collect();
        let attributes: Vec<&str> = entries.iter().map(|entry| entry.attribute.as_str()).collect();
        let (account, kind) = (self.account.uuid(), self.search.kind.as_str());
        all(&rows(self.connection, UNDER, &[&attributes, &values, &account, &kind, &limit]).await?)
    }

    /// Whether a record has the value of an entry as its own.
    pub(super) async fn is_unique(&self, entry: &IndexEntry) -> Result<bool, Fault> {
        const HOLDER: &str =
            "SELECT id FROM unique_keys WHERE account = $1 AND space = $2 AND value = $3 AND kind = $4";
        let value = value(&entry.value);
        let (account, kind) = (self.account.uuid(), self.search.kind.as_str());
        Ok(first(self.connection, HOLDER, &[&account, &entry.attribute, &&*value, &kind]).await?.is_some())
    }

    /// What is found under values that begin so.
    async fn ids_beginning(&self, entries: &[IndexEntry]) -> Result<Vec<ResourceId>, Fault> {
        const INDEXED: &str = "
            SELECT id FROM attribute_index
             WHERE account = $1 AND kind = $2 AND attribute = $3 AND value >= $4 AND value < $5 LIMIT $6";
        const UNIQUE: &str = "
            SELECT id FROM unique_keys
             WHERE account = $1 AND kind = $2 AND space = $3 AND value >= $4 AND value < $5 LIMIT $6";
        let (account, kind) = (self.account.uuid(), self.search.kind.as_str());
        let (most, limit) = (self.search.scan_max, int(self.search.scan_max.saturating_add(1)));
        let mut ids = Vec::new();
        for entry in entries {
            let (attribute, begin) = (&entry.attribute, entry.value.as_bytes());
            // No text has this byte: it stands behind all that begin so.
            let end = [begin, &[u8::MAX]].concat();
            let params: [&(dyn ToSql + Sync); 6] = [&account, &kind, attribute, &begin, &end, &limit];
            let (indexed, unique) =
                try_join!(biased; rows(self.connection, INDEXED, &params), rows(self.connection, UNIQUE, &params))?;
            if (indexed.len() + unique.len()) as u64 > most {
                return Err(StoreError::TooMany.into());
            }
            ids.extend(all(&indexed)?);
            ids.extend(all(&unique)?);
        }
        ids.sort_unstable();
        ids.dedup();
        Ok(ids)
    }

    async fn ids_containing(&self, members: &[ResourceId]) -> Result<Vec<ResourceId>, Fault> {
        const CONTAINING: &str = "
            SELECT DISTINCT group_id FROM members WHERE account = $1 AND member = ANY($2) ORDER BY group_id LIMIT $3";
        if self.search.kind != Kind::GROUP {
            return Ok(Vec::new());
        }
        all(&rows(self.connection, CONTAINING, &[&self.account.uuid(), &uuids(members), &self.useful()]).await?)
    }

    async fn ids_in(&self, groups: &[ResourceId]) -> Result<Vec<ResourceId>, Fault> {
        const IN: &str = "
            SELECT DISTINCT member FROM members
             WHERE account = $1 AND group_id = ANY($2) AND kind = $3 ORDER BY member LIMIT $4";
        let (account, kind, limit) = (self.account.uuid(), self.search.kind.as_str(), self.useful());
        all(&rows(self.connection, IN, &[&account, &uuids(groups), &kind, &limit]).await?)
    }

    async fn ids_of_kind(&self, limit: u64) -> Result<Vec<ResourceId>, Fault> {
        const IDS: &str = "SELECT id FROM records WHERE account = $1 AND kind = $2 ORDER BY id LIMIT $3";
        let (account, kind) = (self.account.uuid(), self.search.kind.as_str());
        all(&rows(self.connection, IDS, &[&account, &kind, &int(limit)]).await?)
    }

    pub(super) async fn ids_indexed(
        &self,
        entry: &IndexEntry,
        after: Option<ResourceId>,
        limit: u64,
        offset: u64,
    ) -> Result<Vec<ResourceId>, Fault> {
        const IDS: &str = "
            SELECT id FROM attribute_index
             WHERE account = $1 AND kind = $2 AND attribute = $3 AND value = $4 AND id >= $5
             ORDER BY id LIMIT $6 OFFSET $7";
        let Some(from) = row::behind(after.map(ResourceId::uuid)) else { return Ok(Vec::new()) };
        let value = value(&entry.value);
        let (account, kind, limit, offset) = (self.account.uuid(), self.search.kind.as_str(), int(limit), int(offset));
        let under = &entry.attribute;
        all(&rows(self.connection, IDS, &[&account, &kind, under, &&*value, &from, &limit, &offset]).await?)
    }

    /// How many candidates are of use, before it is known which of them may be seen.
    fn useful(&self) -> i64 {
        let exact = self.search.examines() && self.search.within.is_none();
        int(match self.search.is_under() {
            Some(_) => LISTED_MAX as u64 + 1,
            None if exact => self.search.scan_max.saturating_add(1),
            None => u64::MAX,
        })
    }
}

/// Column `id`.
fn all(found: &[Row]) -> Result<Vec<ResourceId>, Fault> {
    found.iter().map(|row| row::resource_id(row, 0)).collect()
}
