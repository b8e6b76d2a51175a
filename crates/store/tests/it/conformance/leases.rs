//! Who works in the background.

use super::home;
use crate::make::*;
use provost_store::{MemoryStore, SqliteStore, Store};
use provost_testkit::PostgresServer;
use uuid::Uuid;

/// Whether a node gets the lease `mail` at a second until another one.
async fn gets(store: &dyn Store, node: u128, now: i64, until: i64) -> bool {
    store.lease(home(), "mail", Uuid::from_u128(node), at(now), at(until)).await.unwrap()
}

async fn one_holder_at_a_time(store: &dyn Store) {
    let cases = [
        ("free", 1, 0, 10, true),
        ("held by another", 2, 5, 15, false),
        ("held by itself", 1, 5, 20, true),
        ("still held, since it was held longer", 2, 19, 30, false),
        ("over", 2, 20, 30, true),
        ("taken by another meanwhile", 1, 21, 40, false),
        ("given up", 2, 22, 22, true),
        ("free again", 1, 22, 40, true),
    ];
    for (name, node, now, until, expected) in cases {
        assert_eq!(gets(store, node, now, until).await, expected, "{name}");
    }
    let other_work = store.lease(home(), "audit", Uuid::from_u128(2), at(23), at(30)).await;
    let other_account = store.lease(account(0xB), "mail", Uuid::from_u128(2), at(23), at(30)).await;
    assert_eq!((other_work, other_account), (Ok(true), Ok(true)));
}

#[tokio::test]
async fn one_holder_at_a_time_in_memory() {
    one_holder_at_a_time(&MemoryStore::new()).await;
}

#[tokio::test]
async fn one_holder_at_a_time_on_postgres() {
    let database = PostgresServer::shared().database();
    one_holder_at_a_time(&open_postgres(&database).await).await;
}

/// The folder has one server, so whoever asks is alone.
#[tokio::test]
async fn in_a_folder_the_lease_is_always_got_by_who_may_write() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path(), at(0)).unwrap();
    assert!(gets(&store, 1, 0, 10).await && gets(&store, 2, 0, 10).await);
    assert!(!gets(&SqliteStore::open_read_only(folder.path()).unwrap(), 1, 0, 10).await);
}
