//! When requests are due.

use std::time::Duration;

const NANOSECONDS: u128 = 1_000_000_000;

/// Requests at equal distances, `rate` a second, from the beginning to `end`. Every time counts from the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    rate: u32,
    end: Duration,
}

impl Schedule {
    /// A schedule of `rate` requests a second, at least one.
    pub fn new(rate: u32, end: Duration) -> Self {
        Self { rate: rate.max(1), end }
    }

    /// When request `number` (from 0) is due.
    pub fn intended(&self, number: u64) -> Duration {
        let nanoseconds = u128::from(number) * NANOSECONDS / u128::from(self.rate);
        Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
    }

    /// Requests that were due when `elapsed` had passed.
    pub fn due(&self, elapsed: Duration) -> u64 {
        let last = self.end.saturating_sub(Duration::from_nanos(1));
        if self.end.is_zero() {
            return 0;
        }
        let passed = elapsed.min(last).as_nanos() + 1;
        u64::try_from((passed * u128::from(self.rate)).div_ceil(NANOSECONDS)).unwrap_or(u64::MAX)
    }

    /// All requests.
    pub fn total(&self) -> u64 {
        self.due(self.end)
    }

    /// When the last is due at the latest.
    pub fn end(&self) -> Duration {
        self.end
    }
}

#[cfg(test)]
mod tests {
    use super::Schedule;
    use proptest::prelude::*;
    use std::time::Duration;

    #[test]
    fn requests_come_at_equal_distances_and_none_at_the_end() {
        let schedule = Schedule::new(4, Duration::from_secs(1));
        let times: Vec<u128> = (0..4).map(|number| schedule.intended(number).as_millis()).collect();
        assert_eq!(times, [0, 250, 500, 750]);
        assert_eq!(schedule.total(), 4);
        let due = |ms| schedule.due(Duration::from_millis(ms));
        assert_eq!([due(0), due(249), due(250), due(999), due(1_000), due(9_000)], [1, 1, 2, 4, 4, 4]);
        assert_eq!(Schedule::new(4, Duration::ZERO).total(), 0);
    }

    proptest! {
        #[test]
        fn what_is_due_is_what_was_intended_by_then(rate in 1_u32..=1_000_000, ms in 0_u64..100_000, number in 0_u64..1_000_000) {
            let schedule = Schedule::new(rate, Duration::from_secs(100));
            let elapsed = Duration::from_millis(ms);
            let due = schedule.due(elapsed);
            prop_assert!(schedule.intended(due - 1) <= elapsed);
            prop_assert!(schedule.intended(due) > elapsed);
            if number < schedule.total() {
                prop_assert!(schedule.due(schedule.intended(number)) > number);
            }
        }
    }
}
