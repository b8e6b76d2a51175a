//! `provost quorum-policy`.

use super::{admin_app, group, in_account::InAccount, read_document, user};
use clap::{ArgGroup, Subcommand};
use reqwest::Method;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  provost quorum-policy set --account acme -n 2 --user ann@acme.example --user bob@acme.example
  provost quorum-policy set --account acme --group \"Key Admins\" --file quorum.json
  provost quorum-policy show --account acme

A document is {\"user\": id}, {\"app\": id}, or {\"quorum\": {\"n\": 1, \"members\": [documents]}}.";

/// Options of `provost quorum-policy`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    account: InAccount,
    /// The group whose quorum policy it is, by id or name, and not the account's
    #[arg(long, short, global = true)]
    group: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Show the quorum policy
    Show,
    /// Put a quorum policy in force
    #[command(after_help = EXAMPLES)]
    #[command(group(ArgGroup::new("what").required(true).multiple(true).args(["file", "users", "apps"])))]
    Set {
        /// A document (JSON; `-` is stdin)
        #[arg(long, conflicts_with_all = ["n", "users", "apps"])]
        file: Option<PathBuf>,
        /// How many of the approvers it takes
        #[arg(short, long = "approvals", value_name = "N", default_value_t = 1)]
        n: usize,
        /// An approver: a user by id or userName; may be repeated
        #[arg(long = "user", value_name = "USER")]
        users: Vec<String>,
        /// An approver: an admin app by id or name; may be repeated
        #[arg(long = "app", value_name = "APP")]
        apps: Vec<String>,
    },
    /// Remove the quorum policy
    Remove,
}

impl Args {
    /// Does what was asked.
    ///
    /// # Errors
    /// What the server refuses, in its words.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let account = self.account.open().await?;
        let place = match &self.group {
            Some(group) => group::find(&account, group).await?.place.at(&["quorum-policy"]),
            None => account.at(&["quorum-policy"]),
        };
        match self.command {
            Command::Show => {
                let answer = place.get(&[]).await?;
                account.output.document(&answer, &answer["policy"])?;
            }
            Command::Set { file, n, users, apps } => {
                let document = match file {
                    Some(file) => read_document(&file)?,
                    None => {
                        let mut members: Vec<Value> = Vec::new();
                        for user in &users {
                            members.push(json!({ "user": user::find(&account, user).await?.id }));
                        }
                        for app in &apps {
                            members.push(json!({ "app": admin_app::find(&account, app).await?.id }));
                        }
                        json!({ "quorum": { "n": n, "members": members } })
                    }
                };
                let answer = place.send(Method::PUT, &document).await?;
                account.output.sentence("The quorum policy is in force.", &answer)?;
            }
            Command::Remove => {
                place.delete(&[]).await?;
                account.output.sentence("There is no quorum policy any more.", &json!({ "removed": true }))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
