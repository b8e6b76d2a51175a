//! Starting, stopping and restarting: what people do to the job of an app.

use super::{Registered, about_app, app::changed};
use crate::{EnterpriseApp, Job, Notice, Reset};
use provost_accounts::{
    Call, Decided, Refused,
    account::put,
    audit::{self, Entry},
    mail::{Mail, MailKind, Post, Recipient},
};
use provost_change::{ChangeSet, Expect, Put, ResourceId};
use serde_json::{Value, json};

/// Whether an app is to run by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Started {
    /// From now on.
    Yes,
    /// No more; a cycle that is under way ends at once.
    No,
}

/// The put of an app's job: `before` is what it replaces.
pub fn put_job(call: &Call, app: ResourceId, before: Option<&Registered<Job>>, job: Job) -> Put {
    let expect = before.map_or(Expect::Absent, |before| Expect::Version(before.record.version));
    let mut put = put(Job::kind(), app, call, &job, expect);
    put.record.created = before.map_or(call.now, |before| before.record.created);
    put
}

/// Lets an app run by itself, or no more.
///
/// # Errors
/// 409 when there is no token to start with.
pub fn set_started(
    call: &Call,
    before: &Registered<EnterpriseApp>,
    job: Option<&Registered<Job>>,
    started: Started,
) -> Result<Decided<Registered<EnterpriseApp>>, Refused> {
    let is_on = started == Started::Yes;
    if is_on && before.value.secret_token.is_none() {
        return Err(Refused::status(409, "the app has no secret token: give one first, or nothing can be sent"));
    }
    let action = if is_on { "enterprise-app.start" } else { "enterprise-app.stop" };
    let entry = about_app(action, before).changed("started", json!(before.value.started), json!(is_on));
    let app = EnterpriseApp { started: is_on, ..before.value.clone() };
    let mut decided = changed(call, before, app, entry);
    let mut next = job.map_or_else(Job::default, |job| job.value.clone());
    if is_on {
        next.start()
    } else {
        next.stop()
    }
    decided.change.puts.push(put_job(call, before.id(), job, next));
    Ok(decided)
}

/// Has an app begin anew; what `reset` names is forgotten. Links survive unless it names them.
pub fn restart(
    call: &Call,
    app: &Registered<EnterpriseApp>,
    job: Option<&Registered<Job>>,
    reset: Reset,
) -> Decided<Job> {
    let mut next = job.map_or_else(Job::default, |job| job.value.clone());
    next.restart(reset, call.now);
    job_change(
        call,
        app,
        job,
        next,
        about_app("enterprise-app.restart", app).changed("reset", Value::Null, json!(reset)),
    )
}

/// Lets what is held be sent by the next cycle, or has it let go of that.
pub fn settle_held(
    call: &Call,
    app: &Registered<EnterpriseApp>,
    job: Option<&Registered<Job>>,
    is_allowed: bool,
) -> Decided<Job> {
    let mut next = job.map_or_else(Job::default, |job| job.value.clone());
    let action = match is_allowed {
        true => {
            next.allow_held(call.now);
            "enterprise-app.allow-deletions"
        }
        false => {
            next.reject_held(call.now);
            "enterprise-app.reject-deletions"
        }
    };
    job_change(call, app, job, next, about_app(action, app))
}

fn job_change(
    call: &Call,
    app: &Registered<EnterpriseApp>,
    before: Option<&Registered<Job>>,
    job: Job,
    entry: Entry,
) -> Decided<Job> {
    let put = put_job(call, app.id(), before, job.clone());
    let change = ChangeSet { puts: vec![put], log: vec![audit::entry(call, entry)], ..ChangeSet::default() };
    Decided { change, outcome: job }
}

/// Writes to those who want to be told of trouble, where the installation sends mail.
pub fn tell(call: &Call, app: &Registered<EnterpriseApp>, notices: &[Notice], change: &mut ChangeSet) {
    let EnterpriseApp { name, notify, .. } = &app.value;
    if call.mail_links.is_none() {
        return;
    }
    let mut post = Post::default();
    for (notice, address) in notices.iter().flat_map(|notice| notify.iter().map(move |address| (notice, address))) {
        let (subject, text) = letter(name, notice);
        let to = Recipient::Address(address.clone());
        let kind = MailKind::Provisioning;
        post = post.and(Post::of(Mail { to, subject, text, kind, about: app.id(), due: call.now, attempts: 0 }));
    }
    post.queue(call, change);
}

fn letter(name: &str, notice: &Notice) -> (String, String) {
    match notice {
        Notice::Quarantined(_, why) => (
            format!("Provisioning into {name} is in quarantine"),
            format!(
                "Provisioning into {name} fails and is tried rarely from now on: {why}\n\nAfter four weeks it is switched off."
            ),
        ),
        Notice::Disabled(why) => (
            format!("Provisioning into {name} is switched off"),
            format!(
                "Provisioning into {name} failed for four weeks and is switched off: {why}\n\nRestart it when it works again."
            ),
        ),
    }
}
