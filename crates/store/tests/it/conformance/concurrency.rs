//! Many at once: nothing is lost, nothing is given twice.

use super::{home, on_every_store};
use crate::make::*;
use provost_change::{Bound, ChangeSet, CountChange, Expect, Kind, Record, verify};
use provost_store::{Store, StoreError};
use std::sync::Arc;
use tokio::task::JoinSet;

on_every_store! {
    sixteen_writers_of_one_record_lose_nothing,
    twenty_claims_of_one_key_have_one_winner,
    the_last_seat_is_taken_once,
    the_last_administrator_stays,
    sequence_numbers_stay_without_gaps,
    a_refused_change_set_leaves_its_neighbours,
    a_list_shows_one_moment,
    a_thousand_adds_to_one_group_lose_no_member,
}

/// Runs so many of a task at once, and answers with what each said.
async fn at_once<T, F>(tasks: u128, mut task: impl FnMut(u128) -> F) -> Vec<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    (0..tasks).map(&mut task).collect::<JoinSet<T>>().join_all().await
}

/// S-12: read, decide and commit, again when another was faster.
async fn sixteen_writers_of_one_record_lose_nothing(store: Arc<dyn Store>) {
    let empty = Record { doc: "{}".to_owned(), ..user(1, "ann") };
    store.commit(home(), puts(vec![put(empty, Expect::Absent)])).await.unwrap();
    let rounds = 16;
    at_once(16, |writer| {
        let store = Arc::clone(&store);
        async move {
            for round in 0..rounds {
                loop {
                    let record = store.load(home(), &[(Kind::USER, id(1))]).await.unwrap().remove(0).unwrap();
                    let mut seen: serde_json::Map<String, serde_json::Value> =
                        serde_json::from_str(&record.doc).unwrap();
                    seen.insert(format!("{writer}.{round}"), true.into());
                    let doc = serde_json::to_string(&seen).unwrap();
                    let expect = Expect::Version(record.version);
                    match store.commit(home(), puts(vec![put(Record { doc, ..record }, expect)])).await {
                        Ok(_) => break,
                        Err(error) => assert_eq!(error, StoreError::VersionChanged),
                    }
                }
            }
        }
    })
    .await;
    let record = store.load(home(), &[(Kind::USER, id(1))]).await.unwrap().remove(0).unwrap();
    let seen: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&record.doc).unwrap();
    assert_eq!((seen.len(), record.version), (256, 257));
}

async fn twenty_claims_of_one_key_have_one_winner(store: Arc<dyn Store>) {
    let answers = at_once(20, |number| {
        let store = Arc::clone(&store);
        async move { (number, store.commit(home(), create(number, "ann")).await) }
    })
    .await;
    let (winners, losers): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(_, answer)| answer.is_ok());
    assert_eq!((winners.len(), losers.len()), (1, 19));
    let conflict = StoreError::Uniqueness { space: SPACE.to_owned(), holder: id(winners[0].0) };
    for (_, answer) in losers {
        assert_eq!(answer, Err(conflict.clone()));
    }
    assert_eq!(store.head(home()).await.unwrap().unwrap().count("user"), 1);
}

async fn bounded(store: &Arc<dyn Store>, start: i64, delta: i64, bound: Bound) -> usize {
    let counts = vec![CountChange::by("seat", start)];
    store.commit(home(), ChangeSet { counts, ..ChangeSet::default() }).await.unwrap();
    let answers = at_once(20, |_| {
        let store = Arc::clone(store);
        let counts = vec![CountChange { name: "seat".to_owned(), delta, bound: Some(bound) }];
        async move { store.commit(home(), ChangeSet { counts, ..ChangeSet::default() }).await }
    })
    .await;
    let refused = StoreError::Bound { count: "seat".to_owned() };
    assert!(answers.iter().all(|answer| answer.is_ok() || *answer == Err(refused.clone())));
    answers.iter().filter(|answer| answer.is_ok()).count()
}

async fn the_last_seat_is_taken_once(store: Arc<dyn Store>) {
    assert_eq!(bounded(&store, 7, 1, Bound::AtMost(10)).await, 3);
    assert_eq!(store.head(home()).await.unwrap().unwrap().count("seat"), 10);
}

async fn the_last_administrator_stays(store: Arc<dyn Store>) {
    assert_eq!(bounded(&store, 3, -1, Bound::AtLeast(1)).await, 2);
    assert_eq!(store.head(home()).await.unwrap().unwrap().count("seat"), 1);
}

async fn sequence_numbers_stay_without_gaps(store: Arc<dyn Store>) {
    store.commit(account(0xB), new_account()).await.unwrap();
    let seqs = at_once(200, |number| {
        let store = Arc::clone(&store);
        let owner = if number % 4 == 0 { account(0xB) } else { home() };
        let config = (number % 5 == 0).then_some(99);
        let change = ChangeSet { config, ..logs(vec![entry("x", 1, Some(number)), entry("y", 2, None)]) };
        async move { (owner, store.commit(owner, change).await) }
    })
    .await;
    for owner in [home(), account(0xB)] {
        let answers = seqs.iter().filter(|(of, _)| *of == owner).map(|(_, answer)| answer);
        let mut committed = answers.flatten().map(|committed| committed.seq).collect::<Vec<_>>();
        committed.sort_unstable();
        assert!(committed.iter().copied().eq((1..=committed.len() as u64).map(|number| number * 2)));
        let head = store.head(owner).await.unwrap().unwrap();
        let log = store.log(owner, &whole_log()).await.unwrap();
        assert_eq!(verify(head.base, &log).map(|end| end.seq), Ok(committed.len() as u64 * 2));
    }
}

async fn a_refused_change_set_leaves_its_neighbours(store: Arc<dyn Store>) {
    store.commit(home(), create(1000, "taken")).await.unwrap();
    let answers = at_once(100, |number| {
        let store = Arc::clone(&store);
        let name = if number % 3 == 0 { "taken".to_owned() } else { format!("user{number}") };
        async move { (number, store.commit(home(), create(number, &name)).await) }
    })
    .await;
    assert!(answers.iter().all(|(number, answer)| answer.is_ok() == (number % 3 != 0)));
    let all = store.all(home(), &Kind::USER, None, 1000).await.unwrap();
    assert_eq!(all.len(), 67);
    assert_eq!(store.head(home()).await.unwrap().unwrap().count("user"), 67);
}

async fn a_list_shows_one_moment(store: Arc<dyn Store>) {
    let writer = {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            for number in 0..100 {
                store.commit(home(), create(number, &format!("user{number}"))).await.unwrap();
            }
        })
    };
    while !writer.is_finished() {
        let page = store.search(home(), &search()).await.unwrap();
        assert_eq!(page.records.len() as u64, page.total);
    }
    writer.await.unwrap();
}

/// Each adds its own member and knows of no other; none has to try again.
async fn a_thousand_adds_to_one_group_lose_no_member(store: Arc<dyn Store>) {
    let count = 1000;
    let users = (1..=count).map(|number| put(user(number, "x"), Expect::Absent));
    store.commit(home(), puts(users.chain([put(group(5000), Expect::Absent)]).collect())).await.unwrap();
    let answers = at_once(count, |number| {
        let store = Arc::clone(&store);
        async move { store.commit(home(), changes(vec![adds(5000, [number + 1])])).await }
    })
    .await;
    assert!(answers.iter().all(Result::is_ok));
    let members = store.members(home(), id(5000), None, u64::MAX).await.unwrap();
    assert!(members.into_iter().eq((1..=count).map(member)));
    let loaded = store.load(home(), &[(Kind::GROUP, id(5000))]).await.unwrap();
    assert_eq!(loaded[0].as_ref().unwrap().version, 1001);
}
