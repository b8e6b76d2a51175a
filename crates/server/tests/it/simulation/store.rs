//! A store whose calls come in an order that a seed chooses, fail when it says so, and end for good when the process is killed.

use crate::random::Random;
use jiff::Timestamp;
use provost_change::{AccountId, ChangeSet, Expect, Head, Kind, Logged, Member, Record, ResourceId, UniqueKey};
use provost_store::{
    Answer, Committed, GroupedPage, Indexed, Indexing, LogQuery, Page, Search, Store, StoreError, Unindexing,
};
use std::{
    pin::pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};
use tokio::task::yield_now;
use uuid::Uuid;

/// One in so many reads fails, while there are faults.
const READ_FAULTS: usize = 150;
/// One in so many commits is refused before anything is done.
const COMMIT_FAULTS: usize = 25;
/// One in so many commits is done, and its answer lost.
const LOST_ANSWERS: usize = 25;
/// One in so many commits is the last thing that the process does, or nearly does.
const KILLS: usize = 100;
/// Others that may come first at each call.
const YIELDS: usize = 4;

/// What a store does that no store may do: whoever looks has to find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    /// It acknowledges one in [`LIES`] commits that it has not done.
    Forgets,
    /// It commits what was decided on versions that are no more.
    IgnoresVersions,
    /// It forgets every claim of a unique value.
    IgnoresClaims,
    /// It leaves out the members of one in [`LIES`] commits.
    LosesMembers,
}

/// One in so many commits is a lie, where a store lies.
const LIES: usize = 20;

/// What goes wrong, and when.
pub struct Faults(Mutex<State>);

struct State {
    random: Random,
    /// Nothing goes wrong while somebody sets the scene or looks at what came of it.
    is_quiet: bool,
    is_killed: bool,
    lie: Option<Lie>,
    /// Commits that were done and answered as if they were not.
    lost: u64,
}

enum Fate {
    Done,
    Refused,
    Lost,
}

impl Faults {
    pub fn new(seed: u64, lie: Option<Lie>) -> Self {
        Self(Mutex::new(State { random: Random(seed), is_quiet: true, is_killed: false, lie, lost: 0 }))
    }

    /// Lets things go wrong, or not.
    pub fn set_quiet(&self, is_quiet: bool) {
        self.0.lock().unwrap().is_quiet = is_quiet;
    }

    /// Whether the process has been killed.
    pub fn is_killed(&self) -> bool {
        self.0.lock().unwrap().is_killed
    }

    /// Commits whose answer was lost.
    pub fn lost(&self) -> u64 {
        self.0.lock().unwrap().lost
    }

    /// Starts the process anew.
    pub fn revive(&self) {
        self.0.lock().unwrap().is_killed = false;
    }

    /// Lets others come first, as often as the seed says.
    async fn turn(&self) {
        let turns = {
            let mut state = self.0.lock().unwrap();
            if state.is_quiet { 0 } else { state.random.below(YIELDS) }
        };
        for _ in 0..turns {
            yield_now().await;
        }
    }

    fn read(&self) -> Result<(), StoreError> {
        let mut state = self.0.lock().unwrap();
        let fails = state.is_killed || !state.is_quiet && state.random.one_in(READ_FAULTS);
        if fails { Err(unavailable()) } else { Ok(()) }
    }

    /// What a store that lies makes of a change set; `None` when it forgets it.
    fn bent(&self, mut change: ChangeSet) -> Option<ChangeSet> {
        let mut state = self.0.lock().unwrap();
        if state.is_quiet {
            return Some(change);
        }
        let lie = state.lie;
        match lie {
            None => {}
            Some(Lie::Forgets) if state.random.one_in(LIES) => return None,
            Some(Lie::Forgets) => {}
            Some(Lie::IgnoresVersions) => {
                for put in change.puts.iter_mut().filter(|put| put.expect != Expect::Absent) {
                    put.expect = Expect::Any;
                }
            }
            Some(Lie::IgnoresClaims) => change.puts.iter_mut().for_each(|put| put.claims.clear()),
            Some(Lie::LosesMembers) if state.random.one_in(LIES) => change.members.clear(),
            Some(Lie::LosesMembers) => {}
        }
        Some(change)
    }

    fn commit(&self) -> Fate {
        let mut state = self.0.lock().unwrap();
        if state.is_killed {
            return Fate::Refused;
        }
        if state.is_quiet {
            return Fate::Done;
        }
        if state.random.one_in(KILLS) {
            state.is_killed = true;
            return if state.random.one_in(2) { Fate::Lost } else { Fate::Refused };
        }
        if state.random.one_in(COMMIT_FAULTS) {
            return Fate::Refused;
        }
        if state.random.one_in(LOST_ANSWERS) { Fate::Lost } else { Fate::Done }
    }
}

fn unavailable() -> StoreError {
    StoreError::Unavailable("so says the simulation".to_owned())
}

/// A real store behind [`Faults`].
pub struct FaultyStore {
    pub inner: Arc<dyn Store>,
    pub faults: Arc<Faults>,
}

impl FaultyStore {
    async fn seen<T>(&self, answer: Answer<'_, T>) -> Result<T, StoreError> {
        self.faults.turn().await;
        self.faults.read()?;
        at_once(answer)
    }
}

/// Waits for an answer without letting anybody else go on: the store's threads do not change the order of what happens.
fn at_once<T>(mut answer: Answer<'_, T>) -> Result<T, StoreError> {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match pin!(&mut answer).poll(&mut context) {
            Poll::Ready(answer) => return answer,
            Poll::Pending => thread::park(),
        }
    }
}

impl Store for FaultyStore {
    fn commit(&self, account: AccountId, change: ChangeSet) -> Answer<'_, Committed> {
        Box::pin(async move {
            self.faults.turn().await;
            match self.faults.commit() {
                Fate::Refused => Err(unavailable()),
                Fate::Done => match self.faults.bent(change) {
                    Some(change) => at_once(self.inner.commit(account, change)),
                    None => Ok(Committed { seq: 1 }),
                },
                Fate::Lost => {
                    at_once(self.inner.commit(account, change))?;
                    self.faults.0.lock().unwrap().lost += 1;
                    Err(unavailable())
                }
            }
        })
    }

    fn head(&self, account: AccountId) -> Answer<'_, Option<Head>> {
        Box::pin(self.seen(self.inner.head(account)))
    }

    fn accounts(&self, after: Option<AccountId>, limit: u64) -> Answer<'_, Vec<AccountId>> {
        Box::pin(self.seen(self.inner.accounts(after, limit)))
    }

    fn load<'a>(&'a self, account: AccountId, keys: &'a [(Kind, ResourceId)]) -> Answer<'a, Vec<Option<Record>>> {
        Box::pin(self.seen(self.inner.load(account, keys)))
    }

    fn by_unique<'a>(&'a self, account: AccountId, key: &'a UniqueKey, kind: &'a Kind) -> Answer<'a, Option<Record>> {
        Box::pin(self.seen(self.inner.by_unique(account, key, kind)))
    }

    fn all<'a>(
        &'a self,
        account: AccountId,
        kind: &'a Kind,
        after: Option<ResourceId>,
        limit: u64,
    ) -> Answer<'a, Vec<Record>> {
        Box::pin(self.seen(self.inner.all(account, kind, after, limit)))
    }

    fn search<'a>(&'a self, account: AccountId, search: &'a Search) -> Answer<'a, Page> {
        Box::pin(self.seen(self.inner.search(account, search)))
    }

    fn search_grouped<'a>(&'a self, account: AccountId, search: &'a Search) -> Answer<'a, GroupedPage> {
        Box::pin(self.seen(self.inner.search_grouped(account, search)))
    }

    fn load_grouped<'a>(
        &'a self,
        account: AccountId,
        key: &'a (Kind, ResourceId),
    ) -> Answer<'a, Option<(Record, Vec<ResourceId>)>> {
        Box::pin(self.seen(self.inner.load_grouped(account, key)))
    }

    fn members(
        &self,
        account: AccountId,
        group: ResourceId,
        after: Option<ResourceId>,
        limit: u64,
    ) -> Answer<'_, Vec<Member>> {
        Box::pin(self.seen(self.inner.members(account, group, after, limit)))
    }

    fn has_more_members(&self, account: AccountId, group: ResourceId, most: u64) -> Answer<'_, bool> {
        Box::pin(self.seen(self.inner.has_more_members(account, group, most)))
    }

    fn members_among<'a>(
        &'a self,
        account: AccountId,
        group: ResourceId,
        ids: &'a [ResourceId],
    ) -> Answer<'a, Vec<Member>> {
        Box::pin(self.seen(self.inner.members_among(account, group, ids)))
    }

    fn groups_of<'a>(&'a self, account: AccountId, members: &'a [ResourceId]) -> Answer<'a, Vec<Vec<ResourceId>>> {
        Box::pin(self.seen(self.inner.groups_of(account, members)))
    }

    fn log<'a>(&'a self, account: AccountId, query: &'a LogQuery) -> Answer<'a, Vec<Logged>> {
        Box::pin(self.seen(self.inner.log(account, query)))
    }

    fn rehearse(&self, account: AccountId, change: ChangeSet) -> Answer<'_, Committed> {
        Box::pin(self.seen(self.inner.rehearse(account, change)))
    }

    fn prune_log(&self, account: AccountId, before: Timestamp) -> Answer<'_, u64> {
        Box::pin(self.seen(self.inner.prune_log(account, before)))
    }

    fn erase_personal(&self, account: AccountId, subject: ResourceId) -> Answer<'_, u64> {
        Box::pin(self.seen(self.inner.erase_personal(account, subject)))
    }

    fn index(&self, account: AccountId, indexing: Indexing) -> Answer<'_, Indexed> {
        Box::pin(self.seen(self.inner.index(account, indexing)))
    }

    fn unindex(&self, account: AccountId, unindexing: Unindexing) -> Answer<'_, u64> {
        Box::pin(self.seen(self.inner.unindex(account, unindexing)))
    }

    fn lease<'a>(
        &'a self,
        account: AccountId,
        name: &'a str,
        holder: Uuid,
        now: Timestamp,
        until: Timestamp,
    ) -> Answer<'a, bool> {
        Box::pin(self.seen(self.inner.lease(account, name, holder, now, until)))
    }

    fn ping(&self) -> Answer<'_, ()> {
        self.inner.ping()
    }

    fn close(&self) -> Answer<'_, ()> {
        self.inner.close()
    }
}
