//! What happened to something, as the audit log says it.

use super::{mark::Mark, mark::state, time::time};
use crate::{Shell, words};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Map, Value};

/// An entry of the audit log, as the management API shows it. What was erased is left out.
#[derive(Clone, Debug, Deserialize)]
pub struct Entry {
    /// Counts the account's entries.
    pub seq: u64,
    /// When.
    pub time: Timestamp,
    /// What, such as `user.create`.
    pub action: String,
    /// `success` or `failure`.
    pub outcome: String,
    /// `INFO`, `WARNING` or `ERROR`.
    pub severity: String,
    /// Who.
    pub actor: Actor,
    /// The sign-in name of the person who did it, or of the owner of the token.
    #[serde(default)]
    pub actor_owner: Option<String>,
    /// What it was about.
    #[serde(default)]
    pub target: Option<Target>,
    /// The name of what it was about.
    #[serde(default)]
    pub target_name: Option<String>,
    /// The request's number.
    #[serde(default)]
    pub request_id: String,
    /// From where.
    #[serde(default)]
    pub client_ip: Option<String>,
    /// What the client calls itself.
    #[serde(default)]
    pub user_agent: Option<String>,
    /// Names of the attributes that changed.
    #[serde(default)]
    pub attributes: Vec<String>,
    /// What changed, from what to what.
    #[serde(default)]
    pub changes: Vec<Changed>,
    /// What was done otherwise than asked.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// What was repaired in the request's dialect.
    #[serde(default)]
    pub repairs: Vec<String>,
    /// Why it was refused, for a machine.
    #[serde(default)]
    pub reason: Value,
    /// Why it was refused, in words.
    #[serde(default)]
    pub detail: Option<String>,
    /// Whether the personal part was erased.
    #[serde(default)]
    pub erased: bool,
    /// Hash of this and all entries before.
    pub hash: String,
}

/// Who did something.
#[derive(Clone, Debug, Deserialize)]
pub struct Actor {
    /// `app`, `person`, `operator` or `system`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The name.
    #[serde(default)]
    pub name: String,
    /// The id of an app.
    #[serde(default)]
    pub id: Option<String>,
    /// The id of the key.
    #[serde(default)]
    pub key: Option<String>,
}

/// What something was about.
#[derive(Clone, Debug, Deserialize)]
pub struct Target {
    /// Its kind.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its id, unless it was never made.
    #[serde(default)]
    pub id: Option<String>,
}

/// A change of an attribute.
#[derive(Clone, Debug, Deserialize)]
pub struct Changed {
    /// The attribute.
    pub attribute: String,
    /// Its value before.
    #[serde(default)]
    pub old: Value,
    /// Its value behind.
    #[serde(default)]
    pub new: Value,
}

impl Entry {
    /// Whether it was refused.
    pub fn is_failure(&self) -> bool {
        self.outcome == "failure"
    }

    /// Who did it: a person by the sign-in name, as long as that was not erased.
    pub fn by(&self) -> &str {
        match (self.actor.kind.as_str(), &self.actor_owner) {
            ("person", Some(name)) => name,
            ("person", None) => "a person",
            _ => &self.actor.name,
        }
    }

    /// How it went.
    pub fn state(&self) -> Markup {
        match (self.outcome.as_str(), self.severity.as_str()) {
            ("failure", _) => state(Mark::Bad, "Refused"),
            (_, "WARNING") => state(Mark::Warn, "Done, with a warning"),
            _ => state(Mark::On, "Done"),
        }
    }

    /// What happened, in words.
    pub fn words(&self) -> String {
        if self.is_failure() { words::refused(&self.action) } else { words::action(&self.action) }
    }
}

/// Entries as a line through time. A disc: an app or Provost did it; a ring: a person did it here; a square: it failed.
pub fn timeline(shell: &Shell, entries: &[Entry]) -> Markup {
    let class = |entry: &Entry| match (entry.is_failure(), entry.actor.kind.as_str()) {
        (true, _) => Some("is-bad"),
        (false, "person" | "operator") => Some("is-local"),
        (false, _) => None,
    };
    html! {
        ol.timeline {
            @for entry in entries {
                li class=[class(entry)] {
                    div {
                        a href=(shell.path(&format!("/audit/{}", entry.seq))) { (entry.words()) }
                        @let attributes: Vec<&str> = entry.attributes.iter().map(|name| short_name(name)).collect();
                        @if !attributes.is_empty() { ": " (attributes.join(", ")) }
                        " " span.meta { (time(entry.time, shell.now)) ", " (entry.by()) }
                    }
                }
            }
        }
    }
}

/// An attribute as a person reads it: the enterprise extension goes by a short name.
pub fn short_name(attribute: &str) -> &str {
    match attribute.strip_prefix("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User") {
        Some(_) => "enterprise",
        None => attribute,
    }
}

/// A value of an attribute as a person reads it.
pub fn value_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Object(fields) => role_names(fields).or_else(|| Some(value.to_string())),
        other => Some(other.to_string()),
    }
}

/// What the roles of a mapping are called, where a value is roles: these stand in a list beside the form in which a target wants them.
fn role_names(fields: &Map<String, Value>) -> Option<String> {
    fields.get("form")?;
    let name = |role: &Value| {
        let named = role.get("display_name").or_else(|| role.get("value"))?;
        named.as_str().map(str::to_owned)
    };
    let names: Option<Vec<String>> = fields.get("roles")?.as_array()?.iter().map(name).collect();
    names.map(|names| if names.is_empty() { "no role".to_owned() } else { names.join(", ") })
}
