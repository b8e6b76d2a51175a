//! Approval requests: the removal of an approver of a quorum policy, which waits until the others have approved it.
//!
//! There is one of a user at most, under the user's id. It is bound to the exact change by a digest over the user's version and the quorum
//! policies as they are: whoever approves names that digest, and when any of it changes the request is void. It is done in the commit of
//! the vote that decides it, so that it is done once.

mod vote;

pub use vote::{Verdict, vote};

use crate::{
    Actor, Call, Configuration, Corrupt, Decided, QuorumPolicy, QuorumTree, Refused, User,
    account::put,
    api_key::hex,
    audit::{self, Entry},
    policy::QuorumMember,
    users,
};
use jiff::{SignedDuration, Timestamp};
use provost_change::{AccountId, ChangeSet, Delete, Expect, Kind, Record, ResourceId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// How long a request waits for its approvers.
pub const EXPIRES_AFTER: SignedDuration = SignedDuration::from_hours(24 * 7);
/// How long one that is settled is shown; the audit log keeps what happened.
pub const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);

/// A request to remove an approver.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApprovalRequest {
    /// Whom to remove; also the request's id.
    pub user: ResourceId,
    /// What exactly is approved: SHA-256 in hexadecimal.
    pub digest: String,
    /// Who proposed it; `None` for the operator.
    pub proposer: Option<Party>,
    /// When it was proposed.
    pub created: Timestamp,
    /// From when on nobody can approve it.
    pub expires: Timestamp,
    /// How it stands.
    pub state: State,
    /// When it came to stand so, once it is settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<Timestamp>,
    /// Who approved and denied it, in their order.
    #[serde(default)]
    pub votes: Vec<Vote>,
}

/// Somebody who can be named in a quorum policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// A user of the account.
    User(ResourceId),
    /// An admin app of the account.
    App(ResourceId),
}

/// How a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It waits for approvers.
    Open,
    /// It was approved, and the user removed.
    Approved,
    /// So many denied it that it cannot be approved any more.
    Denied,
    /// Its time is over.
    Expired,
    /// The user or the quorum policy has changed since.
    Void,
}

/// One approver's word.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vote {
    /// Whose.
    pub by: Party,
    /// What.
    pub verdict: Verdict,
    /// When.
    pub at: Timestamp,
}

/// The kind of the records.
pub fn kind() -> Kind {
    Kind::named("approval-request")
}

/// Reads a stored request.
///
/// # Errors
/// When the database was changed by something else.
pub fn read(account: AccountId, record: &Record) -> Result<ApprovalRequest, Corrupt> {
    let corrupt = |error: serde_json::Error| Corrupt { account, kind: kind(), id: record.id, cause: error.to_string() };
    serde_json::from_str(&record.doc).map_err(corrupt)
}

/// Who calls, as a quorum policy would name it: with a user token or a session that is the user. `None` for the operator.
pub fn party(actor: &Actor) -> Option<Party> {
    match actor {
        Actor::App { owner: Some(owner), .. } | Actor::Person { owner, .. } => Some(Party::User(owner.id)),
        Actor::App { id, owner: None, .. } => Some(Party::App(*id)),
        Actor::Operator | Actor::System => None,
    }
}

/// Whether somebody is an approver anywhere in the account.
pub fn is_approver(config: &Configuration, user: ResourceId) -> bool {
    config.quorum.iter().any(|(policy, _)| policy.policy.names_user(user))
}

impl ApprovalRequest {
    /// The users of the policies that it waits for, each as often as it stands there.
    pub fn approvers(&self, config: &Configuration) -> Vec<ResourceId> {
        users::guarding(config, self.user).into_iter().flat_map(|policy| policy.policy.users()).collect()
    }

    fn settled(&self, state: State, now: Timestamp) -> Self {
        Self { state, settled: Some(now), ..self.clone() }
    }

    /// Whether its record can go.
    pub fn is_past(&self, now: Timestamp) -> bool {
        self.settled.and_then(|settled| settled.checked_add(KEPT).ok()).is_some_and(|until| until <= now)
    }
}

/// What is approved: the user at this version goes, and these trees are asked.
fn digest(config: &Configuration, user: &User) -> String {
    let mut digest = Sha256::new().chain_update("remove an approver").chain_update(config.id.as_bytes());
    digest.update(user.id().as_bytes());
    digest.update(user.record.kind.as_str());
    digest.update(user.record.version.to_be_bytes());
    for policy in users::guarding(config, user.id()) {
        digest.update(json!({ "group": policy.group, "policy": policy.policy }).to_string());
    }
    hex(&digest.finalize())
}

/// The trees that must agree, without those whose word does not count: who is to go, and who proposed it. `None` when one of them then
/// has nobody left, or not enough.
fn trees(config: &Configuration, user: ResourceId, proposer: Option<Party>) -> Option<Vec<QuorumTree>> {
    let without = |policy: &QuorumPolicy| {
        let tree = policy.policy.without(&QuorumTree::User(user))?;
        let silent = match proposer {
            Some(Party::User(id)) => QuorumTree::User(id),
            Some(Party::App(id)) => QuorumTree::App(id),
            None => return Some(tree),
        };
        // Who proposes is one of those who are counted, and only says nothing.
        tree.can_agree(&|leaf| *leaf != silent).then_some(tree)
    };
    users::guarding(config, user).into_iter().map(without).collect()
}

fn new(config: &Configuration, call: &Call, user: &User) -> ApprovalRequest {
    ApprovalRequest {
        user: user.id(),
        digest: digest(config, user),
        proposer: party(&call.actor),
        created: call.now,
        expires: call.now.saturating_add(EXPIRES_AFTER).unwrap_or(Timestamp::MAX),
        state: State::Open,
        settled: None,
        votes: Vec::new(),
    }
}

fn about(action: &'static str, user: &User) -> Entry {
    Entry::done(action).about(&Kind::USER, user.id(), user.user_name())
}

/// Puts a new request into the change that suspends a user, where anybody is left who can approve it. `user` is as the change leaves it.
pub(crate) fn ask(config: &Configuration, call: &Call, user: &User, change: &mut ChangeSet) {
    let request = new(config, call, user);
    if trees(config, user.id(), request.proposer).is_some() {
        add(call, user, &request, change);
    }
}

fn add(call: &Call, user: &User, request: &ApprovalRequest, change: &mut ChangeSet) {
    change.puts.push(put(kind(), user.id(), call, request, Expect::Any));
    let entry = about("approval.request", user).changed("digest", Value::Null, json!(request.digest));
    change.log.push(audit::entry(call, entry));
}

/// Proposes to remove an approver. An earlier request about the user is replaced.
///
/// # Errors
/// 409 by `quorum_member`; 409 for a user whom no quorum policy guards, and where nobody is left who can approve.
pub fn propose(config: &Configuration, call: &Call, user: &User) -> Result<Decided<ApprovalRequest>, Refused> {
    if config.policy.quorum_member != QuorumMember::Suspend {
        let detail = "this account asks nobody for approval: take the user out of the quorum policy, then remove it";
        return Err(Refused::by("quorum_member", 409, None, detail));
    }
    if users::guarding(config, user.id()).is_empty() {
        let detail = "the user is no approver in a guarded quorum policy, and can be removed without approval";
        return Err(Refused::status(409, detail));
    }
    let request = new(config, call, user);
    if trees(config, user.id(), request.proposer).is_none() {
        let detail = "not enough other approvers are left to approve it: change the quorum policy first";
        return Err(Refused::status(409, detail));
    }
    // A quorum policy that changes in the same moment must not be missed.
    let mut change = ChangeSet { config: Some(config.version), ..ChangeSet::default() };
    add(call, user, &request, &mut change);
    Ok(Decided { change, outcome: request })
}

/// What becomes of a request as time passes: it expires, and later its record goes. `None` when nothing is to be done.
pub fn pass(call: &Call, record: &Record, request: &ApprovalRequest) -> Option<ChangeSet> {
    if request.is_past(call.now) {
        let delete = Delete::bare(kind(), record.id, record.version);
        return Some(ChangeSet { deletes: vec![delete], ..ChangeSet::default() });
    }
    if request.state != State::Open || call.now < request.expires {
        return None;
    }
    let settled = request.settled(State::Expired, call.now);
    let entry = Entry::done("approval.expire").about(&Kind::USER, request.user, "");
    Some(ChangeSet {
        puts: vec![put(kind(), record.id, call, &settled, Expect::Version(record.version))],
        log: vec![audit::entry(call, entry)],
        ..ChangeSet::default()
    })
}
