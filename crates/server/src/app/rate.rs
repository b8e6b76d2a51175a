//! How often each admin app may ask (S-65; policy field `limits.requests_per_second`).
//!
//! The generic cell rate algorithm (ITU-T I.371, annex A): per admin app one instant, at which everything asked so far would be done
//! at the allowed rate. Counted in this process: each node of several allows the whole rate.

use crate::failed::RetryAfter;
use jiff::Timestamp;
use provost_change::{AccountId, ResourceId};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// A client that was quiet may ask for so much at once, in microseconds' worth of the allowed rate.
const BURST_US: i64 = 2_000_000;

/// Admin apps that are remembered, about 1 MB. One that has not asked for two seconds need not be.
const APPS_MAX: usize = 10_000;

/// When each admin app's requests would be done at the allowed rate, in microseconds since 1970.
#[derive(Debug, Default)]
pub(super) struct Rates(Mutex<HashMap<(AccountId, ResourceId), i64>>);

impl Rates {
    /// Counts a request of an admin app that may ask `per_second` times a second.
    ///
    /// # Errors
    /// How long to wait before the next request is taken; this one is not counted then.
    pub fn take(&self, app: (AccountId, ResourceId), per_second: u32, now: Timestamp) -> Result<(), RetryAfter> {
        let (now, each_us) = (now.as_microsecond(), 1_000_000 / i64::from(per_second.max(1)));
        let mut done = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if done.len() >= APPS_MAX && !done.contains_key(&app) {
            forget(&mut done, now);
        }
        let at = done.entry(app).or_insert(now);
        // Further ahead than it can ever get: the wall clock stepped back.
        if *at < now || *at > now + BURST_US + each_us {
            *at = now;
        }
        let wait_us = *at + each_us - BURST_US - now;
        if wait_us > 0 {
            return Err(RetryAfter::from_us(wait_us));
        }
        *at += each_us;
        Ok(())
    }
}

/// Forgets who has not asked for a while, else who asked least.
fn forget(done: &mut HashMap<(AccountId, ResourceId), i64>, now: i64) {
    done.retain(|_, at| *at > now);
    if done.len() >= APPS_MAX {
        let least = done.iter().min_by_key(|(_, at)| **at).map(|(app, _)| *app);
        least.and_then(|app| done.remove(&app));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn app(number: u128) -> (AccountId, ResourceId) {
        (AccountId::new(Uuid::from_u128(1)), ResourceId::new(Uuid::from_u128(number)))
    }

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(1_800_000_000_000 + ms).unwrap()
    }

    /// Of `count` requests, one every `every_ms`, how many are taken, and how long the last one must wait in seconds.
    fn asked(per_second: u32, count: i64, every_ms: i64) -> (usize, Option<u64>) {
        let rates = Rates::default();
        let answers: Vec<_> = (0..count).map(|n| rates.take(app(1), per_second, at(n * every_ms))).collect();
        let wait = answers.last().and_then(|answer| answer.err()).map(RetryAfter::seconds);
        (answers.iter().filter(|answer| answer.is_ok()).count(), wait)
    }

    #[test]
    fn s_65_the_rate_is_sustained_and_two_seconds_of_it_may_come_at_once() {
        for (name, per_second, count, every_ms, expected) in [
            ("25 a second for ten minutes", 25, 15_000, 40, (15_000, None)),
            ("two seconds' worth at once", 25, 50, 0, (50, None)),
            ("one more than that", 25, 51, 0, (50, Some(1))),
            ("ten times the rate for a second", 25, 250, 4, (74, Some(1))),
            ("one a second, three at once", 1, 3, 0, (2, Some(1))),
            ("one a second, two a second for a minute", 1, 120, 500, (61, Some(1))),
        ] {
            assert_eq!(asked(per_second, count, every_ms), expected, "{name}");
        }
    }

    #[test]
    fn s_65_after_the_wait_a_request_is_taken() {
        let rates = Rates::default();
        while rates.take(app(1), 2, at(0)).is_ok() {}
        let wait = rates.take(app(1), 2, at(0)).unwrap_err().seconds();
        assert_eq!(wait, 1);
        assert!(rates.take(app(1), 2, at(1_000)).is_ok());
        assert!(rates.take(app(2), 2, at(0)).is_ok(), "another admin app has its own");
    }

    #[test]
    fn a_clock_that_steps_back_locks_nobody_out() {
        let rates = Rates::default();
        while rates.take(app(1), 25, at(3_600_000)).is_ok() {}
        assert!(rates.take(app(1), 25, at(0)).is_ok());
    }

    #[test]
    fn memory_is_bounded() {
        let rates = Rates::default();
        for number in 0..=APPS_MAX as u128 {
            assert!(rates.take(app(number), 25, at(0)).is_ok());
        }
        assert_eq!(rates.0.lock().unwrap().len(), APPS_MAX);
        assert!(rates.take(app(77_777), 25, at(10_000)).is_ok());
        assert_eq!(rates.0.lock().unwrap().len(), 1);
    }
}
