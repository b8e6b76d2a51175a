//! Versions of the provisioning policy: who changed what, and going back.

use super::{
    Part, below,
    policy::{FieldChange, Version, change, place},
};
use crate::{
    Filled, Shell,
    components::{
        button_link,
        diff::diff,
        facts::facts_line,
        field::{Confirmation, confirmation},
        message::blank,
        nothing, section,
        table::{cell, head, lead, row, side, table},
        time::{exact, time},
    },
};
use maud::{Markup, html};

/// The versions, newest first.
pub fn list(shell: &Shell, versions: &[Version], is_cut: bool) -> Markup {
    let newest = versions.first().map(|version| version.version);
    let rows = html! { @for version in versions {
        (row(false, html! {
            (lead(html! {
                a href=(place(shell, &format!("/history/{}", version.version))) { "Version " (version.version) }
                @if Some(version.version) == newest { " " span.second { "in force" } }
            }))
            (cell("By", &version.author))
            (side(time(version.created, shell.now)))
            (cell("Preset", html! { code { (version.policy["preset"].as_str().unwrap_or("")) } }))
        }))
    } };
    let body = html! {
        (table("Versions, newest first", &[head("Version"), head("Put in force by"), head("When"), head("Began as preset")], rows))
        @if is_cut { p.fine { "Earlier versions are in the management API." } }
    };
    below(shell, Part::Policy, "History", body).render(shell)
}

/// One version: what it changed. `changes` is `None` for the first one.
pub fn version(
    shell: &Shell,
    version: &Version,
    changes: Option<&[FieldChange]>,
    is_in_force: bool,
    may_manage: bool,
) -> Markup {
    let title = format!("Version {}", version.version);
    let changed = html! {
        @match changes {
            None => p.quiet { "The first version: there is none before it." },
            Some([]) => (blank("Nothing changed", "It says the same as the version before.", nothing())),
            Some(changes) => (diff(&changes.iter().map(change).collect::<Vec<_>>())),
        }
    };
    let document = serde_json::to_string_pretty(&version.policy).unwrap_or_default();
    let body = html! {
        (facts_line(&[("Put in force by", html! { (version.author) }), ("When", exact(version.created))]))
        (section("changes", "What changed", nothing(), changed))
        details.more { summary { "The whole document" } (crate::components::code::document("Policy", &document, "the policy")) }
    };
    let revert = html! { @if may_manage && !is_in_force {
        (button_link(&place(shell, &format!("/history/{}/revert", version.version)), "Revert to this version"))
    } };
    below(shell, Part::Policy, &title, body).below("History", place(shell, "/history")).acts(revert).render(shell)
}

/// Asks again before going back.
pub fn revert(shell: &Shell, version: u32, changes: &[FieldChange], filled: &Filled) -> Markup {
    let back = place(shell, &format!("/history/{version}"));
    let question = format!("Revert to version {version}?");
    let consequences: Vec<String> = changes
        .iter()
        .map(|change| format!("`{}` becomes {} instead of {}", change.field, change.new, change.old))
        .collect();
    let ask = Confirmation {
        question: &question,
        consequences: &consequences,
        name: None,
        fields: html! { p.small.quiet { "The versions in between stay in the history; this makes a new one." } },
        button: "Revert",
        action: &place(shell, &format!("/history/{version}/revert")),
        back: &back,
    };
    below(shell, Part::Policy, "Confirm", confirmation(&ask, &shell.csrf, filled))
        .below("History", place(shell, "/history"))
        .render(shell)
}
