//! Places in an answer: `status`, `header:ETag`, `/emails/?type=work/value`.

use super::state::State;
use hyper::header::HeaderMap;
use serde_json::{Value, json};
use std::fmt;

/// Where in an answer something stands.
///
/// A path is an RFC 6901 pointer with two more kinds of segments: `*` stands for each element or member, of which all are looked at, and
/// `?` for any one, `?type=work` for any one whose `type` is `work`.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// The status.
    Status,
    /// A header, by its name.
    Header(String),
    /// The body as text.
    Text,
    /// How many answers of a step that sends several requests have this status.
    Answers(u16),
    /// A path into the body.
    Path(Vec<Segment>),
}

/// A segment of a path.
#[derive(Clone, Debug, PartialEq)]
pub enum Segment {
    /// A member's name, or an element's number. May hold variables.
    Name(String),
    /// Each.
    Each,
    /// Any.
    Any,
    /// Any whose member has this value as text.
    AnyWhere(String, String),
}

/// What an answer has to be looked at.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    pub status: u16,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
    /// The body, if it is JSON.
    pub json: Option<&'a Value>,
    /// The statuses of all answers of the step.
    pub statuses: &'a [u16],
}

/// What stands at a place.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// `None` where there is nothing.
    pub values: Vec<Option<Value>>,
    /// One of them is enough.
    pub is_any: bool,
    /// The path had a segment for several.
    pub is_several: bool,
}

impl Place {
    /// Reads a place as it is written.
    ///
    /// # Errors
    /// When it has no such form.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(name) = text.strip_prefix("header:") {
            return Ok(Self::Header(name.to_owned()));
        }
        if let Some(status) = text.strip_prefix("answers:") {
            return status.parse().map(Self::Answers).map_err(|_| format!("`{status}` is no status"));
        }
        match text {
            "status" => return Ok(Self::Status),
            "text" => return Ok(Self::Text),
            "body" => return Ok(Self::Path(Vec::new())),
            _ => {}
        }
        let Some(path) = text.strip_prefix('/') else {
            return Err(format!(
                "`{text}` is no place: there are status, text, body, header:NAME, answers:STATUS and /PATH"
            ));
        };
        Ok(Self::Path(path.split('/').map(segment).collect()))
    }

    /// What stands there in an answer.
    pub fn find(&self, seen: &Seen<'_>, state: &State) -> Found {
        let one = |value: Option<Value>| Found { values: vec![value], is_any: false, is_several: false };
        match self {
            Self::Status => one(Some(json!(seen.status))),
            Self::Text => one(Some(json!(String::from_utf8_lossy(seen.body)))),
            Self::Answers(status) => one(Some(json!(seen.statuses.iter().filter(|one| *one == status).count()))),
            Self::Header(name) => {
                let value = seen.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
                one(value.map(Value::String))
            }
            Self::Path(segments) => {
                let mut found = Found { values: Vec::new(), is_any: false, is_several: false };
                walk(seen.json, segments, state, &mut found);
                found
            }
        }
    }
}

/// `~1` is a slash and `~0` a tilde, as in RFC 6901.
fn segment(text: &str) -> Segment {
    let plain = |text: &str| text.replace("~1", "/").replace("~0", "~");
    match (text, text.strip_prefix('?')) {
        ("*", _) => Segment::Each,
        (_, Some("")) => Segment::Any,
        (_, Some(condition)) => match condition.split_once('=') {
            Some((name, value)) => Segment::AnyWhere(plain(name), plain(value)),
            None => Segment::Name(plain(text)),
        },
        (_, None) => Segment::Name(plain(text)),
    }
}

fn walk(at: Option<&Value>, segments: &[Segment], state: &State, found: &mut Found) {
    let Some((first, rest)) = segments.split_first() else {
        found.values.push(at.cloned());
        return;
    };
    match first {
        Segment::Name(name) => {
            let name = state.text(name);
            let next = at.and_then(|value| match value {
                Value::Object(members) => members.get(&name),
                Value::Array(elements) => name.parse::<usize>().ok().and_then(|place| elements.get(place)),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
            });
            walk(next, rest, state, found);
        }
        Segment::Each | Segment::Any | Segment::AnyWhere(..) => {
            found.is_several = true;
            found.is_any |= *first != Segment::Each;
            for element in elements(at) {
                if is_meant(element, first, state) {
                    walk(Some(element), rest, state, found);
                }
            }
        }
    }
}

fn elements(at: Option<&Value>) -> Vec<&Value> {
    match at {
        Some(Value::Array(elements)) => elements.iter().collect(),
        Some(Value::Object(members)) => members.values().collect(),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => Vec::new(),
    }
}

fn is_meant(element: &Value, segment: &Segment, state: &State) -> bool {
    let Segment::AnyWhere(name, wanted) = segment else { return true };
    let wanted = state.text(wanted);
    match element.get(name) {
        Some(Value::String(text)) => *text == wanted,
        Some(other) => serde_json::from_str::<Value>(&wanted).is_ok_and(|wanted| *other == wanted),
        None => false,
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status => out.write_str("the status"),
            Self::Text => out.write_str("the body's text"),
            Self::Header(name) => write!(out, "the header `{name}`"),
            Self::Answers(status) => write!(out, "the number of answers {status}"),
            Self::Path(segments) if segments.is_empty() => out.write_str("the body"),
            Self::Path(segments) => {
                out.write_str("`")?;
                for segment in segments {
                    match segment {
                        Segment::Name(name) => write!(out, "/{name}")?,
                        Segment::Each => out.write_str("/*")?,
                        Segment::Any => out.write_str("/?")?,
                        Segment::AnyWhere(name, value) => write!(out, "/?{name}={value}")?,
                    }
                }
                out.write_str("`")
            }
        }
    }
}
