//! Reads by key and in order.

use super::{home, on_every_store};
use crate::make::*;
use provost_change::{Expect, Kind, Record};
use provost_store::{Page, Search, Store};
use std::sync::Arc;

on_every_store! {
    accounts_come_in_order_and_in_pages,
    load_answers_in_the_order_of_its_keys,
    all_comes_in_order_and_in_pages,
    a_list_is_paged_in_the_order_of_ids,
    a_list_stays_exact_while_records_come_and_go,
    the_total_of_a_list_is_the_heads_count,
}

async fn accounts_come_in_order_and_in_pages(store: Arc<dyn Store>) {
    for number in [5, 3, 0xF] {
        store.commit(account(number), new_account()).await.unwrap();
    }
    assert_eq!(store.accounts(None, 2).await, Ok(vec![account(3), account(5)]));
    assert_eq!(store.accounts(Some(account(5)), 9).await, Ok(vec![home(), account(0xF)]));
    assert_eq!(store.accounts(Some(account(4)), 1).await, Ok(vec![account(5)]));
    assert_eq!(store.accounts(Some(account(0xF)), 9).await, Ok(vec![]));
    assert_eq!(store.accounts(None, 0).await, Ok(vec![]));
}

async fn load_answers_in_the_order_of_its_keys(store: Arc<dyn Store>) {
    for number in 1..=3 {
        store.commit(home(), create(number, &format!("user{number}"))).await.unwrap();
    }
    let keys = [3, 9, 1, 3].map(|number| (Kind::USER, id(number)));
    let loaded = store.load(home(), &keys).await.unwrap();
    let there = [Some(user(3, "user3")), None, Some(user(1, "user1")), Some(user(3, "user3"))];
    assert_eq!(loaded, there);
    assert_eq!(store.load(home(), &[(Kind::GROUP, id(1))]).await, Ok(vec![None]));
    assert_eq!(store.load(home(), &[]).await, Ok(vec![]));
}

async fn all_comes_in_order_and_in_pages(store: Arc<dyn Store>) {
    for number in [4, 1, 3, 2] {
        store.commit(home(), create(number, &format!("user{number}"))).await.unwrap();
    }
    let role = Record { kind: Kind::ROLE, ..user(9, "role") };
    store.commit(home(), puts(vec![put(role, Expect::Absent)])).await.unwrap();
    let all = async |after: Option<u128>, limit| {
        let all = store.all(home(), &Kind::USER, after.map(id), limit).await.unwrap();
        all.iter().map(|record| record.id).collect::<Vec<_>>()
    };
    assert_eq!(all(None, 3).await, [1, 2, 3].map(id));
    assert_eq!(all(Some(3), 3).await, [4].map(id));
    assert_eq!(all(Some(4), 3).await, []);
    assert_eq!(all(None, 0).await, []);
    assert_eq!(all(None, u64::MAX).await.len(), 4);
}

async fn page(store: &Arc<dyn Store>, offset: u64, limit: u64) -> Page {
    store.search(home(), &Search { offset, limit, ..search() }).await.unwrap()
}

async fn a_list_is_paged_in_the_order_of_ids(store: Arc<dyn Store>) {
    for number in [4, 1, 3, 5, 2] {
        store.commit(home(), create(number, &format!("user{number}"))).await.unwrap();
    }
    let cases: [(u64, u64, &[u128]); 7] = [
        (0, 2, &[1, 2]),
        (2, 2, &[3, 4]),
        (4, 2, &[5]),
        (5, 2, &[]),
        (u64::MAX, u64::MAX, &[]),
        (0, u64::MAX, &[1, 2, 3, 4, 5]),
        (0, 0, &[]),
    ];
    for (offset, limit, numbers) in cases {
        let page = page(&store, offset, limit).await;
        let ids = page.records.iter().map(|record| record.id).collect::<Vec<_>>();
        let expected = numbers.iter().copied().map(id).collect::<Vec<_>>();
        assert_eq!((ids, page.total), (expected, 5), "{limit} from {offset}");
    }
}

async fn a_list_stays_exact_while_records_come_and_go(store: Arc<dyn Store>) {
    for number in (1..=20).rev() {
        store.commit(home(), create(number, &format!("user{number}"))).await.unwrap();
    }
    for number in (1..=20).step_by(2).chain([2, 20]) {
        store.commit(home(), remove(number, &format!("user{number}"), 1)).await.unwrap();
    }
    let left = [4, 6, 8, 10, 12, 14, 16, 18];
    for (offset, number) in (0..).zip(left) {
        let page = page(&store, offset, 1).await;
        assert_eq!((page.records[0].id, page.total), (id(number), 8));
    }
    assert_eq!(page(&store, 8, 1).await.records, []);
    for number in left {
        store.commit(home(), remove(number, &format!("user{number}"), 1)).await.unwrap();
    }
    assert_eq!(page(&store, 0, 9).await, Page::default());
    store.commit(home(), create(7, "user7")).await.unwrap();
    assert_eq!(page(&store, 0, 9).await.records.len(), 1);
}

async fn the_total_of_a_list_is_the_heads_count(store: Arc<dyn Store>) {
    let mut change = create(1, "ann");
    change.counts[0].delta = 7;
    store.commit(home(), change).await.unwrap();
    let page = page(&store, 0, 9).await;
    assert_eq!((page.records.len(), page.total), (1, 7));
}
