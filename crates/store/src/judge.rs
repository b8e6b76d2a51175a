//! Whether a change set fits what is there: one judge for every database. It only looks up, so that a refused change set leaves
//! nothing behind.

mod members;

use crate::StoreError;
pub(crate) use members::Memberships;
use provost_change::{AccountId, ChangeSet, Expect, Head, Kind, Logged, Member, ResourceId, UniqueKey};
use std::collections::{HashMap, HashSet};

/// What judging asks about one account, as it is before the change set.
pub(crate) trait LookUp {
    /// The version of a record; 0 when there is none.
    fn version(&self, kind: &Kind, id: ResourceId) -> Result<u64, StoreError>;

    /// Who holds a unique key.
    fn holder(&self, key: &UniqueKey) -> Result<Option<(Kind, ResourceId)>, StoreError>;

    /// What a member of a group is; none when it is no member.
    fn edge(&self, group: ResourceId, member: ResourceId) -> Result<Option<Kind>, StoreError>;

    /// The groups that contain a member itself.
    fn groups_of(&self, member: ResourceId) -> Result<Vec<ResourceId>, StoreError>;

    /// All members of a group.
    fn members_of(&self, group: ResourceId) -> Result<Vec<Member>, StoreError>;
}

/// What a change set that fits does to the account.
pub(crate) struct Verdict {
    /// The head after it.
    pub(crate) head: Head,
    /// What becomes of each put, in their order.
    pub(crate) puts: Vec<Becomes>,
    /// What becomes of memberships.
    pub(crate) members: Memberships,
    /// The log entries with their places in the chain.
    pub(crate) log: Vec<Logged>,
}

/// What becomes of a put.
#[derive(Clone, Copy)]
pub(crate) struct Becomes {
    /// The record's version.
    pub(crate) version: u64,
    /// Whether there was no record before.
    pub(crate) is_new: bool,
}

type Holder<'a> = (&'a Kind, ResourceId);

/// Judges in the order that [`crate::Store::commit`] promises. `head` is none when the account does not exist.
pub(crate) fn judge<L: LookUp>(
    stored: &L,
    account: AccountId,
    head: Option<&Head>,
    change: &ChangeSet,
) -> Result<Verdict, StoreError> {
    let mut head = match (head, change.creates_account) {
        (Some(_), true) => return Err(StoreError::AccountExists),
        (None, false) => return Err(StoreError::NoAccount),
        (None, true) => Head::new(account),
        (Some(head), false) => head.clone(),
    };
    if let Some(frozen) = head.frozen {
        return Err(frozen.into());
    }
    if change.config.is_some_and(|config| config != head.config) {
        return Err(StoreError::ConfigChanged);
    }
    if change.seq.is_some_and(|seq| seq != head.seq) {
        return Err(StoreError::VersionChanged);
    }
    let mut versions = Versions { stored, changed: HashMap::new() };
    let puts = judge_versions(&mut versions, change)?;
    let members = members::judge(change, &versions)?;
    judge_claims(stored, change)?;
    for count in &change.counts {
        match head.count(&count.name).saturating_add(count.delta) {
            0 => head.counts.remove(&count.name),
            after => head.counts.insert(count.name.clone(), after),
        };
    }
    if let Some(broken) = change.counts.iter().find(|count| !count.allows(head.count(&count.name))) {
        return Err(StoreError::Bound { count: broken.name.clone() });
    }
    head.config += u64::from(change.changes_config);
    let mut log = Vec::with_capacity(change.log.len());
    for entry in &change.log {
        let entry = entry.clone().chained(head.seq + 1, &head.hash);
        (head.seq, head.hash) = (entry.seq, entry.hash);
        log.push(entry);
    }
    Ok(Verdict { head, puts, members, log })
}

/// Versions of records, as far as a change set has come; 0 is no record.
struct Versions<'a, L> {
    stored: &'a L,
    changed: HashMap<(&'a Kind, ResourceId), u64>,
}

impl<L: LookUp> Versions<'_, L> {
    fn now(&self, key: (&Kind, ResourceId)) -> Result<u64, StoreError> {
        self.changed.get(&key).map_or_else(|| self.stored.version(key.0, key.1), |version| Ok(*version))
    }
}

fn judge_versions<'a, L: LookUp>(
    versions: &mut Versions<'a, L>,
    change: &'a ChangeSet,
) -> Result<Vec<Becomes>, StoreError> {
    for delete in &change.deletes {
        let key = (&delete.kind, delete.id);
        let there = versions.now(key)?;
        if there == 0 || there != delete.version {
            return Err(StoreError::VersionChanged);
        }
        versions.changed.insert(key, 0);
    }
    let mut puts = Vec::with_capacity(change.puts.len());
    for put in &change.puts {
        let key = (&put.record.kind, put.record.id);
        let there = versions.now(key)?;
        let fits = match put.expect {
            Expect::Absent => there == 0,
            Expect::Version(expected) => there != 0 && there == expected,
            Expect::Any => true,
        };
        if !fits {
            return Err(StoreError::VersionChanged);
        }
        versions.changed.insert(key, there + 1);
        puts.push(Becomes { version: there + 1, is_new: there == 0 });
    }
    Ok(puts)
}

fn judge_claims<L: LookUp>(stored: &L, change: &ChangeSet) -> Result<(), StoreError> {
    let deleted = change.deletes.iter().map(|delete| ((&delete.kind, delete.id), &delete.releases));
    let put = change.puts.iter().map(|put| ((&put.record.kind, put.record.id), &put.releases));
    let released: HashSet<(&UniqueKey, Holder<'_>)> = deleted
        .chain(put)
        .flat_map(|(holder, releases)| releases.iter().map(move |release| (release, holder)))
        .collect();
    let mut claimed: HashMap<&UniqueKey, Holder<'_>> = HashMap::new();
    for put in &change.puts {
        let claimant = (&put.record.kind, put.record.id);
        for claim in &put.claims {
            let refused = |holder| StoreError::Uniqueness { space: claim.space.clone(), holder };
            if let Some(holder) = claimed.insert(claim, claimant) {
                if holder != claimant {
                    return Err(refused(holder.1));
                }
                continue;
            }
            let Some((kind, id)) = stored.holder(claim)? else { continue };
            if (&kind, id) != claimant && !released.contains(&(claim, (&kind, id))) {
                return Err(refused(id));
            }
        }
    }
    Ok(())
}
