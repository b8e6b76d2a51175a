//! Signing in, and what a person signs in with. Each function is the body of a page; what stands around it comes from elsewhere.

use crate::components::qr::qr;
use maud::{Markup, html};
use std::fmt::Display;

/// Where people sign in.
const HERE: &str = "/console/sign-in";
/// Where a sign-in leads that says nothing else.
const HOME: &str = "/console";

/// The page where people and the operator sign in.
pub struct SignIn<'v> {
    /// Under which name the installation is reached.
    pub host: &'v str,
    /// What the form carries to show that it comes from this page.
    pub csrf: &'v str,
    /// Where the sign-in leads.
    pub next: &'v str,
    /// What was typed.
    pub account: &'v str,
    /// What was typed.
    pub user_name: &'v str,
    /// Whether the operator's key is asked for.
    pub as_operator: bool,
    /// Why the last try did not do.
    pub problem: Option<&'v str>,
    /// What has just happened.
    pub notice: Option<&'v str>,
    /// What the browser is asked for to use a passkey, as JSON.
    pub passkey: &'v str,
    /// The id of the account whose identity provider is offered.
    pub provider: Option<String>,
}

/// What comes behind the password.
pub struct SecondFactor<'v> {
    /// See [`SignIn::csrf`].
    pub csrf: &'v str,
    /// See [`SignIn::problem`].
    pub problem: Option<&'v str>,
    /// Whether there is an authenticator app.
    pub has_app: bool,
    /// What the browser is asked for, as JSON; `None` without a passkey.
    pub passkey: Option<&'v str>,
}

/// Setting up an authenticator app.
pub struct SetUpApp<'v> {
    /// Where the form goes.
    pub action: &'v str,
    /// See [`SignIn::csrf`].
    pub csrf: &'v str,
    /// See [`SignIn::problem`].
    pub problem: Option<&'v str>,
    /// The secret in Base32.
    pub secret: &'v str,
    /// The secret as the form carries it.
    pub sealed: &'v str,
    /// The same for an app on this device.
    pub uri: &'v str,
}

/// Proving anew who is there.
pub struct Confirm<'v> {
    /// See [`SignIn::csrf`].
    pub csrf: &'v str,
    /// Where it leads.
    pub next: &'v str,
    /// What comes next, as the form carries it.
    pub act: &'v str,
    /// What comes next, in words.
    pub what: Option<&'v str>,
    /// Who is signed in.
    pub who: &'v str,
    /// See [`SignIn::problem`].
    pub problem: Option<&'v str>,
    /// Whether it is the operator.
    pub operator: bool,
    /// Whether the person has a password.
    pub password: bool,
    /// Whether there is an authenticator app.
    pub has_app: bool,
    /// See [`SecondFactor::passkey`].
    pub passkey: Option<&'v str>,
    /// See [`SignIn::provider`].
    pub provider: Option<String>,
}

fn callout(problem: Option<&str>) -> Markup {
    html! {
        @if let Some(problem) = problem {
            div.callout."callout--bad" role="alert" tabindex="-1" { p { (problem) } }
        }
    }
}

fn hidden(name: &str, value: impl Display) -> Markup {
    html! { input type="hidden" name=(name) value=(value); }
}

fn password_field(id: &str, label: &str, complete: &str, beside: &Markup) -> Markup {
    html! {
        div.field {
            div.label-row { label for=(id) { (label) } " " (beside) }
            input.input id=(id) name=(id) type="password" autocomplete=(complete) maxlength="256" required;
        }
    }
}

/// A form that a script fills in with what the browser says of a passkey.
fn passkey_form(action: &str, carried: &Markup, request: &str, label: &str) -> Markup {
    html! {
        form method="post" action=(action) data-passkey="get" data-options=(request) hidden {
            (carried) (hidden("assertion", ""))
            button.button type="submit" { (label) }
        }
    }
}

/// The page where people and the operator sign in.
pub fn sign_in(view: &SignIn<'_>) -> Markup {
    let forgot = html! { a href="/console/sign-in/forgot" { "Forgot your password?" } };
    let carried = html! { (hidden("csrf", view.csrf)) (hidden("next", view.next)) };
    let next = if view.next == HOME { "" } else { view.next };
    let as_operator = crate::address(HERE, &[("as", "operator"), ("next", next)]);
    let as_person = crate::address(HERE, &[("next", next)]);
    let at_provider =
        view.provider.as_ref().map(|account| crate::address(&format!("{HERE}/oidc/{account}"), &[("next", next)]));
    let people = html! {
        form.form method="post" action="/console/sign-in" {
            (carried)
            div.field {
                label for="account" { "Account" }
                p.hint id="account-hint" { "Its name or id. Leave it empty where there is only one." }
                input.input id="account" name="account" autocomplete="organization" maxlength="256"
                    aria-describedby="account-hint" value=(view.account);
            }
            div.field {
                label for="user_name" { "Email address or user name" }
                input.input id="user_name" name="user_name" autocomplete="username" maxlength="1000" required value=(view.user_name);
            }
            (password_field("password", "Password", "current-password", &forgot))
            button.button."button--primary" { "Sign in" }
        }
        p.or { "or" }
        div."stack-small" {
            (passkey_form("/console/sign-in/passkey", &carried, view.passkey, "Sign in with a passkey"))
            @if let Some(href) = at_provider { a.button href=(href) { "Sign in with your organisation" } }
            a.button href=(as_operator) { "Sign in as the operator" }
        }
        p.small.quiet {
            "You have an account when an administrator or your identity provider has added you. Open the link in the mail you received \
             to set your password first."
        }
    };
    let operator = html! {
        form.form method="post" action="/console/sign-in" {
            (carried) (hidden("as", "operator"))
            div.field {
                label for="key" { "Operator's key" }
                p.hint id="key-hint" { "It stands in the file " code { "operator.key" } " of the data folder." }
                input.input id="key" name="key" type="password" autocomplete="off" maxlength="256" required aria-describedby="key-hint";
            }
            button.button."button--primary" { "Sign in" }
        }
        p.or { "or" }
        div."stack-small" { a.button href=(as_person) { "Sign in as a person" } }
    };
    html! {
        p.quiet { (view.host) }
        @if let Some(notice) = view.notice {
            div.callout."callout--info" role="status" { h2 { (notice) } }
        }
        @if let Some(problem) = view.problem {
            div.callout.callout--bad role="alert" tabindex="-1" { h2 { "You are not signed in" } p { (problem) } }
        }
        @if view.as_operator { (operator) } @else { (people) }
    }
}

/// What comes behind the password.
pub fn second_factor(view: &SecondFactor<'_>) -> Markup {
    let carried = hidden("csrf", view.csrf);
    let what = if view.has_app { "Code of your authenticator app, or a recovery code" } else { "Recovery code" };
    html! {
        (callout(view.problem))
        @if let Some(request) = view.passkey {
            (passkey_form("/console/sign-in/second-factor", &carried, request, "Use your passkey"))
        }
        (code_form("/console/sign-in/second-factor", &carried, what))
    }
}

fn code_form(action: &str, carried: &Markup, label: &str) -> Markup {
    html! {
        form.form method="post" action=(action) {
            (carried)
            div.field {
                label for="code" { (label) }
                input.input id="code" name="code" autocomplete="one-time-code" maxlength="40" required;
            }
            button.button."button--primary" { "Confirm" }
        }
    }
}

/// Setting up an authenticator app.
pub fn set_up_app(view: &SetUpApp<'_>) -> Markup {
    html! {
        (callout(view.problem))
        p { "Scan this code with an authenticator app, then type the six digits that the app shows." }
        @if let Some(code) = qr("QR code with the key below, for an authenticator app", view.uri) { (code) }
        p {
            "Or type this key into the app, by time and with six digits. On this device, "
            a href=(view.uri) { "open your app" } "."
        }
        p { code.secret { (view.secret) } }
        form.form method="post" action=(view.action) {
            (hidden("csrf", view.csrf)) (hidden("sealed", view.sealed))
            div.field {
                label for="code" { "Six digits" }
                input.input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="12" required;
            }
            div.buttons { button.button."button--primary" { "Confirm" } }
        }
    }
}

/// The codes for somebody who loses the second factor.
pub fn recovery_codes(codes: &[String], next: &str) -> Markup {
    html! {
        p {
            "Each of these codes stands in for your second factor once. They are shown now and never again: print them, or keep them \
             with your passwords."
        }
        ul.codes { @for code in codes { li { code { (code) } } } }
        p { a.button."button--primary" href=(next) { "I have kept them" } }
    }
}

/// Setting a password behind a link.
pub fn set_password(csrf: &str, problem: Option<&str>) -> Markup {
    html! {
        (callout(problem))
        form.form method="post" {
            (hidden("csrf", csrf))
            p.hint { "At least 12 characters, any of them. Four words that nobody says together are good." }
            (password_field("password", "New password", "new-password", &html! {}))
            (password_field("again", "The same again", "new-password", &html! {}))
            button.button."button--primary" { "Set password" }
        }
    }
}

/// Asking for a link to set a password.
pub fn forgot(csrf: &str, account: &str, user_name: &str) -> Markup {
    html! {
        form.form method="post" action="/console/sign-in/forgot" {
            (hidden("csrf", csrf))
            div.field {
                label for="account" { "Account" }
                input.input id="account" name="account" autocomplete="organization" maxlength="256" value=(account);
            }
            div.field {
                label for="user_name" { "Email address or user name" }
                input.input id="user_name" name="user_name" autocomplete="username" maxlength="1000" required value=(user_name);
            }
            button.button."button--primary" { "Send me a link" }
        }
        p { a href="/console/sign-in" { "Back to sign-in" } }
    }
}

/// A sentence for somebody who is not signed in.
pub fn message(text: &str) -> Markup {
    html! { p { (text) } p { a href="/console/sign-in" { "Back to sign-in" } } }
}

/// Proving anew who is there.
pub fn confirm(view: &Confirm<'_>) -> Markup {
    const ACTION: &str = "/console/confirm";
    let carried = html! { (hidden("csrf", view.csrf)) (hidden("next", view.next)) (hidden("act", view.act)) };
    let by_secret = |name: &str, label: &str, complete: &str| {
        html! {
            form.form method="post" action=(ACTION) {
                (carried)
                (password_field(name, label, complete, &html! {}))
                button.button."button--primary" { "Confirm" }
            }
        }
    };
    html! {
        (callout(view.problem))
        @if let Some(what) = view.what { p { strong { (what) } } }
        p {
            "You are signed in as " strong { (view.who) }
            ". What comes next matters: prove once more that it is you. It counts for five minutes."
        }
        @if view.operator { (by_secret("key", "Operator's key", "off")) }
        @if view.password { (by_secret("password", "Password", "current-password")) }
        @if view.has_app { (code_form(ACTION, &carried, "Code of your authenticator app")) }
        @if let Some(request) = view.passkey { (passkey_form(ACTION, &carried, request, "Use your passkey")) }
        @if let Some(account) = &view.provider {
            form method="get" action={ "/console/sign-in/oidc/" (account) } {
                (hidden("next", view.next)) (hidden("confirm", "1"))
                button.button { "Sign in with your organisation again" }
            }
        }
        p { a href="/console" { "Cancel" } }
    }
}
