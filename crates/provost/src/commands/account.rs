//! `provost account`.

use super::{ACCOUNT_HELP, policy::PolicyChoice, transfer};
use crate::{
    client::{Client, Connection, body},
    output::{Field, Output},
};
use clap::Subcommand;
use reqwest::Method;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;

const EXAMPLES: &str = "\
Examples:
  export PROVOST_TOKEN=$(cat provost-data/operator.key)
  provost account create acme --policy dsm
  provost account list
  provost account update acme --max-users 500
  provost account export acme > acme.jsonl";

const IMPORT_HELP: &str = "\
Example:
  provost account import acme.jsonl --url https://other.example

Nobody can use the account before all of it is there. After an error, send the file again: what is there already stays. \
API keys are not in the file: give each admin app a new one by `provost admin-app rotate`.";

const FIELDS: [Field; 8] = [
    ("Id", "/id"),
    ("Name", "/name"),
    ("Tenant URL", "/tenant_url"),
    ("Policy", "/preset"),
    ("Policy version", "/policy_version"),
    ("Users", "/counts/users"),
    ("Max users", "/max_users"),
    ("Features", "/features"),
];
const COLUMNS: [Field; 5] =
    [("ID", "/id"), ("NAME", "/name"), ("POLICY", "/preset"), ("USERS", "/counts/users"), ("MAX", "/max_users")];

/// Options of `provost account`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    server: Connection,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Make an account
    #[command(after_help = "Example:\n  provost account create acme --policy dsm --max-users 500")]
    Create {
        /// Its name for people
        name: String,
        #[command(flatten)]
        policy: PolicyChoice,
        /// How many enabled users it may have
        #[arg(long, value_name = "N")]
        max_users: Option<u32>,
        /// What is switched on for it; may be repeated
        #[arg(long = "feature", value_parser = ["plan", "sso", "api_addon"])]
        features: Vec<String>,
    },
    /// List accounts
    List,
    /// Show an account
    #[command(after_help = ACCOUNT_HELP)]
    Show {
        /// Its id or name
        account: String,
    },
    /// Change an account
    #[command(after_help = "Example:\n  provost account update acme --max-users none --feature sso")]
    Update {
        /// Its id or name
        account: String,
        /// A new name
        #[arg(long)]
        name: Option<String>,
        /// How many enabled users it may have
        #[arg(long, value_name = "N|none")]
        max_users: Option<Limit>,
        /// What is switched on for it, in place of what was; may be repeated
        #[arg(long = "feature", value_parser = ["plan", "sso", "api_addon"])]
        features: Option<Vec<String>>,
        /// Switch every feature off
        #[arg(long, conflicts_with = "features")]
        no_features: bool,
    },
    /// Write an account to stdout as lines of JSON: everything but keys and the audit log
    #[command(after_help = "Example:\n  provost account export acme > acme.jsonl")]
    Export {
        /// Its id or name
        account: String,
    },
    /// Make an account from what `export` wrote; it has the ids that it had
    #[command(after_help = IMPORT_HELP)]
    Import {
        /// The file, or - for stdin
        file: PathBuf,
    },
}

/// A number, or no limit.
#[derive(Clone, Copy, Debug)]
struct Limit(Option<u32>);

impl FromStr for Limit {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "none" => Ok(Self(None)),
            number => number.parse().map(|number| Self(Some(number))).map_err(|_| "a number, or `none`"),
        }
    }
}

impl Args {
    /// Does what was asked.
    ///
    /// # Errors
    /// What the server refuses, in its words.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let (client, output) = (self.server.client()?, self.server.output());
        match self.command {
            Command::List => output.list(&client.list(&["accounts"], &[], usize::MAX).await?, &COLUMNS)?,
            Command::Create { name, policy, max_users, features } => {
                let request = body([
                    ("name", Some(json!(name))),
                    ("policy", policy.document()?),
                    ("max_users", max_users.map(Value::from)),
                    ("features", (!features.is_empty()).then(|| json!(features))),
                ]);
                output.object(&client.send(Method::POST, &["accounts"], &request).await?, &FIELDS)?;
            }
            Command::Show { account } => show(&client, output, &account).await?,
            Command::Update { account, name, max_users, features, no_features } => {
                let id = client.find("account", &["accounts"], &account, &["/name"]).await?;
                let features = if no_features { Some(Vec::new()) } else { features };
                let request = body([
                    ("name", name.map(Value::from)),
                    ("max_users", max_users.map(|limit| json!(limit.0))),
                    ("features", features.map(Value::from)),
                ]);
                output.object(&client.send(Method::PATCH, &["accounts", &id], &request).await?, &FIELDS)?;
            }
            Command::Export { account } => transfer::export(&client, &account).await?,
            Command::Import { file } => transfer::import(&client, output, &file).await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn show(client: &Client, output: Output, account: &str) -> anyhow::Result<()> {
    let id = client.find("account", &["accounts"], account, &["/name"]).await?;
    output.object(&client.get(&["accounts", &id], &[]).await?, &FIELDS)
}
