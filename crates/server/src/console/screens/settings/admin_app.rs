//! One administrative app.

use super::admin_apps::{Made, expiry, networks};
use crate::console::{
    answer::{Answer, Trouble, done, page, page_with},
    paths::Paths,
    reveal,
    screens::users::roles,
    visit::{List, Refusal, Visit},
};
use axum::{
    body::Body,
    http::{Method, StatusCode},
    routing::{get, post},
};
use provost_accounts::Permission;
use provost_console::{
    Filled, address,
    components::{field::to_type, record::Entry},
    screens::{
        overview::Cause,
        requests::Request,
        settings::{
            Part,
            admin_app::{self, Brake, Counts, Dangerous, Dialect, Frame, Tabbed},
            admin_apps,
            guides::Provider,
            migration::{self, Outcome},
            set_up::SetUp,
        },
        users::User,
    },
};
use serde::Deserialize;
use serde_json::{Value, json};

/// Requests that stand beside the set-up.
const RECENT: &str = "8";
/// Entries among which the first user of an app is looked for: an app does hardly anything before.
const FIRST: &str = "20";

/// What an app did lately.
#[derive(Deserialize)]
struct Activity {
    actions: Counts,
    causes: Vec<Cause>,
}

pub(super) fn routes() -> Paths {
    let base = "/accounts/{account}/settings/admin-apps/{app}";
    let below = |rest: &str| format!("{base}{rest}");
    Paths::new()
        .route(base, get(set_up))
        .route(&below("/requests"), get(requests))
        .route(&below("/users"), get(users))
        .route(&below("/limits"), get(limits))
        .route(&below("/limits/edit"), get(edit).post(change))
        .route(&below("/brake/release"), post(release))
        .route(&below("/key"), get(key))
        .route(&below("/key/rotate"), get(ask_rotate).post(rotate))
        .route(&below("/key/revoke"), get(ask_revoke).post(revoke))
        .route(&below("/owner"), get(ask_owner).post(hand_over))
        .route(&below("/migrate"), get(ask_migration).post(migrate))
        .route(&below("/remove"), get(ask_remove).post(remove))
}

/// The app's address in the management API.
fn of_app(visit: &Visit, rest: &str) -> String {
    visit.of_account(&format!("/admin-apps/{}{rest}", provost_console::escaped(visit.named("app"))))
}

/// The app's page, or a tab of it.
fn here(visit: &Visit, rest: &str) -> String {
    visit.path(&format!("{}/{}{rest}", Part::AdminApps.path(), visit.named("app")))
}

/// The tabs that whoever looks may open.
fn tabs(visit: &Visit) -> Vec<Tabbed> {
    let may = |tab: &Tabbed| match tab {
        Tabbed::SetUp | Tabbed::Limits | Tabbed::Key => true,
        Tabbed::Requests => visit.may(Permission::GetAuditLog),
        Tabbed::Users => visit.may(Permission::GetUsers),
    };
    Tabbed::ALL.into_iter().filter(may).collect()
}

/// What the app did in 30 days, or what failed and did not succeed since; nothing where whoever looks may not read the log.
async fn activity(visit: &Visit) -> Result<Option<Activity>, Trouble> {
    let asked = [("hours", "720"), ("app", visit.named("app"))];
    visit.find(&visit.of_account(&address("/activity", &asked))).await
}

/// The first user that the app made or took over.
async fn first_user(visit: &Visit) -> Result<Option<Entry>, Trouble> {
    let asked = [("app", visit.named("app")), ("outcome", "success"), ("order", "oldest"), ("limit", FIRST)];
    let entries: Option<List<Entry>> = visit.find(&visit.of_account(&address("/audit", &asked))).await?;
    let entries = entries.map(|entries| entries.items).unwrap_or_default();
    Ok(entries.into_iter().find(|entry| entry.action.starts_with("user.")))
}

async fn set_up(visit: Visit) -> Answer {
    let app: admin_apps::App = visit.get(&of_app(&visit, "")).await?;
    let key = made_key(&visit, &app).await?;
    let policy: Option<Value> = visit.find(&visit.of_account("/policy")).await?;
    let activity = activity(&visit).await?;
    let asked = [("app", app.id.as_str()), ("limit", RECENT)];
    let requests: Option<List<Request>> = visit.find(&visit.of_account(&address("/requests", &asked))).await?;
    let brake: Brake = visit.get(&of_app(&visit, "/brake")).await?;
    let first = first_user(&visit).await?;
    let view = SetUp {
        app: &app,
        key: key.as_deref(),
        provider: Provider::named(visit.query().value("idp")),
        policy: policy.as_ref().map(|policy| &policy["policy"]),
        first_user: first.as_ref(),
        causes: activity.as_ref().map_or(&[], |activity| &activity.causes),
        requests: requests.as_ref().map(|requests| requests.items.as_slice()),
        brake: brake.limit,
        may_manage: visit.may_manage_credentials(),
    };
    let may_migrate = visit.may(Permission::ManageUsers);
    let frame = Frame { app: &app, may_see: &tabs(&visit), may_manage: view.may_manage, may_migrate };
    let counts = activity.as_ref().map(|activity| &activity.actions);
    let shown = page(admin_app::set_up(&visit.shell().await, &frame, &view, counts));
    Ok(reveal::forget(&visit, visit.shown(shown)))
}

/// The key of this app that was just made; that it is shown is recorded.
async fn made_key(visit: &Visit, app: &admin_apps::App) -> Result<Option<String>, Trouble> {
    let Some((_, key)) = reveal::taken(visit).filter(|(of, _)| *of == app.id) else { return Ok(None) };
    record_view(visit).await?;
    Ok(Some(key))
}

/// Says in the audit log that somebody looked at the key's details (F-5.3-6).
async fn record_view(visit: &Visit) -> Result<(), Trouble> {
    match visit.send::<Value>(Method::POST, &of_app(visit, "/key-views"), None::<&Value>).await {
        Ok(_) => Ok(()),
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}

async fn requests(visit: Visit) -> Answer {
    let app: admin_apps::App = visit.get(&of_app(&visit, "")).await?;
    let query = visit.query();
    let asked = [("app", app.id.as_str()), ("cursor", query.value("cursor"))];
    let found: List<Request> = visit.get(&visit.of_account(&address("/requests", &asked))).await?;
    let activity = activity(&visit).await?;
    let dialect: Dialect = visit.get(&of_app(&visit, "/dialect")).await?;
    let frame =
        Frame { app: &app, may_see: &tabs(&visit), may_manage: visit.may_manage_credentials(), may_migrate: false };
    let counts = activity.as_ref().map(|activity| &activity.actions);
    let shell = visit.shell().await;
    Ok(page(admin_app::requests(&shell, &frame, &found.items, found.next.as_deref(), counts, &dialect)))
}

async fn users(visit: Visit) -> Answer {
    let app: admin_apps::App = visit.get(&of_app(&visit, "")).await?;
    let query = visit.query();
    let asked = [("origin", app.id.as_str()), ("cursor", query.value("cursor"))];
    let found: List<User> = visit.get(&visit.of_account(&address("/users", &asked))).await?;
    let frame =
        Frame { app: &app, may_see: &tabs(&visit), may_manage: visit.may_manage_credentials(), may_migrate: false };
    Ok(page(admin_app::users(&visit.shell().await, &frame, &found.items, found.next.as_deref())))
}

async fn limits(visit: Visit) -> Answer {
    let app: admin_apps::App = visit.get(&of_app(&visit, "")).await?;
    let brake: Brake = visit.get(&of_app(&visit, "/brake")).await?;
    let frame =
        Frame { app: &app, may_see: &tabs(&visit), may_manage: visit.may_manage_credentials(), may_migrate: false };
    let may_release = visit.may(Permission::ManageUsers);
    Ok(visit.shown(page(admin_app::limits(&visit.shell().await, &frame, &brake, may_release))))
}

async fn edit(visit: Visit) -> Answer {
    let app: admin_apps::App = visit.get(&of_app(&visit, "")).await?;
    let filled = Filled::with(&[
        ("name", &app.name),
        ("description", &app.description),
        ("allowed_ips", &app.allowed_ips.join("\n")),
        ("role_ceiling", app.role_ceiling.as_ref().map_or("", |role| &role.id)),
    ]);
    let all = roles(&visit).await?;
    Ok(page(admin_app::edit(&visit.shell().await, &app, &all, &filled)))
}

async fn change(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let change = json!({
        "name": filled.value("name"),
        "description": filled.value("description").trim(),
        "allowed_ips": networks(&filled),
        "role_ceiling": filled.given("role_ceiling"),
    });
    match visit.send::<Value>(Method::PATCH, &of_app(&visit, ""), Some(&change)).await {
        Ok(_) => Ok(done(&here(&visit, "/limits"), "Administrative app saved")),
        Err(refusal) if refusal.is_about_the_form() => {
            let status = refusal.status();
            refusal.tell(&mut filled);
            let app: admin_apps::App = visit.get(&of_app(&visit, "")).await?;
            let all = roles(&visit).await?;
            Ok(page_with(status, admin_app::edit(&visit.shell().await, &app, &all, &filled)))
        }
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}

async fn release(visit: Visit, body: Body) -> Answer {
    visit.form(body).await?;
    match visit.send::<Value>(Method::POST, &of_app(&visit, "/brake/release"), None::<&Value>).await {
        Ok(_) => Ok(done(&here(&visit, "/limits"), "Brake released")),
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}

async fn key(visit: Visit) -> Answer {
    let app: admin_apps::App = visit.get(&of_app(&visit, "")).await?;
    let made = made_key(&visit, &app).await?;
    let may_manage = visit.may_manage_credentials();
    if made.is_none() && may_manage {
        record_view(&visit).await?;
    }
    let view = SetUp {
        app: &app,
        key: made.as_deref(),
        provider: Provider::default(),
        policy: None,
        first_user: None,
        causes: &[],
        requests: None,
        brake: None,
        may_manage,
    };
    let frame = Frame { app: &app, may_see: &tabs(&visit), may_manage, may_migrate: false };
    let shown = page(admin_app::key(&visit.shell().await, &frame, &view));
    Ok(reveal::forget(&visit, visit.shown(shown)))
}

async fn ask_rotate(visit: Visit) -> Answer {
    let app: admin_apps::App = visit.get(&of_app(&visit, "")).await?;
    Ok(page(admin_app::rotate(&visit.shell().await, &app, &Filled::with(&[("overlap_hours", "24")]))))
}

async fn rotate(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let hours = filled.value("overlap_hours").trim().parse::<f64>().ok().filter(|hours| hours.is_finite());
    if hours.is_none() {
        filled.refuse_field("overlap_hours", "give a number of hours");
    }
    let expires = expiry(&visit, &mut filled).ok().flatten();
    let status = if filled.is_refused() {
        StatusCode::BAD_REQUEST
    } else {
        let rotation = json!({ "overlap_hours": hours, "expires": expires });
        match visit.send::<Made>(Method::POST, &of_app(&visit, "/rotate"), Some(&rotation)).await {
            Ok(made) => {
                let answer = done(&here(&visit, "/key"), "Key rotated");
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
    let app: admin_apps::App = visit.get(&of_app(&visit, "")).await?;
    Ok(page_with(status, admin_app::rotate(&visit.shell().await, &app, &filled)))
}

async fn ask(visit: &Visit, what: Dangerous, status: StatusCode, filled: &Filled) -> Answer {
    let app: admin_apps::App = visit.get(&of_app(visit, "")).await?;
    Ok(page_with(status, admin_app::confirm(&visit.shell().await, &app, what, filled)))
}

async fn ask_revoke(visit: Visit) -> Answer {
    ask(&visit, Dangerous::Revoke, StatusCode::OK, &Filled::default()).await
}

async fn ask_remove(visit: Visit) -> Answer {
    ask(&visit, Dangerous::Remove, StatusCode::OK, &Filled::default()).await
}

/// Ends an act that was asked again: the way on, or the question with what was refused.
async fn settled(visit: &Visit, what: Dangerous, acted: Result<Value, Refusal>, to: &str, said: &str) -> Answer {
    match acted {
        Ok(_) => Ok(done(to, said)),
        Err(refusal) if refusal.is_about_the_form() => {
            let status = refusal.status();
            let mut filled = Filled::default();
            filled.refuse(refusal.detail);
            ask(visit, what, status, &filled).await
        }
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}

async fn revoke(visit: Visit, body: Body) -> Answer {
    visit.form(body).await?;
    let revoked = visit.send(Method::POST, &of_app(&visit, "/revoke"), None::<&Value>).await;
    settled(&visit, Dangerous::Revoke, revoked, &here(&visit, "/key"), "Key revoked").await
}

async fn remove(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let app: admin_apps::App = visit.get(&of_app(&visit, "")).await?;
    if filled.value("typed").trim() != to_type(&app.name) {
        filled.refuse_field("typed", format!("what you typed is not “{}”", to_type(&app.name)));
        return ask(&visit, Dangerous::Remove, StatusCode::BAD_REQUEST, &filled).await;
    }
    let removed = visit.send(Method::DELETE, &of_app(&visit, ""), None::<&Value>).await;
    let to = visit.path(Part::AdminApps.path());
    settled(&visit, Dangerous::Remove, removed, &to, "Administrative app removed").await
}

async fn ask_owner(visit: Visit) -> Answer {
    if !visit.may_manage_credentials() {
        return Err(visit.trouble(403, "none of your roles permits to hand a token over".to_owned()).await);
    }
    let app: admin_apps::App = visit.get(&of_app(&visit, "")).await?;
    Ok(page(admin_app::hand_over(&visit.shell().await, &app, &Filled::default())))
}

async fn hand_over(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let change = json!({ "owner": filled.value("owner").trim() });
    match visit.send::<Value>(Method::PATCH, &of_app(&visit, ""), Some(&change)).await {
        Ok(_) => Ok(done(&here(&visit, ""), "Token handed over")),
        Err(refusal) if refusal.is_about_the_form() => {
            let status = refusal.status();
            refusal.tell(&mut filled);
            let app: admin_apps::App = visit.get(&of_app(&visit, "")).await?;
            Ok(page_with(status, admin_app::hand_over(&visit.shell().await, &app, &filled)))
        }
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}

async fn ask_migration(visit: Visit) -> Answer {
    if !visit.may(Permission::ManageUsers) {
        return Err(visit.trouble(403, "none of your roles permits to migrate users".to_owned()).await);
    }
    let app: admin_apps::App = visit.get(&of_app(&visit, "")).await?;
    Ok(page(migration::page(&visit.shell().await, &app, None, &Filled::default())))
}

/// Compares who is named with who is here; with `do=apply` the users who match become the app's.
async fn migrate(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let app: admin_apps::App = visit.get(&of_app(&visit, "")).await?;
    let users: Vec<Value> = filled.value("users").lines().filter_map(named).collect();
    let mut status = StatusCode::OK;
    let mut outcome: Option<Outcome> = None;
    if users.is_empty() {
        filled.refuse_field("users", "name somebody, one a line");
        status = StatusCode::BAD_REQUEST;
    } else {
        let asked = json!({ "admin_app": app.id, "users": users, "apply": filled.value("do") == "apply" });
        match visit.send(Method::POST, &visit.of_account("/users/migration"), Some(&asked)).await {
            Ok(answer) => outcome = Some(answer),
            Err(refusal) if refusal.is_about_the_form() => {
                status = refusal.status();
                refusal.tell(&mut filled);
            }
            Err(refusal) => return Err(visit.refused(refusal).await),
        }
    }
    Ok(page_with(status, migration::page(&visit.shell().await, &app, outcome.as_ref(), &filled)))
}

/// Somebody whom an identity provider will send, by a line: sign-in name, its own id, an address.
fn named(line: &str) -> Option<Value> {
    let mut parts = line.split(',').map(str::trim);
    let user_name = parts.next().filter(|name| !name.is_empty())?;
    let mut one = json!({ "user_name": user_name });
    for (name, part) in ["external_id", "email"].into_iter().zip(parts) {
        if !part.is_empty() {
            one[name] = json!(part);
        }
    }
    Some(one)
}
