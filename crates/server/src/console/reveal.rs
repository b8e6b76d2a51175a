//! A key that was just made: carried over the way on (303) to the one page that shows it, sealed, and for this session only.

use super::{
    access,
    answer::{secret, set_cookie},
    visit::Visit,
};
use axum::response::Response;

/// The cookie with the sealed key.
const MADE: &str = "provost_made";
/// How long the way on may take, in seconds.
const SECONDS: u32 = 60;

/// What a key is sealed for: nobody else's session opens it.
fn place(visit: &Visit) -> Vec<u8> {
    format!("console key {} {}", visit.account(), visit.signed.mark).into_bytes()
}

/// The answer, with the key for the page that it leads to.
pub(super) fn carry(visit: &Visit, mut answer: Response, app: &str, key: &str) -> Response {
    let sealed = visit.sealed(&place(visit), &format!("{app} {key}"));
    let secure = if visit.signed.caller.origin.starts_with("https:") { "; Secure" } else { "" };
    let path = visit.path("/settings");
    set_cookie(
        &mut answer,
        &format!("{MADE}={sealed}; Path={path}; HttpOnly; SameSite=Strict; Max-Age={SECONDS}{secure}"),
    );
    answer
}

/// The key that is to be shown now, with the id of its app.
pub(super) fn taken(visit: &Visit) -> Option<(String, String)> {
    let opened = visit.opened(&place(visit), &access::cookie(&visit.headers, MADE)?)?;
    let (app, key) = opened.split_once(' ')?;
    Some((app.to_owned(), key.to_owned()))
}

/// The answer that shows it: it is shown once.
pub(super) fn forget(visit: &Visit, mut answer: Response) -> Response {
    if access::cookie(&visit.headers, MADE).is_some() {
        let path = visit.path("/settings");
        set_cookie(&mut answer, &format!("{MADE}=; Path={path}; HttpOnly; SameSite=Strict; Max-Age=0"));
        return secret(answer);
    }
    answer
}
