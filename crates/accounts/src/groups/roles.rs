//! Roles that a user holds through groups.

use crate::{
    Configuration, RoleKey, UserState,
    policy::GroupMode,
    role::{self, RoleError},
};
use provost_change::ResourceId;
use provost_scim::text::fold;

/// A role that a user holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldRole {
    /// Which one.
    pub role: RoleKey,
    /// The group that gives it; `None` when it is the user's own.
    pub via: Option<ResourceId>,
}

/// The role that a group gives its members: the one that the policy maps its name to, or itself where groups are roles.
pub fn granted_by(config: &Configuration, group: ResourceId, name: &str) -> Option<RoleKey> {
    let policy = &config.policy.groups;
    let mapped = policy.roles.iter().find(|mapping| fold(&mapping.group, false) == fold(name, false));
    match (mapped, policy.mode) {
        (Some(mapping), GroupMode::Managed | GroupMode::Roles) => Some(mapping.role),
        (None, GroupMode::Roles) => config.role(group).map(|role| RoleKey::Custom(role.id)),
        (_, GroupMode::Off) | (None, GroupMode::Managed) => None,
    }
}

/// What a user may do: the own roles and those of the groups, as a set that is legal. Where the account's rule refuses them together,
/// which a change of the policy can bring about, the role that permits most counts.
pub fn held_roles(config: &Configuration, user: &UserState, groups: &[(ResourceId, &str)]) -> Vec<HeldRole> {
    let all = candidates(config, user, groups);
    match legal(config, &all) {
        Ok(held) => held,
        Err(_) => all.into_iter().max_by_key(|held| config.permission_count(held.role)).into_iter().collect(),
    }
}

/// The roles that a user would hold.
///
/// # Errors
/// When the account's rule refuses them together.
pub(super) fn together(
    config: &Configuration,
    user: &UserState,
    groups: &[(ResourceId, &str)],
) -> Result<Vec<HeldRole>, RoleError> {
    legal(config, &candidates(config, user, groups))
}

/// The default role is what somebody has who has no other: a group's role takes its place.
fn candidates(config: &Configuration, user: &UserState, groups: &[(ResourceId, &str)]) -> Vec<HeldRole> {
    let given: Vec<HeldRole> = groups
        .iter()
        .filter_map(|(id, name)| Some(HeldRole { role: granted_by(config, *id, name)?, via: Some(*id) }))
        .collect();
    let own = user.roles.iter().map(|role| HeldRole { role: *role, via: None });
    let keeps = |held: &HeldRole| given.is_empty() || held.role != config.policy.roles.default;
    own.filter(keeps).chain(given.iter().copied()).collect()
}

fn legal(config: &Configuration, all: &[HeldRole]) -> Result<Vec<HeldRole>, RoleError> {
    let keys: Vec<RoleKey> = all.iter().map(|held| held.role).collect();
    let kept = role::check(config, &keys)?;
    Ok(kept.into_iter().filter_map(|key| all.iter().find(|held| held.role == key).copied()).collect())
}
