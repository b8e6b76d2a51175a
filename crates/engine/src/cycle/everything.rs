//! A cycle that looks at everything: the first one, and the one after a restart or a change of the mappings.

use super::{Keys, Place, Trouble, Work, each::Source};
use crate::{Key, LinkSet, Objects, Phase, ScopeMode, object::Task};
use provost_change::ResourceId;

/// In order. Those with links come before those without, so that what is gone is seen, too.
const PHASES: [Phase; 5] = [Phase::LinkedUsers, Phase::NewUsers, Phase::Waiting, Phase::LinkedGroups, Phase::NewGroups];

impl Work {
    pub(super) async fn everything(&self) -> Result<(), Trouble> {
        let (first, mut after) = match &self.job.progress {
            Some(progress) => (progress.phase, progress.after),
            None => (PHASES[0], None),
        };
        for phase in PHASES.into_iter().filter(|phase| *phase >= first) {
            let after = after.take();
            let begun = Place::UnderWay(Some(self.progress(phase, after)));
            self.job_learns(self.job_change(begun)).await;
            self.each(phase, self.source(phase, after), true).await?;
        }
        Ok(())
    }

    fn source(&self, phase: Phase, after: Option<ResourceId>) -> Source {
        let all = |of| Keys::Links(LinkSet::All(of));
        match phase {
            Phase::LinkedUsers => Source::walk(all(Objects::Users), after, whole(Objects::Users)),
            Phase::LinkedGroups => Source::walk(all(Objects::Groups), after, whole(Objects::Groups)),
            Phase::Waiting => Source::walk(Keys::Links(LinkSet::Waiting), after, waiting()),
            Phase::NewUsers => self.unlinked(Objects::Users, after),
            Phase::NewGroups => self.unlinked(Objects::Groups, after),
            Phase::Probe | Phase::ChangedUsers | Phase::ChangedGroups | Phase::Drift | Phase::Deletions => {
                Source::list([])
            }
        }
    }

    fn unlinked(&self, of: Objects, after: Option<ResourceId>) -> Source {
        let task = Task { only_new: true, ..whole(of) };
        match self.setting.app.scope {
            ScopeMode::All => Source::walk(Keys::All(of), after, task),
            ScopeMode::Assigned => Source::assigned(after, task),
        }
    }
}

/// Each is held against the target, whatever was written last, and nothing is logged of those that need nothing. Who waits for a user
/// comes later in the cycle, and need not be told; who waits for a group, or for somebody who waited himself, is told by the next one.
fn whole(of: Objects) -> Task {
    Task { looks: true, is_quiet: true, in_whole: of == Objects::Users, ..Task::template(of) }
}

/// The link says of which kind it is.
fn waiting() -> Task {
    Task { is_quiet: true, ..Task::new(Key::user(ResourceId::new(uuid::Uuid::nil()))) }
}
