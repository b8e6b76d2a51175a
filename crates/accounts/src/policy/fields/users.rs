//! What SCIM may do to users.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What SCIM may do to users.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Users {
    /// A changed `userName` after creation (C1, P-5). Fortanix DSM does not take it over, Fulcrum and Slack do. Recommended whatever it
    /// is set to: do not change somebody's e-mail address after provisioning.
    pub identifier_update: IdentifierUpdate,
    /// What `userName` must look like. Fortanix DSM: an e-mail address.
    pub identifier_format: IdentifierFormat,
    /// E-mail domains that `userName` may have; empty allows any (P-28). Zscaler allows registered domains only, Atlassian verified ones.
    pub domains: Vec<String>,
    /// A changed `externalId` after creation (P-6). At Kiro it cannot be changed, so that a wrong mapping cannot be put right.
    pub external_id_update: ExternalIdUpdate,
    /// What says that a new user is somebody who is there already, tried in this order (P-7): for `on_post_inactive`, for the warning
    /// about two users of one person, and for the migration of users who were there before. GitHub matches Entra's `externalId`
    /// first; Fulcrum and Slack match e-mail addresses.
    pub matching: Vec<UserMatch>,
    /// Supported attributes: `"all"`, or a list in attribute notation (C2, P-10). Discovery shows exactly these. `schemas`, `id` and
    /// `meta` are always there. Fortanix DSM: userName, active, externalId, roles.
    pub attributes: Attributes,
    /// Attributes that must be present beyond those that the schema requires (P-10). AWS requires the names.
    pub required: Vec<String>,
    /// An attribute that is not supported, in a POST (C2, P-10). Fortanix DSM and Fulcrum leave it out.
    pub unsupported_on_create: Unsupported,
    /// An attribute that is not supported, in a PATCH (C2, P-10). Fortanix DSM refuses the whole PATCH, Fulcrum leaves it out.
    pub unsupported_on_patch: Unsupported,
    /// An attribute that is not supported, in a PUT (C2, P-10). Fulcrum leaves it out.
    pub unsupported_on_replace: Unsupported,
    /// How many values a multi-valued attribute such as `emails` takes (P-11). `roles` follows `roles.cardinality` instead where it
    /// grants roles. AWS and Snowflake take one.
    pub multi_valued: MultiValued,
    /// Longest text in an attribute of a user, in characters; `null` sets no limit beyond that of the request (P-31). LaunchDarkly: 256.
    pub text_length_max: Option<u32>,
    /// `active: false` over SCIM: unassigned or soft-deleted at the identity provider (C4, P-1). Fortanix DSM, GitHub, Slack and
    /// Databricks disable; Fulcrum removes the membership, PagerDuty the user.
    pub on_deactivate: OnDeactivate,
    /// DELETE over SCIM: deleted for good at the identity provider (C5, P-2). Fortanix DSM and Fulcrum remove; Slack and Atlassian
    /// deactivate; Microsoft Entra ID, as a directory, keeps the user for 30 days. An administrator's delete keeps it as well where SCIM's
    /// does, unless it is said to be permanent.
    pub on_delete: OnDelete,
    /// Days for which a soft-deleted user can be restored, and after which it is removed for good. Counts for whoever is soft-deleted
    /// already, too. Microsoft Entra ID: 30.
    pub deleted_retention_days: u32,
    /// What is left of a removed user in the audit log (P-32). GitHub obfuscates the address.
    pub on_delete_personal_data: PersonalData,
    /// What a client may change in a user who is disabled and stays it (P-22). LaunchDarkly: nothing.
    pub inactive_edits: InactiveEdits,
    /// POST for a user who is there, but disabled (P-3, P-4). Users of FusionAuth ask for reactivation.
    pub on_post_inactive: OnPostInactive,
    /// Users who were there before SCIM, or who were made by hand (C11, P-8). Fortanix DSM links them, Fulcrum keeps them apart.
    pub existing: Existing,
    /// Which users a SCIM client sees (C11, P-9). Fulcrum: managed ones.
    pub visibility: Visibility,
    /// Whether a new user must prove the address before signing in (C18, P-29). SCIM does not show it. Fortanix DSM: yes.
    pub verification: Verification,
    /// Whether a new user who must prove the address is sent a mail with a link that does so (C18, P-30). Fortanix DSM invites by mail.
    pub verification_mail: VerificationMail,
    /// What a first sign-in through the identity provider says about the address (C18, P-29). Fortanix DSM offers such sign-in.
    pub sso_verification: SsoVerification,
    /// What a change of profile applies to, for a person who is in several accounts (C23). Fortanix DSM and Fulcrum: this account.
    /// No request reads or writes outside its account, so that there is one value.
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
    /// What a changed `externalId` does. Setting one where there was none is never a change.
    ExternalIdUpdate {
        /// The new one is taken over.
        Update,
        /// The rest of the request is done, the old one stays, and the audit log warns.
        Ignore,
        /// 400 `mutability`; the whole request is refused.
        Reject,
    }
}
choice! {
    /// What identifies a person.
    UserMatch {
        /// `userName`, without regard to case.
        UserName,
        /// `externalId`, exactly.
        ExternalId,
        /// An e-mail address: any of `emails`, or a `userName` that is one, without regard to case.
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
    /// How many values a multi-valued attribute takes.
    MultiValued {
        /// Any number.
        Many,
        /// One: a second is refused with 400 naming the attribute.
        One,
    }
}
choice! {
    /// What `active: false` does.
    OnDeactivate {
        /// The user stays, listed as disabled.
        Disable,
        /// The user is no longer a member of the account; a later POST makes a new one.
        Remove,
    }
}
choice! {
    /// What DELETE does.
    OnDelete {
        /// The user is no longer a member of the account.
        Remove,
        /// The user is no longer a member of the account: its name is free, it is in no group and assigned to no app. An administrator can
        /// restore it for `users.deleted_retention_days`; after that it is removed for good.
        SoftDelete,
        /// The user stays, listed as disabled, and the answer is 204 all the same (Slack).
        Disable,
        /// 403; nothing is changed.
        Refuse,
    }
}
choice! {
    /// What is left of a removed user in the audit log.
    PersonalData {
        /// Entries about the user stay as they are until retention removes them.
        Keep,
        /// Names, addresses and values are erased from the entries about the user; what was done, when and by whom stays, and the
        /// chain still verifies.
        Erase,
    }
}
choice! {
    /// What a client may change in a user who is disabled and stays it.
    InactiveEdits {
        /// Everything.
        Allow,
        /// Nothing but `active`: another change is refused with 400. One that enables the user as well is taken.
        OnlyActive,
    }
}
choice! {
    /// What POST does for a user who is disabled and the same person by `users.matching`.
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
    /// Whether a mail with a link goes out.
    VerificationMail {
        /// No: an administrator says that the address is proved, or sends the mail.
        None,
        /// Yes, when a user is made or the address changes; the link works once, for a day. Needs a mail server (`--smtp-url`).
        Send,
    }
}
choice! {
    /// What a first sign-in through the identity provider says about the address.
    SsoVerification {
        /// The address counts as proved.
        Counts,
        /// Nothing: it must be proved all the same.
        Ignored,
    }
}
choice! {
    /// What a change of profile applies to.
    ProfileScope {
        /// The user in this account only.
        Membership,
    }
}
