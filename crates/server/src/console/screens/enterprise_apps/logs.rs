//! The provisioning log: of one application, as a place of the rail, and one entry.

use super::{app_of, at};
use crate::console::{
    answer::{Answer, Trouble, page},
    paths::Paths,
    visit::{List, Visit},
};
use axum::routing::get;
use jiff::SignedDuration;
use provost_console::{
    Filled, address, escaped,
    screens::enterprise_apps::{
        App,
        logs::{self, Entry},
    },
};

pub(super) fn routes() -> Paths {
    Paths::new()
        .route("/accounts/{account}/provisioning-logs", get(place))
        .route(&at("/logs"), get(list))
        .route(&at("/logs/{entry}"), get(entry))
}

/// The entries that are asked for, and the newest failures.
async fn found(visit: &Visit, app: &App, chosen: &Filled) -> Result<(List<Entry>, List<Entry>), Trouble> {
    let base = visit.of_account(&format!("/enterprise-apps/{}/provisioning-logs", escaped(&app.id)));
    let hours =
        chosen.given("of").and_then(|hours| hours.parse::<i64>().ok()).filter(|hours| (1..=720).contains(hours));
    let from = hours.map(|hours| (visit.now() - SignedDuration::from_hours(hours)).to_string()).unwrap_or_default();
    let query = [
        ("status", chosen.value("status")),
        ("action", chosen.value("action")),
        ("user", chosen.value("q").trim()),
        ("cycle", chosen.value("cycle")),
        ("from", from.as_str()),
        ("cursor", chosen.value("cursor")),
    ];
    let entries = match visit.ask::<List<Entry>>(&address(&base, &query)).await {
        Ok(entries) => entries,
        // Nobody has this name: then nothing of them is logged either.
        Err(refusal) if refusal.status == 400 && refusal.errors.iter().any(|fault| fault.pointer == "/user") => {
            List { items: Vec::new(), next: None }
        }
        Err(refusal) => return Err(visit.refused(refusal).await),
    };
    let causes = visit.get(&address(&base, &[("status", "failure"), ("limit", "100")])).await?;
    Ok((entries, causes))
}

async fn list(visit: Visit) -> Answer {
    let app = app_of(&visit).await?;
    let chosen = visit.query();
    let (entries, failures) = found(&visit, &app, &chosen).await?;
    let list = logs::List {
        entries: &entries.items,
        failures: &failures.items,
        next: entries.next.as_deref(),
        chosen: &chosen,
    };
    Ok(visit.shown(page(logs::list(&visit.shell().await, &app, &list))))
}

async fn place(visit: Visit) -> Answer {
    let apps: List<App> = visit.get(&visit.of_account("/enterprise-apps?limit=200")).await?;
    let chosen = visit.query();
    let open = apps.items.iter().find(|app| app.id == chosen.value("app")).or(apps.items.first());
    let Some(app) = open else { return Ok(page(logs::place(&visit.shell().await, &[], None))) };
    let (entries, failures) = found(&visit, app, &chosen).await?;
    let list = logs::List {
        entries: &entries.items,
        failures: &failures.items,
        next: entries.next.as_deref(),
        chosen: &chosen,
    };
    Ok(visit.shown(page(logs::place(&visit.shell().await, &apps.items, Some((app, &list))))))
}

async fn entry(visit: Visit) -> Answer {
    let app = app_of(&visit).await?;
    let path = super::of_app(&visit, &format!("/provisioning-logs/{}", escaped(visit.named("entry"))));
    let entry: Entry = visit.get(&path).await?;
    Ok(page(logs::entry(&visit.shell().await, &app, &entry)))
}
