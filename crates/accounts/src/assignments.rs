//! What becomes of the assignments to enterprise apps when whoever is assigned goes.
//!
//! Assignments belong to the engine, which writes them. Here is only what everything that removes a user or a group has to know of them:
//! they go in the same change set, and a user who is restored is assigned to nothing (F-4.2-4, F-4.2-5).

use crate::{
    Call,
    audit::{self, Entry},
};
use provost_change::{ChangeSet, Delete, IndexEntry, Kind, Record, ResourceId, UniqueKey};
use serde_json::Value;

/// Index attribute of the app of an assignment.
pub const APP: &str = "app-assignment.app";
/// Index attribute of the user or group that is assigned.
pub const PRINCIPAL: &str = "app-assignment.principal";
/// Index attribute of the app role of an assignment.
pub const ROLE: &str = "app-assignment.role";
/// The space in which assignments are unique.
pub const UNIQUE: &str = "app-assignment";

/// The kind of the records.
pub fn kind() -> Kind {
    Kind::named("app-assignment")
}

/// Under what the assignments of a user or group are found.
pub fn of(principal: ResourceId) -> IndexEntry {
    IndexEntry { attribute: PRINCIPAL.to_owned(), value: principal.to_string() }
}

/// Under what an assignment is found. Ids are texts here: a document may hold what is none.
pub fn index(app: &str, principal: &str, role: Option<&str>) -> Vec<IndexEntry> {
    let values = [(PRINCIPAL, Some(principal)), (APP, Some(app)), (ROLE, role)];
    let entry = |(attribute, value): (&str, Option<&str>)| {
        Some(IndexEntry { attribute: attribute.to_owned(), value: value?.to_owned() })
    };
    values.into_iter().filter_map(entry).collect()
}

/// What only one assignment has.
pub fn key(app: &str, principal: &str, role: Option<&str>) -> UniqueKey {
    UniqueKey { space: UNIQUE.to_owned(), value: format!("{app}/{principal}/{}", role.unwrap_or_default()) }
}

/// The users and groups whose assignments end with a change set: those who go, be it to the bin or for good, and those who come back, in
/// case they were assigned to something as they went.
pub fn ended_by(change: &ChangeSet) -> Vec<(Kind, ResourceId)> {
    let is_there = |kind: &Kind| [Kind::USER, Kind::SUSPENDED_USER, Kind::GROUP].contains(kind);
    let stays = |id: ResourceId| change.puts.iter().any(|put| put.record.id == id && is_there(&put.record.kind));
    let ended = |delete: &&Delete| match &delete.kind {
        kind if *kind == Kind::DELETED_USER => true,
        kind => is_there(kind) && !stays(delete.id),
    };
    let shown = |kind: &Kind| if *kind == Kind::GROUP { Kind::GROUP } else { Kind::USER };
    change.deletes.iter().filter(ended).map(|delete| (shown(&delete.kind), delete.id)).collect()
}

/// Ends assignments of a principal, which are all that there are, with an audit entry for each.
pub fn end(call: &Call, change: &mut ChangeSet, (kind, principal): (&Kind, ResourceId), assignments: &[Record]) {
    for record in assignments {
        let document: Value = serde_json::from_str(&record.doc).unwrap_or_default();
        let (app, who, role) =
            (document["app"].as_str().unwrap_or_default(), principal.to_string(), document["app_role"].as_str());
        change.deletes.push(Delete {
            kind: record.kind.clone(),
            id: record.id,
            version: record.version,
            releases: vec![key(app, &who, role)],
            index_removes: index(app, &who, role),
        });
        let entry = Entry::done("app-assignment.delete")
            .about(kind, principal, "")
            .changed("app", document["app"].clone(), Value::Null)
            .changed("app_role", document["app_role"].clone(), Value::Null);
        change.log.push(audit::entry(call, entry));
    }
}
