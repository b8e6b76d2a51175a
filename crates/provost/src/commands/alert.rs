//! `provost alert`.

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
  provost alert list --account acme
  provost alert dismiss 01890a5d-ac96-774b-bcce-b302099a8057 --account acme

An alert ends by itself when its cause is over; one about a key that is bait stays until somebody dismisses it.";

const COLUMNS: [Field; 5] =
    [("ID", "/id"), ("CAUSE", "/cause"), ("ADMIN APP", "/app_name"), ("SINCE", "/since"), ("WHAT HAPPENED", "/detail")];

/// Options of `provost alert`.
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
    /// List the alerts that are raised
    List,
    /// Take an alert away that does not end by itself
    Dismiss {
        /// Its id
        alert: String,
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
        let alerts = ["accounts", account.as_str(), "alerts"];
        match self.command {
            Command::List => output.list(&client.list(&alerts, &[], usize::MAX).await?, &COLUMNS)?,
            Command::Dismiss { alert } => {
                let path = [&alerts[..], &[alert.as_str(), "dismiss"]].concat();
                client.send(Method::POST, &path, &json!({})).await?;
                output.sentence("The alert is dismissed.", &json!({ "dismissed": alert }))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
