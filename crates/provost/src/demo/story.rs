//! A company and two applications: Contoso's people go into a data vault, its field crew into a survey tool.

mod company;
mod receivers;
mod sending;

use super::stage::Stage;
use crate::{
    commands::{enterprise_app, user},
    output::{cell, table},
};
use anyhow::ensure;
use reqwest::Method;
use serde_json::{Value, json};

/// What the story leaves behind.
pub struct Cast {
    /// The company: a directory with enterprise apps.
    pub contoso: String,
    /// The account that receives under `dsm`.
    pub vault: String,
    /// The account that receives under `fulcrum`.
    pub surveys: String,
    /// What the company's HR system is given: a SCIM base and a key.
    pub tenant_url: String,
    /// The key.
    pub key: String,
    /// The link by which whoever watches becomes an administrator of the company at the console.
    pub link: String,
}

/// Who watches, as a user of the company.
pub const WATCHER: &str = "you@contoso.example";

/// Tells it all.
///
/// # Errors
/// The first answer that is not what the story says.
pub async fn tell(mut stage: Stage) -> anyhow::Result<Cast> {
    let vault = receivers::vault(&mut stage).await?;
    let surveys = receivers::surveys(&mut stage).await?;
    let contoso = company::people(&mut stage).await?;
    let to_vault = sending::vault(&mut stage, &contoso, &vault).await?;
    let to_surveys = sending::surveys(&mut stage, &contoso, &surveys).await?;
    sending::changes(&mut stage, &contoso, &to_vault, &to_surveys).await?;
    let cast = Cast {
        link: watcher(&stage, &contoso.account).await?,
        contoso: contoso.account,
        vault: vault.account,
        surveys: surveys.account,
        tenant_url: contoso.tenant_url,
        key: contoso.key,
    };
    looking_back(&mut stage, &cast, &to_vault).await?;
    sending::start(&mut stage, &cast.contoso, &[&to_vault, &to_surveys]).await?;
    Ok(cast)
}

/// Makes whoever watches an administrator of the company; the link to set a password.
async fn watcher(stage: &Stage, account: &str) -> anyhow::Result<String> {
    let users = format!("/accounts/{account}/users");
    let new = json!({ "email": WATCHER, "roles": ["ACCOUNTADMINISTRATOR"] });
    let user = format!("{users}/{}", id(&stage.quietly(Method::POST, &users, new).await?));
    stage.quietly(Method::PATCH, &user, json!({ "verified": true })).await?;
    let invited = stage.quietly(Method::POST, &format!("{user}/invitations"), json!({ "show_link": true })).await?;
    Ok(cell(invited.get("link")))
}

/// What the administrators see afterwards.
async fn looking_back(stage: &mut Stage, cast: &Cast, to_vault: &str) -> anyhow::Result<()> {
    for (title, account, users) in [("The data vault", &cast.vault, 3), ("The survey tool", &cast.surveys, 2)] {
        stage.screen.heading(&format!("{title}, as its administrator sees it"))?;
        let found = stage.list(&format!("/api/v1/accounts/{account}/users?limit=200")).await?;
        ensure!(found.len() == users, "the story broke off: {title} has {} users, not {users}", found.len());
        stage.screen.text(&table(&found, &user::COLUMNS))?;
    }
    stage.screen.heading("The provisioning log of the data vault's app, newest first")?;
    let path = format!("/api/v1/accounts/{}/enterprise-apps/{to_vault}/provisioning-logs?limit=50", cast.contoso);
    let actions = stage.list(&path).await?;
    let failed = actions.iter().filter(|action| action["status"] == "failure").count();
    ensure!(failed == 1, "the story broke off: the provisioning log has {failed} failures instead of 1");
    stage.screen.text(&table(&actions, &enterprise_app::LOG_COLUMNS))?;
    Ok(())
}

/// The id of what was made.
fn id(made: &Value) -> String {
    cell(made.get("id"))
}
