//! One's own affairs: what a person signs in with, and where the person is signed in.

use super::user::sessions::{Session, list};
use crate::{
    Page, Place, Shell,
    components::{
        counted,
        facts::facts,
        field::{Field, act as button, form, token},
        mark::tag_warn,
        message::told,
        nothing, section,
        table::{ACTS, act, cell, free, head, lead, row, table},
        time::{ago, time},
    },
    filled::Filled,
};
use jiff::Timestamp;
use maud::{Markup, html};

/// What a person signs in with.
pub struct You<'v> {
    /// Why the last try did not do.
    pub problem: Option<&'v str>,
    /// Whether the account lets this person in by a password.
    pub uses_password: bool,
    /// Since when the password is this one.
    pub password_set: Option<Timestamp>,
    /// Since when there is an authenticator app.
    pub app_since: Option<Timestamp>,
    /// Recovery codes that were not used.
    pub recovery_left: usize,
    /// The passkeys.
    pub passkeys: Vec<Passkey>,
    /// What the browser is asked for to make a passkey, as JSON.
    pub creation: &'v str,
    /// The sessions.
    pub sessions: &'v [Session],
    /// The session that asks.
    pub this: Option<String>,
}

/// A passkey.
pub struct Passkey {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// When it came.
    pub created: Timestamp,
    /// When it was used last.
    pub used: Option<Timestamp>,
}

/// The page.
pub fn page(shell: &Shell, view: &You<'_>) -> Markup {
    let body = html! {
        (problem(view.problem))
        div.stack {
            (section("password-head", "Password", nothing(), password(shell, view)))
            (section("app-head", "Authenticator app", nothing(), app(shell, view)))
            (section("passkeys-head", "Passkeys", nothing(), passkeys(shell, view)))
            (section("sessions-head", "Sessions", nothing(), sessions(shell, view)))
        }
    };
    Page::new("Your sign-in", Place::You, body).subtitle(html! { (crate::components::short(&shell.who)) }).render(shell)
}

/// A page below it: setting something up, or codes to keep.
pub fn below(shell: &Shell, title: &str, body: Markup) -> Markup {
    let body = html! { div.narrow { (body) } };
    Page::new(title, Place::You, body).below("Your sign-in", "/console/you").render(shell)
}

fn problem(problem: Option<&str>) -> Markup {
    html! {
        @if let Some(problem) = problem {
            div.callout.callout--bad role="alert" tabindex="-1" { h2 { "This was not done" } p { (told(problem)) } }
        }
    }
}

fn password(shell: &Shell, view: &You<'_>) -> Markup {
    if !view.uses_password {
        return html! { p.quiet { "By the rules of this account you sign in with your organisation, or with a passkey." } };
    }
    let filled = Filled::default();
    let fields = html! {
        @if view.password_set.is_some() {
            (Field::secret("current", "Present password").autocomplete("current-password").row(&filled))
        }
        (Field::secret("password", "New password").autocomplete("new-password")
            .hint("At least 12 characters, any of them. Four words that nobody says together are good.").row(&filled))
        (Field::secret("again", "The same again").autocomplete("new-password").row(&filled))
    };
    let label = if view.password_set.is_some() { "Change password" } else { "Set password" };
    html! {
        @match view.password_set {
            Some(set) => p.quiet { "Set " (time(set, shell.now)) ". Another one ends your other sessions." },
            None => p.quiet { "You have none: you sign in otherwise." },
        }
        (form("/console/you/password", &shell.csrf, fields, html! { button.button type="submit" { (label) } }))
    }
}

fn app(shell: &Shell, view: &You<'_>) -> Markup {
    let set_up = |label: &str| html! { a.button href="/console/you/authenticator" { (label) } };
    let Some(since) = view.app_since else {
        return html! {
            p { "Codes of an app on your phone, asked for behind your password." }
            div.buttons { (set_up("Set up an authenticator app")) }
        };
    };
    let left = i64::try_from(view.recovery_left).unwrap_or(i64::MAX);
    let codes = html! { (counted(left, "code", "codes")) " left" @if left < 3 { " " (tag_warn("Few")) } };
    html! {
        (facts(&[("Set up", time(since, shell.now)), ("Recovery codes", codes)]))
        div.buttons {
            (set_up("Set up another app")) " "
            (button("/console/you/recovery-codes", &shell.csrf, "button", "New recovery codes")) " "
            (button("/console/you/authenticator/remove", &shell.csrf, "button button--danger", "Remove the app"))
        }
    }
}

fn passkeys(shell: &Shell, view: &You<'_>) -> Markup {
    let heads = [head("Name"), head("Added"), head("Last used"), ACTS];
    let rows = html! { @for passkey in &view.passkeys {
        (row(false, html! {
            (lead(html! { (passkey.name) }))
            (cell("Added", time(passkey.created, shell.now)))
            (free("Last used", html! { @match passkey.used { Some(used) => (ago(used, shell.now)), None => "Never" } }))
            (act(html! {
                form.inline method="post" action="/console/you/passkeys/remove" {
                    (token(&shell.csrf)) input type="hidden" name="passkey" value=(passkey.id);
                    button.row-action type="submit" { "Remove" span.hidden-text { " " (passkey.name) } }
                }
            }))
        }))
    } };
    html! {
        @if view.passkeys.is_empty() {
            p { "A passkey of this device or of your phone lets you in without a password." }
        } @else {
            (table("Passkeys", &heads, rows))
        }
        form.form method="post" action="/console/you/passkeys" data-passkey="create" data-options=(view.creation) hidden {
            (token(&shell.csrf)) input type="hidden" name="registration" value="";
            div.field {
                label for="passkey-name" { "Name of the new passkey" }
                input.input id="passkey-name" name="name" maxlength="100" placeholder="This laptop";
            }
            div.buttons { button.button type="submit" { "Add a passkey" } }
        }
    }
}

fn sessions(shell: &Shell, view: &You<'_>) -> Markup {
    let end = |session: &Session| Some(format!("/console/you/sessions/{}/end", session.id));
    html! {
        (list(shell, view.sessions, view.this.as_deref(), end))
        @if view.sessions.len() > 1 {
            div.buttons { (button("/console/you/sessions/end", &shell.csrf, "button", "End all others")) }
        }
    }
}
