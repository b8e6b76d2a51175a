//! Provision on demand: one user or group now, step by step.

use super::{App, Section, assignments::Candidate, logs::Entry, of_app};
use crate::{
    Filled, Shell, address,
    components::{
        button_link,
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
    shown(shell, app, filled, done, &[])
}

/// The form, with whom a name that nobody has may have meant.
pub fn not_found(shell: &Shell, app: &App, filled: &Filled, meant: &[Candidate]) -> Markup {
    shown(shell, app, filled, None, meant)
}

fn shown(shell: &Shell, app: &App, filled: &Filled, done: Option<&Entry>, meant: &[Candidate]) -> Markup {
    let fields = html! {
        (Field::choice("kind", "Kind", &KINDS).row(filled))
        (Field::text("name", "Select a user or group").hint("A user’s sign-in name or a group’s name, or an id.").row(filled))
    };
    let here = app.path(shell, "/on-demand");
    let body = html! {
        (refusal(filled, "Nothing was provisioned"))
        @if !app.is_connected() {
            (callout(Tone::Info, "Not connected yet", html! { p { "Connect the application under Provisioning first." } }))
        }
        p.prose.small.quiet { "Brings one user or group to the application at once, and shows each step. It works while provisioning is \
            off." }
        (form(&here, &shell.csrf, fields, submit("Provision")))
        @if !meant.is_empty() { (section("meant", "Did you mean", nothing(), html! {
            div.buttons { @for one in meant {
                (button_link(&address(&here, &[("kind", filled.value("kind")), ("name", &one.name)]), &one.name)) " "
            } }
        })) }
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
