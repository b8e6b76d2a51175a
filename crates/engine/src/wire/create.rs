//! POST: the whole resource.

use super::{Wire, form};
use crate::{Method, Objects, Request, Role, RolesForm, Row, SchemasForm, TargetValue, Values};
use provost_scim::urn;
use serde_json::{Map, Value as Json};

/// What Entra puts beside a group's schema: a marker without attributes.
const GROUP_MARKER: &str = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";

impl Wire<'_> {
    /// Makes a resource. What has no value is left out, and so are a group's members.
    ///
    /// The names stand in Entra's order: `schemas`, `externalId`, the name of the object, the others by alphabet, extensions last; within
    /// an element `primary` and `type` come first.
    pub fn create(&self, values: &Values) -> Request {
        let mut body = Members::new();
        for (target, value) in values.iter() {
            if let Some(row) = self.objects.row(target).filter(|_| !value.is_null()) {
                put(row, value, self.value(row, value), &mut body);
            }
        }
        body.iter_mut().for_each(|(_, value)| mark_primary(value));
        let extensions: Vec<String> =
            body.iter().map(|(name, _)| name).filter(|name| name.contains(':')).cloned().collect();
        *at(&mut body, "schemas") = Json::from(self.schemas(&extensions));
        if self.compatibility().schemas == SchemasForm::Entra {
            let name = match self.objects.of {
                Objects::Users => "User",
                Objects::Groups => "Group",
            };
            *at(&mut body, "meta") = serde_json::json!({ "resourceType": name });
        }
        let path = self.endpoint().to_owned();
        Request { method: Method::Post, path, body: Some(Json::Object(self.in_order(body))) }
    }

    fn schemas(&self, extensions: &[String]) -> Vec<String> {
        let (core, entra) = match self.objects.of {
            Objects::Users => (urn::USER, urn::ENTERPRISE_USER),
            Objects::Groups => (urn::GROUP, GROUP_MARKER),
        };
        let core = core.to_owned();
        match self.compatibility().schemas {
            SchemasForm::Entra => vec![core, entra.to_owned()],
            SchemasForm::Present => std::iter::once(core).chain(extensions.iter().cloned()).collect(),
        }
    }

    fn in_order(&self, mut body: Members) -> Map<String, Json> {
        let second = match self.objects.of {
            Objects::Users => "userName",
            Objects::Groups => "displayName",
        };
        let place = |name: &str| match name {
            "schemas" => 0,
            "externalId" => 1,
            name if name == second => 2,
            name if name.contains(':') => 4,
            _ => 3,
        };
        body.iter_mut().for_each(|(name, value)| *value = within(name, value.take()));
        ordered(body, place)
    }
}

/// Members of a resource that is being put together: few, so that looking through them costs less than an index.
type Members = Vec<(String, Json)>;

/// The member of this name; null when it is new.
fn at<'m>(body: &'m mut Members, name: &str) -> &'m mut Json {
    let place = body.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
        body.push((name.to_owned(), Json::Null));
        body.len() - 1
    });
    &mut body[place].1
}

/// Puts a value where its path leads: into an object, an element of a list, or an extension.
fn put(row: &Row, value: &TargetValue, json: Json, body: &mut Members) {
    let path = &row.target;
    let holder = match &path.extension {
        Some(urn) => object(at(body, urn)).map(|extension| extension.entry(path.name.clone()).or_insert(Json::Null)),
        None => Some(at(body, &path.name)),
    };
    let Some(holder) = holder else { return };
    match (&path.sub, path.filter.is_empty()) {
        (None, _) => *holder = json,
        (Some(sub), true) => {
            if let Some(object) = object(holder) {
                object.insert(sub.clone(), json);
            }
        }
        (Some(sub), false) => {
            if holder.is_null() {
                *holder = Json::Array(Vec::new());
            }
            let Some(element) = element_at(holder, &path.filter) else { return };
            match value {
                TargetValue::Roles(roles) => {
                    let single = roles.roles.first().map(|role: &Role| form::element(role, RolesForm::Single));
                    element.extend(single.into_iter().flatten());
                }
                TargetValue::Null | TargetValue::Many(_) | TargetValue::One(_) => {
                    element.insert(sub.clone(), json);
                }
            }
        }
    }
}

/// The members of an object; of what is new, none yet.
fn object(value: &mut Json) -> Option<&mut Map<String, Json>> {
    if value.is_null() {
        *value = Json::Object(Map::new());
    }
    value.as_object_mut()
}

/// The element of a list that a value filter describes; made when it is not there.
fn element_at<'m>(list: &'m mut Json, filter: &[(String, Json)]) -> Option<&'m mut Map<String, Json>> {
    let list = list.as_array_mut()?;
    let is_meant = |element: &Json| filter.iter().all(|(name, value)| element.get(name) == Some(value));
    let place = match list.iter().position(is_meant) {
        Some(place) => place,
        None => {
            list.push(Json::Object(filter.iter().cloned().collect()));
            list.len() - 1
        }
    };
    list.get_mut(place)?.as_object_mut()
}

/// The first element of each list is the primary one, unless one says that it is or none has a type.
fn mark_primary(value: &mut Json) {
    let Json::Array(elements) = value else { return };
    if elements.iter().any(|element| element.get("primary").is_some()) {
        return;
    }
    if let Some(Json::Object(first)) = elements.first_mut()
        && first.contains_key("type")
    {
        first.insert("primary".to_owned(), Json::Bool(true));
    }
}

/// The value of an attribute with its sub-attributes in Entra's order.
fn within(attribute: &str, value: Json) -> Json {
    let place = |sub: &str| match sub {
        "primary" => 0,
        "type" => 1,
        "formatted" if attribute == "name" => 2,
        _ => 3,
    };
    match value {
        Json::Array(elements) => elements.into_iter().map(|element| within(attribute, element)).collect(),
        Json::Object(members) => Json::Object(sorted(members, place)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => value,
    }
}

fn sorted(members: Map<String, Json>, place: impl Fn(&str) -> usize) -> Map<String, Json> {
    let order = |one: &String, other: &String| (place(one), one).cmp(&(place(other), other));
    if members.keys().is_sorted_by(|one, other| order(one, other).is_le()) {
        return members;
    }
    ordered(members.into_iter().collect(), place)
}

fn ordered(mut members: Members, place: impl Fn(&str) -> usize) -> Map<String, Json> {
    members.sort_by(|(one, _), (other, _)| (place(one), one).cmp(&(place(other), other)));
    members.into_iter().collect()
}
