//! Plans: made, reviewed, applied.

use super::{app_of, at, here, may_manage, of_app};
use crate::console::{
    answer::{Answer, done, page, page_with},
    paths::Paths,
    visit::Visit,
};
use axum::{
    body::Body,
    http::Method,
    routing::{get, post},
};
use provost_console::{
    Filled,
    screens::enterprise_apps::plans::{self, Applied, Plan},
};
use serde_json::{Value, json};

pub(super) fn routes() -> Paths {
    Paths::new()
        .route(&at("/plan"), get(ask).post(make))
        .route(&at("/plan/review"), post(review))
        .route(&at("/plan/apply"), post(apply))
}

async fn ask(visit: Visit) -> Answer {
    let app = app_of(&visit).await?;
    Ok(visit.shown(page(plans::ask(&visit.shell().await, &app, &Filled::default(), may_manage(&visit)))))
}

async fn make(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let app = app_of(&visit).await?;
    match visit.send::<Plan>(Method::POST, &of_app(&visit, "/plan"), None::<&Value>).await {
        Ok(plan) => Ok(page(plans::page(&visit.shell().await, &app, &plan))),
        Err(refusal) => {
            let status = refusal.status();
            filled.refuse(refusal.detail);
            Ok(page_with(status, plans::ask(&visit.shell().await, &app, &filled, may_manage(&visit))))
        }
    }
}

async fn review(visit: Visit, body: Body) -> Answer {
    let filled = visit.form(body).await?;
    let app = app_of(&visit).await?;
    Ok(page(plans::review(&visit.shell().await, &app, &filled)))
}

async fn apply(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let app = app_of(&visit).await?;
    let reviewed = json!({ "digest": filled.value("digest"), "seed": filled.value("seed") });
    match visit.send::<Applied>(Method::POST, &of_app(&visit, "/apply"), Some(&reviewed)).await {
        Ok(applied) => {
            // What failed is told where its reasons stand.
            let next = if applied.failed.is_empty() { "/plan" } else { "/logs?status=failure" };
            Ok(done(&here(&visit, next), &format!("Plan applied: {}", applied.words())))
        }
        Err(refusal) => {
            let status = refusal.status();
            filled.refuse(refusal.detail);
            Ok(page_with(status, plans::ask(&visit.shell().await, &app, &filled, may_manage(&visit))))
        }
    }
}
