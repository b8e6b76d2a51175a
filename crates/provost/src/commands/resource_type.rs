//! `provost resource-type`.

use super::{collection::Kind, in_account::InAccount};
use crate::{client::body, output::Field};
use clap::Subcommand;
use serde_json::{Value, json};
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  provost resource-type create Device /Devices --schema urn:acme:device --index serial --account acme
  provost resource-type list --account acme

The schemas are the account's own: see `provost schema`. A resource type is named by id or name.";

const FIELDS: [Field; 7] = [
    ("Id", "/id"),
    ("Name", "/name"),
    ("Endpoint", "/endpoint"),
    ("Description", "/description"),
    ("Schema", "/schema"),
    ("Extensions", "/extensions"),
    ("Indexed", "/indexed"),
];
const COLUMNS: [Field; 4] = [("ID", "/id"), ("NAME", "/name"), ("ENDPOINT", "/endpoint"), ("SCHEMA", "/schema")];

const RESOURCE_TYPES: Kind =
    Kind { what: "resource type", segment: "resource-types", names: &["/name"], fields: &FIELDS, columns: &COLUMNS };

/// Options of `provost resource-type`.
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
    /// Define a resource type
    #[command(
        after_help = "Example:\n  provost resource-type create Device /Devices --schema urn:acme:device --account acme"
    )]
    Create {
        /// Its name, such as Device
        name: String,
        /// Where its resources are, such as /Devices
        endpoint: String,
        /// The URN of its schema
        #[arg(long, value_name = "URN")]
        schema: String,
        /// What it is for
        #[arg(long)]
        description: Option<String>,
        /// The URN of a further schema; may be repeated
        #[arg(long = "extension", value_name = "URN")]
        extensions: Vec<String>,
        /// The URN of a further schema that every resource must carry; may be repeated
        #[arg(long = "required-extension", value_name = "URN")]
        required: Vec<String>,
        /// An attribute that is to be found by an index; may be repeated
        #[arg(long = "index", value_name = "ATTRIBUTE")]
        indexed: Vec<String>,
    },
    /// List the account's own resource types
    List,
    /// Show a resource type
    Show {
        /// Id or name
        resource_type: String,
    },
    /// Remove a resource type that has no resources
    Delete {
        /// Id or name
        resource_type: String,
    },
}

impl Args {
    /// Does what was asked.
    ///
    /// # Errors
    /// What the server refuses, in its words.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let account = self.account.open().await?;
        let types = account.all(&RESOURCE_TYPES);
        match self.command {
            Command::List => types.list(&[], usize::MAX).await?,
            Command::Create { name, endpoint, schema, description, extensions, required, indexed } => {
                let all = extensions.into_iter().map(|urn| (urn, false));
                let all = all.chain(required.into_iter().map(|urn| (urn, true)));
                let extensions: Vec<Value> =
                    all.map(|(urn, required)| json!({ "schema": urn, "required": required })).collect();
                let request = body([
                    ("name", Some(json!(name))),
                    ("endpoint", Some(json!(endpoint))),
                    ("schema", Some(json!(schema))),
                    ("description", description.map(Value::from)),
                    ("extensions", Some(json!(extensions))),
                    ("indexed", Some(json!(indexed))),
                ]);
                types.create(&request).await?;
            }
            Command::Show { resource_type } => types.find(&resource_type).await?.show().await?,
            Command::Delete { resource_type } => types.find(&resource_type).await?.delete(&[]).await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
