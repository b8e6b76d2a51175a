//! One edit of one attribute: the rows of the decision table that have no value filter.

use super::{Op, PatchError, PatchOp};
use crate::{
    resource::{
        take_object,
        value::{self, Place, ValueError, kind_of},
    },
    schema::{Attribute, Mutability, Type},
};
use serde_json::{Map, Value};

/// An operation together with the value that it needs.
#[derive(Clone, Copy)]
pub(super) enum Edit<'v> {
    Add(&'v Value),
    Replace(&'v Value),
    Remove,
}

impl<'v> Edit<'v> {
    /// What an operation does, once it is seen to have a value exactly where it needs one (PAT-31, PAT-42, PAT-51).
    pub fn of(operation: &'v PatchOp) -> Result<Self, PatchError> {
        match (operation.op, &operation.value) {
            (Op::Add, Some(value)) => Ok(Self::Add(value)),
            (Op::Replace, Some(value)) => Ok(Self::Replace(value)),
            (Op::Add | Op::Replace, None) => {
                Err(PatchError::Operand("an add or replace operation needs a value".to_owned()))
            }
            (Op::Remove, None) => Ok(Self::Remove),
            (Op::Remove, Some(_)) if operation.path.is_none() => Err(PatchError::NoPath),
            (Op::Remove, Some(_)) => {
                Err(PatchError::Operand("a remove operation takes no value; name the values in the path".to_owned()))
            }
        }
    }

    /// The same operation on a part of the value; null removes when it replaces and adds nothing when it adds (PAT-41,
    /// PAT-61).
    pub fn with(self, part: &'v Value) -> Self {
        match self {
            Self::Add(_) => Self::Add(part),
            Self::Replace(_) => Self::Replace(part),
            Self::Remove => Self::Remove,
        }
    }

    /// The value to set; `None` when there is none.
    pub fn value(self) -> Option<&'v Value> {
        match self {
            Self::Add(value) | Self::Replace(value) => Some(value).filter(|value| !value.is_null()),
            Self::Remove => None,
        }
    }

    /// Whether it changes nothing, being an `add` of no value.
    pub fn adds_nothing(self) -> bool {
        matches!(self, Self::Add(Value::Null))
    }
}

/// Edits an attribute in the object that holds it: the resource, an extension's container, or a complex value.
pub(super) fn edit(
    holder: &mut Map<String, Value>,
    attribute: &Attribute,
    place: Place<'_>,
    edit: Edit<'_>,
    unknown: &mut Vec<String>,
) -> Result<(), PatchError> {
    if attribute.mutability == Mutability::ReadOnly {
        return Err(PatchError::read_only(place));
    }
    if edit.adds_nothing() {
        return Ok(());
    }
    let Some(value) = edit.value() else { return unassign(holder, attribute, place) };
    if attribute.multi_valued {
        return edit_values(holder, attribute, place, edit, value, unknown);
    }
    if attribute.kind == Type::Complex {
        let mut members = take_members(holder, attribute);
        merge(&mut members, attribute, place, edit, unknown)?;
        return put_members(holder, attribute, place, members);
    }
    match value::read_one(place, attribute, value.clone(), unknown)? {
        Some(value) => assign(holder, attribute, place, value),
        None => unassign(holder, attribute, place),
    }
}

/// Merges the members of a value into a complex value: those given are set, the others stay (PAT-35, PAT-56).
pub(super) fn merge(
    members: &mut Map<String, Value>,
    attribute: &Attribute,
    place: Place<'_>,
    whole: Edit<'_>,
    unknown: &mut Vec<String>,
) -> Result<(), PatchError> {
    let Some(value) = whole.value() else { return Ok(()) };
    let Value::Object(given) = value else {
        return Err(ValueError::value(place, format!("must be an object, not {}", kind_of(value))).into());
    };
    let slots = value::sort_members(place, attribute, given.clone(), unknown)?;
    for (sub, part) in attribute.sub_attributes.iter().zip(&slots) {
        // A client that sends back what it read does not mean to write what only the server sets.
        if let Some(part) = part.as_ref().filter(|_| sub.mutability != Mutability::ReadOnly) {
            edit(members, sub, place.with_sub(&sub.name), whole.with(part), unknown)?;
        }
    }
    if !members.is_empty() {
        value::check_required(place, attribute, members)?;
    }
    Ok(())
}

/// Adds to the values of a multi-valued attribute, or replaces them all; one value may stand without its array.
fn edit_values(
    holder: &mut Map<String, Value>,
    attribute: &Attribute,
    place: Place<'_>,
    edit: Edit<'_>,
    value: &Value,
    unknown: &mut Vec<String>,
) -> Result<(), PatchError> {
    let given = match value {
        Value::Array(values) => values.clone(),
        one => vec![one.clone()],
    };
    let given = value::read_values(place, attribute, given, unknown)?;
    let mut values = match edit {
        Edit::Add(_) => take_values(holder, attribute),
        Edit::Replace(_) | Edit::Remove => Vec::new(),
    };
    let marked = value::append(attribute, &mut values, given);
    if let Some(position) = marked.first() {
        value::make_only_primary(&mut values, *position);
    }
    value::check_count(place, values.len())?;
    match edit {
        Edit::Add(_) if values.is_empty() => Ok(()),
        Edit::Add(_) | Edit::Replace(_) | Edit::Remove => put_values(holder, attribute, place, values),
    }
}

/// Takes the members of a complex value to change them; [`put_members`] brings them back.
pub(super) fn take_members(holder: &mut Map<String, Value>, attribute: &Attribute) -> Map<String, Value> {
    match holder.get(&attribute.name) {
        // Stays, to be compared with what comes back.
        Some(Value::Object(members)) if attribute.mutability == Mutability::Immutable => members.clone(),
        Some(_) | None => take_object(holder, &attribute.name),
    }
}

/// Sets the members of a complex value; none unassign it.
pub(super) fn put_members(
    holder: &mut Map<String, Value>,
    attribute: &Attribute,
    place: Place<'_>,
    members: Map<String, Value>,
) -> Result<(), PatchError> {
    if members.is_empty() {
        return unassign(holder, attribute, place);
    }
    assign(holder, attribute, place, Value::Object(members))
}

/// Takes the values of a multi-valued attribute to change them; [`put_values`] brings them back.
pub(super) fn take_values(holder: &mut Map<String, Value>, attribute: &Attribute) -> Vec<Value> {
    match holder.get_mut(&attribute.name) {
        // Stays, to be compared with what comes back.
        Some(Value::Array(values)) if attribute.mutability == Mutability::Immutable => values.clone(),
        Some(Value::Array(values)) => std::mem::take(values),
        Some(_) | None => Vec::new(),
    }
}

/// Sets the values of a multi-valued attribute; none unassign it.
pub(super) fn put_values(
    holder: &mut Map<String, Value>,
    attribute: &Attribute,
    place: Place<'_>,
    values: Vec<Value>,
) -> Result<(), PatchError> {
    if values.is_empty() {
        return unassign(holder, attribute, place);
    }
    assign(holder, attribute, place, Value::Array(values))
}

/// Sets a value; an immutable attribute takes its first one, and later only the same again (CHR-05, CHR-06).
fn assign(
    holder: &mut Map<String, Value>,
    attribute: &Attribute,
    place: Place<'_>,
    value: Value,
) -> Result<(), PatchError> {
    if attribute.mutability == Mutability::Immutable
        && let Some(current) = holder.get(&attribute.name)
    {
        return match value::same(attribute, current, &value) {
            true => Ok(()),
            false => Err(ValueError::Immutable(place.to_string()).into()),
        };
    }
    holder.insert(attribute.name.clone(), value);
    Ok(())
}

/// Unassigns an attribute, unless it is required or immutable (PAT-47); one that has no value stays as it is (PAT-50).
fn unassign(holder: &mut Map<String, Value>, attribute: &Attribute, place: Place<'_>) -> Result<(), PatchError> {
    if !holder.contains_key(&attribute.name) {
        return Ok(());
    }
    if attribute.required {
        return Err(PatchError::required(place));
    }
    if attribute.mutability == Mutability::Immutable {
        return Err(ValueError::Immutable(place.to_string()).into());
    }
    holder.shift_remove(&attribute.name);
    Ok(())
}
