//! Making, changing and removing app roles.

use super::{DESCRIPTION_MAX, ROLES_MAX, Registered, delete_of, derived, new, put};
use crate::{AppRole, EnterpriseApp, MemberType};
use provost_accounts::{
    Call, Configuration, Decided, Refused,
    account::name_of,
    audit::{self, Entry},
};
use provost_change::ChangeSet;
use serde_json::{Value, json};

/// Longest value, in characters: Entra's.
const VALUE_MAX: usize = 120;

/// What an app role is made of; when one is changed, `None` leaves it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RoleEdit {
    /// What people know it by.
    pub display_name: Option<String>,
    /// What the target knows it by.
    pub value: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it can be assigned.
    pub enabled: Option<bool>,
    /// Who can hold it.
    pub member_types: Option<Vec<MemberType>>,
}

/// Makes a role. `siblings` says how many the app has.
///
/// # Errors
/// A display name, a value or a description that is missing or cannot be (F-5.6.2-5, -8, -9); one role too many. A display name or a
/// value that another role of the app has is refused by the commit.
pub fn create_role(
    config: &Configuration,
    call: &Call,
    app: &Registered<EnterpriseApp>,
    siblings: usize,
    edit: RoleEdit,
) -> Result<Decided<Registered<AppRole>>, Refused> {
    if siblings >= ROLES_MAX {
        return Err(Refused::status(409, format!("an app has at most {ROLES_MAX} app roles")));
    }
    let mut role = AppRole {
        app: app.id(),
        display_name: String::new(),
        value: String::new(),
        description: String::new(),
        enabled: true,
        member_types: vec![MemberType::User],
    };
    let edit = RoleEdit {
        display_name: Some(edit.display_name.unwrap_or_default()),
        value: Some(edit.value.unwrap_or_default()),
        description: Some(edit.description.unwrap_or_default()),
        ..edit
    };
    apply(&mut role, edit)?;
    let made = new(AppRole::kind(), call, role);
    let entry = differences(about("app-role.create", app, &made), None, &made.value);
    let mut put = put(call, &made, None);
    put.claims = derived::role_keys(&made.value).into();
    put.index_adds = derived::role_entries(&made.value).into();
    let change = ChangeSet {
        config: Some(config.version),
        puts: vec![put],
        log: vec![audit::entry(call, entry)],
        ..ChangeSet::default()
    };
    Ok(Decided { change, outcome: made })
}

/// Changes a role. Who has it keeps it, under the new value.
///
/// # Errors
/// Those of [`create_role`].
pub fn update_role(
    call: &Call,
    app: &Registered<EnterpriseApp>,
    before: &Registered<AppRole>,
    edit: RoleEdit,
) -> Result<Decided<Registered<AppRole>>, Refused> {
    let mut role = before.value.clone();
    apply(&mut role, edit)?;
    let entry = differences(about("app-role.update", app, before), Some(&before.value), &role);
    let after = before.with(call, role);
    let mut put = put(call, &after, Some(&before.record));
    let (claims, releases) = (derived::role_keys(&after.value), derived::role_keys(&before.value));
    put.claims = claims.iter().filter(|key| !releases.contains(key)).cloned().collect();
    put.releases = releases.iter().filter(|key| !claims.contains(key)).cloned().collect();
    let change = ChangeSet { puts: vec![put], log: vec![audit::entry(call, entry)], ..ChangeSet::default() };
    Ok(Decided { change, outcome: after })
}

/// Removes a role that nobody has. `holders` says how many assignments have it, as counted when the account's log stood at `seq`.
///
/// # Errors
/// 409 while somebody has it.
pub fn delete_role(
    call: &Call,
    app: &Registered<EnterpriseApp>,
    role: &Registered<AppRole>,
    (holders, seq): (u64, u64),
) -> Result<Decided<()>, Refused> {
    if holders > 0 {
        let detail = format!("{holders} assignments have the role `{}`: change them first", role.value.display_name);
        return Err(Refused::status(409, detail));
    }
    let mut delete = delete_of(&role.record);
    delete.releases = derived::role_keys(&role.value).into();
    delete.index_removes = derived::role_entries(&role.value).into();
    let entry = about("app-role.delete", app, role);
    let change = ChangeSet {
        seq: Some(seq),
        deletes: vec![delete],
        log: vec![audit::entry(call, entry)],
        ..ChangeSet::default()
    };
    Ok(Decided { change, outcome: () })
}

fn about(action: &'static str, app: &Registered<EnterpriseApp>, role: &Registered<AppRole>) -> Entry {
    let entry = Entry::done(action).about(&AppRole::kind(), role.id(), &role.value.display_name);
    entry.changed("app", Value::Null, json!({ "id": app.id(), "name": app.value.name }))
}

fn apply(role: &mut AppRole, edit: RoleEdit) -> Result<(), Refused> {
    if let Some(name) = edit.display_name {
        role.display_name = name_of("app role", &name)?;
    }
    if let Some(value) = edit.value {
        role.value = checked_value(value)?;
    }
    if let Some(description) = edit.description {
        let description = description.trim();
        if description.is_empty() || description.chars().count() > DESCRIPTION_MAX {
            let detail = format!("an app role needs a `description` of at most {DESCRIPTION_MAX} characters");
            return Err(Refused::invalid(detail));
        }
        role.description = description.to_owned();
    }
    if let Some(types) = edit.member_types {
        if types.is_empty() {
            return Err(Refused::invalid("`member_types` names `user`, `application` or both"));
        }
        role.member_types = types;
        role.member_types.dedup();
        role.member_types.truncate(2);
    }
    role.enabled = edit.enabled.unwrap_or(role.enabled);
    Ok(())
}

fn checked_value(value: String) -> Result<String, Refused> {
    if value.is_empty() || value.chars().count() > VALUE_MAX {
        return Err(Refused::invalid(format!("an app role needs a `value` of at most {VALUE_MAX} characters")));
    }
    match value.chars().find(|c| c.is_whitespace() || c.is_control()) {
        None => Ok(value),
        Some(_) => Err(Refused::invalid(
            "the `value` of an app role has no spaces: it is what the target knows the role by, such as ACCOUNTMEMBER",
        )),
    }
}

fn differences(mut entry: Entry, before: Option<&AppRole>, after: &AppRole) -> Entry {
    let shown = |role: &AppRole| {
        [
            ("display_name", json!(role.display_name)),
            ("value", json!(role.value)),
            ("description", json!(role.description)),
            ("enabled", json!(role.enabled)),
            ("member_types", json!(role.member_types)),
        ]
    };
    let old = before.map(shown);
    for (position, (name, new)) in shown(after).into_iter().enumerate() {
        let old = old.as_ref().map(|old| old[position].1.clone()).unwrap_or_default();
        entry = entry.changed(name, old, new);
    }
    entry
}
