//! Who is signed in, and how one signs in and out.

use super::{
    answer::{Answer, go, page_with, set_cookie},
    form,
    visit::{THEME, Visit},
};
use crate::{
    app::{App, Caller, Failure, Principal},
    proxy::PublicOrigin,
    request_id::RequestId,
    surface::Surface,
};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::Response,
    routing::{get, post},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use provost_console::{Filled, Theme, address, layout, screens::sign_in};
use sha2::{Digest, Sha256};

/// The cookie of a session.
const SESSION: &str = "provost_session";
/// How long the operator stays signed in.
const OPERATOR_SESSION: SignedDuration = SignedDuration::from_hours(8);
/// What the operator's cookie is sealed for.
const OPERATOR: &[u8] = b"console operator";

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub(super) struct SignedIn {
    /// As whom the management API is asked.
    pub caller: Caller,
    /// What proves that a form is ours.
    pub csrf: String,
    /// The name to show.
    pub who: String,
    /// As what: "Operator", or the names of roles.
    pub role: String,
}

/// The paths for signing in and out.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/sign-in", get(ask).post(sign_in))
        .route("/sign-out", post(sign_out))
        .route("/theme", post(theme))
}

/// Whoever has the session of the cookie; `None` for nobody.
///
/// # Errors
/// When the store does not answer.
pub(super) async fn signed_in(app: &App, parts: &Parts) -> Result<Option<SignedIn>, Failure> {
    let Some(cookie) = cookie(&parts.headers, SESSION) else { return Ok(None) };
    let Some(began) = app.seal().open(OPERATOR, &cookie).and_then(|text| text.parse::<Timestamp>().ok()) else {
        return Ok(None);
    };
    if app.now().duration_since(began) >= OPERATOR_SESSION {
        return Ok(None);
    }
    let caller = visitor(&parts.headers, &parts.extensions, Principal::Operator)?;
    let digest = Sha256::new().chain_update(b"provost csrf 1").chain_update(cookie.as_bytes()).finalize();
    let csrf = BASE64_URL_SAFE_NO_PAD.encode(digest);
    Ok(Some(SignedIn { caller, csrf, who: "Operator".to_owned(), role: "All accounts".to_owned() }))
}

/// A request by somebody who is known otherwise than by a key.
fn visitor(headers: &HeaderMap, extensions: &axum::http::Extensions, principal: Principal) -> Result<Caller, Failure> {
    let origin = extensions.get::<PublicOrigin>().ok_or_else(|| Failure::Damaged("the edge is missing".to_owned()))?;
    let user_agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    Ok(Caller {
        principal,
        client_ip: origin.client_ip,
        origin: origin.origin.clone(),
        request_id: extensions.get::<RequestId>().map_or_else(String::new, |id| id.as_str().to_owned()),
        user_agent: user_agent.map(str::to_owned),
    })
}

/// The way to the sign-in, and back to what was asked for.
pub(super) fn ask_to_sign_in(parts: &Parts) -> Response {
    let asked = parts.extensions.get::<axum::extract::OriginalUri>().map_or(&parts.uri, |original| &original.0);
    let next = asked.path_and_query().map_or("", |asked| asked.as_str());
    let is_page = parts.method == axum::http::Method::GET && next != super::BASE;
    go(&address("/console/sign-in", &[("next", if is_page { next } else { "" })]))
}

async fn ask(request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let query = url::form_urlencoded::parse(parts.uri.query().unwrap_or("").as_bytes());
    let filled = Filled::new(query.map(|(name, value)| (name.into_owned(), value.into_owned())).collect());
    shown(&parts.headers, StatusCode::OK, &filled)
}

fn shown(headers: &HeaderMap, status: StatusCode, filled: &Filled) -> Response {
    let theme = Theme::named(&cookie(headers, THEME).unwrap_or_default());
    page_with(status, layout::bare("Sign in", theme, env!("CARGO_PKG_VERSION"), &sign_in::body(filled)))
}

async fn sign_in(State(app): State<App>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    match signed(&app, &parts, body).await {
        Ok(answer) => answer,
        Err(failure) => failure.answer(Surface::Page),
    }
}

async fn signed(app: &App, parts: &Parts, body: Body) -> Result<Response, Failure> {
    let mut filled = form::read_open(&parts.headers, body).await?;
    let origin = parts.extensions.get::<PublicOrigin>().map(|origin| origin.origin.clone()).unwrap_or_default();
    let client_ip = visitor(&parts.headers, &parts.extensions, Principal::Link)?.client_ip;
    if let Err(failure) = app.check_operator_key(filled.value("key").trim(), client_ip) {
        filled.refuse(failure.to_string());
        return Ok(shown(&parts.headers, StatusCode::UNAUTHORIZED, &filled));
    }
    let sealed = app.seal().seal(app.random(), OPERATOR, &app.now().to_string());
    let next = filled.value("next");
    let mut answer = go(if next.starts_with("/console/") { next } else { super::BASE });
    let secure = if origin.starts_with("https:") { "; Secure" } else { "" };
    set_cookie(&mut answer, &format!("{SESSION}={sealed}; Path=/; HttpOnly; SameSite=Lax{secure}"));
    Ok(answer)
}

async fn sign_out(visit: Visit, body: Body) -> Answer {
    visit.form(body).await?;
    let mut answer = go("/console/sign-in");
    set_cookie(&mut answer, &format!("{SESSION}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"));
    Ok(answer)
}

/// Remembers the colours that somebody wants.
async fn theme(visit: Visit, body: Body) -> Answer {
    let filled = visit.form(body).await?;
    let mut answer = visit.back(&filled);
    let theme = Theme::named(filled.value("theme")).name();
    set_cookie(&mut answer, &format!("{THEME}={theme}; Path=/console; HttpOnly; SameSite=Lax; Max-Age=31536000"));
    Ok(answer)
}

/// The value of a cookie.
pub(super) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(given, _)| *given == name).map(|(_, value)| value.to_owned())
}
