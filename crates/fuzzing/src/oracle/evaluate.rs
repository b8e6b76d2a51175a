//! Whether a resource matches a filter (RFC 7644 §3.4.2.2).

use super::{
    Refusal,
    compare::{holds, is_allowed},
    parse::Expression,
    schema::{Definition, Kind, Place},
};
use serde_json::{Map, Value};

/// Whether a resource matches.
///
/// # Errors
/// `InvalidFilter` for an attribute that the type does not have or does not show, and for what its type cannot be compared with.
pub fn matches(kind: &Kind, filter: &Expression, resource: &Map<String, Value>) -> Result<bool, Refusal> {
    evaluate(&Scope::Resource(kind, resource), filter)
}

/// Whether one element of a multi-valued attribute matches what stands between the brackets.
pub(super) fn matches_element(definition: &Definition, filter: &Expression, element: &Value) -> Result<bool, Refusal> {
    evaluate(&Scope::Element(definition, element), filter)
}

/// Where names are looked up.
enum Scope<'a> {
    Resource(&'a Kind, &'a Map<String, Value>),
    Element(&'a Definition, &'a Value),
}

/// What a path leads to in one resource: the definition that counts, and each value, `None` where a single one is missing.
struct Seen<'a> {
    definition: &'a Definition,
    /// The definition of what stands before the dot.
    parent: Option<&'a Definition>,
    values: Vec<Option<&'a Value>>,
}

fn evaluate(scope: &Scope<'_>, filter: &Expression) -> Result<bool, Refusal> {
    match filter {
        // Both sides are looked at: what is wrong with one is wrong whatever the other says.
        Expression::And(left, right) => Ok(evaluate(scope, left)? & evaluate(scope, right)?),
        Expression::Or(left, right) => Ok(evaluate(scope, left)? | evaluate(scope, right)?),
        Expression::Not(inner) => Ok(!evaluate(scope, inner)?),
        Expression::Present(path) => Ok(scope.look_up(path)?.is_present()),
        Expression::Compare(path, operator, Value::Null) => match operator.as_str() {
            "eq" => Ok(!scope.look_up(path)?.is_present()),
            "ne" => Ok(scope.look_up(path)?.is_present()),
            _ => Err(Refusal::InvalidFilter),
        },
        Expression::Compare(path, operator, literal) => {
            let seen = scope.look_up(path)?.compared()?;
            if !is_allowed(seen.definition, operator, literal) {
                return Err(Refusal::InvalidFilter);
            }
            Ok(seen.values.iter().any(|value| holds(seen.definition, *value, operator, literal)))
        }
        Expression::Element(path, inner) => {
            let seen = scope.look_up(path)?;
            let is_element = matches!(scope, Scope::Element(..)) || seen.parent.is_some();
            if is_element || !(seen.definition.multi_valued || seen.definition.is_complex()) {
                return Err(Refusal::InvalidFilter);
            }
            // The filter must make sense even where there is no value.
            evaluate(&Scope::Element(seen.definition, &Value::Null), inner)?;
            for value in seen.values.into_iter().flatten() {
                if evaluate(&Scope::Element(seen.definition, value), inner)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
    }
}

impl<'a> Scope<'a> {
    fn look_up(&self, path: &str) -> Result<Seen<'a>, Refusal> {
        let seen = match self {
            Self::Resource(kind, resource) => {
                let Some(Place::Attribute(urn, attribute, sub)) = kind.find(path) else {
                    return Err(Refusal::InvalidFilter);
                };
                let holder = match urn {
                    None => Some(*resource),
                    Some(urn) => resource.get(urn).and_then(Value::as_object),
                };
                let value = holder.and_then(|holder| holder.get(&attribute.name));
                let values = spread(attribute, value);
                match sub {
                    None => Seen { definition: attribute, parent: None, values },
                    Some(sub) => Seen::below(attribute, sub, values),
                }
            }
            Self::Element(attribute, element) => {
                let element = Some(*element).filter(|element| !element.is_null());
                match attribute.is_complex() {
                    true => {
                        let sub = Definition::named(&attribute.subs, path).ok_or(Refusal::InvalidFilter)?;
                        Seen::below(attribute, sub, vec![element])
                    }
                    false if path.to_lowercase() == "value" => {
                        Seen { definition: attribute, parent: None, values: vec![element] }
                    }
                    false => return Err(Refusal::InvalidFilter),
                }
            }
        };
        let is_hidden = seen.definition.is_hidden() || seen.parent.is_some_and(Definition::is_hidden);
        if is_hidden { Err(Refusal::InvalidFilter) } else { Ok(seen) }
    }
}

/// The values of an attribute: of a multi-valued one each, of another the one or none.
fn spread<'a>(definition: &Definition, value: Option<&'a Value>) -> Vec<Option<&'a Value>> {
    match value {
        Some(Value::Array(values)) => values.iter().map(Some).collect(),
        value if definition.multi_valued => value.into_iter().map(Some).collect(),
        value => vec![value],
    }
}

impl<'a> Seen<'a> {
    fn below(parent: &'a Definition, sub: &'a Definition, elements: Vec<Option<&'a Value>>) -> Self {
        let of = |element: Option<&'a Value>| spread(sub, element.and_then(|element| element.get(&sub.name)));
        let values = elements.into_iter().flat_map(of).collect();
        Self { definition: sub, parent: Some(parent), values }
    }

    /// A multi-valued complex attribute stands for its `value` in a comparison (RFC 7644 Figure 2).
    fn compared(self) -> Result<Self, Refusal> {
        if !self.definition.is_complex() {
            return Ok(self);
        }
        let value = Definition::named(&self.definition.subs, "value").filter(|_| self.definition.multi_valued);
        let value = value.filter(|value| !value.is_hidden()).ok_or(Refusal::InvalidFilter)?;
        Ok(Self::below(self.definition, value, self.values))
    }

    fn is_present(&self) -> bool {
        self.values.iter().flatten().any(|value| is_non_empty(value))
    }
}

fn is_non_empty(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => values.iter().any(is_non_empty),
        Value::Object(members) => members.values().any(is_non_empty),
    }
}
