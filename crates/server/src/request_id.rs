//! The request id: in the answer, the log and the audit trail (S-79).

use std::fmt;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;

use crate::entropy::Entropy;

/// The header that carries the id, both ways.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Room for two UUIDs and a prefix; a log line stays readable.
const BYTES_MAX: usize = 128;

/// Names one request: 1 to 128 visible ASCII characters without space. Handlers find it among the request's extensions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The id the client sent, when it has the right form.
    pub fn sent(headers: &HeaderMap) -> Option<Self> {
        let sent = headers.get(HEADER)?;
        let fits = (1..=BYTES_MAX).contains(&sent.len()) && sent.as_bytes().iter().all(u8::is_ascii_graphic);
        fits.then(|| Self(sent.clone()))
    }

    /// A new id.
    pub fn fresh(now: Timestamp, entropy: &dyn Entropy) -> Self {
        let id = entropy.uuid_v7(now).to_string();
        Self(HeaderValue::from_str(&id).expect("a UUID is visible ASCII"))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        self.0.to_str().expect("both constructors take visible ASCII only")
    }

    /// The id as the value of [`HEADER`].
    pub fn to_header(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s_79_an_id_of_the_client_is_taken_when_it_is_short_and_visible() {
        for (sent, taken) in [
            ("r1", true),
            ("0199-~!{}", true),
            (&"a".repeat(128), true),
            (&"a".repeat(129), false),
            ("", false),
            ("a b", false),
            ("a\tb", false),
            ("é", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HEADER, HeaderValue::from_bytes(sent.as_bytes()).unwrap());
            let id = RequestId::sent(&headers);
            assert_eq!(id.as_ref().map(RequestId::as_str), taken.then_some(sent), "{sent:?}");
        }
        assert_eq!(RequestId::sent(&HeaderMap::new()), None);
    }
}
