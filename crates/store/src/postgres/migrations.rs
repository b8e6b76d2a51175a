//! The schema, step by step: numbered, only forward, each noted once and never changed afterwards.
//!
//! Statements run one at a time and not in a transaction, as distributed databases want them. Whoever migrates holds a lease: a
//! row with an end, since not every database has locks that outlive a statement. Each statement can run twice, so that a node
//! that died, or was slower than its lease, harms nothing.

use super::connections::{execute, first, rows};
use super::fault::{Fault, is_conflict, unavailable};
use super::row;
use crate::OpenError;
use crate::schema::{self, checksum};
use deadpool_postgres::Object;
use jiff::{SignedDuration, Timestamp};
use std::time::{Duration, Instant};
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;
use uuid::Uuid;

/// Number 1 is the first.
pub(super) const MIGRATIONS: [&str; 3] = [
    include_str!("../../migrations/postgres/0001_accounts.sql"),
    include_str!("../../migrations/postgres/0002_moves.sql"),
    include_str!("../../migrations/postgres/0003_installation.sql"),
];

/// How long one node may take for a statement; another one takes over then.
const LEASE: SignedDuration = SignedDuration::from_secs(60);

/// How long to wait for another node that migrates.
const WAIT_MAX: Duration = Duration::from_secs(300);

/// How often to look whether it is done.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Why migrating did not come to its end.
enum Failed {
    /// On the way: where others only stood in it, everything can be done again.
    Way(Error),
    Open(OpenError),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Way(error)
    }
}

impl From<OpenError> for Failed {
    fn from(error: OpenError) -> Self {
        Self::Open(error)
    }
}

/// Brings the schema up to date, or waits until another node has done so.
pub(super) async fn apply(connection: &Object, now: Timestamp, node: Uuid) -> Result<(), OpenError> {
    let started = Instant::now();
    let present = || now.saturating_add(SignedDuration::try_from(started.elapsed()).unwrap_or(SignedDuration::MAX));
    let present = || present().unwrap_or(Timestamp::MAX);
    loop {
        match attempt(connection, present, node).await {
            Ok(()) => return Ok(()),
            Err(Failed::Way(error)) if is_conflict(&error) && started.elapsed() < WAIT_MAX => {
                tokio::time::sleep(LOOK_EVERY).await;
            }
            Err(Failed::Way(error)) => return Err(OpenError::Database(refused(&error))),
            Err(Failed::Open(error)) => return Err(error),
        }
    }
}

/// What the database says, and what to do where it does not let its user make tables.
fn refused(error: &Error) -> String {
    let why = unavailable(error).why();
    match error.code() {
        Some(state) if *state == SqlState::INSUFFICIENT_PRIVILEGE => {
            format!(
                "{why}; let the user make tables: GRANT CREATE ON SCHEMA public TO …, or make it the database's owner"
            )
        }
        Some(_) | None => why,
    }
}

async fn attempt(connection: &Object, present: impl Fn() -> Timestamp, node: Uuid) -> Result<(), Failed> {
    const RELEASE: &str = "DELETE FROM migration_lease WHERE name = 'schema' AND holder = $1";
    let known = MIGRATIONS.len() as u32;
    if exists(connection).await? && applied(connection).await? == known {
        return Ok(());
    }
    prepare(connection).await?;
    let started = Instant::now();
    loop {
        if applied(connection).await? == known {
            return Ok(());
        }
        if lease(connection, node, present()).await? {
            break;
        }
        if started.elapsed() > WAIT_MAX {
            let busy = "another server has been changing its schema for five minutes; start again when it is done";
            return Err(OpenError::Database(busy.to_owned()).into());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let migrated = migrate(connection, node, present).await;
    execute(connection, RELEASE, &[&node]).await?;
    migrated
}

/// Refuses a schema that is not this program's, and changes nothing.
pub(super) async fn check(connection: &Object) -> Result<(), OpenError> {
    let look = async { if exists(connection).await? { applied(connection).await } else { Ok(0) } };
    let known = MIGRATIONS.len() as u32;
    match look.await {
        Ok(found) if found < known => Err(OpenError::Older { found, known }),
        Ok(_) => Ok(()),
        Err(Failed::Way(error)) => Err(OpenError::Database(refused(&error))),
        Err(Failed::Open(error)) => Err(error),
    }
}

async fn migrate(connection: &Object, node: Uuid, present: impl Fn() -> Timestamp) -> Result<(), Failed> {
    const NOTE: &str = "
        INSERT INTO migrations (number, checksum, applied) VALUES ($1, $2, $3) ON CONFLICT (number) DO NOTHING";
    let found = applied(connection).await?;
    for (number, sql) in (1_i64..).zip(MIGRATIONS).skip(found as usize) {
        for statement in statements(sql) {
            if !lease(connection, node, present()).await? {
                let taken = "another server took over changing its schema; start again";
                return Err(OpenError::Database(taken.to_owned()).into());
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

async fn exists(connection: &Object) -> Result<bool, Error> {
    const EXISTS: &str = "
        SELECT COUNT(*) FROM information_schema.tables WHERE table_name = 'migrations' AND table_schema = CURRENT_SCHEMA";
    let found = first(connection, EXISTS, &[]).await?;
    Ok(found.is_some_and(|row| row::natural(&row, 0).is_ok_and(|count| count > 0)))
}

/// The two tables that migrating itself needs.
async fn prepare(connection: &Object) -> Result<(), Error> {
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
                return Err(error);
            }
        }
    }
    Ok(())
}

/// Takes the lease or holds it longer.
async fn lease(connection: &Object, node: Uuid, now: Timestamp) -> Result<bool, Error> {
    const LEASE_IT: &str = "
        INSERT INTO migration_lease (name, holder, until) VALUES ('schema', $1, $2)
        ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
         WHERE migration_lease.holder = excluded.holder OR migration_lease.until <= $3";
    let until = now.saturating_add(LEASE).unwrap_or(Timestamp::MAX).as_microsecond();
    Ok(execute(connection, LEASE_IT, &[&node, &until, &now.as_microsecond()]).await? == 1)
}

/// How many of the migrations were applied; they are this program's, and no others.
async fn applied(connection: &Object) -> Result<u32, Failed> {
    const APPLIED: &str = "SELECT number, checksum FROM migrations ORDER BY number";
    let unread = |fault: Fault| OpenError::Database(fault.into_error().why());
    let mut applied = Vec::new();
    for found in rows(connection, APPLIED, &[]).await? {
        let number = u32::try_from(row::natural(&found, 0).map_err(unread)?).unwrap_or(u32::MAX);
        let checksum: String = row::get(&found, 1).map_err(unread)?;
        applied.push((number, checksum));
    }
    Ok(schema::applied(&MIGRATIONS, &applied)?)
}
