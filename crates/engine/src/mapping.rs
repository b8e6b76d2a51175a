//! What goes into which attribute of the target.

use crate::FilterGroup;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The mappings of an app.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mappings {
    /// Of users.
    pub users: ObjectMapping,
    /// Of groups.
    pub groups: ObjectMapping,
}

/// The mapping of one kind of object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ObjectMapping {
    /// Whether such objects are provisioned at all.
    pub enabled: bool,
    /// What may be done at the target.
    pub actions: TargetActions,
    /// Scoping filters: an object passes when one of them holds, or when there is none.
    pub filters: Vec<FilterGroup>,
    /// One for each attribute of the target.
    pub attributes: Vec<AttributeMapping>,
    /// The attributes that the target has: only these can be mapped to.
    pub target: Vec<TargetAttribute>,
}

/// What may be done at the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TargetActions {
    /// Making what is not there.
    pub create: bool,
    /// Changing what is there, disabling included.
    pub update: bool,
    /// Removing.
    pub delete: bool,
}

/// One row of a mapping.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttributeMapping {
    /// Attribute of the target as in a PATCH path, such as `emails[type eq "work"].value`.
    pub target: String,
    /// Where the value comes from.
    #[serde(flatten)]
    pub gives: Gives,
    /// The value of what is created when the source gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// Place among the attributes by which an existing resource is looked for, from 1; `None`: it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matching: Option<u32>,
    /// When it is sent.
    #[serde(default)]
    pub apply: Apply,
}

/// Where a value comes from: exactly one of these in JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gives {
    /// An attribute of the source, by Entra's name or as a SCIM path: `"source": "userPrincipalName"`.
    Source(String),
    /// Always this: `"constant": "Employee"`.
    Constant(Value),
    /// An expression of the mapping language: `"expression": "ToLower([mail], )"`.
    Expression(String),
    /// Nothing but the default: `"none": true`.
    None(bool),
}

/// When an attribute is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Apply {
    /// When the resource is created and when the value changes.
    #[default]
    Always,
    /// When the resource is created.
    OnCreate,
}

/// An attribute of the target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TargetAttribute {
    /// As in a PATCH path.
    pub name: String,
    /// What it holds.
    #[serde(rename = "type")]
    pub kind: TargetType,
    /// Whether it has several values.
    #[serde(default)]
    pub multi_valued: bool,
    /// Whether a resource cannot do without it.
    #[serde(default)]
    pub required: bool,
    /// Whether upper and lower case differ.
    #[serde(default)]
    pub case_exact: bool,
}

/// What an attribute of the target holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TargetType {
    /// Base64.
    Binary,
    /// True or false.
    Boolean,
    /// A point in time.
    DateTime,
    /// A whole number.
    Integer,
    /// Another user or group, by its id at the target.
    Reference,
    /// Text.
    String,
}
