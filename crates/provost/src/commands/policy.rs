//! `provost policy`.

mod simulate;

use super::{in_account::InAccount, read_document};
use crate::output::{Field, Output};
use anyhow::bail;
use clap::Subcommand;
use provost_accounts::policy::{PRESETS, purpose};
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
  provost policy preview fulcrum --account acme
  provost policy revert 1 --account acme
  provost policy simulate PATCH /Users/ID --file patch.json --account acme

A document may be partial: what it leaves out comes from its `preset`, or from `standard`.";

const COLUMNS: [Field; 4] =
    [("VERSION", "/version"), ("CREATED", "/created"), ("AUTHOR", "/author"), ("PRESET", "/policy/preset")];
const DIFF_COLUMNS: [Field; 3] = [("FIELD", "/field"), ("OLD", "/old"), ("NEW", "/new")];
const EFFECT_COLUMNS: [Field; 4] =
    [("USER", "/user_name"), ("GROUP", "/display_name"), ("POLICY FIELD", "/field"), ("EFFECT", "/effect")];
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
    account: InAccount,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Show the policy in force, or an earlier version, as a document that `set` takes
    Show {
        /// Which version [default: the one in force]
        #[arg(long, value_name = "N")]
        version: Option<u32>,
    },
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
    /// Show where a version differs from another one
    Diff {
        /// Which version
        version: u32,
        /// The version to compare it with [default: the one before]
        #[arg(long, value_name = "N")]
        against: Option<u32>,
    },
    /// Put an earlier version in force again, as a new version
    Revert {
        /// Which version
        version: u32,
    },
    /// Show whom another policy would affect; nothing is changed
    Preview {
        /// The name of a preset
        #[arg(required_unless_present = "file", conflicts_with = "file")]
        preset: Option<String>,
        /// A document (JSON; `-` is stdin)
        #[arg(long)]
        file: Option<PathBuf>,
    },
    /// Try a SCIM request out: what would be answered and changed; nothing is changed
    Simulate(simulate::Args),
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
        let output = self.account.output();
        if let Command::Presets { name } = &self.command {
            presets(output, name.as_deref())?;
            return Ok(ExitCode::SUCCESS);
        }
        let account = self.account.open().await?;
        let policy = account.at(&["policy"]);
        match self.command {
            Command::Presets { .. } => {}
            Command::Show { version: None } => {
                let answer = policy.get(&[]).await?;
                output.document(&answer, &answer["policy"])?;
            }
            Command::Show { version: Some(version) } => {
                let answer = policy.at(&["versions", &version.to_string()]).get(&[]).await?;
                output.document(&answer, &answer["policy"])?;
            }
            Command::Set { preset, file } => {
                let answer = policy.send(Method::PUT, &document(preset, file)?).await?;
                output.sentence(&format!("Version {} of the policy is in force.", answer["version"]), &answer)?;
            }
            Command::Versions => {
                output.list(&policy.at(&["versions"]).list(&[], usize::MAX).await?, &COLUMNS)?;
            }
            Command::Diff { version, against } => {
                let against = against.map(|against| against.to_string());
                let query: Vec<(&str, &str)> = against.iter().map(|against| ("against", against.as_str())).collect();
                let answer = policy.at(&["versions", &version.to_string(), "diff"]).get(&query).await?;
                output.part(&answer, "/changes", &DIFF_COLUMNS)?;
            }
            Command::Revert { version } => {
                let answer = policy.at(&["revert"]).send(Method::POST, &json!({ "version": version })).await?;
                let said =
                    format!("Version {} of the policy is in force, as version {version} was.", answer["version"]);
                output.sentence(&said, &answer)?;
            }
            Command::Preview { preset, file } => {
                preview(output, &policy.at(&["preview"]).send(Method::POST, &document(preset, file)?).await?)?;
            }
            Command::Simulate(request) => request.run(&account).await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The policy that was named on the command line.
fn document(preset: Option<String>, file: Option<PathBuf>) -> anyhow::Result<Value> {
    match file {
        Some(file) => read_document(&file),
        None => Ok(json!(preset)),
    }
}

fn preview(output: Output, answer: &Value) -> anyhow::Result<()> {
    output.part(answer, "/effects", &EFFECT_COLUMNS)?;
    let more = if answer["truncated"] == json!(true) { "; the first 1,000 effects are shown" } else { "" };
    let (affected, examined) = (&answer["affected"], &answer["examined"]);
    output.note(&format!("{affected} of {examined} users and groups would be affected{more}. Nothing was changed."))
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
