//! Admin apps and their API keys.

use super::{
    Answer,
    asked::InAccount,
    body::{at_most, distinct, given, member},
    created, management,
    named::{self, NAMED_MAX},
    no_content, ok, page,
    page::PageQuery,
};
use crate::{
    app::{About, Failure, KeyUse},
    network::Network,
};
use axum::body::Body;
use jiff::{SignedDuration, Timestamp};
use provost_accounts::{
    AdminApp, RoleKey, User,
    admin_app::{self, AppEdit, NewApp, Scope},
    api_key::{NewKey, StoredKey},
};
use provost_change::{Kind, ResourceId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Networks that one admin app may name.
const NETWORKS_MAX: usize = 100;
/// Longest description, in characters.
const DESCRIPTION_MAX: usize = 1_000;

/// What an admin app is made from.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAdminApp {
    /// Its name, unique in the account.
    name: String,
    /// For people.
    #[serde(default)]
    description: String,
    /// What its keys may do; `["scim"]` unless said.
    scopes: Option<Vec<Scope>>,
    /// Networks that its keys may be used from, such as `10.0.0.0/8` or `2001:db8::1`; none means any.
    #[serde(default)]
    allowed_ips: Vec<String>,
    /// The user whose token it is, by id or userName: its keys die with the user, and in this API they do what the user's roles permit.
    /// Null where it belongs to the account.
    owner: Option<String>,
    /// The highest role that it may grant over SCIM, by id, value or name; null for any.
    role_ceiling: Option<String>,
    /// From when on its first key is refused; null for as late as the policy allows, which may be never.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires: Option<Timestamp>,
    /// Whether it is bait: its key is left where nobody should look, and any use of it is refused and alerts.
    #[serde(default)]
    honey: bool,
}

/// What is to change of an admin app; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AdminAppChange {
    /// Another name.
    name: Option<String>,
    /// Another description.
    description: Option<String>,
    /// Other scopes.
    scopes: Option<Vec<Scope>>,
    /// Other networks.
    allowed_ips: Option<Vec<String>>,
    /// Another owner, by id or userName, who takes the token over.
    owner: Option<String>,
    /// Another highest role that it may grant; null for any.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    role_ceiling: Option<Option<String>>,
    /// Whether it is bait.
    honey: Option<bool>,
}

/// How a key is rotated.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Rotation {
    /// How long the present key is still taken beside the new one: 0 unless said, at most 2160; may be a fraction.
    overlap_hours: f64,
    /// From when on the new key is refused; null for as late as the policy allows, which may be never.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires: Option<Timestamp>,
}

/// An admin app.
#[derive(Serialize, ToSchema)]
pub(super) struct AdminAppView {
    /// Its id: the origin of what it manages.
    id: String,
    /// Its name.
    name: String,
    /// For people.
    description: String,
    /// What its keys may do.
    scopes: Vec<Scope>,
    /// Networks that its keys may be used from; none means any.
    allowed_ips: Vec<String>,
    /// The user whose token it is; null where it belongs to the account.
    owner: Option<AppOwner>,
    /// The highest role that it may grant over SCIM; null for any.
    role_ceiling: Option<AppRole>,
    /// Whether it is bait: any use of its key is refused and alerts.
    honey: bool,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    /// What a SCIM client is given as the tenant URL.
    tenant_url: String,
    /// Its keys, newest first, without their secrets.
    keys: Vec<KeyView>,
    /// The last request with one of its keys; null when there was none.
    last_used: Option<LastUse>,
    /// What to know of users who are there already, before an identity provider provisions through it; null for nothing.
    warning: Option<String>,
}

/// The user whose token an admin app is.
#[derive(Serialize, ToSchema)]
pub(super) struct AppOwner {
    /// The user's id.
    id: String,
    /// The sign-in name; null when the user is gone.
    name: Option<String>,
    /// Whether the user is there and enabled: otherwise no key of the app is taken.
    active: bool,
}

/// A role that an admin app may grant at most.
#[derive(Serialize, ToSchema)]
pub(super) struct AppRole {
    /// Its id; of a system role its value.
    id: String,
    /// Its name; of a role that is gone its id.
    name: String,
}

/// An admin app with a key in clear, which is shown once.
#[derive(Serialize, ToSchema)]
pub(super) struct AdminAppWithKey {
    #[serde(flatten)]
    app: AdminAppView,
    /// The key: shown here and never again.
    api_key: String,
}

/// What is known of a key.
#[derive(Serialize, ToSchema)]
pub(super) struct KeyView {
    /// Its id, which names it in logs.
    id: String,
    /// The last eight characters, to recognise it by.
    last_eight: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    /// From when on it is refused by its own date; null for never.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires: Option<Timestamp>,
    /// From when on it is refused, be it because it was replaced; null for never.
    #[schema(value_type = Option<String>, format = DateTime)]
    valid_until: Option<Timestamp>,
    /// Whether it is taken now.
    state: KeyState,
}

/// Whether a key is taken.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum KeyState {
    /// It is.
    Current,
    /// It is, until the overlap of the rotation that replaced it ends.
    Replaced,
    /// It is not.
    Expired,
}

/// The last request with a key.
#[derive(Serialize, ToSchema)]
pub(super) struct LastUse {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// From where.
    client_ip: String,
    /// What the client called itself.
    user_agent: Option<String>,
    /// With which key.
    key: String,
}

pub(super) async fn create(asked: InAccount, body: Body) -> Answer {
    let about = About { action: "admin_app.create", target: None };
    let new: NewAdminApp = asked.body(&about, body).await?;
    let about = about.making(Kind::ADMIN_APP, &new.name);
    let read = async { new.read(owner(&asked, new.owner.as_deref()).await?) };
    let new = asked.request.app.or_recorded(asked.account(), &asked.request.caller, &about, read).await?;
    let key = new_key(&asked);
    let app = asked.write(about, |config, call| admin_app::create(config, call, new.clone(), &key)).await?;
    let location = asked.location(&format!("/admin-apps/{}", app.id));
    created(&location, &AdminAppWithKey { app: view(&asked, &app).await?, api_key: key.reveal().to_owned() })
}

pub(super) async fn list(asked: InAccount) -> Answer {
    let page = asked.request.query::<PageQuery>()?.page()?;
    let behind = asked.config.apps.iter().filter(|(app, _)| page.after.is_none_or(|after| app.id > after));
    let mut apps: Vec<&AdminApp> = behind.map(|(app, _)| app.as_ref()).collect();
    let next = page::cut(&mut apps, page.limit, |app| app.id);
    let mut items = Vec::with_capacity(apps.len());
    for app in apps {
        items.push(view(&asked, app).await?);
    }
    page::list(items, next)
}

pub(super) async fn get(asked: InAccount) -> Answer {
    let id = asked.id(&Kind::ADMIN_APP)?;
    let app = asked.config.app(id).ok_or_else(|| provost_accounts::Refused::not_found("admin app"))?;
    ok(&view(&asked, app).await?)
}

pub(super) async fn change(asked: InAccount, body: Body) -> Answer {
    let (id, about) = asked.target("admin_app.update", Kind::ADMIN_APP).await?;
    let change: AdminAppChange = asked.body(&about, body).await?;
    let read = async { change.read(owner(&asked, change.owner.as_deref()).await?) };
    let edit = asked.request.app.or_recorded(asked.account(), &asked.request.caller, &about, read).await?;
    let app = asked.write(about, |config, call| admin_app::update(config, call, id, edit.clone())).await?;
    ok(&view(&asked, &app).await?)
}

pub(super) async fn delete(asked: InAccount) -> Answer {
    let (id, about) = asked.target("admin_app.delete", Kind::ADMIN_APP).await?;
    asked.write(about, |config, call| admin_app::delete(config, call, id)).await?;
    no_content()
}

pub(super) async fn rotate(asked: InAccount, body: Body) -> Answer {
    let (id, about) = asked.target("admin_app.rotate_key", Kind::ADMIN_APP).await?;
    let rotation: Rotation = asked.body_or_default(&about, body).await?;
    let overlap = asked.or_recorded(&about, overlap(rotation.overlap_hours)).await?;
    let key = new_key(&asked);
    let rotate = |config: &_, call: &_| admin_app::rotate(config, call, id, overlap, rotation.expires, &key);
    let app = asked.write(about, rotate).await?;
    ok(&AdminAppWithKey { app: view(&asked, &app).await?, api_key: key.reveal().to_owned() })
}

pub(super) async fn view_key(asked: InAccount) -> Answer {
    let (id, about) = asked.target("admin_app.view_key", Kind::ADMIN_APP).await?;
    let app = asked.write(about, |config, call| admin_app::view_key(config, call, id)).await?;
    ok(&view(&asked, &app).await?)
}

pub(super) async fn revoke(asked: InAccount) -> Answer {
    let (id, about) = asked.target("admin_app.revoke_keys", Kind::ADMIN_APP).await?;
    let app = asked.write(about, |config, call| admin_app::revoke(config, call, id)).await?;
    ok(&view(&asked, &app).await?)
}

impl NewAdminApp {
    fn read(&self, owner: Option<ResourceId>) -> Result<NewApp, Failure> {
        at_most("description", self.description.chars().count(), DESCRIPTION_MAX, "characters")?;
        at_most("role_ceiling", self.role_ceiling.as_ref().map_or(0, String::len), NAMED_MAX, "bytes")?;
        Ok(NewApp {
            name: self.name.clone(),
            description: self.description.clone(),
            scopes: self.scopes.clone().map(scopes).transpose()?,
            allowed_ips: networks(&self.allowed_ips)?,
            owner,
            role_ceiling: self.role_ceiling.clone(),
            expires: self.expires,
            honey: self.honey,
        })
    }
}

impl AdminAppChange {
    fn read(&self, owner: Option<ResourceId>) -> Result<AppEdit, Failure> {
        let description = self.description.as_deref().unwrap_or_default();
        at_most("description", description.chars().count(), DESCRIPTION_MAX, "characters")?;
        let ceiling = self.role_ceiling.as_ref().and_then(Option::as_ref);
        at_most("role_ceiling", ceiling.map_or(0, String::len), NAMED_MAX, "bytes")?;
        Ok(AppEdit {
            name: self.name.clone(),
            description: self.description.clone(),
            scopes: self.scopes.clone().map(scopes).transpose()?,
            allowed_ips: self.allowed_ips.as_deref().map(networks).transpose()?,
            owner,
            role_ceiling: self.role_ceiling.clone(),
            honey: self.honey,
        })
    }
}

/// The one enabled user with this id or userName.
async fn owner(asked: &InAccount, named: Option<&str>) -> Result<Option<ResourceId>, Failure> {
    let Some(text) = named else { return Ok(None) };
    match named::user(asked, "owner", text).await? {
        user if user.is_active() => Ok(Some(user.id())),
        _ => Err(member("owner", "the user is disabled")),
    }
}

fn scopes(scopes: Vec<Scope>) -> Result<Vec<Scope>, Failure> {
    if scopes.is_empty() {
        return Err(member("scopes", "name at least one of `scim` and `api`; to refuse every key, revoke them"));
    }
    Ok(distinct(scopes))
}

fn networks(texts: &[String]) -> Result<Vec<String>, Failure> {
    at_most("allowed_ips", texts.len(), NETWORKS_MAX, "networks")?;
    let mut networks = Vec::with_capacity(texts.len());
    for (position, text) in texts.iter().enumerate() {
        let network: Network = text.parse().map_err(|error| member(&format!("allowed_ips/{position}"), error))?;
        networks.push(network.to_string());
    }
    Ok(distinct(networks))
}

fn overlap(hours: f64) -> Result<SignedDuration, Failure> {
    SignedDuration::try_from_secs_f64(hours * 3600.0).map_err(|_| member("overlap_hours", "no such time"))
}

fn new_key(asked: &InAccount) -> NewKey {
    NewKey::make(asked.account(), asked.request.app.random(), asked.request.app.random())
}

async fn view(asked: &InAccount, app: &AdminApp) -> Result<AdminAppView, Failure> {
    let now = asked.request.app.now();
    let last_used = asked.request.app.last_use(asked.account(), app.id).await?;
    Ok(AdminAppView {
        id: app.id.to_string(),
        name: app.name.clone(),
        description: app.description.clone(),
        scopes: app.scopes.clone(),
        allowed_ips: app.allowed_ips.clone(),
        owner: owner_view(asked, app).await?,
        role_ceiling: app.role_ceiling.map(|role| role_view(asked, role)),
        honey: app.honey,
        created: app.created,
        tenant_url: asked.request.caller.tenant_url(),
        keys: app.keys.iter().map(|key| key_view(key, now)).collect(),
        last_used: last_used.map(|KeyUse { at, key, client_ip, user_agent, .. }| LastUse {
            at,
            client_ip: client_ip.to_string(),
            user_agent,
            key,
        }),
        warning: management::warning(asked).await?,
    })
}

async fn owner_view(asked: &InAccount, app: &AdminApp) -> Result<Option<AppOwner>, Failure> {
    let Some(id) = app.owner else { return Ok(None) };
    let record =
        asked.request.app.store().load(asked.account(), &[(Kind::USER, id)]).await?.into_iter().flatten().next();
    let user = record.map(|record| User::read(asked.account(), record)).transpose()?;
    Ok(Some(AppOwner {
        id: id.to_string(),
        name: user.as_ref().map(|user| user.user_name().to_owned()),
        active: user.is_some_and(|user| user.is_active()),
    }))
}

fn role_view(asked: &InAccount, role: RoleKey) -> AppRole {
    AppRole { id: role.to_string(), name: asked.config.role_name(role) }
}

fn key_view(key: &StoredKey, now: Timestamp) -> KeyView {
    KeyView {
        id: key.id.clone(),
        last_eight: key.last_eight.clone(),
        created: key.created,
        expires: key.expires,
        valid_until: key.expires.into_iter().chain(key.replaced_until).min(),
        state: match (key.is_valid(now), key.replaced_until) {
            (false, _) => KeyState::Expired,
            (true, Some(_)) => KeyState::Replaced,
            (true, None) => KeyState::Current,
        },
    }
}
