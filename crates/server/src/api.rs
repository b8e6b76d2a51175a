//! `/api/v1`: what operators and administrators do to accounts.
//!
//! `endpoints` is the one table of what there is; the router and the OpenAPI document are both made from it. A request is
//! authenticated before anything of it is read, then a handler reads it, calls one function of `accounts` through
//! [`App::write`] and shows the outcome. Handlers hold no rules.

mod access;
mod accounts;
mod activity;
mod admin_apps;
mod alerts;
mod approvals;
mod asked;
mod audit;
mod body;
mod brake;
mod dialects;
mod endpoint;
mod endpoints;
mod enterprise_apps;
mod groups;
mod imports;
mod indexes;
mod invitations;
mod lineage;
mod management;
mod named;
mod openapi;
mod page;
mod policy;
mod preview;
mod quorum;
mod requests;
mod resource_types;
mod roles;
mod schemas;
mod sign_in;
mod sign_in_tests;
mod simulations;
mod streams;
mod transfer;
mod users;
mod verifications;

use crate::{
    app::{App, Failure},
    surface::Surface,
};
use axum::{
    Router,
    extract::{Request, State},
    http::{
        HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION},
    },
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Serialize;

/// Where the management API begins.
pub const BASE: &str = "/api/v1";

/// The paths below [`BASE`]. All but the description of the API need a key, whether they exist or not.
pub fn routes(app: &App) -> Router<App> {
    guarded().layer(from_fn_with_state(app.clone(), authenticated)).route("/openapi.json", get(openapi::answer))
}

/// The same paths for who is authenticated otherwise: a request carries its [`Caller`](crate::app::Caller) among its extensions.
pub(crate) fn in_process(app: &App) -> Router {
    guarded().with_state(app.clone())
}

fn guarded() -> Router<App> {
    let mut guarded = Router::new().fallback(nothing);
    for endpoint in endpoints::endpoints() {
        let (path, route) = endpoint.guarded();
        guarded = guarded.route(path, route);
    }
    guarded
}

/// Authenticates; handlers find the [`Caller`](crate::app::Caller) among the request's extensions.
async fn authenticated(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match app.authenticate(&parts.headers, &parts.extensions).await {
        Ok(caller) => {
            parts.extensions.insert(caller);
            next.run(Request::from_parts(parts, body)).await
        }
        Err(failure) => failure.answer(Surface::Api),
    }
}

async fn nothing() -> Error {
    Failure::NoRoute.into()
}

/// What a handler answers.
type Answer = Result<Response, Error>;

/// A failure in the form of this surface.
#[derive(Debug)]
struct Error(Failure);

impl<F: Into<Failure>> From<F> for Error {
    fn from(failure: F) -> Self {
        Self(failure.into())
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        self.0.answer(Surface::Api)
    }
}

/// An answer with a document. Nothing here is for a cache: it changes, and some of it is secret.
fn json(status: StatusCode, document: &impl Serialize) -> Answer {
    let text = serde_json::to_string(document).map_err(|error| Failure::Damaged(error.to_string()))?;
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];
    Ok((status, headers, text).into_response())
}

/// 201 with what was made and where it is.
fn created(location: &str, document: &impl Serialize) -> Answer {
    let mut answer = json(StatusCode::CREATED, document)?;
    if let Ok(location) = HeaderValue::try_from(location) {
        answer.headers_mut().insert(LOCATION, location);
    }
    Ok(answer)
}

fn ok(document: &impl Serialize) -> Answer {
    json(StatusCode::OK, document)
}

fn accepted(document: &impl Serialize) -> Answer {
    json(StatusCode::ACCEPTED, document)
}

fn no_content() -> Answer {
    Ok(StatusCode::NO_CONTENT.into_response())
}
