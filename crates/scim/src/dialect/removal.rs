//! `remove` with a value, which RFC 7644 does not define and Entra sends.

use super::{
    Repairs,
    paths::{named, operation_with, path_of},
};
use crate::{
    ResourceType, membership,
    path::PatchPath,
    schema::{Attribute, Type},
};
use serde_json::{Map, Value};

/// Most bytes of filters in one path: paths may have 4,096, and what stands before the bracket and after it needs some.
const FILTER_BYTES_MAX: usize = 3_500;
/// Most comparisons in one path; filters may have 200 with their connectives.
const COMPARISONS_MAX: usize = 90;

/// `{"op":"Remove","path":"members","value":[{"$ref":null,"value":"7"}]}` removes the values that it lists and never all
/// (PIT-07, PAT-51): one value filter for all of them, or for as many as a path has room for. An empty list removes nothing.
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
    // Whether a null list of members means nobody or everybody, nobody can say: the core refuses it.
    let is_null = value.is_null() && membership::key(attribute).is_none();
    if !attribute.multi_valued || path.filter.is_some() || is_null {
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
    let terms: Option<Vec<Vec<String>>> = listed.iter().map(|value| terms_for(attribute, target.sub, value)).collect();
    let Some(filters) = terms.map(joined) else { return vec![operation] };
    let paths: Vec<String> = filters.into_iter().map(|filter| format!("{holder}[{filter}]{tail}")).collect();
    // What no filter can name stays as it is, and the core refuses it.
    if !paths.iter().all(|path| PatchPath::parse(path).is_ok()) {
        return vec![operation];
    }
    repairs.add("remove-with-value", format!("`{holder}{tail}`: what the value lists goes, {} in all", listed.len()));
    let op = Value::from("remove");
    if paths.is_empty() {
        // Adding nobody is removing nobody, in standard form.
        let nothing = Some(Value::Array(Vec::new()));
        return vec![operation_with(&Value::from("add"), Some(path.to_string()), nothing)];
    }
    paths.into_iter().map(|path| operation_with(&op, Some(path), None)).collect()
}

/// As few filters as have room for all alternatives; the terms of one alternative belong together.
fn joined(alternatives: Vec<Vec<String>>) -> Vec<String> {
    let mut filters: Vec<String> = Vec::new();
    let mut comparisons = 0;
    for terms in alternatives {
        let alternative = terms.join(" and ");
        comparisons += terms.len();
        match filters.last_mut() {
            Some(filter) if filter.len() + alternative.len() <= FILTER_BYTES_MAX && comparisons <= COMPARISONS_MAX => {
                filter.push_str(" or ");
                filter.push_str(&alternative);
            }
            Some(_) | None => {
                comparisons = terms.len();
                filters.push(alternative);
            }
        }
    }
    filters
}

/// The comparisons that select one listed value: with its `value` where it has one, else with all that is given of it. A
/// member goes by its own name or not at all: by its `type`, all others would go with it.
fn terms_for(attribute: &Attribute, sub: Option<&Attribute>, listed: &Value) -> Option<Vec<String>> {
    let term = |name: &str, value: &Value| match value {
        Value::String(_) | Value::Bool(_) | Value::Number(_) => Some(format!("{name} eq {value}")),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    let members = match (listed, sub) {
        (Value::Object(members), _) => members,
        (simple, Some(sub)) => return Some(vec![term(&sub.name, simple)?]),
        (simple, None) => return Some(vec![term("value", simple)?]),
    };
    if membership::key(attribute).is_some() {
        return Some(vec![term("value", &Value::from(membership::id_in(members)?))?]);
    }
    if attribute.kind != Type::Complex {
        return None;
    }
    let given = members.iter().filter_map(|(name, value)| Some((attribute.sub_attribute(name)?, value)));
    let mut terms: Vec<(&str, String)> =
        given.filter_map(|(sub, value)| Some((sub.name.as_str(), term(&sub.name, value)?))).collect();
    if let Some(position) = terms.iter().position(|(name, _)| *name == "value") {
        terms = vec![terms.swap_remove(position)];
    }
    Some(terms.into_iter().map(|(_, term)| term).collect()).filter(|terms: &Vec<String>| !terms.is_empty())
}
