//! Applying a request: operations in order, all or none.

use super::{
    NoMatch, PatchError, PatchOp, PatchRequest, Patched,
    edit::{self, Edit},
    elements::Selection,
};
use crate::{
    ResourceType, Schema, Target, UnknownAttribute,
    path::PatchPath,
    query::{Query, QueryError},
    resource::{
        Resource, put_object, take_object,
        value::{Place, ValueError, is_demanded, kind_of, same},
    },
    schema::{Attribute, Mutability},
};
use serde_json::{Map, Value};

/// Most comparisons of one value with one term of a filter in one request: four terms in each of 1,000 operations on an
/// attribute with 1,000 values, which takes about half a second.
const COMPARISONS_MAX: usize = 4_000_000;

impl PatchRequest {
    /// Applies the operations in order, each to the result of the one before (PAT-07); `current` stays as it is.
    ///
    /// `kind` may be narrowed by a policy: what it does not know is reported in [`Patched::unknown`] and not applied, and
    /// what `current` holds beyond it stays.
    ///
    /// # Errors
    /// When any operation is refused (PAT-08): [`PatchError`] says which rule, and for which attribute.
    pub fn apply(&self, kind: &ResourceType, current: &Resource, no_match: NoMatch) -> Result<Patched, PatchError> {
        let document = current.attributes().clone();
        let (touched, unknown) = (Vec::new(), self.unknown.clone());
        let mut patching = Patching { kind, no_match, document, comparisons: 0, touched, unknown };
        for operation in &self.operations {
            patching.apply(operation)?;
        }
        let Patching { document, touched, mut unknown, .. } = patching;
        let mut resource = Resource::from_attributes(document);
        resource.sync_schemas(kind);
        let lost = |(schema, required): &&(Schema, bool)| {
            *required && current.get(&schema.id).is_some() && resource.get(&schema.id).is_none()
        };
        if let Some((schema, _)) = kind.extensions.iter().find(lost) {
            return Err(PatchError::required(&schema.id));
        }
        for (schema, required) in &kind.extensions {
            match current.get(&schema.id) {
                None if *required => {}
                before => check_begun(schema, before, &resource)?,
            }
        }
        keep_first(&mut unknown);
        let changed = resource != *current;
        Ok(Patched { resource, changed, touched, unknown })
    }
}

/// The resource between two operations.
struct Patching<'t> {
    kind: &'t ResourceType,
    no_match: NoMatch,
    document: Map<String, Value>,
    comparisons: usize,
    touched: Vec<String>,
    unknown: Vec<String>,
}

/// What a path names in the resource type.
pub(super) enum Named<'t> {
    /// An attribute, sub-attribute or extension, and the value filter.
    Known(Target<'t>, Option<Query>),
    /// Nothing: the path, or a name in its filter, that the type does not know.
    Unknown(String),
}

impl<'t> Named<'t> {
    /// Looks a path up, with what is in its brackets.
    pub fn find(kind: &'t ResourceType, path: &PatchPath) -> Result<Self, PatchError> {
        let mut target = match kind.resolve(&path.attribute) {
            Ok(target) => target,
            Err(UnknownAttribute(name)) => return Ok(Self::Unknown(name)),
        };
        let Some(filter) = &path.filter else { return Ok(Self::Known(target, None)) };
        let Some(attribute) = target.attribute.filter(|attribute| attribute.multi_valued && target.sub.is_none())
        else {
            let attribute = path.attribute.to_string();
            return Err(PatchError::Misplaced { attribute, problem: "has no values that a filter could select" });
        };
        if let Some(name) = &path.sub {
            match attribute.sub_attribute(name) {
                Some(sub) => target.sub = Some(sub),
                None => return Ok(Self::Unknown(format!("{}.{name}", path.attribute))),
            }
        }
        match filter.resolve_within(attribute) {
            Ok(query) => Ok(Self::Known(target, Some(query))),
            Err(QueryError::Unknown(UnknownAttribute(name))) => Ok(Self::Unknown(name)),
            Err(error @ QueryError::Refused { .. }) => Err(error.into()),
        }
    }
}

impl<'t> Patching<'t> {
    fn apply(&mut self, operation: &PatchOp) -> Result<(), PatchError> {
        let edit = Edit::of(operation)?;
        match &operation.path {
            Some(path) => self.at_path(path, edit),
            None => self.members(edit),
        }
    }

    /// A path-less operation: each member of its value by itself (PAT-32, PAT-52).
    fn members(&mut self, whole: Edit<'_>) -> Result<(), PatchError> {
        let given = match whole {
            Edit::Add(Value::Object(given)) | Edit::Replace(Value::Object(given)) => given,
            Edit::Add(other) | Edit::Replace(other) => {
                let found = kind_of(other);
                return Err(PatchError::Operand(format!("without a path, the value must be an object, not {found}")));
            }
            Edit::Remove => return Err(PatchError::NoPath),
        };
        for (name, value) in given {
            // What only the server sets comes back from clients that send what they read (CHR-04, PIT-10).
            if name.eq_ignore_ascii_case("schemas") || name.eq_ignore_ascii_case("meta") {
                continue;
            }
            let part = whole.with(value);
            let kind = self.kind;
            if let Some(attribute) = kind.top_level(name) {
                let place = Place::core(&attribute.name);
                if attribute.mutability == Mutability::ReadOnly {
                    match self.document.get(&attribute.name) {
                        Some(current) if same(attribute, current, value) => continue,
                        None if value.is_null() => continue,
                        Some(_) | None => return Err(PatchError::read_only(place)),
                    }
                }
                self.touch(place);
                edit::edit(&mut self.document, attribute, place, part, &mut self.unknown)?;
            } else if let Some(schema) = kind.schema_by_urn(name).filter(|schema| schema.id != kind.schema.id) {
                self.extension(schema, part)?;
            } else {
                self.unknown.push(name.clone());
            }
        }
        Ok(())
    }

    fn at_path(&mut self, path: &PatchPath, edit: Edit<'_>) -> Result<(), PatchError> {
        let (target, filter) = match Named::find(self.kind, path)? {
            Named::Known(target, filter) => (target, filter),
            Named::Unknown(name) => {
                self.unknown.push(name);
                return Ok(());
            }
        };
        let Some((attribute, place)) = target.attribute.zip(Place::of(&target)) else {
            return match target.extension {
                Some(schema) => self.extension(schema, edit),
                None => Ok(()),
            };
        };
        if attribute.mutability == Mutability::ReadOnly {
            return Err(PatchError::read_only(place));
        }
        self.touch(place);
        if target.extension.is_none() && attribute.name == "schemas" {
            return self.schemas(place, filter.as_ref(), edit);
        }
        if let Some(filter) = &filter {
            self.count_comparisons(&target, attribute, filter)?;
        }
        let Self { no_match, document, unknown, .. } = self;
        match target.extension {
            None => at_target(&target, attribute, filter.as_ref(), *no_match, document, edit, unknown),
            Some(schema) => {
                let mut container = take_object(document, &schema.id);
                at_target(&target, attribute, filter.as_ref(), *no_match, &mut container, edit, unknown)?;
                put_object(document, &schema.id, container);
                Ok(())
            }
        }
    }

    /// Refuses the request once its filters look at more than [`COMPARISONS_MAX`] values.
    fn count_comparisons(
        &mut self,
        target: &Target<'_>,
        attribute: &Attribute,
        filter: &Query,
    ) -> Result<(), PatchError> {
        let holder = match target.extension {
            None => Some(&self.document),
            Some(schema) => self.document.get(&schema.id).and_then(Value::as_object),
        };
        let values = holder.and_then(|holder| holder.get(&attribute.name)).and_then(Value::as_array);
        self.comparisons += values.map_or(0, Vec::len) * filter.fields().len();
        if self.comparisons > COMPARISONS_MAX {
            return Err(PatchError::TooCostly { comparisons_max: COMPARISONS_MAX });
        }
        Ok(())
    }

    /// A whole extension: its attributes one by one, or all at once (PAT-29).
    fn extension(&mut self, schema: &'t Schema, whole: Edit<'_>) -> Result<(), PatchError> {
        let place = Place::core(&schema.id);
        self.touch(place);
        if whole.adds_nothing() {
            return Ok(());
        }
        let Some(value) = whole.value() else { return self.remove_extension(schema) };
        let Value::Object(given) = value else {
            return Err(ValueError::value(place, format!("must be an object, not {}", kind_of(value))).into());
        };
        let mut container = take_object(&mut self.document, &schema.id);
        for (name, part) in given {
            let place = Place { urn: Some(&schema.id), ..Place::core(name) };
            match schema.attribute(name) {
                None => self.unknown.push(place.to_string()),
                Some(attribute) => {
                    let place = Place { attribute: &attribute.name, ..place };
                    edit::edit(&mut container, attribute, place, whole.with(part), &mut self.unknown)?;
                }
            }
        }
        put_object(&mut self.document, &schema.id, container);
        Ok(())
    }

    fn remove_extension(&mut self, schema: &Schema) -> Result<(), PatchError> {
        let assigned = self.document.get(&schema.id).and_then(Value::as_object);
        for attribute in &schema.attributes {
            if assigned.is_some_and(|container| container.contains_key(&attribute.name)) {
                let place = Place { urn: Some(&schema.id), ..Place::core(&attribute.name) };
                match attribute.mutability {
                    Mutability::Immutable => return Err(ValueError::Immutable(place.to_string()).into()),
                    Mutability::ReadOnly => return Err(PatchError::read_only(place)),
                    Mutability::ReadWrite | Mutability::WriteOnly => {}
                }
            }
        }
        self.document.shift_remove(&schema.id);
        Ok(())
    }

    /// `schemas` follows from the data: taking a URN away takes the extension's data, giving one changes nothing (PAT-17,
    /// PAT-18).
    fn schemas(&mut self, place: Place<'_>, filter: Option<&Query>, edit: Edit<'_>) -> Result<(), PatchError> {
        let kind = self.kind;
        let mut listed: Vec<String> = Vec::new();
        match edit.value() {
            None => {}
            Some(Value::String(urn)) => listed.push(urn.clone()),
            Some(Value::Array(urns)) => {
                for urn in urns {
                    let Value::String(urn) = urn else {
                        return Err(ValueError::value(place, format!("must hold strings, not {}", kind_of(urn))).into());
                    };
                    listed.push(urn.clone());
                }
            }
            Some(other) => {
                return Err(ValueError::value(place, format!("must be an array, not {}", kind_of(other))).into());
            }
        }
        let strangers = listed.iter().filter(|urn| kind.schema_by_urn(urn).is_none());
        self.unknown.extend(strangers.cloned());
        let is_taken = |urn: &str| match (edit, filter) {
            (Edit::Add(_), _) => false,
            (Edit::Replace(_), None) => !listed.iter().any(|listed| listed.eq_ignore_ascii_case(urn)),
            (Edit::Replace(_) | Edit::Remove, Some(filter)) => filter.matches_element(&Value::from(urn)),
            (Edit::Remove, None) => true,
        };
        if is_taken(&kind.schema.id) {
            return Err(PatchError::required(place));
        }
        for (schema, _) in kind.extensions.iter().filter(|(schema, _)| is_taken(&schema.id)) {
            self.remove_extension(schema)?;
        }
        Ok(())
    }

    fn touch(&mut self, place: Place<'_>) {
        let name = place.to_string();
        if !self.touched.contains(&name) {
            self.touched.push(name);
        }
    }
}

/// An edit of the attribute or sub-attribute that a path names, in the object that holds the attribute.
fn at_target(
    target: &Target<'_>,
    attribute: &Attribute,
    filter: Option<&Query>,
    no_match: NoMatch,
    holder: &mut Map<String, Value>,
    edit: Edit<'_>,
    unknown: &mut Vec<String>,
) -> Result<(), PatchError> {
    let Some(place) = Place::of(target) else { return Ok(()) };
    match (attribute.multi_valued, target.sub) {
        (true, None) if filter.is_none() => edit::edit(holder, attribute, place, edit, unknown),
        (true, sub) => Selection { attribute, place, filter, sub, no_match }.edit(holder, edit, unknown),
        (false, None) => edit::edit(holder, attribute, place, edit, unknown),
        (false, Some(sub)) => {
            let whole = Place { sub: None, ..place };
            let mut members = edit::take_members(holder, attribute);
            edit::edit(&mut members, sub, place, edit, unknown)?;
            if !members.is_empty() {
                crate::resource::value::check_required(whole, attribute, &members)?;
            }
            edit::put_members(holder, attribute, whole, members)
        }
    }
}

/// An extension that the resource did not have, or that went and came back, comes with its required attributes (CHR-15).
fn check_begun(schema: &Schema, before: Option<&Value>, resource: &Resource) -> Result<(), PatchError> {
    let Some(container) = resource.get(&schema.id) else { return Ok(()) };
    let is_lost = |attribute: &&Attribute| {
        container.get(&attribute.name).is_none() && before.is_none_or(|before| before.get(&attribute.name).is_some())
    };
    match schema.attributes.iter().filter(|attribute| is_demanded(attribute)).find(is_lost) {
        Some(missing) => Err(ValueError::Missing(format!("{}:{}", schema.id, missing.name)).into()),
        None => Ok(()),
    }
}

fn keep_first(names: &mut Vec<String>) {
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
}
