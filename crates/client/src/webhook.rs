//! JSON lines, sent by POST.

use crate::{SinkError, smtp::shortened};
use reqwest::{
    Client, Url,
    header::{
        CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue,
        TRANSFER_ENCODING,
    },
    redirect,
};
use std::{collections::BTreeMap, time::Duration};

/// How long connecting may take.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// How long a request may take in all.
const REQUEST_MAX: Duration = Duration::from_secs(60);
/// Headers that may be set.
const HEADERS_MAX: usize = 20;
/// Longest value of a header, in bytes.
const VALUE_BYTES_MAX: usize = 4_096;
/// What the body is.
const JSON_LINES: &str = "application/x-ndjson";
/// Headers that say how the request is written, and are therefore ours.
const OURS: [HeaderName; 6] = [CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HOST, TRANSFER_ENCODING];

/// Sends to one URL, with the headers that were set for it.
#[derive(Debug)]
pub struct Webhook {
    http: Client,
    url: Url,
    headers: HeaderMap,
}

/// Why headers cannot be sent. Names a header, never its value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeadersError {
    /// More than 20.
    #[error("at most {HEADERS_MAX} headers")]
    Many,
    /// A name that no header has, or one that is ours to set.
    #[error("`{0}` is not a header that can be set")]
    Name(String),
    /// A value that no header has, or one that is too long.
    #[error("the value of `{0}` is longer than {VALUE_BYTES_MAX} bytes or has characters that no header has")]
    Value(String),
}

/// Reads headers by name. Their values are marked as secret, so that nothing prints them.
///
/// # Errors
/// The first that cannot be sent.
pub fn headers(named: &BTreeMap<String, String>) -> Result<HeaderMap, HeadersError> {
    if named.len() > HEADERS_MAX {
        return Err(HeadersError::Many);
    }
    let mut headers = HeaderMap::new();
    for (text, value) in named {
        let refused = || HeadersError::Name(text.chars().take(64).collect());
        let name = HeaderName::try_from(text).ok().filter(|name| !OURS.contains(name)).ok_or_else(refused)?;
        let value = HeaderValue::try_from(value).ok().filter(|value| value.len() <= VALUE_BYTES_MAX);
        let mut value = value.ok_or_else(|| HeadersError::Value(name.to_string()))?;
        value.set_sensitive(true);
        if headers.insert(name, value).is_some() {
            return Err(refused());
        }
    }
    Ok(headers)
}

impl Webhook {
    /// A sender that trusts the certificates that this machine trusts. It follows no redirects.
    ///
    /// # Errors
    /// When TLS cannot be set up on this machine.
    pub fn new(url: Url, headers: HeaderMap) -> Result<Self, SinkError> {
        let http = Client::builder()
            .connect_timeout(CONNECT_MAX)
            .timeout(REQUEST_MAX)
            .redirect(redirect::Policy::none())
            .user_agent("provost")
            .build()
            .map_err(|error| SinkError(shortened(&error.without_url())))?;
        Ok(Self { http, url, headers })
    }

    /// Sends lines, each ended by a line feed.
    ///
    /// # Errors
    /// When they were not answered with a status of success; they may have arrived.
    pub async fn post(&self, lines: String) -> Result<(), SinkError> {
        let request = self.http.post(self.url.clone()).headers(self.headers.clone()).header(CONTENT_TYPE, JSON_LINES);
        let origin = self.url.origin().ascii_serialization();
        let answer = request.body(lines).send().await;
        let answer = answer.map_err(|error| SinkError(format!("{origin}: {}", shortened(&error.without_url()))))?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            status => Err(SinkError(format!("{origin} answered {status}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s_73_headers_are_checked_and_never_printed() {
        let named = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let read = headers(&named(&[("Authorization", "Splunk s3cret"), ("X-Source", "provost")])).unwrap();
        assert_eq!(read["authorization"], "Splunk s3cret");
        assert!(!format!("{read:?}").contains("s3cret"));
        let long = "s3cret".repeat(1_000);
        for (pairs, said) in [
            (&[("Content-Type", "text/plain")][..], "`Content-Type` is not a header that can be set"),
            (&[("host", "x")], "`host` is not a header that can be set"),
            (&[("a b", "x")], "`a b` is not a header that can be set"),
            (&[("A", "1"), ("a", "2")], "`a` is not a header that can be set"),
            (
                &[("x", "s3cret\r\ny: z")],
                "the value of `x` is longer than 4096 bytes or has characters that no header has",
            ),
            (&[("x", &long)], "the value of `x` is longer than 4096 bytes or has characters that no header has"),
        ] {
            assert_eq!(headers(&named(pairs)).unwrap_err().to_string(), said);
        }
        let many: BTreeMap<String, String> = (0..21).map(|n| (format!("x-{n}"), String::new())).collect();
        assert_eq!(headers(&many), Err(HeadersError::Many));
    }
}
