//! Sources that bring users in, such as a file or an LDAP server: what is kept of each between two runs.

use crate::{
    Call, Configuration, Corrupt, Decided, Refused,
    account::put,
    audit::{self, Entry},
    users::import::is_source,
};
use jiff::Timestamp;
use provost_change::{AccountId, ChangeSet, Delete, Expect, Kind, Record, ResourceId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Builder;

/// Longest cookie, in bytes of JSON.
const COOKIE_BYTES_MAX: usize = 16 * 1024;

/// What is kept of a source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// What users who come from it are marked with.
    pub name: String,
    /// Where the next run goes on: means something to whoever reads the source, and nothing here.
    pub cookie: Value,
    /// When a run ended well last.
    pub succeeded: Timestamp,
}

/// The kind of the records.
pub fn kind() -> Kind {
    Kind::named("source")
}

/// The id of a source's record, which follows from its name.
pub fn id(account: AccountId, name: &str) -> ResourceId {
    let digest = Sha256::new().chain_update(account.as_bytes()).chain_update(b"source").chain_update(name).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    ResourceId::new(Builder::from_custom_bytes(bytes).into_uuid())
}

/// Reads a stored source.
///
/// # Errors
/// When the database was changed by something else.
pub fn read(account: AccountId, record: &Record) -> Result<Source, Corrupt> {
    let corrupt = |error: serde_json::Error| Corrupt { account, kind: kind(), id: record.id, cause: error.to_string() };
    serde_json::from_str(&record.doc).map_err(corrupt)
}

/// Notes where a run ended. `found` is the record as it is, `version` the one that the run began with; 0 where there was none. A run that
/// ended well in between keeps its place, so that of two at once neither skips what the other has not read.
///
/// # Errors
/// 400 for a name that is none and a cookie that is too long; 409 for another version.
pub fn note(
    config: &Configuration,
    call: &Call,
    name: &str,
    cookie: Value,
    (found, version): (Option<&Record>, u64),
) -> Result<Decided<Source>, Refused> {
    if !is_source(name) {
        return Err(Refused::invalid("a source is named by 1 to 64 letters, digits, `.`, `-` and `_`"));
    }
    if cookie.to_string().len() > COOKIE_BYTES_MAX {
        return Err(Refused::invalid(format!("a cookie has at most {COOKIE_BYTES_MAX} bytes")));
    }
    let there = found.map_or(0, |record| record.version);
    if there != version {
        let detail = format!("source `{name}` is at version {there}, not {version}: another run ended meanwhile");
        return Err(Refused::status(409, detail));
    }
    let expect = if there == 0 { Expect::Absent } else { Expect::Version(there) };
    let source = Source { name: name.to_owned(), cookie, succeeded: call.now };
    let id = id(config.id, name);
    let entry =
        Entry::done("source.update").about(&kind(), id, name).changed("cookie", Value::Null, json!(source.cookie));
    let change = ChangeSet {
        puts: vec![put(kind(), id, call, &source, expect)],
        log: vec![audit::entry(call, entry)],
        ..ChangeSet::default()
    };
    Ok(Decided { change, outcome: source })
}

/// Forgets where a source's last run ended: the next one reads everything. Its users stay.
pub fn forget(call: &Call, record: &Record, source: &Source) -> Decided<()> {
    let change = ChangeSet {
        deletes: vec![Delete::bare(kind(), record.id, record.version)],
        log: vec![audit::entry(call, Entry::done("source.delete").about(&kind(), record.id, &source.name))],
        ..ChangeSet::default()
    };
    Decided { change, outcome: () }
}
