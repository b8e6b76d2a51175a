//! `attributes` and `excludedAttributes`: what of a resource an answer carries (RFC 7644 §3.9).

use crate::{
    error::{ScimError, ScimType},
    path::AttrPath,
    resource_type::{ResourceType, Target},
    schema::{Attribute, Returned, Schema},
};
use serde_json::{Map, Value};

/// Names in one parameter; more than any schema has, few enough to compare with each attribute.
const NAMES_MAX: usize = 200;

/// Which attributes an answer carries; the default is what the schema returns by default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Projection(Wanted);

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
        match (only.is_empty(), all_but.is_empty()) {
            (true, true) => Ok(Self(Wanted::Default)),
            (false, true) => Ok(Self(Wanted::Only(only))),
            (true, false) => Ok(Self(Wanted::AllBut(all_but))),
            (false, false) => Err(ScimError::bad_request(
                ScimType::InvalidValue,
                "`attributes` and `excludedAttributes` exclude each other: send one of them",
            )),
        }
    }

    /// Whether neither parameter named anything.
    pub fn is_default(&self) -> bool {
        self.0 == Wanted::Default
    }

    /// Leaves of a resource's attributes, `meta` included, what the answer carries, in the order given.
    ///
    /// Each attribute's `returned` decides together with the names: `always` stays and `never` goes whatever is named,
    /// `default` stays unless left out, `request` comes only when named. A sub-attribute's `always` holds where its
    /// attribute is returned. What is left empty, and what the resource type does not have, is left out.
    #[must_use]
    pub fn apply(&self, resource_type: &ResourceType, mut attributes: Map<String, Value>) -> Map<String, Value> {
        let names = match &self.0 {
            Wanted::Default => Names { kind: Kind::Default, targets: Vec::new() },
            Wanted::Only(paths) => Names { kind: Kind::Only, targets: targets(resource_type, paths) },
            Wanted::AllBut(paths) => Names { kind: Kind::AllBut, targets: targets(resource_type, paths) },
        };
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
        if !self.returns(attribute, named) {
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
        for target in self.targets_in(extension) {
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

    fn targets_in(&self, extension: Option<&Schema>) -> impl Iterator<Item = &Target<'_>> {
        let id = extension.map(|schema| &schema.id);
        self.targets.iter().filter(move |target| target.extension.map(|schema| &schema.id) == id)
    }

    fn returns(&self, attribute: &Attribute, named: Named) -> bool {
        match (attribute.returned, self.kind) {
            (Returned::Never, _) => false,
            (Returned::Always, _) => true,
            (Returned::Default, Kind::Default) => true,
            (Returned::Default, Kind::AllBut) => named != Named::Whole,
            (Returned::Request, Kind::Default | Kind::AllBut) => false,
            (Returned::Default | Returned::Request, Kind::Only) => named != Named::No,
        }
    }

    fn returns_sub(&self, extension: Option<&Schema>, attribute: &Attribute, parent: Named, sub: &Attribute) -> bool {
        let named = self.targets_in(extension).any(|target| {
            target.attribute.is_some_and(|found| found.name == attribute.name)
                && target.sub.is_some_and(|found| found.name == sub.name)
        });
        match (sub.returned, self.kind) {
            (Returned::Never, _) => false,
            (Returned::Always, _) => true,
            (Returned::Default, Kind::Default) => true,
            (Returned::Default, Kind::AllBut) => !named,
            // An attribute that is there without being named is there because it is always returned, and then whole.
            (Returned::Default, Kind::Only) => named || parent != Named::Part,
            (Returned::Request, Kind::Only) => named,
            (Returned::Request, Kind::Default | Kind::AllBut) => false,
        }
    }
}
