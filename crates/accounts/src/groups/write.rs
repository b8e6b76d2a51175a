//! From a group before and a group after to records, unique keys, index entries, counts and what the audit log says.

use super::{Group, GroupState, members::Decision};
use crate::{
    Call, Configuration, Decided, Refused, audit, audit::Entry, derived::Derived, ownership::Management,
    policy::GroupMode, role,
};
use provost_change::{ChangeSet, CountChange, Delete, Expect, IndexEntry, Kind, Put, Record, ResourceId, UniqueKey};
use provost_scim::{Resource, text::fold};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The space in which names of managed groups are unique; also the index attribute of all groups' names.
pub const DISPLAY_NAME: &str = "Group.displayName";
/// Index attribute of managed groups.
pub const MANAGED: &str = "Group#managed";
/// Index attribute of the source of groups that come from one; also the space in which they are unique.
pub const SOURCE: &str = "Group#source";

/// The index attribute of a Group attribute in attribute notation.
pub fn indexed(name: &str) -> String {
    format!("Group.{name}")
}

/// Under which key a managed group's name is unique.
pub fn name_key(name: &str) -> UniqueKey {
    UniqueKey { space: DISPLAY_NAME.to_owned(), value: fold(name, false).into_owned() }
}

/// What changes when a group comes, changes or goes. The resource of `after` has its id. A group whose document does not change is
/// not written; its members may change all the same.
pub(super) fn transition(
    config: &Configuration,
    call: &Call,
    before: Option<&Group>,
    after: Option<(&Resource, &GroupState, ResourceId)>,
    members: Option<Decision>,
) -> Result<ChangeSet, Refused> {
    let mut change = ChangeSet { config: Some(config.version), ..ChangeSet::default() };
    let was = before.map(|group| group.state(group.management));
    let old = before.zip(was.as_ref()).map(|(group, was)| index(config, &group.resource, was)).unwrap_or_default();
    let held =
        before.zip(was.as_ref()).map(|(group, was)| keys(config, &group.resource, was, true)).unwrap_or_default();
    match (before, after) {
        (Some(group), None) => {
            change.deletes.push(Delete {
                kind: Kind::GROUP,
                id: group.id(),
                version: group.record.version,
                releases: held.into_iter().collect(),
                index_removes: old.into_iter().collect(),
            });
            change.counts = counts(Some(group.management), None);
        }
        (before, Some((resource, state, id)))
            if before.is_none_or(|group| group.resource != *resource) || was.as_ref() != Some(state) =>
        {
            let new = index(config, resource, state);
            let claims = keys(config, resource, state, state.management.managed);
            change.puts.push(Put {
                record: record(call, before, id, resource, state),
                expect: before.map_or(Expect::Absent, |group| Expect::Version(group.record.version)),
                releases: held.difference(&claims).cloned().collect(),
                claims: claims.into_iter().collect(),
                index_adds: new.difference(&old).cloned().collect(),
                index_removes: old.difference(&new).cloned().collect(),
            });
            change.counts = counts(before.map(|group| group.management), Some(state.management));
        }
        (_, _) => {}
    }
    if config.policy.groups.mode == GroupMode::Roles {
        role::mirror(
            config,
            call,
            before.map(|group| group.id()),
            after.map(|(group, _, id)| (id, name(group))),
            &mut change,
        )?;
    }
    if let Some(decision) = members {
        change.seq = decision.seq;
        change.members.push(decision.change);
    }
    Ok(change)
}

/// What changes when a group comes as it was elsewhere, without members.
///
/// # Errors
/// 409 where groups are roles and another role has the name.
pub(crate) fn arrival(
    config: &Configuration,
    call: &Call,
    resource: &Resource,
    state: &GroupState,
    id: ResourceId,
) -> Result<ChangeSet, Refused> {
    transition(config, call, None, Some((resource, state, id)), None)
}

/// What follows from a stored group, as [`crate::derived`] says.
pub(crate) fn derived(config: &Configuration, group: &Group) -> Derived {
    let counts = counts(None, Some(group.management)).into_iter().map(|count| (count.name, count.delta)).collect();
    let state = group.state(group.management);
    Derived {
        unique: keys(config, &group.resource, &state, group.management.managed),
        index: index(config, &group.resource, &state),
        counts,
        ..Derived::default()
    }
}

fn counts(before: Option<Management>, after: Option<Management>) -> Vec<CountChange> {
    let number = |is: bool| i64::from(is);
    let managed = |of: Option<Management>| number(of.is_some_and(|of| of.managed));
    [
        CountChange::by("group", number(after.is_some()) - number(before.is_some())),
        CountChange::by("group.managed", managed(after) - managed(before)),
    ]
    .into_iter()
    .filter(|change| change.delta != 0)
    .collect()
}

/// The unique keys of a group: those that the account's own schemas want, what its source knows it by, and the name where it is `named`,
/// as that of a managed group is.
fn keys(config: &Configuration, resource: &Resource, state: &GroupState, named: bool) -> BTreeSet<UniqueKey> {
    let own = config.full_group.unique_values(resource).into_iter().filter(|(attribute, _)| attribute != "displayName");
    let own = own.map(|(attribute, value)| UniqueKey { space: indexed(&attribute), value });
    let of_source = state.source.as_ref().zip(resource.external_id());
    let of_source = of_source.map(|(of, id)| UniqueKey { space: SOURCE.to_owned(), value: format!("{of}/{id}") });
    own.chain(of_source).chain(named.then(|| name_key(name(resource)))).collect()
}

fn index(config: &Configuration, resource: &Resource, state: &GroupState) -> BTreeSet<IndexEntry> {
    let values = config.full_group.index_values(resource).into_iter();
    let mut entries: BTreeSet<IndexEntry> =
        values.map(|(name, value)| IndexEntry { attribute: indexed(&name), value }).collect();
    // Unique among managed groups only: the others are found by their names, too.
    entries.insert(IndexEntry { attribute: DISPLAY_NAME.to_owned(), value: name_key(name(resource)).value });
    if state.management.managed {
        entries.insert(IndexEntry { attribute: MANAGED.to_owned(), value: "true".to_owned() });
    }
    entries
        .extend(state.source.iter().map(|source| IndexEntry { attribute: SOURCE.to_owned(), value: source.clone() }));
    entries
}

fn name(resource: &Resource) -> &str {
    resource.get("displayName").and_then(Value::as_str).unwrap_or_default()
}

/// A group that comes or changes, with `entry` about it in the audit log. One that is not written is answered as it was.
pub(super) fn decided(
    config: &Configuration,
    call: &Call,
    before: Option<&Group>,
    (id, resource, state): (ResourceId, Resource, GroupState),
    members: Option<Decision>,
    entry: Entry,
) -> Result<Decided<Group>, Refused> {
    let entry = differences(entry, before, &resource, &state, members.as_ref());
    let mut change = transition(config, call, before, Some((&resource, &state, id)), members)?;
    change.log.push(audit::entry(call, entry));
    let is_written = change.puts.iter().any(|put| put.record.kind == Kind::GROUP);
    let outcome = match before {
        Some(group) if !is_written => group.clone(),
        before => written(call, before, id, resource, state),
    };
    Ok(Decided { change, outcome })
}

/// The group as the store will have it after the commit.
fn written(call: &Call, before: Option<&Group>, id: ResourceId, resource: Resource, state: GroupState) -> Group {
    let record = record(call, before, id, &resource, &state);
    Group { record, resource, management: state.management, source: state.source }
}

fn record(call: &Call, before: Option<&Group>, id: ResourceId, resource: &Resource, state: &GroupState) -> Record {
    Record {
        kind: Kind::GROUP,
        id,
        version: before.map_or(1, |group| group.record.version + 1),
        created: before.map_or(call.now, |group| group.record.created),
        modified: call.now,
        doc: resource.to_json(),
        state: serde_json::to_string(state).expect("a flag, an id and a name are JSON"),
    }
}

/// Entry about a group.
pub(super) fn about(action: &'static str, id: ResourceId, resource: &Resource) -> Entry {
    Entry::done(action).about(&Kind::GROUP, id, name(resource))
}

/// Adds what changed to an entry.
fn differences(
    entry: Entry,
    before: Option<&Group>,
    resource: &Resource,
    state: &GroupState,
    members: Option<&Decision>,
) -> Entry {
    let nothing = serde_json::Map::new();
    let attributes = before.map_or(&nothing, |group| group.resource.attributes());
    let mut entry = entry.attributes_changed(attributes, resource.attributes());
    if let Some(members) = members {
        let (removed, added) = members.audited();
        entry = entry.changed("members", removed, added).warned(members.warnings.clone());
    }
    let was = before.map(|group| group.state(group.management)).unwrap_or_default();
    let (old, new) = (was.management, state.management);
    entry
        .changed("managed", json!(old.managed), json!(new.managed))
        .changed("origin", json!(old.origin), json!(new.origin))
        .changed("source", json!(was.source), json!(state.source))
}
