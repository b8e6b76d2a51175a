//! The policy's fields. `C…` and `P-…` name the question of the requirements' conflict table that a field answers.

use crate::role::{Permission, RoleKey};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The provisioning policy of an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The preset that the document began as: `standard`, `dsm`, …
    pub preset: String,
    /// What SCIM may do to users.
    pub users: Users,
    /// What SCIM may do with groups.
    pub groups: Groups,
    /// What the `roles` attribute of a user means.
    pub roles: Roles,
    /// What administrators may change in what SCIM manages.
    pub local_edits: LocalEdits,
    /// Which credentials SCIM takes, and what they may touch.
    pub credentials: Credentials,
    /// How PATCH requests are read.
    pub patch: Patch,
    /// What must be switched on for the account before SCIM is answered; 403 names what is missing (C17, P-27).
    pub requires: Vec<Feature>,
    /// Reasons for which a user cannot be disabled, removed or demoted (C21, P-21).
    pub guards: Vec<Guard>,
    /// What de-provisioning a member of a quorum policy does, where a guard of `guards` says that it matters (C21).
    pub quorum_member: QuorumMember,
    /// Who gets mail when a user is de-provisioned (C20, P-30).
    pub notify: Notify,
    /// What is told to administrators about the clients.
    pub clients: Clients,
    /// How long the audit log is kept.
    pub audit: Audit,
}

/// What SCIM may do to users.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Users {
    /// A changed `userName` after creation (C1, P-5). Fortanix DSM does not take it over, Fulcrum and Slack do.
    pub identifier_update: IdentifierUpdate,
    /// What `userName` must look like. Fortanix DSM: an e-mail address.
    pub identifier_format: IdentifierFormat,
    /// E-mail domains that `userName` may have; empty allows any (P-28). Zscaler allows registered domains only.
    pub domains: Vec<String>,
    /// Supported attributes: `"all"`, or a list in attribute notation (C2, P-10). Discovery shows exactly these. `schemas`, `id` and
    /// `meta` are always there. Fortanix DSM: userName, active, externalId, roles.
    pub attributes: Attributes,
    /// Attributes that must be present beyond those that the schema requires (P-10). AWS requires the names.
    pub required: Vec<String>,
    /// An attribute that is not supported, in a POST (C2).
    pub unsupported_on_create: Unsupported,
    /// An attribute that is not supported, in a PATCH (C2). Fortanix DSM refuses the whole PATCH.
    pub unsupported_on_patch: Unsupported,
    /// An attribute that is not supported, in a PUT (C2).
    pub unsupported_on_replace: Unsupported,
    /// `active: false` over SCIM: unassigned or soft-deleted at the identity provider (C4, P-1).
    pub on_deactivate: OnDeactivate,
    /// DELETE over SCIM: deleted for good at the identity provider (C5, P-2).
    pub on_delete: OnDelete,
    /// POST for a user who is there, but disabled (P-4).
    pub on_post_inactive: OnPostInactive,
    /// Users who were there before SCIM, or who were made by hand (C11, P-8).
    pub existing: Existing,
    /// Which users a SCIM client sees (C11, P-9).
    pub visibility: Visibility,
    /// Whether a new user must prove the address before signing in (C18, P-29). SCIM does not show it.
    pub verification: Verification,
    /// What a change of profile applies to, for a person who is in several accounts (C23).
    pub profile_scope: ProfileScope,
}

/// Supported attributes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Attributes {
    /// All attributes of the standard schemas.
    All(All),
    /// Only these, in attribute notation.
    Only(Vec<String>),
}

choice! {
    /// The word `all`.
    All {
        /// All attributes of the standard schemas.
        All,
    }
}

choice! {
    /// What a changed `userName` does.
    IdentifierUpdate {
        /// 400 `mutability`; the whole request is refused, whatever else it carries.
        Reject,
        /// The rest of the request is done, the old name stays, and the audit log warns. A leaver whose name changed in the same breath is
        /// still disabled.
        Ignore,
        /// The new name is taken over.
        Update,
    }
}
choice! {
    /// What `userName` must look like.
    IdentifierFormat {
        /// Anything without control characters.
        Any,
        /// An e-mail address: `local@domain`.
        Email,
    }
}
choice! {
    /// What happens to an attribute that is not supported.
    Unsupported {
        /// 400 naming the attribute; nothing is changed.
        Reject,
        /// The rest is done; the audit log names what was left out.
        Ignore,
        /// Kept if the standard schemas know it, although it is not announced; else left out.
        Store,
    }
}
choice! {
    /// What `active: false` does.
    OnDeactivate {
        /// The user stays, listed as disabled.
        Disable,
        /// The user is no longer a member of the account.
        Remove,
    }
}
choice! {
    /// What DELETE does.
    OnDelete {
        /// The user is no longer a member of the account.
        Remove,
        /// The user stays, listed as disabled, and the answer is 204 all the same (Slack).
        Disable,
        /// 403; nothing is changed.
        Refuse,
    }
}
choice! {
    /// What POST does for a user who is disabled and has the same `userName` or `externalId`.
    OnPostInactive {
        /// 409 `uniqueness` (for `userName`).
        Conflict,
        /// The user is enabled again under the old id, with what the POST says.
        Reactivate,
    }
}
choice! {
    /// What SCIM does with users that it did not make.
    Existing {
        /// A client finds them; its first write to one makes the user managed by it.
        Link,
        /// They are another world: a managed user may have the same name.
        Separate,
        /// Their names are taken (409), and they are not touched.
        Conflict,
    }
}
choice! {
    /// Which users a SCIM client sees.
    Visibility {
        /// All users of the account.
        All,
        /// Only managed ones; the others are neither found nor counted.
        ManagedOnly,
    }
}
choice! {
    /// Whether an address must be proved.
    Verification {
        /// Sign-in needs a proved address.
        Required,
        /// A user may sign in at once.
        None,
    }
}
choice! {
    /// What a change of profile applies to.
    ProfileScope {
        /// The user in this account only.
        Membership,
        /// The person, in all accounts.
        User,
    }
}

/// What SCIM may do with groups.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Groups {
    /// Whether groups are offered over SCIM (C3, P-12). Where they are off, `GET /Groups` answers with an empty list (Entra's connection
    /// test asks it), writes are refused with the reason and discovery lists no Group. Whether a client sends groups that are
    /// assigned to it follows from this (C19).
    pub mode: GroupMode,
    /// A pushed group with the name of one made by hand (C24, P-13).
    pub name_conflict: GroupNameConflict,
}

choice! {
    /// Whether groups are offered over SCIM.
    GroupMode {
        /// Not offered.
        Off,
        /// Offered; their membership is the client's.
        Managed,
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

/// What the `roles` attribute of a user means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Roles {
    /// Whether `roles` grants roles of this account or is kept as data for the application behind it.
    pub meaning: RoleMeaning,
    /// How many roles a user may hold (C6, P-15).
    pub cardinality: Cardinality,
    /// What happens to a set of roles that `cardinality` does not allow (C6, P-16).
    pub on_conflict: OnConflict,
    /// A role that the account does not have (C7, P-17).
    pub unknown: UnknownRole,
    /// The role of a user for whom none is asserted (C8, P-18): ACCOUNTADMINISTRATOR, ACCOUNTMEMBER, ACCOUNTAUDITOR or a role id.
    #[schema(value_type = String)]
    pub default: RoleKey,
    /// Values of roles that an identity provider assigns when an application has no roles of its own; they count as none (C8).
    pub idp_defaults: Vec<String>,
    /// What identifies a role, tried in this order (C9, P-19).
    pub matching: Vec<RoleMatch>,
    /// Whether names of roles compare exactly (C9).
    pub match_case: MatchCase,
    /// Whether a role's value may contain spaces (C9).
    pub value_spaces: Tolerance,
    /// Which PATCH operations on `roles` are taken (C10, P-20).
    pub patch: RolePatch,
    /// Roles packed as JSON text into a string, as Entra's SingleAppRoleAssignment and AppRoleAssignmentsComplex send them (C10).
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
        /// Exactly one (Fulcrum, PagerDuty).
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
    /// What identifies a role.
    RoleMatch {
        /// `value` is a custom role's id.
        Id,
        /// `value` is ACCOUNTADMINISTRATOR, ACCOUNTMEMBER, ACCOUNTAUDITOR or a custom role's name.
        ValueName,
        /// `display` is the role's name.
        Display,
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

/// What administrators may change in what SCIM manages (C12, P-23).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LocalEdits {
    /// Roles of a managed user.
    pub roles: LocalEdit,
    /// Profile and state of a managed user.
    pub profile: LocalEdit,
    /// Members of a managed group.
    pub groups: LocalEdit,
}

choice! {
    /// Whether an administrator may change it.
    LocalEdit {
        /// Yes; shown as an override, and undone when the client writes to the user again.
        AllowOverride,
        /// No: it is refused as managed by the identity provider.
        Lock,
    }
}

/// Which credentials SCIM takes, and what they may touch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// What authenticates a SCIM client (C13, P-24).
    pub kind: CredentialKind,
    /// The permission that setting up SCIM needs (C14).
    pub manage: Permission,
    /// Whether one admin app may change what another one made (P-26).
    pub ownership: Ownership,
}

choice! {
    /// What authenticates a SCIM client.
    CredentialKind {
        /// The API key of an admin app; it belongs to the account.
        AppKey,
        /// A token of a user; it dies with the user.
        UserToken,
        /// Either.
        Both,
    }
}
choice! {
    /// Whether one admin app may change what another one made.
    Ownership {
        /// No: 403, and the audit log names both.
        Exclusive,
        /// Yes; the last one to write is shown.
        Shared,
    }
}

/// How PATCH requests are read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Patch {
    /// `add` or `replace` with a value filter that matches no element, such as `emails[type eq "work"].value` without a work address.
    pub no_match: PatchNoMatch,
    /// A PATCH without operations, which one public validator sends.
    pub empty: EmptyPatch,
    /// Which dialects are understood (C16). Both Entra dialects, Okta's and the standard form are always read alike.
    pub dialects: Dialects,
}

choice! {
    /// A value filter that matches no element.
    PatchNoMatch {
        /// 400 `noTarget` (RFC 7644 §3.5.2.3).
        NoTarget,
        /// The element is made as the filter describes it; Entra counts on this.
        Create,
    }
}
choice! {
    /// A PATCH without operations.
    EmptyPatch {
        /// 400 `invalidSyntax`: RFC 7644 §3.5.2 wants one or more.
        Reject,
        /// Done: nothing was asked.
        Accept,
    }
}
choice! {
    /// Which dialects are understood.
    Dialects {
        /// What known clients send is rewritten into standard form and then judged.
        Both,
    }
}

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
        /// The user is an approver in the account's quorum policy.
        AccountQuorum,
        /// The user is an approver in a group's quorum policy.
        GroupQuorum,
        /// The user is the last enabled Account Administrator.
        LastAdmin,
        /// A SCIM token belongs to the user.
        TokenOwner,
    }
}
choice! {
    /// What de-provisioning a member of a quorum policy does.
    QuorumMember {
        /// 409 naming the policy; other changes of the user are judged as ever.
        Refuse,
        /// The user is disabled at once; the removal waits for the quorum.
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

/// What is told to administrators about the clients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Clients {
    /// Identity providers that were verified with this account's application (C22). Another client is not refused for being another.
    pub verified: Vec<String>,
    /// How often the client is expected to synchronise, in minutes: for texts and for noticing silence (C15).
    pub interval_minutes: u32,
}

/// How long the audit log is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    /// Days after which entries are removed; `null` keeps them. The chain still verifies.
    pub retention_days: Option<u32>,
}
