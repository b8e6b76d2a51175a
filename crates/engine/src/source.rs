//! Objects of the account as the engine sees them, and the names that mappings know their attributes by.

mod attribute;
mod computed;
mod table;

use crate::Objects;
pub(crate) use attribute::is_same;
pub use attribute::{SourceAttribute, SourceNames, SourceSchemas, SourceType};
use provost_change::ResourceId;
use provost_expression::Value as SourceValue;
use serde_json::{Map, Value};
pub use table::{Alias, aliases};

/// A user or group of the account with what the engine needs to know of it.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceObject {
    /// Whether a user or a group.
    pub of: Objects,
    /// Which one: Entra's `objectId`.
    pub id: ResourceId,
    /// Its SCIM attributes, named as their schemas name them; `members` of a group are not among them.
    pub resource: Map<String, Value>,
    /// Whether it lies in the bin, from where it can be restored.
    pub is_deleted: bool,
    /// The assignments to the app at hand: its own, and those of groups that it is in.
    pub assigned: Vec<Assigned>,
}

/// An assignment that concerns an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assigned {
    /// Through which group; `None` when it is assigned itself.
    pub through: Option<ResourceId>,
    /// The app role with its id; `None` is Default Access.
    pub role: Option<(ResourceId, crate::AppRole)>,
}

impl SourceObject {
    /// The value of an attribute, null when the object has none. `IsSoftDeleted` follows from entitlement, so it is an argument.
    ///
    /// Members of a group, and app roles as anything but their values, do not come this way.
    pub fn value(&self, attribute: &SourceAttribute, is_soft_deleted: bool) -> SourceValue {
        attribute.value(self, is_soft_deleted)
    }

    /// The object that a reference leads to; `None` when there is none, or when the value is no id of this account.
    pub fn reference(&self, attribute: &SourceAttribute) -> Option<ResourceId> {
        attribute.value(self, false).text()?.parse().ok()
    }

    /// Whether it is there and may sign in: neither in the bin nor blocked. Groups cannot be blocked.
    pub fn is_active(&self) -> bool {
        !self.is_deleted && (self.of == Objects::Groups || computed::account_enabled(&self.resource))
    }

    /// The app roles that it holds, each once: its own first, then those of groups, each in the order of [`assigned`](Self::assigned).
    /// A role that is disabled is not sent.
    pub fn app_roles(&self) -> Vec<provost_expression::AppRole> {
        let mut roles: Vec<provost_expression::AppRole> = Vec::new();
        let (own, by_group): (Vec<_>, Vec<_>) = self.assigned.iter().partition(|assigned| assigned.through.is_none());
        for (id, role) in own.into_iter().chain(by_group).filter_map(|assigned| assigned.role.as_ref()) {
            if role.enabled && !roles.iter().any(|known| known.id == id.uuid()) {
                let (value, display_name) = (role.value.clone(), role.display_name.clone());
                roles.push(provost_expression::AppRole { id: id.uuid(), value, display_name });
            }
        }
        roles
    }
}
