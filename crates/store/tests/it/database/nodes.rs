//! Two stores on one database at once, as two nodes have them.

use super::super::make::*;
use provost_change::{Bound, ChangeSet, CountChange, Expect, Kind, verify};
use provost_store::{PostgresStore, Store, StoreError};
use provost_testkit::{Database, PostgresServer};
use std::sync::Arc;
use tokio::task::JoinSet;

type Nodes = [Arc<PostgresStore>; 2];

async fn two_nodes() -> (Database<'static>, Nodes) {
    let database = PostgresServer::shared().database();
    let nodes = [Arc::new(open_postgres(&database).await), Arc::new(open_postgres(&database).await)];
    nodes[0].commit(account(1), new_account()).await.unwrap();
    (database, nodes)
}

/// Commits change sets from both nodes in turn, all at once.
async fn at_once(
    nodes: &Nodes,
    count: u128,
    mut change: impl FnMut(u128) -> ChangeSet,
) -> Vec<(u128, Result<u64, StoreError>)> {
    let commits: JoinSet<_> = (1..=count)
        .map(|number| {
            let (node, change) = (Arc::clone(&nodes[number as usize % 2]), change(number));
            async move { (number, node.commit(account(1), change).await.map(|committed| committed.seq)) }
        })
        .collect();
    commits.join_all().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn members_added_by_two_nodes_are_all_there() {
    let (_database, nodes) = two_nodes().await;
    let users = (1..=400).map(|number| put(user(number, "x"), Expect::Absent));
    let made = puts(users.chain([put(group(5000), Expect::Absent)]).collect());
    nodes[0].commit(account(1), made).await.unwrap();
    let answers = at_once(&nodes, 400, |number| changes(vec![adds(5000, [number])])).await;
    assert!(answers.iter().all(|(_, answer)| answer.is_ok()), "{answers:?}");
    let members = nodes[1].members(account(1), id(5000), None, u64::MAX).await.unwrap();
    assert!(members.into_iter().eq((1..=400).map(member)));
    let loaded = nodes[1].load(account(1), &[(Kind::GROUP, id(5000))]).await.unwrap();
    assert_eq!(loaded[0].as_ref().unwrap().version, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_key_claimed_by_two_nodes_has_one_holder() {
    let (_database, nodes) = two_nodes().await;
    let answers = at_once(&nodes, 100, |number| create(number, &format!("user{}", number / 2))).await;
    let (winners, losers): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(_, answer)| answer.is_ok());
    // The numbers 0 and 101 have no twin.
    assert_eq!((winners.len(), losers.len()), (51, 49));
    for (number, answer) in losers {
        assert_eq!(answer, Err(StoreError::Uniqueness { space: SPACE.to_owned(), holder: id(number ^ 1) }));
    }
    assert_eq!(nodes[0].head(account(1)).await.unwrap().unwrap().count("user"), 51);
    let page = nodes[1].search(account(1), &search()).await.unwrap();
    assert_eq!((page.records.len(), page.total), (51, 51));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_log_of_two_nodes_is_one_chain_without_gaps() {
    let (_database, nodes) = two_nodes().await;
    let answers = at_once(&nodes, 300, |number| {
        // Some are refused, and leave no gap.
        let config = number.is_multiple_of(7).then_some(99);
        ChangeSet { config, ..logs(vec![entry("x", 1, Some(number)), entry("y", 2, None)]) }
    })
    .await;
    let mut seqs: Vec<u64> = answers.into_iter().filter_map(|(_, answer)| answer.ok()).collect();
    seqs.sort_unstable();
    assert!(seqs.iter().copied().eq((1..=258).map(|number| number * 2)));
    let log = nodes[1].log(account(1), &whole_log()).await.unwrap();
    let head = nodes[0].head(account(1)).await.unwrap().unwrap();
    assert_eq!(verify(head.base, &log).map(|end| (end.seq, end.hash)), Ok((head.seq, head.hash)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_last_seat_is_taken_once_by_two_nodes() {
    let (_database, nodes) = two_nodes().await;
    let seat = || CountChange { name: "seat".to_owned(), delta: 1, bound: Some(Bound::AtMost(10)) };
    let answers = at_once(&nodes, 60, |_| ChangeSet { counts: vec![seat()], ..ChangeSet::default() }).await;
    assert_eq!(answers.iter().filter(|(_, answer)| answer.is_ok()).count(), 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_account_that_two_nodes_make_is_made_once() {
    let (_database, nodes) = two_nodes().await;
    for number in 2..12 {
        let make = |node: &Arc<PostgresStore>| {
            let node = Arc::clone(node);
            tokio::spawn(
                async move { node.commit(account(number), new_account()).await.map(|committed| committed.seq) },
            )
        };
        let answers = [make(&nodes[0]), make(&nodes[1])];
        let mut made = 0;
        for answer in answers {
            match answer.await.unwrap() {
                Ok(0) => made += 1,
                other => assert_eq!(other, Err(StoreError::AccountExists)),
            }
        }
        assert_eq!(made, 1);
    }
}

/// Two change sets that would lock two accounts in opposite orders cannot: locks are taken in the order of accounts.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nodes_that_write_to_many_accounts_do_not_stand_in_each_others_way() {
    let (_database, nodes) = two_nodes().await;
    for number in 2..=20 {
        nodes[0].commit(account(number), new_account()).await.unwrap();
    }
    let commits: JoinSet<_> = (0..800_u128)
        .map(|number| {
            let node = Arc::clone(&nodes[number as usize % 2]);
            let owner = account(1 + number * 7 % 20);
            async move { node.commit(owner, create(number, &format!("user{number}"))).await }
        })
        .collect();
    assert!(commits.join_all().await.iter().all(Result::is_ok));
    for number in 1..=20 {
        assert_eq!(nodes[1].head(account(number)).await.unwrap().unwrap().count("user"), 40);
    }
}
