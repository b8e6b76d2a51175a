//! PUT (RFC 7644 §3.5.1): what a read body leaves of the stored resource.

use super::{
    Incoming, Resource, put_object, take_object,
    value::{Place, ValueError, same},
};
use crate::{
    ResourceType,
    schema::{Attribute, Mutability, Type},
};
use serde_json::{Map, Value};

impl ResourceType {
    /// What `current` becomes when it is replaced by what a PUT body says.
    ///
    /// readWrite attributes that the body omits are cleared, extensions included (PUT-03); writeOnly and immutable ones are
    /// kept unless the body sets them or clears them outright (CHR-08, CHR-09); readOnly ones and `id` are kept (PUT-05,
    /// PUT-09), and so is what this type does not know. Whether an omitted `active` is cleared is the caller's to say.
    ///
    /// # Errors
    /// When the body changes an immutable attribute that has a value (CHR-07).
    pub fn replace(&self, current: &Resource, incoming: &Incoming) -> Result<Resource, ValueError> {
        let mut document = current.attributes().clone();
        let given = incoming.resource.attributes();
        for attribute in self.top_level_attributes().filter(|attribute| attribute.name != "schemas") {
            let cleared = incoming.cleared.contains(&attribute.name);
            replace_attribute(Place::core(&attribute.name), attribute, &mut document, given, cleared)?;
        }
        for (schema, _) in &self.extensions {
            let mut container = take_object(&mut document, &schema.id);
            let empty = Map::new();
            let given = given.get(&schema.id).and_then(Value::as_object).unwrap_or(&empty);
            for attribute in &schema.attributes {
                let place = Place { urn: Some(&schema.id), ..Place::core(&attribute.name) };
                replace_attribute(place, attribute, &mut container, given, false)?;
            }
            put_object(&mut document, &schema.id, container);
        }
        let mut replaced = Resource(document);
        replaced.sync_schemas(self);
        Ok(replaced)
    }
}

fn replace_attribute(
    place: Place<'_>,
    attribute: &Attribute,
    document: &mut Map<String, Value>,
    given: &Map<String, Value>,
    cleared: bool,
) -> Result<(), ValueError> {
    let name = &attribute.name;
    match (attribute.mutability, given.get(name)) {
        (Mutability::ReadOnly, _) => {}
        (Mutability::WriteOnly, None) if !cleared => {}
        (Mutability::Immutable, value) => match (document.get(name), value) {
            (Some(_), None) if !cleared => {}
            (Some(current), Some(value)) if same(attribute, current, value) => {}
            (Some(_), _) => return Err(ValueError::Immutable(place.to_string())),
            (None, Some(value)) => _ = document.insert(name.clone(), value.clone()),
            (None, None) => {}
        },
        (Mutability::ReadWrite | Mutability::WriteOnly, None) => _ = document.shift_remove(name),
        (Mutability::ReadWrite | Mutability::WriteOnly, Some(Value::Object(members)))
            if attribute.kind == Type::Complex =>
        {
            let mut kept = take_object(document, name);
            for sub in &attribute.sub_attributes {
                replace_attribute(place.with_sub(&sub.name), sub, &mut kept, members, false)?;
            }
            put_object(document, name, kept);
        }
        (Mutability::ReadWrite | Mutability::WriteOnly, Some(value)) => {
            document.insert(name.clone(), value.clone());
        }
    }
    Ok(())
}
