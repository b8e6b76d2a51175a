//! One object on its way to the target: import, scope, match, plan, export.

mod export;
mod finish;
mod found;
mod gate;
mod hold;
mod leave;
mod members;
mod none;
mod refer;
mod steps;
mod visit;

use crate::cycle::{Loaded, Work};
use crate::{Intent, Key, Link, Members, Objects, SourceObject, Standing};
pub(crate) use finish::Visited;
pub(crate) use found::{Found, Problem, Purpose as Answered, answered};
pub use gate::Mode;
pub(crate) use hold::{spare, stay_held};
use jiff::Timestamp;
use provost_change::ResourceId;
pub(crate) use visit::Visit;

/// An object that is to be looked at, and why.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub key: Key,
    /// When the source changed, as far as that is known.
    pub since: Timestamp,
    /// The assigned group whose member it was found as.
    pub through: Option<ResourceId>,
    /// Whether it is passed over when it has a link.
    pub only_new: bool,
    /// Whether the target is asked what it has.
    pub looks: bool,
    /// Whether what differs there was changed by somebody else: what the source changed was brought before.
    pub finds_drift: bool,
    /// Whether those who wait for it are still to come in the cycle.
    pub in_whole: bool,
    /// Whether nothing is logged when nothing is done.
    pub is_quiet: bool,
    /// Whether it was removed from the source since it was looked at last, and may be back: without its memberships.
    pub was_removed: bool,
    /// Whether it is looked at because it failed before.
    pub retries: bool,
    /// Whether what it failed by may be otherwise now, so that it is tried before its time.
    pub is_freed: bool,
    /// Whether it may be disabled or removed: it was counted.
    pub releases: bool,
    /// Of a group: members that have to be looked at.
    pub members: Members,
    /// How far it goes.
    pub mode: Mode,
}

impl Task {
    pub fn new(key: Key) -> Self {
        Self {
            key,
            since: Timestamp::UNIX_EPOCH,
            through: None,
            only_new: false,
            looks: false,
            finds_drift: false,
            in_whole: false,
            is_quiet: false,
            was_removed: false,
            retries: false,
            is_freed: false,
            releases: false,
            members: Members::InStep,
            mode: Mode::Do,
        }
    }
}

/// How often an object is looked at again whose commit was refused.
const AGAIN_MAX: usize = 3;

/// Brings an object to the target; what came of it is committed and counted.
pub(crate) async fn bring(work: &Work, task: Task, mut loaded: Loaded) -> Option<Visited> {
    let key = loaded.key;
    if !work.state().under_way.insert(key) {
        return None;
    }
    let task = if work.plans { Task { mode: Mode::Plan, looks: true, ..task } } else { task };
    let mut visited = None;
    for attempt in 1..=AGAIN_MAX {
        let Some(mut visit) = Visit::begin(work, Task { key, ..task.clone() }, loaded) else { break };
        visit.run().await;
        match visit.finish(attempt == AGAIN_MAX).await {
            Some(done) => {
                visited = Some(done);
                break;
            }
            None => match work.load(vec![key]).await.pop() {
                Some(again) => loaded = again,
                None => break,
            },
        }
    }
    let mut state = work.state();
    state.under_way.remove(&key);
    if let Some(done) = visited.as_ref().filter(|_| work.plans) {
        state.plan.plans(done);
    }
    drop(state);
    visited
}

/// Whether a task concerns an object as it is now.
fn concerns(work: &Work, task: &Task, source: Option<&SourceObject>, link: Option<&Link>) -> bool {
    if !work.setting.compiled.objects(task.key.of).is_enabled {
        return false;
    }
    // One that was only noted comes from an engine that was killed before it knew more.
    let is_done = |link: &Link| link.target.is_some() || link.escrow.is_some();
    if task.only_new && (link.is_some_and(is_done) || source.is_none_or(|object| !is_its_turn(object, task.through))) {
        return false;
    }
    if task.retries {
        let escrow = link.and_then(|link| link.escrow.as_ref());
        return escrow.is_some_and(|escrow| task.is_freed || escrow.is_due(work.began) || work.wish.retries_now);
    }
    true
}

/// Who is assigned in several ways is found as often, and looked at once: for the first of them.
fn is_its_turn(object: &SourceObject, through: Option<ResourceId>) -> bool {
    object.assigned.is_empty() || object.assigned.iter().map(|assigned| assigned.through).min() == Some(through)
}

/// What people call an object.
fn name_of(object: &SourceObject) -> String {
    let attribute = match object.of {
        Objects::Users => "userName",
        Objects::Groups => "displayName",
    };
    object.resource.get(attribute).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
}

/// Whether it is at the target and in use there.
fn is_in_use(link: &Link) -> bool {
    link.target.is_some() && link.standing == Standing::Entitled
}

/// What a visit would do, when it only plans.
pub(crate) type Intents = Vec<Intent>;
