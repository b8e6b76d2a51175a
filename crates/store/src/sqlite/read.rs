//! Reads by key and in order.

use super::readers::snapshot;
use super::row::{self, Statements, int};
use crate::{LogQuery, StoreError};
use provost_change::{AccountId, Head, Kind, Logged, Record, ResourceId, UniqueKey};
use rusqlite::{Connection, params};

pub(super) fn head(connection: &impl Statements, account: AccountId) -> Result<Option<Head>, StoreError> {
    const HEAD: &str = "SELECT seq, hash, base_seq, base_hash, config, counts, frozen FROM heads WHERE account = $1";
    row::first(connection, HEAD, [account.as_bytes()], |row| Ok(row::head(row)))?.transpose()
}

pub(super) fn accounts(
    connection: &Connection,
    after: Option<AccountId>,
    limit: u64,
) -> Result<Vec<AccountId>, StoreError> {
    const FIRST: &str = "SELECT account FROM heads ORDER BY account LIMIT $1";
    const BEHIND: &str = "SELECT account FROM heads WHERE account > $1 ORDER BY account LIMIT $2";
    let read = |row: &rusqlite::Row<'_>| row::account_id(row, 0);
    Ok(match after {
        None => row::rows(connection, FIRST, [int(limit)], read)?,
        Some(after) => row::rows(connection, BEHIND, params![after.as_bytes(), int(limit)], read)?,
    })
}

pub(super) fn load(
    connection: &Connection,
    account: AccountId,
    keys: &[(Kind, ResourceId)],
) -> Result<Vec<Option<Record>>, StoreError> {
    let load = |connection: &Connection| -> Result<Vec<Option<Record>>, StoreError> {
        keys.iter().map(|(kind, id)| record(connection, account, kind, *id)).collect()
    };
    // One read is one moment by itself.
    if keys.len() > 1 { snapshot(connection, load) } else { load(connection) }
}

pub(super) fn record(
    connection: &Connection,
    account: AccountId,
    kind: &Kind,
    id: ResourceId,
) -> Result<Option<Record>, StoreError> {
    const RECORD: &str = "
        SELECT id, version, created, modified, doc, state FROM records
         WHERE account = $1 AND kind = $2 AND id = $3";
    let key = params![account.as_bytes(), kind.as_str(), id.as_bytes()];
    Ok(row::first(connection, RECORD, key, |row| row::record(row, kind))?)
}

pub(super) fn by_unique(
    connection: &Connection,
    account: AccountId,
    key: &UniqueKey,
    kind: &Kind,
) -> Result<Option<Record>, StoreError> {
    const BY_UNIQUE: &str = "
        SELECT r.id, r.version, r.created, r.modified, r.doc, r.state
          FROM unique_keys u JOIN records r ON r.account = u.account AND r.kind = u.kind AND r.id = u.id
         WHERE u.account = $1 AND u.space = $2 AND u.value = $3 AND u.kind = $4";
    let key = params![account.as_bytes(), key.space, key.value, kind.as_str()];
    Ok(row::first(connection, BY_UNIQUE, key, |row| row::record(row, kind))?)
}

pub(super) fn all(
    connection: &impl Statements,
    account: AccountId,
    kind: &Kind,
    after: Option<ResourceId>,
    limit: u64,
) -> Result<Vec<Record>, StoreError> {
    const FIRST: &str = "
        SELECT id, version, created, modified, doc, state FROM records
         WHERE account = $1 AND kind = $2 ORDER BY id LIMIT $3";
    const BEHIND: &str = "
        SELECT id, version, created, modified, doc, state FROM records
         WHERE account = $1 AND kind = $2 AND id > $3 ORDER BY id LIMIT $4";
    let (account, name, limit) = (account.as_bytes(), kind.as_str(), int(limit));
    let read = |row: &rusqlite::Row<'_>| row::record(row, kind);
    Ok(match after {
        None => row::rows(connection, FIRST, params![account, name, limit], read)?,
        Some(after) => row::rows(connection, BEHIND, params![account, name, after.as_bytes(), limit], read)?,
    })
}

pub(super) fn log(connection: &Connection, account: AccountId, query: &LogQuery) -> Result<Vec<Logged>, StoreError> {
    const OLDEST_FIRST: &str = "
        SELECT seq, at, subject, public, salt, personal, personal_digest, hash FROM log
         WHERE account = $1 AND seq > $2 AND seq < $3 ORDER BY seq LIMIT $4";
    const NEWEST_FIRST: &str = "
        SELECT seq, at, subject, public, salt, personal, personal_digest, hash FROM log
         WHERE account = $1 AND seq > $2 AND seq < $3 ORDER BY seq DESC LIMIT $4";
    const ABOUT_OLDEST_FIRST: &str = "
        SELECT seq, at, subject, public, salt, personal, personal_digest, hash FROM log
         WHERE account = $1 AND subject = $2 AND seq > $3 AND seq < $4 ORDER BY seq LIMIT $5";
    const ABOUT_NEWEST_FIRST: &str = "
        SELECT seq, at, subject, public, salt, personal, personal_digest, hash FROM log
         WHERE account = $1 AND subject = $2 AND seq > $3 AND seq < $4 ORDER BY seq DESC LIMIT $5";
    let (after, before) = (int(query.after.unwrap_or(0)), int(query.before.unwrap_or(u64::MAX)));
    let (account, limit) = (account.as_bytes(), int(query.limit));
    Ok(match query.subject {
        None => {
            let sql = if query.newest_first { NEWEST_FIRST } else { OLDEST_FIRST };
            row::rows(connection, sql, params![account, after, before, limit], row::logged)?
        }
        Some(subject) => {
            let sql = if query.newest_first { ABOUT_NEWEST_FIRST } else { ABOUT_OLDEST_FIRST };
            row::rows(connection, sql, params![account, subject.as_bytes(), after, before, limit], row::logged)?
        }
    })
}

pub(super) fn ping(connection: &Connection) -> Result<(), StoreError> {
    const PING: &str = "SELECT 1 FROM heads LIMIT 1";
    row::first(connection, PING, [], |_| Ok(()))?;
    Ok(())
}
