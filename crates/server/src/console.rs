//! `/console`: the pages for people.
//!
//! A handler reads what a screen shows from the management API, in process and as whoever is signed in (`visit`), fills the view
//! models of `provost_console` and answers with the page. What somebody does goes the same way: no screen decides or stores anything
//! by itself, so that it needs the same permissions and leaves the same traces as a request of the API.

mod access;
mod answer;
mod compressed;
mod dangerous;
mod door;
mod form;
mod paths;
mod reveal;
mod screens;
mod visit;

use crate::{api, app::App};
use answer::{asset, not_found};
use axum::{
    Extension, Router,
    extract::Request,
    http::{HeaderValue, Method, header},
    middleware::{Next, from_fn, from_fn_with_state},
    response::Response,
    routing::get,
};
use door::{Door, Screens};
use paths::Paths;
use visit::InProcess;

/// Where the console begins.
pub const BASE: &str = "/console";

/// What a page may load and where its forms may go: only here; no script or style stands in a page.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Every path of the console.
pub fn routes(app: &App) -> Router<App> {
    let api = InProcess(api::in_process(app));
    let door = Door::new(app);
    let inside = screens::routes().router().layer(Extension(api.clone()));
    let again = Screens(Router::new().nest(BASE, inside).with_state(app.clone()));
    let screens = screens::routes().merge(kept()).router().fallback(not_found);
    let screens = screens.layer(Extension(again)).layer(Extension(door.clone()));
    let screens = screens.layer(from_fn_with_state(door, door::pass));
    let console = access::routes().router().merge(screens);
    let console = console.layer(Extension(api)).layer(from_fn(same_origin));
    Router::new()
        .nest(BASE, console)
        .route("/console/assets/{digest}/{name}", get(asset))
        .route("/problems/{code}", get(screens::problem))
        .layer(from_fn(protected))
        .layer(from_fn(compressed::compressed))
}

/// Where a form is shown again that could not be taken.
fn kept() -> Paths {
    Paths::new().route("/kept/{form}", get(door::show))
}

fn table() -> Paths {
    screens::routes().merge(kept()).merge(access::routes())
}

/// Every path of the console with `{name}` where something is named, such as `/console/accounts/{account}/users`. Behind some there is
/// a screen, behind others a file, or an act that only a form does.
pub fn paths() -> Vec<String> {
    table().names().into_iter().map(|path| format!("{BASE}{}", path.trim_end_matches('/'))).collect()
}

/// What every answer says to the browser.
async fn protected(request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    let headers = answer.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
    ] {
        // A page of trouble that is not the console's own brings its own policy.
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    answer
}

/// A form that another site sends is refused before it is read: browsers say where a request comes from. The token in each form stands
/// behind this.
async fn same_origin(request: Request, next: Next) -> Response {
    let site = request.headers().get("sec-fetch-site").and_then(|site| site.to_str().ok());
    let is_foreign = site.is_some_and(|site| site != "same-origin" && site != "none");
    if request.method() != Method::GET && request.method() != Method::HEAD && is_foreign {
        return answer::foreign();
    }
    next.run(request).await
}
