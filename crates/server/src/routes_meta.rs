//! What operators ask: alive, ready, how much.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::time::timeout;

use crate::metrics::{self, Metrics};
use crate::problem::Problem;

/// A store that has not answered by then is as good as gone.
const READY_TIMEOUT: Duration = Duration::from_secs(5);

/// Why no request should be sent here now, as a clause without secrets: `the store does not answer`, `shutting down`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotReady(pub &'static str);

/// `/healthz`: the process answers. `/readyz`: `ready` says yes within 5 s, else 503. `/metrics`: OpenMetrics text.
pub fn routes<S, C, F>(ready: C, metrics: Arc<Metrics>) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    C: Fn() -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<(), NotReady>> + Send + 'static,
{
    Router::new()
        .route("/healthz", get(|| async { status("alive") }))
        .route("/readyz", get(move || readiness(ready())))
        .route("/metrics", get(move || async move { ([(CONTENT_TYPE, metrics::CONTENT_TYPE)], metrics.exposition()) }))
}

async fn readiness(check: impl Future<Output = Result<(), NotReady>>) -> Response {
    match timeout(READY_TIMEOUT, check).await.unwrap_or(Err(NotReady("the check took too long"))) {
        Ok(()) => status("ready"),
        Err(NotReady(why)) => Problem::new(StatusCode::SERVICE_UNAVAILABLE, why).into_response(),
    }
}

fn status(word: &str) -> Response {
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];
    (headers, format!(r#"{{"status":"{word}"}}"#)).into_response()
}
