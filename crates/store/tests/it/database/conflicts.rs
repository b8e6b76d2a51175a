//! What stands in the way of others is tried again: serialization failures and deadlocks, in writing and in reading.

use super::super::make::*;
use super::schema::beside;
use provost_change::{ChangeSet, Expect, Kind, verify};
use provost_store::{PostgresStore, Store, StoreError};
use provost_testkit::{Database, PostgresServer};
use std::sync::Arc;
use tokio::task::JoinSet;
use tokio_postgres::Client;

/// How often a transaction is tried, as the store has it.
const ATTEMPTS_MAX: i64 = 10;

async fn with_account(database: &Database<'_>) -> PostgresStore {
    let store = open_postgres(database).await;
    store.commit(account(1), new_account()).await.unwrap();
    store
}

/// Makes the first so many appends to logs fail; `when` is `IMMEDIATE` or, as with serialization found late, `DEFERRED`.
async fn obstruct(client: &Client, state: &str, when: &str, times: i64) {
    // A sequence does not go back when a transaction does.
    let sql = format!(
        "CREATE SEQUENCE tries;
         CREATE FUNCTION obstruct() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF nextval('tries') <= {times} THEN RAISE EXCEPTION 'in the way' USING ERRCODE = '{state}'; END IF;
            RETURN NULL;
         END $$;
         CREATE CONSTRAINT TRIGGER obstruct AFTER INSERT ON log DEFERRABLE INITIALLY {when}
            FOR EACH ROW EXECUTE FUNCTION obstruct()"
    );
    client.batch_execute(&sql).await.unwrap();
}

async fn tries(client: &Client) -> i64 {
    client.query_one("SELECT last_value FROM tries", &[]).await.unwrap().get(0)
}

fn made_with_entry(number: u128) -> ChangeSet {
    ChangeSet { log: vec![entry("made", 1, None)], ..create(number, &format!("user{number}")) }
}

#[tokio::test]
async fn a_transaction_that_others_stand_in_the_way_of_is_done_again_and_once() {
    for (state, when) in [("40001", "IMMEDIATE"), ("40001", "DEFERRED"), ("40P01", "IMMEDIATE"), ("40P01", "DEFERRED")]
    {
        let database = PostgresServer::shared().database();
        let (store, client) = (with_account(&database).await, beside(&database).await);
        obstruct(&client, state, when, 3).await;
        assert_eq!(store.commit(account(1), made_with_entry(1)).await.map(|done| done.seq), Ok(1), "{state} {when}");
        assert_eq!(tries(&client).await, 4, "{state} {when}");
        assert_eq!(store.log(account(1), &whole_log()).await.unwrap().len(), 1, "{state} {when}");
        assert_eq!(store.head(account(1)).await.unwrap().unwrap().count("user"), 1, "{state} {when}");
    }
}

#[tokio::test]
async fn it_is_not_done_again_for_ever_and_leaves_nothing() {
    let database = PostgresServer::shared().database();
    let (store, client) = (with_account(&database).await, beside(&database).await);
    obstruct(&client, "40001", "DEFERRED", ATTEMPTS_MAX).await;
    let refused = store.commit(account(1), made_with_entry(1)).await;
    assert_eq!(refused, Err(StoreError::Unavailable("in the way (SQLSTATE 40001)".to_owned())));
    assert_eq!(tries(&client).await, ATTEMPTS_MAX);
    assert_eq!(store.log(account(1), &whole_log()).await, Ok(vec![]));
    store.commit(account(1), made_with_entry(1)).await.unwrap();
}

/// The store has the head row and wants a record, somebody else has the record and wants the head row.
#[tokio::test]
async fn a_deadlock_with_somebody_else_is_resolved() {
    let database = PostgresServer::shared().database();
    let store = Arc::new(with_account(&database).await);
    store.commit(account(1), create(1, "ann")).await.unwrap();
    let (other, watcher) = (beside(&database).await, beside(&database).await);
    // The other one waits longer than the store before it looks for a deadlock: it is the store that is thrown out.
    other.batch_execute("SET deadlock_timeout = '50s'; BEGIN; SELECT 1 FROM records FOR UPDATE").await.unwrap();
    let change = puts(vec![put(user(1, "ann"), Expect::Version(1))]);
    let committing = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.commit(account(1), change).await }
    });
    let waits = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while watcher.query_one(waits, &[]).await.unwrap().get::<_, i64>(0) == 0 {
        tokio::task::yield_now().await;
    }
    other.batch_execute("SELECT 1 FROM heads FOR UPDATE; COMMIT").await.unwrap();
    committing.await.unwrap().unwrap();
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    let forced = "SELECT pg_stat_force_next_flush()";
    while watcher.query_one(deadlocks, &[]).await.unwrap().get::<_, i64>(0) == 0 {
        // Whoever was thrown out counts it with its next statement.
        store.commit(account(1), logs(vec![entry("x", 1, None)])).await.unwrap();
        watcher.query_one(forced, &[]).await.unwrap();
    }
    let found = store.load(account(1), &[(Kind::USER, id(1))]).await.unwrap();
    assert_eq!(found[0].as_ref().unwrap().version, 2);
}

/// Makes the first three reads of a table fail.
async fn obstruct_reads(client: &Client, table: &str) {
    // A lock of a session stays when a transaction is rolled back, and can be had where nothing may be written.
    let sql = format!(
        "CREATE FUNCTION passes() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
            FOR n IN 1..3 LOOP
                IF NOT EXISTS (
                    SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                     WHERE d.datname = current_database() AND l.locktype = 'advisory' AND l.objid = n) THEN
                    PERFORM pg_advisory_lock(n);
                    RAISE EXCEPTION 'in the way' USING ERRCODE = '40001';
                END IF;
            END LOOP;
            RETURN true;
         END $$;
         ALTER TABLE {table} RENAME TO real_{table};
         CREATE VIEW {table} AS SELECT * FROM real_{table} WHERE passes()"
    );
    client.batch_execute(&sql).await.unwrap();
}

#[tokio::test]
async fn a_read_that_others_stand_in_the_way_of_is_done_again() {
    type Read = fn(&PostgresStore) -> provost_store::Answer<'_, bool>;
    let reads: [(&str, Read); 6] = [
        ("heads", |store| Box::pin(async { Ok(store.head(account(1)).await?.is_some()) })),
        ("heads", |store| Box::pin(async { Ok(store.accounts(None, 9).await?.len() == 1) })),
        ("heads", |store| Box::pin(async { Ok(store.rehearse(account(1), made_with_entry(2)).await?.seq == 2) })),
        ("records", |store| Box::pin(async { Ok(store.search(account(1), &search()).await?.records.len() == 1) })),
        ("records", |store| Box::pin(async { Ok(store.load(account(1), &[(Kind::USER, id(1))]).await?[0].is_some()) })),
        ("log", |store| Box::pin(async { Ok(store.log(account(1), &whole_log()).await?.len() == 1) })),
    ];
    for (number, (table, read)) in reads.iter().enumerate() {
        let database = PostgresServer::shared().database();
        let client = beside(&database).await;
        {
            let store = with_account(&database).await;
            store.commit(account(1), made_with_entry(1)).await.unwrap();
            store.close().await.unwrap();
        }
        obstruct_reads(&client, table).await;
        let store = open_postgres(&database).await;
        assert_eq!(read(&store).await, Ok(true), "{number} {table}");
        let held = "SELECT COUNT(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
             WHERE d.datname = current_database() AND l.locktype = 'advisory'";
        assert_eq!(client.query_one(held, &[]).await.unwrap().get::<_, i64>(0), 3, "{number} {table}: three failed");
    }
}

/// A database that isolates more than the store asks for, as distributed ones do.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn where_every_transaction_is_serializable_nobody_notices() {
    let database = PostgresServer::shared().database();
    let client = beside(&database).await;
    let set = format!("ALTER DATABASE {} SET default_transaction_isolation = 'serializable'", database.name());
    client.batch_execute(&set).await.unwrap();
    let (url, mut opening) = (database.url().parse::<provost_store::DatabaseUrl>().unwrap(), JoinSet::new());
    for node in 1..=4 {
        let url = url.clone();
        opening.spawn(async move { PostgresStore::open(&url, at(0), uuid::Uuid::from_u128(node)).await.unwrap() });
    }
    let nodes: Vec<Arc<PostgresStore>> = opening.join_all().await.into_iter().map(Arc::new).collect();
    nodes[0].commit(account(1), new_account()).await.unwrap();
    let work: JoinSet<_> = (1..=200_u128)
        .map(|number| {
            let node = Arc::clone(&nodes[number as usize % nodes.len()]);
            async move {
                let who = uuid::Uuid::from_u128(number);
                node.lease(account(1), "work", who, at(number as i64), at(number as i64)).await?;
                node.search(account(1), &search()).await?;
                node.commit(account(1), made_with_entry(number)).await
            }
        })
        .collect();
    let done = work.join_all().await;
    assert!(done.iter().all(Result::is_ok), "{done:?}");
    let log = nodes[1].log(account(1), &whole_log()).await.unwrap();
    let head = nodes[2].head(account(1)).await.unwrap().unwrap();
    assert_eq!((log.len(), verify(head.base, &log).map(|end| end.seq)), (200, Ok(200)));
}
