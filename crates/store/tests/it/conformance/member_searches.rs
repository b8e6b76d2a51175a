//! Searches by membership: candidates, and what a filter sees of members and groups.

use super::{home, on_every_store};
use crate::make::*;
use provost_change::{Expect, IndexEntry, Kind, MemberChange, Put, Record, ResourceId};
use provost_scim::{Filter, Query, ResourceType};
use provost_store::{Candidates, Edges, Search, Store, StoreError};
use std::sync::Arc;

on_every_store! {
    groups_are_found_by_their_members,
    members_are_found_by_their_groups,
    candidates_by_membership_follow_the_other_rules,
    many_members_are_found_as_few_are,
    a_filter_sees_the_members_that_it_asks_about,
    a_filter_sees_the_groups_that_it_asks_about,
    a_filter_sees_no_membership_that_it_does_not_ask_about,
    memberships_of_one_id_are_told_apart_by_its_kind,
}

/// Users 1 to 4; group 10 has 1 and 2, group 11 has 2, 3 and group 10, group 12 nobody. Even numbers are visible.
async fn scene(store: &Arc<dyn Store>) {
    let users = (1..=4).map(|number| user(number, &format!("user{number}")));
    let records = users.chain((10..=12).map(group));
    let visible = |record: &Record| record.id.uuid().as_u128().is_multiple_of(2);
    let puts = records.map(|record| Put {
        index_adds: if visible(&record) { vec![seen()] } else { vec![] },
        ..put(record, Expect::Absent)
    });
    store.commit(home(), super::super::make::puts(puts.collect())).await.unwrap();
    let both = MemberChange { adds: vec![member(2), member(3), nested(10)], ..of_group(11) };
    store.commit(home(), changes(vec![adds(10, [1, 2]), both])).await.unwrap();
}

fn seen() -> IndexEntry {
    IndexEntry { attribute: "seen".to_owned(), value: "yes".to_owned() }
}

fn ids<const N: usize>(numbers: [u128; N]) -> Vec<ResourceId> {
    numbers.map(id).to_vec()
}

/// All groups.
fn groups() -> Search {
    Search { kind: Kind::GROUP, resource_type: "Group".to_owned(), ..search() }
}

fn of_groups(text: &str) -> Option<Query> {
    Some(Filter::parse(text).unwrap().resolve(&ResourceType::group().unwrap()).unwrap())
}

async fn check(store: &Arc<dyn Store>, search: Search, numbers: &[u128], total: u64) {
    let page = store.search(home(), &search).await.unwrap();
    let found = page.records.iter().map(|record| record.id.uuid().as_u128()).collect::<Vec<_>>();
    assert_eq!((found, page.total), (numbers.to_vec(), total), "{search:?}");
}

async fn groups_are_found_by_their_members(store: Arc<dyn Store>) {
    scene(&store).await;
    let cases = [
        (ids([1]), vec![10]),
        (ids([2]), vec![10, 11]),
        (ids([3, 1]), vec![10, 11]),
        (ids([10]), vec![11]),
        (ids([4, 99]), vec![]),
        (vec![], vec![]),
    ];
    for (members, expected) in cases {
        let search = Search { candidates: Candidates::Containing(members), ..groups() };
        check(&store, search.clone(), &expected, expected.len() as u64).await;
        // Users contain nobody.
        check(&store, Search { kind: Kind::USER, ..search }, &[], 0).await;
    }
}

async fn members_are_found_by_their_groups(store: Arc<dyn Store>) {
    scene(&store).await;
    let cases = [
        (ids([10]), vec![1, 2], vec![]),
        (ids([11]), vec![2, 3], vec![10]),
        (ids([11, 10, 10]), vec![1, 2, 3], vec![10]),
        (ids([12, 99, 1]), vec![], vec![]),
        (vec![], vec![], vec![]),
    ];
    for (of, users, nested) in cases {
        let candidates = Candidates::MembersOf(of);
        check(&store, Search { candidates: candidates.clone(), ..search() }, &users, users.len() as u64).await;
        check(&store, Search { candidates, ..groups() }, &nested, nested.len() as u64).await;
    }
}

async fn candidates_by_membership_follow_the_other_rules(store: Arc<dyn Store>) {
    scene(&store).await;
    let of_any = Search { candidates: Candidates::MembersOf(ids([10, 11])), ..search() };
    check(&store, Search { within: Some(seen()), ..of_any.clone() }, &[2], 1).await;
    check(&store, Search { offset: 1, limit: 1, ..of_any.clone() }, &[2], 3).await;
    check(&store, Search { after: Some(id(1)), offset: 1, ..of_any.clone() }, &[3], 3).await;
    let filtered = Search { filter: filter(r#"userName ne "user2""#), ..of_any };
    check(&store, filtered.clone(), &[1, 3], 2).await;
    assert_eq!(store.search(home(), &Search { scan_max: 2, ..filtered }).await, Err(StoreError::TooMany));
    let containing = Search { candidates: Candidates::Containing(ids([2])), ..groups() };
    check(&store, Search { within: Some(seen()), ..containing.clone() }, &[10], 1).await;
    check(&store, Search { filter: of_groups(r#"displayName ew "1""#), ..containing }, &[11], 1).await;
}

async fn many_members_are_found_as_few_are(store: Arc<dyn Store>) {
    let users = (1..=700).map(|number| put(user(number, "x"), Expect::Absent));
    let groups_of_them = (1000..1300).map(|number| put(group(number), Expect::Absent));
    store.commit(home(), puts(users.chain(groups_of_them).collect())).await.unwrap();
    let mut members = vec![adds(1000, 1..=700)];
    members.extend((1001..1300).map(|group| adds(group, [7])));
    store.commit(home(), changes(members)).await.unwrap();
    let of_one = Search { candidates: Candidates::MembersOf(ids([1000])), limit: 2, ..search() };
    check(&store, Search { offset: 600, ..of_one.clone() }, &[601, 602], 700).await;
    check(&store, Search { after: Some(id(650)), ..of_one }, &[651, 652], 700).await;
    let containing = Search { candidates: Candidates::Containing(ids([7])), limit: 2, ..groups() };
    check(&store, Search { offset: 298, ..containing.clone() }, &[1298, 1299], 300).await;
    check(&store, Search { after: Some(id(1297)), ..containing }, &[1298, 1299], 300).await;
}

async fn a_filter_sees_the_members_that_it_asks_about(store: Arc<dyn Store>) {
    scene(&store).await;
    let of = |numbers: &[u128]| Edges { members: numbers.iter().copied().map(id).collect(), ..Edges::default() };
    let any = |edges| Edges { any_member: true, ..edges };
    let is = |number: u128| format!(r#"members.value eq "{}""#, id(number));
    let cases: [(String, Edges, &[u128]); 10] = [
        (is(1), of(&[1]), &[10]),
        (is(2), of(&[2]), &[10, 11]),
        (is(10), of(&[10]), &[11]),
        (format!("not ({})", is(1)), of(&[1]), &[11, 12]),
        (format!("{} or {}", is(3), is(1)), of(&[1, 3]), &[10, 11]),
        (format!("{} and {}", is(2), is(3)), of(&[2, 3]), &[11]),
        (format!(r#"members[value eq "{}" and type eq "user"]"#, id(10)), of(&[10]), &[]),
        (format!(r#"members[value eq "{}" and type eq "group"]"#, id(10)), of(&[10]), &[11]),
        ("members pr".to_owned(), any(of(&[])), &[10, 11]),
        (format!("members pr and not ({})", is(1)), any(of(&[1])), &[11]),
    ];
    for (text, edges, expected) in cases {
        let search = Search { filter: of_groups(&text), edges, ..groups() };
        check(&store, search.clone(), expected, expected.len() as u64).await;
        // On the calling thread, too.
        let candidates = Candidates::Ids(ids([10, 11, 12]));
        check(&store, Search { candidates, ..search }, expected, expected.len() as u64).await;
    }
}

async fn a_filter_sees_the_groups_that_it_asks_about(store: Arc<dyn Store>) {
    scene(&store).await;
    let of = |numbers: &[u128]| Edges { groups: numbers.iter().copied().map(id).collect(), ..Edges::default() };
    let is = |number: u128| format!(r#"groups.value eq "{}""#, id(number));
    let cases: [(String, Edges, &[u128]); 6] = [
        (is(10), of(&[10]), &[1, 2]),
        (format!("not ({})", is(10)), of(&[10]), &[3, 4]),
        (format!("{} and {}", is(10), is(11)), of(&[10, 11]), &[2]),
        (format!(r#"{} or userName eq "user4""#, is(12)), of(&[12]), &[4]),
        ("groups pr".to_owned(), Edges { any_group: true, ..Edges::default() }, &[1, 2, 3]),
        (format!("groups pr and not ({})", is(11)), Edges { any_group: true, ..of(&[11]) }, &[1]),
    ];
    for (text, edges, expected) in cases {
        let search = Search { filter: filter(&text), edges, ..search() };
        check(&store, search, expected, expected.len() as u64).await;
    }
}

async fn a_filter_sees_no_membership_that_it_does_not_ask_about(store: Arc<dyn Store>) {
    scene(&store).await;
    check(&store, Search { filter: filter("groups pr"), ..search() }, &[], 0).await;
    check(&store, Search { filter: of_groups("members pr"), ..groups() }, &[], 0).await;
    let other = Edges { members: ids([4, 99]), groups: ids([12, 99]), ..Edges::default() };
    check(&store, Search { filter: filter("groups pr"), edges: other.clone(), ..search() }, &[], 0).await;
    check(&store, Search { filter: of_groups("members pr"), edges: other, ..groups() }, &[], 0).await;
}

/// Ids are unique over the whole installation; where they are not, an edge still is to one record.
async fn memberships_of_one_id_are_told_apart_by_its_kind(store: Arc<dyn Store>) {
    scene(&store).await;
    store.commit(home(), puts(vec![put(group(1), Expect::Absent)])).await.unwrap();
    let first = Candidates::Ids(ids([1]));
    for edges in [Edges { groups: ids([10]), ..Edges::default() }, Edges { any_group: true, ..Edges::default() }] {
        let present = Search { candidates: first.clone(), filter: filter("groups pr"), edges, ..search() };
        check(&store, present.clone(), &[1], 1).await;
        check(&store, Search { kind: Kind::GROUP, ..present }, &[], 0).await;
    }
    let members = Edges { members: ids([2]), any_member: true, ..Edges::default() };
    store.commit(home(), puts(vec![put(user(10, "ann"), Expect::Absent)])).await.unwrap();
    let with_members = Search { filter: of_groups("members pr"), edges: members, ..search() };
    check(&store, with_members, &[], 0).await;
}
