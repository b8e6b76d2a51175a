//! What happens without a request: storing key uses, removing audit entries that are past their retention.

use super::{About, App, Failure, Target, lease::Work};
use crate::{each_account::EachAccount, search};
use jiff::SignedDuration;
use provost_accounts::{
    Actor, Call, Configuration, Refused, User, approvals,
    audit::{self, Entry},
    users::{bin, brake},
};
use provost_change::{AccountId, ChangeSet, Kind, ResourceId, older_than};
use provost_engine::{ACTIONS_KEPT, Action, registry};
use provost_store::StoreError;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

/// How often key uses are stored.
const KEY_USES_EVERY: Duration = Duration::from_secs(5);
/// How often all accounts are looked at for alerts.
const ALERTS_EVERY: Duration = Duration::from_secs(600);
/// How often retention is applied.
const RETENTION_EVERY: Duration = Duration::from_secs(3600);
/// For how long no other node applies it to the same account.
const RETENTION_LEASE: SignedDuration = SignedDuration::from_mins(55);
/// Users in the bin that are read at once.
const PURGED_AT_ONCE: u64 = 200;
/// Approval requests that are read at once.
const APPROVALS_AT_ONCE: u64 = 200;
/// Actions of the provisioning log that are removed at once.
const ACTIONS_AT_ONCE: u64 = 200;

impl App {
    /// Runs until `stop` resolves; then stores what is still noted.
    pub async fn upkeep(&self, stop: impl Future<Output = ()>) {
        let mut uses = tokio::time::interval(KEY_USES_EVERY);
        let mut alerts = tokio::time::interval(ALERTS_EVERY);
        let mut retention = tokio::time::interval(RETENTION_EVERY);
        tokio::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                _ = uses.tick() => {
                    self.store_key_uses().await;
                    self.store_requests().await;
                    self.settle_alerts().await;
                }
                _ = alerts.tick() => self.settle_all_alerts().await,
                _ = retention.tick() => {
                    if let Err(error) = self.apply_retention().await {
                        tracing::warn!(%error, "Retention could not be applied; the next hour tries again.");
                    }
                }
            }
        }
        self.store_key_uses().await;
        self.store_requests().await;
    }

    async fn apply_retention(&self) -> Result<(), Failure> {
        let mut accounts = EachAccount::of(self.store());
        while let Some(account) = accounts.next().await? {
            match self.retain(account).await {
                // It is moved, and done where it is moved to.
                Err(Failure::Store(StoreError::Frozen(_))) => {}
                retained => retained?,
            }
        }
        Ok(())
    }

    async fn retain(&self, account: AccountId) -> Result<(), Failure> {
        if !self.may_do(account, Work::Retention, RETENTION_LEASE).await? {
            return Ok(());
        }
        let config = match self.configuration(account).await {
            // Its import is not complete.
            Err(Failure::NoAccount) => return Ok(()),
            config => config?,
        };
        let now = self.now();
        let counts = self.store().head(account).await?.map(|head| head.counts).unwrap_or_default();
        if let Some(change) = brake::slide(&counts, now) {
            self.let_go(account, change).await?;
        }
        self.pass_approvals(account).await?;
        self.empty_bin(account).await?;
        self.sweep_sessions(account).await?;
        self.forget_actions(account).await?;
        self.forget_requests(account).await?;
        let Some(days) = config.policy.audit.retention_days else { return Ok(()) };
        let before =
            now.saturating_sub(SignedDuration::from_hours(24 * i64::from(days))).unwrap_or(jiff::Timestamp::MIN);
        let removed = self.store().prune_log(account, before).await?;
        if removed == 0 {
            return Ok(());
        }
        let call = self.own_call("retention");
        let entry = Entry::done("audit.retention").changed("removed entries", Value::Null, json!(removed));
        let change = ChangeSet { log: vec![audit::entry(&call, entry)], ..ChangeSet::default() };
        Ok(self.commit(account, change).await?)
    }

    /// Removes the users for good who were deleted long enough ago: one change each, with its own entry in the audit log.
    async fn empty_bin(&self, account: AccountId) -> Result<(), Failure> {
        loop {
            let config = self.configuration(account).await?;
            let search = search::deleted_first(&config, PURGED_AT_ONCE)?;
            let records = self.store().search(account, &search).await?.records;
            let found = records.len() as u64;
            for record in records {
                let user = User::read(account, record)?;
                if bin::purge_at(&config, &user).is_none_or(|at| at > self.now()) {
                    return Ok(());
                }
                self.purge(account, user.id()).await?;
            }
            if found < PURGED_AT_ONCE {
                return Ok(());
            }
        }
    }

    /// Ends the approval requests whose time is over, and removes those that were settled long ago.
    async fn pass_approvals(&self, account: AccountId) -> Result<(), Failure> {
        let mut after = None;
        loop {
            let records = self.store().all(account, &approvals::kind(), after, APPROVALS_AT_ONCE).await?;
            let Some(last) = records.last() else { return Ok(()) };
            after = Some(last.id);
            for record in records {
                let request = approvals::read(account, &record)?;
                let passed = approvals::pass(&self.own_call("approvals"), &record, &request);
                match passed {
                    None => {}
                    Some(change) => match self.commit(account, change).await {
                        // Somebody decided it meanwhile.
                        Ok(()) | Err(StoreError::VersionChanged) => {}
                        Err(other) => return Err(other.into()),
                    },
                }
            }
        }
    }

    /// Removes what the provisioning log says of actions that are past their retention, oldest first.
    async fn forget_actions(&self, account: AccountId) -> Result<(), Failure> {
        let Ok(before) = self.now().checked_sub(ACTIONS_KEPT) else { return Ok(()) };
        loop {
            let old = self.store().all(account, &Action::kind(), Some(older_than(before)), ACTIONS_AT_ONCE).await?;
            if old.is_empty() {
                return Ok(());
            }
            self.commit(account, registry::removed(account, &old)?).await?;
        }
    }

    async fn purge(&self, account: AccountId, id: ResourceId) -> Result<(), Failure> {
        let about = About { action: "user.delete", target: Some(Target::Record(Kind::USER, id)) };
        let decide = |config: Arc<Configuration>, call| async move {
            let found = self.store().load(account, &[(Kind::DELETED_USER, id)]).await?.into_iter().flatten().next();
            let user = User::read(account, found.ok_or_else(|| Refused::not_found("user"))?)?;
            Ok(bin::purge(&config, &call, &user)?)
        };
        match self.write_as(account, self.own_call("retention"), about, false, decide).await {
            // Somebody restored or removed it meanwhile.
            Err(Failure::Refused(refused)) if matches!(refused.error.status, 404 | 409) => Ok(()),
            purged => purged,
        }
    }

    /// A call that no request made. `work` stands for the request id.
    pub(super) fn own_call(&self, work: &str) -> Call {
        Call {
            actor: Actor::System,
            now: self.now(),
            request_id: work.to_owned(),
            client_ip: String::new(),
            user_agent: None,
            new_id: self.new_id(),
            salt: self.random(),
            secret: self.random(),
            mail_links: self.mail_links(),
            is_braked: false,
        }
    }
}
