//! How a user signs in to the console, and what an administrator can do about it.

use super::{View, place};
use crate::{
    Shell,
    components::{counted, facts::facts, field::act, mark::tag_warn, nothing, section, time::time},
};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

/// What a user signs in with, as the management API shows it.
#[derive(Clone, Debug, Deserialize)]
pub struct Credentials {
    /// Since when there is a password.
    pub password_set: Option<Timestamp>,
    /// Until when a link to set one works.
    pub invited_until: Option<Timestamp>,
    /// Since when there is an authenticator app.
    pub authenticator_app_since: Option<Timestamp>,
    /// The passkeys.
    pub passkeys: Vec<Passkey>,
}

/// A passkey.
#[derive(Clone, Debug, Deserialize)]
pub struct Passkey {
    /// What the user calls it.
    pub name: String,
}

/// How somebody comes in where no link goes out by mail.
pub const NO_MAIL: &str = "This installation sends no mail. The operator can show a link to set a password on the user’s page, \
                                  to be handed over.";

/// The section; nothing where it is not known, or nobody can sign in so.
pub(super) fn sign_in(shell: &Shell, view: &View<'_>) -> Markup {
    let Some(credentials) = view.credentials.filter(|_| view.user.deleted.is_none()) else { return nothing() };
    let acts = html! { @if view.may_manage { div.buttons { (buttons(shell, view, credentials)) } } };
    let is_told = view.may_manage && !view.may_mail && !view.may_show_link && credentials.password_set.is_none();
    let body = html! {
        (facts(&told(shell, view, credentials)))
        @if is_told { p.fine { (NO_MAIL) } }
    };
    section("sign-in", "Sign-in to the console", acts, body)
}

fn told<'a>(shell: &Shell, view: &View<'_>, credentials: &Credentials) -> Vec<(&'a str, Markup)> {
    let password = match (credentials.password_set, credentials.invited_until) {
        (Some(set), _) => html! { "Set " (time(set, shell.now)) },
        (None, Some(until)) if until > shell.now => html! { "A link to set one works until " (time(until, shell.now)) },
        (None, _) => html! { span.none { "None" } },
    };
    let factors = html! {
        @match credentials.authenticator_app_since {
            Some(since) => { "Authenticator app since " (time(since, shell.now)) }
            None if credentials.passkeys.is_empty() => { (tag_warn("None")) }
            None => {}
        }
        @for passkey in &credentials.passkeys { " Passkey " (passkey.name) "." }
    };
    let sessions = view.sessions.map_or_else(nothing, |number| {
        html! { a href=(place(shell, view.user, "/sessions")) { (counted(number, "session", "sessions")) } }
    });
    let mut told = vec![("Password", password), ("Second factor", factors), ("Signed in now", sessions)];
    if let (Some(_), Some(until)) =
        (credentials.password_set, credentials.invited_until.filter(|until| *until > shell.now))
    {
        told.push(("Link to set another", html! { "Works until " (time(until, shell.now)) }));
    }
    told
}

fn buttons(shell: &Shell, view: &View<'_>, credentials: &Credentials) -> Markup {
    let to = |rest: &str| place(shell, view.user, rest);
    let has_factor = credentials.authenticator_app_since.is_some() || !credentials.passkeys.is_empty();
    let is_invited = credentials.invited_until.is_some_and(|until| until > shell.now);
    let send = match (is_invited, credentials.password_set) {
        (true, _) => "Send the link again",
        (false, None) => "Invite to the console",
        (false, Some(_)) => "Send link to set a password",
    };
    html! {
        @if view.may_mail { (act(&to("/invitation"), &shell.csrf, "button button--small", send)) " " }
        @if view.may_show_link { a.button.button--small href=(to("/invitation/link")) { "Show link to set a password" } " " }
        @if is_invited { (act(&to("/invitation/withdraw"), &shell.csrf, "button button--small", "Take the link back")) " " }
        @if has_factor { a.button.button--small href=(to("/second-factors/forget")) { "Forget second factors" } }
    }
}
