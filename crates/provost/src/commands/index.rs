//! `provost index`.

use super::{collection::Kind, in_account::InAccount};
use crate::output::Field;
use clap::Subcommand;
use serde_json::json;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  provost index create User title --account acme
  provost index create User urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department --account acme
  provost index list --account acme

An index lets filters by `eq` and `sw` on an attribute be answered however many resources there are. It is built in the background,
and used once it is ready. An index is named by id or by its attribute.";

const FIELDS: [Field; 6] = [
    ("Id", "/id"),
    ("Resource type", "/resource_type"),
    ("Attribute", "/attribute"),
    ("State", "/state"),
    ("Entered", "/progress/entered"),
    ("Resources", "/progress/resources"),
];
const COLUMNS: [Field; 4] =
    [("ID", "/id"), ("TYPE", "/resource_type"), ("ATTRIBUTE", "/attribute"), ("STATE", "/state")];

const INDEXES: Kind =
    Kind { what: "index", segment: "indexes", names: &["/attribute"], fields: &FIELDS, columns: &COLUMNS };

/// Options of `provost index`.
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
    /// Declare an index
    #[command(after_help = "Example:\n  provost index create User title --account acme")]
    Create {
        /// User, Group or the name of a resource type of the account's own
        resource_type: String,
        /// The attribute, such as `title` or `name.familyName`
        attribute: String,
    },
    /// List the account's indexes, and how far they are
    List,
    /// Show an index, and how far it is
    Show {
        /// Id or attribute
        index: String,
    },
    /// Take an index back
    Delete {
        /// Id or attribute
        index: String,
    },
}

impl Args {
    /// Does what was asked.
    ///
    /// # Errors
    /// What the server refuses, in its words.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let account = self.account.open().await?;
        let indexes = account.all(&INDEXES);
        match self.command {
            Command::List => indexes.list(&[], usize::MAX).await?,
            Command::Create { resource_type, attribute } => {
                indexes.create(&json!({ "resource_type": resource_type, "attribute": attribute })).await?;
            }
            Command::Show { index } => indexes.find(&index).await?.show().await?,
            Command::Delete { index } => {
                let index = indexes.find(&index).await?;
                index.place.delete(&[]).await?;
                let said = format!("Index {} is not used any more; its entries are going.", index.id);
                account.output.sentence(&said, &json!({ "deleted": index.id }))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
