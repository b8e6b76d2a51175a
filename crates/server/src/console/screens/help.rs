//! Help: for anybody what holds everywhere, in an account its guides.

use crate::{
    app::App,
    console::{
        access::cookie,
        answer::{Answer, Trouble, page, page_with},
        paths::Paths,
        visit::{List, THEME, Visit},
    },
};
use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
    routing::get,
};
use provost_console::{
    Markup, Theme, layout,
    screens::{
        accounts::Account,
        help::{self, Guide, OwnRole, Standing},
        settings::{admin_apps, guides::Provider},
        users::User,
    },
};
use serde_json::Value;

/// Users among whom one with roles of the identity provider is looked for.
const LOOKED_AT: &str = "50";

pub(super) fn routes() -> Paths {
    Paths::new()
        .route("/help", get(general))
        .route("/accounts/{account}/help", get(of_account))
        .route("/accounts/{account}/help/guide", get(guide))
}

/// The pages that the types of problems name.
pub(in crate::console) async fn problem(
    State(app): State<App>,
    headers: HeaderMap,
    Path(code): Path<String>,
) -> Response {
    match help::remedy(&code) {
        Some(remedy) => open(&headers, StatusCode::OK, remedy.title, &help::remedy_body(remedy, app.support())),
        None => open(&headers, StatusCode::NOT_FOUND, "Not found", &help::body(false, app.support())),
    }
}

async fn general(State(app): State<App>, headers: HeaderMap) -> Response {
    open(&headers, StatusCode::OK, "Help", &help::body(true, app.support()))
}

fn open(headers: &HeaderMap, status: StatusCode, title: &str, body: &Markup) -> Response {
    let theme = Theme::named(&cookie(headers, THEME).unwrap_or_default());
    page_with(status, layout::bare(title, theme, env!("CARGO_PKG_VERSION"), body))
}

/// The policy in force; `None` where whoever looks may not read it.
async fn policy(visit: &Visit) -> Result<Option<Value>, Trouble> {
    let version: Option<Value> = visit.find(&visit.of_account("/policy")).await?;
    Ok(version.map(|mut version| version["policy"].take()))
}

fn takes_groups(policy: Option<&Value>) -> bool {
    let mode = policy.and_then(|policy| policy.pointer("/groups/mode")).and_then(Value::as_str);
    mode.is_some_and(|mode| mode != "off")
}

async fn of_account(visit: Visit) -> Answer {
    let policy = policy(&visit).await?;
    Ok(visit.shown(page(help::page(&visit.shell().await, takes_groups(policy.as_ref())))))
}

async fn guide(visit: Visit) -> Answer {
    let policy = policy(&visit).await?;
    let roles: Option<List<OwnRole>> = visit.find(&visit.of_account("/roles?limit=200")).await?;
    let roles = roles.map(|roles| roles.items).unwrap_or_default();
    let tenant_url = visit.signed.caller.tenant_url();
    let guide = Guide {
        provider: Provider::named(visit.query().value("idp")),
        tenant_url: &tenant_url,
        policy: policy.as_ref(),
        roles: &roles,
        standing: standing(&visit).await?,
        has_groups: takes_groups(policy.as_ref()),
    };
    Ok(visit.shown(page(help::guide(&visit.shell().await, &guide))))
}

/// How far the set-up of the account is, as far as whoever looks may know.
async fn standing(visit: &Visit) -> Result<Standing, Trouble> {
    let apps: Option<List<admin_apps::App>> = visit.find(&visit.of_account("/admin-apps?limit=200")).await?;
    let account: Option<Account> = visit.find(&visit.of_account("")).await?;
    let users: Option<List<User>> =
        visit.find(&visit.of_account(&format!("/users?limit={LOOKED_AT}&managed=true"))).await?;
    let asserted = |user: &User| user.asserted_roles.as_ref().is_some_and(|roles| !roles.is_empty());
    Ok(Standing {
        has_key: apps.as_ref().map(|apps| apps.items.iter().any(|app| app.key().is_some())),
        has_asked: apps.as_ref().map(|apps| apps.items.iter().any(|app| app.last_used.is_some())),
        has_users: account.map(|account| account.counts.managed_users > 0),
        has_roles: users.map(|users| users.items.iter().any(asserted)),
    })
}
