//! Doing steps at a server.

use super::{
    bench::{Bench, Ready},
    gate::rest,
    outcome::{Exchange, Finding, Level},
    place::{Place, Seen},
    state::{State, whole},
    step::{Body, Make, Send, Step},
    trail::below,
};
use crate::{Ask, Connection, Fault, Reply};
use bytes::Bytes;
use hyper::{
    Method,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc, time::Instant};
use tokio::task::JoinSet;

/// Most elements that a step is done for.
const EACH_MAX: usize = 100;

/// Headers with variables; one without a value is not sent.
pub type HeaderTemplates = Vec<(HeaderName, Option<String>)>;

/// A script under way.
pub struct Talk<'b, 'a> {
    bench: &'b mut Bench<'a>,
    state: State,
    /// What every request has otherwise than usual.
    headers: HeaderTemplates,
    findings: Vec<Finding>,
}

/// Why a step ends before its end.
#[derive(Debug)]
pub enum End {
    /// Something that the rest builds upon did not hold.
    Missed,
    /// What it needs could not be made, or was not.
    Unsettled(String),
    /// It was ended from outside.
    Stopped,
}

impl<'b, 'a> Talk<'b, 'a> {
    /// A script that begins with these variables. All of its requests have these headers, unless a step says otherwise; `Content-Type`
    /// only those with a body.
    pub fn new(bench: &'b mut Bench<'a>, state: State, headers: HeaderTemplates) -> Self {
        Self { bench, state, headers, findings: Vec::new() }
    }

    /// Does a step and judges what comes. `number` is shown with what is wrong.
    ///
    /// # Errors
    /// Why the steps that build upon it cannot be done; what did not hold is among the findings.
    pub async fn step(&mut self, number: usize, step: &Step) -> Result<(), End> {
        if self.bench.is_stopped() {
            return Err(End::Stopped);
        }
        let done = match step {
            Step::Make(make) => self.make(number, make).await,
            Step::Send(send) => self.send(number, send).await,
        };
        // What an end from outside cut short says nothing.
        if self.bench.is_stopped() { Err(End::Stopped) } else { done }
    }

    /// What did not hold and what was said, since the last time.
    pub fn take(&mut self) -> (Vec<Finding>, Vec<Exchange>) {
        (std::mem::take(&mut self.findings), std::mem::take(&mut self.bench.exchanges))
    }

    /// Whether a variable has a value that says something.
    pub fn says(&self, variable: &str) -> bool {
        self.state.says(variable)
    }

    async fn make(&mut self, step: usize, make: &Make) -> Result<(), End> {
        self.has_all(&make.uses)?;
        for name in &make.names {
            self.state.set("this", json!(name));
            let body = self.state.json(&make.body);
            let sent_name = body.get("userName").or_else(|| body.get("displayName")).cloned().unwrap_or_default();
            let ask =
                Ask { method: Method::POST, path: make.endpoint.to_owned(), body: Some(Bytes::from(body.to_string())) };
            let headers = self.headers(true, &[]);
            let answer = self.bench.exchange(step, &Ready { ask, headers }).await;
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

    /// That every variable of an earlier step has its value.
    fn has_all(&self, uses: &BTreeSet<String>) -> Result<(), End> {
        let is_missing = |name: &&String| self.state.get(name).is_none();
        uses.iter().find(is_missing).map_or(Ok(()), |name| {
            Err(End::Unsettled(format!("`${{{name}}}` has no value, since the step that gives it did not hold")))
        })
    }

    async fn send(&mut self, step: usize, send: &Send) -> Result<(), End> {
        self.has_all(&send.uses)?;
        if let Some(count) = send.repeat {
            for number in 0..count {
                self.state.set("i", json!(number.to_string()));
                self.ask(step, send).await?;
            }
            return Ok(());
        }
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
                vec![self.exchange_until(step, send, &ready).await]
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

    /// Sends a request until what it waits for holds.
    async fn exchange_until(&mut self, step: usize, send: &Send, ready: &Ready) -> Result<Reply, Fault> {
        let mut answer = self.bench.exchange(step, ready).await;
        let Some(until) = &send.until else { return answer };
        for _ in 1..until.tries {
            let is_there = answer.as_ref().is_ok_and(|reply| {
                let read = serde_json::from_slice::<Value>(&reply.body).ok();
                let seen = seen(reply, read.as_ref(), &[]);
                until.expectations.iter().all(|one| one.misses(&seen, &self.state).is_none())
            });
            if is_there || self.bench.is_stopped() {
                break;
            }
            rest(until.every, &mut self.bench.stop).await;
            answer = self.bench.exchange(step, ready).await;
        }
        answer
    }

    fn judge(&mut self, step: usize, send: &Send, reply: &Reply, statuses: &[u16]) -> Result<(), End> {
        let read = serde_json::from_slice::<Value>(&reply.body).ok();
        let seen = seen(reply, read.as_ref(), statuses);
        // A client goes on with what it got, also where it got it with another status than it should.
        let is_well = (200..300).contains(&reply.status);
        for (name, place) in send.find.iter().chain(send.keep.iter().filter(|_| is_well)) {
            self.find(name, place, &seen);
        }
        if let Some(wanted) = &send.statuses
            && !wanted.contains(&reply.status)
        {
            self.miss(send.level, step, format!("the status should be {}, and is {}", listed(wanted), reply.status));
            return Err(End::Missed);
        }
        let awaited = send.until.iter().flat_map(|until| &until.expectations);
        for expectation in send.expectations.iter().filter(|one| !one.is_about_all()).chain(awaited) {
            if let Some(what) = expectation.misses(&seen, &self.state) {
                self.miss(expectation.level, step, what);
            }
        }
        for (name, place) in &send.keep {
            if !self.find(name, place, &seen) {
                // The rest is about what is not there.
                self.miss(send.level, step, format!("{place} should be there, and is missing"));
                return Err(End::Missed);
            }
        }
        Ok(())
    }

    /// Gives a variable the value that stands at a place, or none; answers whether there is one.
    fn find(&mut self, name: &str, place: &Place, seen: &Seen<'_>) -> bool {
        let name = self.state.text(name);
        let found = place.find(seen, &self.state);
        let mut values = found.values.into_iter().flatten();
        let value = if found.is_several { Some(Value::Array(values.collect())) } else { values.next() };
        match value {
            Some(value) => self.state.set(&name, value),
            None => self.state.unset(&name),
        }
        self.state.get(&name).is_some()
    }

    async fn together(&mut self, step: usize, send: &Send, count: usize) -> Result<Vec<Result<Reply, Fault>>, End> {
        self.bench.gate.pass(&mut self.bench.stop).await;
        let mut asked = JoinSet::new();
        for number in 0..count {
            self.state.set("i", json!(number.to_string()));
            let ready = self.ready(step, send)?;
            let target = Arc::clone(&self.bench.target);
            asked.spawn(async move {
                let mut connection = Connection::new(target);
                let begun = Instant::now();
                let answer = connection.exchange_with(&ready.ask, &ready.headers).await;
                (ready, answer, begun.elapsed())
            });
        }
        let mut answers = Vec::with_capacity(count);
        for (ready, answer, took) in asked.join_all().await {
            self.bench.note(step, &ready, &answer, took);
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
        let headers = self.headers(body.is_some(), &send.headers);
        Ok(Ready { ask: Ask { method: send.method.clone(), path, body: body.map(Bytes::from) }, headers })
    }

    fn headers(&self, has_body: bool, own: &[(HeaderName, Option<String>)]) -> Vec<(HeaderName, Option<HeaderValue>)> {
        let header = |(name, value): &(HeaderName, Option<String>)| {
            let value = value.as_ref().map(|value| HeaderValue::try_from(self.state.text(value)));
            // What cannot stand in a header came from the server, and it is sent without.
            (name.clone(), value.and_then(Result::ok))
        };
        let usual = self
            .headers
            .iter()
            .filter(|(name, _)| (has_body || *name != CONTENT_TYPE) && !own.iter().any(|(other, _)| other == name));
        usual.chain(own).map(header).collect()
    }

    fn miss(&mut self, level: Level, step: usize, what: String) {
        let finding = Finding { level, step, what: self.bench.target.redacted(&what) };
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }
}

fn seen<'s>(reply: &'s Reply, json: Option<&'s Value>, statuses: &'s [u16]) -> Seen<'s> {
    Seen { status: reply.status, headers: &reply.headers, body: &reply.body, json, statuses }
}

/// `200`, `200 or 204`, `400 to 499`.
fn listed(statuses: &[u16]) -> String {
    match statuses {
        [first, .., last] if statuses.len() == 100 => format!("{first} to {last}"),
        several => several.iter().map(u16::to_string).collect::<Vec<_>>().join(" or "),
    }
}

#[cfg(test)]
mod tests {
    use super::listed;

    #[test]
    fn statuses_read_as_a_sentence() {
        assert_eq!(listed(&[200]), "200");
        assert_eq!(listed(&[200, 204]), "200 or 204");
        assert_eq!(listed(&(400..500).collect::<Vec<_>>()), "400 to 499");
    }
}
