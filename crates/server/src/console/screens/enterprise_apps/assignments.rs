//! Who is assigned to an application.

use super::{app_of, at, here, mappings::mappings_of, may_manage, of_app, roles::roles_of, settled};
use crate::console::{
    answer::{Answer, Trouble, done, page, page_with},
    paths::Paths,
    visit::{List, Visit},
};
use axum::{
    body::Body,
    http::{Method, StatusCode},
    routing::get,
};
use provost_console::{
    Filled, Shell, address, escaped,
    screens::{
        enterprise_apps::{
            assignments::{self, Add, Assignment, Candidate, Picker},
            mappings::Row,
        },
        users::User,
    },
};
use serde::Deserialize;
use serde_json::{Value, json};

/// How many one form assigns.
const PICKED_MAX: usize = 50;
/// How many of users and of groups the picker shows.
const FOUND_MAX: usize = 25;

pub(super) fn routes() -> Paths {
    Paths::new()
        .route(&at("/assignments"), get(list).post(assign))
        .route(&at("/assignments/new"), get(add))
        .route(&at("/assignments/pick"), get(pick))
        .route(&at("/assignments/{assignment}"), get(edit).post(change))
        .route(&at("/assignments/{assignment}/remove"), get(ask_remove).post(remove))
}

/// A group, as far as the picker shows it.
#[derive(Deserialize)]
struct Group {
    id: String,
    display_name: String,
}

async fn list(visit: Visit) -> Answer {
    let app = app_of(&visit).await?;
    let query = visit.query();
    let asked = address("/assignments", &[("cursor", query.value("cursor"))]);
    let found: List<Assignment> = visit.get(&of_app(&visit, &asked)).await?;
    let has_roles = found.items.iter().any(|one| one.app_role.is_some());
    let list = assignments::List {
        assignments: &found.items,
        is_first: query.value("cursor").is_empty(),
        next: found.next.as_deref(),
        may_manage: may_manage(&visit),
        roles_unsent: has_roles && !mappings_of(&visit).await?.users.iter().any(Row::sends_roles),
    };
    Ok(visit.shown(page(assignments::list(&visit.shell().await, &app, &list))))
}

/// Who a form or an address picks, each once, with the names that they have now. Who is gone is left out.
async fn picked(visit: &Visit, from: &Filled) -> Result<Vec<Candidate>, Trouble> {
    let mut all: Vec<Candidate> = Vec::new();
    for key in from.all("picked").take(PICKED_MAX) {
        if all.iter().any(|one| one.key == key) {
            continue;
        }
        let name = match key.split_once(':') {
            Some(("user", id)) => {
                let user: Option<User> = visit.find(&visit.of_account(&format!("/users/{}", escaped(id)))).await?;
                user.map(|user| user.user_name)
            }
            Some(("group", id)) => {
                let group: Option<Group> = visit.find(&visit.of_account(&format!("/groups/{}", escaped(id)))).await?;
                group.map(|group| group.display_name)
            }
            _ => None,
        };
        all.extend(name.map(|name| Candidate { key: key.to_owned(), name }));
    }
    Ok(all)
}

async fn add_page(visit: &Visit, shell: &Shell, filled: &Filled) -> Result<provost_console::Markup, Trouble> {
    let app = app_of(visit).await?;
    let (picked, roles) = (picked(visit, filled).await?, roles_of(visit).await?);
    Ok(assignments::add(shell, &app, &Add { picked: &picked, roles: &roles, filled }))
}

async fn add(visit: Visit) -> Answer {
    Ok(page(add_page(&visit, &visit.shell().await, &visit.query()).await?))
}

async fn pick(visit: Visit) -> Answer {
    let app = app_of(&visit).await?;
    let query = visit.query();
    let text = query.value("q").trim();
    let picked = picked(&visit, &query).await?;
    let (mut found, users_cut) = users(&visit, text).await?;
    let (groups, groups_cut) = groups(&visit, text).await?;
    found.extend(groups);
    let view = Picker { picked: &picked, found: &found, text, is_cut: users_cut || groups_cut };
    Ok(page(assignments::picker(&visit.shell().await, &app, &view)))
}

pub(super) async fn users(visit: &Visit, text: &str) -> Result<(Vec<Candidate>, bool), Trouble> {
    let filter = if text.is_empty() { String::new() } else { format!("userName sw {}", json!(text)) };
    let limit = FOUND_MAX.to_string();
    let asked = address("/users", &[("limit", &limit), ("filter", &filter)]);
    let found: List<User> = visit.get(&visit.of_account(&asked)).await?;
    let one = |user: User| Candidate { key: format!("user:{}", user.id), name: user.user_name };
    Ok((found.items.into_iter().map(one).collect(), found.next.is_some()))
}

pub(super) async fn groups(visit: &Visit, text: &str) -> Result<(Vec<Candidate>, bool), Trouble> {
    let filter = if text.is_empty() { String::new() } else { format!("displayName sw {}", json!(text)) };
    let limit = FOUND_MAX.to_string();
    let asked = address("/groups", &[("limit", &limit), ("filter", &filter)]);
    // Whoever may not see groups picks among users.
    let Some(found): Option<List<Group>> = visit.find(&visit.of_account(&asked)).await? else {
        return Ok((Vec::new(), false));
    };
    let one = |group: Group| Candidate { key: format!("group:{}", group.id), name: group.display_name };
    Ok((found.items.into_iter().map(one).collect(), found.next.is_some()))
}

/// Assigns all who are picked. When one is refused, those before are assigned, and the form stays with the others.
async fn assign(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let keys: Vec<String> = filled.all("picked").map(str::to_owned).collect();
    if keys.is_empty() {
        filled.refuse_field("picked", "select at least one user or group");
        let markup = add_page(&visit, &visit.shell().await, &filled).await?;
        return Ok(page_with(StatusCode::BAD_REQUEST, markup));
    }
    let role = filled.given("app_role").map(str::to_owned);
    for (position, key) in keys.iter().enumerate() {
        let (kind, id) = key.split_once(':').unwrap_or(("user", key));
        let kind = if kind == "group" { "group" } else { "user" };
        let new = json!({ kind: id, "app_role": role });
        if let Err(refusal) = visit.send::<Value>(Method::POST, &of_app(&visit, "/assignments"), Some(&new)).await {
            if !refusal.is_about_the_form() {
                return Err(visit.refused(refusal).await);
            }
            let mut rest: Vec<(String, String)> =
                keys[position..].iter().map(|key| ("picked".to_owned(), key.clone())).collect();
            rest.extend(role.map(|role| ("app_role".to_owned(), role)));
            let (status, mut filled) = (refusal.status(), Filled::new(rest));
            refusal.tell(&mut filled);
            let markup = add_page(&visit, &visit.shell().await, &filled).await?;
            return Ok(page_with(status, markup));
        }
    }
    Ok(done(&here(&visit, "/assignments"), &assignments::said(keys.len())))
}

async fn one(visit: &Visit) -> Result<Assignment, Trouble> {
    visit.get(&of_one(visit)).await
}

fn of_one(visit: &Visit) -> String {
    of_app(visit, &format!("/assignments/{}", escaped(visit.named("assignment"))))
}

async fn edit(visit: Visit) -> Answer {
    let (app, one, roles) = (app_of(&visit).await?, one(&visit).await?, roles_of(&visit).await?);
    let role = one.app_role.as_ref().map_or("", |role| role.id.as_str());
    let filled = Filled::with(&[("app_role", role)]);
    Ok(page(assignments::edit(&visit.shell().await, &app, &one, &roles, &filled)))
}

async fn change(visit: Visit, body: Body) -> Answer {
    let filled = visit.form(body).await?;
    let (app, one, roles) = (app_of(&visit).await?, one(&visit).await?, roles_of(&visit).await?);
    let change = json!({ "app_role": filled.given("app_role") });
    let changed = visit.send::<Value>(Method::PATCH, &of_one(&visit), Some(&change)).await;
    let again = async |shell: &Shell, filled: &Filled| Ok(assignments::edit(shell, &app, &one, &roles, filled));
    settled(&visit, filled, changed, (&here(&visit, "/assignments"), "Assignment changed"), again).await
}

async fn ask_remove(visit: Visit) -> Answer {
    let (app, one) = (app_of(&visit).await?, one(&visit).await?);
    Ok(page(assignments::ask_remove(&visit.shell().await, &app, &one, &Filled::default())))
}

async fn remove(visit: Visit, body: Body) -> Answer {
    let filled = visit.form(body).await?;
    let (app, one) = (app_of(&visit).await?, one(&visit).await?);
    let removed = visit.send::<Value>(Method::DELETE, &of_one(&visit), None::<&Value>).await;
    let again = async |shell: &Shell, filled: &Filled| Ok(assignments::ask_remove(shell, &app, &one, filled));
    settled(&visit, filled, removed, (&here(&visit, "/assignments"), "Assignment removed"), again).await
}
