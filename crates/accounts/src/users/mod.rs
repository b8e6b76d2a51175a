//! Users: what SCIM and the management API may do to them.
//!
//! Every door ends in `judge` (the rules) and `write` (the change set), so that one rule is written once.

mod authority;
pub mod bin;
pub mod brake;
mod granting;
pub mod import;
mod judge;
mod leaving;
mod local;
mod management;
mod matching;
mod reading;
mod scim;
mod values;
mod write;

pub use bin::delete_local;
pub use judge::{bound_refusal, uniqueness_refusal};
pub use leaving::erased_by;
pub use local::{LocalEdit, LocalUser, create_local, edit_local};
pub use management::{REASON_MAX, adopt, migrate_one, release};
pub use matching::{Identity, Lookup, Match, migration};
pub use scim::{Creation, Patching, Replacement, delete};
pub use write::{DISABLED, HOLDS_ROLE, MANAGED, USER_NAME, indexed};

pub(crate) use authority::{may_administer, may_grant};
pub(crate) use judge::{is_email, user_name};
pub(crate) use values::excess;
pub(crate) use write::{derived, kind, restate, transition};

use crate::{
    Configuration, RoleKey, configuration::Corrupt, ownership::Management, policy::Verification, verification::Proof,
};
use jiff::Timestamp;
use provost_change::{AccountId, Kind, Record, ResourceId};
use provost_scim::Resource;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A user of one account: the SCIM resource, and what SCIM does not show.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// The stored record.
    pub record: Record,
    /// Its attributes.
    pub resource: Resource,
    /// What SCIM does not show.
    pub state: UserState,
}

/// What SCIM does not show of a user.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UserState {
    /// Whether the person has proved the address. Independent of `active`.
    pub verified: bool,
    /// Whether an admin app made or linked it.
    pub managed: bool,
    /// Which one.
    pub origin: Option<ResourceId>,
    /// The roles that it holds now.
    pub roles: Vec<RoleKey>,
    /// The elements of `roles` that its origin asserted last; a local change of roles leaves them, so that it can be shown as an
    /// override and undone when the origin writes again. `None`: never asserted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asserted: Option<Vec<Value>>,
    /// Whether a SCIM client removed it while a quorum policy needed it: it is disabled and SCIM no longer shows it, until an
    /// administrator removes or enables it. Such a user is stored as [`Kind::SUSPENDED_USER`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub removal_requested: bool,
    /// Since when it lies in the bin, from where it can be restored. Such a user is stored as [`Kind::DELETED_USER`], whatever else holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Timestamp>,
    /// The source outside that brings it, such as a file or an LDAP server; only that one changes and removes it as a source does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The link that is out to prove the address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
}

impl User {
    /// As what users are stored: those who are there, those who are to be removed, those in the bin.
    pub const KINDS: [Kind; 3] = [Kind::USER, Kind::SUSPENDED_USER, Kind::DELETED_USER];

    /// Reads a stored user.
    ///
    /// # Errors
    /// When the database was changed by something else.
    pub fn read(account: AccountId, record: Record) -> Result<Self, Corrupt> {
        let corrupt =
            |cause: serde_json::Error| Corrupt { account, kind: Kind::USER, id: record.id, cause: cause.to_string() };
        let resource = Resource::from_canonical(&record.doc).map_err(corrupt)?;
        let state = serde_json::from_str(&record.state).map_err(corrupt)?;
        Ok(Self { resource, state, record })
    }

    /// Its id.
    pub fn id(&self) -> ResourceId {
        self.record.id
    }

    /// Its `userName`; empty only in a record that something else wrote.
    pub fn user_name(&self) -> &str {
        self.resource.get("userName").and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether it is enabled.
    pub fn is_active(&self) -> bool {
        is_active(&self.resource)
    }

    /// Whether SCIM clients of the account may see it.
    pub fn is_visible(&self, config: &Configuration) -> bool {
        self.state.deleted.is_none() && !self.state.removal_requested && self.management().is_visible(config)
    }

    /// Who manages it.
    pub fn management(&self) -> Management {
        Management { managed: self.state.managed, origin: self.state.origin }
    }

    /// Why it may not use the account; `None` when it may. Needs both: enabled, and a proved address where the policy asks for one.
    pub fn sign_in_refusal(&self, config: &Configuration) -> Option<&'static str> {
        match (self.is_active(), self.state.verified, config.policy.users.verification) {
            (false, _, _) => Some("the user is disabled"),
            (true, false, Verification::Required) => Some("the address is not verified yet"),
            (true, _, _) => None,
        }
    }

    /// Whether an administrator has changed the roles since the origin asserted them.
    pub fn roles_overridden(&self, config: &Configuration) -> bool {
        self.state.asserted.as_ref().is_some_and(|elements| {
            crate::role::assert_roles(config, elements).is_ok_and(|asserted| asserted.roles != self.state.roles)
        })
    }
}

/// `active`, which is true until somebody says otherwise.
pub(crate) fn is_active(resource: &Resource) -> bool {
    resource.get("active").and_then(Value::as_bool).unwrap_or(true)
}
