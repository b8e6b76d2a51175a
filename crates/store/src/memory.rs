//! Accounts in memory: the rules of [`Store`] stated as plainly as possible.

use crate::{Answer, Candidates, Committed, LogQuery, Page, Search, Store, StoreError};
use jiff::Timestamp;
use provost_change::{
    AccountId, ChainBase, ChangeSet, Expect, Head, IndexEntry, Kind, LogEntry, Logged, Record, ResourceId, UniqueKey,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

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
}

type Key = (Kind, ResourceId);

#[derive(Debug)]
struct Account {
    head: Head,
    records: BTreeMap<Key, Record>,
    unique: BTreeMap<UniqueKey, Key>,
    index: BTreeMap<Kind, BTreeSet<(IndexEntry, ResourceId)>>,
    log: Vec<Logged>,
}

/// What a judged change set does to an account's head and log.
struct Verdict {
    head: Head,
    versions: Vec<u64>,
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
            log: Vec::new(),
        }
    }

    fn commit(&mut self, change: ChangeSet) -> Result<Committed, StoreError> {
        let verdict = self.judge(&change)?;
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
        self.log.extend(verdict.log);
        self.head = verdict.head;
        Ok(Committed { seq: self.head.seq })
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

    fn judge(&self, change: &ChangeSet) -> Result<Verdict, StoreError> {
        if change.config.is_some_and(|config| config != self.head.config) {
            return Err(StoreError::ConfigChanged);
        }
        if change.seq.is_some_and(|seq| seq != self.head.seq) {
            return Err(StoreError::VersionChanged);
        }
        let versions = self.judge_versions(change)?;
        self.judge_claims(change)?;
        let mut head = self.head.clone();
        for count in &change.counts {
            let after = head.count(&count.name).saturating_add(count.delta);
            head.counts.insert(count.name.clone(), after);
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
        Ok(Verdict { head, versions, log })
    }

    /// The versions that the puts will have.
    fn judge_versions(&self, change: &ChangeSet) -> Result<Vec<u64>, StoreError> {
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
        Ok(given)
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

    fn search(&self, search: &Search) -> Result<Page, StoreError> {
        let mut examined = 0;
        let mut found = Vec::new();
        for ((_, id), record) in self.records.iter().filter(|((kind, _), _)| *kind == search.kind) {
            let candidate = match &search.candidates {
                Candidates::All => true,
                Candidates::Ids(ids) => ids.contains(id),
                Candidates::Under(entries) => entries.iter().any(|entry| self.is_under(&search.kind, *id, entry)),
            };
            if !candidate || search.within.as_ref().is_some_and(|entry| !self.is_indexed(&search.kind, *id, entry)) {
                continue;
            }
            examined += u64::from(search.filter.is_some());
            if examined > search.scan_max {
                return Err(StoreError::TooMany);
            }
            if search.accepts(record)? {
                found.push(record);
            }
        }
        let counted = search.candidates == Candidates::All && search.filter.is_none() && search.within.is_none();
        let total = if counted { self.head.count(search.kind.as_str()).max(0) as u64 } else { found.len() as u64 };
        let page = found.into_iter().skip(size(search.offset)).take(size(search.limit));
        Ok(Page { records: page.cloned().collect(), total })
    }

    fn is_indexed(&self, kind: &Kind, id: ResourceId, entry: &IndexEntry) -> bool {
        self.index.get(kind).is_some_and(|index| index.contains(&(entry.clone(), id)))
    }

    fn is_under(&self, kind: &Kind, id: ResourceId, entry: &IndexEntry) -> bool {
        let key = UniqueKey { space: entry.attribute.clone(), value: entry.value.clone() };
        self.unique.get(&key) == Some(&(kind.clone(), id)) || self.is_indexed(kind, id, entry)
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

    fn log<'a>(&'a self, account: AccountId, query: &'a LogQuery) -> Answer<'a, Vec<Logged>> {
        Box::pin(async move { self.read(account, |account| Ok(account.log(query))) })
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

fn size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
