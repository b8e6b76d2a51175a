//! `provost enterprise-app role`.

use super::Apps;
use crate::{client::body, commands::collection::Kind};
use clap::Subcommand;
use serde_json::{Value, json};

const ROLES: Kind = Kind {
    what: "app role",
    segment: "app-roles",
    names: &["/value", "/display_name"],
    fields: &[
        ("Id", "/id"),
        ("Display name", "/display_name"),
        ("Value", "/value"),
        ("Description", "/description"),
        ("Enabled", "/enabled"),
        ("Member types", "/member_types"),
    ],
    columns: &[("ID", "/id"), ("DISPLAY NAME", "/display_name"), ("VALUE", "/value"), ("ENABLED", "/enabled")],
};

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
    pub(super) async fn run(self, apps: &Apps<'_>) -> anyhow::Result<()> {
        let (Self::List { app } | Self::Create { app, .. } | Self::Set { app, .. } | Self::Delete { app, .. }) = &self;
        let roles = apps.find(app).await?.all(&ROLES);
        match self {
            Self::List { .. } => roles.list(&[], usize::MAX).await,
            Self::Create { display_name, value, description, disabled, .. } => {
                let request = json!({
                    "display_name": display_name, "value": value, "description": description, "enabled": !disabled,
                });
                roles.create(&request).await
            }
            Self::Set { role, display_name, value, description, enabled, .. } => {
                let request = body([
                    ("display_name", display_name.map(Value::from)),
                    ("value", value.map(Value::from)),
                    ("description", description.map(Value::from)),
                    ("enabled", enabled.map(Value::from)),
                ]);
                roles.find(&role).await?.change(&request).await
            }
            Self::Delete { role, .. } => roles.find(&role).await?.delete(&[]).await,
        }
    }
}
