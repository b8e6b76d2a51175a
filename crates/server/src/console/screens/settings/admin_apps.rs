//! The administrative apps of an account, and another one.

use super::open;
use crate::console::{
    answer::{Answer, Trouble, done, page, page_with},
    paths::Paths,
    reveal,
    screens::users::roles,
    visit::{List, Visit},
};
use axum::{body::Body, http::Method, routing::get};
use jiff::{SignedDuration, Timestamp};
use provost_accounts::Permission;
use provost_console::{
    Filled, address,
    screens::settings::{
        Part,
        admin_apps::{self, Choices, Listed, Managed},
    },
};
use serde::Deserialize;
use serde_json::{Value, json};

/// Apps on one page: of each the users are counted.
const APPS_MAX: &str = "20";
/// Users of an app that are counted; more are "more than".
const COUNTED_MAX: usize = 200;
/// Managed users of an account among whom those of each app are counted for a list.
const COUNTED_OF_MAX: i64 = 2_000;
/// Longest life of a key that a form can ask for, in days: more than any policy allows.
const DAYS_MAX: i64 = 36_500;

/// An app with its key, which is shown once.
#[derive(Deserialize)]
pub(super) struct Made {
    pub id: String,
    pub api_key: String,
}

pub(super) fn routes() -> Paths {
    let base = "/accounts/{account}/settings/admin-apps";
    Paths::new().route(base, get(list).post(create)).route(&format!("{base}/new"), get(add))
}

async fn list(visit: Visit) -> Answer {
    let query = visit.query();
    let asked = [("limit", APPS_MAX), ("cursor", query.value("cursor"))];
    let found: List<admin_apps::App> = visit.get(&visit.of_account(&address("/admin-apps", &asked))).await?;
    let is_only = found.items.len() == 1 && found.next.is_none() && query.given("cursor").is_none();
    let counts = if visit.may(Permission::GetUsers) { Some(visit.get(&visit.of_account("")).await?) } else { None };
    let mut apps = Vec::with_capacity(found.items.len());
    for app in found.items {
        let managed = match &counts {
            Some(Counted { counts }) => managed(&visit, &app.id, counts.managed_users, is_only).await?,
            None => Managed::Hidden,
        };
        apps.push(Listed { app, managed });
    }
    let list = admin_apps::List {
        open: &open(&visit),
        apps: &apps,
        next: found.next.as_deref(),
        is_first: query.given("cursor").is_none(),
        may_manage: visit.may_manage_credentials(),
    };
    Ok(visit.shown(page(admin_apps::list(&visit.shell().await, &list))))
}

/// An account, as far as its users are counted.
#[derive(Deserialize)]
struct Counted {
    counts: Counts,
}

#[derive(Deserialize)]
struct Counts {
    managed_users: i64,
}

/// How many users an app manages, of so many who are managed in the account: counted one by one where they are few.
async fn managed(visit: &Visit, app: &str, of: i64, is_only: bool) -> Result<Managed, Trouble> {
    if of > COUNTED_OF_MAX {
        return Ok(if is_only { Managed::Counted(of) } else { Managed::TooMany });
    }
    let found: List<Value> = visit.get(&visit.of_account(&format!("/users?limit={COUNTED_MAX}&origin={app}"))).await?;
    let number = i64::try_from(found.items.len()).unwrap_or(i64::MAX);
    Ok(if found.next.is_none() { Managed::Counted(number) } else { Managed::MoreThan(number) })
}

async fn add(visit: Visit) -> Answer {
    if !visit.may_manage_credentials() {
        return Err(visit.trouble(403, "none of your roles permits to add an administrative app".to_owned()).await);
    }
    let choices = choices(&visit).await?;
    let filled = Filled::with(&[("method", if choices.kind == "user_token" { "user_token" } else { "app_key" })]);
    Ok(page(admin_apps::add(&visit.shell().await, &choices, &filled)))
}

async fn choices(visit: &Visit) -> Result<Choices, Trouble> {
    let policy: Option<Value> = visit.find(&visit.of_account("/policy")).await?;
    let kind = policy.as_ref().and_then(|policy| policy.pointer("/policy/credentials/kind")).and_then(Value::as_str);
    Ok(Choices { roles: roles(visit).await?, kind: kind.unwrap_or("app_key").to_owned() })
}

/// What the API is told of networks: one a line.
pub(super) fn networks(filled: &Filled) -> Vec<&str> {
    filled.value("allowed_ips").lines().map(str::trim).filter(|line| !line.is_empty()).collect()
}

/// When something that lasts so many days ends; `None` where nothing is said.
///
/// # Errors
/// No number, or too great a one.
pub(super) fn expiry(visit: &Visit, filled: &mut Filled) -> Result<Option<Timestamp>, ()> {
    let Some(text) = filled.given("expires_days") else { return Ok(None) };
    let days = text.parse::<i64>().ok().filter(|days| (1..=DAYS_MAX).contains(days));
    let end = days.and_then(|days| visit.now().checked_add(SignedDuration::from_hours(24 * days)).ok());
    end.map(Some)
        .ok_or_else(|| filled.refuse_field("expires_days", format!("give a number of days from 1 to {DAYS_MAX}")))
}

async fn create(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let is_token = filled.value("method") == "user_token";
    if is_token && filled.given("owner").is_none() {
        filled.refuse_field("owner", "a user token has an owner: give a sign-in name");
    }
    let expires = expiry(&visit, &mut filled).ok().flatten();
    let status = if filled.is_refused() {
        axum::http::StatusCode::BAD_REQUEST
    } else {
        let new = json!({
            "name": filled.value("name"),
            "allowed_ips": networks(&filled),
            "owner": filled.given("owner").filter(|_| is_token),
            "role_ceiling": filled.given("role_ceiling"),
            "expires": expires,
            "honey": filled.has("honey", "yes"),
        });
        match visit.send::<Made>(Method::POST, &visit.of_account("/admin-apps"), Some(&new)).await {
            Ok(made) => {
                let to = visit.path(&format!("{}/{}", Part::AdminApps.path(), made.id));
                let answer = done(&to, "Administrative app added");
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
    let choices = choices(&visit).await?;
    Ok(page_with(status, admin_apps::add(&visit.shell().await, &choices, &filled)))
}
