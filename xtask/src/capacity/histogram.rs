//! Latencies, counted in buckets that are at most 1/32 of their value wide.

use super::model::Time;

/// Buckets between two powers of two.
const STEPS: u64 = 32;

/// How often which latency came. Values are kept in microseconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Histogram {
    buckets: Vec<u32>,
    count: u64,
}

impl Histogram {
    pub fn add(&mut self, latency: Time) {
        let bucket = bucket(latency / 1000);
        if self.buckets.len() <= bucket {
            self.buckets.resize(bucket + 1, 0);
        }
        self.buckets[bucket] += 1;
        self.count += 1;
    }

    pub fn join(&mut self, other: &Self) {
        if self.buckets.len() < other.buckets.len() {
            self.buckets.resize(other.buckets.len(), 0);
        }
        for (sum, count) in self.buckets.iter_mut().zip(&other.buckets) {
            *sum += count;
        }
        self.count += other.count;
    }

    pub fn count(&self) -> u64 {
        self.count
    }

    /// The value that `share` of all do not exceed, at most 1/32 too large; 0 when there is none.
    pub fn quantile(&self, share: f64) -> Time {
        let wanted = (share * self.count as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (bucket, count) in self.buckets.iter().enumerate() {
            seen += u64::from(*count);
            if seen >= wanted {
                return upper(bucket as u64) * 1000;
            }
        }
        0
    }
}

fn bucket(micros: u64) -> usize {
    if micros < STEPS {
        return micros as usize;
    }
    let power = u64::from(micros.ilog2() - STEPS.ilog2());
    (power * STEPS + (micros >> power)) as usize
}

/// The largest value of a bucket.
fn upper(bucket: u64) -> u64 {
    if bucket < STEPS {
        return bucket;
    }
    let power = bucket / STEPS - 1;
    ((bucket - power * STEPS + 1) << power) - 1
}

#[cfg(test)]
mod tests {
    use super::{Histogram, bucket, upper};

    #[test]
    fn every_value_lies_in_a_bucket_that_is_hardly_wider_than_a_32nd_of_it() {
        for micros in (0..5_000).chain([65_535, 65_536, 1_000_000, 3_600_000_000]) {
            let upper = upper(bucket(micros) as u64);
            assert!(upper >= micros && upper - micros <= micros / 32, "{micros}: {upper}");
        }
    }

    #[test]
    fn quantiles_are_the_values_in_order() {
        let (mut odd, mut all) = (Histogram::default(), Histogram::default());
        assert_eq!(all.quantile(0.5), 0);
        (1..=100).filter(|value| value % 2 == 1).for_each(|value| odd.add(value * 100_000));
        (1..=100).filter(|value| value % 2 == 0).for_each(|value| all.add(value * 100_000));
        all.join(&odd);
        assert_eq!(all.count(), 100);
        for (share, micros) in [(0.5, 5_000), (0.99, 9_900), (1.0, 10_000)] {
            let quantile = all.quantile(share) / 1000;
            assert!((micros..=micros + micros / 32).contains(&quantile), "{share}: {quantile}");
        }
    }
}
