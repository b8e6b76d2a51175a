//! `attributes` and `excludedAttributes`: what of a resource an answer carries (RFC 7644 §3.9).

mod sent;

use crate::{
    error::{ScimError, ScimType},
    path::AttrPath,
    resource_type::{ResourceType, Target},
    schema::{Attribute, Returned, Schema},
};
pub use sent::Sent;
use serde_json::{Map, Value};

/// Names in one parameter; more than any schema has, few enough to compare with each attribute.
const NAMES_MAX: usize = 200;

/// Which attributes an answer carries; the default is what the schema returns by default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Projection {
    wanted: Wanted,
    sent: Sent,
}

#[derive(Clone, Debug, Default, PartialEq)]
enum Wanted {
    #[default]
    Default,
    /// `attributes`.
    Only(Vec<AttrPath>),
    /// `excludedAttributes`.
    AllBut(Vec<AttrPath>),
}

impl Projection {
    /// Reads the values of `attributes` and `excludedAttributes`: comma-separated names in attribute notation, with
    /// spaces and empty items tolerated. A value without any name counts as not given.
    ///
    /// # Errors
    /// 400 `invalidValue` when both are given (RFC 7644 §3.9 has one or the other), when a name is not in attribute
    /// notation, or beyond 200 names. A name that no schema has is no error, so that requests survive schema versions.
    pub fn parse(attributes: Option<&str>, excluded: Option<&str>) -> Result<Self, ScimError> {
        let only = names("attributes", attributes)?;
        let all_but = names("excludedAttributes", excluded)?;
        let wanted = match (only.is_empty(), all_but.is_empty()) {
            (true, true) => Wanted::Default,
            (false, true) => Wanted::Only(only),
            (true, false) => Wanted::AllBut(all_but),
            (false, false) => {
                return Err(ScimError::bad_request(
                    ScimType::InvalidValue,
                    "`attributes` and `excludedAttributes` exclude each other: send one of them",
                ));
            }
        };
        Ok(Self { wanted, sent: Sent::default() })
    }

    /// The projection of the answer to a write that names these (CHR-13). Where `attributes` names what the client wants, that
    /// alone counts.
    #[must_use]
    pub fn with_sent(self, sent: Sent) -> Self {
        Self { sent, ..self }
    }

    /// Whether neither parameter named anything.
    pub fn is_default(&self) -> bool {
        self.wanted == Wanted::Default
    }

    /// Leaves of a resource's attributes, `meta` included, what the answer carries, in the order given.
    ///
    /// Each attribute's `returned` decides together with the names: `always` stays and `never` goes whatever is named,
    /// `default` stays unless left out, `request` comes only when named, or when sent and not left out. A sub-attribute's
    /// `always` holds where its attribute is returned. What is left empty, and what the resource type does not have, is left
    /// out.
    #[must_use]
    pub fn apply(&self, resource_type: &ResourceType, mut attributes: Map<String, Value>) -> Map<String, Value> {
        let (kind, paths) = match &self.wanted {
            Wanted::Default => (Kind::Default, [].as_slice()),
            Wanted::Only(paths) => (Kind::Only, paths.as_slice()),
            Wanted::AllBut(paths) => (Kind::AllBut, paths.as_slice()),
        };
        let (named, sent) = (targets(resource_type, paths), targets(resource_type, &self.sent.0));
        let names = Names { kind, targets: named, sent };
        attributes.retain(|name, value| {
            if let Some(attribute) = resource_type.top_level(name) {
                return names.keeps(None, attribute, value);
            }
            let extension = resource_type.extensions.iter().find(|(schema, _)| schema.id == *name);
            let (Some((schema, _)), Value::Object(members)) = (extension, value) else { return false };
            members.retain(|name, value| {
                schema.attribute(name).is_some_and(|attribute| names.keeps(Some(schema), attribute, value))
            });
            !members.is_empty()
        });
        attributes
    }
}

fn names(parameter: &str, value: Option<&str>) -> Result<Vec<AttrPath>, ScimError> {
    let refuse = |detail: String| Err(ScimError::bad_request(ScimType::InvalidValue, detail));
    let mut paths = Vec::new();
    for name in value.unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty()) {
        if paths.len() == NAMES_MAX {
            return refuse(format!("`{parameter}` may have {NAMES_MAX} names"));
        }
        match AttrPath::parse(name) {
            Ok(path) => paths.push(path),
            Err(error) => return refuse(format!("`{parameter}` holds what is no attribute name: {error}")),
        }
    }
    Ok(paths)
}

fn targets<'t>(resource_type: &'t ResourceType, paths: &[AttrPath]) -> Vec<Target<'t>> {
    paths.iter().filter_map(|path| resource_type.resolve(path).ok()).collect()
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Default,
    Only,
    AllBut,
}

/// The names of a projection beside one resource type.
struct Names<'t> {
    kind: Kind,
    targets: Vec<Target<'t>>,
    /// What a write names of what is returned on request.
    sent: Vec<Target<'t>>,
}

/// How the names concern one attribute.
#[derive(Clone, Copy, PartialEq)]
enum Named {
    /// By its own name, or as part of its schema.
    Whole,
    /// Only some of its sub-attributes are.
    Part,
    No,
}

impl Names<'_> {
    /// Whether the answer carries the attribute; takes out of its value what the answer does not carry.
    fn keeps(&self, extension: Option<&Schema>, attribute: &Attribute, value: &mut Value) -> bool {
        let named = self.named(extension, attribute);
        if !self.returns(extension, attribute, named) {
            return false;
        }
        if attribute.sub_attributes.is_empty() {
            return true;
        }
        let keeps_part_of = |value: &mut Value| match value {
            Value::Object(members) => {
                members.retain(|name, _| {
                    let sub = attribute.sub_attribute(name);
                    sub.is_some_and(|sub| self.returns_sub(extension, attribute, named, sub))
                });
                !members.is_empty()
            }
            // A complex value is an object in a canonical resource.
            _ => false,
        };
        match value {
            Value::Array(elements) => {
                elements.retain_mut(keeps_part_of);
                !elements.is_empty()
            }
            value => keeps_part_of(value),
        }
    }

    fn named(&self, extension: Option<&Schema>, attribute: &Attribute) -> Named {
        let mut named = Named::No;
        for target in within(&self.targets, extension) {
            match target.attribute {
                None => named = Named::Whole,
                Some(found) if found.name != attribute.name => {}
                Some(_) if target.sub.is_none() => named = Named::Whole,
                Some(_) if named == Named::No => named = Named::Part,
                Some(_) => {}
            }
        }
        named
    }

    fn returns(&self, extension: Option<&Schema>, attribute: &Attribute, named: Named) -> bool {
        let sent = || {
            let mut sent = within(&self.sent, extension);
            sent.any(|target| {
                target.sub.is_none() && target.attribute.is_some_and(|found| found.name == attribute.name)
            })
        };
        match (attribute.returned, self.kind) {
            (Returned::Never, _) => false,
            (Returned::Always, _) => true,
            (Returned::Default, Kind::Default) => true,
            (Returned::Default, Kind::AllBut) => named != Named::Whole,
            (Returned::Request, Kind::Default) => sent(),
            (Returned::Request, Kind::AllBut) => named != Named::Whole && sent(),
            (Returned::Default | Returned::Request, Kind::Only) => named != Named::No,
        }
    }

    fn returns_sub(&self, extension: Option<&Schema>, attribute: &Attribute, parent: Named, sub: &Attribute) -> bool {
        let is_it = |target: &Target<'_>| {
            target.attribute.is_some_and(|found| found.name == attribute.name)
                && target.sub.is_some_and(|found| found.name == sub.name)
        };
        let named = within(&self.targets, extension).any(is_it);
        let sent = || within(&self.sent, extension).any(is_it);
        match (sub.returned, self.kind) {
            (Returned::Never, _) => false,
            (Returned::Always, _) => true,
            (Returned::Default, Kind::Default) => true,
            (Returned::Default, Kind::AllBut) => !named,
            // An attribute that is there without being named is there because it is always returned, and then whole.
            (Returned::Default, Kind::Only) => named || parent != Named::Part,
            (Returned::Request, Kind::Only) => named,
            (Returned::Request, Kind::Default) => sent(),
            (Returned::Request, Kind::AllBut) => !named && sent(),
        }
    }
}

/// Those of an extension, or those of none.
fn within<'n, 't>(targets: &'n [Target<'t>], extension: Option<&Schema>) -> impl Iterator<Item = &'n Target<'t>> {
    let id = extension.map(|schema| &schema.id);
    targets.iter().filter(move |target| target.extension.map(|schema| &schema.id) == id)
}
