//! Whether a change set fits what is there, and what it does.

use super::{Account, Key, Members, micros};
use crate::StoreError;
use provost_change::{ChangeSet, Expect, Head, Kind, LogEntry, Logged, Member, MemberChange};
use std::collections::BTreeMap;

/// What a judged change set does to an account's head, members and log.
pub(super) struct Verdict {
    pub(super) head: Head,
    /// The versions that the puts will have.
    pub(super) versions: Vec<u64>,
    pub(super) members: Members,
    pub(super) log: Vec<Logged>,
}

impl Account {
    pub(super) fn judge(&self, change: &ChangeSet) -> Result<Verdict, StoreError> {
        if let Some(frozen) = self.head.frozen {
            return Err(frozen.into());
        }
        if change.config.is_some_and(|config| config != self.head.config) {
            return Err(StoreError::ConfigChanged);
        }
        if change.seq.is_some_and(|seq| seq != self.head.seq) {
            return Err(StoreError::VersionChanged);
        }
        let (versions, there) = self.judge_versions(change)?;
        let members = self.judge_members(change, &there)?;
        self.judge_claims(change)?;
        let mut head = self.head.clone();
        for count in &change.counts {
            match head.count(&count.name).saturating_add(count.delta) {
                0 => head.counts.remove(&count.name),
                after => head.counts.insert(count.name.clone(), after),
            };
        }
        if let Some(broken) = change.counts.iter().find(|count| !count.allows(head.count(&count.name))) {
            return Err(StoreError::Bound { count: broken.name.clone() });
        }
        head.config += u64::from(change.changes_config);
        let mut log = Vec::new();
        for entry in &change.log {
            let entry = LogEntry { at: micros(entry.at), ..entry.clone() }.chained(head.seq + 1, &head.hash);
            (head.seq, head.hash) = (entry.seq, entry.hash);
            log.push(entry);
        }
        Ok(Verdict { head, versions, members, log })
    }

    /// The versions that the puts will have, and those of all records after deletes and puts.
    fn judge_versions(&self, change: &ChangeSet) -> Result<(Vec<u64>, BTreeMap<Key, u64>), StoreError> {
        let mut versions: BTreeMap<Key, u64> =
            self.records.iter().map(|(key, record)| (key.clone(), record.version)).collect();
        for delete in &change.deletes {
            if versions.remove(&(delete.kind.clone(), delete.id)) != Some(delete.version) {
                return Err(StoreError::VersionChanged);
            }
        }
        let mut given = Vec::new();
        for put in &change.puts {
            let version = versions.entry((put.record.kind.clone(), put.record.id)).or_insert(0);
            let fits = match put.expect {
                Expect::Absent => *version == 0,
                Expect::Version(expected) => expected != 0 && *version == expected,
                Expect::Any => true,
            };
            if !fits {
                return Err(StoreError::VersionChanged);
            }
            *version += 1;
            given.push(*version);
        }
        Ok((given, versions))
    }

    /// The members of all groups after the change set.
    fn judge_members(&self, change: &ChangeSet, there: &BTreeMap<Key, u64>) -> Result<Members, StoreError> {
        let mut members = self.members.clone();
        for delete in &change.deletes {
            members.retain(|(group, member), kind| {
                let goes = *kind == delete.kind && *member == delete.id;
                !goes && (delete.kind != Kind::GROUP || *group != delete.id)
            });
        }
        for MemberChange { group, version, clear, removes, adds, at: _ } in &change.members {
            let key = (Kind::GROUP, *group);
            let stored = self.records.get(&key).map(|record| record.version);
            let is_there = |member: &Member| there.contains_key(&(member.kind.clone(), member.id));
            if !there.contains_key(&key) || version.is_some() && *version != stored || !adds.iter().all(is_there) {
                return Err(StoreError::VersionChanged);
            }
            members.retain(|(of, member), _| of != group || !clear && !removes.contains(member));
            for member in adds {
                members.entry((*group, member.id)).or_insert_with(|| member.kind.clone());
            }
        }
        Ok(members)
    }

    fn judge_claims(&self, change: &ChangeSet) -> Result<(), StoreError> {
        let mut unique = self.unique.clone();
        let deleted = change.deletes.iter().map(|delete| (&delete.kind, delete.id, &delete.releases));
        let put = change.puts.iter().map(|put| (&put.record.kind, put.record.id, &put.releases));
        for (kind, id, releases) in deleted.chain(put) {
            for release in releases {
                if unique.get(release) == Some(&(kind.clone(), id)) {
                    unique.remove(release);
                }
            }
        }
        for put in &change.puts {
            let key = (put.record.kind.clone(), put.record.id);
            for claim in &put.claims {
                let holder = unique.entry(claim.clone()).or_insert_with(|| key.clone());
                if *holder != key {
                    return Err(StoreError::Uniqueness { space: claim.space.clone(), holder: holder.1 });
                }
            }
        }
        Ok(())
    }
}
