//! The simulator of the provisioning policy.

use super::apps;
use crate::console::{
    answer::{Answer, page, page_with},
    paths::Paths,
    visit::Visit,
};
use axum::{
    body::Body,
    http::{Method, StatusCode},
    routing::get,
};
use provost_console::screens::settings::simulator::{self, Outcome};
use serde_json::json;

pub(super) fn routes() -> Paths {
    Paths::new().route("/accounts/{account}/settings/policy/simulator", get(ask).post(run))
}

async fn ask(visit: Visit) -> Answer {
    let apps = apps(&visit).await?;
    Ok(page(simulator::page(&visit.shell().await, &apps, None, &visit.query())))
}

async fn run(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let asked = json!({
        "method": filled.value("method"),
        "path": filled.value("path"),
        "admin_app": filled.given("admin_app"),
        "body": filled.given("body"),
    });
    let tried = visit.send::<Outcome>(Method::POST, &visit.of_account("/simulations"), Some(&asked)).await;
    let (status, outcome) = match tried {
        Ok(outcome) => (StatusCode::OK, Some(outcome)),
        Err(refusal) if refusal.is_about_the_form() => {
            let status = refusal.status();
            refusal.tell(&mut filled);
            (status, None)
        }
        Err(refusal) => return Err(visit.refused(refusal).await),
    };
    let apps = apps(&visit).await?;
    Ok(page_with(status, simulator::page(&visit.shell().await, &apps, outcome.as_ref(), &filled)))
}
