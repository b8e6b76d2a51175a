//! Looks whether alerts are due, beside the requests: raises and clears them as the account stands.

use super::{App, Caller, Failure, Principal};
use crate::each_account::EachAccount;
use jiff::{SignedDuration, Timestamp};
use provost_accounts::{
    Configuration,
    alerts::{self, Alert, Facts, Settled},
};
use provost_change::{AccountId, Record, ResourceId};
use provost_store::{LogQuery, StoreError};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Mutex, PoisonError},
};

/// How long what the audit log says of failures and leavers is not read again.
const LOG_EVERY: SignedDuration = SignedDuration::from_secs(15);
/// Entries of the log that are looked at, the newest of an hour.
const ENTRIES_MAX: u64 = 1_000;
/// Alerts of one account that are read: more than its admin apps can raise.
const ALERTS_MAX: u64 = 1_000;

/// Which accounts to look at, and when the log of each was read.
#[derive(Default)]
pub(super) struct Alerts {
    waiting: Mutex<BTreeSet<AccountId>>,
    read: Mutex<HashMap<AccountId, Timestamp>>,
}

impl App {
    /// Has an account looked at soon: something happened in it.
    pub(crate) fn look_at_alerts(&self, account: AccountId) {
        self.0.alerts.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(account);
    }

    /// Looks at the accounts in which something happened.
    pub(super) async fn settle_alerts(&self) {
        let waiting = std::mem::take(&mut *self.0.alerts.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        for account in waiting {
            self.settle_or_warn(account).await;
        }
    }

    /// Looks at all accounts: what is due may be that nothing happened.
    pub(super) async fn settle_all_alerts(&self) {
        let mut accounts = EachAccount::of(self.store());
        loop {
            match accounts.next().await {
                Ok(Some(account)) => self.settle_or_warn(account).await,
                Ok(None) => return,
                Err(error) => return tracing::warn!(%error, "The accounts could not be looked through for alerts."),
            }
        }
    }

    async fn settle_or_warn(&self, account: AccountId) {
        match self.settle_alerts_of(account).await {
            // Somebody else looked at the same time, its import is not complete, or it takes no changes.
            Ok(()) | Err(Failure::NoAccount | Failure::Store(StoreError::VersionChanged | StoreError::Frozen(_))) => {}
            Err(error) => tracing::warn!(account.id = %account, %error, "Alerts could not be looked after."),
        }
    }

    async fn settle_alerts_of(&self, account: AccountId) -> Result<(), Failure> {
        let config = self.configuration(account).await?;
        let head = self.store().head(account).await?.ok_or(Failure::NoAccount)?;
        let raised = match head.count(alerts::COUNT) {
            0 => Vec::new(),
            _ => self.raised(account).await?,
        };
        let now = self.now();
        let contacts = self.contacts(&config).await?;
        let tallies = self.tallies(&config, now).await?;
        let facts = Facts { now, counts: &head.counts, contacts: &contacts, tallies: tallies.as_ref() };
        let Some(decided) = alerts::settle(&config, &self.own_call("alerts"), &facts, &raised) else { return Ok(()) };
        self.commit(account, decided.change).await?;
        let Settled { raised, cleared } = decided.outcome;
        for cause in raised {
            tracing::warn!(account.id = %account, cause, "An alert was raised.");
            self.0.metrics.alert(cause, true);
        }
        for cause in cleared {
            tracing::info!(account.id = %account, cause, "An alert was cleared.");
            self.0.metrics.alert(cause, false);
        }
        Ok(())
    }

    async fn raised(&self, account: AccountId) -> Result<Vec<(Record, Alert)>, Failure> {
        let records = self.store().all(account, &alerts::kind(), None, ALERTS_MAX).await?;
        let read = |record: Record| Ok((record.clone(), alerts::read(account, &record)?));
        records.into_iter().map(read).collect()
    }

    /// When each admin app asked last, where the policy wants to hear of silence.
    async fn contacts(&self, config: &Configuration) -> Result<BTreeMap<ResourceId, Timestamp>, Failure> {
        let mut contacts = BTreeMap::new();
        if config.policy.alerts.no_contact_hours.is_some() {
            for (app, _) in &config.apps {
                let last = self.last_use(config.id, app.id).await?;
                contacts.extend(last.map(|used| (app.id, used.at)));
            }
        }
        Ok(contacts)
    }

    /// What admin apps wrote lately, where the policy wants to hear of it and nobody has looked a moment ago.
    async fn tallies(
        &self,
        config: &Configuration,
        now: Timestamp,
    ) -> Result<Option<BTreeMap<ResourceId, alerts::Tally>>, Failure> {
        let policy = &config.policy.alerts;
        let wanted = policy.failure_percent.is_some() || policy.leavers_per_hour.is_some();
        if wanted {
            let mut read = self.0.alerts.read.lock().unwrap_or_else(PoisonError::into_inner);
            let is_due = |at: &Timestamp| now.duration_since(*at) >= LOG_EVERY || now < *at;
            if !read.get(&config.id).is_none_or(is_due) {
                // Looked at again, so that what happened since is not forgotten.
                drop(read);
                self.look_at_alerts(config.id);
                return Ok(None);
            }
            read.retain(|_, at| now.duration_since(*at) < LOG_EVERY);
            read.insert(config.id, now);
        } else {
            // What was raised under an earlier policy is over.
            return Ok(Some(BTreeMap::new()));
        }
        let query = LogQuery { after: None, before: None, subject: None, newest_first: true, limit: ENTRIES_MAX };
        let entries = self.store().log(config.id, &query).await?;
        Ok(Some(alerts::tally(&entries, now)))
    }

    /// Whether the key is that of an admin app that is bait: then its use is recorded and alerted to, and whoever calls is to be told that
    /// there is no such key.
    pub(super) async fn is_honey(&self, caller: &Caller) -> bool {
        let Principal::App { config, app, .. } = &caller.principal else { return false };
        if !app.honey {
            return false;
        }
        let call = caller.call(self);
        let committed = match self.commit(config.id, alerts::honey(config, &call, app)).await {
            Err(StoreError::VersionChanged) => self.commit(config.id, alerts::honey_used(&call, app)).await,
            first => {
                if first.is_ok() {
                    self.0.metrics.alert("honey", true);
                }
                first
            }
        };
        tracing::warn!(account.id = %config.id, app.id = %app.id, "A key that is bait was used.");
        if let Err(error) = committed {
            tracing::error!(account.id = %config.id, %error, "The use of a key that is bait was not recorded.");
        }
        true
    }
}
