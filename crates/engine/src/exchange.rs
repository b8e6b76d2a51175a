//! What is asked of a target, and what comes back.

use jiff::SignedDuration;
use serde::{Serialize, Serializer};
use serde_json::{
    Value,
    value::{RawValue, to_raw_value},
};
use std::fmt;

/// A request to a target, below its base.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Which verb.
    pub method: Method,
    /// What follows the base, query included and percent-encoded: `/Users?filter=userName%20eq%20%22ann%22`.
    pub path: String,
    /// The body.
    pub body: Option<Content>,
    /// What has to be read of the answer.
    pub reads: Reads,
}

/// SCIM JSON as it goes over the wire.
#[derive(Clone, Debug)]
pub struct Content(Box<RawValue>);

/// What is read of an answer that says that all is well; of any other it is everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reads {
    /// Everything.
    #[default]
    Whole,
    /// The resource's `id`: the rest is what was sent.
    Id,
}

impl Request {
    /// A request without a body.
    pub fn plain(method: Method, path: String) -> Self {
        Self { method, path, body: None, reads: Reads::Whole }
    }

    /// A request whose answer matters as a whole.
    pub fn with(method: Method, path: String, body: &impl Serialize) -> Self {
        Self { method, path, body: Some(Content::new(body)), reads: Reads::Whole }
    }
}

impl Content {
    /// Writes a value.
    pub fn new(value: &impl Serialize) -> Self {
        Self(to_raw_value(value).expect("requests are made of texts, numbers and JSON values"))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// Reads it again.
    pub fn to_json(&self) -> Value {
        serde_json::from_str(self.as_str()).expect("what was written as JSON is JSON")
    }
}

impl PartialEq for Content {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl fmt::Display for Content {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl Serialize for Content {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(out)
    }
}

/// The verbs that are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
    /// PATCH.
    Patch,
    /// DELETE.
    Delete,
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// The target answered.
    Answered(Answer),
    /// No answer came in time; the target may have done it.
    TimedOut,
    /// No connection came about, or it broke; the target may have done it. Why, in one sentence.
    Unreachable(String),
    /// The request must not be sent where it was to go: a private address, or plain HTTP. Why, in one sentence.
    Forbidden(String),
    /// The target answered, and what it said does not tell what became of the request; it may have done it. Why, in one sentence.
    Unclear(String),
}

/// An answer of a target.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// How long the target wants to be left alone (`Retry-After`).
    pub retry_after: Option<SignedDuration>,
    /// The body.
    pub body: Body,
}

/// The body of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// There was none.
    Empty,
    /// JSON.
    Json(Value),
    /// Something else, cut short for people to read.
    Other(String),
    /// More than is read of an answer.
    TooLong,
}
