//! How fast a target is asked: as fast as it answers, and no faster.

use crate::{Answer, Reply};
use jiff::{SignedDuration, Timestamp};

/// How many requests are under way at once, and until when none is sent.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
    limit: f64,
    most: f64,
    under_way: usize,
    /// Nothing is sent before.
    pub paused_until: Timestamp,
    /// The limit was lowered for requests that were sent before.
    lowered: Timestamp,
    /// Moving average of the time that an answer takes, in milliseconds.
    usual_ms: f64,
    /// The shortest such average that was seen.
    best_ms: f64,
    /// Requests in a row that the target did not take care of.
    failing: u32,
    /// Requests.
    pub requests: u64,
}

/// Requests under way at the beginning.
const BEGIN: f64 = 4.0;

/// A target that takes this many times its best time has as much as it can do, if that is more than [`SLOW_MS`].
const STRETCH: f64 = 4.0;

/// Milliseconds below which no target is slow.
const SLOW_MS: f64 = 250.0;

/// Without `Retry-After` a target that wants less is left alone so long.
const PAUSE: SignedDuration = SignedDuration::from_secs(2);

/// Requests in a row without an answer, or with one that says that the target does not work, that mean that it is away.
pub(crate) const OUTAGE: u32 = 20;

impl Pace {
    /// At most `most` requests at once.
    pub fn new(most: usize, now: Timestamp) -> Self {
        let most = most.max(1) as f64;
        Self {
            limit: BEGIN.min(most),
            most,
            under_way: 0,
            paused_until: now,
            lowered: now,
            usual_ms: 0.0,
            best_ms: f64::INFINITY,
            failing: 0,
            requests: 0,
        }
    }

    /// Places for requests that nobody has.
    pub fn free(&self) -> usize {
        (self.limit as usize).max(1).saturating_sub(self.under_way)
    }

    /// Takes a place for a request, if there is one.
    pub fn enter(&mut self, now: Timestamp) -> bool {
        let may = now >= self.paused_until && self.free() > 0;
        if may {
            self.under_way += 1;
            self.requests += 1;
        }
        may
    }

    /// Learns from a reply to a request that was sent at `sent`; `is_plain` where how long it took says how much the target has to do.
    pub fn leave(&mut self, sent: Timestamp, now: Timestamp, reply: &Reply, is_plain: bool) {
        self.under_way = self.under_way.saturating_sub(1);
        self.failing = if is_failing(reply) { self.failing.saturating_add(1) } else { 0 };
        match throttled(reply) {
            Some(wait) => {
                self.lower(sent, now);
                let wait = wait.unwrap_or(if is_throttle(reply) { PAUSE } else { SignedDuration::ZERO });
                self.paused_until = self.paused_until.max(now + wait);
            }
            None if is_plain => self.learn(sent, now),
            None => {}
        }
    }

    /// Whether the target is away.
    pub fn is_away(&self) -> bool {
        self.failing >= OUTAGE
    }

    /// Halves once for all that was sent before.
    fn lower(&mut self, sent: Timestamp, now: Timestamp) {
        if sent >= self.lowered {
            self.limit = (self.limit / 2.0).max(1.0);
            self.lowered = now;
        }
    }

    fn learn(&mut self, sent: Timestamp, now: Timestamp) {
        let took = now.duration_since(sent).as_secs_f64() * 1_000.0;
        self.usual_ms = if self.usual_ms == 0.0 { took } else { self.usual_ms * 0.9 + took * 0.1 };
        self.best_ms = self.best_ms.min(self.usual_ms);
        if self.usual_ms > SLOW_MS && self.usual_ms > self.best_ms * STRETCH {
            self.lower(sent, now);
        } else {
            self.limit = (self.limit + 1.0 / self.limit).min(self.most);
        }
    }
}

fn is_throttle(reply: &Reply) -> bool {
    matches!(reply, Reply::Answered(Answer { status: 429, .. }))
}

fn is_failing(reply: &Reply) -> bool {
    match reply {
        Reply::Answered(answer) => answer.status >= 500 && answer.status != 501,
        Reply::TimedOut | Reply::Unreachable(_) => true,
        Reply::Forbidden(_) | Reply::Unclear(_) => false,
    }
}

/// Whether the target had too much to do; with how long it wants to be left alone, if it says so.
fn throttled(reply: &Reply) -> Option<Option<SignedDuration>> {
    match reply {
        Reply::Answered(answer) if matches!(answer.status, 429 | 502..=504) => {
            Some(answer.retry_after.map(|wait| wait.max(SignedDuration::ZERO)))
        }
        Reply::Answered(_) | Reply::Forbidden(_) | Reply::Unclear(_) => None,
        Reply::TimedOut | Reply::Unreachable(_) => Some(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Body;

    fn answer(status: u16, retry_after: Option<i64>) -> Reply {
        Reply::Answered(Answer { status, retry_after: retry_after.map(SignedDuration::from_secs), body: Body::Empty })
    }

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).unwrap()
    }

    #[test]
    fn s_96_retry_after_30_means_that_nothing_is_sent_for_30_seconds() {
        let mut pace = Pace::new(32, at(0));
        assert!(pace.enter(at(0)));
        pace.leave(at(0), at(10), &answer(429, Some(30)), true);
        assert!(!pace.enter(at(10)) && !pace.enter(at(30_009)));
        assert!(pace.enter(at(30_010)));
    }

    #[test]
    fn requests_at_once_grow_with_answers_and_halve_once_for_all_that_was_under_way() {
        let mut pace = Pace::new(32, at(0));
        for ms in 0..1_000 {
            assert!(pace.enter(at(ms)));
            pace.leave(at(ms), at(ms + 1), &answer(200, None), true);
        }
        assert_eq!(pace.limit.round() as u64, 32);
        for _ in 0..8 {
            assert!(pace.enter(at(2_000)));
        }
        for _ in 0..8 {
            pace.leave(at(2_000), at(2_050), &answer(429, Some(0)), true);
        }
        assert_eq!(pace.limit.round() as u64, 16);
    }

    #[test]
    fn twenty_requests_in_a_row_without_an_answer_mean_that_the_target_is_away() {
        let mut pace = Pace::new(1, at(0));
        for number in 0..i64::from(OUTAGE) {
            assert!(!pace.is_away());
            let now = at(number * 10_000);
            assert!(pace.enter(now));
            pace.leave(now, now, &Reply::TimedOut, true);
        }
        assert!(pace.is_away());
        pace.leave(at(0), at(0), &answer(404, None), true);
        assert!(!pace.is_away());
    }
}
