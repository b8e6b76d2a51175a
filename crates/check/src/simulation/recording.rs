//! What was said, kept so that it can be said again.

use super::{run::Plan, scenario::Scenario};
use crate::{Ask, Fault, Reply, Target, script::Ready};
use bytes::Bytes;
use hyper::{
    Method,
    header::{HeaderName, HeaderValue},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The shape of a recording; it goes up when a field changes its meaning.
const SHAPE: &str = "provost-recording/1";
/// Most exchanges of a recording.
const EXCHANGES_MAX: usize = 100_000;
/// Longest body that is kept, in bytes; of a longer one only the status is.
const BODY_MAX: usize = 1024 * 1024;
/// Most bytes of bodies that are kept in all.
const BODIES_MAX: usize = 32 * 1024 * 1024;
/// Shortest beginning of names: a shorter one would be found where it is none.
const PREFIX_MIN: usize = 6;

/// The requests of a run and their answers, without a token.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recording {
    shape: String,
    /// Who was played.
    pub client: String,
    /// What happened, in one line.
    pub scenario: String,
    /// The service that was asked.
    pub url: String,
    /// What the names of everything that was made begin with.
    pub prefix: String,
    /// The domain of addresses that users got.
    pub domain: String,
    /// In the order in which they were sent.
    pub exchanges: Vec<Recorded>,
    /// How long the bodies are together, in bytes.
    #[serde(skip)]
    length: usize,
}

/// A request and its answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// The act it belongs to.
    #[serde(default)]
    pub act: String,
    /// The step it belongs to.
    #[serde(default)]
    pub says: String,
    /// `POST`.
    pub method: String,
    /// Below the service, with its query, encoded.
    pub path: String,
    /// Headers that were otherwise than usual; one without a value was not sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, Option<String>)>,
    /// What was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Body>,
    /// The status; 0 when there was no answer.
    pub status: u16,
    /// What came, unless it is longer than a mebibyte.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub came: Option<Body>,
}

/// A body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Body {
    /// JSON.
    Json(Value),
    /// Anything else.
    Text(String),
}

/// Why a recording cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordingError {
    /// It is not one.
    #[error("{file} is no recording of `provost simulate`: {why}")]
    Form {
        /// The file's name.
        file: String,
        /// What is wrong.
        why: String,
    },
    /// It has too many exchanges, or none.
    #[error("{file} has {count} exchanges; a recording has 1 to {EXCHANGES_MAX}")]
    Count {
        /// The file's name.
        file: String,
        /// How many.
        count: usize,
    },
    /// An exchange that cannot be sent.
    #[error("{file}, exchange {number}: {why}")]
    Exchange {
        /// The file's name.
        file: String,
        /// Which, from 1.
        number: usize,
        /// What is wrong with it.
        why: String,
    },
}

impl Recording {
    /// Of a run that has not begun.
    pub(super) fn of(scenario: &Scenario, plan: &Plan, url: &str) -> Self {
        Self {
            shape: SHAPE.to_owned(),
            client: scenario.client.clone(),
            scenario: scenario.title.clone(),
            url: url.to_owned(),
            prefix: plan.prefix.clone(),
            domain: plan.domain.clone(),
            exchanges: Vec::new(),
            length: 0,
        }
    }

    /// Adds an exchange; without what came, once that is too much in all.
    pub(super) fn push(&mut self, mut exchange: Recorded) {
        if self.exchanges.len() < EXCHANGES_MAX {
            self.length += exchange.came.as_ref().map_or(0, Body::length);
            if self.length > BODIES_MAX {
                exchange.came = None;
            }
            self.exchanges.push(exchange);
        }
    }

    /// Reads a recording.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn read(file: &str, text: &str) -> Result<Self, RecordingError> {
        let form = |why: String| RecordingError::Form { file: file.to_owned(), why };
        let read: Self = serde_json::from_str(text).map_err(|error| form(error.to_string()))?;
        if read.shape != SHAPE {
            return Err(form(format!("its shape is `{}`, and this version reads `{SHAPE}`", read.shape)));
        }
        if read.prefix.len() < PREFIX_MIN || read.url.is_empty() || read.domain.is_empty() {
            return Err(form(format!("`prefix` has at least {PREFIX_MIN} characters, and `url` and `domain` some")));
        }
        if read.exchanges.is_empty() || read.exchanges.len() > EXCHANGES_MAX {
            return Err(RecordingError::Count { file: file.to_owned(), count: read.exchanges.len() });
        }
        for (number, exchange) in read.exchanges.iter().enumerate() {
            exchange.ready().map_err(|why| RecordingError::Exchange {
                file: file.to_owned(),
                number: number + 1,
                why,
            })?;
        }
        Ok(read)
    }
}

impl Recorded {
    /// A request and its answer as they were; nothing where nothing was sent.
    pub(super) fn of(target: &Target, sent: &Ready, answer: &Result<Reply, Fault>) -> Option<Self> {
        let text = |value: &HeaderValue| target.redacted(&String::from_utf8_lossy(value.as_bytes()));
        let came = match answer {
            Err(Fault::Unreachable(_)) => return None,
            Err(Fault::Broken(_) | Fault::TimedOut | Fault::TooLong) => None,
            Ok(reply) => Some((reply.status, Body::of(target, &reply.body))),
        };
        let header = |(name, value): &(HeaderName, Option<HeaderValue>)| (name.to_string(), value.as_ref().map(text));
        let (status, came) = came.unwrap_or_default();
        Some(Self {
            act: String::new(),
            says: String::new(),
            method: sent.ask.method.to_string(),
            path: sent.ask.path.clone(),
            headers: sent.headers.iter().map(header).collect(),
            sent: sent.ask.body.as_ref().and_then(|body| Body::of(target, body)),
            status,
            came,
        })
    }

    pub(super) fn within(self, act: &str, says: &str) -> Self {
        Self { act: act.to_owned(), says: says.to_owned(), ..self }
    }

    /// The request, to be sent as it stands.
    ///
    /// # Errors
    /// What of it cannot be sent.
    pub(super) fn ready(&self) -> Result<Ready, String> {
        let method: Method = self.method.parse().map_err(|_| format!("`{}` is no method", self.method))?;
        if !self.path.starts_with('/') || !self.path.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(format!("`{}` is no path below the service", self.path.escape_debug()));
        }
        let header = |(name, value): &(String, Option<String>)| {
            let read = HeaderName::try_from(name.as_str()).map_err(|_| format!("`{name}` is no header"))?;
            let value = value.as_deref().map(HeaderValue::try_from).transpose();
            Ok((read, value.map_err(|_| format!("the value of `{name}` cannot stand in a header"))?))
        };
        let headers = self.headers.iter().map(header).collect::<Result<_, String>>()?;
        let body = self.sent.as_ref().map(Body::bytes);
        Ok(Ready { ask: Ask { method, path: self.path.clone(), body }, headers })
    }
}

impl Body {
    /// Nothing where there is nothing, or too much of it.
    pub(super) fn of(target: &Target, bytes: &[u8]) -> Option<Self> {
        if bytes.is_empty() || bytes.len() > BODY_MAX {
            return None;
        }
        let text = target.redacted(&String::from_utf8_lossy(bytes));
        Some(serde_json::from_str(&text).map_or_else(|_| Self::Text(text), Self::Json))
    }

    fn length(&self) -> usize {
        self.bytes().len()
    }

    fn bytes(&self) -> Bytes {
        match self {
            Self::Json(value) => Bytes::from(value.to_string()),
            Self::Text(text) => Bytes::from(text.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Recording;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(texts: &[&str], expected: Expect) {
        let told = texts.iter().map(|text| match Recording::read("said.json", text) {
            Ok(recording) => format!("{} exchanges\n", recording.exchanges.len()),
            Err(error) => format!("{}\n", error.to_string().chars().take(120).collect::<String>()),
        });
        expected.assert_eq(&told.collect::<String>());
    }

    fn with(shape: &str, prefix: &str, exchanges: &str) -> String {
        format!(
            r#"{{ "shape": "{shape}", "client": "Us", "scenario": "A life", "url": "http://a", "prefix": "{prefix}",
                "domain": "b.example", "exchanges": [{exchanges}] }}"#
        )
    }

    fn exchange(exchange: &str) -> String {
        with("provost-recording/1", "sim-01234567", exchange)
    }

    #[test]
    fn what_is_no_recording_says_why() {
        check(
            &[
                "{}",
                "[",
                &with("provost-recording/2", "sim-01234567", ""),
                &with("provost-recording/1", "s", ""),
                &exchange(""),
                &exchange(r#"{ "method": "GET", "path": "/Users", "status": 200 }"#),
                &exchange(r#"{ "method": "GET", "path": "/Users", "status": 200, "colour": "red" }"#),
                &exchange(r#"{ "method": "G T", "path": "/Users", "status": 200 }"#),
                &exchange(r#"{ "method": "GET", "path": "http://elsewhere/Users", "status": 200 }"#),
                &exchange(r#"{ "method": "GET", "path": "/Us ers", "status": 200 }"#),
                &exchange(r#"{ "method": "GET", "path": "/Users", "status": 200, "headers": [["a b", "c"]] }"#),
                &exchange(r#"{ "method": "GET", "path": "/Users", "status": 200, "headers": [["a", "\n"]] }"#),
            ],
            expect![[r#"
                said.json is no recording of `provost simulate`: missing field `shape` at line 1 column 2
                said.json is no recording of `provost simulate`: EOF while parsing a list at line 1 column 1
                said.json is no recording of `provost simulate`: its shape is `provost-recording/2`, and this version reads `provost-rec
                said.json is no recording of `provost simulate`: `prefix` has at least 6 characters, and `url` and `domain` some
                said.json has 0 exchanges; a recording has 1 to 100000
                1 exchanges
                said.json is no recording of `provost simulate`: unknown field `colour`, expected one of `act`, `says`, `method`, `path`
                said.json, exchange 1: `G T` is no method
                said.json, exchange 1: `http://elsewhere/Users` is no path below the service
                said.json, exchange 1: `/Us ers` is no path below the service
                said.json, exchange 1: `a b` is no header
                said.json, exchange 1: the value of `a` cannot stand in a header
            "#]],
        );
    }
}
