//! The guided set-up of an identity provider: each step turns green on the real event (S-114).

use super::{
    admin_apps::App,
    guides::{Asked, Provider},
};
use crate::{
    Shell, address,
    components::{
        button_link,
        code::copyable,
        facts::facts,
        mark::{Mark, state},
        message::{Tone, callout, support, told},
        nothing,
        record::Entry,
        section,
        time::{ago, time},
    },
    screens::{help, overview::Cause, requests::Request},
    words,
};
use jiff::Timestamp;
use maud::{Markup, html};
use serde_json::Value;

/// How far the set-up is.
pub struct SetUp<'a> {
    /// The app.
    pub app: &'a App,
    /// Its key in clear, just made; shown this once.
    pub key: Option<&'a str>,
    /// The identity provider whose guide is shown.
    pub provider: Provider,
    /// The policy in force; `None` where whoever looks may not read it.
    pub policy: Option<&'a Value>,
    /// The first user that it made or took over.
    pub first_user: Option<&'a Entry>,
    /// What failed and did not succeed since.
    pub causes: &'a [Cause],
    /// Its newest requests; `None` where whoever looks may not read the log.
    pub requests: Option<&'a [Request]>,
    /// Users that it may disable in an hour.
    pub brake: Option<u32>,
    /// Whether whoever looks may change the app.
    pub may_manage: bool,
}

/// A step of the set-up.
struct Step<'a> {
    title: &'a str,
    what: Markup,
    detail: Markup,
    done: Option<Timestamp>,
    is_bad: bool,
}

/// What the page shows below the title.
pub fn body(shell: &Shell, view: &SetUp<'_>) -> Markup {
    html! {
        @if let Some(key) = view.key { (key_once(view, key)) }
        div.aside-right {
            (steps(shell, view))
            div.stack {
                (allowed(shell, view))
                @let line = html! {
                    @match view.requests {
                        None => p.small.quiet { "The request log is for auditors and administrators." },
                        Some([]) => p.small.quiet { "No request yet. The key has never been used." },
                        Some(requests) => (recent(shell, requests)),
                    }
                };
                @let all = html! { a.small href=(place(shell, view.app, "/requests")) { "All" } };
                (section("contact", "Recent requests", if view.requests.is_some() { all } else { nothing() }, line))
            }
        }
    }
}

/// Requests as a line through time; a square is one that was refused.
fn recent(shell: &Shell, requests: &[Request]) -> Markup {
    html! {
        ol.timeline {
            @for request in requests {
                li.is-bad[request.status >= 400] {
                    div {
                        a href=(shell.path(&format!("/requests/{}", request.id))) { (request.method) " " (request.answered()) }
                        " " span.meta { (time(request.at, shell.now)) @if let Some(name) = &request.name { ", " (name) } }
                    }
                }
            }
        }
    }
}

/// Where something of an app is.
pub fn place(shell: &Shell, app: &App, rest: &str) -> String {
    shell.path(&format!("/settings/admin-apps/{}{rest}", app.id))
}

/// The key, shown once, beside the address it is used with.
pub fn key_once(view: &SetUp<'_>, key: &str) -> Markup {
    let (url, token) = view.provider.words();
    let once = html! { p {
        "Copy it now and keep it where you keep passwords. Provost stores only its hash. If you lose the key, rotate it."
    } };
    let body = html! {
        (callout(Tone::Warn, "The key is shown once", once))
        div.halves {
            (copyable("API key", key, "the API key"))
            (copyable(url, view.provider.url(view.app), "the tenant URL"))
        }
        p.fine { "The API key is the " (token) "." }
    };
    section("key", "API key details", nothing(), body)
}

fn steps(shell: &Shell, view: &SetUp<'_>) -> Markup {
    let chosen = html! {
        form.filters method="get" action=(place(shell, view.app, "")) {
            label.filter { span { "Identity provider" } " "
                select name="idp" {
                    @for (provider, name) in Provider::ALL {
                        option value=(name) selected[provider == view.provider] { (provider.label()) }
                    }
                }
            }
            " " button.button type="submit" { "Show guide" }
        }
    };
    let nothing_asked = Value::Null;
    let asked = Asked(view.policy.unwrap_or(&nothing_asked));
    let all = [made(view), connected(shell, view), first_user(shell, view, &asked)];
    let is_done = all.iter().all(|step| step.done.is_some());
    let current = all.iter().position(|step| step.done.is_none());
    let list = html! {
        div.stack id="steps" data-live=[(!is_done).then_some("2")] {
            ol.steps {
                @for (position, step) in all.iter().enumerate() { (shown(shell, step, position, current)) }
                li.is-next[!is_done].is-done[is_done] {
                    div { h3 { "Switch provisioning on" } p { (view.provider.go_on()) } p { (view.provider.roles()) } }
                    span.step-state { @if is_done { "Set-up complete" } @else { "Not started" } }
                }
            }
        }
        (address_of(view))
        p.small { a href=(help::guide_path(shell, view.provider)) { "The whole guide for " (view.provider.label()) } }
        (support(shell.support.as_deref()))
    };
    section("setup", "Set-up", chosen, list)
}

/// The address stays to be copied when the key is gone.
fn address_of(view: &SetUp<'_>) -> Markup {
    let (url, _) = view.provider.words();
    html! { @if view.key.is_none() { (copyable(url, view.provider.url(view.app), "the tenant URL")) } }
}

fn shown(shell: &Shell, step: &Step<'_>, position: usize, current: Option<usize>) -> Markup {
    let is_current = current == Some(position);
    let class = match (step.done, step.is_bad, is_current) {
        (Some(_), _, _) => Some("is-done"),
        (None, true, _) => Some("is-bad"),
        (None, false, true) => None,
        (None, false, false) => Some("is-next"),
    };
    html! {
        li class=[class] aria-current=[is_current.then_some("step")] {
            div {
                h3 { (step.title) }
                p { (step.what) }
                @if step.done.is_none() && (is_current || step.is_bad) { div.detail.stack-small { (step.detail) } }
            }
            span.step-state {
                @match (step.done, step.is_bad, is_current) {
                    (Some(at), _, _) => { "Done " (ago(at, shell.now)) },
                    (None, true, _) => "Failed",
                    (None, false, true) => "Waiting",
                    (None, false, false) => "Not started",
                }
            }
        }
    }
}

fn made<'a>(view: &SetUp<'_>) -> Step<'a> {
    Step {
        title: "Make the key",
        what: html! { @match view.app.key() {
            Some(key) => { "Its last eight characters are " code { (key.last_eight) } "." },
            None => "It has no key that is taken: rotate the key to make another one.",
        } },
        detail: nothing(),
        done: view.app.key().map(|key| key.created),
        is_bad: view.app.key().is_none(),
    }
}

fn connected<'a>(shell: &Shell, view: &SetUp<'_>) -> Step<'a> {
    let host = shell.host.as_str();
    let refused = view.causes.iter().find(|cause| cause.action == "admin_app.use");
    let done =
        view.app.last_used.as_ref().map(|used| used.at).filter(|at| refused.is_none_or(|cause| *at > cause.last));
    let detail = html! {
        @if let Some(cause) = refused {
            (callout(Tone::Bad, "The last request was refused", html! {
                p { (told(&cause.detail)) }
                div.buttons { (button_link(&place(shell, view.app, "/limits"), "Open limits")) }
            }))
        } @else {
            p role="status" { (state(Mark::Run, "Waiting for the first request. This page shows it within seconds.")) }
            details.more {
                summary { "Nothing arrives" }
                div.prose.small.quiet {
                    p { "The identity provider must reach " code { (host) } " with a certificate that it trusts. "
                        "With a wrong or incomplete key it is told 401 and nothing shows here: paste the key again, or rotate it." }
                }
            }
        }
    };
    Step {
        title: "Connect the identity provider",
        what: view.provider.connect(),
        detail,
        done,
        is_bad: done.is_none() && refused.is_some(),
    }
}

fn first_user<'a>(shell: &Shell, view: &SetUp<'_>, asked: &Asked<'_>) -> Step<'a> {
    let done = view.first_user.map(|entry| entry.time);
    let failed = view.causes.iter().find(|cause| cause.action.starts_with("user."));
    let detail = html! {
        @match failed {
            Some(cause) => {
                (callout(Tone::Bad, &words::refused(&cause.action), html! {
                    p { (told(&cause.detail)) }
                    @if let Some((label, path)) = words::remedy(&cause.action, cause.policy_field.as_deref()) {
                        div.buttons { (button_link(&shell.path(path), label)) }
                    }
                }))
            }
            None => p role="status" { (state(Mark::Run, "Waiting for the first user.")) },
        }
    };
    Step {
        title: "Provision one user",
        what: html! {
            (view.provider.first_user(asked))
            @if let Some(entry) = view.first_user { " The first was " b { (entry.target_name.as_deref().unwrap_or("a user")) } "." }
        },
        detail,
        done,
        is_bad: done.is_none() && failed.is_some(),
    }
}

fn allowed(shell: &Shell, view: &SetUp<'_>) -> Markup {
    let app = view.app;
    let mut pairs = Vec::new();
    if let Some(policy) = view.policy {
        let asked = Asked(policy);
        pairs.push(("Users", html! { (asked.users()) }));
        pairs.push(("Groups", html! { (asked.groups()) }));
    }
    pairs.push(("Highest role", html! { (app.role_ceiling.as_ref().map_or("Any", |role| role.name.as_str())) }));
    pairs.push(("Networks", html! { @if app.allowed_ips.is_empty() { "Any" } @else { (app.allowed_ips.join(", ")) } }));
    pairs.push((
        "Brake",
        html! { @match view.brake {
            Some(limit) => { (limit) " disables and removals an hour, the next is refused" },
            None => "None",
        } },
    ));
    pairs.push((
        "Key expires",
        match app.key().and_then(|key| key.valid_until) {
            Some(until) => time(until, shell.now),
            None => html! { "Never" },
        },
    ));
    let change = html! { @if view.may_manage { a.small href=(place(shell, app, "/limits/edit")) { "Change" } } };
    let log = address(&shell.path("/audit"), &[("app", &app.id)]);
    let body = html! { (facts(&pairs)) p.small { a href=(log) { "Audit log of this app" } } };
    section("allowed", "What this app may do", change, body)
}
