//! `provost schema`.

use super::{collection::Kind, in_account::InAccount, read_document};
use crate::output::Field;
use clap::Subcommand;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  provost schema create badge.json --extends User --index number --account acme
  provost schema create device.json --account acme
  provost schema show urn:acme:badge --account acme

A definition has the form of RFC 7643 section 7: `id` (a URN), `name`, `attributes`. A schema is named by id, URN or name.";

const FIELDS: [Field; 5] =
    [("Id", "/id"), ("URN", "/urn"), ("Name", "/name"), ("Extends", "/extends"), ("Indexed", "/indexed")];
const COLUMNS: [Field; 4] = [("ID", "/id"), ("URN", "/urn"), ("NAME", "/name"), ("EXTENDS", "/extends")];

const SCHEMAS: Kind =
    Kind { what: "schema", segment: "schemas", names: &["/urn", "/name"], fields: &FIELDS, columns: &COLUMNS };

/// Options of `provost schema`.
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
    /// Define a schema
    #[command(after_help = "Example:\n  provost schema create badge.json --extends User --index number --account acme")]
    Create {
        /// The definition (JSON; `-` is stdin)
        file: PathBuf,
        /// A resource type that it extends from now on; may be repeated
        #[arg(long, value_name = "TYPE", value_parser = ["User", "Group"])]
        extends: Vec<String>,
        /// Every new resource of those types must carry it
        #[arg(long, requires = "extends")]
        required: bool,
        /// An attribute that is to be found by an index; may be repeated
        #[arg(long = "index", value_name = "ATTRIBUTE")]
        indexed: Vec<String>,
    },
    /// List the account's own schemas
    List,
    /// Show a schema, as a definition that `create` takes
    Show {
        /// Id, URN or name
        schema: String,
    },
    /// Remove a schema that nothing uses
    Delete {
        /// Id, URN or name
        schema: String,
    },
}

impl Args {
    /// Does what was asked.
    ///
    /// # Errors
    /// What the server refuses, in its words.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let account = self.account.open().await?;
        let schemas = account.all(&SCHEMAS);
        match self.command {
            Command::List => schemas.list(&[], usize::MAX).await?,
            Command::Create { file, extends, required, indexed } => {
                let extended = |name: &String| json!({ "resource_type": name, "required": required });
                let extends: Vec<Value> = extends.iter().map(extended).collect();
                let request = json!({ "schema": read_document(&file)?, "extends": extends, "indexed": indexed });
                schemas.create(&request).await?;
            }
            Command::Show { schema } => {
                let answer = schemas.find(&schema).await?.place.get(&[]).await?;
                account.output.document(&answer, &answer["schema"])?;
            }
            Command::Delete { schema } => schemas.find(&schema).await?.delete(&[]).await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
