//! Asking and being answered, written as if the answer came at once.

use crate::{Answer, Body, Reply, Request, connection};
use serde_json::Value as Json;

/// A target that has not answered so often in a row is not asked any more, except to remove what was made.
const SILENCES_MAX: usize = 3;

/// The request whose reply is not there yet.
pub(super) struct Pending(pub Box<Request>);

/// What a part of the conversation comes to, or what has to be asked before.
pub(super) type Asked<T> = Result<T, Pending>;

/// The replies so far, taken one by one. The conversation is held again from its beginning for each reply, and asks the same each time.
pub(super) struct Session<'p> {
    replies: std::slice::Iter<'p, Reply>,
    silences: usize,
}

/// What the target says to one request.
pub(super) struct Said {
    /// The HTTP status; `None` when there was no answer.
    pub status: Option<u16>,
    /// The body, where it is JSON.
    pub json: Json,
    /// Status and detail for people.
    pub words: String,
}

impl<'p> Session<'p> {
    pub(super) fn new(replies: &'p [Reply]) -> Self {
        Self { replies: replies.iter(), silences: 0 }
    }

    /// Asks, unless the target has fallen silent.
    pub(super) fn ask(&mut self, request: Request) -> Asked<Said> {
        if self.silences >= SILENCES_MAX {
            let words = "not asked, since the target does not answer any more".to_owned();
            return Ok(Said { status: None, json: Json::Null, words });
        }
        self.insist(request)
    }

    /// Asks, whether or not the target has fallen silent.
    pub(super) fn insist(&mut self, request: Request) -> Asked<Said> {
        let Some(reply) = self.replies.next() else { return Err(Pending(Box::new(request))) };
        let said = Said::new(reply);
        self.silences = if said.status.is_some() { 0 } else { self.silences + 1 };
        Ok(said)
    }
}

impl Said {
    fn new(reply: &Reply) -> Self {
        let none = |words: String| Self { status: None, json: Json::Null, words };
        match reply {
            Reply::Answered(Answer { status, body, .. }) => {
                let words = format!("{status}{}", connection::said(body));
                let json = match body {
                    Body::Json(json) => json.clone(),
                    Body::Empty | Body::Other(_) | Body::TooLong => Json::Null,
                };
                Self { status: Some(*status), json, words }
            }
            Reply::TimedOut => none("no answer in time".to_owned()),
            Reply::Unreachable(why) | Reply::Forbidden(why) | Reply::Unclear(why) => none(why.clone()),
        }
    }

    /// Whether the target says that it has done it.
    pub(super) fn is_done(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}
