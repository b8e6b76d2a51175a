//! What came of an object: its link, the provisioning log, the count.

use super::gate::Halt;
use super::visit::Visit;
use super::{Intents, Problem};
use crate::cycle::{Commit, Trouble};
use crate::{
    Action, ActionError, ActionKind, CHANGED_MAX, Escrow, Held, Identity, Key, Objects, ScopeMode, Standing, Status,
    cut,
};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// What came of a visit.
#[derive(Clone, Debug)]
pub(crate) struct Visited {
    pub key: Key,
    pub name: String,
    pub intents: Intents,
    /// Why it is not to be at the target.
    pub why_not: Option<&'static str>,
    /// What the log says of it, also where nothing was logged.
    pub action: Arc<Action>,
    /// Why it failed.
    pub failure: Option<String>,
}

impl Visit<'_> {
    /// Commits what came of it, and counts it; `None` when the commit was refused, so that the object has to be looked at again.
    pub async fn finish(&mut self, is_last: bool) -> Option<Visited> {
        let now = self.work.port.now();
        if self.halt == Some(Halt::Again) && !is_last {
            return None;
        }
        let said = self.steps.len();
        let (mut action, mut failure) = self.conclude(now);
        let mut is_committed = self.plans() || self.commit(&action, failure.as_ref()).await;
        if !is_committed && let Some(problem) = self.unmade().await {
            self.steps = action.steps[..said].to_vec();
            self.halt = Some(Halt::Failed(problem));
            (action, failure) = self.conclude(now);
            is_committed = self.commit(&action, failure.as_ref()).await;
        }
        if !is_committed {
            if !is_last {
                return None;
            }
            // Somebody else writes the same link all the time: it is looked at again in the next cycle, whose watermark then does not move.
            self.work.state().trouble = often_changed().trouble;
        }
        self.count(now, failure.as_ref());
        Some(Visited {
            key: self.task.key,
            name: self.link.name.clone(),
            intents: std::mem::take(&mut self.intents),
            why_not: self.why_not,
            action,
            failure: failure.map(|problem| problem.reason),
        })
    }

    /// What came of it as the log says it, and why it failed, if so.
    fn conclude(&mut self, now: Timestamp) -> (Arc<Action>, Option<Problem>) {
        self.concluded();
        let failure = match &self.halt {
            Some(Halt::Failed(problem)) => Some(problem.clone()),
            Some(Halt::Moved) => Some(Problem::new("PlanMoved", "what is to be done is not what was planned")),
            Some(Halt::Again) => Some(often_changed()),
            Some(Halt::Skipped(_, _) | Halt::Staged | Halt::Planned) | None => None,
        };
        self.remember(now, failure.as_ref());
        (Arc::new(self.as_action(now, failure.as_ref())), failure)
    }

    /// Why a commit was refused, where that is because the target gave what was made an id that another link has: then the link is what
    /// it was before.
    async fn unmade(&mut self) -> Option<Problem> {
        let id = self.link.target.clone().filter(|_| self.is_made)?;
        let problem = self.anothers(&id).await?;
        self.link = self.stored.as_ref()?.link.clone();
        (self.is_made, self.is_new) = (false, false);
        self.modified.clear();
        Some(problem)
    }

    /// What the link keeps of how it ended.
    fn remember(&mut self, now: Timestamp, failure: Option<&Problem>) {
        let forgotten = self.work.job.forget_escrows_before;
        let before =
            self.link.escrow.take().filter(|escrow| forgotten.is_none_or(|limit| escrow.first_failed >= limit));
        let is_anew = !self.task.retries && !self.task.is_quiet && self.task.since > Timestamp::UNIX_EPOCH;
        match failure {
            Some(problem) if problem.trouble.is_some() => self.link.escrow = before,
            Some(problem) => {
                let before = before.as_ref().filter(|_| !is_anew);
                let escrow = Escrow::again(before, now, problem.code, &cut(&problem.reason), false);
                self.link.escrow = Some(Escrow { holder: problem.holder, ..escrow });
            }
            None => {}
        }
        match &self.halt {
            Some(Halt::Staged) => {
                let changed = if self.task.since > Timestamp::UNIX_EPOCH { self.task.since } else { now };
                let fresh = Held { since: now, changed, logged: None };
                self.link.held.get_or_insert(fresh);
            }
            Some(Halt::Failed(_)) => {}
            Some(Halt::Skipped(_, _) | Halt::Moved | Halt::Planned | Halt::Again) | None => self.link.held = None,
        }
    }

    /// Whether the link says something that is worth keeping.
    fn keeps_link(&self) -> bool {
        let link = &self.link;
        !self.drops_link
            && (link.target.is_some() || link.former.is_some() || !link.tried.is_empty() || link.escrow.is_some())
    }

    async fn commit(&mut self, action: &Arc<Action>, failure: Option<&Problem>) -> bool {
        let after = self.keeps_link().then(|| self.link.clone());
        let mut commit = Commit::default();
        if self.stored.as_ref().map(|stored| &stored.link) != after.as_ref() {
            commit.links.push((self.stored.clone(), after));
        }
        if self.is_logged(failure) {
            commit.actions.push((self.work.next_number(), Arc::clone(action)));
        }
        commit == Commit::default() || self.work.commit(commit).await
    }

    fn is_logged(&self, failure: Option<&Problem>) -> bool {
        let is_news = self.warnings.iter().any(|(code, _)| *code != "UnableToResolveReferenceAttributeValue");
        match &self.halt {
            _ if failure.is_some() => true,
            Some(Halt::Staged | Halt::Planned | Halt::Again) => false,
            Some(Halt::Skipped(_, _)) if self.task.is_quiet && !is_news && !self.is_new => false,
            Some(Halt::Skipped(_, _)) => self.was_linked || self.concerns_app(),
            Some(Halt::Failed(_) | Halt::Moved) | None => self.wrote || self.is_new || is_news || !self.task.is_quiet,
        }
    }

    /// Whether anybody expects it at the target: of others nothing is logged.
    fn concerns_app(&self) -> bool {
        self.work.setting.app.scope == ScopeMode::All && self.source.is_some()
            || self.work.is_on_demand
            || self.source.as_ref().is_some_and(|object| !object.assigned.is_empty())
    }

    fn as_action(&mut self, now: Timestamp, failure: Option<&Problem>) -> Action {
        let status = self.status();
        let error = match (&self.halt, failure) {
            (_, Some(problem)) => {
                let next_attempt = self.link.escrow.as_ref().and_then(|escrow| escrow.next_attempt);
                Some(ActionError { code: problem.code.to_owned(), reason: cut(&problem.reason), next_attempt })
            }
            (Some(Halt::Skipped(code, why)), None) => {
                Some(ActionError { code: (*code).to_owned(), reason: why.clone(), next_attempt: None })
            }
            (_, None) => self.warnings.first().map(|(code, why)| ActionError {
                code: (*code).to_owned(),
                reason: why.clone(),
                next_attempt: None,
            }),
        };
        let of = self.task.key.of;
        let name = self.link.name.clone();
        let duration = u64::try_from(now.duration_since(self.began).as_millis()).unwrap_or(0);
        let setting = &self.work.setting;
        Action {
            app: setting.id,
            cycle: self.work.id,
            at: self.began,
            duration_ms: duration,
            action: if status == Status::Skipped { ActionKind::Other } else { self.action },
            status,
            error,
            source: Identity {
                id: Some(self.task.key.id.to_string()),
                of,
                name: name.clone(),
                system: setting.source_name.clone(),
            },
            target: Identity { id: self.link.target.clone(), of, name, system: setting.app.name.clone() },
            steps: std::mem::take(&mut self.steps),
            modified: std::mem::take(&mut self.modified),
        }
    }

    fn count(&self, now: Timestamp, failure: Option<&Problem>) {
        let mut state = self.work.state();
        state.tally.imported += u64::from(!self.task.releases);
        state.tally.entitled += u64::from(self.entitled && !self.task.releases);
        state.tally.unresolved += self.unresolved;
        if (self.wrote || self.drops_link) && state.written.len() < CHANGED_MAX {
            state.written.insert(self.task.key.id);
        }
        if self.is_new && self.link.standing == Standing::Entitled {
            match self.task.key.of {
                Objects::Users => state.users += 1,
                Objects::Groups => state.groups += 1,
            }
            state.tally.linked += u64::from(self.is_matched);
        }
        if let Some(problem) = failure {
            match &problem.trouble {
                Some(trouble) => {
                    state.trouble.get_or_insert(trouble.clone());
                }
                None => state.tally.failed += 1,
            }
            return;
        }
        match (&self.halt, self.wrote, self.action) {
            (Some(Halt::Staged), _, _) => {}
            (_, true, ActionKind::Create) => state.tally.created += 1,
            (_, true, ActionKind::Update) => state.tally.updated += 1,
            (_, true, ActionKind::Disable) => state.tally.disabled += 1,
            (_, true, ActionKind::Delete) => state.tally.deleted += 1,
            (_, _, _) => state.tally.skipped += 1,
        }
        let lost_access =
            self.wrote && matches!(self.action, ActionKind::Disable | ActionKind::Delete) && self.was_in_use();
        if lost_access && self.task.since > Timestamp::UNIX_EPOCH && self.task.key.of == Objects::Users {
            let took: SignedDuration = now.duration_since(self.task.since);
            state.deprovisioning.measured(took);
        }
    }
}

/// Somebody writes the same link all the time: the watermark stays, so that the next cycle looks at the object.
fn often_changed() -> Problem {
    let why = "an object was changed by somebody else again and again; it is looked at in the next cycle";
    Problem { trouble: Some(Trouble::Away(why.to_owned())), ..Problem::new("InternalError", why) }
}

/// What a link becomes when its deletion is rejected.
pub(super) const SPARED: Standing = Standing::Spared;
