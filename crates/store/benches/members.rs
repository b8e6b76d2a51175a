//! What it costs to add one member to a large group, against an empty one: DESIGN says the same.
//!
//! `cargo bench -p provost-store --bench members`. Rounds alternate, so that a machine that slows down meanwhile slows down both
//! sides; the medians count. Each round's additions are commits of their own that are under way at once.

use jiff::Timestamp;
use provost_change::{AccountId, ChangeSet, Expect, Kind, Member, MemberChange, Put, Record, ResourceId};
use provost_store::{SqliteStore, Store};
use std::{sync::Arc, time::Instant};
use tokio::task::JoinSet;
use uuid::Uuid;

/// Members of the large group before anything is measured.
const MEMBERS: u128 = 100_000;
/// Measurements of each figure.
const ROUNDS: u128 = 15;
/// Members that are added in one measurement.
const ADDS: u128 = 256;
/// Every so many-th user is in no group yet: who comes lies anywhere among who is there.
const FREE: u128 = MEMBERS / (2 * ROUNDS * ADDS);
/// Records made in one change set.
const AT_ONCE: usize = 1000;
/// The large group; the empty ones of the rounds follow.
const LARGE: u128 = 1 << 100;

fn account() -> AccountId {
    AccountId::new(Uuid::from_u128(1))
}

fn id(number: u128) -> ResourceId {
    ResourceId::new(Uuid::from_u128(number))
}

fn put(kind: Kind, number: u128) -> Put {
    let (created, modified) = (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
    let doc = format!(r#"{{"displayName":"{}"}}"#, "x".repeat(400));
    let record = Record { kind, id: id(number), version: 0, created, modified, doc, state: "{}".to_owned() };
    Put { record, expect: Expect::Absent, claims: vec![], releases: vec![], index_adds: vec![], index_removes: vec![] }
}

fn adds(group: u128, users: &[u128]) -> ChangeSet {
    let adds = users.iter().map(|number| Member { kind: Kind::USER, id: id(*number) }).collect();
    let at = Timestamp::UNIX_EPOCH;
    let members = MemberChange { group: id(group), version: None, clear: false, removes: vec![], adds, at };
    ChangeSet { members: vec![members], ..ChangeSet::default() }
}

async fn commit(store: &SqliteStore, change: ChangeSet) {
    store.commit(account(), change).await.expect("the disk takes a commit");
}

/// Users and groups; answers with who is in no group.
async fn prepare(store: &SqliteStore) -> Vec<u128> {
    commit(store, ChangeSet { creates_account: true, ..ChangeSet::default() }).await;
    let (mut members, mut free) = (Vec::new(), Vec::new());
    for number in 1.. {
        if number % FREE == 0 {
            free.push(number)
        } else {
            members.push(number)
        }
        if members.len() as u128 == MEMBERS {
            break;
        }
    }
    let groups = (0..=ROUNDS).map(|round| put(Kind::GROUP, LARGE + round)).collect();
    commit(store, ChangeSet { puts: groups, ..ChangeSet::default() }).await;
    for numbers in [&members, &free] {
        for some in numbers.chunks(AT_ONCE) {
            let puts = some.iter().map(|number| put(Kind::USER, *number)).collect();
            commit(store, ChangeSet { puts, ..ChangeSet::default() }).await;
        }
    }
    for some in members.chunks(AT_ONCE) {
        commit(store, adds(LARGE, some)).await;
    }
    free
}

/// Microseconds for each member that is added.
async fn measure(store: &Arc<SqliteStore>, group: u128, users: Vec<u128>) -> f64 {
    let count = users.len() as f64;
    let started = Instant::now();
    let adding = users.into_iter().map(|user| {
        let store = Arc::clone(store);
        async move { commit(&store, adds(group, &[user])).await }
    });
    adding.collect::<JoinSet<()>>().join_all().await;
    started.elapsed().as_secs_f64() * 1e6 / count
}

fn median(mut rounds: Vec<f64>) -> f64 {
    rounds.sort_by(f64::total_cmp);
    rounds[rounds.len() / 2]
}

#[tokio::main]
#[allow(clippy::print_stdout, reason = "the figures are the output")]
async fn main() {
    let folder = tempfile::tempdir().expect("there is a place for temporary files");
    let store = SqliteStore::open(folder.path(), Timestamp::UNIX_EPOCH).expect("a fresh folder opens");
    let store = Arc::new(store);
    // Neighbours in time are no neighbours in a group.
    let mut free = prepare(&store).await;
    free.sort_by_key(|number| (*number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut free = free.into_iter();
    let (mut empty, mut large) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        empty.push(measure(&store, LARGE + round, free.by_ref().take(ADDS as usize).collect()).await);
        large.push(measure(&store, LARGE, free.by_ref().take(ADDS as usize).collect()).await);
    }
    let (empty, large) = (median(empty), median(large));
    println!("adding a member: {empty:.0} µs in an empty group, {large:.0} µs in one of {MEMBERS}");
    println!("ratio {:.2}, budget 1.2", large / empty);
}
