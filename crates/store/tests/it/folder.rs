//! What only a store in a folder does: it lasts, it has one owner, it grows with the program, and it fails in parts.

use crate::make::*;
use crate::place::once_free;
use provost_change::{ChangeSet, Expect, Kind, Put, Record, verify};
use provost_store::{OpenError, SqliteStore, Store, StoreError};
use rusqlite::Connection;
use std::path::Path;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use tempfile::TempDir;
use tokio::task::JoinSet;

fn open(folder: &Path) -> SqliteStore {
    once_free(|| SqliteStore::open(folder, at(0)))
}

async fn with_account() -> (TempDir, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.commit(account(1), new_account()).await.unwrap();
    (folder, store)
}

/// The database beside the store.
fn database(folder: &TempDir) -> Connection {
    Connection::open(folder.path().join("provost.db")).unwrap()
}

#[tokio::test]
async fn what_was_committed_is_there_after_opening_again() {
    let (folder, store) = with_account().await;
    let change = ChangeSet { log: vec![entry("x", 1, None)], ..create(1, "ann") };
    store.commit(account(1), change).await.unwrap();
    let head = store.head(account(1)).await.unwrap();
    drop(store);
    let store = open(folder.path());
    assert_eq!(store.head(account(1)).await.unwrap(), head);
    assert_eq!(store.load(account(1), &[(Kind::USER, id(1))]).await.unwrap(), [Some(user(1, "ann"))]);
    let conflict = StoreError::Uniqueness { space: SPACE.to_owned(), holder: id(1) };
    assert_eq!(store.commit(account(1), create(2, "ann")).await, Err(conflict));
}

#[tokio::test]
async fn what_was_queued_is_committed_before_the_store_goes() {
    let (folder, store) = with_account().await;
    {
        let mut commit = store.commit(account(1), create(1, "ann"));
        let polled = commit.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(polled, Poll::Pending | Poll::Ready(Ok(_))));
    }
    drop(store);
    let loaded = open(folder.path()).load(account(1), &[(Kind::USER, id(1))]).await.unwrap();
    assert_eq!(loaded, [Some(user(1, "ann"))]);
}

/// What a killed process leaves behind is its files as they are: the copy is opened as the next start finds them.
#[tokio::test]
async fn what_was_acknowledged_survives_a_kill() {
    let (folder, store) = with_account().await;
    store.commit(account(1), create(1, "ann")).await.unwrap();
    for opens in ["for writing", "for reading"] {
        let left = tempfile::tempdir().unwrap();
        for file in ["provost.db", "provost.db-wal"] {
            std::fs::copy(folder.path().join(file), left.path().join(file)).unwrap();
        }
        let after =
            if opens == "for writing" { open(left.path()) } else { SqliteStore::open_read_only(left.path()).unwrap() };
        let loaded = after.load(account(1), &[(Kind::USER, id(1))]).await.unwrap();
        assert_eq!(loaded, [Some(user(1, "ann"))], "{opens}");
    }
}

#[tokio::test]
async fn a_folder_has_one_owner() {
    let (folder, store) = with_account().await;
    let refused = SqliteStore::open(folder.path(), at(0)).unwrap_err();
    let sentence = format!(
        "another server uses the data folder `{}`; stop it first, or choose another folder",
        folder.path().display()
    );
    assert_eq!(refused.to_string(), sentence);
    store.close().await.unwrap();
    let next = open(folder.path());
    assert_eq!(next.accounts(None, 9).await, Ok(vec![account(1)]));
}

#[tokio::test]
async fn a_reader_looks_on_beside_a_server() {
    let (folder, store) = with_account().await;
    let reader = SqliteStore::open_read_only(folder.path()).unwrap();
    store.commit(account(1), logs(vec![personal(entry("x", 1, None))])).await.unwrap();
    let log = reader.log(account(1), &whole_log()).await.unwrap();
    let head = reader.head(account(1)).await.unwrap().unwrap();
    assert_eq!(verify(head.base, &log).map(|end| end.seq), Ok(1));
    let refused = reader.commit(account(1), create(1, "ann")).await;
    assert_eq!(refused, Err(StoreError::Unavailable("it is open for reading only".to_owned())));
    drop(store);
    reader.ping().await.unwrap();
    assert_eq!(reader.accounts(None, 9).await, Ok(vec![account(1)]));
}

/// S-72: an entry that was altered behind the store's back is named.
#[tokio::test]
async fn a_log_altered_by_sql_no_longer_verifies() {
    let (folder, store) = with_account().await;
    store.commit(account(1), logs((1..=3).map(|number| entry("x", number, None)).collect())).await.unwrap();
    store.close().await.unwrap();
    database(&folder).execute("UPDATE log SET public = '\"y\"' WHERE seq = 2", []).unwrap();
    let reader = SqliteStore::open_read_only(folder.path()).unwrap();
    let log = reader.log(account(1), &whole_log()).await.unwrap();
    let head = reader.head(account(1)).await.unwrap().unwrap();
    assert_eq!(verify(head.base, &log).map_err(|broken| broken.seq), Err(2));
}

#[test]
fn a_schema_of_another_version_is_refused() {
    let cases = [
        (
            "INSERT INTO migrations VALUES (999, 'x', 0)",
            "the database has schema 999, but this version of Provost knows only 3; use the newer version",
            "the database has schema 999, but this version of Provost knows only 3; use the newer version",
        ),
        (
            "UPDATE migrations SET checksum = 'x' WHERE number = 1",
            "migration 1 of the database is not the one that this version of Provost has; it was made by another build",
            "migration 1 of the database is not the one that this version of Provost has; it was made by another build",
        ),
        (
            "DELETE FROM migrations",
            "the database cannot be opened: table heads already exists",
            "the database has schema 0, but this version of Provost needs 3; start the server once to update it",
        ),
    ];
    for (damage, opened, read) in cases {
        let folder = tempfile::tempdir().unwrap();
        drop(open(folder.path()));
        database(&folder).execute(damage, []).unwrap();
        let refusal = SqliteStore::open(folder.path(), at(0)).unwrap_err().to_string();
        assert!(refusal.starts_with(opened), "{refusal}");
        assert_eq!(SqliteStore::open_read_only(folder.path()).unwrap_err().to_string(), read);
    }
}

#[test]
fn each_migration_is_noted_once_with_its_time() {
    let folder = tempfile::tempdir().unwrap();
    for seconds in [5, 9] {
        drop(SqliteStore::open(folder.path(), at(seconds)).unwrap());
    }
    let noted =
        database(&folder).query_row("SELECT group_concat(number || ' at ' || applied) FROM migrations", [], |row| {
            row.get::<_, String>(0)
        });
    assert_eq!(noted, Ok("1 at 5000000,2 at 5000000,3 at 5000000".to_owned()));
}

/// A database as the version before wrote it keeps what it has, and gains what is new.
#[tokio::test]
async fn a_database_of_the_first_schema_is_brought_forward() {
    let (folder, store) = with_account().await;
    store.commit(account(1), puts(vec![put(group(9), Expect::Absent)])).await.unwrap();
    store.commit(account(1), create(1, "ann")).await.unwrap();
    store.close().await.unwrap();
    drop(store);
    let back = "
        DROP TABLE members; DROP TABLE moves; ALTER TABLE heads DROP COLUMN frozen;
        DELETE FROM migrations WHERE number > 1";
    database(&folder).execute_batch(back).unwrap();
    let refused = SqliteStore::open_read_only(folder.path()).unwrap_err();
    assert!(matches!(refused, OpenError::Older { found: 1, known: 3 }), "{refused}");
    let store = open(folder.path());
    store.commit(account(1), changes(vec![adds(9, [1])])).await.unwrap();
    assert_eq!(store.members(account(1), id(9), None, 9).await, Ok(vec![member(1)]));
    let loaded = store.load(account(1), &[(Kind::USER, id(1))]).await.unwrap();
    assert_eq!(loaded, [Some(user(1, "ann"))]);
}

#[test]
fn what_is_no_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(SqliteStore::open_read_only(folder.path()), Err(OpenError::Missing(_))));
    std::fs::write(folder.path().join("provost.db"), "not a database, but long enough to look like one".repeat(99))
        .unwrap();
    assert!(matches!(SqliteStore::open(folder.path(), at(0)), Err(OpenError::Database(_))));
    assert!(matches!(SqliteStore::open_read_only(folder.path()), Err(OpenError::Database(_))));
    let file = folder.path().join("provost.db");
    assert!(matches!(SqliteStore::open(&file, at(0)), Err(OpenError::Folder { .. })));
}

#[cfg(unix)]
#[tokio::test]
async fn files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, _store) = with_account().await;
    let mut names = Vec::new();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", file.file_name());
        names.push(file.file_name().into_string().unwrap());
    }
    assert!(names.contains(&"provost.db".to_owned()) && names.contains(&"provost.db-wal".to_owned()), "{names:?}");
}

/// S-43: what was removed or erased is found nowhere in the files.
#[tokio::test]
async fn what_was_removed_is_overwritten() {
    let (folder, store) = with_account().await;
    let secret = "sea-otter-4711";
    let mut change = create(1, secret);
    change.puts[0].index_adds = vec![under(secret)];
    let mut logged = personal(entry("x", 1, Some(1)));
    logged.personal.as_mut().unwrap().json = format!("\"{secret}\"");
    change.log = vec![logged];
    store.commit(account(1), change).await.unwrap();
    let mut gone = remove(1, secret, 1);
    gone.deletes[0].index_removes = vec![under(secret)];
    store.commit(account(1), gone).await.unwrap();
    assert_eq!(store.erase_personal(account(1), id(1)).await, Ok(1));
    store.close().await.unwrap();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found, "{}", path.display());
    }
}

/// A change set that the database itself refuses fails alone, though others share its transaction.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_change_set_that_fails_to_be_written_fails_alone() {
    let (folder, store) = with_account().await;
    let poison = "CREATE TRIGGER poison BEFORE INSERT ON records WHEN NEW.doc LIKE '%poison%'
                  BEGIN SELECT RAISE(ABORT, 'poisoned'); END";
    database(&folder).execute(poison, []).unwrap();
    let store = Arc::new(store);
    let answers = (1..=100_u128).map(|number| {
        let store = Arc::clone(&store);
        let name = if number % 10 == 0 { format!("poison{number}") } else { format!("user{number}") };
        async move { (number, store.commit(account(1), create(number, &name)).await) }
    });
    for (number, answer) in answers.collect::<JoinSet<_>>().join_all().await {
        match answer {
            Ok(_) => assert_ne!(number % 10, 0),
            Err(error) => assert!(number % 10 == 0 && matches!(error, StoreError::Unavailable(_)), "{number}: {error}"),
        }
    }
    assert_eq!(store.head(account(1)).await.unwrap().unwrap().count("user"), 90);
    assert_eq!(store.all(account(1), &Kind::USER, None, 1000).await.unwrap().len(), 90);
}

#[tokio::test]
async fn damage_is_reported_as_such() {
    let (folder, store) = with_account().await;
    store.commit(account(1), create(1, "ann")).await.unwrap();
    store.commit(account(1), create(2, "eve")).await.unwrap();
    database(&folder).execute("UPDATE records SET version = -1 WHERE id = $1", [id(1).as_bytes()]).unwrap();
    database(&folder)
        .execute("UPDATE records SET created = 9223372036854775807 WHERE id = $1", [id(2).as_bytes()])
        .unwrap();
    for number in [1, 2] {
        let loaded = store.load(account(1), &[(Kind::USER, id(number))]).await;
        assert!(matches!(loaded, Err(StoreError::Corrupt(_))), "{loaded:?}");
    }
    let committed = store.commit(account(1), puts(vec![put(user(1, "ann"), Expect::Version(1))])).await;
    assert!(matches!(committed, Err(StoreError::Corrupt(_))), "{committed:?}");
    store.commit(account(1), create(3, "bob")).await.unwrap();
}

/// DESIGN 10: the last page of a long list is found as the first is, over many runs.
#[tokio::test]
async fn a_long_list_pages_exactly() {
    let (_folder, store) = with_account().await;
    let users = 5000_u128;
    let all = (0..users).map(|number| put(user(number * 3, "x"), Expect::Absent)).collect();
    store.commit(account(1), puts(all)).await.unwrap();
    // Some before, between and behind those that are there; and some go.
    let between = [1, 7000, 15_001].map(|number| put(user(number, "y"), Expect::Absent)).to_vec();
    let deletes = [0, 9, 3000].map(|number| remove(number, "", 1).deletes.remove(0)).to_vec();
    store.commit(account(1), ChangeSet { deletes, ..puts(between) }).await.unwrap();
    let mut expected =
        (0..users).map(|number| number * 3).filter(|number| ![0, 9, 3000].contains(number)).collect::<Vec<_>>();
    expected.extend([1, 7000, 15_001]);
    expected.sort_unstable();
    for offset in (0..expected.len()).step_by(37) {
        let page =
            store.search(account(1), &provost_store::Search { offset: offset as u64, limit: 3, ..search() }).await;
        let ids = page.unwrap().records.iter().map(|record| record.id).collect::<Vec<_>>();
        let wanted = expected[offset..].iter().take(3).map(|number| id(*number)).collect::<Vec<_>>();
        assert_eq!(ids, wanted, "from {offset}");
    }
    let mut joined: Vec<Record> = Vec::new();
    while let Some(page) =
        Some(store.all(account(1), &Kind::USER, joined.last().map(|record| record.id), 999).await.unwrap())
            .filter(|page| !page.is_empty())
    {
        joined.extend(page);
    }
    assert!(joined.iter().map(|record| record.id).eq(expected.into_iter().map(id)));
}

#[tokio::test]
async fn a_commit_of_many_records_is_one() {
    let (_folder, store) = with_account().await;
    let many = |from: u128| -> Vec<Put> {
        (from..from + 50)
            .map(|number| Put { claims: vec![key(&number.to_string())], ..put(user(number, "x"), Expect::Absent) })
            .collect()
    };
    store.commit(account(1), puts(many(0))).await.unwrap();
    let refused = store.commit(account(1), puts([many(50), many(49)[..1].to_vec()].concat())).await;
    assert_eq!(refused, Err(StoreError::VersionChanged));
    assert_eq!(store.all(account(1), &Kind::USER, None, 1000).await.unwrap().len(), 50);
}
