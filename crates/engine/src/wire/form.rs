//! Values as JSON.

use super::Wire;
use crate::{ManagerForm, Role, Roles, RolesForm, Row, TargetType, TargetValue};
use provost_expression::APP_ROLE_TYPE;
use serde_json::{Map, Value as Json, json};
use std::borrow::Cow;

impl Wire<'_> {
    /// A value as a POST carries it; what a PATCH carries differs in booleans and roles.
    pub(super) fn value<'v>(&self, row: &Row, value: &'v TargetValue) -> Cow<'v, Json> {
        let made = match value {
            TargetValue::Null => Json::Null,
            TargetValue::One(id) if row.kind == TargetType::Reference && row.target.sub.is_none() => {
                match self.compatibility().manager {
                    ManagerForm::Text => return Cow::Borrowed(id),
                    ManagerForm::Object => json!({ "value": id }),
                }
            }
            TargetValue::One(value) => return Cow::Borrowed(value),
            // Every multi-valued attribute of the core schemas is complex (RFC 7643, section 4); custom ones are lists of texts.
            TargetValue::Many(values) if row.target.extension.is_none() && row.target.sub.is_none() => {
                values.iter().map(|value| json!({ "value": value })).collect()
            }
            TargetValue::Many(values) => Json::from(values.clone()),
            TargetValue::Roles(roles) => elements(roles),
        };
        Cow::Owned(made)
    }
}

/// The elements of `roles` as a POST carries them.
pub(super) fn elements(roles: &Roles) -> Json {
    roles.roles.iter().map(|role| Json::Object(element(role, roles.form))).collect()
}

/// One role as an element: what is added calls the name `displayName`, what is asserted calls it `display`, and the primary role has none.
pub(super) fn element(role: &Role, form: RolesForm) -> Map<String, Json> {
    let mut element = Map::new();
    element.insert("primary".to_owned(), Json::from(form == RolesForm::Single));
    element.insert("type".to_owned(), Json::from(APP_ROLE_TYPE));
    let name = match form {
        RolesForm::Single => None,
        RolesForm::Added => Some("displayName"),
        RolesForm::Asserted => Some("display"),
    };
    if let (Some(name), Some(display)) = (name, &role.display_name) {
        element.insert(name.to_owned(), Json::from(display.as_str()));
    }
    element.insert("value".to_owned(), Json::from(role.value.as_str()));
    element
}

/// One role as the older PATCH carries it: JSON in a text.
pub(super) fn packed(role: &Role) -> Json {
    let mut inner = Map::new();
    if let Some(id) = role.id {
        inner.insert("id".to_owned(), Json::from(id.hyphenated().to_string()));
    }
    inner.insert("value".to_owned(), Json::from(role.value.as_str()));
    if let Some(name) = &role.display_name {
        inner.insert("displayName".to_owned(), Json::from(name.as_str()));
    }
    json!({ "value": Json::Object(inner).to_string() })
}
