//! The schema, step by step: numbered, only forward, each noted once and never changed afterwards.
//!
//! Statements run one at a time and not in a transaction, as distributed databases want them. Whoever migrates holds a lease: a
//! row with an end, since not every database has locks that outlive a statement. Each statement can run twice, so that a node
//! that died, or was slower than its lease, harms nothing.

use super::connections::{execute, first, rows};
use super::fault::unavailable;
use super::row;
use crate::OpenError;
use crate::schema::{self, checksum};
use deadpool_postgres::Object;
use jiff::{SignedDuration, Timestamp};
use std::time::{Duration, Instant};
use tokio_postgres::error::SqlState;
use uuid::Uuid;

/// Number 1 is the first.
pub(super) const MIGRATIONS: [&str; 2] = [
    include_str!("../../migrations/postgres/0001_accounts.sql"),
    include_str!("../../migrations/postgres/0002_moves.sql"),
];

/// How long one node may take for a statement; another one takes over then.
const LEASE: SignedDuration = SignedDuration::from_secs(60);

/// How long to wait for another node that migrates.
const WAIT_MAX: Duration = Duration::from_secs(300);

/// How often to look whether it is done.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Brings the schema up to date, or waits until another node has done so.
pub(super) async fn apply(connection: &Object, now: Timestamp, node: Uuid) -> Result<(), OpenError> {
    const RELEASE: &str = "DELETE FROM migration_lease WHERE name = 'schema' AND holder = $1";
    let known = MIGRATIONS.len() as u32;
    if exists(connection).await? && applied(connection).await? == known {
        return Ok(());
    }
    prepare(connection).await?;
    let started = Instant::now();
    let present = || now.saturating_add(SignedDuration::try_from(started.elapsed()).unwrap_or(SignedDuration::MAX));
    loop {
        if applied(connection).await? == known {
            return Ok(());
        }
        let present = present().unwrap_or(Timestamp::MAX);
        if lease(connection, node, present).await? {
            break;
        }
        if started.elapsed() > WAIT_MAX {
            return Err(OpenError::Database(
                "another server has been changing its schema for five minutes; start again when it is done".to_owned(),
            ));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let migrated = migrate(connection, node, || present().unwrap_or(Timestamp::MAX)).await;
    execute(connection, RELEASE, &[&node]).await?;
    migrated
}

/// Refuses a schema that is not this program's, and changes nothing.
pub(super) async fn check(connection: &Object) -> Result<(), OpenError> {
    let known = MIGRATIONS.len() as u32;
    let found = if exists(connection).await? { applied(connection).await? } else { 0 };
    if found < known { Err(OpenError::Older { found, known }) } else { Ok(()) }
}

async fn migrate(connection: &Object, node: Uuid, present: impl Fn() -> Timestamp) -> Result<(), OpenError> {
    const NOTE: &str = "
        INSERT INTO migrations (number, checksum, applied) VALUES ($1, $2, $3) ON CONFLICT (number) DO NOTHING";
    let found = applied(connection).await?;
    for (number, sql) in (1_i64..).zip(MIGRATIONS).skip(found as usize) {
        for statement in statements(sql) {
            if !lease(connection, node, present()).await? {
                return Err(OpenError::Database(
                    "another server took over changing its schema; start again".to_owned(),
                ));
            }
            connection.batch_execute(&statement).await?;
        }
        let noted = present().as_microsecond();
        execute(connection, NOTE, &[&number, &checksum(sql), &noted]).await?;
        tracing::info!(number, "The database's schema was updated.");
    }
    Ok(())
}

/// The statements of a migration, without the comments. None of them has a semicolon inside, and a comment has a line of its own.
fn statements(sql: &str) -> Vec<String> {
    let lines: Vec<&str> = sql.lines().filter(|line| !line.trim_start().starts_with("--")).collect();
    let statements = lines.join("\n");
    statements.split(';').map(|statement| statement.trim().to_owned()).filter(|text| !text.is_empty()).collect()
}

async fn exists(connection: &Object) -> Result<bool, OpenError> {
    const EXISTS: &str = "
        SELECT COUNT(*) FROM information_schema.tables WHERE table_name = 'migrations' AND table_schema = CURRENT_SCHEMA";
    let found = first(connection, EXISTS, &[]).await?;
    Ok(found.is_some_and(|row| row::natural(&row, 0).is_ok_and(|count| count > 0)))
}

/// The two tables that migrating itself needs.
async fn prepare(connection: &Object) -> Result<(), OpenError> {
    const TABLES: [&str; 2] = [
        "CREATE TABLE IF NOT EXISTS migrations (
            number   BIGINT NOT NULL,
            checksum TEXT   NOT NULL,
            applied  BIGINT NOT NULL,
            PRIMARY KEY (number)
        )",
        "CREATE TABLE IF NOT EXISTS migration_lease (
            name   TEXT   NOT NULL,
            holder UUID   NOT NULL,
            until  BIGINT NOT NULL,
            PRIMARY KEY (name)
        )",
    ];
    for table in TABLES {
        while let Err(error) = connection.batch_execute(table).await {
            // Two nodes at once: PostgreSQL looks first, and then fails on its own catalogue.
            let raced = [SqlState::UNIQUE_VIOLATION, SqlState::DUPLICATE_TABLE, SqlState::DUPLICATE_OBJECT];
            if !error.code().is_some_and(|state| raced.contains(state)) {
                return Err(error.into());
            }
        }
    }
    Ok(())
}

/// Takes the lease or holds it longer.
async fn lease(connection: &Object, node: Uuid, now: Timestamp) -> Result<bool, OpenError> {
    const LEASE_IT: &str = "
        INSERT INTO migration_lease (name, holder, until) VALUES ('schema', $1, $2)
        ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
         WHERE migration_lease.holder = excluded.holder OR migration_lease.until <= $3";
    let until = now.saturating_add(LEASE).unwrap_or(Timestamp::MAX).as_microsecond();
    Ok(execute(connection, LEASE_IT, &[&node, &until, &now.as_microsecond()]).await? == 1)
}

/// How many of the migrations were applied; they are this program's, and no others.
async fn applied(connection: &Object) -> Result<u32, OpenError> {
    const APPLIED: &str = "SELECT number, checksum FROM migrations ORDER BY number";
    let unread = |error: crate::StoreError| OpenError::Database(error.to_string());
    let mut applied = Vec::new();
    for found in rows(connection, APPLIED, &[]).await? {
        let number = u32::try_from(row::natural(&found, 0).map_err(unread)?).unwrap_or(u32::MAX);
        let checksum: String = row::get(&found, 1).map_err(unread)?;
        applied.push((number, checksum));
    }
    schema::applied(&MIGRATIONS, &applied)
}

impl From<tokio_postgres::Error> for OpenError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Database(unavailable(&error).to_string())
    }
}
