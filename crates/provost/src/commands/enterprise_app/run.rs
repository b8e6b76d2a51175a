//! What an enterprise app does: cycles, plans, its state and its log.

use super::Apps;
use crate::output::{Field, Output};
use reqwest::Method;
use serde_json::{Value, json};
use std::process::ExitCode;

const JOB: [Field; 10] = [
    ("State", "/state"),
    ("Under way", "/under_way"),
    ("Next cycle", "/next_cycle"),
    ("Watermark", "/watermark"),
    ("Users", "/synchronized_users"),
    ("Groups", "/synchronized_groups"),
    ("Last success", "/last_success/ended"),
    ("Quarantine", "/quarantine/reason"),
    ("Quarantine detail", "/quarantine/detail"),
    ("Next attempt", "/quarantine/next_attempt"),
];
const CYCLES: [Field; 8] = [
    ("BEGAN", "/began"),
    ("STATUS", "/status"),
    ("INITIAL", "/initial"),
    ("CREATED", "/counts/created"),
    ("UPDATED", "/counts/updated"),
    ("DISABLED", "/counts/disabled"),
    ("DELETED", "/counts/deleted"),
    ("FAILED", "/counts/failed"),
];
const CYCLE: [Field; 14] = [
    ("Id", "/id"),
    ("Status", "/status"),
    ("Detail", "/detail"),
    ("Initial", "/initial"),
    ("Looked at", "/counts/imported"),
    ("Created", "/counts/created"),
    ("Linked", "/counts/linked"),
    ("Updated", "/counts/updated"),
    ("Disabled", "/counts/disabled"),
    ("Deleted", "/counts/deleted"),
    ("Skipped", "/counts/skipped"),
    ("Failed", "/counts/failed"),
    ("Held", "/counts/held"),
    ("Requests", "/counts/requests"),
];
const ACTION: [Field; 6] = [
    ("Action", "/action"),
    ("Status", "/status"),
    ("Source", "/source/name"),
    ("Target", "/target/id"),
    ("Reason", "/error/reason"),
    ("Milliseconds", "/duration_ms"),
];
const STEPS: [Field; 3] = [("STEP", "/type"), ("STATUS", "/status"), ("DESCRIPTION", "/description")];
/// How the provisioning log is listed.
pub const LOG: [Field; 5] = [
    ("AT", "/at"),
    ("ACTION", "/action"),
    ("STATUS", "/status"),
    ("SOURCE", "/source/name"),
    ("REASON", "/error/reason"),
];

const ROWS: [Field; 6] = [
    ("TARGET", "/target"),
    ("GIVES", "/gives"),
    ("WANTED", "/wanted"),
    ("WRITTEN", "/written"),
    ("CYCLE", "/action/cycle"),
    ("AT", "/action/at"),
];

/// Options of `provost enterprise-app logs`.
#[derive(clap::Args, Debug)]
pub(super) struct Logs {
    /// The app's id or name
    app: String,
    /// Only with this outcome
    #[arg(long, value_parser = ["success", "warning", "failure", "skipped"])]
    status: Option<String>,
    /// Only of this user, by id or userName
    #[arg(long)]
    user: Option<String>,
    /// Only of this group, by id or displayName
    #[arg(long, conflicts_with = "user")]
    group: Option<String>,
    /// Only what began at this time or later, such as 2026-01-31T00:00:00Z
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Only what began before this time
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// At most so many
    #[arg(long, default_value_t = 50)]
    limit: usize,
}

impl Logs {
    pub(super) async fn run(self, apps: &Apps<'_>) -> anyhow::Result<()> {
        let Self { status, user, group, from, to, .. } = &self;
        let asked = [("status", status), ("user", user), ("group", group), ("from", from), ("to", to)];
        let query: Vec<(&str, &str)> =
            asked.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))).collect();
        let logs = apps.find(&self.app).await?.place.at(&["provisioning-logs"]);
        apps.output.list(&logs.list(&query, self.limit).await?, &LOG)
    }
}

/// Options of `provost enterprise-app lineage`.
#[derive(clap::Args, Debug)]
pub(super) struct Lineage {
    /// The app's id or name
    app: String,
    /// Id or userName
    #[arg(long, required_unless_present = "group")]
    user: Option<String>,
    /// Id or displayName
    #[arg(long, conflicts_with = "user")]
    group: Option<String>,
}

impl Lineage {
    pub(super) async fn run(self, apps: &Apps<'_>) -> anyhow::Result<()> {
        let asked = [("user", &self.user), ("group", &self.group)];
        let query: Vec<(&str, &str)> =
            asked.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))).collect();
        let shown = apps.find(&self.app).await?.place.at(&["lineage"]).get(&query).await?;
        match (apps.output, shown["attributes"].as_array()) {
            (Output::Plain, Some(rows)) => apps.output.list(rows, &ROWS),
            (Output::Plain | Output::Json, _) => apps.output.document(&shown, &shown),
        }
    }
}

pub(super) async fn status(apps: &Apps<'_>, app: &str) -> anyhow::Result<()> {
    let (output, job) = (apps.output, apps.find(app).await?.place.at(&["status"]).get(&[]).await?);
    output.object(&job, &JOB)?;
    match (output, job["cycles"].as_array()) {
        (Output::Plain, Some(cycles)) => output.list(cycles, &CYCLES),
        (Output::Plain | Output::Json, _) => Ok(()),
    }
}

pub(super) async fn restart(apps: &Apps<'_>, app: &str, full: bool) -> anyhow::Result<()> {
    let reset = json!({ "watermark": true, "escrows": true, "quarantine_state": true, "connector_data_store": full });
    let restart = apps.find(app).await?.place.at(&["restart"]);
    apps.output.object(&restart.send(Method::POST, &reset).await?, &JOB)
}

/// Exits with 1 when the cycle did not come to its end.
pub(super) async fn cycle(apps: &Apps<'_>, app: &str, retry: bool) -> anyhow::Result<ExitCode> {
    let query: &[(&str, &str)] = if retry { &[("retry", "now")] } else { &[] };
    let ran = apps.find(app).await?.place.at(&["cycle"]).run(query).await?;
    apps.output.object(&ran, &CYCLE)?;
    let has_ended = ran["status"] == json!("succeeded") || ran["status"] == json!("entry_level_errors");
    Ok(if has_ended { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub(super) async fn plan(apps: &Apps<'_>, app: &str) -> anyhow::Result<()> {
    let plan = apps.find(app).await?.place.at(&["plan"]).run(&[]).await?;
    apps.output.document(&plan, &plan)
}

/// Exits with 1 when not everything was done.
pub(super) async fn apply(apps: &Apps<'_>, app: &str, plan: &Value) -> anyhow::Result<ExitCode> {
    let reviewed = json!({ "digest": plan["digest"], "seed": plan["seed"] });
    let apply = apps.find(app).await?.place.at(&["apply"]);
    applied(apps, &apply.send(Method::POST, &reviewed).await?)
}

/// Shows what would be taken back; does it when somebody says so.
pub(super) async fn undo(apps: &Apps<'_>, app: &str, cycle: &str, yes: bool) -> anyhow::Result<ExitCode> {
    let app = apps.find(app).await?.place;
    let plan = app.at(&["undo-plan"]).send(Method::POST, &json!({ "cycle": cycle })).await?;
    if !yes {
        apps.output.document(&plan, &plan)?;
        return Ok(ExitCode::SUCCESS);
    }
    let reviewed = json!({ "cycle": cycle, "digest": plan["digest"] });
    applied(apps, &app.at(&["undo"]).send(Method::POST, &reviewed).await?)
}

fn applied(apps: &Apps<'_>, applied: &Value) -> anyhow::Result<ExitCode> {
    apps.output.document(applied, applied)?;
    let is_empty = |name: &str| applied[name].as_array().is_none_or(Vec::is_empty);
    let is_whole = is_empty("moved") && is_empty("failed") && applied["ended"].is_null();
    Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub(super) async fn held(apps: &Apps<'_>, app: &str, is_allowed: bool) -> anyhow::Result<()> {
    let action = if is_allowed { "allow-deletions" } else { "reject-deletions" };
    apps.output.object(&apps.find(app).await?.place.at(&[action]).act().await?, &JOB)
}

pub(super) fn show_action(apps: &Apps<'_>, done: &Value) -> anyhow::Result<()> {
    apps.output.object(done, &ACTION)?;
    match (apps.output, done["steps"].as_array()) {
        (Output::Plain, Some(steps)) => apps.output.list(steps, &STEPS),
        (Output::Plain | Output::Json, _) => Ok(()),
    }
}
