//! Searches with candidates, filters and visibility.

use super::{home, on_every_store};
use crate::make::*;
use provost_change::{Expect, IndexEntry, Kind, Put, Record};
use provost_store::{Candidates, Search, Store, StoreError};
use std::sync::Arc;

on_every_store! {
    entries_find_their_records,
    removed_entries_find_nothing,
    a_unique_value_is_found_like_an_entry,
    beginnings_find_what_begins_so,
    ids_find_what_exists,
    a_filter_decides_among_candidates,
    a_filter_sees_meta,
    a_scan_has_a_bound,
    what_is_not_visible_is_not_counted,
    pages_of_a_search_join_to_the_whole,
    many_candidates_are_found_as_few_are,
    an_unreadable_document_is_reported,
}

/// Users 1 to 6, with even numbers visible (`seen`), and each under its remainder by 3.
async fn six(store: &Arc<dyn Store>) {
    for number in 1..=6_u128 {
        let mut change = create(number, &format!("user{number}"));
        change.puts[0].index_adds.push(under(&format!("rest{}", number % 3)));
        if number.is_multiple_of(2) {
            change.puts[0].index_adds.push(seen());
        }
        store.commit(home(), change).await.unwrap();
    }
}

fn seen() -> IndexEntry {
    IndexEntry { attribute: "User.origin".to_owned(), value: "app".to_owned() }
}

#[track_caller]
fn under_any(values: &[&str]) -> Candidates {
    Candidates::Under(values.iter().map(|value| under(value)).collect())
}

fn name(value: &str) -> IndexEntry {
    IndexEntry { attribute: SPACE.to_owned(), value: value.to_owned() }
}

async fn check(store: &Arc<dyn Store>, search: Search, numbers: &[u128], total: u64) {
    let page = store.search(home(), &search).await.unwrap();
    let ids = page.records.iter().map(|record| record.id).collect::<Vec<_>>();
    let expected = numbers.iter().copied().map(id).collect::<Vec<_>>();
    assert_eq!((ids, page.total), (expected, total), "{search:?}");
}

async fn entries_find_their_records(store: Arc<dyn Store>) {
    six(&store).await;
    let cases: [(&[&str], &[u128]); 5] = [
        (&["rest1"], &[1, 4]),
        (&["rest2", "rest1"], &[1, 2, 4, 5]),
        (&["rest0", "rest0"], &[3, 6]),
        (&["rest"], &[]),
        (&[], &[]),
    ];
    for (values, numbers) in cases {
        check(&store, Search { candidates: under_any(values), ..search() }, numbers, numbers.len() as u64).await;
    }
    let roles = Search { kind: Kind::ROLE, candidates: under_any(&["rest1"]), ..search() };
    check(&store, roles, &[], 0).await;
    let elsewhere = IndexEntry { attribute: "User.phoneNumbers.value".to_owned(), value: "rest1".to_owned() };
    check(&store, Search { candidates: Candidates::Under(vec![elsewhere]), ..search() }, &[], 0).await;
}

async fn removed_entries_find_nothing(store: Arc<dyn Store>) {
    six(&store).await;
    let moved = Put {
        index_removes: vec![under("rest1"), under("never there"), seen()],
        index_adds: vec![under("rest0"), under("rest0"), seen()],
        ..put(user(4, "user4"), Expect::Version(1))
    };
    store.commit(home(), puts(vec![moved])).await.unwrap();
    check(&store, Search { candidates: under_any(&["rest1"]), ..search() }, &[1], 1).await;
    check(&store, Search { candidates: under_any(&["rest0"]), ..search() }, &[3, 4, 6], 3).await;
    check(&store, Search { within: Some(seen()), ..search() }, &[2, 4, 6], 3).await;
    let mut gone = remove(3, "user3", 1);
    gone.deletes[0].index_removes = vec![under("rest0")];
    store.commit(home(), gone).await.unwrap();
    check(&store, Search { candidates: under_any(&["rest0"]), ..search() }, &[4, 6], 2).await;
}

async fn a_unique_value_is_found_like_an_entry(store: Arc<dyn Store>) {
    six(&store).await;
    let candidates = Candidates::Under(vec![name("user2")]);
    check(&store, Search { candidates, ..search() }, &[2], 1).await;
    let candidates = Candidates::Under(vec![name("user2"), under("rest2"), name("user1"), name("nobody")]);
    check(&store, Search { candidates, ..search() }, &[1, 2, 5], 3).await;
    let candidates = Candidates::Under(vec![name("user2")]);
    check(&store, Search { kind: Kind::ROLE, candidates, ..search() }, &[], 0).await;
}

async fn beginnings_find_what_begins_so(store: Arc<dyn Store>) {
    six(&store).await;
    let beginning = |values: &[IndexEntry]| Search { candidates: Candidates::Beginning(values.to_vec()), ..search() };
    check(&store, beginning(&[under("rest")]), &[1, 2, 3, 4, 5, 6], 6).await;
    check(&store, beginning(&[under("rest1")]), &[1, 4], 2).await;
    check(&store, beginning(&[under("rest10")]), &[], 0).await;
    check(&store, beginning(&[name("user"), under("rest1")]), &[1, 2, 3, 4, 5, 6], 6).await;
    check(&store, beginning(&[name("user2"), under("rest1")]), &[1, 2, 4], 3).await;
    check(&store, beginning(&[]), &[], 0).await;
    check(&store, Search { within: Some(seen()), ..beginning(&[under("rest")]) }, &[2, 4, 6], 3).await;
    check(&store, Search { limit: 2, offset: 1, ..beginning(&[under("rest")]) }, &[2, 3], 6).await;
    check(&store, Search { kind: Kind::ROLE, ..beginning(&[name("user"), under("rest")]) }, &[], 0).await;
    // What stands at the end of all texts is found, too.
    let last = Put { index_adds: vec![under("rest\u{10ffff}\u{10ffff}")], ..put(user(1, "user1"), Expect::Version(1)) };
    store.commit(home(), puts(vec![last])).await.unwrap();
    check(&store, beginning(&[under("rest\u{10ffff}")]), &[1], 1).await;
    check(&store, Search { scan_max: 7, ..beginning(&[under("rest")]) }, &[1, 2, 3, 4, 5, 6], 6).await;
    let bounded = Search { scan_max: 6, ..beginning(&[under("rest")]) };
    assert_eq!(store.search(home(), &bounded).await, Err(StoreError::TooMany));
    let bounded = Search { scan_max: 5, ..beginning(&[name("user")]) };
    assert_eq!(store.search(home(), &bounded).await, Err(StoreError::TooMany));
}

async fn ids_find_what_exists(store: Arc<dyn Store>) {
    six(&store).await;
    let candidates = Candidates::Ids([6, 9, 2, 6, 1].map(id).to_vec());
    check(&store, Search { candidates: candidates.clone(), ..search() }, &[1, 2, 6], 3).await;
    check(&store, Search { candidates: candidates.clone(), limit: 1, offset: 1, ..search() }, &[2], 3).await;
    check(&store, Search { candidates, within: Some(seen()), ..search() }, &[2, 6], 2).await;
    check(&store, Search { candidates: Candidates::Ids(vec![]), ..search() }, &[], 0).await;
}

async fn a_filter_decides_among_candidates(store: Arc<dyn Store>) {
    six(&store).await;
    let cases: [(Candidates, &str, &[u128]); 4] = [
        (Candidates::All, r#"userName eq "USER3" or userName ew "r5""#, &[3, 5]),
        (under_any(&["rest1"]), r#"userName co "4""#, &[4]),
        (Candidates::Ids(vec![id(1), id(2)]), r#"not (userName eq "user2")"#, &[1]),
        (Candidates::Under(vec![name("user3")]), r#"userName eq "user4""#, &[]),
    ];
    for (candidates, text, numbers) in cases {
        let search = Search { candidates, filter: filter(text), ..search() };
        check(&store, search, numbers, numbers.len() as u64).await;
    }
}

async fn a_filter_sees_meta(store: Arc<dyn Store>) {
    six(&store).await;
    let changed = Record { modified: "2026-01-02T03:04:05.123456Z".parse().unwrap(), ..user(2, "user2") };
    store.commit(home(), puts(vec![put(changed, Expect::Version(1))])).await.unwrap();
    let cases: [(&str, &[u128]); 5] = [
        (r#"meta.lastModified gt "2026-01-02T03:04:05Z""#, &[2]),
        (r#"meta.lastModified eq "2026-01-02T03:04:05.123Z""#, &[2]),
        (r#"meta.created le "1970-01-01T00:00:00Z""#, &[]),
        (r#"meta.version eq "W/\"2\"""#, &[2]),
        (r#"meta.resourceType eq "User" and userName eq "user1""#, &[1]),
    ];
    for (text, numbers) in cases {
        check(&store, Search { filter: filter(text), ..search() }, numbers, numbers.len() as u64).await;
    }
}

async fn a_scan_has_a_bound(store: Arc<dyn Store>) {
    six(&store).await;
    let text = r#"userName eq "user1""#;
    let cases = [
        (Candidates::All, None, 6, true),
        (Candidates::All, None, 5, false),
        (Candidates::All, Some(seen()), 3, true),
        (Candidates::All, Some(seen()), 2, false),
        (under_any(&["rest1", "rest2"]), None, 4, true),
        (under_any(&["rest1", "rest2"]), None, 3, false),
        (under_any(&["rest1", "rest2"]), Some(seen()), 2, true),
        (Candidates::Ids([1, 2, 77].map(id).to_vec()), None, 2, true),
        (Candidates::Ids([1, 2, 77].map(id).to_vec()), None, 1, false),
    ];
    for (candidates, within, scan_max, answered) in cases {
        let search = Search { candidates, within, scan_max, filter: filter(text), limit: 0, ..search() };
        let found = store.search(home(), &search).await;
        assert_eq!(found.map(drop).err(), (!answered).then_some(StoreError::TooMany), "{search:?}");
    }
    check(&store, Search { scan_max: 0, ..search() }, &[1, 2, 3, 4, 5, 6], 6).await;
}

async fn what_is_not_visible_is_not_counted(store: Arc<dyn Store>) {
    six(&store).await;
    let within = Some(seen());
    check(&store, Search { within: within.clone(), ..search() }, &[2, 4, 6], 3).await;
    check(&store, Search { within: within.clone(), offset: 1, limit: 1, ..search() }, &[4], 3).await;
    let filtered = Search { within: within.clone(), filter: filter(r#"userName ne "user2""#), ..search() };
    check(&store, filtered, &[4, 6], 2).await;
    let candidates = under_any(&["rest1", "rest2"]);
    check(&store, Search { candidates, within: within.clone(), ..search() }, &[2, 4], 2).await;
    let candidates = Candidates::Under(vec![name("user1")]);
    check(&store, Search { candidates, within, ..search() }, &[], 0).await;
}

async fn pages_of_a_search_join_to_the_whole(store: Arc<dyn Store>) {
    six(&store).await;
    let searches = [
        search(),
        Search { filter: filter(r#"userName ne "user5""#), ..search() },
        Search { candidates: under_any(&["rest0", "rest1"]), ..search() },
        Search { within: Some(seen()), ..search() },
    ];
    for whole in searches {
        let expected = store.search(home(), &whole).await.unwrap();
        for limit in 1..=4 {
            let mut joined = Vec::new();
            for page in 0..expected.total.div_ceil(limit) {
                let search = Search { offset: page * limit, limit, ..whole.clone() };
                let page = store.search(home(), &search).await.unwrap();
                assert_eq!(page.total, expected.total);
                joined.extend(page.records);
            }
            assert_eq!(joined, expected.records, "{limit} at a time: {whole:?}");
        }
    }
}

/// More than are looked at on the calling thread.
async fn many_candidates_are_found_as_few_are(store: Arc<dyn Store>) {
    let mut change =
        puts((1..=700).map(|number| put(user(number, &format!("user{number}")), Expect::Absent)).collect());
    for put in &mut change.puts {
        put.index_adds = vec![under("all"), seen()];
    }
    store.commit(home(), change).await.unwrap();
    let ids = Candidates::Ids((1..=701).map(id).collect());
    for candidates in [under_any(&["all"]), ids] {
        let found = Search { candidates, offset: 600, limit: 2, ..search() };
        check(&store, found.clone(), &[601, 602], 700).await;
        check(&store, Search { within: Some(seen()), ..found.clone() }, &[601, 602], 700).await;
        let filtered = Search { filter: filter(r#"userName ne "user1""#), ..found };
        check(&store, filtered.clone(), &[602, 603], 699).await;
        assert_eq!(store.search(home(), &Search { scan_max: 699, ..filtered }).await, Err(StoreError::TooMany));
    }
    let page = store.search(home(), &Search { limit: 300, offset: 350, ..search() }).await.unwrap();
    assert_eq!((page.records.len(), page.records[0].id), (300, id(351)));
}

async fn an_unreadable_document_is_reported(store: Arc<dyn Store>) {
    let broken = Record { doc: "[]".to_owned(), ..user(1, "ann") };
    store.commit(home(), puts(vec![put(broken, Expect::Absent)])).await.unwrap();
    let found = store.search(home(), &Search { filter: filter("userName pr"), ..search() }).await;
    assert!(matches!(found, Err(StoreError::Corrupt(_))), "{found:?}");
}
