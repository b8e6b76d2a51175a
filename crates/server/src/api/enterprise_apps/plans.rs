//! Plans of an enterprise app: shown, done exactly as they were shown, and what a cycle wrote taken back.

use super::{app_of, mappings::MappingsChange, provisioning::CycleQuery};
use crate::{
    api::{
        Answer,
        asked::InAccount,
        body::{is_empty, member},
        ok,
    },
    app::Failure,
    search,
};
use axum::body::Body;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use provost_accounts::Refused;
use provost_change::ResourceId;
use provost_engine::{Action, ActionSet, Applied, Key, PLAN_MAX, Plan, Wish, registry::Registered, undo};
use provost_store::Search;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

/// Records of the log that are read at once.
const CHUNK: u64 = 500;

/// What would be done.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct PlanView {
    /// Names the plan: one that does something else has another digest.
    digest: String,
    /// What random values in expressions are made from; absent where nothing is evaluated.
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<String>,
    /// By object, what would be done in which order.
    #[schema(value_type = Vec<Object>)]
    objects: Value,
    /// How many disables and deletes there are among them.
    deletions: u64,
    /// Objects that could not be planned, each with why.
    #[schema(value_type = Vec<Object>)]
    failures: Value,
    /// Whether there is more than a plan holds.
    cut: bool,
}

/// What a plan is made with in place of what is saved.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct OtherMappings {
    /// Mappings as they would be; what is left out is as it is saved. Such a plan shows what would come of them and cannot be applied.
    mappings: Option<MappingsChange>,
}

/// A plan that somebody has reviewed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Reviewed {
    /// `digest` of the plan.
    digest: String,
    /// `seed` of the plan.
    seed: String,
}

/// Which cycle is to be taken back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct UndoPlan {
    /// Its id, as the log names it.
    #[schema(value_type = String)]
    cycle: ResourceId,
}

/// A cycle that is taken back as somebody has reviewed it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Undo {
    /// Its id.
    #[schema(value_type = String)]
    cycle: ResourceId,
    /// `digest` of the plan that `undo-plan` showed.
    digest: String,
}

/// What came of a plan.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct AppliedView {
    /// Objects with which what was planned was done.
    done: u64,
    /// Objects that have changed since the plan was made; if there are any, nothing was done.
    #[schema(value_type = Vec<Object>)]
    moved: Vec<Value>,
    /// Objects with which it failed, each with why.
    #[schema(value_type = Vec<Object>)]
    failed: Vec<Value>,
    /// Why it ended early; null when it did not.
    ended: Option<String>,
}

impl PlanView {
    fn of(plan: &Plan, seed: Option<[u8; 32]>) -> Result<Self, Failure> {
        let value = |value: serde_json::Result<Value>| value.map_err(|error| Failure::Damaged(error.to_string()));
        Ok(Self {
            digest: plan.digest(),
            seed: seed.map(|seed| BASE64_URL_SAFE_NO_PAD.encode(seed)),
            objects: value(serde_json::to_value(&plan.objects))?,
            deletions: plan.deletions,
            failures: value(serde_json::to_value(&plan.failures))?,
            cut: plan.is_cut,
        })
    }
}

impl AppliedView {
    fn of(applied: Applied) -> Self {
        let named = |key: &Key, name: &str| json!({ "of": key.of, "id": key.id, "name": name });
        let failed = |(key, why): &(Key, String)| json!({ "of": key.of, "id": key.id, "reason": why });
        Self {
            done: applied.done,
            moved: applied.moved.iter().map(|(key, name)| named(key, name)).collect(),
            failed: applied.failed.iter().map(failed).collect(),
            ended: applied.ended,
        }
    }
}

pub(in crate::api) async fn plan(asked: InAccount, body: Body) -> Answer {
    let wish = wish(&asked)?;
    let id = app_of(&asked).await?.id();
    let seed = asked.request.app.random();
    let other = if is_empty(&body) { OtherMappings::default() } else { asked.request.json(body).await? };
    let mappings = other.mappings.map(MappingsChange::read).transpose()?;
    let plan = asked.request.app.plan(asked.account(), id, wish, seed, mappings).await?;
    ok(&PlanView::of(&plan, Some(seed))?)
}

pub(in crate::api) async fn apply(asked: InAccount, body: Body) -> Answer {
    let wish = wish(&asked)?;
    let id = app_of(&asked).await?.id();
    let Reviewed { digest, seed } = asked.request.json(body).await?;
    let seed = BASE64_URL_SAFE_NO_PAD.decode(&seed).ok().and_then(|seed| <[u8; 32]>::try_from(seed).ok());
    let seed = seed.ok_or_else(|| member("seed", "is not the seed of a plan"))?;
    let (app, account) = (asked.request.app.clone(), asked.account());
    let plan = app.plan(account, id, wish, seed, None).await?;
    is_reviewed(&plan, &digest)?;
    // A client that does not wait ends nothing.
    let done = tokio::spawn(async move { app.apply(account, id, plan, seed).await });
    ok(&AppliedView::of(done.await.map_err(|error| Failure::Damaged(error.to_string()))??))
}

pub(in crate::api) async fn undo_plan(asked: InAccount, body: Body) -> Answer {
    let id = app_of(&asked).await?.id();
    let UndoPlan { cycle } = asked.request.json(body).await?;
    ok(&PlanView::of(&inverse(&asked, id, cycle).await?, None)?)
}

pub(in crate::api) async fn take_back(asked: InAccount, body: Body) -> Answer {
    let id = app_of(&asked).await?.id();
    let Undo { cycle, digest } = asked.request.json(body).await?;
    let plan = inverse(&asked, id, cycle).await?;
    is_reviewed(&plan, &digest)?;
    let (app, account) = (asked.request.app.clone(), asked.account());
    let done = tokio::spawn(async move { app.revert(account, id, plan).await });
    ok(&AppliedView::of(done.await.map_err(|error| Failure::Damaged(error.to_string()))??))
}

fn wish(asked: &InAccount) -> Result<Wish, Failure> {
    let query: CycleQuery = asked.request.query()?;
    Ok(Wish { retries_now: query.retries_now() })
}

fn is_reviewed(plan: &Plan, digest: &str) -> Result<(), Refused> {
    if plan.digest() == digest {
        return Ok(());
    }
    Err(Refused::status(
        409,
        "something else would be done now than was planned; nothing was done: make the plan again",
    ))
}

/// What takes back what a cycle wrote.
async fn inverse(asked: &InAccount, app: ResourceId, cycle: ResourceId) -> Result<Plan, Failure> {
    let (mut actions, mut after) = (Vec::new(), None);
    let mut is_cut = false;
    while !is_cut {
        let search = Search { after, limit: CHUNK, ..search::under(Action::kind(), ActionSet::Cycle(cycle).entry()) };
        let records = asked.request.app.store().search(asked.account(), &search).await?.records;
        let Some(last) = records.last() else { break };
        after = Some(last.id);
        for record in records {
            let action: Registered<Action> = Registered::read(asked.account(), record)?;
            actions.extend((action.value.app == app).then_some(action.value));
        }
        is_cut = actions.len() > PLAN_MAX;
    }
    if actions.is_empty() {
        return Err(Refused::not_found("cycle in the provisioning log").into());
    }
    let mut plan = undo(&actions);
    plan.is_cut |= is_cut;
    Ok(plan)
}
