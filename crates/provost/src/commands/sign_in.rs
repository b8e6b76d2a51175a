//! `provost sign-in`: how people sign in to an account's console.

use super::{in_account::InAccount, read_text};
use crate::{client::body, output::Field};
use clap::Subcommand;
use reqwest::Method;
use serde_json::{Value, json};
use std::{path::PathBuf, process::ExitCode};

const EXAMPLES: &str = "\
Examples:
  provost sign-in show --account acme
  provost sign-in set --account acme --second-factor required --idle-minutes 15
  provost sign-in set --account acme --issuer https://login.example.com/acme --client-id provost --client-secret-file secret.txt";

const FIELDS: [Field; 9] = [
    ("Second factor", "/second_factor"),
    ("Passwords", "/passwords"),
    ("Idle minutes", "/idle_minutes"),
    ("Session hours", "/session_hours"),
    ("Issuer", "/provider/issuer"),
    ("Client id", "/provider/client_id"),
    ("Client secret", "/provider/has_client_secret"),
    ("Claim", "/provider/claim"),
    ("Redirect URI", "/redirect_uri"),
];

/// Options of `provost sign-in`.
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
    /// Show the rules
    Show,
    /// Change the rules; what is not named stays
    #[command(after_help = EXAMPLES)]
    Set {
        /// `required`: a password alone lets nobody in; `optional`: it does, without a second factor
        #[arg(long, value_name = "RULE", value_parser = ["optional", "required"])]
        second_factor: Option<String>,
        /// Who may sign in with a password: `administrators` are those who may do everything in the account. Anything but `everybody`
        /// needs a provider
        #[arg(long, value_name = "WHO", value_parser = ["everybody", "administrators", "nobody"])]
        passwords: Option<String>,
        /// Minutes without a request after which a session ends
        #[arg(long, value_name = "N")]
        idle_minutes: Option<u16>,
        /// Hours after which a session ends
        #[arg(long, value_name = "N")]
        session_hours: Option<u16>,
        /// The OpenID provider where people may sign in instead
        #[arg(long, value_name = "URL", requires = "client_id")]
        issuer: Option<String>,
        /// By what the provider knows this installation
        #[arg(long, value_name = "ID", requires = "issuer")]
        client_id: Option<String>,
        /// The client secret, in a file (`-` is stdin)
        #[arg(long, value_name = "FILE", requires = "issuer")]
        client_secret_file: Option<PathBuf>,
        /// What of the provider's assertion is the user's userName or externalId [default: email]
        #[arg(long, requires = "issuer", value_parser = ["email", "preferred_username", "sub", "oid"])]
        claim: Option<String>,
        /// No provider any more
        #[arg(long, conflicts_with = "issuer")]
        no_provider: bool,
    },
}

impl Args {
    /// Does what was asked.
    ///
    /// # Errors
    /// What the server refuses, in its words.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let account = self.account.open().await?;
        let place = account.at(&["sign-in"]);
        let rules = match self.command {
            Command::Show => place.get(&[]).await?,
            Command::Set {
                second_factor,
                passwords,
                idle_minutes,
                session_hours,
                issuer,
                client_id,
                client_secret_file,
                claim,
                no_provider,
            } => {
                let secret = client_secret_file.map(|file| read_text(&file)).transpose()?;
                let provider = issuer.map(|issuer| {
                    body([
                        ("issuer", Some(json!(issuer))),
                        ("client_id", client_id.map(Value::from)),
                        ("client_secret", secret.map(|secret| json!(secret.trim()))),
                        ("claim", claim.map(Value::from)),
                    ])
                });
                let change = body([
                    ("second_factor", second_factor.map(Value::from)),
                    ("passwords", passwords.map(Value::from)),
                    ("idle_minutes", idle_minutes.map(Value::from)),
                    ("session_hours", session_hours.map(Value::from)),
                    ("provider", if no_provider { Some(Value::Null) } else { provider }),
                ]);
                place.send(Method::PATCH, &change).await?
            }
        };
        account.output.object(&rules, &FIELDS)?;
        Ok(ExitCode::SUCCESS)
    }
}
