//! What is counted while a mix runs.

use super::{
    Scenario,
    report::{ErrorCount, Latency, Measured},
};
use hdrhistogram::Histogram;
use std::{collections::BTreeMap, time::Duration};

/// Digits to which latencies are exact.
const DIGITS: u8 = 3;
/// Longest latency that is told apart, in microseconds: an hour, which no run outlasts by its own fault.
const LATENCY_MAX_US: u64 = 3_600_000_000;
/// Kinds of errors that are told apart; there are about as many as HTTP has statuses.
const KINDS_MAX: usize = 100;

/// How one request ended. Times count from the beginning of the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// What it did.
    pub scenario: Scenario,
    /// When it was due.
    pub intended: Duration,
    /// When its answer was there.
    pub done: Duration,
    /// What came.
    pub ended: Ended,
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// What was asked for, in so many bytes.
    Well {
        /// Length of the answer's body.
        bytes: usize,
    },
    /// Something else.
    Badly {
        /// One of few: `HTTP 409`, `timeout`.
        kind: String,
        /// How it explains itself.
        detail: String,
        /// Length of the answer's body.
        bytes: usize,
        /// Whether it counts among the latencies, since waiting was all that went wrong.
        waited: bool,
    },
}

/// When a run is measured: from the end of the warm-up, as long as it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// First instant that counts.
    pub from: Duration,
    /// First instant that does not count any more.
    pub to: Duration,
}

impl Window {
    fn holds(self, instant: Duration) -> bool {
        self.from <= instant && instant < self.to
    }
}

/// Everything that was seen of a mix.
#[derive(Debug)]
pub struct Tally {
    window: Window,
    scenarios: BTreeMap<Scenario, Count>,
}

#[derive(Debug)]
struct Count {
    latencies: Histogram<u64>,
    requests: u64,
    /// Answered well within the window, whenever they were due.
    answered: u64,
    bytes: u64,
    errors: BTreeMap<String, (u64, String)>,
}

impl Count {
    fn new() -> Self {
        let latencies = Histogram::new(DIGITS).expect("three digits are among those that a histogram has");
        Self { latencies, requests: 0, answered: 0, bytes: 0, errors: BTreeMap::new() }
    }

    fn add(&mut self, seen: Seen, window: Window) {
        let counts = window.holds(seen.intended);
        let latency = u64::try_from(seen.done.saturating_sub(seen.intended).as_micros()).unwrap_or(u64::MAX);
        self.requests += u64::from(counts);
        match seen.ended {
            Ended::Well { bytes } => {
                self.answered += u64::from(window.holds(seen.done));
                if counts {
                    self.bytes += bytes as u64;
                    self.record(latency);
                }
            }
            Ended::Badly { kind, detail, bytes, waited } => {
                if !counts {
                    return;
                }
                self.bytes += bytes as u64;
                if waited {
                    self.record(latency);
                }
                let kind = if self.errors.len() < KINDS_MAX || self.errors.contains_key(&kind) {
                    kind
                } else {
                    "other".to_owned()
                };
                self.errors.entry(kind).or_insert((0, detail)).0 += 1;
            }
        }
    }

    fn record(&mut self, latency: u64) {
        let latency = latency.clamp(1, LATENCY_MAX_US);
        self.latencies.record(latency).expect("the histogram grows with what it is given");
    }

    fn join(&mut self, other: &Self) {
        self.latencies.add(&other.latencies).expect("the histogram grows with what it is given");
        self.requests += other.requests;
        self.answered += other.answered;
        self.bytes += other.bytes;
        for (kind, (count, detail)) in &other.errors {
            self.errors.entry(kind.clone()).or_insert_with(|| (0, detail.clone())).0 += count;
        }
    }

    fn measured(&self, window: Window) -> Measured {
        let seconds = window.to.saturating_sub(window.from).as_secs_f64();
        let per_second = if seconds > 0.0 { self.answered as f64 / seconds } else { 0.0 };
        let errors = self.errors.iter().map(|(what, (count, detail))| ErrorCount {
            what: what.clone(),
            count: *count,
            detail: detail.clone(),
        });
        Measured {
            requests: self.requests,
            per_second: rounded(per_second, 10.0),
            bytes: self.bytes,
            errors: errors.collect(),
            latency_ms: (!self.latencies.is_empty()).then(|| latency(&self.latencies)),
        }
    }
}

fn latency(latencies: &Histogram<u64>) -> Latency {
    let at = |quantile| milliseconds(latencies.value_at_quantile(quantile).min(latencies.max()));
    Latency {
        mean: rounded(latencies.mean() / 1_000.0, 1_000.0),
        p50: at(0.5),
        p90: at(0.9),
        p99: at(0.99),
        p99_9: at(0.999),
        max: milliseconds(latencies.max()),
    }
}

fn milliseconds(microseconds: u64) -> f64 {
    rounded(microseconds as f64 / 1_000.0, 1_000.0)
}

fn rounded(value: f64, to: f64) -> f64 {
    (value * to).round() / to
}

impl Tally {
    /// Nothing yet.
    pub fn new(window: Window) -> Self {
        Self { window, scenarios: BTreeMap::new() }
    }

    /// Counts what belongs to the window.
    pub fn add(&mut self, seen: Seen) {
        self.scenarios.entry(seen.scenario).or_insert_with(Count::new).add(seen, self.window);
    }

    /// The window ends here, if it did not end before.
    pub fn end_at(&mut self, instant: Duration) {
        self.window.to = self.window.to.min(instant).max(self.window.from);
    }

    /// How long is measured.
    pub fn seconds(&self) -> f64 {
        rounded(self.window.to.saturating_sub(self.window.from).as_secs_f64(), 1_000.0)
    }

    /// Requests that count, and those of them that ended badly.
    pub fn so_far(&self) -> (u64, u64) {
        let errors = |count: &Count| count.errors.values().map(|(number, _)| number).sum::<u64>();
        self.scenarios.values().fold((0, 0), |(all, bad), count| (all + count.requests, bad + errors(count)))
    }

    /// One scenario; all zero when none of its requests was seen.
    pub fn of(&self, scenario: Scenario) -> Measured {
        self.scenarios
            .get(&scenario)
            .map_or_else(|| Count::new().measured(self.window), |count| count.measured(self.window))
    }

    /// All together.
    pub fn total(&self) -> Measured {
        let mut total = Count::new();
        for count in self.scenarios.values() {
            total.join(count);
        }
        total.measured(self.window)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    const WINDOW: Window = Window { from: Duration::from_secs(1), to: Duration::from_secs(3) };

    fn seen(scenario: Scenario, intended_ms: u64, done_ms: u64, ended: Ended) -> Seen {
        let (intended, done) = (Duration::from_millis(intended_ms), Duration::from_millis(done_ms));
        Seen { scenario, intended, done, ended }
    }

    fn well() -> Ended {
        Ended::Well { bytes: 10 }
    }

    fn badly(kind: &str, waited: bool) -> Ended {
        Ended::Badly { kind: kind.to_owned(), detail: "why".to_owned(), bytes: 1, waited }
    }

    #[test]
    fn latency_counts_from_the_intended_time_and_throughput_by_the_answers_in_the_window() {
        let mut tally = Tally::new(WINDOW);
        // Due in the warm-up, answered in the window.
        tally.add(seen(Scenario::Read, 900, 1_100, well()));
        tally.add(seen(Scenario::Read, 1_000, 1_010, well()));
        tally.add(seen(Scenario::Read, 2_000, 2_020, well()));
        // Due in the window, answered behind it.
        tally.add(seen(Scenario::Read, 2_900, 3_400, well()));
        tally.add(seen(Scenario::Read, 3_000, 3_001, well()));
        let read = tally.of(Scenario::Read);
        assert_eq!((read.requests, read.per_second, read.bytes), (3, 1.5, 30));
        let latency = read.latency_ms.unwrap();
        assert_eq!((latency.p50, latency.max), (20.015, 500.223));
    }

    #[test]
    fn what_was_waited_for_in_vain_counts_as_long_as_it_was_waited_for() {
        let mut tally = Tally::new(WINDOW);
        tally.add(seen(Scenario::Patch, 1_000, 1_001, badly("HTTP 409", false)));
        tally.add(seen(Scenario::Patch, 1_000, 31_000, badly("timeout", true)));
        tally.add(seen(Scenario::Patch, 500, 600, badly("HTTP 500", false)));
        let patch = tally.of(Scenario::Patch);
        let kinds: Vec<(&str, u64)> = patch.errors.iter().map(|error| (error.what.as_str(), error.count)).collect();
        assert_eq!(kinds, [("HTTP 409", 1), ("timeout", 1)]);
        assert_eq!((patch.requests, patch.per_second, patch.bytes), (2, 0.0, 2));
        assert!(patch.latency_ms.unwrap().max >= 30_000.0);
        assert_eq!(tally.so_far(), (2, 2));
    }

    #[test]
    fn a_total_holds_all_scenarios_and_an_early_end_shortens_the_window() {
        let mut tally = Tally::new(WINDOW);
        tally.add(seen(Scenario::Read, 1_100, 1_101, well()));
        tally.add(seen(Scenario::Patch, 1_200, 1_203, well()));
        tally.add(seen(Scenario::Patch, 1_200, 1_203, badly("HTTP 503", false)));
        tally.end_at(Duration::from_millis(1_500));
        let total = serde_json::to_string_pretty(&tally.total()).unwrap();
        expect![[r#"
            {
              "requests": 3,
              "per_second": 4.0,
              "bytes": 21,
              "errors": [
                {
                  "what": "HTTP 503",
                  "count": 1,
                  "detail": "why"
                }
              ],
              "latency_ms": {
                "mean": 2.001,
                "p50": 1.0,
                "p90": 3.001,
                "p99": 3.001,
                "p99_9": 3.001,
                "max": 3.001
              }
            }"#]]
        .assert_eq(&total);
        assert_eq!(tally.seconds(), 0.5);
        assert!(tally.of(Scenario::Bulk).latency_ms.is_none());
        tally.end_at(Duration::ZERO);
        assert_eq!((tally.seconds(), tally.total().per_second), (0.0, 0.0));
    }
}
