//! Records and the change set.

use crate::{AccountId, Kind, LogEntry, ResourceId};
use jiff::Timestamp;
use std::collections::BTreeMap;
use uuid::Uuid;

/// A stored object: users, roles, policies and the rest have one form.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// What it is.
    pub kind: Kind,
    /// Its id, unique over the whole installation.
    pub id: ResourceId,
    /// Counts its changes, from 1.
    pub version: u64,
    /// When it was made, in microseconds.
    pub created: Timestamp,
    /// When it changed last, in microseconds.
    pub modified: Timestamp,
    /// What is shown: for a SCIM resource its attributes as canonical JSON without `meta`.
    pub doc: String,
    /// What is not shown over SCIM: JSON, `{}` when there is nothing.
    pub state: String,
}

/// The one row per account that every commit passes through: sequence numbers are therefore without gaps and visible in
/// order, totals are read and not counted, and the hash chain is computed where the order is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// Sequence number of the newest log entry; 0 in a new account.
    pub seq: u64,
    /// Hash of the newest log entry; the chain's base in a new account.
    pub hash: crate::Digest,
    /// Where the log begins: moves when retention removes old entries.
    pub base: crate::ChainBase,
    /// Grows whenever the account's configuration (policy, roles, admin apps, quorum policies) changes.
    pub config: u64,
    /// Named counts: `user`, `user.active`, …
    pub counts: BTreeMap<String, i64>,
    /// Why the account takes no changes, when it does not.
    pub frozen: Option<Frozen>,
}

/// Why an account is read and not changed. What it says is shown to whoever wanted to change something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Frozen {
    /// It is being copied to another database: changes are taken again when that is done, here or there.
    #[error(
        "the account is being moved to another database: it can be read, and takes changes again when that is done"
    )]
    Moving(
        /// Names the move, and is never used for another: what was read since stays true as long as it stands here.
        Uuid,
    ),
    /// It is served from another database.
    #[error("the account was moved to another database: here it can be read, and takes no changes any more")]
    Moved(
        /// Which move it was.
        Uuid,
    ),
}

/// One mutation, decided in memory, committed whole or not at all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChangeSet {
    /// Makes the account: its head row must not exist yet. Every other change set needs it to exist.
    pub creates_account: bool,
    /// The configuration it was judged under; another one since then refuses the commit.
    pub config: Option<u64>,
    /// The head's sequence number that it was decided at: for the rare decision that rests on no record's being anywhere, such
    /// as "nobody holds this role". Anything committed since refuses it like a changed record.
    pub seq: Option<u64>,
    /// Whether it changes the configuration itself.
    pub changes_config: bool,
    /// Records made or replaced.
    pub puts: Vec<Put>,
    /// Records removed.
    pub deletes: Vec<Delete>,
    /// Changes of groups' members. They commute: two change sets that add members to one group do not disturb each other.
    pub members: Vec<MemberChange>,
    /// Changes of the account's counts, with the bounds that they must keep.
    pub counts: Vec<CountChange>,
    /// Audit entries, in order. A change set may consist of nothing else.
    pub log: Vec<LogEntry>,
}

/// A record to make or replace, with what changes in the indexes.
#[derive(Clone, Debug, PartialEq)]
pub struct Put {
    /// The new content; its `version` is ignored: the store counts.
    pub record: Record,
    /// What must be there now.
    pub expect: Expect,
    /// Unique keys that it takes.
    pub claims: Vec<UniqueKey>,
    /// Unique keys that it gives up.
    pub releases: Vec<UniqueKey>,
    /// Index entries that it gains.
    pub index_adds: Vec<IndexEntry>,
    /// Index entries that it loses.
    pub index_removes: Vec<IndexEntry>,
}

/// A record to remove, with its unique keys and index entries. Its memberships go with it: who contained it is a changed group
/// from then on, modified at the time of the change set's first log entry; what it contained is not.
#[derive(Clone, Debug, PartialEq)]
pub struct Delete {
    /// What it is.
    pub kind: Kind,
    /// Which one.
    pub id: ResourceId,
    /// The version that the decision was made on.
    pub version: u64,
    /// Unique keys that it held.
    pub releases: Vec<UniqueKey>,
    /// Index entries that it had.
    pub index_removes: Vec<IndexEntry>,
}

impl Delete {
    /// Of a record that has neither unique keys nor index entries.
    pub fn bare(kind: Kind, id: ResourceId, version: u64) -> Self {
        Self { kind, id, version, releases: Vec::new(), index_removes: Vec::new() }
    }
}

/// A member of a group: an edge between two records, not a list inside a document.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Member {
    /// What it is: a user, or a group inside the group.
    pub kind: Kind,
    /// Which one.
    pub id: ResourceId,
}

/// What changes in the members of one group. It costs what it changes, never the size of the group.
///
/// The group and every added member must exist once the change set's deletes and puts are done; otherwise the change set is
/// refused like one that rests on a changed record. Adding who is a member and removing who is none is no change. If anything
/// changes and the group is not itself put, the store counts the group's version up and sets its time of modification.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberChange {
    /// Which group.
    pub group: ResourceId,
    /// The version that the decision was made on; `None` where any will do.
    pub version: Option<u64>,
    /// Whether all who are members go before the additions.
    pub clear: bool,
    /// Who goes.
    pub removes: Vec<ResourceId>,
    /// Who comes, after those who go have gone.
    pub adds: Vec<Member>,
    /// The group's time of modification, should anything change.
    pub at: Timestamp,
}

/// What a put expects to find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Nothing of that kind and id.
    Absent,
    /// This version.
    Version(u64),
    /// Whatever is there, or nothing: for records that only one writer keeps, such as the last use of a key.
    Any,
}

/// A value that at most one record of the account holds, in one space such as `User.userName`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UniqueKey {
    /// What is unique.
    pub space: String,
    /// The value in the form in which it is compared.
    pub value: String,
}

/// A value under which a record is found: not unique.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IndexEntry {
    /// Kind and attribute, such as `User.emails.value`.
    pub attribute: String,
    /// The value in the form in which it is compared.
    pub value: String,
}

/// Adds to one of the account's counts and says what must hold afterwards. Checked where commits are in order, so that two
/// requests at once cannot both take the last seat or both remove one of the last two administrators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountChange {
    /// Which count.
    pub name: String,
    /// By how much it changes.
    pub delta: i64,
    /// What must hold afterwards.
    pub bound: Option<Bound>,
}

/// A bound on a count after the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// At least this many remain.
    AtLeast(i64),
    /// At most this many are reached.
    AtMost(i64),
}

impl CountChange {
    /// A change without a bound.
    pub fn by(name: impl Into<String>, delta: i64) -> Self {
        Self { name: name.into(), delta, bound: None }
    }

    /// Whether the count may become `after`.
    pub fn allows(&self, after: i64) -> bool {
        match self.bound {
            None => true,
            Some(Bound::AtLeast(least)) => after >= least,
            Some(Bound::AtMost(most)) => after <= most,
        }
    }
}

impl Head {
    /// The head of an account that is being made.
    pub fn new(account: AccountId) -> Self {
        let base = crate::ChainBase::of(account);
        Self { seq: 0, hash: base.hash, base, config: 0, counts: BTreeMap::new(), frozen: None }
    }

    /// A count; 0 when it was never changed.
    pub fn count(&self, name: &str) -> i64 {
        self.counts.get(name).copied().unwrap_or(0)
    }
}
