//! Wrong credentials are counted per address; who sends too many waits (S-64).

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use axum::http::HeaderValue;
use axum::http::header::RETRY_AFTER;
use axum::response::Response;
use jiff::Timestamp;

/// So many failures within [`WINDOW_MS`] are answered as usual; after them the address waits.
pub const FAILURES_MAX: usize = 100;

/// The sliding window.
pub const WINDOW_MS: i64 = 60_000;

/// Addresses remembered: with all of their failures about 10 MB. Beyond it the one quiet for longest is forgotten.
pub const ADDRESSES_MAX: usize = 10_000;

/// How long to wait before trying again, in whole seconds from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryAfter(u64);

impl RetryAfter {
    /// A wait of so many microseconds, at least a second.
    pub(crate) fn from_us(us: i64) -> Self {
        Self(us.unsigned_abs().div_ceil(1_000_000).max(1))
    }

    /// Seconds to wait.
    pub fn seconds(self) -> u64 {
        self.0
    }

    /// Adds the `Retry-After` header to a 429.
    #[must_use]
    pub fn on(self, mut response: Response) -> Response {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(self.0));
        response
    }
}

/// Failures of the last minute by address. An IPv6 client is its /64, for it can choose any address in there.
///
/// Ask [`check`](Self::check) before looking at a credential, [`record`](Self::record) each one that is wrong.
#[derive(Debug, Default)]
pub struct FailedAttempts(Mutex<Window>);

impl FailedAttempts {
    /// Whether `client` may try a credential.
    ///
    /// # Errors
    /// How long to wait when the address has failed [`FAILURES_MAX`] times within the last minute.
    pub fn check(&self, client: IpAddr, now: Timestamp) -> Result<(), RetryAfter> {
        self.window().check(source(client), now.as_millisecond())
    }

    /// Counts a wrong credential.
    pub fn record(&self, client: IpAddr, now: Timestamp) {
        self.window().record(source(client), now.as_millisecond());
    }

    fn window(&self) -> std::sync::MutexGuard<'_, Window> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is counted as one source.
fn source(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    }
}

/// Times are milliseconds since 1970. Each source in `failures` stands once in `by_last`, with its last failure.
#[derive(Debug, Default)]
struct Window {
    failures: HashMap<IpAddr, VecDeque<i64>>,
    by_last: BTreeSet<(i64, IpAddr)>,
}

impl Window {
    fn check(&mut self, source: IpAddr, now: i64) -> Result<(), RetryAfter> {
        self.forget_before(now.saturating_sub(WINDOW_MS));
        let Some(times) = self.failures.get(&source) else { return Ok(()) };
        let recent = times.iter().filter(|at| **at > now.saturating_sub(WINDOW_MS));
        if recent.clone().count() < FAILURES_MAX {
            return Ok(());
        }
        let first = recent.copied().next().unwrap_or(now);
        let wait_ms = first.saturating_add(WINDOW_MS).saturating_sub(now).clamp(1, WINDOW_MS);
        Err(RetryAfter(wait_ms.unsigned_abs().div_ceil(1000)))
    }

    fn record(&mut self, source: IpAddr, now: i64) {
        self.forget_before(now.saturating_sub(WINDOW_MS));
        let times = self.failures.entry(source).or_default();
        if let Some(last) = times.back() {
            self.by_last.remove(&(*last, source));
        }
        if times.len() == FAILURES_MAX {
            times.pop_front();
        }
        // A wall clock may step back; the order of the queue does not.
        let at = times.back().copied().unwrap_or(now).max(now);
        times.push_back(at);
        self.by_last.insert((at, source));
        if self.failures.len() > ADDRESSES_MAX {
            self.forget_quietest();
        }
    }

    fn forget_before(&mut self, oldest: i64) {
        while self.by_last.first().is_some_and(|(last, _)| *last <= oldest) {
            self.forget_quietest();
        }
    }

    fn forget_quietest(&mut self) {
        if let Some((_, source)) = self.by_last.pop_first() {
            self.failures.remove(&source);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(1_800_000_000_000 + ms).unwrap()
    }

    /// Seconds to wait for `client` at `now` after `count` failures of `failing`, one every `every_ms` from 0.
    #[track_caller]
    fn check(failing: &str, count: i64, every_ms: i64, client: &str, now: i64, wait: Option<u64>) {
        let failed = FailedAttempts::default();
        for n in 0..count {
            failed.record(ip(failing), at(n * every_ms));
        }
        let answer = failed.check(ip(client), at(now)).err().map(RetryAfter::seconds);
        assert_eq!(answer, wait, "{count} failures of {failing}, one in {every_ms} ms; {client} at {now} ms");
    }

    #[test]
    fn s_64_after_a_hundred_failures_in_a_minute_the_address_waits() {
        let (bad, good) = ("192.0.2.1", "192.0.2.2");
        check(bad, 99, 10, bad, 1_000, None);
        check(bad, 100, 10, bad, 1_000, Some(59));
        check(bad, 100, 10, good, 1_000, None);
        check(bad, 100, 10, bad, 59_999, Some(1));
        check(bad, 100, 10, bad, 60_000, None);
        check(bad, 100, 0, bad, 0, Some(60));
        check(bad, 100, 600, bad, 59_400, Some(1));
        check(bad, 500, 700, bad, 349_300, None);
        check(bad, 300, 10, bad, 3_000, Some(59));
    }

    #[test]
    fn an_ipv6_client_is_its_64_bit_network_and_a_mapped_address_its_ipv4() {
        check("2001:db8::1", 100, 0, "2001:db8::ffff", 0, Some(60));
        check("2001:db8::1", 100, 0, "2001:db8:0:1::1", 0, None);
        check("::ffff:192.0.2.1", 100, 0, "192.0.2.1", 0, Some(60));
    }

    #[test]
    fn a_clock_that_steps_back_frees_nobody_and_locks_nobody_for_longer_than_a_minute() {
        check("192.0.2.1", 100, -10, "192.0.2.1", -1_000, Some(60));
        check("192.0.2.1", 100, -10, "192.0.2.1", 60_000, None);
    }

    #[test]
    fn memory_is_bounded_and_the_address_quiet_for_longest_is_forgotten() {
        let failed = FailedAttempts::default();
        let client = |n: u32| IpAddr::V4(std::net::Ipv4Addr::from_bits(n));
        for n in 0..100 {
            failed.record(client(0), at(n));
            failed.record(client(1), at(n + 1));
        }
        for n in 2..=u32::try_from(ADDRESSES_MAX).unwrap() {
            failed.record(client(n), at(1_000));
        }
        let window = failed.window();
        assert_eq!(window.failures.len(), ADDRESSES_MAX);
        assert_eq!(window.by_last.len(), ADDRESSES_MAX);
        drop(window);
        assert!(failed.check(client(0), at(1_000)).is_ok());
        assert!(failed.check(client(1), at(1_000)).is_err());
        assert!(failed.check(client(9), at(100_000)).is_ok());
        assert_eq!(failed.window().failures.len(), 0);
    }
}
