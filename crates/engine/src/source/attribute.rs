//! A name of a source attribute, understood: Entra's or a SCIM path.

use super::{SourceObject, aliases, computed::Computed};
use crate::{Objects, TargetPath};
use provost_expression::{AttributeType, Attributes, ResultType, Value, nearest};
use provost_scim::{Attribute, PatchPath, ResourceType, Returned, Target, Type};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

/// The account's resource types, whose attributes mappings read.
#[derive(Clone, Copy, Debug)]
pub struct SourceSchemas<'a> {
    /// Users.
    pub users: &'a ResourceType,
    /// Groups.
    pub groups: &'a ResourceType,
}

/// What a source attribute holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceType {
    /// A text.
    Text,
    /// True or false.
    Boolean,
    /// A whole number.
    Integer,
    /// A point in time, as text.
    DateTime,
    /// Several texts.
    Many,
    /// The id of another object.
    Reference,
    /// The members of a group.
    References,
    /// App roles.
    AppRoles,
}

/// A source attribute, by whatever name.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceAttribute {
    /// What it holds.
    pub kind: SourceType,
    /// Whether scoping filters may ask it.
    pub is_filterable: bool,
    from: From,
}

#[derive(Clone, Debug, PartialEq)]
enum From {
    Computed(Computed),
    Path(SourcePath),
}

/// Where a value stands in a resource; names as the schemas spell them.
#[derive(Clone, Debug, PartialEq)]
struct SourcePath {
    extension: Option<String>,
    name: String,
    filter: Vec<(String, Json)>,
    sub: Option<String>,
    /// Whether all elements are meant, and not the first.
    all: bool,
}

/// The attributes of one kind of object, for checking.
#[derive(Clone, Copy, Debug)]
pub struct SourceNames<'a> {
    of: Objects,
    kind: &'a ResourceType,
}

impl<'a> SourceSchemas<'a> {
    /// The names that mappings of such objects may use.
    pub fn names(self, of: Objects) -> SourceNames<'a> {
        let kind = match of {
            Objects::Users => self.users,
            Objects::Groups => self.groups,
        };
        SourceNames { of, kind }
    }
}

impl SourceNames<'_> {
    /// Understands a name: Entra's, in exactly its spelling, or a SCIM path in any case.
    ///
    /// # Errors
    /// Why there is no such attribute, as a sentence, with the name that may have been meant.
    pub fn find(&self, name: &str) -> Result<SourceAttribute, String> {
        if let Some(alias) = aliases(self.of).iter().find(|alias| alias.name == name) {
            let from = match (alias.computed, &alias.path) {
                (Some(computed), _) => From::Computed(computed),
                (None, Some(path)) => match self.path(path) {
                    Ok((path, _)) => From::Path(path),
                    // The account's schema has no such attribute, so no object has a value.
                    Err(_) => From::Path(SourcePath::of_nothing()),
                },
                (None, None) => From::Path(SourcePath::of_nothing()),
            };
            let is_filterable = alias.filterable && alias.kind != SourceType::Many;
            return Ok(SourceAttribute { kind: alias.kind, is_filterable, from });
        }
        let (path, kind) = self.path(name)?;
        let is_plain = !matches!(kind, SourceType::Many | SourceType::DateTime | SourceType::Reference);
        let from = if path.name == "id" && path.extension.is_none() {
            From::Computed(Computed::ObjectId)
        } else {
            From::Path(path)
        };
        Ok(SourceAttribute { kind, is_filterable: is_plain, from })
    }

    fn path(&self, text: &str) -> Result<(SourcePath, SourceType), String> {
        let unknown = || {
            let names = self.names();
            let meant = nearest(text, names.into_iter());
            let hint = meant.map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
            format!("the source has no attribute `{}`{hint}", cut(text))
        };
        let parsed = PatchPath::parse(text).map_err(|_| unknown())?;
        let Target { extension, attribute, sub } = self.kind.resolve(&parsed.attribute).map_err(|_| unknown())?;
        let attribute =
            attribute.ok_or_else(|| format!("`{}` is a whole schema; name an attribute of it", cut(text)))?;
        let behind = match (&parsed.sub, sub) {
            (Some(name), None) => Some(sub_attribute(attribute, name).ok_or_else(unknown)?),
            (Some(_), Some(_)) => return Err(unknown()),
            (None, sub) => sub.or_else(|| sub_attribute(attribute, "value")),
        };
        let read = behind.unwrap_or(attribute);
        if attribute.returned == Returned::Never || read.returned == Returned::Never {
            return Err(format!("`{}` is never shown, so it cannot be sent", cut(text)));
        }
        if matches!(read.kind, Type::Complex) {
            return Err(format!("`{}` has sub-attributes; name one of them", cut(text)));
        }
        if extension.is_none() && matches!(attribute.name.as_str(), "groups" | "members" | "meta" | "schemas") {
            return Err(format!("`{}` cannot be mapped", cut(text)));
        }
        let filter = match parsed.filter {
            Some(_) => TargetPath::parse(text)?.filter,
            None => Vec::new(),
        };
        if !filter.is_empty() && !attribute.multi_valued {
            return Err(format!("`{}` has one value, so it takes no value filter", cut(text)));
        }
        let all = attribute.multi_valued && filter.is_empty();
        let kind = if all { SourceType::Many } else { type_of(attribute, read) };
        let filter = canonical(attribute, filter).ok_or_else(unknown)?;
        let (extension, sub) = (extension.map(|schema| schema.id.clone()), behind.map(|sub| sub.name.clone()));
        Ok((SourcePath { extension, name: attribute.name.clone(), filter, sub, all }, kind))
    }
}

/// Longest name that a sentence repeats, in characters.
const SHOWN_MAX: usize = 100;

fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn sub_attribute<'a>(attribute: &'a Attribute, name: &str) -> Option<&'a Attribute> {
    attribute.sub_attributes.iter().find(|sub| sub.name.eq_ignore_ascii_case(name))
}

fn canonical(attribute: &Attribute, filter: Vec<(String, Json)>) -> Option<Vec<(String, Json)>> {
    let terms = filter.into_iter();
    terms.map(|(name, value)| sub_attribute(attribute, &name).map(|sub| (sub.name.clone(), value))).collect()
}

/// A complex attribute whose value is the id of a user or group is a reference; so is a manager.
fn type_of(attribute: &Attribute, read: &Attribute) -> SourceType {
    let leads_to = sub_attribute(attribute, "$ref")
        .is_some_and(|sub| sub.reference_types.iter().any(|kind| matches!(kind.as_str(), "User" | "Group")));
    match read.kind {
        Type::Boolean => SourceType::Boolean,
        Type::Integer => SourceType::Integer,
        Type::DateTime => SourceType::DateTime,
        Type::String if leads_to && read.name == "value" => SourceType::Reference,
        Type::String | Type::Decimal | Type::Reference | Type::Binary | Type::Complex => SourceType::Text,
    }
}

impl Attributes for SourceNames<'_> {
    fn attribute(&self, name: &str) -> Option<AttributeType> {
        let kind = match self.find(name).ok()?.kind {
            SourceType::Text | SourceType::DateTime | SourceType::Reference => ResultType::Text,
            SourceType::Boolean => ResultType::Boolean,
            SourceType::Integer => ResultType::Integer,
            SourceType::Many => ResultType::MultiValued,
            SourceType::AppRoles => return Some(AttributeType::AppRoleAssignments),
            SourceType::References => return None,
        };
        Some(AttributeType::Of(kind))
    }

    fn names(&self) -> Vec<&str> {
        let aliases = aliases(self.of).iter();
        let aliases = aliases.filter(|alias| alias.kind != SourceType::References).map(|alias| alias.name.as_str());
        let attributes = self.kind.top_level_attributes().map(|attribute| attribute.name.as_str());
        aliases.chain(attributes.filter(|name| self.path(name).is_ok())).collect()
    }
}

impl SourceAttribute {
    pub(super) fn value(&self, object: &SourceObject, is_soft_deleted: bool) -> Value {
        match &self.from {
            From::Computed(computed) => computed.value(object, is_soft_deleted),
            From::Path(path) => path.value(&object.resource),
        }
    }

    /// Whether its value leads to another object.
    pub fn is_reference(&self) -> bool {
        matches!(self.kind, SourceType::Reference | SourceType::References)
    }
}

impl SourcePath {
    /// Where no object has a value.
    fn of_nothing() -> Self {
        Self { extension: None, name: String::new(), filter: Vec::new(), sub: None, all: false }
    }

    fn value(&self, resource: &Map<String, Json>) -> Value {
        let holder = match &self.extension {
            Some(urn) => resource.get(urn).and_then(Json::as_object),
            None => Some(resource),
        };
        let Some(attribute) = holder.and_then(|holder| holder.get(&self.name)) else { return Value::Null };
        let Json::Array(elements) = attribute else {
            return self.within(attribute).and_then(Value::from_json).unwrap_or(Value::Null);
        };
        let mut found = elements.iter().filter(|element| self.is_meant(element)).filter_map(|one| self.within(one));
        if !self.all {
            return found.next().and_then(Value::from_json).unwrap_or(Value::Null);
        }
        let texts = found.filter_map(Value::from_json).filter_map(|value| value.text());
        Value::Many(texts.collect())
    }

    fn within<'j>(&self, value: &'j Json) -> Option<&'j Json> {
        match &self.sub {
            Some(sub) => value.get(sub),
            None => Some(value),
        }
    }

    fn is_meant(&self, element: &Json) -> bool {
        self.filter.iter().all(|(name, wanted)| element.get(name).is_some_and(|value| is_same(value, wanted)))
    }
}

/// Equal, texts but for case.
pub(crate) fn is_same(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::String(one), Json::String(other)) => one.to_lowercase() == other.to_lowercase(),
        _ => one == other,
    }
}
