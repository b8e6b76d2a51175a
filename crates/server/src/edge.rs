//! What every request passes on its way in and every answer on its way out.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, STRICT_TRANSPORT_SECURITY};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use tracing::Instrument;

use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::listen::Peer;
use crate::metrics::Metrics;
use crate::panic::caught;
use crate::proxy::{OriginRules, Scheme};
use crate::request_id::{self, RequestId};
use crate::surface::Surface;

/// Longest path and query. Longer filters go into the body of a `.search` request.
pub const TARGET_BYTES_MAX: usize = 8 * 1024;

/// Longest header list: names and values together.
pub const HEADERS_BYTES_MAX: usize = 8 * 1024;

/// What a listener with TLS says to browsers: never come without it, for a year (RFC 6797 §6.1).
const TLS_ONLY: &str = "max-age=31536000";

/// What the edge needs from the process.
pub struct Edge {
    /// Dates new request ids.
    pub clock: Arc<dyn Clock>,
    /// Makes new request ids.
    pub entropy: Arc<dyn Entropy>,
    /// How to tell who calls and what they call us.
    pub origins: OriginRules,
    /// Where requests are counted.
    pub metrics: Arc<Metrics>,
}

/// Puts the edge in front of a finished router, its fallback included.
///
/// Handlers find [`RequestId`] and [`PublicOrigin`](crate::PublicOrigin) among the request's extensions. Every answer
/// carries `X-Request-Id`, and `Strict-Transport-Security` where the listener does TLS, and is counted and logged once. An error
/// that is not in the form of its surface, such as the router's own 404 and 405, gets that form; a panic becomes a 500.
pub fn wrap(router: Router, edge: Arc<Edge>) -> Router {
    router.layer(from_fn_with_state(edge, pass))
}

async fn pass(State(edge): State<Arc<Edge>>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let _in_flight = edge.metrics.in_flight();
    let surface = Surface::of(request.uri().path());
    let id =
        RequestId::sent(request.headers()).unwrap_or_else(|| RequestId::fresh(edge.clock.now(), edge.entropy.as_ref()));
    let origin = edge.origins.of(peer(&request), request.headers(), request.uri().authority());
    let line = Line {
        method: request.method().clone(),
        path: loggable(request.uri().path()).into_owned(),
        id: id.clone(),
        client_ip: origin.client_ip,
    };
    request.extensions_mut().insert(id.clone());
    request.extensions_mut().insert(origin);

    let span = tracing::info_span!("request", request.id = %id);
    let mut answer = in_form(surface, answer(surface, request, next).instrument(span).await);
    answer.headers_mut().insert(request_id::HEADER, id.to_header());
    if edge.origins.scheme == Scheme::Https {
        answer.headers_mut().insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(TLS_ONLY));
    }
    let took = started.elapsed();
    edge.metrics.answered(surface, &line.method, answer.status(), took);
    line.log(answer.status(), took);
    answer
}

async fn answer(surface: Surface, request: Request, next: Next) -> Response {
    if let Some((status, detail)) = too_long(&request) {
        return surface.error(status, &detail);
    }
    match caught(next.run(request)).await {
        Ok(answer) => answer,
        Err(_) => {
            tracing::error!("A request panicked; where, the panic hook has printed.");
            surface.error(StatusCode::INTERNAL_SERVER_ERROR, "the server failed to answer; its log has the request id")
        }
    }
}

fn too_long(request: &Request) -> Option<(StatusCode, String)> {
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if target > TARGET_BYTES_MAX {
        let detail = format!("path and query are longer than {TARGET_BYTES_MAX} bytes");
        return Some((StatusCode::URI_TOO_LONG, detail));
    }
    let headers: usize = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if headers > HEADERS_BYTES_MAX {
        let detail = format!("the headers are longer than {HEADERS_BYTES_MAX} bytes");
        return Some((StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, detail));
    }
    None
}

/// Gives an error answer the form of its surface when it has another: the router's and the extractors' are plain text.
fn in_form(surface: Surface, answer: Response) -> Response {
    let status = answer.status();
    let formed = answer.headers().get(CONTENT_TYPE).is_some_and(|sent| sent == surface.error_content_type());
    if formed || !(status.is_client_error() || status.is_server_error()) {
        return answer;
    }
    let mut formed = surface.error(status, detail_of(status));
    for (name, value) in answer.headers().iter().filter(|(name, _)| **name != CONTENT_TYPE && **name != CONTENT_LENGTH)
    {
        formed.headers_mut().insert(name, value.clone());
    }
    formed
}

fn detail_of(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => "nothing is served at this path",
        StatusCode::METHOD_NOT_ALLOWED => "this path does not answer this method",
        other => other.canonical_reason().unwrap_or("the request failed"),
    }
}

/// A request that did not come through the listener has no peer, so nobody it could be trusted as.
fn peer(request: &Request) -> IpAddr {
    request.extensions().get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |Peer(address)| address.ip())
}

/// The fields of the one log line a request leaves. Never the query, headers or bodies: they hold personal data and keys.
struct Line {
    method: Method,
    path: String,
    id: RequestId,
    client_ip: IpAddr,
}

impl Line {
    fn log(&self, status: StatusCode, took: Duration) {
        let Self { method, path, id, client_ip } = self;
        let (status, duration_ms) = (status.as_u16(), took.as_secs_f64() * 1000.0);
        tracing::info!(%method, path, status, duration_ms, request.id = %id, client.ip = %client_ip, "Answered a request.");
    }
}

/// How API keys and the operator's key begin.
const KEY_PREFIXES: [&str; 2] = ["prv_", "prvop_"];

/// A path for the log: bounded, and without what looks like one of our keys, which users paste into odd places.
fn loggable(path: &str) -> Cow<'_, str> {
    const CHARS_MAX: usize = 256;
    let end = path.char_indices().nth(CHARS_MAX).map_or(path.len(), |(end, _)| end);
    let shown = &path[..end];
    let holds_key = |text: &str| KEY_PREFIXES.iter().any(|prefix| text.contains(prefix));
    if !holds_key(shown) {
        return Cow::Borrowed(shown);
    }
    let segments = shown.split('/').map(|segment| if holds_key(segment) { "[redacted]" } else { segment });
    Cow::Owned(segments.collect::<Vec<_>>().join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s_66_a_logged_path_is_bounded_and_holds_no_key() {
        for (path, shown) in [
            ("/scim/v2/Users/1", "/scim/v2/Users/1"),
            ("/scim/prv_ab12_secret/Users", "/scim/[redacted]/Users"),
            ("/xprv_ab12_secret", "/[redacted]"),
            ("/scim/v2/Users/prvop_ab12", "/scim/v2/Users/[redacted]"),
        ] {
            assert_eq!(loggable(path), shown);
        }
        assert_eq!(loggable(&format!("/{}", "é".repeat(300))).chars().count(), 256);
        // A key that the bound cuts in two is still redacted whole.
        assert!(!loggable(&format!("/{}/prv_secret", "a".repeat(248))).contains("secr"));
    }
}
