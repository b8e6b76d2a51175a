//! How values compare (RFC 7644 Table 3, RFC 7643 §2.2 `caseExact`).

use super::{schema::Definition, time::instant};
use serde_json::{Number, Value};
use std::cmp::Ordering;
use unicode_normalization::UnicodeNormalization;

/// A text as it is compared: NFC where case counts, else NFKC in lower case.
pub(super) fn folded(text: &str, case_exact: bool) -> String {
    if case_exact {
        return text.nfc().collect();
    }
    let lower: String = text.nfkc().collect::<String>().chars().flat_map(char::to_lowercase).collect();
    lower.nfkc().collect()
}

/// Whether a comparison with a literal makes sense for the type (RFC 7644 Table 3).
pub(super) fn is_allowed(definition: &Definition, operator: &str, literal: &Value) -> bool {
    let equal = ["eq", "ne"].contains(&operator);
    let part = ["co", "sw", "ew"].contains(&operator);
    match definition.kind.as_str() {
        "string" | "reference" => literal.is_string(),
        "binary" => (equal || part) && literal.is_string(),
        "boolean" => equal && boolean(literal).is_some(),
        "decimal" | "integer" => !part && literal.is_number(),
        "dateTime" => !part && literal.as_str().and_then(instant).is_some(),
        _ => false,
    }
}

/// A boolean, or the text that clients send for one.
fn boolean(literal: &Value) -> Option<bool> {
    match literal {
        Value::Bool(value) => Some(*value),
        Value::String(text) if text.to_lowercase() == "true" => Some(true),
        Value::String(text) if text.to_lowercase() == "false" => Some(false),
        _ => None,
    }
}

/// Whether a value, or its absence, satisfies a comparison that is allowed.
pub(super) fn holds(definition: &Definition, value: Option<&Value>, operator: &str, literal: &Value) -> bool {
    let Some(value) = value.filter(|value| !value.is_null()) else { return operator == "ne" };
    let case_exact = definition.case_exact || definition.kind == "binary";
    if let ("string" | "reference" | "binary", Some(value), Some(literal)) =
        (definition.kind.as_str(), value.as_str(), literal.as_str())
    {
        let (value, literal) = (folded(value, case_exact), folded(literal, case_exact));
        match operator {
            "co" => return value.contains(&literal),
            "sw" => return value.starts_with(&literal),
            "ew" => return value.ends_with(&literal),
            _ => return by_order(value.cmp(&literal), operator),
        }
    }
    let order = match definition.kind.as_str() {
        "boolean" => value.as_bool().zip(boolean(literal)).map(|(value, literal)| value.cmp(&literal)),
        "decimal" | "integer" => match (value, literal) {
            (Value::Number(value), Value::Number(literal)) => numbers(value, literal),
            _ => None,
        },
        "dateTime" => {
            let (value, literal) = (value.as_str().and_then(instant), literal.as_str().and_then(instant));
            value.zip(literal).map(|(value, literal)| value.cmp(&literal))
        }
        _ => None,
    };
    order.map_or(operator == "ne", |order| by_order(order, operator))
}

fn by_order(order: Ordering, operator: &str) -> bool {
    match operator {
        "eq" => order.is_eq(),
        "ne" => order.is_ne(),
        "gt" => order.is_gt(),
        "ge" => order.is_ge(),
        "lt" => order.is_lt(),
        "le" => order.is_le(),
        _ => false,
    }
}

/// Integers exactly, everything else as doubles.
fn numbers(left: &Number, right: &Number) -> Option<Ordering> {
    let text = |number: &Number| number.to_string();
    match (text(left).parse::<i128>(), text(right).parse::<i128>()) {
        (Ok(left), Ok(right)) => Some(left.cmp(&right)),
        _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}

/// Whether two values of an attribute are one and the same, by the `caseExact` of each part.
pub(super) fn same(definition: &Definition, left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::String(left), Value::String(right)) => {
            folded(left, definition.case_exact) == folded(right, definition.case_exact)
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(definition, left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            definition.subs.iter().all(|sub| match (left.get(&sub.name), right.get(&sub.name)) {
                (Some(left), Some(right)) => same(sub, left, right),
                (left, right) => left == right,
            })
        }
        (left, right) => left == right,
    }
}

/// Whether two elements of a multi-valued attribute are one value: `primary` marks a value and is no part of it.
pub(super) fn same_element(definition: &Definition, left: &Value, right: &Value) -> bool {
    let bare = |value: &Value| {
        let mut value = value.clone();
        if let Some(members) = value.as_object_mut() {
            members.remove("primary");
        }
        value
    };
    same(definition, &bare(left), &bare(right))
}
