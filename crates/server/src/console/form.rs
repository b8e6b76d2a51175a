//! Forms that were sent: read within bounds, and only with the token of the session.

use crate::{
    app::Failure,
    body::{self, BodyError},
};
use axum::{body::Body, http::HeaderMap};
use provost_console::Filled;
use subtle::ConstantTimeEq;
use url::form_urlencoded;

/// Longest form, in bytes: an expression, a policy or a list of users fits into it.
const FORM_BYTES_MAX: usize = 512 * 1024;
/// Fields of one form.
const FIELDS_MAX: usize = 2_000;
/// The only type of form there is.
const MEDIA_TYPES: &[&str] = &["application/x-www-form-urlencoded"];
/// The field with the token.
const TOKEN: &str = "csrf";

/// Reads a form and checks its token.
///
/// # Errors
/// Whatever is wrong with the body; 403 where the token is not the session's.
pub(super) async fn read(headers: &HeaderMap, body: Body, csrf: &str) -> Result<Filled, Failure> {
    let filled = read_open(headers, body).await?;
    if bool::from(filled.value(TOKEN).as_bytes().ct_eq(csrf.as_bytes())) {
        return Ok(filled);
    }
    Err(Failure::Forbidden(
        "this form is from another session: open the page again, then send it again; what you typed is kept when you go back"
            .to_owned(),
    ))
}

/// Reads a form that nobody is signed in for.
///
/// # Errors
/// Whatever is wrong with the body.
pub(super) async fn read_open(headers: &HeaderMap, body: Body) -> Result<Filled, Failure> {
    body::check_media_type(headers, MEDIA_TYPES)?;
    let bytes = body::read(body, FORM_BYTES_MAX, body::READ_TIMEOUT).await?;
    let pairs: Vec<(String, String)> = form_urlencoded::parse(&bytes)
        .take(FIELDS_MAX + 1)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    if pairs.len() > FIELDS_MAX {
        return Err(BodyError::TooLarge { bytes_max: FORM_BYTES_MAX }.into());
    }
    Ok(Filled::new(pairs))
}
