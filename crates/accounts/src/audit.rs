//! Audit entries: who did what to whom, when, from where, with which outcome.

use crate::{Actor, Call, Refused};
use provost_change::{AccountId, ChangeSet, Kind, LogEntry, Logged, Personal, ResourceId};
use provost_scim::ScimType;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One thing that happened or was refused.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    action: &'static str,
    target: Option<(Target, String)>,
    outcome: Outcome,
    changes: Vec<Change>,
    warnings: Vec<String>,
    repairs: Vec<&'static str>,
    reason: Option<Reason>,
}

/// Whether it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Done.
    Success,
    /// Refused; nothing changed.
    Failure,
}

/// How much attention it deserves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Severity {
    /// None.
    Info,
    /// Done, but not quite as asked.
    Warning,
    /// Refused.
    Error,
}

/// What it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// `user`, `role`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// Its id; none when it was never made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<ResourceId>,
}

/// One attribute before and after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Which attribute.
    pub attribute: String,
    /// Before; null when it was not there.
    pub old: Value,
    /// After; null when it is gone.
    pub new: Value,
}

/// Why something was refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reason {
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    scim_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy_field: Option<String>,
    #[serde(skip)]
    detail: String,
}

/// Who did it, as it is kept.
#[derive(Serialize)]
struct KeptActor<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<ResourceId>,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    /// The user whose token the key is.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<ResourceId>,
}

#[derive(Serialize)]
struct Public<'a> {
    action: &'a str,
    outcome: Outcome,
    severity: Severity,
    actor: KeptActor<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<&'a Target>,
    request_id: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attributes: Vec<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    repairs: &'a [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a Reason>,
}

#[derive(Serialize)]
struct PersonalPart<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    actor_owner: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_name: Option<&'a str>,
    client_ip: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    changes: &'a [Change],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    warnings: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
}

/// Longest user agent that is kept, in characters.
const USER_AGENT_MAX: usize = 256;

impl Entry {
    /// Something that is done once the change set it stands in is committed.
    pub fn done(action: &'static str) -> Self {
        Self {
            action,
            target: None,
            outcome: Outcome::Success,
            changes: Vec::new(),
            warnings: Vec::new(),
            repairs: Vec::new(),
            reason: None,
        }
    }

    /// Something that was refused.
    pub fn refused(action: &'static str, refused: &Refused) -> Self {
        let keyword = |scim_type: ScimType| serde_json::to_value(scim_type).ok()?.as_str().map(str::to_owned);
        Self {
            outcome: Outcome::Failure,
            reason: Some(Reason {
                status: refused.error.status,
                scim_type: refused.error.scim_type.and_then(keyword),
                policy_field: refused.field.map(str::to_owned),
                detail: refused.error.detail.clone(),
            }),
            ..Self::done(action)
        }
    }

    /// Names what it is about. The name is personal, the id is not.
    #[must_use]
    pub fn about(mut self, kind: &Kind, id: ResourceId, name: &str) -> Self {
        self.target = Some((Target { kind: kind.to_string(), id: Some(id) }, name.to_owned()));
        self
    }

    /// Names what was to be made and was not.
    #[must_use]
    pub fn making(mut self, kind: &Kind, name: &str) -> Self {
        self.target = Some((Target { kind: kind.to_string(), id: None }, name.to_owned()));
        self
    }

    /// Adds an attribute that changed; one that did not is left out.
    #[must_use]
    pub fn changed(mut self, attribute: &str, old: Value, new: Value) -> Self {
        if old != new {
            self.changes.push(Change { attribute: attribute.to_owned(), old, new });
        }
        self
    }

    /// Adds the attributes of a resource that changed. `schemas` and `id` say nothing that is not known.
    #[must_use]
    pub fn attributes_changed(mut self, old: &Map<String, Value>, new: &Map<String, Value>) -> Self {
        let gone = old.keys().filter(|name| !new.contains_key(*name));
        for name in new.keys().chain(gone).filter(|name| !matches!(name.as_str(), "schemas" | "id")) {
            let value = |of: &Map<String, Value>| of.get(name).cloned().unwrap_or_default();
            self = self.changed(name, value(old), value(new));
        }
        self
    }

    /// Adds sentences about what was not done as asked.
    #[must_use]
    pub fn warned(mut self, warnings: Vec<String>) -> Self {
        self.warnings.extend(warnings);
        self
    }

    /// Adds the codes of what was repaired in the request's dialect.
    #[must_use]
    pub fn repaired(mut self, repairs: &[&'static str]) -> Self {
        self.repairs.extend(repairs);
        self
    }

    fn severity(&self) -> Severity {
        match self.outcome {
            Outcome::Failure => Severity::Error,
            Outcome::Success if self.warnings.is_empty() => Severity::Info,
            Outcome::Success => Severity::Warning,
        }
    }
}

/// The log entry for what a call did.
pub fn entry(call: &Call, entry: Entry) -> LogEntry {
    let (id, key, owner) = match &call.actor {
        Actor::App { id, key, owner, .. } => (Some(*id), Some(key.clone()), owner.as_ref()),
        Actor::Person { owner, session } => (None, session.as_ref().map(ToString::to_string), Some(owner)),
        Actor::Operator | Actor::System => (None, None, None),
    };
    let name = actor_name(&call.actor);
    let kind = match &call.actor {
        Actor::App { .. } => "app",
        Actor::Person { .. } => "person",
        Actor::Operator => "operator",
        Actor::System => "system",
    };
    let public = Public {
        action: entry.action,
        outcome: entry.outcome,
        severity: entry.severity(),
        actor: KeptActor { kind, id, name: &name, key: key.as_deref(), owner: owner.map(|owner| owner.id) },
        target: entry.target.as_ref().map(|(target, _)| target),
        request_id: &call.request_id,
        attributes: entry.changes.iter().map(|change| change.attribute.as_str()).collect(),
        repairs: &entry.repairs,
        reason: entry.reason.as_ref(),
    };
    let user_agent: Option<String> = call.user_agent.as_ref().map(|agent| agent.chars().take(USER_AGENT_MAX).collect());
    let personal = PersonalPart {
        actor_owner: owner.map(|owner| owner.name.as_str()),
        target_name: entry.target.as_ref().map(|(_, name)| name.as_str()).filter(|name| !name.is_empty()),
        client_ip: &call.client_ip,
        user_agent: user_agent.as_deref(),
        changes: &entry.changes,
        warnings: &entry.warnings,
        detail: entry.reason.as_ref().map(|reason| reason.detail.as_str()),
    };
    let json = |part: Result<String, serde_json::Error>| part.expect("entries are made of strings and JSON values");
    LogEntry {
        at: call.now,
        subject: entry.target.as_ref().and_then(|(target, _)| target.id),
        public: json(serde_json::to_string(&public)),
        personal: Some(Personal { salt: call.salt, json: json(serde_json::to_string(&personal)) }),
    }
}

/// A change set that records a refusal and changes nothing else.
///
/// `target` is the kind, id and name of what it was aimed at; without an id it is something that was to be made.
pub fn refusal(
    call: &Call,
    action: &'static str,
    target: Option<(&Kind, Option<ResourceId>, &str)>,
    refused: &Refused,
) -> ChangeSet {
    let failed = Entry::refused(action, refused);
    let failed = match target {
        Some((kind, Some(id), name)) => failed.about(kind, id, name),
        Some((kind, None, name)) => failed.making(kind, name),
        None => failed,
    };
    ChangeSet { log: vec![entry(call, failed)], ..ChangeSet::default() }
}

/// An entry as it is shown: the parts put together, with the account, sequence number, time and hash.
pub fn shown(account: AccountId, logged: &Logged) -> Value {
    let mut shown: Value = serde_json::from_str(&logged.public).unwrap_or_default();
    let personal = logged.personal.as_ref().and_then(|part| serde_json::from_str::<Value>(&part.json).ok());
    if let Value::Object(fields) = &mut shown {
        if let Some(Value::Object(personal)) = personal {
            fields.extend(personal);
        } else if logged.personal_digest.is_some() {
            fields.insert("erased".to_owned(), Value::Bool(true));
        }
        fields.insert("account".to_owned(), Value::from(account.to_string()));
        fields.insert("seq".to_owned(), Value::from(logged.seq));
        fields.insert("time".to_owned(), Value::from(logged.at.to_string()));
        fields.insert("hash".to_owned(), Value::from(crate::api_key::hex(&logged.hash)));
    }
    shown
}

/// How an actor is named.
pub fn actor_name(actor: &Actor) -> String {
    match actor {
        Actor::App { name, .. } => name.clone(),
        // Names of people are personal: they stand with the owner.
        Actor::Person { .. } => "person".to_owned(),
        Actor::Operator => "operator".to_owned(),
        Actor::System => "system".to_owned(),
    }
}
