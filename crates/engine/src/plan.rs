//! Plans: what would be done, as data that people review and that is then done exactly.

use crate::{ActionKind, Change, Key, Modified, Objects, object::Visited};
use provost_change::ResourceId;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest in hexadecimal digits.
pub type Digest = String;

/// What would be done to one resource of the target, with one kind of request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Intent {
    /// What.
    pub action: ActionKind,
    /// Its id at the target; `None` for what is to be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Attributes, before and after.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Modified>,
    /// Whether it is about a group's members.
    #[serde(default)]
    pub is_members: bool,
    /// How many members come; the first of them stand in `changes`.
    #[serde(default)]
    pub adds: u64,
    /// How many go.
    #[serde(default)]
    pub removes: u64,
}

impl Intent {
    pub(crate) fn new(action: ActionKind, target: Option<String>, changes: &[Change]) -> Self {
        let changes = changes.iter().cloned().map(Modified::from).collect();
        Self { action, target, changes, is_members: false, adds: 0, removes: 0 }
    }

    /// Names it: another intent has another one.
    pub fn digest(&self) -> Digest {
        digest(self)
    }
}

impl From<Change> for Modified {
    fn from(change: Change) -> Self {
        Self { name: change.target, old: change.before, new: change.after }
    }
}

/// What would be done with one object of the source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedObject {
    /// Whether a user or a group.
    pub of: Objects,
    /// Which one.
    pub id: ResourceId,
    /// What people call it.
    pub name: String,
    /// What, in order.
    pub intents: Vec<Intent>,
    /// Why it is not to be at the target, in a clause; `None` where it is, and where a cycle is taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl PlannedObject {
    /// Which object.
    pub fn key(&self) -> Key {
        Key { of: self.of, id: self.id }
    }
}

/// What a cycle, or an undo, would do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// By object, in the order of their keys.
    pub objects: Vec<PlannedObject>,
    /// How many disables and deletes there are among them.
    pub deletions: u64,
    /// Objects that could not be planned, with why; the same when it is done.
    pub failures: Vec<(ResourceId, String)>,
    /// Whether there is more than a plan holds: only the first [`PLAN_MAX`] objects are here, and only they are done.
    pub is_cut: bool,
}

/// Objects in one plan: more than somebody reviews.
pub const PLAN_MAX: usize = 10_000;

impl Plan {
    /// Names the plan: one that does something else has another.
    pub fn digest(&self) -> Digest {
        digest(&self.objects)
    }

    /// Adds what a visit would do.
    pub(crate) fn plans(&mut self, visited: &Visited) {
        if let Some(why) = &visited.failure {
            self.failures.push((visited.key.id, why.clone()));
        }
        let (of, id) = (visited.key.of, visited.key.id);
        let why = visited.why_not.map(str::to_owned);
        self.add(PlannedObject { of, id, name: visited.name.clone(), intents: visited.intents.clone(), why });
    }

    /// Adds an object.
    pub(crate) fn add(&mut self, object: PlannedObject) {
        if object.intents.is_empty() {
            return;
        }
        if self.objects.len() >= PLAN_MAX {
            self.is_cut = true;
            return;
        }
        let is_deletion = |intent: &&Intent| matches!(intent.action, ActionKind::Disable | ActionKind::Delete);
        self.deletions += object.intents.iter().filter(is_deletion).count() as u64;
        self.objects.push(object);
    }
}

fn digest(value: &impl Serialize) -> Digest {
    let text = serde_json::to_string(value).expect("a plan is made of texts, numbers and JSON values");
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
