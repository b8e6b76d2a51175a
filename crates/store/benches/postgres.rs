//! What the store in a PostgreSQL database does in a second: creates in one account and in many, reads by id and by a unique value.
//! The server is one that is started for this, on this machine, and does not wait for the disk: what is measured is our part and the
//! server's processor.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement that cannot be made fails, and prints")]

use jiff::Timestamp;
use provost_change::{AccountId, ChangeSet, CountChange, Expect, Kind, LogEntry, Put, Record, ResourceId, UniqueKey};
use provost_store::{PostgresStore, Store};
use provost_testkit::PostgresServer;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use uuid::Uuid;

/// How many ask at once.
const ASKERS: u64 = 64;

/// How long each measurement takes.
const TIME: Duration = Duration::from_secs(4);

fn account(number: u64) -> AccountId {
    AccountId::new(Uuid::from_u128(number.into()))
}

fn key(number: u64) -> UniqueKey {
    UniqueKey { space: "User.userName".to_owned(), value: format!("user{number:09}@example.com") }
}

/// A user of 1 KB with one unique key and an audit entry.
fn create(number: u64) -> ChangeSet {
    let record = Record {
        kind: Kind::USER,
        id: ResourceId::new(Uuid::from_u128(number.into())),
        version: 0,
        created: Timestamp::UNIX_EPOCH,
        modified: Timestamp::UNIX_EPOCH,
        doc: format!("{{\"userName\":\"user{number:09}@example.com\",\"title\":\"{}\"}}", "x".repeat(1000)),
        state: "{}".to_owned(),
    };
    let (releases, index_adds, index_removes) = (vec![], vec![], vec![]);
    let put = Put { record, expect: Expect::Absent, claims: vec![key(number)], releases, index_adds, index_removes };
    let log = LogEntry {
        at: Timestamp::UNIX_EPOCH,
        subject: None,
        public: "{\"done\":\"create\"}".to_owned(),
        personal: None,
    };
    ChangeSet { puts: vec![put], counts: vec![CountChange::by("user", 1)], log: vec![log], ..ChangeSet::default() }
}

/// Asks as often as possible, and prints how often that was in a second.
async fn measure<F>(name: &str, ask: impl Fn(u64) -> F + Clone + Send + 'static)
where
    F: Future<Output = ()> + Send,
{
    let (numbers, started) = (Arc::new(AtomicU64::new(0)), Instant::now());
    let askers: JoinSet<()> = (0..ASKERS)
        .map(|_| {
            let (numbers, ask) = (Arc::clone(&numbers), ask.clone());
            async move {
                while started.elapsed() < TIME {
                    ask(numbers.fetch_add(1, Ordering::Relaxed)).await;
                }
            }
        })
        .collect();
    askers.join_all().await;
    let per_second = numbers.load(Ordering::Relaxed) as f64 / started.elapsed().as_secs_f64();
    println!("{name:>32} {per_second:>9.0} in a second");
}

#[tokio::main]
async fn main() {
    let database = PostgresServer::shared().database();
    let url = database.url().parse().unwrap();
    let store = Arc::new(PostgresStore::open(&url, Timestamp::UNIX_EPOCH, Uuid::nil()).await.unwrap());
    for number in 0..=ASKERS {
        let change = ChangeSet { creates_account: true, ..ChangeSet::default() };
        store.commit(account(number), change).await.unwrap();
    }
    let to = Arc::clone(&store);
    let one = move |number| {
        let store = Arc::clone(&to);
        async move { assert!(store.commit(account(0), create(number)).await.is_ok()) }
    };
    measure("creates in one account", one).await;
    let to = Arc::clone(&store);
    let many = move |number| {
        let store = Arc::clone(&to);
        async move { assert!(store.commit(account(1 + number % ASKERS), create(number)).await.is_ok()) }
    };
    measure("creates in 64 accounts", many).await;
    let of = Arc::clone(&store);
    let by_id = move |number: u64| {
        let store = Arc::clone(&of);
        async move {
            let keys = [(Kind::USER, ResourceId::new(Uuid::from_u128((number % 1000).into())))];
            assert!(store.load(account(0), &keys).await.unwrap()[0].is_some());
        }
    };
    measure("reads by id", by_id).await;
    let of = Arc::clone(&store);
    let by_key = move |number: u64| {
        let store = Arc::clone(&of);
        async move {
            assert!(store.by_unique(account(0), &key(number % 1000), &Kind::USER).await.unwrap().is_some());
        }
    };
    measure("reads by a unique value", by_key).await;
}
