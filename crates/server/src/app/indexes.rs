//! Builds the indexes that accounts declare, and takes down those that they take back, beside everything else.
//!
//! One node does the work of an account at a time. Should two do it all the same, nothing is wrong: entering what is entered is no
//! change, and each step expects the configuration that wants it.

use super::{
    App, Failure,
    lease::Work,
    waiting::{Left, Steps},
};
use provost_accounts::{
    Configuration,
    indexes::{self, DeclaredIndex, Progress, State},
};
use provost_change::{AccountId, Record};
use provost_store::{Entries, Indexed, Indexing, StoreError, Unindexing};
use std::sync::Arc;

/// Records that are entered in one step: other commits of the account wait for so many.
const RECORDS_AT_ONCE: u64 = 200;
/// Entries that are removed in one step.
const ENTRIES_AT_ONCE: u64 = 1_000;
/// Steps after which it is noted how far an index is: what a process that dies has done since is done again.
const STEPS_TO_NOTE: u64 = 10;

impl App {
    /// Works until `stop` resolves; what is left then is gone on with at the next start.
    pub async fn build_indexes(&self, stop: impl Future<Output = ()>) {
        let steps = Steps { work: Work::Index, waiting: &self.0.builder, count: indexes::COUNT };
        self.keep_at(steps, stop, |account| self.finish_some(account)).await;
    }

    /// Some steps of an account.
    async fn finish_some(&self, account: AccountId) -> Result<Left, Failure> {
        let config = self.configuration(account).await?;
        let Some(index) = config.unfinished_index() else { return Ok(Left::Nothing) };
        self.go_on(&config, index).await?;
        Ok(Left::More)
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
