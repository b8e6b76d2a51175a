//! `provost approval`.

use crate::{
    client::{AccountChoice, Connection},
    output::Field,
};
use clap::Subcommand;
use reqwest::Method;
use serde_json::{Value, json};
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  provost approval list --account acme
  provost approval propose ann@acme.example --account acme
  provost approval show ann@acme.example --account acme
  provost approval approve ann@acme.example --account acme --digest 6f1e...

Whoever approves or denies says which change is meant, by the digest that `show` tells: when the user or the quorum policy changes, it is
another one. With the approval that is enough the user is removed.";

const FIELDS: [Field; 9] = [
    ("User", "/user"),
    ("Sign-in name", "/user_name"),
    ("State", "/state"),
    ("Digest", "/digest"),
    ("Proposed by", "/proposer/name"),
    ("Proposed", "/created"),
    ("Expires", "/expires"),
    ("Settled", "/settled"),
    ("Votes", "/votes"),
];
const COLUMNS: [Field; 5] = [
    ("USER", "/user"),
    ("SIGN-IN NAME", "/user_name"),
    ("STATE", "/state"),
    ("PROPOSED BY", "/proposer/name"),
    ("EXPIRES", "/expires"),
];

/// Options of `provost approval`.
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
    /// List the approval requests
    List,
    /// Show the request about a user
    Show {
        /// The user's id or sign-in name
        user: String,
    },
    /// Propose to remove an approver of a quorum policy
    Propose {
        /// The user's id or sign-in name
        user: String,
    },
    /// Approve a removal
    Approve {
        /// The user's id or sign-in name
        user: String,
        /// The digest of what is approved
        #[arg(long)]
        digest: String,
    },
    /// Deny a removal
    Deny {
        /// The user's id or sign-in name
        user: String,
        /// The digest of what is denied
        #[arg(long)]
        digest: String,
    },
}

impl Args {
    /// Does what was asked.
    ///
    /// # Errors
    /// What the server refuses, in its words.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let (client, output) = (self.server.client()?, self.server.output());
        let account = self.account.id(&client).await?;
        let requests = ["accounts", account.as_str(), "approval-requests"];
        let answer: Value = match self.command {
            Command::List => {
                output.list(&client.list(&requests, &[], usize::MAX).await?, &COLUMNS)?;
                return Ok(ExitCode::SUCCESS);
            }
            Command::Show { user } => {
                let user = about(&client.list(&requests, &[], usize::MAX).await?, &user)?;
                client.get(&[&requests[..], &[user.as_str()]].concat(), &[]).await?
            }
            Command::Propose { user } => {
                let user = super::user::find(&client, &account, &user).await?;
                client.send(Method::POST, &requests, &json!({ "user": user })).await?
            }
            Command::Approve { user, digest } => {
                let user = about(&client.list(&requests, &[], usize::MAX).await?, &user)?;
                let path = [&requests[..], &[user.as_str(), "approve"]].concat();
                client.send(Method::POST, &path, &json!({ "digest": digest })).await?
            }
            Command::Deny { user, digest } => {
                let user = about(&client.list(&requests, &[], usize::MAX).await?, &user)?;
                let path = [&requests[..], &[user.as_str(), "deny"]].concat();
                client.send(Method::POST, &path, &json!({ "digest": digest })).await?
            }
        };
        output.object(&answer, &FIELDS)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The user of a request: approvers need not be permitted to list users.
fn about(requests: &[Value], user: &str) -> anyhow::Result<String> {
    let is_it = |request: &&Value| request["user"] == user || request["user_name"] == user;
    let found = requests.iter().find(is_it).and_then(|request| request["user"].as_str());
    found.map(str::to_owned).ok_or_else(|| anyhow::anyhow!("there is no approval request about `{user}`"))
}
