//! Cycles of an application: how they stand, and what people do about them.

use super::{app_of, at, here, may_manage, of_app, settled};
use crate::console::{
    answer::{Answer, Trouble, done, page, page_with},
    paths::Paths,
    visit::{List, Visit},
};
use axum::{
    body::Body,
    http::Method,
    routing::{get, post},
};
use provost_console::{
    Filled, Shell, address,
    screens::enterprise_apps::{
        App,
        job::{Cycle, Job},
        logs::Entry,
        plans::{self, Applied, Plan},
        provisioning::{self, Held, View},
    },
};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// Names that are shown of those whose deletes are held.
const HELD_MAX: &str = "50";
/// How long a page waits for a cycle to end; a longer one goes on by itself.
const CYCLE_WAIT: Duration = Duration::from_secs(3);

pub(super) fn routes() -> Paths {
    Paths::new()
        .route(&at("/provisioning"), get(show))
        .route(&at("/provisioning/start"), post(start))
        .route(&at("/provisioning/stop"), post(stop))
        .route(&at("/provisioning/cycle"), post(cycle))
        .route(&at("/provisioning/restart"), get(ask_restart).post(restart))
        .route(&at("/provisioning/allow"), get(ask_allow).post(allow))
        .route(&at("/provisioning/reject"), get(ask_reject).post(reject))
        .route(&at("/provisioning/undo/{cycle}"), get(ask_undo).post(undo))
}

async fn job_of(visit: &Visit) -> Result<Job, Trouble> {
    visit.get(&of_app(visit, "/status")).await
}

/// Whose disables and deletes the last cycle held; nobody where whoever looks may not read the log.
async fn held(visit: &Visit, job: &Job) -> Result<Vec<Held>, Trouble> {
    let Some(last) = job.cycles.first().filter(|cycle| cycle.counts.held > 0) else { return Ok(Vec::new()) };
    let query = [("action", "staged_delete"), ("cycle", last.id.as_str()), ("limit", HELD_MAX)];
    let entries: Option<List<Entry>> = visit.find(&of_app(visit, &address("/provisioning-logs", &query))).await?;
    let one = |entry: Entry| Held { id: entry.source.id, is_user: entry.source.of == "users", name: entry.source.name };
    Ok(entries.map(|entries| entries.items.into_iter().map(one).collect()).unwrap_or_default())
}

async fn show(visit: Visit) -> Answer {
    let (app, job) = (app_of(&visit).await?, job_of(&visit).await?);
    let held = held(&visit, &job).await?;
    let view = View { app: &app, job: &job, held: &held, may_manage: may_manage(&visit) };
    Ok(visit.shown(page(provisioning::page(&visit.shell().await, &view))))
}

async fn acted(visit: Visit, body: Body, rest: &str, said: &str) -> Answer {
    visit.form(body).await?;
    match visit.send::<Value>(Method::POST, &of_app(&visit, rest), None::<&Value>).await {
        Ok(_) => Ok(done(&here(&visit, "/provisioning"), said)),
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}

async fn start(visit: Visit, body: Body) -> Answer {
    acted(visit, body, "/start", "Provisioning status set to On").await
}

async fn stop(visit: Visit, body: Body) -> Answer {
    acted(visit, body, "/stop", "Provisioning status set to Off").await
}

async fn cycle(visit: Visit, body: Body) -> Answer {
    visit.form(body).await?;
    let path = of_app(&visit, "/cycle");
    let running = visit.send::<Cycle>(Method::POST, &path, None::<&Value>);
    let said = match tokio::time::timeout(CYCLE_WAIT, running).await {
        Ok(Ok(cycle)) => format!("Cycle ended: {}", cycle.counts.words()),
        Ok(Err(refusal)) => return Err(visit.refused(refusal).await),
        Err(_) => "Cycle started".to_owned(),
    };
    Ok(done(&here(&visit, "/provisioning"), &said))
}

async fn ask_restart(visit: Visit) -> Answer {
    let app = app_of(&visit).await?;
    let usual = ["watermark", "escrows", "quarantine_state"].map(|name| ("clear", name));
    Ok(page(provisioning::restart(&visit.shell().await, &app, &Filled::with(&usual))))
}

async fn restart(visit: Visit, body: Body) -> Answer {
    let filled = visit.form(body).await?;
    let app = app_of(&visit).await?;
    let reset: Map<String, Value> = filled.all("clear").map(|name| (name.to_owned(), json!(true))).collect();
    let restarted = visit.send::<Value>(Method::POST, &of_app(&visit, "/restart"), Some(&reset)).await;
    let again = async |shell: &Shell, filled: &Filled| Ok(provisioning::restart(shell, &app, filled));
    settled(&visit, filled, restarted, (&here(&visit, "/provisioning"), "Provisioning restarted"), again).await
}

async fn ask_held(visit: &Visit, is_allowed: bool) -> Answer {
    let (app, job) = (app_of(visit).await?, job_of(visit).await?);
    let held = held(visit, &job).await?;
    let view = View { app: &app, job: &job, held: &held, may_manage: may_manage(visit) };
    Ok(page(provisioning::ask_held(&visit.shell().await, &view, is_allowed, &Filled::default())))
}

async fn ask_allow(visit: Visit) -> Answer {
    ask_held(&visit, true).await
}

async fn ask_reject(visit: Visit) -> Answer {
    ask_held(&visit, false).await
}

async fn allow(visit: Visit, body: Body) -> Answer {
    acted(visit, body, "/allow-deletions", "Deletions allowed: the next cycle sends them").await
}

async fn reject(visit: Visit, body: Body) -> Answer {
    acted(visit, body, "/reject-deletions", "Deletions rejected").await
}

async fn undo_page(
    visit: &Visit,
    app: &App,
    filled: &Filled,
    shell: &Shell,
) -> Result<provost_console::Markup, Trouble> {
    let cycle = visit.named("cycle");
    let path = of_app(visit, "/undo-plan");
    match visit.send::<Plan>(Method::POST, &path, Some(&json!({ "cycle": cycle }))).await {
        Ok(plan) => Ok(plans::undo(shell, app, cycle, &plan, filled)),
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}

async fn ask_undo(visit: Visit) -> Answer {
    let app = app_of(&visit).await?;
    Ok(page(undo_page(&visit, &app, &Filled::default(), &visit.shell().await).await?))
}

async fn undo(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let app = app_of(&visit).await?;
    let wanted = json!({ "cycle": visit.named("cycle"), "digest": filled.value("digest") });
    match visit.send::<Applied>(Method::POST, &of_app(&visit, "/undo"), Some(&wanted)).await {
        Ok(applied) => Ok(done(&here(&visit, "/provisioning"), &format!("Cycle undone: {}", applied.words()))),
        Err(refusal) if refusal.is_about_the_form() => {
            let status = refusal.status();
            refusal.tell(&mut filled);
            Ok(page_with(status, undo_page(&visit, &app, &filled, &visit.shell().await).await?))
        }
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}
