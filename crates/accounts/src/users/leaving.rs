//! Whether a user may be disabled or removed, and what comes of it.

use super::{User, authority};
use crate::{
    Call, Configuration, QuorumPolicy, Refused, admin_app,
    policy::{Guard, PersonalData, QuorumMember},
    quorum,
};
use provost_change::{ChangeSet, Kind, ResourceId};

/// What becomes of a user who is de-provisioned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaving {
    /// Stays, disabled.
    Disabled,
    /// Goes.
    Removed,
    /// Goes to the bin, from where it can be restored.
    Binned,
    /// Is disabled and put where SCIM does not look, until somebody may remove it.
    Suspended,
}

/// What a SCIM client's wish to see a user go comes to.
///
/// # Errors
/// By `guards` and `roles.protected`.
pub(super) fn over_scim(config: &Configuration, call: &Call, user: &User, wanted: Leaving) -> Result<Leaving, Refused> {
    authority::may_dismiss(config, user)?;
    if config.policy.guards.contains(&Guard::TokenOwner)
        && let Some(token) = admin_app::tokens_of(config, user.id(), call.now).next()
    {
        return Err(Refused::by(
            "guards",
            409,
            None,
            format!(
                "token `{}` belongs to the user, who cannot be disabled or removed: an administrator must give the token to somebody \
                 else first",
                token.name
            ),
        ));
    }
    match (approves_in(config, user), config.policy.quorum_member, wanted) {
        (None, ..) | (Some(_), QuorumMember::Suspend, Leaving::Disabled) => Ok(wanted),
        (Some(_), QuorumMember::Suspend, Leaving::Removed | Leaving::Binned | Leaving::Suspended) => {
            Ok(Leaving::Suspended)
        }
        (Some(title), QuorumMember::Refuse, _) => Err(approver(&title)),
    }
}

/// Whether an administrator may disable or remove a user.
///
/// # Errors
/// By `guards`: an approver leaves the quorum policy first.
pub(super) fn by_hand(config: &Configuration, user: &User) -> Result<(), Refused> {
    approves_in(config, user).map_or(Ok(()), |title| Err(approver(&title)))
}

/// The guarded quorum policy in which a user is an approver.
fn approves_in(config: &Configuration, user: &User) -> Option<String> {
    guarding(config, user.id()).first().copied().map(quorum::title)
}

/// The quorum policies that keep a user from being disabled or removed, since it approves in them.
pub(crate) fn guarding(config: &Configuration, user: ResourceId) -> Vec<&QuorumPolicy> {
    let guarded =
        |group: bool| config.policy.guards.contains(if group { &Guard::GroupQuorum } else { &Guard::AccountQuorum });
    let policies = config.quorum.iter().map(|(policy, _)| policy);
    policies.filter(|policy| guarded(policy.group.is_some()) && policy.policy.names_user(user)).collect()
}

fn approver(title: &str) -> Refused {
    Refused::by(
        "guards",
        409,
        None,
        format!(
            "the user is an approver in {title} and cannot be disabled or removed: an administrator must take the user out of that \
             policy first"
        ),
    )
}

/// The users whom a change set removes for good and of whom the policy wants nothing personal kept (S-43): once it is committed, the
/// personal parts of the audit entries about them are erased.
pub fn erased_by(config: &Configuration, change: &ChangeSet) -> Vec<ResourceId> {
    if config.policy.users.on_delete_personal_data == PersonalData::Keep {
        return Vec::new();
    }
    let is_user = |kind: &Kind| User::KINDS.contains(kind);
    let stays = |id: ResourceId| change.puts.iter().any(|put| put.record.id == id && is_user(&put.record.kind));
    let gone = change.deletes.iter().filter(|delete| is_user(&delete.kind) && !stays(delete.id));
    gone.map(|delete| delete.id).collect()
}
