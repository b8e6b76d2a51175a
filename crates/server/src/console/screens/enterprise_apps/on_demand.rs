//! Provision on demand.

use super::{app_of, at, of_app};
use crate::console::{
    answer::{Answer, page, page_with},
    paths::Paths,
    visit::Visit,
};
use axum::{body::Body, http::Method, routing::get};
use provost_console::{
    Filled,
    screens::enterprise_apps::{logs::Entry, on_demand},
};
use serde_json::json;

pub(super) fn routes() -> Paths {
    Paths::new().route(&at("/on-demand"), get(ask).post(provision))
}

async fn ask(visit: Visit) -> Answer {
    let app = app_of(&visit).await?;
    Ok(page(on_demand::page(&visit.shell().await, &app, &Filled::with(&[("kind", "user")]), None)))
}

async fn provision(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let app = app_of(&visit).await?;
    let kind = if filled.has("kind", "group") { "group" } else { "user" };
    let wanted = json!({ kind: filled.value("name").trim() });
    match visit.send::<Entry>(Method::POST, &of_app(&visit, "/provision-on-demand"), Some(&wanted)).await {
        Ok(entry) => Ok(page(on_demand::page(&visit.shell().await, &app, &filled, Some(&entry)))),
        Err(refusal) if refusal.is_about_the_form() => {
            let status = refusal.status();
            if refusal.errors.is_empty() {
                filled.refuse(refusal.detail);
            }
            for fault in refusal.errors {
                filled.refuse_field("name", format!("not found: {}", fault.detail));
            }
            Ok(page_with(status, on_demand::page(&visit.shell().await, &app, &filled, None)))
        }
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}
