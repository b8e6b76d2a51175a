//! Users, as administrators see and change them.

mod listing;

pub(super) use listing::{UserQuery, list};

use super::{Answer, asked::InAccount, body::at_most, created, no_content, ok};
use crate::app::{About, App, Failure};
use axum::body::Body;
use jiff::Timestamp;
use provost_accounts::{
    Configuration, Group, Refused, User,
    groups::{HeldRole, held_roles},
    policy,
    users::{self, HeldAct, HeldChange, LocalEdit, LocalUser, bin},
};
use provost_change::{Kind, ResourceId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Roles that one request may name.
const ROLES_MAX: usize = 1_000;

/// The query of a deletion.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DeleteQuery {
    /// With `true` the user is removed for good, from the bin too; without it the account's policy says what is done (`users.on_delete`).
    permanent: Option<bool>,
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
    /// Other attributes by their SCIM paths, at most 200, such as `displayName` or `name.givenName`; null and an empty text take one away.
    #[schema(value_type = Option<Object>)]
    attributes: Option<Map<String, Value>>,
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
    /// The source outside that brings it, such as a file or an LDAP server.
    source: Option<String>,
    /// The roles that the user holds.
    roles: Vec<HeldRoleView>,
    /// The groups that the user is in itself.
    groups: Vec<Named>,
    /// The elements of `roles` that the identity provider asserted last; null when it never did.
    #[schema(value_type = Option<Vec<Object>>)]
    asserted_roles: Option<Vec<Value>>,
    /// Whether an administrator changed the roles since.
    roles_overridden: bool,
    /// What of it administrators cannot change here.
    locked: Locked,
    /// What the brake of an admin app keeps from being done to the user; null for nothing.
    held: Option<HeldView>,
    /// Whether the user may use the account.
    sign_in: SignIn,
    /// When it was deleted; null unless it lies in the bin.
    #[schema(value_type = Option<String>, format = DateTime)]
    deleted: Option<Timestamp>,
    /// From when on it is removed for good; null unless it lies in the bin.
    #[schema(value_type = Option<String>, format = DateTime)]
    purge_at: Option<Timestamp>,
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
    pub id: String,
    /// Its name; of something that is gone its id.
    pub name: String,
}

/// A role that a user holds.
#[derive(Serialize, ToSchema)]
pub(super) struct HeldRoleView {
    /// Its id, or the value of a system role.
    id: String,
    /// Its name.
    name: String,
    /// The group that gives it; null when it is the user's own.
    via: Option<Named>,
}

/// What administrators cannot change of a user, since an identity provider manages it and the policy keeps it so (`local_edits`).
#[derive(Serialize, ToSchema)]
pub(super) struct Locked {
    /// The attributes and whether the user is enabled.
    profile: bool,
    /// The roles.
    roles: bool,
}

/// A change that waits for an administrator.
#[derive(Serialize, ToSchema)]
pub(super) struct HeldView {
    /// What is to be done.
    act: HeldAct,
    /// The admin app that wanted it.
    app: Named,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// The request, as in the audit log.
    request_id: String,
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
    created(&asked.location(&format!("/users/{}", user.id())), &view(&asked.config, &user, &[]))
}

pub(super) async fn get(asked: InAccount) -> Answer {
    let user = load_any(&asked.request.app, &asked.config, asked.id(&Kind::USER)?).await?;
    ok(&shown(&asked.request.app, &asked.config, &user).await?)
}

pub(super) async fn change(asked: InAccount, body: Body) -> Answer {
    let (id, about) = asked.target("user.update", Kind::USER).await?;
    let change: UserChange = asked.body(&about, body).await?;
    let named = change.roles.as_ref().map_or(0, Vec::len);
    asked.or_recorded(&about, at_most("roles", named, ROLES_MAX, "roles")).await?;
    let UserChange { email, roles, active, verified, attributes } = change;
    let (app, edit) = (&asked.request.app, &LocalEdit { email, roles, active, verified, attributes });
    let decide = |config: Arc<Configuration>, call| async move {
        let user = load(app, &config, id).await?;
        Ok(users::edit_local(&config, &call, &user, edit)?)
    };
    let user = app.write(asked.account(), &asked.request.caller, about, decide).await?;
    ok(&shown(&asked.request.app, &asked.config, &user).await?)
}

pub(super) async fn delete(asked: InAccount) -> Answer {
    let (id, about) = asked.target("user.delete", Kind::USER).await?;
    let query: DeleteQuery = asked.or_recorded(&about, asked.request.query()).await?;
    let (app, permanent) = (&asked.request.app, query.permanent.unwrap_or(false));
    let decide = |config: Arc<Configuration>, call| async move {
        let user = load_any(app, &config, id).await?;
        Ok(users::delete_local(&config, &call, &user, permanent)?)
    };
    app.write(asked.account(), &asked.request.caller, about, decide).await?;
    no_content()
}

pub(super) async fn restore(asked: InAccount) -> Answer {
    let (id, about) = asked.target("user.restore", Kind::USER).await?;
    let app = &asked.request.app;
    let decide = |config: Arc<Configuration>, call| async move {
        let user = load_any(app, &config, id).await?;
        let decided = bin::restore(&config, &call, &user)?;
        for key in bin::claims(&config, &user) {
            if app.store().by_unique(config.id, &key, &Kind::USER).await?.is_some() {
                return Err(bin::taken(&key).into());
            }
        }
        Ok(decided)
    };
    let user = app.write(asked.account(), &asked.request.caller, about, decide).await?;
    ok(&shown(app, &asked.config, &user).await?)
}

/// A user of the account, managed or not, suspended or not.
///
/// # Errors
/// 404 where there is none; 409 for one in the bin, who must be restored before anything is done.
pub(super) async fn load(app: &App, config: &Configuration, id: ResourceId) -> Result<User, Failure> {
    let user = load_any(app, config, id).await?;
    match user.state.deleted {
        None => Ok(user),
        Some(_) => Err(Refused::status(409, "the user is deleted: restore it first").into()),
    }
}

/// The same, in the bin or not.
pub(super) async fn load_any(app: &App, config: &Configuration, id: ResourceId) -> Result<User, Failure> {
    let records = app.store().load(config.id, &User::KINDS.map(|kind| (kind, id))).await?;
    let record = records.into_iter().flatten().next().ok_or_else(|| Refused::not_found("user"))?;
    Ok(User::read(config.id, record)?)
}

/// Users with the roles that their groups give them.
async fn views(app: &App, config: &Configuration, users: &[User]) -> Result<Vec<UserView>, Failure> {
    let ids: Vec<ResourceId> = users.iter().map(User::id).collect();
    let groups = app.groups_by_user(config, &ids).await?;
    let of = |user: &User| groups.get(&user.id()).map_or(&[][..], Vec::as_slice);
    Ok(users.iter().map(|user| view(config, user, of(user))).collect())
}

/// One user with the roles that its groups give it.
pub(super) async fn shown(app: &App, config: &Configuration, user: &User) -> Result<UserView, Failure> {
    let groups = app.groups_by_user(config, &[user.id()]).await?;
    Ok(view(config, user, groups.get(&user.id()).map_or(&[], Vec::as_slice)))
}

/// The roles that a user holds, its own and those of its groups.
pub(super) fn held(config: &Configuration, user: &User, groups: &[Group]) -> Vec<HeldRole> {
    let named: Vec<(ResourceId, &str)> = groups.iter().map(|group| (group.id(), group.display_name())).collect();
    held_roles(config, &user.state, &named)
}

/// A held change, as it is shown.
pub(super) fn held_view(config: &Configuration, held: &HeldChange) -> HeldView {
    let name = config.app(held.app).map_or_else(|| held.app.to_string(), |app| app.name.clone());
    HeldView {
        act: held.act,
        app: Named { id: held.app.to_string(), name },
        since: held.since,
        request_id: held.request_id.clone(),
    }
}

fn view(config: &Configuration, user: &User, groups: &[Group]) -> UserView {
    let refusal = user.sign_in_refusal(config);
    let locked = |edit: policy::LocalEdit| user.state.managed && edit == policy::LocalEdit::Lock;
    let edits = &config.policy.local_edits;
    let app_name = |id: ResourceId| config.app(id).map_or_else(|| id.to_string(), |app| app.name.clone());
    let group_named = |id: ResourceId| groups.iter().find(|group| group.id() == id);
    let via = |id: ResourceId| Named {
        id: id.to_string(),
        name: group_named(id).map_or_else(String::new, |group| group.display_name().to_owned()),
    };
    let role = |held: HeldRole| HeldRoleView {
        id: held.role.to_string(),
        name: config.role_name(held.role),
        via: held.via.map(via),
    };
    UserView {
        id: user.id().to_string(),
        email: user.user_name().to_owned(),
        user_name: user.user_name().to_owned(),
        external_id: user.resource.get("externalId").and_then(Value::as_str).map(str::to_owned),
        active: user.is_active(),
        verified: user.state.verified,
        managed: user.state.managed,
        origin: user.state.origin.map(|id| Named { id: id.to_string(), name: app_name(id) }),
        source: user.state.source.clone(),
        roles: held(config, user, groups).into_iter().map(role).collect(),
        groups: groups.iter().map(|group| via(group.id())).collect(),
        asserted_roles: user.state.asserted.clone(),
        roles_overridden: user.roles_overridden(config),
        locked: Locked { profile: locked(edits.profile), roles: locked(edits.roles) },
        held: user.state.held.as_ref().map(|held| held_view(config, held)),
        sign_in: SignIn { allowed: refusal.is_none(), reason: refusal },
        deleted: user.state.deleted,
        purge_at: bin::purge_at(config, user),
        created: user.record.created,
        modified: user.record.modified,
        version: user.record.version,
        attributes: user.resource.attributes().clone(),
    }
}
