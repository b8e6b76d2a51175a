//! Builds the indexes that accounts declare, and takes down those that they take back, beside everything else.
//!
//! A commit that leaves such work wakes this worker; at its start and every hour it looks through all accounts, so that work of a
//! process that is gone is gone on with. One node does the work of an account at a time. Should two do it all the same, nothing is
//! wrong: entering what is entered is no change, and each step expects the configuration that wants it.

use super::{App, Failure, lease::Work};
use jiff::SignedDuration;
use provost_accounts::{
    Configuration,
    indexes::{self, DeclaredIndex, Progress, State},
};
use provost_change::{AccountId, Record};
use provost_store::{Entries, Indexed, Indexing, StoreError, Unindexing};
use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{sync::Notify, time::timeout};

/// Accounts that are read at once.
const ACCOUNTS_AT_ONCE: u64 = 1_000;
/// Records that are entered in one step: other commits of the account wait for so many.
const RECORDS_AT_ONCE: u64 = 200;
/// Entries that are removed in one step.
const ENTRIES_AT_ONCE: u64 = 1_000;
/// Steps after which it is noted how far an index is: what a process that dies has done since is done again.
const STEPS_TO_NOTE: u64 = 10;
/// How often all accounts are looked through.
const LOOK_EVERY: Duration = Duration::from_secs(3600);
/// How long an account is left alone whose work another node does, or did not go well.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// For how long no other node works on an account: longer than some steps take.
const LEASE: SignedDuration = SignedDuration::from_secs(15);

/// Which accounts have indexes to build or to take down.
#[derive(Default)]
pub(super) struct Builder {
    accounts: Mutex<BTreeSet<AccountId>>,
    woken: Notify,
    ending: AtomicBool,
}

/// How it goes on with an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    Nothing,
    /// Work that another node does, or that is to be begun anew.
    Work,
}

impl Builder {
    pub(super) fn wake(&self, account: AccountId) {
        self.add(account);
        self.woken.notify_one();
    }

    fn add(&self, account: AccountId) {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner).insert(account);
    }

    fn take(&self) -> BTreeSet<AccountId> {
        std::mem::take(&mut *self.accounts.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Relaxed)
    }
}

impl App {
    /// Works until `stop` resolves; what is left then is gone on with at the next start.
    pub async fn build_indexes(&self, stop: impl Future<Output = ()>) {
        let work = self.build_rounds();
        tokio::pin!(work, stop);
        tokio::select! {
            () = &mut work => {}
            () = &mut stop => {
                self.0.builder.ending.store(true, Ordering::Relaxed);
                self.0.builder.woken.notify_one();
                // One step is under way at most.
                work.await;
            }
        }
    }

    async fn build_rounds(&self) {
        let builder = &self.0.builder;
        self.look_for_indexes().await;
        while !builder.is_ending() {
            let mut left = Left::Nothing;
            for account in builder.take() {
                if self.finish_indexes(account).await == Left::Work {
                    builder.add(account);
                    left = Left::Work;
                }
            }
            let wait = if left == Left::Work { LOOK_AGAIN } else { LOOK_EVERY };
            let woken = timeout(wait, builder.woken.notified()).await.is_ok();
            if !woken && left == Left::Nothing {
                self.look_for_indexes().await;
            }
        }
    }

    async fn look_for_indexes(&self) {
        if let Err(error) = self.find_unfinished().await {
            tracing::warn!(%error, "The accounts could not be looked through for indexes; the next hour tries again.");
        }
    }

    async fn find_unfinished(&self) -> Result<(), Failure> {
        let mut after = None;
        loop {
            let accounts = self.store().accounts(after, ACCOUNTS_AT_ONCE).await?;
            let Some(last) = accounts.last().copied() else { return Ok(()) };
            for account in accounts {
                let head = self.store().head(account).await?;
                if head.is_some_and(|head| head.count(indexes::COUNT) > 0) {
                    self.0.builder.add(account);
                }
            }
            after = Some(last);
        }
    }

    /// Does the work of an account, as long as this node may.
    async fn finish_indexes(&self, account: AccountId) -> Left {
        let result = self.finish_one_by_one(account).await;
        self.has_done(account, Work::Index).await;
        result.unwrap_or_else(|error| {
            tracing::warn!(account.id = %account, %error, "An index could not be built or removed; it is tried again.");
            Left::Work
        })
    }

    async fn finish_one_by_one(&self, account: AccountId) -> Result<Left, Failure> {
        loop {
            if self.0.builder.is_ending() || !self.may_do(account, Work::Index, LEASE).await? {
                return Ok(Left::Work);
            }
            let config = match self.configuration(account).await {
                // Its import is not complete.
                Err(Failure::NoAccount) => return Ok(Left::Nothing),
                config => config?,
            };
            let Some(index) = config.unfinished_index() else { return Ok(Left::Nothing) };
            match self.go_on(&config, index).await {
                // Under another configuration it goes on from where it is.
                Ok(()) | Err(Failure::Store(StoreError::ConfigChanged | StoreError::VersionChanged)) => {}
                Err(other) => return Err(other),
            }
        }
    }

    /// Some steps of what is left to do for an index.
    async fn go_on(&self, config: &Arc<Configuration>, index: &DeclaredIndex) -> Result<(), Failure> {
        let key = indexes::progress_key(index.id);
        let noted = self.store().load(config.id, &[key]).await?.into_iter().flatten().next();
        let call = self.own_call("index");
        let change = match index.state {
            State::Building => {
                let noted =
                    noted.ok_or_else(|| Failure::Damaged(format!("how far index {} is, is not there", index.id)))?;
                match self.enter(config, index, indexes::progress(config.id, Some(&noted))?).await? {
                    Some(progress) => Some(progress.note(config, &noted, call.now)),
                    None => indexes::built(config, &call, index.id, &noted).map(|decided| decided.change),
                }
            }
            State::Removing if self.take_down(config, index).await? => {
                indexes::dropped(config, &call, index.id, noted.as_ref())
            }
            State::Removing | State::Ready => None,
        };
        let Some(change) = change else { return Ok(()) };
        let is_done = change.changes_config;
        self.commit(config.id, change).await?;
        if is_done {
            let done = if index.state == State::Building { "is ready" } else { "is gone" };
            tracing::info!(account.id = %config.id, index.id = %index.id, "A declared index {done}.");
        }
        Ok(())
    }

    /// Enters records, some steps on; `None` once all are entered.
    async fn enter(
        &self,
        config: &Arc<Configuration>,
        index: &DeclaredIndex,
        mut progress: Progress,
    ) -> Result<Option<Progress>, Failure> {
        let kind = index.kind(config).ok_or_else(|| of_no_type(index))?;
        let (under, wanted) = (Arc::clone(config), index.clone());
        let entries: Entries = Arc::new(move |record: &Record| {
            wanted.entries(&under, record).map_err(|error| StoreError::Corrupt(error.to_string()))
        });
        for _ in 0..STEPS_TO_NOTE {
            let indexing = Indexing {
                config: config.version,
                kind: kind.clone(),
                after: progress.after,
                limit: RECORDS_AT_ONCE,
                entries: Arc::clone(&entries),
            };
            let Indexed { records, last } = self.store().index(config.id, indexing).await?;
            progress = Progress { after: last.or(progress.after), entered: progress.entered + records };
            // Whoever comes later is entered by the write that makes it.
            if records < RECORDS_AT_ONCE {
                return Ok(None);
            }
            if self.0.builder.is_ending() {
                break;
            }
        }
        Ok(Some(progress))
    }

    /// Removes entries, some steps on; whether all are gone.
    async fn take_down(&self, config: &Configuration, index: &DeclaredIndex) -> Result<bool, Failure> {
        let kind = index.kind(config).ok_or_else(|| of_no_type(index))?;
        let attribute = index.indexed(config).ok_or_else(|| of_no_type(index))?;
        for _ in 0..STEPS_TO_NOTE {
            let (kind, attribute) = (kind.clone(), attribute.clone());
            let unindexing = Unindexing { config: config.version, kind, attribute, limit: ENTRIES_AT_ONCE };
            if self.store().unindex(config.id, unindexing).await? < ENTRIES_AT_ONCE {
                return Ok(true);
            }
            if self.0.builder.is_ending() {
                break;
            }
        }
        Ok(false)
    }
}

/// A type that has declared indexes cannot be removed.
fn of_no_type(index: &DeclaredIndex) -> Failure {
    Failure::Damaged(format!("index {} is of no resource type of its account", index.id))
}
