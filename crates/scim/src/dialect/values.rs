//! Values in odd forms, found by what the schema says of their attribute.

use super::{
    Repairs,
    paths::{has_path, is_reference, path_of},
};
use crate::{
    ResourceType,
    resource::value::Place,
    schema::{Attribute, Type},
};
use serde_json::{Map, Value};

/// Repairs the value of an `add` or `replace`.
pub(super) fn in_operation(operation: &mut Map<String, Value>, kind: &ResourceType, repairs: &mut Repairs) {
    let clears = match operation.get("op").and_then(Value::as_str) {
        Some("replace") => true,
        Some("add") => false,
        Some(_) | None => return,
    };
    if !has_path(operation) {
        if let Some(Value::Object(members)) = operation.get_mut("value") {
            in_members(members, kind, clears, repairs);
        }
        return;
    }
    let Some(path) = path_of(operation) else { return };
    let (Some(value), Ok(target)) = (operation.get_mut("value"), kind.resolve(&path.attribute)) else { return };
    let Some((attribute, mut place)) = target.attribute.zip(Place::of(&target)) else {
        if let (Some(schema), Value::Object(members)) = (target.extension, value) {
            in_extension(&schema.id, &schema.attributes, members, clears, repairs);
        }
        return;
    };
    let sub = target.sub.or_else(|| attribute.sub_attribute(path.sub.as_deref()?));
    if let Some(sub) = sub {
        place = place.with_sub(&sub.name);
    }
    let one = path.filter.is_some() && sub.is_none();
    in_value(place, sub.unwrap_or(attribute), one, value, clears, repairs);
}

/// Repairs the members of a resource, or of a path-less value; `clears` says whether an empty text means "no value".
pub(super) fn in_members(members: &mut Map<String, Value>, kind: &ResourceType, clears: bool, repairs: &mut Repairs) {
    for (name, value) in members {
        if let Some(attribute) = kind.top_level(name) {
            in_value(Place::core(&attribute.name), attribute, false, value, clears, repairs);
        } else if let (Some(schema), Value::Object(container)) = (kind.schema_by_urn(name), value) {
            in_extension(&schema.id, &schema.attributes, container, clears, repairs);
        }
    }
}

fn in_extension(
    urn: &str,
    attributes: &[Attribute],
    container: &mut Map<String, Value>,
    clears: bool,
    repairs: &mut Repairs,
) {
    drop_own_schemas(urn, attributes, container, repairs);
    for (name, value) in container {
        if let Some(attribute) = attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name)) {
            let place = Place { urn: Some(urn), ..Place::core(&attribute.name) };
            in_value(place, attribute, false, value, clears, repairs);
        }
    }
}

/// `"urn:…:enterprise:2.0:User": {"schemas": ["urn:…:enterprise:2.0:User"], "department": "Retail"}`: libraries that model an
/// extension as a resource of its own (scim2-models) repeat its URN inside.
fn drop_own_schemas(urn: &str, attributes: &[Attribute], container: &mut Map<String, Value>, repairs: &mut Repairs) {
    let defined = attributes.iter().any(|attribute| attribute.name.eq_ignore_ascii_case("schemas"));
    let names_itself = |listed: &Value| match listed {
        Value::Array(urns) => urns.iter().all(|one| one.as_str().is_some_and(|one| one.eq_ignore_ascii_case(urn))),
        _ => false,
    };
    if !defined && container.get("schemas").is_some_and(names_itself) {
        container.shift_remove("schemas");
        repairs.add("extension-schemas", format!("`schemas` inside `{urn}` dropped"));
    }
}

/// Repairs the value of one attribute, or with `one` that of one element of it, and what is inside.
fn in_value(
    place: Place<'_>,
    attribute: &Attribute,
    one: bool,
    value: &mut Value,
    clears: bool,
    repairs: &mut Repairs,
) {
    if is_reference(attribute) {
        complete_reference(place, value, repairs);
    }
    read_boolean(place, attribute, value, repairs);
    let single = one || !attribute.multi_valued;
    if clears && single {
        clear_empty(place, attribute, value, repairs);
    }
    match value {
        Value::Object(members) => in_element(place, attribute, members, clears && single, repairs),
        Value::Array(elements) => {
            for element in elements {
                read_boolean(place, attribute, element, repairs);
                if let Value::Object(members) = element {
                    in_element(place, attribute, members, false, repairs);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn in_element(
    place: Place<'_>,
    attribute: &Attribute,
    members: &mut Map<String, Value>,
    clears: bool,
    repairs: &mut Repairs,
) {
    name_display(place, attribute, members, repairs);
    for (name, value) in members {
        let Some(sub) = attribute.sub_attribute(name) else { continue };
        let place = place.with_sub(&sub.name);
        read_boolean(place, sub, value, repairs);
        if clears {
            clear_empty(place, sub, value, repairs);
        }
    }
}

/// `{"roles":[{"displayName":"Admin","value":"admin"}]}`, as Entra's AppRoleAssignmentsComplex sends a POST: where an element has no
/// `displayName` but a `display` (RFC 7643 §2.4), that is meant.
fn name_display(place: Place<'_>, attribute: &Attribute, members: &mut Map<String, Value>, repairs: &mut Repairs) {
    let lacks = attribute.sub_attribute("display").is_some() && attribute.sub_attribute("displayName").is_none();
    let given = |wanted: &str| members.keys().find(|name| name.eq_ignore_ascii_case(wanted)).cloned();
    if let (true, Some(name), None) = (lacks, given("displayName"), given("display")) {
        let value = members.shift_remove(&name).unwrap_or_default();
        members.insert("display".to_owned(), value);
        repairs.add("display-name", format!("`{place}`: `displayName` of an element is its `display`"));
    }
}

/// `{"op":"Replace","path":"active","value":"False"}` and `{"roles":[{"primary":"True","value":"Admin"}]}` (PIT-02).
fn read_boolean(place: Place<'_>, attribute: &Attribute, value: &mut Value, repairs: &mut Repairs) {
    let Value::String(text) = value else { return };
    if attribute.kind != Type::Boolean {
        return;
    }
    for boolean in [true, false] {
        if text.eq_ignore_ascii_case(if boolean { "true" } else { "false" }) {
            repairs.add("boolean-text", format!("`{place}`: a string is the boolean {boolean}"));
            *value = Value::Bool(boolean);
            return;
        }
    }
}

/// `{"op":"replace","path":"nickName","value":""}`, which validators send to clear a value.
fn clear_empty(place: Place<'_>, attribute: &Attribute, value: &mut Value, repairs: &mut Repairs) {
    let is_text = matches!(attribute.kind, Type::String | Type::Reference) && !attribute.multi_valued;
    if is_text && !attribute.required && value.as_str() == Some("") {
        repairs.add("empty-text", format!("`{place}`: an empty string clears it"));
        *value = Value::Null;
    }
}

/// `manager` as `"7"`, as `[{"value":"7"}]`, and cleared as `""` or `{"value":""}` (PIT-06).
fn complete_reference(place: Place<'_>, value: &mut Value, repairs: &mut Repairs) {
    if let Value::Array(elements) = value
        && let [Value::Object(_) | Value::String(_)] = elements.as_slice()
    {
        repairs.add("reference-array", format!("`{place}`: an array of one is its element"));
        *value = elements.swap_remove(0);
    }
    if let Value::String(id) = value
        && !id.is_empty()
    {
        repairs.add("reference-text", format!("`{place}`: a string is its `value`"));
        *value = Value::Object([("value".to_owned(), Value::String(std::mem::take(id)))].into_iter().collect());
    }
    let is_empty = match value {
        Value::String(id) => id.is_empty(),
        Value::Object(members) => {
            members.iter().any(|(name, value)| name.eq_ignore_ascii_case("value") && value.as_str() == Some(""))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => false,
    };
    if is_empty {
        repairs.add("empty-reference", format!("`{place}`: an empty `value` clears it"));
        *value = Value::Null;
    }
}
