//! The rules that a user must keep, whichever door a change comes through.

use super::{User, UserState, is_active};
use crate::{
    Actor, Call, Configuration, Refused, RoleKey,
    policy::{Existing, Guard, IdentifierFormat, Ownership},
    quorum,
    role::RoleError,
};
use provost_change::ResourceId;
use provost_scim::{Resource, ScimType};
use serde_json::Value;

/// Longest e-mail address, in bytes (RFC 5321 §4.5.3.1.3).
const EMAIL_MAX: usize = 254;

/// `userName` against format and domains.
pub(super) fn user_name(config: &Configuration, resource: &Resource) -> Result<(), Refused> {
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
fn is_email(text: &str) -> bool {
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

/// Whether the caller may write to a user at all, and what becomes of its management: an admin app that writes to a user made by
/// hand links it, one that writes to another app's user is refused where ownership is exclusive.
pub(super) fn owned(config: &Configuration, call: &Call, user: &User) -> Result<Option<UserState>, Refused> {
    let Actor::App { id: app, .. } = &call.actor else { return Ok(None) };
    match (user.state.managed, user.state.origin) {
        (true, Some(origin)) if origin == *app => Ok(None),
        (true, Some(origin))
            if config.app(origin).is_some() && config.policy.credentials.ownership == Ownership::Exclusive =>
        {
            let name = config.app(origin).map_or_else(String::new, |app| app.name.clone());
            Err(Refused::by(
                "credentials.ownership",
                403,
                None,
                format!("this user is managed by admin app `{name}`; only that app changes it"),
            ))
        }
        (true, _) => Ok(Some(taken_over(user, *app))),
        (false, _) => match config.policy.users.existing {
            Existing::Link => Ok(Some(taken_over(user, *app))),
            Existing::Separate | Existing::Conflict => Err(Refused::by(
                "users.existing",
                403,
                None,
                "this user was not made by an identity provider and is not managed by one",
            )),
        },
    }
}

fn taken_over(user: &User, app: ResourceId) -> UserState {
    UserState { managed: true, origin: Some(app), ..user.state.clone() }
}

/// Whether a user may be disabled or removed.
pub(super) fn may_deprovision(config: &Configuration, user: &User) -> Result<(), Refused> {
    for (policy, _) in &config.quorum {
        let guard = if policy.group.is_some() { Guard::GroupQuorum } else { Guard::AccountQuorum };
        if config.policy.guards.contains(&guard) && policy.policy.names_user(user.id()) {
            return Err(Refused::by(
                "guards",
                409,
                None,
                format!(
                    "the user is an approver in {} and cannot be disabled or removed: an administrator must take the user \
                     out of that policy first",
                    quorum::title(policy)
                ),
            ));
        }
    }
    Ok(())
}

/// Guards on the step from one state to the next.
pub(super) fn step(config: &Configuration, before: &User, after: &Resource) -> Result<(), Refused> {
    if before.is_active() && !is_active(after) { may_deprovision(config, before) } else { Ok(()) }
}

/// What a bound that a commit would break means to the client.
pub fn bound_refusal(config: &Configuration, count: &str) -> Refused {
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

/// What a taken sign-in name means to the client.
pub fn uniqueness_refusal() -> Refused {
    Refused {
        error: provost_scim::ScimError {
            status: 409,
            scim_type: Some(ScimType::Uniqueness),
            detail: "a user with this `userName` exists in the account".to_owned(),
        },
        field: None,
    }
}
