//! Values by which resources are found: what is unique, and what has an index. Which attributes these are is data of the
//! type, whoever defined it.

use crate::{
    AttrPath, Resource, ResourceType, Target, index_value,
    resource::value::Place,
    schema::{Attribute, Type, Uniqueness},
};
use serde_json::Value;

impl ResourceType {
    /// The values of a resource that no other resource of the type may have, in the order of the schemas: attribute in
    /// attribute notation, and value as [`fold`](crate::text::fold) leaves it for comparison (CHR-18, CHR-20). Those are the
    /// single-valued strings and references whose `uniqueness` is `server` or `global`; `id` is not among them.
    pub fn unique_values(&self, resource: &Resource) -> Vec<(String, String)> {
        let mut values = Vec::new();
        for target in self.unique_targets() {
            values.extend(entries(&target, resource));
        }
        values
    }

    /// The values of a resource in the attributes that have an index or are to have one, each once: attribute in attribute
    /// notation and value in the form in which [`Query::lookups`](crate::Query::lookups) looks for it. What is unique is left
    /// out, since its unique key finds it.
    pub fn index_values(&self, resource: &Resource) -> Vec<(String, String)> {
        let unique = self.unique_names();
        let mut values = Vec::new();
        for name in self.indexed.iter().chain(&self.building).filter(|name| !unique.contains(name)) {
            values.extend(self.values_of(name, resource));
        }
        keep_first(&mut values);
        values
    }

    /// The values of a resource in one attribute, given in attribute notation, as [`ResourceType::index_values`] has them; none
    /// when the type does not have it.
    pub fn values_of(&self, name: &str, resource: &Resource) -> Vec<(String, String)> {
        let path = AttrPath::parse(name).ok();
        let target = path.as_ref().and_then(|path| self.resolve(path).ok());
        let mut values = target.map(|target| entries(&target, resource)).unwrap_or_default();
        keep_first(&mut values);
        values
    }

    /// What [`ResourceType::unique_values`] looks at, in attribute notation.
    pub fn unique_names(&self) -> Vec<String> {
        self.unique_targets().iter().filter_map(Place::of).map(|place| place.to_string()).collect()
    }

    fn unique_targets(&self) -> Vec<Target<'_>> {
        let core = std::iter::once((None, &self.schema));
        let extensions = self.extensions.iter().map(|(schema, _)| (Some(schema), schema));
        let mut targets = Vec::new();
        for (extension, schema) in core.chain(extensions) {
            for attribute in schema.attributes.iter().filter(|attribute| !attribute.multi_valued) {
                if is_unique(attribute) {
                    targets.push(Target { extension, attribute: Some(attribute), sub: None });
                }
                for sub in attribute.sub_attributes.iter().filter(|sub| is_unique(sub) && !sub.multi_valued) {
                    targets.push(Target { extension, attribute: Some(attribute), sub: Some(sub) });
                }
            }
        }
        targets
    }
}

fn is_unique(attribute: &Attribute) -> bool {
    attribute.uniqueness != Uniqueness::None && matches!(attribute.kind, Type::String | Type::Reference)
}

/// The values to which a target leads in a resource as texts, with its name; none when it names a whole extension.
fn entries(target: &Target<'_>, resource: &Resource) -> Vec<(String, String)> {
    let Some((attribute, place)) = target.attribute.zip(Place::of(target)) else { return Vec::new() };
    let value = match target.extension {
        None => resource.get(&attribute.name),
        Some(schema) => resource.extension(&schema.id, &attribute.name),
    };
    let mut values = Vec::new();
    for value in value.into_iter().flat_map(each) {
        match target.sub {
            None => values.push(value),
            Some(sub) => values.extend(value.get(&sub.name).into_iter().flat_map(each)),
        }
    }
    let leaf = target.sub.unwrap_or(attribute);
    // As in queries: base64 means something else in another case, whatever a schema says.
    let case_exact = leaf.case_exact || leaf.kind == Type::Binary;
    let name = place.to_string();
    let texts = values.into_iter().filter_map(|value| index_value::of(value, leaf.kind, case_exact));
    texts.map(|text| (name.clone(), text.into_owned())).collect()
}

/// The elements of an array, or the one value.
fn each(value: &Value) -> impl Iterator<Item = &Value> {
    match value {
        Value::Array(values) => values.as_slice(),
        one => std::slice::from_ref(one),
    }
    .iter()
}

fn keep_first(values: &mut Vec<(String, String)>) {
    let mut seen = std::collections::HashSet::new();
    values.retain(|entry| seen.insert(entry.clone()));
}
