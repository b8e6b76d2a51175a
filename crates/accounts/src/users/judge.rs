//! The rules that a user must keep, whichever door a change comes through.

use super::{User, UserState, authority, brake, is_active, reading::Noted};
use crate::{
    Call, Configuration, Refused, RoleKey, mail,
    ownership::Management,
    policy::{ExternalIdUpdate, IdentifierFormat, IdentifierUpdate, InactiveEdits},
    role::RoleError,
    verification,
};
use provost_scim::{Resource, ScimType};
use serde_json::Value;

/// Longest e-mail address, in bytes (RFC 5321 §4.5.3.1.3).
const EMAIL_MAX: usize = 254;

/// `userName` against format and domains.
pub(crate) fn user_name(config: &Configuration, resource: &Resource) -> Result<(), Refused> {
    let name = resource.get("userName").and_then(Value::as_str).unwrap_or_default();
    let policy = &config.policy.users;
    if policy.identifier_format == IdentifierFormat::Email && !is_email(name) {
        return Err(Refused::value(
            "users.identifier_format",
            "`userName` must be an e-mail address, such as ann@example.com",
        ));
    }
    let domain = name.rsplit_once('@').map_or("", |(_, domain)| domain);
    if !policy.domains.is_empty() && !policy.domains.iter().any(|allowed| allowed.eq_ignore_ascii_case(domain)) {
        return Err(Refused::value(
            "users.domains",
            format!("`userName` has the domain `{domain}`, which this account does not allow"),
        ));
    }
    Ok(())
}

/// `local@domain` without spaces; whether mail arrives is what verification is for.
pub(crate) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let plain = |part: &str| !part.is_empty() && !part.chars().any(|c| c.is_whitespace() || c.is_control() || c == '@');
    text.len() <= EMAIL_MAX
        && plain(local)
        && plain(domain)
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !domain.contains("..")
}

/// A set of roles against the account's rule, for doors that name roles directly.
pub(super) fn roles(config: &Configuration, names: &[String]) -> Result<Vec<RoleKey>, Refused> {
    let found: Result<Vec<RoleKey>, RoleError> = names
        .iter()
        .map(|name| config.role_named(name).ok_or_else(|| RoleError::Unknown { name: name.clone() }))
        .collect();
    let mut roles =
        found.and_then(|roles| crate::role::check(config, &roles)).map_err(|error| Refused::role(&error))?;
    if roles.is_empty() {
        roles.push(config.policy.roles.default);
    }
    Ok(roles)
}

/// Whether a SCIM client may write to a user at all, and what becomes of its management: `Some` when the client takes it over.
pub(super) fn owned(config: &Configuration, call: &Call, user: &User) -> Result<Option<UserState>, Refused> {
    authority::may_write(config, call, user)?;
    let before = user.management();
    let Management { managed, origin } = before.after_write(config, call, "user")?;
    let taken_over = before != Management { managed, origin };
    Ok(taken_over.then(|| UserState { managed, origin, ..user.state.clone() }))
}

/// A changed `userName`, as the policy wants it.
pub(super) fn identifier(
    config: &Configuration,
    user: &User,
    adopting: bool,
    resource: &mut Resource,
    noted: &mut Noted,
) -> Result<(), Refused> {
    let old = user.resource.get("userName").cloned().unwrap_or_default();
    if resource.get("userName") == Some(&old) {
        return Ok(());
    }
    match config.policy.users.identifier_update {
        IdentifierUpdate::Reject => Err(Refused::by(
            "users.identifier_update",
            400,
            Some(ScimType::Mutability),
            "`userName` cannot be changed after the user was created",
        )),
        IdentifierUpdate::Ignore => {
            noted.warnings.push("`userName` was not changed (policy field `users.identifier_update`)".to_owned());
            resource.set("userName", old);
            Ok(())
        }
        IdentifierUpdate::Update if adopting => Err(Refused::by(
            "users.existing",
            403,
            None,
            "the request that links a user cannot change its `userName` as well; send it again on its own",
        )),
        IdentifierUpdate::Update => user_name(config, resource),
    }
}

/// The address that mail goes to: links to set a password among it. Who takes a user over does not redirect them in the same breath.
pub(super) fn address(user: &User, adopting: bool, resource: &Resource) -> Result<(), Refused> {
    if !adopting || mail::address(&user.resource).is_none() || !verification::is_moved(&user.resource, resource) {
        return Ok(());
    }
    Err(Refused::by(
        "users.existing",
        403,
        None,
        "the request that links a user cannot change the address that its mail goes to as well; send it again on its own",
    ))
}

/// A changed `externalId`, as the policy wants it. The first one is no change.
pub(super) fn external_id(
    config: &Configuration,
    user: &User,
    resource: &mut Resource,
    noted: &mut Noted,
) -> Result<(), Refused> {
    let Some(old) = user.resource.get("externalId").filter(|old| resource.get("externalId") != Some(old)) else {
        return Ok(());
    };
    match config.policy.users.external_id_update {
        ExternalIdUpdate::Update => Ok(()),
        ExternalIdUpdate::Ignore => {
            noted.warnings.push("`externalId` was not changed (policy field `users.external_id_update`)".to_owned());
            resource.set("externalId", old.clone());
            Ok(())
        }
        ExternalIdUpdate::Reject => Err(Refused::by(
            "users.external_id_update",
            400,
            Some(ScimType::Mutability),
            "`externalId` cannot be changed once it is set",
        )),
    }
}

/// Whether a user who is disabled and stays it may be changed. `base` is what the request started from.
pub(super) fn inactive_edit(
    config: &Configuration,
    user: &User,
    base: &Resource,
    wanted: &Resource,
) -> Result<(), Refused> {
    let stays_disabled = !user.is_active() && !is_active(wanted);
    if config.policy.users.inactive_edits == InactiveEdits::Allow || !stays_disabled {
        return Ok(());
    }
    let (old, new) = (base.attributes(), wanted.attributes());
    let differs = |name: &&String| !matches!(name.as_str(), "schemas" | "id") && old.get(*name) != new.get(*name);
    match new.keys().chain(old.keys()).find(differs) {
        None => Ok(()),
        Some(name) => Err(Refused::value(
            "users.inactive_edits",
            format!("the user is disabled: nothing but `active` can be changed, `{name}` cannot"),
        )),
    }
}

/// What a bound that a commit would break means to the client.
pub fn bound_refusal(config: &Configuration, count: &str) -> Refused {
    if let Some(refused) = brake::refusal(config, count) {
        return refused;
    }
    match count {
        super::write::ACTIVE => {
            let limit = config.account.max_users.unwrap_or_default();
            Refused::status(403, format!("user limit reached: this account may have {limit} enabled users"))
        }
        super::write::ADMINISTRATORS => Refused::by(
            "guards",
            409,
            None,
            "the user is the last enabled Account Administrator and cannot be disabled, removed or demoted",
        ),
        other => Refused::status(409, format!("the limit of `{other}` is reached")),
    }
}

/// What a taken value of a user means to the client. `space` is what it is unique in, such as `User.userName`.
pub fn uniqueness_refusal(space: &str) -> Refused {
    let name = space.strip_prefix("User.").unwrap_or(space);
    let name = name.split_once('/').map_or(name, |(name, _)| name);
    Refused {
        error: provost_scim::ScimError {
            status: 409,
            scim_type: Some(ScimType::Uniqueness),
            detail: format!("a user with this `{name}` exists in the account"),
        },
        field: None,
        retry_after: None,
    }
}
