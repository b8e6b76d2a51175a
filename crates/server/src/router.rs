//! Every path that is answered.

use crate::{
    api,
    app::{App, Failure},
    console,
    metrics::Metrics,
    routes_meta::{self, NotReady},
    scim,
    surface::Surface,
    verify,
};
use axum::{
    Router,
    http::Uri,
    response::{Redirect, Response},
    routing::{any, get},
};
use std::sync::Arc;
use tokio::sync::watch;

/// The router of the whole server, to be put behind [`edge::wrap`](crate::edge::wrap). Once `stopping` holds true, `/readyz`
/// answers 503.
pub fn router(app: App, metrics: Arc<Metrics>, stopping: watch::Receiver<bool>) -> Router {
    let readiness = {
        let app = app.clone();
        move || ready(app.clone(), stopping.clone())
    };
    routes_meta::routes(readiness, metrics)
        .nest(api::BASE, api::routes(&app))
        .merge(console::routes(&app))
        .route("/", get(start))
        .route("/verify/{token}", get(verify::ask).post(verify::confirm))
        .route("/scim", any(scim::handle))
        .route("/scim/", any(scim::handle))
        .route("/scim/{*rest}", any(scim::handle))
        .fallback(nothing)
        .with_state(app)
}

async fn ready(app: App, stopping: watch::Receiver<bool>) -> Result<(), NotReady> {
    if *stopping.borrow() {
        return Err(NotReady("the server is shutting down"));
    }
    app.store().ping().await.map_err(|error| {
        tracing::error!(%error, "The store does not answer.");
        NotReady("the store does not answer")
    })
}

/// People who type the address of the server alone want the console.
async fn start() -> Redirect {
    Redirect::to(console::BASE)
}

async fn nothing(uri: Uri) -> Response {
    Failure::NoRoute.answer(Surface::of(uri.path()))
}
