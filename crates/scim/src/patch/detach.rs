//! Taking the operations on members out of a request: what they do to edges, and the rest for the document.

use super::{Op, PatchError, PatchOp, PatchRequest, apply::Named, edit::Edit};
use crate::{
    AttrPath, Attribute, Mutability, Query, QueryError, ResourceType,
    membership::{self, ElementStep, Steps},
    path::PatchPath,
    resource::value::{self, Place},
};
use serde_json::{Map, Value};

impl PatchRequest {
    /// Takes out every operation on `attribute` (`members`), with and without filter, in whatever spelling, and its key out
    /// of values that have no path. The steps do to the members what the operations say, in order; the request that is left
    /// may have no operations and is still to be applied: it tells what the resource type does not know.
    ///
    /// A request stays whole, without steps, when `kind` has no such attribute or only the server sets it; `apply` then says
    /// what is wrong with it.
    ///
    /// Elements are added and removed and never edited (GRP-04): an `add` or `replace` at a value filter or a sub-attribute
    /// is refused whether or not there is such an element.
    ///
    /// # Errors
    /// As [`apply`](Self::apply): a value that is no element, an element without `value` and `$ref` (`invalidValue`), a
    /// filter that means nothing (`invalidFilter`), an edit of an element (`mutability`).
    pub fn detach(self, kind: &ResourceType, attribute: &str) -> Result<(Self, Vec<ElementStep>), PatchError> {
        let is_set = |attribute: &&Attribute| {
            membership::key(attribute).is_some() && attribute.mutability != Mutability::ReadOnly
        };
        let Some(attribute) = kind.top_level(attribute).filter(is_set) else { return Ok((self, Vec::new())) };
        let Self { operations, unknown } = self;
        let mut detaching = Detaching { kind, attribute, steps: Steps::default(), unknown };
        let mut rest = Vec::with_capacity(operations.len());
        for operation in operations {
            rest.extend(detaching.take(operation)?);
        }
        let Detaching { steps, unknown, .. } = detaching;
        Ok((Self { operations: rest, unknown }, steps.done()))
    }
}

struct Detaching<'t> {
    kind: &'t ResourceType,
    attribute: &'t Attribute,
    steps: Steps,
    unknown: Vec<String>,
}

impl Detaching<'_> {
    /// Takes what an operation does to members; the operation, or what is left of it, is not about them.
    fn take(&mut self, operation: PatchOp) -> Result<Option<PatchOp>, PatchError> {
        match &operation.path {
            None => self.take_key(operation),
            Some(path) if self.concerns(&path.attribute) => {
                self.at_path(path, Edit::of(&operation)?)?;
                Ok(None)
            }
            Some(_) => Ok(Some(operation)),
        }
    }

    /// Whether a path begins with the attribute, or with one of its sub-attributes.
    fn concerns(&self, path: &AttrPath) -> bool {
        match (self.kind.resolve(path), path) {
            (Ok(target), _) => {
                target.extension.is_none() && target.attribute.is_some_and(|found| found.name == self.attribute.name)
            }
            (Err(_), AttrPath::Plain { name, .. }) => name.eq_ignore_ascii_case(&self.attribute.name),
            (Err(_), AttrPath::Urn(_)) => false,
        }
    }

    /// `{"op":"replace","value":{"displayName":"Guides","members":[{"value":"7"}]}}`.
    fn take_key(&mut self, operation: PatchOp) -> Result<Option<PatchOp>, PatchError> {
        let is_key = |name: &String| name.eq_ignore_ascii_case(&self.attribute.name);
        let has_key = |given: &Map<String, Value>| given.keys().any(is_key);
        let given = match operation.value {
            Some(Value::Object(given)) if operation.op != Op::Remove && has_key(&given) => given,
            value => return Ok(Some(PatchOp { value, ..operation })),
        };
        let (taken, kept): (Map<String, Value>, Map<String, Value>) =
            given.into_iter().partition(|(name, _)| is_key(name));
        for value in taken.values() {
            self.whole(match operation.op {
                Op::Add => Edit::Add(value),
                Op::Replace | Op::Remove => Edit::Replace(value),
            })?;
        }
        let rest = (!kept.is_empty()).then_some(Value::Object(kept));
        Ok(rest.map(|value| PatchOp { value: Some(value), ..operation }))
    }

    fn at_path(&mut self, path: &PatchPath, edit: Edit<'_>) -> Result<(), PatchError> {
        if self.names_what_is_left_out(path) {
            return Ok(());
        }
        let (target, filter) = match Named::find(self.kind, path)? {
            Named::Known(target, filter) => (target, filter),
            Named::Unknown(name) => {
                self.unknown.push(name);
                return Ok(());
            }
        };
        let place = Place::core(&self.attribute.name);
        if let Some(sub) = target.sub {
            let rule = "is immutable: remove the member and add another";
            let error = PatchError::Mutability { attribute: place.with_sub(&sub.name).to_string(), rule };
            return if edit.adds_nothing() { Ok(()) } else { Err(error) };
        }
        match (filter, edit.value()) {
            (None, _) => self.whole(edit),
            (Some(_), None) if edit.adds_nothing() => Ok(()),
            (Some(filter), None) => {
                self.steps.push(removal(place, filter)?);
                Ok(())
            }
            (Some(_), Some(_)) => {
                let rule = "has values that are immutable: remove one and add another";
                Err(PatchError::Mutability { attribute: place.to_string(), rule })
            }
        }
    }

    /// Whether a path ends in a sub-attribute that nothing keeps: `members[value eq "7"].display`.
    fn names_what_is_left_out(&self, path: &PatchPath) -> bool {
        let sub = match (&path.attribute, &path.sub) {
            (_, Some(sub)) | (AttrPath::Plain { sub: Some(sub), .. }, None) => sub,
            (AttrPath::Plain { sub: None, .. } | AttrPath::Urn(_), None) => return false,
        };
        membership::is_left_out(self.attribute, sub)
    }

    /// All members at once; one may stand without its array.
    fn whole(&mut self, edit: Edit<'_>) -> Result<(), PatchError> {
        if edit.adds_nothing() {
            return Ok(());
        }
        let name = &self.attribute.name;
        let given = match edit.value() {
            None => Vec::new(),
            Some(Value::Array(values)) => values.clone(),
            Some(one) => vec![one.clone()],
        };
        let values = value::read_values(Place::core(name), self.attribute, given, &mut self.unknown)?;
        let elements = membership::elements(name, &values)?;
        match edit {
            Edit::Add(_) => {}
            Edit::Replace(_) | Edit::Remove => self.steps.push(ElementStep::Clear),
        }
        self.steps.push(ElementStep::Add(elements));
        Ok(())
    }
}

/// The removal of whom a filter selects: by name where it names them.
fn removal(place: Place<'_>, filter: Query) -> Result<ElementStep, PatchError> {
    if let Some(values) = filter.equal_values() {
        return Ok(ElementStep::Remove(values));
    }
    if filter.fields().iter().any(|field| field.sub.as_deref() == Some("$ref")) {
        let attribute = place.with_sub("$ref").to_string();
        let problem = "follows from `value` and may only be compared with eq".to_owned();
        return Err(QueryError::Refused { attribute, problem }.into());
    }
    Ok(ElementStep::RemoveMatching(filter))
}
