//! `provost held-change`.

use super::{admin_app, collection::Kind, in_account::InAccount, user};
use clap::Subcommand;
use serde_json::json;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  provost held-change list --account acme
  provost held-change release ann@acme.example --account acme
  provost held-change discard ann@acme.example --account acme

Where the policy says `brake.answer: accept`, a disable or removal that comes while the brake of its admin app holds is answered as if it
were done, and waits here.";

const HELD: Kind = Kind {
    what: "held change",
    segment: "held-changes",
    names: &[],
    fields: &[],
    columns: &[
        ("USER", "/user"),
        ("SIGN-IN NAME", "/user_name"),
        ("WAITS", "/act"),
        ("ADMIN APP", "/app/name"),
        ("SINCE", "/since"),
    ],
};

/// Options of `provost held-change`.
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
    /// List what waits for an administrator
    List {
        /// Only what this admin app wanted, by id or name
        #[arg(long, value_name = "APP")]
        app: Option<String>,
    },
    /// Do what was held: the user is disabled or removed
    Release {
        /// The user's id or sign-in name
        user: String,
    },
    /// Forget what was held: the user stays as it is
    Discard {
        /// The user's id or sign-in name
        user: String,
    },
}

impl Args {
    /// Does what was asked.
    ///
    /// # Errors
    /// What the server refuses, in its words.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let account = self.account.open().await?;
        let held = account.all(&HELD);
        let (user, act) = match self.command {
            Command::List { app } => {
                let app = match app {
                    Some(app) => Some(admin_app::find(&account, &app).await?.id),
                    None => None,
                };
                let query: Vec<(&str, &str)> = app.iter().map(|app| ("app", app.as_str())).collect();
                held.list(&query, usize::MAX).await?;
                return Ok(ExitCode::SUCCESS);
            }
            Command::Release { user } => (user, "release"),
            Command::Discard { user } => (user, "discard"),
        };
        let user = user::find(&account, &user).await?.id;
        held.place.at(&[&user, act]).act().await?;
        let said = if act == "release" { "What was held is done." } else { "What was held is forgotten." };
        account.output.sentence(said, &json!({ "user": user, "done": act }))?;
        Ok(ExitCode::SUCCESS)
    }
}
