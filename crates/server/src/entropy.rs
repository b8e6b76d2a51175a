//! The one place where randomness and new ids are made.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use uuid::Uuid;

/// Where random bytes come from.
pub trait Entropy: Send + Sync {
    /// Overwrites `bytes`.
    fn fill(&self, bytes: &mut [u8]);

    /// A version 7 UUID (RFC 9562 §5.7) of the instant `now`: ids sort by the millisecond in which they were made.
    fn uuid_v7(&self, now: Timestamp) -> Uuid {
        let mut random = [0; 10];
        self.fill(&mut random);
        let since_1970_ms = u64::try_from(now.as_millisecond()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(since_1970_ms, &random).into_uuid()
    }
}

/// The operating system's generator, fit for keys.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system has a random generator");
    }
}

/// 1, 2, 3, … in place of random bytes, so that tests know which ids come next. Never for keys.
#[derive(Debug, Default)]
pub struct CountingEntropy(AtomicU64);

impl Entropy for CountingEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let count = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        bytes.fill(0);
        for (byte, digit) in bytes.iter_mut().rev().zip(count.to_le_bytes()) {
            *byte = digit;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_carries_its_millisecond_its_version_and_the_random_bytes() {
        let now: Timestamp = "2026-01-02T03:04:05.678Z".parse().unwrap();
        let entropy = CountingEntropy::default();
        assert_eq!(entropy.uuid_v7(now).to_string(), "019b7ca9-8f2e-7000-8000-000000000001");
        assert_eq!(entropy.uuid_v7(now).to_string(), "019b7ca9-8f2e-7000-8000-000000000002");
        assert_eq!(entropy.uuid_v7(Timestamp::MIN).to_string(), "00000000-0000-7000-8000-000000000003");
    }

    #[test]
    fn the_system_never_gives_the_same_bytes_twice() {
        let (mut one, mut two) = ([0; 32], [0; 32]);
        SystemEntropy.fill(&mut one);
        SystemEntropy.fill(&mut two);
        assert_ne!(one, two);
    }
}
