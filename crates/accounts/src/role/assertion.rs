//! How the elements of a `roles` attribute find roles of the account.

use super::{Role, RoleKey, RoleKind, SystemRole};
use crate::{
    Configuration,
    policy::{MatchCase, NoRole, RoleMatch, Tolerance, UnknownRole},
};
use provost_scim::text::fold;
use serde_json::Value;

/// Why an assertion of roles is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RoleError {
    /// No role of the account fits. A role of another account reads the same.
    #[error(
        "role `{name}` does not exist in this account: create it here first, and use its role_id as the app role's value"
    )]
    Unknown {
        /// What the client sent.
        name: String,
    },
    /// The role is held in groups, not in the account.
    #[error("role `{name}` is a group role and cannot be assigned as an account role")]
    GroupRole {
        /// The role's name.
        name: String,
    },
    /// Roles that may not be held together.
    #[error("{} cannot be held together: assign one of them{}", list(names), because(exclusive))]
    Combination {
        /// All of them.
        names: Vec<String>,
        /// Those that are exclusive.
        exclusive: Vec<String>,
    },
    /// No role is asserted where one is wanted.
    #[error("no role is asserted: assign one of this account's roles at the identity provider")]
    None,
    /// An app role's value may not contain a space.
    #[error(
        "role value `{value}` contains a space: use ACCOUNTADMINISTRATOR, ACCOUNTMEMBER, ACCOUNTAUDITOR or a role_id"
    )]
    Space {
        /// What the client sent.
        value: String,
    },
    /// A role packed as JSON text, as SingleAppRoleAssignment and AppRoleAssignmentsComplex send it.
    #[error(
        "role value is JSON packed into a string, as SingleAppRoleAssignment and AppRoleAssignmentsComplex send it: \
         map `roles` with AssertiveAppRoleAssignmentsComplex([appRoleAssignments])"
    )]
    Packed,
}

fn list(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(" and ")
}

fn because(exclusive: &[String]) -> String {
    match exclusive {
        [] => String::new(),
        [one] => format!(" (`{one}` is exclusive)"),
        several => format!(" ({} are exclusive)", list(several)),
    }
}

/// What an assertion comes to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Asserted {
    /// The roles, legal together; the default role when none was asserted.
    pub roles: Vec<RoleKey>,
    /// Elements in standard form, to be remembered as what the client wants.
    pub elements: Vec<Value>,
    /// Names that the policy let fall back or ignored, for the audit log.
    pub fallbacks: Vec<String>,
}

/// What one element of a `roles` attribute means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A role of the account.
    Role {
        /// Which one.
        role: RoleKey,
        /// What identified it: the first way of `roles.matching` that found one.
        by: RoleMatch,
    },
    /// What an identity provider assigns where an application has no roles of its own (`roles.idp_defaults`): it counts as none.
    NoRole,
    /// A role that the account does not have: the default role takes its place (`roles.unknown`).
    Fallback(RoleKey),
    /// A role that the account does not have, left out (`roles.unknown`).
    Ignored,
}

/// What one element means under the account's policy: the rule that every assertion goes through, for those who want to know why.
///
/// # Errors
/// [`RoleError`] for an element that is refused whatever stands beside it.
pub fn explain(config: &Configuration, element: &Value) -> Result<Meaning, RoleError> {
    meaning(config, &unpacked(config, element)?)
}

fn meaning(config: &Configuration, element: &Value) -> Result<Meaning, RoleError> {
    match found(config, element)? {
        Some((role, by)) => Ok(Meaning::Role { role, by }),
        None if is_idp_default(config, element) => Ok(Meaning::NoRole),
        None => match config.policy.roles.unknown {
            UnknownRole::Reject => Err(RoleError::Unknown { name: name_of(config, element) }),
            UnknownRole::Default => Ok(Meaning::Fallback(config.policy.roles.default)),
            UnknownRole::Ignore => Ok(Meaning::Ignored),
        },
    }
}

/// Resolves the elements of a `roles` attribute under the account's policy.
///
/// # Errors
/// [`RoleError`], as the policy's fields under `roles` say.
pub fn assert_roles(config: &Configuration, elements: &[Value]) -> Result<Asserted, RoleError> {
    let mut asserted = Asserted::default();
    for element in elements {
        let element = unpacked(config, element)?;
        match meaning(config, &element)? {
            Meaning::Role { role, .. } => asserted.roles.push(role),
            Meaning::NoRole => {}
            Meaning::Fallback(role) => {
                asserted.roles.push(role);
                asserted.fallbacks.push(name_of(config, &element));
            }
            Meaning::Ignored => asserted.fallbacks.push(name_of(config, &element)),
        }
        asserted.elements.push(element);
    }
    asserted.roles = super::check(config, &asserted.roles)?;
    if asserted.roles.is_empty() {
        match config.policy.roles.none {
            NoRole::Default => asserted.roles.push(config.policy.roles.default),
            NoRole::Reject => return Err(RoleError::None),
        }
    }
    Ok(asserted)
}

/// The role that an element means, or `None`.
pub(super) fn find(config: &Configuration, element: &Value) -> Result<Option<RoleKey>, RoleError> {
    Ok(found(config, element)?.map(|(role, _)| role))
}

/// The role that an element means, and what identified it.
fn found(config: &Configuration, element: &Value) -> Result<Option<(RoleKey, RoleMatch)>, RoleError> {
    let policy = &config.policy.roles;
    let value = text(element, "value");
    if policy.value_spaces == Tolerance::Reject
        && let Some(value) = value.filter(|value| value.contains(char::is_whitespace))
    {
        return Err(RoleError::Space { value: value.to_owned() });
    }
    let same = |left: &str, right: &str| {
        let exact = policy.match_case == MatchCase::Exact;
        fold(left, exact) == fold(right, exact)
    };
    let display = text(element, "display");
    let custom = |name: &str| config.roles.iter().find(|role| same(&role.name, name)).map(Found::Custom);
    let by_value = |name: &str| system(|role| same(role.value(), name)).or_else(|| custom(name));
    let by_display = |name: &str| system(|role| same(role.name(), name)).or_else(|| custom(name));
    for way in &policy.matching {
        let found = match way {
            RoleMatch::Id => {
                value.and_then(|value| config.roles.iter().find(|role| role.id.to_string() == value).map(Found::Custom))
            }
            RoleMatch::ValueName => value.and_then(by_value),
            RoleMatch::Display => display.and_then(by_display),
            RoleMatch::DisplayElseValue => match display {
                Some(display) => by_display(display),
                None => value.and_then(|value| by_display(value).or_else(|| by_value(value))),
            },
        };
        match found {
            Some(Found::System(role)) => return Ok(Some((RoleKey::System(role), *way))),
            Some(Found::Custom(role)) => return Ok(Some((account_role(role)?, *way))),
            None => {}
        }
    }
    Ok(None)
}

/// A role that a name finds.
enum Found<'c> {
    System(SystemRole),
    Custom(&'c Role),
}

fn system<'c>(is: impl Fn(SystemRole) -> bool) -> Option<Found<'c>> {
    SystemRole::ALL.into_iter().find(|role| is(*role)).map(Found::System)
}

fn account_role(role: &Role) -> Result<RoleKey, RoleError> {
    match role.kind {
        RoleKind::Account => Ok(RoleKey::Custom(role.id)),
        RoleKind::Group => Err(RoleError::GroupRole { name: role.name.clone() }),
    }
}

fn unpacked(config: &Configuration, element: &Value) -> Result<Value, RoleError> {
    match (provost_scim::dialect::unpack_role(element), config.policy.roles.packed_json) {
        (None, _) => Ok(element.clone()),
        (Some(plain), Tolerance::Accept) => Ok(plain),
        (Some(_), Tolerance::Reject) => Err(RoleError::Packed),
    }
}

fn is_idp_default(config: &Configuration, element: &Value) -> bool {
    let names = &config.policy.roles.idp_defaults;
    match (text(element, "value"), text(element, "display")) {
        (Some(value), _) => names.iter().any(|name| name == value),
        (None, Some(display)) => names.iter().any(|name| name == display),
        (None, None) => true,
    }
}

fn text<'a>(element: &'a Value, name: &str) -> Option<&'a str> {
    element.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// What the role was looked for by.
fn name_of(config: &Configuration, element: &Value) -> String {
    let by_display = match config.policy.roles.matching.first() {
        Some(RoleMatch::Display | RoleMatch::DisplayElseValue) => true,
        Some(RoleMatch::Id | RoleMatch::ValueName) | None => false,
    };
    let names = if by_display { ["display", "value"] } else { ["value", "display"] };
    names.into_iter().find_map(|name| text(element, name)).unwrap_or("(empty)").to_owned()
}
