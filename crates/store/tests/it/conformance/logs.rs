//! The audit log: order, chain, retention and erasure.

use super::{home, on_every_store};
use crate::make::*;
use provost_change::{ChainBase, ChangeSet, Personal, verify};
use provost_store::{Committed, LogQuery, Store, StoreError};
use std::sync::Arc;

on_every_store! {
    entries_are_numbered_without_gaps,
    the_chain_verifies,
    a_refused_change_set_logs_nothing,
    the_log_is_read_both_ways_and_in_pages,
    a_log_is_found_by_subject,
    pruning_moves_the_base,
    pruning_stops_at_the_first_entry_to_keep,
    pruning_everything_keeps_the_chain,
    more_is_pruned_than_one_step_takes,
    erasing_empties_the_personal_parts_of_one_subject,
}

async fn seqs(store: &Arc<dyn Store>, query: LogQuery) -> Vec<u64> {
    store.log(home(), &query).await.unwrap().iter().map(|entry| entry.seq).collect()
}

async fn is_whole(store: &Arc<dyn Store>) {
    let head = store.head(home()).await.unwrap().unwrap();
    let log = store.log(home(), &whole_log()).await.unwrap();
    assert_eq!(verify(head.base, &log), Ok(ChainBase { seq: head.seq, hash: head.hash }));
}

async fn entries_are_numbered_without_gaps(store: Arc<dyn Store>) {
    let three = logs(vec![entry("a", 1, None), personal(entry("b", 2, Some(1))), entry("c", 3, Some(2))]);
    assert_eq!(store.commit(home(), three).await, Ok(Committed { seq: 3 }));
    assert_eq!(store.commit(home(), ChangeSet::default()).await, Ok(Committed { seq: 3 }));
    assert_eq!(store.commit(home(), logs(vec![entry("d", 4, None)])).await, Ok(Committed { seq: 4 }));
    let log = store.log(home(), &whole_log()).await.unwrap();
    let shown = log.iter().map(|entry| (entry.seq, entry.public.as_str(), entry.subject)).collect::<Vec<_>>();
    assert_eq!(shown, [(1, "\"a\"", None), (2, "\"b\"", Some(id(1))), (3, "\"c\"", Some(id(2))), (4, "\"d\"", None)]);
    let part = Personal { salt: [7; 16], json: r#"{"name":"Ann"}"#.to_owned() };
    assert_eq!((log[1].personal.as_ref(), log[1].at), (Some(&part), at(2)));
}

async fn the_chain_verifies(store: Arc<dyn Store>) {
    is_whole(&store).await;
    for number in 1..=5 {
        store.commit(home(), logs(vec![personal(entry("x", number, Some(1))), entry("y", 0, None)])).await.unwrap();
        is_whole(&store).await;
    }
}

async fn a_refused_change_set_logs_nothing(store: Arc<dyn Store>) {
    store.commit(home(), logs(vec![entry("a", 1, None)])).await.unwrap();
    let refused = ChangeSet { config: Some(8), ..logs(vec![entry("b", 1, None)]) };
    assert_eq!(store.commit(home(), refused).await, Err(StoreError::ConfigChanged));
    assert_eq!(store.commit(home(), logs(vec![entry("c", 1, None)])).await, Ok(Committed { seq: 2 }));
    is_whole(&store).await;
}

async fn the_log_is_read_both_ways_and_in_pages(store: Arc<dyn Store>) {
    store.commit(home(), logs((1..=6).map(|number| entry("x", number, None)).collect())).await.unwrap();
    let query = |after, before, newest_first, limit| LogQuery { after, before, subject: None, newest_first, limit };
    let cases: [(LogQuery, &[u64]); 8] = [
        (query(None, None, false, 9), &[1, 2, 3, 4, 5, 6]),
        (query(Some(2), None, false, 2), &[3, 4]),
        (query(None, None, true, 2), &[6, 5]),
        (query(None, Some(5), true, 2), &[4, 3]),
        (query(Some(2), Some(5), false, 9), &[3, 4]),
        (query(Some(6), None, false, 9), &[]),
        (query(Some(u64::MAX), Some(u64::MAX), true, u64::MAX), &[]),
        (query(None, None, false, 0), &[]),
    ];
    for (query, expected) in cases {
        assert_eq!(seqs(&store, query.clone()).await, expected, "{query:?}");
    }
}

async fn a_log_is_found_by_subject(store: Arc<dyn Store>) {
    let subjects = [Some(1), Some(2), None, Some(1), Some(1)];
    store.commit(home(), logs(subjects.map(|subject| entry("x", 1, subject)).to_vec())).await.unwrap();
    let about = |number: u128| LogQuery { subject: Some(id(number)), ..whole_log() };
    assert_eq!(seqs(&store, about(1)).await, [1, 4, 5]);
    assert_eq!(seqs(&store, LogQuery { newest_first: true, limit: 2, ..about(1) }).await, [5, 4]);
    assert_eq!(seqs(&store, LogQuery { after: Some(1), before: Some(5), ..about(1) }).await, [4]);
    assert_eq!(seqs(&store, LogQuery { newest_first: true, before: Some(5), ..about(1) }).await, [4, 1]);
    assert!(seqs(&store, about(3)).await.is_empty());
}

async fn pruning_moves_the_base(store: Arc<dyn Store>) {
    store.commit(home(), logs((1..=6).map(|number| entry("x", number, None)).collect())).await.unwrap();
    let third = store.log(home(), &whole_log()).await.unwrap()[2].hash;
    assert_eq!(store.prune_log(home(), at(4)).await, Ok(3));
    assert_eq!(seqs(&store, whole_log()).await, [4, 5, 6]);
    assert_eq!(store.head(home()).await.unwrap().unwrap().base, ChainBase { seq: 3, hash: third });
    is_whole(&store).await;
    assert_eq!(store.prune_log(home(), at(4)).await, Ok(0));
    store.commit(home(), logs(vec![entry("x", 9, None)])).await.unwrap();
    assert_eq!(seqs(&store, whole_log()).await, [4, 5, 6, 7]);
    is_whole(&store).await;
}

async fn pruning_stops_at_the_first_entry_to_keep(store: Arc<dyn Store>) {
    store.commit(home(), logs([1, 9, 2].map(|seconds| entry("x", seconds, None)).to_vec())).await.unwrap();
    assert_eq!(store.prune_log(home(), at(5)).await, Ok(1));
    assert_eq!(seqs(&store, whole_log()).await, [2, 3]);
    is_whole(&store).await;
}

async fn pruning_everything_keeps_the_chain(store: Arc<dyn Store>) {
    assert_eq!(store.prune_log(home(), at(9)).await, Ok(0));
    store.commit(home(), logs(vec![entry("x", 1, None), entry("y", 2, None)])).await.unwrap();
    assert_eq!(store.prune_log(home(), at(9)).await, Ok(2));
    is_whole(&store).await;
    assert_eq!(store.commit(home(), logs(vec![entry("z", 1, None)])).await, Ok(Committed { seq: 3 }));
    is_whole(&store).await;
}

async fn more_is_pruned_than_one_step_takes(store: Arc<dyn Store>) {
    store.commit(home(), logs((0..4100).map(|_| entry("x", 1, None)).collect())).await.unwrap();
    store.commit(home(), logs(vec![entry("x", 9, None)])).await.unwrap();
    assert_eq!(store.prune_log(home(), at(2)).await, Ok(4100));
    assert_eq!(seqs(&store, whole_log()).await, [4101]);
    is_whole(&store).await;
}

async fn erasing_empties_the_personal_parts_of_one_subject(store: Arc<dyn Store>) {
    let entries = [Some(1), Some(2), None, Some(1)].map(|subject| personal(entry("x", 1, subject)));
    store.commit(home(), logs(entries.to_vec())).await.unwrap();
    store.commit(home(), logs(vec![entry("x", 1, Some(1))])).await.unwrap();
    assert_eq!(store.erase_personal(home(), id(1)).await, Ok(2));
    let log = store.log(home(), &whole_log()).await.unwrap();
    let parts = log.iter().map(|entry| (entry.personal.is_some(), entry.personal_digest.is_some()));
    assert_eq!(parts.collect::<Vec<_>>(), [(false, true), (true, true), (true, true), (false, true), (false, false)]);
    is_whole(&store).await;
    assert_eq!(store.erase_personal(home(), id(1)).await, Ok(0));
}
