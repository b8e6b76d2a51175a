//! A store that judges commits and keeps none.

use super::edges::Edges;
use jiff::Timestamp;
use provost_change::{
    AccountId, ChangeSet, Expect, Head, Kind, LogEntry, Logged, Member, MemberChange, Record, ResourceId, UniqueKey,
};
use provost_store::{Answer, Committed, Indexed, Indexing, LogQuery, Page, Search, Store, StoreError, Unindexing};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use uuid::Uuid;

/// The real store for reading, and for judging each change set by itself on what is committed. What it would have kept is seen where an
/// answer to the request needs it: in records by id and in members and groups of members, not in searches. For one request that writes
/// once.
pub(crate) struct Rehearsal {
    real: Arc<dyn Store>,
    kept: Mutex<Kept>,
}

/// What would be different.
#[derive(Default)]
struct Kept {
    /// Records that were put, and keys of those that were deleted.
    records: HashMap<(Kind, ResourceId), Option<Record>>,
    edges: BTreeMap<ResourceId, Edges>,
    log: Vec<LogEntry>,
}

impl Rehearsal {
    /// A rehearsal in which nothing has happened yet.
    pub(super) fn new(real: Arc<dyn Store>) -> Self {
        Self { real, kept: Mutex::default() }
    }

    /// What would stand in the audit log, in order.
    pub(crate) fn entries(&self) -> Vec<LogEntry> {
        self.kept().log.clone()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn edges(&self, group: ResourceId) -> Option<Edges> {
        self.kept().edges.get(&group).cloned()
    }

    async fn judge(&self, account: AccountId, change: ChangeSet) -> Result<Committed, StoreError> {
        let committed = self.real.rehearse(account, change.clone()).await?;
        let mut records = Vec::new();
        for delete in &change.deletes {
            records.push(((delete.kind.clone(), delete.id), None));
        }
        for put in &change.puts {
            let key = (put.record.kind.clone(), put.record.id);
            let version = match put.expect {
                Expect::Absent => 1,
                Expect::Version(version) => version + 1,
                Expect::Any => self.version(account, &key).await? + 1,
            };
            records.push((key, Some(Record { version, ..put.record.clone() })));
        }
        for members in &change.members {
            let is_put = change.puts.iter().any(|put| put.record.id == members.group);
            if !is_put && let Some(group) = self.changed_group(account, members).await? {
                records.push(((Kind::GROUP, members.group), Some(group)));
            }
        }
        let mut kept = self.kept();
        kept.records.extend(records);
        for members in &change.members {
            kept.edges.entry(members.group).or_default().change(members);
        }
        kept.log.extend(change.log);
        Ok(committed)
    }

    /// The version of a record that is there; 0 when there is none.
    async fn version(&self, account: AccountId, key: &(Kind, ResourceId)) -> Result<u64, StoreError> {
        let found = self.load(account, std::slice::from_ref(key)).await?;
        Ok(found.into_iter().flatten().next().map_or(0, |record| record.version))
    }

    /// A group whose members change, as the store would count its version; nothing when they stay who they are.
    async fn changed_group(&self, account: AccountId, change: &MemberChange) -> Result<Option<Record>, StoreError> {
        if !self.changes_members(account, change).await? {
            return Ok(None);
        }
        let found = self.load(account, &[(Kind::GROUP, change.group)]).await?;
        let group = found.into_iter().flatten().next();
        Ok(group.map(|group| Record { version: group.version + 1, modified: change.at, ..group }))
    }

    async fn changes_members(&self, account: AccountId, change: &MemberChange) -> Result<bool, StoreError> {
        let mut after = Edges::default();
        after.change(change);
        let named: Vec<ResourceId> =
            change.removes.iter().copied().chain(change.adds.iter().map(|member| member.id)).collect();
        let before = self.members_among(account, change.group, &named).await?;
        let was = |id: ResourceId| before.iter().any(|member| member.id == id);
        if named.iter().any(|id| was(*id) != after.has(*id, was(*id))) {
            return Ok(true);
        }
        if !change.clear {
            return Ok(false);
        }
        // All who come were there: they are everybody, or somebody goes.
        let limit = before.len() as u64 + 1;
        Ok(self.members(account, change.group, None, limit).await?.len() > before.len())
    }
}

impl Store for Rehearsal {
    fn head(&self, account: AccountId) -> Answer<'_, Option<Head>> {
        self.real.head(account)
    }

    fn accounts(&self, after: Option<AccountId>, limit: u64) -> Answer<'_, Vec<AccountId>> {
        self.real.accounts(after, limit)
    }

    fn load<'a>(&'a self, account: AccountId, keys: &'a [(Kind, ResourceId)]) -> Answer<'a, Vec<Option<Record>>> {
        Box::pin(async move {
            let stored = self.real.load(account, keys).await?;
            let kept = self.kept();
            let seen = |(key, stored): (&(Kind, ResourceId), _)| kept.records.get(key).cloned().unwrap_or(stored);
            Ok(keys.iter().zip(stored).map(seen).collect())
        })
    }

    fn by_unique<'a>(&'a self, account: AccountId, key: &'a UniqueKey, kind: &'a Kind) -> Answer<'a, Option<Record>> {
        self.real.by_unique(account, key, kind)
    }

    fn all<'a>(
        &'a self,
        account: AccountId,
        kind: &'a Kind,
        after: Option<ResourceId>,
        limit: u64,
    ) -> Answer<'a, Vec<Record>> {
        self.real.all(account, kind, after, limit)
    }

    fn search<'a>(&'a self, account: AccountId, search: &'a Search) -> Answer<'a, Page> {
        self.real.search(account, search)
    }

    fn members(
        &self,
        account: AccountId,
        group: ResourceId,
        after: Option<ResourceId>,
        limit: u64,
    ) -> Answer<'_, Vec<Member>> {
        Box::pin(async move {
            let Some(edges) = self.edges(group) else { return self.real.members(account, group, after, limit).await };
            let to_read = edges.to_read(limit);
            let stored = self.real.members(account, group, after, to_read).await?;
            // Who stands behind the last that was read comes later, in the order of ids.
            let is_all = (stored.len() as u64) < to_read;
            let end = stored.last().map(|member| member.id).filter(|_| !is_all);
            let is_asked = |id| after.is_none_or(|after| id > after) && end.is_none_or(|end| id <= end);
            let mut members = edges.over(stored, is_asked);
            members.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            Ok(members)
        })
    }

    fn members_among<'a>(
        &'a self,
        account: AccountId,
        group: ResourceId,
        ids: &'a [ResourceId],
    ) -> Answer<'a, Vec<Member>> {
        Box::pin(async move {
            let stored = self.real.members_among(account, group, ids).await?;
            let Some(edges) = self.edges(group) else { return Ok(stored) };
            Ok(edges.over(stored, |id| ids.contains(&id)))
        })
    }

    fn groups_of<'a>(&'a self, account: AccountId, members: &'a [ResourceId]) -> Answer<'a, Vec<Vec<ResourceId>>> {
        Box::pin(async move {
            let mut of_all = self.real.groups_of(account, members).await?;
            let kept = self.kept();
            for (member, groups) in members.iter().zip(&mut of_all) {
                for (group, edges) in &kept.edges {
                    let is_stored = groups.contains(group);
                    groups.retain(|known| known != group);
                    groups.extend(edges.has(*member, is_stored).then_some(*group));
                }
                groups.sort();
            }
            Ok(of_all)
        })
    }

    fn log<'a>(&'a self, account: AccountId, query: &'a LogQuery) -> Answer<'a, Vec<Logged>> {
        self.real.log(account, query)
    }

    fn rehearse(&self, account: AccountId, change: ChangeSet) -> Answer<'_, Committed> {
        self.real.rehearse(account, change)
    }

    fn commit(&self, account: AccountId, change: ChangeSet) -> Answer<'_, Committed> {
        Box::pin(self.judge(account, change))
    }

    /// Removes nothing.
    fn prune_log(&self, _account: AccountId, _before: Timestamp) -> Answer<'_, u64> {
        Box::pin(async { Ok(0) })
    }

    /// Empties nothing.
    fn erase_personal(&self, _account: AccountId, _subject: ResourceId) -> Answer<'_, u64> {
        Box::pin(async { Ok(0) })
    }

    /// Enters nothing.
    fn index(&self, _account: AccountId, _indexing: Indexing) -> Answer<'_, Indexed> {
        Box::pin(async { Ok(Indexed::default()) })
    }

    /// Removes nothing.
    fn unindex(&self, _account: AccountId, _unindexing: Unindexing) -> Answer<'_, u64> {
        Box::pin(async { Ok(0) })
    }

    /// Nothing works in the background of a rehearsal.
    fn lease<'a>(&'a self, _: AccountId, _: &'a str, _: Uuid, _: Timestamp, _: Timestamp) -> Answer<'a, bool> {
        Box::pin(async { Ok(false) })
    }

    fn ping(&self) -> Answer<'_, ()> {
        self.real.ping()
    }

    /// Leaves the real store open.
    fn close(&self) -> Answer<'_, ()> {
        Box::pin(async { Ok(()) })
    }
}
