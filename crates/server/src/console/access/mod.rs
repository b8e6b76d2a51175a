//! How people and the operator sign in to the console, and who they are from then on.
//!
//! [`signed_in`] says for each request who it is. Everything else here is what leads there: the pages and forms below
//! `/console/sign-in`, `/console/password`, `/console/confirm` and `/console/you`.

mod confirm;
mod cookies;
mod form_token;
mod oidc;
mod operator;
mod passkeys;
mod password;
mod second_factor;
mod sign_in;
mod step;
mod visit;
mod you;

pub(super) use form_token::{FormToken, Whose};
pub(super) use visit::is_local;

use super::{
    answer::{self, go},
    paths::Paths,
    visit::{THEME, Visit},
};
use crate::app::{App, Caller, Failure, InSession, Principal};
use axum::{
    body::Body,
    extract::OriginalUri,
    http::{HeaderMap, Method, header::COOKIE, request::Parts},
    response::Response,
    routing::{get, post},
};
use jiff::Timestamp;
use provost_accounts::sessions::PROVED_FOR;
use provost_change::AccountId;
use provost_console::{Theme, address};

/// Who is signed in.
#[derive(Clone, Debug)]
pub(super) struct SignedIn {
    /// The person or the operator, as the management API takes callers.
    pub caller: Caller,
    /// What a form has to carry in its field `csrf`: other characters in each answer.
    pub csrf: String,
    /// What the session is known by beside its cookie: nobody who knows it has the session.
    pub mark: String,
    /// Whose session it is.
    pub whose: Whose,
    /// The person's account; `None` for the operator.
    pub account: Option<AccountId>,
    /// A name to show: the person's `userName`, or `Operator`.
    pub who: String,
    /// As what: the names of the person's roles.
    pub role: String,
    /// When whoever it is proved last who is there.
    pub reauthenticated_at: Timestamp,
}

/// Who a request comes from; `None` for whoever is not signed in, or no longer.
///
/// # Errors
/// A store that cannot be read.
pub(super) async fn signed_in(app: &App, parts: &Parts) -> Result<Option<SignedIn>, Failure> {
    let caller = app.stranger(&parts.headers, &parts.extensions)?;
    let Some(cookie) = cookies::SESSION.read(&caller, &parts.headers) else { return Ok(None) };
    let mark = form_token::mark(&cookie);
    let csrf = |whose: Whose| FormToken { mark: mark.clone(), whose }.sealed(app);
    if let Some(session) = operator::OperatorSession::read(app, &cookie) {
        let caller = Caller { principal: Principal::Operator, ..caller };
        let reauthenticated_at = session.proved;
        let (who, role) = ("Operator".to_owned(), "All accounts".to_owned());
        let (csrf, whose) = (csrf(Whose::Operator), Whose::Operator);
        return Ok(Some(SignedIn { caller, csrf, mark, whose, account: None, who, role, reauthenticated_at }));
    }
    let Some(InSession { caller, config, session }) = app.in_session(caller, &cookie).await? else { return Ok(None) };
    let (who, role) = match &caller.principal {
        Principal::Person { owner, .. } => {
            let roles: Vec<String> = owner.roles.iter().map(|role| config.role_name(*role)).collect();
            (owner.name.clone(), roles.join(", "))
        }
        Principal::Operator | Principal::App { .. } | Principal::Link => (String::new(), String::new()),
    };
    let whose = Whose::Person(config.id, session.user);
    let (csrf, account, reauthenticated_at) = (csrf(whose), Some(config.id), session.proved);
    Ok(Some(SignedIn { caller, csrf, mark, whose, account, who, role, reauthenticated_at }))
}

/// The paths below `/console` that lead to a session, and those about one's own.
pub(super) fn routes() -> Paths {
    Paths::new()
        .route("/sign-in", get(sign_in::show).post(sign_in::submit))
        .route("/sign-in/second-factor", get(second_factor::show).post(second_factor::submit))
        .route("/sign-in/set-up", get(second_factor::show_set_up).post(second_factor::submit_set_up))
        .route("/sign-in/passkey", post(passkeys::sign_in))
        .route("/sign-in/oidc/callback", get(oidc::callback))
        .route("/sign-in/oidc/{account}", get(oidc::start))
        .route("/sign-in/forgot", get(password::show_forgot).post(password::submit_forgot))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/theme", post(theme))
        .route("/password/{token}", get(password::show).post(password::submit))
        .route("/confirm", get(confirm::show).post(confirm::submit))
        .route("/you", get(you::show))
        .route("/you/password", post(you::set_password))
        .route("/you/authenticator", get(you::show_app).post(you::add_app))
        .route("/you/authenticator/remove", post(you::remove_app))
        .route("/you/recovery-codes", post(you::renew_codes))
        .route("/you/passkeys", post(you::add_passkey))
        .route("/you/passkeys/remove", post(you::remove_passkey))
        .route("/you/sessions/end", post(you::end_others))
        .route("/you/sessions/{session}/end", post(you::end_session))
}

/// The way to the sign-in, and back to what was asked for.
pub(super) fn ask_to_sign_in(parts: &Parts) -> Response {
    let asked = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0);
    let next = asked.path_and_query().map_or("", |asked| asked.as_str());
    let is_page = parts.method == Method::GET && next != super::BASE;
    let had = cookies::SESSION.carried(&parts.headers);
    let by = if had.as_deref().is_some_and(operator::is_one) { "operator" } else { "" };
    let notice = if had.is_some() { "ended" } else { "" };
    go(&address("/console/sign-in", &[("notice", notice), ("as", by), ("next", if is_page { next } else { "" })]))
}

/// Remembers the colours that somebody wants.
async fn theme(visit: Visit, body: Body) -> answer::Answer {
    let filled = visit.form(body).await?;
    let mut answer = visit.back(&filled);
    let theme = Theme::named(filled.value("theme")).name();
    let cookie = format!("{THEME}={theme}; Path=/console; HttpOnly; SameSite=Lax; Max-Age=31536000");
    answer::set_cookie(&mut answer, &cookie);
    Ok(answer)
}

/// The value of a cookie.
pub(super) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(given, _)| *given == name).map(|(_, value)| value.to_owned())
}

impl SignedIn {
    /// Whether a form came from a page of this session.
    pub(super) fn sent(&self, app: &App, csrf: &str) -> bool {
        FormToken::opened(app, csrf).is_some_and(|token| token.is_of(&self.mark))
    }

    /// Whether who is there was proved a moment ago, as dangerous acts want it; where not, `/console/confirm` asks.
    pub(super) fn is_fresh(&self, now: Timestamp) -> bool {
        now < self.reauthenticated_at.saturating_add(PROVED_FOR).unwrap_or(Timestamp::MAX)
    }
}
