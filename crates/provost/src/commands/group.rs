//! `provost group`.

use crate::{
    client::{AccountChoice, Connection},
    output::Field,
};
use clap::Subcommand;
use reqwest::Method;
use serde_json::json;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  provost group create \"Key Admins\" --account acme
  provost group list --account acme";

const FIELDS: [Field; 3] = [("Id", "/id"), ("Name", "/display_name"), ("Created", "/created")];
const COLUMNS: [Field; 3] = [("ID", "/id"), ("NAME", "/display_name"), ("CREATED", "/created")];

/// Options of `provost group`.
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
    /// Make a group
    Create {
        /// Its name
        display_name: String,
    },
    /// List groups
    List,
    /// Show a group
    Show {
        /// Its id or name
        group: String,
    },
    /// Remove a group, its quorum policy included
    Delete {
        /// Its id or name
        group: String,
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
        let groups = ["accounts", account.as_str(), "groups"];
        match self.command {
            Command::List => output.list(&client.list(&groups, &[], usize::MAX).await?, &COLUMNS)?,
            Command::Create { display_name } => {
                let request = json!({ "display_name": display_name });
                output.object(&client.send(Method::POST, &groups, &request).await?, &FIELDS)?;
            }
            Command::Show { group } => {
                let id = client.find("group", &groups, &group, &["/display_name"]).await?;
                output.object(&client.get(&["accounts", &account, "groups", &id], &[]).await?, &FIELDS)?;
            }
            Command::Delete { group } => {
                let id = client.find("group", &groups, &group, &["/display_name"]).await?;
                client.delete(&["accounts", &account, "groups", &id]).await?;
                output.sentence(&format!("Deleted group {id}."), &json!({ "deleted": id }))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
