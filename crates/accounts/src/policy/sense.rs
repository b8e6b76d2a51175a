//! Which values make sense.

use super::{Attributes, Policy, PolicyError};
use provost_scim::{AttrPath, ResourceType};

/// Longest list in a policy.
const LIST_MAX: usize = 200;

/// Whether what a policy says makes sense.
///
/// # Errors
/// The first field that does not.
pub fn check(policy: &Policy) -> Result<(), PolicyError> {
    lists(policy)?;
    orders(policy)?;
    roles(policy)?;
    limits(policy)?;
    attributes(policy)
}

fn lists(policy: &Policy) -> Result<(), PolicyError> {
    let lists: [(&'static str, &[String]); 4] = [
        ("users.domains", &policy.users.domains),
        ("users.required", &policy.users.required),
        ("roles.idp_defaults", &policy.roles.idp_defaults),
        ("clients.verified", &policy.clients.verified),
    ];
    for (field, list) in lists {
        let problem = match list {
            list if list.len() > LIST_MAX => format!("at most {LIST_MAX} entries"),
            list if list.iter().any(|entry| entry.len() > LIST_MAX) => format!("an entry has at most {LIST_MAX} bytes"),
            _ => continue,
        };
        return Err(PolicyError::Value { field, problem });
    }
    if let Some(domain) = policy.users.domains.iter().find(|domain| domain.is_empty() || domain.contains('@')) {
        return Err(PolicyError::Value { field: "users.domains", problem: format!("`{domain}` is no domain") });
    }
    Ok(())
}

/// Ways that are tried one after the other: at least one, each once.
fn orders(policy: &Policy) -> Result<(), PolicyError> {
    fn distinct<T: PartialEq>(ways: &[T]) -> bool {
        !ways.is_empty() && ways.iter().enumerate().all(|(place, way)| !ways[..place].contains(way))
    }
    let orders =
        [("users.matching", distinct(&policy.users.matching)), ("roles.matching", distinct(&policy.roles.matching))];
    match orders.into_iter().find(|(_, fits)| !fits) {
        Some((field, _)) => Err(PolicyError::Value { field, problem: "one way or more, each once".to_owned() }),
        None => Ok(()),
    }
}

fn roles(policy: &Policy) -> Result<(), PolicyError> {
    let groups = &policy.groups.roles;
    if groups.len() > LIST_MAX || policy.roles.protected.len() > LIST_MAX {
        let field = if groups.len() > LIST_MAX { "groups.roles" } else { "roles.protected" };
        return Err(PolicyError::Value { field, problem: format!("at most {LIST_MAX} entries") });
    }
    let named_badly = |name: &str| name.trim().is_empty() || name.len() > LIST_MAX;
    if let Some(mapping) = groups.iter().find(|mapping| named_badly(&mapping.group)) {
        let problem = format!("`{}` is no name of a group: it has 1 to {LIST_MAX} bytes", mapping.group.trim());
        return Err(PolicyError::Value { field: "groups.roles", problem });
    }
    if let Some(mapping) = groups.iter().find(|mapping| policy.roles.protected.contains(&mapping.role)) {
        let problem = format!("`{}` is protected, so that no group can give it", mapping.role);
        return Err(PolicyError::Value { field: "groups.roles", problem });
    }
    if policy.roles.protected.contains(&policy.roles.default) {
        let problem = format!("`{}` is the default role, which SCIM must be able to grant", policy.roles.default);
        return Err(PolicyError::Value { field: "roles.protected", problem });
    }
    Ok(())
}

/// Leavers that can be counted: fewer than the entries of the audit log that are looked at.
const LEAVERS_MAX: u32 = 500;
/// Most resources on a page that an account can ask for.
const PAGE_SIZE_MAX: u32 = 1_000;

fn limits(policy: &Policy) -> Result<(), PolicyError> {
    let at_most = [
        ("alerts.failure_percent", policy.alerts.failure_percent, 100),
        ("alerts.leavers_per_hour", policy.alerts.leavers_per_hour, LEAVERS_MAX),
    ];
    if let Some((field, _, most)) =
        at_most.into_iter().find(|(_, value, most)| value.is_some_and(|value| value > *most))
    {
        return Err(PolicyError::Value { field, problem: format!("at most {most}") });
    }
    let at_least_one = [
        ("users.text_length_max", policy.users.text_length_max),
        ("users.deleted_retention_days", Some(policy.users.deleted_retention_days)),
        ("groups.members_per_patch_max", policy.groups.members_per_patch_max),
        ("groups.per_user_max", policy.groups.per_user_max),
        ("credentials.lifetime_days_max", policy.credentials.lifetime_days_max),
        ("limits.requests_per_second", policy.limits.requests_per_second),
        ("alerts.no_contact_hours", policy.alerts.no_contact_hours),
        ("alerts.failure_percent", policy.alerts.failure_percent),
        ("alerts.leavers_per_hour", policy.alerts.leavers_per_hour),
        ("clients.interval_minutes", Some(policy.clients.interval_minutes)),
    ];
    if let Some((field, _)) = at_least_one.into_iter().find(|(_, most)| *most == Some(0)) {
        return Err(PolicyError::Value { field, problem: "at least 1".to_owned() });
    }
    if policy.audit.retention_days == Some(0) {
        return Err(PolicyError::Value { field: "audit.retention_days", problem: "at least 1 day".to_owned() });
    }
    if policy.limits.page_size_max == 0 || policy.limits.page_size_max > PAGE_SIZE_MAX {
        return Err(PolicyError::Value { field: "limits.page_size_max", problem: format!("1 to {PAGE_SIZE_MAX}") });
    }
    Ok(())
}

fn attributes(policy: &Policy) -> Result<(), PolicyError> {
    let user = ResourceType::user().map_err(|error| PolicyError::Form(error.to_string()))?;
    let supported: &[String] = match &policy.users.attributes {
        Attributes::All(_) => &[],
        Attributes::Only(names) => names,
    };
    for (field, names) in [("users.attributes", supported), ("users.required", policy.users.required.as_slice())] {
        for name in names {
            let known = name.parse::<AttrPath>().is_ok_and(|path| user.resolve(&path).is_ok());
            if !known {
                return Err(PolicyError::Value { field, problem: format!("`{name}` is no attribute of a User") });
            }
        }
    }
    if matches!(policy.users.attributes, Attributes::Only(_))
        && !supported.iter().any(|name| name.eq_ignore_ascii_case("userName"))
    {
        return Err(PolicyError::Value { field: "users.attributes", problem: "`userName` is needed".to_owned() });
    }
    Ok(())
}
