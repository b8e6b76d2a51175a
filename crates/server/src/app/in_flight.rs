//! How many requests of one account are answered at once: one account does not take all of the server's time and memory.
//!
//! Counted in this process, and only requests with an API key; how often a key may ask is [`rate`](super::rate)'s business.

use crate::failed::RetryAfter;
use provost_change::AccountId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Requests of one account at a time. Far more than an identity provider opens connections, and a sixteenth of what the listener takes.
pub(super) const AT_ONCE_MAX: usize = 256;

/// Most requests take milliseconds.
const WAIT_US: i64 = 1_000_000;

/// Requests that are under way, by account; an account without any is not there.
#[derive(Debug, Default)]
pub(super) struct InFlight(Arc<Mutex<HashMap<AccountId, usize>>>);

/// A request that is under way, until this is dropped.
#[derive(Debug)]
pub struct Place {
    all: Arc<Mutex<HashMap<AccountId, usize>>>,
    account: AccountId,
}

impl InFlight {
    /// A place for a request of an account.
    ///
    /// # Errors
    /// How long to wait, where [`AT_ONCE_MAX`] are under way.
    pub fn enter(&self, account: AccountId) -> Result<Place, RetryAfter> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let under_way = all.entry(account).or_insert(0);
        if *under_way >= AT_ONCE_MAX {
            return Err(RetryAfter::from_us(WAIT_US));
        }
        *under_way += 1;
        Ok(Place { all: Arc::clone(&self.0), account })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        match all.get_mut(&self.account) {
            Some(under_way) if *under_way > 1 => *under_way -= 1,
            Some(_) | None => drop(all.remove(&self.account)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const ONE: AccountId = AccountId::new(Uuid::from_u128(1));
    const OTHER: AccountId = AccountId::new(Uuid::from_u128(2));

    #[test]
    fn so_many_requests_of_an_account_are_under_way_and_the_next_one_waits() {
        let requests = InFlight::default();
        let mut places: Vec<Place> = (0..AT_ONCE_MAX).map(|_| requests.enter(ONE).unwrap()).collect();
        assert_eq!(requests.enter(ONE).unwrap_err().seconds(), 1);
        assert!(requests.enter(OTHER).is_ok(), "another account has its own");
        drop(places.pop());
        assert!(requests.enter(ONE).is_ok());
    }

    #[test]
    fn who_asks_nothing_takes_no_memory() {
        let requests = InFlight::default();
        let places: Vec<Place> = [ONE, ONE, OTHER].map(|account| requests.enter(account).unwrap()).into();
        assert_eq!(requests.0.lock().unwrap().len(), 2);
        drop(places);
        assert!(requests.0.lock().unwrap().is_empty());
    }
}
