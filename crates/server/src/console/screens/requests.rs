//! The request log.

use crate::console::{
    answer::{Answer, page},
    paths::Paths,
    visit::{List, Visit},
};
use axum::routing::get;
use provost_console::{
    address, escaped,
    screens::{
        requests::{self, Request},
        users::Named,
    },
};

pub(super) fn routes() -> Paths {
    Paths::new()
        .route("/accounts/{account}/requests", get(list))
        .route("/accounts/{account}/requests/{request}", get(one))
}

async fn list(visit: Visit) -> Answer {
    let query = visit.query();
    let asked = [
        ("user", query.value("q").trim()),
        ("app", query.value("app")),
        ("outcome", query.value("outcome")),
        ("cursor", query.value("cursor")),
    ];
    let found: List<Request> = visit.get(&visit.of_account(&address("/requests", &asked))).await?;
    let apps: Option<List<Named>> = visit.find(&visit.of_account("/admin-apps?limit=200")).await?;
    let list = requests::List {
        requests: &found.items,
        next: found.next.as_deref(),
        chosen: &query,
        apps: &apps.map(|apps| apps.items).unwrap_or_default(),
    };
    Ok(visit.shown(page(requests::list(&visit.shell().await, &list))))
}

async fn one(visit: Visit) -> Answer {
    let request: Request =
        visit.get(&visit.of_account(&format!("/requests/{}", escaped(visit.named("request"))))).await?;
    Ok(page(requests::one(&visit.shell().await, &request)))
}
