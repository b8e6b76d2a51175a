//! A server that goes away and comes back, and values that PostgreSQL would refuse.

use super::super::make::*;
use super::schema::beside;
use provost_change::{Expect, IndexEntry, Kind, Put, Record, UniqueKey};
use provost_scim::SortOrder;
use provost_store::{Candidates, DatabaseUrl, PostgresStore, Search, Sort, Store, StoreError};
use provost_testkit::PostgresServer;
use uuid::Uuid;

/// Asks until the answer is another one than `Unavailable`.
async fn recovered<T, F: Future<Output = Result<T, StoreError>>>(mut ask: impl FnMut() -> F) -> Result<T, StoreError> {
    for _ in 0..500 {
        match ask().await {
            Err(StoreError::Unavailable(_)) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
            answer => return answer,
        }
    }
    ask().await
}

#[tokio::test]
async fn connections_that_are_killed_are_made_anew() {
    let database = PostgresServer::shared().database();
    let store = open_postgres(&database).await;
    store.commit(account(1), new_account()).await.unwrap();
    let client = beside(&database).await;
    for round in 0..5 {
        let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()";
        client.query(kill, &[]).await.unwrap();
        recovered(|| store.head(account(1))).await.unwrap();
        let made = recovered(|| store.commit(account(1), create(round, &format!("user{round}")))).await;
        assert!(made.is_ok() || made == Err(StoreError::VersionChanged), "{made:?}");
    }
    assert_eq!(store.head(account(1)).await.unwrap().unwrap().count("user"), 5);
}

#[tokio::test]
async fn a_server_that_is_away_is_reported_and_found_again() {
    let server = PostgresServer::start();
    let database = server.database();
    let store = open_postgres(&database).await;
    store.commit(account(1), new_account()).await.unwrap();
    store.commit(account(1), create(1, "ann")).await.unwrap();
    server.kill();
    let answers = [
        store.commit(account(1), create(2, "bob")).await.map(drop),
        store.head(account(1)).await.map(drop),
        store.search(account(1), &search()).await.map(drop),
        store.ping().await,
    ];
    for answer in answers {
        assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
    }
    server.start_again();
    recovered(|| store.ping()).await.unwrap();
    recovered(|| store.commit(account(1), create(3, "eve"))).await.unwrap();
    let all = store.all(account(1), &Kind::USER, None, 9).await.unwrap();
    assert_eq!(all.iter().map(|record| record.id).collect::<Vec<_>>(), [id(1), id(3)]);
}

#[tokio::test]
async fn a_server_that_is_not_there_or_refuses_is_one_sentence_without_the_password() {
    let database = PostgresServer::shared().database();
    let folder = database.url().split('@').nth(1).unwrap().split('/').next().unwrap().to_owned();
    let cases = [
        ("postgres://ann:secret@127.0.0.1:1/d".to_owned(), "cannot connect to postgres://127.0.0.1:1/d: "),
        (format!("postgres://nobody:secret@{folder}/d"), "role \"nobody\" does not exist"),
        (format!("postgres://postgres:secret@{folder}/missing"), "database \"missing\" does not exist"),
    ];
    for (url, expected) in cases {
        let url: DatabaseUrl = url.parse().unwrap();
        let refused = PostgresStore::open(&url, at(0), Uuid::from_u128(1)).await.unwrap_err().to_string();
        assert!(refused.contains(expected) && !refused.contains("secret") && !refused.contains('\n'), "{refused}");
    }
}

/// A text may hold a zero, and be longer than a row of an index.
#[tokio::test]
async fn values_that_an_index_of_postgres_cannot_hold_are_stored_and_found() {
    let database = PostgresServer::shared().database();
    let store = open_postgres(&database).await;
    store.commit(account(1), new_account()).await.unwrap();
    let long = |end: &str| format!("{}{end}", (0..4000).map(|number| format!("{number:x}")).collect::<String>());
    let values = ["a\0b".to_owned(), "ann".to_owned(), long("1"), long("2")];
    for (number, value) in (1..).zip(&values) {
        let claims = vec![UniqueKey { space: SPACE.to_owned(), value: value.clone() }];
        let index_adds = vec![IndexEntry { attribute: ATTRIBUTE.to_owned(), value: value.clone() }];
        let put = Put { claims, index_adds, ..put(user(number, "x"), Expect::Absent) };
        store.commit(account(1), puts(vec![put])).await.unwrap();
    }
    for (number, value) in (1..).zip(&values) {
        let found = store.by_unique(account(1), &key(value), &Kind::USER).await.unwrap();
        assert_eq!(found.map(|record| record.id), Some(id(number)));
        let candidates = Candidates::Under(vec![IndexEntry { attribute: ATTRIBUTE.to_owned(), value: value.clone() }]);
        let page = store.search(account(1), &Search { candidates, ..search() }).await.unwrap();
        assert_eq!(page.records.iter().map(|record| record.id).collect::<Vec<_>>(), [id(number)]);
    }
    let taken = puts(vec![Put { claims: vec![key(&values[3])], ..put(user(9, "x"), Expect::Absent) }]);
    let conflict = StoreError::Uniqueness { space: SPACE.to_owned(), holder: id(4) };
    assert_eq!(store.commit(account(1), taken).await, Err(conflict));
    let sort = Some(Sort { index: Some(SPACE.to_owned()), ..sorted("userName", SortOrder::Ascending) });
    let page = store.search(account(1), &Search { sort, limit: 2, offset: 2, ..search() }).await.unwrap();
    assert_eq!((page.records.len(), page.records[0].id), (2, id(1)));
}

/// A change set that the server refuses does not fail those that share its transaction.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_that_the_server_refuses_fails_alone() {
    let database = PostgresServer::shared().database();
    let store = open_postgres(&database).await;
    store.commit(account(1), new_account()).await.unwrap();
    let commits = (1..=20).map(|number| {
        // No JSON of ours holds a zero.
        let doc = if number == 7 { "\0".to_owned() } else { "{}".to_owned() };
        store.commit(account(1), puts(vec![put(Record { doc, ..user(number, "x") }, Expect::Absent)]))
    });
    let answers = futures_util::future::join_all(commits).await;
    let refused: Vec<usize> =
        answers.iter().enumerate().filter(|(_, answer)| answer.is_err()).map(|(place, _)| place + 1).collect();
    assert_eq!(refused, [7], "{answers:?}");
    assert_eq!(store.all(account(1), &Kind::USER, None, 99).await.unwrap().len(), 19);
}

/// A page deep inside of a long list is the right one, whatever has come and gone.
#[tokio::test]
async fn every_offset_of_a_long_list_is_found() {
    let database = PostgresServer::shared().database();
    let store = open_postgres(&database).await;
    store.commit(account(1), new_account()).await.unwrap();
    for thousand in 0..6 {
        let made = (0..1000).map(|number| put(user(thousand * 1000 + number, "x"), Expect::Absent));
        let mut change = puts(made.collect());
        change.counts.push(provost_change::CountChange::by("user", 1000));
        store.commit(account(1), change).await.unwrap();
    }
    let gone = (0..6000).filter(|number| number % 3 == 0);
    let deletes = gone.map(|number| provost_change::Delete {
        kind: Kind::USER,
        id: id(number),
        version: 1,
        releases: vec![],
        index_removes: vec![],
    });
    let change = provost_change::ChangeSet {
        deletes: deletes.collect(),
        counts: vec![provost_change::CountChange::by("user", -2000)],
        ..Default::default()
    };
    store.commit(account(1), change).await.unwrap();
    let left: Vec<u128> = (0..6000).filter(|number| number % 3 != 0).collect();
    for offset in [0, 1, 999, 1194, 1195, 1333, 2000, 2665, 3998, 3999] {
        let page = store.search(account(1), &Search { offset, limit: 2, ..search() }).await.unwrap();
        let expected: Vec<_> = left.iter().skip(offset as usize).take(2).map(|number| id(*number)).collect();
        assert_eq!((page.records.iter().map(|record| record.id).collect::<Vec<_>>(), page.total), (expected, 4000));
    }
    let runs = beside(&database).await.query("SELECT size FROM runs WHERE kind = 'user'", &[]).await.unwrap();
    assert!(runs.len() > 2 && runs.iter().map(|row| row.get::<_, i64>(0)).sum::<i64>() == 4000);
}
