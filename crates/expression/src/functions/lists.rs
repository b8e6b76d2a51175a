//! Multi-valued attributes.

use crate::{
    evaluate::{Args, Stop},
    signature::{Gives, Parameter, ResultType, Signature, Takes},
    value::Value,
};
use std::collections::HashSet;

const MANY: Gives = Gives::Always(ResultType::MultiValued);
const ATTRIBUTE: Parameter = Parameter::required("attribute", Takes::Values);

pub(super) const TABLE: &[Signature] = &[
    Signature::new(
        "Count",
        &[Parameter::required("attribute", Takes::Presence)],
        Gives::Always(ResultType::Integer),
        "How many values there are; 0 for null.",
        count,
    ),
    Signature::new(
        "Item",
        &[ATTRIBUTE, Parameter::required("index", Takes::Integer(1, i64::MAX))],
        Gives::Always(ResultType::Text),
        "One of the values by its number from 1; null when there is no such value.",
        item,
    ),
    Signature::new(
        "Split",
        &[Parameter::required("source", Takes::Text), Parameter::required("delimiter", Takes::SomeText)],
        MANY,
        "The parts of a text between the delimiters, without white space at their ends.",
        split,
    ),
    Signature::new(
        "RemoveDuplicates",
        &[ATTRIBUTE],
        MANY,
        "Each value once, in the order of their first appearance.",
        |args| {
            let mut seen = HashSet::new();
            let values = args.values(0)?;
            Ok(Value::Many(values.into_iter().filter(|value| seen.insert(value.clone())).collect()))
        },
    ),
];

fn count(args: &mut Args<'_, '_, '_>) -> Result<Value, Stop> {
    let count = match args.value(0)? {
        Value::Null => 0,
        Value::Many(values) => values.len(),
        Value::Roles(roles) => roles.roles.len(),
        Value::Text(_) | Value::Boolean(_) | Value::Integer(_) | Value::DateTime(_) | Value::Role(_) => 1,
    };
    Ok(Value::Integer(i64::try_from(count).unwrap_or(i64::MAX)))
}

fn item(args: &mut Args<'_, '_, '_>) -> Result<Value, Stop> {
    let values = args.values(0)?;
    let index = args.integer(1)?.and_then(|index| usize::try_from(index).ok()).unwrap_or(usize::MAX);
    Ok(values.into_iter().nth(index - 1).map_or(Value::Null, Value::Text))
}

fn split(args: &mut Args<'_, '_, '_>) -> Result<Value, Stop> {
    let source = args.text_or_empty(0)?;
    let delimiter = args.text_or_empty(1)?;
    if source.is_empty() {
        return Ok(Value::Many(Vec::new()));
    }
    if delimiter.is_empty() {
        return Ok(Value::Many(vec![source]));
    }
    Ok(Value::Many(source.split(&delimiter).map(|part| part.trim().to_owned()).collect()))
}
