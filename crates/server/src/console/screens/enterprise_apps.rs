//! Enterprise applications: the list, one application, and what its parts share.

mod assignments;
mod connection;
mod logs;
mod mapping;
mod mappings;
mod on_demand;
mod plans;
mod provisioning;
mod roles;
mod settings;

use crate::console::{
    answer::{Answer, Trouble, done, page, page_with},
    paths::Paths,
    visit::{List, Refusal, Visit},
};
use axum::{
    body::Body,
    http::{Method, StatusCode},
    routing::get,
};
use provost_accounts::Permission;
use provost_console::{
    Filled, Markup, Shell, address,
    components::field::to_type,
    escaped,
    screens::enterprise_apps::{self as screens, App, Listed, begin::Assigned, job::Job},
};
use serde_json::{Value, json};

/// Applications of one page, each of which is asked for its state.
const LIST_MAX: &str = "25";
/// Assignments that an overview counts; more are "more than".
const LOOKED_AT: usize = 100;

pub(super) fn routes() -> Paths {
    Paths::new()
        .route("/accounts/{account}/enterprise-apps", get(list).post(create))
        .route("/accounts/{account}/enterprise-apps/new", get(add))
        .route(&at(""), get(overview))
        .route(&at("/delete"), get(ask_delete).post(delete))
        .merge(assignments::routes())
        .merge(connection::routes())
        .merge(logs::routes())
        .merge(mapping::routes())
        .merge(mappings::routes())
        .merge(on_demand::routes())
        .merge(plans::routes())
        .merge(provisioning::routes())
        .merge(roles::routes())
        .merge(settings::routes())
}

/// The path of something of an application.
fn at(rest: &str) -> String {
    format!("/accounts/{{account}}/enterprise-apps/{{app}}{rest}")
}

/// Where something of the application is in the management API.
fn of_app(visit: &Visit, rest: &str) -> String {
    visit.of_account(&format!("/enterprise-apps/{}{rest}", escaped(visit.named("app"))))
}

/// Where something of the application is in the console.
fn here(visit: &Visit, rest: &str) -> String {
    visit.path(&format!("/enterprise-apps/{}{rest}", visit.named("app")))
}

/// The application of the path.
async fn app_of(visit: &Visit) -> Result<App, Trouble> {
    visit.get(&of_app(visit, "")).await
}

fn may_manage(visit: &Visit) -> bool {
    visit.may(Permission::ManageScim)
}

/// Ends a form: the way on, or the form again with what was wrong.
async fn settled<T>(
    visit: &Visit,
    mut filled: Filled,
    outcome: Result<T, Refusal>,
    (to, said): (&str, &str),
    again: impl AsyncFnOnce(&Shell, &Filled) -> Result<Markup, Trouble>,
) -> Answer {
    match outcome {
        Ok(_) => Ok(done(to, said)),
        Err(refusal) if refusal.is_about_the_form() => {
            let status = refusal.status();
            refusal.tell(&mut filled);
            let markup = again(&visit.shell().await, &filled).await?;
            Ok(page_with(status, markup))
        }
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}

async fn list(visit: Visit) -> Answer {
    let query = visit.query();
    let asked = address("/enterprise-apps", &[("limit", LIST_MAX), ("cursor", query.value("cursor"))]);
    let found: List<App> = visit.get(&visit.of_account(&asked)).await?;
    let mut apps = Vec::new();
    for app in found.items {
        let job = visit.find(&visit.of_account(&format!("/enterprise-apps/{}/status", app.id))).await?;
        apps.push(Listed { app, job });
    }
    let list = screens::List {
        apps: &apps,
        is_first: query.value("cursor").is_empty(),
        next: found.next.as_deref(),
        may_manage: may_manage(&visit),
    };
    Ok(visit.shown(page(screens::list(&visit.shell().await, &list))))
}

async fn add(visit: Visit) -> Answer {
    Ok(page(screens::add(&visit.shell().await, &Filled::default())))
}

async fn create(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let new = json!({ "name": filled.value("name").trim() });
    match visit.send::<App>(Method::POST, &visit.of_account("/enterprise-apps"), Some(&new)).await {
        Ok(app) => Ok(done(&visit.path(&format!("/enterprise-apps/{}", app.id)), "Application added")),
        Err(refusal) if refusal.is_about_the_form() => {
            let status = refusal.status();
            refusal.tell(&mut filled);
            Ok(page_with(status, screens::add(&visit.shell().await, &filled)))
        }
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}

async fn overview(visit: Visit) -> Answer {
    let app = app_of(&visit).await?;
    let job: Job = visit.get(&of_app(&visit, "/status")).await?;
    let assigned: Option<List<Value>> = visit.find(&of_app(&visit, &format!("/assignments?limit={LOOKED_AT}"))).await?;
    let assigned = assigned.map(|list| Assigned { number: list.items.len(), more: list.next.is_some() });
    let view = screens::Overview { app: &app, job: &job, assigned, may_manage: may_manage(&visit) };
    Ok(visit.shown(page(screens::overview(&visit.shell().await, &view))))
}

async fn ask_delete(visit: Visit) -> Answer {
    let app = app_of(&visit).await?;
    Ok(page(screens::ask_delete(&visit.shell().await, &app, &Filled::default())))
}

async fn delete(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let app = app_of(&visit).await?;
    if filled.value("typed").trim() != to_type(&app.name) {
        filled.refuse_field("typed", format!("what you typed is not “{}”", to_type(&app.name)));
        let markup = screens::ask_delete(&visit.shell().await, &app, &filled);
        return Ok(page_with(StatusCode::BAD_REQUEST, markup));
    }
    let deleted = visit.send::<Value>(Method::DELETE, &of_app(&visit, ""), None::<&Value>).await;
    let again = async |shell: &Shell, filled: &Filled| Ok(screens::ask_delete(shell, &app, filled));
    settled(&visit, filled, deleted, (&visit.path("/enterprise-apps"), "Application deleted"), again).await
}
