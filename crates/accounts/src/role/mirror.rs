//! Groups that are roles: one role for each group, with the group's id and name (`groups.mode: roles`, as in Snowflake).

use super::{Role, RoleKind};
use crate::{Call, Configuration, Refused, SystemRole, account::put};
use provost_change::{ChangeSet, Delete, Expect, Kind, ResourceId};

/// Lets the roles follow a group that comes, is renamed or goes.
///
/// # Errors
/// 409 when another role has the name.
pub(crate) fn mirror(
    config: &Configuration,
    call: &Call,
    before: Option<ResourceId>,
    after: Option<(ResourceId, &str)>,
    change: &mut ChangeSet,
) -> Result<(), Refused> {
    let there = before.and_then(|id| Some((config.role(id)?, config.role_version(id)?)));
    match (there, after) {
        (Some((role, version)), None) => change.deletes.push(Delete::bare(Kind::ROLE, role.id, version)),
        (Some((role, _)), Some((_, name))) if role.name == name => return Ok(()),
        (found, Some((id, name))) => {
            let taken = config.roles.iter().any(|role| role.name == name && role.id != id)
                || SystemRole::ALL.into_iter().any(|role| role.name() == name || role.value() == name);
            if taken {
                return Err(Refused::by("groups.mode", 409, None, format!("a role named `{name}` exists")));
            }
            let role = match found {
                Some((role, _)) => Role { name: name.to_owned(), ..role.clone() },
                None => Role {
                    id,
                    name: name.to_owned(),
                    description: "The members of the group of this name hold it.".to_owned(),
                    kind: RoleKind::Account,
                    exclusive: false,
                    permissions: Vec::new(),
                    of_group: true,
                },
            };
            let expect = found.map_or(Expect::Absent, |(_, version)| Expect::Version(version));
            change.puts.push(put(Kind::ROLE, id, call, &role, expect));
        }
        (None, None) => return Ok(()),
    }
    change.changes_config = true;
    Ok(())
}
