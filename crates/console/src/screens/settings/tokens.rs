//! The API page: tokens of people, which do what their owner may and die with their owner (U-22, U-23).

use super::{Part, admin_apps::App, below, page};
use crate::{
    Filled, Shell,
    components::{
        code::copyable,
        field::{Check, Field, boxes, form, submit},
        mark::{Mark, state},
        message::{Tone, blank, callout, refusal, support},
        nothing, primary_link, section,
        table::{ACTS, act, cell, head, head_opt, lead_link, opt, row, side, table},
        time::{ago, time},
    },
};
use maud::{Markup, html};

/// The page of tokens.
pub struct View<'a> {
    /// The parts that whoever looks may see.
    pub open: &'a [Part],
    /// Tokens, each an app with an owner.
    pub tokens: &'a [App],
    /// Where a client finds this API.
    pub api_url: String,
    /// A token in clear, just made; shown this once.
    pub made: Option<&'a str>,
    /// Whether whoever looks may make tokens.
    pub may_manage: bool,
}

/// The tab.
pub fn list(shell: &Shell, view: &View<'_>) -> Markup {
    let base = shell.path(Part::Tokens.path());
    let add = primary_link(&format!("{base}/new"), "New API token");
    let heads = [
        head("Description"),
        head("Owner"),
        head("State"),
        head("Last use"),
        head_opt("Created"),
        head_opt("Expires"),
        ACTS,
    ];
    let rows = html! { @for token in view.tokens {
        @let place = shell.path(&format!("/settings/admin-apps/{}", token.id));
        (row(false, html! {
            (lead_link(&place, &token.name, token.key().map(|key| format!("…{}", key.last_eight)).as_deref()))
            (cell("Owner", token.owner.as_ref().and_then(|owner| owner.name.as_deref()).unwrap_or("gone")))
            (cell("State", token.key_state(shell.now)))
            @match &token.last_used {
                Some(used) => (side(ago(used.at, shell.now))),
                None => (side(state(Mark::Wait, "Never"))),
            }
            (opt("Created", time(token.created, shell.now)))
            (opt("Expires", match token.key().and_then(|key| key.valid_until) {
                Some(until) => time(until, shell.now),
                None => html! { "Never" },
            }))
            (act(html! { @if view.may_manage { a href=(format!("{place}/remove")) { "Remove" span.hidden-text { " " (token.name) } } } }))
        }))
    } };
    let body = html! {
        @if let Some(token) = view.made {
            (callout(Tone::Warn, "The token is shown once", html! { p {
                "Copy it now and keep it where you keep passwords. Provost stores only its hash. If you lose it, make another one."
            } }))
            (copyable("API token", token, "the API token"))
        }
        (copyable("API address", &view.api_url, "the API address"))
        p.small { "Every route of the API, as OpenAPI: " a href="/api/v1/openapi.json" { "API reference" } ". SCIM describes itself under "
            code { "/scim/v2/Schemas" } " and " code { "/scim/v2/ResourceTypes" } "." }
        (support(shell.support.as_deref()))
        @let shown = html! {
            @if view.tokens.is_empty() {
                @let detail = "A token acts for one person: it may do what the person’s roles permit, and ends with the person.";
                (blank("No API tokens yet", detail, if view.may_manage { add.clone() } else { nothing() }))
            } @else {
                (table("API tokens", &heads, rows))
            }
        };
        (section("tokens", "API tokens", nothing(), shown))
    };
    let page = page(shell, view.open, Part::Tokens, body);
    if view.may_manage && !view.tokens.is_empty() { page.acts(add).render(shell) } else { page.render(shell) }
}

/// The form for a token. `asks_owner`: whoever makes it is not a user of the account, so that its owner must be named.
pub fn add(shell: &Shell, asks_owner: bool, filled: &Filled) -> Markup {
    let base = shell.path(Part::Tokens.path());
    let scopes = [
        Check { value: "scim", label: "Provision users over SCIM", hint: None },
        Check { value: "api", label: "Use the management API", hint: None },
    ];
    let fields = html! {
        (Field::text("description", "Description").placeholder("SCIM Azure / Entra ID")
            .hint("What will use the token, so that it can be told from others when it is to be removed.").row(filled))
        @if asks_owner {
            (Field::text("owner", "Owner").hint("The sign-in name of the user for whom it acts. The token ends with the user.").row(filled))
        }
        (boxes("scopes", "It may", &scopes, filled))
    };
    let body = html! {
        (refusal(filled, "The token was not made"))
        (form(&base, &shell.csrf, fields, html! { (submit("Create token")) " " a.button href=(base) { "Cancel" } }))
    };
    below(shell, Part::Tokens, "New API token", body).render(shell)
}
