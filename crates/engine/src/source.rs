//! Objects of the account as the engine sees them.

use crate::Objects;
use provost_change::ResourceId;
use serde_json::{Map, Value};

/// A user or group of the account with what the engine needs to know of it.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceObject {
    /// Whether a user or a group.
    pub of: Objects,
    /// Which one: Entra's `objectId`.
    pub id: ResourceId,
    /// Its SCIM attributes; `members` of a group are not among them.
    pub resource: Map<String, Value>,
    /// Whether it lies in the bin, from where it can be restored.
    pub is_deleted: bool,
    /// The assignments to the app at hand that entitle it: its own, and those of groups that it is in.
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
