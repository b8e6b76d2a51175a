//! How far a credential's power reaches: which roles it may give and take, and on whom it may act.

use super::User;
use crate::{Actor, Call, Configuration, Refused, RoleKey, policy::Guard, role::Permission};
use provost_scim::ScimType;

/// What a credential may do at most. Several bounds hold together.
#[derive(Clone, Debug, Default)]
struct Ceiling<'c> {
    /// The admin app's highest role.
    role: Option<RoleKey>,
    /// The roles of the user to whom the credential belongs.
    owner: Option<&'c [RoleKey]>,
}

impl Ceiling<'_> {
    fn permits(&self, config: &Configuration, permission: Permission) -> bool {
        self.role.is_none_or(|role| config.permits(role, permission))
            && self.owner.is_none_or(|roles| roles.iter().any(|role| config.permits(*role, permission)))
    }

    /// Whether a role permits something that this does not.
    fn is_below(&self, config: &Configuration, role: RoleKey) -> bool {
        Permission::ALL
            .into_iter()
            .any(|permission| config.permits(role, permission) && !self.permits(config, permission))
    }
}

/// The ceiling of a SCIM credential. An owner's roles count where guard `rank` says that they do.
fn over_scim<'c>(config: &Configuration, call: &'c Call) -> Ceiling<'c> {
    let ceiling = by_hand(config, call);
    if config.policy.guards.contains(&Guard::Rank) { ceiling } else { Ceiling { owner: None, ..ceiling } }
}

/// The ceiling of whoever uses the management API: a token does nothing that its owner may not do.
fn by_hand<'c>(config: &Configuration, call: &'c Call) -> Ceiling<'c> {
    match &call.actor {
        Actor::App { id, owner, .. } => Ceiling {
            role: config.app(*id).and_then(|app| app.role_ceiling),
            owner: owner.as_ref().map(|owner| owner.roles.as_slice()),
        },
        Actor::Person { owner, .. } => Ceiling { role: None, owner: Some(owner.roles.as_slice()) },
        Actor::Operator | Actor::System => Ceiling::default(),
    }
}

/// Whether a SCIM client may make somebody hold these roles (S-32).
///
/// # Errors
/// 403 naming the first that permits more than the credential's ceiling.
pub(crate) fn may_grant(config: &Configuration, call: &Call, roles: &[RoleKey]) -> Result<(), Refused> {
    within(config, &over_scim(config, call), roles)
}

/// Whether the user of the management API may make somebody hold these roles.
///
/// # Errors
/// 403 naming the first that permits more than the caller may.
pub(super) fn may_grant_by_hand(config: &Configuration, call: &Call, roles: &[RoleKey]) -> Result<(), Refused> {
    within(config, &by_hand(config, call), roles)
}

fn within(config: &Configuration, ceiling: &Ceiling<'_>, roles: &[RoleKey]) -> Result<(), Refused> {
    match roles.iter().find(|role| ceiling.is_below(config, **role)) {
        None => Ok(()),
        Some(role) => Err(Refused {
            error: provost_scim::ScimError::status(
                403,
                format!(
                    "role `{}` permits more than this credential may grant (`role_ceiling`)",
                    config.role_name(*role)
                ),
            ),
            field: Some("role_ceiling"),
            retry_after: None,
        }),
    }
}

/// Whether the user of the management API may decide how somebody signs in: not where that user may do more.
///
/// # Errors
/// 403 naming the first role that permits more than the caller may.
pub(crate) fn may_administer(config: &Configuration, call: &Call, user: &User) -> Result<(), Refused> {
    let ceiling = by_hand(config, call);
    match user.state.roles.iter().find(|role| ceiling.is_below(config, **role)) {
        None => Ok(()),
        Some(role) => Err(Refused::status(
            403,
            format!(
                "the user's role `{}` permits more than you may: ask somebody who holds it",
                config.role_name(*role)
            ),
        )),
    }
}

/// Whether a SCIM client may make of a user's roles what it asserts: what it adds keeps to its ceiling, and protected roles neither
/// come nor go.
///
/// # Errors
/// 403 by `role_ceiling`, 400 by `roles.protected`.
pub(super) fn may_assert(
    config: &Configuration,
    call: &Call,
    before: &[RoleKey],
    after: &[RoleKey],
) -> Result<(), Refused> {
    let added: Vec<RoleKey> = after.iter().filter(|role| !before.contains(role)).copied().collect();
    let gone = before.iter().filter(|role| !after.contains(role));
    if let Some(role) = added.iter().chain(gone).find(|role| config.policy.roles.protected.contains(role)) {
        return Err(protected(config, *role, "is neither granted nor taken away"));
    }
    may_grant(config, call, &added)
}

/// Whether a SCIM client may disable or remove who holds these roles.
///
/// # Errors
/// 400 by `roles.protected`.
pub(super) fn may_dismiss(config: &Configuration, user: &User) -> Result<(), Refused> {
    match user.state.roles.iter().find(|role| config.policy.roles.protected.contains(role)) {
        None => Ok(()),
        Some(role) => Err(protected(config, *role, "is protected: who holds it is not disabled or removed")),
    }
}

fn protected(config: &Configuration, role: RoleKey, what: &str) -> Refused {
    let detail = format!("role `{}` {what} over SCIM; an administrator does that", config.role_name(role));
    Refused::by("roles.protected", 400, Some(ScimType::InvalidValue), detail)
}

/// Whether a SCIM client may write to a user at all: under guard `rank`, to nobody who may do more than its ceiling.
///
/// # Errors
/// 403 by `guards`.
pub(super) fn may_write(config: &Configuration, call: &Call, user: &User) -> Result<(), Refused> {
    let ceiling = over_scim(config, call);
    let above = || user.state.roles.iter().find(|role| ceiling.is_below(config, **role));
    match config.policy.guards.contains(&Guard::Rank).then(above).flatten() {
        None => Ok(()),
        Some(role) => Err(Refused::by(
            "guards",
            403,
            None,
            format!("the user's role `{}` permits more than this credential does: `rank`", config.role_name(*role)),
        )),
    }
}
