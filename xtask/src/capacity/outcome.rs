//! What a simulation has seen.

use super::histogram::Histogram;
use super::model::{Request, SECOND, Time};
use super::station::Usage;

/// Counts while the simulation runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// By kind, in the order of [`Request::ALL`].
    pub sent: [u64; 5],
    pub answered: u64,
    pub latency_sum: Time,
    /// By the second in which a request was sent; importers are not in it.
    pub seconds: Vec<Second>,
    pub importers: Histogram,
    /// Answers to importers.
    pub imported: u64,
    /// From a cycle's begin to its last answer.
    pub cycles: Histogram,
    in_flight: u64,
    changed: Time,
    /// Requests under way, summed over time.
    pub in_flight_area: u128,
}

/// One second of the clients' side.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Second {
    pub latencies: Histogram,
    pub in_flight_max: u64,
    pub sent: u64,
}

impl Record {
    pub fn sent(&mut self, now: Time, request: Request) {
        self.sent[Request::ALL.iter().position(|one| *one == request).expect("ALL has all kinds")] += 1;
        self.passed(now);
        self.in_flight += 1;
        let in_flight = self.in_flight;
        let second = self.second(now);
        second.sent += 1;
        second.in_flight_max = second.in_flight_max.max(in_flight);
    }

    pub fn answered(&mut self, now: Time, sent: Time, is_importer: bool) {
        self.passed(now);
        self.in_flight -= 1;
        self.answered += 1;
        self.imported += u64::from(is_importer);
        self.latency_sum += now - sent;
        self.latency(now, sent, is_importer);
    }

    /// The end has come before the answer: what was waited so far counts, which is too little.
    pub fn latency(&mut self, now: Time, sent: Time, is_importer: bool) {
        match is_importer {
            true => self.importers.add(now - sent),
            false => self.second(sent).latencies.add(now - sent),
        }
    }

    pub fn passed(&mut self, now: Time) {
        self.in_flight_area += u128::from(self.in_flight) * u128::from(now - self.changed);
        self.changed = now;
    }

    pub fn in_flight(&self) -> u64 {
        self.in_flight
    }

    fn second(&mut self, at: Time) -> &mut Second {
        let second = (at / SECOND) as usize;
        if self.seconds.len() <= second {
            self.seconds.resize(second + 1, Second::default());
        }
        &mut self.seconds[second]
    }
}

/// A kind of machine part: how many servers there are and what they did.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    pub servers: usize,
    pub usage: Usage,
}

/// The whole run.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    pub length: Time,
    pub record: Record,
    pub node_cores: Part,
    pub database_cores: Part,
    pub log: Part,
    /// Connections for reads of one node to one database: how many there are, were used at most, and were waited for at most.
    pub pool: usize,
    pub pool_used_max: usize,
    pub pool_queue_max: usize,
    pub commits: u64,
    pub changes: u64,
    /// Transactions that found a head row held by another one.
    pub blocked: u64,
    pub events: u64,
}

impl Outcome {
    /// Latencies of all requests but the importers'.
    pub fn latencies(&self) -> Histogram {
        joined(&self.record.seconds)
    }

    /// Latencies of the requests that were sent in the minute with the largest p99.
    pub fn worst_minute(&self) -> Histogram {
        let minutes = self.record.seconds.chunks(60).map(joined);
        minutes.max_by_key(|minute| minute.quantile(0.99)).unwrap_or_default()
    }

    pub fn p99(&self) -> Time {
        self.worst_minute().quantile(0.99)
    }

    pub fn in_flight_max(&self) -> u64 {
        self.record.seconds.iter().map(|second| second.in_flight_max).max().unwrap_or(0)
    }

    /// Requests sent in the busiest second.
    pub fn sent_max(&self) -> u64 {
        self.record.seconds.iter().map(|second| second.sent).max().unwrap_or(0)
    }
}

fn joined(seconds: &[Second]) -> Histogram {
    let mut sum = Histogram::default();
    seconds.iter().for_each(|second| sum.join(&second.latencies));
    sum
}
