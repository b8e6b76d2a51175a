//! Scoping filters: who of those in scope is provisioned, by attributes.

use serde::{Deserialize, Serialize};

/// Clauses that hold together. Several groups beside each other are alternatives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FilterGroup {
    /// What people call it; the provisioning log names it.
    pub name: String,
    /// All of them must hold.
    pub clauses: Vec<Clause>,
}

/// What is asked of one attribute of the source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Clause {
    /// The attribute, as mappings name it.
    pub source: String,
    /// What is asked.
    pub operator: FilterOperator,
    /// With which value; operators that need none have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// What a clause asks, in Entra's spelling. Without a value in the source every clause but `IS NULL` is false.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub enum FilterOperator {
    /// Equal, case included.
    #[serde(rename = "EQUALS")]
    Equals,
    /// Different, case included.
    #[serde(rename = "NOT EQUALS")]
    NotEquals,
    /// True.
    #[serde(rename = "IS TRUE")]
    IsTrue,
    /// False.
    #[serde(rename = "IS FALSE")]
    IsFalse,
    /// Not there.
    #[serde(rename = "IS NULL")]
    IsNull,
    /// There.
    #[serde(rename = "IS NOT NULL")]
    IsNotNull,
    /// A regular expression is found in it.
    #[serde(rename = "REGEX MATCH")]
    RegexMatch,
    /// A regular expression is not found in it.
    #[serde(rename = "NOT REGEX MATCH")]
    NotRegexMatch,
    /// A greater whole number.
    #[serde(rename = "Greater_Than")]
    GreaterThan,
    /// A whole number at least as great.
    #[serde(rename = "Greater_Than_OR_EQUALS")]
    GreaterThanOrEquals,
    /// Contains a text, case included.
    #[serde(rename = "Includes")]
    Includes,
    /// Ends with a text, case included.
    #[serde(rename = "ENDS_WITH")]
    EndsWith,
    /// Has a bit of a number.
    #[serde(rename = "&")]
    HasBits,
    /// Has none of the bits of a number.
    #[serde(rename = "!&")]
    HasNoBits,
}
