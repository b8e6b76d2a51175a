//! The stream of an account's audit log: where it goes, and how far it has come.
//!
//! The log has no gaps, so one sequence number says what has been sent. It is kept apart from where the log goes, since the one who
//! sends moves it all the time.

use crate::{
    Call, Refused,
    account::put,
    audit::{self, Entry},
    configuration::Corrupt,
};
use jiff::Timestamp;
use provost_change::{AccountId, ChangeSet, Delete, Expect, Head, Kind, Put, Record, ResourceId};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// Where a log is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// Scheme, host and port: what the audit log says of it.
    pub origin: String,
    /// Names of the headers that are sent with it.
    pub headers: Vec<String>,
    /// The whole URL and the headers, sealed: they may hold secrets that have to be read back.
    pub sealed: String,
}

/// How far a log has been sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watermark {
    /// The sequence number of the last entry that has arrived; 0 before the first.
    pub seq: u64,
    /// When it had arrived; `None` before the first.
    pub at: Option<Timestamp>,
    /// Entries that retention removed before they could be sent.
    pub skipped: u64,
}

/// A stream as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Stream {
    /// Where the log goes.
    pub destination: Destination,
    /// Counts the changes of where it goes, from 1.
    pub version: u64,
    /// How far it has come.
    pub watermark: Watermark,
    watermark_version: u64,
}

/// The kind of the records that say where logs go.
pub fn kind() -> Kind {
    Kind::named("audit-stream")
}

fn watermark_kind() -> Kind {
    Kind::named("audit-stream-watermark")
}

/// The records that make an account's stream, as [`read`] takes them.
pub fn keys(account: AccountId) -> [(Kind, ResourceId); 2] {
    let id = ResourceId::new(account.uuid());
    [(kind(), id), (watermark_kind(), id)]
}

/// Reads a stream from the records of [`keys`]; `None` where the account has none.
///
/// # Errors
/// When the database was changed by something else.
pub fn read(account: AccountId, records: &[Option<Record>]) -> Result<Option<Stream>, Corrupt> {
    let [Some(destination), Some(watermark)] = records else { return Ok(None) };
    Ok(Some(Stream {
        destination: parse(account, destination)?,
        version: destination.version,
        watermark: parse(account, watermark)?,
        watermark_version: watermark.version,
    }))
}

/// Checks one of the records of [`keys`] by itself.
///
/// # Errors
/// When the database was changed by something else.
pub(crate) fn check(account: AccountId, record: &Record) -> Result<(), Corrupt> {
    if record.kind == kind() {
        parse::<Destination>(account, record).map(drop)
    } else {
        parse::<Watermark>(account, record).map(drop)
    }
}

fn parse<T: DeserializeOwned>(account: AccountId, record: &Record) -> Result<T, Corrupt> {
    serde_json::from_str(&record.doc).map_err(|error| Corrupt {
        account,
        kind: record.kind.clone(),
        id: record.id,
        cause: error.to_string(),
    })
}

/// Sends the log somewhere from now on, which is a change of the account's configuration. It begins behind `after_seq`; where nothing
/// is said, a stream goes on where it stands, and a new one begins at the oldest entry that is kept.
///
/// # Errors
/// 400 for a number that no entry has yet.
pub fn set(
    call: &Call,
    account: AccountId,
    head: &Head,
    before: Option<&Stream>,
    destination: Destination,
    after_seq: Option<u64>,
) -> Result<ChangeSet, Refused> {
    if after_seq.is_some_and(|seq| seq > head.seq) {
        return Err(Refused::invalid(format!("`after_seq`: the newest entry is {}", head.seq)));
    }
    let entry = about("audit_stream.set", account, &destination.origin)
        .changed("target", json!(before.map(|before| &before.destination.origin)), json!(destination.origin))
        .changed("headers", json!(before.map(|before| &before.destination.headers)), json!(destination.headers))
        .changed("after_seq", Value::Null, json!(after_seq));
    let id = ResourceId::new(account.uuid());
    let expect = |version: Option<u64>| version.map_or(Expect::Absent, Expect::Version);
    let expected = expect(before.map(|before| before.version));
    let mut change = ChangeSet {
        changes_config: true,
        puts: vec![put(kind(), id, call, &destination, expected)],
        log: vec![audit::entry(call, entry)],
        ..ChangeSet::default()
    };
    let watermark = match (before, after_seq) {
        (Some(_), None) => return Ok(change),
        (_, after_seq) => Watermark { seq: after_seq.unwrap_or_default().max(head.base.seq), ..Watermark::default() },
    };
    let expected = expect(before.map(|before| before.watermark_version));
    change.puts.push(put(watermark_kind(), id, call, &watermark, expected));
    Ok(change)
}

/// Ends a stream.
///
/// # Errors
/// 404 when there is none.
pub fn remove(call: &Call, account: AccountId, before: Option<&Stream>) -> Result<ChangeSet, Refused> {
    let before = before.ok_or_else(|| Refused::not_found("audit stream"))?;
    let delete = |kind: Kind, version: u64| Delete::bare(kind, ResourceId::new(account.uuid()), version);
    Ok(ChangeSet {
        changes_config: true,
        deletes: vec![delete(kind(), before.version), delete(watermark_kind(), before.watermark_version)],
        log: vec![audit::entry(call, about("audit_stream.remove", account, &before.destination.origin))],
        ..ChangeSet::default()
    })
}

/// Notes that everything up to `to` has arrived. `config` is the version of the account's configuration that the stream was read
/// under: the store refuses it when the stream was set or removed since, even if that was removed and made anew. It leaves no entry
/// in the log, or sending would never end.
pub fn advance(account: AccountId, stream: &Stream, to: Watermark, config: u64, now: Timestamp) -> ChangeSet {
    let record = Record {
        kind: watermark_kind(),
        id: ResourceId::new(account.uuid()),
        version: 0,
        created: now,
        modified: now,
        doc: serde_json::to_string(&to).expect("a watermark is made of numbers and a time"),
        state: "{}".to_owned(),
    };
    let put = Put {
        record,
        expect: Expect::Version(stream.watermark_version),
        claims: Vec::new(),
        releases: Vec::new(),
        index_adds: Vec::new(),
        index_removes: Vec::new(),
    };
    ChangeSet { config: Some(config), puts: vec![put], ..ChangeSet::default() }
}

fn about(action: &'static str, account: AccountId, origin: &str) -> Entry {
    Entry::done(action).about(&kind(), ResourceId::new(account.uuid()), origin)
}
