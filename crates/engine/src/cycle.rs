//! A cycle: what changed since the watermark, or everything, is brought to the target.
//!
//! Users come before groups, so that members are there when groups want them; disables and deletes come last, once they are counted.

mod ask;
mod change;
mod deletions;
mod demand;
mod each;
mod everything;
mod incremental;
mod pace;
mod report;
mod talk;
mod together;

use crate::{
    Compiled, CycleEnd, CycleReport, EnterpriseApp, Job, Key, Objects, Phase, Progress, Reply, Request, object,
    wire::lookup::Lookup,
};
pub use ask::{Ask, Command, Commit, Keys, Loaded, Refused, Token, Told};
pub use change::{Decided, Ended, JobChange, Notice, Place};
pub use demand::{Applied, ON_DEMAND_MEMBERS_MAX, apply, plan, provision_on_demand, revert};
pub(crate) use each::PAGE;
use jiff::{SignedDuration, Timestamp};
pub(crate) use pace::Pace;
use provost_change::ResourceId;
use report::State;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
pub use talk::Running;
pub(crate) use talk::{Crowd, Port};
use together::Sent;

/// What a cycle works with: the same from its beginning to its end.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The app's id.
    pub id: ResourceId,
    /// The app.
    pub app: EnterpriseApp,
    /// The same, understood.
    pub compiled: Compiled,
    /// The app's roles.
    pub roles: BTreeSet<ResourceId>,
    /// Whether one of them is enabled and can be held.
    pub has_roles: bool,
    /// What people call the account; the log says it.
    pub source_name: String,
    /// What `DefaultDomain` gives.
    pub default_domain: Option<String>,
    /// Random, another one for each cycle: what `Guid` and `RandomString` give follows from it.
    pub seed: [u8; 32],
    /// At most how many requests are under way at once.
    pub requests_max: usize,
}

/// How a cycle is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Whether failures are tried again that are not due yet.
    pub retries_now: bool,
}

/// Requests that are under way at once at most, where nobody says otherwise.
pub const REQUESTS_MAX: usize = 32;

/// How often a request is sent again that the target put off.
const PUT_OFF_MAX: u32 = 5;

/// A target that wants to be left alone for longer ends the cycle; it is gone on with then.
const PAUSE_MAX: SignedDuration = SignedDuration::from_mins(10);

/// Why a cycle does not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Somebody stopped it.
    Stopped,
    /// The target cannot be used until somebody does something about it: it goes into quarantine at once. What to do, in a sentence.
    Unusable(String),
    /// The target is away, or wants to be left alone. Why, in a sentence.
    Away(String),
}

/// A cycle at work.
pub(crate) struct Work {
    pub port: Port,
    pub setting: Arc<Setting>,
    /// As it was when the cycle began.
    pub job: Job,
    pub wish: Wish,
    pub id: ResourceId,
    pub began: Timestamp,
    /// Whether somebody wants it now, of some objects: the tenant URL's flag does not count then, as with Entra.
    pub is_on_demand: bool,
    /// Whether it is none of the job's cycles: when it is killed, nothing in the job says so.
    pub is_beside: bool,
    /// Whether nothing is written, neither here nor at the target.
    pub plans: bool,
    state: Mutex<State>,
}

/// Begins a cycle: one over the changes since the job's watermark, or one that looks at everything when there is none. A cycle that was
/// ended on the way, by whatever, is gone on with.
pub fn cycle(setting: Arc<Setting>, job: Job, wish: Wish, now: Timestamp) -> Running<CycleReport> {
    let port = Port::new(now, Pace::new(setting.requests_max, now));
    let work = Work::new(port.clone(), setting, job, wish, now);
    Running::new(port, async move { work.run().await })
}

impl Work {
    pub fn new(port: Port, setting: Arc<Setting>, job: Job, wish: Wish, now: Timestamp) -> Self {
        let id = job
            .progress
            .as_ref()
            .map_or_else(|| crate::key::event_id(setting.id, now, job.epoch), |progress| progress.cycle);
        let tally = job.progress.as_ref().map(|progress| progress.tally).unwrap_or_default();
        let state = Mutex::new(State { tally, ..State::default() });
        Self { port, setting, job, wish, id, began: now, is_on_demand: false, is_beside: false, plans: false, state }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn run(self) -> CycleReport {
        let is_initial = self.job.watermark.is_none() || self.job.progress.is_some();
        let head = self.head().await;
        let watermark = self.job.progress.as_ref().map_or(head, |progress| progress.watermark);
        self.state().watermark = watermark;
        let begins = self.job_change(Place::UnderWay(self.job.progress.clone()));
        self.job_learns(begins).await;
        let result = self.phases(is_initial).await;
        self.finish(result, is_initial).await
    }

    async fn phases(&self, is_initial: bool) -> Result<(), Trouble> {
        if self.job.quarantine.is_some() || is_initial {
            self.probe().await?;
        }
        if is_initial {
            self.everything().await?;
        } else if let Some(changes) = self.changes().await {
            self.changed(changes).await?;
            self.drift().await?;
        } else {
            self.everything().await?;
        }
        self.deletions().await?;
        self.freed().await
    }

    async fn head(&self) -> u64 {
        match self.port.ask(Ask::Head).await {
            Told::Seq(seq) => seq,
            other => unexpected(&other),
        }
    }

    /// Asks the target for a user and a group who are not there, as Entra does before it trusts a target.
    async fn probe(&self) -> Result<(), Trouble> {
        for of in [Objects::Users, Objects::Groups] {
            let compiled = self.setting.compiled.objects(of);
            if !compiled.is_enabled {
                continue;
            }
            let nobody = crate::key::event_id(self.setting.id, self.port.now(), u64::MAX).uuid();
            let wire = compiled.wire(self.setting.compiled.dialect(self.is_on_demand));
            let reply = self.send(wire.probe(nobody)).await;
            if let Err(problem) = object::Found::read(&reply) {
                self.not_usable(of, &problem).await;
                return Err(problem.of_probe(&reply));
            }
        }
        Ok(())
    }

    /// Sends a request when it is its turn; what the target puts off is sent again.
    pub async fn send(&self, request: Request) -> Reply {
        let may_repeat = request.method != crate::Method::Post;
        self.sent(&Sent::Request(Arc::new(request)), may_repeat).await
    }

    /// The same for a lookup, which may go with others.
    pub async fn look_up(&self, lookup: Lookup) -> Reply {
        self.sent(&Sent::Lookup(Arc::new(lookup)), true).await
    }

    async fn sent(&self, sent: &Sent, may_repeat: bool) -> Reply {
        let mut put_off = 0;
        loop {
            let reply = self.exchange(sent).await;
            put_off += 1;
            if put_off > PUT_OFF_MAX || !is_put_off(&reply, may_repeat) || self.trouble().is_some() {
                return reply;
            }
        }
    }

    /// Why the cycle does not go on, if so.
    pub fn trouble(&self) -> Option<Trouble> {
        if let Some(trouble) = self.state().trouble.clone() {
            return Some(trouble);
        }
        if self.port.is_stopping() {
            return Some(Trouble::Stopped);
        }
        self.port.pace(|pace, now| {
            if pace.is_away() {
                return Some(Trouble::Away(
                    "the target does not answer, or answers that it does not work; it is asked again in the next cycle"
                        .to_owned(),
                ));
            }
            (pace.paused_until > now + PAUSE_MAX)
                .then(|| Trouble::Away(format!("the target wants to be left alone until {}", pace.paused_until)))
        })
    }

    /// Random bytes for one object: the same for the same seed, so that a plan is done as it was made.
    pub fn random(&self, key: Key) -> impl FnMut(&mut [u8]) + use<> {
        let mut hasher = Sha256::new();
        hasher.update(self.setting.seed);
        hasher.update(key.id.as_bytes());
        let seed = hasher.finalize();
        let mut block = 0_u64;
        move |bytes: &mut [u8]| {
            for chunk in bytes.chunks_mut(32) {
                let mut hasher = Sha256::new();
                hasher.update(seed);
                hasher.update(block.to_be_bytes());
                block += 1;
                chunk.copy_from_slice(&hasher.finalize()[..chunk.len()]);
            }
        }
    }

    /// The place up to which the objects of a phase are done.
    fn progress(&self, phase: Phase, after: Option<ResourceId>) -> Progress {
        let state = self.state();
        Progress { cycle: self.id, watermark: state.watermark, phase, after, tally: state.tally }
    }
}

/// Whether the target did nothing and wants the request again. What makes something is sent again only where that is sure.
fn is_put_off(reply: &Reply, may_repeat: bool) -> bool {
    match reply {
        Reply::Answered(answer) => {
            answer.status == 429 || may_repeat && answer.status == 503 && answer.retry_after.is_some()
        }
        Reply::TimedOut | Reply::Unreachable(_) | Reply::Forbidden(_) | Reply::Unclear(_) => false,
    }
}

/// Whoever runs a cycle answers what was asked.
pub(crate) fn unexpected(told: &Told) -> ! {
    panic!("a cycle was told something else than it asked for: {told:?}")
}

/// How the report calls it.
pub(crate) fn end_of(trouble: &Trouble) -> CycleEnd {
    match trouble {
        Trouble::Stopped => CycleEnd::Stopped,
        Trouble::Unusable(why) | Trouble::Away(why) => CycleEnd::Failed(why.clone()),
    }
}
