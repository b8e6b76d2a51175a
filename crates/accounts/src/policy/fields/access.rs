//! Credentials, requests and limits.

use crate::role::Permission;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What administrators may change in what SCIM manages (C12, P-23).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LocalEdits {
    /// Roles of a managed user. Fortanix DSM lets them be changed and overrides the change.
    pub roles: LocalEdit,
    /// Profile and state of a managed user. GitHub locks them.
    pub profile: LocalEdit,
    /// Members of a managed group. Fulcrum and GitHub lock them.
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
    /// What authenticates a SCIM client (C13, P-24). Fortanix DSM: the key of an admin app; Fulcrum and Slack: a user's token.
    pub kind: CredentialKind,
    /// The permission that setting up SCIM needs (C14). Fortanix DSM: an Account Administrator's; Fulcrum: an owner's.
    pub manage: Permission,
    /// Whether one admin app may change what another one made (P-26). Snowflake keeps its integrations apart.
    pub ownership: Ownership,
    /// Days after which a new key expires at the latest; `null` lets it live for ever (P-24). AWS: 365.
    pub lifetime_days_max: Option<u32>,
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
    /// Entra counts on its being made.
    pub no_match: PatchNoMatch,
    /// A PATCH without operations, which Microsoft's public validator sends.
    pub empty: EmptyPatch,
    /// Which dialects are understood (C16). Both of Entra's dialects, Okta's and the standard form are always read alike.
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

/// How much a client may ask for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Requests per second and credential; above, 429 says when to come again. `null` sets no limit (P-31). Entra asks for at least 25;
    /// AWS throttles.
    pub requests_per_second: Option<u32>,
    /// Resources on one page of a list, from 1 to 1000 (P-31). Zscaler: 1000.
    pub page_size_max: u32,
}

/// What is asked of the clients, and what administrators are told about them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Clients {
    /// Identity providers that were verified with this account's application (C22). Another client is not refused for being another.
    /// Fortanix DSM: Microsoft Entra ID.
    pub verified: Vec<String>,
    /// How often the client is expected to synchronise, in minutes: for texts and for noticing silence (C15). Fortanix DSM says 40,
    /// Fulcrum 15.
    pub interval_minutes: u32,
    /// Whether a client must say what it is (P-34). GitHub demands it.
    pub user_agent: UserAgent,
    /// Which filters are answered (P-34). AWS takes `eq` and `and` only, which is all that Entra sends.
    pub filters: Filters,
}

choice! {
    /// Whether a client must say what it is.
    UserAgent {
        /// No.
        Any,
        /// Yes: a request without `User-Agent` is refused with 403.
        Required,
    }
}
choice! {
    /// Which filters are answered.
    Filters {
        /// All of RFC 7644 §3.4.2.2.
        All,
        /// Comparisons by `eq`, joined by `and`; another is refused with 400 `invalidFilter`.
        EqAnd,
    }
}

/// How long the audit log is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    /// Days after which entries are removed; `null` keeps them. The chain still verifies. Fortanix DSM: days chosen by the account.
    pub retention_days: Option<u32>,
}
