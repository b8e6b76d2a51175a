//! A request to one of these pages: what it carries, and how it is answered.

use super::{
    cookies::{self, Cookie},
    form_token::{self, FormToken, Whose},
};
use crate::{
    app::{App, Caller, Failure},
    body::{self, READ_TIMEOUT},
    console::{answer, visit::THEME},
    surface::Surface,
};
use axum::{
    extract::{FromRequest, Request},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header::SET_COOKIE, request::Parts},
    response::{IntoResponse, Response},
};
use provost_accounts::{Refused, api_key::hex};
use provost_console::{Markup, Theme, layout};
use url::form_urlencoded;

/// Longest form, in bytes: passkeys answer with a few KB.
const FORM_BYTES_MAX: usize = 64 * 1_024;
/// What a form is sent as.
const FORM_TYPES: &[&str] = &["application/x-www-form-urlencoded"];
/// Longest address that a sign-in leads to, in bytes.
const NEXT_BYTES_MAX: usize = 2_048;
/// Where a sign-in leads that says nothing else.
const HOME: &str = "/console";

/// Fields by name, as a query or a form has them.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    fn read(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    /// The value of a field; empty where it is not there.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }
}

/// A request, with its form read where it has one.
pub(super) struct Visit {
    pub app: App,
    /// Where it comes from; who it is, nobody has looked yet.
    pub caller: Caller,
    pub parts: Parts,
    pub query: Fields,
    pub form: Fields,
}

/// What a handler answers.
pub(super) type Answer = Result<Response, Stop>;

/// Why there is no page of ours to answer with.
#[derive(Debug)]
pub(super) struct Stop(Failure);

impl<F: Into<Failure>> From<F> for Stop {
    fn from(failure: F) -> Self {
        Self(failure.into())
    }
}

impl IntoResponse for Stop {
    fn into_response(self) -> Response {
        self.0.answer(Surface::Page)
    }
}

impl FromRequest<App> for Visit {
    type Rejection = Stop;

    async fn from_request(request: Request, app: &App) -> Result<Self, Stop> {
        let (parts, body) = request.into_parts();
        let caller = app.stranger(&parts.headers, &parts.extensions)?;
        let form = if parts.method == Method::POST {
            body::check_media_type(&parts.headers, FORM_TYPES).map_err(Failure::from)?;
            Fields::read(&body::read(body, FORM_BYTES_MAX, READ_TIMEOUT).await.map_err(Failure::from)?)
        } else {
            Fields::default()
        };
        let query = Fields::read(parts.uri.query().unwrap_or_default().as_bytes());
        Ok(Self { app: app.clone(), caller, parts, query, form })
    }
}

impl Visit {
    /// A cookie of ours that it carries.
    pub fn cookie(&self, cookie: Cookie) -> Option<String> {
        cookie.read(&self.caller, &self.parts.headers)
    }

    /// What the forms of somebody who is not signed in are tied to: the cookie that there is, or a fresh one.
    pub fn form_cookie(&self) -> (String, Option<HeaderValue>) {
        match self.cookie(cookies::FORM) {
            Some(cookie) => (cookie, None),
            None => {
                let fresh = hex(&self.app.random::<16>());
                let header = cookies::FORM.set(&self.caller, &fresh);
                (fresh, Some(header))
            }
        }
    }

    /// Whether the form comes from a page that this server gave to this browser (S-67).
    ///
    /// # Errors
    /// 403 where it does not.
    pub fn check_form(&self) -> Result<(), Failure> {
        let known = self.cookie(cookies::FORM).map(|cookie| form_token::mark(&cookie)).unwrap_or_default();
        let token = FormToken::opened(&self.app, self.form.get("csrf"));
        if token.is_some_and(|token| token.is_of(&known)) { Ok(()) } else { Err(foreign()) }
    }

    /// What a form of a page for that cookie carries: see [`form_cookie`](Self::form_cookie).
    pub fn form_token(&self, cookie: &str) -> String {
        FormToken { mark: form_token::mark(cookie), whose: Whose::Nobody }.sealed(&self.app)
    }

    /// Where it is to lead: a page of the console, and nowhere else.
    pub fn next(&self) -> String {
        let wanted = [self.form.get("next"), self.query.get("next")].into_iter().find(|text| !text.is_empty());
        wanted.filter(|next| is_local(next)).unwrap_or(HOME).to_owned()
    }

    /// The host by which people know us.
    pub fn host(&self) -> &str {
        self.caller.origin.split_once("://").map_or("", |(_, host)| host)
    }

    /// The origin of our pages as browsers have it, without a path.
    pub fn origin(&self) -> String {
        match self.caller.origin.split_once("://") {
            Some((scheme, rest)) => format!("{scheme}://{}", rest.split('/').next().unwrap_or(rest)),
            None => self.caller.origin.clone(),
        }
    }
}

/// A form that did not come from a page of ours, or whose page is older than the browser's cookies.
pub(super) fn foreign() -> Failure {
    let detail =
        "this form did not come from a page of this session: go back, load the page again, and send it once more";
    Refused::status(403, detail).into()
}

/// Whether an address is one of the console's own that somebody may be led to.
pub(in crate::console) fn is_local(next: &str) -> bool {
    let plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let below = next.strip_prefix(HOME).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    below && plain && next.len() <= NEXT_BYTES_MAX && !next.starts_with("/console/sign-in")
}

/// A page, with cookies to set.
pub(super) fn page(
    visit: &Visit,
    status: StatusCode,
    title: &str,
    body: &Markup,
    cookies: impl IntoIterator<Item = HeaderValue>,
) -> Response {
    let theme = Theme::named(&super::cookie(&visit.parts.headers, THEME).unwrap_or_default());
    let whole = layout::bare(title, theme, env!("CARGO_PKG_VERSION"), body);
    with_cookies(answer::page_with(status, whole), cookies)
}

/// 303 to a page, with cookies to set.
pub(super) fn see_other(location: &str, cookies: impl IntoIterator<Item = HeaderValue>) -> Response {
    with_cookies(answer::go(location), cookies)
}

fn with_cookies(mut answer: Response, cookies: impl IntoIterator<Item = HeaderValue>) -> Response {
    let headers: &mut HeaderMap = answer.headers_mut();
    for cookie in cookies {
        headers.append(SET_COOKIE, cookie);
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::is_local;

    #[test]
    fn a_sign_in_leads_to_pages_of_the_console_only() {
        for (next, local) in [
            ("/console", true),
            ("/console/users?filter=active%20eq%20true", true),
            ("/console?a=b", true),
            ("/consoles", false),
            ("//evil.example", false),
            ("/console\\@evil.example", false),
            ("https://evil.example/console", false),
            ("/console/sign-in", false),
            ("/console/a\r\nSet-Cookie:x", false),
            ("", false),
        ] {
            assert_eq!(is_local(next), local, "{next}");
        }
    }
}
