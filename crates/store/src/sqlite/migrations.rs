//! The schema, step by step: numbered, only forward, each applied once and never changed afterwards.

use crate::OpenError;
use crate::schema::{self, checksum};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

/// Number 1 is the first.
const MIGRATIONS: [&str; 3] = [
    include_str!("../../migrations/0001_accounts.sql"),
    include_str!("../../migrations/0002_members.sql"),
    include_str!("../../migrations/0003_moves.sql"),
];

/// Brings the schema up to date, in one transaction.
pub(super) fn apply(connection: &mut Connection, now: Timestamp) -> Result<(), OpenError> {
    const TABLE: &str = "
        CREATE TABLE IF NOT EXISTS migrations (
            number   INTEGER NOT NULL PRIMARY KEY,
            checksum TEXT    NOT NULL,
            applied  BIGINT  NOT NULL
        )";
    const NOTE: &str = "INSERT INTO migrations (number, checksum, applied) VALUES ($1, $2, $3)";
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute(TABLE, [])?;
    let applied = applied(&transaction)?;
    for (number, sql) in (1..).zip(MIGRATIONS).skip(applied as usize) {
        transaction.execute_batch(sql)?;
        transaction.execute(NOTE, params![number, checksum(sql), now.as_microsecond()])?;
    }
    transaction.commit()?;
    Ok(())
}

/// How many of this program's migrations a database has; 0 when it is another's.
pub(super) fn known(connection: &Connection) -> Result<u32, OpenError> {
    const EXISTS: &str = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'migrations'";
    let exists = connection.query_row(EXISTS, [], |_| Ok(())).optional()?;
    if exists.is_some() { applied(connection) } else { Ok(0) }
}

/// Refuses a schema that is not this program's.
pub(super) fn check(connection: &Connection) -> Result<(), OpenError> {
    let found = self::known(connection)?;
    let known = MIGRATIONS.len() as u32;
    if found < known { Err(OpenError::Older { found, known }) } else { Ok(()) }
}

/// How many of the migrations were applied; they are this program's, and no others.
fn applied(connection: &Connection) -> Result<u32, OpenError> {
    const APPLIED: &str = "SELECT number, checksum FROM migrations ORDER BY number";
    let mut statement = connection.prepare(APPLIED)?;
    let applied = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let applied = applied.collect::<rusqlite::Result<Vec<(u32, String)>>>()?;
    schema::applied(&MIGRATIONS, &applied)
}
