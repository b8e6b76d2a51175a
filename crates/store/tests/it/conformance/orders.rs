//! In which order a search answers, and from where on.

use super::{home, on_every_store};
use crate::make::*;
use provost_change::{CountChange, Expect, IndexEntry, Kind, Put, Record};
use provost_scim::SortOrder::{self, Ascending, Descending};
use provost_store::{Candidates, Search, Sort, Store, StoreError};
use std::sync::Arc;

on_every_store! {
    a_page_follows_a_record,
    pages_that_follow_each_other_join_to_the_whole,
    an_order_is_by_value_then_by_id,
    many_of_one_value_stay_in_the_order_of_their_ids,
    an_order_sees_meta,
    an_index_gives_the_same_order,
    an_index_beside_unique_values_gives_the_same_order,
    sorted_pages_join_to_the_whole,
    a_sort_has_a_bound,
    a_sorted_page_does_not_follow_a_record,
}

const TITLE: &str = "User.title";

/// Users 1 to 7 with unique names in the reverse order; 2, 4 and 7 have the title "a", 3 and 6 "b", the others none. Odd ones
/// are visible.
async fn seven(store: &Arc<dyn Store>) {
    let puts = (1..=7_u128).map(|number| {
        let (name, title) = (format!("user{}", 9 - number), title(number));
        let doc = match title {
            Some(title) => format!(r#"{{"userName":"{name}","title":"{title}"}}"#),
            None => format!(r#"{{"userName":"{name}"}}"#),
        };
        let mut index_adds = vec![under("all")];
        index_adds.extend((number % 2 == 1).then(seen));
        let record = Record { doc, ..user(number, "") };
        Put { claims: vec![key(&name)], index_adds, ..put(record, Expect::Absent) }
    });
    let counts = vec![CountChange::by("user", 7)];
    let puts = super::super::make::puts(puts.collect());
    store.commit(home(), provost_change::ChangeSet { counts, ..puts }).await.unwrap();
}

fn title(number: u128) -> Option<&'static str> {
    match number {
        2 | 4 | 7 => Some("a"),
        3 | 6 => Some("b"),
        _ => None,
    }
}

fn seen() -> IndexEntry {
    IndexEntry { attribute: "seen".to_owned(), value: "yes".to_owned() }
}

async fn numbers(store: &Arc<dyn Store>, search: &Search) -> Vec<u128> {
    let page = store.search(home(), search).await.unwrap();
    page.records.iter().map(|record| record.id.uuid().as_u128()).collect()
}

/// One search of each way that a store goes.
fn ways() -> Vec<(Search, Vec<u128>)> {
    let under_all = Candidates::Under(vec![under("all")]);
    let unlike = filter(r#"userName ne "user5""#);
    vec![
        (search(), vec![1, 2, 3, 4, 5, 6, 7]),
        (Search { filter: unlike.clone(), ..search() }, vec![1, 2, 3, 5, 6, 7]),
        (Search { within: Some(seen()), ..search() }, vec![1, 3, 5, 7]),
        (Search { within: Some(seen()), filter: filter("title pr"), ..search() }, vec![3, 7]),
        (Search { candidates: under_all.clone(), ..search() }, vec![1, 2, 3, 4, 5, 6, 7]),
        (Search { candidates: under_all.clone(), within: Some(seen()), ..search() }, vec![1, 3, 5, 7]),
        (Search { candidates: under_all, filter: unlike, ..search() }, vec![1, 2, 3, 5, 6, 7]),
        (Search { candidates: Candidates::Ids([6, 2, 4].map(id).to_vec()), ..search() }, vec![2, 4, 6]),
    ]
}

async fn a_page_follows_a_record(store: Arc<dyn Store>) {
    seven(&store).await;
    for (way, whole) in ways() {
        // Also behind ids that are not found, or not there.
        for after in 0..9_u128 {
            for (offset, limit) in [(0, 2), (1, 2), (0, 99), (9, 9), (0, 0)] {
                let search = Search { after: Some(id(after)), offset, limit, ..way.clone() };
                let behind = whole.iter().filter(|number| **number > after).copied();
                let expected = behind.skip(offset as usize).take(limit as usize).collect::<Vec<_>>();
                let page = store.search(home(), &search).await.unwrap();
                let found = page.records.iter().map(|record| record.id.uuid().as_u128()).collect::<Vec<_>>();
                assert_eq!((found, page.total), (expected, whole.len() as u64), "{search:?}");
            }
        }
    }
}

async fn pages_that_follow_each_other_join_to_the_whole(store: Arc<dyn Store>) {
    seven(&store).await;
    for (way, whole) in ways() {
        for limit in 1..=3 {
            let mut joined: Vec<u128> = Vec::new();
            loop {
                let search = Search { after: joined.last().copied().map(id), limit, ..way.clone() };
                let page = numbers(&store, &search).await;
                if page.is_empty() {
                    break;
                }
                joined.extend(page);
            }
            assert_eq!(joined, whole, "{limit} at a time: {way:?}");
        }
    }
}

async fn an_order_is_by_value_then_by_id(store: Arc<dyn Store>) {
    seven(&store).await;
    let cases: [(&str, SortOrder, [u128; 7]); 4] = [
        ("userName", Ascending, [7, 6, 5, 4, 3, 2, 1]),
        ("userName", Descending, [1, 2, 3, 4, 5, 6, 7]),
        // SRT-06: without a value last, and first the other way round.
        ("title", Ascending, [2, 4, 7, 3, 6, 1, 5]),
        ("title", Descending, [1, 5, 3, 6, 2, 4, 7]),
    ];
    for (by, order, expected) in cases {
        let sort = Some(sorted(by, order));
        assert_eq!(numbers(&store, &Search { sort: sort.clone(), ..search() }).await, expected, "{by} {order:?}");
        for (way, whole) in ways() {
            let page = store.search(home(), &Search { sort: sort.clone(), ..way.clone() }).await.unwrap();
            let found = page.records.iter().map(|record| record.id.uuid().as_u128()).collect::<Vec<_>>();
            let of_those = expected.iter().copied().filter(|number| whole.contains(number)).collect::<Vec<_>>();
            assert_eq!((found, page.total), (of_those, whole.len() as u64), "{by} {order:?}: {way:?}");
        }
    }
}

async fn many_of_one_value_stay_in_the_order_of_their_ids(store: Arc<dyn Store>) {
    let all = (1..=200).map(|number| put(user(number, &format!("user{}", number % 2)), Expect::Absent));
    store.commit(home(), puts(all.collect())).await.unwrap();
    let (even, odd) = ((1..=100).map(|number| number * 2), (1..=100).map(|number| number * 2 - 1));
    for (order, expected) in [
        (Ascending, even.clone().chain(odd.clone()).collect::<Vec<_>>()),
        (Descending, odd.chain(even).collect::<Vec<_>>()),
    ] {
        assert_eq!(numbers(&store, &Search { sort: Some(sorted("userName", order)), ..search() }).await, expected);
    }
}

async fn an_order_sees_meta(store: Arc<dyn Store>) {
    seven(&store).await;
    let record = store.load(home(), &[(Kind::USER, id(4))]).await.unwrap().remove(0).unwrap();
    let later = Record { modified: at(99), ..record };
    store.commit(home(), puts(vec![put(later, Expect::Version(1))])).await.unwrap();
    let by_change = |order| Search { sort: Some(sorted("meta.lastModified", order)), ..search() };
    assert_eq!(numbers(&store, &by_change(Ascending)).await, [1, 2, 3, 5, 6, 7, 4]);
    assert_eq!(numbers(&store, &by_change(Descending)).await, [4, 1, 2, 3, 5, 6, 7]);
}

async fn an_index_gives_the_same_order(store: Arc<dyn Store>) {
    seven(&store).await;
    let by_name = |order, index: Option<&str>| Search {
        sort: Some(Sort { index: index.map(str::to_owned), ..sorted("userName", order) }),
        ..search()
    };
    for order in [Ascending, Descending] {
        let expected = numbers(&store, &by_name(order, None)).await;
        let indexed = by_name(order, Some(SPACE));
        assert_eq!(numbers(&store, &indexed).await, expected);
        for (way, _) in ways() {
            let (plain, indexed) = (by_name(order, None).sort, indexed.sort.clone());
            let expected = numbers(&store, &Search { sort: plain, ..way.clone() }).await;
            assert_eq!(numbers(&store, &Search { sort: indexed, ..way.clone() }).await, expected, "{way:?}");
        }
    }
}

/// Where only some hold their value as a unique one, and all are indexed, each still comes once.
async fn an_index_beside_unique_values_gives_the_same_order(store: Arc<dyn Store>) {
    let values = ["b", "a", "c", "b", "a"];
    let records = (1..).zip(values).map(|(number, value)| {
        let doc = format!(r#"{{"title":"{value}"}}"#);
        let entry = IndexEntry { attribute: TITLE.to_owned(), value: value.to_owned() };
        let unique = provost_change::UniqueKey { space: TITLE.to_owned(), value: value.to_owned() };
        let claims = if number <= 3 { vec![unique] } else { vec![] };
        Put { claims, index_adds: vec![entry], ..put(Record { doc, ..user(number, "") }, Expect::Absent) }
    });
    let role = Put {
        index_adds: vec![IndexEntry { attribute: TITLE.to_owned(), value: "a".to_owned() }],
        ..put(Record { kind: Kind::ROLE, ..user(9, "") }, Expect::Absent)
    };
    store.commit(home(), puts(records.chain([role]).collect())).await.unwrap();
    for (order, expected) in [(Ascending, [2, 5, 1, 4, 3]), (Descending, [3, 1, 4, 2, 5])] {
        let sort = Sort { index: Some(TITLE.to_owned()), ..sorted("title", order) };
        let search = Search { sort: Some(sort), scan_max: 0, ..search() };
        assert_eq!(numbers(&store, &search).await, expected);
        assert_eq!(numbers(&store, &Search { offset: 1, limit: 3, ..search }).await, expected[1..4]);
    }
}

async fn sorted_pages_join_to_the_whole(store: Arc<dyn Store>) {
    seven(&store).await;
    let orders = [
        sorted("title", Descending),
        Sort { index: Some(SPACE.to_owned()), ..sorted("userName", Ascending) },
        Sort { index: Some(SPACE.to_owned()), ..sorted("userName", Descending) },
    ];
    for sort in orders {
        for (way, whole) in ways() {
            let way = Search { sort: Some(sort.clone()), ..way };
            let expected = numbers(&store, &way).await;
            assert_eq!(expected.len(), whole.len());
            let mut joined = Vec::new();
            for offset in (0..8).step_by(2) {
                joined.extend(numbers(&store, &Search { offset, limit: 2, ..way.clone() }).await);
            }
            assert_eq!(joined, expected, "{way:?}");
        }
    }
}

async fn a_sort_has_a_bound(store: Arc<dyn Store>) {
    seven(&store).await;
    let by_name = sorted("userName", Ascending);
    let by_index = Sort { index: Some(SPACE.to_owned()), ..by_name.clone() };
    let ids = Candidates::Ids([1, 2, 99].map(id).to_vec());
    let cases = [
        ("all", search(), &by_name, 7),
        ("all, by index", search(), &by_index, 0),
        ("visible", Search { within: Some(seen()), ..search() }, &by_index, 4),
        ("filtered", Search { filter: filter("title pr"), ..search() }, &by_index, 7),
        ("under", Search { candidates: Candidates::Under(vec![under("all")]), ..search() }, &by_name, 7),
        ("ids", Search { candidates: ids, ..search() }, &by_index, 2),
    ];
    for (name, way, sort, bound) in cases {
        let search = |scan_max| Search { sort: Some(sort.clone()), scan_max, limit: 1, ..way.clone() };
        assert!(store.search(home(), &search(bound)).await.is_ok(), "{name}");
        if bound > 0 {
            let refused = store.search(home(), &search(bound - 1)).await;
            assert_eq!(refused, Err(StoreError::TooMany), "{name}");
        }
    }
}

async fn a_sorted_page_does_not_follow_a_record(store: Arc<dyn Store>) {
    seven(&store).await;
    for index in [None, Some(SPACE.to_owned())] {
        let sort = Some(Sort { index, ..sorted("userName", Ascending) });
        let search = Search { sort, after: Some(id(5)), ..search() };
        assert_eq!(numbers(&store, &search).await, [7, 6, 5, 4, 3, 2, 1]);
    }
}
