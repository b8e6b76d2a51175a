//! The rows of an account, page by page in the order of their keys.

use crate::StoreError;
use crate::moving::rows::{BYTES_MAX, Found, Held, Place, ROWS_MAX, Rows, Value};
use crate::sqlite::row::{self, int};
use provost_change::{AccountId, Member};
use rusqlite::{Connection, Params, Row, params};
use uuid::Uuid;

/// The next rows behind a place.
pub(super) fn page(connection: &Connection, account: AccountId, after: &Place) -> Result<Rows, StoreError> {
    Ok(match after {
        Place::Records(after) => records(connection, account, after.as_ref().map(|(kind, id)| (kind.as_str(), id)))?,
        Place::UniqueKeys(after) => {
            let (space, value) = after.as_ref().map_or(("", &[][..]), |(space, value)| (space, value));
            unique_keys(connection, account, space, text(value)?)?
        }
        Place::AttributeIndex(after) => attribute_index(connection, account, after.as_ref())?,
        Place::Members(after) => {
            let (group, member) =
                after.as_ref().map_or((&[][..], &[][..]), |(group, member)| (group.as_bytes(), member.as_bytes()));
            members(connection, account, group, member)?
        }
        Place::Log(after) => log(connection, account, after.unwrap_or(0))?,
        Place::End | Place::Live => Rows::None,
    })
}

fn text(value: &[u8]) -> Result<&str, StoreError> {
    std::str::from_utf8(value).map_err(|error| StoreError::Corrupt(format!("the place of a move: {error}")))
}

/// Rows until there are enough of them, or enough bytes.
fn collect<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
    bytes: impl Fn(&T) -> usize,
) -> rusqlite::Result<Vec<T>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut found = statement.query(params)?;
    let (mut rows, mut size) = (Vec::new(), 0);
    while size < BYTES_MAX && (rows.len() as u64) < ROWS_MAX {
        let Some(row) = found.next()? else { break };
        let row = read(row)?;
        size += bytes(&row) as u64;
        rows.push(row);
    }
    Ok(rows)
}

fn records(connection: &Connection, account: AccountId, after: Option<(&str, &Uuid)>) -> rusqlite::Result<Rows> {
    const RECORDS: &str = "
        SELECT id, version, created, modified, doc, state, kind FROM records
         WHERE account = $1 AND (kind, id) > ($2, $3) ORDER BY kind, id";
    // No kind has an empty name, so that nothing comes before the first.
    let (kind, id) = after.map_or(("", &[][..]), |(kind, id)| (kind, id.as_bytes()));
    let read = |row: &Row<'_>| row::record(row, &row::kind(row, 6)?);
    let rows = collect(connection, RECORDS, params![account.as_bytes(), kind, id], read, |row| {
        row.doc.len() + row.state.len()
    })?;
    Ok(Rows::Records(rows))
}

fn unique_keys(connection: &Connection, account: AccountId, space: &str, value: &str) -> rusqlite::Result<Rows> {
    const KEYS: &str = "
        SELECT space, value, kind, id FROM unique_keys
         WHERE account = $1 AND (space, value) > ($2, $3) ORDER BY space, value";
    let read = |row: &Row<'_>| {
        let (kind, id) = (row::kind(row, 2)?, row::resource_id(row, 3)?);
        Ok(Held { space: row.get(0)?, value: Value::Whole(row.get(1)?), kind, id })
    };
    Ok(Rows::UniqueKeys(collect(connection, KEYS, params![account.as_bytes(), space, value], read, |row| {
        length(&row.value)
    })?))
}

type Entry = (String, String, Vec<u8>, Uuid);

fn attribute_index(connection: &Connection, account: AccountId, after: Option<&Entry>) -> Result<Rows, StoreError> {
    const ENTRIES: &str = "
        SELECT kind, attribute, value, id FROM attribute_index
         WHERE account = $1 AND (kind, attribute, value, id) > ($2, $3, $4, $5)
         ORDER BY kind, attribute, value, id";
    let (kind, attribute, value, id) = match after {
        None => ("", "", "", &[][..]),
        Some((kind, attribute, value, id)) => (kind.as_str(), attribute.as_str(), text(value)?, &id.as_bytes()[..]),
    };
    let read = |row: &Row<'_>| {
        let (kind, id) = (row::kind(row, 0)?, row::resource_id(row, 3)?);
        Ok(Found { kind, attribute: row.get(1)?, value: Value::Whole(row.get(2)?), id })
    };
    let params = params![account.as_bytes(), kind, attribute, value, id];
    Ok(Rows::AttributeIndex(collect(connection, ENTRIES, params, read, |row| length(&row.value))?))
}

fn length(value: &Value) -> usize {
    match value {
        Value::Whole(text) => text.len(),
        Value::Cut(bytes) => bytes.len(),
    }
}

fn members(connection: &Connection, account: AccountId, group: &[u8], member: &[u8]) -> rusqlite::Result<Rows> {
    const MEMBERS: &str = "
        SELECT group_id, member, kind FROM members
         WHERE account = $1 AND (group_id, member) > ($2, $3) ORDER BY group_id, member";
    let read = |row: &Row<'_>| {
        Ok((row::resource_id(row, 0)?, Member { id: row::resource_id(row, 1)?, kind: row::kind(row, 2)? }))
    };
    Ok(Rows::Members(collect(connection, MEMBERS, params![account.as_bytes(), group, member], read, |_| 0)?))
}

fn log(connection: &Connection, account: AccountId, after: u64) -> rusqlite::Result<Rows> {
    const LOG: &str = "
        SELECT seq, at, subject, public, salt, personal, personal_digest, hash FROM log
         WHERE account = $1 AND seq > $2 ORDER BY seq";
    let rows = collect(connection, LOG, params![account.as_bytes(), int(after)], row::logged, |row| {
        row.public.len() + row.personal.as_ref().map_or(0, |personal| personal.json.len())
    })?;
    Ok(Rows::Log(rows))
}
