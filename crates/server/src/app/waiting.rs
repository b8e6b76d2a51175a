//! Accounts with work in the background, each piece of which one node does at a time (`lease`).
//!
//! A commit that leaves such work wakes who does it. At the start and every hour all accounts are looked through by a count in their head
//! rows, so that work of a process that is gone is gone on with.

use super::{App, Failure, lease::Work};
use crate::each_account::EachAccount;
use jiff::{SignedDuration, Timestamp};
use provost_change::{AccountId, Frozen};
use provost_store::StoreError;
use std::{
    collections::BTreeSet,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{sync::Notify, time::timeout};

/// How often all accounts are looked through.
pub(super) const LOOK_EVERY: Duration = Duration::from_secs(3600);
/// How long an account is left alone whose work another node does, or did not go well.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// For how long no other node works on an account: longer than a step takes.
const LEASE: SignedDuration = SignedDuration::from_secs(15);

/// Which accounts have work of one kind, as far as this process knows.
#[derive(Default)]
pub(super) struct Waiting {
    accounts: Mutex<BTreeSet<AccountId>>,
    woken: Notify,
    ending: AtomicBool,
}

/// How it goes on with an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// All is done.
    Nothing,
    /// A step was done, and another one may be left.
    More,
}

/// Work that is done step by step.
pub(super) struct Steps<'w> {
    /// Which work.
    pub work: Work,
    /// Who has some.
    pub waiting: &'w Waiting,
    /// The count in the head row that is not 0 as long as there is some.
    pub count: &'static str,
}

impl Waiting {
    /// Has an account looked at soon.
    pub(super) fn wake(&self, account: AccountId) {
        self.add(account);
        self.woken.notify_one();
    }

    /// Has an account looked at in the next round.
    pub(super) fn add(&self, account: AccountId) {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner).insert(account);
    }

    /// Who is to be looked at.
    pub(super) fn take(&self) -> BTreeSet<AccountId> {
        std::mem::take(&mut *self.accounts.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Has whoever works come to an end.
    pub(super) fn end(&self) {
        self.ending.store(true, Ordering::Relaxed);
        self.woken.notify_one();
    }

    pub(super) fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Relaxed)
    }

    /// Resolves when somebody is woken.
    pub(super) async fn woken(&self) {
        self.woken.notified().await;
    }
}

impl App {
    /// How long it is until then: nothing when it was.
    pub(super) fn until(&self, due: Timestamp) -> Duration {
        Duration::try_from(due.duration_since(self.now())).unwrap_or(Duration::ZERO)
    }

    /// Notes which accounts have work by a count in their head rows.
    pub(super) async fn look_through(&self, waiting: &Waiting, count: &'static str) {
        if let Err(error) = self.find_waiting(waiting, count).await {
            tracing::warn!(count, %error, "The accounts could not be looked through for work; the next hour tries again.");
        }
    }

    async fn find_waiting(&self, waiting: &Waiting, count: &str) -> Result<(), Failure> {
        let mut accounts = EachAccount::of(self.store());
        while let Some(account) = accounts.next().await? {
            if self.store().head(account).await?.is_some_and(|head| head.count(count) > 0) {
                waiting.add(account);
            }
        }
        Ok(())
    }

    /// Does work step by step until `stop` resolves; one step may still be under way then. A step that fails since somebody else changed
    /// something is done again; so is, after a while, one that failed otherwise.
    pub(super) async fn keep_at<Fut>(
        &self,
        steps: Steps<'_>,
        stop: impl Future<Output = ()>,
        step: impl Fn(AccountId) -> Fut,
    ) where
        Fut: Future<Output = Result<Left, Failure>>,
    {
        let work = self.rounds_of(&steps, step);
        tokio::pin!(work, stop);
        tokio::select! {
            () = &mut work => {}
            () = &mut stop => {
                steps.waiting.end();
                work.await;
            }
        }
    }

    async fn rounds_of<Fut>(&self, steps: &Steps<'_>, step: impl Fn(AccountId) -> Fut)
    where
        Fut: Future<Output = Result<Left, Failure>>,
    {
        let waiting = steps.waiting;
        self.look_through(waiting, steps.count).await;
        while !waiting.is_ending() {
            let mut is_left = false;
            for account in waiting.take() {
                let result = self.step_by_step(steps, account, &step).await;
                self.has_done(account, steps.work).await;
                let left = result.unwrap_or_else(|error| {
                    tracing::warn!(account.id = %account, work = ?steps.work, %error, "Work in the background failed; it is tried again.");
                    Left::More
                });
                if left == Left::More {
                    waiting.add(account);
                    is_left = true;
                }
            }
            let wait = if is_left { LOOK_AGAIN } else { LOOK_EVERY };
            let woken = timeout(wait, waiting.woken()).await.is_ok();
            if !woken && !is_left {
                self.look_through(waiting, steps.count).await;
            }
        }
    }

    /// Steps of an account, as long as this node may do them.
    async fn step_by_step<Fut>(
        &self,
        steps: &Steps<'_>,
        account: AccountId,
        step: impl Fn(AccountId) -> Fut,
    ) -> Result<Left, Failure>
    where
        Fut: Future<Output = Result<Left, Failure>>,
    {
        loop {
            if steps.waiting.is_ending() || !self.may_do(account, steps.work, LEASE).await? {
                return Ok(Left::More);
            }
            match step(account).await {
                Ok(Left::More) | Err(Failure::Store(StoreError::ConfigChanged | StoreError::VersionChanged)) => {}
                Ok(Left::Nothing) => return Ok(Left::Nothing),
                Err(Failure::Store(StoreError::Frozen(Frozen::Moving(_)))) => return Ok(Left::More),
                // Where it was moved to, it goes on.
                Err(Failure::Store(StoreError::Frozen(Frozen::Moved(_)))) => return Ok(Left::Nothing),
                // Its import is not complete.
                Err(Failure::NoAccount) => return Ok(Left::Nothing),
                Err(other) => return Err(other),
            }
        }
    }
}
