//! Members of groups: edges that come, go and follow their records.

use super::{home, on_every_store};
use crate::make::*;
use provost_change::{ChangeSet, Delete, Expect, Kind, Member, MemberChange, Record};
use provost_store::{Store, StoreError};
use std::sync::Arc;

on_every_store! {
    members_come_in_order_and_in_pages,
    members_are_found_among_ids,
    groups_are_found_for_each_member,
    accounts_do_not_see_each_others_members,
    a_changed_group_is_counted_once,
    what_changes_nothing_is_not_counted,
    who_goes_goes_before_who_comes,
    a_group_that_is_put_is_counted_by_its_put,
    a_group_is_made_with_its_members,
    the_last_time_given_is_the_groups,
    group_and_members_must_exist,
    a_named_version_is_the_one_before_the_change_set,
    a_refused_change_set_changes_no_members,
    who_is_deleted_leaves_its_groups,
    a_deleted_group_drops_its_members,
    who_is_made_again_is_a_member_of_nothing,
    a_group_made_again_has_no_members,
    members_of_one_id_are_told_apart_by_their_kind,
}

/// Users 1 to 4 and groups 10 to 12.
async fn people(store: &Arc<dyn Store>) {
    let users = (1..=4).map(|number| put(user(number, &format!("user{number}")), Expect::Absent));
    let groups = (10..=12).map(|number| put(group(number), Expect::Absent));
    store.commit(home(), puts(users.chain(groups).collect())).await.unwrap();
}

async fn commit(store: &Arc<dyn Store>, members: Vec<MemberChange>) {
    store.commit(home(), changes(members)).await.unwrap();
}

/// The numbers of a group's members.
async fn members(store: &Arc<dyn Store>, number: u128) -> Vec<u128> {
    let members = store.members(home(), id(number), None, u64::MAX).await.unwrap();
    members.iter().map(|member| member.id.uuid().as_u128()).collect()
}

/// A group's version, and the second of its modification.
async fn stamp(store: &Arc<dyn Store>, number: u128) -> (u64, i64) {
    let record = store.load(home(), &[(Kind::GROUP, id(number))]).await.unwrap().remove(0).unwrap();
    assert_eq!(record, Record { version: record.version, modified: record.modified, ..group(number) });
    (record.version, record.modified.as_second())
}

fn delete(kind: Kind, number: u128, version: u64) -> ChangeSet {
    let delete = Delete { kind, id: id(number), version, releases: vec![], index_removes: vec![] };
    ChangeSet { deletes: vec![delete], ..ChangeSet::default() }
}

async fn members_come_in_order_and_in_pages(store: Arc<dyn Store>) {
    people(&store).await;
    let both = MemberChange { adds: vec![nested(11), member(3), member(1), member(2)], ..of_group(10) };
    commit(&store, vec![both]).await;
    let page = async |after: Option<u128>, limit| store.members(home(), id(10), after.map(id), limit).await.unwrap();
    assert_eq!(page(None, 2).await, [member(1), member(2)]);
    assert_eq!(page(Some(2), 2).await, [member(3), nested(11)]);
    assert_eq!(page(Some(2), 1).await, [member(3)]);
    assert_eq!(page(Some(7), u64::MAX).await, [nested(11)]);
    assert_eq!(page(Some(11), 9).await, []);
    assert_eq!(page(None, 0).await, []);
    let more = async |group, most| store.has_more_members(home(), id(group), most).await.unwrap();
    let all = page(None, u64::MAX).await.len() as u64;
    assert_eq!((more(10, 0).await, more(10, all - 1).await, more(10, all).await), (true, true, false));
    assert_eq!((more(10, u64::MAX).await, more(12, 0).await, more(77, 0).await), (false, false, false));
    assert_eq!(store.members(home(), id(12), None, 9).await, Ok(vec![]));
    assert_eq!(store.members(home(), id(77), None, 9).await, Ok(vec![]));
}

async fn members_are_found_among_ids(store: Arc<dyn Store>) {
    people(&store).await;
    let both = MemberChange { adds: vec![nested(11), member(3), member(1)], ..of_group(10) };
    commit(&store, vec![both, adds(12, [2])]).await;
    let among = async |numbers: &[u128]| {
        let ids = numbers.iter().copied().map(id).collect::<Vec<_>>();
        store.members_among(home(), id(10), &ids).await.unwrap()
    };
    assert_eq!(among(&[11, 3, 2, 99, 3]).await, [member(3), nested(11)]);
    assert_eq!(among(&[]).await, []);
    // More than are looked up on the calling thread.
    assert_eq!(among(&(0..500).rev().collect::<Vec<_>>()).await, [member(1), member(3), nested(11)]);
    assert_eq!(store.members_among(home(), id(77), &[id(1)]).await, Ok(vec![]));
}

async fn groups_are_found_for_each_member(store: Arc<dyn Store>) {
    people(&store).await;
    let nest = MemberChange { adds: vec![nested(11)], ..of_group(10) };
    commit(&store, vec![adds(12, [1, 2]), adds(11, [1]), nest]).await;
    let groups = async |numbers: &[u128]| {
        let ids = numbers.iter().copied().map(id).collect::<Vec<_>>();
        store.groups_of(home(), &ids).await.unwrap()
    };
    assert_eq!(groups(&[2, 1, 3, 99, 2]).await, [vec![id(12)], vec![id(11), id(12)], vec![], vec![], vec![id(12)]]);
    // Only where it is a member itself, not through another group.
    assert_eq!(groups(&[11]).await, [[id(10)]]);
    assert_eq!(groups(&[]).await, Vec::<Vec<_>>::new());
    let many = groups(&(0..500).collect::<Vec<_>>()).await;
    assert_eq!((many.len(), many.concat()), (500, vec![id(11), id(12), id(12), id(10)]));
}

async fn accounts_do_not_see_each_others_members(store: Arc<dyn Store>) {
    let other = account(0xB);
    store.commit(other, new_account()).await.unwrap();
    people(&store).await;
    commit(&store, vec![adds(10, [1])]).await;
    assert_eq!(store.members(other, id(10), None, 9).await, Ok(vec![]));
    assert_eq!(store.members_among(other, id(10), &[id(1)]).await, Ok(vec![]));
    assert_eq!(store.groups_of(other, &[id(1)]).await, Ok(vec![vec![]]));
    assert_eq!(store.groups_of(account(0xC), &[id(1)]).await, Ok(vec![vec![]]));
    let elsewhere = store.commit(other, changes(vec![adds(10, [1])])).await;
    assert_eq!(elsewhere, Err(StoreError::VersionChanged));
}

async fn a_changed_group_is_counted_once(store: Arc<dyn Store>) {
    people(&store).await;
    commit(&store, vec![adds(10, [1, 2]), adds(10, [3]), adds(11, [1])]).await;
    assert_eq!((stamp(&store, 10).await, stamp(&store, 11).await), ((2, 5), (2, 5)));
    assert_eq!(stamp(&store, 12).await, (1, 2));
    commit(&store, vec![removes(10, [2]), adds(10, [4])]).await;
    assert_eq!((members(&store, 10).await, stamp(&store, 10).await), (vec![1, 3, 4], (3, 5)));
}

async fn what_changes_nothing_is_not_counted(store: Arc<dyn Store>) {
    people(&store).await;
    commit(&store, vec![adds(10, [1, 2])]).await;
    let cases = [
        ("who is a member comes", vec![adds(10, [1, 2, 1])]),
        ("who is none goes", vec![removes(10, [3, 99])]),
        ("one goes and comes", vec![MemberChange { removes: vec![id(1)], ..adds(10, [1]) }]),
        ("all go and come", vec![MemberChange { clear: true, ..adds(10, [2, 1]) }]),
        ("one comes, then goes", vec![adds(10, [3]), removes(10, [3])]),
        ("one goes, then comes", vec![removes(10, [1]), adds(10, [1])]),
        ("an empty group is emptied", vec![MemberChange { clear: true, ..of_group(11) }]),
        ("nothing", vec![of_group(10)]),
    ];
    for (name, members) in cases {
        let members = members.into_iter().map(|members| MemberChange { at: at(99), ..members }).collect();
        commit(&store, members).await;
        assert_eq!((stamp(&store, 10).await, stamp(&store, 11).await), ((2, 5), (1, 2)), "{name}");
    }
    assert_eq!(members(&store, 10).await, [1, 2]);
}

async fn who_goes_goes_before_who_comes(store: Arc<dyn Store>) {
    people(&store).await;
    commit(&store, vec![adds(10, [1, 2])]).await;
    commit(&store, vec![MemberChange { removes: vec![id(1), id(3)], ..adds(10, [3]) }]).await;
    assert_eq!(members(&store, 10).await, [2, 3]);
    commit(&store, vec![MemberChange { clear: true, removes: vec![id(4)], ..adds(10, [3, 4]) }]).await;
    assert_eq!(members(&store, 10).await, [3, 4]);
    commit(&store, vec![adds(10, [1]), MemberChange { clear: true, ..of_group(10) }, adds(10, [2])]).await;
    assert_eq!(members(&store, 10).await, [2]);
    assert_eq!(stamp(&store, 10).await.0, 5);
}

async fn a_group_that_is_put_is_counted_by_its_put(store: Arc<dyn Store>) {
    people(&store).await;
    let change = ChangeSet { members: vec![adds(10, [1])], ..puts(vec![put(group(10), Expect::Version(1))]) };
    store.commit(home(), change.clone()).await.unwrap();
    assert_eq!((members(&store, 10).await, stamp(&store, 10).await), (vec![1], (2, 2)));
    assert_eq!(store.commit(home(), change).await, Err(StoreError::VersionChanged));
}

async fn a_group_is_made_with_its_members(store: Arc<dyn Store>) {
    let members_of = MemberChange { adds: vec![member(1), nested(11)], ..of_group(10) };
    let records = [user(1, "ann"), group(10), group(11)];
    let puts = puts(records.into_iter().map(|record| put(record, Expect::Absent)).collect());
    store.commit(home(), ChangeSet { members: vec![members_of], ..puts }).await.unwrap();
    assert_eq!((members(&store, 10).await, stamp(&store, 10).await), (vec![1, 11], (1, 2)));
}

async fn the_last_time_given_is_the_groups(store: Arc<dyn Store>) {
    people(&store).await;
    let at_second = |seconds, members| MemberChange { at: at(seconds), ..members };
    commit(&store, vec![at_second(8, adds(10, [1])), at_second(7, adds(10, [2]))]).await;
    assert_eq!(stamp(&store, 10).await, (2, 7));
    let precise = "2026-01-02T03:04:05.123456789Z".parse().unwrap();
    commit(&store, vec![MemberChange { at: precise, ..adds(10, [3]) }]).await;
    let loaded = store.load(home(), &[(Kind::GROUP, id(10))]).await.unwrap();
    assert_eq!(loaded[0].as_ref().unwrap().modified.to_string(), "2026-01-02T03:04:05.123456Z");
}

async fn group_and_members_must_exist(store: Arc<dyn Store>) {
    people(&store).await;
    commit(&store, vec![adds(10, [1])]).await;
    let without =
        |kind, number, version, members| ChangeSet { members: vec![members], ..delete(kind, number, version) };
    let role = Member { kind: Kind::ROLE, id: id(2) };
    let cases = [
        ("no group", changes(vec![adds(77, [1])])),
        ("no group, nothing to do", changes(vec![of_group(77)])),
        ("a user is no group", changes(vec![adds(2, [1])])),
        ("no member", changes(vec![adds(10, [2, 77])])),
        ("another kind", changes(vec![MemberChange { adds: vec![role], ..of_group(10) }])),
        ("a member that goes", without(Kind::USER, 2, 1, adds(10, [2]))),
        ("a member that goes, in between", {
            let there_and_back = vec![adds(10, [2]), removes(10, [2])];
            ChangeSet { members: there_and_back, ..delete(Kind::USER, 2, 1) }
        }),
        ("a group that goes", without(Kind::GROUP, 11, 1, adds(11, [1]))),
    ];
    for (name, change) in cases {
        assert_eq!(store.commit(home(), change).await, Err(StoreError::VersionChanged), "{name}");
    }
    assert_eq!((members(&store, 10).await, stamp(&store, 10).await), (vec![1], (2, 5)));
    // Who goes needs not be there.
    commit(&store, vec![removes(10, [77, 1])]).await;
    assert_eq!(members(&store, 10).await, []);
}

async fn a_named_version_is_the_one_before_the_change_set(store: Arc<dyn Store>) {
    people(&store).await;
    let on = |version, members| MemberChange { version: Some(version), ..members };
    let twice = || vec![on(1, adds(10, [1])), on(1, adds(10, [2]))];
    let put_again = |expect, version| ChangeSet {
        members: vec![on(version, adds(10, [3]))],
        ..puts(vec![put(group(10), Expect::Version(expect))])
    };
    let made = ChangeSet { members: vec![on(1, adds(13, [1]))], ..puts(vec![put(group(13), Expect::Absent)]) };
    let cases = [
        ("another version", changes(vec![on(2, adds(10, [1]))]), false),
        ("version 0", changes(vec![on(0, adds(10, [1]))]), false),
        ("the version, for both", changes(twice()), true),
        ("the version before", changes(twice()), false),
        ("the version before, nothing to do", changes(vec![on(1, of_group(10))]), false),
        ("the version that a put makes", put_again(2, 3), false),
        ("the version that a put replaces", put_again(2, 2), true),
        ("a version of what is made", made, false),
    ];
    for (name, change, accepted) in cases {
        let expected = if accepted { Ok(()) } else { Err(StoreError::VersionChanged) };
        assert_eq!(store.commit(home(), change).await.map(drop), expected, "{name}");
    }
    assert_eq!((members(&store, 10).await, stamp(&store, 10).await.0), (vec![1, 2, 3], 3));
}

async fn a_refused_change_set_changes_no_members(store: Arc<dyn Store>) {
    people(&store).await;
    commit(&store, vec![adds(10, [1])]).await;
    store.commit(home(), create(5, "taken")).await.unwrap();
    let members_of = vec![MemberChange { clear: true, ..adds(10, [2]) }];
    let refused = store.commit(home(), ChangeSet { members: members_of, ..create(6, "taken") }).await;
    assert!(matches!(refused, Err(StoreError::Uniqueness { .. })), "{refused:?}");
    assert_eq!((members(&store, 10).await, stamp(&store, 10).await), (vec![1], (2, 5)));
}

async fn who_is_deleted_leaves_its_groups(store: Arc<dyn Store>) {
    people(&store).await;
    let nest = MemberChange { adds: vec![nested(11)], ..of_group(12) };
    commit(&store, vec![adds(10, [1, 2]), adds(11, [1, 2]), nest]).await;
    let with_log = ChangeSet { log: vec![entry("gone", 8, None), entry("x", 9, None)], ..delete(Kind::USER, 1, 1) };
    store.commit(home(), with_log).await.unwrap();
    assert_eq!((members(&store, 10).await, stamp(&store, 10).await), (vec![2], (3, 8)));
    assert_eq!(stamp(&store, 12).await, (2, 5));
    // Without an entry nobody says when. Groups that go and groups that are put are not counted.
    let deletes = [delete(Kind::USER, 2, 1).deletes, delete(Kind::GROUP, 11, 3).deletes].concat();
    let change = ChangeSet { deletes, ..puts(vec![put(group(12), Expect::Version(2))]) };
    store.commit(home(), change).await.unwrap();
    assert_eq!((members(&store, 10).await, stamp(&store, 10).await), (vec![], (4, 8)));
    assert_eq!((members(&store, 12).await, stamp(&store, 12).await), (vec![], (3, 2)));
    assert_eq!(store.groups_of(home(), &[id(1), id(2), id(11)]).await, Ok(vec![vec![]; 3]));
}

async fn a_deleted_group_drops_its_members(store: Arc<dyn Store>) {
    people(&store).await;
    let members_of = MemberChange { adds: vec![member(1), nested(11)], ..of_group(10) };
    let nest = MemberChange { adds: vec![nested(10)], ..of_group(12) };
    commit(&store, vec![members_of, nest]).await;
    let before = store.load(home(), &[(Kind::USER, id(1)), (Kind::GROUP, id(11))]).await.unwrap();
    store.commit(home(), delete(Kind::GROUP, 10, 2)).await.unwrap();
    assert_eq!(store.groups_of(home(), &[id(1), id(11)]).await, Ok(vec![vec![]; 2]));
    assert_eq!(members(&store, 10).await, []);
    assert_eq!((members(&store, 12).await, stamp(&store, 12).await), (vec![], (3, 5)));
    assert_eq!(store.load(home(), &[(Kind::USER, id(1)), (Kind::GROUP, id(11))]).await.unwrap(), before);
}

async fn who_is_made_again_is_a_member_of_nothing(store: Arc<dyn Store>) {
    people(&store).await;
    commit(&store, vec![adds(10, [1]), adds(11, [1])]).await;
    let again = ChangeSet { puts: vec![put(user(1, "ann"), Expect::Absent)], ..delete(Kind::USER, 1, 1) };
    store.commit(home(), ChangeSet { members: vec![adds(11, [1])], ..again }).await.unwrap();
    assert_eq!((members(&store, 10).await, stamp(&store, 10).await.0), (vec![], 3));
    // Where it is a member before and after, nothing has changed.
    assert_eq!((members(&store, 11).await, stamp(&store, 11).await.0), (vec![1], 2));
}

async fn a_group_made_again_has_no_members(store: Arc<dyn Store>) {
    people(&store).await;
    commit(&store, vec![adds(10, [1, 2, 3])]).await;
    let mut deletes = delete(Kind::GROUP, 10, 2).deletes;
    deletes.extend(delete(Kind::USER, 3, 1).deletes);
    let again = [put(group(10), Expect::Absent), put(user(3, "eve"), Expect::Absent)].to_vec();
    let members_of = vec![adds(10, [2, 3, 4]), MemberChange { removes: vec![id(4)], ..of_group(10) }];
    store.commit(home(), ChangeSet { deletes, members: members_of, ..puts(again) }).await.unwrap();
    assert_eq!((members(&store, 10).await, stamp(&store, 10).await), (vec![2, 3], (1, 2)));
}

/// Ids are unique over the whole installation; where they are not, an edge still is to one record.
async fn members_of_one_id_are_told_apart_by_their_kind(store: Arc<dyn Store>) {
    people(&store).await;
    let other = Record { kind: Kind::GROUP, ..user(1, "ann") };
    store.commit(home(), puts(vec![put(other, Expect::Absent)])).await.unwrap();
    commit(&store, vec![adds(10, [1])]).await;
    commit(&store, vec![MemberChange { adds: vec![nested(1)], ..of_group(10) }]).await;
    assert_eq!(store.members(home(), id(10), None, 9).await, Ok(vec![member(1)]));
    store.commit(home(), delete(Kind::GROUP, 1, 1)).await.unwrap();
    assert_eq!((members(&store, 10).await, stamp(&store, 10).await.0), (vec![1], 2));
    let again = Record { kind: Kind::GROUP, ..user(1, "ann") };
    store.commit(home(), puts(vec![put(again, Expect::Absent)])).await.unwrap();
    commit(&store, vec![MemberChange { removes: vec![id(1)], adds: vec![nested(1)], ..of_group(10) }]).await;
    assert_eq!(store.members(home(), id(10), None, 9).await, Ok(vec![nested(1)]));
    assert_eq!(stamp(&store, 10).await.0, 3);
}
