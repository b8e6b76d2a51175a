//! Unique keys, index entries and counts that follow from the records kept here.

use super::{APP_NAME, APPS_COUNT, ROLE_APP, ROLE_NAME, ROLE_VALUE, Registered, Removal, entry, removal};
use crate::{Action, AppRole, Assignment, EnterpriseApp, Job, Link};
use provost_accounts::{Configuration, Corrupt, assignments, derived::Derived};
use provost_change::{AccountId, IndexEntry, Record, UniqueKey};
use std::collections::BTreeMap;

/// What follows from a record; `None` for a kind that is kept elsewhere. Reads the record's document on the way.
pub fn derived(account: AccountId, record: &Record) -> Option<Result<Derived, Corrupt>> {
    let record = record.clone();
    let derived = match &record.kind {
        kind if *kind == EnterpriseApp::kind() => Registered::read(account, record).map(|app| Derived {
            unique: app_keys(&app.value).into(),
            counts: BTreeMap::from([(APPS_COUNT.to_owned(), 1)]),
            ..Derived::default()
        }),
        kind if *kind == Removal::kind() => Registered::<Removal>::read(account, record)
            .map(|_| Derived { counts: BTreeMap::from([(removal::COUNT.to_owned(), 1)]), ..Derived::default() }),
        kind if *kind == AppRole::kind() => Registered::read(account, record).map(|role| Derived {
            unique: role_keys(&role.value).into(),
            index: role_entries(&role.value).into(),
            ..Derived::default()
        }),
        kind if *kind == Assignment::kind() => Registered::read(account, record).map(|assignment| Derived {
            unique: assignment_keys(&assignment.value).into(),
            index: assignment_entries(&assignment.value).into_iter().collect(),
            ..Derived::default()
        }),
        kind if *kind == Link::kind() => Registered::<Link>::read(account, record).map(|link| Derived {
            unique: link.value.unique().into_iter().collect(),
            index: link.value.index(),
            ..Derived::default()
        }),
        kind if *kind == Job::kind() => Registered::<Job>::read(account, record).map(|_| Derived::default()),
        kind if *kind == Action::kind() => Registered::<Action>::read(account, record)
            .map(|action| Derived { index: action.value.index().into_iter().collect(), ..Derived::default() }),
        _ => return None,
    };
    Some(derived)
}

/// What follows from any record of an account, wherever it is kept; the rest is as with [`provost_accounts::derived::derived`].
///
/// # Errors
/// A document that cannot be what was written, and a kind that nobody knows.
pub fn derived_of_any(config: &Configuration, record: &Record) -> Result<(Derived, Option<Derived>), Corrupt> {
    match derived(config.id, record) {
        Some(derived) => derived.map(|derived| (derived, None)),
        None => provost_accounts::derived::derived(config, record),
    }
}

fn key(space: &str, value: String) -> UniqueKey {
    UniqueKey { space: space.to_owned(), value }
}

pub(super) fn app_keys(app: &EnterpriseApp) -> [UniqueKey; 1] {
    [key(APP_NAME, app.name.to_lowercase())]
}

pub(super) fn role_keys(role: &AppRole) -> [UniqueKey; 2] {
    let AppRole { app, display_name, value, .. } = role;
    [key(ROLE_NAME, format!("{app}/{}", display_name.to_lowercase())), key(ROLE_VALUE, format!("{app}/{value}"))]
}

pub(super) fn role_entries(role: &AppRole) -> [IndexEntry; 1] {
    [entry(ROLE_APP, role.app)]
}

pub(super) fn assignment_keys(assignment: &Assignment) -> [UniqueKey; 1] {
    let (app, principal, role) = texts(assignment);
    [assignments::key(&app, &principal, role.as_deref())]
}

pub(super) fn assignment_entries(assignment: &Assignment) -> Vec<IndexEntry> {
    let (app, principal, role) = texts(assignment);
    assignments::index(&app, &principal, role.as_deref())
}

fn texts(assignment: &Assignment) -> (String, String, Option<String>) {
    let Assignment { app, principal, app_role, .. } = assignment;
    (app.to_string(), principal.to_string(), app_role.map(|role| role.to_string()))
}
