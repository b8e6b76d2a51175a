//! App roles, and who is assigned to an enterprise app with which of them.

use crate::Objects;
use provost_change::{Kind, ResourceId};
use serde::{Deserialize, Serialize};

/// A role that an enterprise app offers. Its record's id is the app role's id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppRole {
    /// Of which app.
    pub app: ResourceId,
    /// What people know the role by.
    pub display_name: String,
    /// What the target knows it by: no spaces; unique among the app's roles.
    pub value: String,
    /// What it is for.
    pub description: String,
    /// Whether it can be assigned.
    pub enabled: bool,
    /// Who can hold it.
    pub member_types: Vec<MemberType>,
}

/// Who can hold an app role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemberType {
    /// Users and groups.
    User,
    /// Other applications; kept for completeness, never assigned here.
    Application,
}

/// A user or group that is assigned to an app. Who holds several roles has several assignments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// To which app.
    pub app: ResourceId,
    /// Whether a user or a group.
    pub of: Objects,
    /// Which one.
    pub principal: ResourceId,
    /// With which role; `None` is what Entra calls Default Access, and entitles only where the app has no roles.
    pub app_role: Option<ResourceId>,
}

impl AppRole {
    /// The kind of the records.
    pub fn kind() -> Kind {
        Kind::named("app-role")
    }
}

impl Assignment {
    /// The kind of the records.
    pub fn kind() -> Kind {
        Kind::named("app-assignment")
    }
}
