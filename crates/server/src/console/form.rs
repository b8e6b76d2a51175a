//! Forms that were sent, read within bounds. Whether they come from a page of ours is looked at where they come in.

use crate::{
    app::Failure,
    body::{self, BodyError},
};
use axum::{
    body::{Body, Bytes},
    http::HeaderMap,
};
use provost_console::Filled;
use url::form_urlencoded;

/// Longest form, in bytes: an expression, a policy or a list of users fits into it.
pub(super) const FORM_BYTES_MAX: usize = 512 * 1024;
/// Fields of one form.
const FIELDS_MAX: usize = 2_000;
/// The only type of form there is.
pub(super) const MEDIA_TYPE: &str = "application/x-www-form-urlencoded";
/// The field with the token.
pub(super) const TOKEN: &str = "csrf";

/// The bytes of a form.
///
/// # Errors
/// Whatever is wrong with the body.
pub(super) async fn bytes(headers: &HeaderMap, body: Body) -> Result<Bytes, Failure> {
    body::check_media_type(headers, &[MEDIA_TYPE])?;
    Ok(body::read(body, FORM_BYTES_MAX, body::READ_TIMEOUT).await?)
}

/// The fields of a form.
///
/// # Errors
/// Too many fields.
pub(super) fn fields(bytes: &[u8]) -> Result<Filled, Failure> {
    let pairs: Vec<(String, String)> = form_urlencoded::parse(bytes)
        .take(FIELDS_MAX + 1)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    if pairs.len() > FIELDS_MAX {
        return Err(BodyError::TooLarge { bytes_max: FORM_BYTES_MAX }.into());
    }
    Ok(Filled::new(pairs))
}

/// Reads a form.
///
/// # Errors
/// Whatever is wrong with the body.
pub(super) async fn read(headers: &HeaderMap, body: Body) -> Result<Filled, Failure> {
    fields(&bytes(headers, body).await?)
}

/// That a form is not of the session that sends it.
pub(super) fn foreign() -> Failure {
    Failure::Forbidden(
        "this form is from another session: open the page again, then send it again; what you typed is kept when you go back"
            .to_owned(),
    )
}
