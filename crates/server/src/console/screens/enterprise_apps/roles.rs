//! App roles of an application.

use super::{app_of, at, here, may_manage, of_app, settled};
use crate::console::{
    answer::{Answer, Trouble, page},
    paths::Paths,
    visit::{List, Visit},
};
use axum::{body::Body, http::Method, routing::get};
use provost_console::{
    Filled, Shell, escaped,
    screens::enterprise_apps::{
        App,
        roles::{self, AppRole},
    },
};
use serde_json::{Value, json};

pub(super) fn routes() -> Paths {
    Paths::new()
        .route("/accounts/{account}/app-registrations", get(registrations))
        .route(&at("/app-roles"), get(list).post(create))
        .route(&at("/app-roles/new"), get(add))
        .route(&at("/app-roles/{role}"), get(edit).post(change))
        .route(&at("/app-roles/{role}/delete"), get(ask_delete).post(delete))
}

/// The roles of the application: the first 200.
pub(super) async fn roles_of(visit: &Visit) -> Result<Vec<AppRole>, Trouble> {
    let roles: List<AppRole> = visit.get(&of_app(visit, "/app-roles?limit=200")).await?;
    Ok(roles.items)
}

fn of_role(visit: &Visit) -> String {
    of_app(visit, &format!("/app-roles/{}", escaped(visit.named("role"))))
}

async fn registrations(visit: Visit) -> Answer {
    let apps: List<App> = visit.get(&visit.of_account("/enterprise-apps?limit=200")).await?;
    Ok(page(roles::registrations(&visit.shell().await, &apps.items)))
}

async fn list(visit: Visit) -> Answer {
    let (app, all) = (app_of(&visit).await?, roles_of(&visit).await?);
    Ok(visit.shown(page(roles::list(&visit.shell().await, &app, &all, may_manage(&visit)))))
}

async fn add(visit: Visit) -> Answer {
    let app = app_of(&visit).await?;
    Ok(page(roles::edit(&visit.shell().await, &app, None, &roles::blank())))
}

/// What a form says of a role.
fn wanted(filled: &Filled) -> Value {
    let member_types: &[&str] = match filled.value("member_types") {
        "both" => &["user", "application"],
        "application" => &["application"],
        _ => &["user"],
    };
    json!({
        "display_name": filled.value("display_name").trim(),
        "value": filled.value("value").trim(),
        "description": filled.value("description").trim(),
        "enabled": filled.has("enabled", "yes"),
        "member_types": member_types,
    })
}

async fn create(visit: Visit, body: Body) -> Answer {
    let filled = visit.form(body).await?;
    let app = app_of(&visit).await?;
    let made = visit.send::<AppRole>(Method::POST, &of_app(&visit, "/app-roles"), Some(&wanted(&filled))).await;
    let again = async |shell: &Shell, filled: &Filled| Ok(roles::edit(shell, &app, None, filled));
    settled(&visit, filled, made, (&here(&visit, "/app-roles"), "App role created"), again).await
}

async fn edit(visit: Visit) -> Answer {
    let app = app_of(&visit).await?;
    let role: AppRole = visit.get(&of_role(&visit)).await?;
    Ok(page(roles::edit(&visit.shell().await, &app, Some(&role), &roles::filled(&role))))
}

async fn change(visit: Visit, body: Body) -> Answer {
    let filled = visit.form(body).await?;
    let app = app_of(&visit).await?;
    let role: AppRole = visit.get(&of_role(&visit)).await?;
    let changed = visit.send::<AppRole>(Method::PATCH, &of_role(&visit), Some(&wanted(&filled))).await;
    let again = async |shell: &Shell, filled: &Filled| Ok(roles::edit(shell, &app, Some(&role), filled));
    settled(&visit, filled, changed, (&here(&visit, "/app-roles"), "App role saved"), again).await
}

async fn ask_delete(visit: Visit) -> Answer {
    let app = app_of(&visit).await?;
    let role: AppRole = visit.get(&of_role(&visit)).await?;
    Ok(page(roles::ask_delete(&visit.shell().await, &app, &role, &Filled::default())))
}

async fn delete(visit: Visit, body: Body) -> Answer {
    let filled = visit.form(body).await?;
    let app = app_of(&visit).await?;
    let role: AppRole = visit.get(&of_role(&visit)).await?;
    let deleted = visit.send::<Value>(Method::DELETE, &of_role(&visit), None::<&Value>).await;
    let again = async |shell: &Shell, filled: &Filled| Ok(roles::ask_delete(shell, &app, &role, filled));
    settled(&visit, filled, deleted, (&here(&visit, "/app-roles"), "App role deleted"), again).await
}
