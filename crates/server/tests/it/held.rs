//! A store that a test stops at a certain moment, to do there what somebody else would.

use jiff::Timestamp;
use provost_change::{AccountId, ChangeSet, Head, Kind, Logged, Member, Record, ResourceId, UniqueKey};
use provost_store::{Answer, Committed, Indexed, Indexing, LogQuery, MemoryStore, Page, Search, Store, Unindexing};
use std::sync::{Arc, Mutex};
use tokio::sync::oneshot;
use uuid::Uuid;

/// Where whoever uses the store is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Before the log is read.
    Log,
    /// Before something is committed that leaves no entry in the log.
    SilentCommit,
}

/// The store of [`MemoryStore`], until it is told to stop somewhere.
#[derive(Default)]
pub struct HeldStore {
    inner: Arc<MemoryStore>,
    gate: Mutex<Option<Stop>>,
}

struct Stop {
    at: Moment,
    reaches: oneshot::Sender<()>,
    goes_on: oneshot::Receiver<()>,
}

/// What a test holds of somebody who is stopped.
pub struct Gate {
    reached: oneshot::Receiver<()>,
    go_on: oneshot::Sender<()>,
}

impl HeldStore {
    pub fn over(inner: Arc<MemoryStore>) -> Self {
        Self { inner, gate: Mutex::default() }
    }

    /// Stops the next who comes to this moment.
    pub fn hold(&self, moment: Moment) -> Gate {
        let ((reaches, reached), (go_on, goes_on)) = (oneshot::channel(), oneshot::channel());
        *self.gate.lock().unwrap() = Some(Stop { at: moment, reaches, goes_on });
        Gate { reached, go_on }
    }

    async fn pass(&self, moment: Moment) {
        let gate = self.gate.lock().unwrap().take_if(|stop| stop.at == moment);
        if let Some(Stop { reaches, goes_on, .. }) = gate {
            reaches.send(()).unwrap();
            goes_on.await.unwrap();
        }
    }
}

impl Gate {
    /// Does something while somebody is stopped here, and lets them go on then.
    pub async fn meanwhile<T>(self, work: impl Future<Output = T>) -> T {
        self.reached.await.unwrap();
        let done = work.await;
        self.go_on.send(()).unwrap();
        done
    }
}

impl Store for HeldStore {
    fn log<'a>(&'a self, account: AccountId, query: &'a LogQuery) -> Answer<'a, Vec<Logged>> {
        Box::pin(async move {
            self.pass(Moment::Log).await;
            self.inner.log(account, query).await
        })
    }

    fn commit(&self, account: AccountId, change: ChangeSet) -> Answer<'_, Committed> {
        Box::pin(async move {
            if change.log.is_empty() {
                self.pass(Moment::SilentCommit).await;
            }
            self.inner.commit(account, change).await
        })
    }

    fn head(&self, account: AccountId) -> Answer<'_, Option<Head>> {
        self.inner.head(account)
    }

    fn accounts(&self, after: Option<AccountId>, limit: u64) -> Answer<'_, Vec<AccountId>> {
        self.inner.accounts(after, limit)
    }

    fn load<'a>(&'a self, account: AccountId, keys: &'a [(Kind, ResourceId)]) -> Answer<'a, Vec<Option<Record>>> {
        self.inner.load(account, keys)
    }

    fn by_unique<'a>(&'a self, account: AccountId, key: &'a UniqueKey, kind: &'a Kind) -> Answer<'a, Option<Record>> {
        self.inner.by_unique(account, key, kind)
    }

    fn all<'a>(
        &'a self,
        account: AccountId,
        kind: &'a Kind,
        after: Option<ResourceId>,
        limit: u64,
    ) -> Answer<'a, Vec<Record>> {
        self.inner.all(account, kind, after, limit)
    }

    fn search<'a>(&'a self, account: AccountId, search: &'a Search) -> Answer<'a, Page> {
        self.inner.search(account, search)
    }

    fn members(
        &self,
        account: AccountId,
        group: ResourceId,
        after: Option<ResourceId>,
        limit: u64,
    ) -> Answer<'_, Vec<Member>> {
        self.inner.members(account, group, after, limit)
    }

    fn members_among<'a>(
        &'a self,
        account: AccountId,
        group: ResourceId,
        ids: &'a [ResourceId],
    ) -> Answer<'a, Vec<Member>> {
        self.inner.members_among(account, group, ids)
    }

    fn groups_of<'a>(&'a self, account: AccountId, members: &'a [ResourceId]) -> Answer<'a, Vec<Vec<ResourceId>>> {
        self.inner.groups_of(account, members)
    }

    fn rehearse(&self, account: AccountId, change: ChangeSet) -> Answer<'_, Committed> {
        self.inner.rehearse(account, change)
    }

    fn prune_log(&self, account: AccountId, before: Timestamp) -> Answer<'_, u64> {
        self.inner.prune_log(account, before)
    }

    fn erase_personal(&self, account: AccountId, subject: ResourceId) -> Answer<'_, u64> {
        self.inner.erase_personal(account, subject)
    }

    fn index(&self, account: AccountId, indexing: Indexing) -> Answer<'_, Indexed> {
        self.inner.index(account, indexing)
    }

    fn unindex(&self, account: AccountId, unindexing: Unindexing) -> Answer<'_, u64> {
        self.inner.unindex(account, unindexing)
    }

    fn lease<'a>(
        &'a self,
        account: AccountId,
        name: &'a str,
        holder: Uuid,
        now: Timestamp,
        until: Timestamp,
    ) -> Answer<'a, bool> {
        self.inner.lease(account, name, holder, now, until)
    }

    fn ping(&self) -> Answer<'_, ()> {
        self.inner.ping()
    }

    fn close(&self) -> Answer<'_, ()> {
        self.inner.close()
    }
}
