//! Disables and deletes come last: they are counted before the first is sent.

use super::{Keys, Trouble, Work, each::Source};
use crate::{Key, LinkSet, Phase, Standing, StoredLink, object, object::Task};
use jiff::Timestamp;
use provost_change::ResourceId;

/// What becomes of a disable or delete that waits.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Somebody rejected it.
    Rejected,
    /// Somebody allowed it.
    Allowed,
    /// It is one of those that are counted.
    Counted,
}

/// How far a walk over what is held has come.
#[derive(Default)]
struct Held {
    after: Option<ResourceId>,
    is_over: bool,
}

impl Work {
    /// Whether disables and deletes wait until they are counted.
    pub fn stages(&self) -> bool {
        self.setting.app.accidental_deletion_threshold.is_some() && !self.is_on_demand
    }

    pub(super) async fn deletions(&self) -> Result<(), Trouble> {
        if self.plans {
            return Ok(());
        }
        let Some(threshold) = self.setting.app.accidental_deletion_threshold else {
            return self.release(|_| true).await;
        };
        let mut counted = 0;
        let mut walk = Held::default();
        while let Some(page) = self.held(&mut walk).await {
            for stored in page {
                match self.fate(&stored) {
                    Fate::Rejected => {
                        let loaded = self.load(vec![stored.link.key()]).await.pop();
                        let is_gone = loaded.is_some_and(|loaded| loaded.source.is_none());
                        object::spare(self, stored, is_gone).await;
                    }
                    Fate::Allowed => {}
                    Fate::Counted => counted += 1,
                }
            }
        }
        if counted <= u64::from(threshold) {
            return self.release(|_| true).await;
        }
        self.state().tally.held = counted;
        let mut walk = Held::default();
        while let Some(page) = self.held(&mut walk).await {
            for stored in page {
                let is_new = stored.link.held.as_ref().is_some_and(|held| held.logged.is_none());
                if self.fate(&stored) == Fate::Counted && is_new {
                    object::stay_held(self, stored, threshold).await;
                }
            }
        }
        self.release(|fate| fate == Fate::Allowed).await
    }

    fn fate(&self, stored: &StoredLink) -> Fate {
        // What no log says to be held, nobody has decided about.
        let logged = stored.link.held.as_ref().and_then(|held| held.logged);
        let until =
            |limit: Option<Timestamp>| matches!((logged, limit), (Some(logged), Some(limit)) if logged <= limit);
        if until(self.job.reject_held_until) {
            Fate::Rejected
        } else if until(self.job.allow_held_until) {
            Fate::Allowed
        } else {
            Fate::Counted
        }
    }

    /// The next links that are held; `None` behind the last.
    async fn held(&self, walk: &mut Held) -> Option<Vec<StoredLink>> {
        if walk.is_over {
            return None;
        }
        let page = self.keys(Keys::Links(LinkSet::Held), walk.after).await;
        walk.after = page.last().map(|(place, _)| *place);
        walk.is_over = page.len() < super::each::PAGE;
        let keys: Vec<Key> = page.iter().map(|(_, key)| *key).collect();
        Some(self.links(keys).await.into_iter().flatten().collect())
    }

    /// Sends those that may be sent: each object is looked at once more.
    async fn release(&self, may: impl Fn(Fate) -> bool + Send) -> Result<(), Trouble> {
        let mut tasks = Vec::new();
        let mut walk = Held::default();
        while let Some(page) = self.held(&mut walk).await {
            for stored in page {
                let fate = self.fate(&stored);
                if let Some(held) = stored.link.held.as_ref().filter(|_| may(fate)) {
                    tasks.push(Task { since: held.changed, releases: true, ..Task::new(stored.link.key()) });
                }
            }
        }
        // Groups go last, as they came last.
        tasks.sort_by_key(|task| task.key);
        self.each(Phase::Deletions, Source::list(tasks), false).await
    }
}

impl Standing {
    /// Whether it may be disabled or removed by what the source says.
    pub fn is_managed(self) -> bool {
        match self {
            Self::New | Self::Entitled | Self::Disabled => true,
            Self::Left | Self::Spared => false,
        }
    }
}
