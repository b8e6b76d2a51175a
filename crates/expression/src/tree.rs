//! An expression as written: its tree, and its text.

use crate::place::Place;
use std::{collections::BTreeSet, fmt};

/// A part of an expression. Printing gives canonical text: `parse(print(e)) == e`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expr {
    /// What it is.
    pub kind: Kind,
    /// Where it begins.
    pub place: Place,
}

/// What a part of an expression may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `Name(…)`.
    Call(Call),
    /// `[name]`, without the brackets.
    Attribute(String),
    /// `"text"`, without quotes and escapes.
    Text(String),
    /// `12`, `-3` or `&HFF`.
    Integer(i64),
    /// A bare word, as `vbTextCompare`.
    Word(String),
    /// `left = right`; its sides are no comparisons themselves.
    Comparison(Box<Comparison>),
}

/// A function's name and what it is called with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// As written; names are case-sensitive.
    pub name: String,
    /// `None` where nothing stands between two commas. Never exactly one `None`: `F()` has no arguments.
    pub arguments: Vec<Option<Expr>>,
}

/// Two values side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// Before the operator.
    pub left: Expr,
    /// How they are compared.
    pub operator: Operator,
    /// Behind the operator.
    pub right: Expr,
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Operator {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Operator {
    /// As written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
        }
    }
}

/// A parsed expression, within the bounds of [`Expression::parse`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    pub(crate) root: Expr,
}

impl Expression {
    /// The tree.
    pub fn root(&self) -> &Expr {
        &self.root
    }

    /// Names of the attributes that it reads, each once, in order of their names.
    pub fn attributes(&self) -> BTreeSet<&str> {
        let mut names = BTreeSet::new();
        let mut open = vec![&self.root];
        while let Some(part) = open.pop() {
            match &part.kind {
                Kind::Attribute(name) => _ = names.insert(name.as_str()),
                Kind::Call(call) => open.extend(call.arguments.iter().flatten()),
                Kind::Comparison(comparison) => open.extend([&comparison.left, &comparison.right]),
                Kind::Text(_) | Kind::Integer(_) | Kind::Word(_) => {}
            }
        }
        names
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.fmt(out)
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Call(call) => {
                write!(out, "{}(", call.name)?;
                for (position, argument) in call.arguments.iter().enumerate() {
                    let comma = if position > 0 { ", " } else { "" };
                    match argument {
                        Some(argument) => write!(out, "{comma}{argument}")?,
                        None => out.write_str(comma)?,
                    }
                }
                out.write_str(")")
            }
            Kind::Attribute(name) => write!(out, "[{name}]"),
            Kind::Text(text) => {
                out.write_str("\"")?;
                for character in text.chars() {
                    if matches!(character, '"' | '\\') {
                        out.write_str("\\")?;
                    }
                    write!(out, "{character}")?;
                }
                out.write_str("\"")
            }
            Kind::Integer(number) => write!(out, "{number}"),
            Kind::Word(word) => out.write_str(word),
            Kind::Comparison(comparison) => {
                let Comparison { left, operator, right } = comparison.as_ref();
                write!(out, "{left} {} {right}", operator.as_str())
            }
        }
    }
}
