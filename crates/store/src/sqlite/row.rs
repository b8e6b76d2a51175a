//! From rows to what they stand for.

use crate::StoreError;
use crate::frozen;
use jiff::Timestamp;
use provost_change::{AccountId, ChainBase, Head, Kind, Logged, Personal, Record, ResourceId};
use rusqlite::{Connection, Error, ErrorCode, Params, Row, Statement};
use std::cell::RefCell;
use uuid::Uuid;

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        match &error {
            Error::SqliteFailure(failure, _)
                if matches!(failure.code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) =>
            {
                Self::Corrupt(error.to_string())
            }
            Error::FromSqlConversionFailure(..)
            | Error::InvalidColumnType(..)
            | Error::IntegralValueOutOfRange(..)
            | Error::Utf8Error(..) => Self::Corrupt(error.to_string()),
            _ => Self::Unavailable(error.to_string()),
        }
    }
}

/// Where statements run.
pub(super) trait Statements {
    /// On which connection.
    fn connection(&self) -> &Connection;

    /// Does something with a statement.
    fn with<T>(
        &self,
        sql: &'static str,
        run: impl FnOnce(&mut Statement<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T>;
}

impl Statements for Connection {
    fn connection(&self) -> &Connection {
        self
    }

    fn with<T>(
        &self,
        sql: &'static str,
        run: impl FnOnce(&mut Statement<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        run(&mut *self.prepare_cached(sql)?)
    }
}

/// A connection that keeps its statements by their place in the program: looking them up by their text costs as much as running some.
pub(super) struct Kept<'c> {
    connection: &'c Connection,
    statements: RefCell<Vec<(&'static str, Statement<'c>)>>,
}

impl<'c> Kept<'c> {
    pub(super) fn new(connection: &'c Connection) -> Self {
        Self { connection, statements: RefCell::default() }
    }
}

impl Statements for Kept<'_> {
    fn connection(&self) -> &Connection {
        self.connection
    }

    fn with<T>(
        &self,
        sql: &'static str,
        run: impl FnOnce(&mut Statement<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let known = {
            let mut statements = self.statements.borrow_mut();
            let place = statements.iter().rposition(|(known, _)| std::ptr::eq(*known, sql));
            place.map(|place| statements.swap_remove(place).1)
        };
        let mut statement = known.map_or_else(|| self.connection.prepare(sql), Ok)?;
        let answer = run(&mut statement);
        self.statements.borrow_mut().push((sql, statement));
        answer
    }
}

/// Runs a statement that answers with no rows, and says how many rows it changed.
pub(super) fn execute(on: &impl Statements, sql: &'static str, params: impl Params) -> rusqlite::Result<usize> {
    on.with(sql, |statement| statement.execute(params))
}

/// The first row of an answer, when there is one.
pub(super) fn first<T>(
    on: &impl Statements,
    sql: &'static str,
    params: impl Params,
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Option<T>> {
    on.with(sql, |statement| statement.query(params)?.next()?.map(read).transpose())
}

/// All rows of an answer.
pub(super) fn rows<T>(
    on: &impl Statements,
    sql: &'static str,
    params: impl Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    on.with(sql, |statement| statement.query_map(params, read)?.collect())
}

/// A number as SQL counts; those that are too large stand for the largest.
pub(super) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A number that is never negative.
pub(super) fn natural(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| Error::IntegralValueOutOfRange(column, number))
}

pub(super) fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    let micros = row.get(column)?;
    Timestamp::from_microsecond(micros).map_err(|_| Error::IntegralValueOutOfRange(column, micros))
}

pub(super) fn resource_id(row: &Row<'_>, column: usize) -> rusqlite::Result<ResourceId> {
    Ok(ResourceId::new(Uuid::from_bytes(row.get(column)?)))
}

/// Kinds that are members have a name of their own in the program, and no text of theirs need be kept.
pub(super) fn kind(row: &Row<'_>, column: usize) -> rusqlite::Result<Kind> {
    let name = row.get_ref(column)?.as_str()?;
    let known = [Kind::USER, Kind::GROUP].into_iter().find(|kind| kind.as_str() == name);
    Ok(known.unwrap_or_else(|| Kind::named(name)))
}

/// What ids behind this one are greater than; an empty text of bytes comes before all of them.
pub(super) fn behind(after: Option<&ResourceId>) -> &[u8] {
    after.map_or(&[], |after| after.as_bytes())
}

pub(super) fn account_id(row: &Row<'_>, column: usize) -> rusqlite::Result<AccountId> {
    Ok(AccountId::new(Uuid::from_bytes(row.get(column)?)))
}

/// Columns `seq, hash, base_seq, base_hash, config, counts, frozen`.
pub(super) fn head(row: &Row<'_>) -> Result<Head, StoreError> {
    let counts: String = row.get(5)?;
    let counts = serde_json::from_str(&counts).map_err(|error| StoreError::Corrupt(format!("counts: {error}")))?;
    let base = ChainBase { seq: natural(row, 2)?, hash: row.get(3)? };
    let frozen: Option<String> = row.get(6)?;
    let frozen = frozen.as_deref().map(frozen::read).transpose()?;
    Ok(Head { seq: natural(row, 0)?, hash: row.get(1)?, base, config: natural(row, 4)?, counts, frozen })
}

/// Columns `id, version, created, modified, doc, state`.
pub(super) fn record(row: &Row<'_>, kind: &Kind) -> rusqlite::Result<Record> {
    Ok(Record {
        kind: kind.clone(),
        id: resource_id(row, 0)?,
        version: natural(row, 1)?,
        created: time(row, 2)?,
        modified: time(row, 3)?,
        doc: row.get(4)?,
        state: row.get(5)?,
    })
}

/// Columns `seq, at, subject, public, salt, personal, personal_digest, hash`.
pub(super) fn logged(row: &Row<'_>) -> rusqlite::Result<Logged> {
    let subject: Option<[u8; 16]> = row.get(2)?;
    let salt: Option<[u8; 16]> = row.get(4)?;
    let json: Option<String> = row.get(5)?;
    Ok(Logged {
        seq: natural(row, 0)?,
        at: time(row, 1)?,
        subject: subject.map(|id| ResourceId::new(Uuid::from_bytes(id))),
        public: row.get(3)?,
        personal: salt.zip(json).map(|(salt, json)| Personal { salt, json }),
        personal_digest: row.get(6)?,
        hash: row.get(7)?,
    })
}
