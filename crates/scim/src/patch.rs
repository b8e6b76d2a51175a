//! PATCH (RFC 7644 §3.5.2): the request in standard form, and what it makes of a resource.

mod apply;
mod detach;
mod edit;
mod elements;
mod request;

use crate::{
    ScimError, ScimType,
    path::{PatchPath, PathError},
    query::QueryError,
    resource::{Resource, ValueError},
};
use serde_json::Value;

/// What an operation does (RFC 7644 §3.5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Adds values, or sets a single one.
    Add,
    /// Unassigns what the path names.
    Remove,
    /// Sets what the path names.
    Replace,
}

/// One operation of a PATCH request.
#[derive(Clone, Debug, PartialEq)]
pub struct PatchOp {
    /// What it does.
    pub op: Op,
    /// What it addresses; `None` is the resource itself.
    pub path: Option<PatchPath>,
    /// `Some(Value::Null)` when the client sent null.
    pub value: Option<Value>,
}

/// A PATCH request in standard form; what clients really send goes through [`dialect`](crate::dialect) first.
#[derive(Clone, Debug, PartialEq)]
pub struct PatchRequest {
    /// Between 1 and 1,000 operations, in the order in which they apply; perhaps none once [`detach`](Self::detach) has taken some.
    pub operations: Vec<PatchOp>,
    /// What the operations that were taken address and the resource type does not know.
    unknown: Vec<String>,
}

/// What `add` and `replace` do when their value filter matches nothing; the account's policy chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoMatch {
    /// 400 `noTarget`, as RFC 7644 §3.5.2.3 says.
    NoTarget,
    /// Make the element that the filter describes, as Entra expects (PIT-04); `noTarget` when it describes none.
    Create,
}

/// What a PATCH makes of a resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Patched {
    /// The resource after the last operation.
    pub resource: Resource,
    /// Whether it differs from before; if not, version and lastModified stay (PAT-21).
    pub changed: bool,
    /// What the operations addressed, in canonical attribute notation, each once, in order.
    pub touched: Vec<String>,
    /// What they addressed that the resource type does not know, as written, each once, in order. Those parts are not
    /// applied; whether the request is refused is the account's policy.
    pub unknown: Vec<String>,
}

/// Why a PATCH is refused; the resource stays as it was (PAT-08). Values are never quoted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatchError {
    /// The body is not built like a PATCH request (`invalidSyntax`).
    #[error("{0}")]
    Syntax(String),
    /// A path is malformed (`invalidPath`).
    #[error(transparent)]
    Path(#[from] PathError),
    /// A well-formed path that the attribute does not allow (`invalidPath`).
    #[error("`{attribute}` {problem}")]
    Misplaced {
        /// The attribute.
        attribute: String,
        /// What does not fit.
        problem: &'static str,
    },
    /// A value filter means nothing for the attribute (`invalidFilter`).
    #[error("in the value filter: {0}")]
    Filter(#[from] QueryError),
    /// A remove without path (`noTarget`).
    #[error("a remove operation needs a path")]
    NoPath,
    /// The value filter matches nothing (`noTarget`).
    #[error("no value of `{0}` matches the filter")]
    NoTarget(String),
    /// The attribute is readOnly, or required and would be unassigned (`mutability`).
    #[error("`{attribute}` {rule}")]
    Mutability {
        /// The attribute.
        attribute: String,
        /// What it is, and what that forbids.
        rule: &'static str,
    },
    /// A value does not fit, or changes what is immutable (`invalidValue`, `mutability`).
    #[error(transparent)]
    Value(#[from] ValueError),
    /// The value filters of the request together look at more values than one request may (`tooMany`).
    #[error("the value filters of this request need more than {comparisons_max} comparisons; send fewer operations")]
    TooCostly {
        /// The bound.
        comparisons_max: usize,
    },
    /// An operation has a value and should not, or the reverse, or of the wrong type (`invalidValue`).
    #[error("{0}")]
    Operand(String),
}

impl PatchError {
    fn read_only(attribute: impl ToString) -> Self {
        Self::Mutability { attribute: attribute.to_string(), rule: "is readOnly and may not be changed" }
    }

    fn required(attribute: impl ToString) -> Self {
        Self::Mutability { attribute: attribute.to_string(), rule: "is required and may not be removed" }
    }

    /// The keyword of RFC 7644 Table 9.
    pub fn scim_type(&self) -> ScimType {
        match self {
            Self::Syntax(_) => ScimType::InvalidSyntax,
            Self::Path(_) | Self::Misplaced { .. } => ScimType::InvalidPath,
            Self::Filter(_) => ScimType::InvalidFilter,
            Self::NoPath | Self::NoTarget(_) => ScimType::NoTarget,
            Self::Mutability { .. } => ScimType::Mutability,
            Self::Value(error) => error.scim_type(),
            Self::TooCostly { .. } => ScimType::TooMany,
            Self::Operand(_) => ScimType::InvalidValue,
        }
    }
}

impl From<PatchError> for ScimError {
    fn from(error: PatchError) -> Self {
        Self::bad_request(error.scim_type(), error.to_string())
    }
}
