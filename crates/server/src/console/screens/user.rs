//! One user.

use super::users::roles;
use crate::{
    app::App,
    console::{
        answer::{Answer, done, page, page_with},
        visit::{List, Refusal, Visit},
    },
};
use axum::{
    Router,
    body::Body,
    http::{Method, StatusCode},
    routing::{get, post},
};
use provost_accounts::Permission;
use provost_console::{
    Filled,
    components::record::Entry,
    screens::{
        user::{self, Dangerous},
        users::User,
    },
};
use serde_json::{Value, json};

pub(super) fn routes() -> Router<App> {
    let base = "/accounts/{account}/users/{user}";
    let below = |rest: &str| format!("{base}{rest}");
    Router::new()
        .route(base, get(show))
        .route(&below("/roles"), get(edit_roles).post(set_roles))
        .route(&below("/disable"), get(ask_disable).post(disable))
        .route(&below("/enable"), post(enable))
        .route(&below("/delete"), get(ask_delete).post(delete))
        .route(&below("/restore"), post(restore))
        .route(&below("/release"), get(ask_release).post(release))
        .route(&below("/verification-mail"), post(send_mail))
}

/// The user's address in the management API.
fn of_user(visit: &Visit, rest: &str) -> String {
    visit.of_account(&format!("/users/{}{rest}", provost_console::escaped(visit.named("user"))))
}

/// The user's page.
fn here(visit: &Visit) -> String {
    visit.path(&format!("/users/{}", visit.named("user")))
}

async fn show(visit: Visit) -> Answer {
    let user: User = visit.get(&of_user(&visit, "")).await?;
    let entries: Option<List<Entry>> =
        visit.find(&visit.of_account(&format!("/audit?limit=20&user={}", user.id))).await?;
    let view = user::View {
        user: &user,
        entries: entries.as_ref().map(|entries| entries.items.as_slice()),
        may_manage: visit.may(Permission::ManageUsers),
        may_mail: visit.sends_mail(),
    };
    Ok(visit.shown(page(user::page(&visit.shell().await, &view))))
}

async fn edit_roles(visit: Visit) -> Answer {
    let user: User = visit.get(&of_user(&visit, "")).await?;
    let own = user.roles.iter().filter(|role| role.via.is_none());
    let filled = Filled::new(own.map(|role| ("roles".to_owned(), role.id.clone())).collect());
    let all = roles(&visit).await?;
    Ok(page(user::edit_roles(&visit.shell().await, &user, &all, &filled)))
}

async fn set_roles(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let chosen: Vec<&str> = filled.all("roles").collect();
    match change(&visit, &json!({ "roles": chosen })).await {
        Ok(_) => Ok(done(&here(&visit), "Roles saved")),
        Err(refusal) if refusal.is_about_the_form() => {
            let status = refusal.status();
            refusal.tell(&mut filled);
            let user: User = visit.get(&of_user(&visit, "")).await?;
            let all = roles(&visit).await?;
            Ok(page_with(status, user::edit_roles(&visit.shell().await, &user, &all, &filled)))
        }
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}

async fn change(visit: &Visit, change: &Value) -> Result<User, Refusal> {
    visit.send(Method::PATCH, &of_user(visit, ""), Some(change)).await
}

async fn ask(visit: &Visit, what: Dangerous, status: StatusCode, filled: &Filled) -> Answer {
    let user: User = visit.get(&of_user(visit, "")).await?;
    Ok(page_with(status, user::confirm(&visit.shell().await, &user, what, filled)))
}

async fn ask_disable(visit: Visit) -> Answer {
    ask(&visit, Dangerous::Disable, StatusCode::OK, &Filled::default()).await
}

async fn ask_delete(visit: Visit) -> Answer {
    ask(&visit, Dangerous::Delete, StatusCode::OK, &Filled::default()).await
}

async fn ask_release(visit: Visit) -> Answer {
    ask(&visit, Dangerous::Release, StatusCode::OK, &Filled::default()).await
}

/// Ends an act that was asked again: the way on, or the question with what was refused.
async fn settled<T>(
    visit: &Visit,
    what: Dangerous,
    mut filled: Filled,
    done_: Result<T, Refusal>,
    to: &str,
    said: &str,
) -> Answer {
    match done_ {
        Ok(_) => Ok(done(to, said)),
        Err(refusal) if refusal.is_about_the_form() => {
            let status = refusal.status();
            filled.refuse(refusal.detail);
            ask(visit, what, status, &filled).await
        }
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}

async fn disable(visit: Visit, body: Body) -> Answer {
    let filled = visit.form(body).await?;
    let changed = change(&visit, &json!({ "active": false })).await;
    settled(&visit, Dangerous::Disable, filled, changed, &here(&visit), "User disabled").await
}

async fn enable(visit: Visit, body: Body) -> Answer {
    visit.form(body).await?;
    match change(&visit, &json!({ "active": true })).await {
        Ok(_) => Ok(done(&here(&visit), "User enabled")),
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}

async fn delete(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let user: User = visit.get(&of_user(&visit, "")).await?;
    if filled.value("typed").trim() != user.title().trim() {
        filled.refuse_field("typed", format!("what you typed is not “{}”", user.title()));
        return ask(&visit, Dangerous::Delete, StatusCode::BAD_REQUEST, &filled).await;
    }
    let rest = if user.deleted.is_some() { "?permanent=true" } else { "" };
    let deleted = visit.send::<Value>(Method::DELETE, &of_user(&visit, rest), None::<&Value>).await;
    settled(&visit, Dangerous::Delete, filled, deleted, &visit.path("/users"), "User deleted").await
}

async fn restore(visit: Visit, body: Body) -> Answer {
    visit.form(body).await?;
    match visit.send::<Value>(Method::POST, &of_user(&visit, "/restore"), None::<&Value>).await {
        Ok(_) => Ok(done(&here(&visit), "User restored")),
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}

async fn release(visit: Visit, body: Body) -> Answer {
    let filled = visit.form(body).await?;
    let reason = json!({ "reason": filled.value("reason").trim() });
    let released = visit.send::<Value>(Method::POST, &of_user(&visit, "/release"), Some(&reason)).await;
    settled(&visit, Dangerous::Release, filled, released, &here(&visit), "User released").await
}

async fn send_mail(visit: Visit, body: Body) -> Answer {
    visit.form(body).await?;
    match visit.send::<Value>(Method::POST, &of_user(&visit, "/verification-mails"), None::<&Value>).await {
        Ok(_) => Ok(done(&here(&visit), "Verification mail sent")),
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}
