//! Drives the engine: answers what its machines ask, of the account, of the target and of the clock, and commits what they decide.
//!
//! Whatever is done for an app is done by one node at a time, under a lease of the account, and one after the other in this process.
//! A node that dies, or a store that is away, ends it on the way: the engine goes on from what was committed.

mod ask;
mod commit;
mod drivers;
mod evaluate;
mod lineage;
mod schedule;
mod source;

pub(super) use drivers::Drivers;
pub(crate) use evaluate::{Evaluation, RowPlace};
pub(crate) use lineage::ObjectLineage;
pub(super) use schedule::Schedule;

use super::{App, Failure, lease::Work, outbound};
use ask::{Reading, World};
use commit::Gathered;
use futures_util::{FutureExt as _, StreamExt, stream::FuturesUnordered};
use jiff::{SignedDuration, Timestamp};
use provost_accounts::{Configuration, Refused};
use provost_change::{AccountId, Kind, ResourceId};
use provost_engine::{
    Action, AppRole, Applied, Ask, Command, Compiled, CycleReport, EnterpriseApp, Job, JobState, Key, MemberType, Plan,
    REQUESTS_MAX, Running, Setting, SourceSchemas, Token, Told, Wish, apply, cycle, plan, provision_on_demand,
    registry::{self, MappingsEdit, ROLE_APP, ROLES_MAX, Registered},
    revert,
};
use provost_store::Search;
use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    pin::pin,
    sync::Arc,
    time::Duration,
};
use tokio::time::{Instant, interval, sleep, sleep_until};

use crate::search;

/// For how long no other node does anything for the apps of an account.
const LEASE: SignedDuration = SignedDuration::from_secs(30);
/// How often a node that drives looks whether it is to stop, and holds the lease longer.
const LOOK_WHILE_DRIVING: Duration = Duration::from_secs(1);

/// What is driven for one app, as it was when it began.
#[derive(Clone)]
struct Driven {
    account: AccountId,
    config: Arc<Configuration>,
    app: Registered<EnterpriseApp>,
    job: Job,
    roles: HashMap<ResourceId, AppRole>,
}

impl App {
    /// Runs a cycle of an app and waits for its end.
    ///
    /// # Errors
    /// 404; 409 for an app that cannot run, or that another node works for; a store that is away.
    pub(crate) async fn cycle(&self, account: AccountId, id: ResourceId, wish: Wish) -> Result<CycleReport, Failure> {
        self.driving(account, id, |driven, setting, now| Ok(cycle(setting, driven.job.clone(), wish, now))).await
    }

    /// Brings one object to the target now; `None` where such objects are not provisioned.
    ///
    /// # Errors
    /// Those of [`App::cycle`].
    pub(crate) async fn provision_on_demand(
        &self,
        account: AccountId,
        id: ResourceId,
        key: Key,
        members: Vec<ResourceId>,
    ) -> Result<Option<Action>, Failure> {
        self.driving(account, id, |driven, setting, now| {
            Ok(provision_on_demand(setting, driven.job.clone(), key, members, now))
        })
        .await
    }

    /// What the next cycle would do; with other mappings: what the first cycle would do after they were saved.
    ///
    /// # Errors
    /// Those of [`App::cycle`]; 502 when the target cannot be asked.
    pub(crate) async fn plan(
        &self,
        account: AccountId,
        id: ResourceId,
        wish: Wish,
        seed: [u8; 32],
        mappings: Option<MappingsEdit>,
    ) -> Result<Plan, Failure> {
        let planned = self.driving(account, id, |driven, setting, now| {
            let mut job = driven.job.clone();
            let Some(mappings) = mappings else { return Ok(plan(seeded(setting, seed), job, wish, now)) };
            let mut app = driven.app.clone();
            app.value.mappings = mappings.of(&app.value.mappings);
            let setting = self.setting(&Driven { app, ..driven.clone() })?;
            // Other mappings have everything looked at.
            (job.watermark, job.progress) = (None, None);
            Ok(plan(seeded(setting, seed), job, wish, now))
        });
        planned.await?.map_err(|why| Refused::status(502, why).into())
    }

    /// Does what was planned with this seed, or nothing.
    ///
    /// # Errors
    /// Those of [`App::cycle`].
    pub(crate) async fn apply(
        &self,
        account: AccountId,
        id: ResourceId,
        plan: Plan,
        seed: [u8; 32],
    ) -> Result<Applied, Failure> {
        self.driving(account, id, |driven, setting, now| {
            Ok(apply(seeded(setting, seed), driven.job.clone(), plan, now))
        })
        .await
    }

    /// Does what an undo planned, or nothing.
    ///
    /// # Errors
    /// Those of [`App::cycle`].
    pub(crate) async fn revert(&self, account: AccountId, id: ResourceId, plan: Plan) -> Result<Applied, Failure> {
        self.driving(account, id, |driven, setting, now| Ok(revert(setting, driven.job.clone(), plan, now))).await
    }

    /// Has a machine of the engine do its work for an app, once nobody else works for it.
    async fn driving<T: Send + 'static>(
        &self,
        account: AccountId,
        id: ResourceId,
        machine: impl FnOnce(&Driven, Arc<Setting>, Timestamp) -> Result<Running<T>, Failure>,
    ) -> Result<T, Failure> {
        let alone = Arc::clone(self.cycle_lane(account, id)).lock_owned().await;
        if !self.may_do(account, Work::Provisioning, LEASE).await? {
            return Err(Refused::status(409, "another node works for this account's enterprise apps: try again").into());
        }
        let driven = self.driven(account, id).await?;
        let setting = self.setting(&driven)?;
        let running = machine(&driven, setting, self.now())?;
        let app = self.clone();
        let work = async move {
            let done = app.drive(&driven, running).await;
            app.has_done(account, Work::Provisioning).await;
            drop(alone);
            done
        };
        self.0.drivers.run(work).await?
    }

    /// Steps a machine until it has its result.
    async fn drive<T>(&self, driven: &Driven, mut running: Running<T>) -> Result<T, Failure> {
        let target = Arc::new(self.target(driven.account, driven.app.id(), &driven.app.value)?);
        let world = World { reading: Reading { app: self, driven } };
        let mut asked = FuturesUnordered::new();
        let mut sent = FuturesUnordered::new();
        let (mut gathered, mut committing) = (Gathered::default(), FuturesUnordered::new());
        let mut look = interval(LOOK_WHILE_DRIVING);
        let mut told: Vec<(Token, Told)> = Vec::new();
        let mut wake_at: Option<Timestamp> = None;
        loop {
            let (commands, result) = running.step(self.now(), told.drain(..));
            if let Some(result) = result {
                return Ok(result);
            }
            for Command { token, ask } in commands {
                match ask {
                    Ask::WakeAt(at) => wake_at = Some(wake_at.map_or(at, |before| before.min(at))),
                    Ask::Send(request) => {
                        let target = Arc::clone(&target);
                        sent.push(async move { (token, Told::Reply(outbound::replied(&target, &request).await)) });
                    }
                    Ask::Commit(commit) if commit.job.is_none() => gathered.add(token, commit),
                    ask => asked.push(world.answer(token, ask)),
                }
            }
            let is_alone = asked.is_empty() && sent.is_empty() && committing.is_empty();
            committing.extend(gathered.ready(is_alone).map(|commits| world.commit_all(commits)));
            let due = gathered.due();
            let wait = wake_at.map(|at| self.until(at));
            let timer = pin!(async {
                match wait {
                    Some(wait) => sleep(wait).await,
                    None => std::future::pending().await,
                }
            });
            tokio::select! {
                Some(answered) = asked.next(), if !asked.is_empty() => {
                    told.push(answered?);
                    // What else is answered by now is told in the same step.
                    while let Some(Some(answered)) = asked.next().now_or_never() {
                        told.push(answered?);
                    }
                }
                Some(answered) = sent.next(), if !sent.is_empty() => {
                    told.push(answered);
                    while let Some(Some(answered)) = sent.next().now_or_never() {
                        told.push(answered);
                    }
                }
                Some(committed) = committing.next(), if !committing.is_empty() => told.extend(committed?),
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                    committing.extend(gathered.take().map(|commits| world.commit_all(commits)));
                }
                () = timer => wake_at = None,
                _ = look.tick() => {
                    if !self.may_do(driven.account, Work::Provisioning, LEASE).await? {
                        return Err(Failure::Busy);
                    }
                    if self.is_stopped(driven).await? {
                        running.stop();
                    }
                }
            }
        }
    }

    /// Whether somebody stopped or restarted the app since it was begun, or removed it.
    async fn is_stopped(&self, driven: &Driven) -> Result<bool, Failure> {
        let keys = [(EnterpriseApp::kind(), driven.app.id()), (Job::kind(), driven.app.id())];
        let found = self.store().load(driven.account, &keys).await?;
        let [app, job] = <[_; 2]>::try_from(found).unwrap_or_default();
        let job = job.map(|record| Registered::<Job>::read(driven.account, record)).transpose()?;
        let was_paused = driven.job.state == JobState::Paused;
        let is_other = job.is_some_and(|job| {
            job.value.epoch != driven.job.epoch || job.value.state == JobState::Paused && !was_paused
        });
        Ok(app.is_none() || is_other)
    }

    /// The app with what its work needs.
    async fn driven(&self, account: AccountId, id: ResourceId) -> Result<Driven, Failure> {
        let config = self.configuration(account).await?;
        let keys = [(EnterpriseApp::kind(), id), (Job::kind(), id)];
        let found = self.store().load(account, &keys).await?;
        let [Some(app), job] = <[_; 2]>::try_from(found).unwrap_or_default() else {
            return Err(Refused::not_found("enterprise app").into());
        };
        let app: Registered<EnterpriseApp> = Registered::read(account, app)?;
        let job = job.map(|record| Registered::<Job>::read(account, record)).transpose()?;
        let job = job.map_or_else(Job::default, |job| job.value);
        let search =
            Search { limit: ROLES_MAX as u64, ..search::under(AppRole::kind(), registry::entry(ROLE_APP, id)) };
        let mut roles = HashMap::new();
        for record in self.store().search(account, &search).await?.records {
            let role = Registered::<AppRole>::read(account, record)?;
            roles.insert(role.id(), role.value);
        }
        Ok(Driven { account, config, app, job, roles })
    }

    fn setting(&self, driven: &Driven) -> Result<Arc<Setting>, Failure> {
        let Driven { config, app, roles, .. } = driven;
        let schemas = SourceSchemas { users: &config.full_user, groups: &config.full_group };
        let compiled = Compiled::new(&app.value, schemas).map_err(|problems| {
            let said: Vec<String> =
                problems.iter().take(3).map(|problem| format!("`{}`: {}", problem.field, problem.problem)).collect();
            Refused::status(409, format!("the app cannot run any more: {}", said.join("; ")))
        })?;
        let can_be_held = |role: &AppRole| role.enabled && role.member_types.contains(&MemberType::User);
        Ok(Arc::new(Setting {
            id: app.id(),
            app: app.value.clone(),
            compiled,
            has_roles: roles.values().any(can_be_held),
            roles: roles.keys().copied().collect(),
            source_name: config.account.name.clone(),
            default_domain: None,
            seed: self.random(),
            requests_max: REQUESTS_MAX,
        }))
    }

    fn cycle_lane(&self, account: AccountId, id: ResourceId) -> &Arc<tokio::sync::Mutex<()>> {
        let mut hasher = DefaultHasher::new();
        (account, id).hash(&mut hasher);
        let lanes = &self.0.cycle_lanes;
        &lanes[usize::try_from(hasher.finish() % lanes.len() as u64).unwrap_or(0)]
    }
}

/// The same setting with random values from this seed, so that a plan is done as it was made.
fn seeded(mut setting: Arc<Setting>, seed: [u8; 32]) -> Arc<Setting> {
    Arc::make_mut(&mut setting).seed = seed;
    setting
}

/// The kind of the records of users or groups.
fn kind(of: provost_engine::Objects) -> Kind {
    match of {
        provost_engine::Objects::Users => Kind::USER,
        provost_engine::Objects::Groups => Kind::GROUP,
    }
}
