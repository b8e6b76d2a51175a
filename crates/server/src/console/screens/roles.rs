//! The roles of an account.

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
use provost_accounts::Permission;
use provost_console::{
    Filled, address,
    components::field::to_type,
    escaped,
    screens::{
        roles::{self, Assertion, Holders, Role, Rules},
        users::User,
    },
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Holders that a role's page shows.
const HOLDERS: usize = 20;

pub(super) fn routes() -> Paths {
    let base = "/accounts/{account}/roles";
    let below = |rest: &str| format!("{base}/{{role}}{rest}");
    Paths::new()
        .route(base, get(list).post(create))
        .route(&format!("{base}/new"), get(add))
        .route(&format!("{base}/mapping"), get(mapping))
        .route(&below(""), get(show))
        .route(&below("/edit"), get(edit).post(save))
        .route(&below("/delete"), get(ask_delete).post(delete))
}

/// The role's address in the management API.
fn of_role(visit: &Visit) -> String {
    visit.of_account(&format!("/roles/{}", escaped(visit.named("role"))))
}

/// The role's page.
fn here(visit: &Visit) -> String {
    visit.path(&format!("/roles/{}", escaped(visit.named("role"))))
}

async fn list(visit: Visit) -> Answer {
    let query = visit.query();
    let asked = address("/roles", &[("cursor", query.value("cursor"))]);
    let found: List<Role> = visit.get(&visit.of_account(&asked)).await?;
    let list = roles::List {
        roles: &found.items,
        next: found.next.as_deref(),
        is_first: query.given("cursor").is_none(),
        may_manage: visit.may(Permission::ManageRoles),
    };
    Ok(visit.shown(page(roles::list(&visit.shell().await, &list))))
}

async fn show(visit: Visit) -> Answer {
    let role: Role = visit.get(&of_role(&visit)).await?;
    let holders = holders(&visit, &role).await?;
    let who = holders.as_ref().map(holders_view);
    let may = visit.may(Permission::ManageRoles);
    Ok(visit.shown(page(roles::page(&visit.shell().await, &role, who.as_ref(), may))))
}

/// The first who hold a role; `None` where whoever looks may not see users.
async fn holders(visit: &Visit, role: &Role) -> Result<Option<List<User>>, Trouble> {
    let limit = HOLDERS.to_string();
    // A role that is held in groups is no user's.
    if role.kind == "group" {
        return Ok(None);
    }
    visit.find(&visit.of_account(&address("/users", &[("role", &role.id), ("limit", &limit)]))).await
}

fn holders_view(found: &List<User>) -> Holders<'_> {
    Holders { users: &found.items, more: found.next.is_some() }
}

async fn add(visit: Visit) -> Answer {
    if !visit.may(Permission::ManageRoles) {
        return Err(visit.trouble(403, "none of your roles permits to create roles".to_owned()).await);
    }
    Ok(page(roles::add(&visit.shell().await, &Filled::with(&[("kind", "account")]))))
}

/// What the form says of a role.
fn typed(filled: &Filled) -> Map<String, Value> {
    let permissions: Vec<&str> = filled.all("permissions").collect();
    let role = [
        ("name", json!(filled.value("name").trim())),
        ("description", json!(filled.value("description").trim())),
        ("permissions", json!(permissions)),
        ("exclusive", json!(filled.has("exclusive", "yes"))),
    ];
    role.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

async fn create(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let mut new = typed(&filled);
    new.insert("kind".to_owned(), json!(filled.value("kind")));
    match visit.send::<Role>(Method::POST, &visit.of_account("/roles"), Some(&new)).await {
        Ok(role) => Ok(done(&visit.path(&format!("/roles/{}", escaped(&role.id))), "Role created")),
        Err(refusal) if refusal.is_about_the_form() => {
            let status = refusal.status();
            refusal.tell(&mut filled);
            Ok(page_with(status, roles::add(&visit.shell().await, &filled)))
        }
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}

async fn edit(visit: Visit) -> Answer {
    let role: Role = visit.get(&of_role(&visit)).await?;
    let mut values = vec![
        ("name".to_owned(), role.name.clone()),
        ("description".to_owned(), role.description.clone().unwrap_or_default()),
    ];
    values.extend(role.permissions.iter().map(|permission| ("permissions".to_owned(), permission.clone())));
    if role.exclusive {
        values.push(("exclusive".to_owned(), "yes".to_owned()));
    }
    Ok(page(roles::edit(&visit.shell().await, &role, None, &Filled::new(values))))
}

async fn save(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    match visit.send::<Role>(Method::PATCH, &of_role(&visit), Some(&typed(&filled))).await {
        Ok(_) => Ok(done(&here(&visit), "Role saved")),
        Err(refusal) if refusal.is_about_the_form() => {
            let status = refusal.status();
            refusal.tell(&mut filled);
            let role: Role = visit.get(&of_role(&visit)).await?;
            let holders = holders(&visit, &role).await?;
            let who = holders.as_ref().map(holders_view);
            Ok(page_with(status, roles::edit(&visit.shell().await, &role, who.as_ref(), &filled)))
        }
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}

async fn ask_delete(visit: Visit) -> Answer {
    delete_page(&visit, StatusCode::OK, &Filled::default()).await
}

async fn delete_page(visit: &Visit, status: StatusCode, filled: &Filled) -> Answer {
    let role: Role = visit.get(&of_role(visit)).await?;
    let holders = holders(visit, &role).await?;
    let who = holders.as_ref().map(holders_view);
    Ok(page_with(status, roles::confirm_delete(&visit.shell().await, &role, who.as_ref(), filled)))
}

async fn delete(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let role: Role = visit.get(&of_role(&visit)).await?;
    if filled.value("typed").trim() != to_type(&role.name) {
        filled.refuse_field("typed", format!("what you typed is not “{}”", to_type(&role.name)));
        return delete_page(&visit, StatusCode::BAD_REQUEST, &filled).await;
    }
    match visit.send::<Value>(Method::DELETE, &of_role(&visit), None::<&Value>).await {
        Ok(_) => Ok(done(&visit.path("/roles"), "Role deleted")),
        Err(refusal) if refusal.is_about_the_form() => {
            let status = refusal.status();
            filled.refuse(refusal.detail);
            delete_page(&visit, status, &filled).await
        }
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}

/// The policy in force, as far as it tells of roles.
#[derive(Deserialize)]
struct PolicyInForce {
    policy: PolicyOfRoles,
}

/// See [`PolicyInForce`].
#[derive(Deserialize)]
struct PolicyOfRoles {
    roles: Rules,
}

async fn mapping(visit: Visit) -> Answer {
    let query = visit.query();
    let found: List<Role> = visit.get(&visit.of_account("/roles?limit=200")).await?;
    let policy: Option<PolicyInForce> = visit.find(&visit.of_account("/policy")).await?;
    let mut element = Map::new();
    for name in ["value", "display"] {
        element.extend(query.given(name).map(|text| (name.to_owned(), json!(text))));
    }
    let answer: Option<Assertion> = match element.is_empty() {
        true => None,
        false => {
            let asked = json!({ "roles": [element] });
            let answer = visit.send(Method::POST, &visit.of_account("/roles/assertion"), Some(&asked)).await;
            match answer {
                Ok(answer) => Some(answer),
                Err(refusal) => return Err(visit.refused(refusal).await),
            }
        }
    };
    let view = roles::Mapping {
        roles: &found.items,
        rules: policy.as_ref().map(|policy| &policy.policy.roles),
        typed: &query,
        answer: answer.as_ref(),
    };
    Ok(visit.shown(page(roles::mapping(&visit.shell().await, &view))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_has_words() {
        let worded: Vec<String> = roles::PERMISSIONS.iter().map(|(name, _, _)| (*name).to_owned()).collect();
        assert_eq!(worded, Permission::ALL.map(|permission| permission.to_string()));
    }
}
