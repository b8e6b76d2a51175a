//! What commands print: tables and lists for people, JSON for programs.
//!
//! Data comes from elsewhere, so control characters in it are shown and not sent to the terminal.

use serde_json::{Value, json};
use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write as _};

/// What an empty cell shows.
const NOTHING: &str = "-";
/// Between two columns.
const GAP: &str = "  ";

/// A column of a table or a line of a list: its title, and where its value is (RFC 6901).
pub type Field = (&'static str, &'static str);

/// Where a command's answer goes.
#[derive(Clone, Copy, Debug)]
pub enum Output {
    /// For people.
    Plain,
    /// For programs: what the server answered.
    Json,
}

impl Output {
    /// JSON or not.
    pub fn of(json: bool) -> Self {
        if json { Self::Json } else { Self::Plain }
    }

    /// Shows one object, a line per field.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub fn object(self, object: &Value, fields: &[Field]) -> anyhow::Result<()> {
        match self {
            Self::Json => write_json(object),
            Self::Plain => {
                let rows: Vec<Vec<String>> =
                    fields.iter().map(|(title, at)| vec![format!("{title}:"), cell(object.pointer(at))]).collect();
                write_out(&lines(&rows))
            }
        }
    }

    /// Shows a list as a table, or as `{"items": […], "next": null}`.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub fn list(self, items: &[Value], fields: &[Field]) -> anyhow::Result<()> {
        match self {
            Self::Json => write_json(&json!({ "items": items, "next": null })),
            Self::Plain => write_out(&table(items, fields)),
        }
    }

    /// Shows a list inside of an answer as a table; programs get the answer.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub fn part(self, answer: &Value, at: &str, fields: &[Field]) -> anyhow::Result<()> {
        match self {
            Self::Json => write_json(answer),
            Self::Plain => {
                let items = answer.pointer(at).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
                write_out(&table(items, fields))
            }
        }
    }

    /// Shows a document, as JSON either way.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub fn document(self, answer: &Value, document: &Value) -> anyhow::Result<()> {
        match self {
            Self::Json => write_json(answer),
            Self::Plain => write_json(document),
        }
    }

    /// Says a sentence to people; programs get the object.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub fn sentence(self, text: &str, object: &Value) -> anyhow::Result<()> {
        match self {
            Self::Json => write_json(object),
            Self::Plain => write_out(&format!("{}\n", printable(text))),
        }
    }

    /// Adds a sentence for people that programs do not need.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub fn note(self, text: &str) -> anyhow::Result<()> {
        match self {
            Self::Json => Ok(()),
            Self::Plain => write_out(&format!("\n{text}\n")),
        }
    }
}

/// Writes to stdout; see [`is_broken_pipe`].
///
/// # Errors
/// When stdout cannot be written.
pub fn write_out(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    Ok(stdout.flush()?)
}

fn write_json(value: &Value) -> anyhow::Result<()> {
    write_out(&format!("{value:#}\n"))
}

/// Whether something failed because the reader of our output went away (`provost … | head`).
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe))
}

/// A table with a title line. An empty one says so.
pub fn table(items: &[Value], fields: &[Field]) -> String {
    if items.is_empty() {
        return "(none)\n".to_owned();
    }
    let titles = fields.iter().map(|(title, _)| (*title).to_owned()).collect();
    let rows = items.iter().map(|item| fields.iter().map(|(_, at)| cell(item.pointer(at))).collect());
    lines(&std::iter::once(titles).chain(rows).collect::<Vec<Vec<String>>>())
}

/// Rows with aligned columns.
fn lines(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            write!(line, "{cell:width$}{GAP}").expect("a String takes every text");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// A value in one line: lists separated by commas, of objects their name.
pub fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => NOTHING.to_owned(),
        Some(Value::Bool(yes)) => if *yes { "yes" } else { "no" }.to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::String(text)) if text.is_empty() => NOTHING.to_owned(),
        Some(Value::String(text)) => printable(text).into_owned(),
        Some(Value::Array(list)) if list.is_empty() => NOTHING.to_owned(),
        Some(Value::Array(list)) => list.iter().map(|one| cell(Some(one))).collect::<Vec<_>>().join(", "),
        Some(object @ Value::Object(fields)) => {
            let name = ["name", "display_name", "display", "value", "id"].iter().find_map(|name| fields.get(*name));
            name.map_or_else(|| printable(&object.to_string()).into_owned(), |name| cell(Some(name)))
        }
    }
}

/// The text with control characters and bidirectional overrides written as escapes.
pub fn printable(text: &str) -> Cow<'_, str> {
    let is_plain = |character: char| {
        !character.is_control() && !matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let shown = text.chars().map(|character| {
        if is_plain(character) { character.to_string() } else { character.escape_unicode().to_string() }
    });
    Cow::Owned(shown.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_aligns_its_columns_and_shows_no_control_characters() {
        let items = [
            json!({"name": "Ännchen", "roles": [{"id": "1", "name": "Member"}, "b"], "active": true}),
            json!({"name": "\u{1b}[31mx", "roles": [], "active": false, "limit": null}),
        ];
        let shown =
            table(&items, &[("NAME", "/name"), ("ROLES", "/roles"), ("ACTIVE", "/active"), ("LIMIT", "/limit")]);
        let expected = "NAME         ROLES      ACTIVE  LIMIT\n\
                        Ännchen      Member, b  yes     -\n\
                        \\u{1b}[31mx  -          no      -\n";
        assert_eq!(shown, expected);
        assert_eq!(table(&[], &[("NAME", "/name")]), "(none)\n");
    }
}
