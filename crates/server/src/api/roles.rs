//! Roles: the three of the system, and an account's own.

use super::{Answer, asked::InAccount, body::at_most, created, no_content, ok, page, page::PageQuery};
use crate::{
    app::{About, App, Failure},
    scim::Offered,
    search,
};
use axum::body::Body;
use provost_accounts::{
    Configuration, Permission, Refused, Role, RoleKey, SystemRole,
    role::{self, Held, RoleEdit, RoleKind},
    users,
};
use provost_change::{IndexEntry, Kind, ResourceId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// Longest description, in characters.
const DESCRIPTION_MAX: usize = 1_000;

/// What a custom role is made from.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRole {
    /// Its name, unique in the account.
    name: String,
    /// For people.
    description: Option<String>,
    /// Where it is held; in the account unless said.
    kind: Option<RoleKind>,
    /// Whether it is held alone; not unless said.
    exclusive: Option<bool>,
    /// What it permits; nothing unless said.
    permissions: Option<Vec<Permission>>,
}

/// What is to change of a custom role; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleChange {
    /// Another name. What identity providers send as its id stays; what they send as its name does not fit any more.
    name: Option<String>,
    /// Another description.
    description: Option<String>,
    /// Whether it is held alone.
    exclusive: Option<bool>,
    /// What it permits.
    permissions: Option<Vec<Permission>>,
}

/// A role.
#[derive(Serialize, ToSchema)]
pub(super) struct RoleView {
    /// Its key: ACCOUNTADMINISTRATOR, ACCOUNTMEMBER, ACCOUNTAUDITOR, or a custom role's id.
    id: String,
    /// The id of a custom role.
    #[serde(skip_serializing_if = "Option::is_none")]
    role_id: Option<String>,
    /// What an identity provider sends as the role's value.
    value: String,
    /// Its name for people.
    name: String,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// Whether every account has it; then it cannot be changed.
    system: bool,
    /// Whether it is held alone.
    exclusive: bool,
    /// Where it is held.
    kind: RoleKind,
    /// What it permits.
    permissions: Vec<Permission>,
    /// Whether users for whom no role is asserted have it.
    default: bool,
}

pub(super) async fn create(asked: InAccount, body: Body) -> Answer {
    let about = About { action: "role.create", target: None };
    let new: NewRole = asked.body(&about, body).await?;
    let about = about.making(Kind::ROLE, &new.name);
    let edit = RoleEdit {
        name: Some(new.name),
        description: new.description,
        kind: new.kind,
        exclusive: new.exclusive,
        permissions: new.permissions,
    };
    asked.or_recorded(&about, bounded(&edit)).await?;
    let role = asked.write(about, |config, call| role::create(config, call, edit.clone())).await?;
    created(&asked.location(&format!("/roles/{}", role.id)), &custom(&asked.config, &role))
}

pub(super) async fn list(asked: InAccount) -> Answer {
    let page = asked.request.query::<PageQuery>()?.page()?;
    let config = &asked.config;
    let system = SystemRole::ALL.into_iter().map(RoleKey::System);
    let keys = system.chain(config.roles.iter().map(|role| RoleKey::Custom(role.id)));
    let mut keys: Vec<RoleKey> = keys.filter(|key| page.after.is_none_or(|after| *key > after)).collect();
    let next = page::cut(&mut keys, page.limit, |key| *key);
    page::list(keys.into_iter().filter_map(|key| view(config, key)).collect(), next)
}

pub(super) async fn get(asked: InAccount) -> Answer {
    let key: Option<RoleKey> = asked.key(&Kind::ROLE).parse().ok();
    ok(&key.and_then(|key| view(&asked.config, key)).ok_or_else(|| Refused::not_found("role"))?)
}

pub(super) async fn change(asked: InAccount, body: Body) -> Answer {
    let (id, about) = target(&asked, "role.update").await?;
    let change: RoleChange = asked.body(&about, body).await?;
    let RoleChange { name, description, exclusive, permissions } = change;
    let edit = RoleEdit { name, description, kind: None, exclusive, permissions };
    asked.or_recorded(&about, bounded(&edit)).await?;
    let (app, edit) = (&asked.request.app, &edit);
    let decide = |config: Arc<Configuration>, call| async move {
        let held = held(app, &config, id).await?;
        Ok(role::update(&config, &call, id, edit.clone(), held)?)
    };
    let role = app.write(asked.account(), &asked.request.caller, about, decide).await?;
    ok(&custom(&asked.config, &role))
}

pub(super) async fn delete(asked: InAccount) -> Answer {
    let (id, about) = target(&asked, "role.delete").await?;
    let app = &asked.request.app;
    let decide = |config: Arc<Configuration>, call| async move {
        let held = held(app, &config, id).await?;
        Ok(role::delete(&config, &call, id, held)?)
    };
    app.write(asked.account(), &asked.request.caller, about, decide).await?;
    no_content()
}

/// The custom role that the path names.
async fn target(asked: &InAccount, action: &'static str) -> Result<(ResourceId, About), Failure> {
    if let Ok(RoleKey::System(role)) = asked.key(&Kind::ROLE).parse() {
        let refused = Refused::status(409, format!("`{}` is a role of the system and cannot be changed", role.name()));
        asked.or_recorded(&About { action, target: None }, Err(refused.into())).await?;
    }
    asked.target(action, Kind::ROLE).await
}

fn bounded(edit: &RoleEdit) -> Result<(), Failure> {
    let description = edit.description.as_deref().unwrap_or_default();
    at_most("description", description.chars().count(), DESCRIPTION_MAX, "characters")
}

/// How many users hold a custom role.
async fn held(app: &App, config: &Configuration, role: ResourceId) -> Result<Held, Failure> {
    let seq = app.store().head(config.id).await?.ok_or(Failure::NoAccount)?.seq;
    let entry = IndexEntry { attribute: users::HOLDS_ROLE.to_owned(), value: role.to_string() };
    let search = provost_store::Search { within: Some(entry), ..search::all(Offered::User(config)) };
    Ok(Held { holders: app.store().search(config.id, &search).await?.total, seq })
}

fn view(config: &Configuration, key: RoleKey) -> Option<RoleView> {
    match key {
        RoleKey::System(role) => Some(system(config, role)),
        RoleKey::Custom(id) => config.role(id).map(|role| custom(config, role)),
    }
}

fn system(config: &Configuration, role: SystemRole) -> RoleView {
    RoleView {
        id: role.value().to_owned(),
        role_id: None,
        value: role.value().to_owned(),
        name: role.name().to_owned(),
        description: None,
        system: true,
        exclusive: true,
        kind: RoleKind::Account,
        permissions: Permission::ALL.into_iter().filter(|permission| role.permits(*permission)).collect(),
        default: config.policy.roles.default == RoleKey::System(role),
    }
}

fn custom(config: &Configuration, role: &Role) -> RoleView {
    let id = role.id.to_string();
    RoleView {
        role_id: Some(id.clone()),
        value: id.clone(),
        id,
        name: role.name.clone(),
        description: Some(role.description.clone()),
        system: false,
        exclusive: role.exclusive,
        kind: role.kind,
        permissions: role.permissions.clone(),
        default: config.policy.roles.default == RoleKey::Custom(role.id),
    }
}
