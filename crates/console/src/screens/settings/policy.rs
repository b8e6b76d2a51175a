//! The provisioning policy: what is in force, presets, the form, the preview.

use super::{
    Part, below,
    policy_fields::{Reference, Section, prose},
};
use crate::{
    Filled, Shell,
    components::{
        breakable, button_link, count, counted,
        diff::{Change, diff},
        facts::facts_line,
        field::{Field, submit, token},
        message::{Tone, blank, callout, refusal, told},
        nothing, primary_link,
        record::value_text,
        section,
        table::{ACTS, act, cell, free, head, head_num, lead, num, row, table},
        time::time,
    },
    screens::accounts::Preset,
};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Effects that a preview lists; all are counted.
const EFFECTS_SHOWN: usize = 100;

/// The policy in force.
#[derive(Debug, Deserialize)]
pub struct InForce {
    /// Counts the account's policies, from 1.
    pub version: u32,
    /// The document.
    pub policy: Value,
}

/// A version of the policy.
#[derive(Debug, Deserialize)]
pub struct Version {
    /// Counts the account's policies, from 1.
    pub version: u32,
    /// Who put it in force.
    pub author: String,
    /// When.
    pub created: Timestamp,
    /// The document.
    pub policy: Value,
}

/// A field that differs.
#[derive(Debug, Deserialize)]
pub struct FieldChange {
    /// Which one.
    pub field: String,
    /// What it was.
    pub old: Value,
    /// What it becomes.
    pub new: Value,
}

/// What another policy would mean to users and groups that are there.
#[derive(Debug, Deserialize)]
pub struct Preview {
    /// For how many something would be different.
    pub affected: u64,
    /// How many were looked at.
    pub examined: u64,
    /// How many effects each field has.
    pub counts: BTreeMap<String, u64>,
    /// The first of them.
    pub effects: Vec<Effect>,
    /// Where the policy differs from the one in force.
    pub changes: Vec<FieldChange>,
}

/// Something that would be different.
#[derive(Debug, Deserialize)]
pub struct Effect {
    /// The user's id.
    pub user: Option<String>,
    /// The user's sign-in name.
    pub user_name: Option<String>,
    /// The group's id.
    pub group: Option<String>,
    /// The group's name.
    pub display_name: Option<String>,
    /// The field that brings it about.
    pub field: String,
    /// What.
    pub effect: String,
}

/// The tab.
pub struct View<'a> {
    /// The parts that whoever looks may see.
    pub open: &'a [Part],
    /// The version in force.
    pub version: &'a Version,
    /// What a policy may say.
    pub reference: &'a Reference,
    /// Whether whoever looks may change it.
    pub may_manage: bool,
    /// Whether whoever looks may try requests out.
    pub may_simulate: bool,
}

/// Where something of the policy is.
pub fn place(shell: &Shell, rest: &str) -> String {
    shell.path(&format!("{}{rest}", Part::Policy.path()))
}

/// The tab.
pub fn page(shell: &Shell, view: &View<'_>) -> Markup {
    let version = view.version;
    let preset = version.policy["preset"].as_str().unwrap_or("");
    let line = facts_line(&[
        ("Version", html! { (version.version) }),
        ("Put in force by", html! { (version.author) }),
        ("When", time(version.created, shell.now)),
        ("Began as preset", html! { code { (preset) } }),
    ]);
    let acts = html! {
        @if view.may_manage {
            (button_link(&place(shell, "/presets"), "Choose a preset")) " "
            (button_link(&place(shell, "/document"), "Edit as JSON")) " "
        }
        (button_link(&place(shell, "/history"), "History")) " "
        @if view.may_simulate { (button_link(&place(shell, "/simulator"), "Simulator")) " " }
        @if view.may_manage { (primary_link(&place(shell, "/edit"), "Edit policy")) }
    };
    let sections = view.reference.sections(&version.policy);
    let body = html! { (line) @for part in &sections { (shown(part)) } };
    super::page(shell, view.open, Part::Policy, body).acts(acts).render(shell)
}

fn title(section: &Section<'_>) -> String {
    match section.name {
        "" => "Other fields".to_owned(),
        name => {
            let mut title = name.replace('_', " ");
            title[..1].make_ascii_uppercase();
            title
        }
    }
}

fn shown(part: &Section<'_>) -> Markup {
    let id = format!("section-{}", part.name);
    let rows = html! { @for field in &part.fields {
        (row(false, html! {
            (lead(html! { code.whole { (breakable(&field.path)) } }))
            (cell("Value", html! {
                b { (field.shown()) }
                @if !field.shown_meaning().is_empty() { " " span.second { (prose(field.shown_meaning())) } }
            }))
            (free("Meaning", prose(field.meaning)))
        }))
    } };
    let label = format!("Fields of {}", title(part));
    let body = table(&label, &[head("Field"), head("Value"), head("What it decides")], rows);
    section(&id, &title(part), html! { p { (prose(part.meaning)) } }, body)
}

/// The presets to choose from.
pub fn presets(shell: &Shell, presets: &[Preset], current: &str) -> Markup {
    let rows = html! { @for preset in presets {
        (row(false, html! {
            (lead(html! { (preset.name) }))
            (free("Purpose", prose(&preset.purpose)))
            (cell("In force", html! { @if preset.name == current { "This policy began as it" } }))
            (act(html! {
                form.inline method="post" action=(place(shell, "/preview")) {
                    (token(&shell.csrf))
                    input type="hidden" name="document" value=(Value::from(preset.name.as_str()).to_string());
                    button.button.button--small type="submit" { "Preview" span.hidden-text { " " (preset.name) } }
                }
            }))
        }))
    } };
    let body = html! {
        p.quiet {
            "A preset answers every question as one kind of service does. Nothing changes before you have seen what would, and saved it."
        }
        (table("Presets", &[head("Preset"), head("Purpose"), head("In force"), ACTS], rows))
    };
    below(shell, Part::Policy, "Choose a preset", body).render(shell)
}

/// The form.
pub fn edit(shell: &Shell, sections: &[Section<'_>], version: u32, filled: &Filled) -> Markup {
    let body = html! {
        (refusal(filled, "The policy was not changed"))
        nav.links.parts.small aria-label="Parts of the policy" {
            @for part in sections { a href=(format!("#section-{}", part.name)) { (title(part)) } " " }
        }
        form.form method="post" action=(place(shell, "/edit")) {
            (token(&shell.csrf))
            input type="hidden" name="version" value=(version);
            @for part in sections {
                @let id = format!("section-{}", part.name);
                section.section aria-labelledby=(id) {
                    div.section-head { h2 id=(id) { (title(part)) } " " p { (prose(part.meaning)) } }
                    @for field in &part.fields { (field.row(filled)) }
                }
            }
            div.buttons.buttons--stay { (submit("Preview changes")) " " a.button href=(place(shell, "")) { "Cancel" } }
        }
    };
    below(shell, Part::Policy, "Edit policy", body).render(shell)
}

/// The form with the whole document.
pub fn document(shell: &Shell, version: u32, filled: &Filled) -> Markup {
    let hint = "What is left out comes from the preset that the document names.";
    let body = html! {
        (refusal(filled, "The policy was not changed"))
        form.form method="post" action=(place(shell, "/preview")) {
            (token(&shell.csrf))
            input type="hidden" name="version" value=(version);
            (Field::lines("document", "Policy", 30).mono().hint(hint).row(filled))
            div.buttons { (submit("Preview changes")) " " a.button href=(place(shell, "")) { "Cancel" } }
        }
    };
    below(shell, Part::Policy, "Edit as JSON", body).render(shell)
}

/// What would change, before it does. `document` is what would be put in force, `version` the one that is.
pub fn preview(shell: &Shell, preview: &Preview, document: &str, version: u32, filled: &Filled) -> Markup {
    let changes: Vec<Change> = preview.changes.iter().map(change).collect();
    let body = html! {
        (refusal(filled, "The policy was not changed"))
        @if changes.is_empty() {
            (blank("Nothing would change", "This is the policy that is in force.", button_link(&place(shell, ""), "Back to the policy")))
        } @else {
            (section("changes", "What changes in the policy", nothing(), diff(&changes)))
            (section("effects", "What it means for existing users and groups", nothing(), effects(shell, preview)))
            form method="post" action=(place(shell, "/save")) {
                (token(&shell.csrf))
                input type="hidden" name="document" value=(document);
                input type="hidden" name="version" value=(version);
                div.buttons {
                    (submit("Save policy")) " "
                    button.button type="submit" formaction=(place(shell, "/edit-again")) { "Change it again" } " "
                    a.button href=(place(shell, "")) { "Cancel" }
                }
            }
        }
    };
    below(shell, Part::Policy, "Preview of the policy", body).render(shell)
}

/// A changed field as a difference.
pub fn change(change: &FieldChange) -> Change {
    Change { attribute: change.field.clone(), was: said(&change.old), becomes: said(&change.new) }
}

/// A value of the policy in words: a list of texts without the signs of JSON.
fn said(value: &Value) -> Option<String> {
    let list = value.as_array().and_then(|all| all.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
    match list {
        Some(texts) if texts.is_empty() => Some("none".to_owned()),
        Some(texts) => Some(texts.join(", ")),
        None => value_text(value),
    }
}

fn effects(shell: &Shell, preview: &Preview) -> Markup {
    let number = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    let examined = counted(number(preview.examined), "user or group", "users and groups");
    if preview.affected == 0 {
        let detail = format!("Nothing would be different for any of {examined}. It decides what comes from now on.");
        return callout(Tone::Info, "Nobody is affected at once", html! { p { (detail) } });
    }
    let by_field = html! { @for (field, effects) in &preview.counts {
        (row(false, html! { (lead(html! { code { (field) } })) (num("Effects", count(number(*effects)))) }))
    } };
    let rows = html! { @for effect in preview.effects.iter().take(EFFECTS_SHOWN) {
        (row(false, html! {
            (lead(html! { @match (&effect.user, &effect.group) {
                (Some(id), _) => a href=(shell.path(&format!("/users/{id}"))) { (effect.user_name.as_deref().unwrap_or(id)) },
                (None, Some(id)) => a href=(shell.path(&format!("/groups/{id}"))) { (effect.display_name.as_deref().unwrap_or(id)) },
                (None, None) => "The account",
            } }))
            (free("What", told(&effect.effect)))
            (cell("Field", html! { code { (effect.field) } }))
        }))
    } };
    let shown = preview.effects.len().min(EFFECTS_SHOWN);
    let heading = format!("{} of {examined} would be affected", count(number(preview.affected)));
    html! {
        (callout(Tone::Warn, &heading, html! { p { "They are listed here, by name and reason." } }))
        (table("Effects by field", &[head("Field"), head_num("Effects")], by_field))
        (table("Who would be affected", &[head("Who"), head("What would be different"), head("Field")], rows))
        p.fine { "The first " (count(shown as i64)) " of " (count(number(preview.counts.values().sum()))) " effects" }
    }
}

#[cfg(test)]
mod tests {
    use super::said;
    use serde_json::json;

    #[test]
    fn values_are_said_without_the_signs_of_json() {
        for (value, words) in [
            (json!([]), Some("none")),
            (json!(["a.example", "b.example"]), Some("a.example, b.example")),
            (json!("refuse"), Some("refuse")),
            (json!(30), Some("30")),
            (json!(null), None),
            (json!([{ "role": "x" }]), Some(r#"[{"role":"x"}]"#)),
        ] {
            assert_eq!(said(&value).as_deref(), words, "{value}");
        }
    }
}
