//! Reading a schema document that an administrator sends: every member is known, of the right type and of bounded size.

use super::{rules, shown};
use crate::{
    resource::value::kind_of,
    schema::{Attribute, Mutability, Returned, Schema, SchemaError, Type},
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Most top-level attributes: many times a User, few enough to look through for each name of a body.
const ATTRIBUTES_MAX: usize = 200;
/// Most sub-attributes of one attribute.
const SUB_ATTRIBUTES_MAX: usize = 50;
/// Most characters of a schema's or an attribute's name.
const NAME_CHARS_MAX: usize = 64;
/// Most characters of a description.
const DESCRIPTION_CHARS_MAX: usize = 1_000;
/// Most canonical values of one attribute, and most reference types.
const LISTED_MAX: usize = 200;
/// Most characters of a canonical value or a reference type.
const LISTED_CHARS_MAX: usize = 256;
/// Most characters of a word such as `readOnly`.
const WORD_CHARS_MAX: usize = 64;

impl Schema {
    /// Reads a schema document in the form of RFC 7643 §7 that an administrator sends, and holds it to the rules of that RFC.
    ///
    /// Names of members ignore case and null counts as absent; `schemas` and `meta` are accepted and ignored, any other
    /// unknown member is refused, since it is more likely a typing error than something to leave out. What is absent has the
    /// default of RFC 7643 §2.2, except that `returned` of a writeOnly attribute is `never` and that references and binary
    /// values respect case.
    ///
    /// At most 200 attributes with 50 sub-attributes each, names of 64 characters, descriptions of 1,000, and 200 canonical
    /// values.
    ///
    /// # Errors
    /// [`SchemaError::Rule`] with the attribute and the rule that it breaks.
    pub fn from_value(document: Value) -> Result<Self, SchemaError> {
        let mut urn = "?".to_owned();
        read_schema(document, &mut urn).map_err(|rule| SchemaError::Rule { schema: urn, rule })
    }
}

fn read_schema(document: Value, urn: &mut String) -> Result<Schema, String> {
    let mut members = Members::of(document)?;
    let id = members.text("id", rules::URN_CHARS_MAX)?.ok_or("needs an `id`")?;
    rules::check_urn(&id)?;
    urn.clone_from(&id);
    let name = members.text("name", NAME_CHARS_MAX)?.unwrap_or_default();
    let description = members.text("description", DESCRIPTION_CHARS_MAX)?.unwrap_or_default();
    let attributes = members.list("attributes", ATTRIBUTES_MAX)?;
    members.take("schemas");
    members.take("meta");
    members.finish()?;
    if attributes.is_empty() {
        return Err("needs `attributes`".to_owned());
    }
    let attributes = attributes.into_iter().map(|value| read_attribute(value, None)).collect::<Result<_, _>>()?;
    let schema = Schema { id, name, description, attributes };
    rules::check_attributes(&schema.attributes, None)?;
    Ok(schema)
}

/// Reads one attribute, or a sub-attribute of `parent`; messages name it.
fn read_attribute(value: Value, parent: Option<&str>) -> Result<Attribute, String> {
    let owner =
        parent.map_or_else(|| "an attribute".to_owned(), |parent| format!("a sub-attribute of {}", shown(parent)));
    let mut members = Members::of(value).map_err(|rule| format!("{owner} {rule}"))?;
    let name = members.text("name", NAME_CHARS_MAX).map_err(|rule| format!("{owner} {rule}"))?;
    let name = name.ok_or_else(|| format!("{owner} needs a `name`"))?;
    let path = parent.map_or_else(|| name.clone(), |parent| format!("{parent}.{name}"));
    let mut read = || {
        let kind: Type = members.word("type")?.unwrap_or_default();
        let mutability: Mutability = members.word("mutability")?.unwrap_or_default();
        let returned = members.word("returned")?.unwrap_or(match mutability {
            Mutability::WriteOnly => Returned::Never,
            Mutability::ReadOnly | Mutability::ReadWrite | Mutability::Immutable => Returned::Default,
        });
        let has_case = matches!(kind, Type::Reference | Type::Binary);
        let sub_attributes = members.list("subAttributes", SUB_ATTRIBUTES_MAX)?;
        let attribute = Attribute {
            name: name.clone(),
            kind,
            multi_valued: members.flag("multiValued")?.unwrap_or(false),
            description: members.text("description", DESCRIPTION_CHARS_MAX)?.unwrap_or_default(),
            required: members.flag("required")?.unwrap_or(false),
            canonical_values: members.texts("canonicalValues")?,
            case_exact: members.flag("caseExact")?.unwrap_or(has_case),
            mutability,
            returned,
            uniqueness: members.word("uniqueness")?.unwrap_or_default(),
            reference_types: members.texts("referenceTypes")?,
            sub_attributes: Vec::new(),
        };
        members.finish()?;
        if parent.is_some() && !sub_attributes.is_empty() {
            return Err("is a sub-attribute and may have no `subAttributes`".to_owned());
        }
        Ok((attribute, sub_attributes))
    };
    let (mut attribute, sub_attributes) = read().map_err(|rule| format!("attribute {} {rule}", shown(&path)))?;
    let subs = sub_attributes.into_iter().map(|value| read_attribute(value, Some(&name)));
    attribute.sub_attributes = subs.collect::<Result<_, _>>()?;
    Ok(attribute)
}

/// The members of a JSON object that are not read yet.
struct Members(Map<String, Value>);

impl Members {
    fn of(value: Value) -> Result<Self, String> {
        match value {
            Value::Object(members) => Ok(Self(members)),
            other => Err(format!("must be an object, not {}", kind_of(&other))),
        }
    }

    /// Takes a member out, whatever the case of its name; null is none.
    fn take(&mut self, name: &str) -> Option<Value> {
        let key = self.0.keys().find(|key| key.eq_ignore_ascii_case(name))?.clone();
        self.0.shift_remove(&key).filter(|value| !value.is_null())
    }

    fn text(&mut self, name: &str, chars_max: usize) -> Result<Option<String>, String> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => bounded(name, text, chars_max).map(Some),
            Some(other) => Err(format!("needs a string as `{name}`, not {}", kind_of(&other))),
        }
    }

    fn flag(&mut self, name: &str) -> Result<Option<bool>, String> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(other) => Err(format!("needs true or false as `{name}`, not {}", kind_of(&other))),
        }
    }

    /// One of the words that RFC 7643 §7 lists for the member.
    fn word<T: DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>, String> {
        let Some(word) = self.text(name, WORD_CHARS_MAX)? else { return Ok(None) };
        let known = serde_json::from_value(Value::String(word));
        known.map(Some).map_err(|error| format!("has a `{name}` that means nothing: {error}"))
    }

    fn list(&mut self, name: &str, count_max: usize) -> Result<Vec<Value>, String> {
        match self.take(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(values)) if values.len() <= count_max => Ok(values),
            Some(Value::Array(values)) => {
                Err(format!("has {} `{name}`, and may have at most {count_max}", values.len()))
            }
            Some(other) => Err(format!("needs an array as `{name}`, not {}", kind_of(&other))),
        }
    }

    fn texts(&mut self, name: &str) -> Result<Vec<String>, String> {
        let read = |value| match value {
            Value::String(text) if text.trim().is_empty() => Err(format!("has a blank entry in `{name}`")),
            Value::String(text) => bounded(name, text, LISTED_CHARS_MAX),
            other => Err(format!("needs strings in `{name}`, not {}", kind_of(&other))),
        };
        self.list(name, LISTED_MAX)?.into_iter().map(read).collect()
    }

    /// Nothing may be left.
    fn finish(&self) -> Result<(), String> {
        match self.0.keys().next() {
            None => Ok(()),
            Some(name) => Err(format!("has the member {}, which RFC 7643 §7 does not define", shown(name))),
        }
    }
}

fn bounded(name: &str, text: String, chars_max: usize) -> Result<String, String> {
    if text.len() > chars_max && text.chars().count() > chars_max {
        return Err(format!("has a `{name}` of more than {chars_max} characters"));
    }
    if text.chars().any(|char| char.is_control() && char != '\n') {
        return Err(format!("has a `{name}` with a control character"));
    }
    Ok(text)
}
