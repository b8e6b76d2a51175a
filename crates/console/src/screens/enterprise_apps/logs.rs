//! The provisioning log: the list with its filters, failures by cause, one entry with its steps.

use super::{App, Section, below, of_app};
use crate::{
    Filled, Shell, address,
    components::{
        breakable, count, counted,
        diff::{Change, diff},
        facts::facts_line,
        filters::{Filter, Filters, filters},
        mark::{Mark, state},
        message::{blank, marked, sentence, told},
        nothing,
        paging::paging,
        record::value_text,
        section,
        table::{bare, free, head, head_opt, lead, opt, row, table},
        time::{exact, time},
    },
};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// An entry, as the management API shows it.
#[derive(Clone, Debug, Deserialize)]
pub struct Entry {
    /// Its id; `None` of what is not in the log.
    pub id: Option<String>,
    /// In which cycle.
    pub cycle: String,
    /// When it began.
    pub at: Timestamp,
    /// How long it took.
    pub duration_ms: u64,
    /// What was done.
    pub action: String,
    /// What came of it.
    pub status: String,
    /// Why it failed or was skipped.
    pub error: Option<Failure>,
    /// The object at the source.
    pub source: Identity,
    /// The resource at the target.
    pub target: Identity,
    /// What happened, in order.
    pub steps: Vec<Step>,
    /// What changed at the target.
    pub modified: Vec<Modified>,
}

/// Why an action failed or was skipped.
#[derive(Clone, Debug, Deserialize)]
pub struct Failure {
    /// As Entra calls it.
    pub code: String,
    /// In words.
    pub reason: String,
    /// When it is tried again.
    pub next_attempt: Option<Timestamp>,
}

/// An object on one side.
#[derive(Clone, Debug, Deserialize)]
pub struct Identity {
    /// Its id.
    #[serde(default)]
    pub id: Option<String>,
    /// `users` or `groups`.
    pub of: String,
    /// What people call it.
    #[serde(default)]
    pub name: String,
}

/// A part of an action.
#[derive(Clone, Debug, Deserialize)]
pub struct Step {
    /// As Entra calls it.
    pub name: String,
    /// Which of the kinds.
    #[serde(rename = "type")]
    pub kind: String,
    /// What came of it.
    pub status: String,
    /// A sentence.
    pub description: String,
    /// What it saw and what decided it.
    #[serde(default)]
    pub details: BTreeMap<String, String>,
}

/// An attribute that changed at the target.
#[derive(Clone, Debug, Deserialize)]
pub struct Modified {
    /// Which one.
    pub name: String,
    /// Before.
    #[serde(default)]
    pub old: Value,
    /// After.
    #[serde(default)]
    pub new: Value,
}

const STATUSES: [(&str, &str); 5] =
    [("", "Any"), ("success", "Success"), ("failure", "Failure"), ("skipped", "Skipped"), ("warning", "Warning")];
const ACTIONS: [(&str, &str); 7] = [
    ("", "Any"),
    ("create", "Create"),
    ("update", "Update"),
    ("disable", "Disable"),
    ("delete", "Delete"),
    ("staged_delete", "Staged delete"),
    ("other", "Other"),
];

fn word<'w>(words: &[(&str, &'w str)], name: &str) -> &'w str {
    words.iter().find(|(known, _)| *known == name).map_or("Other", |(_, word)| word)
}

impl Entry {
    /// What was done.
    pub fn action(&self) -> &'static str {
        word(&ACTIONS, &self.action)
    }

    /// What came of it.
    pub fn standing(&self) -> Markup {
        standing(&self.status)
    }

    /// Why, in one sentence; what was done where nothing went wrong.
    pub fn sentence(&self) -> String {
        let last = || self.steps.last().map(|step| sentence(&step.description)).unwrap_or_default();
        self.error.as_ref().map_or_else(last, |error| sentence(&error.reason))
    }

    fn name(&self) -> &str {
        match (self.source.name.as_str(), self.target.name.as_str()) {
            ("", "") => "The target as a whole",
            ("", target) => target,
            (source, _) => source,
        }
    }
}

fn standing(status: &str) -> Markup {
    let mark = match status {
        "success" => Mark::On,
        "warning" => Mark::Warn,
        "failure" => Mark::Bad,
        _ => Mark::Off,
    };
    state(mark, word(&STATUSES, status))
}

/// The list.
pub struct List<'a> {
    /// The entries of the page.
    pub entries: &'a [Entry],
    /// The newest failures, for their causes.
    pub failures: &'a [Entry],
    /// The cursor of the next page.
    pub next: Option<&'a str>,
    /// What is filtered by.
    pub chosen: &'a Filled,
}

/// The list of one application.
pub fn list(shell: &Shell, app: &App, list: &List<'_>) -> Markup {
    let base = app.path(shell, "/logs");
    of_app(shell, app, Section::Logs, body(shell, app, list, &base, Vec::new())).render(shell)
}

/// The list, as the place of the rail: with a choice of the application.
pub fn place(shell: &Shell, apps: &[App], open: Option<(&App, &List<'_>)>) -> Markup {
    let base = shell.path("/provisioning-logs");
    let body = match open {
        Some((app, list)) => {
            let options = apps.iter().map(|one| (one.id.clone(), one.name.clone())).collect();
            let choice = Filter { name: "app", label: "Application", options };
            body(shell, app, list, &base, vec![choice])
        }
        None => blank(
            "No enterprise applications yet",
            "What is sent to an application is logged here for 30 days.",
            nothing(),
        ),
    };
    crate::Page::new("Provisioning logs", crate::Place::ProvisioningLogs, body).render(shell)
}

fn body(shell: &Shell, app: &App, list: &List<'_>, base: &str, mut first: Vec<Filter<'_>>) -> Markup {
    let options = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(value, label)| ((*value).to_owned(), (*label).to_owned())).collect()
    };
    first.push(Filter { name: "status", label: "Status", options: options(&STATUSES) });
    first.push(Filter { name: "action", label: "Action", options: options(&ACTIONS) });
    first.push(Filter {
        name: "of",
        label: "Since",
        options: options(&[("", "30 days"), ("24", "24 hours"), ("168", "7 days")]),
    });
    let form = Filters {
        action: base,
        label: "Search provisioning logs",
        placeholder: Some("A user’s sign-in name or id"),
        filters: first,
    };
    let own: Vec<(&str, &str)> = ["app", "status", "action", "of", "q", "cycle"]
        .into_iter()
        .map(|name| (name, list.chosen.value(name)))
        .collect();
    let here = address(base, &own);
    let next = list.next.map(|cursor| {
        let mut pairs = own.clone();
        pairs.push(("cursor", cursor));
        address(base, &pairs)
    });
    let is_filtered = own.iter().any(|(name, value)| *name != "app" && !value.is_empty());
    let heads = [head("Who"), head("Action"), head("Status"), head("What happened"), head_opt("When")];
    html! {
        (causes(shell, app, list.failures))
        (filters(&form, list.chosen))
        @if !list.chosen.value("cycle").is_empty() { p.applied { span { b { "Of one cycle" } } " " a href=(base) { "Clear" } } }
        @if list.entries.is_empty() && is_filtered {
            (blank("No entry matches", "Nothing is logged with these filters.", nothing()))
        } @else if list.entries.is_empty() {
            (blank("Nothing was done yet", "Each create, update, disable and delete at the target is logged here for 30 days, with its \
                steps.", nothing()))
        } @else {
            (table("Provisioning logs", &heads, html! { @for entry in list.entries { (row(false, one_row(shell, app, entry))) } }))
        }
        @let first = (!list.chosen.value("cursor").is_empty()).then_some(here.as_str());
        (paging("Pages of provisioning logs", &format!("{} shown", count(list.entries.len() as i64)), first, next.as_deref()))
    }
}

fn one_row(shell: &Shell, app: &App, entry: &Entry) -> Markup {
    let at = entry.id.as_ref().map(|id| app.path(shell, &format!("/logs/{id}")));
    html! {
        (lead(html! { @match &at {
            Some(at) => a href=(at) aria-label=(entry.name()) { (breakable(entry.name())) },
            None => (breakable(entry.name())),
        } }))
        (bare(entry.action()))
        (bare(entry.standing()))
        (free("What happened", marked(&entry.sentence())))
        (opt("When", time(entry.at, shell.now)))
    }
}

/// Failures grouped by cause, each with what to do.
fn causes(shell: &Shell, app: &App, failures: &[Entry]) -> Markup {
    let mut groups: Vec<(&str, &Entry, Vec<&str>)> = Vec::new();
    for entry in failures {
        let code = entry.error.as_ref().map_or("", |error| error.code.as_str());
        let said = |other: &Entry| other.error.as_ref().map(|error| error.reason.clone());
        match groups.iter_mut().find(|(known, first, _)| *known == code && said(first) == said(entry)) {
            Some((_, _, names)) => {
                if !names.contains(&entry.name()) {
                    names.push(entry.name());
                }
            }
            None => groups.push((code, entry, vec![entry.name()])),
        }
    }
    if groups.is_empty() {
        return nothing();
    }
    let rows = html! { @for (code, first, names) in &groups { (row(false, html! {
        (lead(state(Mark::Bad, code)))
        (free("For", match names.as_slice() {
            [one] => breakable(one),
            several => html! { (counted(several.len() as i64, "object", "objects")) },
        }))
        (free("Why", marked(&first.sentence())))
        (free("What to do", remedy(shell, app, code, &first.source.of)))
        (opt("Last", time(first.at, shell.now)))
    })) } };
    let heads = [head("Cause"), head("For"), head("Why"), head("What to do"), head_opt("Last")];
    section("causes", "Failures by cause", nothing(), table("Failures by cause", &heads, rows))
}

/// What can be done about failures of a cause.
fn remedy(shell: &Shell, app: &App, code: &str, of: &str) -> Markup {
    let mapping = if of == "groups" { "/mappings/groups" } else { "/mappings/users" };
    let link = |rest: &str, label: &str| html! { a href=(app.path(shell, rest)) { (label) } };
    html! {
        @if code.contains("Validation") || code.contains("Schema") || code.contains("Expression") {
            "Correct the " (link(mapping, "mapping")) " or the attribute at the source."
        } @else if code.contains("Unauthorized") || code.contains("Credential") {
            (link("/provisioning/connect?mode=automatic", "Give the secret token again")) "."
        } @else if code.contains("Duplicate") || code.contains("Matching") || code.contains("Conflict") {
            "Make the matching attribute unique at the target, or choose another in the " (link(mapping, "mapping")) "."
        } @else if code == "NotImplemented" && of == "groups" {
            "The application takes no groups: " (link(mapping, "disable provisioning of groups")) "."
        } @else {
            "The target refused it: remove what it does not take from the " (link(mapping, "mapping"))
                ", or correct it there. It is tried again by itself."
        }
    }
}

/// One entry.
pub fn entry(shell: &Shell, app: &App, entry: &Entry) -> Markup {
    let mut pairs = vec![
        ("Action", html! { (entry.action()) }),
        ("Status", entry.standing()),
        ("When", exact(entry.at)),
        ("Took", html! { (entry.duration_ms) " ms" }),
        ("Source", identity(shell, &entry.source)),
        (
            "At the target",
            html! { @match &entry.target.id { Some(id) => code { (id) }, None => span.none { "none" } } },
        ),
        ("Cycle", html! { a href=(app.path(shell, &format!("/logs?cycle={}", entry.cycle))) { "All of this cycle" } }),
    ];
    if let Some(at) = entry.error.as_ref().and_then(|error| error.next_attempt) {
        pairs.push(("Tried again", time(at, shell.now)));
    }
    let why = entry.error.as_ref().map(|error| {
        crate::components::message::callout(
            crate::components::message::Tone::Bad,
            &error.code,
            html! { p { (told(&error.reason)) } p { (remedy(shell, app, &error.code, &entry.source.of)) } },
        )
    });
    let body = html! {
        @if entry.status == "failure" { @if let Some(why) = why { (why) } }
        (section("steps", "Steps", nothing(), steps(entry)))
        (section("changed", "Modified properties", nothing(), modified(entry)))
    };
    let title = format!("{}: {}", entry.action(), entry.name());
    below(shell, app, ("Provisioning logs", "/logs"), &title, body).facts(facts_line(&pairs)).render(shell)
}

fn identity(shell: &Shell, of: &Identity) -> Markup {
    let kind = if of.of == "groups" { "groups" } else { "users" };
    html! { @match &of.id {
        Some(id) => a href=(shell.path(&format!("/{kind}/{id}"))) { (if of.name.is_empty() { id } else { &of.name }) },
        None => (of.name),
    } }
}

/// The steps of an action, each with what it saw.
pub fn steps(entry: &Entry) -> Markup {
    let heading = |kind: &str| match kind {
        "import" => "Import",
        "scoping" => "Determine if in scope",
        "matching" => "Match between source and target",
        "processing" => "Plan what changes",
        "referenceResolution" => "Resolve references",
        "export" => "Perform action",
        _ => "Step",
    };
    let done = |status: &str| match status {
        "success" => Some("is-done"),
        "failure" => Some("is-bad"),
        _ => None,
    };
    html! {
        ol.steps {
            @for step in &entry.steps {
                li class=[done(&step.status)] {
                    div {
                        h3 { (heading(&step.kind)) }
                        p { (told(&step.description)) }
                        @if !step.details.is_empty() {
                            details.more {
                                summary { "Details" }
                                dl.facts { @for (name, value) in &step.details { div { dt { (name) } dd { code { (value) } } } } }
                            }
                        }
                    }
                    span.step-state { (standing(&step.status)) }
                }
            }
        }
    }
}

/// What changed at the target.
pub fn modified(entry: &Entry) -> Markup {
    let changes: Vec<Change> = entry
        .modified
        .iter()
        .map(|one| Change { attribute: one.name.clone(), was: value_text(&one.old), becomes: value_text(&one.new) })
        .collect();
    html! { @if changes.is_empty() { p.quiet { "Nothing changed at the target." } } @else { (diff(&changes)) } }
}
