//! The API page: tokens of people.

use super::{admin_apps::Made, open};
use crate::console::{
    answer::{Answer, done, page, page_with},
    paths::Paths,
    reveal,
    visit::{List, Visit},
};
use axum::{
    body::Body,
    http::{Method, StatusCode},
    routing::get,
};
use provost_console::{
    Filled,
    screens::settings::{Part, admin_apps, tokens},
};
use serde_json::json;

pub(super) fn routes() -> Paths {
    let base = "/accounts/{account}/settings/api";
    Paths::new().route(base, get(list).post(create)).route(&format!("{base}/new"), get(add))
}

async fn list(visit: Visit) -> Answer {
    let found: List<admin_apps::App> = visit.get(&visit.of_account("/admin-apps?limit=200")).await?;
    let all: Vec<admin_apps::App> = found.items.into_iter().filter(|app| app.owner.is_some()).collect();
    let made = reveal::taken(&visit).filter(|(app, _)| all.iter().any(|token| token.id == *app));
    let view = tokens::View {
        open: &open(&visit),
        tokens: &all,
        api_url: format!("{}/api/v1", visit.origin()),
        made: made.as_ref().map(|(_, token)| token.as_str()),
        may_manage: visit.may_manage_credentials(),
    };
    let shown = page(tokens::list(&visit.shell().await, &view));
    Ok(reveal::forget(&visit, visit.shown(shown)))
}

async fn add(visit: Visit) -> Answer {
    if !visit.may_manage_credentials() {
        return Err(visit.trouble(403, "none of your roles permits to make API tokens".to_owned()).await);
    }
    Ok(page(tokens::add(&visit.shell().await, visit.user().is_none(), &Filled::with(&[("scopes", "scim")]))))
}

async fn create(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let user = visit.user();
    let owner = user.as_deref().or_else(|| filled.given("owner")).map(str::to_owned);
    if filled.given("description").is_none() {
        filled.refuse_field("description", "say what the token is for");
    }
    if owner.is_none() {
        filled.refuse_field("owner", "a token has an owner: give a sign-in name");
    }
    let status = if filled.is_refused() {
        StatusCode::BAD_REQUEST
    } else {
        let scopes: Vec<&str> = filled.all("scopes").collect();
        let new = json!({ "name": filled.value("description"), "owner": owner, "scopes": scopes });
        match visit.send::<Made>(Method::POST, &visit.of_account("/admin-apps"), Some(&new)).await {
            Ok(made) => {
                let answer = done(&visit.path(Part::Tokens.path()), "API token created");
                return Ok(reveal::carry(&visit, answer, &made.id, &made.api_key));
            }
            Err(refusal) if refusal.is_about_the_form() => {
                let status = refusal.status();
                refusal.tell(&mut filled);
                status
            }
            Err(refusal) => return Err(visit.refused(refusal).await),
        }
    };
    Ok(page_with(status, tokens::add(&visit.shell().await, user.is_none(), &filled)))
}
