//! App roles.

use super::{app_of, load, load_role};
use crate::{
    api::{Answer, asked::InAccount, created, no_content, ok, page, page::PageQuery},
    app::{About, App, Failure},
    search,
};
use axum::body::Body;
use provost_accounts::{Call, Configuration, Refused};
use provost_change::{AccountId, ResourceId};
use provost_engine::{
    AppRole, Assignment, EnterpriseApp, MemberType,
    registry::{self, ASSIGNMENT_ROLE, DEFAULT_ACCESS, ROLE_APP, ROLES_MAX, Registered, RoleEdit},
};
use provost_store::Search;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// What an app role is made from.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct NewAppRole {
    /// What people know it by; unique in the app.
    display_name: String,
    /// What the target knows it by: no spaces; unique in the app.
    value: String,
    /// What it is for.
    description: String,
    /// Whether it can be assigned; it can unless said.
    enabled: Option<bool>,
    /// Who can hold it; `["user"]`, which means users and groups, unless said.
    member_types: Option<Vec<MemberType>>,
}

/// What is to change of an app role; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct AppRoleChange {
    /// Another name.
    display_name: Option<String>,
    /// Another value; those who have the role have it under this value.
    value: Option<String>,
    /// Another description.
    description: Option<String>,
    /// Whether it can be assigned.
    enabled: Option<bool>,
    /// Who can hold it.
    member_types: Option<Vec<MemberType>>,
}

/// An app role.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct AppRoleView {
    /// Its id.
    id: String,
    /// What people know it by.
    display_name: String,
    /// What the target knows it by; null for the default role of an app that has no roles of its own.
    value: Option<String>,
    /// What it is for.
    description: String,
    /// Whether it can be assigned.
    enabled: bool,
    /// Who can hold it.
    member_types: Vec<MemberType>,
}

impl AppRoleView {
    fn of(role: Registered<AppRole>) -> Self {
        let Registered { record, value } = role;
        Self {
            id: record.id.to_string(),
            display_name: value.display_name,
            value: Some(value.value),
            description: value.description,
            enabled: value.enabled,
            member_types: value.member_types,
        }
    }

    /// What an app without roles of its own offers (F-5.6.2-2).
    fn default_access() -> Self {
        let (name, id) = DEFAULT_ACCESS;
        Self {
            id: id.to_owned(),
            display_name: name.to_owned(),
            value: None,
            description: "Access without a role".to_owned(),
            enabled: true,
            member_types: vec![MemberType::User],
        }
    }
}

pub(in crate::api) async fn create(asked: InAccount, body: Body) -> Answer {
    let about = About { action: "app-role.create", target: None };
    let new: NewAppRole = asked.body(&about, body).await?;
    let about = about.making(AppRole::kind(), &new.display_name);
    let id = asked.or_recorded(&about, asked.id(&EnterpriseApp::kind())).await?;
    let edit = &RoleEdit {
        display_name: Some(new.display_name),
        value: Some(new.value),
        description: Some(new.description),
        enabled: new.enabled,
        member_types: new.member_types,
    };
    let app = &asked.request.app;
    let decide = |config: Arc<Configuration>, call: Call| async move {
        let of = load(app, config.id, &EnterpriseApp::kind(), id).await?;
        let siblings = roles_of(app, config.id, id).await?.len();
        Ok(registry::create_role(&config, &call, &of, siblings, edit.clone())?)
    };
    let made = app.write(asked.account(), &asked.request.caller, about, decide).await?;
    let location = asked.location(&format!("/enterprise-apps/{id}/app-roles/{}", made.id()));
    created(&location, &AppRoleView::of(made))
}

pub(in crate::api) async fn list(asked: InAccount) -> Answer {
    let page = asked.request.query::<PageQuery>()?.page::<ResourceId>()?;
    let of = app_of(&asked).await?;
    let mut roles = roles_of(&asked.request.app, asked.account(), of.id()).await?;
    if roles.is_empty() {
        return page::list(vec![AppRoleView::default_access()], None);
    }
    roles.retain(|role| page.after.is_none_or(|after| role.id() > after));
    let next = page::cut(&mut roles, page.limit, Registered::id);
    page::list(roles.into_iter().map(AppRoleView::of).collect(), next)
}

pub(in crate::api) async fn get(asked: InAccount) -> Answer {
    let of = app_of(&asked).await?;
    let role = load_role(&asked.request.app, asked.account(), of.id(), asked.id(&AppRole::kind())?).await?;
    ok(&AppRoleView::of(role))
}

pub(in crate::api) async fn change(asked: InAccount, body: Body) -> Answer {
    let (id, about) = asked.target("app-role.update", AppRole::kind()).await?;
    let AppRoleChange { display_name, value, description, enabled, member_types } = asked.body(&about, body).await?;
    let edit = &RoleEdit { display_name, value, description, enabled, member_types };
    let of = asked.or_recorded(&about, asked.id(&EnterpriseApp::kind())).await?;
    let app = &asked.request.app;
    let decide = |config: Arc<Configuration>, call: Call| async move {
        let of = load(app, config.id, &EnterpriseApp::kind(), of).await?;
        let before = load_role(app, config.id, of.id(), id).await?;
        Ok(registry::update_role(&call, &of, &before, edit.clone())?)
    };
    ok(&AppRoleView::of(app.write(asked.account(), &asked.request.caller, about, decide).await?))
}

pub(in crate::api) async fn delete(asked: InAccount) -> Answer {
    let (id, about) = asked.target("app-role.delete", AppRole::kind()).await?;
    let of = asked.or_recorded(&about, asked.id(&EnterpriseApp::kind())).await?;
    let app = &asked.request.app;
    let decide = |config: Arc<Configuration>, call: Call| async move {
        let of = load(app, config.id, &EnterpriseApp::kind(), of).await?;
        let role = load_role(app, config.id, of.id(), id).await?;
        let seq = app.store().head(config.id).await?.ok_or(Failure::NoAccount)?.seq;
        let under = search::under(Assignment::kind(), registry::entry(ASSIGNMENT_ROLE, id));
        let holders = app.store().search(config.id, &under).await?.total;
        Ok(registry::delete_role(&call, &of, &role, (holders, seq))?)
    };
    app.write(asked.account(), &asked.request.caller, about, decide).await?;
    no_content()
}

/// All roles of an app, in the order in which they were made.
pub(super) async fn roles_of(
    app: &App,
    account: AccountId,
    of: ResourceId,
) -> Result<Vec<Registered<AppRole>>, Failure> {
    let limit = ROLES_MAX as u64;
    let search = Search { limit, ..search::under(AppRole::kind(), registry::entry(ROLE_APP, of)) };
    let found = app.store().search(account, &search).await?.records;
    Ok(found.into_iter().map(|record| Registered::read(account, record)).collect::<Result<_, _>>()?)
}

/// The role that a body names, by id, value or display name; `None` is default access.
///
/// # Errors
/// 400 for one that the app does not have, or when the name fits several.
pub(super) async fn role_named(
    app: &App,
    account: AccountId,
    of: ResourceId,
    named: Option<&str>,
) -> Result<Option<Registered<AppRole>>, Failure> {
    let (default, default_id) = DEFAULT_ACCESS;
    let Some(named) = named.filter(|named| *named != default && *named != default_id) else { return Ok(None) };
    let mut roles = roles_of(app, account, of).await?;
    let place = roles
        .iter()
        .position(|role| role.id().to_string() == named)
        .or_else(|| roles.iter().position(|role| role.value.value == named))
        .or_else(|| roles.iter().position(|role| role.value.display_name == named));
    let place = place.ok_or_else(|| Refused::invalid("`app_role`: the app has no role with this id, value or name"))?;
    Ok(Some(roles.swap_remove(place)))
}
