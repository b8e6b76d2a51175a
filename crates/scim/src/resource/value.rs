//! One value against one attribute: type, bounds, canonical form (RFC 7643 §2.3, §2.4).

mod same;
mod simple;

use crate::{
    ScimError, ScimType, Target, membership,
    schema::{Attribute, Mutability, Type},
};
use same::Same;
use serde_json::{Map, Value};
use std::{collections::HashMap, fmt};

pub(crate) use same::same;

/// Most values that one multi-valued attribute holds: enough for people, few enough to search without an index.
pub(crate) const VALUES_MAX: usize = 1_000;

/// An attribute in attribute notation (RFC 7644 §3.10), for messages and policies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// The extension's URN; `None` for core and common attributes.
    pub urn: Option<&'a str>,
    /// The attribute's name.
    pub attribute: &'a str,
    /// The sub-attribute's name.
    pub sub: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// A core or common attribute.
    pub fn core(attribute: &'a str) -> Self {
        Self { urn: None, attribute, sub: None }
    }

    /// The attribute and sub-attribute that a path names; `None` when it names a whole extension.
    pub fn of(target: &Target<'a>) -> Option<Self> {
        let attribute = target.attribute?;
        Some(Self {
            urn: target.extension.map(|schema| schema.id.as_str()),
            attribute: &attribute.name,
            sub: target.sub.map(|sub| sub.name.as_str()),
        })
    }

    /// A sub-attribute of this attribute.
    pub fn with_sub(self, sub: &'a str) -> Self {
        Self { sub: Some(sub), ..self }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(urn) = self.urn {
            write!(out, "{urn}:")?;
        }
        out.write_str(self.attribute)?;
        match self.sub {
            Some(sub) => write!(out, ".{sub}"),
            None => Ok(()),
        }
    }
}

/// Why a body or a value does not fit its resource type. Attributes are in attribute notation; values are never quoted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// The body is not built like a resource (`invalidSyntax`).
    #[error("{0}")]
    Syntax(String),
    /// A value has the wrong type, form or size (`invalidValue`).
    #[error("`{attribute}` {problem}")]
    Value {
        /// The attribute.
        attribute: String,
        /// What is expected, and what was found.
        problem: String,
    },
    /// A required attribute has no value (`invalidValue`).
    #[error("`{0}` is required")]
    Missing(String),
    /// An immutable attribute has a value already, and this is not it (`mutability`).
    #[error("`{0}` is immutable and has a value already")]
    Immutable(String),
}

impl ValueError {
    pub(crate) fn value(place: Place<'_>, problem: impl Into<String>) -> Self {
        Self::Value { attribute: place.to_string(), problem: problem.into() }
    }

    /// The keyword of RFC 7644 Table 9.
    pub fn scim_type(&self) -> ScimType {
        match self {
            Self::Syntax(_) => ScimType::InvalidSyntax,
            Self::Value { .. } | Self::Missing(_) => ScimType::InvalidValue,
            Self::Immutable(_) => ScimType::Mutability,
        }
    }
}

impl From<ValueError> for ScimError {
    fn from(error: ValueError) -> Self {
        Self::bad_request(error.scim_type(), error.to_string())
    }
}

/// Reads the value of an attribute or sub-attribute into canonical form; `None` when it is unassigned (MOD-31, MOD-33).
///
/// Sub-attributes that the schema does not know go to `unknown`, in attribute notation, and readOnly ones are left out
/// silently (CHR-01).
pub(crate) fn read(
    place: Place<'_>,
    attribute: &Attribute,
    value: Value,
    unknown: &mut Vec<String>,
) -> Result<Option<Value>, ValueError> {
    match value {
        Value::Null => Ok(None),
        Value::Array(values) if attribute.multi_valued => {
            let mut values = read_values(place, attribute, values, unknown)?;
            keep_distinct(attribute, &mut values);
            Ok(Some(values).filter(|values| !values.is_empty()).map(Value::Array))
        }
        other if attribute.multi_valued => {
            Err(ValueError::value(place, format!("is multi-valued and must be an array, not {}", kind_of(&other))))
        }
        other => read_one(place, attribute, other, unknown),
    }
}

/// Reads the values of a multi-valued attribute, each by itself; at most one may be primary (MOD-27, MOD-28).
pub(crate) fn read_values(
    place: Place<'_>,
    attribute: &Attribute,
    values: Vec<Value>,
    unknown: &mut Vec<String>,
) -> Result<Vec<Value>, ValueError> {
    let key = membership::key(attribute);
    // Members are kept apart from the document: how many there may be is for the body's bounds to say.
    if key.is_none() {
        check_count(place, values.len())?;
    }
    let mut read = Vec::with_capacity(values.len());
    for value in values {
        match (read_one(place, attribute, value, unknown)?, key) {
            (Some(value), _) => read.push(value),
            // A list of nobody is one thing, a list of somebody without a name another.
            (None, Some(key)) => return Err(ValueError::Missing(place.with_sub(&key.name).to_string())),
            (None, None) => {}
        }
    }
    if read.iter().filter(|value| is_primary(value)).nth(1).is_some() {
        return Err(ValueError::value(place, "has more than one primary value"));
    }
    Ok(read)
}

/// The bound on the number of values.
pub(crate) fn check_count(place: Place<'_>, count: usize) -> Result<(), ValueError> {
    if count > VALUES_MAX {
        return Err(ValueError::value(place, format!("has more than {VALUES_MAX} values")));
    }
    Ok(())
}

/// Reads one value: of a single-valued attribute, or one element of a multi-valued one.
pub(crate) fn read_one(
    place: Place<'_>,
    attribute: &Attribute,
    value: Value,
    unknown: &mut Vec<String>,
) -> Result<Option<Value>, ValueError> {
    match value {
        Value::Null => Ok(None),
        Value::Object(members) if attribute.kind == Type::Complex => {
            read_complex(place, attribute, members, unknown).map(|members| members.map(Value::Object))
        }
        other => simple::read(place, attribute, other).map(Some),
    }
}

fn read_complex(
    place: Place<'_>,
    attribute: &Attribute,
    members: Map<String, Value>,
    unknown: &mut Vec<String>,
) -> Result<Option<Map<String, Value>>, ValueError> {
    let mut slots = sort_members(place, attribute, members, unknown)?;
    let mut read_members = Map::new();
    for (sub, slot) in attribute.sub_attributes.iter().zip(&mut slots) {
        let Some(value) = slot.take().filter(|_| sub.mutability != Mutability::ReadOnly) else { continue };
        if let Some(value) = read(place.with_sub(&sub.name), sub, value, unknown)? {
            read_members.insert(sub.name.clone(), value);
        }
    }
    if read_members.is_empty() {
        return Ok(None);
    }
    check_required(place, attribute, &read_members)?;
    Ok(Some(read_members))
}

/// Required sub-attributes of a complex value that is assigned (CHR-16).
pub(crate) fn check_required(
    place: Place<'_>,
    attribute: &Attribute,
    members: &Map<String, Value>,
) -> Result<(), ValueError> {
    let mut required = attribute.sub_attributes.iter().filter(|sub| is_demanded(sub));
    match required.find(|sub| !members.contains_key(&sub.name)) {
        Some(missing) => Err(ValueError::Missing(place.with_sub(&missing.name).to_string())),
        None => Ok(()),
    }
}

/// Whether a client must give the attribute: required ones, except those that only the server sets (CHR-17).
pub(crate) fn is_demanded(attribute: &Attribute) -> bool {
    attribute.required && attribute.mutability != Mutability::ReadOnly
}

/// Sorts the members of a complex value by sub-attribute, one slot each; names match in any case (MOD-01).
pub(crate) fn sort_members(
    place: Place<'_>,
    attribute: &Attribute,
    members: Map<String, Value>,
    unknown: &mut Vec<String>,
) -> Result<Vec<Option<Value>>, ValueError> {
    let mut slots: Vec<Option<Value>> = attribute.sub_attributes.iter().map(|_| None).collect();
    for (name, value) in members {
        let known = attribute.sub_attributes.iter().position(|sub| sub.name.eq_ignore_ascii_case(&name));
        match known {
            None if membership::is_left_out(attribute, &name) => {}
            None => unknown.push(place.with_sub(&name).to_string()),
            Some(position) if slots[position].is_none() => slots[position] = Some(value),
            Some(_) => return Err(twice(place.with_sub(&name))),
        }
    }
    Ok(slots)
}

/// One attribute in two spellings in one object: which one is meant, nobody can say (MOD-04).
pub(crate) fn twice(place: Place<'_>) -> ValueError {
    ValueError::Syntax(format!("`{place}` is given twice"))
}

/// Appends values that are not there yet; `primary` of one that is there is updated (PAT-36 to PAT-38).
///
/// Returns the positions of the values that `incoming` marks as primary.
pub(crate) fn append(attribute: &Attribute, values: &mut Vec<Value>, incoming: Vec<Value>) -> Vec<usize> {
    let places = places(attribute, values, &incoming);
    let mut marked = Vec::new();
    for (value, place) in incoming.into_iter().zip(places) {
        let primary = value.get("primary").and_then(Value::as_bool);
        match (values.get_mut(place), primary) {
            (None, _) => values.push(value),
            (Some(Value::Object(present)), Some(primary)) => set_primary(present, primary),
            (Some(_), _) => {}
        }
        if primary == Some(true) {
            marked.push(place);
        }
    }
    marked
}

/// Leaves the first of several equal values (MOD-30); it is primary when one of them is.
pub(crate) fn keep_distinct(attribute: &Attribute, values: &mut Vec<Value>) {
    let all = std::mem::take(values);
    let places = places(attribute, &[], &all);
    for (value, place) in all.into_iter().zip(places) {
        match values.get_mut(place) {
            None => values.push(value),
            Some(Value::Object(first)) if is_primary(&value) => set_primary(first, true),
            Some(_) => {}
        }
    }
}

/// Where each incoming value is or, being new, comes to stand.
fn places(attribute: &Attribute, values: &[Value], incoming: &[Value]) -> Vec<usize> {
    let mut known: HashMap<Same<'_>, usize> = HashMap::with_capacity(values.len() + incoming.len());
    for (place, value) in values.iter().enumerate() {
        known.entry(Same { attribute, value }).or_insert(place);
    }
    let mut next = values.len();
    let mut place_of = |value| {
        *known.entry(Same { attribute, value }).or_insert_with(|| {
            next += 1;
            next - 1
        })
    };
    incoming.iter().map(&mut place_of).collect()
}

/// Sets `primary` where that says something new: absent means false (MOD-27).
fn set_primary(element: &mut Map<String, Value>, primary: bool) {
    if element.get("primary").and_then(Value::as_bool).unwrap_or(false) != primary {
        element.insert("primary".to_owned(), Value::Bool(primary));
    }
}

/// Whether an element is the primary one.
pub(crate) fn is_primary(element: &Value) -> bool {
    element.get("primary") == Some(&Value::Bool(true))
}

/// Takes `primary` from every element but the one at `position` (PAT-14).
pub(crate) fn make_only_primary(values: &mut [Value], position: usize) {
    for (other, element) in values.iter_mut().enumerate() {
        if other != position && is_primary(element) {
            element["primary"] = Value::Bool(false);
        }
    }
}

/// The JSON type of a value, for messages.
pub(crate) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
