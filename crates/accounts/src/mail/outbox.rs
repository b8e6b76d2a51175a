//! How a mail waits: queued, claimed, tried again, given up.

use super::{Mail, MailKind, Recipient};
use crate::{
    Call, Refused,
    account::put,
    audit::{self, Entry},
    configuration::Corrupt,
};
use jiff::{SignedDuration, Timestamp};
use provost_change::{AccountId, ChangeSet, CountChange, Delete, Expect, Kind, Put, Record, ResourceId};
use sha2::{Digest, Sha256};
use uuid::Builder;

/// Name of the count of mails that wait.
pub const COUNT: &str = "mail";
/// How long a mail belongs to who has claimed it: longer than handing it over can take.
pub const CLAIMED_FOR: SignedDuration = SignedDuration::from_mins(5);
/// How often a mail is tried: with the growing distances, for about six hours.
const ATTEMPTS_MAX: u32 = 7;
/// A mail that could not be sent for so long, because the mail server was away, is news no more.
const AGE_MAX: SignedDuration = SignedDuration::from_hours(24);
/// What lies between the first try and the second; each further distance is three times the one before.
const FIRST_DISTANCE: SignedDuration = SignedDuration::from_mins(1);
/// What a failed mail is recorded with in the audit log.
const FAILED_STATUS: u16 = 502;

/// What is to be done with a waiting mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing before this time.
    Wait(Timestamp),
    /// It is to be claimed and sent.
    Send,
    /// It goes to several people: it is to be replaced by a mail to each.
    Expand,
    /// It has waited too long.
    GiveUp,
}

/// The kind of the records.
pub fn kind() -> Kind {
    Kind::named("mail")
}

/// Reads a waiting mail.
///
/// # Errors
/// When the database was changed by something else.
pub fn read(account: AccountId, record: &Record) -> Result<Mail, Corrupt> {
    let corrupt = |error: serde_json::Error| Corrupt { account, kind: kind(), id: record.id, cause: error.to_string() };
    serde_json::from_str(&record.doc).map_err(corrupt)
}

/// What is to be done with a mail now.
pub fn next(record: &Record, mail: &Mail, now: Timestamp) -> Next {
    let age = now.duration_since(record.created);
    if now < mail.due {
        return Next::Wait(mail.due);
    }
    match mail.to {
        _ if age > AGE_MAX || mail.attempts >= ATTEMPTS_MAX => Next::GiveUp,
        Recipient::Address(_) => Next::Send,
        Recipient::Administrators => Next::Expand,
    }
}

/// Whether a change set puts a mail into the outbox.
pub fn is_queued_by(change: &ChangeSet) -> bool {
    change.counts.iter().any(|count| count.name == COUNT && count.delta > 0)
}

/// Puts mails into a change set. Their ids follow from the call's, so that deciding needs no randomness of its own.
pub(super) fn queue(call: &Call, mails: Vec<Mail>, change: &mut ChangeSet) {
    if mails.is_empty() {
        return;
    }
    change.counts.push(CountChange::by(COUNT, i64::try_from(mails.len()).unwrap_or(i64::MAX)));
    for (number, mail) in mails.iter().enumerate() {
        change.puts.push(put(kind(), derived(call, number), call, mail, Expect::Absent));
    }
}

fn derived(call: &Call, number: usize) -> ResourceId {
    let digest = Sha256::new().chain_update(b"mail").chain_update(call.new_id).chain_update(number.to_be_bytes());
    let digest: [u8; 32] = digest.finalize().into();
    let mut random = [0; 10];
    random.copy_from_slice(&digest[..10]);
    let since_1970_ms = u64::try_from(call.now.as_millisecond()).unwrap_or(0);
    ResourceId::new(Builder::from_unix_timestamp_millis(since_1970_ms, &random).into_uuid())
}

/// Takes a mail for sending: for [`CLAIMED_FOR`] nobody else does, and the attempt counts even if nothing is heard of it again.
/// Answers with the mail and the record as they are from then on.
pub fn claim(record: &Record, mail: &Mail, now: Timestamp) -> (ChangeSet, Record, Mail) {
    let mail = Mail { due: later(now, CLAIMED_FOR), attempts: mail.attempts + 1, ..mail.clone() };
    let (change, record) = changed(record, &mail, now);
    (change, record, mail)
}

/// Lets a claimed mail wait, longer each time; also answers until when.
pub fn postpone(record: &Record, mail: &Mail, now: Timestamp) -> (ChangeSet, Timestamp) {
    let distance = FIRST_DISTANCE.saturating_mul(3_i32.saturating_pow(mail.attempts.saturating_sub(1)));
    let due = later(now, distance);
    (changed(record, &Mail { due, ..mail.clone() }, now).0, due)
}

/// Gives a claimed mail back as if it had not been tried: whatever was in the way had nothing to do with it.
pub fn release(record: &Record, mail: &Mail, now: Timestamp) -> ChangeSet {
    changed(record, &Mail { due: now, attempts: mail.attempts.saturating_sub(1), ..mail.clone() }, now).0
}

/// Removes a mail that was handed over.
pub fn remove(record: &Record) -> ChangeSet {
    let delete = Delete::bare(kind(), record.id, record.version);
    ChangeSet { deletes: vec![delete], counts: vec![CountChange::by(COUNT, -1)], ..ChangeSet::default() }
}

/// Removes a mail that will not be sent; the audit log says so.
pub fn give_up(call: &Call, record: &Record, mail: &Mail, why: &str) -> ChangeSet {
    let what = match mail.kind {
        MailKind::Verification => "with the link that proves the address",
        MailKind::Invitation => "with the link to set a password",
        MailKind::Deprovisioning => "about the user's end",
        MailKind::Provisioning => "about trouble of an enterprise app",
        MailKind::Alert => "about an alert",
    };
    let refused = Refused::status(FAILED_STATUS, format!("the mail {what} was not sent: {why}"));
    let about = match mail.kind {
        MailKind::Verification | MailKind::Invitation | MailKind::Deprovisioning => Kind::USER,
        MailKind::Provisioning => Kind::named("enterprise-app"),
        MailKind::Alert => crate::alerts::kind(),
    };
    let entry = Entry::refused("mail.send", &refused).about(&about, mail.about, "");
    ChangeSet { log: vec![audit::entry(call, entry)], ..remove(record) }
}

/// Replaces a mail to several people by a mail to each.
pub fn expand(call: &Call, record: &Record, mail: &Mail, addresses: &[String]) -> ChangeSet {
    let one = |address: &String| Mail { to: Recipient::Address(address.clone()), ..mail.clone() };
    let mut change = remove(record);
    queue(call, addresses.iter().map(one).collect(), &mut change);
    change
}

fn changed(record: &Record, mail: &Mail, now: Timestamp) -> (ChangeSet, Record) {
    let doc = serde_json::to_string(mail).expect("a mail is made of strings and numbers");
    let after = Record { doc, modified: now, version: record.version + 1, ..record.clone() };
    let put = Put {
        record: after.clone(),
        expect: Expect::Version(record.version),
        claims: Vec::new(),
        releases: Vec::new(),
        index_adds: Vec::new(),
        index_removes: Vec::new(),
    };
    (ChangeSet { puts: vec![put], ..ChangeSet::default() }, after)
}

fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.saturating_add(by).unwrap_or(Timestamp::MAX)
}
