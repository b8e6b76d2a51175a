//! `provost alert`.

use super::{collection::Kind, in_account::InAccount};
use clap::Subcommand;
use serde_json::json;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  provost alert list --account acme
  provost alert dismiss 01890a5d-ac96-774b-bcce-b302099a8057 --account acme

An alert ends by itself when its cause is over; one about a key that is bait stays until somebody dismisses it.";

const ALERTS: Kind = Kind {
    what: "alert",
    segment: "alerts",
    names: &[],
    fields: &[],
    columns: &[
        ("ID", "/id"),
        ("CAUSE", "/cause"),
        ("ADMIN APP", "/app_name"),
        ("SINCE", "/since"),
        ("WHAT HAPPENED", "/detail"),
    ],
};

/// Options of `provost alert`.
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
        let account = self.account.open().await?;
        let alerts = account.all(&ALERTS);
        match self.command {
            Command::List => alerts.list(&[], usize::MAX).await?,
            Command::Dismiss { alert } => {
                alerts.place.at(&[&alert, "dismiss"]).act().await?;
                account.output.sentence("The alert is dismissed.", &json!({ "dismissed": alert }))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
