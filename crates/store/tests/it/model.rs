//! Random operations against each store that lasts and the one in memory: answers and final state agree. What becomes of groups is
//! also stated here once more, from what is seen of them.

mod groups;
mod steps;

use crate::make::*;
use futures_util::future::join_all;
use groups::Groups;
use proptest::collection::vec;
use proptest::prelude::*;
use provost_change::{ChangeSet, IndexEntry, Record, UniqueKey, verify};
use provost_store::{Indexing, MemoryStore, Search, SqliteStore, Store};
use provost_testkit::{Database, PostgresServer};
use std::sync::Arc;
use steps::{ACCOUNTS, IDS, KINDS, SPACES, Step, VALUES, change_set, inhabitants, step};
use tempfile::TempDir;

/// What a step is answered with, as a text, so that answers of every type compare alike and show what differs.
async fn answer(store: &dyn Store, step: &Step, change: Option<ChangeSet>) -> String {
    match step {
        Step::Commit(account, _) => format!("{:?}", store.commit(*account, change.unwrap_or_default()).await),
        Step::Rehearse(account, _) => format!("{:?}", store.rehearse(*account, change.unwrap_or_default()).await),
        Step::Members(account, group, after, limit) => {
            format!("{:?}", store.members(*account, *group, *after, *limit).await)
        }
        Step::MembersAmong(account, group, ids) => {
            format!("{:?}", store.members_among(*account, *group, ids).await)
        }
        Step::GroupsOf(account, ids) => format!("{:?}", store.groups_of(*account, ids).await),
        Step::Search(account, search) => format!("{:?}", store.search(*account, search).await),
        Step::Index(account, config, kind, after, limit) => {
            let entries = Arc::new(|record: &Record| {
                let name = VALUES.iter().find(|value| record.doc.contains(&format!("\"{value}\"")));
                Ok(vec![IndexEntry { attribute: SPACES[1].to_owned(), value: name.unwrap_or(&"").to_string() }])
            });
            let indexing = Indexing { config: *config, kind: kind.clone(), after: *after, limit: *limit, entries };
            format!("{:?}", store.index(*account, indexing).await)
        }
        Step::Unindex(account, unindexing) => format!("{:?}", store.unindex(*account, unindexing.clone()).await),
        Step::Load(account, keys) => format!("{:?}", store.load(*account, keys).await),
        Step::ByUnique(account, key, kind) => format!("{:?}", store.by_unique(*account, key, kind).await),
        Step::All(account, kind, after, limit) => format!("{:?}", store.all(*account, kind, *after, *limit).await),
        Step::Log(account, query) => format!("{:?}", store.log(*account, query).await),
        Step::Prune(account, before) => format!("{:?}", store.prune_log(*account, at(*before)).await),
        Step::Erase(account, subject) => format!("{:?}", store.erase_personal(*account, *subject).await),
        Step::Accounts(after, limit) => format!("{:?}", store.accounts(*after, *limit).await),
        Step::Reopen => String::new(),
    }
}

/// Everything that a store holds.
async fn everything(store: &dyn Store) -> Vec<String> {
    let mut lines = Vec::new();
    for account in store.accounts(None, u64::MAX).await.unwrap() {
        let head = store.head(account).await.unwrap().unwrap();
        let log = store.log(account, &whole_log()).await.unwrap();
        assert_eq!(verify(head.base, &log).map(|end| (end.seq, end.hash)), Ok((head.seq, head.hash)));
        lines.push(format!("{head:?}"));
        lines.extend(log.iter().map(|entry| format!("{entry:?}")));
        for number in 0..IDS {
            let members = store.members(account, id(number), None, u64::MAX).await;
            lines.push(format!("{members:?} {:?}", store.groups_of(account, &[id(number)]).await));
        }
        for kind in KINDS {
            lines.push(format!("{:?}", store.all(account, &kind, None, u64::MAX).await));
            let all = Search { kind: kind.clone(), ..search() };
            lines.push(format!("{:?}", store.search(account, &all).await));
            for (space, value) in SPACES.iter().flat_map(|space| VALUES.iter().map(move |value| (space, value))) {
                let key = UniqueKey { space: space.to_string(), value: value.to_string() };
                lines.push(format!("{key:?} {:?}", store.by_unique(account, &key, &kind).await));
                let entry = IndexEntry { attribute: space.to_string(), value: value.to_string() };
                let within = Search { within: Some(entry), ..all.clone() };
                lines.push(format!("{within:?} {:?}", store.search(account, &within).await));
            }
        }
    }
    lines
}

/// Where a store lasts.
enum Place {
    Folder(TempDir),
    Database(Database<'static>),
}

impl Place {
    async fn open(&self) -> Box<dyn Store> {
        match self {
            Self::Folder(folder) => Box::new(SqliteStore::open(folder.path(), at(0)).unwrap()),
            Self::Database(database) => Box::new(open_postgres(database).await),
        }
    }

    async fn open_to_read(&self) -> Box<dyn Store> {
        match self {
            Self::Folder(folder) => Box::new(SqliteStore::open_read_only(folder.path()).unwrap()),
            Self::Database(database) => Box::new(open_postgres(database).await),
        }
    }
}

async fn agree(place: Place, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let memory = MemoryStore::new();
    let mut store = place.open().await;
    for owner in 0..ACCOUNTS - 1 {
        for change in [new_account(), inhabitants()] {
            memory.commit(account(owner), change.clone()).await.unwrap();
            store.commit(account(owner), change).await.unwrap();
        }
    }
    for step in &steps {
        if matches!(step, Step::Reopen) {
            drop(store);
            store = place.open().await;
        }
        let change = match step {
            Step::Commit(account, parts) | Step::Rehearse(account, parts) => {
                Some((*account, change_set(&memory, *account, parts).await))
            }
            _ => None,
        };
        let before = match &change {
            Some((account, _)) => Groups::of(&memory, *account).await,
            None => Groups::default(),
        };
        let expected = answer(&memory, step, change.clone().map(|(_, change)| change)).await;
        let answered = answer(store.as_ref(), step, change.clone().map(|(_, change)| change)).await;
        prop_assert_eq!(&answered, &expected, "{:?}", step);
        if let Some((account, change)) = change {
            let committed = matches!(step, Step::Commit(..)) && answered.starts_with("Ok");
            let expected = if committed { before.after(&change) } else { before };
            prop_assert_eq!(Groups::of(store.as_ref(), account).await, expected, "{:?}", step);
        }
    }
    prop_assert_eq!(everything(store.as_ref()).await, everything(&memory).await);
    store.close().await.unwrap();
    drop(store);
    let reopened = place.open_to_read().await;
    prop_assert_eq!(everything(reopened.as_ref()).await, everything(&memory).await);
    Ok(())
}

/// Change sets that wait together share a transaction, and each sees what the ones before it did.
async fn agree_at_once(place: Place, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let memory = MemoryStore::new();
    let store = place.open().await;
    for owner in 0..ACCOUNTS - 1 {
        for change in [new_account(), inhabitants()] {
            memory.commit(account(owner), change.clone()).await.unwrap();
            store.commit(account(owner), change).await.unwrap();
        }
    }
    let (mut changes, mut expected) = (Vec::new(), Vec::new());
    for step in &steps {
        if let Step::Commit(account, parts) = step {
            let change = change_set(&memory, *account, parts).await;
            changes.push((*account, change.clone()));
            expected.push(memory.commit(*account, change).await);
        }
    }
    let commits = changes.into_iter().map(|(account, change)| store.commit(account, change));
    prop_assert_eq!(join_all(commits).await, expected);
    prop_assert_eq!(everything(store.as_ref()).await, everything(&memory).await);
    Ok(())
}

fn run_at_once(place: Place, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(agree_at_once(place, steps))
}

fn run(place: Place, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(agree(place, steps))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn the_store_in_a_folder_agrees_on_random_operations(steps in vec(step(), 1..60)) {
        run(Place::Folder(tempfile::tempdir().unwrap()), steps)?;
    }

    #[test]
    fn the_store_in_a_folder_agrees_on_commits_at_once(steps in vec(step(), 1..30)) {
        run_at_once(Place::Folder(tempfile::tempdir().unwrap()), steps)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn the_store_in_a_database_agrees_on_random_operations(steps in vec(step(), 1..60)) {
        run(Place::Database(PostgresServer::shared().database()), steps)?;
    }

    #[test]
    fn the_store_in_a_database_agrees_on_commits_at_once(steps in vec(step(), 1..30)) {
        run_at_once(Place::Database(PostgresServer::shared().database()), steps)?;
    }
}
