//! Every attribute of a user: its value, who it is from, and why.

use super::{User, history};
use crate::{
    Shell,
    components::{
        breakable_whole,
        record::{Actor, Entry, short_name, value_text},
        time::exact,
    },
};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Changes of one value that are shown, newest first; the audit log has them all.
const STEPS_MAX: usize = 5;
/// Attributes of a user that are shown elsewhere, or that nobody set.
const ELSEWHERE: [&str; 5] = ["schemas", "meta", "id", "roles", "groups"];

/// What to know of the profile before it is read.
pub(super) fn note(user: &User) -> Markup {
    html! { @if let Some(origin) = &user.origin {
        @if user.locked.profile {
            p {
                "Read only: " (origin.name) " manages this user, and the policy keeps the profile to it ("
                code { "local_edits.profile" } ")."
            }
        } @else {
            p { "What is changed here, " (origin.name) " overwrites when it next sends it." }
        }
    } }
}

/// What set an attribute last, as the management API tells: for what the newest entries do not.
#[derive(Clone, Debug, Deserialize)]
pub struct Origin {
    /// The attribute, or a part of it, such as `name.givenName`; of an extension behind its URN and a colon.
    pub name: String,
    /// The entry that set it; `None` where the log does not reach back so far.
    pub origin: Option<SetBy>,
}

/// The entry that set an attribute.
#[derive(Clone, Debug, Deserialize)]
pub struct SetBy {
    /// Its number.
    pub seq: u64,
    /// When.
    pub time: Timestamp,
    /// Who.
    pub actor: Actor,
}

/// What is known of the past of a user's attributes.
#[derive(Clone, Copy)]
pub(super) struct Past<'a> {
    /// The newest entries; `None` where whoever looks may not see them.
    pub entries: Option<&'a [Entry]>,
    /// What set each attribute, where there are more entries.
    pub origins: &'a [Origin],
}

impl<'a> Past<'a> {
    /// What set a value that no entry of [`Self::entries`] tells of.
    fn origin(self, name: &str, shown: &str) -> Option<&'a SetBy> {
        let part = shown.split('.').nth(1).unwrap_or_default();
        let is_it = |origin: &&Origin| {
            let within = origin.name.strip_prefix(name).and_then(|rest| rest.strip_prefix(['.', ':']));
            origin.name == name || within == Some(part)
        };
        self.origins.iter().find(is_it)?.origin.as_ref()
    }
}

/// Every attribute with its value; complex ones by their sub-attributes. Without entries nothing is said of where they come from.
pub(super) fn attributes(shell: &Shell, user: &User, past: Past<'_>) -> Markup {
    html! {
        div.attributes {
            @for (name, value) in &user.attributes {
                @if !ELSEWHERE.contains(&name.as_str()) {
                    @for (shown, value) in flat(name, value) { (attribute(shell, past, name, &shown, &value)) }
                }
            }
        }
    }
}

/// A step in the life of a value.
struct Step<'e> {
    entry: &'e Entry,
    was: Option<String>,
    became: Option<String>,
}

fn attribute(shell: &Shell, past: Past<'_>, name: &str, shown: &str, value: &str) -> Markup {
    let Some(entries) = past.entries else {
        return html! { div.row { span.name { (shown) } span.value { (breakable_whole(value)) } span.from {} } };
    };
    let steps = steps(entries, name, shown);
    let origin = past.origin(name, shown);
    let created = entries.iter().find(|entry| entry.action == "user.create" && !entry.is_failure());
    let from = match (steps.first(), origin, created) {
        (Some(step), _, _) => step.entry.by(),
        (None, Some(origin), _) => origin.actor.name.as_str(),
        (None, None, Some(created)) => created.by(),
        (None, None, None) => "Before the log",
    };
    html! {
        details {
            summary {
                span.name { (shown) } " " span.value { (breakable_whole(value)) } " " span.from { (from) } " "
                span.why { span.hidden-text { (shown) ": " } }
            }
            ol.lineage {
                @for (position, step) in steps.iter().take(STEPS_MAX).enumerate() {
                    li { (exact(step.entry.time)) " " div { (told(shell, step, position == 0)) } }
                }
                @if steps.is_empty() { (earlier(shell, origin, created)) }
            }
        }
    }
}

/// What was set before the newest entries, or came about with the user without being sent.
fn earlier(shell: &Shell, origin: Option<&SetBy>, created: Option<&Entry>) -> Markup {
    match (origin, created) {
        (Some(origin), _) => html! { li { (exact(origin.time)) " " div {
            (origin.actor.name) " set this value. "
            span.meta { a href=(shell.path(&format!("/audit/{}", origin.seq))) { "Entry " (origin.seq) } }
        } } },
        (None, Some(created)) => html! { li { (exact(created.time)) " " div {
            "It has been so since the user was created. "
            span.meta { a href=(shell.path(&format!("/audit/{}", created.seq))) { "Entry " (created.seq) } }
        } } },
        (None, None) => html! { li { span {} div { "The audit log does not reach back to when it was set." } } },
    }
}

/// The changes of one value, newest first.
fn steps<'e>(entries: &'e [Entry], name: &str, shown: &str) -> Vec<Step<'e>> {
    let part = |whole: &Value| {
        let all: BTreeMap<String, String> = flat(name, whole).into_iter().collect();
        all.get(shown).cloned()
    };
    let steps = history::changes(entries, name).map(|(entry, change)| {
        let (was, became) = (part(&change.old), part(&change.new));
        Step { entry, was, became }
    });
    steps.filter(|step| step.was != step.became).collect()
}

fn told(shell: &Shell, step: &Step<'_>, is_newest: bool) -> Markup {
    let actor = &step.entry.actor;
    let is_here = actor.kind != "app";
    html! {
        (step.entry.by())
        @match &step.became {
            Some(became) => { (if is_here { " typed " } else { " sent " }) code { (became) } }
            None => " took it away",
        }
        @if is_here { " here" } "."
        @if let Some(was) = &step.was { " Before that it was " code { (was) } "." }
        " " span.meta {
            a href=(shell.path(&format!("/audit/{}", step.entry.seq))) { (step.entry.words()) }
            @if !step.entry.request_id.is_empty() { ", request " code { (step.entry.request_id) } } "."
            @if is_newest { @for warning in &step.entry.warnings { " " (crate::components::message::told(warning)) } }
            @if !step.entry.repairs.is_empty() {
                " Repaired in the request: " @for repair in &step.entry.repairs { code { (repair) } " " } "."
            }
        }
    }
}

/// The values of an attribute, by names as people read them.
fn flat(name: &str, value: &Value) -> Vec<(String, String)> {
    let mut all = Vec::new();
    flatten(short_name(name).to_owned(), value, &mut all);
    all
}

fn flatten(name: String, value: &Value, into: &mut Vec<(String, String)>) {
    match value {
        Value::Object(parts) => {
            for (part, value) in parts {
                flatten(format!("{name}.{part}"), value, into);
            }
        }
        Value::Array(elements) => {
            for (position, element) in elements.iter().enumerate() {
                let kind = element.get("type").and_then(Value::as_str);
                let name = match kind {
                    Some(kind) => format!("{name}[{kind}]"),
                    None if elements.len() > 1 => format!("{name}[{}]", position + 1),
                    None => name.clone(),
                };
                match element.get("value") {
                    Some(value) => flatten(name, value, into),
                    None => flatten(name, element, into),
                }
            }
        }
        other => into.extend(value_text(other).map(|text| (name, text))),
    }
}
