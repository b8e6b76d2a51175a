//! What expressions work on.

use crate::app_role::{AppRole, AppRoles};
use crate::datetime;
use jiff::Timestamp;
use serde_json::Value as Json;

/// A value of an attribute, of a call, or of a whole expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Absent.
    Null,
    /// One text, which may be empty.
    Text(String),
    /// As text, `True` or `False`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A point in time; as text in UTC, `M/d/yyyy h:mm:ss tt`.
    DateTime(Timestamp),
    /// The values of a multi-valued attribute.
    Many(Vec<String>),
    /// One app role; as text its `value`.
    Role(AppRole),
    /// App roles as the values of a complex attribute.
    Roles(AppRoles),
}

/// No number, date or boolean is longer as text.
const SCALAR_BYTES: usize = 24;

impl Value {
    /// The value of an attribute that holds `json`: a number that is not whole becomes a text, and `null` in an array is left out.
    /// `None` for an object, and for an array with objects or arrays in it.
    pub fn from_json(json: &Json) -> Option<Self> {
        match json {
            Json::Null => Some(Self::Null),
            Json::Bool(value) => Some(Self::Boolean(*value)),
            Json::Number(number) => Some(number.as_i64().map_or_else(|| Self::Text(number.to_string()), Self::Integer)),
            Json::String(text) => Some(Self::Text(text.clone())),
            Json::Array(elements) => {
                let mut values = Vec::with_capacity(elements.len());
                for element in elements {
                    match Self::from_json(element)? {
                        Self::Null => {}
                        Self::Many(_) => return None,
                        single => values.extend(single.text()),
                    }
                }
                Some(Self::Many(values))
            }
            Json::Object(_) => None,
        }
    }

    /// The value as JSON. Points in time are texts, and one role is its value.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Boolean(value) => Json::from(*value),
            Self::Integer(number) => Json::from(*number),
            Self::Many(values) => Json::from(values.clone()),
            Self::Roles(roles) => Json::from(roles.elements()),
            Self::Text(_) | Self::DateTime(_) | Self::Role(_) => self.text().map_or(Json::Null, Json::from),
        }
    }

    /// The value as one text. `None` when it is absent, when there are several, and for complex values.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Boolean(true) => Some("True".to_owned()),
            Self::Boolean(false) => Some("False".to_owned()),
            Self::Integer(number) => Some(number.to_string()),
            Self::DateTime(at) => Some(datetime::shown(*at)),
            Self::Role(role) => Some(role.value.clone()),
            Self::Many(values) if values.len() == 1 => values.first().cloned(),
            Self::Null | Self::Many(_) | Self::Roles(_) => None,
        }
    }

    /// Whether there is no value: absent, or a multi-valued attribute without values.
    pub fn is_null(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Many(values) => values.is_empty(),
            Self::Text(_)
            | Self::Boolean(_)
            | Self::Integer(_)
            | Self::DateTime(_)
            | Self::Role(_)
            | Self::Roles(_) => false,
        }
    }

    /// Whether there is no value, or none but the empty text.
    pub fn is_null_or_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Many(values) => values.iter().all(String::is_empty),
            Self::Roles(roles) => roles.roles.is_empty(),
            Self::Null | Self::Boolean(_) | Self::Integer(_) | Self::DateTime(_) | Self::Role(_) => self.is_null(),
        }
    }

    /// What it weighs in a budget, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Null => 1,
            Self::Boolean(_) | Self::Integer(_) | Self::DateTime(_) => SCALAR_BYTES,
            Self::Text(text) => text.len() + 1,
            Self::Many(values) => values.iter().map(|value| value.len() + 24).sum::<usize>() + 1,
            Self::Role(role) => role.bytes(),
            Self::Roles(roles) => roles.roles.iter().map(AppRole::bytes).sum::<usize>() + 1,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}
