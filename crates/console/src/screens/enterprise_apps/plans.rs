//! Plans: what the next cycle would do, or what would take a cycle back, grouped by equal change.

use super::{App, Section, below, of_app};
use crate::{
    Filled, Shell,
    components::{
        count, counted,
        diff::{Change, created, diff},
        facts::{Figure, figure, figures},
        field::{submit, token},
        message::{Tone, blank, callout, refusal, sentence, told},
        nothing,
        record::value_text,
    },
};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;

/// A plan, as the management API shows it.
#[derive(Clone, Debug, Deserialize)]
pub struct Plan {
    /// Names the plan.
    pub digest: String,
    /// What random values are made from.
    pub seed: Option<String>,
    /// By object, what would be done.
    pub objects: Vec<Planned>,
    /// How many disables and deletes.
    pub deletions: u64,
    /// Objects that could not be planned, with why.
    pub failures: Vec<(String, String)>,
    /// Whether there is more than a plan holds.
    pub cut: bool,
}

/// What would be done with one object.
#[derive(Clone, Debug, Deserialize)]
pub struct Planned {
    /// `users` or `groups`.
    pub of: String,
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What, in order.
    pub intents: Vec<Intent>,
    /// Why it is not to be at the target any more.
    #[serde(default)]
    pub why: Option<String>,
}

/// What would be done to one resource of the target.
#[derive(Clone, Debug, Deserialize)]
pub struct Intent {
    /// What.
    pub action: String,
    /// Attributes, before and after.
    #[serde(default)]
    pub changes: Vec<super::logs::Modified>,
    /// How many members come.
    #[serde(default)]
    pub adds: u64,
    /// How many go.
    #[serde(default)]
    pub removes: u64,
}

/// What came of a plan that was applied.
#[derive(Clone, Debug, Deserialize)]
pub struct Applied {
    /// Objects with which it was done.
    pub done: u64,
    /// Objects that have changed since.
    pub moved: Vec<Value>,
    /// Objects with which it failed.
    pub failed: Vec<Value>,
    /// Why it ended early.
    pub ended: Option<String>,
}

impl Plan {
    /// How many changes it holds: an object can have several, such as a group that is made and then gets its members.
    fn changes(&self) -> i64 {
        let all: usize = self.objects.iter().map(|object| object.intents.len()).sum();
        i64::try_from(all).unwrap_or(i64::MAX)
    }
}

impl Applied {
    /// In words, for the toast.
    pub fn words(&self) -> String {
        let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        match (self.moved.len(), self.failed.len()) {
            (0, 0) => format!("{} applied", counted(self.done as i64, "object", "objects")),
            (0, failed) => {
                format!("{} applied, {} failed", counted(self.done as i64, "object", "objects"), count(number(failed)))
            }
            (moved, _) => {
                format!("{} changed since the plan: nothing was done", counted(number(moved), "object", "objects"))
            }
        }
    }
}

/// The kinds of actions with their headings and notes.
const GROUPS: [(&str, &str, &str); 4] = [
    ("create", "Create", "New at the target"),
    ("update", "Update", "Attributes that differ from what the target has"),
    ("disable", "Disable", "Can be undone: the user stays at the target and cannot sign in"),
    ("delete", "Delete", "Cannot be undone"),
];

/// Names that are shown of objects with an equal change.
const NAMES_MAX: usize = 40;

/// The page where a plan is made.
pub fn ask(shell: &Shell, app: &App, filled: &Filled, may_manage: bool) -> Markup {
    let make = html! { @if may_manage { form.inline method="post" action=(app.path(shell, "/plan")) { (token(&shell.csrf))
    (submit("Make a plan")) } } };
    let detail = "A plan shows what the next cycle would do, object by object, and sends nothing. It can then be applied exactly as it \
        is shown.";
    let body = html! { (refusal(filled, "No plan was made")) (blank("No plan is open", detail, make)) };
    of_app(shell, app, Section::Plan, body).render(shell)
}

/// The plan.
pub fn page(shell: &Shell, app: &App, plan: &Plan) -> Markup {
    let again = html! { form.inline method="post" action=(app.path(shell, "/plan")) { (token(&shell.csrf)) button.button type="submit"
    { "Make a new plan" } } };
    let body = html! {
        (shown(shell, app, plan))
        @if !plan.objects.is_empty() {
            form.form method="post" action=(app.path(shell, "/plan/review")) {
                (token(&shell.csrf))
                input type="hidden" name="digest" value=(plan.digest);
                input type="hidden" name="seed" value=(plan.seed.as_deref().unwrap_or_default());
                input type="hidden" name="objects" value=(plan.objects.len());
                input type="hidden" name="deletions" value=(plan.deletions);
                p.fine { "Applied exactly as shown. If the target or the directory has changed since, nothing is sent." }
                input type="hidden" name="changes" value=(plan.changes());
                div.buttons { (submit(&format!("Apply {}", counted(plan.changes(), "change", "changes")))) }
            }
        }
    };
    of_app(shell, app, Section::Plan, body).acts(again).render(shell)
}

/// The question before a plan is applied.
pub fn review(shell: &Shell, app: &App, filled: &Filled) -> Markup {
    let objects = filled.value("objects").parse::<i64>().unwrap_or(0);
    let deletions = filled.value("deletions").parse::<i64>().unwrap_or(0);
    let changes = filled.value("changes").parse::<i64>().unwrap_or(objects);
    let mut consequences = vec![format!("{} written at {}", counted(objects, "object is", "objects are"), app.name)];
    if deletions > 0 {
        consequences
            .push(format!("{} at the target", counted(deletions, "of them loses access", "of them lose access")));
    }
    let ask = crate::components::field::Confirmation {
        question: &format!("Apply the plan to {}?", app.name),
        consequences: &consequences,
        name: None,
        fields: html! { @for name in ["digest", "seed", "objects", "deletions", "changes"] { input type="hidden" name=(name)
        value=(filled.value(name)); } },
        button: &format!("Apply {}", counted(changes, "change", "changes")),
        action: &app.path(shell, "/plan/apply"),
        back: &app.path(shell, "/plan"),
    };
    below(
        shell,
        app,
        ("Plan", "/plan"),
        "Apply the plan",
        crate::components::field::confirmation(&ask, &shell.csrf, filled),
    )
    .render(shell)
}

/// What would take a cycle back, with the question.
pub fn undo(shell: &Shell, app: &App, cycle: &str, plan: &Plan, filled: &Filled) -> Markup {
    let body = html! {
        (refusal(filled, "The cycle was not undone"))
        (callout(Tone::Warn, "Undoing changes the target and not the source", html! { p {
            "Correct the mapping or the source first, or the next cycle writes the same again. What was deleted cannot be brought \
                back." } }))
        (shown(shell, app, plan))
        @if !plan.objects.is_empty() {
            form.form method="post" action=(app.path(shell, &format!("/provisioning/undo/{cycle}"))) {
                (token(&shell.csrf))
                input type="hidden" name="digest" value=(plan.digest);
                div.buttons {
                    a.button href=(app.path(shell, "/provisioning")) autofocus { "Cancel" } " "
                    button.button.button--final type="submit" { "Undo " (counted(plan.changes(), "change", "changes")) }
                }
            }
        }
    };
    below(shell, app, ("Provisioning", "/provisioning"), "Undo a cycle", body).render(shell)
}

fn shown(shell: &Shell, app: &App, plan: &Plan) -> Markup {
    if plan.objects.is_empty() && plan.failures.is_empty() {
        return blank("Nothing to change", "The target has everything that is wanted there.", nothing());
    }
    let threshold = app.accidental_deletion_threshold.map(u64::from).filter(|most| plan.deletions > *most);
    let top: Vec<Figure<'_>> = GROUPS
        .iter()
        .map(|(action, label, _)| figure(label, count(of(plan, action).len() as i64), nothing()))
        .collect();
    html! {
        @if plan.deletions > 0 {
            @let heading = format!("{} would lose access.", counted(plan.deletions as i64, "user or group", "users and groups"));
            @let heading = match threshold { Some(most) => format!("{heading} Your threshold is {most}."), None => heading };
            (callout(Tone::Warn, &heading, html! { p { "The names stand below, each with the reason. What is a mistake \
                is put right at its source: in the assignments, the group, the scoping filters, or the user." } }))
        }
        (figures(&top))
        @for (action, label, note) in GROUPS { (group(shell, plan, action, label, note)) }
        @if !plan.failures.is_empty() {
            (callout(Tone::Bad, &format!("{} could not be planned", counted(plan.failures.len() as i64, "object", "objects")), html! {
                ul { @for (_, why) in plan.failures.iter().take(NAMES_MAX) { li { (sentence(why)) } } }
            }))
        }
        @if plan.cut { p.fine { "There is more than a plan holds: only what is shown is done." } }
    }
}

/// Objects and what would be done with each, of one kind of action.
fn of<'p>(plan: &'p Plan, action: &str) -> Vec<(&'p Planned, &'p Intent)> {
    let intents = plan.objects.iter().flat_map(|object| object.intents.iter().map(move |intent| (object, intent)));
    intents.filter(|(_, intent)| intent.action == action).collect()
}

fn group(shell: &Shell, plan: &Plan, action: &str, label: &str, note: &str) -> Markup {
    let all = of(plan, action);
    if all.is_empty() {
        return nothing();
    }
    let mut equal: Vec<(Vec<Change>, &Intent, Vec<&Planned>)> = Vec::new();
    for (object, intent) in &all {
        let changes = changes(intent);
        let same = |known: &[Change]| {
            known.len() == changes.len()
                && known
                    .iter()
                    .zip(&changes)
                    .all(|(a, b)| (&a.attribute, &a.was, &a.becomes) == (&b.attribute, &b.was, &b.becomes))
        };
        let found = equal.iter_mut().find(|(known, first, objects)| {
            let is_equal = (first.adds, first.removes) == (intent.adds, intent.removes);
            same(known) && is_equal && objects.first().is_some_and(|first| first.why == object.why)
        });
        match found {
            Some((_, _, objects)) => objects.push(object),
            None => equal.push((changes, intent, vec![object])),
        }
    }
    html! {
        details.plan-group open {
            summary { h2 { (label) " " span.num { (count(all.len() as i64)) } } " " span.note { (note) } }
            @for (changes, intent, objects) in &equal { (item(shell, action, changes, intent, objects)) }
        }
    }
}

fn item(shell: &Shell, action: &str, changes: &[Change], intent: &Intent, objects: &[&Planned]) -> Markup {
    let link =
        |object: &Planned| html! { a href=(shell.path(&format!("/{}/{}", object.of, object.id))) { (object.name) } };
    let loses = matches!(action, "disable" | "delete");
    html! {
        div.plan-item {
            div.who { @match objects { [one] => (link(one)), several => b { (counted(several.len() as i64, "object", "objects")) } } }
            div {
                @if action == "create" { (created(changes)) } @else if !changes.is_empty() { (diff(changes)) }
                @if let Some(why) = objects.first().and_then(|object| object.why.as_deref()).filter(|_| loses) {
                    p.because { (told(why)) }
                }
                @if intent.adds + intent.removes > 0 { p.because { "Members: " (intent.adds) " added, " (intent.removes) " removed." } }
                @if objects.len() > 1 {
                    ul.names { @for object in objects.iter().take(NAMES_MAX) { li { (link(object)) } } }
                    @if objects.len() > NAMES_MAX { p.fine { "and " (objects.len() - NAMES_MAX) " more" } }
                }
            }
        }
    }
}

fn changes(intent: &Intent) -> Vec<Change> {
    let one = |one: &super::logs::Modified| Change {
        attribute: one.name.clone(),
        was: value_text(&one.old),
        becomes: value_text(&one.new),
    };
    intent.changes.iter().map(one).collect()
}
