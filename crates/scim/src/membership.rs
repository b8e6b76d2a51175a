//! Members: the elements of a multi-valued attribute that are kept as edges, apart from the resource's document.

use crate::{
    Attribute, Mutability, Query, Resource, Type, ValueError,
    resource::value::{Place, kind_of},
};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};

/// One member as a client names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// `value`: the `id` of the resource that it is, never empty; whether there is one is not known here.
    pub value: String,
    /// `type` as given: `User` or `Group`, in any case, or what is neither.
    pub kind: Option<String>,
}

/// What a request does to the members, one step after the other.
#[derive(Clone, Debug, PartialEq)]
pub enum ElementStep {
    /// These become members, each named once; those that are members already stay.
    Add(Vec<Element>),
    /// Whoever of these values, each named once, is a member is one no longer (PAT-48).
    Remove(Vec<String>),
    /// Members for which [`Query::matches_element`] holds, seen as `{"value": …, "type": …}`, are members no longer.
    RemoveMatching(Query),
    /// Nobody is a member.
    Clear,
}

/// Sub-attributes that RFC 7643 §2.4 gives to every multi-valued attribute.
const COMMON_SUB_ATTRIBUTES: [&str; 5] = ["type", "primary", "display", "value", "$ref"];

/// The sub-attribute that alone names an element: an immutable `value`, as `members` has (GRP-04).
pub(crate) fn key(attribute: &Attribute) -> Option<&Attribute> {
    let is_complex = attribute.multi_valued && attribute.kind == Type::Complex;
    attribute.sub_attribute("value").filter(|value| is_complex && value.mutability == Mutability::Immutable)
}

/// Whether a sub-attribute of members is accepted though nothing keeps it: what every multi-valued attribute may have and
/// this one's schema does not, such as `display`, which the examples of RFC 7644 send (CON-10).
pub(crate) fn is_left_out(attribute: &Attribute, sub: &str) -> bool {
    let is_common = COMMON_SUB_ATTRIBUTES.iter().any(|common| common.eq_ignore_ascii_case(sub));
    is_common && attribute.sub_attribute(sub).is_none() && key(attribute).is_some()
}

/// The id that an element names: its `value`, else where its `$ref` leads (GRP-07). Names in any case.
pub(crate) fn id_in(members: &Map<String, Value>) -> Option<&str> {
    let text = |name: &str| {
        let found = members.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.and_then(|(_, value)| value.as_str()).filter(|text| !text.is_empty())
    };
    text("value").or_else(|| last_segment(text("$ref")?))
}

/// `7` of `https://example.com/v2/Users/7`.
pub(crate) fn last_segment(uri: &str) -> Option<&str> {
    let path = uri.split(['?', '#']).next()?.trim_end_matches('/');
    path.rsplit('/').next().filter(|segment| !segment.is_empty())
}

/// Elements whose types the schema has checked already, each value once (GRP-08).
///
/// # Errors
/// When an element names nobody.
pub(crate) fn elements(attribute: &str, values: &[Value]) -> Result<Vec<Element>, ValueError> {
    let place = Place::core(attribute);
    let element = |value: &Value| {
        let Value::Object(members) = value else {
            return Err(ValueError::value(place, format!("must be an object, not {}", kind_of(value))));
        };
        let id = id_in(members).ok_or_else(|| ValueError::Missing(place.with_sub("value").to_string()))?;
        let kind = members.get("type").and_then(Value::as_str).map(str::to_owned);
        Ok(Element { value: id.to_owned(), kind })
    };
    values.iter().map(element).collect::<Result<Vec<Element>, ValueError>>().map(distinct)
}

/// The first element of each value; its type is the first that is given.
fn distinct(elements: Vec<Element>) -> Vec<Element> {
    let mut places: HashMap<String, usize> = HashMap::with_capacity(elements.len());
    let mut kept: Vec<Element> = Vec::with_capacity(elements.len());
    for element in elements {
        match places.get(&element.value) {
            Some(place) => kept[*place].kind = kept[*place].kind.take().or(element.kind),
            None => {
                places.insert(element.value.clone(), kept.len());
                kept.push(element);
            }
        }
    }
    kept
}

/// Steps as they come; neighbours that do the same become one.
#[derive(Default)]
pub(crate) struct Steps(Vec<ElementStep>);

impl Steps {
    pub fn push(&mut self, step: ElementStep) {
        match (self.0.last_mut(), step) {
            (Some(ElementStep::Add(added)), ElementStep::Add(more)) => added.extend(more),
            (Some(ElementStep::Remove(removed)), ElementStep::Remove(more)) => removed.extend(more),
            (Some(ElementStep::Clear), ElementStep::Clear) => {}
            (_, ElementStep::Add(none)) if none.is_empty() => {}
            (_, step) => self.0.push(step),
        }
    }

    pub fn done(self) -> Vec<ElementStep> {
        let once = |step| match step {
            ElementStep::Add(elements) => ElementStep::Add(distinct(elements)),
            ElementStep::Remove(mut values) => {
                let mut seen = HashSet::with_capacity(values.len());
                values.retain(|value| seen.insert(value.clone()));
                ElementStep::Remove(values)
            }
            other @ (ElementStep::RemoveMatching(_) | ElementStep::Clear) => other,
        };
        self.0.into_iter().map(once).collect()
    }
}

impl Resource {
    /// Takes the elements of a multi-valued attribute, by its canonical name, out of a resource that was read from the body
    /// of a POST or PUT: each value once, in the order of the body.
    ///
    /// `None` when it has no values: [`Incoming::cleared`](crate::Incoming::cleared) tells `[]` and null from a body that
    /// does not name the attribute.
    ///
    /// # Errors
    /// `Missing` when an element has neither a `value` nor a `$ref` that leads to one (GRP-07).
    pub fn take_elements(&mut self, attribute: &str) -> Result<Option<Vec<Element>>, ValueError> {
        match self.remove(attribute) {
            None => Ok(None),
            Some(Value::Array(values)) => elements(attribute, &values).map(Some),
            Some(one) => elements(attribute, &[one]).map(Some),
        }
    }
}
