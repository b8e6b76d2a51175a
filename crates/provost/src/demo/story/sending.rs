//! Enterprise apps: what goes from the company to the applications, and when it changes.

use super::{
    Stage,
    company::{Company, address},
    id,
    receivers::{CREW, CUSTODIAN, Receiver},
};
use crate::demo::stage::{As, Told};
use reqwest::Method;
use serde_json::{Value, json};

/// Seconds between cycles once the story is told. Entra's are 40 minutes.
const INTERVAL: u64 = 5;

const ADMINISTRATOR: (&str, &str) = ("Account Administrator", "ACCOUNTADMINISTRATOR");
const AUDITOR: (&str, &str) = ("Account Auditor", "ACCOUNTAUDITOR");

/// The app for the data vault, and its first cycle.
pub async fn vault(stage: &mut Stage, from: &Company, to: &Receiver) -> anyhow::Result<String> {
    stage.screen.heading("Contoso's enterprise app for the data vault")?;
    stage.why(
        "Tenant URL and secret token, as an administrator types them. The flag asks for standard PATCH requests.",
    )?;
    let app = json!({ "name": "Data vault", "tenant_url": to.tenant_url, "secret_token": to.key });
    let app = made(stage, from, app).await?;
    stage.why("What the vault stores is mapped, and nothing else; roles go as AssertiveAppRoleAssignmentsComplex.")?;
    let rows = json!([
        { "target": "userName", "source": "userPrincipalName", "matching": 1 },
        { "target": "active", "expression": "Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")" },
        { "target": "externalId", "source": "objectId" },
        { "target": "roles", "expression": "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])" },
    ]);
    map(stage, from, &app, json!({ "users": rows, "settings": { "groups": { "enabled": false } } })).await?;
    stage.why(
        "App roles: their values are what the vault knows its roles by. The custom role's value is its role_id.",
    )?;
    let path = path(from, &app, "/app-roles");
    for (name, value) in [ADMINISTRATOR, AUDITOR, (CUSTODIAN, to.role.as_str())] {
        let role = json!({ "display_name": name, "value": value, "description": name });
        stage.operator(&path, role, Told::status(201)).await?;
    }
    stage.why("Three people are assigned, each with a role.")?;
    for (name, role) in [("ada", ADMINISTRATOR.0), ("grace", CUSTODIAN), ("alan", AUDITOR.0)] {
        assign(stage, from, &app, json!({ "user": address(name), "app_role": role })).await?;
    }
    tested(stage, from, &app).await?;
    stage.why("The first cycle: everybody in scope is looked for, and made.")?;
    cycle(stage, from, &app, Told::status(200).at("/counts/created", 3).at("/counts/failed", 0)).await?;
    Ok(app)
}

/// The app for the survey tool: a group is assigned, with one role for all of it.
pub async fn surveys(stage: &mut Stage, from: &Company, to: &Receiver) -> anyhow::Result<String> {
    stage.screen.heading("Contoso's enterprise app for the survey tool")?;
    stage.why("Without the flag: Entra's older PATCH dialect.")?;
    let tenant_url = to.tenant_url.split('?').next();
    let app = json!({ "name": "Field surveys", "tenant_url": tenant_url, "secret_token": to.key });
    let app = made(stage, from, app).await?;
    let rows = json!([
        { "target": "userName", "source": "userPrincipalName", "matching": 1 },
        { "target": "active", "expression": "Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")" },
        { "target": "emails[type eq \"work\"].value", "source": "mail" },
        { "target": "name.givenName", "source": "givenName" },
        { "target": "name.familyName", "source": "surname" },
        { "target": "externalId", "source": "objectId" },
        { "target": "roles", "expression": "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])" },
    ]);
    map(stage, from, &app, json!({ "users": rows })).await?;
    let role = json!({ "display_name": CREW, "value": "crew", "description": "Works outside" });
    stage.operator(&path(from, &app, "/app-roles"), role, Told::status(201)).await?;
    stage.why("The group is assigned: it goes, and its direct members with it.")?;
    assign(stage, from, &app, json!({ "group": "Field crew", "app_role": CREW })).await?;
    tested(stage, from, &app).await?;
    cycle(stage, from, &app, Told::status(200).at("/counts/created", 3).at("/counts/failed", 0)).await?;
    Ok(app)
}

/// What changes in the company, and what becomes of it.
pub async fn changes(stage: &mut Stage, from: &Company, vault: &str, surveys: &str) -> anyhow::Result<()> {
    stage.screen.heading("Things change")?;
    stage.why("Nothing has changed yet: a cycle that finds that writes nothing.")?;
    cycle(stage, from, vault, Told::status(200).at("/counts/writes", 0)).await?;

    stage.why("Alan is made administrator beside being auditor, which the vault refuses; Grace leaves the app.")?;
    assign(stage, from, vault, json!({ "user": address("alan"), "app_role": ADMINISTRATOR.0 })).await?;
    unassign(stage, from, vault, &address("grace")).await?;
    stage
        .why("Grace is disabled. Alan's failure stands in the log with the vault's words, and holds up nobody else.")?;
    cycle(stage, from, vault, Told::status(200).at("/counts/disabled", 1).at("/counts/failed", 1)).await?;

    stage.why("Mary leaves the company: she goes to the bin, and out of her group.")?;
    let mary = format!("/scim/v2/Users/{}", from.mary);
    stage.send(As::Hr, Method::DELETE, &mary, None, Told::status(204)).await?;
    stage.why("At the survey tool she is no member any more.")?;
    cycle(stage, from, surveys, Told::status(200).at("/counts/disabled", 1).at("/counts/failed", 0)).await?;
    Ok(())
}

/// Lets the apps run by themselves.
pub async fn start(stage: &mut Stage, contoso: &str, apps: &[&str]) -> anyhow::Result<()> {
    stage.screen.heading("From now on by itself")?;
    stage.why(&format!("Both apps are started: a cycle every {INTERVAL} seconds."))?;
    for app in apps {
        let base = format!("/accounts/{contoso}/enterprise-apps/{app}");
        let interval = json!({ "interval": INTERVAL });
        let path = format!("/api/v1{base}");
        stage.send(As::Operator, Method::PATCH, &path, Some(interval), Told::status(200)).await?;
        stage.operator(&format!("{base}/start"), Value::Null, Told::status(200)).await?;
    }
    Ok(())
}

fn path(from: &Company, app: &str, rest: &str) -> String {
    format!("/accounts/{}/enterprise-apps/{app}{rest}", from.account)
}

async fn made(stage: &Stage, from: &Company, app: Value) -> anyhow::Result<String> {
    let path = format!("/accounts/{}/enterprise-apps", from.account);
    Ok(id(&stage.operator(&path, app, Told::status(201)).await?))
}

async fn map(stage: &Stage, from: &Company, app: &str, mappings: Value) -> anyhow::Result<()> {
    let path = format!("/api/v1{}", path(from, app, "/mappings"));
    stage.send(As::Operator, Method::PUT, &path, Some(mappings), Told::status(200)).await.map(drop)
}

async fn assign(stage: &Stage, from: &Company, app: &str, assignment: Value) -> anyhow::Result<()> {
    stage.operator(&path(from, app, "/assignments"), assignment, Told::status(201)).await.map(drop)
}

async fn unassign(stage: &Stage, from: &Company, app: &str, user: &str) -> anyhow::Result<()> {
    let assignments = path(from, app, "/assignments");
    let all = stage.list(&format!("/api/v1{assignments}?limit=200")).await?;
    for one in all.iter().filter(|one| one["user"]["name"] == user) {
        let path = format!("/api/v1{assignments}/{}", id(one));
        stage.send(As::Operator, Method::DELETE, &path, None, Told::status(204)).await?;
    }
    Ok(())
}

async fn tested(stage: &mut Stage, from: &Company, app: &str) -> anyhow::Result<()> {
    stage.why("Test connection: a user and a group that cannot exist are looked for. An empty list is right.")?;
    let told = Told::status(200).at("/result", "success");
    stage.operator(&path(from, app, "/test-connection"), Value::Null, told).await.map(drop)
}

async fn cycle(stage: &Stage, from: &Company, app: &str, told: Told) -> anyhow::Result<()> {
    stage.operator(&path(from, app, "/cycle"), Value::Null, told).await.map(drop)
}
