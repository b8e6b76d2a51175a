//! `provost user`.

mod access;
mod import;
mod migration;

use super::{
    admin_app,
    collection::{Item, Kind},
    in_account::{Account, InAccount},
};
use crate::{
    client::{body, only},
    output::{Field, Output},
};
use clap::Subcommand;
use provost_change::ResourceId;
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

const USERS: Kind = Kind { what: "user", segment: "users", names: &["/user_name"], fields: &FIELDS, columns: &COLUMNS };

/// Says that users in the bin are meant.
const IN_THE_BIN: (&str, &str) = ("deleted", "true");

/// Options of `provost user`.
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
        let account = self.account.open().await?;
        let users = account.all(&USERS);
        match self.command {
            Command::Create { email, roles } => {
                let request =
                    body([("email", Some(json!(email))), ("roles", (!roles.is_empty()).then(|| json!(roles)))]);
                users.create(&request).await?;
            }
            Command::List { filter, deleted, limit } => {
                let mut query: Vec<(&str, &str)> = filter.iter().map(|filter| ("filter", filter.as_str())).collect();
                query.extend(deleted.then_some(IN_THE_BIN));
                let found = users.place.list(&query, limit.unwrap_or(usize::MAX)).await?;
                account.output.list(&found, if deleted { &DELETED_COLUMNS } else { &COLUMNS })?;
            }
            Command::Show { user } => find(&account, &user).await?.show().await?,
            Command::Lineage { user } => {
                let shown = find(&account, &user).await?.place.at(&["lineage"]).get(&[]).await?;
                match (account.output, shown["attributes"].as_array()) {
                    (Output::Plain, Some(attributes)) => account.output.list(attributes, &LINEAGE_COLUMNS)?,
                    (Output::Plain | Output::Json, _) => account.output.document(&shown, &shown)?,
                }
            }
            Command::Update { user, email, roles, active, verified } => {
                let request = body([
                    ("email", email.map(Value::from)),
                    ("roles", roles.map(Value::from)),
                    ("active", active.map(Value::from)),
                    ("verified", verified.map(Value::from)),
                ]);
                find(&account, &user).await?.change(&request).await?;
            }
            Command::VerifyMail { user } => {
                let sent = find(&account, &user).await?.place.at(&["verification-mails"]).act().await?;
                account.output.object(&sent, &[("Sent to", "/to"), ("Link works until", "/expires")])?;
            }
            Command::Access(command) => command.run(&account).await?,
            Command::Adopt { user, admin_app, reason } => {
                let user = find(&account, &user).await?;
                let app = admin_app::find(&account, &admin_app).await?.id;
                user.act("adopt", &json!({ "admin_app": app, "reason": reason })).await?;
            }
            Command::Release { user, reason } => {
                find(&account, &user).await?.act("release", &json!({ "reason": reason })).await?;
            }
            Command::Migrate(args) => args.run(&account).await?,
            Command::Import(args) => return args.run(account).await,
            Command::Delete { user, permanent } => {
                let user = match find(&account, &user).await {
                    Err(_) if permanent => find_deleted(&account, &user).await?,
                    found => found?,
                };
                user.delete(if permanent { &[("permanent", "true")] } else { &[] }).await?;
            }
            Command::Restore { user } => find_deleted(&account, &user).await?.act("restore", &json!({})).await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The user with this id or userName.
pub async fn find<'a>(account: &'a Account, user: &str) -> anyhow::Result<Item<'a>> {
    find_among(account, user, &[]).await
}

/// The user in the bin with this id or userName.
async fn find_deleted<'a>(account: &'a Account, user: &str) -> anyhow::Result<Item<'a>> {
    find_among(account, user, &[IN_THE_BIN]).await
}

async fn find_among<'a>(account: &'a Account, user: &str, those: &[(&str, &str)]) -> anyhow::Result<Item<'a>> {
    let users = account.all(&USERS);
    if user.parse::<ResourceId>().is_ok() {
        return Ok(users.item(user.to_owned()));
    }
    // A filter's strings are JSON strings (RFC 7644, Figure 1).
    let filter = format!("userName eq {}", json!(user));
    let found = users.place.list(&[those, &[("filter", filter.as_str())]].concat(), 2).await?;
    let id = match found.as_slice() {
        // Names are compared without regard to case, so what was found need not read as what was asked.
        [one] => one["id"].as_str().unwrap_or_default().to_owned(),
        several => only(USERS.what, user, several, USERS.names)?,
    };
    Ok(users.item(id))
}
