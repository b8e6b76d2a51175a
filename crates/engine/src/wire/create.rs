//! POST: the whole resource.

use super::{Wire, form};
use crate::{InTurn, Method, Objects, Reads, Request, Role, RolesForm, Row, SchemasForm, TargetValue, Values};
use provost_scim::urn;
use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeSeq},
};
use serde_json::Value as Json;
use std::borrow::Cow;

/// What Entra puts beside a group's schema: a marker without attributes.
const GROUP_MARKER: &str = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";

impl Wire<'_> {
    /// Makes a resource. What has no value is left out, and so are a group's members.
    ///
    /// The names stand in Entra's order: `schemas`, `externalId`, the name of the object, the others by alphabet, extensions last; within
    /// an element `primary` and `type` come first.
    pub fn create(&self, values: &Values) -> Request {
        let mut body = Members(Vec::with_capacity(self.objects.rows().len()));
        let mut rows = InTurn::new(self.objects.rows());
        for (target, value) in values.named().filter(|(_, value)| !value.is_null()) {
            if let Some(row) = rows.find(|row| row.target.text() == target) {
                put(row, value, self.value(row, value), &mut body);
            }
        }
        body.0.iter_mut().for_each(|(_, value)| mark_primary(value));
        let schemas = self.schemas(&body);
        *body.at("schemas") = schemas;
        if self.compatibility().schemas == SchemasForm::Entra {
            let name = match self.objects.of {
                Objects::Users => "User",
                Objects::Groups => "Group",
            };
            let kind = Node::Scalar(Cow::Owned(Json::from(name)));
            *body.at("meta") = Node::Object(Members(vec![(Cow::Borrowed("resourceType"), kind)]));
        }
        self.order(&mut body);
        let request = Request::with(Method::Post, self.endpoint().to_owned(), &body);
        // Of what the target says of itself something is learnt where it was told that there is none.
        let reads = if values.iter().any(|(_, value)| value.says_none()) { Reads::Whole } else { Reads::Id };
        Request { reads, ..request }
    }

    fn schemas<'b>(&self, body: &Members<'b>) -> Node<'b> {
        let (core, entra) = match self.objects.of {
            Objects::Users => (urn::USER, urn::ENTERPRISE_USER),
            Objects::Groups => (urn::GROUP, GROUP_MARKER),
        };
        let mut schemas = vec![core];
        match self.compatibility().schemas {
            SchemasForm::Entra => schemas.push(entra),
            SchemasForm::Present => {
                schemas.extend(body.0.iter().map(|(name, _)| &**name).filter(|name| name.contains(':')));
            }
        }
        Node::List(schemas.into_iter().map(|urn| Node::Scalar(Cow::Owned(Json::from(urn)))).collect())
    }

    fn order(&self, body: &mut Members<'_>) {
        let second = match self.objects.of {
            Objects::Users => "userName",
            Objects::Groups => "displayName",
        };
        body.0.iter_mut().for_each(|(name, value)| order_within(name, value));
        body.order(|name| match name {
            "schemas" => 0,
            "externalId" => 1,
            name if name == second => 2,
            name if name.contains(':') => 4,
            _ => 3,
        });
    }
}

/// A value of a resource that is being put together.
enum Node<'b> {
    Scalar(Cow<'b, Json>),
    List(Vec<Node<'b>>),
    Object(Members<'b>),
}

/// Members of an object, each name once: few, so that looking through them costs less than an index.
struct Members<'b>(Vec<(Cow<'b, str>, Node<'b>)>);

impl<'b> Node<'b> {
    const NULL: Self = Self::Scalar(Cow::Owned(Json::Null));

    fn is_null(&self) -> bool {
        matches!(self, Self::Scalar(value) if value.is_null())
    }

    /// The members of an object; of what is new, none yet.
    fn object(&mut self) -> Option<&mut Members<'b>> {
        if self.is_null() {
            *self = Self::Object(Members(Vec::new()));
        }
        match self {
            Self::Object(members) => Some(members),
            Self::Scalar(_) | Self::List(_) => None,
        }
    }

    /// The element of a list that a value filter describes; made when it is not there.
    fn element(&mut self, filter: &'b [(String, Json)]) -> Option<&mut Members<'b>> {
        if self.is_null() {
            *self = Self::List(Vec::new());
        }
        let Self::List(list) = self else { return None };
        let is_meant = |element: &Self| match element {
            Self::Object(members) => filter.iter().all(|(name, value)| members.has(name, value)),
            Self::Scalar(_) | Self::List(_) => false,
        };
        let place = list.iter().position(is_meant).unwrap_or_else(|| {
            let described = |(name, value): &'b (String, Json)| (Cow::from(name), Self::Scalar(Cow::Borrowed(value)));
            list.push(Self::Object(Members(filter.iter().map(described).collect())));
            list.len() - 1
        });
        list[place].object()
    }
}

impl<'b> From<Cow<'b, Json>> for Node<'b> {
    fn from(value: Cow<'b, Json>) -> Self {
        match value {
            Cow::Owned(Json::Array(elements)) => {
                Self::List(elements.into_iter().map(|element| Self::from(Cow::Owned(element))).collect())
            }
            Cow::Owned(Json::Object(members)) => {
                let node = |(name, value)| (Cow::Owned(name), Self::from(Cow::Owned(value)));
                Self::Object(Members(members.into_iter().map(node).collect()))
            }
            Cow::Borrowed(structured @ (Json::Array(_) | Json::Object(_))) => {
                Self::from(Cow::Owned(structured.clone()))
            }
            scalar => Self::Scalar(scalar),
        }
    }
}

impl<'b> Members<'b> {
    /// The member of this name; null when it is new.
    fn at(&mut self, name: &'b str) -> &mut Node<'b> {
        let place = self.0.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
            self.0.push((Cow::Borrowed(name), Node::NULL));
            self.0.len() - 1
        });
        &mut self.0[place].1
    }

    fn set(&mut self, name: String, value: Node<'b>) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => self.0.push((Cow::Owned(name), value)),
        }
    }

    fn has(&self, name: &str, value: &Json) -> bool {
        let is_it = |(known, held): &(Cow<'_, str>, Node<'_>)| {
            known == name && matches!(held, Node::Scalar(held) if **held == *value)
        };
        self.0.iter().any(is_it)
    }

    /// Puts them in order: by place, then by name.
    fn order(&mut self, place: impl Fn(&str) -> usize) {
        self.0.sort_by(|(one, _), (other, _)| (place(one), one).cmp(&(place(other), other)));
    }
}

impl Serialize for Node<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Scalar(value) => value.serialize(out),
            Self::Object(members) => members.serialize(out),
            Self::List(elements) => {
                let mut list = out.serialize_seq(Some(elements.len()))?;
                elements.iter().try_for_each(|element| list.serialize_element(element))?;
                list.end()
            }
        }
    }
}

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(Some(self.0.len()))?;
        self.0.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
        map.end()
    }
}

/// Puts a value where its path leads: into an object, an element of a list, or an extension.
fn put<'b>(row: &'b Row, value: &TargetValue, json: Cow<'b, Json>, body: &mut Members<'b>) {
    let path = &row.target;
    let holder = match &path.extension {
        Some(urn) => body.at(urn).object().map(|extension| extension.at(&path.name)),
        None => Some(body.at(&path.name)),
    };
    let Some(holder) = holder else { return };
    match (&path.sub, path.filter.is_empty()) {
        (None, _) => *holder = json.into(),
        (Some(sub), true) => {
            if let Some(object) = holder.object() {
                *object.at(sub) = json.into();
            }
        }
        (Some(sub), false) => {
            let Some(element) = holder.element(&path.filter) else { return };
            match value {
                TargetValue::Roles(roles) => {
                    let single = roles.roles.first().map(|role: &Role| form::element(role, RolesForm::Single));
                    for (name, value) in single.into_iter().flatten() {
                        element.set(name, Node::from(Cow::Owned(value)));
                    }
                }
                TargetValue::Null | TargetValue::Many(_) | TargetValue::One(_) => *element.at(sub) = json.into(),
            }
        }
    }
}

/// The first element of each list is the primary one, unless one says that it is or none has a type.
fn mark_primary(value: &mut Node<'_>) {
    let Node::List(elements) = value else { return };
    let has = |element: &Node<'_>, name: &str| matches!(element, Node::Object(members) if members.0.iter().any(|(known, _)| known == name));
    if elements.iter().any(|element| has(element, "primary")) || !elements.first().is_some_and(|one| has(one, "type")) {
        return;
    }
    if let Some(Node::Object(first)) = elements.first_mut() {
        *first.at("primary") = Node::Scalar(Cow::Owned(Json::Bool(true)));
    }
}

/// Puts the sub-attributes of an attribute's value in Entra's order.
fn order_within(attribute: &str, value: &mut Node<'_>) {
    match value {
        Node::Scalar(_) => {}
        Node::List(elements) => elements.iter_mut().for_each(|element| order_within(attribute, element)),
        Node::Object(members) => members.order(|sub| match sub {
            "primary" => 0,
            "type" => 1,
            "formatted" if attribute == "name" => 2,
            _ => 3,
        }),
    }
}
