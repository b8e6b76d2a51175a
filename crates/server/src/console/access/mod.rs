//! How people and the operator sign in to the console, and who they are from then on.
//!
//! [`signed_in`] says for each request who it is. Everything else here is what leads there: the pages and forms below
//! `/console/sign-in`, `/console/password`, `/console/confirm` and `/console/you`.

mod confirm;
mod cookies;
mod oidc;
mod operator;
mod passkeys;
mod password;
mod second_factor;
mod sign_in;
mod step;
mod visit;
mod you;

pub(crate) use cookies::csrf_token;

use crate::app::{App, Caller, Failure, InSession, Principal};
use axum::{
    Router,
    http::request::Parts,
    routing::{get, post},
};
use jiff::Timestamp;
use provost_accounts::sessions::PROVED_FOR;
use provost_change::AccountId;
use subtle::ConstantTimeEq;

/// Who is signed in.
#[derive(Clone, Debug)]
pub(crate) struct SignedIn {
    /// The person or the operator, as the management API takes callers.
    pub caller: Caller,
    /// What a form has to carry in its field `csrf`.
    pub csrf: String,
    /// The person's account; `None` for the operator.
    pub account: Option<AccountId>,
    /// A name to show: the person's `userName`, or `Operator`.
    pub who: String,
    /// When whoever it is proved last who is there.
    pub reauthenticated_at: Timestamp,
}

/// Who a request comes from; `None` for whoever is not signed in, or no longer.
///
/// # Errors
/// A store that cannot be read.
pub(crate) async fn signed_in(app: &App, parts: &Parts) -> Result<Option<SignedIn>, Failure> {
    let caller = app.stranger(&parts.headers, &parts.extensions)?;
    let Some(cookie) = cookies::SESSION.read(&caller, &parts.headers) else { return Ok(None) };
    let csrf = csrf_token(&cookie);
    if let Some(session) = operator::OperatorSession::read(app, &cookie) {
        let caller = Caller { principal: Principal::Operator, ..caller };
        let reauthenticated_at = session.proved;
        return Ok(Some(SignedIn { caller, csrf, account: None, who: "Operator".to_owned(), reauthenticated_at }));
    }
    let Some(InSession { caller, config, session }) = app.in_session(caller, &cookie).await? else { return Ok(None) };
    let who = match &caller.principal {
        Principal::Person { owner, .. } => owner.name.clone(),
        Principal::Operator | Principal::App { .. } | Principal::Link => String::new(),
    };
    Ok(Some(SignedIn { caller, csrf, account: Some(config.id), who, reauthenticated_at: session.proved }))
}

/// The paths below `/console` that lead to a session, and those about one's own.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/sign-in", get(sign_in::show).post(sign_in::submit))
        .route("/sign-in/second-factor", get(second_factor::show).post(second_factor::submit))
        .route("/sign-in/set-up", get(second_factor::show_set_up).post(second_factor::submit_set_up))
        .route("/sign-in/passkey", post(passkeys::sign_in))
        .route("/sign-in/oidc/callback", get(oidc::callback))
        .route("/sign-in/oidc/{account}", get(oidc::start))
        .route("/sign-in/forgot", get(password::show_forgot).post(password::submit_forgot))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/password/{token}", get(password::show).post(password::submit))
        .route("/confirm", get(confirm::show).post(confirm::submit))
        .route("/you", get(you::show))
        .route("/you/password", post(you::set_password))
        .route("/you/authenticator", get(you::show_app).post(you::add_app))
        .route("/you/authenticator/remove", post(you::remove_app))
        .route("/you/recovery-codes", post(you::renew_codes))
        .route("/you/passkeys", post(you::add_passkey))
        .route("/you/passkeys/remove", post(you::remove_passkey))
        .route("/you/sessions/{session}/end", post(you::end_session))
}

impl SignedIn {
    /// Whether a form came from a page of this session.
    pub(crate) fn sent(&self, csrf: &str) -> bool {
        self.csrf.as_bytes().ct_eq(csrf.as_bytes()).into()
    }

    /// Whether who is there was proved a moment ago, as dangerous acts want it; where not, `/console/confirm` asks.
    pub(crate) fn is_fresh(&self, now: Timestamp) -> bool {
        now < self.reauthenticated_at.saturating_add(PROVED_FOR).unwrap_or(Timestamp::MAX)
    }
}
