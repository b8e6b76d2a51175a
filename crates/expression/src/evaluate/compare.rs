//! Which of two values is the greater, and what is true.

use crate::{datetime, tree::Operator, value::Value};
use jiff::Timestamp;
use std::cmp::Ordering;

/// Whether a value counts as true: True, a text that says so in any case, or a number other than 0.
pub(crate) fn is_true(value: &Value) -> bool {
    match value {
        Value::Boolean(value) => *value,
        Value::Integer(number) => *number != 0,
        Value::Null | Value::DateTime(_) | Value::Roles(_) => false,
        Value::Text(_) | Value::Many(_) | Value::Role(_) => value.text().is_some_and(|text| {
            let text = text.trim();
            text.eq_ignore_ascii_case("true")
                || text.parse::<f64>().is_ok_and(|number| number != 0.0 && !number.is_nan())
        }),
    }
}

/// Whether a comparison of two single values holds. With nothing or an empty text on one side, none does.
pub(super) fn holds(one: &Value, operator: Operator, other: &Value) -> bool {
    if one.is_null_or_empty() || other.is_null_or_empty() {
        return false;
    }
    let is_ordered = !matches!(operator, Operator::Equal | Operator::NotEqual);
    let Some(order) = order(one, other, is_ordered) else { return operator == Operator::NotEqual };
    match operator {
        Operator::Equal => order.is_eq(),
        Operator::NotEqual => order.is_ne(),
        Operator::Greater => order.is_gt(),
        Operator::GreaterOrEqual => order.is_ge(),
        Operator::Less => order.is_lt(),
        Operator::LessOrEqual => order.is_le(),
    }
}

/// As dates when one is a date, as truth when one is a boolean, as numbers when one is a number, else as texts; two texts that are
/// numbers are ordered as numbers, and are equal only as texts.
fn order(one: &Value, other: &Value, is_ordered: bool) -> Option<Ordering> {
    let (left, right) = (one.text()?, other.text()?);
    match (one, other) {
        (Value::DateTime(_), _) | (_, Value::DateTime(_)) => Some(date(one)?.cmp(&date(other)?)),
        (Value::Boolean(_), _) | (_, Value::Boolean(_)) => {
            Some(left.to_ascii_lowercase().cmp(&right.to_ascii_lowercase()))
        }
        (Value::Integer(_), _) | (_, Value::Integer(_)) => numbers(&left, &right),
        _ if is_ordered => numbers(&left, &right).or_else(|| Some(left.cmp(&right))),
        _ => Some(left.cmp(&right)),
    }
}

fn date(value: &Value) -> Option<Timestamp> {
    match value {
        Value::DateTime(at) => Some(*at),
        Value::Null
        | Value::Text(_)
        | Value::Boolean(_)
        | Value::Integer(_)
        | Value::Many(_)
        | Value::Role(_)
        | Value::Roles(_) => datetime::read(&value.text()?),
    }
}

/// Whole numbers exactly, others as floating point.
fn numbers(left: &str, right: &str) -> Option<Ordering> {
    let (left, right) = (left.trim(), right.trim());
    match (left.parse::<i64>(), right.parse::<i64>()) {
        (Ok(left), Ok(right)) => Some(left.cmp(&right)),
        _ => left.parse::<f64>().ok()?.partial_cmp(&right.parse::<f64>().ok()?),
    }
}
