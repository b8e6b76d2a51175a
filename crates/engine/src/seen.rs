//! What a target has: its resources, read tolerantly.

use crate::{
    CompiledObjects, Role, Roles, RolesForm, Row, TargetPath, TargetType, TargetValue, Values, check::boolean,
    compile::RowSource, source::is_same, target::scalar,
};
use provost_expression::ResultType;
use serde_json::{Map, Value as Json};

impl CompiledObjects {
    /// The values that a resource of the target has in the attributes that are mapped; [`TargetValue::Null`] for those that it has
    /// none in. Members of a group are not among them.
    ///
    /// Servers differ, so much is taken: names in any case, `"True"` for true, numbers as texts, an object where a list of one is due, a
    /// manager as text or as object, `""` for no value.
    pub fn seen(&self, resource: &Json) -> Values {
        let rows = self.rows.iter().filter(|row| !matches!(row.gives, RowSource::Members));
        rows.map(|row| (row.target.text().clone(), of_row(row, resource))).collect()
    }
}

/// The resources in an answer to a query. A resource in place of a list is a list of one.
///
/// # Errors
/// That the body is no list of resources, as a sentence.
pub fn listed(body: &Json) -> Result<Vec<&Json>, String> {
    let object =
        body.as_object().ok_or_else(|| "the target answered a query with something else than an object".to_owned())?;
    match member(object, "Resources") {
        Some(Json::Array(resources)) => Ok(resources.iter().collect()),
        Some(Json::Null) | None if member(object, "totalResults").is_some() => Ok(Vec::new()),
        None if id_of(body).is_some() => Ok(vec![body]),
        Some(_) | None => Err("the target answered a query with something else than a list of resources".to_owned()),
    }
}

/// Longest id of a resource in bytes: it stands in URLs.
const ID_BYTES_MAX: usize = 1_000;

/// The id of a resource; `None` when it has none, or one that cannot stand in a URL: empty, too long, or `.` and `..`, which lead elsewhere
/// however they are encoded. A number is taken as its text.
pub fn id_of(resource: &Json) -> Option<String> {
    let id = member(resource.as_object()?, "id")?;
    match id {
        Json::String(id) => {
            let can_stand = !id.is_empty() && id.len() <= ID_BYTES_MAX && !matches!(id.as_str(), "." | "..");
            can_stand.then(|| id.clone())
        }
        Json::Number(id) => Some(id.to_string()),
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
    }
}

pub(crate) fn of_row(row: &Row, resource: &Json) -> TargetValue {
    let Some(attribute) = find(&row.target, resource) else { return TargetValue::Null };
    if row.multi_valued && row.target.filter.is_empty() {
        if gives_roles(row) {
            let roles = elements(attribute).filter_map(role).collect();
            return TargetValue::Roles(Roles { roles, form: RolesForm::Added });
        }
        let values: Vec<Json> = elements(attribute).filter_map(|element| single(row, element)).collect();
        return if values.is_empty() { TargetValue::Null } else { TargetValue::Many(values) };
    }
    let meant = elements(attribute).find(|element| is_meant(&row.target, element));
    meant.and_then(|element| single(row, element)).map_or(TargetValue::Null, TargetValue::One)
}

/// Whether a row gives app roles with all that they consist of.
pub(crate) fn gives_roles(row: &Row) -> bool {
    matches!(&row.gives, RowSource::Program(program, _) if program.result() == ResultType::Complex)
}

/// The attribute itself, without filter and sub-attribute.
fn find<'j>(path: &TargetPath, resource: &'j Json) -> Option<&'j Json> {
    let resource = resource.as_object()?;
    let Some(urn) = &path.extension else { return member(resource, &path.name) };
    // Some servers keep what they were sent: the whole path as one name.
    let within = member(resource, urn).and_then(Json::as_object).and_then(|extension| member(extension, &path.name));
    within.or_else(|| member(resource, &format!("{urn}:{}", path.name)))
}

pub(crate) fn member<'j>(object: &'j Map<String, Json>, name: &str) -> Option<&'j Json> {
    object.get(name).or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// The values of a list; anything else is a list of one.
fn elements(value: &Json) -> impl Iterator<Item = &Json> {
    let (list, one) = match value {
        Json::Array(elements) => (elements.as_slice(), None),
        other => ([].as_slice(), Some(other)),
    };
    list.iter().chain(one)
}

fn is_meant(path: &TargetPath, element: &Json) -> bool {
    let holds = |name: &str, wanted: &Json| {
        let value = element.as_object().and_then(|element| member(element, name));
        match (value, wanted) {
            (Some(Json::String(text)), Json::Bool(wanted)) => boolean(text) == Some(*wanted),
            // What is not primary need not say so.
            (None | Some(Json::Null), Json::Bool(false)) => true,
            (Some(value), wanted) => is_same(value, wanted),
            (None, _) => false,
        }
    };
    path.filter.iter().all(|(name, wanted)| holds(name, wanted))
}

/// The value within an element, of the type of the row. What is of another type stays as it is, and then differs from what is wanted.
fn single(row: &Row, element: &Json) -> Option<Json> {
    let value = match (element, &row.target.sub) {
        (Json::Object(object), Some(sub)) => member(object, sub)?,
        (Json::Object(object), None) => member(object, "value")?,
        (_, Some(sub)) if !sub.eq_ignore_ascii_case("value") => return None,
        (value, _) => value,
    };
    match value {
        Json::Null | Json::Array(_) | Json::Object(_) => None,
        Json::String(text) if text.is_empty() => None,
        Json::String(text) => Some(typed(row.kind, text).unwrap_or_else(|| value.clone())),
        Json::Bool(_) | Json::Number(_) => Some(match row.kind {
            TargetType::Boolean | TargetType::Integer => value.clone(),
            TargetType::Binary | TargetType::DateTime | TargetType::Reference | TargetType::String => {
                Json::from(scalar(value))
            }
        }),
    }
}

fn typed(kind: TargetType, text: &str) -> Option<Json> {
    match kind {
        TargetType::Boolean => boolean(text).map(Json::from),
        TargetType::Integer => text.trim().parse::<i64>().ok().map(Json::from),
        TargetType::Binary | TargetType::DateTime | TargetType::Reference | TargetType::String => None,
    }
}

fn role(element: &Json) -> Option<Role> {
    let text = |value: &Json| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    match element {
        Json::Object(object) => {
            let value = member(object, "value").and_then(text)?;
            let name =
                member(object, "display").and_then(text).or_else(|| member(object, "displayName").and_then(text));
            Some(Role { id: None, value, display_name: name })
        }
        other => Some(Role { id: None, value: text(other)?, display_name: None }),
    }
}
