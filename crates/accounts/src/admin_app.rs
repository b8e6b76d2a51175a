//! Admin apps: inbound connections with API keys, and the origin of what they manage.
//!
//! An admin app with an owner is a user token: its keys die with the user, and do nothing that the user may not do.

mod rules;

pub use rules::{check_use, dying_with, tokens_of};

use crate::{
    Call, Configuration, Decided, Owner, Refused, RoleKey, User,
    account::{name_of, put},
    api_key::{NewKey, PresentedKey, StoredKey},
    audit::{self, Entry},
};
use jiff::{SignedDuration, Timestamp};
use provost_change::{ChangeSet, Delete, Expect, Kind, ResourceId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

/// Admin apps in one account.
pub const APPS_MAX: usize = 100;
/// Keys of one admin app that are kept: the one in use and those that it replaced.
const KEYS_MAX: usize = 4;
/// Longest time in which an old key stays valid beside its successor.
pub const OVERLAP_MAX: SignedDuration = SignedDuration::from_hours(24 * 90);

/// An inbound connection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AdminApp {
    /// Its id: the origin of what it manages.
    pub id: ResourceId,
    /// Unique in the account.
    pub name: String,
    /// For people.
    #[serde(default)]
    pub description: String,
    /// What its keys may do.
    pub scopes: Vec<Scope>,
    /// Addresses that its keys may be used from, as networks; empty allows any.
    #[serde(default)]
    pub allowed_ips: Vec<String>,
    /// The user whose token it is; `None` where it belongs to the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<ResourceId>,
    /// It grants no role that permits more than this one; `None` sets no limit. One that is gone permits nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_ceiling: Option<RoleKey>,
    /// Whether it is bait: its keys are left where nobody should look, and any use of them is refused and alerts.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub honey: bool,
    /// Its keys, newest first.
    pub keys: Vec<StoredKey>,
    /// When it was made.
    pub created: Timestamp,
}

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// SCIM, and nothing else.
    Scim,
    /// The management API of its own account.
    Api,
}

/// What a new admin app is made from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewApp {
    /// Its name.
    pub name: String,
    /// For people.
    pub description: String,
    /// What its key may do; nothing given means SCIM.
    pub scopes: Option<Vec<Scope>>,
    /// Networks that its key may be used from.
    pub allowed_ips: Vec<String>,
    /// The user whose token it is to be: one who exists and is enabled.
    pub owner: Option<ResourceId>,
    /// The highest role that it may grant, by id, system value or name.
    pub role_ceiling: Option<String>,
    /// When its key expires.
    pub expires: Option<Timestamp>,
    /// Whether it is bait.
    pub honey: bool,
}

/// Why a key is not taken. All are answered alike; the difference is for the operator's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The account has no such key, or its secret is another one.
    #[error("no such key")]
    Unknown,
    /// It has expired or was replaced.
    #[error("the key has expired or was replaced")]
    Expired,
    /// It is a user token, and its owner is gone or disabled.
    #[error("the owner of the token is gone or disabled")]
    Orphaned,
}

/// Finds the admin app of a presented key.
///
/// # Errors
/// When the key is not one of the account's, or no longer.
pub fn authenticate<'c>(
    config: &'c Configuration,
    presented: &PresentedKey,
    now: Timestamp,
) -> Result<&'c Arc<AdminApp>, KeyError> {
    let keys = config.apps.iter().flat_map(|(app, _)| app.keys.iter().map(move |key| (app, key)));
    let (app, key) =
        keys.filter(|(_, key)| key.id == presented.id).find(|(_, key)| key.is(presented)).ok_or(KeyError::Unknown)?;
    if key.is_valid(now) { Ok(app) } else { Err(KeyError::Expired) }
}

/// The owner of a user token with the roles that the user holds, loaded anew for every request: disabling a user ends the user's
/// tokens at once (S-35).
///
/// # Errors
/// `Orphaned` when there is no such user any more, or the user is disabled.
pub fn living_owner(user: Option<&User>, roles: Vec<RoleKey>) -> Result<Owner, KeyError> {
    let user = user.filter(|user| user.is_active()).ok_or(KeyError::Orphaned)?;
    Ok(Owner { id: user.id(), name: user.user_name().to_owned(), roles })
}

/// Makes an admin app with its first key. The key is in the outcome and nowhere else.
///
/// # Errors
/// A name that is empty, too long or taken; too many apps; an owner, a role ceiling or an expiry that the policy or the caller's own
/// rights do not allow.
pub fn create(config: &Configuration, call: &Call, new: NewApp, key: &NewKey) -> Result<Decided<AdminApp>, Refused> {
    let name = name_of("admin app", &new.name)?;
    free_name(config, &name, None)?;
    if config.apps.len() >= APPS_MAX {
        return Err(Refused::status(409, format!("an account has at most {APPS_MAX} admin apps")));
    }
    let scopes = new.scopes.unwrap_or_else(|| vec![Scope::Scim]);
    let expires = rules::expiry(config, call, new.expires)?;
    let app = AdminApp {
        id: ResourceId::new(call.new_id),
        name,
        description: new.description,
        scopes,
        allowed_ips: new.allowed_ips,
        owner: new.owner,
        role_ceiling: rules::ceiling(config, new.role_ceiling.as_deref())?,
        honey: new.honey,
        keys: vec![key.stored(call.now, expires)],
        created: call.now,
    };
    rules::check(config, call, &app)?;
    let entry = about("admin_app.create", &app)
        .changed("scopes", Value::Null, json!(app.scopes))
        .changed("allowed_ips", json!([]), json!(app.allowed_ips))
        .changed("owner", Value::Null, json!(app.owner))
        .changed("role_ceiling", Value::Null, json!(app.role_ceiling))
        .changed("expires", Value::Null, json!(expires))
        .changed("honey", json!(false), json!(app.honey));
    let mut change = config.change();
    change.puts.push(put(Kind::ADMIN_APP, app.id, call, &app, Expect::Absent));
    change.log.push(audit::entry(call, entry));
    Ok(Decided { change, outcome: app })
}

/// Gives an admin app a new key. The old one stays valid for `overlap`, at least as long as it would have been anyway not.
///
/// # Errors
/// 404 for an unknown app; an overlap that is negative or longer than [`OVERLAP_MAX`]; an expiry that the policy does not allow; a
/// key that could do more than the caller may.
pub fn rotate(
    config: &Configuration,
    call: &Call,
    id: ResourceId,
    overlap: SignedDuration,
    expires: Option<Timestamp>,
    key: &NewKey,
) -> Result<Decided<AdminApp>, Refused> {
    if overlap.is_negative() || overlap > OVERLAP_MAX {
        return Err(Refused::invalid(format!("an old key stays valid for 0 to {} hours", OVERLAP_MAX.as_hours())));
    }
    let until = call.now.saturating_add(overlap).unwrap_or(Timestamp::MAX);
    let expires = rules::expiry(config, call, expires)?;
    edit(config, call, id, |app| {
        rules::check(config, call, app)?;
        for old in &mut app.keys {
            old.replaced_until = Some(old.replaced_until.map_or(until, |before| before.min(until)));
        }
        app.keys.insert(0, key.stored(call.now, expires));
        app.keys.retain(|old| old.is_valid(call.now));
        app.keys.truncate(KEYS_MAX);
        Ok(about("admin_app.rotate_key", app).changed("old key valid until", Value::Null, json!(until)))
    })
}

/// Refuses every key of an admin app from now on. A later rotation gives it a new one.
///
/// # Errors
/// 404 for an unknown app.
pub fn revoke(config: &Configuration, call: &Call, id: ResourceId) -> Result<Decided<AdminApp>, Refused> {
    edit(config, call, id, |app| {
        app.keys.clear();
        Ok(about("admin_app.revoke_keys", app))
    })
}

/// Records that somebody looked at the details of an admin app's keys (F-5.3-6). Nothing else is changed.
///
/// # Errors
/// 404 for an unknown app.
pub fn view_key(config: &Configuration, call: &Call, id: ResourceId) -> Result<Decided<AdminApp>, Refused> {
    let (app, _) = find(config, id)?;
    let mut change = config.change();
    change.log.push(audit::entry(call, about("admin_app.view_key", app)));
    Ok(Decided { change, outcome: AdminApp::clone(app) })
}

/// What may be changed in an admin app; `None` leaves it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AppEdit {
    /// A new name.
    pub name: Option<String>,
    /// Another description.
    pub description: Option<String>,
    /// Other scopes.
    pub scopes: Option<Vec<Scope>>,
    /// Other networks.
    pub allowed_ips: Option<Vec<String>>,
    /// Another owner, who takes the token over: one who exists and is enabled.
    pub owner: Option<ResourceId>,
    /// Another highest role, by id, system value or name, or none.
    pub role_ceiling: Option<Option<String>>,
    /// Whether it is bait.
    pub honey: Option<bool>,
}

/// Changes an admin app.
///
/// # Errors
/// 404 for an unknown app; a name that is empty, too long or taken; an owner, a role ceiling or scopes that the policy or the
/// caller's own rights do not allow.
pub fn update(config: &Configuration, call: &Call, id: ResourceId, new: AppEdit) -> Result<Decided<AdminApp>, Refused> {
    edit(config, call, id, |app| {
        let mut entry = about("admin_app.update", app);
        rules::check_caller(config, call, app)?;
        if let Some(name) = new.name {
            let name = name_of("admin app", &name)?;
            free_name(config, &name, Some(id))?;
            entry = entry.changed("name", json!(app.name), json!(name));
            app.name = name;
        }
        if let Some(description) = new.description {
            app.description = description;
        }
        if let Some(scopes) = new.scopes {
            entry = entry.changed("scopes", json!(app.scopes), json!(scopes));
            app.scopes = scopes;
        }
        if let Some(allowed_ips) = new.allowed_ips {
            entry = entry.changed("allowed_ips", json!(app.allowed_ips), json!(allowed_ips));
            app.allowed_ips = allowed_ips;
        }
        if let Some(owner) = new.owner {
            entry = entry.changed("owner", json!(app.owner), json!(owner));
            app.owner = Some(owner);
        }
        if let Some(ceiling) = new.role_ceiling {
            let ceiling = rules::ceiling(config, ceiling.as_deref())?;
            entry = entry.changed("role_ceiling", json!(app.role_ceiling), json!(ceiling));
            app.role_ceiling = ceiling;
        }
        if let Some(honey) = new.honey {
            entry = entry.changed("honey", json!(app.honey), json!(honey));
            app.honey = honey;
        }
        rules::check(config, call, app)?;
        Ok(entry)
    })
}

/// Removes an admin app with its keys. What it managed stays managed, with an origin that is gone, until another app or an
/// administrator takes it over.
///
/// # Errors
/// 404 for an unknown app.
pub fn delete(config: &Configuration, call: &Call, id: ResourceId) -> Result<Decided<()>, Refused> {
    let (app, version) = find(config, id)?;
    let change = ChangeSet {
        deletes: vec![Delete::bare(Kind::ADMIN_APP, id, version)],
        log: vec![audit::entry(call, about("admin_app.delete", app))],
        ..config.change()
    };
    Ok(Decided { change, outcome: () })
}

fn edit(
    config: &Configuration,
    call: &Call,
    id: ResourceId,
    with: impl FnOnce(&mut AdminApp) -> Result<Entry, Refused>,
) -> Result<Decided<AdminApp>, Refused> {
    let (app, version) = find(config, id)?;
    let mut app = AdminApp::clone(app);
    let entry = with(&mut app)?;
    let mut change = config.change();
    let mut put = put(Kind::ADMIN_APP, id, call, &app, Expect::Version(version));
    put.record.created = app.created;
    change.puts.push(put);
    change.log.push(audit::entry(call, entry));
    Ok(Decided { change, outcome: app })
}

fn find(config: &Configuration, id: ResourceId) -> Result<(&AdminApp, u64), Refused> {
    let found = config.apps.iter().find(|(app, _)| app.id == id);
    found.map(|(app, version)| (app.as_ref(), *version)).ok_or_else(|| Refused::not_found("admin app"))
}

fn free_name(config: &Configuration, name: &str, except: Option<ResourceId>) -> Result<(), Refused> {
    let taken = config.apps.iter().any(|(app, _)| app.name == name && Some(app.id) != except);
    if taken { Err(Refused::status(409, format!("an admin app named `{name}` exists"))) } else { Ok(()) }
}

fn about(action: &'static str, app: &AdminApp) -> Entry {
    Entry::done(action).about(&Kind::ADMIN_APP, app.id, &app.name)
}
