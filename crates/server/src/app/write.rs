//! Load, decide, commit; and again when somebody else was quicker.

use super::{App, Caller, Failure, Principal};
use crate::{metrics::CommitOutcome, search};
use provost_accounts::{
    Call, Configuration, Decided, Refused, assignments, audit, mail, policy::BrakeAnswer, role::NAME_MAX, users,
    users::brake,
};
use provost_change::{AccountId, ChangeSet, Kind, ResourceId};
use provost_engine::{
    EnterpriseApp, Job,
    registry::{self, Removal},
};
use provost_store::{Search, StoreError};
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};
use tokio::sync::{RwLock, RwLockReadGuard};

/// What a write is about, for the audit log should it fail.
#[derive(Clone, Debug)]
pub struct About {
    /// `user.update`, …
    pub action: &'static str,
    /// What it was aimed at, when the request names it.
    pub target: Option<Target>,
}

/// What a write is aimed at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A record.
    Record(Kind, ResourceId),
    /// A record that is to be made, by its name.
    New(Kind, String),
}

impl About {
    /// The same, once the request has said the name of what it wants to make. A long name is cut.
    #[must_use]
    pub fn making(self, kind: Kind, name: &str) -> Self {
        let name = name.chars().take(NAME_MAX).collect();
        Self { target: Some(Target::New(kind, name)), ..self }
    }
}

/// Decisions that a write makes at most; each needs somebody else to have committed in between.
const ATTEMPTS_MAX: usize = 100;
/// Assignments of one user or group that end with it, at most: far more than anybody has.
const ASSIGNMENTS_MAX: u64 = 10_000;

impl App {
    /// Decides under the account's configuration in force and commits; decides anew when the configuration or a record changed
    /// meanwhile. A refusal is recorded in the audit log, so that every write leaves exactly one entry there.
    ///
    /// # Errors
    /// Whatever the decision or the store refuses.
    pub async fn write<T, Fut>(
        &self,
        account: AccountId,
        caller: &Caller,
        about: About,
        decide: impl Fn(Arc<Configuration>, Call) -> Fut + Send,
    ) -> Result<T, Failure>
    where
        Fut: Future<Output = Result<Decided<T>, Failure>> + Send,
        T: Send,
    {
        self.write_as(account, caller.call(self), about, false, decide).await
    }

    /// The same for a call that was made already. `holds_configuration` says that the caller has [`App::keep_configuration`]:
    /// what it changes in the configuration itself it need not wait for.
    ///
    /// # Errors
    /// Those of [`App::write`].
    pub async fn write_as<T, Fut>(
        &self,
        account: AccountId,
        call: Call,
        about: About,
        holds_configuration: bool,
        decide: impl Fn(Arc<Configuration>, Call) -> Fut + Send,
    ) -> Result<T, Failure>
    where
        Fut: Future<Output = Result<Decided<T>, Failure>> + Send,
        T: Send,
    {
        let result = {
            // Members of a group come and go without disturbing each other.
            let _lane = match &about.target {
                Some(Target::Record(kind, id)) if *kind != Kind::GROUP => {
                    Some(self.lane(account, kind, *id).lock().await)
                }
                Some(Target::Record(..) | Target::New(..)) | None => None,
            };
            self.attempts(account, &call, holds_configuration, decide).await
        };
        if let Err(failure) = &result {
            self.record_failure(account, &call, about.action, about.target, failure).await;
        }
        result
    }

    /// Does what comes before a decision, such as reading the body; should it fail, that is the write's entry in the audit log.
    ///
    /// # Errors
    /// Whatever `work` answers with.
    pub async fn or_recorded<T>(
        &self,
        account: AccountId,
        caller: &Caller,
        about: &About,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let result = work.await;
        if let Err(failure) = &result {
            self.record_failure(account, &caller.call(self), about.action, about.target.clone(), failure).await;
        }
        result
    }

    async fn attempts<T, Fut>(
        &self,
        account: AccountId,
        call: &Call,
        holds_configuration: bool,
        decide: impl Fn(Arc<Configuration>, Call) -> Fut + Send,
    ) -> Result<T, Failure>
    where
        Fut: Future<Output = Result<Decided<T>, Failure>> + Send,
        T: Send,
    {
        let mut call = call.clone();
        for _ in 0..ATTEMPTS_MAX {
            let config = self.configuration(account).await?;
            let mut decided = decide(Arc::clone(&config), call.clone()).await?;
            self.end_assignments(account, &call, &mut decided.change).await?;
            self.end_access(account, &mut decided.change).await?;
            // A request of many parts is judged by one configuration: whoever changes that waits for its end.
            let _changing = match decided.change.changes_config && !holds_configuration {
                true => Some(self.gate(account).write().await),
                false => None,
            };
            let erased = users::erased_by(&config, &decided.change);
            match self.commit(account, decided.change).await {
                Ok(()) => {
                    self.erase(account, &erased).await;
                    return Ok(decided.outcome);
                }
                Err(StoreError::VersionChanged | StoreError::ConfigChanged) => {}
                Err(StoreError::Uniqueness { space, .. }) => return Err(super::failure::taken(&space).into()),
                Err(StoreError::Bound { count }) => {
                    let mut retry_after = None;
                    if brake::is_count(&count) {
                        let head = self.store().head(account).await?.ok_or(Failure::NoAccount)?;
                        if let Some(change) = brake::slide(&head.counts, self.now()) {
                            self.let_go(account, change).await?;
                            continue;
                        }
                        retry_after = brake::wait(&count, &head.counts, self.now());
                        self.0.metrics.brake_refusal();
                        self.look_at_alerts(account);
                        if !call.is_braked && config.policy.brake.answer == BrakeAnswer::Accept {
                            call.is_braked = true;
                            continue;
                        }
                    }
                    let refused = registry::full(&count).unwrap_or_else(|| users::bound_refusal(&config, &count));
                    return Err(Refused { retry_after, ..refused }.into());
                }
                Err(other) => return Err(other.into()),
            }
        }
        Err(Failure::Busy)
    }

    /// Commits what slides the brakes; somebody else may have been quicker.
    pub(super) async fn let_go(&self, account: AccountId, change: ChangeSet) -> Result<(), Failure> {
        match self.commit(account, change).await {
            Ok(()) | Err(StoreError::Bound { .. }) => Ok(()),
            Err(other) => Err(other.into()),
        }
    }

    /// Who goes leaves the apps behind in the same change set, whatever made them go.
    async fn end_assignments(&self, account: AccountId, call: &Call, change: &mut ChangeSet) -> Result<(), StoreError> {
        for (kind, principal) in assignments::ended_by(change) {
            let under = search::under(assignments::kind(), assignments::of(principal));
            let search = Search { limit: ASSIGNMENTS_MAX, ..under };
            let found = self.store().search(account, &search).await?.records;
            assignments::end(call, change, (&kind, principal), &found);
        }
        Ok(())
    }

    /// Empties what the audit log keeps of people who are gone. They are gone either way: a failure is for the server's log.
    async fn erase(&self, account: AccountId, people: &[ResourceId]) {
        for person in people {
            if let Err(error) = self.store().erase_personal(account, *person).await {
                tracing::error!(account.id = %account, %error, "The personal parts of audit entries were not erased.");
            }
        }
    }

    /// Commits a change set and counts how it ended.
    pub(crate) async fn commit(&self, account: AccountId, change: ChangeSet) -> Result<(), StoreError> {
        let (brings_mail, logs) = (mail::is_queued_by(&change), !change.log.is_empty());
        let declares = change.puts.iter().any(|put| put.record.kind == Kind::INDEX);
        let is_scheduled = |kind: &Kind| *kind == EnterpriseApp::kind() || *kind == Job::kind();
        let schedules = change.puts.iter().any(|put| is_scheduled(&put.record.kind));
        let removes_app = change.puts.iter().any(|put| put.record.kind == Removal::kind());
        let names = change.puts.iter().any(|put| put.record.kind == Kind::ACCOUNT);
        let result = self.store().commit(account, change).await;
        if names && result.is_ok() {
            self.0.account_names.forget();
        }
        if logs && result.is_ok() {
            self.0.streams.wake(account);
        }
        if brings_mail && result.is_ok() {
            self.0.outbox.wake(account);
        }
        if declares && result.is_ok() {
            self.0.builder.wake(account);
        }
        if schedules && result.is_ok() {
            self.0.schedule.0.wake(account);
        }
        if removes_app && result.is_ok() {
            self.0.removals.wake(account);
        }
        self.0.metrics.store_commit(match &result {
            Ok(_) => CommitOutcome::Committed,
            Err(StoreError::VersionChanged | StoreError::ConfigChanged) => CommitOutcome::VersionChanged,
            Err(StoreError::Unavailable(_) | StoreError::Corrupt(_)) => CommitOutcome::Unavailable,
            Err(
                StoreError::NoAccount
                | StoreError::AccountExists
                | StoreError::Frozen(_)
                | StoreError::Uniqueness { .. }
                | StoreError::Bound { .. }
                | StoreError::TooMany,
            ) => CommitOutcome::Refused,
        });
        result.map(drop)
    }

    /// Records in the account's audit log that something was refused. Should that fail too, the server's log has it.
    pub(crate) async fn record_failure(
        &self,
        account: AccountId,
        call: &Call,
        action: &'static str,
        target: Option<Target>,
        failure: &Failure,
    ) {
        let refused = match failure {
            Failure::Refused(refused) => refused.clone(),
            // Nothing can be written to it, an entry neither.
            Failure::Store(StoreError::Frozen(_)) => return,
            other => Refused::from(other.scim()),
        };
        let target = match target {
            Some(Target::Record(kind, id)) if kind == Kind::USER => {
                Some((kind, Some(id), self.user_name(account, id).await))
            }
            Some(Target::Record(kind, id)) => Some((kind, Some(id), String::new())),
            Some(Target::New(kind, name)) => Some((kind, None, name)),
            None => None,
        };
        let target = target.as_ref().map(|(kind, id, name)| (kind, *id, name.as_str()));
        let change = audit::refusal(call, action, target, &refused);
        if let Err(error) = self.commit(account, change).await {
            tracing::error!(account.id = %account, action, %error, "A refusal was not recorded in the audit log.");
        }
    }

    /// A credential that is good, but not for what it was used for, leaves a trace in the audit log of its account.
    pub(crate) async fn record_misuse(&self, caller: &Caller, failure: &Failure) {
        let (config, action) = match &caller.principal {
            Principal::App { config, .. } => (config, "admin_app.use"),
            Principal::Person { config, .. } => (config, "session.use"),
            Principal::Operator | Principal::Link => return,
        };
        if failure.scim().status == 403 {
            self.record_failure(config.id, &caller.call(self), action, None, failure).await;
        }
    }

    pub(super) async fn user_name(&self, account: AccountId, id: ResourceId) -> String {
        let found = self.store().load(account, &[(Kind::USER, id)]).await.ok();
        let record = found.and_then(|records| records.into_iter().flatten().next());
        let user = record.and_then(|record| users::User::read(account, record).ok());
        user.map_or_else(String::new, |user| user.user_name().to_owned())
    }

    /// Keeps the account's configuration from being changed by this process as long as the answer lives.
    pub async fn keep_configuration(&self, account: AccountId) -> RwLockReadGuard<'_, ()> {
        self.gate(account).read().await
    }

    fn gate(&self, account: AccountId) -> &RwLock<()> {
        let mut hasher = DefaultHasher::new();
        account.hash(&mut hasher);
        let gate = usize::try_from(hasher.finish() % self.0.gates.len() as u64).unwrap_or(0);
        &self.0.gates[gate]
    }

    fn lane(&self, account: AccountId, kind: &Kind, id: ResourceId) -> &tokio::sync::Mutex<()> {
        let mut hasher = DefaultHasher::new();
        (account, kind, id).hash(&mut hasher);
        let lane = usize::try_from(hasher.finish() % self.0.lanes.len() as u64).unwrap_or(0);
        &self.0.lanes[lane]
    }
}
