//! Removes what stood below enterprise apps that were removed: a piece at a time, beside everything else.

use super::{
    App, Failure,
    lease::Work,
    waiting::{Left, Steps},
};
use crate::search;
use provost_change::{AccountId, ResourceId};
use provost_engine::{
    Job,
    registry::{self, Registered, Removal},
};
use provost_store::Search;

/// Records that are removed in one step: other commits of the account wait for so many.
const RECORDS_AT_ONCE: u64 = 200;

impl App {
    /// Works until `stop` resolves; what is left then is gone on with at the next start.
    pub async fn remove_apps(&self, stop: impl Future<Output = ()>) {
        let steps = Steps { work: Work::Removal, waiting: &self.0.removals, count: registry::REMOVALS_COUNT };
        self.keep_at(steps, stop, |account| self.remove_some(account)).await;
    }

    /// One step of an account.
    async fn remove_some(&self, account: AccountId) -> Result<Left, Failure> {
        let seq = self.store().head(account).await?.ok_or(Failure::NoAccount)?.seq;
        let first = self.store().all(account, &Removal::kind(), None, 1).await?.pop();
        let Some(record) = first else { return Ok(Left::Nothing) };
        let removal = Registered::<Removal>::read(account, record)?;
        let change = match self.below(account, removal.id()).await? {
            records if records.is_empty() => removal.end(seq),
            records => registry::removed(account, &records)?,
        };
        self.commit(account, change).await?;
        Ok(Left::More)
    }

    /// Some of what stands below an app.
    async fn below(&self, account: AccountId, app: ResourceId) -> Result<Vec<provost_change::Record>, Failure> {
        for (kind, entry) in registry::below(app) {
            let search = Search { limit: RECORDS_AT_ONCE, ..search::under(kind, entry) };
            let found = self.store().search(account, &search).await?.records;
            if !found.is_empty() {
                return Ok(found);
            }
        }
        let job = self.store().load(account, &[(Job::kind(), app)]).await?;
        Ok(job.into_iter().flatten().collect())
    }
}
