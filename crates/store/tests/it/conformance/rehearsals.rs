//! Judging without committing.

use super::{home, on_every_store};
use crate::make::*;
use provost_change::{Bound, ChangeSet, CountChange, Expect, Kind};
use provost_store::{Committed, Store, StoreError};
use std::sync::Arc;

on_every_store! {
    a_rehearsal_answers_as_a_commit_and_changes_nothing,
    a_rehearsal_sees_what_is_committed,
    a_large_rehearsal_answers_as_a_small_one,
    an_account_can_be_rehearsed,
    after_close_nothing_is_rehearsed,
}

async fn a_rehearsal_answers_as_a_commit_and_changes_nothing(store: Arc<dyn Store>) {
    store.commit(home(), create(1, "ann")).await.unwrap();
    store.commit(home(), puts(vec![put(group(9), Expect::Absent)])).await.unwrap();
    let logged = |change| ChangeSet { log: vec![entry("x", 1, None), entry("y", 1, None)], ..change };
    let bounded = CountChange { name: "user".to_owned(), delta: 1, bound: Some(Bound::AtMost(1)) };
    let cases = [
        ("accepted", logged(create(2, "eve"))),
        ("accepted, with members", logged(changes(vec![adds(9, [1])]))),
        ("accepted, a deletion", logged(remove(1, "ann", 1))),
        ("account", new_account()),
        ("configuration", ChangeSet { config: Some(7), ..create(2, "eve") }),
        ("version", remove(1, "ann", 2)),
        ("member", changes(vec![adds(9, [77])])),
        ("unique key", create(3, "eve")),
        ("bound", ChangeSet { counts: vec![bounded], ..ChangeSet::default() }),
    ];
    for (name, change) in cases {
        let before = everything(&store).await;
        let rehearsed = store.rehearse(home(), change.clone()).await;
        assert_eq!(everything(&store).await, before, "{name}");
        assert_eq!(store.commit(home(), change).await, rehearsed, "{name}");
        assert_eq!(rehearsed.is_ok(), name.starts_with("accepted"), "{name}: {rehearsed:?}");
    }
}

async fn everything(store: &Arc<dyn Store>) -> String {
    let (head, log) = (store.head(home()).await, store.log(home(), &whole_log()).await);
    let users = store.all(home(), &Kind::USER, None, 99).await;
    let groups = store.all(home(), &Kind::GROUP, None, 99).await;
    let members = store.members(home(), id(9), None, 99).await;
    let eve = store.by_unique(home(), &key("eve"), &Kind::USER).await;
    format!("{head:?} {log:?} {users:?} {groups:?} {members:?} {eve:?}")
}

async fn a_rehearsal_sees_what_is_committed(store: Arc<dyn Store>) {
    for number in 1..=20 {
        let change = create(number, "ann");
        assert!(store.rehearse(home(), change.clone()).await.is_ok());
        store.commit(home(), change.clone()).await.unwrap();
        assert_eq!(store.rehearse(home(), change).await, Err(StoreError::VersionChanged));
        store.commit(home(), remove(number, "ann", 1)).await.unwrap();
    }
}

async fn a_large_rehearsal_answers_as_a_small_one(store: Arc<dyn Store>) {
    let many = |count| puts((1..=count).map(|number| put(user(number, "x"), Expect::Absent)).collect());
    assert_eq!(store.rehearse(home(), many(500)).await, Ok(Committed { seq: 0 }));
    store.commit(home(), many(1)).await.unwrap();
    assert_eq!(store.rehearse(home(), many(500)).await, Err(StoreError::VersionChanged));
}

async fn an_account_can_be_rehearsed(store: Arc<dyn Store>) {
    let other = account(0xB);
    assert_eq!(store.rehearse(other, create(1, "ann")).await, Err(StoreError::NoAccount));
    assert_eq!(store.rehearse(other, new_account()).await, Ok(Committed { seq: 0 }));
    assert_eq!(store.head(other).await, Ok(None));
    store.commit(other, new_account()).await.unwrap();
}

async fn after_close_nothing_is_rehearsed(store: Arc<dyn Store>) {
    store.close().await.unwrap();
    let rehearsed = store.rehearse(home(), create(1, "ann")).await;
    assert!(matches!(rehearsed, Err(StoreError::Unavailable(_))), "{rehearsed:?}");
}
