//! The rows of an account, page by page in the order of their keys.

use crate::StoreError;
use crate::moving::rows::{BYTES_MAX, Found, Held, Place, ROWS_MAX, Rows, Value};
use crate::postgres::connections::rows;
use crate::postgres::fault::Fault;
use crate::postgres::row::{self, VALUE_BYTES_MAX, int};
use deadpool_postgres::Object;
use provost_change::{AccountId, Member};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

/// The next rows behind a place. No kind or space has an empty name, so that nothing comes before the first.
pub(super) async fn page(connection: &Object, account: AccountId, after: &Place) -> Result<Rows, Fault> {
    let of = account.uuid();
    match after {
        Place::Records(after) => {
            let (kind, id) = after.as_ref().map_or(("", Uuid::nil()), |(kind, id)| (kind, *id));
            records(connection, of, kind, id).await
        }
        Place::UniqueKeys(after) => {
            let (space, value) = after.as_ref().map_or(("", &[][..]), |(space, value)| (space, value));
            unique_keys(connection, of, space, value).await
        }
        Place::AttributeIndex(after) => attribute_index(connection, of, after.as_ref()).await,
        Place::Members(after) => members(connection, of, *after).await,
        Place::Log(after) => log(connection, of, int(after.unwrap_or(0))).await,
        Place::End | Place::Live => Ok(Rows::None),
    }
}

/// How many of the next rows are few enough and small enough, but one at least: their lengths are looked at first, since all rows of an
/// answer are sent.
async fn few(connection: &Object, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<i64, Fault> {
    let (mut count, mut bytes) = (0, 0);
    for found in &rows(connection, sql, params).await? {
        bytes += row::natural(found, 0)?;
        if count > 0 && bytes > BYTES_MAX {
            break;
        }
        count += 1;
    }
    Ok(count)
}

async fn records(connection: &Object, of: Uuid, kind: &str, id: Uuid) -> Result<Rows, Fault> {
    const LENGTHS: &str = "
        SELECT CAST(OCTET_LENGTH(doc) + OCTET_LENGTH(state) AS BIGINT) FROM records
         WHERE account = $1 AND (kind, id) > ($2, $3) ORDER BY kind, id LIMIT $4";
    const RECORDS: &str = "
        SELECT kind, id, version, created, modified, doc, state FROM records
         WHERE account = $1 AND (kind, id) > ($2, $3) ORDER BY kind, id LIMIT $4";
    let few = few(connection, LENGTHS, &[&of, &kind, &id, &int(ROWS_MAX)]).await?;
    let found = rows(connection, RECORDS, &[&of, &kind, &id, &few]).await?;
    let record = |found: &Row| row::record(found, 1, &row::kind(found, 0)?);
    Ok(Rows::Records(found.iter().map(record).collect::<Result<_, Fault>>()?))
}

async fn unique_keys(connection: &Object, of: Uuid, space: &str, value: &[u8]) -> Result<Rows, Fault> {
    const KEYS: &str = "
        SELECT space, value, kind, id FROM unique_keys
         WHERE account = $1 AND (space, value) > ($2, $3) ORDER BY space, value LIMIT $4";
    let found = rows(connection, KEYS, &[&of, &space, &value, &int(ROWS_MAX)]).await?;
    let held = |found: &Row| {
        let (kind, id) = (row::kind(found, 2)?, row::resource_id(found, 3)?);
        Ok(Held { space: row::get(found, 0)?, value: value_of(found, 1)?, kind, id })
    };
    Ok(Rows::UniqueKeys(found.iter().map(held).collect::<Result<_, Fault>>()?))
}

type Entry = (String, String, Vec<u8>, Uuid);

async fn attribute_index(connection: &Object, of: Uuid, after: Option<&Entry>) -> Result<Rows, Fault> {
    const ENTRIES: &str = "
        SELECT kind, attribute, value, id FROM attribute_index
         WHERE account = $1 AND (kind, attribute, value, id) > ($2, $3, $4, $5)
         ORDER BY kind, attribute, value, id LIMIT $6";
    let (kind, attribute, value, id) = match after {
        None => ("", "", &[][..], Uuid::nil()),
        Some((kind, attribute, value, id)) => (kind.as_str(), attribute.as_str(), value.as_slice(), *id),
    };
    let found = rows(connection, ENTRIES, &[&of, &kind, &attribute, &value, &id, &int(ROWS_MAX)]).await?;
    let entry = |found: &Row| {
        let (kind, id) = (row::kind(found, 0)?, row::resource_id(found, 3)?);
        Ok(Found { kind, attribute: row::get(found, 1)?, value: value_of(found, 2)?, id })
    };
    Ok(Rows::AttributeIndex(found.iter().map(entry).collect::<Result<_, Fault>>()?))
}

fn value_of(found: &Row, column: usize) -> Result<Value, Fault> {
    let bytes: Vec<u8> = row::get(found, column)?;
    if bytes.len() > VALUE_BYTES_MAX {
        return Ok(Value::Cut(bytes));
    }
    let text = String::from_utf8(bytes);
    Ok(Value::Whole(text.map_err(|error| StoreError::Corrupt(format!("column {column}: {error}")))?))
}

async fn members(connection: &Object, of: Uuid, after: Option<(Uuid, Uuid)>) -> Result<Rows, Fault> {
    const FIRST: &str = "
        SELECT group_id, member, kind FROM members WHERE account = $1 ORDER BY group_id, member LIMIT $2";
    const BEHIND: &str = "
        SELECT group_id, member, kind FROM members
         WHERE account = $1 AND (group_id, member) > ($2, $3) ORDER BY group_id, member LIMIT $4";
    let found = match after {
        None => rows(connection, FIRST, &[&of, &int(ROWS_MAX)]).await?,
        Some((group, member)) => rows(connection, BEHIND, &[&of, &group, &member, &int(ROWS_MAX)]).await?,
    };
    let edge = |found: &Row| {
        Ok((row::resource_id(found, 0)?, Member { id: row::resource_id(found, 1)?, kind: row::kind(found, 2)? }))
    };
    Ok(Rows::Members(found.iter().map(edge).collect::<Result<_, Fault>>()?))
}

async fn log(connection: &Object, of: Uuid, after: i64) -> Result<Rows, Fault> {
    const LENGTHS: &str = "
        SELECT CAST(OCTET_LENGTH(public) + COALESCE(OCTET_LENGTH(personal), 0) AS BIGINT) FROM log
         WHERE account = $1 AND seq > $2 ORDER BY seq LIMIT $3";
    const LOG: &str = "
        SELECT seq, at, subject, public, salt, personal, personal_digest, hash FROM log
         WHERE account = $1 AND seq > $2 ORDER BY seq LIMIT $3";
    let few = few(connection, LENGTHS, &[&of, &after, &int(ROWS_MAX)]).await?;
    let found = rows(connection, LOG, &[&of, &after, &few]).await?;
    Ok(Rows::Log(found.iter().map(row::logged).collect::<Result<_, Fault>>()?))
}
