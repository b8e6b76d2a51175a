//! Random operations against the store in a folder and the one in memory: answers and final state agree.

use crate::make::*;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use provost_change::{
    AccountId, Bound, ChangeSet, CountChange, Delete, Expect, IndexEntry, Kind, LogEntry, Put, Record, ResourceId,
    UniqueKey, verify,
};
use provost_store::{Candidates, LogQuery, MemoryStore, Search, SqliteStore, Store};
use std::path::Path;

const ACCOUNTS: u128 = 2;
const IDS: u128 = 6;
const KINDS: [Kind; 2] = [Kind::USER, Kind::ROLE];
const VALUES: [&str; 4] = ["ann", "bob", "eve", ""];
/// A unique space and an indexed attribute of the same name: both are looked at under one entry.
const SPACES: [&str; 2] = ["User.userName", "User.externalId"];
const FILTERS: [&str; 4] = [
    r#"userName eq "ann""#,
    r#"not (userName sw "e")"#,
    r#"meta.version eq "W/\"1\"""#,
    r#"meta.lastModified gt "1970-01-01T00:00:03Z" or active eq true"#,
];

#[derive(Clone, Debug)]
enum Step {
    Commit(AccountId, Vec<Part>),
    Search(AccountId, Box<Search>),
    Load(AccountId, Vec<(Kind, ResourceId)>),
    ByUnique(AccountId, UniqueKey, Kind),
    All(AccountId, Kind, Option<ResourceId>, u64),
    Log(AccountId, LogQuery),
    Prune(AccountId, i64),
    Erase(AccountId, ResourceId),
    Accounts(Option<AccountId>, u64),
    Reopen,
}

/// Part of a change set. Where it says `right`, the version that is there at that moment is filled in.
#[derive(Clone, Debug)]
enum Part {
    MakesAccount,
    Config(u64),
    ChangesConfig,
    Put(Put, bool),
    Delete(Delete, bool),
    Count(CountChange),
    Log(LogEntry),
}

fn accounts() -> impl Strategy<Value = AccountId> {
    (0..ACCOUNTS).prop_map(account)
}

fn ids() -> impl Strategy<Value = ResourceId> {
    (0..IDS).prop_map(id)
}

fn kinds() -> impl Strategy<Value = Kind> {
    select(&KINDS[..])
}

fn unique_keys() -> impl Strategy<Value = UniqueKey> {
    (select(&SPACES[..]), select(&VALUES[..]))
        .prop_map(|(space, value)| UniqueKey { space: space.to_owned(), value: value.to_owned() })
}

fn entries() -> impl Strategy<Value = IndexEntry> {
    unique_keys().prop_map(|key| IndexEntry { attribute: key.space, value: key.value })
}

fn records() -> impl Strategy<Value = Record> {
    (kinds(), ids(), select(&VALUES[..]), any::<bool>(), 0..9_i64).prop_map(|(kind, id, name, active, modified)| {
        Record {
            kind,
            id,
            version: 0,
            created: at(1),
            modified: at(modified),
            doc: format!(r#"{{"userName":"{name}","active":{active}}}"#),
            state: format!(r#"{{"modified":{modified}}}"#),
        }
    })
}

fn part() -> impl Strategy<Value = Part> {
    let expect = select(&[Expect::Absent, Expect::Version(1), Expect::Version(2), Expect::Any][..]);
    let (claims, releases) = (vec(unique_keys(), 0..3), vec(unique_keys(), 0..3));
    let (index_adds, index_removes) = (vec(entries(), 0..3), vec(entries(), 0..3));
    let put = (records(), expect, claims, releases, index_adds, index_removes, prop::bool::weighted(0.7)).prop_map(
        |(record, expect, claims, releases, index_adds, index_removes, right)| {
            Part::Put(Put { record, expect, claims, releases, index_adds, index_removes }, right)
        },
    );
    let delete = (kinds(), ids(), 0..3_u64, prop::bool::weighted(0.8)).prop_map(|(kind, id, version, right)| {
        // Whoever deletes knows what the record had; here it may have had anything.
        let had =
            SPACES.iter().flat_map(|space| VALUES.iter().map(move |value| (space.to_string(), value.to_string())));
        let releases = had.clone().map(|(space, value)| UniqueKey { space, value }).collect();
        let index_removes = had.map(|(attribute, value)| IndexEntry { attribute, value }).collect();
        Part::Delete(Delete { kind, id, version, releases, index_removes }, right)
    });
    let bound = of(prop_oneof![(-1..2_i64).prop_map(Bound::AtLeast), (0..3_i64).prop_map(Bound::AtMost)]);
    let count = (select(&["user", "role", "seat"][..]), -1..3_i64, bound)
        .prop_map(|(name, delta, bound)| Part::Count(CountChange { name: name.to_owned(), delta, bound }));
    let log = (0..9_i64, of(0..IDS), any::<bool>()).prop_map(|(seconds, subject, has_personal)| {
        let entry = entry("entry", seconds, subject);
        Part::Log(if has_personal { personal(entry) } else { entry })
    });
    prop_oneof![
        1 => Just(Part::MakesAccount),
        1 => (0..3_u64).prop_map(Part::Config),
        1 => Just(Part::ChangesConfig),
        12 => put,
        4 => delete,
        4 => count,
        6 => log,
    ]
}

fn searches() -> impl Strategy<Value = Search> {
    let candidates = prop_oneof![
        Just(Candidates::All),
        vec(entries(), 0..3).prop_map(Candidates::Under),
        vec(ids(), 0..4).prop_map(Candidates::Ids),
    ];
    let filter = of(select(&FILTERS[..])).prop_map(|text| text.and_then(filter));
    (kinds(), candidates, filter, of(entries()), 0..4_u64, 0..4_u64, select(&[0, 1, 3, 100][..])).prop_map(
        |(kind, candidates, filter, within, offset, limit, scan_max)| {
            let resource_type = kind.as_str().to_owned();
            Search { kind, resource_type, candidates, filter, within, offset, limit, scan_max }
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let log = (of(0..9_u64), of(0..9_u64), of(ids()), any::<bool>(), 0..5_u64).prop_map(
        |(after, before, subject, newest_first, limit)| LogQuery { after, before, subject, newest_first, limit },
    );
    prop_oneof![
        30 => (accounts(), vec(part(), 1..5)).prop_map(|(account, parts)| Step::Commit(account, parts)),
        12 => (accounts(), searches()).prop_map(|(account, search)| Step::Search(account, Box::new(search))),
        3 => (accounts(), vec((kinds(), ids()), 0..4)).prop_map(|(account, keys)| Step::Load(account, keys)),
        3 => (accounts(), unique_keys(), kinds()).prop_map(|(account, key, kind)| Step::ByUnique(account, key, kind)),
        3 => (accounts(), kinds(), of(ids()), 0..4_u64)
            .prop_map(|(account, kind, after, limit)| Step::All(account, kind, after, limit)),
        4 => (accounts(), log).prop_map(|(account, query)| Step::Log(account, query)),
        2 => (accounts(), 0..9_i64).prop_map(|(account, before)| Step::Prune(account, before)),
        2 => (accounts(), ids()).prop_map(|(account, subject)| Step::Erase(account, subject)),
        1 => (of(accounts()), 0..3_u64).prop_map(|(after, limit)| Step::Accounts(after, limit)),
        1 => Just(Step::Reopen),
    ]
}

/// The change set of some parts, with the versions that the store has now where they should be right.
async fn change_set(store: &dyn Store, account: AccountId, parts: &[Part]) -> ChangeSet {
    let mut change = ChangeSet::default();
    for part in parts {
        match part.clone() {
            Part::MakesAccount => change.creates_account = true,
            Part::Config(config) => change.config = Some(config),
            Part::ChangesConfig => change.changes_config = true,
            Part::Count(count) => change.counts.push(count),
            Part::Log(entry) => change.log.push(entry),
            Part::Put(mut put, right) => {
                let there = version(store, account, &put.record.kind, put.record.id).await;
                if right {
                    put.expect = there.map_or(Expect::Absent, Expect::Version);
                }
                change.puts.push(put);
            }
            Part::Delete(mut delete, right) => {
                let there = version(store, account, &delete.kind, delete.id).await;
                delete.version = there.filter(|_| right).unwrap_or(delete.version);
                change.deletes.push(delete);
            }
        }
    }
    change
}

async fn version(store: &dyn Store, account: AccountId, kind: &Kind, id: ResourceId) -> Option<u64> {
    let loaded = store.load(account, &[(kind.clone(), id)]).await.unwrap();
    loaded[0].as_ref().map(|record| record.version)
}

/// What a step is answered with, as a text, so that answers of every type compare alike and show what differs.
async fn answer(store: &dyn Store, step: &Step, change: Option<ChangeSet>) -> String {
    match step {
        Step::Commit(account, _) => format!("{:?}", store.commit(*account, change.unwrap_or_default()).await),
        Step::Search(account, search) => format!("{:?}", store.search(*account, search).await),
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

fn open(folder: &Path) -> SqliteStore {
    SqliteStore::open(folder, at(0)).unwrap()
}

async fn agree(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let folder = tempfile::tempdir().unwrap();
    let memory = MemoryStore::new();
    let mut sqlite = open(folder.path());
    for owner in 0..ACCOUNTS - 1 {
        memory.commit(account(owner), new_account()).await.unwrap();
        sqlite.commit(account(owner), new_account()).await.unwrap();
    }
    for step in &steps {
        if matches!(step, Step::Reopen) {
            drop(sqlite);
            sqlite = open(folder.path());
        }
        let change = match step {
            Step::Commit(account, parts) => Some(change_set(&memory, *account, parts).await),
            _ => None,
        };
        let expected = answer(&memory, step, change.clone()).await;
        prop_assert_eq!(answer(&sqlite, step, change).await, expected, "{:?}", step);
    }
    prop_assert_eq!(everything(&sqlite).await, everything(&memory).await);
    sqlite.close().await.unwrap();
    drop(sqlite);
    let reopened = SqliteStore::open_read_only(folder.path()).unwrap();
    prop_assert_eq!(everything(&reopened).await, everything(&memory).await);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn stores_agree_on_random_operations(steps in vec(step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(agree(steps))?;
    }
}
