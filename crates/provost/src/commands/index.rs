//! `provost index`.

use crate::{
    client::{AccountChoice, Client, Connection},
    output::Field,
};
use clap::Subcommand;
use reqwest::Method;
use serde_json::{Value, json};
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

/// Options of `provost index`.
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
        let (client, output) = (self.server.client()?, self.server.output());
        let account = self.account.id(&client).await?;
        let indexes = ["accounts", account.as_str(), "indexes"];
        match self.command {
            Command::List => output.list(&client.list(&indexes, &[], usize::MAX).await?, &COLUMNS)?,
            Command::Create { resource_type, attribute } => {
                let request = json!({ "resource_type": resource_type, "attribute": attribute });
                output.object(&client.send(Method::POST, &indexes, &request).await?, &FIELDS)?;
            }
            Command::Show { index } => {
                let id = find(&client, &account, &index).await?;
                output.object(&client.get(&["accounts", &account, "indexes", &id], &[]).await?, &FIELDS)?;
            }
            Command::Delete { index } => {
                let id = find(&client, &account, &index).await?;
                client.delete(&["accounts", &account, "indexes", &id]).await?;
                let said: Value = json!({ "deleted": id });
                output.sentence(&format!("Index {id} is not used any more; its entries are going."), &said)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn find(client: &Client, account: &str, index: &str) -> anyhow::Result<String> {
    client.find("index", &["accounts", account, "indexes"], index, &["/attribute"]).await
}
