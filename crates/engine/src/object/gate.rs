//! The one place that everything passes that writes to the target.

use super::{Problem, Visit};
use crate::{ActionKind, Digest, Intent};

/// How far an object goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// To the target.
    Do,
    /// As far as can be seen without writing.
    Plan,
    /// To the target, if what is to be done is exactly what was planned.
    Exactly(Vec<Digest>),
}

/// Why a visit ends before its end.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Halt {
    /// It failed.
    Failed(Problem),
    /// Nothing is to be done; why.
    Skipped(&'static str, String),
    /// It would be disabled or removed, and waits until all such are counted.
    Staged,
    /// It would do something else than was planned.
    Moved,
    /// It only plans, and cannot see further.
    Planned,
    /// Somebody else wrote its link meanwhile: it is looked at again.
    Again,
}

impl From<Problem> for Halt {
    fn from(problem: Problem) -> Self {
        Self::Failed(problem)
    }
}

impl Visit<'_> {
    /// Whether an action may be done now. What is intended by it is put together where somebody compares or reads it.
    pub(super) fn gate(&mut self, action: ActionKind, intent: impl FnOnce() -> Intent) -> Result<(), Halt> {
        let is_deletion = matches!(action, ActionKind::Disable | ActionKind::Delete);
        self.action = action;
        match &mut self.task.mode {
            Mode::Do if is_deletion && self.work.stages() && !self.task.releases => return Err(Halt::Staged),
            Mode::Do => {}
            Mode::Plan => self.intents.push(intent()),
            Mode::Exactly(planned) => {
                if planned.is_empty() || planned.remove(0) != intent().digest() {
                    return Err(Halt::Moved);
                }
            }
        }
        Ok(())
    }

    /// Whether it only plans.
    pub(super) fn plans(&self) -> bool {
        self.task.mode == Mode::Plan
    }
}
