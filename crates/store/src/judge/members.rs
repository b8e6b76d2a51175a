//! What becomes of memberships: decided on the edges that a change set names, never on whole groups, unless one is emptied.

use super::{LookUp, Versions};
use crate::StoreError;
use jiff::Timestamp;
use provost_change::{ChangeSet, Delete, Kind, Member, MemberChange, ResourceId};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What a change set does to memberships.
#[derive(Default)]
pub(crate) struct Memberships {
    /// Deleted groups: all their edges go, before anything else.
    pub(crate) emptied: BTreeSet<ResourceId>,
    /// Other edges that go: group and member.
    pub(crate) lost: Vec<(ResourceId, ResourceId)>,
    /// Edges that come, once those are gone.
    pub(crate) gained: Vec<(ResourceId, Member)>,
    /// Groups that are changed by that alone, and when.
    pub(crate) touched: BTreeMap<ResourceId, Option<Timestamp>>,
}

/// Judges the member changes, once the versions of deletes and puts are judged.
pub(super) fn judge<L: LookUp>(change: &ChangeSet, versions: &Versions<'_, L>) -> Result<Memberships, StoreError> {
    if change.deletes.is_empty() && change.members.is_empty() {
        return Ok(Memberships::default());
    }
    let mut edges = Edges {
        stored: versions.stored,
        emptied: change.deletes.iter().filter(|delete| delete.kind == Kind::GROUP).map(|delete| delete.id).collect(),
        seen: BTreeMap::new(),
    };
    for delete in &change.deletes {
        edges.delete(delete)?;
    }
    for members in &change.members {
        let group = (&Kind::GROUP, members.group);
        let rests_on_this = match members.version {
            Some(version) => version != 0 && versions.stored.version(group.0, group.1)? == version,
            None => true,
        };
        if !rests_on_this || versions.now(group)? == 0 {
            return Err(StoreError::VersionChanged);
        }
        for member in &members.adds {
            if versions.now((&member.kind, member.id))? == 0 {
                return Err(StoreError::VersionChanged);
            }
        }
        edges.change(members)?;
    }
    edges.outcome(change, versions)
}

/// Edges as far as a change set has come.
struct Edges<'a, L> {
    stored: &'a L,
    emptied: BTreeSet<ResourceId>,
    /// By group and member, those that were looked at.
    seen: BTreeMap<(ResourceId, ResourceId), Edge>,
}

/// What the member of an edge is; none where there is no edge.
struct Edge {
    before: Option<Kind>,
    now: Option<Kind>,
}

impl<L: LookUp> Edges<'_, L> {
    fn edge(&mut self, group: ResourceId, member: ResourceId) -> Result<&mut Edge, StoreError> {
        match self.seen.entry((group, member)) {
            Entry::Occupied(seen) => Ok(seen.into_mut()),
            Entry::Vacant(unseen) => {
                let there = !self.emptied.contains(&group);
                let before = if there { self.stored.edge(group, member)? } else { None };
                Ok(unseen.insert(Edge { now: before.clone(), before }))
            }
        }
    }

    /// The record is a member of nothing any more. What it contained is `emptied`.
    fn delete(&mut self, delete: &Delete) -> Result<(), StoreError> {
        for group in self.stored.groups_of(delete.id)? {
            let edge = self.edge(group, delete.id)?;
            edge.now.take_if(|kind| *kind == delete.kind);
        }
        Ok(())
    }

    fn change(&mut self, change: &MemberChange) -> Result<(), StoreError> {
        if change.clear {
            self.clear(change.group)?;
        }
        for member in &change.removes {
            self.edge(change.group, *member)?.now = None;
        }
        for member in &change.adds {
            self.edge(change.group, member.id)?.now.get_or_insert_with(|| member.kind.clone());
        }
        Ok(())
    }

    fn clear(&mut self, group: ResourceId) -> Result<(), StoreError> {
        if !self.emptied.contains(&group) {
            for Member { kind, id } in self.stored.members_of(group)? {
                self.seen.entry((group, id)).or_insert(Edge { before: Some(kind), now: None });
            }
        }
        let (first, last) = (ResourceId::new(Uuid::nil()), ResourceId::new(Uuid::max()));
        for (_, edge) in self.seen.range_mut((group, first)..=(group, last)) {
            edge.now = None;
        }
        Ok(())
    }

    fn outcome(self, change: &ChangeSet, versions: &Versions<'_, L>) -> Result<Memberships, StoreError> {
        let put: BTreeSet<ResourceId> =
            change.puts.iter().filter(|put| put.record.kind == Kind::GROUP).map(|put| put.record.id).collect();
        let asked: BTreeMap<ResourceId, Timestamp> =
            change.members.iter().map(|members| (members.group, members.at)).collect();
        let logged = change.log.first().map(|entry| entry.at);
        let mut memberships = Memberships { emptied: self.emptied, ..Memberships::default() };
        for ((group, id), Edge { before, now }) in self.seen {
            if before == now {
                continue;
            }
            if before.is_some() {
                memberships.lost.push((group, id));
            }
            if let Some(kind) = now {
                memberships.gained.push((group, Member { kind, id }));
            }
            let is_known = put.contains(&group) || memberships.touched.contains_key(&group);
            if !is_known && versions.now((&Kind::GROUP, group))? != 0 {
                memberships.touched.insert(group, asked.get(&group).copied().or(logged));
            }
        }
        Ok(memberships)
    }
}
