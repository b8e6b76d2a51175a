//! What lies in the tables, as it lies there.

use crate::StoreError;
use crate::sqlite::row::{self, int, natural};
use provost_change::{AccountId, IndexEntry, Kind, Member, Record, ResourceId, UniqueKey};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params};
use std::collections::BTreeSet;
use uuid::Uuid;

/// A record that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// What it is, as far as that can be read.
    pub kind: String,
    /// Its id as text, or the bytes that stand there in hexadecimal.
    pub id: String,
    /// Why it cannot be read.
    pub cause: String,
}

/// A unique key and who holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UniqueRow {
    /// What is held.
    pub key: UniqueKey,
    /// What the holder is.
    pub kind: Kind,
    /// Which one.
    pub id: ResourceId,
}

/// An index entry and whom it finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexRow {
    /// What is found.
    pub kind: Kind,
    /// Under what.
    pub entry: IndexEntry,
    /// Which one.
    pub id: ResourceId,
}

/// A membership between records of which one does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dangling {
    /// The group.
    pub group: ResourceId,
    /// Whether the group exists.
    pub group_exists: bool,
    /// The member.
    pub member: Member,
}

/// Looks in each table for rows of accounts without a head row.
pub(super) fn orphans(connection: &Connection) -> Result<Vec<(&'static str, AccountId)>, StoreError> {
    // One statement for each table, since a name cannot be a parameter. Each steps from account to account.
    const NEXT: [(&str, &str); 6] = [
        ("records", "SELECT min(account) FROM records WHERE account > $1"),
        ("runs", "SELECT min(account) FROM runs WHERE account > $1"),
        ("unique_keys", "SELECT min(account) FROM unique_keys WHERE account > $1"),
        ("attribute_index", "SELECT min(account) FROM attribute_index WHERE account > $1"),
        ("members", "SELECT min(account) FROM members WHERE account > $1"),
        ("log", "SELECT min(account) FROM log WHERE account > $1"),
    ];
    /// One that is being moved here has no head row yet.
    const HEAD: &str = "
        SELECT 1 FROM heads WHERE account = $1 UNION ALL SELECT 1 FROM moves WHERE account = $1";
    let mut found = Vec::new();
    for (table, next) in NEXT {
        let mut after: Vec<u8> = Vec::new();
        while let Some(account) =
            row::first(connection, next, [&after], |row| row.get::<_, Option<[u8; 16]>>(0))?.flatten()
        {
            if row::first(connection, HEAD, [&account], |_| Ok(()))?.is_none() {
                found.push((table, AccountId::new(Uuid::from_bytes(account))));
            }
            after = account.to_vec();
        }
    }
    Ok(found)
}

pub(super) fn records(
    connection: &Connection,
    account: AccountId,
    mut each: impl FnMut(Result<Record, Unreadable>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    const RECORDS: &str = "
        SELECT id, version, created, modified, doc, state, kind FROM records
         WHERE account = $1 ORDER BY kind, id";
    let mut statement = connection.prepare_cached(RECORDS)?;
    let mut rows = statement.query([account.as_bytes()])?;
    while let Some(found) = rows.next()? {
        each(record(found).map_err(|error| unreadable(found, &error)))?;
    }
    Ok(())
}

fn record(row: &Row<'_>) -> rusqlite::Result<Record> {
    row::record(row, &Kind::named(row.get::<_, String>(6)?))
}

fn unreadable(row: &Row<'_>, error: &rusqlite::Error) -> Unreadable {
    let text = |column| match row.get_ref(column) {
        Ok(ValueRef::Text(text)) => String::from_utf8_lossy(text).into_owned(),
        Ok(ValueRef::Blob(bytes)) => match Uuid::from_slice(bytes) {
            Ok(id) => id.to_string(),
            Err(_) => bytes.iter().take(32).map(|byte| format!("{byte:02x}")).collect(),
        },
        Ok(ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_)) | Err(_) => "?".to_owned(),
    };
    Unreadable { kind: text(6), id: text(0), cause: error.to_string() }
}

pub(super) fn holder(
    connection: &Connection,
    account: AccountId,
    key: &UniqueKey,
) -> Result<Option<(Kind, ResourceId)>, StoreError> {
    const HOLDER: &str = "SELECT kind, id FROM unique_keys WHERE account = $1 AND space = $2 AND value = $3";
    let params = params![account.as_bytes(), key.space, key.value];
    Ok(row::first(connection, HOLDER, params, |row| Ok((row::kind(row, 0)?, row::resource_id(row, 1)?)))?)
}

pub(super) fn is_found(
    connection: &Connection,
    account: AccountId,
    kind: &Kind,
    id: ResourceId,
    entry: &IndexEntry,
) -> Result<bool, StoreError> {
    const FOUND: &str = "
        SELECT 1 FROM attribute_index
         WHERE account = $1 AND kind = $2 AND attribute = $3 AND value = $4 AND id = $5";
    let params = params![account.as_bytes(), kind.as_str(), entry.attribute, entry.value, id.as_bytes()];
    Ok(row::first(connection, FOUND, params, |_| Ok(()))?.is_some())
}

pub(super) fn sizes(connection: &Connection, account: AccountId) -> Result<(u64, u64), StoreError> {
    const UNIQUE: &str = "SELECT count(*) FROM unique_keys WHERE account = $1";
    const INDEX: &str = "SELECT count(*) FROM attribute_index WHERE account = $1";
    let size = |sql| row::first(connection, sql, [account.as_bytes()], |row| natural(row, 0));
    Ok((size(UNIQUE)?.unwrap_or(0), size(INDEX)?.unwrap_or(0)))
}

pub(super) fn unique_rows(
    connection: &Connection,
    account: AccountId,
    after: Option<&UniqueRow>,
    limit: u64,
) -> Result<Vec<UniqueRow>, StoreError> {
    const ROWS: &str = "
        SELECT space, value, kind, id FROM unique_keys
         WHERE account = $1 AND (space, value) > ($2, $3) ORDER BY space, value LIMIT $4";
    // No space has an empty name, so that nothing comes before the first.
    let (space, value) = after.map_or(("", ""), |row| (&row.key.space, &row.key.value));
    Ok(row::rows(connection, ROWS, params![account.as_bytes(), space, value, int(limit)], |row| {
        let key = UniqueKey { space: row.get(0)?, value: row.get(1)? };
        Ok(UniqueRow { key, kind: row::kind(row, 2)?, id: row::resource_id(row, 3)? })
    })?)
}

pub(super) fn index_rows(
    connection: &Connection,
    account: AccountId,
    after: Option<&IndexRow>,
    limit: u64,
) -> Result<Vec<IndexRow>, StoreError> {
    const ROWS: &str = "
        SELECT kind, attribute, value, id FROM attribute_index
         WHERE account = $1 AND (kind, attribute, value, id) > ($2, $3, $4, $5)
         ORDER BY kind, attribute, value, id LIMIT $6";
    let (kind, attribute, value) =
        after.map_or(("", "", ""), |row| (row.kind.as_str(), &row.entry.attribute, &row.entry.value));
    let id = row::behind(after.map(|row| &row.id));
    Ok(row::rows(connection, ROWS, params![account.as_bytes(), kind, attribute, value, id, int(limit)], |row| {
        let entry = IndexEntry { attribute: row.get(1)?, value: row.get(2)? };
        Ok(IndexRow { kind: row::kind(row, 0)?, entry, id: row::resource_id(row, 3)? })
    })?)
}

pub(super) fn dangling(connection: &Connection, account: AccountId) -> Result<Vec<Dangling>, StoreError> {
    const DANGLING: &str = "
        SELECT group_id, member, kind, there FROM (
            SELECT m.group_id, m.member, m.kind,
                   EXISTS (SELECT 1 FROM records g
                            WHERE g.account = m.account AND g.kind = 'group' AND g.id = m.group_id) AS there,
                   EXISTS (SELECT 1 FROM records r
                            WHERE r.account = m.account AND r.kind = m.kind AND r.id = m.member) AS known
              FROM members m WHERE m.account = $1)
         WHERE NOT there OR NOT known ORDER BY group_id, member";
    Ok(row::rows(connection, DANGLING, [account.as_bytes()], |row| {
        let member = Member { id: row::resource_id(row, 1)?, kind: row::kind(row, 2)? };
        Ok(Dangling { group: row::resource_id(row, 0)?, group_exists: row.get(3)?, member })
    })?)
}

pub(super) fn nested(connection: &Connection, account: AccountId) -> Result<Vec<(ResourceId, ResourceId)>, StoreError> {
    const NESTED: &str = "
        SELECT group_id, member FROM members WHERE account = $1 AND kind = 'group' ORDER BY group_id, member";
    let read = |row: &Row<'_>| Ok((row::resource_id(row, 0)?, row::resource_id(row, 1)?));
    Ok(row::rows(connection, NESTED, [account.as_bytes()], read)?)
}

pub(super) fn wrong_runs(connection: &Connection, account: AccountId) -> Result<Vec<Kind>, StoreError> {
    const OF_RECORDS: &str = "SELECT DISTINCT kind FROM records WHERE account = $1";
    const OF_RUNS: &str = "SELECT DISTINCT kind FROM runs WHERE account = $1";
    let mut kinds = BTreeSet::new();
    for sql in [OF_RECORDS, OF_RUNS] {
        kinds.extend(row::rows(connection, sql, [account.as_bytes()], |row| row::kind(row, 0))?);
    }
    let mut wrong = Vec::new();
    for kind in kinds {
        if !runs_fit(connection, account, &kind)? {
            wrong.push(kind);
        }
    }
    Ok(wrong)
}

/// Whether each run has as many ids as it says, and every id lies in one.
fn runs_fit(connection: &Connection, account: AccountId, kind: &Kind) -> Result<bool, StoreError> {
    const RUNS: &str = "SELECT first, size FROM runs WHERE account = $1 AND kind = $2 ORDER BY first";
    const BEFORE: &str = "SELECT count(*) FROM records WHERE account = $1 AND kind = $2 AND id < $3";
    const FROM: &str = "SELECT count(*) FROM records WHERE account = $1 AND kind = $2 AND id >= $3";
    const BETWEEN: &str = "
        SELECT count(*) FROM records WHERE account = $1 AND kind = $2 AND id >= $3 AND id < $4";
    let (owner, name) = (account.as_bytes(), kind.as_str());
    let read = |row: &Row<'_>| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, i64>(1)?));
    let runs = row::rows(connection, RUNS, params![owner, name], read)?;
    let Some((first, _)) = runs.first() else { return Ok(false) };
    let number = |row: &Row<'_>| row.get::<_, i64>(0);
    if row::first(connection, BEFORE, params![owner, name, first], number)? != Some(0) {
        return Ok(false);
    }
    for (place, (first, size)) in runs.iter().enumerate() {
        let found = match runs.get(place + 1) {
            Some((next, _)) => row::first(connection, BETWEEN, params![owner, name, first, next], number)?,
            None => row::first(connection, FROM, params![owner, name, first], number)?,
        };
        if found != Some(*size) || *size < 1 {
            return Ok(false);
        }
    }
    Ok(true)
}
