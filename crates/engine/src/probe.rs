//! Probe of a target: what it can do, and what it needs otherwise than Entra sends.
//!
//! A probe asks what the target says of itself and searches for somebody who is nobody. With consent to write it also makes throw-away
//! users and groups, tries each setting of [`Compatibility`] on them with the very requests that cycles send, reads what became of it,
//! and removes them again, whatever has failed meanwhile.

mod attributes;
mod discovery;
mod groups;
mod report;
mod sample;
mod session;
mod settings;
mod users;

pub use report::{Attribute, Bulk, Report, Setting, Tried};

use crate::{Compatibility, Compiled, CompiledObjects, Dialect, Objects, Reply, Request, Role};
use session::{Asked, Pending, Session};
use uuid::Uuid;

/// A probe that has come some way. Whoever drives it sends what [`step`](Self::step) asks for and hands the reply over.
#[derive(Clone, Debug)]
pub struct TargetProbe {
    compiled: Compiled,
    consent: Consent,
    replies: Vec<Reply>,
}

/// What a probe may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Whether throw-away users and groups may be made.
    pub writes: bool,
    /// Their names hold this, so that they are nobody else's.
    pub nonce: Uuid,
    /// An app role that they may be given; without one, roles are not tried.
    pub role: Option<Role>,
}

/// What comes next.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// This is to be sent, once. After a 429 it is for who drives to wait and send it again.
    Ask(Request),
    /// That was all.
    Done(Box<Report>),
}

impl TargetProbe {
    /// A probe of an app's target. What is tried is what the app's mappings send; its own compatibility settings are not looked at.
    pub fn new(compiled: Compiled, consent: Consent) -> Self {
        Self { compiled, consent, replies: Vec::new() }
    }

    /// What comes next, as often as it is asked. The number of requests is bounded by the number of the mappings' rows.
    pub fn step(&self) -> Step {
        match self.conversation() {
            Err(Pending(request)) => Step::Ask(*request),
            Ok(report) => Step::Done(Box::new(report)),
        }
    }

    /// What came of the request that [`step`](Self::step) asked for.
    pub fn replied(&mut self, reply: Reply) {
        self.replies.push(reply);
    }

    /// The whole conversation from its beginning, as far as there are replies.
    fn conversation(&self) -> Asked<Report> {
        let mut talk = Conversation {
            session: Session::new(&self.replies),
            users: self.compiled.users.clone(),
            groups: self.compiled.groups.clone(),
            consent: &self.consent,
            dialect: self.compiled.dialect(false),
            report: Report::new(self.compiled.dialect(false)),
            made: Vec::new(),
        };
        talk.set(Compatibility::default());
        talk.discover()?;
        let can_search = talk.searches()?;
        if can_search && !self.consent.writes {
            talk.filters(None)?;
        }
        if can_search && self.consent.writes {
            talk.users()?;
            talk.groups()?;
            talk.remove_all()?;
        }
        Ok(talk.report)
    }
}

/// A conversation under way.
struct Conversation<'p> {
    session: Session<'p>,
    users: CompiledObjects,
    groups: CompiledObjects,
    consent: &'p Consent,
    dialect: Dialect,
    report: Report,
    /// What was made and is not removed yet: kind and id.
    made: Vec<(Objects, String)>,
}

impl Conversation<'_> {
    fn objects(&self, of: Objects) -> &CompiledObjects {
        match of {
            Objects::Users => &self.users,
            Objects::Groups => &self.groups,
        }
    }

    /// Sends in this form from now on.
    fn set(&mut self, compatibility: Compatibility) {
        self.report.compatibility = compatibility;
        self.users.compatibility = compatibility;
        self.groups.compatibility = compatibility;
    }
}
