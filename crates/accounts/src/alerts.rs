//! Alerts: what administrators must hear of although nobody asked. Each is raised once for its cause, and cleared when that is over.
//!
//! What is due follows from values and the present instant ([`due`]); [`settle`] compares it with what is raised. An alert is a record
//! under an id that follows from its cause, so that no two are raised of one; its mail stands in the change set that raises it.

mod cause;

pub use cause::{Cause, Facts, Tally, due, tally};

use crate::{
    AdminApp, Call, Configuration, Corrupt, Decided, Refused,
    account::put,
    audit::{self, Entry},
    mail::{Mail, MailKind, Post, Recipient},
    policy::AlertMail,
};
use jiff::Timestamp;
use provost_change::{AccountId, ChangeSet, CountChange, Delete, Expect, Kind, Record, ResourceId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Builder;

/// Name of the count of alerts that are raised and not cleared.
pub const COUNT: &str = "alert";

/// An alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// Why.
    pub cause: Cause,
    /// Since when.
    pub since: Timestamp,
    /// What happened and what to do, as it was when it was raised: a sentence or two.
    pub detail: String,
}

/// The kind of the records.
pub fn kind() -> Kind {
    Kind::named("alert")
}

/// The id of the alert of a cause, which follows from it.
pub fn id(account: AccountId, cause: &Cause) -> ResourceId {
    let cause = serde_json::to_string(cause).expect("a cause is made of names, ids and numbers");
    let digest = Sha256::new().chain_update(account.as_bytes()).chain_update(b"alert").chain_update(cause).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    ResourceId::new(Builder::from_custom_bytes(bytes).into_uuid())
}

/// Reads a stored alert.
///
/// # Errors
/// When the database was changed by something else.
pub fn read(account: AccountId, record: &Record) -> Result<Alert, Corrupt> {
    let corrupt = |error: serde_json::Error| Corrupt { account, kind: kind(), id: record.id, cause: error.to_string() };
    serde_json::from_str(&record.doc).map_err(corrupt)
}

/// What was raised and cleared, by the names of the causes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Causes of the alerts that were raised.
    pub raised: Vec<&'static str>,
    /// Causes of those that were cleared.
    pub cleared: Vec<&'static str>,
}

/// Raises what is due and is not raised yet, and clears what is raised and no longer due; `None` where both agree. What cannot be told from
/// the facts stays as it is.
pub fn settle(
    config: &Configuration,
    call: &Call,
    facts: &Facts<'_>,
    raised: &[(Record, Alert)],
) -> Option<Decided<Settled>> {
    let due = due(config, facts);
    let mut settled = Settled::default();
    let mut change = ChangeSet::default();
    let mut mails = Vec::new();
    for (cause, detail) in &due {
        if raised.iter().all(|(_, alert)| alert.cause != *cause) {
            settled.raised.push(cause.name());
            mails.extend(raise(config, call, cause, detail, &mut change));
        }
    }
    for (record, alert) in raised {
        if alert.cause.ends_by_itself()
            && facts.tell_of(&alert.cause)
            && due.iter().all(|(cause, _)| *cause != alert.cause)
        {
            settled.cleared.push(alert.cause.name());
            clear("alert.clear", config, call, (record, alert), &mut change);
        }
    }
    mails.into_iter().reduce(Post::and).unwrap_or_default().queue(call, &mut change);
    (!change.log.is_empty()).then_some(Decided { change, outcome: settled })
}

/// Raises the alert that somebody used the key of an admin app that is bait, and records the use.
pub fn honey(config: &Configuration, call: &Call, app: &AdminApp) -> ChangeSet {
    let detail = format!(
        "The key of admin app `{}`, which is bait, was used from {}: somebody has read what it was left in. Find out who, and rotate \
         whatever other secrets lie there.",
        app.name, call.client_ip
    );
    let mut change = honey_used(call, app);
    let cause = Cause::Honey { app: app.id };
    raise(config, call, &cause, &detail, &mut change).unwrap_or_default().queue(call, &mut change);
    change
}

/// Only records the use: it was alerted to before.
pub fn honey_used(call: &Call, app: &AdminApp) -> ChangeSet {
    let refused = Refused::status(401, "this admin app is bait: no key of it is taken");
    let entry = Entry::refused("admin_app.honey", &refused).about(&Kind::ADMIN_APP, app.id, &app.name);
    ChangeSet { log: vec![audit::entry(call, entry)], ..ChangeSet::default() }
}

/// Takes an alert away that does not end by itself.
///
/// # Errors
/// 409 for one that does.
pub fn dismiss(
    config: &Configuration,
    call: &Call,
    (record, alert): (&Record, &Alert),
) -> Result<Decided<()>, Refused> {
    if alert.cause.ends_by_itself() {
        return Err(Refused::status(409, "this alert ends by itself when its cause is over"));
    }
    let mut change = ChangeSet::default();
    clear("alert.dismiss", config, call, (record, alert), &mut change);
    Ok(Decided { change, outcome: () })
}

fn raise(config: &Configuration, call: &Call, cause: &Cause, detail: &str, change: &mut ChangeSet) -> Option<Post> {
    let id = id(config.id, cause);
    let alert = Alert { cause: cause.clone(), since: call.now, detail: detail.to_owned() };
    change.puts.push(put(kind(), id, call, &alert, Expect::Absent));
    change.counts.push(CountChange::by(COUNT, 1));
    let entry = about("alert.raise", config, id, cause).changed("cause", Value::Null, json!(cause));
    change.log.push(audit::entry(call, entry.warned(vec![detail.to_owned()])));
    let links = call.mail_links.as_ref().filter(|_| config.policy.alerts.mail == AlertMail::Admins)?;
    let account = &config.account.name;
    Some(Post::of(Mail {
        to: Recipient::Administrators,
        subject: format!("{account}: {}", cause.title()),
        text: format!("Hello,\n\n{detail}\n\nThe console shows it: {links}/console/accounts/{}\n", config.id),
        kind: MailKind::Alert,
        about: id,
        due: call.now,
        attempts: 0,
    }))
}

fn clear(
    action: &'static str,
    config: &Configuration,
    call: &Call,
    (record, alert): (&Record, &Alert),
    change: &mut ChangeSet,
) {
    change.deletes.push(Delete::bare(kind(), record.id, record.version));
    change.counts.push(CountChange::by(COUNT, -1));
    let entry = about(action, config, record.id, &alert.cause).changed("cause", json!(alert.cause), Value::Null);
    change.log.push(audit::entry(call, entry));
}

/// The entry is about the admin app where the alert is about one, so that it stands among what else happened to that.
fn about(action: &'static str, config: &Configuration, alert: ResourceId, cause: &Cause) -> Entry {
    match cause.app() {
        Some(app) => {
            let name = config.app(app).map_or("", |app| app.name.as_str());
            Entry::done(action).about(&Kind::ADMIN_APP, app, name)
        }
        None => Entry::done(action).about(&kind(), alert, cause.title()),
    }
}
