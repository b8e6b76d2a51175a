//! `provost group`.

use super::{
    collection::{Item, Kind},
    in_account::{Account, InAccount},
    user,
};
use crate::output::Field;
use clap::Subcommand;
use reqwest::Method;
use serde_json::{Value, json};
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  provost group create \"Key Admins\" --account acme
  provost group list --account acme
  provost group add \"Key Admins\" ann@acme.example bob@acme.example --account acme
  provost group add \"Key Admins\" --group \"Site Admins\" --account acme

A group is named by id or name, a user by id or userName.";

const FIELDS: [Field; 8] = [
    ("Id", "/id"),
    ("Name", "/display_name"),
    ("External id", "/external_id"),
    ("Managed", "/managed"),
    ("Origin", "/origin"),
    ("Created", "/created"),
    ("Modified", "/modified"),
    ("Version", "/version"),
];
const COLUMNS: [Field; 5] =
    [("ID", "/id"), ("NAME", "/display_name"), ("MANAGED", "/managed"), ("ORIGIN", "/origin"), ("CREATED", "/created")];
const GROUPS: Kind =
    Kind { what: "group", segment: "groups", names: &["/display_name"], fields: &FIELDS, columns: &COLUMNS };
const MEMBERS: Kind =
    Kind { what: "member", segment: "members", names: &[], fields: &[], columns: &[("ID", "/id"), ("TYPE", "/type")] };

/// Members that one request may name.
const MEMBERS_AT_ONCE: usize = 1_000;

/// Options of `provost group`.
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
    /// Make a group
    Create {
        /// Its name
        display_name: String,
    },
    /// List groups
    List,
    /// Show a group
    Show {
        /// Its id or name
        group: String,
    },
    /// List the members of a group
    Members {
        /// Its id or name
        group: String,
        /// At most how many [default: all]
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
    /// Add members to a group
    #[command(after_help = "Example:\n  provost group add \"Key Admins\" ann@acme.example --account acme")]
    Add {
        /// Its id or name
        group: String,
        #[command(flatten)]
        members: Members,
    },
    /// Remove members from a group
    #[command(after_help = "Example:\n  provost group remove \"Key Admins\" ann@acme.example --account acme")]
    Remove {
        /// Its id or name
        group: String,
        #[command(flatten)]
        members: Members,
    },
    /// Give a group another name
    Rename {
        /// Its id or name
        group: String,
        /// The new name
        display_name: String,
    },
    /// Remove a group, its quorum policy included
    Delete {
        /// Its id or name
        group: String,
    },
}

/// Who comes or goes.
#[derive(clap::Args, Debug)]
#[group(required = true, multiple = true)]
struct Members {
    /// Users, by id or userName
    users: Vec<String>,
    /// A group, by id or name; may be repeated
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
}

impl Members {
    /// Their ids.
    async fn ids(&self, account: &Account) -> anyhow::Result<Vec<String>> {
        let mut ids = Vec::new();
        for user in &self.users {
            ids.push(user::find(account, user).await?.id);
        }
        for group in &self.groups {
            ids.push(find(account, group).await?.id);
        }
        Ok(ids)
    }
}

impl Args {
    /// Does what was asked.
    ///
    /// # Errors
    /// What the server refuses, in its words.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let account = self.account.open().await?;
        let groups = account.all(&GROUPS);
        match self.command {
            Command::List => groups.list(&[], usize::MAX).await?,
            Command::Create { display_name } => groups.create(&json!({ "display_name": display_name })).await?,
            Command::Show { group } => groups.find(&group).await?.show().await?,
            Command::Members { group, limit } => {
                groups.find(&group).await?.all(&MEMBERS).list(&[], limit.unwrap_or(usize::MAX)).await?;
            }
            Command::Add { group, members } => {
                let group = groups.find(&group).await?;
                change_members(&account, &group, "add_members", &members.ids(&account).await?).await?;
            }
            Command::Remove { group, members } => {
                let group = groups.find(&group).await?;
                change_members(&account, &group, "remove_members", &members.ids(&account).await?).await?;
            }
            Command::Rename { group, display_name } => {
                groups.find(&group).await?.change(&json!({ "display_name": display_name })).await?;
            }
            Command::Delete { group } => groups.find(&group).await?.delete(&[]).await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The group with this id or name.
pub async fn find<'a>(account: &'a Account, group: &str) -> anyhow::Result<Item<'a>> {
    account.all(&GROUPS).find(group).await
}

/// Lets members come or go, as many at once as the server takes, and shows the group as it is then.
async fn change_members(account: &Account, group: &Item<'_>, what: &str, members: &[String]) -> anyhow::Result<()> {
    let mut answer = Value::Null;
    for members in members.chunks(MEMBERS_AT_ONCE) {
        answer = group.place.send(Method::PATCH, &json!({ what: members })).await?;
    }
    account.output.object(&answer, &FIELDS)
}
