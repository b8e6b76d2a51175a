//! What an evaluation did, for people.

use crate::{place::Place, value::Value};

/// A call that ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The function.
    pub function: &'static str,
    /// Where the call begins.
    pub place: Place,
    /// Calls around it.
    pub depth: usize,
    /// Each argument; `None` for one that is omitted, or was not needed.
    pub arguments: Vec<Option<String>>,
    /// The result; `error: …` when there is none, `not sent` when the attribute is ignored.
    pub result: String,
}

/// How much of a text is shown, in characters.
const SHOWN_MAX: usize = 200;
/// How many of several values are shown.
const VALUES_MAX: usize = 10;
/// What stands in place of a value that is kept out of logs.
const REDACTED: &str = "[Redact]";

/// A value for people, cut where it is long: texts in quotes, several values in brackets.
pub(crate) fn shown(value: &Value, is_hidden: bool) -> String {
    if is_hidden {
        return REDACTED.to_owned();
    }
    match value {
        Value::Null => "null".to_owned(),
        Value::Text(text) => text_shown(text),
        Value::Role(role) => text_shown(&role.value),
        Value::Boolean(_) | Value::Integer(_) | Value::DateTime(_) => value.text().unwrap_or_default(),
        Value::Many(values) => list(values.iter().map(String::as_str)),
        Value::Roles(roles) => list(roles.roles.iter().map(|role| role.value.as_str())),
    }
}

fn text_shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("\"{}…\"", &text[..end]),
        None => format!("\"{text}\""),
    }
}

fn list<'t>(texts: impl ExactSizeIterator<Item = &'t str>) -> String {
    let beyond = texts.len().saturating_sub(VALUES_MAX);
    let mut shown: Vec<String> = texts.take(VALUES_MAX).map(text_shown).collect();
    if beyond > 0 {
        shown.push(format!("{beyond} more"));
    }
    format!("[{}]", shown.join(", "))
}
