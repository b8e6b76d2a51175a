//! Filters as clients write them (RFC 7644 §3.4.2.2): the tree, its text, and reading one.

mod parse;

use crate::{
    error::{ScimError, ScimType},
    lex::Fault,
    path::AttrPath,
};
pub(crate) use parse::in_brackets;
use serde_json::Number;
use std::fmt;

/// A filter as written: names are not looked up yet, see [`Filter::resolve`].
///
/// What [`Filter::parse`] returns has a bounded depth. Printing gives canonical text: `parse(print(f)) == f`.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// All of at least two hold.
    And(Vec<Filter>),
    /// At least one of at least two holds.
    Or(Vec<Filter>),
    /// `not (…)`.
    Not(Box<Filter>),
    /// `userName eq "x"`.
    Compare(Comparison),
    /// `userName pr`.
    Present(AttrPath),
    /// `emails[…]`: one value satisfies all of the filter, whose names are sub-attributes.
    Value {
        /// What stands before the bracket.
        path: AttrPath,
        /// What stands in the brackets; holds no `Value` itself.
        filter: Box<Filter>,
    },
}

/// An attribute, an operator and a literal.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The attribute.
    pub path: AttrPath,
    /// How it is compared.
    pub operator: Operator,
    /// What it is compared with.
    pub value: Literal,
}

/// Comparison operators (RFC 7644 Table 3); `pr` is [`Filter::Present`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Operator {
    Eq,
    Ne,
    Co,
    Sw,
    Ew,
    Gt,
    Ge,
    Lt,
    Le,
}

/// The JSON literal of a comparison.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Literal {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
}

/// Why a text is no filter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at byte {offset} of the filter")]
pub struct FilterError {
    /// What was found or expected.
    pub problem: String,
    /// Where, in bytes from the start of the text.
    pub offset: usize,
}

impl Operator {
    const ALL: [Self; 9] = [Self::Eq, Self::Ne, Self::Co, Self::Sw, Self::Ew, Self::Gt, Self::Ge, Self::Lt, Self::Le];

    /// The operator as written in a filter, in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Co => "co",
            Self::Sw => "sw",
            Self::Ew => "ew",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
        }
    }

    /// The operator that a word stands for, in any case.
    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operator| operator.as_str().eq_ignore_ascii_case(word))
    }
}

impl From<Fault> for FilterError {
    fn from(fault: Fault) -> Self {
        Self { problem: fault.problem, offset: fault.offset }
    }
}

/// 400 `invalidFilter`.
impl From<FilterError> for ScimError {
    fn from(error: FilterError) -> Self {
        Self::bad_request(ScimType::InvalidFilter, error.to_string())
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(terms) => join(out, terms, " and ", |term| matches!(term, Self::And(_) | Self::Or(_))),
            Self::Or(terms) => join(out, terms, " or ", |term| matches!(term, Self::Or(_))),
            Self::Not(filter) => write!(out, "not ({filter})"),
            Self::Compare(Comparison { path, operator, value }) => {
                write!(out, "{path} {} {value}", operator.as_str())
            }
            Self::Present(path) => write!(out, "{path} pr"),
            Self::Value { path, filter } => write!(out, "{path}[{filter}]"),
        }
    }
}

fn join(
    out: &mut fmt::Formatter<'_>,
    terms: &[Filter],
    word: &str,
    needs_parentheses: fn(&Filter) -> bool,
) -> fmt::Result {
    for (position, term) in terms.iter().enumerate() {
        if position > 0 {
            out.write_str(word)?;
        }
        if needs_parentheses(term) {
            write!(out, "({term})")?;
        } else {
            write!(out, "{term}")?;
        }
    }
    Ok(())
}

impl fmt::Display for Literal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => out.write_str("null"),
            Self::Bool(value) => write!(out, "{value}"),
            Self::Number(number) => write!(out, "{number}"),
            Self::Text(text) => write!(out, "{}", serde_json::Value::from(text.as_str())),
        }
    }
}
