//! Configurations, kept until they change.

use super::{App, Failure};
use provost_accounts::{Account, Configuration, stream};
use provost_change::{AccountId, Kind, Record, ResourceId};
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

/// Configurations by account. Each use compares the version with the account's head row, so that what is used is what is in
/// force, on every node.
#[derive(Default)]
pub(super) struct Configurations(RwLock<HashMap<AccountId, Arc<Configuration>>>);

/// Accounts whose configuration is kept; beyond it all are forgotten and read again as they are used.
const KEPT_MAX: usize = 10_000;

/// Most records of one kind that make a configuration: above what roles and admin apps are limited to.
const RECORDS_MAX: u64 = 10_000;

impl App {
    /// The account's configuration in force.
    ///
    /// # Errors
    /// [`Failure::NoAccount`]; a store that cannot be read.
    pub async fn configuration(&self, account: AccountId) -> Result<Arc<Configuration>, Failure> {
        let head = self.store().head(account).await?.ok_or(Failure::NoAccount)?;
        let kept = self.0.configurations.0.read().unwrap_or_else(PoisonError::into_inner).get(&account).cloned();
        if let Some(kept) = kept.filter(|kept| kept.version == head.config) {
            return Ok(kept);
        }
        let (read, has_stream) = self.read_configuration(account, head.config).await?;
        let read = Arc::new(read);
        self.stream_was_set(account, has_stream);
        let mut all = self.0.configurations.0.write().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= KEPT_MAX {
            all.clear();
        }
        all.insert(account, Arc::clone(&read));
        Ok(read)
    }

    /// Reads it, and whether the account's log is sent somewhere. Records may be newer than `version` when somebody changes them
    /// meanwhile; then the commit of what is decided on them is refused and the next use reads again.
    async fn read_configuration(&self, account: AccountId, version: u64) -> Result<(Configuration, bool), Failure> {
        let id = ResourceId::new(account.uuid());
        let found = self.store().load(account, &[(Kind::ACCOUNT, id), (stream::kind(), id)]).await?;
        let [Some(own), stream] = <[_; 2]>::try_from(found).unwrap_or_default() else {
            return Err(Failure::NoAccount);
        };
        let mut records: Vec<Record> = vec![own];
        let own = &records[0];
        let own: Account = serde_json::from_str(&own.doc).map_err(|error| Failure::Damaged(error.to_string()))?;
        let keys = [(Kind::POLICY, own.policy)];
        records.extend(self.store().load(account, &keys).await?.into_iter().flatten());
        for kind in Configuration::KINDS {
            records.extend(self.store().all(account, &kind, None, RECORDS_MAX).await?);
        }
        Ok((Configuration::read(account, version, &records)?, stream.is_some()))
    }
}
