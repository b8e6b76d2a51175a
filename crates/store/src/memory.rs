//! Accounts in memory: the rules of [`Store`] stated as plainly as possible.

mod judge;
mod search;

use crate::search::size;
use crate::{Answer, Committed, Indexed, Indexing, LogQuery, Page, Search, Store, StoreError, Unindexing};
use jiff::Timestamp;
use provost_change::{
    AccountId, ChainBase, ChangeSet, Head, IndexEntry, Kind, Logged, Member, MemberChange, Put, Record, ResourceId,
    UniqueKey,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

/// A store that forgets everything when it is dropped: for tests, and as the oracle that other stores are tested
/// against.
#[derive(Debug, Default)]
pub struct MemoryStore {
    accounts: Mutex<Accounts>,
}

#[derive(Debug, Default)]
struct Accounts {
    closed: bool,
    accounts: BTreeMap<AccountId, Account>,
    /// By account and name: who holds it, and until when.
    leases: BTreeMap<(AccountId, String), (Uuid, Timestamp)>,
}

type Key = (Kind, ResourceId);

/// What the members of groups are, by group and member.
type Members = BTreeMap<(ResourceId, ResourceId), Kind>;

#[derive(Debug)]
struct Account {
    head: Head,
    records: BTreeMap<Key, Record>,
    unique: BTreeMap<UniqueKey, Key>,
    index: BTreeMap<Kind, BTreeSet<(IndexEntry, ResourceId)>>,
    members: Members,
    log: Vec<Logged>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> Result<MutexGuard<'_, Accounts>, StoreError> {
        let accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        if accounts.closed { Err(StoreError::Unavailable("it is closed".to_owned())) } else { Ok(accounts) }
    }

    /// What `read` finds in the account; nothing when there is no such account.
    fn read<T: Default>(
        &self,
        account: AccountId,
        read: impl FnOnce(&Account) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.lock()?.accounts.get(&account).map_or_else(|| Ok(T::default()), read)
    }

    fn write<T>(
        &self,
        account: AccountId,
        write: impl FnOnce(&mut Account) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.lock()?.accounts.get_mut(&account).map_or(Err(StoreError::NoAccount), write)
    }

    fn judge(&self, account: AccountId, change: &ChangeSet) -> Result<Committed, StoreError> {
        let accounts = self.lock()?;
        let verdict = match (accounts.accounts.get(&account), change.creates_account) {
            (Some(_), true) => return Err(StoreError::AccountExists),
            (None, false) => return Err(StoreError::NoAccount),
            (None, true) => Account::new(account).judge(change)?,
            (Some(account), false) => account.judge(change)?,
        };
        Ok(Committed { seq: verdict.head.seq })
    }

    fn apply(&self, account: AccountId, change: ChangeSet) -> Result<Committed, StoreError> {
        let mut accounts = self.lock()?;
        if change.creates_account {
            if accounts.accounts.contains_key(&account) {
                return Err(StoreError::AccountExists);
            }
            let mut new = Account::new(account);
            let committed = new.commit(change)?;
            accounts.accounts.insert(account, new);
            return Ok(committed);
        }
        accounts.accounts.get_mut(&account).ok_or(StoreError::NoAccount)?.commit(change)
    }
}

impl Account {
    fn new(account: AccountId) -> Self {
        Self {
            head: Head::new(account),
            records: BTreeMap::new(),
            unique: BTreeMap::new(),
            index: BTreeMap::new(),
            members: Members::new(),
            log: Vec::new(),
        }
    }

    fn commit(&mut self, change: ChangeSet) -> Result<Committed, StoreError> {
        let verdict = self.judge(&change)?;
        let touched = self.touched(&change, &verdict.members);
        for delete in change.deletes {
            let key = (delete.kind, delete.id);
            self.lose(&key, &delete.releases, &delete.index_removes);
            self.records.remove(&key);
        }
        for put in &change.puts {
            self.lose(&(put.record.kind.clone(), put.record.id), &put.releases, &put.index_removes);
        }
        for (put, version) in change.puts.into_iter().zip(verdict.versions) {
            let key = (put.record.kind.clone(), put.record.id);
            self.unique.extend(put.claims.into_iter().map(|claim| (claim, key.clone())));
            let index = self.index.entry(key.0.clone()).or_default();
            index.extend(put.index_adds.into_iter().map(|entry| (entry, key.1)));
            let (created, modified) = (micros(put.record.created), micros(put.record.modified));
            self.records.insert(key, Record { version, created, modified, ..put.record });
        }
        for (group, at) in touched {
            if let Some(record) = self.records.get_mut(&(Kind::GROUP, group)) {
                record.version += 1;
                record.modified = at.map_or(record.modified, micros);
            }
        }
        self.members = verdict.members;
        self.log.extend(verdict.log);
        self.head = verdict.head;
        Ok(Committed { seq: self.head.seq })
    }

    /// The groups that are not put but whose members will be others, with the time of that.
    fn touched(&self, change: &ChangeSet, after: &Members) -> BTreeMap<ResourceId, Option<Timestamp>> {
        let goes = self.members.iter().filter(|(edge, kind)| after.get(edge) != Some(kind));
        let comes = after.iter().filter(|(edge, kind)| self.members.get(edge) != Some(kind));
        let groups = goes.chain(comes).map(|((group, _), _)| *group);
        let is_put = |group: ResourceId| move |put: &Put| put.record.kind == Kind::GROUP && put.record.id == group;
        let asked = |group: ResourceId| move |members: &&MemberChange| members.group == group;
        let at = |group| {
            let asked = change.members.iter().rev().find(asked(group)).map(|members| members.at);
            asked.or(change.log.first().map(|entry| entry.at))
        };
        groups.filter(|group| !change.puts.iter().any(is_put(*group))).map(|group| (group, at(group))).collect()
    }

    fn lose(&mut self, key: &Key, releases: &[UniqueKey], index_removes: &[IndexEntry]) {
        for release in releases {
            if self.unique.get(release) == Some(key) {
                self.unique.remove(release);
            }
        }
        let index = self.index.entry(key.0.clone()).or_default();
        for entry in index_removes {
            index.remove(&(entry.clone(), key.1));
        }
    }

    fn log(&self, query: &LogQuery) -> Vec<Logged> {
        let wanted = |entry: &&Logged| {
            query.after.is_none_or(|after| entry.seq > after)
                && query.before.is_none_or(|before| entry.seq < before)
                && query.subject.is_none_or(|subject| entry.subject == Some(subject))
        };
        let entries = self.log.iter().filter(wanted);
        let limit = size(query.limit);
        if query.newest_first {
            entries.rev().take(limit).cloned().collect()
        } else {
            entries.take(limit).cloned().collect()
        }
    }

    fn prune_log(&mut self, before: Timestamp) -> u64 {
        let before = micros(before);
        let kept_from = self.log.iter().position(|entry| entry.at >= before).unwrap_or(self.log.len());
        if let Some(last) = self.log.drain(..kept_from).next_back() {
            self.head.base = ChainBase { seq: last.seq, hash: last.hash };
        }
        kept_from as u64
    }

    fn index(&mut self, indexing: &Indexing) -> Result<Indexed, StoreError> {
        let Indexing { config, kind, after, limit, entries } = indexing;
        self.check_config(*config)?;
        let behind =
            self.records.values().filter(|record| record.kind == *kind && after.is_none_or(|id| record.id > id));
        let records: Vec<&Record> = behind.take(size(*limit)).collect();
        let mut found = Vec::new();
        for record in &records {
            found.extend(entries(record)?.into_iter().map(|entry| (entry, record.id)));
        }
        let indexed = Indexed { records: records.len() as u64, last: records.last().map(|record| record.id) };
        self.index.entry(kind.clone()).or_default().extend(found);
        Ok(indexed)
    }

    fn unindex(&mut self, unindexing: &Unindexing) -> Result<u64, StoreError> {
        let Unindexing { config, kind, attribute, limit } = unindexing;
        self.check_config(*config)?;
        let index = self.index.entry(kind.clone()).or_default();
        let of_attribute = index.iter().filter(|(entry, _)| entry.attribute == *attribute);
        let gone: Vec<(IndexEntry, ResourceId)> = of_attribute.take(size(*limit)).cloned().collect();
        index.retain(|entry| !gone.contains(entry));
        Ok(gone.len() as u64)
    }

    fn check_config(&self, config: u64) -> Result<(), StoreError> {
        if config == self.head.config { Ok(()) } else { Err(StoreError::ConfigChanged) }
    }

    fn erase_personal(&mut self, subject: ResourceId) -> u64 {
        let about = self.log.iter_mut().filter(|entry| entry.subject == Some(subject));
        about.filter_map(|entry| entry.personal.take()).count() as u64
    }
}

impl Store for MemoryStore {
    fn head(&self, account: AccountId) -> Answer<'_, Option<Head>> {
        Box::pin(async move { self.read(account, |account| Ok(Some(account.head.clone()))) })
    }

    fn accounts(&self, after: Option<AccountId>, limit: u64) -> Answer<'_, Vec<AccountId>> {
        Box::pin(async move {
            let accounts = self.lock()?;
            let behind = accounts.accounts.keys().filter(|id| after.is_none_or(|after| **id > after));
            Ok(behind.take(size(limit)).copied().collect())
        })
    }

    fn load<'a>(&'a self, account: AccountId, keys: &'a [Key]) -> Answer<'a, Vec<Option<Record>>> {
        Box::pin(async move {
            let accounts = self.lock()?;
            let account = accounts.accounts.get(&account);
            Ok(keys.iter().map(|key| account.and_then(|account| account.records.get(key).cloned())).collect())
        })
    }

    fn by_unique<'a>(&'a self, account: AccountId, key: &'a UniqueKey, kind: &'a Kind) -> Answer<'a, Option<Record>> {
        Box::pin(async move {
            self.read(account, |account| {
                let holder = account.unique.get(key).filter(|holder| holder.0 == *kind);
                Ok(holder.and_then(|holder| account.records.get(holder).cloned()))
            })
        })
    }

    fn all<'a>(
        &'a self,
        account: AccountId,
        kind: &'a Kind,
        after: Option<ResourceId>,
        limit: u64,
    ) -> Answer<'a, Vec<Record>> {
        Box::pin(async move {
            self.read(account, |account| {
                let of_kind = account.records.values().filter(|record| record.kind == *kind);
                let behind = of_kind.filter(|record| after.is_none_or(|after| record.id > after));
                Ok(behind.take(size(limit)).cloned().collect())
            })
        })
    }

    fn search<'a>(&'a self, account: AccountId, search: &'a Search) -> Answer<'a, Page> {
        Box::pin(async move { self.read(account, |account| account.search(search)) })
    }

    fn members(
        &self,
        account: AccountId,
        group: ResourceId,
        after: Option<ResourceId>,
        limit: u64,
    ) -> Answer<'_, Vec<Member>> {
        Box::pin(async move {
            self.read(account, |account| {
                let of_group = account.members.iter().filter(|((of, _), _)| *of == group);
                let behind = of_group.filter(|((_, id), _)| after.is_none_or(|after| *id > after));
                Ok(behind.take(size(limit)).map(|((_, id), kind)| Member { kind: kind.clone(), id: *id }).collect())
            })
        })
    }

    fn members_among<'a>(
        &'a self,
        account: AccountId,
        group: ResourceId,
        ids: &'a [ResourceId],
    ) -> Answer<'a, Vec<Member>> {
        Box::pin(async move {
            let members = self.members(account, group, None, u64::MAX).await?;
            Ok(members.into_iter().filter(|member| ids.contains(&member.id)).collect())
        })
    }

    fn groups_of<'a>(&'a self, account: AccountId, members: &'a [ResourceId]) -> Answer<'a, Vec<Vec<ResourceId>>> {
        Box::pin(async move {
            let accounts = self.lock()?;
            let edges = accounts.accounts.get(&account).map(|account| &account.members);
            let edges = || edges.into_iter().flat_map(Members::keys);
            let groups_of = |id| edges().filter(|(_, member)| *member == id).map(|(group, _)| *group).collect();
            Ok(members.iter().map(|id| groups_of(*id)).collect())
        })
    }

    fn log<'a>(&'a self, account: AccountId, query: &'a LogQuery) -> Answer<'a, Vec<Logged>> {
        Box::pin(async move { self.read(account, |account| Ok(account.log(query))) })
    }

    fn rehearse(&self, account: AccountId, change: ChangeSet) -> Answer<'_, Committed> {
        Box::pin(async move { self.judge(account, &change) })
    }

    fn commit(&self, account: AccountId, change: ChangeSet) -> Answer<'_, Committed> {
        Box::pin(async move { self.apply(account, change) })
    }

    fn prune_log(&self, account: AccountId, before: Timestamp) -> Answer<'_, u64> {
        Box::pin(async move { self.write(account, |account| Ok(account.prune_log(before))) })
    }

    fn erase_personal(&self, account: AccountId, subject: ResourceId) -> Answer<'_, u64> {
        Box::pin(async move { self.write(account, |account| Ok(account.erase_personal(subject))) })
    }

    fn index(&self, account: AccountId, indexing: Indexing) -> Answer<'_, Indexed> {
        Box::pin(async move { self.write(account, |account| account.index(&indexing)) })
    }

    fn unindex(&self, account: AccountId, unindexing: Unindexing) -> Answer<'_, u64> {
        Box::pin(async move { self.write(account, |account| account.unindex(&unindexing)) })
    }

    fn lease<'a>(
        &'a self,
        account: AccountId,
        name: &'a str,
        holder: Uuid,
        now: Timestamp,
        until: Timestamp,
    ) -> Answer<'a, bool> {
        Box::pin(async move {
            let mut accounts = self.lock()?;
            let key = (account, name.to_owned());
            let is_free = accounts.leases.get(&key).is_none_or(|(of, until)| *of == holder || *until <= now);
            if is_free {
                accounts.leases.insert(key, (holder, until));
            }
            Ok(is_free)
        })
    }

    fn ping(&self) -> Answer<'_, ()> {
        Box::pin(async move { self.lock().map(drop) })
    }

    fn close(&self) -> Answer<'_, ()> {
        Box::pin(async move {
            self.accounts.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
            Ok(())
        })
    }
}

/// Times are kept in microseconds.
fn micros(time: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(time.as_microsecond()).expect("a time cut to microseconds is a time")
}
