//! How an account stands.

use crate::console::{
    answer::{Answer, Trouble, done, page},
    paths::Paths,
    visit::{List, Visit},
};
use axum::{
    body::Body,
    http::Method,
    routing::{get, post},
};
use jiff::Timestamp;
use provost_console::{
    components::mark::Mark,
    screens::overview::{self, Overview, PERIODS, Sending},
};
use serde::Deserialize;
use serde_json::Value;

/// Enterprise apps that the overview shows: the first so many.
const SENDING_MAX: usize = 20;

pub(super) fn routes() -> Paths {
    Paths::new()
        .route("/accounts/{account}", get(show))
        .route("/accounts/{account}/alerts/{alert}/dismiss", post(dismiss))
}

async fn show(visit: Visit) -> Answer {
    let asked = visit.query().value("hours").parse().ok();
    let hours = PERIODS.iter().map(|(hours, _)| *hours).find(|hours| Some(*hours) == asked).unwrap_or(PERIODS[0].0);
    let apps: Option<List<_>> = visit.find(&visit.of_account("/admin-apps?limit=200")).await?;
    let alerts: Option<List<_>> = visit.find(&visit.of_account("/alerts?limit=200")).await?;
    let view = Overview {
        alerts: alerts.map(|alerts| alerts.items).unwrap_or_default(),
        may_dismiss: visit.may_manage_credentials(),
        account: visit.get(&visit.of_account("")).await?,
        activity: visit.find(&visit.of_account(&format!("/activity?hours={hours}"))).await?,
        hours,
        apps: apps.map(|apps| apps.items),
        sending: sending(&visit).await?,
    };
    Ok(visit.shown(page(overview::page(&visit.shell().await, &view))))
}

/// Takes an alert away that somebody has seen.
async fn dismiss(visit: Visit, body: Body) -> Answer {
    visit.form(body).await?;
    let alert = provost_console::escaped(visit.named("alert"));
    let dismiss = visit.of_account(&format!("/alerts/{alert}/dismiss"));
    match visit.send::<Value>(Method::POST, &dismiss, None::<&Value>).await {
        Ok(_) => Ok(done(&visit.path(""), "Alert dismissed")),
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}

/// An enterprise app, as far as the overview tells of it.
#[derive(Deserialize)]
struct EnterpriseApp {
    id: String,
    name: String,
}

/// How an enterprise app stands, as far as the overview tells of it.
#[derive(Deserialize)]
struct Job {
    state: String,
    under_way: bool,
    failing: u64,
    cycles: Vec<Cycle>,
}

/// A cycle.
#[derive(Deserialize)]
struct Cycle {
    ended: Timestamp,
}

async fn sending(visit: &Visit) -> Result<Vec<Sending>, Trouble> {
    let apps: Option<List<EnterpriseApp>> =
        visit.find(&visit.of_account(&format!("/enterprise-apps?limit={SENDING_MAX}"))).await?;
    let mut all = Vec::new();
    for app in apps.map(|apps| apps.items).unwrap_or_default() {
        let job: Option<Job> = visit.find(&visit.of_account(&format!("/enterprise-apps/{}/status", app.id))).await?;
        let state = job.as_ref().map_or((Mark::Off, "Not known".to_owned()), |job| standing(&job.state, job.under_way));
        let failing = job.as_ref().map_or(0, |job| job.failing);
        let last_cycle = job.and_then(|job| job.cycles.first().map(|cycle| cycle.ended));
        all.push(Sending { id: app.id, name: app.name, state, last_cycle, failing });
    }
    Ok(all)
}

/// How the state of a job is shown.
fn standing(state: &str, under_way: bool) -> (Mark, String) {
    let (mark, word) = match state {
        "Quarantine" => (Mark::Bad, "Quarantine"),
        _ if under_way => (Mark::Run, "Cycle running"),
        "Active" | "NotRun" => (Mark::On, "On"),
        "Disabled" => (Mark::Bad, "Switched off after 28 days in quarantine"),
        "NotConfigured" => (Mark::Wait, "Not configured"),
        _ => (Mark::Off, "Off"),
    };
    (mark, word.to_owned())
}
