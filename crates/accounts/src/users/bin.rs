//! The bin: users who were deleted, can be restored for a while, and are then removed for good.

use super::{
    User, UserState, authority, indexed, leaving,
    write::{about, differences, ended, transition, unique_keys, written},
};
use crate::{
    Call, Configuration, Decided, Refused, RoleKey, audit,
    policy::{OnDelete, RoleMeaning},
    role::represent,
};
use jiff::{SignedDuration, Timestamp};
use provost_change::{IndexEntry, UniqueKey};
use provost_scim::Resource;
use serde_json::Value;
use std::collections::BTreeSet;

/// Index attribute of the time at which a user was deleted: one entry for every record of the bin, whose values sort as the times do.
pub const DELETED_AT: &str = "User#deleted";
/// The attributes by which users in the bin are found without reading all of them.
pub const INDEXED: [&str; 2] = ["userName", "externalId"];

/// What the audit log calls a deletion that can be taken back.
pub(super) const SOFT_DELETE: &str = "user.soft_delete";

/// Under what a user in the bin is found. Its names are no unique keys: they are free, and several in the bin may have had one name.
pub(super) fn entries(config: &Configuration, resource: &Resource, since: Timestamp) -> BTreeSet<IndexEntry> {
    let values = INDEXED.iter().flat_map(|name| config.full_user.values_of(name, resource));
    let mut entries: BTreeSet<IndexEntry> =
        values.map(|(name, value)| IndexEntry { attribute: indexed(&name), value }).collect();
    // Twenty digits hold all microseconds that there are; nothing is deleted before 1970.
    let value = format!("{:020}", since.as_microsecond().max(0));
    entries.insert(IndexEntry { attribute: DELETED_AT.to_owned(), value });
    entries
}

/// From when on a user in the bin is removed for good, as the policy in force says; `None` for a user who is not in the bin.
pub fn purge_at(config: &Configuration, user: &User) -> Option<Timestamp> {
    let kept = SignedDuration::from_hours(24 * i64::from(config.policy.users.deleted_retention_days));
    user.state.deleted.map(|since| since.saturating_add(kept).unwrap_or(Timestamp::MAX))
}

/// Removes a user by hand: to the bin where the policy has one, for good where it has none, where `permanent` says so and where the user
/// is in the bin already.
///
/// # Errors
/// A guard of the policy; 409 for a user in the bin who is deleted again, and not for good.
pub fn delete_local(config: &Configuration, call: &Call, user: &User, permanent: bool) -> Result<Decided<()>, Refused> {
    if user.state.deleted.is_some() {
        return match permanent {
            true => Ok(remove(config, call, user)),
            false => Err(Refused::status(409, "the user is deleted already; `permanent=true` removes it for good")),
        };
    }
    leaving::by_hand(config, user)?;
    Ok(dismiss(config, call, user, permanent))
}

/// Removes a user whom no guard holds, as [`delete_local`] does.
pub(crate) fn dismiss(config: &Configuration, call: &Call, user: &User, permanent: bool) -> Decided<()> {
    if permanent || config.policy.users.on_delete != OnDelete::SoftDelete {
        return remove(config, call, user);
    }
    let state = UserState { deleted: Some(call.now), held: None, removal_requested: false, ..user.state.clone() };
    let mut change = transition(config, call, Some(user), Some((&user.resource, &state, user.id())));
    let warnings = ended(config, call, user, "removed", false).warnings;
    let entry = differences(about(SOFT_DELETE, user).warned(warnings), user, &user.resource, &state);
    change.log.push(audit::entry(call, entry));
    Decided { change, outcome: () }
}

/// Removes a user in the bin for good, once its time is over.
///
/// # Errors
/// 409 as long as it is not.
pub fn purge(config: &Configuration, call: &Call, user: &User) -> Result<Decided<()>, Refused> {
    match purge_at(config, user) {
        Some(at) if at <= call.now => Ok(remove(config, call, user)),
        Some(_) | None => Err(Refused::status(409, "the user is kept for longer")),
    }
}

fn remove(config: &Configuration, call: &Call, user: &User) -> Decided<()> {
    let mut change = transition(config, call, Some(user), None);
    let warnings = match user.state.deleted {
        None => ended(config, call, user, "removed", false).warnings,
        Some(_) => Vec::new(),
    };
    change.log.push(audit::entry(call, about("user.delete", user).warned(warnings)));
    Decided { change, outcome: () }
}

/// The values that a user must take again to be restored; others may hold them now.
pub fn claims(config: &Configuration, user: &User) -> Vec<UniqueKey> {
    unique_keys(config, &user.resource, &UserState { deleted: None, ..user.state.clone() })
}

/// Brings a user in the bin back under its id, with the attributes that it had and enabled if it was. What it had been given does not come
/// back: it is in no group and assigned to no app. Roles that are gone meanwhile are left out.
///
/// # Errors
/// 409 for a user who is not deleted; 403 for roles above the caller's own. That a name is taken meanwhile shows when it is committed, and
/// before that in [`claims`].
pub fn restore(config: &Configuration, call: &Call, user: &User) -> Result<Decided<User>, Refused> {
    if user.state.deleted.is_none() {
        return Err(Refused::status(409, "the user is not deleted: there is nothing to restore"));
    }
    let mut resource = user.resource.clone();
    let mut state = UserState { deleted: None, ..user.state.clone() };
    state.roles.retain(|role| match role {
        RoleKey::System(_) => true,
        RoleKey::Custom(id) => config.role(*id).is_some(),
    });
    let gone = user.state.roles.len() - state.roles.len();
    if state.roles.is_empty() {
        state.roles.push(config.policy.roles.default);
    }
    authority::may_grant_by_hand(config, call, &state.roles)?;
    let mut warnings = Vec::new();
    if gone > 0 {
        warnings.push("a role that the user held does not exist any more and was left out".to_owned());
        if config.policy.roles.meaning == RoleMeaning::Grant {
            let asserted = state.asserted.as_deref().unwrap_or_default();
            resource.set("roles", Value::Array(represent(config, &state.roles, asserted)));
        }
    }
    let mut change = transition(config, call, Some(user), Some((&resource, &state, user.id())));
    let entry = differences(about("user.restore", user).warned(warnings), user, &resource, &state);
    change.log.push(audit::entry(call, entry));
    Ok(Decided { change, outcome: written(call, Some(user), user.id(), resource, state) })
}

/// What a name that is taken means to whoever restores a user.
pub fn taken(key: &UniqueKey) -> Refused {
    let refused = super::uniqueness_refusal(&key.space);
    let detail = format!(
        "the user cannot be restored: {}, which took the value meanwhile; change or delete that user first",
        refused.error.detail
    );
    Refused { error: provost_scim::ScimError { detail, ..refused.error }, ..refused }
}
