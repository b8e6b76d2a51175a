//! What somebody wants of some objects, now: provision on demand, a plan, and what was planned.

use super::{Pace, Port, Running, Setting, Trouble, Wish, Work};
use crate::object::{self, Mode, Task};
use crate::{Action, Digest, Job, Key, Members, Plan, PlannedObject, undo};
use jiff::Timestamp;
use provost_change::ResourceId;
use std::sync::Arc;

/// What came of a plan that was to be done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Applied {
    /// Objects with which what was planned was done.
    pub done: u64,
    /// Objects with which something else would have to be done now, with their names. If there are any, nothing was done.
    pub moved: Vec<(Key, String)>,
    /// Objects with which it failed, with why.
    pub failed: Vec<(Key, String)>,
    /// Why it ended early: the target cannot be used, or somebody stopped it.
    pub ended: Option<String>,
}

/// Brings one object to the target now, and of a group these members, at most [`ON_DEMAND_MEMBERS_MAX`]; the log's entry says step by
/// step what was done. Neither the watermark nor the threshold is concerned. `None` where such objects are not provisioned at all.
pub fn provision_on_demand(
    setting: Arc<Setting>,
    job: Job,
    key: Key,
    members: Vec<ResourceId>,
    now: Timestamp,
) -> Running<Option<Action>> {
    let (port, mut work) = begin(setting, job, now);
    work.is_on_demand = true;
    Running::new(port, async move {
        let mut touched = Members::InStep;
        touched.touch(members.into_iter().take(ON_DEMAND_MEMBERS_MAX));
        let task = Task { looks: true, releases: true, members: touched, since: now, ..Task::new(key) };
        let loaded = work.load(vec![key]).await.pop()?;
        let visited = object::bring(&work, task, loaded).await?;
        work.gained().await;
        Some(Arc::unwrap_or_clone(visited.action))
    })
}

/// Members of a group that are provisioned on demand with it, as with Entra.
pub const ON_DEMAND_MEMBERS_MAX: usize = 5;

/// What the next cycle would do, without doing it: the target is asked, and nothing is written anywhere. A job without a watermark
/// plans everything.
pub fn plan(setting: Arc<Setting>, job: Job, wish: Wish, now: Timestamp) -> Running<Result<Plan, String>> {
    let port = Port::new(now, Pace::new(setting.requests_max, now));
    let job = Job { progress: None, is_under_way: false, ..job };
    let mut work = Work::new(port.clone(), setting, job, wish, now);
    work.plans = true;
    Running::new(port, async move {
        match work.planned().await {
            Ok(()) => {
                let mut plan = std::mem::take(&mut work.state().plan);
                plan.objects.sort_by_key(PlannedObject::key);
                Ok(plan)
            }
            Err(trouble) => Err(why(&trouble)),
        }
    })
}

/// Does what was planned, exactly. First everything is planned anew: if anything else would be done now, nothing is.
pub fn apply(setting: Arc<Setting>, job: Job, plan: Plan, now: Timestamp) -> Running<Applied> {
    let (port, mut work) = begin(setting, job, now);
    Running::new(port, async move {
        let mut applied = Applied::default();
        work.plans = true;
        for planned in &plan.objects {
            let intents = match work.one(Task { looks: true, ..Task::new(planned.key()) }).await {
                Some(visited) => visited.intents,
                None => Vec::new(),
            };
            if intents != planned.intents {
                applied.moved.push((planned.key(), planned.name.clone()));
            }
        }
        work.plans = false;
        if !applied.moved.is_empty() {
            return applied;
        }
        for planned in &plan.objects {
            let digests: Vec<Digest> = planned.intents.iter().map(crate::Intent::digest).collect();
            let task = Task { looks: true, since: now, mode: Mode::Exactly(digests), ..Task::new(planned.key()) };
            let failure = work.one(task).await.and_then(|visited| visited.failure);
            match failure {
                None => applied.done += 1,
                Some(why) => applied.failed.push((planned.key(), why)),
            }
            if let Some(trouble) = work.trouble() {
                applied.ended = Some(why(&trouble));
                break;
            }
        }
        work.gained().await;
        applied
    })
}

/// Does what an [`undo`](crate::undo) planned, unless the target was written since.
pub fn revert(setting: Arc<Setting>, job: Job, plan: Plan, now: Timestamp) -> Running<Applied> {
    let (port, work) = begin(setting, job, now);
    Running::new(port, async move {
        let mut applied = Applied::default();
        for planned in &plan.objects {
            if !undo::is_as_left(&work, planned).await {
                applied.moved.push((planned.key(), planned.name.clone()));
            }
        }
        if !applied.moved.is_empty() {
            return applied;
        }
        for planned in &plan.objects {
            match undo::revert(&work, planned).await {
                Ok(()) => applied.done += 1,
                Err(why) => applied.failed.push((planned.key(), why)),
            }
            if let Some(trouble) = work.trouble() {
                applied.ended = Some(why(&trouble));
                break;
            }
        }
        applied
    })
}

fn begin(setting: Arc<Setting>, job: Job, now: Timestamp) -> (Port, Work) {
    let port = Port::new(now, Pace::new(setting.requests_max, now));
    let job = Job { progress: None, is_under_way: false, ..job };
    let work = Work::new(port.clone(), setting, job, Wish::default(), now);
    (port, Work { is_beside: true, ..work })
}

fn why(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Stopped => "somebody stopped it".to_owned(),
        Trouble::Unusable(why) | Trouble::Away(why) => why.clone(),
    }
}

impl Work {
    async fn one(&self, task: Task) -> Option<object::Visited> {
        let loaded = self.load(vec![task.key]).await.pop()?;
        object::bring(self, task, loaded).await
    }

    async fn planned(&self) -> Result<(), Trouble> {
        let head = self.head().await;
        self.state().watermark = head;
        self.probe().await?;
        match self.changes().await {
            Some(changes) => self.changed(changes).await,
            None => self.everything().await,
        }
    }

    /// Tells the job what was created or linked beside its cycles.
    async fn gained(&self) {
        let change = self.job_change(super::Place::Beside);
        self.job_learns(change).await;
    }
}
