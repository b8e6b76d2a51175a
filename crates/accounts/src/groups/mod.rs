//! Groups: what SCIM and the management API may do to them.
//!
//! A group's document holds its name and what else its client says; who is in it are edges, which a decision changes by
//! [`MemberChange`](provost_change::MemberChange)s without reading the group's members.

mod local;
mod members;
mod roles;
mod scim;
mod write;

pub use local::{LocalGroup, create_local, delete_local, edit_local};
pub use members::{Facts, MemberEdit, type_name};
pub use roles::{HeldRole, granted_by, held_roles};
pub use scim::{Creation, Patching, Replacement, delete, may_be_named, name_in_use};
pub use write::{DISPLAY_NAME, MANAGED, indexed, name_key};

pub(crate) use write::{arrival, derived};

use crate::{Configuration, configuration::Corrupt, ownership::Management};
use provost_change::{AccountId, Kind, Record, ResourceId};
use provost_scim::Resource;
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
        let management = serde_json::from_str(&record.state).map_err(corrupt)?;
        Ok(Self { resource, management, record })
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
