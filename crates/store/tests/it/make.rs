//! Small accounts, records and change sets.

use jiff::Timestamp;
use provost_change::{
    AccountId, ChangeSet, CountChange, Delete, Expect, IndexEntry, Kind, LogEntry, Personal, Put, Record, ResourceId,
    UniqueKey,
};
use provost_scim::{Filter, Query, ResourceType};
use provost_store::{Candidates, LogQuery, Search};
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
        offset: 0,
        limit: 1000,
        scan_max: 1000,
    }
}

pub fn filter(text: &str) -> Option<Query> {
    Some(Filter::parse(text).unwrap().resolve(&ResourceType::user().unwrap()).unwrap())
}
