//! Whether a change set fits what is there. Reads only, so that a refused one leaves nothing behind.

use super::row;
use crate::StoreError;
use provost_change::{AccountId, ChangeSet, Expect, Head, Kind, Logged, ResourceId, UniqueKey};
use rusqlite::{Connection, params};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// What a change set that fits does to the account.
pub(super) struct Verdict {
    /// The head after it.
    pub(super) head: Head,
    /// What becomes of each put, in their order.
    pub(super) puts: Vec<Becomes>,
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
    let puts = judge_versions(connection, account, change)?;
    judge_claims(connection, account, change)?;
    for count in &change.counts {
        let after = head.count(&count.name).saturating_add(count.delta);
        head.counts.insert(count.name.clone(), after);
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
    Ok(Verdict { head, puts, log })
}

fn judge_versions(connection: &Connection, account: AccountId, change: &ChangeSet) -> Result<Vec<Becomes>, StoreError> {
    // What the change set has done so far to the records that it names; 0 is no record.
    let mut versions: HashMap<(&Kind, ResourceId), u64> = HashMap::new();
    for delete in &change.deletes {
        let key = (&delete.kind, delete.id);
        let there = match versions.get(&key) {
            Some(version) => *version,
            None => version(connection, account, key)?,
        };
        if there == 0 || there != delete.version {
            return Err(StoreError::VersionChanged);
        }
        versions.insert(key, 0);
    }
    let mut puts = Vec::with_capacity(change.puts.len());
    for put in &change.puts {
        let key = (&put.record.kind, put.record.id);
        let there = match versions.get(&key) {
            Some(version) => *version,
            None => version(connection, account, key)?,
        };
        let fits = match put.expect {
            Expect::Absent => there == 0,
            Expect::Version(expected) => there != 0 && there == expected,
            Expect::Any => true,
        };
        if !fits {
            return Err(StoreError::VersionChanged);
        }
        versions.insert(key, there + 1);
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

/// The version of a record; 0 when there is none.
fn version(connection: &Connection, account: AccountId, (kind, id): (&Kind, ResourceId)) -> Result<u64, StoreError> {
    const VERSION: &str = "SELECT version FROM records WHERE account = $1 AND kind = $2 AND id = $3";
    let key = params![account.as_bytes(), kind.as_str(), id.as_bytes()];
    Ok(row::first(connection, VERSION, key, |row| row::natural(row, 0))?.unwrap_or(0))
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
