//! Request bodies, read within bounds.

use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Body as _;
use provost_scim::ScimError;
use tokio::time::timeout;

use crate::problem::Problem;
use crate::scim_reply;
use crate::surface::Surface;

/// A client that needs longer for a body is taken for one that holds connections open.
pub const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// What SCIM requests may carry (RFC 7644 §3.8; HTT-06).
pub const SCIM_MEDIA_TYPES: &[&str] = &[scim_reply::CONTENT_TYPE, "application/json"];

/// What management requests may carry.
pub const API_MEDIA_TYPES: &[&str] = &["application/json"];

/// Why a body is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// Declared or turned out to be longer than allowed.
    #[error("the request body is longer than {bytes_max} bytes")]
    TooLarge {
        /// The limit.
        bytes_max: usize,
    },
    /// Not complete in time.
    #[error("the request body did not arrive within {} seconds", .after.as_secs())]
    TimedOut {
        /// The limit.
        after: Duration,
    },
    /// The connection ended or its framing broke.
    #[error("the request body could not be read to its end")]
    Broken,
    /// Not one of the types this surface reads, or compressed.
    #[error("the Content-Type must be {}, in UTF-8 and without Content-Encoding", .accepted.join(" or "))]
    MediaType {
        /// What would do.
        accepted: &'static [&'static str],
    },
}

impl BodyError {
    /// The HTTP status that says so.
    pub fn status(self) -> StatusCode {
        match self {
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TimedOut { .. } => StatusCode::REQUEST_TIMEOUT,
            Self::Broken => StatusCode::BAD_REQUEST,
            Self::MediaType { .. } => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        }
    }

    /// The answer in the form of `surface`.
    pub fn answer(self, surface: Surface) -> Response {
        match surface {
            Surface::Scim => scim_reply::error(&self.into()),
            Surface::Page => surface.error(self.status(), &self.to_string()),
            Surface::Api | Surface::Other => Problem::from(self).into_response(),
        }
    }
}

impl From<BodyError> for ScimError {
    fn from(error: BodyError) -> Self {
        Self::status(error.status().as_u16(), error.to_string())
    }
}

impl From<BodyError> for Problem {
    fn from(error: BodyError) -> Self {
        Self::new(error.status(), error.to_string())
    }
}

/// The whole body, at most `bytes_max` long and complete `within` that time. A declared length above the limit is refused
/// before anything is read; an undeclared one as soon as it passes the limit.
///
/// # Errors
/// `TooLarge`, `TimedOut` or `Broken`.
pub async fn read(body: Body, bytes_max: usize, within: Duration) -> Result<Bytes, BodyError> {
    if usize::try_from(body.size_hint().lower()).map_or(true, |declared| declared > bytes_max) {
        return Err(BodyError::TooLarge { bytes_max });
    }
    timeout(within, collect(body, bytes_max)).await.unwrap_or(Err(BodyError::TimedOut { after: within }))
}

async fn collect(mut body: Body, bytes_max: usize) -> Result<Bytes, BodyError> {
    let mut first = Bytes::new();
    let mut joined = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| BodyError::Broken)?.into_data() else { continue };
        if data.len() > bytes_max - first.len() - joined.len() {
            return Err(BodyError::TooLarge { bytes_max });
        }
        // Most bodies are one frame, which is passed on uncopied.
        if first.is_empty() && joined.is_empty() {
            first = data;
        } else {
            joined.extend_from_slice(&std::mem::take(&mut first));
            joined.extend_from_slice(&data);
        }
    }
    Ok(if joined.is_empty() { first } else { joined.freeze() })
}

/// Checks that a body is declared as one of `accepted`, with no parameter but `charset=utf-8`, and not compressed.
///
/// # Errors
/// `MediaType`.
pub fn check_media_type(headers: &HeaderMap, accepted: &'static [&'static str]) -> Result<(), BodyError> {
    let mut declared = headers.get_all(CONTENT_TYPE).iter();
    let one = match (declared.next(), declared.next()) {
        (Some(one), None) => one.to_str().ok(),
        (None, _) | (_, Some(_)) => None,
    };
    let plain = headers.get(CONTENT_ENCODING).is_none_or(|coding| coding.as_bytes().eq_ignore_ascii_case(b"identity"));
    match one {
        Some(text) if plain && is_one_of(text, accepted) => Ok(()),
        Some(_) | None => Err(BodyError::MediaType { accepted }),
    }
}

fn is_one_of(content_type: &str, accepted: &[&str]) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    accepted.iter().any(|media_type| media_type.eq_ignore_ascii_case(essence))
        && parts.all(|parameter| parameter.is_empty() || is_utf_8(parameter))
}

fn is_utf_8(parameter: &str) -> bool {
    parameter.split_once('=').is_some_and(|(name, value)| {
        name.eq_ignore_ascii_case("charset") && value.trim_matches('"').eq_ignore_ascii_case("utf-8")
    })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn htt_06_a_media_type_is_taken_in_utf_8_only() {
        for (content_type, scim, api) in [
            ("application/scim+json", true, false),
            ("application/json", true, true),
            ("Application/JSON", true, true),
            ("application/scim+json; charset=utf-8", true, false), // PIT-12
            ("application/json;charset=\"UTF-8\"", true, true),
            ("application/json;", true, true),
            ("application/json; charset=iso-8859-1", false, false),
            ("application/json; version=2", false, false),
            ("application/jsonp", false, false),
            ("text/plain", false, false),
            ("application/x-www-form-urlencoded", false, false),
            ("", false, false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
            assert_eq!(check_media_type(&headers, SCIM_MEDIA_TYPES).is_ok(), scim, "SCIM: {content_type}");
            assert_eq!(check_media_type(&headers, API_MEDIA_TYPES).is_ok(), api, "API: {content_type}");
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            assert!(check_media_type(&headers, SCIM_MEDIA_TYPES).is_err(), "compressed: {content_type}");
        }
        let error = check_media_type(&HeaderMap::new(), SCIM_MEDIA_TYPES).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the Content-Type must be application/scim+json or application/json, in UTF-8 and without Content-Encoding"
        );
    }
}
