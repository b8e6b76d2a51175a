//! The simulator: what would become of a SCIM request, with nothing changed (S-85).

use super::{Part, below, policy::place};
use crate::{
    Filled, Shell,
    components::{
        code::document,
        diff::{Change, diff},
        facts::facts,
        field::{Field, form, submit},
        mark::{Mark, state},
        message::{Tone, callout, refusal, told},
        nothing,
        record::value_text,
        section,
    },
    screens::users::Named,
    words,
};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;

/// What would become of a request.
#[derive(Debug, Deserialize)]
pub struct Outcome {
    /// The HTTP status of the answer.
    pub status: u16,
    /// The body of the answer.
    pub body: Option<Value>,
    /// What the audit log would say.
    pub entries: Vec<Value>,
    /// The fields of the policy that refuse or change something.
    pub policy_fields: Vec<String>,
    /// The version that judged.
    pub policy_version: u32,
}

/// Methods of SCIM.
const METHODS: [(&str, &str); 5] =
    [("POST", "POST"), ("PATCH", "PATCH"), ("PUT", "PUT"), ("GET", "GET"), ("DELETE", "DELETE")];

/// The screen.
pub fn page(shell: &Shell, apps: &[Named], outcome: Option<&Outcome>, filled: &Filled) -> Markup {
    let senders: Vec<(&str, &str)> = apps.iter().map(|app| (app.id.as_str(), app.name.as_str())).collect();
    let fields = html! {
        (Field::choice("admin_app", "Sent by", &senders).row(filled))
        (Field::choice("method", "Method", &METHODS).row(filled))
        (Field::text("path", "Path").mono().placeholder("/Users")
            .hint("As it stands in a log of the identity provider: a path, or the whole address.").row(filled))
        (Field::lines("body", "Body", 12).mono().optional().hint("JSON, as the identity provider sends it.").row(filled))
    };
    let body = html! {
        (refusal(filled, "The request was not tried out"))
        @if apps.is_empty() {
            (callout(Tone::Info, "No administrative app yet", html! { p { "A request is tried out in the name of one. Add one first." } }))
        } @else {
            (form(&place(shell, "/simulator"), &shell.csrf, fields, submit("Try request")))
        }
        @if let Some(outcome) = outcome { (shown(shell, outcome)) }
    };
    below(shell, Part::Policy, "Simulator", body).render(shell)
}

fn shown(shell: &Shell, outcome: &Outcome) -> Markup {
    let (mark, word) = match outcome.status {
        ..400 => (Mark::On, "It would be done"),
        400..500 => (Mark::Bad, "It would be refused"),
        500.. => (Mark::Bad, "The server would fail"),
    };
    let fields = html! { @if outcome.policy_fields.is_empty() { "none" } @else {
        @for (position, field) in outcome.policy_fields.iter().enumerate() {
            @if position > 0 { ", " } a href=(place(shell, "")) { code { (field) } }
        }
    } };
    let body = html! {
        (facts(&[
            ("Outcome", state(mark, word)),
            ("Status", html! { (outcome.status) }),
            ("Policy fields that decide", fields),
            ("Policy", html! { "version " (outcome.policy_version) }),
        ]))
        @for entry in &outcome.entries { (entry_shown(entry)) }
        @if let Some(answer) = &outcome.body {
            (document("Answer", &serde_json::to_string_pretty(answer).unwrap_or_default(), "the answer"))
        }
        p.fine { "Nothing was changed." }
    };
    section("outcome", "What would happen", nothing(), body)
}

fn entry_shown(entry: &Value) -> Markup {
    let action = entry["action"].as_str().unwrap_or("");
    let is_failure = entry["outcome"] == "failure";
    let title = if is_failure { words::refused(action) } else { words::action(action) };
    let changes: Vec<Change> = entry["changes"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|change| Change {
            attribute: change["attribute"].as_str().unwrap_or("").to_owned(),
            was: value_text(&change["old"]),
            becomes: value_text(&change["new"]),
        })
        .collect();
    html! {
        h3 { (title) " " span.quiet { (entry["target_name"].as_str().unwrap_or("")) } }
        @if let Some(detail) = entry["detail"].as_str() { p { (told(detail)) } }
        @for warning in entry["warnings"].as_array().into_iter().flatten().filter_map(Value::as_str) { p.small { (told(warning)) } }
        @if !changes.is_empty() { (diff(&changes)) }
    }
}
