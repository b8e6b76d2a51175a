//! Whether a value fits its attribute (RFC 7643 §2.3), and what it is then.

use super::{Refusal, schema::Definition, time::instant};
use serde_json::{Map, Value};

/// One value of an attribute; nothing when it is unassigned. ReadOnly and unknown sub-attributes are left out.
pub(super) fn one(definition: &Definition, value: &Value) -> Result<Option<Value>, Refusal> {
    match value {
        Value::Null => Ok(None),
        Value::Object(given) if definition.is_complex() => {
            let mut members = Map::new();
            for sub in &definition.subs {
                let Some(part) = part(given, sub)?.filter(|_| !sub.is_read_only()) else { continue };
                if let Some(value) = whole(sub, part)? {
                    members.insert(sub.name.clone(), value);
                }
            }
            if members.is_empty() {
                return Ok(None);
            }
            complete(definition, &members)?;
            Ok(Some(Value::Object(members)))
        }
        simple if is_simple(definition, simple) => Ok(Some(simple.clone())),
        _ => Err(Refusal::InvalidValue),
    }
}

/// The member for a sub-attribute, in any case; two are one too many.
pub(super) fn part<'v>(given: &'v Map<String, Value>, sub: &Definition) -> Result<Option<&'v Value>, Refusal> {
    let mut found = given.iter().filter(|(name, _)| name.to_lowercase() == sub.name.to_lowercase());
    match (found.next(), found.next()) {
        (_, Some(_)) => Err(Refusal::InvalidSyntax),
        (first, None) => Ok(first.map(|(_, value)| value)),
    }
}

/// Required sub-attributes of a complex value that is assigned.
pub(super) fn complete(definition: &Definition, members: &Map<String, Value>) -> Result<(), Refusal> {
    let is_missing = |sub: &Definition| sub.required && !sub.is_read_only() && !members.contains_key(&sub.name);
    if definition.subs.iter().any(is_missing) { Err(Refusal::InvalidValue) } else { Ok(()) }
}

/// All values of a sub-attribute within an element that is given whole.
fn whole(definition: &Definition, value: &Value) -> Result<Option<Value>, Refusal> {
    if !definition.multi_valued || value.is_null() {
        return one(definition, value);
    }
    let Value::Array(values) = value else { return Err(Refusal::InvalidValue) };
    let mut distinct: Vec<Value> = Vec::new();
    for value in values {
        if let Some(value) = one(definition, value)?
            && !distinct.iter().any(|other| super::compare::same(definition, other, &value))
        {
            distinct.push(value);
        }
    }
    Ok(Some(distinct).filter(|values| !values.is_empty()).map(Value::Array))
}

fn is_simple(definition: &Definition, value: &Value) -> bool {
    let has_control = |text: &str| text.bytes().any(|byte| byte.is_ascii_control());
    match (definition.kind.as_str(), value) {
        ("string", Value::String(text)) => !(has_control(text) || definition.required && text.trim().is_empty()),
        ("reference", Value::String(text)) => !(has_control(text) || text.contains(char::is_whitespace)),
        ("dateTime", Value::String(text)) => instant(text).is_some(),
        ("binary", Value::String(text)) => {
            let data = text.trim_end_matches('=');
            let digits = data.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/');
            let padding = text.len() - data.len();
            digits && data.len() % 4 != 1 && (padding == 0 || padding <= 2 && text.len() % 4 == 0)
        }
        ("boolean", Value::Bool(_)) | ("decimal", Value::Number(_)) => true,
        ("integer", Value::Number(number)) => !number.is_f64(),
        _ => false,
    }
}
