//! What a transaction knows of the accounts in it: what it has read, and what the change sets before have made of that.

use super::names::GROUP;
use super::net::Net;
use crate::StoreError;
use crate::judge::{LookUp, Memberships, Verdict};
use provost_change::{AccountId, ChangeSet, Delete, Head, IndexEntry, Kind, Member, Put, ResourceId, UniqueKey};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// One account. What is not in here was not named by any change set, or is not there.
#[derive(Default)]
pub(super) struct Account<'a> {
    pub(super) head: Option<Head>,
    /// None where nothing was asked; 0 is no record.
    pub(super) versions: HashMap<(&'a Kind, ResourceId), u64>,
    pub(super) holders: HashMap<&'a UniqueKey, (Kind, ResourceId)>,
    /// By group and member.
    edges: BTreeMap<(ResourceId, ResourceId), Kind>,
    /// The same edges by member and group.
    groups: BTreeSet<(ResourceId, ResourceId)>,
}

impl LookUp for Account<'_> {
    fn version(&self, kind: &Kind, id: ResourceId) -> Result<u64, StoreError> {
        let version = self.versions.get(&(kind, id));
        debug_assert!(version.is_some(), "{kind} {id} was not read");
        Ok(version.copied().unwrap_or(0))
    }

    fn holder(&self, key: &UniqueKey) -> Result<Option<(Kind, ResourceId)>, StoreError> {
        Ok(self.holders.get(key).cloned())
    }

    fn edge(&self, group: ResourceId, member: ResourceId) -> Result<Option<Kind>, StoreError> {
        Ok(self.edges.get(&(group, member)).cloned())
    }

    fn groups_of(&self, member: ResourceId) -> Result<Vec<ResourceId>, StoreError> {
        let groups = self.groups.range(all_of(member));
        Ok(groups.map(|(_, group)| *group).collect())
    }

    fn members_of(&self, group: ResourceId) -> Result<Vec<Member>, StoreError> {
        let edges = self.edges.range(all_of(group));
        Ok(edges.map(|((_, id), kind)| Member { kind: kind.clone(), id: *id }).collect())
    }
}

/// The range of pairs that begin with an id.
fn all_of(id: ResourceId) -> std::ops::RangeInclusive<(ResourceId, ResourceId)> {
    (id, ResourceId::new(Uuid::nil()))..=(id, ResourceId::new(Uuid::max()))
}

impl<'a> Account<'a> {
    pub(super) fn add_edge(&mut self, group: ResourceId, member: Member) {
        self.groups.insert((member.id, group));
        self.edges.insert((group, member.id), member.kind);
    }

    fn remove_edge(&mut self, group: ResourceId, member: ResourceId) {
        self.groups.remove(&(member, group));
        self.edges.remove(&(group, member));
    }

    /// Takes over what a change set that fits does, and notes it in `net` for the account `of`.
    pub(super) fn apply(&mut self, of: AccountId, change: &'a ChangeSet, verdict: Verdict, net: &mut Net<'a>) {
        for delete in &change.deletes {
            self.lose(of, (&delete.kind, delete.id), &delete.releases, &delete.index_removes, net);
            self.delete(of, delete, net);
        }
        for put in &change.puts {
            self.lose(of, (&put.record.kind, put.record.id), &put.releases, &put.index_removes, net);
        }
        for (put, becomes) in change.puts.iter().zip(&verdict.puts) {
            let key = (&put.record.kind, put.record.id);
            net.put(of, put, self.versions.insert(key, becomes.version).unwrap_or(0), becomes.version);
            self.gain(of, put, net);
        }
        self.memberships(of, verdict.members, net);
        net.log.extend(verdict.log.into_iter().map(|entry| (of, entry)));
        net.head(of, change.creates_account);
        self.head = Some(verdict.head);
    }

    fn delete(&mut self, of: AccountId, delete: &'a Delete, net: &mut Net<'a>) {
        let key = (&delete.kind, delete.id);
        net.delete(of, key, self.versions.insert(key, 0).unwrap_or(0));
    }

    fn lose(
        &mut self,
        of: AccountId,
        (kind, id): (&'a Kind, ResourceId),
        releases: &'a [UniqueKey],
        removes: &'a [IndexEntry],
        net: &mut Net<'a>,
    ) {
        for key in releases {
            if self.holders.get(key).is_some_and(|holder| *holder == (kind.clone(), id)) {
                self.holders.remove(key);
                net.keys.insert((of, key), None);
            }
        }
        for entry in removes {
            net.index.insert((of, kind, entry, id), false);
        }
    }

    fn gain(&mut self, of: AccountId, put: &'a Put, net: &mut Net<'a>) {
        let (kind, id) = (&put.record.kind, put.record.id);
        for key in &put.claims {
            if self.holders.insert(key, (kind.clone(), id)).is_none_or(|before| before != (kind.clone(), id)) {
                net.keys.insert((of, key), Some((kind, id)));
            }
        }
        for entry in &put.index_adds {
            net.index.insert((of, kind, entry, id), true);
        }
    }

    fn memberships(&mut self, of: AccountId, members: Memberships, net: &mut Net<'a>) {
        for group in members.emptied {
            let there: Vec<ResourceId> = self.edges.range(all_of(group)).map(|((_, member), _)| *member).collect();
            there.into_iter().for_each(|member| self.remove_edge(group, member));
            net.empty(of, group);
        }
        for (group, member) in members.lost {
            self.remove_edge(group, member);
            net.edges.insert((of, group, member), None);
        }
        for (group, member) in members.gained {
            net.edges.insert((of, group, member.id), Some(member.kind.clone()));
            self.add_edge(group, member);
        }
        for (group, at) in members.touched {
            let version = self.versions.entry((&GROUP, group)).or_insert(0);
            *version += 1;
            net.touch(of, group, *version, at);
        }
    }
}
