//! Resources of a type, in canonical form.

use super::{BASE64, TIMES, URIS, WORDS};
use crate::Choices;
use provost_scim::{Attribute, Mutability, Resource, ResourceType, Type};
use serde_json::{Map, Value, json};

/// A resource with values in about half of its attributes; nothing when the choices contradict each other.
pub fn resource(choices: &mut Choices<'_>, kind: &ResourceType) -> Option<Resource> {
    let mut body = members(choices, &kind.schema.attributes);
    body.insert("schemas".to_owned(), json!([kind.schema.id]));
    if choices.one_in(2) {
        body.insert("externalId".to_owned(), json!(choices.pick(&WORDS)));
    }
    for (schema, required) in &kind.extensions {
        if *required || choices.one_in(2) {
            body.insert(schema.id.clone(), Value::Object(members(choices, &schema.attributes)));
        }
    }
    let mut document = kind.read(Value::Object(body)).ok()?.resource.into_attributes();
    // Only the server sets these.
    fill_read_only(choices, &mut document, &kind.schema.attributes);
    for (schema, _) in &kind.extensions {
        if let Some(Value::Object(container)) = document.get_mut(&schema.id) {
            fill_read_only(choices, container, &schema.attributes);
        }
    }
    let mut resource = Resource::from_canonical(&Value::Object(document).to_string()).ok()?;
    resource.set_id("1");
    resource.sync_schemas(kind);
    Some(resource)
}

fn members(choices: &mut Choices<'_>, attributes: &[Attribute]) -> Map<String, Value> {
    let mut members = Map::new();
    for attribute in attributes.iter().filter(|attribute| attribute.mutability != Mutability::ReadOnly) {
        if attribute.required || choices.one_in(2) {
            members.insert(attribute.name.clone(), value(choices, attribute));
        }
    }
    members
}

fn fill_read_only(choices: &mut Choices<'_>, holder: &mut Map<String, Value>, attributes: &[Attribute]) {
    for attribute in attributes {
        if attribute.mutability == Mutability::ReadOnly && choices.one_in(2) {
            let made = match attribute.kind {
                Type::Complex => json!({ "value": of_type(choices, &attribute.sub_attributes[0]) }),
                _ => of_type(choices, attribute),
            };
            holder.insert(attribute.name.clone(), if attribute.multi_valued { json!([made]) } else { made });
        } else if attribute.mutability != Mutability::ReadOnly {
            let elements = match holder.get_mut(&attribute.name) {
                Some(Value::Array(elements)) => elements.as_mut_slice(),
                Some(one) => std::slice::from_mut(one),
                None => continue,
            };
            for element in elements.iter_mut().filter_map(Value::as_object_mut) {
                fill_read_only(choices, element, &attribute.sub_attributes);
            }
        }
    }
}

/// A value that fits the attribute, as a client sends it.
pub(super) fn value(choices: &mut Choices<'_>, attribute: &Attribute) -> Value {
    if !attribute.multi_valued {
        return element(choices, attribute);
    }
    let mut has_primary = false;
    let mut values = Vec::new();
    for _ in 0..1 + choices.below(3) {
        let mut value = element(choices, attribute);
        if value.get("primary") == Some(&Value::Bool(true)) {
            if has_primary {
                value["primary"] = Value::Bool(false);
            }
            has_primary = true;
        }
        values.push(value);
    }
    Value::Array(values)
}

/// One value of the attribute.
pub(super) fn element(choices: &mut Choices<'_>, attribute: &Attribute) -> Value {
    if attribute.kind == Type::Complex {
        return Value::Object(members(choices, &attribute.sub_attributes));
    }
    of_type(choices, attribute)
}

/// A simple value of the attribute's type.
pub(super) fn of_type(choices: &mut Choices<'_>, attribute: &Attribute) -> Value {
    match attribute.kind {
        Type::String if attribute.required => json!(choices.pick(&WORDS[..10])),
        Type::String | Type::Complex => json!(choices.pick(&WORDS)),
        Type::Boolean => json!(choices.one_in(2)),
        Type::Integer => json!(choices.pick(&[0, 1, -1, 2, 9_007_199_254_740_993, i64::MAX])),
        Type::Decimal => json!(choices.pick(&[0.5, -1.5, 2.25, 100.0])),
        Type::DateTime => json!(choices.pick(&TIMES)),
        Type::Binary => json!(choices.pick(&BASE64)),
        Type::Reference => json!(choices.pick(&URIS)),
    }
}
