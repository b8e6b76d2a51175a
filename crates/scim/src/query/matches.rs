//! Whom a query matches.

use super::{Field, Node, Operand, Query, Test};
use crate::{filter::Operator, instant, text};
use serde_json::{Map, Number, Value};
use std::cmp::Ordering;

/// Where fields are looked up.
#[derive(Clone, Copy)]
enum Scope<'v> {
    Resource(&'v Map<String, Value>),
    /// One value of the attribute that all fields of the query belong to.
    Element(&'v Value),
}

impl Query {
    /// Whether a resource in canonical form matches: extension attributes in an object under their URN; `meta` is
    /// looked up like any other attribute, so a caller that wants it found puts it in.
    ///
    /// An unassigned attribute equals nothing: `eq` is false, `ne` true, and there is no third truth value. Of several
    /// values one must satisfy a comparison, `ne` too, so that none satisfies it where there are no values; an element without
    /// a single-valued sub-attribute satisfies `ne`.
    pub fn matches(&self, attributes: &Map<String, Value>) -> bool {
        self.0.holds(Scope::Resource(attributes))
    }

    /// Whether one element of a multi-valued attribute matches a query that was resolved within that attribute.
    pub fn matches_element(&self, element: &Value) -> bool {
        self.0.holds(Scope::Element(element))
    }
}

impl Node {
    fn holds(&self, scope: Scope<'_>) -> bool {
        match self {
            Self::All(nodes) => nodes.iter().all(|node| node.holds(scope)),
            Self::Any(nodes) => nodes.iter().any(|node| node.holds(scope)),
            Self::Not(node) => !node.holds(scope),
            Self::Present(field) => field.any(scope, |value| value.is_some_and(is_present)),
            Self::Compare(test) => test.field.any(scope, |value| test.holds(value)),
            Self::Element(field, node) => {
                field.any(scope, |value| value.is_some_and(|value| node.holds(Scope::Element(value))))
            }
        }
    }
}

impl Field {
    /// Whether `test` is true for one of the field's values. It sees `None` once for an unassigned single value, and
    /// for each element that lacks a single-valued sub-attribute.
    fn any(&self, scope: Scope<'_>, test: impl Fn(Option<&Value>) -> bool) -> bool {
        let test = |value: Option<&Value>| test(value.filter(|value| !value.is_null()));
        let in_value = |value: &Value| match &self.sub {
            None => test(Some(value)),
            Some(sub) => match value.get(sub) {
                Some(Value::Array(values)) => values.iter().any(|value| test(Some(value))),
                None => !self.sub_multi_valued && test(None),
                one => test(one),
            },
        };
        match scope {
            Scope::Element(value) => in_value(value),
            Scope::Resource(attributes) => match self.top_level(attributes) {
                Some(Value::Array(values)) => values.iter().any(in_value),
                Some(value) => in_value(value),
                None => !self.multi_valued && test(None),
            },
        }
    }

    fn top_level<'v>(&self, attributes: &'v Map<String, Value>) -> Option<&'v Value> {
        match &self.extension {
            None => attributes.get(&self.attribute),
            Some(urn) => attributes.get(urn)?.get(&self.attribute),
        }
    }
}

/// RFC 7644 Table 3, `pr`: `false` and `0` are values, an empty string is none.
fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => values.iter().any(is_present),
        Value::Object(members) => members.values().any(is_present),
    }
}

impl Test {
    fn holds(&self, value: Option<&Value>) -> bool {
        match self.operator {
            Operator::Eq => self.order(value).is_some_and(Ordering::is_eq),
            Operator::Ne => !self.order(value).is_some_and(Ordering::is_eq),
            Operator::Gt => self.order(value).is_some_and(Ordering::is_gt),
            Operator::Ge => self.order(value).is_some_and(Ordering::is_ge),
            Operator::Lt => self.order(value).is_some_and(Ordering::is_lt),
            Operator::Le => self.order(value).is_some_and(Ordering::is_le),
            Operator::Co => self.holds_in_text(value, |text, part| text.contains(part)),
            Operator::Sw => self.holds_in_text(value, |text, part| text.starts_with(part)),
            Operator::Ew => self.holds_in_text(value, |text, part| text.ends_with(part)),
        }
    }

    /// How the value compares to the operand; `None` when there is no value of that type.
    fn order(&self, value: Option<&Value>) -> Option<Ordering> {
        match (&self.operand, value?) {
            (Operand::Bool(operand), Value::Bool(value)) => Some(value.cmp(operand)),
            (Operand::Number(operand), Value::Number(value)) => compare_numbers(value, operand),
            (Operand::Text { folded, .. }, Value::String(value)) => {
                Some(text::fold(value, self.field.case_exact).as_ref().cmp(folded))
            }
            (Operand::Instant { at, .. }, Value::String(value)) => Some(instant::parse(value)?.cmp(at)),
            (Operand::Bool(_) | Operand::Number(_) | Operand::Text { .. } | Operand::Instant { .. }, _) => None,
        }
    }

    fn holds_in_text(&self, value: Option<&Value>, test: fn(&str, &str) -> bool) -> bool {
        match (&self.operand, value) {
            (Operand::Text { folded, .. }, Some(Value::String(value))) => {
                test(&text::fold(value, self.field.case_exact), folded)
            }
            _ => false,
        }
    }
}

/// By value: exactly between integers, else as doubles.
fn compare_numbers(left: &Number, right: &Number) -> Option<Ordering> {
    let integer = |number: &Number| number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
    match (integer(left), integer(right)) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}
