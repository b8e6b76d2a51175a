//! What one commit carries: the words that deciding (`accounts`) and storing (`store`) share.
//!
//! A mutation is decided in memory and committed as one [`ChangeSet`], its audit entries included. Nothing here knows
//! SQL, HTTP, a clock or a policy.

mod id;
mod log;
mod newest;
mod record;

pub use id::{AccountId, IdError, Kind, ResourceId};
pub use log::{Broken, ChainBase, Digest, LogEntry, Logged, Personal, link, personal_digest, verify};
pub use newest::{newest_first, older_than};
pub use record::{
    Bound, ChangeSet, CountChange, Delete, Expect, Frozen, Head, IndexEntry, Member, MemberChange, Put, Record,
    UniqueKey,
};
