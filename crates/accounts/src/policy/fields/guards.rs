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
        /// The user is disabled at once and no longer shown to SCIM; the removal waits until the other approvers of the quorum policy have
        /// approved it, or an administrator has taken the user out of that policy.
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
    /// At most how many users one admin app disables or removes within an hour, which slides; `null` sets no limit (P-33). An administrator
    /// can let more through. Entra has an accidental-deletion threshold on its side.
    pub changes_per_hour: Option<u32>,
    /// What answers the next one (P-33). Entra tries again what was answered with 429, and counts it as a failure.
    pub answer: BrakeAnswer,
}

choice! {
    /// What answers a disable or removal while the brake holds.
    BrakeAnswer {
        /// 429: nothing is done, and the client tries again.
        Retry,
        /// As if it were done. The user stays as it is, the rest of the request is done, and the change is held: an administrator
        /// releases or discards it.
        Accept,
    }
}

/// What administrators are alerted to, beside what always alerts: a brake that holds, a honey token that is used, a key that expires.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Alerts {
    /// Hours without a request of an admin app that has asked before; `null` never alerts. Entra asks every 40 minutes, unless it is
    /// stopped or in quarantine.
    pub no_contact_hours: Option<u32>,
    /// Percent of an admin app's writes of the last hour that were refused, once there were 20; `null` never alerts. Entra goes into
    /// quarantine when most of what it asks fails.
    pub failure_percent: Option<u32>,
    /// Users whom an admin app disables or removes within an hour, whether a brake is set or not: 1 to 500; `null` never alerts. Entra's
    /// own accidental-deletion threshold is 500 unless said.
    pub leavers_per_hour: Option<u32>,
    /// Who gets a mail when an alert is raised. Entra mails about quarantine.
    pub mail: AlertMail,
}

choice! {
    /// Who gets a mail when an alert is raised.
    AlertMail {
        /// Nobody: alerts are listed, and shown in the console.
        None,
        /// The account's administrators.
        Admins,
    }
}
