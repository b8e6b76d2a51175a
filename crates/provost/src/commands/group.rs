//! `provost group`.

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
const MEMBER_COLUMNS: [Field; 2] = [("ID", "/id"), ("TYPE", "/type")];

/// Members that one request may name.
const MEMBERS_AT_ONCE: usize = 1_000;

/// Options of `provost group`.
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
    async fn ids(&self, client: &Client, account: &str) -> anyhow::Result<Vec<String>> {
        let mut ids = Vec::new();
        for user in &self.users {
            ids.push(super::user::find(client, account, user).await?);
        }
        for group in &self.groups {
            ids.push(find(client, account, group).await?);
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
        let (client, output) = (self.server.client()?, self.server.output());
        let account = self.account.id(&client).await?;
        let groups = ["accounts", account.as_str(), "groups"];
        match self.command {
            Command::List => output.list(&client.list(&groups, &[], usize::MAX).await?, &COLUMNS)?,
            Command::Create { display_name } => {
                let request = json!({ "display_name": display_name });
                output.object(&client.send(Method::POST, &groups, &request).await?, &FIELDS)?;
            }
            Command::Show { group } => {
                let id = find(&client, &account, &group).await?;
                output.object(&client.get(&["accounts", &account, "groups", &id], &[]).await?, &FIELDS)?;
            }
            Command::Members { group, limit } => {
                let id = find(&client, &account, &group).await?;
                let path = ["accounts", account.as_str(), "groups", &id, "members"];
                output.list(&client.list(&path, &[], limit.unwrap_or(usize::MAX)).await?, &MEMBER_COLUMNS)?;
            }
            Command::Add { group, members } => {
                let id = find(&client, &account, &group).await?;
                let members = members.ids(&client, &account).await?;
                output.object(&change_members(&client, &account, &id, "add_members", &members).await?, &FIELDS)?;
            }
            Command::Remove { group, members } => {
                let id = find(&client, &account, &group).await?;
                let members = members.ids(&client, &account).await?;
                output.object(&change_members(&client, &account, &id, "remove_members", &members).await?, &FIELDS)?;
            }
            Command::Rename { group, display_name } => {
                let id = find(&client, &account, &group).await?;
                let path = ["accounts", account.as_str(), "groups", &id];
                let request = json!({ "display_name": display_name });
                output.object(&client.send(Method::PATCH, &path, &request).await?, &FIELDS)?;
            }
            Command::Delete { group } => {
                let id = find(&client, &account, &group).await?;
                client.delete(&["accounts", &account, "groups", &id]).await?;
                output.sentence(&format!("Deleted group {id}."), &json!({ "deleted": id }))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The id of the group with this id or name.
async fn find(client: &Client, account: &str, group: &str) -> anyhow::Result<String> {
    client.find("group", &["accounts", account, "groups"], group, &["/display_name"]).await
}

/// Lets members come or go, as many at once as the server takes; the group as it is then.
async fn change_members(
    client: &Client,
    account: &str,
    group: &str,
    what: &str,
    members: &[String],
) -> anyhow::Result<Value> {
    let mut answer = Value::Null;
    for members in members.chunks(MEMBERS_AT_ONCE) {
        answer = client.send(Method::PATCH, &["accounts", account, "groups", group], &json!({ what: members })).await?;
    }
    Ok(answer)
}
