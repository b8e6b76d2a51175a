//! What a write names of the attributes that are returned on request only (RFC 7643 §7): its answer carries them.

use crate::{
    AttrPath, Attribute, PatchOp, PatchRequest, ResourceType, Returned, Schema, dialect, resource::value::Place,
};
use serde_json::{Map, Value};

/// Attributes and sub-attributes with `returned: request` that the body of a write names, each once; empty for a read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sent(pub(super) Vec<AttrPath>);

impl Sent {
    /// What the body of a POST or PUT names. A body that is refused names whatever can be made out.
    pub fn in_resource(kind: &ResourceType, body: &Value) -> Self {
        Self::collect(kind, |sent| {
            let (body, _) = dialect::normalise_resource(body.clone(), kind);
            if let Value::Object(members) = &body {
                sent.resource(members);
            }
        })
    }

    /// What the operations of a PATCH name, by a path or in a value. A body that is refused names nothing.
    pub fn in_patch(kind: &ResourceType, body: &Value) -> Self {
        Self::collect(kind, |sent| {
            let (body, _) = dialect::normalise_patch(body.clone(), kind);
            if let Ok(request) = PatchRequest::parse(body) {
                request.operations.iter().for_each(|operation| sent.operation(operation));
            }
        })
    }

    fn collect<'t>(kind: &'t ResourceType, read: impl FnOnce(&mut Collector<'t>)) -> Self {
        let mut sent = Collector { kind, names: Vec::new() };
        if kind.returns_on_request() {
            read(&mut sent);
        }
        Self(sent.names)
    }
}

struct Collector<'t> {
    kind: &'t ResourceType,
    names: Vec<AttrPath>,
}

impl<'t> Collector<'t> {
    fn resource(&mut self, members: &Map<String, Value>) {
        let kind = self.kind;
        for (name, value) in members {
            if let Some(attribute) = kind.top_level(name) {
                self.attribute(Place::core(&attribute.name), attribute, Some(value));
            } else if let Some(schema) = kind.schema_by_urn(name) {
                self.extension(schema, Some(value));
            }
        }
    }

    fn operation(&mut self, operation: &PatchOp) {
        let value = operation.value.as_ref();
        let Some(path) = &operation.path else {
            if let Some(Value::Object(members)) = value {
                self.resource(members);
            }
            return;
        };
        let Ok(target) = self.kind.resolve(&path.attribute) else { return };
        let Some((attribute, place)) = target.attribute.zip(Place::of(&target)) else {
            target.extension.into_iter().for_each(|schema| self.extension(schema, value));
            return;
        };
        let place = Place { sub: None, ..place };
        match target.sub.or_else(|| attribute.sub_attribute(path.sub.as_deref()?)) {
            None => self.attribute(place, attribute, value),
            Some(sub) => {
                self.attribute(place, attribute, None);
                self.name(place.with_sub(&sub.name), sub);
            }
        }
    }

    fn extension(&mut self, schema: &'t Schema, value: Option<&Value>) {
        for (name, value) in value.and_then(Value::as_object).into_iter().flatten() {
            if let Some(attribute) = schema.attribute(name) {
                let place = Place { urn: Some(&schema.id), ..Place::core(&attribute.name) };
                self.attribute(place, attribute, Some(value));
            }
        }
    }

    /// An attribute, and the sub-attributes in its value.
    fn attribute(&mut self, place: Place<'_>, attribute: &Attribute, value: Option<&Value>) {
        self.name(place, attribute);
        let elements = match value {
            Some(Value::Array(elements)) => elements.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        for name in elements.iter().filter_map(Value::as_object).flat_map(Map::keys) {
            if let Some(sub) = attribute.sub_attribute(name) {
                self.name(place.with_sub(&sub.name), sub);
            }
        }
    }

    fn name(&mut self, place: Place<'_>, attribute: &Attribute) {
        if attribute.returned != Returned::Request {
            return;
        }
        // Names of attributes and URNs of schemas were checked when the schema was defined.
        if let Ok(path) = AttrPath::parse(&place.to_string())
            && !self.names.contains(&path)
        {
            self.names.push(path);
        }
    }
}
