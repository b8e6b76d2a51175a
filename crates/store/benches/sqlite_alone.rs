//! What SQLite alone does: the yardstick for creates. Included by the benchmark of the binary, since SQL stays in this crate.

use rusqlite::{Connection, ToSql, Transaction};
use std::{path::Path, time::Instant};

/// What stands in each transaction.
#[derive(Clone, Copy)]
pub enum Rows {
    /// One table, keys in order: nothing is decided, nothing is found again by anything but its key.
    Bare,
    /// The rows that a user needs: the record under a random-looking id, its audit entry, a unique key and three index entries.
    Indexed,
}

/// Users a second that a bare WAL database with `synchronous=FULL` commits, `bytes` each, `batch` users a transaction, until
/// `until` says stop.
pub fn users_per_second(file: &Path, rows: Rows, bytes: usize, batch: usize, until: impl Fn() -> bool) -> f64 {
    let mut connection = Connection::open(file).expect("a fresh file opens");
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             CREATE TABLE docs (seq INTEGER PRIMARY KEY, id BLOB NOT NULL, doc TEXT NOT NULL);
             CREATE TABLE log (seq INTEGER PRIMARY KEY, doc TEXT NOT NULL);
             CREATE TABLE keys (attribute TEXT, value TEXT, id BLOB, PRIMARY KEY (attribute, value, id)) WITHOUT ROWID;",
        )
        .expect("a fresh file takes tables");
    if matches!(rows, Rows::Indexed) {
        connection.execute_batch("CREATE UNIQUE INDEX docs_by_id ON docs (id)").expect("a fresh table takes an index");
    }
    let half = "x".repeat(bytes / 2);
    let started = Instant::now();
    let mut users = 0_u64;
    while !until() {
        let transaction = connection.transaction().expect("nobody else writes");
        for _ in 0..batch {
            users += 1;
            insert(&transaction, rows, users, &half);
        }
        transaction.commit().expect("the disk takes a commit");
    }
    users as f64 / started.elapsed().as_secs_f64()
}

fn insert(transaction: &Transaction<'_>, rows: Rows, user: u64, half: &str) {
    // Neighbouring numbers become values that are far apart, as names are.
    let scattered = user.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let id = [user.to_be_bytes(), scattered.to_be_bytes()].concat();
    let run = |sql: &str, values: &[&dyn ToSql]| {
        transaction.prepare_cached(sql).expect("the table is there").execute(values).expect("the disk takes a row");
    };
    run("INSERT INTO docs (id, doc) VALUES ($1, $2)", &[&id, &half]);
    run("INSERT INTO log (doc) VALUES ($1)", &[&half]);
    if matches!(rows, Rows::Indexed) {
        for attribute in ["User.userName", "User.externalId", "User.emails.value", "User#managed"] {
            let value = format!("user-{scattered:x}@bench.example");
            run("INSERT INTO keys (attribute, value, id) VALUES ($1, $2, $3)", &[&attribute, &value, &id]);
        }
    }
}

#[allow(dead_code, reason = "a file below benches/ is a program; this one is included by another")]
fn main() {}
