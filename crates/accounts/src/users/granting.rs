//! What a request over SCIM makes of a user's roles.

use super::{User, UserState, authority, reading::Noted};
use crate::{
    Call, Configuration, Refused, RoleKey,
    policy::RoleMeaning,
    role::{Asserted, assert_roles, represent},
};
use provost_scim::Resource;
use serde_json::Value;

/// The roles of a new user.
///
/// # Errors
/// By the fields of `roles`, and 403 above the credential's ceiling.
pub(super) fn first(
    config: &Configuration,
    call: &Call,
    resource: &mut Resource,
    state: &mut UserState,
    noted: &mut Noted,
) -> Result<(), Refused> {
    if config.policy.roles.meaning == RoleMeaning::Grant {
        let asserted = assertion(config, call, resource, &[])?;
        take(config, resource, state, noted, asserted);
    }
    Ok(())
}

/// The roles of a user to whom a client writes. What it asserts counts, be it in this request or before: a local change is undone.
/// Where the request does not speak of roles, what was asserted before may have become illegal, or more than this client may give;
/// then the roles stay as they are, so that a leaver is disabled whatever became of the roles.
///
/// # Errors
/// By the fields of `roles`, and 403 above the credential's ceiling, where the request speaks of roles.
pub(super) fn next(
    config: &Configuration,
    call: &Call,
    user: &User,
    speaks: bool,
    (resource, state): (&mut Resource, &mut UserState),
    noted: &mut Noted,
) -> Result<(), Refused> {
    if config.policy.roles.meaning == RoleMeaning::Data || !(speaks || state.asserted.is_some()) {
        return Ok(());
    }
    match assertion(config, call, resource, &user.state.roles) {
        Ok(asserted) => take(config, resource, state, noted, asserted),
        Err(refused) if speaks => return Err(refused),
        Err(refused) => {
            resource.set("roles", user.resource.get("roles").cloned().unwrap_or_default());
            noted.warnings.push(format!("the user's roles were left as they are: {}", refused.error.detail));
        }
    }
    Ok(())
}

fn assertion(
    config: &Configuration,
    call: &Call,
    resource: &Resource,
    before: &[RoleKey],
) -> Result<Asserted, Refused> {
    let elements = resource.get("roles").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let asserted = assert_roles(config, elements).map_err(|error| Refused::role(&error))?;
    authority::may_assert(config, call, before, &asserted.roles)?;
    Ok(asserted)
}

fn take(config: &Configuration, resource: &mut Resource, state: &mut UserState, noted: &mut Noted, asserted: Asserted) {
    noted.warnings.extend(asserted.fallbacks.iter().map(|name| {
        format!("role `{name}` does not exist in this account and was not granted (policy field `roles.unknown`)")
    }));
    resource.set("roles", Value::Array(represent(config, &asserted.roles, &asserted.elements)));
    state.roles = asserted.roles;
    state.asserted = Some(asserted.elements);
}

/// The user as its origin last asserted it: what a local change of roles is measured against, and what a client's changes
/// start from.
pub(super) fn as_asserted(config: &Configuration, user: &User) -> Resource {
    let mut resource = user.resource.clone();
    if config.policy.roles.meaning == RoleMeaning::Grant
        && let Some(elements) = &user.state.asserted
    {
        resource.set("roles", Value::Array(elements.clone()));
    }
    resource
}
