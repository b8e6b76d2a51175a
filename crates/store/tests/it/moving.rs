//! Accounts are moved from any database to any other, whole or not at all, and take changes in one place at most.

use crate::make::*;
use crate::place::Place;
use provost_change::{ChangeSet, Expect, Frozen, IndexEntry, Kind, Put, Record, UniqueKey, verify};
use provost_store::{
    Begun, Compared, Indexing, Move, MoveError, Search, Side, Store, StoreError, Unindexing, give_up, remove_moved,
};
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Notify;
use uuid::Uuid;

/// A token that was not used before.
fn token() -> Uuid {
    static TOKENS: AtomicU64 = AtomicU64::new(1);
    Uuid::from_u128(TOKENS.fetch_add(1, Ordering::Relaxed).into())
}

async fn begin(from: &Side, to: &Side) -> Result<Begun, MoveError> {
    Move::begin(from, to, account(1), token()).await
}

async fn begun(from: &Side, to: &Side) -> Move {
    match begin(from, to).await.unwrap() {
        Begun::Open(moving) => moving,
        Begun::There => panic!("the account is there already"),
    }
}

async fn copied(moving: &mut Move) -> u64 {
    let mut rows = 0;
    moving.copy(&mut |so_far| rows = so_far).await.unwrap();
    rows
}

async fn compared(moving: &Move) -> Result<Compared, MoveError> {
    moving.compare(&mut |_| {}).await
}

/// Moves every account.
pub async fn move_all(from: &Place, to: &Place) {
    let (from, to) = (from.leaving().await, to.entering().await);
    for account in from.accounts(None, u64::MAX).await.unwrap() {
        let Begun::Open(mut moving) = Move::begin(&from, &to, account, token()).await.unwrap() else { panic!() };
        copied(&mut moving).await;
        moving.finish(&compared(&moving).await.unwrap()).await.unwrap();
    }
}

/// The four ways there are.
fn ways() -> [(&'static str, Place, Place); 4] {
    [
        ("folder to folder", Place::folder(), Place::folder()),
        ("folder to database", Place::folder(), Place::database()),
        ("database to folder", Place::database(), Place::folder()),
        ("database to database", Place::database(), Place::database()),
    ]
}

const USERS: u128 = 2_300;

/// A name that every user has of whom an index of PostgreSQL holds the beginning only; two of them differ behind that.
fn long_name(number: u128) -> String {
    format!("{}{number}", "long ".repeat(300))
}

fn indexed(record: Record, name: &str) -> Put {
    Put { claims: vec![key(name)], index_adds: vec![under(name), under("all")], ..put(record, Expect::Absent) }
}

/// An account with more of everything than fits on a page.
async fn fill(store: &dyn Store) {
    store.commit(account(1), new_account()).await.unwrap();
    for first in (1..=USERS).step_by(100) {
        let mut change = ChangeSet::default();
        for number in first..first + 100 {
            let name = if number % 1000 < 3 { long_name(number) } else { format!("user{number}\0") };
            let doc = serde_json::json!({ "userName": name.to_uppercase() }).to_string();
            change.puts.push(indexed(Record { doc, ..user(number, "") }, &name));
            let logged = entry("made", 1 + number as i64, Some(number));
            change.log.push(if number % 2 == 0 { personal(logged) } else { logged });
        }
        change.counts = vec![provost_change::CountChange::by("user", 100)];
        store.commit(account(1), change).await.unwrap();
    }
    let groups = [USERS + 1, USERS + 2].map(|number| put(group(number), Expect::Absent));
    let roles = (1..4).map(|number| put(Record { kind: Kind::ROLE, ..user(number, "") }, Expect::Absent));
    // Documents of which few fit on a page.
    let large = (1..5).map(|number| {
        let doc = format!(r#"{{"a":"{}"}}"#, "x".repeat(1_500_000));
        put(Record { kind: Kind::named("large"), doc, ..user(number, "") }, Expect::Absent)
    });
    let change = ChangeSet {
        puts: groups.into_iter().chain(roles).chain(large).collect(),
        members: vec![
            adds(USERS + 1, 1..=USERS),
            provost_change::MemberChange { adds: vec![nested(USERS + 1)], ..of_group(USERS + 2) },
        ],
        changes_config: true,
        ..ChangeSet::default()
    };
    store.commit(account(1), change).await.unwrap();
    store.erase_personal(account(1), id(700)).await.unwrap();
    store.prune_log(account(1), at(50)).await.unwrap();
}

/// What the store shows of the account in every way there is to ask.
async fn shown(store: &dyn Store) -> Vec<String> {
    let head = store.head(account(1)).await.unwrap().unwrap();
    let log = store.log(account(1), &whole_log()).await.unwrap();
    assert_eq!(verify(head.base, &log).map(|end| (end.seq, end.hash)), Ok((head.seq, head.hash)));
    let mut lines = vec![format!("{:?}", provost_change::Head { frozen: None, ..head }), format!("{log:?}")];
    for kind in [Kind::USER, Kind::GROUP, Kind::ROLE, Kind::named("large")] {
        lines.push(format!("{:?}", store.all(account(1), &kind, None, u64::MAX).await));
    }
    for number in [1, 2, 999, 1000, 1001, 1002, 1003, 2000, USERS] {
        let name = if number % 1000 < 3 { long_name(number) } else { format!("user{number}\0") };
        lines.push(format!("{:?}", store.by_unique(account(1), &key(&name), &Kind::USER).await));
        let found = Search { within: Some(under(&name)), ..search() };
        lines.push(format!("{:?}", store.search(account(1), &found).await));
    }
    for offset in [0, 1, 999, 1000, 1001, 1999, 2000, 2299, 2300] {
        let page = Search { offset, limit: 2, ..search() };
        lines.push(format!("{:?}", store.search(account(1), &page).await));
    }
    let all = Search { within: Some(under("all")), limit: 3, ..search() };
    lines.push(format!("{:?}", store.search(account(1), &all).await));
    for group in [USERS + 1, USERS + 2] {
        lines.push(format!("{:?}", store.members(account(1), id(group), None, u64::MAX).await));
    }
    lines.push(format!("{:?}", store.groups_of(account(1), &[id(1), id(USERS + 1)]).await));
    lines
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_account_that_was_moved_is_there_as_it_was_and_goes_on() {
    for (way, from, to) in ways() {
        let store = from.open().await;
        fill(store.as_ref()).await;
        let before = shown(store.as_ref()).await;
        let (leaving, entering) = (from.leaving().await, to.entering().await);
        let mut moving = begun(&leaving, &entering).await;
        let rows = copied(&mut moving).await;
        let compared = compared(&moving).await.unwrap();
        assert_eq!(compared.rows, rows, "{way}");
        moving.finish(&compared).await.unwrap();
        assert!(matches!(begin(&leaving, &entering).await, Ok(Begun::There)), "{way}: asked again");
        drop((moving, entering));
        let there = to.open().await;
        assert_eq!(shown(there.as_ref()).await, before, "{way}");
        assert_eq!(shown(store.as_ref()).await, before, "{way}: it is still read where it was");
        // It takes changes there, and only there.
        let change = || ChangeSet { log: vec![entry("x", 9, None)], ..create(9_000, "new") };
        let refused = store.commit(account(1), change()).await;
        assert!(matches!(refused, Err(StoreError::Frozen(Frozen::Moved(_)))), "{way}: {refused:?}");
        let last = there.head(account(1)).await.unwrap().unwrap().seq;
        assert_eq!(there.commit(account(1), change()).await.map(|committed| committed.seq), Ok(last + 1), "{way}");
        let taken = there.commit(account(1), create(9_001, &long_name(1001))).await;
        assert_eq!(taken, Err(StoreError::Uniqueness { space: SPACE.to_owned(), holder: id(1001) }), "{way}");
    }
}

/// Pages are counted as records come and go, from what a move has counted.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pages_are_found_when_an_account_changes_behind_a_move() {
    for (way, from, to) in ways() {
        fill(from.open().await.as_ref()).await;
        move_all(&from, &to).await;
        let store = to.open().await;
        for number in (1..=USERS).filter(|number| number % 1000 >= 3 && number % 3 == 0) {
            let delete = remove(number, &format!("user{number}\0"), 1);
            store.commit(account(1), delete).await.unwrap();
        }
        for number in 20_000..20_400 {
            store.commit(account(1), create(number, &number.to_string())).await.unwrap();
        }
        let all: Vec<_> = store.all(account(1), &Kind::USER, None, u64::MAX).await.unwrap();
        for offset in (0..all.len()).step_by(97) {
            let page = Search { offset: offset as u64, limit: 1, ..search() };
            let found = store.search(account(1), &page).await.unwrap();
            assert_eq!(found.records, all[offset..=offset], "{way}: {offset}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn while_it_is_moved_an_account_is_read_and_not_changed_until_the_move_is_given_up() {
    for (way, from, to) in ways() {
        let store = from.open().await;
        let log = vec![entry("x", 1, Some(1))];
        store.commit(account(1), ChangeSet { log, ..new_account() }).await.unwrap();
        store.commit(account(2), new_account()).await.unwrap();
        let (leaving, entering) = (from.leaving().await, to.entering().await);
        let mut moving = begun(&leaving, &entering).await;
        let answers = [
            store.commit(account(1), create(1, "ann")).await.map(|_| 0),
            store.rehearse(account(1), create(1, "ann")).await.map(|_| 0),
            store.prune_log(account(1), at(9)).await,
            store.erase_personal(account(1), id(1)).await,
            store.index(account(1), indexing()).await.map(|indexed| indexed.records),
            store.unindex(account(1), unindexing()).await,
        ];
        for answer in answers {
            assert!(matches!(answer, Err(StoreError::Frozen(Frozen::Moving(_)))), "{way}: {answer:?}");
        }
        assert_eq!(store.log(account(1), &whole_log()).await.unwrap().len(), 1, "{way}");
        store.commit(account(2), create(1, "ann")).await.unwrap();
        copied(&mut moving).await;
        assert_eq!(give_up(&leaving, Some(&entering), account(1)).await, Ok(true), "{way}");
        store.commit(account(1), create(1, "ann")).await.unwrap();
        assert_eq!(moving.finish(&compared_of_nothing()).await, Err(MoveError::Contested(account(1))), "{way}");
        assert_eq!(
            give_up(&leaving, Some(&entering), account(1)).await,
            Ok(false),
            "{way}: there is nothing to give up"
        );
        drop((moving, entering));
        for table in ["heads", "records", "runs", "log", "moves"] {
            let left = format!("UPDATE {table} SET account = account");
            assert!(!to.alter(&left).await, "{way}: something is left in {table}");
        }
        // Given up by who has begun it, without the target.
        let entering = to.entering().await;
        let moving = begun(&leaving, &entering).await;
        assert_eq!((moving.thaw().await, moving.thaw().await), (Ok(true), Ok(false)), "{way}");
        store.commit(account(1), create(2, "bob")).await.unwrap();
    }
}

fn indexing() -> Indexing {
    let entries = std::sync::Arc::new(|_: &Record| Ok(vec![under("x")]));
    Indexing { config: 0, kind: Kind::USER, after: None, limit: 9, entries }
}

fn unindexing() -> Unindexing {
    Unindexing { config: 0, kind: Kind::USER, attribute: ATTRIBUTE.to_owned(), limit: 9 }
}

fn compared_of_nothing() -> Compared {
    Compared { rows: 0, digest: String::new() }
}

/// Whoever writes while a move begins is either there afterwards or was refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_acknowledged_change_is_lost_and_no_refused_one_is_there() {
    for (way, from, to) in ways() {
        let store: std::sync::Arc<dyn Store> = from.open().await.into();
        store.commit(account(1), new_account()).await.unwrap();
        let writers: tokio::task::JoinSet<_> = (0..8_u128)
            .map(|writer| {
                let store = std::sync::Arc::clone(&store);
                async move {
                    let mut there = Vec::new();
                    for number in writer * 100_000.. {
                        let change =
                            ChangeSet { log: vec![entry("x", 1, None)], ..create(number, &number.to_string()) };
                        match store.commit(account(1), change).await {
                            Ok(_) => there.push(id(number)),
                            Err(StoreError::Frozen(_)) => break,
                            Err(error) => panic!("{error}"),
                        }
                    }
                    there
                }
            })
            .collect();
        while store.head(account(1)).await.unwrap().unwrap().seq < 100 {
            tokio::task::yield_now().await;
        }
        let (leaving, entering) = (from.leaving().await, to.entering().await);
        let mut moving = begun(&leaving, &entering).await;
        copied(&mut moving).await;
        moving.finish(&compared(&moving).await.unwrap()).await.unwrap();
        drop((moving, entering));
        let mut expected = writers.join_all().await.concat();
        expected.sort();
        let there = to.open().await.all(account(1), &Kind::USER, None, u64::MAX).await.unwrap();
        assert_eq!(there.iter().map(|record| record.id).collect::<Vec<_>>(), expected, "{way}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_move_that_was_ended_goes_on_where_it_was() {
    for (way, from, to) in ways() {
        let store = from.open().await;
        fill(store.as_ref()).await;
        let before = shown(store.as_ref()).await;
        let (leaving, entering) = (from.leaving().await, to.entering().await);
        let (mut all, mut parts) = (0, 0);
        loop {
            let mut moving = begun(&leaving, &entering).await;
            assert_eq!(moving.is_resumed, parts > 0, "{way}");
            let (enough, mut rows) = (Notify::new(), 0);
            let mut told = |so_far| {
                rows = so_far;
                if so_far > 2_000 {
                    enough.notify_one();
                }
            };
            let ended = tokio::select! {
                biased;
                () = enough.notified() => true,
                copied = moving.copy(&mut told) => { copied.unwrap(); false }
            };
            (all, parts) = (all + rows, parts + 1);
            if !ended {
                let compared = compared(&moving).await.unwrap();
                // The page that was being written when it was ended counts for nobody.
                assert!(
                    all <= compared.rows && all + 1_000 * parts > compared.rows,
                    "{way}: {all} of {}",
                    compared.rows
                );
                moving.finish(&compared).await.unwrap();
                break;
            }
        }
        assert!(parts > 2, "{way}: {parts}");
        drop(entering);
        assert_eq!(shown(to.open().await.as_ref()).await, before, "{way}");
    }
}

/// Between leaving the source and being at the target.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_move_that_was_ended_at_its_last_step_is_finished_or_given_up() {
    for (way, from, to) in ways() {
        from.open().await.commit(account(1), new_account()).await.unwrap();
        let (leaving, entering) = (from.leaving().await, to.entering().await);
        let left = "UPDATE heads SET frozen = REPLACE(frozen, 'moving', 'moved')";
        for finished in [false, true] {
            let mut moving = begun(&leaving, &entering).await;
            copied(&mut moving).await;
            compared(&moving).await.unwrap();
            assert!(from.alter(left).await);
            assert_eq!(moving.thaw().await, Ok(false), "{way}: not by who has not asked the target");
            assert_eq!(give_up(&leaving, None, account(1)).await, Err(MoveError::Live(account(1))), "{way}");
            if finished {
                assert!(matches!(begin(&leaving, &entering).await, Ok(Begun::There)), "{way}");
                let late = give_up(&leaving, Some(&entering), account(1)).await;
                assert_eq!(late, Err(MoveError::Live(account(1))), "{way}");
            } else {
                assert_eq!(give_up(&leaving, Some(&entering), account(1)).await, Ok(true), "{way}");
                assert_eq!(moving.finish(&compared_of_nothing()).await, Err(MoveError::Contested(account(1))), "{way}");
                from.open().await.commit(account(1), create(1, "ann")).await.unwrap();
            }
        }
        drop(entering);
        to.open().await.commit(account(1), create(2, "bob")).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_row_that_was_changed_at_the_target_is_found() {
    let of_user = "WHERE kind = 'user' AND version = 1";
    let cases = [
        ("records", format!("UPDATE records SET doc = '{{}}' {of_user}")),
        ("records", format!("UPDATE records SET state = '{{\"a\":1}}' {of_user}")),
        ("records", format!("UPDATE records SET version = 2 {of_user}")),
        ("records", format!("UPDATE records SET created = created + 1 {of_user}")),
        ("records", format!("UPDATE records SET modified = modified + 1 {of_user}")),
        ("records", format!("DELETE FROM records {of_user}")),
        ("unique_keys", "UPDATE unique_keys SET kind = 'role'".to_owned()),
        ("unique_keys", "DELETE FROM unique_keys".to_owned()),
        ("attribute_index", "UPDATE attribute_index SET attribute = 'x'".to_owned()),
        ("attribute_index", "DELETE FROM attribute_index".to_owned()),
        ("members", "UPDATE members SET kind = 'group'".to_owned()),
        ("members", "DELETE FROM members".to_owned()),
        ("log", "UPDATE log SET public = '\"other\"' WHERE seq = 1".to_owned()),
        ("log", "UPDATE log SET at = at + 1 WHERE seq = 1".to_owned()),
        ("log", "UPDATE log SET salt = NULL, personal = NULL WHERE seq = 1".to_owned()),
        ("log", "UPDATE log SET subject = NULL WHERE seq = 1".to_owned()),
        ("log", "DELETE FROM log WHERE seq = 2".to_owned()),
    ];
    for (way, from, to) in ways() {
        let store = from.open().await;
        let change = ChangeSet {
            puts: vec![indexed(user(1, "ann"), "ann"), indexed(user(2, "bob"), "bob"), put(group(3), Expect::Absent)],
            members: vec![adds(3, [1, 2])],
            log: vec![personal(entry("a", 1, Some(1))), entry("b", 2, None)],
            ..new_account()
        };
        store.commit(account(1), change).await.unwrap();
        let (leaving, entering) = (from.leaving().await, to.entering().await);
        for (table, statement) in &cases {
            let mut moving = begun(&leaving, &entering).await;
            copied(&mut moving).await;
            compared(&moving).await.unwrap();
            assert!(to.alter(statement).await, "{way}: {statement}");
            let differs = Err(MoveError::Differs { account: account(1), table });
            assert_eq!(compared(&moving).await, differs, "{way}: {statement}");
            assert_eq!(moving.thaw().await, Ok(true));
        }
        // What was copied anew is what is there.
        let mut moving = begun(&leaving, &entering).await;
        copied(&mut moving).await;
        moving.finish(&compared(&moving).await.unwrap()).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_cannot_be_moved_is_refused_and_nothing_changes() {
    for (way, from, to) in ways() {
        let store = from.open().await;
        let (leaving, entering) = (from.leaving().await, to.entering().await);
        let refused = async |from: &Side, to: &Side| begin(from, to).await.err();
        assert_eq!(refused(&leaving, &entering).await, Some(MoveError::NoAccount(account(1))), "{way}");
        assert_eq!(give_up(&leaving, None, account(1)).await, Err(MoveError::NoAccount(account(1))), "{way}");
        store.commit(account(1), new_account()).await.unwrap();
        assert_eq!(refused(&leaving, &leaving).await, Some(MoveError::Taken(account(1))), "{way}: to itself");

        let elsewhere = from.of_the_other_kind();
        let other = elsewhere.entering().await;
        let mut moving = begun(&leaving, &entering).await;
        assert_eq!(refused(&leaving, &other).await, Some(MoveError::MovingElsewhere(account(1))), "{way}");
        // Two at once: the one that comes later to a page, or to the end, is told so.
        let mut second = begun(&leaving, &entering).await;
        copied(&mut moving).await;
        assert_eq!(second.copy(&mut |_| {}).await, Err(MoveError::Contested(account(1))), "{way}");
        moving.finish(&compared(&moving).await.unwrap()).await.unwrap();
        assert_eq!(moving.finish(&compared_of_nothing()).await, Err(MoveError::Contested(account(1))), "{way}");
        assert_eq!(refused(&leaving, &other).await, Some(MoveError::MovedAway(account(1))), "{way}");
        drop((moving, second, entering, other));

        elsewhere.open().await.commit(account(1), new_account()).await.unwrap();
        let (leaving, entering) = (to.leaving().await, elsewhere.entering().await);
        assert_eq!(refused(&leaving, &entering).await, Some(MoveError::Taken(account(1))), "{way}");
        to.open().await.commit(account(1), create(1, "ann")).await.unwrap();
    }
}

/// What an account has left where it was gives way to it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_account_can_come_back() {
    for (way, here, there) in ways() {
        fill(here.open().await.as_ref()).await;
        for round in 0..2_u128 {
            for (from, to) in [(&here, &there), (&there, &here)] {
                move_all(from, to).await;
                let change = create(
                    50_000 + round * 2 + u128::from(std::ptr::eq(to, &here)),
                    &Uuid::from_u128(round).to_string(),
                );
                let named = Put { claims: vec![], ..change.puts[0].clone() };
                to.open().await.commit(account(1), puts(vec![named])).await.unwrap();
            }
        }
        let store = here.open().await;
        let users = store.all(account(1), &Kind::USER, None, u64::MAX).await.unwrap();
        assert_eq!(users.len() as u128, USERS + 4, "{way}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_left_of_an_account_is_removed_once_it_is_at_the_target() {
    for (way, from, to) in ways() {
        let store = from.open().await;
        fill(store.as_ref()).await;
        store.commit(account(2), new_account()).await.unwrap();
        store
            .commit(
                account(2),
                ChangeSet {
                    members: vec![adds(3, [1])],
                    ..puts(vec![put(group(3), Expect::Absent), put(user(1, "ann"), Expect::Absent)])
                },
            )
            .await
            .unwrap();
        let (leaving, entering) = (from.leaving().await, to.entering().await);
        assert_eq!(remove_moved(&leaving, &entering, account(1)).await, Ok(false), "{way}: it is not moved");
        let mut moving = begun(&leaving, &entering).await;
        copied(&mut moving).await;
        let compared = compared(&moving).await.unwrap();
        assert_eq!(remove_moved(&leaving, &entering, account(1)).await, Ok(false), "{way}: not yet");
        moving.finish(&compared).await.unwrap();
        let (elsewhere, not_there) = (from.of_the_other_kind(), Err(MoveError::NotThere(account(1))));
        assert_eq!(remove_moved(&leaving, &elsewhere.entering().await, account(1)).await, not_there, "{way}");
        assert_eq!(remove_moved(&leaving, &entering, account(1)).await, Ok(true), "{way}");
        let gone = Err(MoveError::NoAccount(account(1)));
        assert_eq!(remove_moved(&leaving, &entering, account(1)).await, gone, "{way}");
        drop((moving, entering));
        for (table, one_is_left) in
            [("heads", true), ("records", true), ("runs", true), ("unique_keys", false), ("log", false)]
        {
            let of_others = from.alter(&format!("UPDATE {table} SET account = account")).await;
            assert_eq!(of_others, one_is_left, "{way}: {table}");
        }
        // Whoever serves there knows it with the next change.
        store.commit(account(2), logs(vec![entry("x", 1, None)])).await.unwrap();
        assert_eq!(store.head(account(1)).await, Ok(None), "{way}");
        assert_eq!(store.commit(account(1), create(1, "x")).await, Err(StoreError::NoAccount), "{way}");
        assert_eq!(store.members(account(2), id(3), None, 9).await, Ok(vec![member(1)]), "{way}");
        to.open().await.commit(account(1), logs(vec![entry("x", 1, None)])).await.unwrap();
    }
}

/// An index row for a value that its record does not have cannot be written to a folder, where values are kept whole.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_long_value_that_stands_in_no_document_is_said() {
    let (from, to) = (Place::database(), Place::folder());
    let name = long_name(1);
    let orphan = Put {
        index_adds: vec![IndexEntry { attribute: ATTRIBUTE.to_owned(), value: name.clone() }],
        claims: vec![UniqueKey { space: SPACE.to_owned(), value: name }],
        ..put(user(1, "ann"), Expect::Absent)
    };
    let change = ChangeSet { puts: vec![orphan], ..new_account() };
    from.open().await.commit(account(1), change).await.unwrap();
    let (leaving, entering) = (from.leaving().await, to.entering().await);
    let mut moving = begun(&leaving, &entering).await;
    let said = moving.copy(&mut |_| {}).await.unwrap_err().to_string();
    let expected = format!(
        "the target cannot be used: the store is damaged: user {} of account {} is found under a value that it does not have",
        id(1),
        account(1)
    );
    assert_eq!(said, expected);
}
