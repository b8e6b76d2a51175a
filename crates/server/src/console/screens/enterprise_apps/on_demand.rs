//! Provision on demand.

use super::{
    app_of,
    assignments::{groups, users},
    at, of_app,
};
use crate::console::{
    answer::{Answer, Trouble, page, page_with},
    paths::Paths,
    visit::Visit,
};
use axum::{body::Body, http::Method, routing::get};
use provost_console::{
    Filled,
    screens::enterprise_apps::{assignments::Candidate, logs::Entry, on_demand},
};
use serde_json::json;

/// How many are shown whom a name may have meant.
const MEANT_MAX: usize = 8;

pub(super) fn routes() -> Paths {
    Paths::new().route(&at("/on-demand"), get(ask).post(provision))
}

async fn ask(visit: Visit) -> Answer {
    let app = app_of(&visit).await?;
    let query = visit.query();
    let kind = if query.has("kind", "group") { "group" } else { "user" };
    let filled = Filled::with(&[("kind", kind), ("name", query.value("name"))]);
    Ok(page(on_demand::page(&visit.shell().await, &app, &filled, None)))
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
            let is_unknown = !refusal.errors.is_empty();
            for fault in refusal.errors {
                filled.refuse_field("name", format!("not found: {}", fault.detail));
            }
            let meant = if is_unknown { meant(&visit, kind, filled.value("name").trim()).await? } else { Vec::new() };
            Ok(page_with(status, on_demand::not_found(&visit.shell().await, &app, &filled, &meant)))
        }
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}

/// Those whose names begin with what was typed.
async fn meant(visit: &Visit, kind: &str, text: &str) -> Result<Vec<Candidate>, Trouble> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let (mut found, _) = if kind == "group" { groups(visit, text).await? } else { users(visit, text).await? };
    found.truncate(MEANT_MAX);
    Ok(found)
}
