//! The attribute-mapping expression language of Microsoft Entra's provisioning service, as a pure library.
//!
//! Nothing here knows a directory, a target, SCIM, HTTP or a clock. Text becomes an [`Expression`].

mod lexer;
mod parser;
mod place;
mod tree;

pub use place::{Fault, Place};
pub use tree::{Call, Comparison, Expr, Expression, Kind, Operator};
