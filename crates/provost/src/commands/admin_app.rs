//! `provost admin-app`.

use super::{
    collection::{Item, Kind},
    in_account::{Account, InAccount},
};
use crate::{
    client::body,
    output::{Field, Output, printable},
};
use clap::Subcommand;
use reqwest::Method;
use serde_json::{Value, json};
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  provost admin-app create \"Entra ID\" --account acme
  provost admin-app create \"SCIM Entra ID\" --account acme --owner ann@acme.example
  provost admin-app rotate \"Entra ID\" --account acme --overlap-hours 24
  provost admin-app show \"Entra ID\" --account acme";

const FIELDS: [Field; 13] = [
    ("Id", "/id"),
    ("Name", "/name"),
    ("Description", "/description"),
    ("Scopes", "/scopes"),
    ("Allowed IPs", "/allowed_ips"),
    ("Owner", "/owner/name"),
    ("Owner active", "/owner/active"),
    ("Role ceiling", "/role_ceiling/name"),
    ("Bait", "/honey"),
    ("Created", "/created"),
    ("Tenant URL", "/tenant_url"),
    ("Last used", "/last_used/at"),
    ("Last used from", "/last_used/client_ip"),
];
/// Shown once.
const API_KEY: Field = ("API key", "/api_key");
const COLUMNS: [Field; 6] = [
    ("ID", "/id"),
    ("NAME", "/name"),
    ("OWNER", "/owner/name"),
    ("SCOPES", "/scopes"),
    ("CREATED", "/created"),
    ("LAST USED", "/last_used/at"),
];
const KEY_COLUMNS: [Field; 5] = [
    ("KEY ENDING", "/last_eight"),
    ("STATE", "/state"),
    ("CREATED", "/created"),
    ("EXPIRES", "/expires"),
    ("TAKEN UNTIL", "/valid_until"),
];

const BRAKE_FIELDS: [Field; 4] =
    [("Limit per hour", "/limit"), ("Used", "/used"), ("Holds", "/holds"), ("Fewer count from", "/resets")];

const ADMIN_APPS: Kind =
    Kind { what: "admin app", segment: "admin-apps", names: &["/name"], fields: &FIELDS, columns: &COLUMNS };

/// Options of `provost admin-app`.
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
    /// Make an admin app; its API key is shown this once
    #[command(after_help = "Example:\n  provost admin-app create \"Entra ID\" --account acme --allowed-ip 20.0.0.0/8")]
    Create {
        /// Its name for people
        name: String,
        /// What it is for
        #[arg(long)]
        description: Option<String>,
        /// What its keys may do; may be repeated [default: scim]
        #[arg(long = "scope", value_parser = ["scim", "api"])]
        scopes: Vec<String>,
        /// From where its keys may be used; may be repeated [default: from everywhere]
        #[arg(long = "allowed-ip", value_name = "CIDR")]
        allowed_ips: Vec<String>,
        /// The user whose token it is, by id or userName: it dies with the user
        #[arg(long, value_name = "USER")]
        owner: Option<String>,
        /// The highest role that it may grant, by id, system value or name [default: any]
        #[arg(long, value_name = "ROLE")]
        role_ceiling: Option<String>,
        /// When the key expires, such as 2027-01-31T00:00:00Z [default: as late as the policy allows]
        #[arg(long, value_name = "TIME")]
        expires: Option<jiff::Timestamp>,
        /// Make it bait: its key is left where nobody should look, and any use of it is refused and alerts
        #[arg(long)]
        honey: bool,
    },
    /// List admin apps
    List,
    /// Show an admin app with its keys (never the secrets)
    Show {
        /// Its id or name
        app: String,
    },
    /// Change an admin app
    Update {
        /// Its id or name
        app: String,
        /// A new name
        #[arg(long)]
        name: Option<String>,
        /// A new description
        #[arg(long)]
        description: Option<String>,
        /// What its keys may do, in place of what they could; may be repeated
        #[arg(long = "scope", value_parser = ["scim", "api"])]
        scopes: Option<Vec<String>>,
        /// From where its keys may be used, in place of from where they could; may be repeated
        #[arg(long = "allowed-ip", value_name = "CIDR")]
        allowed_ips: Option<Vec<String>>,
        /// Its keys may be used from everywhere
        #[arg(long, conflicts_with = "allowed_ips")]
        any_ip: bool,
        /// Another owner, who takes the token over
        #[arg(long, value_name = "USER")]
        owner: Option<String>,
        /// Another highest role that it may grant
        #[arg(long, value_name = "ROLE")]
        role_ceiling: Option<String>,
        /// It may grant any role
        #[arg(long, conflicts_with = "role_ceiling")]
        any_role: bool,
    },
    /// Make a new API key; the old one is taken for a while yet, if you say so
    #[command(after_help = "Example:\n  provost admin-app rotate \"Entra ID\" --account acme --overlap-hours 24")]
    Rotate {
        /// Its id or name
        app: String,
        /// How long the old key is still taken; may be fractional
        #[arg(long, value_name = "HOURS", default_value_t = 0.0)]
        overlap_hours: f64,
        /// When the new key expires
        #[arg(long, value_name = "TIME")]
        expires: Option<jiff::Timestamp>,
    },
    /// Take none of its keys any more, from now on
    Revoke {
        /// Its id or name
        app: String,
    },
    /// Show how many users it may still disable or remove in this hour, or let it go on
    Brake {
        /// Its id or name
        app: String,
        /// Let it disable and remove as many users again
        #[arg(long)]
        release: bool,
    },
    /// Remove an admin app and its keys; the users that it made stay
    Delete {
        /// Its id or name
        app: String,
    },
}

impl Args {
    /// Does what was asked.
    ///
    /// # Errors
    /// What the server refuses, in its words.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let account = self.account.open().await?;
        let (apps, output) = (account.all(&ADMIN_APPS), account.output);
        match self.command {
            Command::List => apps.list(&[], usize::MAX).await?,
            Command::Create { name, description, scopes, allowed_ips, owner, role_ceiling, expires, honey } => {
                let request = body([
                    ("name", Some(json!(name))),
                    ("description", description.map(Value::from)),
                    ("scopes", (!scopes.is_empty()).then(|| json!(scopes))),
                    ("allowed_ips", (!allowed_ips.is_empty()).then(|| json!(allowed_ips))),
                    ("owner", owner.map(Value::from)),
                    ("role_ceiling", role_ceiling.map(Value::from)),
                    ("expires", expires.map(|at| json!(at))),
                    ("honey", honey.then(|| json!(true))),
                ]);
                with_key(output, &apps.place.send(Method::POST, &request).await?)?;
            }
            Command::Show { app } => show(output, &apps.find(&app).await?.place.get(&[]).await?)?,
            Command::Update { app, name, description, scopes, allowed_ips, any_ip, owner, role_ceiling, any_role } => {
                let app = apps.find(&app).await?;
                let allowed_ips = if any_ip { Some(Vec::new()) } else { allowed_ips };
                let role_ceiling = if any_role { Some(Value::Null) } else { role_ceiling.map(Value::from) };
                let request = body([
                    ("name", name.map(Value::from)),
                    ("description", description.map(Value::from)),
                    ("scopes", scopes.map(Value::from)),
                    ("allowed_ips", allowed_ips.map(Value::from)),
                    ("owner", owner.map(Value::from)),
                    ("role_ceiling", role_ceiling),
                ]);
                show(output, &app.place.send(Method::PATCH, &request).await?)?;
            }
            Command::Rotate { app, overlap_hours, expires } => {
                let rotate = apps.find(&app).await?.place.at(&["rotate"]);
                let request =
                    body([("overlap_hours", Some(json!(overlap_hours))), ("expires", expires.map(|at| json!(at)))]);
                with_key(output, &rotate.send(Method::POST, &request).await?)?;
            }
            Command::Revoke { app } => show(output, &apps.find(&app).await?.place.at(&["revoke"]).act().await?)?,
            Command::Brake { app, release } => {
                let brake = apps.find(&app).await?.place.at(&["brake"]);
                let answer = match release {
                    true => brake.at(&["release"]).act().await?,
                    false => brake.get(&[]).await?,
                };
                output.object(&answer, &BRAKE_FIELDS)?;
            }
            Command::Delete { app } => apps.find(&app).await?.delete(&[]).await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The admin app with this id or name.
pub async fn find<'a>(account: &'a Account, app: &str) -> anyhow::Result<Item<'a>> {
    account.all(&ADMIN_APPS).find(app).await
}

fn show(output: Output, app: &Value) -> anyhow::Result<()> {
    output.object(app, &FIELDS)?;
    match (output, app["keys"].as_array()) {
        (Output::Plain, Some(keys)) => {
            output.note("Keys:")?;
            output.list(keys, &KEY_COLUMNS)
        }
        (Output::Plain | Output::Json, _) => Ok(()),
    }
}

fn with_key(output: Output, app: &Value) -> anyhow::Result<()> {
    output.object(app, &[&FIELDS[..], &[API_KEY]].concat())?;
    if let Some(warning) = app["warning"].as_str() {
        output.note(&printable(warning))?;
    }
    output.note("Copy the API key now: it is shown this once, and only its hash is kept.")
}
