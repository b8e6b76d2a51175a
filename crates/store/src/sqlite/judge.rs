//! Whether a change set fits what is there. Reads only, so that a refused one leaves nothing behind.

mod members;

use super::row;
use super::search::SMALL_MAX;
use crate::StoreError;
pub(super) use members::Memberships;
use provost_change::{AccountId, ChangeSet, Expect, Head, Kind, Logged, MemberChange, ResourceId, UniqueKey};
use rusqlite::{Connection, params};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// What a change set that fits does to the account.
pub(super) struct Verdict {
    /// The head after it.
    pub(super) head: Head,
    /// What becomes of each put, in their order.
    pub(super) puts: Vec<Becomes>,
    /// What becomes of memberships.
    pub(super) members: Memberships,
    /// The log entries with their places in the chain.
    pub(super) log: Vec<Logged>,
}

/// What becomes of a put.
#[derive(Clone, Copy)]
pub(super) struct Becomes {
    /// The record's version.
    pub(super) version: u64,
    /// Whether there was no record before.
    pub(super) is_new: bool,
}

/// Whether a change set is judged in some hundred microseconds.
pub(super) fn is_small(change: &ChangeSet) -> bool {
    let named = |members: &MemberChange| members.removes.len() + members.adds.len();
    let rows = change.deletes.len() + change.puts.len() + change.members.iter().map(named).sum::<usize>();
    rows as u64 <= SMALL_MAX && change.members.iter().all(|members| !members.clear)
}

type Holder<'a> = (&'a str, ResourceId);

/// Judges in the order that [`crate::Store::commit`] promises. `head` is none when the account does not exist.
pub(super) fn judge(
    connection: &Connection,
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
    if change.config.is_some_and(|config| config != head.config) {
        return Err(StoreError::ConfigChanged);
    }
    if change.seq.is_some_and(|seq| seq != head.seq) {
        return Err(StoreError::VersionChanged);
    }
    let mut versions = Versions { connection, account, changed: HashMap::new() };
    let puts = judge_versions(&mut versions, change)?;
    let members = members::judge(change, &versions)?;
    judge_claims(connection, account, change)?;
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
struct Versions<'a> {
    connection: &'a Connection,
    account: AccountId,
    changed: HashMap<(&'a Kind, ResourceId), u64>,
}

impl<'a> Versions<'a> {
    fn now(&self, key: (&Kind, ResourceId)) -> Result<u64, StoreError> {
        self.changed.get(&key).map_or_else(|| self.stored(key), |version| Ok(*version))
    }

    /// Before the change set.
    fn stored(&self, (kind, id): (&Kind, ResourceId)) -> Result<u64, StoreError> {
        const VERSION: &str = "SELECT version FROM records WHERE account = $1 AND kind = $2 AND id = $3";
        let key = params![self.account.as_bytes(), kind.as_str(), id.as_bytes()];
        Ok(row::first(self.connection, VERSION, key, |row| row::natural(row, 0))?.unwrap_or(0))
    }
}

fn judge_versions<'a>(versions: &mut Versions<'a>, change: &'a ChangeSet) -> Result<Vec<Becomes>, StoreError> {
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

fn judge_claims(connection: &Connection, account: AccountId, change: &ChangeSet) -> Result<(), StoreError> {
    let deleted = change.deletes.iter().map(|delete| ((delete.kind.as_str(), delete.id), &delete.releases));
    let put = change.puts.iter().map(|put| ((put.record.kind.as_str(), put.record.id), &put.releases));
    let released: HashSet<(&UniqueKey, Holder<'_>)> = deleted
        .chain(put)
        .flat_map(|(holder, releases)| releases.iter().map(move |release| (release, holder)))
        .collect();
    let mut claimed: HashMap<&UniqueKey, Holder<'_>> = HashMap::new();
    for put in &change.puts {
        let claimant = (put.record.kind.as_str(), put.record.id);
        for claim in &put.claims {
            let refused = |holder| StoreError::Uniqueness { space: claim.space.clone(), holder };
            if let Some(holder) = claimed.insert(claim, claimant) {
                if holder != claimant {
                    return Err(refused(holder.1));
                }
                continue;
            }
            let Some((kind, id)) = holder(connection, account, claim)? else { continue };
            let holder = (kind.as_str(), id);
            if holder != claimant && !released.contains(&(claim, holder)) {
                return Err(refused(id));
            }
        }
    }
    Ok(())
}

fn holder(
    connection: &Connection,
    account: AccountId,
    key: &UniqueKey,
) -> Result<Option<(String, ResourceId)>, StoreError> {
    const HOLDER: &str = "SELECT kind, id FROM unique_keys WHERE account = $1 AND space = $2 AND value = $3";
    let params = params![account.as_bytes(), key.space, key.value];
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, ResourceId::new(Uuid::from_bytes(row.get(1)?))));
    Ok(row::first(connection, HOLDER, params, read)?)
}
