//! Edits of some values of a multi-valued attribute: the rows of the decision table with a value filter.

use super::{
    NoMatch, PatchError,
    edit::{self, Edit},
};
use crate::{
    query::Query,
    resource::value::{self, Place, ValueError},
    schema::{Attribute, Mutability, Type},
};
use serde_json::{Map, Value};

/// Which values of a multi-valued attribute an operation addresses, and what in them.
pub(super) struct Selection<'a> {
    /// The attribute, which is multi-valued.
    pub attribute: &'a Attribute,
    /// The attribute and the sub-attribute, for messages.
    pub place: Place<'a>,
    /// Which elements; `None` is all of them (PAT-28).
    pub filter: Option<&'a Query>,
    /// The sub-attribute; `None` is the whole element.
    pub sub: Option<&'a Attribute>,
    /// What to do when there is no such element.
    pub no_match: NoMatch,
}

impl Selection<'_> {
    /// Edits the selected values of the attribute in the object that holds it.
    pub fn edit(
        &self,
        holder: &mut Map<String, Value>,
        edit: Edit<'_>,
        unknown: &mut Vec<String>,
    ) -> Result<(), PatchError> {
        for attribute in std::iter::once(self.attribute).chain(self.sub) {
            if attribute.mutability == Mutability::ReadOnly {
                return Err(PatchError::read_only(self.place));
            }
        }
        if edit.adds_nothing() {
            return Ok(());
        }
        let current = holder.get(&self.attribute.name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let selected = |value: &Value| self.filter.is_none_or(|filter| filter.matches_element(value));
        let matches: Vec<usize> = (0..current.len()).filter(|position| selected(&current[*position])).collect();
        if edit.value().is_none() && matches.is_empty() {
            return self.nothing_to_remove(edit);
        }
        let mut values = edit::take_values(holder, self.attribute);
        match (edit.value(), matches.is_empty()) {
            (None, _) => self.remove(&mut values, &matches, unknown)?,
            (Some(_), true) => self.create(&mut values, edit, unknown)?,
            (Some(_), false) => self.set(&mut values, &matches, edit, unknown)?,
        }
        if self.sub.is_some() || edit.value().is_some() {
            values.retain(|value| !value.as_object().is_some_and(Map::is_empty));
            value::keep_distinct(self.attribute, &mut values);
        }
        edit::put_values(holder, self.attribute, Place { sub: None, ..self.place }, values)
    }

    /// A remove without match succeeds (PAT-49); a replace by nothing wants a target, where the policy is strict.
    fn nothing_to_remove(&self, edit: Edit<'_>) -> Result<(), PatchError> {
        match (edit, self.no_match, self.filter) {
            (Edit::Replace(_), NoMatch::NoTarget, Some(_)) => Err(PatchError::NoTarget(self.place.to_string())),
            (Edit::Add(_) | Edit::Replace(_) | Edit::Remove, _, _) => Ok(()),
        }
    }

    /// Removes the elements, or the sub-attribute in each (PAT-45, PAT-46).
    fn remove(&self, values: &mut Vec<Value>, matches: &[usize], unknown: &mut Vec<String>) -> Result<(), PatchError> {
        if self.sub.is_some() {
            for position in matches {
                self.edit_element(&mut values[*position], Edit::Remove, unknown)?;
            }
            return Ok(());
        }
        let mut position = 0;
        values.retain(|_| {
            position += 1;
            matches.binary_search(&(position - 1)).is_err()
        });
        Ok(())
    }

    /// Sets the element's sub-attributes, or the one named, in every element that matches (PAT-39, PAT-57 to PAT-59).
    fn set(
        &self,
        values: &mut [Value],
        matches: &[usize],
        edit: Edit<'_>,
        unknown: &mut Vec<String>,
    ) -> Result<(), PatchError> {
        for position in matches {
            self.edit_element(&mut values[*position], edit, unknown)?;
        }
        if self.marks_primary(edit) {
            match matches {
                [position] => value::make_only_primary(values, *position),
                _ => return Err(ValueError::value(self.place, "has more than one primary value").into()),
            }
        }
        Ok(())
    }

    /// Makes the element that the filter describes: its `eq` terms, then the value (PIT-04).
    fn create(&self, values: &mut Vec<Value>, edit: Edit<'_>, unknown: &mut Vec<String>) -> Result<(), PatchError> {
        let no_target = || PatchError::NoTarget(self.place.to_string());
        let described = match (self.filter, self.no_match) {
            (None, _) => Vec::new(),
            (Some(_), NoMatch::NoTarget) => return Err(no_target()),
            (Some(filter), NoMatch::Create) => filter.equalities().ok_or_else(no_target)?,
        };
        if self.attribute.kind != Type::Complex {
            return edit_simple(values, self.attribute, self.place, edit, unknown);
        }
        let mut element = Value::Object(described.into_iter().collect());
        self.edit_element(&mut element, edit, unknown)?;
        let read = value::read_one(Place { sub: None, ..self.place }, self.attribute, element, unknown)?;
        let marked = value::append(self.attribute, values, read.into_iter().collect());
        if let Some(position) = marked.first() {
            value::make_only_primary(values, *position);
        }
        Ok(value::check_count(self.place, values.len())?)
    }

    fn edit_element(&self, element: &mut Value, edit: Edit<'_>, unknown: &mut Vec<String>) -> Result<(), PatchError> {
        match (element, self.sub) {
            (Value::Object(members), Some(sub)) => edit::edit(members, sub, self.place, edit, unknown),
            (Value::Object(members), None) => edit::merge(members, self.attribute, self.place, edit, unknown),
            (simple, _) => {
                let value = edit.value().cloned().unwrap_or(Value::Null);
                if let Some(value) = value::read_one(self.place, self.attribute, value, unknown)? {
                    *simple = value;
                }
                Ok(())
            }
        }
    }

    fn marks_primary(&self, edit: Edit<'_>) -> bool {
        match (self.sub, edit.value()) {
            (Some(sub), Some(Value::Bool(true))) => sub.name == "primary",
            (None, Some(Value::Object(members))) => {
                members.iter().any(|(name, value)| name.eq_ignore_ascii_case("primary") && *value == Value::Bool(true))
            }
            (_, _) => false,
        }
    }
}

/// A simple value has nothing to describe: what is set is the new value.
fn edit_simple(
    values: &mut Vec<Value>,
    attribute: &Attribute,
    place: Place<'_>,
    edit: Edit<'_>,
    unknown: &mut Vec<String>,
) -> Result<(), PatchError> {
    let value = edit.value().cloned().unwrap_or(Value::Null);
    let read = value::read_one(place, attribute, value, unknown)?;
    value::append(attribute, values, read.into_iter().collect());
    Ok(value::check_count(place, values.len())?)
}
