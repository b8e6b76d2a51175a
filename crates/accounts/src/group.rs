//! Groups of an account that administrators make: a name to hang a quorum policy on.

use crate::{
    Call, Configuration, Decided, Refused,
    account::{name_of, put},
    audit::{self, Entry},
};
use provost_change::{ChangeSet, CountChange, Delete, Expect, Kind, Record, ResourceId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// Its id.
    pub id: ResourceId,
    /// Its name.
    pub display_name: String,
}

/// Makes a group.
///
/// # Errors
/// A name that is empty or too long.
pub fn create(config: &Configuration, call: &Call, name: &str) -> Result<Decided<Group>, Refused> {
    let group = Group { id: ResourceId::new(call.new_id), display_name: name_of("group", name)? };
    let entry = Entry::done("group.create").about(&Kind::GROUP, group.id, &group.display_name).changed(
        "displayName",
        Value::Null,
        json!(group.display_name),
    );
    let change = ChangeSet {
        config: Some(config.version),
        puts: vec![put(Kind::GROUP, group.id, call, &group, Expect::Absent)],
        counts: vec![CountChange::by("group", 1)],
        log: vec![audit::entry(call, entry)],
        ..ChangeSet::default()
    };
    Ok(Decided { change, outcome: group })
}

/// Removes a group, and its quorum policy with it.
///
/// # Errors
/// When the record cannot be read.
pub fn delete(config: &Configuration, call: &Call, record: &Record) -> Result<Decided<()>, Refused> {
    let group = read(record)?;
    let gone = |kind: Kind, version: u64| Delete {
        kind,
        id: record.id,
        version,
        releases: Vec::new(),
        index_removes: Vec::new(),
    };
    let mut change = ChangeSet {
        deletes: vec![gone(Kind::GROUP, record.version)],
        counts: vec![CountChange::by("group", -1)],
        log: vec![audit::entry(call, Entry::done("group.delete").about(&Kind::GROUP, group.id, &group.display_name))],
        config: Some(config.version),
        ..ChangeSet::default()
    };
    if let Some((_, version)) = config.quorum_policy(Some(record.id)) {
        change.deletes.push(gone(Kind::QUORUM_POLICY, version));
        change.changes_config = true;
    }
    Ok(Decided { change, outcome: () })
}

/// Reads a stored group.
///
/// # Errors
/// When the database was changed by something else.
pub fn read(record: &Record) -> Result<Group, Refused> {
    serde_json::from_str(&record.doc).map_err(|_| Refused::status(500, "the stored group cannot be read"))
}
