//! Roles as Entra's `SingleAppRoleAssignment` and `AppRoleAssignmentsComplex` send them in a PATCH.

use serde_json::{Map, Value};

/// The role that is packed as JSON text in the `value` of a role, in the form that a POST has; `None` when nothing is.
///
/// `{"value":"{\"id\":\"06b07648-…\",\"value\":\"Admin\",\"displayName\":\"Admin\"}"}` becomes
/// `{"value":"Admin","display":"Admin"}`; other members stay. The `id` is that of the client's app role and is dropped.
/// Not part of the normalisation: a text that looks like JSON may be a role's real value, so the account's policy decides.
pub fn unpack_role(role: &Value) -> Option<Value> {
    let Value::Object(role) = role else { return None };
    let (key, text) = role.iter().find(|(name, _)| name.eq_ignore_ascii_case("value"))?;
    let Value::Object(packed) = serde_json::from_str(text.as_str()?).ok()? else { return None };
    let member = |name: &str| packed.get(name).filter(|value| value.is_string()).cloned();
    let mut unpacked = Map::new();
    unpacked.insert("value".to_owned(), member("value")?);
    unpacked.extend(member("displayName").map(|display| ("display".to_owned(), display)));
    for (name, value) in role.iter().filter(|(name, _)| *name != key) {
        unpacked.insert(name.clone(), value.clone());
    }
    Some(Value::Object(unpacked))
}
