//! Groups: what SCIM and the management API may do to them.
//!
//! A group's document holds its name and what else its client says; who is in it are edges, which a decision changes by
//! [`MemberChange`](provost_change::MemberChange)s without reading the group's members.

pub mod import;
mod local;
mod members;
mod roles;
mod scim;
mod write;

pub use local::{LocalGroup, create_local, delete_local, edit_local};
pub use members::{Facts, MemberEdit, type_name};
pub use roles::{HeldRole, granted_by, held_roles};
pub use scim::{Creation, Patching, Replacement, delete, may_be_named, name_in_use};
pub use write::{DISPLAY_NAME, MANAGED, SOURCE, indexed, name_key};

pub(crate) use write::{arrival, derived};

use crate::{Configuration, configuration::Corrupt, ownership::Management};
use provost_change::{AccountId, Kind, Record, ResourceId};
use provost_scim::Resource;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A group of one account, without its members.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The stored record.
    pub record: Record,
    /// Its attributes.
    pub resource: Resource,
    /// Who manages it.
    pub management: Management,
    /// The source outside that brings it, such as an LDAP server; only that one changes and removes it as a source does.
    pub source: Option<String>,
}

/// What SCIM does not show of a group, as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GroupState {
    #[serde(flatten)]
    pub management: Management,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl From<Management> for GroupState {
    fn from(management: Management) -> Self {
        Self { management, source: None }
    }
}

impl Group {
    /// Reads a stored group.
    ///
    /// # Errors
    /// When the database was changed by something else.
    pub fn read(account: AccountId, record: Record) -> Result<Self, Corrupt> {
        let corrupt =
            |cause: serde_json::Error| Corrupt { account, kind: Kind::GROUP, id: record.id, cause: cause.to_string() };
        let resource = Resource::from_canonical(&record.doc).map_err(corrupt)?;
        let GroupState { management, source } = serde_json::from_str(&record.state).map_err(corrupt)?;
        Ok(Self { resource, management, source, record })
    }

    /// What SCIM does not show of it, with `management` in place of who manages it.
    fn state(&self, management: Management) -> GroupState {
        GroupState { management, source: self.source.clone() }
    }

    /// Its id.
    pub fn id(&self) -> ResourceId {
        self.record.id
    }

    /// Its `displayName`; empty only in a record that something else wrote.
    pub fn display_name(&self) -> &str {
        self.resource.get("displayName").and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether SCIM clients of the account may see it.
    pub fn is_visible(&self, config: &Configuration) -> bool {
        self.management.is_visible(config)
    }
}
