//! Every screen: its path and its handler. The browser tests walk this table.

mod accounts;
mod audit;
mod enterprise_apps;
mod groups;
mod help;
mod overview;
mod requests;
mod roles;
mod settings;
mod user;
mod users;

pub(super) use help::problem;

use super::{
    answer::{Answer, go, page},
    paths::Paths,
    visit::Visit,
};
use axum::routing::get;
use provost_console::screens::specimens;

/// The paths of all screens, below [`BASE`](super::BASE).
pub(super) fn routes() -> Paths {
    Paths::new()
        .route("/", get(start))
        .route("/_components", get(components))
        .merge(accounts::routes())
        .merge(audit::routes())
        .merge(enterprise_apps::routes())
        .merge(help::routes())
        .merge(overview::routes())
        .merge(groups::routes())
        .merge(requests::routes())
        .merge(roles::routes())
        .merge(settings::routes())
        .merge(users::routes())
        .merge(user::routes())
}

/// Where somebody begins.
async fn start(visit: Visit) -> Answer {
    Ok(match visit.signed.account {
        Some(account) => go(&format!("/console/accounts/{account}")),
        None => go("/console/accounts"),
    })
}

async fn components(visit: Visit) -> Answer {
    Ok(page(specimens::page(&visit.shell().await)))
}
