//! From a user before and a user after to records, unique keys, index entries, counts and what the audit log says.

use super::{User, UserState, bin, import, is_active};
use crate::{
    Call, Configuration, Decided, RoleKey, SystemRole, admin_app,
    audit::{self, Entry},
    derived::Derived,
    mail::{self, Post},
    policy::{Existing, Guard},
};
use provost_change::{
    Bound, ChangeSet, CountChange, Delete, Expect, IndexEntry, Kind, Put, Record, ResourceId, UniqueKey,
};
use provost_scim::{Resource, text::fold};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The space in which sign-in names are unique.
pub const USER_NAME: &str = "User.userName";
/// Sign-in names of unmanaged users, where the policy keeps them apart from managed ones.
const UNMANAGED_USER_NAME: &str = "User.userName/unmanaged";
/// Index attribute of users who are disabled, with the value `true`: few, whom somebody looks for.
pub const DISABLED: &str = "User#disabled";
/// Index attribute of managed users.
pub const MANAGED: &str = "User#managed";
/// Index attribute of the roles that users hold: Account Administrator and custom ones.
pub const HOLDS_ROLE: &str = "User#role";

/// Everything about a user that is kept outside its record.
#[derive(Default)]
struct Footprint {
    unique: BTreeSet<UniqueKey>,
    index: BTreeSet<IndexEntry>,
    counts: BTreeMap<&'static str, i64>,
}

/// What changes when a user comes, changes or goes. The resource of `after` has its id. A user that does not change is not
/// written; the change set then holds what the caller adds to it.
pub(crate) fn transition(
    config: &Configuration,
    call: &Call,
    before: Option<&User>,
    after: Option<(&Resource, &UserState, ResourceId)>,
) -> ChangeSet {
    let old = before.map(|user| footprint(config, &user.resource, &user.state)).unwrap_or_default();
    let new = after.map(|(resource, state, _)| footprint(config, resource, state)).unwrap_or_default();
    // Where a name stands depends on the policy of the day it was written: whatever that was, it is given up everywhere and
    // claimed anew.
    let named = before.map(|user| names(&user.resource)).unwrap_or_default();
    let mut change = ChangeSet { config: Some(config.version), ..ChangeSet::default() };
    let moves = |state: &UserState| before.is_some_and(|user| user.record.kind != kind(state));
    match (before, after) {
        (Some(user), None) => change.deletes.push(delete(user, &old, &named)),
        (Some(user), Some((resource, state, _))) if user.resource == *resource && user.state == *state => {
            return change;
        }
        (Some(user), Some((resource, state, id))) if moves(state) => {
            change.deletes.push(delete(user, &old, &named));
            change.puts.push(Put {
                record: record(call, before, id, resource, state),
                expect: Expect::Absent,
                claims: new.unique.iter().cloned().collect(),
                releases: Vec::new(),
                index_adds: new.index.iter().cloned().collect(),
                index_removes: Vec::new(),
            });
        }
        (_, Some((resource, state, id))) => change.puts.push(Put {
            record: record(call, before, id, resource, state),
            expect: before.map_or(Expect::Absent, |user| Expect::Version(user.record.version)),
            claims: new.unique.iter().cloned().collect(),
            releases: old.unique.union(&named.unique).filter(|key| !new.unique.contains(key)).cloned().collect(),
            index_adds: new
                .index
                .iter()
                .filter(|entry| !old.index.contains(entry) || entry.attribute == USER_NAME)
                .cloned()
                .collect(),
            index_removes: old.index.union(&named.index).filter(|entry| !new.index.contains(entry)).cloned().collect(),
        }),
        (None, None) => {}
    }
    change.counts = counts(config, &old, &new);
    change
}

fn delete(user: &User, old: &Footprint, named: &Footprint) -> Delete {
    Delete {
        kind: user.record.kind.clone(),
        id: user.id(),
        version: user.record.version,
        releases: old.unique.union(&named.unique).cloned().collect(),
        index_removes: old.index.union(&named.index).cloned().collect(),
    }
}

/// As what a user is stored: one who is deleted or to be removed stands where SCIM does not look.
pub(crate) fn kind(state: &UserState) -> Kind {
    match (state.deleted, state.removal_requested) {
        (Some(_), _) => Kind::DELETED_USER,
        (None, true) => Kind::SUSPENDED_USER,
        (None, false) => Kind::USER,
    }
}

/// Wherever a sign-in name may stand, under any policy.
fn names(resource: &Resource) -> Footprint {
    let value = user_name(resource);
    let key = |space: &str| UniqueKey { space: space.to_owned(), value: value.clone() };
    Footprint {
        unique: BTreeSet::from([key(USER_NAME), key(UNMANAGED_USER_NAME)]),
        index: BTreeSet::from([IndexEntry { attribute: USER_NAME.to_owned(), value: value.clone() }]),
        counts: BTreeMap::new(),
    }
}

/// The sign-in name in the form in which it is compared.
fn user_name(resource: &Resource) -> String {
    fold(resource.get("userName").and_then(Value::as_str).unwrap_or_default(), false).into_owned()
}

fn counts(config: &Configuration, old: &Footprint, new: &Footprint) -> Vec<CountChange> {
    let names: BTreeSet<&str> = old.counts.keys().chain(new.counts.keys()).copied().collect();
    let of = |footprint: &Footprint, name: &str| footprint.counts.get(name).copied().unwrap_or(0);
    names
        .into_iter()
        .map(|name| CountChange {
            bound: bound(config, name, of(new, name) - of(old, name)),
            ..CountChange::by(name, of(new, name) - of(old, name))
        })
        .filter(|change| change.delta != 0)
        .collect()
}

/// Count of suspended users, named like their kind.
const SUSPENDED: &str = "suspended-user";
/// Count of deleted users, named like their kind.
const DELETED: &str = "deleted-user";
/// Count of enabled users; `max_users` bounds it.
pub(super) const ACTIVE: &str = "user.active";
/// Count of enabled Account Administrators; guard `last_admin` keeps one.
pub(super) const ADMINISTRATORS: &str = "user.administrator";

fn bound(config: &Configuration, name: &str, delta: i64) -> Option<Bound> {
    match name {
        ACTIVE if delta > 0 => config.account.max_users.map(|max| Bound::AtMost(i64::from(max))),
        ADMINISTRATORS if delta < 0 && config.policy.guards.contains(&Guard::LastAdmin) => Some(Bound::AtLeast(1)),
        _ => None,
    }
}

/// What follows from a stored user, as [`crate::derived`] says: its name may still stand where an earlier policy wanted it.
pub(crate) fn derived(config: &Configuration, user: &User) -> (Derived, Option<Derived>) {
    let Footprint { unique, index, counts } = footprint(config, &user.resource, &user.state);
    let counts = counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect();
    let now = Derived { unique, index, counts, ..Derived::default() };
    let value = user_name(&user.resource);
    let key = |space: &str| UniqueKey { space: space.to_owned(), value: value.clone() };
    let found = IndexEntry { attribute: USER_NAME.to_owned(), value: value.clone() };
    let mut formerly = now.clone();
    if formerly.unique.remove(&key(USER_NAME)) {
        formerly.unique.insert(key(UNMANAGED_USER_NAME));
        formerly.index.insert(found);
    } else if formerly.unique.remove(&key(UNMANAGED_USER_NAME)) {
        formerly.unique.insert(key(USER_NAME));
        formerly.index.remove(&found);
    } else {
        return (now, None);
    }
    (now, Some(formerly))
}

fn footprint(config: &Configuration, resource: &Resource, state: &UserState) -> Footprint {
    let mut footprint = Footprint::default();
    if let Some(since) = state.deleted {
        // Its name is free, and it is no user any more as far as anybody counts; in the bin it is found.
        footprint.counts.insert(DELETED, 1);
        footprint.index = bin::entries(config, resource, since);
        return footprint;
    }
    if state.removal_requested {
        // Its name is free, it is found under nothing, and it is no user any more as far as anybody counts.
        footprint.counts.insert(SUSPENDED, 1);
        return footprint;
    }
    let active = is_active(resource);
    footprint.counts.insert("user", 1);
    footprint.counts.insert(ACTIVE, i64::from(active));
    footprint.counts.insert("user.managed", i64::from(state.managed));
    let administrator = state.roles.contains(&RoleKey::System(SystemRole::AccountAdministrator));
    footprint.counts.insert(ADMINISTRATORS, i64::from(active && administrator));

    let user_name = user_name(resource);
    let apart = config.policy.users.existing == Existing::Separate && !state.managed;
    let space = if apart { UNMANAGED_USER_NAME } else { USER_NAME };
    footprint.unique.insert(UniqueKey { space: space.to_owned(), value: user_name.clone() });
    if apart {
        footprint.index.insert(IndexEntry { attribute: USER_NAME.to_owned(), value: user_name });
    }
    for (name, value) in config.full_user.unique_values(resource) {
        // The sign-in name stands where the policy wants it.
        if name != "userName" {
            footprint.unique.insert(UniqueKey { space: indexed(&name), value });
        }
    }
    for (name, value) in config.full_user.index_values(resource) {
        footprint.index.insert(IndexEntry { attribute: indexed(&name), value });
    }
    if state.managed {
        footprint.index.insert(IndexEntry { attribute: MANAGED.to_owned(), value: "true".to_owned() });
    }
    if !active {
        footprint.index.insert(IndexEntry { attribute: DISABLED.to_owned(), value: "true".to_owned() });
    }
    footprint.index.extend(state.source.as_deref().map(import::of_source));
    for role in &state.roles {
        let holds = IndexEntry { attribute: HOLDS_ROLE.to_owned(), value: role.to_string() };
        match role {
            // Few; the others of the system are most users' roles, and nobody looks for them.
            RoleKey::System(SystemRole::AccountAdministrator) | RoleKey::Custom(_) => {
                footprint.index.insert(holds);
            }
            RoleKey::System(SystemRole::AccountMember | SystemRole::AccountAuditor) => {}
        }
    }
    footprint
}

/// The values that nobody else may have while there is such a user.
pub(super) fn unique_keys(config: &Configuration, resource: &Resource, state: &UserState) -> Vec<UniqueKey> {
    footprint(config, resource, state).unique.into_iter().collect()
}

/// The index attribute of a User attribute in attribute notation; also the space of a unique one.
pub fn indexed(name: &str) -> String {
    format!("User.{name}")
}

/// The user as the store will have it after the commit.
pub(super) fn written(
    call: &Call,
    before: Option<&User>,
    id: ResourceId,
    resource: Resource,
    state: UserState,
) -> User {
    User { record: record(call, before, id, &resource, &state), resource, state }
}

/// What else the end of a user's access brings about: the user's tokens die, and where SCIM ends it the policy may want somebody to be
/// told. `what` is `disabled` or `removed`.
pub(super) fn ended(config: &Configuration, call: &Call, user: &User, what: &str, by_scim: bool) -> Post {
    let tokens = Post::warning(admin_app::dying_with(config, user.id(), call.now));
    if by_scim { tokens.and(mail::farewell(config, call, user, what)) } else { tokens }
}

/// Changes only what SCIM does not show, and says what was done.
pub(crate) fn restate(
    config: &Configuration,
    call: &Call,
    user: &User,
    state: UserState,
    action: &'static str,
) -> Decided<User> {
    let mut change = transition(config, call, Some(user), Some((&user.resource, &state, user.id())));
    change.log.push(audit::entry(call, differences(about(action, user), user, &user.resource, &state)));
    Decided { change, outcome: written(call, Some(user), user.id(), user.resource.clone(), state) }
}

fn record(call: &Call, before: Option<&User>, id: ResourceId, resource: &Resource, state: &UserState) -> Record {
    let kind = kind(state);
    let version = before.filter(|user| user.record.kind == kind).map_or(1, |user| user.record.version + 1);
    Record {
        kind,
        id,
        version,
        created: before.map_or(call.now, |user| user.record.created),
        modified: call.now,
        doc: resource.to_json(),
        state: serde_json::to_string(state).expect("a user's state is made of strings and lists"),
    }
}

/// Entry about a user.
pub(super) fn about(action: &'static str, user: &User) -> Entry {
    Entry::done(action).about(&Kind::USER, user.id(), user.user_name())
}

/// Adds what changed to an entry.
pub(super) fn differences(entry: Entry, before: &User, resource: &Resource, state: &UserState) -> Entry {
    entry
        .attributes_changed(before.resource.attributes(), resource.attributes())
        .changed("managed", json!(before.state.managed), json!(state.managed))
        .changed("origin", json!(before.state.origin), json!(state.origin))
        .changed("source", json!(before.state.source), json!(state.source))
        .changed("verified", json!(before.state.verified), json!(state.verified))
        .changed("deleted", json!(before.state.deleted), json!(state.deleted))
        .changed("removal requested", json!(before.state.removal_requested), json!(state.removal_requested))
        .changed("account roles", json!(before.state.roles), json!(state.roles))
}
