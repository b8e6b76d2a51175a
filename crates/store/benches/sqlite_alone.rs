//! What SQLite alone does: the yardstick for creates. Included by the benchmark of the binary, since SQL stays in this crate.

use rusqlite::{Connection, params};
use std::{path::Path, time::Instant};

/// Rows a second that a bare WAL database with `synchronous=FULL` commits, `row_bytes` each, `batch` rows a transaction, until
/// `until` says stop: one table, keys in order, nothing decided and nothing indexed.
pub fn rows_per_second(file: &Path, row_bytes: usize, batch: usize, until: impl Fn() -> bool) -> f64 {
    let mut connection = Connection::open(file).expect("a fresh file opens");
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, doc TEXT NOT NULL);",
        )
        .expect("a fresh file takes a table");
    let doc = "x".repeat(row_bytes);
    let started = Instant::now();
    let mut rows = 0_u64;
    while !until() {
        let transaction = connection.transaction().expect("nobody else writes");
        {
            let mut insert =
                transaction.prepare_cached("INSERT INTO rows (doc) VALUES ($1)").expect("the table is there");
            for _ in 0..batch {
                insert.execute(params![doc]).expect("the disk takes a row");
                rows += 1;
            }
        }
        transaction.commit().expect("the disk takes a commit");
    }
    rows as f64 / started.elapsed().as_secs_f64()
}

#[allow(dead_code, reason = "a file below benches/ is a program; this one is included by another")]
fn main() {}
