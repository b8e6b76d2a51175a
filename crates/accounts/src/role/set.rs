//! Sets of roles: which are legal, and how SCIM shows them.

use super::{RoleError, RoleKey};
use crate::{
    Configuration,
    policy::{Cardinality, OnConflict},
};
use serde_json::{Map, Value, json};

/// Checks a set of roles against the account's rule and answers with the set that counts: the same one, or the one that
/// `roles.on_conflict` chooses from it.
///
/// Every door comes through here, so that what the users page refuses is refused over SCIM for the same reason.
///
/// # Errors
/// When the set is against the rule and the policy says `error`.
pub fn check(config: &Configuration, roles: &[RoleKey]) -> Result<Vec<RoleKey>, RoleError> {
    let mut distinct: Vec<RoleKey> = Vec::new();
    for role in roles {
        if !distinct.contains(role) {
            distinct.push(*role);
        }
    }
    let policy = &config.policy.roles;
    let conflict = distinct.len() > 1
        && match policy.cardinality {
            Cardinality::Single => true,
            Cardinality::DsmRules => distinct.iter().any(|role| config.is_exclusive(*role)),
            Cardinality::Many => false,
        };
    match (conflict, policy.on_conflict) {
        (false, _) => Ok(distinct),
        (true, OnConflict::First) => Ok(distinct.into_iter().take(1).collect()),
        (true, OnConflict::Highest) => {
            Ok(distinct.into_iter().max_by_key(|role| config.permission_count(*role)).into_iter().collect())
        }
        (true, OnConflict::Error) => Err(RoleError::Combination {
            names: distinct.iter().map(|role| config.role_name(*role)).collect(),
            exclusive: distinct
                .iter()
                .filter(|role| config.is_exclusive(**role))
                .map(|role| config.role_name(*role))
                .collect(),
        }),
    }
}

/// The `roles` attribute that shows `roles`: an element as the client sent it where one asserted that role, else the role's
/// value.
pub fn represent(config: &Configuration, roles: &[RoleKey], asserted: &[Value]) -> Vec<Value> {
    let keys: Vec<Option<RoleKey>> =
        asserted.iter().map(|element| super::assertion::find(config, element).ok().flatten()).collect();
    roles
        .iter()
        .map(|role| match keys.iter().position(|key| *key == Some(*role)) {
            Some(position) => asserted[position].clone(),
            None => shown(*role),
        })
        .collect()
}

/// A role as nobody sent it. Only a system role has a `display`: a custom role's name can change without the users who
/// hold it changing.
fn shown(role: RoleKey) -> Value {
    let mut element = Map::new();
    element.insert("value".to_owned(), json!(role.to_string()));
    if let RoleKey::System(system) = role {
        element.insert("display".to_owned(), json!(system.name()));
    }
    Value::Object(element)
}
