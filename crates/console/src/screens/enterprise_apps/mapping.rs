//! One row of a mapping: its form, what is wrong with it while it is typed, and its steps for one user.

use super::{
    App, below,
    mappings::{Attribute, Objects, Row, text},
};
use crate::{
    Filled, Shell,
    components::{
        code::document,
        field::{Field, submit, token},
        mark::{Mark, state},
        message::{refusal, sentence},
        record::value_text,
    },
};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;

/// What a check found, as the management API shows it.
#[derive(Debug, Deserialize)]
pub struct Verdict {
    /// Whether it can be saved.
    pub valid: bool,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// What it gives for one user or group.
    pub evaluated: Option<Evaluated>,
}

/// Something wrong.
#[derive(Debug, Deserialize)]
pub struct Problem {
    /// Which member of the row.
    pub field: String,
    /// What was found, and what was expected.
    pub detail: String,
    /// The line of an expression.
    pub line: Option<usize>,
    /// The place in the line.
    pub column: Option<usize>,
}

/// What a row gives for one user or group.
#[derive(Debug, Deserialize)]
pub struct Evaluated {
    /// The name.
    pub name: String,
    /// Whether it would be at the target.
    pub in_scope: bool,
    /// The calls in the order in which they ended.
    pub steps: Vec<Call>,
    /// The value.
    pub value: Value,
    /// Whether the default stood in.
    pub is_default: bool,
    /// Why there is none.
    pub fault: Option<String>,
}

/// A call of an expression.
#[derive(Debug, Deserialize)]
pub struct Call {
    /// The function.
    pub function: String,
    /// Calls around it.
    pub depth: usize,
    /// Its arguments.
    pub arguments: Vec<Option<String>>,
    /// What it gave.
    pub result: String,
}

/// The form of a row.
pub struct Edit<'a> {
    /// Of users or groups.
    pub of: Objects,
    /// The target of the row that is edited; empty for another one.
    pub replaces: &'a str,
    /// The attributes of the target.
    pub attributes: &'a [Attribute],
    /// Names of source attributes.
    pub sources: &'a [&'a str],
    /// What was typed.
    pub filled: &'a Filled,
    /// What the check found.
    pub verdict: Option<&'a Verdict>,
    /// What the preview found.
    pub preview: Option<&'a Preview>,
}

/// What would come of the row for everybody in scope.
#[derive(Debug)]
pub struct Preview {
    /// How many objects would be created, updated, disabled or deleted, in words.
    pub counts: Vec<(&'static str, usize)>,
    /// The first of those whose value of this attribute would change: name, from what, to what.
    pub changes: Vec<(String, Option<String>, Option<String>)>,
    /// How many objects could not be planned.
    pub failures: usize,
}

/// What the form of a row begins with.
pub fn filled(row: &Row) -> Filled {
    let (kind, gives) = match row {
        Row { source: Some(source), .. } => ("direct", source.clone()),
        Row { constant: Some(constant), .. } => ("constant", text(constant)),
        Row { expression: Some(expression), .. } => ("expression", expression.clone()),
        Row { .. } => ("none", String::new()),
    };
    let matching = row.matching.map(|place| place.to_string()).unwrap_or_default();
    let default = row.default.as_ref().map(text).unwrap_or_default();
    Filled::with(&[
        ("target", &row.target),
        ("kind", kind),
        (if kind == "direct" { "source" } else { kind }, &gives),
        ("default", &default),
        ("matching", &matching),
        ("apply", &row.apply),
    ])
}

const KINDS: [(&str, &str); 4] =
    [("direct", "Direct"), ("constant", "Constant"), ("expression", "Expression"), ("none", "None")];
const APPLIES: [(&str, &str); 2] = [("always", "Always"), ("on_create", "Only during object creation")];
const MATCHINGS: [(&str, &str); 6] = [
    ("", "No"),
    ("1", "Yes, first"),
    ("2", "Yes, second"),
    ("3", "Yes, third"),
    ("4", "Yes, fourth"),
    ("5", "Yes, fifth"),
];

/// The form.
pub fn page(shell: &Shell, app: &App, view: &Edit<'_>) -> Markup {
    let at = app.path(shell, &format!("{}/edit", view.of.rest()));
    let targets: Vec<(&str, &str)> = view.attributes.iter().map(|one| (one.name.as_str(), one.name.as_str())).collect();
    let word = match view.of {
        Objects::Users => "users",
        Objects::Groups => "groups",
    };
    let filled = view.filled;
    let body = html! {
        (refusal(filled, "The mapping was not saved"))
        div.aside-right {
        form.form.form--editor method="post" action=(at) data-check=(format!("{at}/check")) data-check-into="verdict" {
            (token(&shell.csrf))
            input type="hidden" name="replaces" value=(view.replaces);
            (Field::choice("kind", "Mapping type", &KINDS).row(filled))
            (Field::text("source", "Source attribute").hint("A name such as userPrincipalName, or a SCIM path.").mono()
                .of_kind("direct").row(filled))
            (Field::text("constant", "Constant value").of_kind("constant").row(filled))
            (Field::lines("expression", "Expression", 6).mono().of_kind("expression").row(filled))
            (Field::choice("target", "Target attribute", &targets).row(filled))
            (Field::text("default", "Default value if empty").hint("On create only.").optional().row(filled))
            div.field-row {
                (Field::choice("matching", "Match objects using this attribute", &MATCHINGS).row(filled))
                (Field::choice("apply", "Apply this mapping", &APPLIES).row(filled))
            }
            (Field::text("for", if view.of == Objects::Users { "Try it for a user" } else { "Try it for a group"
                }).hint("A sign-in name or a group’s name: each step is shown for it.").optional().row(filled))
            div.buttons {
                button.button type="submit" formaction=(format!("{at}/check")) { "Check" } " "
                button.button type="submit" formaction=(format!("{at}/preview")) { "Preview for all " (word) } " "
                (submit("Save mapping")) " "
                a.button.button--quiet href=(app.path(shell, &view.of.rest())) { "Discard" }
            }
            p.small.quiet { "Saving has the next cycle look at everybody." }
        }
        div.stack {
            div.stack-small id="verdict" role="status" {
                @match view.verdict {
                    Some(verdict) => (verdict_of(verdict)),
                    None => p.quiet { "Check says here what is wrong, and where." },
                }
            }
            @if let Some(preview) = view.preview { (preview_of(preview, word)) }
            details.more {
                summary { "Source attributes" }
                (document("Names", &view.sources.join("\n"), "the names"))
            }
        }
        }
    };
    let title = if view.replaces.is_empty() { "Add mapping" } else { "Edit mapping" };
    below(shell, app, ("Attribute mapping", &view.of.rest()), title, body).render(shell)
}

/// What a check found: whether it is right, each fault with its place, each step for one user.
pub fn verdict_of(verdict: &Verdict) -> Markup {
    html! {
        @if verdict.valid { p { (state(Mark::Good, "Valid")) } }
        @for problem in &verdict.problems {
            p { (state(Mark::Bad, &place(problem))) " " (sentence(&problem.detail)) }
        }
        @if let Some(evaluated) = &verdict.evaluated { (steps(evaluated)) }
    }
}

fn place(problem: &Problem) -> String {
    match (problem.line, problem.column) {
        (Some(line), Some(column)) => format!("Line {line}, column {column}:"),
        _ => format!("{}:", problem.field),
    }
}

fn steps(evaluated: &Evaluated) -> Markup {
    let deep = |depth: usize| match depth {
        0 => None,
        1 => Some("deep-1"),
        2 => Some("deep-2"),
        _ => Some("deep-3"),
    };
    let arguments = |call: &Call| {
        call.arguments.iter().map(|given| given.clone().unwrap_or_default()).collect::<Vec<_>>().join(", ")
    };
    html! {
        section.stack-small aria-labelledby="try" {
            h3 id="try" { "Result for " (evaluated.name) }
            ol.trace {
                @for call in &evaluated.steps {
                    li { code class=[deep(call.depth)] { span.fn { (call.function) } "(" (arguments(call)) ")" } " " code {
                        (call.result) } }
                }
                li.result { code { "Result" } " " code { (value_text(&evaluated.value).unwrap_or_else(|| "not sent".to_owned())) } }
            }
            @if evaluated.is_default { p.fine { "The default stood in, since the source gives nothing." } }
            @if let Some(fault) = &evaluated.fault { p { (state(Mark::Bad, "No value:")) " " (sentence(fault)) } }
            @if !evaluated.in_scope { p { (state(Mark::Warn, "Not in scope:")) " this one would not be sent." } }
        }
    }
}

fn preview_of(preview: &Preview, word: &str) -> Markup {
    html! {
        section.stack-small aria-labelledby="tryall" {
            h3 id="tryall" { "What the next cycle would do with all " (word) " in scope" }
            dl.facts { @for (name, number) in &preview.counts { div { dt { (name) } dd { (number) } } } }
            @if preview.failures > 0 { p { (state(Mark::Warn, &format!("{} could not be planned", preview.failures))) } }
            @if !preview.changes.is_empty() {
                dl.diff { @for (name, was, becomes) in &preview.changes {
                    div {
                        dt { (name) }
                        @match was { Some(was) => dd { del { (was) } }, None => dd.none { "not set" } }
                        @match becomes { Some(becomes) => dd { ins { (becomes) } }, None => dd.none { "removed" } }
                    }
                } }
            } @else { p.quiet { "Nobody’s value of this attribute changes." } }
        }
    }
}
