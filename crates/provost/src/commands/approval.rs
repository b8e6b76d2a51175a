//! `provost approval`.

use super::{
    collection::{Collection, Item, Kind},
    in_account::InAccount,
    user,
};
use anyhow::Context as _;
use clap::Subcommand;
use serde_json::json;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  provost approval list --account acme
  provost approval propose ann@acme.example --account acme
  provost approval show ann@acme.example --account acme
  provost approval approve ann@acme.example --account acme --digest 6f1e...

Whoever approves or denies says which change is meant, by the digest that `show` tells: when the user or the quorum policy changes, it is
another one. With the approval that is enough the user is removed.";

const REQUESTS: Kind = Kind {
    what: "approval request",
    segment: "approval-requests",
    names: &[],
    fields: &[
        ("User", "/user"),
        ("Sign-in name", "/user_name"),
        ("State", "/state"),
        ("Digest", "/digest"),
        ("Proposed by", "/proposer/name"),
        ("Proposed", "/created"),
        ("Expires", "/expires"),
        ("Settled", "/settled"),
        ("Votes", "/votes"),
    ],
    columns: &[
        ("USER", "/user"),
        ("SIGN-IN NAME", "/user_name"),
        ("STATE", "/state"),
        ("PROPOSED BY", "/proposer/name"),
        ("EXPIRES", "/expires"),
    ],
};

/// Options of `provost approval`.
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
        let account = self.account.open().await?;
        let requests = account.all(&REQUESTS);
        match self.command {
            Command::List => requests.list(&[], usize::MAX).await?,
            Command::Show { user } => about(&requests, &user).await?.show().await?,
            Command::Propose { user } => {
                let user = user::find(&account, &user).await?.id;
                requests.create(&json!({ "user": user })).await?;
            }
            Command::Approve { user, digest } => {
                about(&requests, &user).await?.act("approve", &json!({ "digest": digest })).await?;
            }
            Command::Deny { user, digest } => {
                about(&requests, &user).await?.act("deny", &json!({ "digest": digest })).await?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The request about a user, whose id it goes by: approvers need not be permitted to list users.
async fn about<'a>(requests: &Collection<'a>, user: &str) -> anyhow::Result<Item<'a>> {
    let all = requests.place.list(&[], usize::MAX).await?;
    let found = all.iter().find(|request| request["user"] == user || request["user_name"] == user);
    let id = found.and_then(|request| request["user"].as_str());
    let id = id.with_context(|| format!("there is no approval request about `{user}`"))?;
    Ok(requests.item(id.to_owned()))
}
