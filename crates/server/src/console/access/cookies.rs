//! The cookies of the console. Each is for the server only, and sent with links from elsewhere but with no form from there.

use crate::app::Caller;
use axum::http::{HeaderMap, HeaderValue};

/// A cookie of ours.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cookie {
    name: &'static str,
    /// For how long browsers keep it, in seconds; `None` until they are closed.
    lives: Option<u32>,
}

/// The session.
pub(super) const SESSION: Cookie = Cookie { name: "provost", lives: None };
/// What the forms of somebody who is not signed in are tied to.
pub(super) const FORM: Cookie = Cookie { name: "provost-form", lives: None };
/// How far somebody has come who is signing in, sealed.
pub(super) const STEP: Cookie = Cookie { name: "provost-step", lives: Some(600) };
/// What a sign-in at an identity provider is held to, sealed.
pub(super) const PROVIDER: Cookie = Cookie { name: "provost-oidc", lives: Some(600) };

/// Longest value that is read, in bytes.
const VALUE_MAX: usize = 4_096;

impl Cookie {
    /// The value that a browser sent.
    pub(super) fn read(self, caller: &Caller, headers: &HeaderMap) -> Option<String> {
        let name = self.full_name(caller);
        super::cookie(headers, &name).filter(|value| !value.is_empty() && value.len() <= VALUE_MAX)
    }

    /// The header that sets it. `value` is made of letters, digits, `-`, `_` and `.`.
    pub(super) fn set(self, caller: &Caller, value: &str) -> HeaderValue {
        let lives = self.lives.map_or_else(String::new, |seconds| format!("; Max-Age={seconds}"));
        self.header(caller, value, &lives)
    }

    /// The header that removes it.
    pub(super) fn remove(self, caller: &Caller) -> HeaderValue {
        self.header(caller, "", "; Max-Age=0")
    }

    fn header(self, caller: &Caller, value: &str, lives: &str) -> HeaderValue {
        let secure = if is_https(caller) { "; Secure" } else { "" };
        let name = self.full_name(caller);
        HeaderValue::try_from(format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{lives}"))
            .expect("names and values of cookies are plain ASCII")
    }

    /// Whether a request carries one, good or not. Nothing is decided by that.
    pub(super) fn carried(self, headers: &HeaderMap) -> Option<String> {
        let names = [format!("__Host-{}", self.name), self.name.to_owned()];
        names.iter().find_map(|name| super::cookie(headers, name)).filter(|value| !value.is_empty())
    }

    /// Where there is TLS, the prefix keeps other hosts of the same domain from setting it.
    fn full_name(self, caller: &Caller) -> String {
        if is_https(caller) { format!("__Host-{}", self.name) } else { self.name.to_owned() }
    }
}

fn is_https(caller: &Caller) -> bool {
    caller.origin.starts_with("https://")
}
