//! `provost user migrate`: users who are there already become managed instead of being made again.

use crate::{
    commands::{admin_app, in_account::Account, read_text},
    output::Field,
};
use anyhow::{Context, bail};
use reqwest::Method;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

const HELP: &str = "\
Without --apply it says what would be done. Without --file it says how many users there are to migrate.

The file is CSV with a title line, or a JSON array. A line names the userName, and may name the externalId and the email; columns \
of other names are not read.

Example:
  provost user migrate --admin-app \"Entra ID\" --file people.csv --apply --account acme";

/// Identities that one request may name.
const AT_ONCE: usize = 1_000;
/// The columns that are read, as the API calls them.
const COLUMNS_READ: [&str; 3] = ["user_name", "external_id", "email"];

const COLUMNS: [Field; 5] =
    [("USER NAME", "/user_name"), ("OUTCOME", "/outcome"), ("USER", "/user"), ("FOUND BY", "/by"), ("WHY", "/detail")];

/// Options of `provost user migrate`.
#[derive(clap::Args, Debug)]
#[command(after_help = HELP)]
pub struct Args {
    /// The admin app that is to manage them, by id or name
    #[arg(long, value_name = "APP", requires = "file")]
    admin_app: Option<String>,
    /// Whom the identity provider is going to provision (`-` is stdin)
    #[arg(long, requires = "admin_app")]
    file: Option<PathBuf>,
    /// Do it
    #[arg(long, requires = "file")]
    apply: bool,
}

impl Args {
    /// Migrates, a thousand identities after the other.
    ///
    /// # Errors
    /// A file that cannot be read; what the server refuses, in its words.
    pub async fn run(self, account: &Account) -> anyhow::Result<()> {
        let (place, output) = (account.at(&["users", "migration"]), account.output);
        let (Some(named), Some(file)) = (&self.admin_app, &self.file) else {
            let state = place.get(&[]).await?;
            let fields = [("Managed users", "/managed"), ("Unmanaged users", "/unmanaged"), ("Warning", "/warning")];
            return output.object(&state, &fields);
        };
        let app = admin_app::find(account, named).await?.id;
        let people = identities(&read_text(file)?).with_context(|| format!("cannot use {}", file.display()))?;
        let mut items = Vec::new();
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        let mut unmanaged = Value::Null;
        for chunk in people.chunks(AT_ONCE) {
            let request = json!({ "admin_app": app, "users": chunk, "apply": self.apply });
            let mut answer = place.send(Method::POST, &request).await?;
            for (outcome, count) in answer["counts"].as_object().into_iter().flatten() {
                *counts.entry(outcome.clone()).or_default() += count.as_u64().unwrap_or(0);
            }
            unmanaged = answer["unmanaged"].take();
            if let Value::Array(more) = answer["items"].take() {
                items.extend(more);
            }
        }
        let answer = json!({ "applied": self.apply, "counts": counts, "unmanaged": unmanaged, "items": items });
        output.part(&answer, "/items", &COLUMNS)?;
        let counts: Vec<String> = counts.iter().map(|(outcome, count)| format!("{count} {outcome}")).collect();
        let end = if self.apply { "" } else { " Nothing was changed: add --apply to do it." };
        output.note(&format!("{}.{end}", counts.join(", ")))
    }
}

/// Reads what a file names.
fn identities(text: &str) -> anyhow::Result<Vec<Value>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim_start().starts_with('[') {
        return Ok(serde_json::from_str(text)?);
    }
    let mut records = records(text)?.into_iter();
    let titles = records.next().context("it is empty")?;
    let columns: Vec<Option<&str>> = titles.iter().map(|title| column(title)).collect();
    if !columns.contains(&Some("user_name")) {
        bail!("its first line names no column `userName`");
    }
    let identity = |record: Vec<String>| {
        let named = columns.iter().zip(record).filter(|(_, value)| !value.is_empty());
        let members = named.filter_map(|(column, value)| Some(((*column)?.to_owned(), Value::from(value))));
        Value::Object(members.collect::<Map<String, Value>>())
    };
    Ok(records.map(identity).collect())
}

/// The member that a column's title means: `userName`, `user_name` and `User name` are one.
fn column(title: &str) -> Option<&'static str> {
    let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    COLUMNS_READ.into_iter().find(|name| plain(name) == plain(title))
}

/// The records of a CSV text (RFC 4180). Empty lines are none.
fn records(text: &str) -> anyhow::Result<Vec<Vec<String>>> {
    let (mut records, mut record, mut field) = (Vec::new(), Vec::new(), String::new());
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '"' if quoted && chars.next_if_eq(&'"').is_some() => field.push('"'),
            '"' if quoted || field.is_empty() => quoted = !quoted,
            other if quoted => field.push(other),
            ',' => record.push(std::mem::take(&mut field)),
            '\r' => {}
            '\n' => end(&mut records, &mut record, &mut field),
            other => field.push(other),
        }
    }
    if quoted {
        bail!("a quotation mark is not closed");
    }
    end(&mut records, &mut record, &mut field);
    Ok(records)
}

fn end(records: &mut Vec<Vec<String>>, record: &mut Vec<String>, field: &mut String) {
    record.push(std::mem::take(field));
    let record = std::mem::take(record);
    if record.iter().any(|field| !field.is_empty()) {
        records.push(record);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_names_people_in_csv_or_json() {
        let ann = json!({ "user_name": "ann", "external_id": "7", "email": "a@x.example" });
        for (name, text, expected) in [
            ("plain", "userName,externalId,email\nann,7,a@x.example\n", vec![ann.clone()]),
            ("titles as people write them", "E-Mail,User name,External ID\r\na@x.example,ann,7\r\n", vec![ann.clone()]),
            ("a mark at the beginning", "\u{feff}user_name\nann", vec![json!({ "user_name": "ann" })]),
            ("other columns", "id,userName,shoe\n1,ann,43\n", vec![json!({ "user_name": "ann" })]),
            (
                "quotation marks",
                "userName,email\n\"o\"\"x, y\",\"a\nb\"\n",
                vec![json!({ "user_name": "o\"x, y", "email": "a\nb" })],
            ),
            ("nothing in a field, empty lines", "userName,email\n\nann,\n\n", vec![json!({ "user_name": "ann" })]),
            ("JSON", r#"[{"userName":"ann"}]"#, vec![json!({ "userName": "ann" })]),
        ] {
            assert_eq!(identities(text).expect(name), expected, "{name}");
        }
        for (text, said) in [
            ("", "it is empty"),
            ("name\nann\n", "its first line names no column `userName`"),
            ("userName\n\"ann\n", "a quotation mark is not closed"),
        ] {
            assert_eq!(identities(text).expect_err(text).to_string(), said);
        }
    }
}
