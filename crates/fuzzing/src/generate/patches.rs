//! Operations of PATCH requests, most of which are applied.

use super::{
    WORDS,
    filters::{filter_within, written},
    resources::{element, value},
};
use crate::Choices;
use provost_scim::{Attribute, ResourceType, Schema, Type};
use serde_json::{Map, Value, json};

/// Between one and three operations in standard form.
pub fn operations(choices: &mut Choices<'_>, kind: &ResourceType) -> Vec<Value> {
    (0..1 + choices.below(3)).map(|_| operation(choices, kind)).collect()
}

fn operation(choices: &mut Choices<'_>, kind: &ResourceType) -> Value {
    let op = *choices.pick(&["add", "replace", "remove"]);
    let schemas: Vec<&Schema> =
        std::iter::once(&kind.schema).chain(kind.extensions.iter().map(|(schema, _)| schema)).collect();
    let place = choices.below(schemas.len());
    let schema = schemas[place];
    let (path, given) = match choices.below(16) {
        14 => whole(choices, &schemas, place),
        15 => odd(choices),
        _ => target(choices, schema, place > 0),
    };
    let mut operation = Map::new();
    operation.insert("op".to_owned(), json!(op));
    operation.extend(path.map(|path| ("path".to_owned(), json!(path))));
    let carries = if op == "remove" { choices.one_in(24) } else { !choices.one_in(24) };
    if carries {
        operation.insert("value".to_owned(), given);
    }
    Value::Object(operation)
}

/// A path to something in a schema, and a value for it.
fn target(choices: &mut Choices<'_>, schema: &Schema, in_extension: bool) -> (Option<String>, Value) {
    let attribute = choices.pick(&schema.attributes);
    let name = written(choices, &attribute.name);
    let mut path = if in_extension || choices.one_in(8) { format!("{}:{name}", schema.id) } else { name };
    let mut leaf = attribute;
    let mut is_element = false;
    if attribute.multi_valued && choices.one_in(2) {
        path = format!("{path}[{}]", filter_within(choices, attribute));
        is_element = true;
    }
    if attribute.kind == Type::Complex && choices.one_in(2) {
        leaf = choices.pick(&attribute.sub_attributes);
        path = format!("{path}.{}", written(choices, &leaf.name));
        is_element = false;
    }
    let is_element = is_element || attribute.multi_valued && choices.one_in(3);
    (Some(path), given(choices, leaf, is_element))
}

/// A value for an attribute that mostly fits.
fn given(choices: &mut Choices<'_>, attribute: &Attribute, is_element: bool) -> Value {
    match choices.below(16) {
        12 => Value::Null,
        13 => (*choices.pick(&[&json!([]), &json!({}), &json!([null])])).clone(),
        14 => json!(choices.pick(&WORDS)),
        15 => json!({ "value": null, "note": "x", "nobody": 1 }),
        _ if is_element => element(choices, attribute),
        _ => value(choices, attribute),
    }
}

/// No path, or one to a whole extension.
fn whole(choices: &mut Choices<'_>, schemas: &[&Schema], place: usize) -> (Option<String>, Value) {
    let mut members = Map::new();
    for attribute in &schemas[place].attributes {
        if choices.one_in(3) {
            members.insert(written(choices, &attribute.name), given(choices, attribute, false));
        }
    }
    let urn = &schemas[place].id;
    match (place, choices.one_in(2)) {
        (0, _) => (None, Value::Object(members)),
        (_, true) => (None, json!({ urn: members })),
        (_, false) => (Some(urn.clone()), Value::Object(members)),
    }
}

fn odd(choices: &mut Choices<'_>) -> (Option<String>, Value) {
    let paths = [
        "schemas",
        "schemas[value eq \"urn:example:Site\"]",
        "schemas[value eq \"urn:example:Thing\"]",
        "nobody",
        "id",
        "meta.created",
        "externalId",
        "urn:example:Site[value pr]",
        "urn:example:Nowhere:alpha",
    ];
    let values = [
        json!(["urn:example:Thing"]),
        json!(["urn:EXAMPLE:thing", "urn:example:site"]),
        json!("a"),
        json!({}),
        json!(7),
    ];
    (Some((*choices.pick(&paths)).to_owned()), choices.pick(&values).clone())
}
