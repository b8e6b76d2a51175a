//! What the brakes of admin apps keep for an administrator.

use crate::console::{
    answer::{Answer, done, page},
    paths::Paths,
    visit::{List, Visit},
};
use axum::{
    body::Body,
    http::Method,
    routing::{get, post},
};
use provost_accounts::Permission;
use provost_console::{address, escaped, screens::held_changes};
use serde_json::Value;

pub(super) fn routes() -> Paths {
    let base = "/accounts/{account}/held-changes";
    Paths::new()
        .route(base, get(list))
        .route(&format!("{base}/{{user}}/release"), post(release))
        .route(&format!("{base}/{{user}}/discard"), post(discard))
}

async fn list(visit: Visit) -> Answer {
    let query = visit.query();
    let asked = [("limit", "100"), ("cursor", query.value("cursor"))];
    let found: List<held_changes::Held> = visit.get(&visit.of_account(&address("/held-changes", &asked))).await?;
    let may_decide = visit.may(Permission::ManageUsers);
    let shown = held_changes::page(&visit.shell().await, &found.items, found.next.as_deref(), may_decide);
    Ok(visit.shown(page(shown)))
}

async fn release(visit: Visit, body: Body) -> Answer {
    decide(&visit, body, "release", "Change released").await
}

async fn discard(visit: Visit, body: Body) -> Answer {
    decide(&visit, body, "discard", "Change discarded").await
}

async fn decide(visit: &Visit, body: Body, act: &str, said: &str) -> Answer {
    visit.form(body).await?;
    let change = visit.of_account(&format!("/held-changes/{}/{act}", escaped(visit.named("user"))));
    match visit.send::<Value>(Method::POST, &change, None::<&Value>).await {
        Ok(_) => Ok(done(&visit.path("/held-changes"), said)),
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}
