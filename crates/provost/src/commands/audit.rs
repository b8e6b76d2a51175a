//! `provost audit`.

use super::{in_account::InAccount, user};
use crate::{
    folder::chain,
    output::{Field, Output, cell},
};
use anyhow::{Context as _, bail};
use clap::{Subcommand, ValueEnum};
use provost_accounts::api_key::hex;
use provost_change::AccountId;
use provost_store::{Inspected, Inspection, StoreError};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  provost audit list --account acme --outcome failure
  provost audit list --account acme --user ann@acme.example --limit 20
  provost audit verify --account acme
  provost audit verify --data /var/lib/provost";

const VERIFY_HELP: &str = "\
With --data the database is read as it lies there, beside a server or without one: every account in it, or the one \
that --account names by id. Exit code 3 says that an entry was changed, moved or removed; the first such entry is named.";

/// Exit code of a verification that found something broken.
pub const BROKEN: u8 = 3;

/// Columns of a list of entries; the demo shows them too.
pub const COLUMNS: [Field; 7] = [
    ("SEQ", "/seq"),
    ("TIME", "/time"),
    ("ACTOR", "/actor"),
    ("ACTION", "/action"),
    ("TARGET", "/target_name"),
    ("OUTCOME", "/outcome"),
    ("DETAIL", "/note"),
];

/// Options of `provost audit`.
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
    /// List entries, the newest first
    #[command(after_help = "Example:\n  provost audit list --account acme --action user.disable --limit 20")]
    List {
        /// Only entries about this user (id or userName)
        #[arg(long)]
        user: Option<String>,
        /// Only entries of this action, such as user.disable
        #[arg(long)]
        action: Option<String>,
        /// Only entries with this outcome
        #[arg(long, value_parser = ["success", "failure"])]
        outcome: Option<String>,
        /// Only entries with a greater sequence number
        #[arg(long, value_name = "SEQ")]
        after_seq: Option<u64>,
        /// Only entries with a smaller sequence number
        #[arg(long, value_name = "SEQ")]
        before_seq: Option<u64>,
        /// Which end to begin at
        #[arg(long, value_enum, default_value_t = Order::Newest)]
        order: Order,
        /// At most how many
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: usize,
    },
    /// Check that no entry was changed, moved or removed
    #[command(after_help = VERIFY_HELP)]
    Verify {
        /// Read the database in this folder instead of asking a server
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
    },
}

/// Which end of the log comes first.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Order {
    Newest,
    Oldest,
}

impl Args {
    /// Does what was asked.
    ///
    /// # Errors
    /// What the server refuses, in its words; a folder that cannot be read.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let output = self.account.output();
        if let Command::Verify { data: Some(data) } = &self.command {
            return verify_folder(data, self.account.named(), output);
        }
        let account = self.account.open().await?;
        let log = account.at(&["audit"]);
        match self.command {
            Command::Verify { .. } => {
                let mut answer = log.at(&["verify"]).get(&[]).await?;
                answer["account"] = json!(account.id);
                report(&[answer], output)
            }
            Command::List { user, action, outcome, after_seq, before_seq, order, limit } => {
                let user = match user {
                    Some(user) => Some(user::find(&account, &user).await?.id),
                    None => None,
                };
                let order = match order {
                    Order::Newest => "newest",
                    Order::Oldest => "oldest",
                };
                let given = [
                    ("user", user),
                    ("action", action),
                    ("outcome", outcome),
                    ("after_seq", after_seq.map(|seq| seq.to_string())),
                    ("before_seq", before_seq.map(|seq| seq.to_string())),
                    ("order", Some(order.to_owned())),
                ];
                let query: Vec<(&str, &str)> =
                    given.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))).collect();
                let mut entries = log.list(&query, limit).await?;
                if matches!(output, Output::Plain) {
                    entries.iter_mut().for_each(annotate);
                }
                output.list(&entries, &COLUMNS)?;
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

/// Adds `note`: what a person wants to know of an entry in one line.
pub fn annotate(entry: &mut Value) {
    let note = match (&entry["detail"], &entry["warnings"], &entry["attributes"]) {
        (Value::String(detail), ..) => json!(detail),
        (_, Value::Array(warnings), _) if !warnings.is_empty() => json!(cell(Some(&entry["warnings"]))),
        (_, _, attributes) => attributes.clone(),
    };
    entry["note"] = note;
}

/// Verifies the logs of the accounts in a data folder.
fn verify_folder(data: &Path, account: Option<&str>, output: Output) -> anyhow::Result<ExitCode> {
    let inspection = Inspection::open(data)?;
    let accounts = match account.map(str::parse::<AccountId>) {
        Some(Ok(account)) => vec![account],
        Some(Err(_)) => bail!("without a server an account is named by its id"),
        None => inspection.accounts()?,
    };
    let mut found = Vec::with_capacity(accounts.len());
    for account in accounts {
        let finding = inspection.account(account, verified)?;
        found.push(finding.with_context(|| format!("there is no account {account}"))?);
    }
    report(&found, output)
}

/// The finding about one account, in the form in which the management API gives it; `None` when there is no such account.
fn verified(at: &Inspected<'_>) -> Result<Option<Value>, StoreError> {
    let Some(head) = at.head()? else { return Ok(None) };
    let mut finding = match chain::check(at, &head)? {
        Ok(()) => json!({
            "verified": true,
            "entries": head.seq - head.base.seq,
            "first_seq": head.base.seq + 1,
            "last_seq": head.seq,
            "hash": hex(&head.hash),
        }),
        Err(broken) => json!({ "verified": false, "seq": broken.seq, "problem": broken.problem }),
    };
    finding["account"] = json!(at.id().to_string());
    Ok(Some(finding))
}

/// Shows findings; anything broken decides the exit code.
fn report(found: &[Value], output: Output) -> anyhow::Result<ExitCode> {
    let broken = found.iter().any(|finding| finding["verified"] != json!(true));
    match (output, found) {
        (Output::Json, [one]) => output.document(one, one)?,
        (Output::Json, several) => output.list(several, &[])?,
        (Output::Plain, []) => output.sentence("There is no account.", &Value::Null)?,
        (Output::Plain, found) => {
            for finding in found {
                output.sentence(&in_words(finding), finding)?;
            }
        }
    }
    Ok(if broken { ExitCode::from(BROKEN) } else { ExitCode::SUCCESS })
}

fn in_words(finding: &Value) -> String {
    let text = |name: &str| cell(finding.get(name));
    if finding["verified"] == json!(true) {
        let hash: String = text("hash").chars().take(16).collect();
        return format!(
            "account {}: {} entries verify, up to {} ({hash}…)",
            text("account"),
            text("entries"),
            text("last_seq")
        );
    }
    format!("account {}: BROKEN: audit entry {}: {}", text("account"), text("seq"), text("problem"))
}
