//! `provost user`.

mod access;
mod import;
mod migration;

use crate::{
    client::{AccountChoice, Client, Connection, body, only},
    output::{Field, Output},
};
use clap::Subcommand;
use provost_change::ResourceId;
use reqwest::Method;
use serde_json::{Value, json};
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  provost user create ann@acme.example --role ACCOUNTADMINISTRATOR --account acme
  provost user list --account acme --filter 'active eq false'
  provost user update ann@acme.example --account acme --verified true
  provost user invite ann@acme.example --account acme
  provost user adopt ann@acme.example --admin-app \"Entra ID\" --reason \"joins the pilot\" --account acme
  provost user restore ann@acme.example --account acme
  provost user import people.csv --dry-run --account acme
  provost user migrate --admin-app \"Entra ID\" --file people.csv --account acme

A user is named by id or by userName, a role by id, system value or name.";

const FIELDS: [Field; 13] = [
    ("Id", "/id"),
    ("User name", "/user_name"),
    ("External id", "/external_id"),
    ("Active", "/active"),
    ("Verified", "/verified"),
    ("May sign in", "/sign_in/allowed"),
    ("Why not", "/sign_in/reason"),
    ("Managed", "/managed"),
    ("Origin", "/origin"),
    ("Roles", "/roles"),
    ("Roles overridden", "/roles_overridden"),
    ("Created", "/created"),
    ("Modified", "/modified"),
];

/// Columns of a list of users; the demo shows them too.
pub const COLUMNS: [Field; 7] = [
    ("ID", "/id"),
    ("USER NAME", "/user_name"),
    ("ACTIVE", "/active"),
    ("VERIFIED", "/verified"),
    ("MANAGED", "/managed"),
    ("ORIGIN", "/origin"),
    ("ROLES", "/roles"),
];

/// Columns of a list of the bin.
const DELETED_COLUMNS: [Field; 6] = [
    ("ID", "/id"),
    ("USER NAME", "/user_name"),
    ("EXTERNAL ID", "/external_id"),
    ("ACTIVE", "/active"),
    ("DELETED", "/deleted"),
    ("REMOVED FOR GOOD", "/purge_at"),
];

/// Columns of where attributes come from.
const LINEAGE_COLUMNS: [Field; 6] = [
    ("ATTRIBUTE", "/name"),
    ("VALUE", "/value"),
    ("SET BY", "/origin/actor/name"),
    ("ACTION", "/origin/action"),
    ("ENTRY", "/origin/seq"),
    ("TIME", "/origin/time"),
];

/// Says that users in the bin are meant.
const IN_THE_BIN: (&str, &str) = ("deleted", "true");

/// Options of `provost user`.
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
    /// Make a user by hand
    #[command(
        after_help = "Example:\n  provost user create ann@acme.example --role ACCOUNTADMINISTRATOR --account acme"
    )]
    Create {
        /// The user name: an e-mail address where the policy wants one
        email: String,
        /// A role by id, system value or name; may be repeated [default: the policy's default role]
        #[arg(long = "role", value_name = "ROLE")]
        roles: Vec<String>,
    },
    /// List users
    #[command(
        after_help = "Example:\n  provost user list --account acme --filter 'userName sw \"a\" and active eq true'"
    )]
    List {
        /// SCIM filter (RFC 7644 section 3.4.2.2)
        #[arg(long)]
        filter: Option<String>,
        /// Users who were deleted and can be restored, instead of those who are there
        #[arg(long)]
        deleted: bool,
        /// At most how many [default: all]
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
    /// Show a user
    Show {
        /// Id or userName
        user: String,
    },
    /// Show where each attribute of a user comes from: what set it last, and who did
    #[command(after_help = "Example:\n  provost user lineage ann@acme.example --account acme")]
    Lineage {
        /// Id or userName
        user: String,
    },
    /// Change a user by hand
    #[command(after_help = "Example:\n  provost user update ann@acme.example --account acme --active false")]
    Update {
        /// Id or userName
        user: String,
        /// Another user name
        #[arg(long)]
        email: Option<String>,
        /// Roles in place of those held; may be repeated
        #[arg(long = "role", value_name = "ROLE")]
        roles: Option<Vec<String>>,
        /// Enable or disable
        #[arg(long, value_name = "BOOL")]
        active: Option<bool>,
        /// Whether the address counts as proved
        #[arg(long, value_name = "BOOL")]
        verified: Option<bool>,
    },
    /// Send a user a mail with a new link that proves the address
    VerifyMail {
        /// Id or userName
        user: String,
    },
    #[command(flatten)]
    Access(access::Command),
    /// Let an admin app manage a user who was made by hand
    Adopt {
        /// Id or userName
        user: String,
        /// The admin app, by id or name
        #[arg(long, value_name = "APP")]
        admin_app: String,
        /// Why, for the audit log
        #[arg(long)]
        reason: String,
    },
    /// Let nobody but administrators manage a user
    Release {
        /// Id or userName
        user: String,
        /// Why, for the audit log
        #[arg(long)]
        reason: String,
    },
    /// Let an admin app manage the users whom its identity provider names, under the ids that they have
    Migrate(migration::Args),
    /// Make, change and delete users as a CSV file or an LDAP server says
    Import(Box<import::Args>),
    /// Remove a user from the account: to the bin where its policy has one, for good where not
    Delete {
        /// Id or userName
        user: String,
        /// Remove it for good, from the bin too
        #[arg(long)]
        permanent: bool,
    },
    /// Bring a deleted user back
    #[command(after_help = "Example:\n  provost user restore ann@acme.example --account acme")]
    Restore {
        /// Id or userName
        user: String,
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
        let users = ["accounts", account.as_str(), "users"];
        match self.command {
            Command::Create { email, roles } => {
                let request =
                    body([("email", Some(json!(email))), ("roles", (!roles.is_empty()).then(|| json!(roles)))]);
                output.object(&client.send(Method::POST, &users, &request).await?, &FIELDS)?;
            }
            Command::List { filter, deleted, limit } => {
                let mut query: Vec<(&str, &str)> = filter.iter().map(|filter| ("filter", filter.as_str())).collect();
                query.extend(deleted.then_some(IN_THE_BIN));
                let found = client.list(&users, &query, limit.unwrap_or(usize::MAX)).await?;
                output.list(&found, if deleted { &DELETED_COLUMNS } else { &COLUMNS })?;
            }
            Command::Show { user } => {
                let id = find(&client, &account, &user).await?;
                output.object(&client.get(&["accounts", &account, "users", &id], &[]).await?, &FIELDS)?;
            }
            Command::Lineage { user } => {
                let id = find(&client, &account, &user).await?;
                let shown = client.get(&["accounts", &account, "users", &id, "lineage"], &[]).await?;
                match (output, shown["attributes"].as_array()) {
                    (Output::Plain, Some(attributes)) => output.list(attributes, &LINEAGE_COLUMNS)?,
                    (Output::Plain | Output::Json, _) => output.document(&shown, &shown)?,
                }
            }
            Command::Update { user, email, roles, active, verified } => {
                let id = find(&client, &account, &user).await?;
                let request = body([
                    ("email", email.map(Value::from)),
                    ("roles", roles.map(Value::from)),
                    ("active", active.map(Value::from)),
                    ("verified", verified.map(Value::from)),
                ]);
                let path = ["accounts", account.as_str(), "users", &id];
                output.object(&client.send(Method::PATCH, &path, &request).await?, &FIELDS)?;
            }
            Command::VerifyMail { user } => {
                let id = find(&client, &account, &user).await?;
                let path = ["accounts", account.as_str(), "users", &id, "verification-mails"];
                let sent = client.send(Method::POST, &path, &json!({})).await?;
                output.object(&sent, &[("Sent to", "/to"), ("Link works until", "/expires")])?;
            }
            Command::Access(command) => command.run(&client, &account, output).await?,
            Command::Adopt { user, admin_app, reason } => {
                let id = find(&client, &account, &user).await?;
                let request = json!({ "admin_app": app(&client, &account, &admin_app).await?, "reason": reason });
                let path = ["accounts", account.as_str(), "users", &id, "adopt"];
                output.object(&client.send(Method::POST, &path, &request).await?, &FIELDS)?;
            }
            Command::Release { user, reason } => {
                let id = find(&client, &account, &user).await?;
                let path = ["accounts", account.as_str(), "users", &id, "release"];
                output.object(&client.send(Method::POST, &path, &json!({ "reason": reason })).await?, &FIELDS)?;
            }
            Command::Migrate(args) => args.run(&client, &account, output).await?,
            Command::Import(args) => return args.run(client, &account, output).await,
            Command::Delete { user, permanent } => {
                let id = match find(&client, &account, &user).await {
                    Err(_) if permanent => find_deleted(&client, &account, &user).await?,
                    found => found?,
                };
                let query: &[_] = if permanent { &[("permanent", "true")] } else { &[] };
                client.delete_with(&["accounts", &account, "users", &id], query).await?;
                output.sentence(&format!("Deleted user {id}."), &json!({ "deleted": id }))?;
            }
            Command::Restore { user } => {
                let id = find_deleted(&client, &account, &user).await?;
                let path = ["accounts", account.as_str(), "users", &id, "restore"];
                output.object(&client.send(Method::POST, &path, &json!({})).await?, &FIELDS)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The id of the user with this id or userName.
pub async fn find(client: &Client, account: &str, user: &str) -> anyhow::Result<String> {
    find_among(client, account, user, &[]).await
}

/// The id of the user in the bin with this id or userName.
async fn find_deleted(client: &Client, account: &str, user: &str) -> anyhow::Result<String> {
    find_among(client, account, user, &[IN_THE_BIN]).await
}

async fn find_among(client: &Client, account: &str, user: &str, those: &[(&str, &str)]) -> anyhow::Result<String> {
    if user.parse::<ResourceId>().is_ok() {
        return Ok(user.to_owned());
    }
    // A filter's strings are JSON strings (RFC 7644, Figure 1).
    let filter = format!("userName eq {}", json!(user));
    let query = [those, &[("filter", filter.as_str())]].concat();
    let found = client.list(&["accounts", account, "users"], &query, 2).await?;
    match found.as_slice() {
        // Names are compared without regard to case, so what was found need not read as what was asked.
        [one] => Ok(one["id"].as_str().unwrap_or_default().to_owned()),
        several => only("user", user, several, &["/user_name"]),
    }
}

/// The id of the admin app with this id or name.
async fn app(client: &Client, account: &str, app: &str) -> anyhow::Result<String> {
    client.find("admin app", &["accounts", account, "admin-apps"], app, &["/name"]).await
}
