//! Admin apps and their API keys.

use super::{
    Answer,
    asked::InAccount,
    body::{at_most, distinct, member},
    created, no_content, ok, page,
    page::PageQuery,
};
use crate::{
    app::{About, Failure, KeyUse},
    network::Network,
};
use axum::body::Body;
use jiff::{SignedDuration, Timestamp};
use provost_accounts::{
    AdminApp,
    admin_app::{self, AppEdit, NewApp, Scope},
    api_key::{NewKey, StoredKey},
};
use provost_change::Kind;
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
    /// From when on its first key is refused; null for never.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires: Option<Timestamp>,
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
}

/// How a key is rotated.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Rotation {
    /// How long the present key is still taken beside the new one: 0 unless said, at most 2160; may be a fraction.
    overlap_hours: f64,
    /// From when on the new key is refused; null for never.
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
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    /// What a SCIM client is given as the tenant URL.
    tenant_url: String,
    /// Its keys, newest first, without their secrets.
    keys: Vec<KeyView>,
    /// The last request with one of its keys; null when there was none.
    last_used: Option<LastUse>,
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
    let new = asked.or_recorded(&about, new.read()).await?;
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
    let edit = asked.or_recorded(&about, change.read()).await?;
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

pub(super) async fn revoke(asked: InAccount) -> Answer {
    let (id, about) = asked.target("admin_app.revoke_keys", Kind::ADMIN_APP).await?;
    let app = asked.write(about, |config, call| admin_app::revoke(config, call, id)).await?;
    ok(&view(&asked, &app).await?)
}

impl NewAdminApp {
    fn read(self) -> Result<NewApp, Failure> {
        at_most("description", self.description.chars().count(), DESCRIPTION_MAX, "characters")?;
        Ok(NewApp {
            name: self.name,
            description: self.description,
            scopes: self.scopes.map(scopes).transpose()?,
            allowed_ips: networks(&self.allowed_ips)?,
            expires: self.expires,
        })
    }
}

impl AdminAppChange {
    fn read(self) -> Result<AppEdit, Failure> {
        let description = self.description.as_deref().unwrap_or_default();
        at_most("description", description.chars().count(), DESCRIPTION_MAX, "characters")?;
        Ok(AppEdit {
            name: self.name,
            description: self.description,
            scopes: self.scopes.map(scopes).transpose()?,
            allowed_ips: self.allowed_ips.as_deref().map(networks).transpose()?,
        })
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
        created: app.created,
        tenant_url: asked.request.caller.tenant_url(),
        keys: app.keys.iter().map(|key| key_view(key, now)).collect(),
        last_used: last_used.map(|KeyUse { at, key, client_ip, user_agent }| LastUse {
            at,
            client_ip: client_ip.to_string(),
            user_agent,
            key,
        }),
    })
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
