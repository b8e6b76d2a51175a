//! Making, changing and removing custom roles.

use super::{Permission, Role, RoleKey, RoleKind};
use crate::{
    Call, Configuration, Decided, Refused, SystemRole,
    account::{name_of, put},
    audit::{self, Entry},
    policy::GroupMode,
};
use provost_change::{ChangeSet, Delete, Expect, Kind, ResourceId};
use serde_json::{Value, json};

/// Custom roles in one account.
pub const ROLES_MAX: usize = 1_000;

/// What a role is made of; when one is changed, `None` leaves it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RoleEdit {
    /// Its name.
    pub name: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// Where it is held; only when it is made.
    pub kind: Option<RoleKind>,
    /// Whether it is held alone.
    pub exclusive: Option<bool>,
    /// What it permits.
    pub permissions: Option<Vec<Permission>>,
}

/// How many users hold a role, as counted when the account's log stood at `seq`. A decision that rests on it holds only as long as
/// nothing else is committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// How many users.
    pub holders: u64,
    /// The head's sequence number, read before counting.
    pub seq: u64,
}

/// Makes a custom role. Its id is the `role_id` that an identity provider uses from then on.
///
/// # Errors
/// A name that is empty, too long or taken; too many roles.
pub fn create(config: &Configuration, call: &Call, new: RoleEdit) -> Result<Decided<Role>, Refused> {
    let name = name_of("role", new.name.as_deref().unwrap_or_default())?;
    free_name(config, &name, None)?;
    if config.roles.len() >= ROLES_MAX {
        return Err(Refused::status(409, format!("an account has at most {ROLES_MAX} custom roles")));
    }
    let role = Role {
        id: ResourceId::new(call.new_id),
        name,
        description: new.description.unwrap_or_default(),
        kind: new.kind.unwrap_or_default(),
        exclusive: new.exclusive.unwrap_or(false),
        permissions: distinct(new.permissions.unwrap_or_default()),
        of_group: false,
    };
    let entry = Entry::done("role.create")
        .about(&Kind::ROLE, role.id, &role.name)
        .changed("exclusive", Value::Null, json!(role.exclusive))
        .changed("permissions", Value::Null, json!(role.permissions));
    let mut change = config.change();
    change.puts.push(put(Kind::ROLE, role.id, call, &role, Expect::Absent));
    change.log.push(audit::entry(call, entry));
    Ok(Decided { change, outcome: role })
}

/// Changes a custom role. `held` says how many users hold it: a role in use does not become exclusive under them.
///
/// # Errors
/// 404 for an unknown or a system role; a name that is taken; `exclusive` for a role in use.
pub fn update(
    config: &Configuration,
    call: &Call,
    id: ResourceId,
    edit: RoleEdit,
    held: Held,
) -> Result<Decided<Role>, Refused> {
    let mut role = config.role(id).cloned().ok_or_else(|| Refused::not_found("role"))?;
    let version = config.role_version(id).ok_or_else(|| Refused::not_found("role"))?;
    if edit.name.is_some() || edit.exclusive.is_some() {
        independent(config, &role)?;
    }
    let mut change = config.change();
    let mut entry = Entry::done("role.update").about(&Kind::ROLE, id, &role.name);
    if let Some(name) = edit.name {
        let name = name_of("role", &name)?;
        free_name(config, &name, Some(id))?;
        entry = entry.changed("name", json!(role.name), json!(name));
        role.name = name;
    }
    if let Some(kind) = edit.kind
        && kind != role.kind
    {
        return Err(Refused::invalid("the kind of a role cannot be changed"));
    }
    if let Some(exclusive) = edit.exclusive {
        let Held { holders, seq } = held;
        if exclusive && !role.exclusive && holders > 0 {
            return Err(Refused::status(409, format!("{holders} users hold this role; it cannot become exclusive")));
        }
        if exclusive && !role.exclusive {
            change.seq = Some(seq);
        }
        entry = entry.changed("exclusive", json!(role.exclusive), json!(exclusive));
        role.exclusive = exclusive;
    }
    if let Some(permissions) = edit.permissions {
        let permissions = distinct(permissions);
        entry = entry.changed("permissions", json!(role.permissions), json!(permissions));
        role.permissions = permissions;
    }
    if let Some(description) = edit.description {
        entry = entry.changed("description", json!(role.description), json!(description));
        role.description = description;
    }
    change.puts.push(put(Kind::ROLE, id, call, &role, Expect::Version(version)));
    change.log.push(audit::entry(call, entry));
    Ok(Decided { change, outcome: role })
}

/// Removes a custom role that nobody holds and that the policy does not name.
///
/// # Errors
/// 404 for an unknown or a system role; 409 while it is in use.
pub fn delete(config: &Configuration, call: &Call, id: ResourceId, held: Held) -> Result<Decided<()>, Refused> {
    let Held { holders, seq } = held;
    let role = config.role(id).ok_or_else(|| Refused::not_found("role"))?;
    let version = config.role_version(id).ok_or_else(|| Refused::not_found("role"))?;
    independent(config, role)?;
    if holders > 0 {
        return Err(Refused::status(409, format!("{holders} users hold role `{}`; it cannot be removed", role.name)));
    }
    let policy = &config.policy;
    let named = [
        ("roles.default", policy.roles.default == RoleKey::Custom(id), "is the default role"),
        ("roles.protected", policy.roles.protected.contains(&RoleKey::Custom(id)), "is protected by the policy"),
        (
            "groups.roles",
            policy.groups.roles.iter().any(|mapping| mapping.role == RoleKey::Custom(id)),
            "is what the members of a group hold",
        ),
    ];
    if let Some((field, _, what)) = named.into_iter().find(|(_, named, _)| *named) {
        return Err(Refused::by(field, 409, None, format!("role `{}` {what}", role.name)));
    }
    let change = ChangeSet {
        deletes: vec![Delete::bare(Kind::ROLE, id, version)],
        seq: Some(seq),
        log: vec![audit::entry(call, Entry::done("role.delete").about(&Kind::ROLE, id, &role.name))],
        ..config.change()
    };
    Ok(Decided { change, outcome: () })
}

/// A role that is a group's is renamed and removed with the group.
fn independent(config: &Configuration, role: &Role) -> Result<(), Refused> {
    if role.of_group && config.policy.groups.mode == GroupMode::Roles {
        let detail = format!("`{}` is the role of the group of this name; change the group", role.name);
        return Err(Refused::by("groups.mode", 409, None, detail));
    }
    Ok(())
}

fn free_name(config: &Configuration, name: &str, except: Option<ResourceId>) -> Result<(), Refused> {
    let system = SystemRole::ALL.into_iter().any(|role| role.name() == name || role.value() == name);
    let taken = config.roles.iter().any(|role| role.name == name && Some(role.id) != except);
    if system || taken { Err(Refused::status(409, format!("a role named `{name}` exists"))) } else { Ok(()) }
}

fn distinct(mut permissions: Vec<Permission>) -> Vec<Permission> {
    permissions.sort_unstable();
    permissions.dedup();
    permissions
}
