//! `provost policy simulate`.

use crate::{
    client::body,
    commands::{admin_app, in_account::Account, read_text},
    output::{Field, Output, printable, table, write_out},
};
use anyhow::Context;
use reqwest::Method;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  provost policy simulate GET '/Users?filter=userName eq \"ann@acme.example\"' --account acme
  provost policy simulate PATCH /Users/ID --file patch.json --header 'If-Match: W/\"3\"' --account acme

The path is one below the SCIM base, one such as /scim/v2/Users, or a whole URL.";

const ENTRY_COLUMNS: [Field; 4] =
    [("ACTION", "/action"), ("OUTCOME", "/outcome"), ("ABOUT", "/target_name"), ("WHY NOT", "/detail")];
const CHANGE_COLUMNS: [Field; 3] = [("ATTRIBUTE", "/attribute"), ("OLD", "/old"), ("NEW", "/new")];

/// A SCIM request to try out.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// GET, POST, PUT, PATCH or DELETE
    method: String,
    /// Where to
    path: String,
    /// Its body (`-` is stdin), sent as it stands
    #[arg(long)]
    file: Option<PathBuf>,
    /// A header of it, such as `If-Match: W/"3"`; may be repeated
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = header)]
    headers: Vec<(String, String)>,
    /// The admin app that sends it, by id or name [default: the only one for SCIM]
    #[arg(long, value_name = "APP")]
    admin_app: Option<String>,
}

fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("write it as `Name: value`")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

impl Args {
    /// Asks the server and shows what it would do.
    ///
    /// # Errors
    /// What the server refuses to simulate, in its words; that the request itself would be refused is no error.
    pub async fn run(self, account: &Account) -> anyhow::Result<()> {
        let app = match &self.admin_app {
            Some(app) => Some(admin_app::find(account, app).await?.id),
            None => None,
        };
        let headers: Map<String, Value> = self.headers.into_iter().map(|(name, value)| (name, json!(value))).collect();
        let request = body([
            ("method", Some(json!(self.method))),
            ("path", Some(json!(self.path))),
            ("headers", Some(Value::Object(headers))),
            ("body", self.file.as_deref().map(read_text).transpose()?.map(Value::from)),
            ("admin_app", app.map(Value::from)),
        ]);
        let answer = account.at(&["simulations"]).send(Method::POST, &request).await?;
        match account.output {
            Output::Json => account.output.document(&answer, &answer),
            Output::Plain => write_out(&shown(&answer).context("the server's answer is not one of Provost")?),
        }
    }
}

/// The answer, and what would stand in the audit log.
fn shown(answer: &Value) -> Option<String> {
    let mut text = format!("HTTP {}\n", answer["status"]);
    let mut line = |shown: std::fmt::Arguments<'_>| text.write_fmt(shown).expect("a String takes every text");
    for (name, value) in answer["headers"].as_object()? {
        line(format_args!("{name}: {}\n", printable(value.as_str().unwrap_or_default())));
    }
    match &answer["body"] {
        Value::Null => {}
        Value::String(body) => line(format_args!("\n{}\n", printable(body))),
        body => line(format_args!("\n{body:#}\n")),
    }
    let entries = answer["entries"].as_array()?;
    if !entries.is_empty() {
        line(format_args!("\nThe audit log would say:\n{}", table(entries, &ENTRY_COLUMNS)));
    }
    for entry in entries {
        let changes = entry["changes"].as_array().map_or(&[][..], Vec::as_slice);
        if !changes.is_empty() {
            line(format_args!("\n{}", table(changes, &CHANGE_COLUMNS)));
        }
        for warning in entry["warnings"].as_array().into_iter().flatten() {
            line(format_args!("\nWarning: {}\n", printable(warning.as_str().unwrap_or_default())));
        }
    }
    let fields: Vec<&str> = answer["policy_fields"].as_array()?.iter().filter_map(Value::as_str).collect();
    if !fields.is_empty() {
        line(format_args!("\nDecided by the policy fields {}.\n", fields.join(", ")));
    }
    line(format_args!("\nJudged by version {} of the policy. Nothing was changed.\n", answer["policy_version"]));
    Some(text)
}
