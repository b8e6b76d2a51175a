//! How far somebody has come who is signing in: the password was right, and more is needed.

use super::{cookies, visit::Visit};
use crate::{app::App, seal::place};
use axum::http::HeaderValue;
use jiff::{SignedDuration, Timestamp};
use provost_accounts::credentials::Person;
use provost_change::{AccountId, ResourceId};
use serde::{Deserialize, Serialize};

/// How long the next step may take.
const LIFETIME: SignedDuration = SignedDuration::from_mins(10);
const PLACE: &[u8] = b"provost sign-in step 1";

/// Kept by the browser, sealed; it is no session, and good for the next step only.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Step {
    pub account: AccountId,
    pub user: ResourceId,
    /// Where the sign-in leads.
    pub next: String,
    /// When the password was shown.
    at: Timestamp,
    /// Since when the password was this one: another one by now makes the step worthless.
    password: Timestamp,
}

impl Step {
    /// Behind the right password of a person.
    pub fn after_password(visit: &Visit, account: AccountId, person: &Person) -> Option<Self> {
        let password = person.credentials.password.as_ref()?.set;
        Some(Self { account, user: person.user.id(), next: visit.next(), at: visit.app.now(), password })
    }

    /// The cookie that keeps it.
    pub fn cookie(&self, visit: &Visit) -> HeaderValue {
        let text = serde_json::to_string(self).expect("ids and times can be written");
        cookies::STEP.set(&visit.caller, &visit.app.seal(PLACE, &text))
    }

    /// The step that a browser keeps, with the cookie's text; `None` for none, or one that took too long.
    pub fn read(visit: &Visit) -> Option<(Self, String)> {
        let cookie = visit.cookie(cookies::STEP)?;
        let step: Self = serde_json::from_str(&visit.app.open(PLACE, &cookie)?).ok()?;
        (visit.app.now() < step.at.saturating_add(LIFETIME).ok()?).then_some((step, cookie))
    }

    /// Whether the password is still the one that was shown.
    pub fn is_of(&self, person: &Person) -> bool {
        person.credentials.password.as_ref().is_some_and(|password| password.set == self.password)
    }
}

/// A secret of an authenticator app that is being set up: the form carries it, sealed for its user.
pub(super) fn sealed_secret(app: &App, user: (AccountId, ResourceId), secret: &[u8]) -> String {
    app.seal(&place::totp(user.0, user.1), &provost_accounts::api_key::hex(secret))
}

/// The secret of an authenticator app, as it is stored or carried.
pub(super) fn opened_secret(app: &App, user: (AccountId, ResourceId), sealed: &str) -> Option<Vec<u8>> {
    let text = app.open(&place::totp(user.0, user.1), sealed)?;
    let byte = |at: usize| text.get(at..at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
    (0..text.len()).step_by(2).map(byte).collect()
}
