//! Groups as they are seen through a store, and what a change set should make of them.

use super::steps::IDS;
use crate::make::*;
use provost_change::{AccountId, ChangeSet, Kind, ResourceId};
use provost_store::Store;
use std::collections::{BTreeMap, BTreeSet};

/// Who is there, and the members and versions of all groups.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Groups {
    records: BTreeSet<(Kind, ResourceId)>,
    groups: BTreeMap<ResourceId, Group>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Group {
    version: u64,
    modified: i64,
    members: BTreeMap<ResourceId, Kind>,
}

impl Groups {
    pub async fn of(store: &dyn Store, account: AccountId) -> Self {
        let mut found = Self::default();
        for kind in [Kind::USER, Kind::GROUP] {
            for record in store.all(account, &kind, None, u64::MAX).await.unwrap() {
                found.records.insert((kind.clone(), record.id));
            }
        }
        for record in store.all(account, &Kind::GROUP, None, u64::MAX).await.unwrap() {
            let members = store.members(account, record.id, None, u64::MAX).await.unwrap();
            let members = members.into_iter().map(|member| (member.id, member.kind)).collect();
            let (version, modified) = (record.version, record.modified.as_second());
            found.groups.insert(record.id, Group { version, modified, members });
        }
        let everybody = (0..IDS).map(id).collect::<Vec<_>>();
        let groups_of = store.groups_of(account, &everybody).await.unwrap();
        for (member, groups) in everybody.iter().zip(groups_of) {
            let containing = found.groups.iter().filter(|(_, group)| group.members.contains_key(member));
            assert!(groups.iter().eq(containing.map(|(id, _)| id)), "both ways tell the same of {member}");
        }
        found
    }

    /// What an accepted change set makes of them.
    pub fn after(&self, change: &ChangeSet) -> Self {
        let mut next = self.clone();
        for delete in &change.deletes {
            let gone = (delete.kind.clone(), delete.id);
            next.records.remove(&gone);
            next.groups.retain(|id, _| gone != (Kind::GROUP, *id));
            for group in next.groups.values_mut() {
                group.members.retain(|id, kind| (kind.clone(), *id) != gone);
            }
        }
        for put in change.puts.iter().filter(|put| [Kind::USER, Kind::GROUP].contains(&put.record.kind)) {
            next.records.insert((put.record.kind.clone(), put.record.id));
            if put.record.kind == Kind::GROUP {
                let group = next.groups.entry(put.record.id).or_default();
                group.version += 1;
                group.modified = put.record.modified.as_second();
            }
        }
        for changed in &change.members {
            let group = next.groups.get_mut(&changed.group).expect("an accepted change is one of a group");
            if changed.clear {
                group.members.clear();
            }
            group.members.retain(|id, _| !changed.removes.contains(id));
            for member in &changed.adds {
                assert!(next.records.contains(&(member.kind.clone(), member.id)), "who is accepted is there");
                group.members.entry(member.id).or_insert_with(|| member.kind.clone());
            }
        }
        for (id, group) in &mut next.groups {
            let is_put = change.puts.iter().any(|put| put.record.kind == Kind::GROUP && put.record.id == *id);
            let before = self.groups.get(id).filter(|before| !is_put && before.members != group.members);
            if before.is_some() {
                let asked = change.members.iter().rfind(|changed| changed.group == *id).map(|changed| changed.at);
                let at = asked.or(change.log.first().map(|entry| entry.at));
                group.version += 1;
                group.modified = at.map_or(group.modified, |at| at.as_second());
            }
        }
        next
    }
}
