//! `provost role`.

use super::{
    collection::{Collection, Item, Kind},
    in_account::InAccount,
};
use crate::{
    client::{body, only},
    output::{Field, cell},
};
use clap::Subcommand;
use provost_accounts::Permission;
use serde_json::{Value, json};
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  provost role create \"Key Custodian\" --permission GET_USERS --account acme
  provost role create \"Break Glass\" --exclusive --account acme
  provost role list --account acme

The id of a custom role is its role_id: the value of the app role at the identity provider. \
Permissions are those of the API's description, such as GET_USERS, MANAGE_USERS, MANAGE_SCIM; a wrong one is answered with all of them.";

const FIELDS: [Field; 8] = [
    ("Id", "/id"),
    ("Value for the identity provider", "/value"),
    ("Name", "/name"),
    ("Description", "/description"),
    ("Kind", "/kind"),
    ("System role", "/system"),
    ("Exclusive", "/exclusive"),
    ("Permissions", "/permissions"),
];
const COLUMNS: [Field; 6] = [
    ("VALUE", "/value"),
    ("NAME", "/name"),
    ("KIND", "/kind"),
    ("SYSTEM", "/system"),
    ("EXCLUSIVE", "/exclusive"),
    ("DEFAULT", "/default"),
];

const ROLES: Kind =
    Kind { what: "role", segment: "roles", names: &["/id", "/value", "/name"], fields: &FIELDS, columns: &COLUMNS };

/// Options of `provost role`.
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
    /// Make a custom role
    #[command(after_help = "Example:\n  provost role create \"Key Custodian\" --permission GET_USERS --account acme")]
    Create {
        /// Its name
        name: String,
        /// What it is for
        #[arg(long)]
        description: Option<String>,
        /// Where it is held: in the account or in groups [default: account]
        #[arg(long, value_parser = ["account", "group"])]
        kind: Option<String>,
        /// Not to be held together with another role
        #[arg(long)]
        exclusive: bool,
        /// What it lets its holder do; may be repeated
        #[arg(long = "permission", value_name = "PERMISSION", value_parser = permission)]
        permissions: Vec<Permission>,
    },
    /// List roles, the three system roles first
    List,
    /// Show a role
    Show {
        /// Id, value or name
        role: String,
    },
    /// Change a custom role
    Update {
        /// Id, value or name
        role: String,
        /// A new name
        #[arg(long)]
        name: Option<String>,
        /// A new description
        #[arg(long)]
        description: Option<String>,
        /// Whether it may not be held together with another role
        #[arg(long, value_name = "BOOL")]
        exclusive: Option<bool>,
        /// What it lets its holder do, in place of what it did; may be repeated
        #[arg(long = "permission", value_name = "PERMISSION", value_parser = permission)]
        permissions: Option<Vec<Permission>>,
        /// It lets its holder do nothing of its own
        #[arg(long, conflicts_with = "permissions")]
        no_permissions: bool,
    },
    /// Remove a custom role that nobody holds
    Delete {
        /// Id, value or name
        role: String,
    },
}

/// Reads a permission by its name.
fn permission(name: &str) -> Result<Permission, String> {
    serde_json::from_value(json!(name)).map_err(|_| {
        let names: Vec<String> = Permission::ALL.iter().map(|permission| cell(Some(&json!(permission)))).collect();
        format!("the permissions are {}", names.join(", "))
    })
}

impl Args {
    /// Does what was asked.
    ///
    /// # Errors
    /// What the server refuses, in its words.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let account = self.account.open().await?;
        let roles = account.all(&ROLES);
        match self.command {
            Command::List => roles.list(&[], usize::MAX).await?,
            Command::Create { name, description, kind, exclusive, permissions } => {
                let request = body([
                    ("name", Some(json!(name))),
                    ("description", description.map(Value::from)),
                    ("kind", kind.map(Value::from)),
                    ("exclusive", Some(json!(exclusive))),
                    ("permissions", Some(json!(permissions))),
                ]);
                roles.create(&request).await?;
            }
            Command::Show { role } => find(&roles, &role).await?.show().await?,
            Command::Update { role, name, description, exclusive, permissions, no_permissions } => {
                let role = find(&roles, &role).await?;
                let permissions = if no_permissions { Some(Vec::new()) } else { permissions };
                let request = body([
                    ("name", name.map(Value::from)),
                    ("description", description.map(Value::from)),
                    ("exclusive", exclusive.map(Value::from)),
                    ("permissions", permissions.map(|permissions| json!(permissions))),
                ]);
                role.change(&request).await?;
            }
            Command::Delete { role } => find(&roles, &role).await?.delete(&[]).await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The role with this id, value or name. The system roles have ids that are no ids of records.
async fn find<'a>(roles: &Collection<'a>, role: &str) -> anyhow::Result<Item<'a>> {
    let all = roles.place.list(&[], usize::MAX).await?;
    Ok(roles.item(only(ROLES.what, role, &all, ROLES.names)?))
}
