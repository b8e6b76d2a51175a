//! Runs the cycles of apps that are started when they are due.
//!
//! What is due stands in the jobs; here is only what this process knows of it. A commit that changes an app or its job has its account
//! looked at; all accounts are looked through at the start and now and then, for what other nodes have done or left.

use super::super::{App, Failure, waiting::Waiting};
use jiff::Timestamp;
use provost_change::{AccountId, ResourceId};
use provost_engine::{
    EnterpriseApp, Job, Wish,
    registry::{APPS_COUNT, APPS_MAX, Registered},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{sleep, timeout},
};

/// How often all accounts are looked through.
const LOOK_THROUGH_EVERY: Duration = Duration::from_secs(600);
/// Cycles at once in this process: each has its own connections and up to 32 requests under way.
const CYCLES_MAX: usize = 8;
/// How long an app is left alone whose cycle could not be run at all, such as while another node works for its account.
const AGAIN: Duration = Duration::from_secs(30);

/// What this process knows of apps that run by themselves.
#[derive(Default)]
pub(in crate::app) struct Schedule(pub(in crate::app) Waiting);

type Key = (AccountId, ResourceId);

impl App {
    /// Runs cycles until `stop` resolves. One that is under way then is gone on with at the next start.
    pub async fn run_cycles(&self, stop: impl Future<Output = ()>) {
        let mut cycles = JoinSet::new();
        let work = self.schedule(&mut cycles);
        tokio::select! { () = work => {}, () = stop => {} }
        cycles.shutdown().await;
    }

    async fn schedule(&self, cycles: &mut JoinSet<(Key, bool)>) {
        let waiting = &self.0.schedule.0;
        let permits = Arc::new(Semaphore::new(CYCLES_MAX));
        let mut due: BTreeMap<Key, Timestamp> = BTreeMap::new();
        let mut running: BTreeSet<Key> = BTreeSet::new();
        self.look_through(waiting, APPS_COUNT).await;
        loop {
            for account in waiting.take() {
                due.retain(|(of, _), _| *of != account);
                match self.due_of(account).await {
                    Ok(found) => due.extend(found),
                    Err(error) => {
                        tracing::warn!(account.id = %account, %error, "The enterprise apps of an account could not be read.")
                    }
                }
            }
            let now = self.now();
            let ready: Vec<Key> =
                due.iter().filter(|(key, at)| **at <= now && !running.contains(*key)).map(|(key, _)| *key).collect();
            for key in ready {
                due.remove(&key);
                running.insert(key);
                let (app, permits) = (self.clone(), Arc::clone(&permits));
                cycles.spawn(async move {
                    let _permit = permits.acquire_owned().await;
                    (key, app.run_due(key).await)
                });
            }
            let next = due.iter().filter(|(key, _)| !running.contains(*key)).map(|(_, at)| *at).min();
            let wait = next.map_or(LOOK_THROUGH_EVERY, |at| self.until(at).min(LOOK_THROUGH_EVERY));
            tokio::select! {
                Some(ended) = cycles.join_next(), if !cycles.is_empty() => {
                    let Ok((key, is_done)) = ended else { continue };
                    running.remove(&key);
                    match is_done {
                        true => waiting.add(key.0),
                        false => drop(due.insert(key, self.now() + AGAIN)),
                    }
                }
                woken = timeout(wait, waiting.woken()) => {
                    if woken.is_err() && wait == LOOK_THROUGH_EVERY {
                        self.look_through(waiting, APPS_COUNT).await;
                    }
                }
            }
        }
    }

    /// Runs a cycle if it is still due; whether it could be run.
    async fn run_due(&self, (account, id): Key) -> bool {
        let run = async {
            // Another node may have run it since. What is due at once is so from when it was asked.
            let (due, now) = (self.due_of(account).await?, self.now());
            if due.iter().any(|((_, due), at)| *due == id && *at <= now) {
                self.cycle(account, id, Wish::default()).await?;
            }
            Ok::<_, Failure>(())
        };
        match run.await {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(account.id = %account, app.id = %id, %error, "A provisioning cycle could not be run; it is tried again.");
                // A store that is away answers the next one at once, too.
                sleep(Duration::from_secs(1)).await;
                false
            }
        }
    }

    /// When the apps of an account that run by themselves are due.
    async fn due_of(&self, account: AccountId) -> Result<Vec<(Key, Timestamp)>, Failure> {
        let limit = u64::try_from(APPS_MAX).unwrap_or(u64::MAX);
        let mut started = Vec::new();
        for record in self.store().all(account, &EnterpriseApp::kind(), None, limit).await? {
            let app: Registered<EnterpriseApp> = Registered::read(account, record)?;
            started.extend((app.value.started && app.value.secret_token.is_some()).then(|| app.id()));
        }
        let keys: Vec<_> = started.iter().map(|id| (Job::kind(), *id)).collect();
        let mut due = Vec::new();
        for (id, record) in started.into_iter().zip(self.store().load(account, &keys).await?) {
            let job = record.map(|record| Registered::<Job>::read(account, record)).transpose()?;
            let at = job.and_then(|job| job.value.due(self.now()));
            due.extend(at.map(|at| ((account, id), at)));
        }
        Ok(due)
    }
}
