//! Small accounts, records and change sets.

use jiff::Timestamp;
use provost_change::{
    AccountId, ChangeSet, CountChange, Delete, Expect, IndexEntry, Kind, LogEntry, Member, MemberChange, Personal, Put,
    Record, ResourceId, UniqueKey,
};
use provost_scim::{Filter, Query, ResourceType, SortBy, SortOrder};
use provost_store::{Candidates, Edges, LogQuery, PostgresStore, Search, Sort};
use provost_testkit::Database;
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

pub const SPACE: &str = "User.userName";
pub const ATTRIBUTE: &str = "User.emails.value";

pub fn account(number: u128) -> AccountId {
    AccountId::new(Uuid::from_u128(number))
}

pub fn id(number: u128) -> ResourceId {
    ResourceId::new(Uuid::from_u128(number))
}

/// So many seconds after 1970.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

pub fn new_account() -> ChangeSet {
    ChangeSet { creates_account: true, ..ChangeSet::default() }
}

pub fn user(number: u128, name: &str) -> Record {
    Record {
        kind: Kind::USER,
        id: id(number),
        version: 1,
        created: at(1),
        modified: at(2),
        doc: format!(r#"{{"userName":"{name}"}}"#),
        state: "{}".to_owned(),
    }
}

pub fn put(record: Record, expect: Expect) -> Put {
    Put { record, expect, claims: vec![], releases: vec![], index_adds: vec![], index_removes: vec![] }
}

pub fn key(value: &str) -> UniqueKey {
    UniqueKey { space: SPACE.to_owned(), value: value.to_owned() }
}

pub fn under(value: &str) -> IndexEntry {
    IndexEntry { attribute: ATTRIBUTE.to_owned(), value: value.to_owned() }
}

/// A new user that claims its name.
pub fn create(number: u128, name: &str) -> ChangeSet {
    let put = Put { claims: vec![key(name)], ..put(user(number, name), Expect::Absent) };
    ChangeSet { puts: vec![put], counts: vec![CountChange::by("user", 1)], ..ChangeSet::default() }
}

/// The removal of a user as [`create`] made it.
pub fn remove(number: u128, name: &str, version: u64) -> ChangeSet {
    let delete = Delete { kind: Kind::USER, id: id(number), version, releases: vec![key(name)], index_removes: vec![] };
    ChangeSet { deletes: vec![delete], counts: vec![CountChange::by("user", -1)], ..ChangeSet::default() }
}

pub fn group(number: u128) -> Record {
    let doc = format!(r#"{{"displayName":"group{number}"}}"#);
    Record { kind: Kind::GROUP, doc, ..user(number, "") }
}

pub fn member(number: u128) -> Member {
    Member { kind: Kind::USER, id: id(number) }
}

/// A group as a member.
pub fn nested(number: u128) -> Member {
    Member { kind: Kind::GROUP, id: id(number) }
}

/// No change of a group's members, at second 5.
pub fn of_group(number: u128) -> MemberChange {
    MemberChange { group: id(number), version: None, clear: false, removes: vec![], adds: vec![], at: at(5) }
}

/// Users that come into a group.
pub fn adds(group: u128, numbers: impl IntoIterator<Item = u128>) -> MemberChange {
    MemberChange { adds: numbers.into_iter().map(member).collect(), ..of_group(group) }
}

/// Members that leave a group.
pub fn removes(group: u128, numbers: impl IntoIterator<Item = u128>) -> MemberChange {
    MemberChange { removes: numbers.into_iter().map(id).collect(), ..of_group(group) }
}

pub fn changes(members: Vec<MemberChange>) -> ChangeSet {
    ChangeSet { members, ..ChangeSet::default() }
}

pub fn puts(puts: Vec<Put>) -> ChangeSet {
    ChangeSet { puts, ..ChangeSet::default() }
}

pub fn entry(text: &str, seconds: i64, subject: Option<u128>) -> LogEntry {
    LogEntry { at: at(seconds), subject: subject.map(id), public: format!("\"{text}\""), personal: None }
}

pub fn personal(entry: LogEntry) -> LogEntry {
    LogEntry { personal: Some(Personal { salt: [7; 16], json: r#"{"name":"Ann"}"#.to_owned() }), ..entry }
}

pub fn logs(log: Vec<LogEntry>) -> ChangeSet {
    ChangeSet { log, ..ChangeSet::default() }
}

/// Everything, oldest first.
pub fn whole_log() -> LogQuery {
    LogQuery { after: None, before: None, subject: None, newest_first: false, limit: u64::MAX }
}

/// All users.
pub fn search() -> Search {
    Search {
        kind: Kind::USER,
        resource_type: "User".to_owned(),
        candidates: Candidates::All,
        filter: None,
        within: None,
        edges: Edges::default(),
        sort: None,
        after: None,
        offset: 0,
        limit: 1000,
        scan_max: 1000,
        config: None,
    }
}

pub fn filter(text: &str) -> Option<Query> {
    Some(Filter::parse(text).unwrap().resolve(&ResourceType::user().unwrap()).unwrap())
}

/// In the order of an attribute of users, without an index for it.
pub fn sorted(by: &str, order: SortOrder) -> Sort {
    Sort { by: SortBy::parse(by, &ResourceType::user().unwrap()).unwrap(), order, index: None }
}

/// One more store on a database.
pub async fn open_postgres(database: &Database<'_>) -> PostgresStore {
    static NODES: AtomicU64 = AtomicU64::new(1);
    let node = Uuid::from_u128(NODES.fetch_add(1, Ordering::Relaxed).into());
    PostgresStore::open(&database.url().parse().unwrap(), at(0), node).await.unwrap()
}
