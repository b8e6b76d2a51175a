//! What is left of an app that was removed, and how it goes: piece by piece, in the background.

use super::{ASSIGNMENT_APP, ROLE_APP, Registered, derived, entry};
use crate::{Action, ActionSet, AppRole, Assignment, EnterpriseApp, Link, LinkSet, Objects};
use jiff::Timestamp;
use provost_accounts::{Call, Corrupt};
use provost_change::{AccountId, ChangeSet, CountChange, Delete, Expect, IndexEntry, Kind, Put, Record, ResourceId};
use serde::{Deserialize, Serialize};

/// The count of removed apps of which something may be left.
pub const COUNT: &str = "enterprise-app-removal";

/// That an app was removed. Its record has the app's id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removal {
    /// When.
    pub at: Timestamp,
}

impl Removal {
    /// The kind of the records.
    pub fn kind() -> Kind {
        Kind::named("enterprise-app-removal")
    }
}

pub(super) fn put_of(call: &Call, app: &Registered<EnterpriseApp>) -> Put {
    provost_accounts::account::put(Removal::kind(), app.id(), call, &Removal { at: call.now }, Expect::Absent)
}

/// Where the records below an app are found, by kind.
pub fn below(app: ResourceId) -> [(Kind, IndexEntry); 5] {
    let links = |of: Objects| (Link::kind(), LinkSet::All(of).entry(app));
    [
        (Assignment::kind(), entry(ASSIGNMENT_APP, app)),
        (AppRole::kind(), entry(ROLE_APP, app)),
        links(Objects::Users),
        links(Objects::Groups),
        (Action::kind(), ActionSet::App(app).entry()),
    ]
}

/// Removes some of the records below a removed app. There is no entry for each in the audit log: the app's removal said it.
///
/// # Errors
/// When the database was changed by something else.
pub fn removed(account: AccountId, records: &[Record]) -> Result<ChangeSet, Corrupt> {
    let mut deletes = Vec::with_capacity(records.len());
    for record in records {
        let derived = derived(account, record).transpose()?.unwrap_or_default();
        deletes.push(Delete {
            kind: record.kind.clone(),
            id: record.id,
            version: record.version,
            releases: derived.unique.into_iter().collect(),
            index_removes: derived.index.into_iter().collect(),
        });
    }
    Ok(ChangeSet { deletes, ..ChangeSet::default() })
}

impl Registered<Removal> {
    /// Ends a removal, now that nothing is left: nothing was, at this sequence number of the account's log.
    pub fn end(&self, seq: u64) -> ChangeSet {
        ChangeSet {
            seq: Some(seq),
            deletes: vec![super::delete_of(&self.record)],
            counts: vec![CountChange::by(COUNT, -1)],
            ..ChangeSet::default()
        }
    }
}
