//! Assigning users and groups to apps.
//!
//! An entry in the audit log about an assignment is about who is assigned: that is whom the engine looks at anew.

use super::{Registered, delete_of, derived, new, put};
use crate::{AppRole, Assignment, EnterpriseApp, MemberType, Objects};
use provost_accounts::{
    Call, Configuration, Decided, Refused,
    audit::{self, Entry},
};
use provost_change::{ChangeSet, Kind, ResourceId};
use serde_json::{Value, json};

/// What Entra calls having no role, by its name and its id there.
pub const DEFAULT_ACCESS: (&str, &str) = ("Default Access", "00000000-0000-0000-0000-000000000000");

/// Who is assigned, or is no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Principal<'p> {
    /// Whether a user or a group.
    pub of: Objects,
    /// Which one.
    pub id: ResourceId,
    /// The userName, or the group's name; empty where it is gone.
    pub name: &'p str,
}

/// Assigns somebody to an app, with a role of it or with default access.
///
/// # Errors
/// A role that cannot be assigned. An assignment that is there already is refused by the commit.
pub fn assign(
    config: &Configuration,
    call: &Call,
    app: &Registered<EnterpriseApp>,
    principal: Principal<'_>,
    role: Option<&Registered<AppRole>>,
) -> Result<Decided<Registered<Assignment>>, Refused> {
    assignable(role)?;
    let Principal { of, id, .. } = principal;
    let made = new(
        Assignment::kind(),
        call,
        Assignment { app: app.id(), of, principal: id, app_role: role.map(Registered::id) },
    );
    let entry = about("app-assignment.create", app, principal).changed("app_role", Value::Null, shown(role));
    let mut put = put(call, &made, None);
    put.claims = derived::assignment_keys(&made.value).into();
    put.index_adds = derived::assignment_entries(&made.value);
    Ok(Decided { change: judged(config, call, entry, |change| change.puts.push(put)), outcome: made })
}

/// Gives an assignment another role.
///
/// # Errors
/// A role that cannot be assigned.
pub fn reassign(
    config: &Configuration,
    call: &Call,
    app: &Registered<EnterpriseApp>,
    before: &Registered<Assignment>,
    principal: Principal<'_>,
    (old, new): (Option<&Registered<AppRole>>, Option<&Registered<AppRole>>),
) -> Result<Decided<Registered<Assignment>>, Refused> {
    if old.map(Registered::id) != new.map(Registered::id) {
        assignable(new)?;
    }
    let after = before.with(call, Assignment { app_role: new.map(Registered::id), ..before.value });
    let entry = about("app-assignment.update", app, principal).changed("app_role", shown(old), shown(new));
    let mut put = put(call, &after, Some(&before.record));
    if before.value.app_role != after.value.app_role {
        put.claims = derived::assignment_keys(&after.value).into();
        put.releases = derived::assignment_keys(&before.value).into();
        put.index_adds = derived::assignment_entries(&after.value);
        put.index_removes = derived::assignment_entries(&before.value);
    }
    Ok(Decided { change: judged(config, call, entry, |change| change.puts.push(put)), outcome: after })
}

/// Ends an assignment.
pub fn unassign(
    config: &Configuration,
    call: &Call,
    app: &Registered<EnterpriseApp>,
    assignment: &Registered<Assignment>,
    principal: Principal<'_>,
    role: Option<&Registered<AppRole>>,
) -> Decided<()> {
    let entry = about("app-assignment.delete", app, principal).changed("app_role", shown(role), Value::Null);
    let mut delete = delete_of(&assignment.record);
    delete.releases = derived::assignment_keys(&assignment.value).into();
    delete.index_removes = derived::assignment_entries(&assignment.value);
    Decided { change: judged(config, call, entry, |change| change.deletes.push(delete)), outcome: () }
}

/// A change that holds only as long as the app does.
fn judged(config: &Configuration, call: &Call, entry: Entry, with: impl FnOnce(&mut ChangeSet)) -> ChangeSet {
    let mut change =
        ChangeSet { config: Some(config.version), log: vec![audit::entry(call, entry)], ..ChangeSet::default() };
    with(&mut change);
    change
}

fn assignable(role: Option<&Registered<AppRole>>) -> Result<(), Refused> {
    let Some(role) = role else { return Ok(()) };
    let name = &role.value.display_name;
    if !role.value.enabled {
        return Err(Refused::status(409, format!("the app role `{name}` is not enabled: it cannot be assigned")));
    }
    if !role.value.member_types.contains(&MemberType::User) {
        return Err(Refused::status(409, format!("the app role `{name}` is not for users and groups")));
    }
    Ok(())
}

fn about(action: &'static str, app: &Registered<EnterpriseApp>, principal: Principal<'_>) -> Entry {
    let kind = match principal.of {
        Objects::Users => Kind::USER,
        Objects::Groups => Kind::GROUP,
    };
    let app = json!({ "id": app.id(), "name": app.value.name });
    Entry::done(action).about(&kind, principal.id, principal.name).changed("app", Value::Null, app)
}

fn shown(role: Option<&Registered<AppRole>>) -> Value {
    role.map_or_else(|| json!(DEFAULT_ACCESS.0), |role| json!(role.value.value))
}
