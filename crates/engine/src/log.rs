//! The provisioning log: what was done with an object, step by step, and why.

mod words;

use crate::document::document;
use crate::{Key, Objects, TargetName, TargetValue, key::newest_first};
use jiff::{SignedDuration, Timestamp};
use provost_change::{Expect, IndexEntry, Kind, Put, Record, ResourceId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One action. Its record's id sorts newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Action {
    /// Of which app.
    pub app: ResourceId,
    /// In which cycle; provision on demand has one of its own.
    pub cycle: ResourceId,
    /// When it began.
    pub at: Timestamp,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// What was done, or was to be done.
    pub action: ActionKind,
    /// What came of it.
    pub status: Status,
    /// Why it failed or was skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ActionError>,
    /// The object at the source.
    pub source: Identity,
    /// The resource at the target.
    pub target: Identity,
    /// What happened, in order.
    pub steps: Vec<Step>,
    /// What changed at the target.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modified: Vec<Modified>,
}

/// What is done with a resource of the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionKind {
    /// It is made.
    Create,
    /// It changes.
    Update,
    /// It is disabled.
    Disable,
    /// It is removed.
    Delete,
    /// It would be disabled or removed, and waits for somebody.
    StagedDelete,
    /// Nothing.
    Other,
}

/// What came of an action or of a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It was done.
    #[default]
    Success,
    /// It was done but for a reference.
    Warning,
    /// It failed.
    Failure,
    /// Nothing was to be done, or it must not be done.
    Skipped,
}

/// Why an action failed or was skipped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionError {
    /// As Entra calls it.
    pub code: String,
    /// In one sentence or more, with the target's answer, cut short.
    pub reason: String,
    /// When it is tried again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_attempt: Option<Timestamp>,
}

/// An object on one side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Its id, when it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Whether a user or a group.
    pub of: Objects,
    /// What people call it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What people call the system that it is in.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub system: String,
}

/// A part of an action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// As Entra calls it, such as `EntryExportAdd`.
    pub name: String,
    /// Which of the kinds it is.
    #[serde(rename = "type")]
    pub kind: StepKind,
    /// What came of it.
    #[serde(default, skip_serializing_if = "Status::is_success")]
    pub status: Status,
    /// A sentence; empty where the name says it: [`Action::in_words`] has it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// What it saw and what decided it, but for what goes without saying: [`Action::in_words`] has that.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub details: BTreeMap<String, String>,
}

/// The kinds of steps, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StepKind {
    /// The object is read at the source.
    Import,
    /// Whether it is in scope.
    Scoping,
    /// Which resource of the target is meant.
    Matching,
    /// What is to change.
    Processing,
    /// References to other objects become their ids at the target.
    ReferenceResolution,
    /// The target is told.
    Export,
}

/// An attribute that changed at the target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Modified {
    /// Which one, as the mapping writes it.
    pub name: TargetName,
    /// Before, as far as was known.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub old: TargetValue,
    /// After.
    pub new: TargetValue,
}

/// How long an action is kept: as long as Entra keeps it.
pub const ACTIONS_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Longest text of a step's detail or a target's answer, in characters.
pub const TEXT_MAX: usize = 2_000;

/// Modified properties of one action that are kept: a group may change by thousands of members.
pub const MODIFIED_MAX: usize = 1_000;

/// By what actions can be asked for. Several are answered by looking at what one of them finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionSet {
    /// All of an app.
    App(ResourceId),
    /// Those of a cycle.
    Cycle(ResourceId),
    /// Those of an object of the source, whatever the app.
    Source(Key),
    /// Those of an app with a status that is not success: most of an app have that, and are found among all of it.
    Status(ResourceId, Status),
}

impl ActionSet {
    /// The index entry under which they are found.
    pub fn entry(self) -> IndexEntry {
        let (attribute, value) = match self {
            Self::App(app) => ("provisioning-log.app", app.to_string()),
            Self::Cycle(cycle) => ("provisioning-log.cycle", cycle.to_string()),
            Self::Source(key) => ("provisioning-log.source", key.id.to_string()),
            Self::Status(app, status) => ("provisioning-log.status", format!("{app}/{}", status.as_str())),
        };
        IndexEntry { attribute: attribute.to_owned(), value }
    }
}

impl Status {
    /// As in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Failure => "failure",
            Self::Skipped => "skipped",
        }
    }

    fn is_success(&self) -> bool {
        *self == Self::Success
    }
}

impl Action {
    /// The kind of the records.
    pub fn kind() -> Kind {
        Kind::named("provisioning-log")
    }

    /// The index entries under which it is found.
    pub fn index(&self) -> Vec<IndexEntry> {
        let source = self.source.id.as_deref().and_then(|id| id.parse().ok()).map(|id| Key { of: self.source.of, id });
        let mut sets = vec![ActionSet::App(self.app), ActionSet::Cycle(self.cycle)];
        sets.extend((self.status != Status::Success).then_some(ActionSet::Status(self.app, self.status)));
        sets.extend(source.map(ActionSet::Source));
        sets.into_iter().map(ActionSet::entry).collect()
    }

    /// The record, to be put once. `number` tells the actions of a cycle apart.
    pub fn put(&self, number: u64) -> Put {
        let record = Record {
            kind: Self::kind(),
            id: newest_first(self.app, self.cycle, self.at, number),
            version: 1,
            created: self.at,
            modified: self.at,
            doc: document(self),
            state: "{}".to_owned(),
        };
        // A cycle that is gone on with may have the same numbers; the same action is then written over itself.
        Put {
            record,
            expect: Expect::Any,
            claims: Vec::new(),
            releases: Vec::new(),
            index_adds: self.index(),
            index_removes: Vec::new(),
        }
    }
}

fn is_nothing(value: &TargetValue) -> bool {
    *value == TargetValue::Null
}

/// The text cut to [`TEXT_MAX`] characters.
pub fn cut(text: impl Into<String>) -> String {
    let mut text: String = text.into();
    // Mostly so few bytes that nobody has to count characters.
    if text.len() > TEXT_MAX
        && let Some((end, _)) = text.char_indices().nth(TEXT_MAX)
    {
        text.truncate(end);
        text.push('…');
    }
    text
}
