//! What a commit accepts, refuses and changes.

use super::{home, on_every_store};
use crate::make::*;
use jiff::Timestamp;
use provost_change::{Bound, ChangeSet, CountChange, Expect, Kind, LogEntry, Put, Record, UniqueKey};
use provost_store::{Candidates, Search, Store, StoreError};
use std::sync::Arc;

on_every_store! {
    an_account_is_made_once,
    an_account_must_exist,
    a_refused_account_is_not_made,
    accounts_do_not_see_each_other,
    a_put_finds_what_it_expects,
    a_delete_finds_what_it_expects,
    versions_count_changes,
    a_record_named_twice_is_judged_in_order,
    content_is_stored_as_given,
    times_are_kept_in_microseconds,
    kinds_are_apart,
    another_configuration_refuses,
    a_decision_that_rests_on_nothing_being_there_is_refused_once_anything_was_committed,
    a_change_of_configuration_is_counted,
    a_unique_key_has_one_holder,
    a_claim_already_held_is_no_conflict,
    a_released_key_is_free,
    a_release_of_anothers_key_does_nothing,
    unique_keys_swap_in_one_change_set,
    two_claims_of_one_change_set_conflict,
    counts_add_up,
    a_count_of_nothing_is_forgotten,
    a_bound_holds_after_all_deltas,
    a_bound_refuses_beyond_it,
    a_refusal_changes_nothing,
    the_first_rule_that_fails_is_named,
    after_close_nothing_is_done,
}

async fn an_account_is_made_once(store: Arc<dyn Store>) {
    assert_eq!(store.commit(home(), new_account()).await, Err(StoreError::AccountExists));
    assert_eq!(store.accounts(None, 10).await, Ok(vec![home()]));
}

async fn an_account_must_exist(store: Arc<dyn Store>) {
    let nowhere = account(0xB);
    assert_eq!(store.commit(nowhere, create(1, "ann")).await, Err(StoreError::NoAccount));
    assert_eq!(store.prune_log(nowhere, at(9)).await, Err(StoreError::NoAccount));
    assert_eq!(store.erase_personal(nowhere, id(1)).await, Err(StoreError::NoAccount));
    assert_eq!(store.head(nowhere).await, Ok(None));
    assert_eq!(store.load(nowhere, &[(Kind::USER, id(1))]).await, Ok(vec![None]));
    assert_eq!(store.search(nowhere, &search()).await.unwrap().total, 0);
}

async fn a_refused_account_is_not_made(store: Arc<dyn Store>) {
    let counts = vec![CountChange { name: "user".to_owned(), delta: 1, bound: Some(Bound::AtMost(0)) }];
    let refused = ChangeSet { counts, ..new_account() };
    assert_eq!(store.commit(account(0xB), refused).await, Err(StoreError::Bound { count: "user".to_owned() }));
    assert_eq!(store.head(account(0xB)).await, Ok(None));
}

async fn accounts_do_not_see_each_other(store: Arc<dyn Store>) {
    let other = account(0xB);
    store.commit(other, new_account()).await.unwrap();
    let mut change = create(1, "ann");
    change.puts[0].index_adds = vec![under("ann@example.com")];
    change.log = vec![entry("ann", 1, Some(1))];
    store.commit(home(), change).await.unwrap();
    assert_eq!(store.load(other, &[(Kind::USER, id(1))]).await, Ok(vec![None]));
    assert_eq!(store.by_unique(other, &key("ann"), &Kind::USER).await, Ok(None));
    assert_eq!(store.all(other, &Kind::USER, None, 10).await, Ok(vec![]));
    assert_eq!(store.log(other, &whole_log()).await, Ok(vec![]));
    let candidates = Candidates::Under(vec![under("ann@example.com")]);
    assert_eq!(store.search(other, &Search { candidates, ..search() }).await.unwrap().total, 0);
    assert_eq!(store.search(other, &search()).await.unwrap().records, vec![]);
    let head = store.head(other).await.unwrap().unwrap();
    assert_eq!((head.seq, head.counts.len()), (0, 0));
    store.commit(other, create(1, "ann")).await.unwrap();
}

async fn a_put_finds_what_it_expects(store: Arc<dyn Store>) {
    store.commit(home(), create(1, "ann")).await.unwrap();
    let cases = [
        ("absent, but there", 1, Expect::Absent, Err(StoreError::VersionChanged)),
        ("another version", 1, Expect::Version(2), Err(StoreError::VersionChanged)),
        ("version 0 of what is there", 1, Expect::Version(0), Err(StoreError::VersionChanged)),
        ("the version", 1, Expect::Version(1), Ok(2)),
        ("the version before", 1, Expect::Version(1), Err(StoreError::VersionChanged)),
        ("any, there", 1, Expect::Any, Ok(3)),
        ("a version of nothing", 2, Expect::Version(1), Err(StoreError::VersionChanged)),
        ("version 0 of nothing", 2, Expect::Version(0), Err(StoreError::VersionChanged)),
        ("any, not there", 2, Expect::Any, Ok(1)),
        ("absent", 3, Expect::Absent, Ok(1)),
    ];
    for (name, number, expect, version) in cases {
        let committed = store.commit(home(), puts(vec![put(user(number, name), expect)])).await;
        assert_eq!(committed.map(drop), version.clone().map(drop), "{name}");
        if let Ok(version) = version {
            let loaded = store.load(home(), &[(Kind::USER, id(number))]).await.unwrap();
            assert_eq!(loaded, [Some(Record { version, ..user(number, name) })], "{name}");
        }
    }
}

async fn a_delete_finds_what_it_expects(store: Arc<dyn Store>) {
    store.commit(home(), create(1, "ann")).await.unwrap();
    for (version, number) in [(2, 1), (0, 1), (1, 2), (0, 2)] {
        let committed = store.commit(home(), remove(number, "ann", version)).await;
        assert_eq!(committed, Err(StoreError::VersionChanged), "version {version} of {number}");
    }
    store.commit(home(), remove(1, "ann", 1)).await.unwrap();
    assert_eq!(store.load(home(), &[(Kind::USER, id(1))]).await, Ok(vec![None]));
    assert_eq!(store.commit(home(), remove(1, "ann", 1)).await, Err(StoreError::VersionChanged));
}

async fn versions_count_changes(store: Arc<dyn Store>) {
    for version in 0..5 {
        let expect = if version == 0 { Expect::Absent } else { Expect::Version(version) };
        let given = Record { version: 77, ..user(1, "ann") };
        store.commit(home(), puts(vec![put(given, expect)])).await.unwrap();
        let loaded = store.load(home(), &[(Kind::USER, id(1))]).await.unwrap();
        assert_eq!(loaded[0].as_ref().unwrap().version, version + 1);
    }
}

async fn a_record_named_twice_is_judged_in_order(store: Arc<dyn Store>) {
    let twice = |second| puts(vec![put(user(1, "a"), Expect::Absent), put(user(1, "b"), second)]);
    assert_eq!(store.commit(home(), twice(Expect::Absent)).await, Err(StoreError::VersionChanged));
    store.commit(home(), twice(Expect::Version(1))).await.unwrap();
    let replaced = ChangeSet { deletes: remove(1, "b", 2).deletes, ..twice(Expect::Any) };
    store.commit(home(), replaced).await.unwrap();
    let loaded = store.load(home(), &[(Kind::USER, id(1))]).await.unwrap();
    assert_eq!(loaded, [Some(Record { version: 2, ..user(1, "b") })]);
    assert_eq!(store.search(home(), &search()).await.unwrap().records.len(), 1);
}

async fn content_is_stored_as_given(store: Arc<dyn Store>) {
    let long = format!(r#"{{"note":"{}"}}"#, "ä\\u0000\u{1F600}".repeat(20_000));
    let given = Record { doc: long, state: r#"{"'":"\"; DROP TABLE records; --"}"#.to_owned(), ..user(1, "ann") };
    store.commit(home(), puts(vec![put(given.clone(), Expect::Absent)])).await.unwrap();
    assert_eq!(store.load(home(), &[(Kind::USER, id(1))]).await, Ok(vec![Some(given)]));
}

async fn times_are_kept_in_microseconds(store: Arc<dyn Store>) {
    let time = |text: &str| text.parse::<Timestamp>().unwrap();
    let given = Record { created: time("1969-12-31T23:59:59.9999985Z"), ..user(1, "ann") };
    let mut change = puts(vec![put(given, Expect::Absent)]);
    change.log = vec![LogEntry { at: time("2026-01-02T03:04:05.123456789Z"), ..entry("x", 0, None) }];
    store.commit(home(), change).await.unwrap();
    let loaded = store.load(home(), &[(Kind::USER, id(1))]).await.unwrap();
    assert_eq!(loaded[0].as_ref().unwrap().created.to_string(), "1969-12-31T23:59:59.999999Z");
    let log = store.log(home(), &whole_log()).await.unwrap();
    assert_eq!(log[0].at.to_string(), "2026-01-02T03:04:05.123456Z");
    let head = store.head(home()).await.unwrap().unwrap();
    assert!(provost_change::verify(head.base, &log).is_ok());
}

async fn kinds_are_apart(store: Arc<dyn Store>) {
    let use_of_key = Record { kind: Kind::KEY_USE, ..user(1, "key") };
    let claims = Put { claims: vec![key("ann")], ..put(user(1, "ann"), Expect::Absent) };
    store.commit(home(), puts(vec![claims, put(use_of_key.clone(), Expect::Absent)])).await.unwrap();
    let other = Put { claims: vec![key("ann")], ..put(use_of_key, Expect::Any) };
    let conflict = StoreError::Uniqueness { space: SPACE.to_owned(), holder: id(1) };
    assert_eq!(store.commit(home(), puts(vec![other])).await, Err(conflict));
    assert_eq!(store.by_unique(home(), &key("ann"), &Kind::KEY_USE).await, Ok(None));
    assert_eq!(store.by_unique(home(), &key("ann"), &Kind::USER).await, Ok(Some(user(1, "ann"))));
    store.commit(home(), remove(1, "ann", 1)).await.unwrap();
    let left = store.load(home(), &[(Kind::USER, id(1)), (Kind::KEY_USE, id(1))]).await.unwrap();
    assert_eq!(left.iter().map(Option::is_some).collect::<Vec<_>>(), [false, true]);
}

async fn a_decision_that_rests_on_nothing_being_there_is_refused_once_anything_was_committed(store: Arc<dyn Store>) {
    let at = |seq| ChangeSet { seq: Some(seq), ..logs(vec![entry("x", 1, None)]) };
    let seq = store.head(home()).await.unwrap().unwrap().seq;
    assert_eq!(store.commit(home(), at(seq + 1)).await, Err(StoreError::VersionChanged));
    store.commit(home(), at(seq)).await.unwrap();
    assert_eq!(store.commit(home(), at(seq)).await, Err(StoreError::VersionChanged));
    store.commit(home(), at(seq + 1)).await.unwrap();
}

async fn another_configuration_refuses(store: Arc<dyn Store>) {
    let under = |config| ChangeSet { config: Some(config), ..logs(vec![entry("x", 1, None)]) };
    store.commit(home(), under(0)).await.unwrap();
    assert_eq!(store.commit(home(), under(1)).await, Err(StoreError::ConfigChanged));
    store.commit(home(), ChangeSet { changes_config: true, ..under(0) }).await.unwrap();
    assert_eq!(store.commit(home(), under(0)).await, Err(StoreError::ConfigChanged));
    store.commit(home(), under(1)).await.unwrap();
    assert_eq!(store.head(home()).await.unwrap().unwrap().seq, 3);
}

async fn a_change_of_configuration_is_counted(store: Arc<dyn Store>) {
    for config in 1..4 {
        store.commit(home(), ChangeSet { changes_config: true, ..ChangeSet::default() }).await.unwrap();
        assert_eq!(store.head(home()).await.unwrap().unwrap().config, config);
    }
}

async fn a_unique_key_has_one_holder(store: Arc<dyn Store>) {
    store.commit(home(), create(1, "ann")).await.unwrap();
    let conflict = StoreError::Uniqueness { space: SPACE.to_owned(), holder: id(1) };
    assert_eq!(store.commit(home(), create(2, "ann")).await, Err(conflict));
    store.commit(home(), create(2, "Ann")).await.unwrap();
    let elsewhere = UniqueKey { space: "User.externalId".to_owned(), value: "ann".to_owned() };
    let claim = Put { claims: vec![elsewhere.clone()], ..put(user(2, "Ann"), Expect::Version(1)) };
    store.commit(home(), puts(vec![claim])).await.unwrap();
    let holder = store.by_unique(home(), &elsewhere, &Kind::USER).await.unwrap();
    assert_eq!(holder.map(|record| record.id), Some(id(2)));
}

async fn a_claim_already_held_is_no_conflict(store: Arc<dyn Store>) {
    store.commit(home(), create(1, "ann")).await.unwrap();
    let again = Put { claims: vec![key("ann"), key("ann")], ..put(user(1, "ann"), Expect::Version(1)) };
    store.commit(home(), puts(vec![again])).await.unwrap();
    let both = Put { claims: vec![key("ann")], releases: vec![key("ann")], ..put(user(1, "ann"), Expect::Version(2)) };
    store.commit(home(), puts(vec![both])).await.unwrap();
    let holder = store.by_unique(home(), &key("ann"), &Kind::USER).await.unwrap();
    assert_eq!(holder.map(|record| record.version), Some(3));
}

async fn a_released_key_is_free(store: Arc<dyn Store>) {
    store.commit(home(), create(1, "ann")).await.unwrap();
    let release = Put { releases: vec![key("ann")], ..put(user(1, "eve"), Expect::Version(1)) };
    store.commit(home(), puts(vec![release])).await.unwrap();
    assert_eq!(store.by_unique(home(), &key("ann"), &Kind::USER).await, Ok(None));
    store.commit(home(), create(2, "ann")).await.unwrap();
    store.commit(home(), remove(2, "ann", 1)).await.unwrap();
    store.commit(home(), create(3, "ann")).await.unwrap();
    let deletes = remove(3, "ann", 1).deletes;
    store.commit(home(), ChangeSet { deletes, ..create(4, "ann") }).await.unwrap();
}

async fn a_release_of_anothers_key_does_nothing(store: Arc<dyn Store>) {
    store.commit(home(), create(1, "ann")).await.unwrap();
    store.commit(home(), create(2, "eve")).await.unwrap();
    let steal = Put { releases: vec![key("ann")], claims: vec![key("ann")], ..put(user(2, "eve"), Expect::Version(1)) };
    let conflict = StoreError::Uniqueness { space: SPACE.to_owned(), holder: id(1) };
    assert_eq!(store.commit(home(), puts(vec![steal.clone()])).await, Err(conflict));
    store.commit(home(), puts(vec![Put { claims: vec![], ..steal }])).await.unwrap();
    let holder = store.by_unique(home(), &key("ann"), &Kind::USER).await.unwrap();
    assert_eq!(holder.map(|record| record.id), Some(id(1)));
}

async fn unique_keys_swap_in_one_change_set(store: Arc<dyn Store>) {
    store.commit(home(), create(1, "ann")).await.unwrap();
    store.commit(home(), create(2, "eve")).await.unwrap();
    let rename = |number, from, to| Put {
        releases: vec![key(from)],
        claims: vec![key(to)],
        ..put(user(number, to), Expect::Version(1))
    };
    store.commit(home(), puts(vec![rename(1, "ann", "eve"), rename(2, "eve", "ann")])).await.unwrap();
    for (name, number) in [("ann", 2), ("eve", 1)] {
        let holder = store.by_unique(home(), &key(name), &Kind::USER).await.unwrap();
        assert_eq!(holder, Some(Record { version: 2, ..user(number, name) }));
    }
}

async fn two_claims_of_one_change_set_conflict(store: Arc<dyn Store>) {
    let change = ChangeSet { puts: [create(1, "ann").puts, create(2, "ann").puts].concat(), ..ChangeSet::default() };
    let conflict = StoreError::Uniqueness { space: SPACE.to_owned(), holder: id(1) };
    assert_eq!(store.commit(home(), change).await, Err(conflict));
    assert_eq!(store.by_unique(home(), &key("ann"), &Kind::USER).await, Ok(None));
}

async fn counts_add_up(store: Arc<dyn Store>) {
    for delta in [3, -1, 0, 5, -7] {
        let counts = vec![CountChange::by("seat", delta), CountChange::by("user.active", 1)];
        store.commit(home(), ChangeSet { counts, ..ChangeSet::default() }).await.unwrap();
    }
    let head = store.head(home()).await.unwrap().unwrap();
    assert_eq!((head.count("seat"), head.count("user.active"), head.count("other")), (0, 5, 0));
}

/// Counts that come and go, such as one for each of many short-lived things, do not pile up in the head.
async fn a_count_of_nothing_is_forgotten(store: Arc<dyn Store>) {
    let change = |name: &str, delta, bound| CountChange { name: name.to_owned(), delta, bound };
    let counts = |counts| ChangeSet { counts, ..ChangeSet::default() };
    store.commit(home(), counts(vec![change("short", 2, None), change("user", 1, None)])).await.unwrap();
    let gone = vec![change("short", -2, Some(Bound::AtMost(0))), change("never", 0, Some(Bound::AtLeast(0)))];
    store.commit(home(), counts(gone)).await.unwrap();
    let head = store.head(home()).await.unwrap().unwrap();
    assert_eq!(head.counts, [("user".to_owned(), 1)].into());
    let refused = store.commit(home(), counts(vec![change("short", 0, Some(Bound::AtLeast(1)))])).await;
    assert_eq!(refused, Err(StoreError::Bound { count: "short".to_owned() }));
}

async fn a_bound_holds_after_all_deltas(store: Arc<dyn Store>) {
    let change = |delta, bound| CountChange { name: "administrator".to_owned(), delta, bound };
    let one = Some(Bound::AtLeast(1));
    let counts = |counts| ChangeSet { counts, ..ChangeSet::default() };
    store.commit(home(), counts(vec![change(1, None)])).await.unwrap();
    store.commit(home(), counts(vec![change(-1, one), change(1, None)])).await.unwrap();
    let both = counts(vec![change(-1, one), change(1, one), change(-1, None)]);
    assert_eq!(store.commit(home(), both).await, Err(StoreError::Bound { count: "administrator".to_owned() }));
    assert_eq!(store.head(home()).await.unwrap().unwrap().count("administrator"), 1);
}

async fn a_bound_refuses_beyond_it(store: Arc<dyn Store>) {
    let cases = [
        (2, Some(Bound::AtMost(2)), true),
        (1, Some(Bound::AtMost(2)), false),
        (-1, Some(Bound::AtLeast(1)), true),
        (-1, Some(Bound::AtLeast(1)), false),
        (0, Some(Bound::AtLeast(1)), true),
        (0, Some(Bound::AtMost(0)), false),
    ];
    for (delta, bound, accepted) in cases {
        let counts = vec![CountChange { name: "seat".to_owned(), delta, bound }];
        let committed = store.commit(home(), ChangeSet { counts, ..ChangeSet::default() }).await;
        assert_eq!(committed.is_ok(), accepted, "{delta} {bound:?}: {committed:?}");
    }
}

async fn a_refusal_changes_nothing(store: Arc<dyn Store>) {
    store.commit(home(), create(1, "ann")).await.unwrap();
    let before = store.head(home()).await.unwrap();
    let mut change = create(2, "eve");
    change.puts[0].index_adds = vec![under("eve")];
    change.puts.extend(create(3, "ann").puts);
    change.deletes = remove(1, "nobody", 1).deletes;
    change.log = vec![entry("x", 1, None)];
    change.changes_config = true;
    assert!(matches!(store.commit(home(), change).await, Err(StoreError::Uniqueness { .. })));
    assert_eq!(store.head(home()).await.unwrap(), before);
    assert_eq!(store.all(home(), &Kind::USER, None, 10).await, Ok(vec![user(1, "ann")]));
    assert_eq!(store.by_unique(home(), &key("eve"), &Kind::USER).await, Ok(None));
    let candidates = Candidates::Under(vec![under("eve")]);
    assert_eq!(store.search(home(), &Search { candidates, ..search() }).await.unwrap().total, 0);
    assert_eq!(store.log(home(), &whole_log()).await, Ok(vec![]));
}

async fn the_first_rule_that_fails_is_named(store: Arc<dyn Store>) {
    store.commit(home(), create(1, "ann")).await.unwrap();
    let broken = |config| {
        let counts = vec![CountChange { name: "user".to_owned(), delta: 1, bound: Some(Bound::AtMost(1)) }];
        ChangeSet { config, counts, ..create(2, "ann") }
    };
    let mut version = broken(None);
    version.puts[0].expect = Expect::Version(4);
    let cases = [
        (ChangeSet { creates_account: true, ..broken(Some(4)) }, StoreError::AccountExists),
        (ChangeSet { config: Some(4), ..version.clone() }, StoreError::ConfigChanged),
        (version, StoreError::VersionChanged),
        (broken(None), StoreError::Uniqueness { space: SPACE.to_owned(), holder: id(1) }),
        (ChangeSet { puts: vec![], ..broken(None) }, StoreError::Bound { count: "user".to_owned() }),
    ];
    for (change, expected) in cases {
        assert_eq!(store.commit(home(), change).await, Err(expected));
    }
}

async fn after_close_nothing_is_done(store: Arc<dyn Store>) {
    store.ping().await.unwrap();
    store.close().await.unwrap();
    store.close().await.unwrap();
    let unavailable = |error: StoreError| matches!(error, StoreError::Unavailable(_));
    assert!(store.commit(home(), create(1, "ann")).await.is_err_and(unavailable));
    assert!(store.head(home()).await.is_err_and(unavailable));
    assert!(store.search(home(), &search()).await.is_err_and(unavailable));
    assert!(store.ping().await.is_err_and(unavailable));
}
