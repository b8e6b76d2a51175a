//! Who becomes managed by an identity provider, and who no longer is, because an administrator says so.

use super::{
    User, UserState, values,
    write::{about, differences, transition, written},
};
use crate::{
    AdminApp, Call, Configuration, Decided, Refused,
    audit::{self, Entry},
};
use provost_change::ResourceId;
use provost_scim::Resource;
use serde_json::{Value, json};

/// Longest reason, in characters.
pub const REASON_MAX: usize = 1_000;
/// Longest `externalId` that a migration sets, in characters.
const EXTERNAL_ID_MAX: usize = 1_000;

/// Makes an unmanaged user managed by an admin app (S-38). The sign-in name stays what it is.
///
/// # Errors
/// 404 for an unknown app; 409 for a user who is managed already; a reason that is missing or too long.
pub fn adopt(
    config: &Configuration,
    call: &Call,
    user: &User,
    app: ResourceId,
    reason: &str,
) -> Result<Decided<User>, Refused> {
    let reason = reason_of(reason)?;
    let state = adopted(config, user, app)?;
    let entry = about("user.adopt", user).changed("reason", Value::Null, json!(reason));
    Ok(put(config, call, user, user.resource.clone(), state, entry))
}

/// Makes a user unmanaged (S-38): nobody's but the administrators'. What was asserted is forgotten, what was granted stays. Where SCIM sees
/// only managed users, it no longer sees this one.
///
/// # Errors
/// 409 for a user who is not managed; a reason that is missing or too long.
pub fn release(config: &Configuration, call: &Call, user: &User, reason: &str) -> Result<Decided<User>, Refused> {
    let reason = reason_of(reason)?;
    if !user.state.managed {
        return Err(Refused::status(409, "the user is not managed by an identity provider"));
    }
    let state = UserState { managed: false, origin: None, asserted: None, ..user.state.clone() };
    let entry = about("user.release", user).changed("reason", Value::Null, json!(reason));
    Ok(put(config, call, user, user.resource.clone(), state, entry))
}

/// Makes an unmanaged user managed by an admin app, under the id and with the name that it has, as the person whom the identity provider
/// knows by `external_id` (U-18). A dry run is this decision without its commit.
///
/// # Errors
/// 404 for an unknown app; 409 for a user who is managed already; an `externalId` that is empty or too long.
pub fn migrate_one(
    config: &Configuration,
    call: &Call,
    user: &User,
    app: ResourceId,
    external_id: Option<&str>,
) -> Result<Decided<User>, Refused> {
    let state = adopted(config, user, app)?;
    let mut resource = user.resource.clone();
    if let Some(external_id) = external_id {
        let fits = !external_id.is_empty() && external_id.chars().nth(EXTERNAL_ID_MAX).is_none();
        if !fits || external_id.chars().any(char::is_control) {
            return Err(Refused::invalid(format!("`externalId` is one line of 1 to {EXTERNAL_ID_MAX} characters")));
        }
        resource.set("externalId", json!(external_id));
        resource.sync_schemas(&config.full_user);
        values::check(config, Some(&user.resource), &resource)?;
    }
    Ok(put(config, call, user, resource, state, about("user.migrate", user)))
}

fn adopted(config: &Configuration, user: &User, app: ResourceId) -> Result<UserState, Refused> {
    let app: &AdminApp = config.app(app).ok_or_else(|| Refused::not_found("admin app"))?;
    if user.state.managed {
        return Err(Refused::status(409, "the user is managed already: release it first"));
    }
    if user.state.removal_requested {
        return Err(Refused::status(409, "the user is to be removed: enable it first"));
    }
    Ok(UserState { managed: true, origin: Some(app.id), asserted: None, ..user.state.clone() })
}

fn put(
    config: &Configuration,
    call: &Call,
    user: &User,
    resource: Resource,
    state: UserState,
    entry: Entry,
) -> Decided<User> {
    let mut change = transition(config, call, Some(user), Some((&resource, &state, user.id())));
    change.log.push(audit::entry(call, differences(entry, user, &resource, &state)));
    Decided { change, outcome: written(call, Some(user), user.id(), resource, state) }
}

fn reason_of(reason: &str) -> Result<&str, Refused> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().nth(REASON_MAX).is_some() || reason.chars().any(char::is_control) {
        return Err(Refused::invalid(format!("a reason is needed: one line of 1 to {REASON_MAX} characters")));
    }
    Ok(reason)
}
