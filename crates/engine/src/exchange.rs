//! What is asked of a target, and what comes back.

use jiff::SignedDuration;
use serde_json::Value;

/// A request to a target, below its base.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Which verb.
    pub method: Method,
    /// What follows the base, query included and percent-encoded: `/Users?filter=userName%20eq%20%22ann%22`.
    pub path: String,
    /// The body, as SCIM JSON.
    pub body: Option<Value>,
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
