//! What SCIM may do with groups.

use crate::role::RoleKey;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What SCIM may do with groups.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Groups {
    /// Whether groups are offered over SCIM, and what they are (C3, P-12). Whether a client sends groups that are assigned to it
    /// follows from this (C19). Fortanix DSM: off; Fulcrum: managed; Snowflake: roles.
    pub mode: GroupMode,
    /// A pushed group with the name of one made by hand (C24, P-13). Fulcrum keeps the two apart, Atlassian refuses.
    pub name_conflict: GroupNameConflict,
    /// A group as a member of a group. Fulcrum and AWS refuse it, Entra never sends it.
    pub nested: NestedGroups,
    /// Whether the members of a group can be replaced or removed all at once. AWS refuses it.
    pub members_replace: MembersReplace,
    /// A member that the account does not have, or that the client must not see. AWS refuses the request.
    pub unknown_member: UnknownMember,
    /// What answers a PATCH that is done and names no attributes to show. Entra asks for no content.
    pub patch_answer: PatchAnswer,
    /// At most how many members one request names; `null` sets no limit beyond that of the request (P-14). AWS: 100.
    pub members_per_patch_max: Option<u32>,
    /// At most how many groups a user is in; `null` sets no limit (P-14). Zscaler: 128.
    pub per_user_max: Option<u32>,
    /// Roles that the members of a group hold as long as they are in it. Fulcrum's groups never change a role, Snowflake's always do.
    pub roles: Vec<GroupRole>,
}

/// A role for the members of a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupRole {
    /// The group's `displayName`, without regard to case.
    pub group: String,
    /// ACCOUNTADMINISTRATOR, ACCOUNTMEMBER, ACCOUNTAUDITOR or a role id.
    #[schema(value_type = String)]
    pub role: RoleKey,
}

choice! {
    /// Whether groups are offered over SCIM, and what they are.
    GroupMode {
        /// Not offered: `GET /Groups` answers with an empty list (Entra's connection test asks it), writes are refused with the reason
        /// and discovery lists no Group.
        Off,
        /// Offered; their membership is the client's.
        Managed,
        /// Offered, and each group is a custom role of the same name, which its members hold.
        Roles,
    }
}
choice! {
    /// A pushed group with the name of one made by hand.
    GroupNameConflict {
        /// Two groups of one name.
        Separate,
        /// The existing group becomes managed.
        Adopt,
        /// 409 `uniqueness`.
        Conflict,
    }
}
choice! {
    /// A group as a member of a group.
    NestedGroups {
        /// 400; nothing is changed.
        Reject,
        /// Taken, unless a group would contain itself.
        Accept,
    }
}
choice! {
    /// Whether members can be replaced or removed all at once.
    MembersReplace {
        /// Yes.
        Accept,
        /// No: 400. Members are added and removed by name.
        Reject,
    }
}
choice! {
    /// A member that the account does not have.
    UnknownMember {
        /// 400 `invalidValue`, naming the member; the whole request is refused.
        Reject,
        /// The rest of the request is done without it, and the audit log warns.
        Ignore,
    }
}
choice! {
    /// What answers a PATCH of a group.
    PatchAnswer {
        /// 200 with the group as it is now; 204 where it has more than 100 members, unless the client names the attributes to show.
        Resource,
        /// 204 without a body.
        NoContent,
    }
}
