//! Provision on demand: one user or group now, step by step.

use super::{App, Section, logs::Entry, of_app};
use crate::{
    Filled, Shell,
    components::{
        field::{Field, form, submit},
        message::{Tone, callout, refusal},
        nothing, section,
    },
};
use maud::{Markup, html};

/// The kinds that can be provisioned.
const KINDS: [(&str, &str); 2] = [("user", "User"), ("group", "Group")];

/// The form, with what came of the last one.
pub fn page(shell: &Shell, app: &App, filled: &Filled, done: Option<&Entry>) -> Markup {
    let fields = html! {
        (Field::choice("kind", "Kind", &KINDS).row(filled))
        (Field::text("name", "Select a user or group").hint("A user’s sign-in name or a group’s name, or an id.").row(filled))
    };
    let body = html! {
        (refusal(filled, "Nothing was provisioned"))
        @if !app.is_connected() {
            (callout(Tone::Info, "Not connected yet", html! { p { "Connect the application under Provisioning first." } }))
        }
        p.prose.small.quiet { "Brings one user or group to the application at once, and shows each step. It works while provisioning is \
            off." }
        (form(&app.path(shell, "/on-demand"), &shell.csrf, fields, submit("Provision")))
        @if let Some(entry) = done { (section("outcome", &outcome(entry), nothing(), html! {
            p { (entry.standing()) ": " (entry.sentence()) }
            (super::logs::steps(entry))
            (super::logs::modified(entry))
        })) }
    };
    of_app(shell, app, Section::OnDemand, body).render(shell)
}

fn outcome(entry: &Entry) -> String {
    format!("Result for {}", entry.source.name)
}
