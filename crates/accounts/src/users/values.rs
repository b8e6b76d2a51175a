//! Limits that the policy sets to the values of attributes.

use crate::{
    Configuration, Refused,
    policy::{MultiValued, RoleMeaning},
};
use provost_scim::Resource;
use serde_json::Value;

/// A value that the policy does not take.
#[derive(Debug, PartialEq)]
pub(crate) struct Excess {
    /// The policy field.
    pub field: &'static str,
    /// What is wrong, naming the attribute.
    pub problem: String,
}

/// Checks the attributes that differ from `before`: what was there stays as it is, so that a user who is out of line can still be
/// disabled.
///
/// # Errors
/// By `users.multi_valued` and `users.text_length_max`.
pub(super) fn check(config: &Configuration, before: Option<&Resource>, after: &Resource) -> Result<(), Refused> {
    let changed =
        after.attributes().iter().filter(|(name, value)| before.and_then(|before| before.get(name)) != Some(value));
    match changed.filter_map(|(name, value)| excess(config, name, value)).next() {
        None => Ok(()),
        Some(Excess { field, problem }) => Err(Refused::value(field, problem)),
    }
}

/// What an attribute holds too much of. Roles that are granted follow rules of their own.
pub(crate) fn excess(config: &Configuration, name: &str, value: &Value) -> Option<Excess> {
    let policy = &config.policy;
    let grants = name == "roles" && policy.roles.meaning == RoleMeaning::Grant;
    if grants || matches!(name, "schemas" | "id") {
        return None;
    }
    if policy.users.multi_valued == MultiValued::One
        && let Some(name) = named(name, value, &|value| value.as_array().is_some_and(|values| values.len() > 1))
    {
        let problem = format!("`{name}` takes one value in this account");
        return Some(Excess { field: "users.multi_valued", problem });
    }
    let most = policy.users.text_length_max?;
    let is_longer = |value: &Value| value.as_str().is_some_and(|text| text.chars().nth(most as usize).is_some());
    let name = named(name, value, &is_longer)?;
    Some(Excess { field: "users.text_length_max", problem: format!("`{name}` takes at most {most} characters") })
}

/// The attribute, in attribute notation, that is as asked or has a part that is: a core attribute, or one of an extension.
fn named(name: &str, value: &Value, is: &impl Fn(&Value) -> bool) -> Option<String> {
    match value {
        Value::Object(attributes) if name.starts_with("urn:") => {
            attributes.iter().find_map(|(inner, value)| part(&format!("{name}:{inner}"), value, is))
        }
        _ => part(name, value, is),
    }
}

fn part(name: &str, value: &Value, is: &impl Fn(&Value) -> bool) -> Option<String> {
    if is(value) {
        return Some(name.to_owned());
    }
    match value {
        Value::Array(values) => values.iter().find_map(|value| part(name, value, is)),
        Value::Object(members) => members.iter().find_map(|(inner, value)| part(&format!("{name}.{inner}"), value, is)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}
