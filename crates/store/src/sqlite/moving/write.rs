//! Rows that come from another database, and those that go because a move was given up.

use crate::StoreError;
use crate::moving::end::Coming;
use crate::moving::rows::{Found, Held, Place, Rows, Value, runs, whole_value};
use crate::sqlite::row::{execute, int};
use crate::sqlite::{apply, members, read};
use provost_change::{AccountId, Head, Kind, Record, ResourceId};
use rusqlite::{Connection, params};
use std::borrow::Cow;
use uuid::Uuid;

/// Writes rows, and moves the place behind them, if the place is what `coming` says. Whether it was.
pub(super) fn append(
    connection: &Connection,
    account: AccountId,
    coming: &Coming,
    rows: &Rows,
    next: &Place,
) -> Result<bool, StoreError> {
    if !advance(connection, account, coming, next)? {
        return Ok(false);
    }
    match rows {
        Rows::Records(rows) => {
            rows.iter().try_for_each(|row| record(connection, account, row))?;
            count(connection, account, &coming.place, rows)?;
        }
        Rows::UniqueKeys(rows) => rows.iter().try_for_each(|row| unique_key(connection, account, row))?,
        Rows::AttributeIndex(rows) => rows.iter().try_for_each(|row| index_entry(connection, account, row))?,
        Rows::Members(rows) => {
            rows.iter().try_for_each(|(group, member)| members::add(connection, account, *group, member))?;
        }
        Rows::Log(rows) => rows.iter().try_for_each(|row| apply::Rows { connection, account }.append(row))?,
        Rows::None => {}
    }
    Ok(true)
}

fn advance(connection: &Connection, account: AccountId, coming: &Coming, next: &Place) -> rusqlite::Result<bool> {
    const ADVANCE: &str = "UPDATE moves SET place = $1 WHERE account = $2 AND token = $3 AND place = $4";
    let params = params![next.text(), account.as_bytes(), coming.token.as_bytes(), coming.place.text()];
    Ok(execute(connection, ADVANCE, params)? == 1)
}

fn record(connection: &Connection, account: AccountId, row: &Record) -> rusqlite::Result<()> {
    const INSERT: &str = "
        INSERT INTO records (account, kind, id, version, created, modified, doc, state)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let (kind, id, version) = (row.kind.as_str(), row.id.as_bytes(), int(row.version));
    let (created, modified) = (row.created.as_microsecond(), row.modified.as_microsecond());
    let params = params![account.as_bytes(), kind, id, version, created, modified, row.doc, row.state];
    execute(connection, INSERT, params).map(drop)
}

fn count(connection: &Connection, account: AccountId, after: &Place, rows: &[Record]) -> rusqlite::Result<()> {
    const START: &str = "INSERT INTO runs (account, kind, first, size) VALUES ($1, $2, $3, $4)";
    runs(after, rows).iter().try_for_each(|run| {
        let params = params![account.as_bytes(), run.kind.as_str(), run.first.as_bytes(), int(run.size)];
        execute(connection, START, params).map(drop)
    })
}

fn unique_key(connection: &Connection, account: AccountId, row: &Held) -> Result<(), StoreError> {
    const INSERT: &str = "INSERT INTO unique_keys (account, space, value, kind, id) VALUES ($1, $2, $3, $4, $5)";
    let value = whole(connection, account, &row.kind, row.id, &row.value)?;
    let params = params![account.as_bytes(), row.space, value, row.kind.as_str(), row.id.as_bytes()];
    Ok(execute(connection, INSERT, params).map(drop)?)
}

fn index_entry(connection: &Connection, account: AccountId, row: &Found) -> Result<(), StoreError> {
    const INSERT: &str = "
        INSERT INTO attribute_index (account, kind, attribute, value, id) VALUES ($1, $2, $3, $4, $5)";
    let value = whole(connection, account, &row.kind, row.id, &row.value)?;
    let params = params![account.as_bytes(), row.kind.as_str(), row.attribute, value, row.id.as_bytes()];
    Ok(execute(connection, INSERT, params).map(drop)?)
}

/// The value that was cut stands in the document of its record, which has come already.
fn whole<'a>(
    connection: &Connection,
    account: AccountId,
    kind: &Kind,
    id: ResourceId,
    value: &'a Value,
) -> Result<Cow<'a, str>, StoreError> {
    let cut = match value {
        Value::Whole(text) => return Ok(Cow::Borrowed(text)),
        Value::Cut(bytes) => bytes,
    };
    let record = read::record(connection, account, kind, id)?;
    let value = record.and_then(|record| whole_value(&record, cut));
    let corrupt = || {
        StoreError::Corrupt(format!("{kind} {id} of account {account} is found under a value that it does not have"))
    };
    Ok(Cow::Owned(value.ok_or_else(corrupt)?))
}

/// Writes the head row of an account that has come, if all of it has.
pub(super) fn go_live(
    connection: &Connection,
    account: AccountId,
    token: Uuid,
    head: &Head,
) -> Result<bool, StoreError> {
    if read::head(connection, account)?.is_some() {
        return Ok(false);
    }
    apply::Rows { connection, account }.head(head)?;
    let written = read::head(connection, account)?;
    Ok(written.as_ref() == Some(head)
        && advance(connection, account, &Coming { token, place: Place::End }, &Place::Live)?)
}

/// Removes all rows of a table up to a place.
pub(super) fn remove(connection: &Connection, account: AccountId, to: &Place) -> Result<(), StoreError> {
    const RECORDS: &str = "DELETE FROM records WHERE account = $1 AND (kind, id) <= ($2, $3)";
    const KEYS: &str = "DELETE FROM unique_keys WHERE account = $1 AND (space, value) <= ($2, $3)";
    const ENTRIES: &str = "
        DELETE FROM attribute_index WHERE account = $1 AND (kind, attribute, value, id) <= ($2, $3, $4, $5)";
    const MEMBERS: &str = "DELETE FROM members WHERE account = $1 AND (group_id, member) <= ($2, $3)";
    const LOG: &str = "DELETE FROM log WHERE account = $1 AND seq <= $2";
    let of = account.as_bytes();
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    match to {
        Place::Records(Some((kind, id))) => execute(connection, RECORDS, params![of, kind, id.as_bytes()])?,
        Place::UniqueKeys(Some((space, value))) => execute(connection, KEYS, params![of, space, text(value)])?,
        Place::AttributeIndex(Some((kind, attribute, value, id))) => {
            execute(connection, ENTRIES, params![of, kind, attribute, text(value), id.as_bytes()])?
        }
        Place::Members(Some((group, member))) => {
            execute(connection, MEMBERS, params![of, group.as_bytes(), member.as_bytes()])?
        }
        Place::Log(Some(seq)) => execute(connection, LOG, params![of, int(*seq)])?,
        Place::Records(None)
        | Place::UniqueKeys(None)
        | Place::AttributeIndex(None)
        | Place::Members(None)
        | Place::Log(None)
        | Place::End
        | Place::Live => 0,
    };
    Ok(())
}

/// Removes runs, and the head row of an account that was moved away.
pub(super) fn remove_rest(connection: &Connection, account: AccountId) -> Result<(), StoreError> {
    const RUNS: &str = "DELETE FROM runs WHERE account = $1";
    const HEAD: &str = "DELETE FROM heads WHERE account = $1 AND frozen LIKE 'moved:%'";
    execute(connection, RUNS, [account.as_bytes()])?;
    execute(connection, HEAD, [account.as_bytes()])?;
    Ok(())
}
