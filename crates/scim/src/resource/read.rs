//! Reading the body of a POST or PUT.

use super::{
    Resource, is_unassigned, put_object,
    value::{self, Place, ValueError, kind_of},
};
use crate::{
    ResourceType, Schema,
    schema::{Attribute, Mutability},
};
use serde_json::{Map, Value};

/// What the body of a POST or PUT says.
#[derive(Clone, Debug, PartialEq)]
pub struct Incoming {
    /// The attributes in canonical form, without those that only the server sets.
    pub resource: Resource,
    /// Attributes and extensions that the resource type does not know, in attribute notation; not in `resource`. Whether
    /// they are refused or dropped is the account's policy (CRE-10).
    pub unknown: Vec<String>,
    /// URNs in `schemas` that the resource type does not know (COM-03).
    pub unknown_schemas: Vec<String>,
    /// Top-level attributes and extensions that the body unassigns outright, with null, `[]` or `{}` (CRE-05).
    pub cleared: Vec<String>,
}

impl ResourceType {
    /// Reads the body of a POST or PUT: names in any case, strict types, bounds on every value.
    ///
    /// # Errors
    /// When the body is not an object or `schemas` not an array of strings (`invalidSyntax`), an attribute is given twice
    /// in two spellings (`invalidSyntax`), a value does not fit its attribute, a required attribute is missing or blank, or
    /// `schemas` lacks the core schema (`invalidValue`).
    pub fn read(&self, body: Value) -> Result<Incoming, ValueError> {
        let Value::Object(members) = body else {
            return Err(ValueError::Syntax(format!("the body must be a JSON object, not {}", kind_of(&body))));
        };
        let attributes: Vec<&Attribute> = self.top_level_attributes().collect();
        let mut slots: Vec<Option<Value>> = attributes.iter().map(|_| None).collect();
        let mut containers: Vec<Option<Value>> = self.extensions.iter().map(|_| None).collect();
        let mut unknown = Vec::new();
        for (name, value) in members {
            let attribute = attributes.iter().position(|attribute| attribute.name.eq_ignore_ascii_case(&name));
            let container = || self.extensions.iter().position(|(schema, _)| schema.id.eq_ignore_ascii_case(&name));
            let slot = match attribute {
                Some(position) => &mut slots[position],
                None => match container() {
                    Some(position) => &mut containers[position],
                    None => {
                        unknown.push(name);
                        continue;
                    }
                },
            };
            if slot.replace(value).is_some() {
                return Err(value::twice(Place::core(&name)));
            }
        }
        let mut reader = Reader { resource: Map::new(), unknown, cleared: Vec::new() };
        let mut unknown_schemas = Vec::new();
        for (attribute, slot) in attributes.iter().zip(slots) {
            if attribute.name == "schemas" {
                unknown_schemas = self.read_schemas(slot)?;
            } else {
                reader.attribute(attribute, slot)?;
            }
        }
        for ((schema, required), slot) in self.extensions.iter().zip(containers) {
            reader.extension(schema, *required, slot)?;
        }
        let Reader { resource, unknown, cleared } = reader;
        let mut resource = Resource(resource);
        resource.sync_schemas(self);
        Ok(Incoming { resource, unknown, unknown_schemas, cleared })
    }

    /// Checks `schemas` and returns the URNs that are not of this type; which extensions have data is seen from the data
    /// (COM-03, COM-04).
    fn read_schemas(&self, schemas: Option<Value>) -> Result<Vec<String>, ValueError> {
        let Some(Value::Array(urns)) = schemas else {
            return Err(ValueError::Syntax("`schemas` must be an array of schema URIs".to_owned()));
        };
        let place = Place::core("schemas");
        value::check_count(place, urns.len())?;
        let mut has_core = false;
        let mut unknown = Vec::new();
        for urn in urns {
            let Value::String(urn) = urn else {
                return Err(ValueError::Syntax(format!("`schemas` must hold strings, not {}", kind_of(&urn))));
            };
            has_core |= urn.eq_ignore_ascii_case(&self.schema.id);
            if self.schema_by_urn(&urn).is_none() && !unknown.contains(&urn) {
                unknown.push(urn);
            }
        }
        if has_core {
            return Ok(unknown);
        }
        Err(ValueError::value(place, format!("must contain {}", self.schema.id)))
    }
}

/// Collects what the body says, attribute by attribute in schema order.
struct Reader {
    resource: Map<String, Value>,
    unknown: Vec<String>,
    cleared: Vec<String>,
}

impl Reader {
    fn attribute(&mut self, attribute: &Attribute, value: Option<Value>) -> Result<(), ValueError> {
        if attribute.mutability == Mutability::ReadOnly {
            return Ok(());
        }
        let place = Place::core(&attribute.name);
        if value.as_ref().is_some_and(is_unassigned) {
            self.cleared.push(attribute.name.clone());
        }
        if let Some(value) = read_or_missing(place, attribute, value, &mut self.unknown)? {
            self.resource.insert(attribute.name.clone(), value);
        }
        Ok(())
    }

    fn extension(&mut self, schema: &Schema, required: bool, value: Option<Value>) -> Result<(), ValueError> {
        let place = Place::core(&schema.id);
        let members = match value {
            None if required => return Err(ValueError::Missing(schema.id.clone())),
            None => return Ok(()),
            Some(Value::Null) => Map::new(),
            Some(Value::Object(members)) => members,
            Some(other) => return Err(ValueError::value(place, format!("must be an object, not {}", kind_of(&other)))),
        };
        if members.is_empty() {
            self.cleared.push(schema.id.clone());
        }
        let mut slots: Vec<Option<Value>> = schema.attributes.iter().map(|_| None).collect();
        for (name, value) in members {
            let place = Place { urn: Some(&schema.id), ..Place::core(&name) };
            match schema.attributes.iter().position(|attribute| attribute.name.eq_ignore_ascii_case(&name)) {
                None => self.unknown.push(place.to_string()),
                Some(position) if slots[position].is_none() => slots[position] = Some(value),
                Some(_) => return Err(value::twice(place)),
            }
        }
        let mut container = Map::new();
        for (attribute, slot) in schema.attributes.iter().zip(slots) {
            if attribute.mutability == Mutability::ReadOnly {
                continue;
            }
            let place = Place { urn: Some(&schema.id), ..Place::core(&attribute.name) };
            if let Some(value) = read_or_missing(place, attribute, slot, &mut self.unknown)? {
                container.insert(attribute.name.clone(), value);
            }
        }
        if required && container.is_empty() {
            return Err(ValueError::Missing(schema.id.clone()));
        }
        put_object(&mut self.resource, &schema.id, container);
        Ok(())
    }
}

fn read_or_missing(
    place: Place<'_>,
    attribute: &Attribute,
    value: Option<Value>,
    unknown: &mut Vec<String>,
) -> Result<Option<Value>, ValueError> {
    let read = value::read(place, attribute, value.unwrap_or(Value::Null), unknown)?;
    if read.is_none() && value::is_demanded(attribute) {
        return Err(ValueError::Missing(place.to_string()));
    }
    Ok(read)
}
