//! From rows to what they stand for, and back.

use super::fault::Fault;
use crate::StoreError;
use crate::frozen;
use jiff::Timestamp;
use provost_change::{AccountId, ChainBase, Digest, Head, Kind, Logged, Member, Personal, Record, ResourceId};
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;
use uuid::Uuid;

/// How many bytes of a value its indexes hold; an index row of PostgreSQL has 2,704 at most.
pub(super) const VALUE_BYTES_MAX: usize = 1024;

/// A value as it is indexed: a longer one is cut and gets its digest, so that two of them are never taken for each other. Such
/// values stand in the order of their beginnings.
pub(crate) fn value(text: &str) -> Cow<'_, [u8]> {
    let bytes = text.as_bytes();
    let Some(beginning) = bytes.get(..VALUE_BYTES_MAX).filter(|beginning| beginning.len() < bytes.len()) else {
        return Cow::Borrowed(bytes);
    };
    Cow::Owned([beginning, &Sha256::digest(bytes)].concat())
}

/// A number as SQL counts; those that are too large stand for the largest.
pub(super) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The least id that is greater than this one, so that "behind" needs no statement of its own; none behind the last.
pub(super) fn behind(after: Option<Uuid>) -> Option<Uuid> {
    match after {
        None => Some(Uuid::nil()),
        Some(after) => after.as_u128().checked_add(1).map(Uuid::from_u128),
    }
}

fn damaged(what: String) -> Fault {
    StoreError::Corrupt(what).into()
}

pub(super) fn get<'a, T: FromSql<'a>>(row: &'a Row, column: usize) -> Result<T, Fault> {
    row.try_get(column).map_err(|error| damaged(format!("column {column}: {error}")))
}

/// A number that is never negative.
pub(super) fn natural(row: &Row, column: usize) -> Result<u64, Fault> {
    let number: i64 = get(row, column)?;
    u64::try_from(number).map_err(|_| damaged(format!("column {column}: {number}")))
}

pub(super) fn time(row: &Row, column: usize) -> Result<Timestamp, Fault> {
    let micros = get(row, column)?;
    Timestamp::from_microsecond(micros).map_err(|_| damaged(format!("column {column}: {micros}")))
}

pub(super) fn account_id(row: &Row, column: usize) -> Result<AccountId, Fault> {
    Ok(AccountId::new(get(row, column)?))
}

pub(super) fn resource_id(row: &Row, column: usize) -> Result<ResourceId, Fault> {
    Ok(ResourceId::new(get(row, column)?))
}

/// Kinds that are members have a name of their own in the program, and no text of theirs need be kept.
pub(super) fn kind(row: &Row, column: usize) -> Result<Kind, Fault> {
    let name: &str = get(row, column)?;
    let known = [Kind::USER, Kind::GROUP].into_iter().find(|kind| kind.as_str() == name);
    Ok(known.unwrap_or_else(|| Kind::named(name)))
}

fn bytes<const N: usize>(row: &Row, column: usize) -> Result<[u8; N], Fault> {
    let bytes: &[u8] = get(row, column)?;
    bytes.try_into().map_err(|_| damaged(format!("column {column}: {} bytes", bytes.len())))
}

fn bytes_or_none<const N: usize>(row: &Row, column: usize) -> Result<Option<[u8; N]>, Fault> {
    let there: Option<&[u8]> = get(row, column)?;
    there.map(|_| bytes(row, column)).transpose()
}

/// Columns `seq, hash, base_seq, base_hash, config, counts, frozen` from `at` on.
pub(super) fn head(row: &Row, at: usize) -> Result<Head, Fault> {
    let counts: &str = get(row, at + 5)?;
    let counts = serde_json::from_str(counts).map_err(|error| damaged(format!("counts: {error}")))?;
    let base = ChainBase { seq: natural(row, at + 2)?, hash: digest(row, at + 3)? };
    let frozen: Option<&str> = get(row, at + 6)?;
    let frozen = frozen.map(frozen::read).transpose()?;
    Ok(Head { seq: natural(row, at)?, hash: digest(row, at + 1)?, base, config: natural(row, at + 4)?, counts, frozen })
}

pub(super) fn digest(row: &Row, column: usize) -> Result<Digest, Fault> {
    bytes(row, column)
}

/// Columns `id, version, created, modified, doc, state` from `at` on.
pub(super) fn record(row: &Row, at: usize, kind: &Kind) -> Result<Record, Fault> {
    Ok(Record {
        kind: kind.clone(),
        id: resource_id(row, at)?,
        version: natural(row, at + 1)?,
        created: time(row, at + 2)?,
        modified: time(row, at + 3)?,
        doc: get(row, at + 4)?,
        state: get(row, at + 5)?,
    })
}

/// Columns `member, kind`.
pub(super) fn member(row: &Row) -> Result<Member, Fault> {
    Ok(Member { id: resource_id(row, 0)?, kind: kind(row, 1)? })
}

/// Columns `seq, at, subject, public, salt, personal, personal_digest, hash`.
pub(super) fn logged(row: &Row) -> Result<Logged, Fault> {
    let subject: Option<Uuid> = get(row, 2)?;
    let salt = bytes_or_none(row, 4)?;
    let json: Option<String> = get(row, 5)?;
    Ok(Logged {
        seq: natural(row, 0)?,
        at: time(row, 1)?,
        subject: subject.map(ResourceId::new),
        public: get(row, 3)?,
        personal: salt.zip(json).map(|(salt, json)| Personal { salt, json }),
        personal_digest: bytes_or_none(row, 6)?,
        hash: digest(row, 7)?,
    })
}
