//! Settings: a tab for each part, each at an address of its own.

mod account;
mod admin_app;
mod admin_apps;
mod policy;
mod policy_history;
mod quorum;
mod sign_in;
mod simulator;
mod tokens;

use crate::console::{
    answer::{Answer, Trouble, go},
    paths::Paths,
    visit::{List, Visit},
};
use axum::routing::get;
use provost_accounts::Permission;
use provost_console::screens::{settings::Part, users::Named};

pub(super) fn routes() -> Paths {
    Paths::new()
        .route("/accounts/{account}/settings", get(start))
        .merge(admin_apps::routes())
        .merge(admin_app::routes())
        .merge(tokens::routes())
        .merge(policy::routes())
        .merge(policy_history::routes())
        .merge(simulator::routes())
        .merge(quorum::routes())
        .merge(sign_in::routes())
        .merge(account::routes())
}

/// The parts that whoever looks may see.
fn open(visit: &Visit) -> Vec<Part> {
    let needed = |part: &Part| match part {
        Part::AdminApps | Part::Tokens => Permission::GetAdminApps,
        Part::Policy | Part::SignIn => Permission::GetPolicy,
        Part::Quorum => Permission::GetQuorumPolicy,
        Part::Account => Permission::GetUsers,
    };
    Part::ALL.into_iter().filter(|part| visit.may(needed(part))).collect()
}

/// The first part that whoever looks may see.
async fn start(visit: Visit) -> Answer {
    match open(&visit).first() {
        Some(part) => Ok(go(&visit.path(part.path()))),
        None => Err(visit.trouble(403, "none of your roles permits to see the settings".to_owned()).await),
    }
}

/// The admin apps of the account, by name; none where whoever looks may not see them.
async fn apps(visit: &Visit) -> Result<Vec<Named>, Trouble> {
    let apps: Option<List<Named>> = visit.find(&visit.of_account("/admin-apps?limit=200")).await?;
    Ok(apps.map(|apps| apps.items).unwrap_or_default())
}
