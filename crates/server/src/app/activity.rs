//! Tallies of what happened in accounts: kept in memory for those that are asked about, and brought up to date by reading what the log
//! has gained since. Nothing is kept on the way of a write.

use super::App;
use jiff::{SignedDuration, Timestamp};
use provost_accounts::activity::{Event, Tally};
use provost_change::AccountId;
use provost_store::{LogQuery, StoreError};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::Mutex as Turn;

/// Entries that are read at once.
const CHUNK: u64 = 500;
/// Entries that one request looks at, the newest: what is older, where more has come since the last, is not counted.
const EXAMINED_MAX: usize = 10_000;
/// How far back is counted: the longest period that can be asked for begins less than 31 days ago.
const HORIZON: SignedDuration = SignedDuration::from_hours(31 * 24);
/// Accounts whose tallies are kept, the ones asked about last: at most 4 MB each, where much happens.
const ACCOUNTS_MAX: usize = 64;

/// The tallies that are kept.
#[derive(Debug, Default)]
pub(super) struct Activities(Mutex<HashMap<AccountId, Kept>>);

#[derive(Debug)]
struct Kept {
    tally: Arc<Turn<Option<Tally>>>,
    asked: Timestamp,
}

impl Activities {
    fn of(&self, account: AccountId, now: Timestamp) -> Arc<Turn<Option<Tally>>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= ACCOUNTS_MAX && !all.contains_key(&account) {
            let oldest = all.iter().min_by_key(|(_, kept)| kept.asked).map(|(account, _)| *account);
            oldest.and_then(|oldest| all.remove(&oldest));
        }
        let kept = all.entry(account).or_insert_with(|| Kept { tally: Arc::default(), asked: now });
        kept.asked = now;
        Arc::clone(&kept.tally)
    }
}

impl App {
    /// What `tell` makes of the tally of an account, up to the newest entry of its log.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub(crate) async fn activity<T>(
        &self,
        account: AccountId,
        tell: impl FnOnce(&Tally) -> T,
    ) -> Result<T, StoreError> {
        let now = self.now();
        let kept = self.0.activities.of(account, now);
        let mut kept = kept.lock().await;
        let tally = self.caught_up(account, kept.take(), now).await?;
        let told = tell(&tally);
        *kept = Some(tally);
        Ok(told)
    }

    /// The tally with what has come since; a new one where that is more than is looked at.
    async fn caught_up(&self, account: AccountId, known: Option<Tally>, now: Timestamp) -> Result<Tally, StoreError> {
        let horizon = now.checked_sub(HORIZON).unwrap_or(Timestamp::UNIX_EPOCH);
        let after = known.as_ref().map(Tally::seq);
        let mut walk = LogQuery { after, before: None, subject: None, newest_first: true, limit: CHUNK };
        let mut events = Vec::new();
        // From when on everything is among the events; `None` while something older may be missing.
        let mut from = None;
        while from.is_none() {
            let entries = self.store().log(account, &walk).await?;
            events.extend(entries.iter().take_while(|entry| entry.at >= horizon).filter_map(Event::of));
            let oldest = entries.last();
            walk.before = oldest.map(|entry| entry.seq);
            from = match oldest {
                Some(oldest) if oldest.at < horizon => Some(horizon),
                Some(oldest) if events.len() >= EXAMINED_MAX => Some(oldest.at),
                Some(_) if entries.len() as u64 == CHUNK => None,
                Some(_) | None => Some(Timestamp::MIN),
            };
        }
        let begins = from.unwrap_or(Timestamp::MIN);
        let mut tally = match known {
            Some(known) if begins == Timestamp::MIN => known,
            Some(_) | None => Tally::new(begins),
        };
        events.iter().rev().for_each(|event| tally.add(event));
        tally.forget_before(horizon);
        Ok(tally)
    }
}
