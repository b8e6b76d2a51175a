//! Users, as administrators see and change them.

use super::{Answer, asked::InAccount, body::at_most, created, no_content, ok, page, page::Page};
use crate::{
    app::{About, App, Failure},
    search,
};
use axum::body::Body;
use jiff::Timestamp;
use provost_accounts::{
    Configuration, Refused, User,
    users::{self, LocalEdit, LocalUser},
};
use provost_change::{Kind, Record, ResourceId};
use provost_store::Search;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Roles that one request may name.
const ROLES_MAX: usize = 1_000;

/// The query of the list of users.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct UserQuery {
    /// A SCIM filter (RFC 7644 §3.4.2.2), such as `userName eq "ann@example.com"` or `active eq false`.
    filter: Option<String>,
    /// Items on the page: 1 to 200, 50 unless said.
    limit: Option<u64>,
    /// `next` of the page before; absent for the first.
    cursor: Option<String>,
}

/// What a user made by hand is made from.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewUser {
    /// The sign-in name; an e-mail address where the policy wants one.
    email: String,
    /// Roles by id, value or name; the default role unless said.
    #[serde(default)]
    roles: Vec<String>,
}

/// What is to change of a user; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UserChange {
    /// Another sign-in name; it must be verified again.
    email: Option<String>,
    /// Other roles, by id, value or name; none for the default role.
    roles: Option<Vec<String>>,
    /// Enabled or disabled.
    active: Option<bool>,
    /// Whether the person has proved the address.
    verified: Option<bool>,
}

/// A user.
#[derive(Serialize, ToSchema)]
pub(super) struct UserView {
    /// Its id, also over SCIM.
    id: String,
    /// The sign-in name.
    email: String,
    /// The sign-in name, as SCIM calls it.
    user_name: String,
    /// What the identity provider knows the user by.
    external_id: Option<String>,
    /// Whether the user is enabled.
    active: bool,
    /// Whether the person has proved the address.
    verified: bool,
    /// Whether an identity provider manages the user.
    managed: bool,
    /// The admin app through which it does.
    origin: Option<Named>,
    /// The roles that the user holds.
    roles: Vec<Named>,
    /// The elements of `roles` that the identity provider asserted last; null when it never did.
    #[schema(value_type = Option<Vec<Object>>)]
    asserted_roles: Option<Vec<Value>>,
    /// Whether an administrator changed the roles since.
    roles_overridden: bool,
    /// Whether the user may use the account.
    sign_in: SignIn,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    /// When it changed last.
    #[schema(value_type = String, format = DateTime)]
    modified: Timestamp,
    /// Counts its changes, from 1.
    version: u64,
    /// All attributes, as SCIM has them.
    #[schema(value_type = Object)]
    attributes: Map<String, Value>,
}

/// Something with an id and a name.
#[derive(Serialize, ToSchema)]
pub(super) struct Named {
    /// Its id; of a system role its value.
    id: String,
    /// Its name; of something that is gone its id.
    name: String,
}

/// Whether a user may use the account.
#[derive(Serialize, ToSchema)]
pub(super) struct SignIn {
    /// Enabled and, where the policy asks for it, verified.
    allowed: bool,
    /// Why not.
    reason: Option<&'static str>,
}

pub(super) async fn create(asked: InAccount, body: Body) -> Answer {
    let about = About { action: "user.create", target: None };
    let new: NewUser = asked.body(&about, body).await?;
    let about = about.making(Kind::USER, &new.email);
    asked.or_recorded(&about, at_most("roles", new.roles.len(), ROLES_MAX, "roles")).await?;
    let new = LocalUser { email: new.email, roles: new.roles };
    let user = asked.write(about, |config, call| users::create_local(config, call, &new)).await?;
    created(&asked.location(&format!("/users/{}", user.id())), &view(&asked.config, &user))
}

pub(super) async fn list(asked: InAccount) -> Answer {
    let query: UserQuery = asked.request.query()?;
    let (records, next) = match query.filter.as_deref() {
        None => all(&asked, &query).await?,
        Some(filter) => found(&asked, &query, filter).await?,
    };
    let mut items = Vec::with_capacity(records.len());
    for record in records {
        items.push(view(&asked.config, &User::read(asked.account(), record)?));
    }
    page::list(items, next)
}

/// A page of all users: each is on one page, whatever changes between the pages.
async fn all(asked: &InAccount, query: &UserQuery) -> Result<(Vec<Record>, Option<String>), Failure> {
    let page = Page::<ResourceId>::read(query.limit, query.cursor.as_deref())?;
    let store = asked.request.app.store();
    let mut records = store.all(asked.account(), &Kind::USER, page.after, page.limit_and_one()).await?;
    let next = page::cut(&mut records, page.limit, |record| record.id);
    Ok((records, next))
}

/// A page of the users that a filter finds.
async fn found(asked: &InAccount, query: &UserQuery, filter: &str) -> Result<(Vec<Record>, Option<String>), Failure> {
    let page = Page::<u64>::read(query.limit, query.cursor.as_deref())?;
    let config = &asked.config;
    let offset = page.after.unwrap_or(0);
    let search = Search {
        offset,
        limit: page.limit,
        ..search::users(config, search::Names::Of(&config.full_user), Some(filter))?
    };
    let found = asked.request.app.store().search(config.id, &search).await?;
    let end = offset.saturating_add(page.limit);
    Ok((found.records, (end < found.total).then(|| page::cursor(end))))
}

pub(super) async fn get(asked: InAccount) -> Answer {
    let user = load(&asked.request.app, &asked.config, asked.id(&Kind::USER)?).await?;
    ok(&view(&asked.config, &user))
}

pub(super) async fn change(asked: InAccount, body: Body) -> Answer {
    let (id, about) = asked.target("user.update", Kind::USER).await?;
    let change: UserChange = asked.body(&about, body).await?;
    let named = change.roles.as_ref().map_or(0, Vec::len);
    asked.or_recorded(&about, at_most("roles", named, ROLES_MAX, "roles")).await?;
    let UserChange { email, roles, active, verified } = change;
    let (app, edit) = (&asked.request.app, &LocalEdit { email, roles, active, verified });
    let decide = |config: Arc<Configuration>, call| async move {
        let user = load(app, &config, id).await?;
        Ok(users::edit_local(&config, &call, &user, edit)?)
    };
    let user = app.write(asked.account(), &asked.request.caller, about, decide).await?;
    ok(&view(&asked.config, &user))
}

pub(super) async fn delete(asked: InAccount) -> Answer {
    let (id, about) = asked.target("user.delete", Kind::USER).await?;
    let app = &asked.request.app;
    let decide = |config: Arc<Configuration>, call| async move {
        let user = load(app, &config, id).await?;
        Ok(users::delete_local(&config, &call, &user)?)
    };
    app.write(asked.account(), &asked.request.caller, about, decide).await?;
    no_content()
}

/// A user of the account, managed or not.
async fn load(app: &App, config: &Configuration, id: ResourceId) -> Result<User, Failure> {
    let records = app.store().load(config.id, &[(Kind::USER, id)]).await?;
    let record = records.into_iter().flatten().next().ok_or_else(|| Refused::not_found("user"))?;
    Ok(User::read(config.id, record)?)
}

pub(super) fn view(config: &Configuration, user: &User) -> UserView {
    let refusal = user.sign_in_refusal(config);
    let app_name = |id: ResourceId| config.app(id).map_or_else(|| id.to_string(), |app| app.name.clone());
    let roles = user.state.roles.iter();
    UserView {
        id: user.id().to_string(),
        email: user.user_name().to_owned(),
        user_name: user.user_name().to_owned(),
        external_id: user.resource.get("externalId").and_then(Value::as_str).map(str::to_owned),
        active: user.is_active(),
        verified: user.state.verified,
        managed: user.state.managed,
        origin: user.state.origin.map(|id| Named { id: id.to_string(), name: app_name(id) }),
        roles: roles.map(|key| Named { id: key.to_string(), name: config.role_name(*key) }).collect(),
        asserted_roles: user.state.asserted.clone(),
        roles_overridden: user.roles_overridden(config),
        sign_in: SignIn { allowed: refusal.is_none(), reason: refusal },
        created: user.record.created,
        modified: user.record.modified,
        version: user.record.version,
        attributes: user.resource.attributes().clone(),
    }
}
