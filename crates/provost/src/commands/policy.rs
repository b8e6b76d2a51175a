//! `provost policy`.

use super::read_document;
use crate::{
    client::{AccountChoice, Connection},
    output::{Field, Output},
};
use anyhow::bail;
use clap::Subcommand;
use provost_accounts::policy::PRESETS;
use reqwest::Method;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  provost policy show --account acme
  provost policy set dsm --account acme
  provost policy set --file policy.json --account acme
  provost policy presets dsm > policy.json

A document may be partial: what it leaves out comes from its `preset`, or from `standard`.";

const COLUMNS: [Field; 4] =
    [("VERSION", "/version"), ("CREATED", "/created"), ("AUTHOR", "/author"), ("PRESET", "/policy/preset")];
const PRESET_COLUMNS: [Field; 2] = [("PRESET", "/name"), ("FOR", "/for")];

/// Which policy to put in force.
#[derive(clap::Args, Debug)]
#[group(multiple = false)]
pub struct PolicyChoice {
    /// The policy to begin with: the name of a preset [default: standard]
    #[arg(long, value_name = "PRESET")]
    policy: Option<String>,
    /// The policy to begin with: a document (JSON; `-` is stdin)
    #[arg(long, value_name = "FILE")]
    policy_file: Option<PathBuf>,
}

impl PolicyChoice {
    /// What the management API takes.
    ///
    /// # Errors
    /// A file that cannot be read or is not JSON.
    pub fn document(&self) -> anyhow::Result<Option<Value>> {
        match (&self.policy, &self.policy_file) {
            (Some(preset), _) => Ok(Some(json!(preset))),
            (None, Some(file)) => read_document(file).map(Some),
            (None, None) => Ok(None),
        }
    }
}

/// Options of `provost policy`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    server: Connection,
    #[command(flatten)]
    account: AccountChoice,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Show the policy in force, as a document that `set` takes
    Show,
    /// Put another policy in force, as a new version
    #[command(after_help = "Example:\n  provost policy set dsm --account acme")]
    Set {
        /// The name of a preset
        #[arg(required_unless_present = "file", conflicts_with = "file")]
        preset: Option<String>,
        /// A document (JSON; `-` is stdin)
        #[arg(long)]
        file: Option<PathBuf>,
    },
    /// List the versions that were in force
    Versions,
    /// List the presets that ship, or print one; needs no server
    Presets {
        /// The preset to print
        name: Option<String>,
    },
}

impl Args {
    /// Does what was asked.
    ///
    /// # Errors
    /// What the server refuses, in its words.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let output = self.server.output();
        if let Command::Presets { name } = &self.command {
            presets(output, name.as_deref())?;
            return Ok(ExitCode::SUCCESS);
        }
        let client = self.server.client()?;
        let account = self.account.id(&client).await?;
        let path = ["accounts", account.as_str(), "policy"];
        match self.command {
            Command::Presets { .. } => {}
            Command::Show => {
                let answer = client.get(&path, &[]).await?;
                output.document(&answer, &answer["policy"])?;
            }
            Command::Set { preset, file } => {
                let document = match file {
                    Some(file) => read_document(&file)?,
                    None => json!(preset),
                };
                let answer = client.send(Method::PUT, &path, &document).await?;
                output.sentence(&format!("Version {} of the policy is in force.", answer["version"]), &answer)?;
            }
            Command::Versions => {
                let path = ["accounts", account.as_str(), "policy", "versions"];
                output.list(&client.list(&path, &[], usize::MAX).await?, &COLUMNS)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn presets(output: Output, name: Option<&str>) -> anyhow::Result<()> {
    let Some(name) = name else {
        let item = |(name, _): (&str, &str)| json!({ "name": name, "for": purpose(name) });
        return output.list(&PRESETS.map(item), &PRESET_COLUMNS);
    };
    let Some((_, text)) = PRESETS.iter().find(|(preset, _)| *preset == name) else {
        bail!("there is no preset `{name}`: see `provost policy presets`");
    };
    let document: Value = serde_json::from_str(text)?;
    output.document(&document, &document)
}

fn purpose(preset: &str) -> &'static str {
    match preset {
        "standard" => "plain SCIM 2.0: every attribute, strict",
        "dsm" => "as Fortanix Data Security Manager behaves with Entra ID",
        _ => "",
    }
}
