//! How an account stands.

use crate::console::{
    answer::{Answer, Trouble, page},
    paths::Paths,
    visit::{List, Visit},
};
use axum::routing::get;
use jiff::Timestamp;
use provost_console::{
    components::mark::Mark,
    screens::overview::{self, Overview, PERIODS, Sending},
};
use serde::Deserialize;

/// Enterprise apps that the overview shows: the first so many.
const SENDING_MAX: usize = 20;

pub(super) fn routes() -> Paths {
    Paths::new().route("/accounts/{account}", get(show))
}

async fn show(visit: Visit) -> Answer {
    let asked = visit.query().value("hours").parse().ok();
    let hours = PERIODS.iter().map(|(hours, _)| *hours).find(|hours| Some(*hours) == asked).unwrap_or(PERIODS[0].0);
    let apps: Option<List<_>> = visit.find(&visit.of_account("/admin-apps?limit=200")).await?;
    let view = Overview {
        account: visit.get(&visit.of_account("")).await?,
        activity: visit.find(&visit.of_account(&format!("/activity?hours={hours}"))).await?,
        hours,
        apps: apps.map(|apps| apps.items),
        sending: sending(&visit).await?,
    };
    Ok(visit.shown(page(overview::page(&visit.shell().await, &view))))
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
        let last_cycle = job.and_then(|job| job.cycles.first().map(|cycle| cycle.ended));
        all.push(Sending { id: app.id, name: app.name, state, last_cycle });
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
