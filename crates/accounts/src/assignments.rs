//! What becomes of the assignments to enterprise apps when whoever is assigned goes.
//!
//! Assignments belong to the engine, which writes them. Here is only what everything that removes a user or a group has to know of them:
//! they go in the same change set, and a user who is restored is assigned to nothing (F-4.2-4, F-4.2-5).

use crate::{
    Call,
    audit::{self, Entry},
};
use provost_change::{ChangeSet, Delete, IndexEntry, Kind, Record, ResourceId};
use serde_json::Value;

/// Index attribute of the app of an assignment.
const APP: &str = "app-assignment.app";
/// Index attribute of the user or group that is assigned.
const PRINCIPAL: &str = "app-assignment.principal";

/// The kind of the records.
pub fn kind() -> Kind {
    Kind::named("app-assignment")
}

/// Under what the assignments of a user or group are found.
pub fn of(principal: ResourceId) -> IndexEntry {
    IndexEntry { attribute: PRINCIPAL.to_owned(), value: principal.to_string() }
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
        let app = document["app"].as_str().map(|app| IndexEntry { attribute: APP.to_owned(), value: app.to_owned() });
        change.deletes.push(Delete {
            kind: record.kind.clone(),
            id: record.id,
            version: record.version,
            releases: Vec::new(),
            index_removes: std::iter::once(of(principal)).chain(app).collect(),
        });
        let entry = Entry::done("app-assignment.delete")
            .about(kind, principal, "")
            .changed("app", document["app"].clone(), Value::Null)
            .changed("app_role", document["app_role"].clone(), Value::Null);
        change.log.push(audit::entry(call, entry));
    }
}
