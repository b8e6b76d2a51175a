//! What comes of it. The fields are a shape that programs rely on; `docs/load.md` describes it.

use serde::Serialize;

/// The shape that [`Report`] has as JSON. It is another one when a field goes away or changes its meaning.
pub const SHAPE: &str = "provost-load/1";

/// Everything that was found out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// [`SHAPE`].
    pub shape: &'static str,
    /// The target.
    pub url: String,
    /// Users that were there before.
    pub users_before: u64,
    /// Users that were made before anything was measured.
    pub users_made: usize,
    /// Members of the group.
    pub members: usize,
    /// Users that one bulk request creates.
    pub operations: usize,
    /// Connections.
    pub connections: usize,
    /// Requests a second that were intended, as text, or `max`.
    pub rate: String,
    /// Warm-up of each run, in seconds.
    pub warm_up_seconds: f64,
    /// The seed, as text: it may be greater than what every program reads as a number.
    pub seed: String,
    /// Whether it was ended before its end.
    pub ended_early: bool,
    /// Users and groups that were made and could not be removed; what was to stay does not count.
    pub left_behind: usize,
    /// One for each mix, in order.
    pub runs: Vec<RunReport>,
}

/// One mix.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunReport {
    /// The mix, as it is written on the command line.
    pub scenario: String,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What came of a mix.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// It was not run.
    Skipped {
        /// Why.
        reason: String,
    },
    /// It was run.
    Measured {
        /// How long it was measured.
        seconds: f64,
        /// Requests that were due and never sent, since all connections were busy until the end.
        unsent: u64,
        /// Everything together.
        total: Measured,
        /// Each of its scenarios.
        parts: Vec<Part>,
    },
}

/// One scenario of a mix.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Part {
    /// Its name.
    pub scenario: &'static str,
    /// What came of it.
    #[serde(flatten)]
    pub measured: Measured,
}

/// What was counted.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measured {
    /// Requests that were sent and due while it was measured.
    pub requests: u64,
    /// Requests a second that were answered as they should be.
    pub per_second: f64,
    /// Bytes of the bodies of their answers.
    pub bytes: u64,
    /// What went wrong, by kind.
    pub errors: Vec<ErrorCount>,
    /// From when a request was due until its answer was there; `null` when there was none.
    pub latency_ms: Option<Latency>,
}

impl Measured {
    /// Requests that went wrong.
    pub fn failed(&self) -> u64 {
        self.errors.iter().map(|error| error.count).sum()
    }
}

/// Errors of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ErrorCount {
    /// `HTTP` with the status, `timeout`, `no connection`, `broken`, `too long`, `wrong answer`, or `other`.
    pub what: String,
    /// How many.
    pub count: u64,
    /// How the first of them explained itself.
    pub detail: String,
}

/// Latencies in milliseconds, exact to three digits. They are of the requests that were answered as they should be, and of those that
/// ran out of time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Latency {
    /// Mean.
    pub mean: f64,
    /// Half of them took at most so long.
    pub p50: f64,
    /// 90 % of them.
    pub p90: f64,
    /// 99 % of them.
    pub p99: f64,
    /// 99.9 % of them.
    pub p99_9: f64,
    /// The longest.
    pub max: f64,
}
