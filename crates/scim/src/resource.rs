//! One resource in canonical form, and the rules by which a request body becomes one.

mod meta;
mod read;
mod replace;
pub(crate) mod value;

pub use meta::{Meta, render, render_with};
pub use read::Incoming;
pub use value::ValueError;

use crate::{Attribute, ResourceType};
use serde_json::{Map, Value};

/// A resource in canonical form.
///
/// Names are in the spelling of the schema and in its order; nothing is null, an empty array or an object without members
/// (RFC 7643 §2.5: unassigned is absent); every value has the type that its schema asks for; `schemas` lists the core
/// schema and exactly the extensions that have data. `id` is there once the server has given one. `meta` never is: it
/// belongs to the stored record, not to the attributes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resource(Map<String, Value>);

impl Resource {
    /// Reads back what [`to_json`](Self::to_json) wrote; the rules of the schema are not checked again.
    ///
    /// # Errors
    /// When the text is not a JSON object.
    pub fn from_canonical(document: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(document).map(Self)
    }

    /// The document as it is stored and, with [`render`]ed `meta`, sent: no spaces between tokens.
    pub fn to_json(&self) -> String {
        serde_json::to_string(&self.0).expect("a map of strings to JSON values serialises")
    }

    /// All attributes, `schemas` and `id` included.
    pub fn attributes(&self) -> &Map<String, Value> {
        &self.0
    }

    /// A document whose attributes are canonical one by one; [`sync_schemas`](Self::sync_schemas) does the rest.
    pub(crate) fn from_attributes(attributes: Map<String, Value>) -> Self {
        Self(attributes)
    }

    /// The attributes without the promise of canonical form.
    pub fn into_attributes(self) -> Map<String, Value> {
        self.0
    }

    /// A core or common attribute by its canonical name, or a whole extension by its URN.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Sets a core or common attribute; null, `[]` and `{}` unassign it. The name is canonical and the value of the
    /// attribute's type: what a client sends goes through [`ResourceType::read`] instead.
    ///
    /// A new attribute stands last until [`sync_schemas`](Self::sync_schemas) brings it into place.
    pub fn set(&mut self, name: &str, value: Value) {
        if is_unassigned(&value) {
            self.0.shift_remove(name);
        } else {
            self.0.insert(name.to_owned(), value);
        }
    }

    /// Unassigns a core or common attribute, or a whole extension, and returns what it was.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        self.0.shift_remove(name)
    }

    /// `id`, once the server has given one.
    pub fn id(&self) -> Option<&str> {
        self.0.get("id").and_then(Value::as_str)
    }

    /// Sets `id`, right after `schemas`.
    pub fn set_id(&mut self, id: &str) {
        self.0.shift_remove("id");
        let position = usize::from(self.0.contains_key("schemas"));
        self.0.shift_insert(position, "id".to_owned(), Value::from(id));
    }

    /// `externalId`, the client's own name for the resource (RFC 7643 §3.1).
    pub fn external_id(&self) -> Option<&str> {
        self.0.get("externalId").and_then(Value::as_str)
    }

    /// An attribute of an extension, both in canonical spelling.
    pub fn extension(&self, urn: &str, name: &str) -> Option<&Value> {
        self.0.get(urn)?.get(name)
    }

    /// Sets an attribute of an extension as [`set`](Self::set) does; the container comes and goes with its data.
    pub fn set_extension(&mut self, urn: &str, name: &str, value: Value) {
        let mut container = take_object(&mut self.0, urn);
        if is_unassigned(&value) {
            container.shift_remove(name);
        } else {
            container.insert(name.to_owned(), value);
        }
        put_object(&mut self.0, urn, container);
    }

    /// Restores what attributes set one by one may have disturbed: `schemas` lists the core schema and the extensions
    /// that have data (COM-04), and attributes stand in the order of the schemas.
    ///
    /// What `kind` does not know, because it was narrowed since the resource was stored, stays, at the end.
    pub fn sync_schemas(&mut self, kind: &ResourceType) {
        let mut rest = std::mem::take(&mut self.0);
        let mut urns = vec![Value::from(kind.schema.id.as_str())];
        let known = kind.extensions.iter().map(|(schema, _)| schema.id.as_str());
        urns.extend(known.filter(|urn| rest.contains_key(*urn)).map(Value::from));
        let strangers = rest.keys().filter(|key| key.starts_with("urn:") && kind.schema_by_urn(key).is_none());
        urns.extend(strangers.map(|urn| Value::from(urn.as_str())));
        rest.insert("schemas".to_owned(), Value::Array(urns));

        let mut ordered = Map::with_capacity(rest.len());
        let top_level = kind.top_level_attributes().map(|attribute| attribute.name.as_str());
        let containers = kind.extensions.iter().map(|(schema, _)| schema.id.as_str());
        for name in top_level.chain(containers) {
            ordered.extend(rest.shift_remove_entry(name));
        }
        ordered.extend(rest);
        for attribute in kind.top_level_attributes() {
            order_value(ordered.get_mut(&attribute.name), attribute);
        }
        for (schema, _) in &kind.extensions {
            if let Some(Value::Object(container)) = ordered.get_mut(&schema.id) {
                order_members(container, &schema.attributes);
            }
        }
        self.0 = ordered;
    }
}

/// Brings members into the order of their definitions, and those of complex values too.
fn order_members(members: &mut Map<String, Value>, definitions: &[Attribute]) {
    let position = |name: &String| definitions.iter().position(|known| known.name == *name).unwrap_or(usize::MAX);
    if !members.keys().is_sorted_by_key(position) {
        let mut sorted: Vec<(String, Value)> = std::mem::take(members).into_iter().collect();
        sorted.sort_by_key(|(name, _)| position(name));
        members.extend(sorted);
    }
    for attribute in definitions {
        order_value(members.get_mut(&attribute.name), attribute);
    }
}

fn order_value(value: Option<&mut Value>, attribute: &Attribute) {
    match value {
        Some(Value::Object(members)) => order_members(members, &attribute.sub_attributes),
        Some(Value::Array(elements)) => {
            for element in elements.iter_mut().filter_map(Value::as_object_mut) {
                order_members(element, &attribute.sub_attributes);
            }
        }
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => {}
    }
}

/// Whether a value is none: null, an empty array or an object without members (RFC 7643 §2.5, MOD-31, MOD-33).
fn is_unassigned(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(values) => values.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Takes an object out of its place; empty when nothing is there. [`put_object`] brings it back.
pub(crate) fn take_object(document: &mut Map<String, Value>, name: &str) -> Map<String, Value> {
    match document.get_mut(name).map(Value::take) {
        Some(Value::Object(members)) => members,
        Some(_) | None => Map::new(),
    }
}

/// Puts an object where [`take_object`] took it; an empty one is unassigned, and its name goes too.
pub(crate) fn put_object(document: &mut Map<String, Value>, name: &str, members: Map<String, Value>) {
    if members.is_empty() {
        document.shift_remove(name);
    } else {
        document.insert(name.to_owned(), Value::Object(members));
    }
}
