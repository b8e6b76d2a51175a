//! Paths in odd places and odd forms.

use super::Repairs;
use crate::{
    ResourceType,
    path::{AttrPath, PatchPath},
    schema::{Attribute, Type},
};
use serde_json::{Map, Value};

/// `{"op":"replace","path":"","value":{"displayName":"X"}}` (PAT-30).
pub(super) fn drop_empty(operation: &mut Map<String, Value>, repairs: &mut Repairs) {
    if operation.get("path").and_then(Value::as_str) == Some("") {
        operation.shift_remove("path");
        repairs.add("empty-path", "an empty path is none");
    }
}

/// Keys that are paths: `{"op":"replace","value":{"displayName":"X","name.givenName":"Y",
/// "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber":"Z","emails[type eq \"work\"].value":"W"}}`,
/// as Entra sends with its `aadOptscim062020` flag (PIT-03). Each becomes an operation with that path, in its order.
pub(super) fn split_by_key(
    mut operation: Map<String, Value>,
    kind: &ResourceType,
    repairs: &mut Repairs,
) -> Vec<Map<String, Value>> {
    let members = operation.get("value").and_then(Value::as_object).filter(|_| !has_path(&operation));
    if !members.is_some_and(|members| members.keys().any(|key| is_path(key, kind))) {
        return vec![operation];
    }
    let op = operation.get("op").cloned().unwrap_or(Value::Null);
    let Some(Value::Object(members)) = operation.shift_remove("value") else { return vec![operation] };
    let mut split = Vec::new();
    let mut plain = Map::new();
    for (key, value) in members {
        if !is_path(&key, kind) {
            plain.insert(key, value);
            continue;
        }
        repairs.add("path-in-key", format!("`{}` is a path", named(&key)));
        if !plain.is_empty() {
            split.push(operation_with(&op, None, Some(Value::Object(std::mem::take(&mut plain)))));
        }
        split.push(operation_with(&op, Some(key), Some(value)));
    }
    if !plain.is_empty() {
        split.push(operation_with(&op, None, Some(Value::Object(plain))));
    }
    split
}

/// A new operation, without what else the old one may have carried.
pub(super) fn operation_with(op: &Value, path: Option<String>, value: Option<Value>) -> Map<String, Value> {
    let mut operation = Map::new();
    operation.insert("op".to_owned(), op.clone());
    operation.extend(path.map(|path| ("path".to_owned(), Value::String(path))));
    operation.extend(value.map(|value| ("value".to_owned(), value)));
    operation
}

/// Whether an operation names its target; null is no path.
pub(super) fn has_path(operation: &Map<String, Value>) -> bool {
    operation.get("path").is_some_and(|path| !path.is_null())
}

/// Whether a key is more than the name of an attribute or the URN of an extension.
fn is_path(key: &str, kind: &ResourceType) -> bool {
    if kind.top_level(key).is_some() || kind.schema_by_urn(key).is_some() {
        return false;
    }
    let Ok(path) = PatchPath::parse(key) else { return false };
    match (&path.attribute, &path.filter) {
        (_, Some(_)) | (AttrPath::Plain { sub: Some(_), .. }, None) => true,
        (AttrPath::Urn(_), None) => kind.resolve(&path.attribute).is_ok(),
        (AttrPath::Plain { sub: None, .. }, None) => qualified(&path.attribute, kind).is_some(),
    }
}

/// A path without what stands in its brackets, which may be a person's data.
pub(super) fn named(path: &str) -> String {
    match (path.find('['), path.rfind(']')) {
        (Some(open), Some(close)) if open < close => format!("{}[…]{}", &path[..open], &path[close + 1..]),
        (_, _) => path.to_owned(),
    }
}

/// `{"op":"Add","path":"manager","value":[{"$ref":"http://…/Users/7","value":"7"}]}`: a reference of an extension, named as if
/// it were a core attribute.
pub(super) fn qualify(operation: &mut Map<String, Value>, kind: &ResourceType, repairs: &mut Repairs) {
    let Some(mut path) = path_of(operation) else { return };
    let Some(full) = qualified(&path.attribute, kind) else { return };
    repairs.add("extension-path", format!("`{}` is `{full}`", path.attribute));
    path.attribute = AttrPath::Urn(full);
    operation.insert("path".to_owned(), Value::String(path.to_string()));
}

fn qualified(path: &AttrPath, kind: &ResourceType) -> Option<String> {
    let AttrPath::Plain { name, sub } = path else { return None };
    if kind.top_level(name).is_some() {
        return None;
    }
    let mut holders = kind.extensions.iter().filter(|(schema, _)| schema.attribute(name).is_some_and(is_reference));
    let (Some((schema, _)), None) = (holders.next(), holders.next()) else { return None };
    Some(match sub {
        Some(sub) => format!("{}:{name}.{sub}", schema.id),
        None => format!("{}:{name}", schema.id),
    })
}

/// A single-valued attribute that points to something by its `value`, as `manager` does.
pub(super) fn is_reference(attribute: &Attribute) -> bool {
    attribute.kind == Type::Complex && !attribute.multi_valued && attribute.sub_attribute("value").is_some()
}

/// `{"op":"remove","path":"manager[value eq \"7\"]"}`: a value filter on a reference that is single-valued.
pub(super) fn drop_reference_filter(operation: &mut Map<String, Value>, kind: &ResourceType, repairs: &mut Repairs) {
    if operation.get("op").and_then(Value::as_str) != Some("remove") {
        return;
    }
    let Some(mut path) = path_of(operation).filter(|path| path.filter.is_some() && path.sub.is_none()) else { return };
    let Ok(target) = kind.resolve(&path.attribute) else { return };
    if target.sub.is_none() && target.attribute.is_some_and(is_reference) {
        path.filter = None;
        repairs.add("reference-filter", format!("`{}` has one value and needs no filter", path.attribute));
        operation.insert("path".to_owned(), Value::String(path.to_string()));
    }
}

/// The operation's path, if it has a well-formed one.
pub(super) fn path_of(operation: &Map<String, Value>) -> Option<PatchPath> {
    PatchPath::parse(operation.get("path")?.as_str()?).ok()
}
