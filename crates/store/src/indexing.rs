//! Index entries that are made and removed without a write of what they find.

use crate::StoreError;
use provost_change::{IndexEntry, Kind, Record, ResourceId};
use std::{fmt, sync::Arc};

/// The entries that a record has in an index.
pub type Entries = Arc<dyn Fn(&Record) -> Result<Vec<IndexEntry>, StoreError> + Send + Sync>;

/// Records that are to be entered into an index.
#[derive(Clone)]
pub struct Indexing {
    /// The configuration that wants the index; another one refuses.
    pub config: u64,
    /// The kind of the records.
    pub kind: Kind,
    /// Only records behind this one, in the order of ids.
    pub after: Option<ResourceId>,
    /// At most how many records: other commits of the account wait meanwhile.
    pub limit: u64,
    /// What each is entered under.
    pub entries: Entries,
}

/// How far records were entered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Indexed {
    /// How many records were read.
    pub records: u64,
    /// The last of them; `None` when there was none left.
    pub last: Option<ResourceId>,
}

/// Entries of an index that are to go, whatever they find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unindexing {
    /// The configuration that does not want the index; another one refuses.
    pub config: u64,
    /// The kind of what the entries find.
    pub kind: Kind,
    /// The attribute of the entries.
    pub attribute: String,
    /// At most how many entries: other commits of the account wait meanwhile.
    pub limit: u64,
}

impl fmt::Debug for Indexing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { config, kind, after, limit, entries: _ } = self;
        out.debug_struct("Indexing")
            .field("config", config)
            .field("kind", kind)
            .field("after", after)
            .field("limit", limit)
            .finish_non_exhaustive()
    }
}
