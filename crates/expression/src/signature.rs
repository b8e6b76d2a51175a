//! What a function takes and gives: one table serves checking, evaluation, the expression editor and the documentation.

use crate::{
    datetime::{self, Format, Styles},
    evaluate::{Args, Stop},
    pattern::Pattern,
    place::quoted,
    program::Node,
    value::Value,
};
use std::fmt;

/// A function of the language.
pub struct Signature {
    /// As written; names are case-sensitive.
    pub name: &'static str,
    /// In the order in which they are given.
    pub parameters: &'static [Parameter],
    /// So many of the last parameters may be given again and again.
    pub repeats: usize,
    /// The type of its result.
    pub gives: Gives,
    /// What it does, in one sentence.
    pub summary: &'static str,
    pub(crate) run: Run,
    /// What is wrong with arguments that are each right by themselves, as a sentence.
    pub(crate) check: Option<CheckTogether>,
}

/// Does the work of a function; evaluates only the arguments that it needs, each at most once.
pub(crate) type Run = fn(&mut Args<'_, '_, '_>) -> Result<Value, Stop>;

/// Looks at arguments that are each right by themselves.
pub(crate) type CheckTogether = fn(&[Option<Node>]) -> Option<String>;

/// A parameter of a function.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name in the documentation.
    pub name: &'static str,
    /// What may be given.
    pub takes: Takes,
    /// Whether nothing may stand in its place.
    pub is_optional: bool,
    /// Whether what is given may become the result as it is.
    pub flows: bool,
}

/// What a parameter accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// One value, as text.
    Text,
    /// One value, as a text that is not empty.
    SomeText,
    /// A whole number within these bounds, or a text that is one.
    Integer(i64, i64),
    /// A point in time, or a text that `CDate` reads.
    DateTime,
    /// Any value; it is asked whether it is true.
    Truth,
    /// Any value, or two values compared.
    Condition,
    /// Any number of texts.
    Values,
    /// Anything, app roles included.
    Any,
    /// Anything, of which it is only asked whether or how often it is there.
    Presence,
    /// One of these words, in quotes or without.
    OneOf(&'static [&'static str]),
    /// Names of .NET's `DateTimeStyles`.
    Styles,
    /// A .NET date format.
    Format,
    /// A name as `tr-TR`.
    Culture,
    /// A regular expression.
    Pattern,
    /// `[appRoleAssignments]` and nothing else.
    AppRoleAssignments,
}

/// The type of a function's result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gives {
    /// Always this one, unless the result is null.
    Always(ResultType),
    /// That of the arguments that [flow](Parameter::flows).
    WhatFlows,
    /// Texts to choose from; only as a whole expression.
    Candidates,
}

/// The type of an expression's result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResultType {
    /// One text.
    Text,
    /// True or false.
    Boolean,
    /// A whole number.
    Integer,
    /// A point in time.
    DateTime,
    /// Any number of texts.
    MultiValued,
    /// App roles, as values with sub-attributes.
    Complex,
}

/// What an attribute of the source holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttributeType {
    /// Values of this type.
    Of(ResultType),
    /// The app roles of a user, which come from [`Inputs::app_roles`](crate::Inputs::app_roles).
    AppRoleAssignments,
}

/// Which attributes the source has.
pub trait Attributes {
    /// The type of an attribute; `None` when there is no such attribute.
    fn attribute(&self, name: &str) -> Option<AttributeType>;

    /// Names to suggest for one that does not exist.
    fn names(&self) -> Vec<&str>;
}

impl Attributes for [(&str, AttributeType)] {
    fn attribute(&self, name: &str) -> Option<AttributeType> {
        self.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }

    fn names(&self) -> Vec<&str> {
        self.iter().map(|(name, _)| *name).collect()
    }
}

impl Parameter {
    pub(crate) const fn required(name: &'static str, takes: Takes) -> Self {
        Self { name, takes, is_optional: false, flows: false }
    }

    pub(crate) const fn optional(name: &'static str, takes: Takes) -> Self {
        Self { name, takes, is_optional: true, flows: false }
    }

    pub(crate) const fn flowing(self) -> Self {
        Self { flows: true, ..self }
    }
}

impl Signature {
    pub(crate) const fn new(
        name: &'static str,
        parameters: &'static [Parameter],
        gives: Gives,
        summary: &'static str,
        run: Run,
    ) -> Self {
        Self { name, parameters, repeats: 0, gives, summary, run, check: None }
    }

    pub(crate) const fn repeating(self, repeats: usize) -> Self {
        Self { repeats, ..self }
    }

    pub(crate) const fn checked(self, check: CheckTogether) -> Self {
        Self { check: Some(check), ..self }
    }

    /// The parameter of the argument at `index`, from 0; `None` behind the last.
    pub fn parameter(&self, index: usize) -> Option<&'static Parameter> {
        match index.checked_sub(self.parameters.len()) {
            None => self.parameters.get(index),
            Some(_) if self.repeats == 0 => None,
            Some(beyond) => self.parameters.get(self.parameters.len() - self.repeats + beyond % self.repeats),
        }
    }

    /// How many arguments it needs at least.
    pub fn arguments_min(&self) -> usize {
        self.parameters.iter().rposition(|parameter| !parameter.is_optional).map_or(0, |last| last + 1)
    }
}

/// As in a manual: `Join(separator, source, …)`.
impl fmt::Display for Signature {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.parameters.iter().map(|parameter| parameter.name).collect();
        let more = if self.repeats > 0 { ", …" } else { "" };
        write!(out, "{}({}{more})", self.name, names.join(", "))
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl Takes {
    /// What is accepted, as part of a sentence.
    pub fn describe(self) -> String {
        match self {
            Self::Text => "one value".to_owned(),
            Self::SomeText => "a text that is not empty".to_owned(),
            Self::Integer(i64::MIN, i64::MAX) => "a whole number".to_owned(),
            Self::Integer(least, i64::MAX) => format!("a whole number of at least {least}"),
            Self::Integer(least, most) => format!("a whole number from {least} to {most}"),
            Self::DateTime => "a date".to_owned(),
            Self::Truth => "True or False".to_owned(),
            Self::Condition => "a condition".to_owned(),
            Self::Values => "one or more values".to_owned(),
            Self::Any | Self::Presence => "any value".to_owned(),
            Self::OneOf(words) => format!("one of {}", words.join(", ")),
            Self::Styles => "names of DateTimeStyles".to_owned(),
            Self::Format => "a .NET date format".to_owned(),
            Self::Culture => "a culture such as en-US".to_owned(),
            Self::Pattern => "a regular expression".to_owned(),
            Self::AppRoleAssignments => "[appRoleAssignments]".to_owned(),
        }
    }

    /// Whether a value of type `given` may do; what is unknown may.
    pub(crate) fn accepts(self, given: Option<ResultType>) -> bool {
        let Some(given) = given else { return self != Self::AppRoleAssignments };
        let is_single = !matches!(given, ResultType::MultiValued | ResultType::Complex);
        match self {
            Self::Any | Self::Presence => true,
            Self::Values => given != ResultType::Complex,
            Self::Text | Self::SomeText | Self::Truth | Self::Condition => is_single,
            Self::Integer(..) => matches!(given, ResultType::Integer | ResultType::Text),
            Self::DateTime => matches!(given, ResultType::DateTime | ResultType::Text),
            Self::OneOf(_) | Self::Styles | Self::Format | Self::Culture | Self::Pattern => given == ResultType::Text,
            Self::AppRoleAssignments => false,
        }
    }

    /// What is wrong with a constant, as a sentence.
    pub(crate) fn problem(self, constant: &Value) -> Option<String> {
        let text = constant.text().unwrap_or_default();
        match self {
            Self::SomeText if text.is_empty() => Some("the text may not be empty".to_owned()),
            Self::Integer(least, most) => integer(constant)
                .filter(|number| (least..=most).contains(number))
                .map_or_else(|| Some(format!("expected {}, found {}", self.describe(), quoted(&text))), |_| None),
            Self::DateTime if !matches!(constant, Value::DateTime(_)) => {
                datetime::read(&text).is_none().then(|| format!("{} is no date", quoted(&text)))
            }
            Self::OneOf(words) => (!words.contains(&text.as_str()))
                .then(|| format!("expected {}, found {}", self.describe(), quoted(&text))),
            Self::Styles => Styles::parse(&text).err(),
            Self::Format => Format::parse(&text).err(),
            Self::Culture => {
                (!is_culture(&text)).then(|| format!("expected {}, found {}", self.describe(), quoted(&text)))
            }
            Self::Pattern => Pattern::parse(&text).err(),
            Self::Text
            | Self::SomeText
            | Self::DateTime
            | Self::Truth
            | Self::Condition
            | Self::Values
            | Self::Any
            | Self::Presence
            | Self::AppRoleAssignments => None,
        }
    }
}

/// A number, or a text that is one.
pub(crate) fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Integer(number) => Some(*number),
        Value::Text(text) => text.trim().parse().ok(),
        Value::Many(values) if values.len() == 1 => values[0].trim().parse().ok(),
        Value::Null | Value::Boolean(_) | Value::DateTime(_) | Value::Many(_) | Value::Role(_) | Value::Roles(_) => {
            None
        }
    }
}

/// Whether a text has the form of a culture's name (RFC 4646); nothing is the invariant culture.
pub(crate) fn is_culture(text: &str) -> bool {
    let is_part = |part: &str| (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    text.is_empty() || text.len() <= 35 && text.split('-').all(is_part)
}
