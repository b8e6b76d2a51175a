//! Searching, one record after the other.

use super::Account;
use crate::search::{Found, size};
use crate::{Candidates, Page, Search, StoreError};
use provost_change::{IndexEntry, Kind, Member, Record, ResourceId, UniqueKey};
use std::cmp::Ordering;

impl Account {
    pub(super) fn search(&self, search: &Search) -> Result<Page, StoreError> {
        search.allowed(Some(&self.head))?;
        if let Candidates::Beginning(entries) = &search.candidates
            && entries.iter().any(|entry| self.beginning(&search.kind, entry) > search.scan_max)
        {
            return Err(StoreError::TooMany);
        }
        let mut examined = 0;
        let mut found = Vec::new();
        for ((_, id), record) in self.records.iter().filter(|((kind, _), _)| *kind == search.kind) {
            if !self.is_candidate(*id, search)
                || search.within.as_ref().is_some_and(|entry| !self.is_indexed(&search.kind, *id, entry))
            {
                continue;
            }
            examined += u64::from(search.examines());
            if examined > search.scan_max {
                return Err(StoreError::TooMany);
            }
            if search.filter.is_none() && search.sort.is_none() {
                found.push((None, record));
                continue;
            }
            let attributes = search.attributes(record, &self.memberships(*id, search))?;
            if search.accepts(&attributes) {
                found.push((search.sort.as_ref().map(|sort| sort.by.key(&attributes)), record));
            }
        }
        let total =
            if search.is_whole() { self.head.count(search.kind.as_str()).max(0) as u64 } else { found.len() as u64 };
        match &search.sort {
            // What has the same key stays in the order of ids.
            Some(sort) => found.sort_by(|(key, _), (other, _)| {
                let keys = key.as_ref().zip(other.as_ref());
                keys.map_or(Ordering::Equal, |(key, other)| sort.order.compare(key, other))
            }),
            None => found.retain(|(_, record)| search.is_behind(record.id)),
        }
        let page = found.into_iter().skip(size(search.offset)).take(size(search.limit));
        Ok(Page { records: page.map(|(_, record): (_, &Record)| record.clone()).collect(), total })
    }

    fn is_candidate(&self, id: ResourceId, search: &Search) -> bool {
        match &search.candidates {
            Candidates::All => true,
            Candidates::Ids(ids) => ids.contains(&id),
            Candidates::Under(entries) => entries.iter().any(|entry| self.is_under(&search.kind, id, entry)),
            Candidates::Beginning(entries) => {
                let begins = |attribute: &str, value: &str| {
                    entries.iter().any(|entry| entry.attribute == attribute && value.starts_with(&entry.value))
                };
                let holder = (search.kind.clone(), id);
                self.unique.iter().any(|(key, of)| *of == holder && begins(&key.space, &key.value))
                    || self.entries(&search.kind).any(|(entry, of)| *of == id && begins(&entry.attribute, &entry.value))
            }
            Candidates::Containing(members) => {
                search.kind == Kind::GROUP && members.iter().any(|member| self.members.contains_key(&(id, *member)))
            }
            Candidates::MembersOf(groups) => groups.iter().any(|group| self.is_member(*group, id, &search.kind)),
        }
    }

    fn is_member(&self, group: ResourceId, id: ResourceId, kind: &Kind) -> bool {
        self.members.get(&(group, id)) == Some(kind)
    }

    fn memberships(&self, id: ResourceId, search: &Search) -> Found {
        let (edges, is_group) = (&search.edges, search.kind == Kind::GROUP);
        let of_it = self.members.iter().filter(|((group, _), _)| is_group && *group == id);
        let all: Vec<Member> = of_it.map(|((_, id), kind)| Member { kind: kind.clone(), id: *id }).collect();
        let mut members: Vec<Member> =
            all.iter().filter(|member| edges.members.contains(&member.id)).cloned().collect();
        if edges.any_member && members.is_empty() {
            members.extend(all.into_iter().take(1));
        }
        let mut groups = edges.groups.clone();
        groups.retain(|group| self.is_member(*group, id, &search.kind));
        if edges.any_group && groups.is_empty() {
            let containing = self.members.keys().map(|(group, _)| *group);
            groups.extend(containing.filter(|group| self.is_member(*group, id, &search.kind)).take(1));
        }
        Found { members, groups }
    }

    fn is_indexed(&self, kind: &Kind, id: ResourceId, entry: &IndexEntry) -> bool {
        self.index.get(kind).is_some_and(|index| index.contains(&(entry.clone(), id)))
    }

    fn entries(&self, kind: &Kind) -> impl Iterator<Item = &(IndexEntry, ResourceId)> {
        self.index.get(kind).into_iter().flatten()
    }

    /// How many entries and unique keys begin so, whoever of the kind holds them.
    fn beginning(&self, kind: &Kind, entry: &IndexEntry) -> u64 {
        let begins = |attribute: &str, value: &str| attribute == entry.attribute && value.starts_with(&entry.value);
        let entries = self.entries(kind).filter(|(entry, _)| begins(&entry.attribute, &entry.value)).count();
        let unique = self.unique.iter().filter(|(key, (of, _))| of == kind && begins(&key.space, &key.value)).count();
        (entries + unique) as u64
    }

    fn is_under(&self, kind: &Kind, id: ResourceId, entry: &IndexEntry) -> bool {
        let key = UniqueKey { space: entry.attribute.clone(), value: entry.value.clone() };
        self.unique.get(&key) == Some(&(kind.clone(), id)) || self.is_indexed(kind, id, entry)
    }
}
