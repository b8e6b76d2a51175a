//! What every request to a screen passes: who it is, whether a form is from a page of that session, whether it was sent already, and
//! whether an act wants a fresh proof of who is there.
//!
//! A form that cannot be taken now is kept ([`kept`]) for whoever typed it, and shown again, filled in, behind the sign-in or the proof.
//! It is sent again by the person alone. A form that was taken is answered the same way when it comes a second time ([`once`]).

mod kept;
mod once;

pub(super) use kept::{Kept, Screens, Why, show};

use super::{
    access::{self, FormToken, SignedIn, Whose},
    answer::{go, noticed},
    dangerous::{self, Dangerous},
    form,
    visit::Visit,
};
use crate::{
    app::{App, Failure},
    surface::Surface,
};
use axum::{
    body::{Body, Bytes},
    extract::{FromRequestParts, MatchedPath, OriginalUri, Request, State},
    http::{HeaderMap, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use provost_console::{Filled, address, components::field::SECRETS};
use std::sync::Arc;

/// What is remembered of forms, in this process.
#[derive(Clone)]
pub(super) struct Door {
    app: App,
    kept: Arc<kept::Shelf>,
    sent: Arc<once::Sent>,
}

impl Door {
    /// Nothing was sent yet.
    pub fn new(app: &App) -> Self {
        Self { app: app.clone(), kept: Arc::default(), sent: Arc::default() }
    }
}

/// Lets a request through, or answers it.
pub(super) async fn pass(State(door): State<Door>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let signed = match access::signed_in(&door.app, &parts).await {
        Ok(signed) => signed,
        Err(failure) => return failure.answer(Surface::Page),
    };
    let path = parts.extensions.get::<MatchedPath>().map_or("", |path| path.as_str());
    let act = dangerous::act(&parts.method, path);
    let act = act.filter(|_| signed.as_ref().is_some_and(|signed| !signed.is_fresh(door.app.now())));
    if parts.method != Method::POST {
        if let Some(act) = act {
            return go(&dangerous::confirm(act, &here(&parts)));
        }
        // Help is for everybody; any other screen asks whoever is not signed in to do so.
        if let Some(signed) = signed {
            parts.extensions.insert(signed);
        }
        return next.run(Request::from_parts(parts, body)).await;
    }
    match form::bytes(&parts.headers, body).await.and_then(|bytes| Ok((form::fields(&bytes)?, bytes))) {
        Ok((filled, bytes)) => door.form(parts, next, (signed, act), filled, bytes).await,
        Err(failure) => door.trouble(parts, signed, failure).await,
    }
}

impl Door {
    async fn form(
        &self,
        mut parts: Parts,
        next: Next,
        (signed, act): (Option<SignedIn>, Option<&Dangerous>),
        filled: Filled,
        bytes: Bytes,
    ) -> Response {
        let token = FormToken::opened(&self.app, filled.value(form::TOKEN));
        let whose = token.as_ref().map(|token| token.whose).filter(|_| is_navigation(&parts.headers));
        let Some(signed) = signed else {
            let Some(whose) = whose else { return access::ask_to_sign_in(&parts) };
            let back = self.keep(&parts, whose, Why::SignedOut, filled);
            let by = if whose == Whose::Operator { "operator" } else { "" };
            return go(&address("/console/sign-in", &[("notice", "unsent"), ("as", by), ("next", &back)]));
        };
        if !token.is_some_and(|token| token.is_of(&signed.mark)) {
            if whose != Some(signed.whose) {
                return self.trouble(parts, Some(signed), form::foreign()).await;
            }
            return noticed(&self.keep(&parts, signed.whose, Why::OldPage, filled), "");
        }
        if let Some(act) = act {
            return go(&dangerous::confirm(act, &self.keep(&parts, signed.whose, Why::Unproved, filled)));
        }
        let digest = once::digest(&signed.mark, &here(&parts), &bytes);
        parts.extensions.insert(signed);
        let request = Request::from_parts(parts, Body::from(bytes));
        self.sent.once(digest, self.app.now(), next.run(request)).await
    }

    /// Keeps what was typed; where it is shown again. Where nothing was typed, that is the page with the button.
    fn keep(&self, parts: &Parts, whose: Whose, why: Why, filled: Filled) -> String {
        let from = referrer(&parts.headers).unwrap_or_else(|| super::BASE.to_owned());
        let is_open = |(name, _): &(String, String)| name != form::TOKEN && !SECRETS.contains(&name.as_str());
        let pairs: Vec<_> = filled.pairs().iter().filter(|pair| is_open(pair)).cloned().collect();
        if pairs.is_empty() {
            return from;
        }
        let now = self.app.now();
        let kept = Kept { whose, why, to: here(parts), from, pairs, at: now };
        let id = provost_accounts::api_key::hex(&self.app.random::<16>());
        self.kept.put(id.clone(), kept);
        format!("/console/kept/{id}")
    }

    /// The page that says what is wrong with a form.
    async fn trouble(&self, mut parts: Parts, signed: Option<SignedIn>, failure: Failure) -> Response {
        let Some(signed) = signed else { return failure.answer(Surface::Page) };
        parts.extensions.insert(signed);
        match Visit::from_request_parts(&mut parts, &self.app).await {
            Ok(visit) => {
                let error = failure.scim();
                visit.trouble(error.status, error.detail).await.into_response()
            }
            Err(answer) => answer,
        }
    }
}

/// The address that was asked for: path and query.
fn here(parts: &Parts) -> String {
    let asked = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0);
    asked.path_and_query().map_or_else(String::new, ToString::to_string)
}

/// Whether a browser goes where it sends the form. What a script asks for is nothing that a person would look for again.
fn is_navigation(headers: &HeaderMap) -> bool {
    let dest = headers.get("sec-fetch-dest").and_then(|dest| dest.to_str().ok());
    dest.is_none_or(|dest| dest == "document")
}

/// The page of the console that a form stood on, if the browser says so.
fn referrer(headers: &HeaderMap) -> Option<String> {
    let url = url::Url::parse(headers.get(header::REFERER)?.to_str().ok()?).ok()?;
    let query = url.query().map_or_else(String::new, |query| format!("?{query}"));
    let at = format!("{}{query}", url.path());
    access::is_local(&at).then_some(at)
}
