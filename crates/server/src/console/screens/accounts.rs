//! All accounts: for the operator.

use crate::console::{
    answer::{Answer, done, page, page_with},
    paths::Paths,
    visit::{List, Visit},
};
use axum::{body::Body, http::Method, routing::get};
use provost_console::{
    Filled, address,
    screens::accounts::{self, Account, Preset},
};
use serde_json::json;

pub(super) fn routes() -> Paths {
    Paths::new().route("/accounts", get(list).post(create)).route("/accounts/new", get(add))
}

async fn list(visit: Visit) -> Answer {
    let query = visit.query();
    let found: List<Account> = visit.get(&address("/accounts", &[("cursor", query.value("cursor"))])).await?;
    let is_first = query.given("cursor").is_none();
    Ok(visit.shown(page(accounts::list(&visit.shell().await, &found.items, found.next.as_deref(), is_first))))
}

async fn add(visit: Visit) -> Answer {
    let presets = presets(&visit).await?;
    Ok(page(accounts::add(&visit.shell().await, &presets, &Filled::with(&[("policy", "standard")]))))
}

async fn create(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let new = json!({ "name": filled.value("name"), "policy": filled.value("policy") });
    match visit.send::<Account>(Method::POST, "/accounts", Some(&new)).await {
        Ok(account) => Ok(done(&format!("/console/accounts/{}", account.id), "Account added")),
        Err(refusal) if refusal.is_about_the_form() => {
            let status = refusal.status();
            refusal.tell(&mut filled);
            let presets = presets(&visit).await?;
            Ok(page_with(status, accounts::add(&visit.shell().await, &presets, &filled)))
        }
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}

async fn presets(visit: &Visit) -> Result<Vec<Preset>, crate::console::answer::Trouble> {
    Ok(visit.get::<List<Preset>>("/policy/presets").await?.items)
}
