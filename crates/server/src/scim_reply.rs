//! Answers of the SCIM surface.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE as CONTENT_TYPE_HEADER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use provost_scim::ScimError;

/// The media type of every SCIM answer that has a body (RFC 7644 §3.1).
pub const CONTENT_TYPE: &str = "application/scim+json";

/// An answer of `status` with a JSON document.
pub fn json(status: StatusCode, document: impl Into<Body>) -> Response {
    let mut response = Response::new(document.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE_HEADER, HeaderValue::from_static(CONTENT_TYPE));
    response
}

/// A SCIM error (RFC 7644 §3.12); a 401 names the `Bearer` scheme (RFC 9110 §11.6.1).
pub fn error(error: &ScimError) -> Response {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = json(status, error.to_json());
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}
