//! A commit whose answer is lost on the way is made once, and the answer is true.

use super::super::make::*;
use provost_change::{ChangeSet, Expect, Kind, verify};
use provost_store::{PostgresStore, Store, StoreError};
use provost_testkit::{Cut, Database, PostgresServer, Proxy};
use std::sync::Arc;
use tokio::task::JoinSet;
use uuid::Uuid;

/// A store that reaches its database through a proxy.
async fn behind_a_proxy() -> (Database<'static>, Proxy, PostgresStore) {
    let database = PostgresServer::shared().database();
    let proxy = Proxy::start(&database.server().socket());
    let url = format!("postgres://postgres@{}/{}", proxy.address(), database.name());
    let store = PostgresStore::open(&url.parse().unwrap(), at(0), Uuid::from_u128(7)).await.unwrap();
    store.commit(account(1), new_account()).await.unwrap();
    (database, proxy, store)
}

fn with_entry(change: ChangeSet) -> ChangeSet {
    ChangeSet { log: vec![entry("done", 1, None)], ..change }
}

#[tokio::test]
async fn what_leaves_an_entry_in_the_log_is_found_or_done_again() {
    let (_database, proxy, store) = behind_a_proxy().await;
    for (number, cut) in (1..).zip([Cut::AfterCommit, Cut::BeforeCommit, Cut::AfterCommit]) {
        proxy.cut(cut, false);
        let done = store.commit(account(1), with_entry(create(number, &format!("user{number}")))).await;
        assert_eq!(done.map(|done| u128::from(done.seq)), Ok(number), "{cut:?}");
        assert_eq!(u128::from(proxy.cuts()), number);
    }
    assert_eq!(store.log(account(1), &whole_log()).await.unwrap().len(), 3);
    assert_eq!(store.head(account(1)).await.unwrap().unwrap().count("user"), 3);
    assert_eq!(store.all(account(1), &Kind::USER, None, 9).await.unwrap().len(), 3);
}

#[tokio::test]
async fn what_cannot_be_found_is_said_to_be_unknown() {
    let (_database, proxy, store) = behind_a_proxy().await;
    let silent = |number, expect| puts(vec![put(user(number, "x"), expect)]);
    let cases = [
        (Cut::AfterCommit, account(1), silent(1, Expect::Absent), true),
        (Cut::BeforeCommit, account(1), silent(2, Expect::Absent), false),
        (Cut::BeforeCommit, account(2), with_entry(new_account()), false),
    ];
    for (cut, of, change, is_made) in cases {
        proxy.cut(cut, false);
        let said = store.commit(of, change.clone()).await.unwrap_err().to_string();
        assert!(said.ends_with("; whether the change was made is not known"), "{said}");
        let again = store.commit(of, change).await;
        assert_eq!(again.is_err(), is_made, "{again:?}");
    }
    // Of an account that is made, an entry that is there says enough.
    proxy.cut(Cut::AfterCommit, false);
    assert_eq!(store.commit(account(3), with_entry(new_account())).await.map(|done| done.seq), Ok(1));
}

#[tokio::test]
async fn while_the_server_stays_away_it_is_unknown_and_later_it_is_there_once() {
    let (_database, proxy, store) = behind_a_proxy().await;
    let change = with_entry(create(1, "ann"));
    proxy.cut(Cut::AfterCommit, true);
    let said = store.commit(account(1), change.clone()).await.unwrap_err().to_string();
    assert!(said.ends_with("; whether the change was made is not known"), "{said}");
    assert!(matches!(store.head(account(1)).await, Err(StoreError::Unavailable(_))), "nobody gets through");
    proxy.come_back();
    assert_eq!(store.commit(account(1), change).await, Err(StoreError::VersionChanged));
    assert_eq!(store.log(account(1), &whole_log()).await.unwrap().len(), 1);
}

/// Many share a transaction: all of them are answered as it ended.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn commits_that_are_lost_together_are_all_there_once() {
    let (_database, proxy, store) = behind_a_proxy().await;
    let store = Arc::new(store);
    for round in 0..8 {
        proxy.cut(if round % 2 == 0 { Cut::AfterCommit } else { Cut::BeforeCommit }, false);
        let commits: JoinSet<_> = (0..25_u128)
            .map(|number| {
                let store = Arc::clone(&store);
                let number = round * 25 + number;
                async move { store.commit(account(1), with_entry(create(number, &format!("user{number}")))).await }
            })
            .collect();
        let done = commits.join_all().await;
        assert!(done.iter().all(Result::is_ok), "{done:?}");
    }
    assert_eq!(proxy.cuts(), 8);
    let log = store.log(account(1), &whole_log()).await.unwrap();
    let head = store.head(account(1)).await.unwrap().unwrap();
    assert_eq!(verify(head.base, &log).map(|end| (end.seq, end.hash)), Ok((200, head.hash)));
    assert_eq!(head.count("user"), 200);
}

/// A server that starts again takes all connections with it: the next who asks gets a new one.
#[tokio::test]
async fn a_server_that_starts_again_in_between_is_not_noticed() {
    let server = PostgresServer::start();
    let database = server.database();
    let store = open_postgres(&database).await;
    store.commit(account(1), new_account()).await.unwrap();
    for number in 1..=5 {
        server.kill();
        server.start_again();
        assert_eq!(store.head(account(1)).await.map(|head| head.is_some()), Ok(true), "{number}");
        let done = store.commit(account(1), with_entry(create(number, &format!("user{number}")))).await;
        assert_eq!(done.map(|done| u128::from(done.seq)), Ok(number));
        let found = store.search(account(1), &search()).await.unwrap();
        assert_eq!(found.records.len() as u128, number);
    }
}
