//! What the `roles` attribute of a user means.

use crate::role::RoleKey;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What the `roles` attribute of a user means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Roles {
    /// Whether `roles` grants roles of this account or is kept as data for the application behind it. It grants at Fortanix DSM,
    /// Fulcrum, GitHub and PagerDuty.
    pub meaning: RoleMeaning,
    /// How many roles a user may hold (C6, P-15). Fulcrum and PagerDuty: one.
    pub cardinality: Cardinality,
    /// What happens to a set of roles that `cardinality` does not allow (C6, P-16). Fortanix DSM and Fulcrum refuse it, BuildBuddy takes
    /// the highest.
    pub on_conflict: OnConflict,
    /// A role that the account does not have (C7, P-17). Fortanix DSM and LaunchDarkly refuse it, Fulcrum takes the default role.
    pub unknown: UnknownRole,
    /// The role of a user for whom none is asserted (C8, P-18): ACCOUNTADMINISTRATOR, ACCOUNTMEMBER, ACCOUNTAUDITOR or a role id.
    /// Fortanix DSM: Account Member; Fulcrum: what an owner chose.
    #[schema(value_type = String)]
    pub default: RoleKey,
    /// A user for whom no role is asserted (C8, P-18). PagerDuty wants exactly one.
    pub none: NoRole,
    /// Values of roles that an identity provider assigns when an application has no roles of its own; they count as none (C8). Entra:
    /// User, msiam_access.
    pub idp_defaults: Vec<String>,
    /// Roles that SCIM neither grants nor takes away; administrators do (P-21): ACCOUNTADMINISTRATOR, ACCOUNTMEMBER, ACCOUNTAUDITOR or
    /// role ids. LaunchDarkly: owner.
    #[schema(value_type = Vec<String>)]
    pub protected: Vec<RoleKey>,
    /// What identifies a role, tried in this order (C9, P-19). Fortanix DSM: value; Fulcrum: display name.
    pub matching: Vec<RoleMatch>,
    /// Whether names of roles compare exactly (C9). Fulcrum: exactly.
    pub match_case: MatchCase,
    /// Whether a role's value may contain spaces (C9). Entra's app roles cannot; Fortanix DSM says so.
    pub value_spaces: Tolerance,
    /// Which PATCH operations on `roles` are taken (C10, P-20). Fortanix DSM asks for Entra's AssertiveAppRoleAssignmentsComplex.
    pub patch: RolePatch,
    /// Roles packed as JSON text into a string, as Entra's SingleAppRoleAssignment and AppRoleAssignmentsComplex send them (C10, P-20).
    pub packed_json: Tolerance,
}

choice! {
    /// What `roles` is for.
    RoleMeaning {
        /// Its elements name roles of this account, which the user then holds.
        Grant,
        /// Kept and returned as sent; it grants nothing here.
        Data,
    }
}
choice! {
    /// How many roles a user may hold.
    Cardinality {
        /// Exactly one (Fulcrum, PagerDuty). One that is added by PATCH takes the place of the one that was asserted before, as Entra's
        /// SingleAppRoleAssignment counts on.
        Single,
        /// Several only if none of them is exclusive; every system role is (Fortanix DSM).
        DsmRules,
        /// Any number.
        Many,
    }
}
choice! {
    /// What happens to a set of roles that is not allowed.
    OnConflict {
        /// 400 naming the roles; nothing is changed.
        Error,
        /// The role that permits most is taken (BuildBuddy).
        Highest,
        /// The first is taken.
        First,
    }
}
choice! {
    /// What happens to a role that the account does not have.
    UnknownRole {
        /// 400 naming it; nothing is changed.
        Reject,
        /// The default role is taken, and the audit log says so.
        Default,
        /// It is left out, and the audit log says so.
        Ignore,
    }
}
choice! {
    /// What happens where no role is asserted.
    NoRole {
        /// The default role is held.
        Default,
        /// 400; nothing is changed.
        Reject,
    }
}
choice! {
    /// What identifies a role.
    RoleMatch {
        /// `value` is a custom role's id.
        Id,
        /// `value` is ACCOUNTADMINISTRATOR, ACCOUNTMEMBER, ACCOUNTAUDITOR or a custom role's name.
        ValueName,
        /// `display` is the role's name.
        Display,
        /// `display` is the role's name; where there is none, as in Entra's SingleAppRoleAssignment, `value` is.
        DisplayElseValue,
    }
}
choice! {
    /// How names compare.
    MatchCase {
        /// Exactly.
        Exact,
        /// Without regard to case.
        Ignore,
    }
}
choice! {
    /// Whether something out of line is taken.
    Tolerance {
        /// 400.
        Reject,
        /// Taken.
        Accept,
    }
}
choice! {
    /// Which PATCH operations on `roles` are taken.
    RolePatch {
        /// Only replacing or removing the whole set, as AssertiveAppRoleAssignmentsComplex does.
        ReplaceOnly,
        /// Any.
        AddAndReplace,
    }
}
