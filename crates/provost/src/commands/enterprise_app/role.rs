//! `provost enterprise-app role`.

use super::Apps;
use crate::{client::body, output::Field};
use clap::Subcommand;
use reqwest::Method;
use serde_json::{Value, json};

const FIELDS: [Field; 6] = [
    ("Id", "/id"),
    ("Display name", "/display_name"),
    ("Value", "/value"),
    ("Description", "/description"),
    ("Enabled", "/enabled"),
    ("Member types", "/member_types"),
];
const COLUMNS: [Field; 4] =
    [("ID", "/id"), ("DISPLAY NAME", "/display_name"), ("VALUE", "/value"), ("ENABLED", "/enabled")];

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Make an app role
    Create {
        /// The app's id or name
        app: String,
        /// What people know it by
        #[arg(value_name = "NAME")]
        display_name: String,
        /// What the target knows it by: no spaces
        value: String,
        /// What it is for
        #[arg(long, value_name = "TEXT")]
        description: String,
        /// It cannot be assigned yet
        #[arg(long)]
        disabled: bool,
    },
    /// List app roles
    List {
        /// The app's id or name
        app: String,
    },
    /// Change an app role
    Set {
        /// The app's id or name
        app: String,
        /// The role's id, value or display name
        role: String,
        /// Another name
        #[arg(long)]
        display_name: Option<String>,
        /// Another value
        #[arg(long)]
        value: Option<String>,
        /// Another description
        #[arg(long)]
        description: Option<String>,
        /// Whether it can be assigned
        #[arg(long, value_name = "BOOL")]
        enabled: Option<bool>,
    },
    /// Remove an app role that nobody has
    Delete {
        /// The app's id or name
        app: String,
        /// The role's id, value or display name
        role: String,
    },
}

impl Command {
    pub(super) async fn run(self, apps: &Apps) -> anyhow::Result<()> {
        let output = apps.output;
        match self {
            Self::List { app } => output.list(&apps.find(&app).await?.list(&["app-roles"]).await?, &COLUMNS),
            Self::Create { app, display_name, value, description, disabled } => {
                let request = json!({
                    "display_name": display_name, "value": value, "description": description, "enabled": !disabled,
                });
                let made = apps.find(&app).await?.send(Method::POST, &["app-roles"], &request).await?;
                output.object(&made, &FIELDS)
            }
            Self::Set { app, role, display_name, value, description, enabled } => {
                let app = apps.find(&app).await?;
                let role = id(apps, &app.path(&["app-roles"]), &role).await?;
                let request = body([
                    ("display_name", display_name.map(Value::from)),
                    ("value", value.map(Value::from)),
                    ("description", description.map(Value::from)),
                    ("enabled", enabled.map(Value::from)),
                ]);
                output.object(&app.send(Method::PATCH, &["app-roles", &role], &request).await?, &FIELDS)
            }
            Self::Delete { app, role } => {
                let app = apps.find(&app).await?;
                let role = id(apps, &app.path(&["app-roles"]), &role).await?;
                apps.client.delete(&app.path(&["app-roles", &role])).await?;
                output.sentence(&format!("Deleted app role {role}."), &json!({ "deleted": role }))
            }
        }
    }
}

async fn id(apps: &Apps, roles: &[&str], role: &str) -> anyhow::Result<String> {
    apps.client.find("app role", roles, role, &["/value", "/display_name"]).await
}
