//! A second opinion on filters and PATCH, written from RFC 7644 §3.4.2.2 and §3.5.2 and not from our code: slow, plain, and sharing
//! nothing with `provost-scim` but the schemas, which are data.
//!
//! Where the RFC leaves a choice it takes the one that `docs/fuzzing.md` lists.

mod compare;
mod evaluate;
mod parse;
mod patch;
mod schema;
mod time;
mod values;

pub use evaluate::matches;
pub use parse::Expression;
pub use patch::patch;
pub use schema::Kind;

/// Why something is refused, by the keyword of RFC 7644 Table 9.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Refusal {
    InvalidFilter,
    InvalidPath,
    InvalidSyntax,
    InvalidValue,
    Mutability,
    NoTarget,
}

impl Refusal {
    /// The keyword as an answer carries it.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::InvalidPath => "invalidPath",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidValue => "invalidValue",
            Self::Mutability => "mutability",
            Self::NoTarget => "noTarget",
        }
    }
}
