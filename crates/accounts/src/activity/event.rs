//! An entry of the audit log, as far as it is counted.

use crate::audit::{Outcome, Target};
use jiff::Timestamp;
use provost_change::{Logged, ResourceId};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

/// What stands for a text that is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Digest([u8; 16]);

impl Digest {
    /// That of several texts.
    pub fn of(parts: &[&str]) -> Self {
        let mut digest = Sha256::new();
        for part in parts {
            digest.update(part.len().to_be_bytes());
            digest.update(part.as_bytes());
        }
        let mut short = [0; 16];
        short.copy_from_slice(&digest.finalize()[..16]);
        Self(short)
    }
}

/// An entry of the audit log, as far as it is counted.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its number.
    pub seq: u64,
    /// When it happened.
    pub at: Timestamp,
    /// The admin app that did it; nothing where a person or the server did.
    pub app: Option<ResourceId>,
    /// What was done, such as `user.create`.
    pub action: String,
    /// What it was about.
    pub subject: Option<Subject>,
    /// Why it was refused; `None` where it was done.
    pub failure: Option<String>,
}

/// What an entry was about.
#[derive(Clone, Debug)]
pub struct Subject {
    kind: String,
    id: Option<ResourceId>,
    name: String,
}

impl Subject {
    /// What stands for it.
    pub fn digest(&self) -> Digest {
        Digest::of(&[&self.kind, &self.id.map(|id| id.to_string()).unwrap_or_default(), &self.name])
    }
}

#[derive(Deserialize)]
struct Public {
    action: String,
    outcome: Outcome,
    actor: Actor,
    target: Option<Target>,
}

#[derive(Deserialize)]
struct Actor {
    id: Option<ResourceId>,
}

#[derive(Default, Deserialize)]
struct PersonalPart {
    target_name: Option<String>,
    detail: Option<String>,
}

impl Event {
    /// What is counted of an entry; `None` of one that cannot be read.
    pub fn of(logged: &Logged) -> Option<Self> {
        let public: Public = serde_json::from_str(&logged.public).ok()?;
        let personal: PersonalPart =
            logged.personal.as_ref().and_then(|part| serde_json::from_str(&part.json).ok()).unwrap_or_default();
        let subject = public.target.and_then(|target| {
            let name = personal.target_name.or_else(|| target.id.map(|id| id.to_string()))?;
            Some(Subject { kind: target.kind, id: target.id, name })
        });
        let failure = (public.outcome == Outcome::Failure).then(|| personal.detail.unwrap_or_default());
        let (app, action) = (public.actor.id, public.action);
        Some(Self { seq: logged.seq, at: logged.at, app, action, subject, failure })
    }

    /// What a failure and the success that settles it have in common.
    pub fn key(&self) -> Digest {
        let name = self.subject.as_ref().map_or("", |subject| subject.name.as_str());
        Digest::of(&[settling(&self.action), name])
    }
}

/// What settles a failure of an action: a refused change of a user is logged as one before it is known what it would have done, and the
/// change that succeeds by what it did.
fn settling(action: &str) -> &str {
    match action {
        "user.enable" | "user.disable" => "user.update",
        other => other,
    }
}

#[cfg(test)]
impl Event {
    /// One about a user of this name.
    pub fn about_user(seq: u64, at: Timestamp, app: Option<ResourceId>, action: &str, name: &str) -> Self {
        let subject = (!name.is_empty()).then(|| Subject { kind: "user".to_owned(), id: None, name: name.to_owned() });
        Self { seq, at, app, action: action.to_owned(), subject, failure: None }
    }

    /// The name of what it is about.
    pub fn name(&self) -> Option<&str> {
        self.subject.as_ref().map(|subject| subject.name.as_str())
    }

    /// The action that settles it.
    pub fn settling(&self) -> &str {
        settling(&self.action)
    }
}
