//! Answers, read up to a bound.

use super::shortened;
use http_body_util::BodyExt;
use hyper::{
    Response,
    body::Incoming,
    header::{DATE, HeaderMap, HeaderName, LOCATION, RETRY_AFTER},
};
use jiff::SignedDuration;
use serde_json::Value;

/// An answer of a target.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetAnswer {
    /// The HTTP status.
    pub status: u16,
    /// How long the target wants to be left alone (`Retry-After`): not negative, a day at most.
    pub retry_after: Option<SignedDuration>,
    /// The body.
    pub body: TargetBody,
}

/// The body of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum TargetBody {
    /// There was none.
    Empty,
    /// JSON, whatever it was called.
    Json(Value),
    /// Something else, cut short; of a redirect, where it leads.
    Other(String),
    /// More than is read.
    TooLong,
}

/// Longest time that a target is left alone because it asks for it.
const RETRY_AFTER_MAX: SignedDuration = SignedDuration::from_hours(24);

/// Reads an answer.
///
/// # Errors
/// When the connection ends before the body does.
pub(super) async fn read(mut answer: Response<Incoming>, bytes_max: usize) -> Result<TargetAnswer, hyper::Error> {
    let status = answer.status();
    let retry_after = retry_after(answer.headers());
    if status.is_redirection() {
        let to = header(answer.headers(), &LOCATION).map_or_else(String::new, |to| format!(" to {to}"));
        let said = format!("the target redirects{to}; redirects are not followed: use the URL behind them");
        return Ok(TargetAnswer { status: status.as_u16(), retry_after, body: TargetBody::Other(shortened(&said)) });
    }
    let mut bytes: Vec<u8> = Vec::new();
    while let Some(frame) = answer.body_mut().frame().await {
        let Ok(chunk) = frame?.into_data() else { continue };
        if bytes.len() + chunk.len() > bytes_max {
            return Ok(TargetAnswer { status: status.as_u16(), retry_after, body: TargetBody::TooLong });
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(TargetAnswer { status: status.as_u16(), retry_after, body: body(&bytes) })
}

fn body(bytes: &[u8]) -> TargetBody {
    if bytes.is_empty() {
        return TargetBody::Empty;
    }
    match serde_json::from_slice(bytes) {
        Ok(json) => TargetBody::Json(json),
        Err(_) => TargetBody::Other(shortened(&String::from_utf8_lossy(bytes))),
    }
}

/// What the target asks for, within our bound.
fn retry_after(headers: &HeaderMap) -> Option<SignedDuration> {
    let asked = provost_scim::retry_after(header(headers, &RETRY_AFTER)?, header(headers, &DATE))?;
    Some(SignedDuration::try_from(asked).map_or(RETRY_AFTER_MAX, |wait| wait.min(RETRY_AFTER_MAX)))
}

fn header<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_left_alone_for_a_day_at_most() {
        let seconds = SignedDuration::from_secs;
        let day = Some(RETRY_AFTER_MAX);
        let now = "Sun, 06 Nov 1994 08:49:37 GMT";
        for (given, wait) in [
            ("30", Some(seconds(30))),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(seconds(60))),
            ("Tue, 08 Nov 1994 08:49:37 GMT", day),
            ("4000000000", day),
            ("18446744073709551615", day),
            ("soon", None),
        ] {
            let headers = [(RETRY_AFTER, given), (DATE, now)].map(|(name, value)| (name, value.parse().unwrap()));
            assert_eq!(retry_after(&HeaderMap::from_iter(headers)), wait, "{given}");
        }
    }
}
