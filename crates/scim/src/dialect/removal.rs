//! `remove` with a value, which RFC 7644 does not define and Entra sends.

use super::{
    Repairs,
    paths::{named, operation_with, path_of},
};
use crate::{
    ResourceType,
    path::PatchPath,
    schema::{Attribute, Type},
};
use serde_json::{Map, Value};

/// `{"op":"Remove","path":"members","value":[{"$ref":null,"value":"7"}]}` removes the values that it lists and never all
/// (PIT-07, PAT-51): one operation for each, with a value filter. An empty list removes nothing.
///
/// `{"op":"Remove","path":"emails[type eq \"work\"].value","value":"a@example.org"}` names its target by the path alone.
pub(super) fn by_value(
    mut operation: Map<String, Value>,
    kind: &ResourceType,
    repairs: &mut Repairs,
) -> Vec<Map<String, Value>> {
    let is_remove = operation.get("op").and_then(Value::as_str) == Some("remove");
    let (true, Some(path), Some(value)) = (is_remove, path_of(&operation), operation.get("value")) else {
        return vec![operation];
    };
    let Ok(target) = kind.resolve(&path.attribute) else { return vec![operation] };
    let Some(attribute) = target.attribute else { return vec![operation] };
    if !attribute.multi_valued || path.filter.is_some() || value.is_null() {
        operation.shift_remove("value");
        repairs.add(
            "remove-with-value",
            format!("`{}`: the path says what goes, not the value", named(&path.to_string())),
        );
        return vec![operation];
    }
    let listed = match value {
        Value::Array(values) => values.as_slice(),
        one => std::slice::from_ref(one),
    };
    let holder = path.attribute.to_string();
    let (holder, tail) = match target.sub {
        // `emails.value` holds its filter before the dot.
        Some(sub) => (holder[..holder.len() - sub.name.len() - 1].to_owned(), format!(".{}", sub.name)),
        None => (holder, String::new()),
    };
    let filters = listed.iter().map(|value| filter_for(attribute, target.sub, value));
    let paths: Option<Vec<String>> = filters.map(|filter| Some(format!("{holder}[{}]{tail}", filter?))).collect();
    // What no filter can name stays as it is, and the core refuses it.
    let Some(paths) = paths.filter(|paths| paths.iter().all(|path| PatchPath::parse(path).is_ok())) else {
        return vec![operation];
    };
    repairs.add("remove-with-value", format!("`{holder}{tail}`: what the value lists goes, {} in all", paths.len()));
    let op = Value::from("remove");
    paths.into_iter().map(|path| operation_with(&op, Some(path), None)).collect()
}

/// The filter that selects one listed value: by its `value` where it has one, else by all that is given of it.
fn filter_for(attribute: &Attribute, sub: Option<&Attribute>, listed: &Value) -> Option<String> {
    let term = |name: &str, value: &Value| match value {
        Value::String(_) | Value::Bool(_) | Value::Number(_) => Some(format!("{name} eq {value}")),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    let members = match (listed, sub) {
        (Value::Object(members), _) => members,
        (simple, Some(sub)) => return term(&sub.name, simple),
        (simple, None) => return term("value", simple),
    };
    if attribute.kind != Type::Complex {
        return None;
    }
    let given = members.iter().filter_map(|(name, value)| Some((attribute.sub_attribute(name)?, value)));
    let terms: Vec<(&str, String)> =
        given.filter_map(|(sub, value)| Some((sub.name.as_str(), term(&sub.name, value)?))).collect();
    if let Some((_, term)) = terms.iter().find(|(name, _)| *name == "value") {
        return Some(term.clone());
    }
    let terms: Vec<String> = terms.into_iter().map(|(_, term)| term).collect();
    Some(terms.join(" and ")).filter(|filter| !filter.is_empty())
}
