//! Approval requests: removals of approvers that wait for the others.

use super::{
    Answer,
    asked::InAccount,
    created, ok,
    page::{self, PageQuery},
    users,
};
use crate::app::{About, App, Failure, Target};
use axum::body::Body;
use jiff::Timestamp;
use provost_accounts::{
    Call, Configuration, Refused, User,
    approvals::{self, ApprovalRequest, Party, State, Verdict, Vote},
};
use provost_change::{Kind, Record, ResourceId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// Whom to remove.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Proposal {
    /// The user's id: an approver in a quorum policy that guards its approvers.
    #[schema(value_type = String)]
    user: ResourceId,
}

/// What is approved or denied.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ApprovalVote {
    /// The digest of the request, as it was read: what is approved is this change and no other.
    digest: String,
}

/// An approval request.
#[derive(Serialize, ToSchema)]
pub(super) struct ApprovalView {
    /// The id of the user who is to be removed; also the request's.
    user: String,
    /// The user's sign-in name; null when the user is gone.
    user_name: Option<String>,
    /// What exactly is approved: it changes when the user or the quorum policies do.
    digest: String,
    /// How it stands.
    state: State,
    /// Who proposed it; null for the operator.
    proposer: Option<PartyView>,
    /// When it was proposed.
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    /// From when on nobody can approve it.
    #[schema(value_type = String, format = DateTime)]
    expires: Timestamp,
    /// When it came to stand as it does; null as long as it is open.
    #[schema(value_type = Option<String>, format = DateTime)]
    settled: Option<Timestamp>,
    /// Who approved and denied it, in their order.
    votes: Vec<VoteView>,
}

/// Somebody who can be named in a quorum policy.
#[derive(Serialize, ToSchema)]
pub(super) struct PartyView {
    /// `user` or `app`.
    kind: &'static str,
    /// Its id.
    id: String,
    /// The sign-in name or the app's name; null when it is gone.
    name: Option<String>,
}

/// One approver's word.
#[derive(Serialize, ToSchema)]
pub(super) struct VoteView {
    /// Whose.
    by: PartyView,
    /// What.
    verdict: Verdict,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

pub(super) async fn list(asked: InAccount) -> Answer {
    let page = asked.request.query::<PageQuery>()?.page::<ResourceId>()?;
    let app = &asked.request.app;
    let mut records = app.store().all(asked.account(), &approvals::kind(), page.after, page.limit_and_one()).await?;
    let next = page::cut(&mut records, page.limit, |record| record.id);
    let mut items = Vec::with_capacity(records.len());
    for record in records {
        items.push(view(app, &asked.config, &approvals::read(asked.account(), &record)?).await?);
    }
    items.sort_by_key(|request: &ApprovalView| std::cmp::Reverse(request.created));
    page::list(items, next)
}

pub(super) async fn get(asked: InAccount) -> Answer {
    let (_, request) = stored(&asked.request.app, &asked.config, asked.id(&Kind::USER)?).await?;
    ok(&view(&asked.request.app, &asked.config, &request).await?)
}

pub(super) async fn propose(asked: InAccount, body: Body) -> Answer {
    let about = About { action: "approval.request", target: None };
    let Proposal { user: id } = asked.body(&about, body).await?;
    let about = About { target: Some(Target::Record(Kind::USER, id)), ..about };
    let app = &asked.request.app;
    let decide = |config: Arc<Configuration>, call: Call| async move {
        let user = users::load(app, &config, id).await?;
        Ok(approvals::propose(&config, &call, &user)?)
    };
    let request = app.write(asked.account(), &asked.request.caller, about, decide).await?;
    let location = asked.location(&format!("/approval-requests/{}", request.user));
    created(&location, &view(app, &asked.config, &request).await?)
}

pub(super) async fn approve(asked: InAccount, body: Body) -> Answer {
    vote(&asked, body, "approval.approve", Verdict::Approve).await
}

pub(super) async fn deny(asked: InAccount, body: Body) -> Answer {
    vote(&asked, body, "approval.deny", Verdict::Deny).await
}

async fn vote(asked: &InAccount, body: Body, action: &'static str, verdict: Verdict) -> Answer {
    let (id, about) = asked.target(action, Kind::USER).await?;
    let ApprovalVote { digest } = asked.body(&about, body).await?;
    let (app, digest) = (&asked.request.app, &digest);
    let decide = |config: Arc<Configuration>, call: Call| async move {
        let (record, request) = stored(app, &config, id).await?;
        let voters = people(app, &config, &request.approvers(&config)).await?;
        let user = people(app, &config, &[id]).await?.into_iter().next();
        let known = (&record, &request);
        Ok(approvals::vote(&config, &call, known, (digest, verdict), user.as_ref(), &voters)?)
    };
    let request = app.write(asked.account(), &asked.request.caller, about, decide).await?;
    ok(&view(app, &asked.config, &request).await?)
}

async fn stored(app: &App, config: &Configuration, id: ResourceId) -> Result<(Record, ApprovalRequest), Failure> {
    let found = app.store().load(config.id, &[(approvals::kind(), id)]).await?.into_iter().flatten().next();
    let record = found.ok_or_else(|| Refused::not_found("approval request"))?;
    let request = approvals::read(config.id, &record)?;
    Ok((record, request))
}

async fn view(app: &App, config: &Configuration, request: &ApprovalRequest) -> Result<ApprovalView, Failure> {
    let parties = request.votes.iter().map(|vote| vote.by).chain(request.proposer);
    let of_user = |party: Party| match party {
        Party::User(id) => Some(id),
        Party::App(_) => None,
    };
    let ids: Vec<ResourceId> = parties.filter_map(of_user).chain([request.user]).collect();
    let users = people(app, config, &ids).await?;
    let user_name = |id: ResourceId| {
        let user: Option<&User> = users.iter().find(|user| user.id() == id);
        user.map(|user| user.user_name().to_owned())
    };
    let party = |party: Party| match party {
        Party::User(id) => PartyView { kind: "user", id: id.to_string(), name: user_name(id) },
        Party::App(id) => {
            PartyView { kind: "app", id: id.to_string(), name: config.app(id).map(|app| app.name.clone()) }
        }
    };
    let shown = |vote: &Vote| VoteView { by: party(vote.by), verdict: vote.verdict, at: vote.at };
    Ok(ApprovalView {
        user: request.user.to_string(),
        user_name: user_name(request.user),
        digest: request.digest.clone(),
        state: request.state,
        proposer: request.proposer.map(party),
        created: request.created,
        expires: request.expires,
        settled: request.settled,
        votes: request.votes.iter().map(shown).collect(),
    })
}

/// The users with these ids, suspended or not, as far as the account has them.
async fn people(app: &App, config: &Configuration, ids: &[ResourceId]) -> Result<Vec<User>, Failure> {
    let keys: Vec<(Kind, ResourceId)> =
        ids.iter().flat_map(|id| [(Kind::USER, *id), (Kind::SUSPENDED_USER, *id)]).collect();
    let records = app.store().load(config.id, &keys).await?;
    records.into_iter().flatten().map(|record| Ok(User::read(config.id, record)?)).collect()
}
