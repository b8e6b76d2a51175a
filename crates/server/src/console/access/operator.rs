//! The operator in the console: signs in with the operator's key, and is remembered by a sealed cookie alone.
//!
//! No account is the operator's, so there is no record to keep. The seal's key comes from the operator's key: with another key the
//! cookie is no session any more.

use crate::app::App;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How long a session lasts.
const LIFETIME: SignedDuration = SignedDuration::from_hours(8);
/// What the cookie begins with, and what it is sealed for.
const PREFIX: &str = "op.";
const PLACE: &[u8] = b"provost operator session 1";

/// Whether a cookie looks like a session of the operator, good or not.
pub(super) fn is_one(cookie: &str) -> bool {
    cookie.starts_with(PREFIX)
}

/// A session of the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OperatorSession {
    /// When it began.
    created: Timestamp,
    /// When the key was shown last.
    pub proved: Timestamp,
}

impl OperatorSession {
    /// A session that begins.
    pub(super) fn begun(now: Timestamp) -> Self {
        Self { created: now, proved: now }
    }

    /// The same after the key was shown again.
    pub(super) fn proved_again(self, now: Timestamp) -> Self {
        Self { proved: now, ..self }
    }

    /// The cookie's value.
    pub(super) fn sealed(self, app: &App) -> String {
        let text = serde_json::to_string(&self).expect("times can be written");
        format!("{PREFIX}{}", app.seal(PLACE, &text))
    }

    /// The session of a cookie; `None` for one that is none, or over.
    pub(super) fn read(app: &App, cookie: &str) -> Option<Self> {
        let session: Self = serde_json::from_str(&app.open(PLACE, cookie.strip_prefix(PREFIX)?)?).ok()?;
        let now = app.now();
        let ends = session.created.saturating_add(LIFETIME).ok()?;
        (now < ends).then_some(session)
    }
}
