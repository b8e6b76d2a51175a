//! What an admin app may be: by the policy, and by the rights of whoever makes or changes it.

use super::{AdminApp, Scope};
use crate::{Actor, Call, Configuration, Owner, Permission, Refused, RoleKey, policy::CredentialKind};
use jiff::{SignedDuration, Timestamp};
use provost_change::ResourceId;

/// Tokens of a user that are taken at `now`.
pub fn tokens_of(config: &Configuration, user: ResourceId, now: Timestamp) -> impl Iterator<Item = &AdminApp> {
    let apps = config.apps.iter().map(|(app, _)| app.as_ref());
    apps.filter(move |app| app.owner == Some(user) && app.keys.iter().any(|key| key.is_valid(now)))
}

/// Sentences about the tokens that a user's end is the end of (U-27, S-69).
pub fn dying_with(config: &Configuration, user: ResourceId, now: Timestamp) -> Vec<String> {
    let warning = |app: &AdminApp| {
        format!(
            "token `{}` belongs to this user and is refused from now on: give it to another owner, or make a new one and configure it \
             at the identity provider",
            app.name
        )
    };
    tokens_of(config, user, now).map(warning).collect()
}

/// Whether SCIM takes the keys of an admin app under the policy in force.
///
/// # Errors
/// 403 by `credentials.kind`.
pub fn check_use(config: &Configuration, app: &AdminApp) -> Result<(), Refused> {
    match unsuitable(config, app) {
        None => Ok(()),
        Some(why) => Err(Refused::by("credentials.kind", 403, None, why)),
    }
}

/// Whether an admin app may be as it is to become, and its key be handed to the caller.
///
/// # Errors
/// 400 by `credentials.kind`; 403 when it could do more than the caller.
pub(super) fn check(config: &Configuration, call: &Call, app: &AdminApp) -> Result<(), Refused> {
    if let Some(why) = unsuitable(config, app) {
        return Err(Refused::value("credentials.kind", why));
    }
    check_caller(config, call, app)
}

/// Whether the caller may handle an admin app that can do what this one can. An app with a role ceiling handles none without one, or
/// with a higher one. Who acts with a user token gets hold of no key that could do more in the management API: neither another
/// user's, nor one of the account's; `credentials.manage` says whom an account trusts with SCIM.
///
/// # Errors
/// 403.
pub(super) fn check_caller(config: &Configuration, call: &Call, app: &AdminApp) -> Result<(), Refused> {
    let caller = match &call.actor {
        Actor::App { id, owner, .. } => {
            if let Some(ceiling) = config.app(*id).and_then(|caller| caller.role_ceiling)
                && !is_below(config, app.role_ceiling, ceiling)
            {
                let why = "your key has a `role_ceiling`: it handles only admin apps with the same or a lower one";
                return Err(Refused::status(403, why));
            }
            owner.as_ref()
        }
        Actor::Person { owner, .. } => Some(owner),
        Actor::Operator | Actor::System => None,
    };
    let Some(caller) = caller else { return Ok(()) };
    let own = app.owner == Some(caller.id);
    let for_scim_only = app.owner.is_none() && !app.scopes.contains(&Scope::Api);
    if own || for_scim_only || Permission::ALL.into_iter().all(|permission| caller.permits(config, permission)) {
        return Ok(());
    }
    Err(Refused::status(
        403,
        "you can handle tokens of your own and admin apps for SCIM; this one could do more than you may",
    ))
}

/// Whether a ceiling is set and permits nothing that the other does not.
fn is_below(config: &Configuration, ceiling: Option<RoleKey>, other: RoleKey) -> bool {
    let permits = |role, permission| config.permits(role, permission);
    ceiling.is_some_and(|role| Permission::ALL.into_iter().all(|one| !permits(role, one) || permits(other, one)))
}

fn unsuitable(config: &Configuration, app: &AdminApp) -> Option<&'static str> {
    if !app.scopes.contains(&Scope::Scim) {
        return None;
    }
    match (config.policy.credentials.kind, app.owner) {
        (CredentialKind::AppKey, Some(_)) => {
            Some("SCIM takes keys that belong to the account: an admin app with the scope `scim` has no owner")
        }
        (CredentialKind::UserToken, None) => {
            Some("SCIM takes user tokens: an admin app with the scope `scim` needs an `owner`, a user of the account")
        }
        (CredentialKind::AppKey, None) | (CredentialKind::UserToken, Some(_)) | (CredentialKind::Both, _) => None,
    }
}

/// When a new key expires: as wanted, and within what the policy allows; where nothing is wanted, as late as that.
///
/// # Errors
/// By `credentials.lifetime_days_max`.
pub(super) fn expiry(
    config: &Configuration,
    call: &Call,
    wanted: Option<Timestamp>,
) -> Result<Option<Timestamp>, Refused> {
    let Some(days) = config.policy.credentials.lifetime_days_max else { return Ok(wanted) };
    let latest = call.now.saturating_add(SignedDuration::from_hours(24 * i64::from(days))).unwrap_or(Timestamp::MAX);
    match wanted {
        Some(wanted) if wanted > latest => Err(Refused::value(
            "credentials.lifetime_days_max",
            format!("a key lives for at most {days} days: it must expire by {latest}"),
        )),
        Some(wanted) => Ok(Some(wanted)),
        None => Ok(Some(latest)),
    }
}

/// The role that a ceiling names.
///
/// # Errors
/// When the account has no such role.
pub(super) fn ceiling(config: &Configuration, name: Option<&str>) -> Result<Option<RoleKey>, Refused> {
    let Some(name) = name else { return Ok(None) };
    let role =
        config.role_named(name).ok_or_else(|| Refused::invalid("`role_ceiling`: the account has no such role"))?;
    Ok(Some(role))
}

impl Owner {
    /// Whether one of the owner's roles permits something.
    pub fn permits(&self, config: &Configuration, permission: Permission) -> bool {
        self.roles.iter().any(|role| config.permits(*role, permission))
    }

    /// Whether the owner's roles permit everything in the account.
    pub fn permits_everything(&self, config: &Configuration) -> bool {
        Permission::ALL.into_iter().all(|permission| self.permits(config, permission))
    }
}
