//! Index entries that are made and removed without a write of what they find.

use super::{home, on_every_store};
use crate::make::*;
use provost_change::{ChangeSet, Expect, IndexEntry, Kind, Put, ResourceId};
use provost_store::{Candidates, Entries, Indexed, Indexing, Search, Store, StoreError, Unindexing};
use std::sync::Arc;

on_every_store! {
    records_are_entered_page_by_page_and_do_not_change,
    entries_are_removed_page_by_page,
    another_configuration_refuses,
    what_cannot_be_entered_leaves_nothing,
    no_write_is_lost_on_the_index,
    many_under_one_entry_are_counted_and_paged,
}

/// By the name in the document, whatever it is.
fn by_name() -> Entries {
    Arc::new(|record| {
        let value = record.doc.trim_start_matches(r#"{"userName":""#).trim_end_matches(r#""}"#).to_owned();
        if value.is_empty() { Err(StoreError::Corrupt("no name".to_owned())) } else { Ok(vec![under(&value)]) }
    })
}

fn indexing(after: Option<ResourceId>, limit: u64) -> Indexing {
    Indexing { config: 0, kind: Kind::USER, after, limit, entries: by_name() }
}

fn unindexing(limit: u64) -> Unindexing {
    Unindexing { config: 0, kind: Kind::USER, attribute: ATTRIBUTE.to_owned(), limit }
}

/// Who is found under a value.
async fn found(store: &Arc<dyn Store>, kind: Kind, entry: IndexEntry) -> Vec<ResourceId> {
    let search = Search { kind, candidates: Candidates::Under(vec![entry]), ..search() };
    let page = store.search(home(), &search).await.unwrap();
    assert_eq!(page.total, page.records.len() as u64);
    page.records.into_iter().map(|record| record.id).collect()
}

async fn users(store: &Arc<dyn Store>, names: &[&str]) {
    for (number, name) in (1..).zip(names) {
        let change = puts(vec![put(user(number, name), Expect::Absent)]);
        store.commit(home(), change).await.unwrap();
    }
}

async fn records_are_entered_page_by_page_and_do_not_change(store: Arc<dyn Store>) {
    users(&store, &["a", "b", "a", "c", "a"]).await;
    store.commit(home(), puts(vec![put(group(9), Expect::Absent)])).await.unwrap();
    let before = store.all(home(), &Kind::USER, None, 100).await.unwrap();
    let head = store.head(home()).await.unwrap();
    let mut after = None;
    let mut pages = Vec::new();
    loop {
        let Indexed { records, last } = store.index(home(), indexing(after, 2)).await.unwrap();
        pages.push(records);
        let Some(last) = last else { break };
        after = Some(last);
        assert!(found(&store, Kind::USER, under("a")).await.iter().all(|id| *id <= last), "only what was come to");
    }
    assert_eq!(pages, [2, 2, 1, 0]);
    assert_eq!(found(&store, Kind::USER, under("a")).await, [id(1), id(3), id(5)]);
    assert_eq!(found(&store, Kind::USER, under("c")).await, [id(4)]);
    assert_eq!(found(&store, Kind::GROUP, under("a")).await, []);
    let again = store.index(home(), indexing(None, 100)).await.unwrap();
    assert_eq!(again, Indexed { records: 5, last: Some(id(5)) });
    assert_eq!(found(&store, Kind::USER, under("a")).await, [id(1), id(3), id(5)]);
    assert_eq!(store.all(home(), &Kind::USER, None, 100).await.unwrap(), before, "no version, no time");
    assert_eq!(store.head(home()).await.unwrap(), head, "no entry in the log");
}

async fn entries_are_removed_page_by_page(store: Arc<dyn Store>) {
    users(&store, &["a", "b", "a", "c", "a"]).await;
    let other = IndexEntry { attribute: format!("{ATTRIBUTE}s"), value: "a".to_owned() };
    let more = Put { index_adds: vec![other.clone(), under("d")], ..put(user(1, "a"), Expect::Version(1)) };
    let in_group = Put { index_adds: vec![under("a")], ..put(group(9), Expect::Absent) };
    store.commit(home(), puts(vec![more, in_group])).await.unwrap();
    store.index(home(), indexing(None, 100)).await.unwrap();
    let mut gone = Vec::new();
    for limit in [0, 2, 1, 1, 2, 1] {
        gone.push(store.unindex(home(), unindexing(limit)).await.unwrap());
    }
    assert_eq!(gone, [0, 2, 1, 1, 2, 0]);
    for value in ["a", "b", "c", "d"] {
        assert_eq!(found(&store, Kind::USER, under(value)).await, [], "{value}");
    }
    assert_eq!(found(&store, Kind::USER, other).await, [id(1)]);
    assert_eq!(found(&store, Kind::GROUP, under("a")).await, [id(9)]);
}

async fn another_configuration_refuses(store: Arc<dyn Store>) {
    users(&store, &["a"]).await;
    let under_config =
        |config| Search { candidates: Candidates::Under(vec![under("a")]), config: Some(config), ..search() };
    assert!(store.search(home(), &under_config(0)).await.is_ok());
    store.commit(home(), ChangeSet { changes_config: true, ..ChangeSet::default() }).await.unwrap();
    assert_eq!(store.index(home(), indexing(None, 9)).await, Err(StoreError::ConfigChanged));
    assert_eq!(store.unindex(home(), unindexing(9)).await, Err(StoreError::ConfigChanged));
    assert_eq!(store.search(home(), &under_config(0)).await, Err(StoreError::ConfigChanged));
    assert_eq!(found(&store, Kind::USER, under("a")).await, []);
    store.index(home(), Indexing { config: 1, ..indexing(None, 9) }).await.unwrap();
    assert_eq!(store.search(home(), &under_config(1)).await.map(|page| page.total), Ok(1));
    assert_eq!(store.index(account(0xB), indexing(None, 9)).await, Err(StoreError::NoAccount));
    assert_eq!(store.unindex(account(0xB), unindexing(9)).await, Err(StoreError::NoAccount));
}

async fn what_cannot_be_entered_leaves_nothing(store: Arc<dyn Store>) {
    users(&store, &["a", ""]).await;
    let refused = store.index(home(), indexing(None, 9)).await;
    assert_eq!(refused, Err(StoreError::Corrupt("no name".to_owned())));
    assert_eq!(found(&store, Kind::USER, under("a")).await, []);
    assert!(store.index(home(), indexing(None, 1)).await.is_ok(), "what comes before it can be");
}

/// Writers who keep the entries of an index that is being built, as its configuration asks of them: changes, removals and new records.
async fn no_write_is_lost_on_the_index(store: Arc<dyn Store>) {
    const USERS: u128 = 40;
    let names: Vec<String> = (1..=USERS).map(|number| format!("old{number}")).collect();
    users(&store, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let writers = (0..4_u128).map(|writer| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            for number in (1..=USERS).filter(|number| number % 4 == writer) {
                let (old, new) = (under(&format!("old{number}")), under(&format!("new{number}")));
                let mut change = puts(vec![Put {
                    index_adds: vec![new.clone()],
                    index_removes: vec![old],
                    ..put(user(number, &new.value), Expect::Version(1))
                }]);
                let joins = number + USERS;
                change.puts.push(Put { index_adds: vec![under("new")], ..put(user(joins, "new"), Expect::Absent) });
                store.commit(home(), change).await.unwrap();
                if number.is_multiple_of(3) {
                    let mut leaves = remove(number, "", 2);
                    leaves.deletes[0].index_removes = vec![new];
                    store.commit(home(), leaves).await.unwrap();
                }
            }
        })
    });
    let writers: Vec<_> = writers.collect();
    let mut after = None;
    while let Some(last) = store.index(home(), indexing(after, 3)).await.unwrap().last {
        after = Some(last);
    }
    for writer in writers {
        writer.await.unwrap();
    }
    for number in 1..=USERS {
        let stays: &[ResourceId] = if number.is_multiple_of(3) { &[] } else { &[id(number)] };
        assert_eq!(found(&store, Kind::USER, under(&format!("new{number}"))).await, stays, "{number}");
        assert_eq!(found(&store, Kind::USER, under(&format!("old{number}"))).await, [], "{number}");
    }
    assert_eq!(found(&store, Kind::USER, under("new")).await.len() as u128, USERS);
}

/// More than are listed to show a page of them.
async fn many_under_one_entry_are_counted_and_paged(store: Arc<dyn Store>) {
    const USERS: u128 = 450;
    let all = (1..=USERS).map(|number| put(user(number, "same"), Expect::Absent)).collect();
    store.commit(home(), puts(all)).await.unwrap();
    store.index(home(), indexing(None, 1_000)).await.unwrap();
    let asked = |after: Option<u128>, offset, limit| Search {
        candidates: Candidates::Under(vec![under("same")]),
        after: after.map(id),
        offset,
        limit,
        scan_max: 10,
        ..search()
    };
    let holds = Put {
        claims: vec![provost_change::UniqueKey { space: ATTRIBUTE.to_owned(), value: "same".to_owned() }],
        ..put(user(USERS + 1, "other"), Expect::Absent)
    };
    for more in [0, 1] {
        for (after, offset, limit, first, number) in
            [(None, 0, 2, 1, 2), (None, 300, 2, 301, 2), (Some(440), 5, 100, 446, 5 + more), (None, 0, 0, 0, 0)]
        {
            let page = store.search(home(), &asked(after, offset, limit)).await.unwrap();
            let ids: Vec<ResourceId> = page.records.iter().map(|record| record.id).collect();
            assert_eq!(ids, (first..first + number).map(id).collect::<Vec<_>>(), "{after:?} {offset} {limit}");
            assert_eq!(page.total, (USERS + more) as u64);
        }
        if more == 0 {
            store.commit(home(), puts(vec![holds.clone()])).await.unwrap();
        }
    }
}
