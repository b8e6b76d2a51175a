//! The attribute-mapping expression language of Microsoft Entra's provisioning service, as a pure library.
//!
//! Nothing here knows a directory, a target, SCIM, HTTP or a clock. Text becomes an [`Expression`] ([`Expression::parse`]), which
//! becomes a [`Program`] beside the attributes of a source ([`Expression::check`]), which gives an [`Outcome`] for the values of one
//! object ([`Program::evaluate`]). What a function takes and does stands in one table, [`functions`].

mod app_role;
mod check;
mod datetime;
mod diacritics;
mod evaluate;
mod functions;
mod lexer;
mod nearest;
mod parser;
mod pattern;
mod place;
mod program;
mod signature;
mod trace;
mod tree;
mod value;

pub use app_role::{APP_ROLE_TYPE, AppRole, AppRoles, RoleForm};
pub use evaluate::{Budget, Evaluated, Inputs, Outcome};
pub use functions::{functions, named};
pub use nearest::nearest;
pub use pattern::{Pattern, TooMuch};
pub use place::{Fault, Place};
pub use program::Program;
pub use signature::{AttributeType, Attributes, Gives, Parameter, ResultType, Signature, Takes};
pub use trace::Step;
pub use tree::{Call, Comparison, Expr, Expression, Kind, Operator};
pub use value::Value;
