//! What the console answers with: pages, ways on, files.

use super::{compressed::Secret, visit::Visit};
use axum::{
    extract::Path,
    http::{
        HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, SET_COOKIE},
    },
    response::{IntoResponse, Response},
};
use provost_console::{Markup, assets, escaped, screens::trouble};

/// The cookie with what is to be said on the next page.
pub(super) const SAID: &str = "provost_said";

/// What a handler of a screen answers; a trouble is a page, too.
pub(super) type Answer = Result<Response, Trouble>;

/// Why a screen cannot be shown, within what stands around it.
#[derive(Debug)]
pub(super) struct Trouble(pub Box<Response>);

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        *self.0
    }
}

/// A page.
pub(super) fn page(markup: Markup) -> Response {
    page_with(StatusCode::OK, markup)
}

/// A page with a status of its own, as of a form that was refused.
pub(super) fn page_with(status: StatusCode, markup: Markup) -> Response {
    (status, [(CONTENT_TYPE, "text/html; charset=utf-8")], markup.into_string()).into_response()
}

/// An answer that shows a secret: it is not compressed, so that its length tells nothing about it.
pub(super) fn secret(mut answer: Response) -> Response {
    answer.extensions_mut().insert(Secret);
    answer
}

/// The way on after something was done (303), which reloading does not repeat.
pub(super) fn go(to: &str) -> Response {
    let mut answer = StatusCode::SEE_OTHER.into_response();
    // An address that is none would come from our own code only; then the start is better than nothing.
    let to = HeaderValue::try_from(to).unwrap_or(HeaderValue::from_static(super::BASE));
    answer.headers_mut().insert(LOCATION, to);
    answer
}

/// The way on, and what was done is said there.
pub(super) fn done(to: &str, said: &str) -> Response {
    let mut answer = go(to);
    set_cookie(&mut answer, &format!("{SAID}={}; Path=/console; HttpOnly; SameSite=Lax; Max-Age=60", escaped(said)));
    answer
}

/// The way on to a page, and what is to be known is said there; nothing, where that is empty.
pub(super) fn noticed(to: &str, said: &str) -> Response {
    if said.is_empty() { go(to) } else { done(to, said) }
}

/// Sets a cookie.
pub(super) fn set_cookie(answer: &mut Response, cookie: &str) {
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        answer.headers_mut().append(SET_COOKIE, cookie);
    }
}

/// A file beside the pages. Its address changes with its content, so that it may be kept.
pub(super) async fn asset(Path((_digest, name)): Path<(String, String)>) -> Response {
    match assets::asset(&name) {
        Some(asset) => {
            let headers = [(CONTENT_TYPE, asset.media_type), (CACHE_CONTROL, "public, max-age=31536000, immutable")];
            (headers, asset.text).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The answer to a form that another site has sent.
pub(super) fn foreign() -> Response {
    let markup = trouble::foreign(env!("CARGO_PKG_VERSION"));
    page_with(StatusCode::FORBIDDEN, markup)
}

/// A page that is not there.
pub(super) async fn not_found(visit: Visit) -> Response {
    let trouble = visit.trouble(404, "nothing is at this address".to_owned()).await;
    trouble.into_response()
}

/// The answer with a trouble.
pub(super) fn troubled(shell: &provost_console::Shell, told: &trouble::Trouble) -> Trouble {
    let status = StatusCode::from_u16(told.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Trouble(Box::new(page_with(status, trouble::page(told, shell))))
}
