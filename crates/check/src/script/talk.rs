//! Doing steps at a server.

use super::{
    outcome::{Exchange, Finding, Level},
    place::Seen,
    state::{State, whole},
    step::{Body, Make, Send, Step},
    trail::{Trail, below},
};
use crate::{Ask, Connection, Fault, Reply, Target};
use bytes::Bytes;
use hyper::{
    Method,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::{sync::watch, task::JoinSet, time::sleep};

/// How many times a request that was refused with 429 is sent again.
const AGAIN_MAX: usize = 3;
/// Longest wait before that.
const WAIT_MAX: Duration = Duration::from_secs(30);
/// Most elements that a step is done for.
const EACH_MAX: usize = 100;
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

/// What all scripts of a run share.
#[derive(Debug)]
pub struct Bench {
    pub target: Arc<Target>,
    pub connection: Connection,
    pub trail: Trail,
    pub requests: u64,
    /// Becomes true when the run is ended from outside.
    pub stop: watch::Receiver<bool>,
}

/// A script under way.
pub struct Talk<'b> {
    bench: &'b mut Bench,
    state: State,
    findings: Vec<Finding>,
    exchanges: Vec<Exchange>,
}

/// Why a step ends before its end.
#[derive(Debug)]
pub enum End {
    /// Something that the rest builds upon did not hold.
    Missed,
    /// What it needs could not be made.
    Unsettled(String),
    /// It was ended from outside.
    Stopped,
}

/// A request that is ready to be sent.
struct Ready {
    ask: Ask,
    headers: Vec<(HeaderName, Option<HeaderValue>)>,
}

impl Bench {
    /// A bench at which nothing was said yet.
    pub fn new(target: Arc<Target>, stop: watch::Receiver<bool>) -> Self {
        let connection = Connection::new(Arc::clone(&target));
        Self { target, connection, trail: Trail::default(), requests: 0, stop }
    }
}

impl<'b> Talk<'b> {
    /// A script that begins with these variables.
    pub fn new(bench: &'b mut Bench, state: State) -> Self {
        Self { bench, state, findings: Vec::new(), exchanges: Vec::new() }
    }

    /// Does a step and judges what comes. `number` is shown with what is wrong.
    ///
    /// # Errors
    /// Why the steps that build upon it cannot be done; what did not hold is among the findings.
    pub async fn step(&mut self, number: usize, step: &Step) -> Result<(), End> {
        let is_stopped = *self.bench.stop.borrow();
        match step {
            _ if is_stopped => Err(End::Stopped),
            Step::Make(make) => self.make(number, make).await,
            Step::Send(send) => self.send(number, send).await,
        }
    }

    /// What did not hold and what was said, since the last time.
    pub fn take(&mut self) -> (Vec<Finding>, Vec<Exchange>) {
        (std::mem::take(&mut self.findings), std::mem::take(&mut self.exchanges))
    }

    async fn make(&mut self, step: usize, make: &Make) -> Result<(), End> {
        for name in &make.names {
            self.state.set("this", json!(name));
            let body = self.state.json(&make.body);
            let sent_name = body.get("userName").or_else(|| body.get("displayName")).cloned().unwrap_or_default();
            let ask =
                Ask { method: Method::POST, path: make.endpoint.to_owned(), body: Some(Bytes::from(body.to_string())) };
            let answer = self.exchange(step, &Ready { ask, headers: Vec::new() }).await;
            let made = answer.as_ref().ok().filter(|reply| (200..300).contains(&reply.status));
            let id = made.and_then(|reply| {
                let id = serde_json::from_slice::<Value>(&reply.body).ok()?["id"].as_str()?.to_owned();
                (!id.is_empty()).then_some(id)
            });
            let Some(id) = id else {
                let what = if make.endpoint == "/Users" { "user" } else { "group" };
                let came =
                    answer.map_or_else(|fault| fault.to_string(), |reply| format!("{} without an `id`", reply.status));
                return Err(End::Unsettled(format!("a {what} that it needs could not be made: {came}")));
            };
            self.state.set(name, json!(id));
            self.state.set(&format!("{name}.name"), sent_name);
        }
        Ok(())
    }

    async fn send(&mut self, step: usize, send: &Send) -> Result<(), End> {
        let Some(each) = &send.each else { return self.ask(step, send).await };
        let values = match self.state.get(each) {
            Some(Value::Array(values)) => values.clone(),
            Some(other) => vec![other.clone()],
            None => Vec::new(),
        };
        for value in values.into_iter().take(EACH_MAX) {
            self.state.set("it", value);
            self.ask(step, send).await?;
        }
        Ok(())
    }

    /// Sends a request, or several at once, and judges what comes.
    async fn ask(&mut self, step: usize, send: &Send) -> Result<(), End> {
        let answers = match send.together {
            None => {
                let ready = self.ready(step, send)?;
                vec![self.exchange(step, &ready).await]
            }
            Some(count) => self.together(step, send, count).await?,
        };
        let statuses: Vec<u16> = answers.iter().flatten().map(|reply| reply.status).collect();
        let mut judged = Ok(());
        for answer in &answers {
            judged = judged.and(match answer {
                Ok(reply) => self.judge(step, send, reply, &statuses),
                Err(fault) => {
                    self.miss(send.level, step, format!("there is no answer: {fault}"));
                    Err(End::Missed)
                }
            });
        }
        let seen = Seen { status: 0, headers: &HeaderMap::new(), body: &[], json: None, statuses: &statuses };
        let all: Vec<_> = send.expectations.iter().filter(|one| one.is_about_all()).collect();
        for expectation in all {
            if let Some(what) = expectation.misses(&seen, &self.state) {
                self.miss(expectation.level, step, what);
            }
        }
        judged
    }

    fn judge(&mut self, step: usize, send: &Send, reply: &Reply, statuses: &[u16]) -> Result<(), End> {
        let read = serde_json::from_slice::<Value>(&reply.body).ok();
        let seen =
            Seen { status: reply.status, headers: &reply.headers, body: &reply.body, json: read.as_ref(), statuses };
        if let Some(wanted) = &send.statuses
            && !wanted.contains(&reply.status)
        {
            self.miss(send.level, step, format!("the status should be {}, and is {}", listed(wanted), reply.status));
            return Err(End::Missed);
        }
        for expectation in send.expectations.iter().filter(|one| !one.is_about_all()) {
            if let Some(what) = expectation.misses(&seen, &self.state) {
                self.miss(expectation.level, step, what);
            }
        }
        for (name, place) in &send.keep {
            let found = place.find(&seen, &self.state);
            let mut values = found.values.into_iter().flatten();
            if found.is_several {
                self.state.set(name, Value::Array(values.collect()));
            } else if let Some(value) = values.next() {
                self.state.set(name, value);
            } else {
                // The rest of the case is about what is not there.
                self.miss(send.level, step, format!("{place} should be there, and is missing"));
                return Err(End::Missed);
            }
        }
        Ok(())
    }

    async fn together(&mut self, step: usize, send: &Send, count: usize) -> Result<Vec<Result<Reply, Fault>>, End> {
        let mut asked = JoinSet::new();
        for number in 0..count {
            self.state.set("i", json!(number.to_string()));
            let ready = self.ready(step, send)?;
            let target = Arc::clone(&self.bench.target);
            asked.spawn(async move {
                let mut connection = Connection::new(target);
                let answer = connection.exchange_with(&ready.ask, &ready.headers).await;
                (ready, answer)
            });
        }
        let mut answers = Vec::with_capacity(count);
        for (ready, answer) in asked.join_all().await {
            self.note(step, &ready, &answer);
            answers.push(answer);
        }
        Ok(answers)
    }

    fn ready(&mut self, step: usize, send: &Send) -> Result<Ready, End> {
        let path = match whole(&send.path) {
            None => Some(self.state.path(&send.path)),
            Some(_) => below(&self.bench.target, &self.state.text(&send.path)),
        };
        let Some(path) = path else {
            let address = self.state.text(&send.path);
            self.miss(send.level, step, format!("the address `{address}` is not below the service that was asked"));
            return Err(End::Missed);
        };
        let body = match &send.body {
            Body::Nothing => None,
            Body::Json(template) => Some(self.state.json(template).to_string()),
            Body::Raw(text) => Some(self.state.text(text)),
        };
        let header = |(name, value): &(HeaderName, Option<String>)| {
            let value = value.as_ref().map(|value| HeaderValue::try_from(self.state.text(value)));
            // What cannot stand in a header came from the server, and it is sent without.
            (name.clone(), value.and_then(Result::ok))
        };
        let headers = send.headers.iter().map(header).collect();
        Ok(Ready { ask: Ask { method: send.method.clone(), path, body: body.map(Bytes::from) }, headers })
    }

    async fn exchange(&mut self, step: usize, ready: &Ready) -> Result<Reply, Fault> {
        for _ in 0..AGAIN_MAX {
            let answer = self.bench.connection.exchange_with(&ready.ask, &ready.headers).await;
            self.note(step, ready, &answer);
            match &answer {
                Ok(reply) if reply.status == 429 => {
                    sleep(reply.retry_after.unwrap_or(Duration::from_secs(1)).min(WAIT_MAX)).await;
                }
                Ok(reply) => {
                    // Servers that fail so may close the connection behind their answer, and that says nothing of the next request.
                    if reply.status >= 500 {
                        self.bench.connection = Connection::new(Arc::clone(&self.bench.target));
                    }
                    return answer;
                }
                Err(_) => return answer,
            }
        }
        let answer = self.bench.connection.exchange_with(&ready.ask, &ready.headers).await;
        self.note(step, ready, &answer);
        answer
    }

    /// Remembers what was said, and what was made by it.
    fn note(&mut self, step: usize, ready: &Ready, answer: &Result<Reply, Fault>) {
        let target = Arc::clone(&self.bench.target);
        self.bench.requests += 1;
        self.bench.trail.note(&target, &ready.ask, answer.as_ref().ok());
        let shown = |text: &str| short(&target.redacted(text));
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
        self.exchanges.push(Exchange {
            step,
            request: format!("{} {}", ready.ask.method, shown(&ready.ask.path)),
            request_headers: ready.headers.iter().map(otherwise).collect(),
            request_body: ready.ask.body.as_ref().map(|body| shown(&String::from_utf8_lossy(body))),
            status,
            headers,
            body,
        });
    }

    fn miss(&mut self, level: Level, step: usize, what: String) {
        let finding = Finding { level, step, what: self.bench.target.redacted(&what) };
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }
}

/// `200`, `200 or 204`, `400 to 499`.
fn listed(statuses: &[u16]) -> String {
    match statuses {
        [first, .., last] if statuses.len() == 100 => format!("{first} to {last}"),
        several => several.iter().map(u16::to_string).collect::<Vec<_>>().join(" or "),
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
    use super::{listed, short};

    #[test]
    fn statuses_read_as_a_sentence() {
        assert_eq!(listed(&[200]), "200");
        assert_eq!(listed(&[200, 204]), "200 or 204");
        assert_eq!(listed(&(400..500).collect::<Vec<_>>()), "400 to 499");
    }

    #[test]
    fn a_long_body_is_cut() {
        assert_eq!(short(&"ä".repeat(2_001)).chars().count(), 2_001);
        assert_eq!(short("ä"), "ä");
    }
}
