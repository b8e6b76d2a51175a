//! One user.

mod access;

use super::users::roles;
use crate::console::{
    answer::{Answer, Trouble, done, page, page_with},
    paths::Paths,
    visit::{List, Refusal, Visit},
};
use axum::{
    body::Body,
    http::{Method, StatusCode},
    routing::{get, post},
};
use provost_accounts::Permission;
use provost_console::{
    Filled,
    components::{field::to_type, record::Entry},
    escaped,
    screens::{
        settings::{admin_apps::App, policy::InForce},
        user::{self, Dangerous, PROFILE},
        users::{Named, User},
    },
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Entries of the audit log from which a user's page tells where values come from.
const ENTRIES: u64 = 200;

pub(super) fn routes() -> Paths {
    let base = "/accounts/{account}/users/{user}";
    let below = |rest: &str| format!("{base}{rest}");
    Paths::new()
        .route(base, get(show))
        .route(&below("/edit"), get(edit).post(save))
        .route(&below("/adopt"), get(ask_adopt).post(adopt))
        .route(&below("/roles"), get(edit_roles).post(set_roles))
        .route(&below("/disable"), get(ask_disable).post(disable))
        .route(&below("/enable"), post(enable))
        .route(&below("/delete"), get(ask_delete).post(delete))
        .route(&below("/restore"), post(restore))
        .route(&below("/release"), get(ask_release).post(release))
        .route(&below("/verification-mail"), post(send_mail))
        .merge(access::routes())
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
        visit.find(&visit.of_account(&format!("/audit?limit={ENTRIES}&user={}", user.id))).await?;
    let has_more = entries.as_ref().is_some_and(|entries| entries.next.is_some());
    let origins = if has_more { origins(&visit).await? } else { Vec::new() };
    let entries = entries.as_ref().map(|entries| entries.items.as_slice());
    let key_end = match entries.and_then(user::writer) {
        Some(entry) => key_end(&visit, entry).await?,
        None => None,
    };
    let credentials: Option<user::Credentials> = visit.find(&of_user(&visit, "/credentials")).await?;
    let sessions: Option<List<Value>> = visit.find(&of_user(&visit, "/sessions")).await?;
    let view = user::View {
        user: &user,
        credentials: credentials.as_ref(),
        sessions: sessions.map(|sessions| sessions.items.len() as i64),
        entries,
        origins: &origins,
        may_manage: visit.may(Permission::ManageUsers),
        may_mail: visit.sends_mail(),
        may_show_link: visit.is_operator() && !visit.sends_mail(),
        may_adopt: user.deleted.is_none() && !apps(&visit).await?.is_empty(),
        key_end: key_end.as_deref(),
    };
    Ok(visit.shown(page(user::page(&visit.shell().await, &view))))
}

/// What set each attribute of the user, however long ago.
async fn origins(visit: &Visit) -> Result<Vec<user::Origin>, Trouble> {
    #[derive(Deserialize)]
    struct Lineage {
        attributes: Vec<user::Origin>,
    }
    let lineage: Option<Lineage> = visit.find(&of_user(visit, "/lineage")).await?;
    Ok(lineage.map(|lineage| lineage.attributes).unwrap_or_default())
}

/// The last characters of the key by which something was written; `None` where it is gone or not to be seen.
async fn key_end(visit: &Visit, entry: &Entry) -> Result<Option<String>, Trouble> {
    #[derive(Deserialize)]
    struct App {
        keys: Vec<Key>,
    }
    #[derive(Deserialize)]
    struct Key {
        id: String,
        last_eight: String,
    }
    let (Some(app), Some(key)) = (&entry.actor.id, &entry.actor.key) else { return Ok(None) };
    let app: Option<App> = visit.find(&visit.of_account(&format!("/admin-apps/{}", escaped(app)))).await?;
    Ok(app.and_then(|app| app.keys.into_iter().find(|one| one.id == *key)).map(|key| key.last_eight))
}

/// The admin apps that could manage a user.
async fn apps(visit: &Visit) -> Result<Vec<Named>, Trouble> {
    let apps: Option<List<Named>> = visit.find(&visit.of_account("/admin-apps?limit=200")).await?;
    Ok(apps.map(|apps| apps.items).unwrap_or_default())
}

/// The attributes of the form that the account's policy supports; all where whoever looks may not read the policy.
async fn supported(visit: &Visit) -> Result<Vec<&'static str>, Trouble> {
    let policy: Option<Value> = visit.find(&visit.of_account("/policy")).await?;
    let attributes = policy.as_ref().and_then(|policy| policy.pointer("/policy/users/attributes")?.as_array());
    let named = |path: &str| {
        attributes.is_none_or(|names| {
            let mut names = names.iter().filter_map(Value::as_str);
            names.any(|name| path == name || path.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')))
        })
    };
    Ok(PROFILE.into_iter().map(|(path, _, _)| path).filter(|path| named(path)).collect())
}

async fn edit(visit: Visit) -> Answer {
    let user: User = visit.get(&of_user(&visit, "")).await?;
    let supported = supported(&visit).await?;
    let edited = user::Edited { user: &user, supported: &supported };
    let filled = edited.filled();
    Ok(page(user::edit(&visit.shell().await, &edited, &filled)))
}

async fn save(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let user: User = visit.get(&of_user(&visit, "")).await?;
    let supported = supported(&visit).await?;
    let mut attributes = Map::new();
    for (path, name, _) in PROFILE {
        let typed = filled.value(name).trim();
        if supported.contains(&path) && typed != user.profile_value(path) {
            attributes.insert(path.to_owned(), json!(typed));
        }
    }
    let mut wanted = Map::new();
    let email = filled.value("email").trim();
    if email != user.user_name {
        wanted.insert("email".to_owned(), json!(email));
    } else if filled.has("verified", "yes") != user.verified {
        // Another address is a new one to prove.
        wanted.insert("verified".to_owned(), json!(!user.verified));
    }
    if !attributes.is_empty() {
        wanted.insert("attributes".to_owned(), Value::Object(attributes));
    }
    match change(&visit, &Value::Object(wanted)).await {
        Ok(_) => Ok(done(&here(&visit), "Profile saved")),
        Err(refusal) if refusal.is_about_the_form() => {
            let status = refusal.status();
            refusal.tell(&mut filled);
            let edited = user::Edited { user: &user, supported: &supported };
            Ok(page_with(status, user::edit(&visit.shell().await, &edited, &filled)))
        }
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}

async fn ask_adopt(visit: Visit) -> Answer {
    let user: User = visit.get(&of_user(&visit, "")).await?;
    let apps = apps(&visit).await?;
    Ok(page(user::adopt(&visit.shell().await, &user, &apps, &Filled::default())))
}

async fn adopt(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let wanted = json!({ "admin_app": filled.value("admin_app"), "reason": filled.value("reason").trim() });
    match visit.send::<Value>(Method::POST, &of_user(&visit, "/adopt"), Some(&wanted)).await {
        Ok(_) => Ok(done(&here(&visit), "User adopted")),
        Err(refusal) if refusal.is_about_the_form() => {
            let status = refusal.status();
            refusal.tell(&mut filled);
            let user: User = visit.get(&of_user(&visit, "")).await?;
            let apps = apps(&visit).await?;
            Ok(page_with(status, user::adopt(&visit.shell().await, &user, &apps, &filled)))
        }
        Err(refusal) => Err(visit.refused(refusal).await),
    }
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
    let tokens = tokens(visit, &user.id).await?;
    let policy: Option<InForce> = visit.find(&visit.of_account("/policy")).await?;
    let users = policy.as_ref().map(|policy| &policy.policy["users"]);
    let on_delete =
        users.and_then(|users| Some((users["on_delete"].as_str()?, users["deleted_retention_days"].as_u64()?)));
    Ok(page_with(status, user::confirm(&visit.shell().await, &user, (what, on_delete), &tokens, filled)))
}

/// The tokens that end with a user.
async fn tokens(visit: &Visit, user: &str) -> Result<Vec<Named>, Trouble> {
    let apps: Option<List<App>> = visit.find(&visit.of_account("/admin-apps?limit=200")).await?;
    let apps = apps.map(|apps| apps.items).unwrap_or_default().into_iter();
    let own = apps.filter(|app| app.owner.as_ref().is_some_and(|owner| owner.id == user) && app.key().is_some());
    Ok(own.map(|app| Named { id: app.id, name: app.name }).collect())
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
    if filled.value("typed").trim() != to_type(user.title()) {
        filled.refuse_field("typed", format!("what you typed is not “{}”", to_type(user.title())));
        return ask(&visit, Dangerous::Delete, StatusCode::BAD_REQUEST, &filled).await;
    }
    let rest = if user.deleted.is_some() { "?permanent=true" } else { "" };
    let deleted = visit.send::<Value>(Method::DELETE, &of_user(&visit, rest), None::<&Value>).await;
    settled(&visit, Dangerous::Delete, filled, deleted, &visit.path("/users"), "User deleted").await
}

async fn restore(visit: Visit, body: Body) -> Answer {
    act(visit, body, Method::POST, "/restore", "User restored").await
}

async fn release(visit: Visit, body: Body) -> Answer {
    let filled = visit.form(body).await?;
    let reason = json!({ "reason": filled.value("reason").trim() });
    let released = visit.send::<Value>(Method::POST, &of_user(&visit, "/release"), Some(&reason)).await;
    settled(&visit, Dangerous::Release, filled, released, &here(&visit), "User released").await
}

async fn send_mail(visit: Visit, body: Body) -> Answer {
    act(visit, body, Method::POST, "/verification-mails", "Verification mail sent").await
}

/// Does what needs no more than a button.
async fn act(visit: Visit, body: Body, method: Method, rest: &str, said: &str) -> Answer {
    visit.form(body).await?;
    match visit.send::<Value>(method, &of_user(&visit, rest), None::<&Value>).await {
        Ok(_) => Ok(done(&here(&visit), said)),
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}
