//! The policy's fields. `C…` and `P-…` name the question of the requirements' conflict table that a field answers.

mod access;
mod groups;
mod guards;
mod roles;
mod users;

pub use access::*;
pub use groups::*;
pub use guards::*;
pub use roles::*;
pub use users::*;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The provisioning policy of an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The preset that the document began as: `standard` (plain SCIM), `dsm` (Fortanix DSM), `fulcrum` (Fulcrum), …
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
    /// What must be switched on for the account before SCIM is answered; 403 names what is missing (C17, P-27). Fulcrum: plan, single
    /// sign-on and the API add-on; Slack: a paid plan; Zscaler: SAML as the way to sign in.
    pub requires: Vec<Feature>,
    /// Reasons for which a SCIM client cannot disable, remove or demote a user (C21, P-21). Fortanix DSM: approvers of quorum policies;
    /// Slack: who ranks higher than the token's maker; LaunchDarkly: owners.
    pub guards: Vec<Guard>,
    /// What de-provisioning a member of a quorum policy does, where a guard of `guards` says that it matters (C21). Fortanix DSM
    /// refuses it.
    pub quorum_member: QuorumMember,
    /// How many disables and removals are done before an administrator is asked.
    pub brake: Brake,
    /// What administrators are alerted to.
    pub alerts: Alerts,
    /// Who gets mail when a user is de-provisioned (C20, P-30). Fortanix DSM: nobody.
    pub notify: Notify,
    /// How much a client may ask for.
    pub limits: Limits,
    /// What is asked of the clients, and what administrators are told about them.
    pub clients: Clients,
    /// How long the audit log is kept.
    pub audit: Audit,
}
