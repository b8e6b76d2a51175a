//! What a PATCH makes of a resource (RFC 7644 §3.5.2).

use super::{
    Refusal,
    compare::{same, same_element},
    evaluate::matches_element,
    parse::{Expression, Path},
    schema::{Definition, Extension, Kind, Place},
    values::{complete, one, part},
};
use serde_json::{Map, Value};

/// What a PATCH makes of a resource in canonical form, without `schemas`, which follows from the data.
///
/// With `create`, an `add` or `replace` whose value filter matches nothing makes the element that the filter describes; else it is
/// refused. What the type does not know is not applied.
///
/// # Errors
/// The keyword of the first operation that is refused; then nothing is changed.
pub fn patch(
    kind: &Kind,
    resource: &Map<String, Value>,
    operations: &[Value],
    create: bool,
) -> Result<Map<String, Value>, Refusal> {
    let mut document = resource.clone();
    document.remove("schemas");
    for operation in operations {
        let edit = Edit::read(operation)?;
        match operation["path"].as_str().filter(|path| !path.is_empty()) {
            None => without_path(kind, &mut document, edit)?,
            Some(path) => at_path(kind, &mut document, path, edit, create)?,
        }
    }
    for (extension, required) in &kind.extensions {
        let Some(now) = document.get(&extension.urn) else {
            if *required && resource.contains_key(&extension.urn) {
                return Err(Refusal::Mutability);
            }
            continue;
        };
        let before = resource.get(&extension.urn);
        if before.is_none() && *required {
            continue;
        }
        let was_there = |name: &str| before.is_none_or(|before| before.get(name).is_some());
        let is_missing = |one: &Definition| {
            one.required && !one.is_read_only() && now.get(&one.name).is_none() && was_there(&one.name)
        };
        if extension.attributes.iter().any(is_missing) {
            return Err(Refusal::InvalidValue);
        }
    }
    Ok(document)
}

/// An operation with the value that it needs.
#[derive(Clone, Copy)]
enum Edit<'v> {
    Add(&'v Value),
    Replace(&'v Value),
    Remove,
}

impl<'v> Edit<'v> {
    fn read(operation: &'v Value) -> Result<Self, Refusal> {
        let has_path = operation["path"].as_str().is_some_and(|path| !path.is_empty());
        match (operation["op"].as_str(), operation.get("value")) {
            (Some("add"), Some(value)) => Ok(Self::Add(value)),
            (Some("replace"), Some(value)) => Ok(Self::Replace(value)),
            (Some("add" | "replace"), None) => Err(Refusal::InvalidValue),
            (Some("remove"), _) if !has_path => Err(Refusal::NoTarget),
            (Some("remove"), None) => Ok(Self::Remove),
            (Some("remove"), Some(_)) => Err(Refusal::InvalidValue),
            _ => Err(Refusal::InvalidSyntax),
        }
    }

    fn with(self, part: &'v Value) -> Self {
        match self {
            Self::Add(_) => Self::Add(part),
            Self::Replace(_) => Self::Replace(part),
            Self::Remove => Self::Remove,
        }
    }

    /// What is to be set; nothing when the target is to be unassigned, or nothing is added.
    fn value(self) -> Option<&'v Value> {
        match self {
            Self::Add(value) | Self::Replace(value) => Some(value).filter(|value| !value.is_null()),
            Self::Remove => None,
        }
    }

    fn adds_nothing(self) -> bool {
        matches!(self, Self::Add(Value::Null))
    }
}

/// "The target location is assumed to be the resource itself": each member as if it were its own path.
fn without_path(kind: &Kind, document: &mut Map<String, Value>, edit: Edit<'_>) -> Result<(), Refusal> {
    let (Edit::Add(Value::Object(given)) | Edit::Replace(Value::Object(given))) = edit else {
        return Err(Refusal::InvalidValue);
    };
    for (name, value) in given {
        // What the server sets comes back from clients that send what they read.
        if ["schemas", "meta"].contains(&name.to_lowercase().as_str()) {
            continue;
        }
        if let Some(attribute) = Definition::named(&kind.attributes, name) {
            if attribute.is_read_only() {
                let is_as_it_is = match document.get(&attribute.name) {
                    Some(current) => same(attribute, current, value),
                    None => value.is_null(),
                };
                if is_as_it_is {
                    continue;
                }
            }
            set(document, attribute, edit.with(value))?;
        } else if let Some(Place::Extension(extension)) = kind.find(name) {
            set_extension(document, extension, edit.with(value))?;
        }
    }
    Ok(())
}

fn at_path(
    kind: &Kind,
    document: &mut Map<String, Value>,
    path: &str,
    edit: Edit<'_>,
    create: bool,
) -> Result<(), Refusal> {
    let path = Path::parse(path).ok_or(Refusal::InvalidPath)?;
    let Some(place) = kind.find(&path.attribute) else { return Ok(()) };
    let (urn, attribute, sub) = match place {
        Place::Extension(_) if path.filter.is_some() => return Err(Refusal::InvalidPath),
        Place::Extension(extension) => return set_extension(document, extension, edit),
        Place::Attribute(urn, attribute, sub) => (urn, attribute, sub),
    };
    let mut wanted = sub;
    if let Some(filter) = &path.filter {
        if !attribute.multi_valued || sub.is_some() {
            return Err(Refusal::InvalidPath);
        }
        if let Some(name) = &path.sub {
            let Some(found) = Definition::named(&attribute.subs, name) else { return Ok(()) };
            wanted = Some(found);
        }
        if attribute.is_hidden() {
            return Err(Refusal::InvalidFilter);
        }
        if is_unknown(attribute, filter)? {
            return Ok(());
        }
    }
    if attribute.is_read_only() {
        return Err(Refusal::Mutability);
    }
    if urn.is_none() && attribute.name == "schemas" {
        return set_schemas(kind, document, attribute, path.filter.as_ref(), edit);
    }
    let mut holder = match urn {
        None => std::mem::take(document),
        Some(urn) => document.get(urn).and_then(Value::as_object).cloned().unwrap_or_default(),
    };
    match (attribute.multi_valued && (path.filter.is_some() || wanted.is_some()), wanted) {
        (true, _) => set_selected(&mut holder, attribute, path.filter.as_ref(), wanted, edit, create)?,
        (false, None) => set(&mut holder, attribute, edit)?,
        (false, Some(sub)) => {
            let mut members = object(holder.get(&attribute.name));
            set(&mut members, sub, edit)?;
            store_members(&mut holder, attribute, members)?;
        }
    }
    match urn {
        None => *document = holder,
        Some(urn) if holder.is_empty() => _ = document.remove(urn),
        Some(urn) => _ = document.insert(urn.to_owned(), Value::Object(holder)),
    }
    Ok(())
}

/// Whether a filter names a sub-attribute that there is not: then the operation addresses nothing that is known. What is wrong
/// otherwise is said if it comes first.
fn is_unknown(attribute: &Definition, filter: &Expression) -> Result<bool, Refusal> {
    match filter {
        Expression::And(left, right) | Expression::Or(left, right) => {
            Ok(is_unknown(attribute, left)? || is_unknown(attribute, right)?)
        }
        Expression::Not(inner) => is_unknown(attribute, inner),
        Expression::Present(path) | Expression::Compare(path, _, _) | Expression::Element(path, _) => {
            let is_known = match attribute.is_complex() {
                true => Definition::named(&attribute.subs, path).is_some(),
                false => path.to_lowercase() == "value",
            };
            if is_known {
                matches_element(attribute, filter, &Value::Null)?;
            }
            Ok(!is_known)
        }
    }
}

fn object(value: Option<&Value>) -> Map<String, Value> {
    value.and_then(Value::as_object).cloned().unwrap_or_default()
}

/// Puts a new value in place of what is there, unless `mutability` or `required` forbid it.
fn store(holder: &mut Map<String, Value>, attribute: &Definition, new: Option<Value>) -> Result<(), Refusal> {
    match (holder.get(&attribute.name), new) {
        (None, None) => Ok(()),
        (Some(_), None) if attribute.required || attribute.is_immutable() => Err(Refusal::Mutability),
        (Some(_), None) => {
            holder.remove(&attribute.name);
            Ok(())
        }
        (Some(current), Some(new)) if attribute.is_immutable() => {
            if same(attribute, current, &new) {
                Ok(())
            } else {
                Err(Refusal::Mutability)
            }
        }
        (_, Some(new)) => {
            holder.insert(attribute.name.clone(), new);
            Ok(())
        }
    }
}

fn store_members(
    holder: &mut Map<String, Value>,
    attribute: &Definition,
    members: Map<String, Value>,
) -> Result<(), Refusal> {
    if members.is_empty() {
        return store(holder, attribute, None);
    }
    complete(attribute, &members)?;
    store(holder, attribute, Some(Value::Object(members)))
}

/// Edits a whole attribute or sub-attribute.
fn set(holder: &mut Map<String, Value>, attribute: &Definition, edit: Edit<'_>) -> Result<(), Refusal> {
    if attribute.is_read_only() {
        return Err(Refusal::Mutability);
    }
    if edit.adds_nothing() {
        return Ok(());
    }
    let Some(value) = edit.value() else { return store(holder, attribute, None) };
    if attribute.multi_valued {
        return set_values(holder, attribute, edit, value);
    }
    if attribute.is_complex() {
        let mut members = object(holder.get(&attribute.name));
        merge(&mut members, attribute, edit)?;
        return store_members(holder, attribute, members);
    }
    let new = one(attribute, value)?;
    store(holder, attribute, new)
}

/// "Sub-attributes that are not specified are left unchanged."
fn merge(members: &mut Map<String, Value>, attribute: &Definition, edit: Edit<'_>) -> Result<(), Refusal> {
    let Some(Value::Object(given)) = edit.value() else { return Err(Refusal::InvalidValue) };
    for sub in &attribute.subs {
        if let Some(part) = part(given, sub)?.filter(|_| !sub.is_read_only()) {
            set(members, sub, edit.with(part))?;
        }
    }
    if members.is_empty() { Ok(()) } else { complete(attribute, members) }
}

/// "A new value is added to the attribute", or "the attribute and all values are replaced".
fn set_values(
    holder: &mut Map<String, Value>,
    attribute: &Definition,
    edit: Edit<'_>,
    value: &Value,
) -> Result<(), Refusal> {
    let given = match value {
        Value::Array(values) => values.as_slice(),
        single => std::slice::from_ref(single),
    };
    let mut read = Vec::new();
    for value in given {
        read.extend(one(attribute, value)?);
    }
    if read.iter().filter(|value| is_primary(value)).count() > 1 {
        return Err(Refusal::InvalidValue);
    }
    let mut values = match edit {
        Edit::Add(_) => holder.get(&attribute.name).and_then(Value::as_array).cloned().unwrap_or_default(),
        Edit::Replace(_) | Edit::Remove => Vec::new(),
    };
    join(attribute, &mut values, read);
    store(holder, attribute, Some(values).filter(|values| !values.is_empty()).map(Value::Array))
}

/// Adds what is not there yet; what is there takes the `primary` of what comes.
fn join(attribute: &Definition, values: &mut Vec<Value>, more: Vec<Value>) {
    let mut marked = None;
    for value in more {
        let place = values.iter().position(|other| same_element(attribute, other, &value));
        let primary = value.get("primary").and_then(Value::as_bool);
        let place = match place {
            None => {
                values.push(value);
                values.len() - 1
            }
            Some(place) => {
                if let Some(primary) = primary.filter(|primary| is_primary(&values[place]) != *primary) {
                    values[place]["primary"] = Value::Bool(primary);
                }
                place
            }
        };
        if primary == Some(true) {
            marked = Some(place);
        }
    }
    if let Some(marked) = marked {
        only_primary(values, marked);
    }
}

fn is_primary(value: &Value) -> bool {
    value.get("primary") == Some(&Value::Bool(true))
}

/// "The server automatically sets `primary` to false for any other values."
fn only_primary(values: &mut [Value], place: usize) {
    for (other, value) in values.iter_mut().enumerate() {
        if other != place && is_primary(value) {
            value["primary"] = Value::Bool(false);
        }
    }
}

/// Edits the values that a filter selects, or all of them, or one sub-attribute in each.
fn set_selected(
    holder: &mut Map<String, Value>,
    attribute: &Definition,
    filter: Option<&Expression>,
    sub: Option<&Definition>,
    edit: Edit<'_>,
    create: bool,
) -> Result<(), Refusal> {
    if sub.is_some_and(Definition::is_read_only) {
        return Err(Refusal::Mutability);
    }
    if edit.adds_nothing() {
        return Ok(());
    }
    let mut values = holder.get(&attribute.name).and_then(Value::as_array).cloned().unwrap_or_default();
    let mut hits = Vec::new();
    for value in &values {
        hits.push(match filter {
            None => true,
            Some(filter) => matches_element(attribute, filter, value)?,
        });
    }
    let is_hit = hits.contains(&true);
    match edit.value() {
        // A remove that finds nothing has nothing to do; a replace wants its target.
        None if !is_hit => {
            let is_refused = matches!(edit, Edit::Replace(_)) && filter.is_some() && !create;
            return if is_refused { Err(Refusal::NoTarget) } else { Ok(()) };
        }
        None if sub.is_none() => {
            let mut hit = hits.iter();
            values.retain(|_| hit.next() != Some(&true));
        }
        Some(value) if !is_hit => begin(&mut values, attribute, filter, sub, edit.with(value), create)?,
        None | Some(_) => {
            for (value, _) in values.iter_mut().zip(&hits).filter(|(_, hit)| **hit) {
                set_element(value, attribute, sub, edit)?;
            }
            if marks_primary(attribute, sub, edit) {
                if hits.iter().filter(|hit| **hit).count() > 1 {
                    return Err(Refusal::InvalidValue);
                }
                if let Some(place) = hits.iter().position(|hit| *hit) {
                    only_primary(&mut values, place);
                }
            }
        }
    }
    values.retain(|value| !value.as_object().is_some_and(Map::is_empty));
    if sub.is_some() || edit.value().is_some() {
        let all = std::mem::take(&mut values);
        distinct(attribute, &mut values, all);
    }
    store(holder, attribute, Some(values).filter(|values| !values.is_empty()).map(Value::Array))
}

/// Leaves the first of values that have become equal; it is primary if one of them is.
fn distinct(attribute: &Definition, values: &mut Vec<Value>, all: Vec<Value>) {
    for value in all {
        match values.iter_mut().find(|other| same_element(attribute, other, &value)) {
            None => values.push(value),
            Some(first) if is_primary(&value) => first["primary"] = Value::Bool(true),
            Some(_) => {}
        }
    }
}

fn marks_primary(attribute: &Definition, sub: Option<&Definition>, edit: Edit<'_>) -> bool {
    match (sub, edit.value()) {
        (Some(sub), Some(value)) => sub.name == "primary" && *value == Value::Bool(true),
        (None, Some(Value::Object(given))) => {
            let primary = Definition::named(&attribute.subs, "primary");
            let given = primary.and_then(|primary| part(given, primary).ok().flatten());
            given == Some(&Value::Bool(true))
        }
        _ => false,
    }
}

fn set_element(
    element: &mut Value,
    attribute: &Definition,
    sub: Option<&Definition>,
    edit: Edit<'_>,
) -> Result<(), Refusal> {
    match (element.as_object_mut(), sub) {
        (Some(members), Some(sub)) => set(members, sub, edit),
        (Some(members), None) => merge(members, attribute, edit),
        (None, _) => {
            let value = edit.value().ok_or(Refusal::InvalidValue)?;
            *element = one(attribute, value)?.ok_or(Refusal::InvalidValue)?;
            Ok(())
        }
    }
}

/// Nothing is selected: without a filter a new element begins; with one, it is the element that the filter describes.
fn begin(
    values: &mut Vec<Value>,
    attribute: &Definition,
    filter: Option<&Expression>,
    sub: Option<&Definition>,
    edit: Edit<'_>,
    create: bool,
) -> Result<(), Refusal> {
    let mut element = Map::new();
    if let Some(filter) = filter {
        if !create {
            return Err(Refusal::NoTarget);
        }
        describe(attribute, filter, &mut element).ok_or(Refusal::NoTarget)?;
    }
    if !attribute.is_complex() {
        let value = edit.value().ok_or(Refusal::InvalidValue)?;
        join(attribute, values, one(attribute, value)?.into_iter().collect());
        return Ok(());
    }
    let mut element = Value::Object(element);
    set_element(&mut element, attribute, sub, edit)?;
    join(attribute, values, one(attribute, &element)?.into_iter().collect());
    Ok(())
}

/// The `eq` terms of a conjunction, as the element that satisfies them.
fn describe(attribute: &Definition, filter: &Expression, element: &mut Map<String, Value>) -> Option<()> {
    match filter {
        Expression::And(left, right) => {
            describe(attribute, left, element)?;
            describe(attribute, right, element)
        }
        Expression::Compare(path, operator, value) if operator == "eq" && !value.is_null() => {
            let (name, definition) = match attribute.is_complex() {
                true => {
                    let sub = Definition::named(&attribute.subs, path)?;
                    (sub.name.clone(), sub)
                }
                false => ("value".to_owned(), attribute),
            };
            if attribute.is_complex() && definition.multi_valued {
                return None;
            }
            let value = match (definition.kind.as_str(), value.as_str()) {
                ("boolean", Some(text)) => Value::Bool(text.to_lowercase() == "true"),
                _ => value.clone(),
            };
            match element.get(&name) {
                Some(earlier) => same(definition, earlier, &value).then_some(()),
                None => {
                    element.insert(name, value);
                    Some(())
                }
            }
        }
        _ => None,
    }
}

/// A whole extension: its attributes one by one, or all at once.
fn set_extension(document: &mut Map<String, Value>, extension: &Extension, edit: Edit<'_>) -> Result<(), Refusal> {
    if edit.adds_nothing() {
        return Ok(());
    }
    let mut container = object(document.get(&extension.urn));
    match edit.value() {
        None => {
            let fixed = |one: &&Definition| one.is_immutable() || one.is_read_only();
            if extension.attributes.iter().filter(fixed).any(|one| container.contains_key(&one.name)) {
                return Err(Refusal::Mutability);
            }
            container.clear();
        }
        Some(Value::Object(given)) => {
            for (name, value) in given {
                if let Some(attribute) = Definition::named(&extension.attributes, name) {
                    set(&mut container, attribute, edit.with(value))?;
                }
            }
        }
        Some(_) => return Err(Refusal::InvalidValue),
    }
    if container.is_empty() {
        document.remove(&extension.urn);
    } else {
        document.insert(extension.urn.clone(), Value::Object(container));
    }
    Ok(())
}

/// `schemas` follows from the data: who takes a URN away takes the extension's data, who gives one changes nothing.
fn set_schemas(
    kind: &Kind,
    document: &mut Map<String, Value>,
    schemas: &Definition,
    filter: Option<&Expression>,
    edit: Edit<'_>,
) -> Result<(), Refusal> {
    let listed: Vec<&str> = match edit.value() {
        None => Vec::new(),
        Some(Value::String(urn)) => vec![urn],
        Some(Value::Array(urns)) => {
            let urns: Option<Vec<&str>> = urns.iter().map(Value::as_str).collect();
            urns.ok_or(Refusal::InvalidValue)?
        }
        Some(_) => return Err(Refusal::InvalidValue),
    };
    let is_taken = |urn: &str| match (edit, filter) {
        (Edit::Add(_), _) => Ok(false),
        (Edit::Replace(_), None) => Ok(!listed.iter().any(|one| one.to_lowercase() == urn.to_lowercase())),
        (Edit::Replace(_) | Edit::Remove, Some(filter)) => matches_element(schemas, filter, &Value::from(urn)),
        (Edit::Remove, None) => Ok(true),
    };
    if is_taken(&kind.core)? {
        return Err(Refusal::Mutability);
    }
    for (extension, _) in &kind.extensions {
        if is_taken(&extension.urn)? {
            set_extension(document, extension, Edit::Remove)?;
        }
    }
    Ok(())
}
