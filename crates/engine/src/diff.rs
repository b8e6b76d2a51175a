//! What must change at a target.

use crate::{
    Apply, CompiledObjects, MatchingValue, Role, Roles, RolesForm, Row, TargetName, TargetType, TargetValue, Values,
    seen::of_row, target::scalar,
};
use jiff::Timestamp;
use serde_json::Value as Json;

/// A change of one attribute.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The target's attribute.
    pub target: TargetName,
    /// What is done.
    pub kind: ChangeKind,
    /// What it had, as far as is known.
    pub before: TargetValue,
    /// What it shall have; for roles that are added, those that are missing; null for a removal.
    pub after: TargetValue,
    /// Whether the element that the attribute belongs to is not there yet: always false without a value filter.
    pub is_new_element: bool,
}

/// What is done with an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// It had none.
    Add,
    /// It had another.
    Replace,
    /// It shall have none.
    Remove,
}

impl CompiledObjects {
    /// What must change so that a target which has `known` has what is `wanted`, in the order of the rows. Empty when it has.
    ///
    /// `known` is what was written last or what is seen. Attributes that `wanted` does not name are left alone; null is only brought
    /// about where the app clears nulls, and never where the target requires a value. Texts are equal but for case unless the target's
    /// attribute says otherwise, several values are equal in any order, points in time by what they mean.
    pub fn diff(&self, wanted: &Values, known: &Values) -> Vec<Change> {
        let (mut wanted, mut before) = (wanted.in_turn(), known.in_turn());
        let mut changes = Vec::with_capacity(if known.is_empty() { self.rows.len() } else { 0 });
        for row in &self.rows {
            let is_its = |(name, _): &(TargetName, TargetValue)| name == row.target.text();
            let Some((_, wanted)) = wanted.find(is_its) else { continue };
            let before = before.find(is_its).map(|(_, value)| value.clone());
            changes.extend(self.change(row, wanted, before.unwrap_or(TargetValue::Null), known));
        }
        changes
    }

    fn change(&self, row: &Row, wanted: &TargetValue, before: TargetValue, known: &Values) -> Option<Change> {
        let kind = if before.is_null() { ChangeKind::Add } else { ChangeKind::Replace };
        let (kind, after) = match wanted {
            TargetValue::Roles(roles) => {
                let kind = if roles.form == RolesForm::Asserted { kind } else { ChangeKind::Add };
                (kind, of_roles(row, roles, &before)?)
            }
            wanted if wanted.is_null() => {
                let clears = self.clear_nulls && !row.required && row.apply == Apply::Always && !is_empty(&before);
                (ChangeKind::Remove, clears.then_some(TargetValue::Null)?)
            }
            wanted => (kind, (!is_equal(row, wanted, &before)).then(|| wanted.clone())?),
        };
        let is_new_element = !row.target.filter.is_empty() && (known.is_empty() || !self.has_element(row, known));
        Some(Change { target: row.target.text().clone(), kind, before, after, is_new_element })
    }

    /// Whether something of the element that a row belongs to is known to be there.
    fn has_element(&self, row: &Row, known: &Values) -> bool {
        let is_beside = |other: &&Row| {
            let (one, other) = (&row.target, &other.target);
            one.extension == other.extension && one.name.eq_ignore_ascii_case(&other.name) && one.is_same_element(other)
        };
        let mut beside = self.rows.iter().filter(is_beside);
        beside.any(|other| known.get(other.target.as_str()).is_some_and(|value| !value.is_null()))
    }
}

impl CompiledObjects {
    /// Whether a resource of the target has the value that it was looked for by.
    pub(crate) fn has(&self, resource: &Json, matching: &MatchingValue) -> bool {
        let (Some(row), Some(value)) = (self.row(matching.target.as_str()), &matching.value) else { return false };
        let seen = of_row(row, resource);
        scalars(&seen).into_iter().any(|seen| is_same(row, seen, value))
    }
}

impl Values {
    /// Takes over what was written.
    pub fn apply(&mut self, changes: &[Change]) {
        for change in changes {
            let value = match &change.after {
                TargetValue::Roles(added) if added.form == RolesForm::Added => {
                    let roles = roles_of(&change.before).into_iter().chain(added.roles.iter().cloned()).collect();
                    TargetValue::Roles(Roles { roles, form: RolesForm::Added })
                }
                after => after.clone(),
            };
            self.set(&change.target, value);
        }
    }
}

/// Whether there is nothing to clear.
fn is_empty(value: &TargetValue) -> bool {
    match value {
        TargetValue::Roles(roles) => roles.roles.is_empty(),
        other => other.is_null(),
    }
}

/// What is to be written of roles; `None` when nothing is.
fn of_roles(row: &Row, wanted: &Roles, before: &TargetValue) -> Option<TargetValue> {
    let same = |wanted: &Role, known: &Role| is_same_role(row, wanted, known);
    let known = roles_of(before);
    let missing: Vec<Role> =
        wanted.roles.iter().filter(|role| !known.iter().any(|known| same(role, known))).cloned().collect();
    let is_surplus = |role: &Role| !wanted.roles.iter().any(|wanted| same(wanted, role));
    match wanted.form {
        RolesForm::Asserted => {
            let differs = !missing.is_empty() || known.iter().any(is_surplus);
            differs.then(|| TargetValue::Roles(wanted.clone()))
        }
        RolesForm::Single | RolesForm::Added if missing.is_empty() => None,
        RolesForm::Single | RolesForm::Added => Some(TargetValue::Roles(Roles { roles: missing, form: wanted.form })),
    }
}

fn roles_of(value: &TargetValue) -> Vec<Role> {
    let plain = |value: &Json| Role { id: None, value: scalar(value), display_name: None };
    match value {
        TargetValue::Null => Vec::new(),
        TargetValue::Roles(roles) => roles.roles.clone(),
        TargetValue::Many(values) => values.iter().map(plain).collect(),
        TargetValue::One(value) => vec![plain(value)],
    }
}

/// The same value; or, of a role as seen at the target, the same name: there are targets that know a role by its name and give it a
/// value of their own.
fn is_same_role(row: &Row, wanted: &Role, known: &Role) -> bool {
    let same_text = |one: &str, other: &str| is_same_text(one, other, row.case_exact);
    let names_it = |name: &String| same_text(name, known.display_name.as_ref().unwrap_or(&known.value));
    same_text(&wanted.value, &known.value) || known.id.is_none() && wanted.display_name.as_ref().is_some_and(names_it)
}

fn is_equal(row: &Row, wanted: &TargetValue, known: &TargetValue) -> bool {
    let (wanted, known) = (scalars(wanted), scalars(known));
    let contains = |all: &[&Json], one: &Json| all.iter().any(|other| is_same(row, one, other));
    wanted.iter().all(|one| contains(&known, one)) && known.iter().all(|one| contains(&wanted, one))
}

fn scalars(value: &TargetValue) -> Vec<&Json> {
    match value {
        TargetValue::Null | TargetValue::Roles(_) => Vec::new(),
        TargetValue::Many(values) => values.iter().collect(),
        TargetValue::One(value) => vec![value],
    }
}

fn is_same(row: &Row, one: &Json, other: &Json) -> bool {
    let (one_text, other_text) = (scalar(one), scalar(other));
    if row.kind == TargetType::DateTime
        && let (Ok(one), Ok(other)) = (one_text.parse::<Timestamp>(), other_text.parse::<Timestamp>())
    {
        return one == other;
    }
    let is_exact = row.case_exact || matches!(row.kind, TargetType::Reference | TargetType::Binary);
    is_same_text(&one_text, &other_text, is_exact)
}

fn is_same_text(one: &str, other: &str, is_exact: bool) -> bool {
    one == other || !is_exact && provost_scim::text::fold(one, false) == provost_scim::text::fold(other, false)
}
