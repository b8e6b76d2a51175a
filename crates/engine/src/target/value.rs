//! Values on their way to a target, and values that a target has.

use super::TargetName;
use crate::{InTurn, Shared};
use provost_expression::{AppRole, AppRoles, RoleForm};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeMap};
use serde_json::Value as Json;
use std::fmt;
use uuid::Uuid;

/// The value of one attribute of a target.
///
/// As JSON: null, a scalar, an array of scalars, or an object for roles.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum TargetValue {
    /// None.
    #[default]
    Null,
    /// App roles.
    Roles(Roles),
    /// The values of a multi-valued attribute; a set, whose order means nothing.
    Many(Vec<Json>),
    /// A text, a number or a boolean. A reference is the text of the id that its object has at the target.
    One(Json),
}

/// App roles on their way to a target, or as seen there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roles {
    /// Each once.
    pub roles: Vec<Role>,
    /// What it means that a role is not among them.
    pub form: RolesForm,
}

/// One app role of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Id of the app role; `None` for a role as seen at the target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// What the target knows the role by.
    pub value: String,
    /// What people know the role by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
}

/// What it means that a role is not among [`Roles::roles`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RolesForm {
    /// `SingleAppRoleAssignment`: nothing; this one is the primary role.
    Single,
    /// `AppRoleAssignmentsComplex`: nothing; roles are added and never removed.
    Added,
    /// `AssertiveAppRoleAssignmentsComplex`: the target shall take it away.
    Asserted,
}

/// Values by the name of the target's attribute, as the mapping writes it; in the order of the mapping's rows, each name once.
///
/// As JSON an object. This is what a link keeps of what was written last. A copy costs nothing until one of the two changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Values(Shared<Vec<(TargetName, TargetValue)>>);

impl TargetValue {
    /// Whether there is no value: absent, or several of which there is none. No asserted role is a value: the target shall have none.
    pub fn is_null(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Many(values) => values.is_empty(),
            Self::Roles(roles) => roles.roles.is_empty() && roles.form != RolesForm::Asserted,
            Self::One(_) => false,
        }
    }

    /// Whether it says that the target shall have none: no asserted role.
    pub(crate) fn says_none(&self) -> bool {
        matches!(self, Self::Roles(roles) if roles.roles.is_empty() && roles.form == RolesForm::Asserted)
    }

    /// As the provisioning log shows it: text, `True` or `False`; several joined by `, `; roles by their values. `None` for no value.
    pub fn shown(&self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::One(value) => Some(scalar(value)),
            Self::Many(values) => Some(values.iter().map(scalar).collect::<Vec<_>>().join(", ")),
            Self::Roles(roles) => {
                Some(roles.roles.iter().map(|role| role.value.as_str()).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

/// A scalar as logs and the older dialect show it.
pub(crate) fn scalar(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Bool(true) => "True".to_owned(),
        Json::Bool(false) => "False".to_owned(),
        Json::Null | Json::Number(_) | Json::Array(_) | Json::Object(_) => value.to_string(),
    }
}

impl From<&str> for TargetValue {
    fn from(text: &str) -> Self {
        Self::One(Json::from(text))
    }
}

impl From<bool> for TargetValue {
    fn from(value: bool) -> Self {
        Self::One(Json::from(value))
    }
}

impl From<AppRole> for Role {
    fn from(role: AppRole) -> Self {
        Self { id: Some(role.id), value: role.value, display_name: Some(role.display_name) }
    }
}

impl From<AppRoles> for Roles {
    fn from(roles: AppRoles) -> Self {
        let form = match roles.form {
            RoleForm::Added => RolesForm::Added,
            RoleForm::Asserted => RolesForm::Asserted,
        };
        Self { roles: roles.roles.into_iter().map(Role::from).collect(), form }
    }
}

impl Values {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of an attribute; `None` when nothing is known of it, which is not the same as [`TargetValue::Null`].
    pub fn get(&self, target: &str) -> Option<&TargetValue> {
        self.0.iter().find(|(name, _)| **name == *target).map(|(_, value)| value)
    }

    /// None, with room for so many.
    pub(crate) fn with_capacity(count: usize) -> Self {
        Self(Vec::with_capacity(count).into())
    }

    /// The values to be asked for in turn.
    pub(crate) fn in_turn(&self) -> InTurn<'_, (TargetName, TargetValue)> {
        InTurn::new(&self.0)
    }

    /// Adds the value of an attribute that is not among them.
    pub(crate) fn push(&mut self, target: TargetName, value: TargetValue) {
        debug_assert!(self.get(&target).is_none(), "{target} is there already");
        self.0.push((target, value));
    }

    /// Sets the value of an attribute; a new one comes last.
    pub fn set(&mut self, target: &str, value: TargetValue) {
        match self.0.iter_mut().find(|(name, _)| **name == *target) {
            Some((_, known)) => *known = value,
            None => self.0.push((TargetName::from(target), value)),
        }
    }

    /// Forgets an attribute.
    pub fn remove(&mut self, target: &str) {
        if self.get(target).is_some() {
            self.0.retain(|(name, _)| **name != *target);
        }
    }

    /// Forgets that attributes have no value: where that is as good as not to know of any.
    pub fn forget_nulls(&mut self) {
        if self.0.iter().any(|(_, value)| *value == TargetValue::Null) {
            self.0.retain(|(_, value)| *value != TargetValue::Null);
        }
    }

    /// In order, under the names that they are kept by.
    pub(crate) fn named(&self) -> impl Iterator<Item = (&TargetName, &TargetValue)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// In order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &TargetValue)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<N: Into<TargetName>> FromIterator<(N, TargetValue)> for Values {
    fn from_iter<I: IntoIterator<Item = (N, TargetValue)>>(entries: I) -> Self {
        let mut values = Self::new();
        for (name, value) in entries {
            let name = name.into();
            match values.0.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known = value,
                None => values.0.push((name, value)),
            }
        }
        values
    }
}

impl Serialize for Values {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.0.iter() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        struct Entries;

        impl<'de> de::Visitor<'de> for Entries {
            type Value = Values;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object of values by attribute")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut entries: A) -> Result<Values, A::Error> {
                let mut values: Vec<(TargetName, TargetValue)> = Vec::new();
                while let Some(entry) = entries.next_entry()? {
                    values.push(entry);
                }
                Ok(values.into_iter().collect())
            }
        }

        reader.deserialize_map(Entries)
    }
}
