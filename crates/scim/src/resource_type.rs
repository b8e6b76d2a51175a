//! Resource types: an endpoint, its schema and extensions, and how a path finds an attribute in them.

use crate::{
    path::AttrPath,
    schema::{Attribute, Returned, Schema, SchemaError},
};
use std::sync::LazyLock;

/// A resource type (RFC 7643 §6) with its schemas resolved.
///
/// Cheap to share, not to build: a server keeps one per account policy.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceType {
    /// `User`, `Group`; also `meta.resourceType`.
    pub name: String,
    /// `/Users`, `/Groups`.
    pub endpoint: String,
    /// What it is, for people.
    pub description: String,
    /// The core schema.
    pub schema: Schema,
    /// Extensions, each with whether a resource must carry it.
    pub extensions: Vec<(Schema, bool)>,
    /// Attributes that have an index, in attribute notation of this type (`emails.value`). For membership (`members.value`,
    /// `groups.value`) the edges are the index: no document has it.
    pub indexed: Vec<String>,
    /// Attributes whose index is being built: resources are entered into it when they are written, but no query may use it yet.
    pub building: Vec<String>,
}

/// What a path means in one resource type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target<'t> {
    /// The extension that defines the attribute; `None` for core and common attributes.
    pub extension: Option<&'t Schema>,
    /// The attribute; `None` when the path names a whole extension.
    pub attribute: Option<&'t Attribute>,
    /// The sub-attribute after the dot.
    pub sub: Option<&'t Attribute>,
}

/// A path that names nothing in a resource type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an attribute of this resource type")]
pub struct UnknownAttribute(pub String);

/// `schemas`, `id`, `externalId` and `meta`: of every resource, part of no schema document (RFC 7643 §3.1).
static COMMON: LazyLock<Schema> = LazyLock::new(|| {
    Schema::load(include_str!("../schemas/common.json")).expect("the common attributes are a schema document")
});

impl ResourceType {
    /// The User of RFC 7643 §4.1 with the enterprise extension.
    ///
    /// # Errors
    /// When a schema document in this crate is broken.
    pub fn user() -> Result<Self, SchemaError> {
        Ok(Self {
            name: "User".to_owned(),
            endpoint: "/Users".to_owned(),
            description: "User Account".to_owned(),
            schema: Schema::load(include_str!("../schemas/User.json"))?,
            extensions: vec![(Schema::load(include_str!("../schemas/EnterpriseUser.json"))?, false)],
            indexed: ["userName", "externalId", "emails.value", "groups.value"].map(str::to_owned).to_vec(),
            building: Vec::new(),
        })
    }

    /// The Group of RFC 7643 §4.2; `displayName` is required (GRP-02).
    ///
    /// # Errors
    /// When the schema document in this crate is broken.
    pub fn group() -> Result<Self, SchemaError> {
        Ok(Self {
            name: "Group".to_owned(),
            endpoint: "/Groups".to_owned(),
            description: "Group".to_owned(),
            schema: Schema::load(include_str!("../schemas/Group.json"))?,
            extensions: Vec::new(),
            indexed: ["displayName", "externalId", "members.value"].map(str::to_owned).to_vec(),
            building: Vec::new(),
        })
    }

    /// This type with only the attributes that `supported` names; a name without sub-attribute keeps all of them.
    ///
    /// An extension of which nothing is left is dropped. Names that mean nothing here are ignored, so that one list can
    /// serve several types.
    #[must_use]
    pub fn narrowed(&self, supported: &[AttrPath]) -> Self {
        let targets: Vec<Target<'_>> = supported.iter().filter_map(|path| self.resolve(path).ok()).collect();
        let narrow = |schema: &Schema, extension: Option<&Schema>| {
            let whole = targets.iter().any(|target| {
                target.attribute.is_none() && target.extension.map(|schema| &schema.id) == Some(&schema.id)
            });
            let mut kept = schema.clone();
            if whole {
                return kept;
            }
            kept.attributes.retain_mut(|attribute| {
                let named = targets.iter().filter(|target| {
                    target.extension.map(|found| &found.id) == extension.map(|schema| &schema.id)
                        && target.attribute.is_some_and(|found| found.name == attribute.name)
                });
                let subs: Vec<Option<&Attribute>> = named.map(|target| target.sub).collect();
                if !subs.is_empty() && !subs.contains(&None) {
                    attribute.sub_attributes.retain(|sub| subs.iter().flatten().any(|kept| kept.name == sub.name));
                }
                !subs.is_empty()
            });
            kept
        };
        Self {
            schema: narrow(&self.schema, None),
            extensions: self
                .extensions
                .iter()
                .map(|(schema, required)| (narrow(schema, Some(schema)), *required))
                .filter(|(schema, _)| !schema.attributes.is_empty())
                .collect(),
            ..self.clone()
        }
    }

    /// Finds what a path names: core and common attributes by name or by the core schema's URN, extension attributes by
    /// their URN (RFC 7644 §3.10), all in any case. A bare extension URN names the whole extension.
    ///
    /// # Errors
    /// When nothing has that name.
    pub fn resolve(&self, path: &AttrPath) -> Result<Target<'_>, UnknownAttribute> {
        let unknown = || UnknownAttribute(path.to_string());
        let AttrPath::Urn(text) = path else {
            let AttrPath::Plain { name, sub } = path else { return Err(unknown()) };
            return self.core(name, sub.as_deref()).ok_or_else(unknown);
        };
        if let Some(rest) = strip_urn(text, &self.schema.id) {
            let (name, sub) = split(rest).ok_or_else(unknown)?;
            return self.core(name, sub).ok_or_else(unknown);
        }
        // The longest URN wins: one extension's URN may begin with another's.
        let (schema, rest) = self
            .extensions
            .iter()
            .filter_map(|(schema, _)| Some((schema, strip_urn(text, &schema.id)?)))
            .max_by_key(|(schema, _)| schema.id.len())
            .ok_or_else(unknown)?;
        if rest.is_empty() {
            return Ok(Target { extension: Some(schema), attribute: None, sub: None });
        }
        let (name, sub) = split(rest).ok_or_else(unknown)?;
        let target = find(schema, name, sub).ok_or_else(unknown)?;
        Ok(Target { extension: Some(schema), ..target })
    }

    /// Whether a representation carries all that a resource holds: nothing is returned never or only on request.
    pub fn shows_all(&self) -> bool {
        let shown = |attribute: &Attribute| match attribute.returned {
            Returned::Always | Returned::Default => true,
            Returned::Never | Returned::Request => false,
        };
        self.attributes().all(shown)
    }

    /// Whether an attribute or sub-attribute is returned on request only.
    pub fn returns_on_request(&self) -> bool {
        self.attributes().any(|attribute| attribute.returned == Returned::Request)
    }

    /// Attributes and sub-attributes of its schemas.
    fn attributes(&self) -> impl Iterator<Item = &Attribute> {
        let schemas = std::iter::once(&self.schema).chain(self.extensions.iter().map(|(schema, _)| schema));
        let attributes = schemas.flat_map(|schema| &schema.attributes);
        attributes.flat_map(|attribute| std::iter::once(attribute).chain(&attribute.sub_attributes))
    }

    /// The schema of this type with that URI, core or extension, in any case.
    pub fn schema_by_urn(&self, urn: &str) -> Option<&Schema> {
        std::iter::once(&self.schema)
            .chain(self.extensions.iter().map(|(schema, _)| schema))
            .find(|schema| schema.id.eq_ignore_ascii_case(urn))
    }

    /// The common attribute or core attribute of this name, in any case.
    pub fn top_level(&self, name: &str) -> Option<&Attribute> {
        COMMON.attribute(name).or_else(|| self.schema.attribute(name))
    }

    /// Common and core attributes in the order in which a representation shows them.
    pub fn top_level_attributes(&self) -> impl Iterator<Item = &Attribute> {
        COMMON.attributes.iter().chain(&self.schema.attributes)
    }

    fn core(&self, name: &str, sub: Option<&str>) -> Option<Target<'_>> {
        find(&COMMON, name, sub).or_else(|| find(&self.schema, name, sub))
    }
}

fn find<'t>(schema: &'t Schema, name: &str, sub: Option<&str>) -> Option<Target<'t>> {
    let attribute = schema.attribute(name)?;
    let sub = match sub {
        Some(sub) => Some(attribute.sub_attribute(sub)?),
        None => None,
    };
    Some(Target { extension: None, attribute: Some(attribute), sub })
}

/// What follows a URN and its colon; empty when the text is the URN itself.
fn strip_urn<'a>(text: &'a str, urn: &str) -> Option<&'a str> {
    let head = text.get(..urn.len()).filter(|head| head.eq_ignore_ascii_case(urn))?;
    match &text[head.len()..] {
        "" => Some(""),
        rest => rest.strip_prefix(':'),
    }
}

fn split(rest: &str) -> Option<(&str, Option<&str>)> {
    match rest.split_once('.') {
        _ if rest.is_empty() => None,
        Some((name, sub)) => Some((name, Some(sub))),
        None => Some((rest, None)),
    }
}
