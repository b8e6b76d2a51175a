//! Bodies of the management API.

use crate::{app::Failure, body};
use axum::{body::Body, http::HeaderMap};
use hyper::body::Body as _;
use provost_scim::{ScimError, json};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_path_to_error::{Path, Segment};

/// Longest body, in bytes.
const BYTES_MAX: usize = 1024 * 1024;
/// Longest sentence about a body, in characters: it may quote what the client sent.
const DETAIL_MAX: usize = 400;

/// Reads a body within its bounds.
///
/// # Errors
/// `Body` for what is no JSON body at all; `Member` naming the member that is unknown, missing or of another type.
pub(super) async fn read<T: DeserializeOwned>(headers: &HeaderMap, body: Body) -> Result<T, Failure> {
    body::check_media_type(headers, body::API_MEDIA_TYPES)?;
    let bytes = body::read(body, BYTES_MAX, body::READ_TIMEOUT).await?;
    let value = json::parse(&bytes, &json::Limits::default()).map_err(ScimError::from)?;
    serde_path_to_error::deserialize(value).map_err(|error| {
        let pointer = pointer(error.path());
        Failure::Member { pointer, problem: shortened(&error.into_inner().to_string()) }
    })
}

/// Whether there is no body, as far as the head of the request says.
pub(super) fn is_empty(body: &Body) -> bool {
    body.size_hint().upper() == Some(0)
}

/// A member that may be null and may be left out, which are two things.
pub(super) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A list without its repetitions, in the order of first appearance.
pub(super) fn distinct<T: PartialEq>(list: Vec<T>) -> Vec<T> {
    list.into_iter().fold(Vec::new(), |mut kept, one| {
        if !kept.contains(&one) {
            kept.push(one);
        }
        kept
    })
}

/// Refuses a member that is longer than `max` of `unit`.
///
/// # Errors
/// `Member`.
pub(super) fn at_most(name: &str, length: usize, max: usize, unit: &str) -> Result<(), Failure> {
    if length <= max {
        return Ok(());
    }
    Err(member(name, format!("at most {max} {unit}")))
}

/// A refused member of the body's top level, or below it as `list/0`.
pub(super) fn member(name: &str, problem: impl std::fmt::Display) -> Failure {
    Failure::Member { pointer: format!("/{name}"), problem: problem.to_string() }
}

/// A sentence that quotes what a client sent, bounded.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(DETAIL_MAX) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

fn pointer(path: &Path) -> String {
    let segment = |segment: &Segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => format!("/{}", shortened(key).replace('~', "~0").replace('/', "~1")),
        Segment::Enum { .. } | Segment::Unknown => String::new(),
    };
    path.iter().map(segment).collect()
}
