//! How far an index is built, kept apart from the declaration: it moves all the time and is no configuration.

use crate::{Configuration, configuration::Corrupt};
use jiff::Timestamp;
use provost_change::{AccountId, ChangeSet, Expect, Kind, Put, Record, ResourceId};
use serde::{Deserialize, Serialize};

/// How far an index is built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The last record that was entered, in the order of ids; `None` before the first.
    pub after: Option<ResourceId>,
    /// How many records were entered.
    pub entered: u64,
}

fn kind() -> Kind {
    Kind::named("index-progress")
}

/// The record of how far an index is built, there as long as it is.
pub fn progress_key(index: ResourceId) -> (Kind, ResourceId) {
    (kind(), index)
}

/// Reads the record of [`progress_key`]; without one, nothing is entered.
///
/// # Errors
/// When the database was changed by something else.
pub fn progress(account: AccountId, record: Option<&Record>) -> Result<Progress, Corrupt> {
    let Some(record) = record else { return Ok(Progress::default()) };
    serde_json::from_str(&record.doc).map_err(|error| Corrupt {
        account,
        kind: record.kind.clone(),
        id: record.id,
        cause: error.to_string(),
    })
}

/// Whether the record is one of [`progress_key`], and can be read.
///
/// # Errors
/// Those of [`progress`].
pub fn check_progress(account: AccountId, record: &Record) -> Result<bool, Corrupt> {
    Ok(record.kind == kind() && progress(account, Some(record)).map(|_| true)?)
}

impl Progress {
    /// Notes how far an index is built, as long as the configuration is the one that wants it and nobody else has noted anything.
    pub fn note(self, config: &Configuration, noted: &Record, now: Timestamp) -> ChangeSet {
        let put = self.put(noted.id, Expect::Version(noted.version), now);
        ChangeSet { config: Some(config.version), puts: vec![put], ..ChangeSet::default() }
    }

    pub(super) fn put(self, index: ResourceId, expect: Expect, now: Timestamp) -> Put {
        let doc = serde_json::to_string(&self).expect("an id and a number are JSON");
        let (kind, id) = progress_key(index);
        let record = Record { kind, id, version: 0, created: now, modified: now, doc, state: "{}".to_owned() };
        unindexed(record, expect)
    }
}

fn unindexed(record: Record, expect: Expect) -> Put {
    Put { record, expect, claims: Vec::new(), releases: Vec::new(), index_adds: Vec::new(), index_removes: Vec::new() }
}
