//! Which declared values this version offers, and which make sense.

use super::{
    Attributes, CredentialKind, GroupMode, Guard, Notify, Policy, PolicyError, ProfileScope, QuorumMember, RoleMatch,
};
use provost_scim::{AttrPath, ResourceType};

/// Longest list in a policy.
const LIST_MAX: usize = 200;

pub(super) fn check(policy: &Policy) -> Result<(), PolicyError> {
    not_offered(policy)?;
    lists(policy)?;
    attributes(policy)
}

fn not_offered(policy: &Policy) -> Result<(), PolicyError> {
    let refused = [
        (policy.groups.mode == GroupMode::Managed, "groups.mode", "managed"),
        (policy.credentials.kind == CredentialKind::UserToken, "credentials.kind", "user_token"),
        (policy.credentials.kind == CredentialKind::Both, "credentials.kind", "both"),
        (policy.notify == Notify::User, "notify", "user"),
        (policy.notify == Notify::Admins, "notify", "admins"),
        (policy.quorum_member == QuorumMember::Suspend, "quorum_member", "suspend"),
        (policy.users.profile_scope == ProfileScope::User, "users.profile_scope", "user"),
        (policy.guards.contains(&Guard::TokenOwner), "guards", "token_owner"),
    ];
    match refused.into_iter().find(|(refused, ..)| *refused) {
        Some((_, field, value)) => Err(PolicyError::NotOffered { field, value }),
        None => Ok(()),
    }
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
    if policy.roles.matching.is_empty() || policy.roles.matching.len() > 3 {
        let ways = [RoleMatch::Id, RoleMatch::ValueName, RoleMatch::Display].len();
        return Err(PolicyError::Value { field: "roles.matching", problem: format!("one to {ways} ways, each once") });
    }
    if let Some(domain) = policy.users.domains.iter().find(|domain| domain.is_empty() || domain.contains('@')) {
        return Err(PolicyError::Value { field: "users.domains", problem: format!("`{domain}` is no domain") });
    }
    if policy.audit.retention_days == Some(0) {
        return Err(PolicyError::Value { field: "audit.retention_days", problem: "at least 1 day".to_owned() });
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
