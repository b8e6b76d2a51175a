//! What a target needs otherwise than Entra sends it.

use serde::{Deserialize, Serialize};

/// Named settings for targets that do not take what Entra sends. The default is what Entra sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Compatibility {
    /// How booleans stand in the older PATCH.
    pub booleans: Booleans,
    /// How a manager is written.
    pub manager: ManagerForm,
    /// What bodies say of themselves.
    pub schemas: SchemasForm,
    /// How a group's members are written in a PATCH.
    pub members: MembersForm,
    /// How elements of multi-valued attributes are asked for in a filter.
    pub filters: FiltersForm,
    /// How app roles stand in the older PATCH.
    pub roles: RolesPatch,
    /// What is sent to change one element of a multi-valued attribute.
    pub elements: ElementsForm,
    /// Whether writes that wait at the same moment go in one request.
    pub bulk: BulkForm,
    /// Whether users that are looked for at the same moment are looked for in one search.
    pub searches: SearchesForm,
}

/// How booleans stand in the older PATCH. In a POST and in the newer PATCH they are booleans.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Booleans {
    /// `"True"` and `"False"`, as texts.
    #[default]
    Text,
    /// `true` and `false`.
    Plain,
}

/// How a manager is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ManagerForm {
    /// The id as text.
    #[default]
    Text,
    /// `{"value": "<id>"}`, as RFC 7643 has it.
    Object,
}

/// What the bodies of POST requests say of themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SchemasForm {
    /// Core and enterprise schema for every user, Entra's marker for every group, no custom schema; with `meta.resourceType`.
    #[default]
    Entra,
    /// The schemas of the attributes that are there; no `meta`.
    Present,
}

/// How a group's members are written in a PATCH.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MembersForm {
    /// As Entra's gallery connectors: up to [`MEMBERS_MAX`](crate::MEMBERS_MAX) in one request, each `{"$ref": null, "value": "<id>"}`.
    #[default]
    Batched,
    /// As Entra's other connectors: one request for each member, in the same form.
    One,
    /// Up to [`MEMBERS_MAX`](crate::MEMBERS_MAX) in one request, each `{"value": "<id>"}`, removed by `members[value eq "<id>"]` in both
    /// dialects.
    Plain,
}

/// How elements of multi-valued attributes are asked for in a filter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FiltersForm {
    /// `emails[type eq "work"].value eq "x"`, which RFC 7644 does not know.
    #[default]
    Entra,
    /// `emails[type eq "work" and value eq "x"]`.
    Standard,
}

/// How app roles that are added stand in the older PATCH.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RolesPatch {
    /// As JSON in a text.
    #[default]
    Text,
    /// As in a POST.
    Plain,
}

/// What is sent to change one element of a multi-valued attribute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ElementsForm {
    /// `emails[type eq "work"].value`; an element that is not there shall come about.
    #[default]
    Entra,
    /// An element that is not there is added to the attribute as a whole, since RFC 7644 has the path fail then.
    Standard,
}

/// Whether creations and changes that wait at the same moment go in one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BulkForm {
    /// Never, as with Entra: each is a request of its own.
    #[default]
    Never,
    /// As many as the target's ServiceProviderConfig says that it takes, at most [`BULK_MAX`](crate::BULK_MAX).
    Offered,
}

/// Whether users that are looked for at the same moment are looked for in one search.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SearchesForm {
    /// Each by itself, as with Entra.
    #[default]
    One,
    /// Up to 20 in one: `userName eq "ann" or userName eq "bob"`.
    Together,
}
