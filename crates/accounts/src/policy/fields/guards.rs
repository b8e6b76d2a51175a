//! Who is not de-provisioned just like that, and who hears of it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

choice! {
    /// Something that can be switched on for an account.
    Feature {
        /// A plan that includes SCIM.
        Plan,
        /// Single sign-on.
        Sso,
        /// The API add-on.
        ApiAddon,
    }
}
choice! {
    /// A reason for which a user cannot be disabled, removed or demoted.
    Guard {
        /// The user is an approver in the account's quorum policy (Fortanix DSM).
        AccountQuorum,
        /// The user is an approver in a group's quorum policy (Fortanix DSM).
        GroupQuorum,
        /// The user is the last enabled Account Administrator. A Fulcrum plan keeps at least one owner.
        LastAdmin,
        /// A SCIM token that is in use belongs to the user and would die (Databricks warns of this). Administrators may.
        TokenOwner,
        /// The user's roles permit more than the credential's role ceiling does (Slack). A credential without a ceiling acts on everybody.
        /// Unlike the others, this one refuses any change.
        Rank,
    }
}
choice! {
    /// What de-provisioning a member of a quorum policy does.
    QuorumMember {
        /// 409 naming the policy; other changes of the user are judged as ever.
        Refuse,
        /// The user is disabled at once and no longer shown to SCIM; the removal waits until an administrator has taken the user out of
        /// the quorum policy.
        Suspend,
    }
}
choice! {
    /// Who gets mail when a user is de-provisioned.
    Notify {
        /// Nobody.
        None,
        /// The user.
        User,
        /// The account's administrators.
        Admins,
    }
}

/// How many disables and removals are done before an administrator is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Brake {
    /// At most how many users one admin app disables or removes in an hour; `null` sets no limit (P-33). The next is refused with 429, and
    /// an administrator can let more through. Entra has an accidental-deletion threshold on its side.
    pub changes_per_hour: Option<u32>,
}
