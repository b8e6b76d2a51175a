//! Where requests are sent from: the connection, what was made by them, and who watches.

use super::{
    gate::{Gate, rest},
    outcome::Exchange,
    trail::Trail,
};
use crate::{Ask, Connection, Fault, Reply, Target};
use hyper::header::{HeaderName, HeaderValue};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// Longest body that is shown, in characters.
const SHOWN_MAX: usize = 2_000;
/// Headers that are shown.
const HEADERS: [&str; 9] = [
    "content-type",
    "location",
    "content-location",
    "etag",
    "www-authenticate",
    "allow",
    "retry-after",
    "content-length",
    "set-txn",
];

/// How a client bears 429.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// How many times a request that was refused so is sent again.
    pub times: usize,
    /// Longest wait before that; `Retry-After` may ask for less.
    pub wait_max: Duration,
}

/// What there was of 429.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Throttled {
    /// How many answers.
    pub times: u64,
    /// How long was waited for them.
    pub waited: Duration,
}

/// What whoever watches is told, as it happens.
#[derive(Debug)]
pub enum Heard<'h> {
    /// A request was answered, or got no answer.
    Exchange {
        /// As it is shown.
        shown: &'h Exchange,
        /// As it was sent.
        sent: &'h Ready,
        /// As it came.
        answer: &'h Result<Reply, Fault>,
    },
    /// The server throttles; the request is sent again after this time.
    Throttled(Duration),
}

/// Who watches.
pub type Listener<'a> = dyn Fn(&Heard<'_>) + Sync + 'a;

/// A request that is ready to be sent.
#[derive(Clone, Debug)]
pub struct Ready {
    pub ask: Ask,
    pub headers: Vec<(HeaderName, Option<HeaderValue>)>,
}

/// What all scripts of a run share.
pub struct Bench<'a> {
    pub target: Arc<Target>,
    pub connection: Connection,
    pub trail: Trail,
    pub requests: u64,
    pub throttled: Throttled,
    /// What was said since somebody took it away.
    pub exchanges: Vec<Exchange>,
    pub gate: Gate,
    pub patience: Patience,
    /// Becomes true when the run is ended from outside.
    pub stop: watch::Receiver<bool>,
    pub listener: Option<&'a Listener<'a>>,
}

impl Patience {
    /// Of whoever wants an answer: three times, after 30 s at most.
    pub const USUAL: Self = Self { times: 3, wait_max: Duration::from_secs(30) };
}

impl Bench<'_> {
    /// A bench at which nothing was said yet. Nobody watches, and nothing holds a request.
    pub fn new(target: Arc<Target>, stop: watch::Receiver<bool>) -> Self {
        Self {
            connection: Connection::new(Arc::clone(&target)),
            target,
            trail: Trail::default(),
            requests: 0,
            throttled: Throttled::default(),
            exchanges: Vec::new(),
            gate: Gate::open(),
            patience: Patience::USUAL,
            stop,
            listener: None,
        }
    }

    /// Whether the run is ended from outside.
    pub fn is_stopped(&self) -> bool {
        *self.stop.borrow()
    }

    /// Sends a request, again where 429 asks for it, and reads its answer.
    ///
    /// # Errors
    /// Why there is no answer; when the run is ended, nothing is sent.
    pub async fn exchange(&mut self, step: usize, ready: &Ready) -> Result<Reply, Fault> {
        let mut refused = 0;
        loop {
            self.gate.pass(&mut self.stop).await;
            if self.is_stopped() {
                return Err(Fault::Unreachable("it was ended before the request was sent".to_owned()));
            }
            let begun = Instant::now();
            let answer = self.connection.exchange_with(&ready.ask, &ready.headers).await;
            self.note(step, ready, &answer, begun.elapsed());
            let Ok(reply) = &answer else { return answer };
            if reply.status == 429 && refused < self.patience.times && !self.is_stopped() {
                refused += 1;
                let wait = reply.retry_after.unwrap_or(Duration::from_secs(1)).min(self.patience.wait_max);
                self.throttled.waited += wait;
                self.tell(&Heard::Throttled(wait));
                rest(wait, &mut self.stop).await;
                continue;
            }
            // Servers that fail so may close the connection behind their answer, and that says nothing of the next request.
            if reply.status >= 500 {
                self.connection = Connection::new(Arc::clone(&self.target));
            }
            return answer;
        }
    }

    /// Remembers what was said and what was made by it, and tells whoever watches.
    pub fn note(&mut self, step: usize, ready: &Ready, answer: &Result<Reply, Fault>, took: Duration) {
        self.requests += 1;
        self.throttled.times += u64::from(answer.as_ref().is_ok_and(|reply| reply.status == 429));
        self.trail.note(&self.target, &ready.ask, answer.as_ref().ok());
        let shown = self.shown(step, ready, answer, took);
        self.tell(&Heard::Exchange { shown: &shown, sent: ready, answer });
        self.exchanges.push(shown);
    }

    fn tell(&self, heard: &Heard<'_>) {
        if let Some(listener) = self.listener {
            listener(heard);
        }
    }

    fn shown(&self, step: usize, ready: &Ready, answer: &Result<Reply, Fault>, took: Duration) -> Exchange {
        let shown = |text: &str| short(&self.target.redacted(text));
        let header = |name: &str, value: &[u8]| format!("{name}: {}", shown(&String::from_utf8_lossy(value)));
        let (status, headers, body) = match answer {
            Ok(reply) => {
                let some = HEADERS.iter().filter_map(|name| Some(header(name, reply.headers.get(*name)?.as_bytes())));
                (reply.status, some.collect(), shown(&String::from_utf8_lossy(&reply.body)))
            }
            Err(fault) => (0, Vec::new(), fault.to_string()),
        };
        let otherwise = |(name, value): &(HeaderName, Option<HeaderValue>)| match value {
            Some(value) => header(name.as_str(), value.as_bytes()),
            None => format!("without {name}"),
        };
        Exchange {
            step,
            request: format!("{} {}", ready.ask.method, shown(&ready.ask.path)),
            request_headers: ready.headers.iter().map(otherwise).collect(),
            request_body: ready.ask.body.as_ref().map(|body| shown(&String::from_utf8_lossy(body))),
            status,
            headers,
            body,
            duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

fn short(text: &str) -> String {
    if text.chars().count() <= SHOWN_MAX {
        return text.to_owned();
    }
    text.chars().take(SHOWN_MAX).chain("…".chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn a_long_body_is_cut() {
        assert_eq!(short(&"ä".repeat(2_001)).chars().count(), 2_001);
        assert_eq!(short("ä"), "ä");
    }
}
