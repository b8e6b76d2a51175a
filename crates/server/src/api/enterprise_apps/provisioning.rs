//! What an enterprise app does: cycles, provisioning on demand, plans, its state and its log.

use super::{app_of, job_of, load, write_job};
use crate::{
    api::{
        Answer,
        asked::InAccount,
        body::{is_empty, member},
        named, ok, page,
        page::Page,
    },
    app::Failure,
    search,
};
use axum::body::Body;
use jiff::Timestamp;
use provost_accounts::Refused;
use provost_change::ResourceId;
use provost_engine::{
    Action, ActionKind, ActionSet, CycleEnd, CycleReport, EnterpriseApp, HeldDecision, Job, JobState, Key, Link,
    LinkSet, Modified, Reset, Status, Step, StepKind, Tally, TargetValue, Wish,
    registry::{self, Registered},
};
use provost_store::Search;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// Members of a group that one request names: Entra's.
const MEMBERS_MAX: usize = provost_engine::ON_DEMAND_MEMBERS_MAX;
/// Records of the log that are looked at for one page, where two things are asked of them.
const LOOKED_AT_MAX: usize = 10_000;
/// Records of the log that are read at once.
const CHUNK: u64 = 500;

/// How a cycle is wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct CycleQuery {
    /// `now`: failures are tried again that are not due yet.
    #[param(value_type = Option<String>)]
    retry: Option<Retry>,
}

impl CycleQuery {
    pub(super) fn retries_now(&self) -> bool {
        self.retry.is_some()
    }
}

/// When failures are tried again.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Retry {
    /// In this cycle.
    Now,
}

/// How a cycle went.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct CycleView {
    /// Its id: the provisioning log names it.
    id: String,
    /// `succeeded`, `entry_level_errors`, `stopped` or `failed`.
    status: &'static str,
    /// Why it did not come to its end; null when it did.
    detail: Option<String>,
    /// Whether it looked at everything.
    initial: bool,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    began: Timestamp,
    /// When it ended.
    #[schema(value_type = String, format = DateTime)]
    ended: Timestamp,
    /// What it did, in objects, and how many requests it sent.
    #[schema(value_type = Object)]
    counts: Tally,
}

impl CycleView {
    fn of(report: CycleReport) -> Self {
        let (status, detail) = match report.end {
            CycleEnd::Succeeded => ("succeeded", None),
            CycleEnd::EntryLevelErrors => ("entry_level_errors", None),
            CycleEnd::Stopped => ("stopped", None),
            CycleEnd::Failed(why) => ("failed", Some(why)),
        };
        Self {
            id: report.id.to_string(),
            status,
            detail,
            initial: report.is_initial,
            began: report.began,
            ended: report.ended,
            counts: report.tally,
        }
    }
}

/// What is to be provisioned now.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct OnDemand {
    /// A user, by id or userName.
    user: Option<String>,
    /// A group, by id or displayName.
    group: Option<String>,
    /// Ids of members of the group that come along, at most 5.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    members: Vec<ResourceId>,
}

/// What a restart forgets, as Entra names it; without a body: watermark, escrows and quarantine.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Restart {
    /// How far it has come: the next cycle looks at everything.
    #[serde(default)]
    watermark: bool,
    /// Failures.
    #[serde(default)]
    escrows: bool,
    /// Quarantine.
    #[serde(default)]
    quarantine_state: bool,
    /// Links: everything is matched anew.
    #[serde(default)]
    connector_data_store: bool,
    /// Holding: disables and deletes that are held are sent.
    #[serde(default)]
    force_deletes: bool,
}

/// How the provisioning of an app stands.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct JobView {
    /// `NotConfigured` without a token, `NotRun`, `Active`, `Paused`, `Quarantine` or `Disabled`.
    #[schema(value_type = String)]
    state: JobState,
    /// Whether a cycle is under way.
    under_way: bool,
    /// The entry of the audit log up to which all is at the target; null before the first cycle.
    watermark: Option<u64>,
    /// When the next cycle is due; null for at once, or for never where the app does not run.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_cycle: Option<Timestamp>,
    /// How far a cycle that looks at everything has come; null when none is under way.
    #[schema(value_type = Option<Object>)]
    progress: Value,
    /// Why it runs rarely; null when it does not.
    #[schema(value_type = Option<Object>)]
    quarantine: Value,
    /// What was decided about what the last cycle held, `allowed` or `rejected`, until the next cycle follows it; null otherwise.
    #[schema(value_type = Option<String>)]
    held_decision: Option<HeldDecision>,
    /// Users that were created or linked.
    synchronized_users: u64,
    /// Groups that were created or linked.
    synchronized_groups: u64,
    /// Users and groups whose last try failed and that are tried again by themselves: the provisioning log says why.
    failing: u64,
    /// How long it took until those who lost access lost it at the target, in milliseconds.
    #[schema(value_type = Object)]
    deprovisioning: Value,
    /// The newest cycle that came to its end; null before the first.
    last_success: Option<CycleView>,
    /// The last cycles, newest first.
    cycles: Vec<CycleView>,
}

impl JobView {
    /// `id` is the app's.
    async fn of(asked: &InAccount, id: ResourceId, job: Job) -> Result<Self, Failure> {
        let value = |value: serde_json::Result<Value>| value.map_err(|error| Failure::Damaged(error.to_string()));
        let escrowed = Search { limit: 1, ..search::under(Link::kind(), LinkSet::Escrowed.entry(id)) };
        Ok(Self {
            failing: asked.request.app.store().search(asked.account(), &escrowed).await?.total,
            state: job.state,
            under_way: job.is_under_way,
            watermark: job.watermark,
            next_cycle: job.next_cycle.filter(|_| job.runs()),
            progress: value(serde_json::to_value(&job.progress))?,
            quarantine: value(serde_json::to_value(&job.quarantine))?,
            held_decision: job.held_decision(),
            synchronized_users: job.synchronized_users,
            synchronized_groups: job.synchronized_groups,
            deprovisioning: value(serde_json::to_value(job.deprovisioning))?,
            last_success: job.last_success().cloned().map(CycleView::of),
            cycles: job.cycles.into_iter().map(CycleView::of).collect(),
        })
    }
}

/// One action of the provisioning log.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct ActionView {
    /// Its id; null of what is not in the log.
    id: Option<String>,
    /// In which cycle; provisioning on demand has one of its own.
    cycle: String,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// How long it took.
    duration_ms: u64,
    /// `create`, `update`, `disable`, `delete`, `staged_delete` or `other`.
    #[schema(value_type = String)]
    action: Value,
    /// `success`, `warning`, `failure` or `skipped`.
    status: &'static str,
    /// Why it failed or was skipped; null when it did not.
    #[schema(value_type = Option<Object>)]
    error: Value,
    /// The object at the source.
    #[schema(value_type = Object)]
    source: Value,
    /// The resource at the target.
    #[schema(value_type = Object)]
    target: Value,
    /// What happened, in order: import, scoping, matching, processing, reference resolution, export.
    #[schema(value_type = Vec<Object>)]
    steps: Vec<StepView>,
    /// What changed at the target.
    #[schema(value_type = Vec<Object>)]
    modified: Vec<ModifiedView>,
}

/// A part of an action.
#[derive(Serialize)]
struct StepView {
    name: String,
    #[serde(rename = "type")]
    kind: StepKind,
    status: Status,
    description: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    details: BTreeMap<String, String>,
}

/// An attribute that changed at the target.
#[derive(Serialize)]
struct ModifiedView {
    name: String,
    old: TargetValue,
    new: TargetValue,
}

impl StepView {
    fn of(Step { name, kind, status, description, details }: Step) -> Self {
        Self { name, kind, status, description, details }
    }
}

impl ActionView {
    fn of(id: Option<ResourceId>, action: Action) -> Result<Self, Failure> {
        let action = action.in_words();
        let damaged = |error: serde_json::Error| Failure::Damaged(error.to_string());
        let value = |value: serde_json::Result<Value>| value.map_err(damaged);
        Ok(Self {
            id: id.map(|id| id.to_string()),
            cycle: action.cycle.to_string(),
            at: action.at,
            duration_ms: action.duration_ms,
            action: value(serde_json::to_value(action.action))?,
            status: action.status.as_str(),
            error: value(serde_json::to_value(&action.error))?,
            source: value(serde_json::to_value(&action.source))?,
            target: value(serde_json::to_value(&action.target))?,
            steps: action.steps.into_iter().map(StepView::of).collect(),
            modified: action
                .modified
                .into_iter()
                .map(|Modified { name, old, new }| ModifiedView { name: name.to_string(), old, new })
                .collect(),
        })
    }
}

/// Which actions to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct LogQuery {
    /// `success`, `warning`, `failure` or `skipped`.
    #[param(value_type = Option<String>)]
    status: Option<Status>,
    /// `create`, `update`, `disable`, `delete`, `staged_delete` or `other`.
    #[param(value_type = Option<String>)]
    action: Option<ActionKind>,
    /// Of this user, by id or userName.
    user: Option<String>,
    /// Of this group, by id or displayName.
    group: Option<String>,
    /// Of this cycle.
    #[param(value_type = Option<String>)]
    cycle: Option<ResourceId>,
    /// Only what began at this time or later.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Only what began before this time.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// Items on the page: 1 to 200, 50 unless said.
    limit: Option<u64>,
    /// `next` of the page before; absent for the first.
    cursor: Option<String>,
}

pub(in crate::api) async fn cycle(asked: InAccount) -> Answer {
    let query: CycleQuery = asked.request.query()?;
    let id = app_of(&asked).await?.id();
    let wish = Wish { retries_now: query.retries_now() };
    let (app, account) = (asked.request.app.clone(), asked.account());
    // A client that does not wait ends no cycle.
    let cycle = tokio::spawn(async move { app.cycle(account, id, wish).await });
    let report = cycle.await.map_err(|error| Failure::Damaged(error.to_string()))?;
    ok(&CycleView::of(report?))
}

pub(in crate::api) async fn on_demand(asked: InAccount, body: Body) -> Answer {
    let id = app_of(&asked).await?.id();
    let OnDemand { user, group, members } = asked.request.json(body).await?;
    crate::api::body::at_most("members", members.len(), MEMBERS_MAX, "members")?;
    let key = match (user, group) {
        (Some(user), None) => Key::user(named::user(&asked, "user", &user).await?.id()),
        (None, Some(group)) => Key::group(named::group(&asked, "group", &group).await?.id()),
        (Some(_), Some(_)) => return Err(member("group", "name a user or a group, not both").into()),
        (None, None) => return Err(member("user", "name a `user` or a `group`").into()),
    };
    let action = asked.request.app.provision_on_demand(asked.account(), id, key, members).await?;
    let action = action.ok_or_else(|| Refused::status(409, "the mapping of such objects is switched off"))?;
    ok(&ActionView::of(None, action)?)
}

pub(in crate::api) async fn status(asked: InAccount) -> Answer {
    let of = app_of(&asked).await?;
    let job = job_of(&asked.request.app, asked.account(), of.id()).await?;
    let job = job.map_or_else(Job::default, |job| job.value);
    let mut view = JobView::of(&asked, of.id(), job).await?;
    // A job that nobody has started yet does not know that nothing is missing any more.
    if view.state == JobState::NotConfigured && of.value.secret_token.is_some() {
        view.state = if view.cycles.is_empty() { JobState::NotRun } else { JobState::Paused };
    }
    ok(&view)
}

pub(in crate::api) async fn restart(asked: InAccount, body: Body) -> Answer {
    let (id, about) = asked.target("enterprise-app.restart", EnterpriseApp::kind()).await?;
    let reset = match is_empty(&body) {
        true => Reset::USUAL,
        false => {
            let Restart { watermark, escrows, quarantine_state, connector_data_store, force_deletes } =
                asked.body(&about, body).await?;
            Reset { watermark, escrows, quarantine_state, connector_data_store, force_deletes }
        }
    };
    let job = write_job(&asked, id, about, |call, app, job| Ok(registry::restart(call, app, job, reset))).await?;
    ok(&JobView::of(&asked, id, job).await?)
}

pub(in crate::api) async fn allow(asked: InAccount) -> Answer {
    settle(asked, "enterprise-app.allow-deletions", true).await
}

pub(in crate::api) async fn reject(asked: InAccount) -> Answer {
    settle(asked, "enterprise-app.reject-deletions", false).await
}

async fn settle(asked: InAccount, action: &'static str, is_allowed: bool) -> Answer {
    let (id, about) = asked.target(action, EnterpriseApp::kind()).await?;
    let decide = |call: &_, app: &_, job: Option<&_>| Ok(registry::settle_held(call, app, job, is_allowed));
    let job = write_job(&asked, id, about, decide).await?;
    ok(&JobView::of(&asked, id, job).await?)
}

pub(in crate::api) async fn logs(asked: InAccount) -> Answer {
    let query: LogQuery = asked.request.query()?;
    let page = Page::<ResourceId>::read(query.limit, query.cursor.as_deref())?;
    let app = app_of(&asked).await?.id();
    let source = match (&query.user, &query.group) {
        (Some(user), _) => Some(source(&asked, user, true).await?),
        (None, Some(group)) => Some(source(&asked, group, false).await?),
        (None, None) => None,
    };
    let set = match (source, query.cycle, query.status) {
        (Some(key), _, _) => ActionSet::Source(key),
        (None, Some(cycle), _) => ActionSet::Cycle(cycle),
        (None, None, None | Some(Status::Success)) => ActionSet::App(app),
        (None, None, Some(status)) => ActionSet::Status(app, status),
    };
    let fits = |action: &Action| {
        action.app == app
            && query.status.is_none_or(|status| action.status == status)
            && query.action.is_none_or(|kind| action.action == kind)
            && query.cycle.is_none_or(|cycle| action.cycle == cycle)
            && query.from.is_none_or(|from| action.at >= from)
            && query.to.is_none_or(|to| action.at < to)
    };
    let (mut found, mut after, mut looked_at) = (Vec::new(), page.after, 0);
    let wanted = usize::try_from(page.limit_and_one()).unwrap_or(usize::MAX);
    while found.len() < wanted && looked_at < LOOKED_AT_MAX {
        let search = Search { after, limit: CHUNK, ..search::under(Action::kind(), set.entry()) };
        let records = asked.request.app.store().search(asked.account(), &search).await?.records;
        let Some(last) = records.last() else { break };
        after = Some(last.id);
        looked_at += records.len();
        for record in records {
            let action: Registered<Action> = Registered::read(asked.account(), record)?;
            found.extend(fits(&action.value).then_some(action));
        }
    }
    let cut = page::cut(&mut found, page.limit, Registered::id);
    // What lies behind the last that was looked at is for the next page.
    let next = cut.or_else(|| (looked_at >= LOOKED_AT_MAX).then(|| after.map(page::cursor)).flatten());
    let views = found.into_iter().map(|action| ActionView::of(Some(action.id()), action.value));
    page::list(views.collect::<Result<_, _>>()?, next)
}

pub(in crate::api) async fn log_entry(asked: InAccount) -> Answer {
    let app = app_of(&asked).await?.id();
    let id = asked.id(&Action::kind())?;
    let action: Registered<Action> = load(&asked.request.app, asked.account(), &Action::kind(), id).await?;
    if action.value.app != app {
        return Err(Refused::not_found("entry of the provisioning log").into());
    }
    ok(&ActionView::of(Some(id), action.value)?)
}

/// Whose actions are asked for: by id, who may be gone, or by name.
async fn source(asked: &InAccount, text: &str, is_user: bool) -> Result<Key, Failure> {
    match (text.parse::<ResourceId>(), is_user) {
        (Ok(id), true) => Ok(Key::user(id)),
        (Ok(id), false) => Ok(Key::group(id)),
        (Err(_), true) => Ok(Key::user(named::user(asked, "user", text).await?.id())),
        (Err(_), false) => Ok(Key::group(named::group(asked, "group", text).await?.id())),
    }
}
