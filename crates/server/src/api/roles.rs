//! Roles: the three of the system, and an account's own.

use super::{Answer, asked::InAccount, body::at_most, created, no_content, ok, page, page::PageQuery, users::Named};
use crate::{
    app::{About, App, Failure},
    scim::Offered,
    search,
};
use axum::body::Body;
use provost_accounts::{
    Configuration, Permission, Refused, Role, RoleKey, SystemRole,
    policy::{GroupMode, RoleMatch, RoleMeaning},
    role::{self, Held, Meaning, RoleEdit, RoleKind},
    users as rules,
};
use provost_change::{IndexEntry, Kind, ResourceId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use utoipa::ToSchema;

/// Longest description, in characters.
const DESCRIPTION_MAX: usize = 1_000;
/// Elements of one assertion that is asked about.
const ELEMENTS_MAX: usize = 100;

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
    /// Whether it is the role of the group of its name, and is renamed and removed with it.
    of_group: bool,
    /// How many users hold it themselves; null for Account Member and Account Auditor, which nobody counts.
    holders: Option<u64>,
}

/// What an identity provider would assert.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleAssertion {
    /// The elements of `roles`, at most 100, such as `{"value": "ACCOUNTMEMBER", "display": "Account Member"}`.
    #[schema(value_type = Vec<Object>)]
    roles: Vec<Value>,
}

/// What an assertion would give.
#[derive(Serialize, ToSchema)]
pub(super) struct RoleAssertionView {
    /// The roles that the user would hold; none where the assertion is refused, or where `roles` grants nothing (`roles.meaning`).
    roles: Vec<Named>,
    /// Why it would be refused; null where it would be taken.
    refused: Option<String>,
    /// What each element means, in their order.
    elements: Vec<MeaningView>,
    /// Whether `roles` grants roles in this account (`roles.meaning`).
    grants: bool,
}

/// What an element of an assertion means.
#[derive(Serialize, ToSchema)]
pub(super) struct MeaningView {
    /// The role; null for none.
    role: Option<Named>,
    /// What identified the role (`roles.matching`); null where nothing did.
    by: Option<RoleMatch>,
    /// `role`: one of the account. `none`: what identity providers assign without app roles (`roles.idp_defaults`). `default`: not known,
    /// the default role takes its place, and `ignored`: not known and left out (`roles.unknown`). `refused`: the assertion is refused for it.
    outcome: &'static str,
    /// Why it is refused.
    detail: Option<String>,
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
    created(&asked.location(&format!("/roles/{}", role.id)), &counted(&asked, custom(&asked.config, &role)).await?)
}

pub(super) async fn list(asked: InAccount) -> Answer {
    let page = asked.request.query::<PageQuery>()?.page()?;
    let config = &asked.config;
    let system = SystemRole::ALL.into_iter().map(RoleKey::System);
    let keys = system.chain(config.roles.iter().map(|role| RoleKey::Custom(role.id)));
    let mut keys: Vec<RoleKey> = keys.filter(|key| page.after.is_none_or(|after| *key > after)).collect();
    let next = page::cut(&mut keys, page.limit, |key| *key);
    let mut items = Vec::with_capacity(keys.len());
    for view in keys.into_iter().filter_map(|key| view(config, key)) {
        items.push(counted(&asked, view).await?);
    }
    page::list(items, next)
}

/// Which roles an assertion would give, by the rule that SCIM requests go through.
pub(super) async fn assertion(asked: InAccount, body: Body) -> Answer {
    let RoleAssertion { roles: elements } = asked.request.json(body).await?;
    at_most("roles", elements.len(), ELEMENTS_MAX, "elements")?;
    let config = &asked.config;
    let named = |role: RoleKey| Named { id: role.to_string(), name: config.role_name(role) };
    let meaning = |element: &Value| match role::explain(config, element) {
        Ok(Meaning::Role { role, by }) => {
            MeaningView { role: Some(named(role)), by: Some(by), outcome: "role", detail: None }
        }
        Ok(Meaning::NoRole) => MeaningView { role: None, by: None, outcome: "none", detail: None },
        Ok(Meaning::Fallback(role)) => {
            MeaningView { role: Some(named(role)), by: None, outcome: "default", detail: None }
        }
        Ok(Meaning::Ignored) => MeaningView { role: None, by: None, outcome: "ignored", detail: None },
        Err(error) => MeaningView { role: None, by: None, outcome: "refused", detail: Some(error.to_string()) },
    };
    let grants = config.policy.roles.meaning == RoleMeaning::Grant;
    let (roles, refused) = match role::assert_roles(config, &elements) {
        _ if !grants => (Vec::new(), None),
        Ok(asserted) => (asserted.roles.into_iter().map(named).collect(), None),
        Err(error) => (Vec::new(), Some(error.to_string())),
    };
    ok(&RoleAssertionView { roles, refused, elements: elements.iter().map(meaning).collect(), grants })
}

pub(super) async fn get(asked: InAccount) -> Answer {
    let key: Option<RoleKey> = asked.key(&Kind::ROLE).parse().ok();
    let view = key.and_then(|key| view(&asked.config, key)).ok_or_else(|| Refused::not_found("role"))?;
    ok(&counted(&asked, view).await?)
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
    ok(&counted(&asked, custom(&asked.config, &role)).await?)
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
    Ok(Held { holders: holders(app, config, &role.to_string()).await?, seq })
}

async fn holders(app: &App, config: &Configuration, role: &str) -> Result<u64, Failure> {
    let entry = IndexEntry { attribute: rules::HOLDS_ROLE.to_owned(), value: role.to_owned() };
    let search = provost_store::Search { within: Some(entry), ..search::all(Offered::User(config)) };
    Ok(app.store().search(config.id, &search).await?.total)
}

/// The role with the number of its holders.
async fn counted(asked: &InAccount, view: RoleView) -> Result<RoleView, Failure> {
    let is_counted = !view.system || view.id == SystemRole::AccountAdministrator.value();
    let holders = match is_counted {
        true => Some(holders(&asked.request.app, &asked.config, &view.id).await?),
        false => None,
    };
    Ok(RoleView { holders, ..view })
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
        of_group: false,
        holders: None,
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
        of_group: role.of_group && config.policy.groups.mode == GroupMode::Roles,
        holders: None,
    }
}
