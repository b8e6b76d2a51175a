//! Pages and what they load, compressed for browsers that take it.
//!
//! How well something is compressed tells about it. What a form carries looks different in each answer for that reason, and answers that
//! show a secret are sent as they are ([`answer::secret`](super::answer::secret)).

use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{
        HeaderMap, HeaderValue,
        header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, VARY},
    },
    middleware::Next,
    response::Response,
};
use flate2::{Compression, write::GzEncoder};
use http_body_util::BodyExt;
use std::io::Write;

/// What is compressed; downloads are not.
const TYPES: [&str; 4] = ["text/html", "text/css", "text/javascript", "image/svg+xml"];
/// Shorter bodies are sent as they are, in bytes.
const BYTES_MIN: usize = 1_024;

/// Says of an answer that it shows a secret.
#[derive(Clone, Copy)]
pub(super) struct Secret;

/// Compresses an answer.
pub(super) async fn compressed(request: Request, next: Next) -> Response {
    let takes = takes_gzip(request.headers());
    let mut answer = next.run(request).await;
    if !is_compressible(&answer) {
        return answer;
    }
    answer.headers_mut().append(VARY, HeaderValue::from_static("accept-encoding"));
    if !takes {
        return answer;
    }
    let (mut parts, body) = answer.into_parts();
    // Pages lie in memory already; a body that fails on its way was none.
    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let body = match gzip(&body) {
        Some(short) => {
            parts.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            parts.headers.remove(CONTENT_LENGTH);
            short
        }
        None => body,
    };
    Response::from_parts(parts, Body::from(body))
}

fn is_compressible(answer: &Response) -> bool {
    let media_type = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    TYPES.contains(&essence)
        && !answer.headers().contains_key(CONTENT_ENCODING)
        && answer.extensions().get::<Secret>().is_none()
}

/// The body in fewer bytes; `None` where it is short already.
fn gzip(body: &Bytes) -> Option<Bytes> {
    if body.len() < BYTES_MIN {
        return None;
    }
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::default());
    encoder.write_all(body).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

/// Whether a client takes gzip (RFC 9110 §12.5.3).
fn takes_gzip(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
    let weight = |coding: &str| {
        let (name, rest) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = rest.trim().strip_prefix("q=").and_then(|weight| weight.trim().parse::<f32>().ok());
        (name.trim().to_ascii_lowercase(), weight.unwrap_or(1.0))
    };
    let codings: Vec<(String, f32)> = lines.flat_map(|line| line.split(',')).map(weight).collect();
    let of = |wanted: &str| codings.iter().find(|(name, _)| name == wanted).map(|(_, weight)| *weight > 0.0);
    of("gzip").or_else(|| of("*")).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_says_whether_it_takes_gzip() {
        for (accepts, takes) in [
            ("gzip, deflate, br", true),
            ("br;q=1.0, GZIP;q=0.5", true),
            ("*", true),
            ("gzip;q=0, *", false),
            ("gzip; q=0", false),
            ("br", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(accepts))]);
            assert_eq!(takes_gzip(&headers), takes, "{accepts}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
