//! The two applications that receive.

use super::{Stage, id};
use crate::{demo::stage::Told, output::cell};
use serde_json::{Value, json};

/// An account that receives, and what lets the company in.
pub struct Receiver {
    /// Its id.
    pub account: String,
    /// Its SCIM base.
    pub tenant_url: String,
    /// The key of its admin app.
    pub key: String,
    /// The `role_id` of its custom role.
    pub role: String,
}

pub const CUSTODIAN: &str = "Key Custodian";
pub const CREW: &str = "Field Crew";

/// A data vault, by the rules of Fortanix DSM.
pub async fn vault(stage: &mut Stage) -> anyhow::Result<Receiver> {
    stage.screen.heading("Two applications that receive")?;
    stage.why("A data vault under the policy `dsm`, Fortanix DSM's rules: e-mail addresses as names, one system role or custom roles.")?;
    let made = stage.operator("/accounts", json!({ "name": "Data vault", "policy": "dsm" }), Told::status(201)).await?;
    let base = format!("/accounts/{}", id(&made));
    let role = stage
        .operator(
            &format!("{base}/roles"),
            json!({ "name": CUSTODIAN, "permissions": ["GET_USERS"] }),
            Told::status(201),
        )
        .await?;
    stage.why("An admin app for the company. Its API key is shown this once; only a hash is kept.")?;
    let app = stage.operator(&format!("{base}/admin-apps"), json!({ "name": "Contoso" }), Told::status(201)).await?;
    Ok(receiver(&made, &app, &role))
}

/// A survey tool, by the rules of Fulcrum.
pub async fn surveys(stage: &mut Stage) -> anyhow::Result<Receiver> {
    stage.why(
        "A survey tool under the policy `fulcrum`: one role for each member, and the token belongs to its owner.",
    )?;
    let request = json!({ "name": "Field surveys", "policy": "fulcrum", "features": ["plan", "sso", "api_addon"] });
    let made = stage.operator("/accounts", request, Told::status(201)).await?;
    let base = format!("/accounts/{}", id(&made));
    let role = stage.operator(&format!("{base}/roles"), json!({ "name": CREW }), Told::status(201)).await?;
    let owner = json!({ "email": "owner@surveys.example", "roles": ["ACCOUNTADMINISTRATOR"] });
    let owner = stage.operator(&format!("{base}/users"), owner, Told::status(201)).await?;
    let app = json!({ "name": "SCIM Azure / Entra ID", "owner": id(&owner) });
    let app = stage.operator(&format!("{base}/admin-apps"), app, Told::status(201)).await?;
    Ok(receiver(&made, &app, &role))
}

fn receiver(made: &Value, app: &Value, role: &Value) -> Receiver {
    Receiver {
        account: id(made),
        tenant_url: cell(made.get("tenant_url")),
        key: cell(app.get("api_key")),
        role: cell(role.get("value")),
    }
}
