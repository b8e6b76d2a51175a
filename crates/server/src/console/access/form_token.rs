//! What a form carries to show that it comes from a page of ours, and from whose.
//!
//! Sealed with fresh randomness, it looks different in each answer: how well a page is compressed tells nobody anything about it. It
//! says whose page it was even when the session is over, so that what a person typed is kept for that person.

use crate::app::App;
use provost_accounts::api_key::hex;
use provost_change::{AccountId, ResourceId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// What a token is sealed for.
const PLACE: &[u8] = b"provost form 1";
/// Longest token, in bytes.
const TOKEN_MAX: usize = 512;

/// Whose page it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(in crate::console) enum Whose {
    /// Nobody had signed in.
    Nobody,
    /// The operator's.
    Operator,
    /// A user's, in an account.
    Person(AccountId, ResourceId),
}

/// What stands in a form's field `csrf`, opened.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::console) struct FormToken {
    /// See [`mark`].
    pub mark: String,
    /// Whose page the form stood on.
    pub whose: Whose,
}

impl FormToken {
    /// The token as a form carries it.
    pub fn sealed(&self, app: &App) -> String {
        app.seal(PLACE, &serde_json::to_string(self).expect("texts and ids can be written"))
    }

    /// The token that a form carried; `None` for what is none.
    pub fn opened(app: &App, text: &str) -> Option<Self> {
        let opened = Some(text).filter(|text| text.len() <= TOKEN_MAX).and_then(|text| app.open(PLACE, text))?;
        serde_json::from_str(&opened).ok()
    }

    /// Whether its page belongs to the cookie that is known by this mark.
    pub fn is_of(&self, mark: &str) -> bool {
        !mark.is_empty() && bool::from(self.mark.as_bytes().ct_eq(mark.as_bytes()))
    }
}

/// What a cookie is known by where it must not stand itself.
pub(in crate::console) fn mark(cookie: &str) -> String {
    hex(&Sha256::new().chain_update(b"provost csrf 1").chain_update(cookie).finalize()[..16])
}
