use super::*;
use crate::sqlite::{connection, members, migrations, search};
use crate::{Candidates, Edges, Search, Sort};
use provost_change::{
    CountChange, Delete, Expect, IndexEntry, Kind, LogEntry, Member, MemberChange, Put, Record, UniqueKey,
};
use provost_scim::{ResourceType, SortBy, SortOrder};
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

fn account() -> AccountId {
    AccountId::new(Uuid::from_u128(1))
}

fn counting() -> ChangeSet {
    let entry = LogEntry { at: Timestamp::UNIX_EPOCH, subject: None, public: "{}".to_owned(), personal: None };
    ChangeSet { counts: vec![CountChange::by("user", 1)], log: vec![entry], ..ChangeSet::default() }
}

/// Runs change sets in one transaction.
fn run(committer: &mut Committer<Connection>, changes: Vec<ChangeSet>) -> Vec<Result<u64, StoreError>> {
    let (jobs, answers): (Vec<_>, Vec<_>) = changes
        .into_iter()
        .map(|change| {
            let (answer, answered) = oneshot::channel();
            (Job { account: account(), task: Task::Commit(change), answer }, answered)
        })
        .unzip();
    committer.run(jobs);
    answers.into_iter().map(|mut answer| answer.try_recv().unwrap().0.map(|done| done.number)).collect()
}

fn committer(folder: &std::path::Path) -> Committer<Connection> {
    let _lock = connection::lock(folder).unwrap();
    let mut connection = connection::writing(folder).unwrap();
    migrations::apply(&mut connection, Timestamp::UNIX_EPOCH).unwrap();
    let mut committer = Committer::new(connection, Arc::default());
    let made = run(&mut committer, vec![ChangeSet { creates_account: true, ..ChangeSet::default() }]);
    assert_eq!(made, [Ok(0)]);
    committer
}

#[test]
fn a_failed_commit_fails_all_of_its_change_sets_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut committer = committer(folder.path());
    assert_eq!(run(&mut committer, vec![counting(), counting()]), [Ok(1), Ok(2)]);
    committer.connection.commit_hook(Some(|| true)).unwrap();
    for answer in run(&mut committer, vec![counting(), counting(), counting()]) {
        assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
    }
    committer.connection.commit_hook(None::<fn() -> bool>).unwrap();
    assert_eq!(run(&mut committer, vec![counting()]), [Ok(3)]);
    let head = read::head(&committer.connection, account()).unwrap().unwrap();
    assert_eq!((head.seq, head.count("user")), (3, 3));
}

#[test]
fn a_full_disk_is_reported_and_overcome() {
    let folder = tempfile::tempdir().unwrap();
    let mut committer = committer(folder.path());
    let large = |size| {
        let mut change = counting();
        change.log[0].public = "x".repeat(size);
        change
    };
    let pages: u32 = committer.connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    committer.connection.pragma_update(None, "max_page_count", pages).unwrap();
    let answers = run(&mut committer, vec![large(10_000), counting(), large(10_000)]);
    assert!(matches!(&answers[0], Err(StoreError::Unavailable(text)) if text.contains("full")), "{answers:?}");
    assert_eq!(answers[1], Ok(1));
    assert!(answers[2].is_err());
    committer.connection.pragma_update(None, "max_page_count", 1_000_000).unwrap();
    assert_eq!(run(&mut committer, vec![large(10_000)]), [Ok(2)]);
}

fn id(number: u128) -> ResourceId {
    ResourceId::new(Uuid::from_u128(number))
}

/// A record that is indexed under its number, and has it for itself.
fn put(kind: Kind, number: u128, expect: Expect) -> Put {
    let (created, modified) = (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
    let (doc, state) = ("{}".to_owned(), "{}".to_owned());
    let record = Record { kind, id: id(number), version: 0, created, modified, doc, state };
    let index_adds = vec![IndexEntry { attribute: "number".to_owned(), value: format!("{number:09}") }];
    let claims = vec![UniqueKey { space: format!("{}.unique", record.kind), value: format!("{number:09}") }];
    Put { record, expect, claims, releases: vec![], index_adds, index_removes: vec![] }
}

fn puts(puts: Vec<Put>) -> ChangeSet {
    ChangeSet { puts, ..ChangeSet::default() }
}

fn of_group(number: u128) -> MemberChange {
    let at = Timestamp::UNIX_EPOCH;
    MemberChange { group: id(number), version: None, clear: false, removes: vec![], adds: vec![], at }
}

fn adds(group: u128, numbers: impl IntoIterator<Item = u128>) -> ChangeSet {
    let users = numbers.into_iter().map(|number| Member { kind: Kind::USER, id: id(number) });
    ChangeSet { members: vec![MemberChange { adds: users.collect(), ..of_group(group) }], ..ChangeSet::default() }
}

#[test]
fn the_next_change_set_of_a_batch_sees_the_version_that_members_gave() {
    let folder = tempfile::tempdir().unwrap();
    let mut committer = committer(folder.path());
    let made = puts(vec![put(Kind::USER, 1, Expect::Absent), put(Kind::GROUP, 9, Expect::Absent)]);
    let on = |version, mut change: ChangeSet| {
        change.members[0].version = Some(version);
        change
    };
    let gone = Delete { kind: Kind::USER, id: id(1), version: 1, releases: vec![], index_removes: vec![] };
    let batch = vec![
        made,
        on(1, adds(9, [1])),
        on(1, adds(9, [1])),
        puts(vec![put(Kind::GROUP, 9, Expect::Version(1))]),
        on(2, adds(9, [1])),
        ChangeSet { deletes: vec![gone], ..ChangeSet::default() },
        adds(9, [1]),
        puts(vec![put(Kind::GROUP, 9, Expect::Version(3))]),
    ];
    let refused = || Err(StoreError::VersionChanged);
    let expected = [Ok(0), Ok(0), refused(), refused(), Ok(0), Ok(0), refused(), Ok(0)];
    assert_eq!(run(&mut committer, batch), expected);
}

/// How many steps SQLite's machine takes for something: the same again for the same work, whatever the machine below does.
fn steps(committer: &mut Committer<Connection>, work: impl FnOnce(&mut Committer<Connection>)) -> u64 {
    let taken = Arc::new(AtomicU64::new(0));
    let counting = Arc::clone(&taken);
    let count = move || {
        counting.fetch_add(1, Ordering::Relaxed);
        false
    };
    committer.connection.progress_handler(1, Some(count)).unwrap();
    work(committer);
    committer.connection.progress_handler(0, None::<fn() -> bool>).unwrap();
    taken.load(Ordering::Relaxed)
}

const SMALL: u128 = 100_000;
const LARGE: u128 = 200_000;
const LARGE_SIZE: u128 = 20_000;

fn commit_one(committer: &mut Committer<Connection>, change: ChangeSet) {
    assert_eq!(run(committer, vec![change]), [Ok(0)]);
}

/// A group of 10 and one of 20,000; nobody is in both.
fn groups(committer: &mut Committer<Connection>) {
    let users = |numbers: std::ops::Range<u128>| numbers.map(|number| put(Kind::USER, number, Expect::Absent));
    let made = puts(vec![put(Kind::GROUP, SMALL, Expect::Absent), put(Kind::GROUP, LARGE, Expect::Absent)]);
    let scene = vec![
        made,
        puts(users(SMALL + 1..SMALL + 20).collect()),
        puts(users(LARGE + 1..LARGE + LARGE_SIZE + 10).collect()),
        adds(SMALL, SMALL + 1..=SMALL + 10),
        adds(LARGE, LARGE + 1..=LARGE + LARGE_SIZE),
    ];
    assert_eq!(run(committer, scene), [Ok(0), Ok(0), Ok(0), Ok(0), Ok(0)]);
}

/// DESIGN 10: what is done to one member, or asked about a few, takes in a large group as many steps as in a small one.
#[test]
fn no_step_depends_on_the_size_of_a_group() {
    let folder = tempfile::tempdir().unwrap();
    let mut committer = committer(folder.path());
    groups(&mut committer);
    type Work = fn(&mut Committer<Connection>, u128, u128);
    let works: [(&str, Work); 6] = [
        ("add one", |committer, group, size| commit_one(committer, adds(group, [group + size + 1]))),
        ("remove one", |committer, group, size| {
            let removes = vec![id(group + size + 1)];
            let members = vec![MemberChange { removes, ..of_group(group) }];
            commit_one(committer, ChangeSet { members, ..ChangeSet::default() });
        }),
        ("delete a member", |committer, group, size| {
            let id = id(group + size);
            let gone = Delete { kind: Kind::USER, id, version: 1, releases: vec![], index_removes: vec![] };
            commit_one(committer, ChangeSet { deletes: vec![gone], ..ChangeSet::default() });
        }),
        ("read a page", |committer, group, size| {
            let after = Some(id(group + size - 8));
            let page = members::page(&committer.connection, account(), id(group), after, 5).unwrap();
            assert_eq!(page.len(), 5);
        }),
        ("look for two", |committer, group, size| {
            let ids = [id(group + size - 1), id(group + size + 5)];
            let among = members::among(&committer.connection, account(), id(group), &ids).unwrap();
            assert_eq!(among.len(), 1);
        }),
        ("find groups", |committer, group, size| {
            let found = members::groups_of(&committer.connection, account(), id(group + size - 1), u64::MAX).unwrap();
            assert_eq!(found, [id(group)]);
        }),
    ];
    for (name, work) in works {
        let small = steps(&mut committer, |committer| work(committer, SMALL, 10));
        let large = steps(&mut committer, |committer| work(committer, LARGE, LARGE_SIZE));
        assert!((6..1000).contains(&small), "{name}: {small}");
        // Where a record lies among others may take a step more or less.
        assert!(large <= small + 20, "{name}: {large} against {small}");
    }
}

/// DESIGN 10: a page does not cost more for what comes before or behind it.
#[test]
fn no_step_depends_on_the_depth_of_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let mut committer = committer(folder.path());
    let of = |kind: Kind, count| (1..=count).map(move |number| put(kind.clone(), number, Expect::Absent)).collect();
    let scene = vec![puts(of(Kind::USER, 5000)), puts(of(Kind::GROUP, 100))];
    assert_eq!(run(&mut committer, scene), [Ok(0), Ok(0)]);
    let by = SortBy::parse("userName", &ResourceType::user().unwrap()).unwrap();
    let sort = |order, index: &'static str| Some((Sort { by: by.clone(), order, index: None }, index));
    let cases = [
        ("behind an id", None, Some(id(90)), Some(id(4900))),
        ("from the first", None, None, None),
        ("by an index", sort(SortOrder::Ascending, "number"), None, None),
        ("by an index, the other way round", sort(SortOrder::Descending, "number"), None, None),
        ("by a unique space", sort(SortOrder::Ascending, "unique"), None, None),
        ("by a unique space, the other way round", sort(SortOrder::Descending, "unique"), None, None),
    ];
    for (name, sort, after_few, after_many) in cases {
        let page = |committer: &mut Committer<Connection>, kind: Kind, after| {
            let sort = sort.clone().map(|(sort, index)| {
                let index = if index == "unique" { format!("{kind}.unique") } else { index.to_owned() };
                Sort { index: Some(index), ..sort }
            });
            let search = Search {
                kind,
                resource_type: String::new(),
                candidates: Candidates::All,
                filter: None,
                within: None,
                edges: Edges::default(),
                sort,
                after,
                offset: 0,
                limit: 5,
                scan_max: 0,
                config: None,
            };
            let page = search::any(&committer.connection, account(), &search).unwrap();
            assert_eq!(page.records.len(), 5, "{name}");
        };
        let few = steps(&mut committer, |committer| page(committer, Kind::GROUP, after_few));
        let many = steps(&mut committer, |committer| page(committer, Kind::USER, after_many));
        // A long list has more runs, which are summed up.
        assert!(many <= few + 100, "{name}: {many} against {few}");
    }
}
