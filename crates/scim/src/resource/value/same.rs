//! When two values of one attribute are the same (PAT-38).

use crate::{membership, schema::Attribute, text::fold};
use serde_json::Value;
use std::hash::{Hash, Hasher};

/// One value of a multi-valued attribute, as the key of a map.
///
/// Sub-attributes count by their `caseExact`, `primary` not at all. Of a member, its `value` alone counts.
pub(super) struct Same<'v> {
    /// The attribute.
    pub attribute: &'v Attribute,
    /// One of its values.
    pub value: &'v Value,
}

impl<'v> Same<'v> {
    /// What is compared: sub-attributes that are assigned, or the value itself.
    fn parts(&self) -> impl Iterator<Item = (&'v Attribute, &'v Value)> {
        let (attribute, value) = (self.attribute, self.value);
        let key = membership::key(attribute).and_then(|sub| Some((sub, value.get(&sub.name)?)));
        let whole = (key.is_none() && !value.is_object()).then_some((attribute, value));
        let subs = attribute.sub_attributes.iter().filter(move |_| key.is_none());
        let subs = subs.filter(|sub| sub.name != "primary").filter_map(|sub| Some((sub, value.get(&sub.name)?)));
        key.into_iter().chain(whole).chain(subs)
    }
}

impl PartialEq for Same<'_> {
    fn eq(&self, other: &Self) -> bool {
        let mut others = other.parts();
        let equal = |(attribute, value): (&Attribute, &Value)| {
            others.next().is_some_and(|(other, right)| std::ptr::eq(attribute, other) && same(attribute, value, right))
        };
        self.parts().all(equal) && others.next().is_none()
    }
}

impl Eq for Same<'_> {}

impl Hash for Same<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for (attribute, value) in self.parts() {
            attribute.name.hash(state);
            hash_value(attribute, value, state);
        }
    }
}

fn hash_value<H: Hasher>(attribute: &Attribute, value: &Value, state: &mut H) {
    match value {
        Value::String(text) => fold(text, attribute.case_exact).hash(state),
        Value::Array(values) => values.iter().for_each(|value| hash_value(attribute, value, state)),
        other => other.hash(state),
    }
}

/// Whether two values of an attribute are equal by its `caseExact`.
pub(crate) fn same(attribute: &Attribute, left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::String(left), Value::String(right)) if left.is_ascii() && right.is_ascii() => {
            left == right || !attribute.case_exact && left.eq_ignore_ascii_case(right)
        }
        (Value::String(left), Value::String(right)) => {
            fold(left, attribute.case_exact) == fold(right, attribute.case_exact)
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(attribute, left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            attribute.sub_attributes.iter().all(|sub| match (left.get(&sub.name), right.get(&sub.name)) {
                (Some(left), Some(right)) => same(sub, left, right),
                (left, right) => left == right,
            })
        }
        (left, right) => left == right,
    }
}
