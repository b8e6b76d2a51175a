//! Users who are here already become an identity provider's: tried out first, then done (U-18).

use super::{admin_app::one, admin_apps::App, set_up::place};
use crate::{
    Filled, Shell,
    components::{
        count, counted,
        facts::{figure, figures},
        field::{Field, form, submit, token},
        mark::{Mark, state},
        message::{Tone, callout, refusal, told},
        nothing, section,
        table::{cell, free, head, lead, row, table},
    },
};
use maud::{Markup, html};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What a migration did, or would do.
#[derive(Debug, Deserialize)]
pub struct Outcome {
    /// Whether it was done.
    pub applied: bool,
    /// How many of those who were named had each outcome.
    pub counts: BTreeMap<String, i64>,
    /// Users of the account whom nobody manages, once this is done.
    pub unmanaged: i64,
    /// What became of each, in their order.
    pub items: Vec<One>,
}

/// What became of one who was named.
#[derive(Debug, Deserialize)]
pub struct One {
    /// The sign-in name that was given.
    pub user_name: String,
    /// `linked`, `managed`, `nobody`, `ambiguous` or `refused`.
    pub outcome: String,
    /// The user, or the first of several.
    pub user: Option<String>,
    /// By what the user was found.
    pub by: Option<String>,
    /// Why not.
    pub detail: Option<String>,
}

/// The form, and what came of it.
pub fn page(shell: &Shell, app: &App, outcome: Option<&Outcome>, filled: &Filled) -> Markup {
    let fields = Field::lines("users", "Users of the identity provider", 8)
        .mono()
        .placeholder("ann@example.com, 8f14e45f")
        .hint(
            "One a line, at most 1,000: the sign-in name, then, if you like, after commas the identity provider’s own id and an \
             e-mail address. Most identity providers export such a list.",
        )
        .row(filled);
    let body = html! {
        (refusal(filled, "The users were not compared"))
        @if let Some(outcome) = outcome { (shown(shell, app, outcome, filled)) }
        @if outcome.is_none_or(|outcome| !outcome.applied) {
            (section("compare", "Whom the identity provider will send", nothing(), html! {
                p.quiet { "Users who match become managed under the id that they have. Nothing changes before you have seen what would." }
                (form(&place(shell, app, "/migrate"), &shell.csrf, fields, html! {
                    button.button type="submit" name="do" value="try" { "Compare" }
                }))
            }))
        }
    };
    one(shell, app, "Migrate users", body)
}

fn shown(shell: &Shell, app: &App, outcome: &Outcome, filled: &Filled) -> Markup {
    let of = |name: &str| outcome.counts.get(name).copied().unwrap_or(0);
    let linked = of("linked");
    let verb = if outcome.applied { "Became managed" } else { "Would become managed" };
    let numbers = [
        figure(verb, count(linked), "under their own ids"),
        figure("Managed already", count(of("managed")), "nothing to do"),
        figure("Not here", count(of("nobody")), "made by the identity provider"),
        figure("Not clear", count(of("ambiguous") + of("refused")), "adopt them one by one"),
        figure("Stay unmanaged", count(outcome.unmanaged), "of this account’s users"),
    ];
    let rows = html! { @for item in &outcome.items {
        (row(false, html! {
            (lead(html! { @match &item.user {
                Some(id) => a href=(shell.path(&format!("/users/{id}"))) { (item.user_name) },
                None => (item.user_name),
            } }))
            (cell("Outcome", standing(item, outcome.applied)))
            (free("Why", html! {
                @if let Some(detail) = &item.detail { (told(detail)) }
                @else if let Some(by) = &item.by { "Found by " code { (by) } }
            }))
        }))
    } };
    html! {
        @if outcome.applied {
            (callout(Tone::Ok, &format!("{} migrated", counted(linked, "user", "users")), html! { p {
                "From its next cycle the identity provider updates them instead of making them again."
            } }))
        }
        (figures(&numbers))
        (table("What becomes of each", &[head("Named"), head("Outcome"), head("Why")], rows))
        @if !outcome.applied && linked > 0 {
            form method="post" action=(place(shell, app, "/migrate")) {
                (token(&shell.csrf))
                input type="hidden" name="users" value=(filled.value("users"));
                input type="hidden" name="do" value="apply";
                div.buttons { (submit(&format!("Migrate {}", counted(linked, "user", "users")))) }
            }
        }
    }
}

fn standing(item: &One, applied: bool) -> Markup {
    match item.outcome.as_str() {
        "linked" if applied => state(Mark::On, "Managed now"),
        "linked" => state(Mark::Run, "Would become managed"),
        "managed" => state(Mark::On, "Managed already"),
        "nobody" => state(Mark::Wait, "Not here"),
        "ambiguous" => state(Mark::Warn, "Several could be meant"),
        _ => state(Mark::Bad, "Refused"),
    }
}
