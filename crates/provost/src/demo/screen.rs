//! How the story is printed.

use crate::output::{cell, printable, write_out};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use std::io::IsTerminal;

const WIDTH: usize = 108;
/// Longest answer of the management API that is printed, in characters.
const ANSWER_MAX: usize = 320;

/// What colours mean; none where nobody sees them.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    colour: bool,
}

#[derive(Clone, Copy)]
enum Style {
    Bold,
    Dim,
    Good,
    Bad,
}

impl Screen {
    /// Stdout; in colour when it is a terminal and `NO_COLOR` is not set.
    pub fn stdout() -> Self {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { colour: !refused && std::io::stdout().is_terminal() }
    }

    /// A heading.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub fn heading(self, text: &str) -> anyhow::Result<()> {
        write_out(&format!("\n{}\n", self.styled(Style::Bold, &format!("── {text} ──"))))
    }

    /// What happens next, and why.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub fn why(self, number: usize, text: &str) -> anyhow::Result<()> {
        let text = format!("{number}. {text}");
        let lines = wrapped(&text, WIDTH, ' ').into_iter().map(|line| self.styled(Style::Bold, line.trim_end()));
        let lines: Vec<String> = lines.collect();
        write_out(&format!("\n{}\n", lines.join("\n   ")))
    }

    /// A plain line or table.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub fn text(self, text: &str) -> anyhow::Result<()> {
        write_out(text)
    }

    /// A request and its answer.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub fn exchange(
        self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
        status: StatusCode,
        answer: &Value,
    ) -> anyhow::Result<()> {
        let mut text = format!("   {method} {}\n", printable(path));
        if let Some(body) = body {
            for line in wrapped(&body.to_string(), WIDTH, ',') {
                text.push_str(&format!("     {}\n", self.styled(Style::Dim, line)));
            }
        }
        let style = if status.is_success() { Style::Good } else { Style::Bad };
        let line = format!("   {} {}", self.styled(style, &status.to_string()), printable(&short(answer)));
        text.push_str(line.trim_end());
        text.push('\n');
        write_out(&text)
    }

    fn styled(self, style: Style, text: &str) -> String {
        if !self.colour {
            return text.to_owned();
        }
        let code = match style {
            Style::Bold => "1",
            Style::Dim => "2",
            Style::Good => "32",
            Style::Bad => "31",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// Lines of at most `width` characters, broken behind `gap` where there is one.
fn wrapped(text: &str, width: usize, gap: char) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text;
    while let Some((end, _)) = rest.char_indices().nth(width) {
        let cut = rest[..end].rfind(gap).map_or(end, |at| at + gap.len_utf8());
        let (line, behind) = rest.split_at(cut);
        lines.push(line);
        rest = behind;
    }
    lines.push(rest);
    lines
}

/// What matters of an answer, in a line.
fn short(answer: &Value) -> String {
    if answer.is_null() {
        return String::new();
    }
    if let Some(detail) = answer["detail"].as_str() {
        let scim_type = answer["scimType"].as_str().map(|scim_type| format!("{scim_type}: ")).unwrap_or_default();
        return format!("{scim_type}{detail}");
    }
    if let Some(total) = answer["totalResults"].as_u64() {
        let names: Vec<String> = answer["Resources"].as_array().into_iter().flatten().map(user).collect();
        return format!("{total} found {}", names.join("; ")).trim_end().to_owned();
    }
    if answer["userName"].is_string() {
        return user(answer);
    }
    if let Some(counts) = answer["counts"].as_object().filter(|_| answer["began"].is_string()) {
        let some = counts.iter().filter(|(_, count)| count.as_u64() != Some(0));
        let counts: Vec<String> = some.map(|(name, count)| format!("{name} {count}")).collect();
        return format!("{}: {}", cell(answer.get("status")), counts.join(", "));
    }
    let text = answer.to_string();
    match text.char_indices().nth(ANSWER_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn user(user: &Value) -> String {
    let roles: Vec<String> =
        user["roles"].as_array().into_iter().flatten().map(|role| cell(role.get("value"))).collect();
    let state = if user["active"] == Value::Bool(true) { "active" } else { "disabled" };
    format!("{} {state}, roles [{}], id {}", cell(user.get("userName")), roles.join(", "), cell(user.get("id")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_break_behind_commas_and_lose_nothing() {
        for (text, lines) in [
            ("", vec![""]),
            ("ab,cd", vec!["ab,cd"]),
            ("ab,cd,ef", vec!["ab,", "cd,ef"]),
            ("äöüßäöü", vec!["äöüßä", "öü"]),
        ] {
            assert_eq!(wrapped(text, 5, ','), lines);
        }
    }
}
