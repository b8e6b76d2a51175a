//! Wrong passwords and codes of one user: whoever guesses slowly, or from many addresses, waits as well.

use jiff::{SignedDuration, Timestamp};
use provost_change::{AccountId, ResourceId};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// So many wrong ones of one user are looked at within [`WINDOW`]; after them none is, until it is over.
pub(super) const FAILURES_MAX: u32 = 10;
/// From the first wrong one on.
const WINDOW: SignedDuration = SignedDuration::from_mins(15);
/// Users remembered: some 5 MB. Beyond it those whose time is over are forgotten, and if there are none, all.
const USERS_MAX: usize = 50_000;

/// Kept by each node for itself: with n nodes there are n times as many attempts, which guesses no code and no password either.
#[derive(Default)]
pub(super) struct Attempts(Mutex<HashMap<(AccountId, ResourceId), (Timestamp, u32)>>);

impl Attempts {
    /// Whether a credential of the user is looked at.
    pub(super) fn may_try(&self, user: (AccountId, ResourceId), now: Timestamp) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&user).is_none_or(|(since, failures)| is_over(*since, now) || *failures < FAILURES_MAX)
    }

    /// Counts a wrong one.
    pub(super) fn failed(&self, user: (AccountId, ResourceId), now: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= USERS_MAX && !known.contains_key(&user) {
            known.retain(|_, (since, _)| !is_over(*since, now));
            if known.len() >= USERS_MAX {
                known.clear();
            }
        }
        let (since, failures) = known.entry(user).or_insert((now, 0));
        if is_over(*since, now) {
            (*since, *failures) = (now, 0);
        }
        *failures += 1;
    }

    /// Forgets the wrong ones after a good one.
    pub(super) fn succeeded(&self, user: (AccountId, ResourceId)) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&user);
    }
}

fn is_over(since: Timestamp, now: Timestamp) -> bool {
    since.saturating_add(WINDOW).is_ok_and(|end| now >= end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn user(number: u128) -> (AccountId, ResourceId) {
        (AccountId::new(Uuid::from_u128(1)), ResourceId::new(Uuid::from_u128(number)))
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn after_ten_wrong_ones_nothing_is_looked_at_for_a_quarter_of_an_hour() {
        let attempts = Attempts::default();
        for n in 0..10 {
            assert!(attempts.may_try(user(1), at(n)), "{n}");
            attempts.failed(user(1), at(n));
        }
        for (second, may) in [(10, false), (899, false), (900, true)] {
            assert_eq!(attempts.may_try(user(1), at(second)), may, "{second}");
        }
        assert!(attempts.may_try(user(2), at(10)), "nobody else waits");
        attempts.failed(user(1), at(900));
        assert!(attempts.may_try(user(1), at(901)), "counted anew");
    }

    #[test]
    fn a_good_one_forgets_the_wrong_ones() {
        let attempts = Attempts::default();
        (0..9).for_each(|n| attempts.failed(user(1), at(n)));
        attempts.succeeded(user(1));
        attempts.failed(user(1), at(10));
        assert!(attempts.may_try(user(1), at(11)));
    }

    #[test]
    fn memory_is_bounded() {
        let attempts = Attempts::default();
        (0..=USERS_MAX as u128).for_each(|n| attempts.failed(user(n), at(0)));
        assert!(attempts.0.lock().unwrap().len() <= USERS_MAX);
    }
}
