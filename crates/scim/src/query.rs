//! A filter beside the schema: what it means for one resource type, whom it matches, and which index serves it.

mod edges;
mod matches;
mod plan;
mod resolve;

use crate::{
    error::{ScimError, ScimType},
    filter::Operator,
    resource_type::UnknownAttribute,
    schema::Type,
};
pub use edges::EdgeTerms;
use jiff::Timestamp;
use serde_json::Number;

/// An attribute that a query looks at, with what its schema says; names in the schema's spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// URN of the extension that defines it; `None` for core and common attributes.
    pub extension: Option<String>,
    /// The attribute.
    pub attribute: String,
    /// The sub-attribute.
    pub sub: Option<String>,
    /// Type of what the names lead to.
    pub kind: Type,
    /// Whether comparisons respect case.
    pub case_exact: bool,
    /// Whether the names may lead to several values; within a value filter, whether they do so in one element.
    pub multi_valued: bool,
    /// Whether one value of the attribute may have several of the sub-attribute.
    pub sub_multi_valued: bool,
}

/// A filter whose names, types and literals are checked against a schema.
///
/// Made by [`Filter::resolve`](crate::Filter::resolve) for whole resources and by
/// [`Filter::resolve_within`](crate::Filter::resolve_within) for the elements of one attribute.
#[derive(Clone, Debug, PartialEq)]
pub struct Query(Node);

#[derive(Clone, Debug, PartialEq)]
enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Present(Field),
    Compare(Test),
    /// One value of the field satisfies the node, whose fields are looked up in that value.
    Element(Field, Box<Node>),
}

/// A comparison that the type of its field allows.
#[derive(Clone, Debug, PartialEq)]
struct Test {
    field: Field,
    operator: Operator,
    operand: Operand,
}

/// A literal in the form in which it is compared.
#[derive(Clone, Debug, PartialEq)]
enum Operand {
    Bool(bool),
    Number(Number),
    Text { folded: String, sent: String },
    Instant { at: Timestamp, sent: String },
}

/// Why a filter means nothing for a resource type; 400 `invalidFilter`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// A name that the resource type does not have.
    #[error(transparent)]
    Unknown(#[from] UnknownAttribute),
    /// A use that the attribute does not allow.
    #[error("`{attribute}` {problem}")]
    Refused {
        /// The attribute as written.
        attribute: String,
        /// What does not fit.
        problem: String,
    },
}

impl From<QueryError> for ScimError {
    fn from(error: QueryError) -> Self {
        Self::bad_request(ScimType::InvalidFilter, error.to_string())
    }
}

impl Field {
    /// The field in attribute notation (RFC 7644 §3.10): `emails.value`, `urn:…:User:manager.value`.
    pub fn notation(&self) -> String {
        let mut text = String::new();
        if let Some(extension) = &self.extension {
            text.push_str(extension);
            text.push(':');
        }
        text.push_str(&self.attribute);
        if let Some(sub) = &self.sub {
            text.push('.');
            text.push_str(sub);
        }
        text
    }
}
