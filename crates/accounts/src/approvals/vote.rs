//! What an approver says to a request, and what comes of it.

use super::{ApprovalRequest, Party, State, Vote, about, digest, kind, party, trees};
use crate::{Call, Configuration, Decided, QuorumTree, Refused, User, account::put, audit, quorum, users};
use provost_change::{ChangeSet, Expect, Kind, Put, Record};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What an approver says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The user may be removed.
    Approve,
    /// The user shall stay.
    Deny,
}

/// Takes an approver's word on the change that has `presented` as its digest. With the word that is enough the user is removed and taken
/// out of every quorum policy, in the same change. `user` is the user as it is now, if it is there; `voters` are the users who approve.
///
/// A request whose time is over, or that the user or the quorum policies have left behind, is settled as that instead.
///
/// # Errors
/// 409 for a request that is settled, another digest and a second word; 403 for who is no approver, may not sign in, proposed it, or is
/// the one to be removed.
pub fn vote(
    config: &Configuration,
    call: &Call,
    (record, request): (&Record, &ApprovalRequest),
    (presented, verdict): (&str, Verdict),
    user: Option<&User>,
    voters: &[User],
) -> Result<Decided<ApprovalRequest>, Refused> {
    if request.state != State::Open {
        return Err(Refused::status(409, "the request is settled already"));
    }
    if presented != request.digest {
        return Err(Refused::status(409, "the digest is that of another change: read the request again"));
    }
    let settle = |state: State, action| Ok(settled(config, call, record, (request, user), (state, action)));
    if request.expires <= call.now {
        return settle(State::Expired, "approval.expire");
    }
    let Some(user) = user.filter(|user| digest(config, user) == request.digest) else {
        return settle(State::Void, "approval.void");
    };
    let voter = voter(config, call, request, voters)?;
    if request.votes.iter().any(|vote| vote.by == voter) {
        return Err(Refused::status(409, "you have given your word on this request already"));
    }
    let Some(trees) = trees(config, user.id(), request.proposer) else {
        return settle(State::Void, "approval.void");
    };
    let mut request = request.clone();
    request.votes.push(Vote { by: voter, verdict, at: call.now });
    let says = |leaf: &QuorumTree, verdict| {
        request.votes.iter().any(|vote| {
            vote.verdict == verdict && leaf_of(vote.by) == *leaf && may_approve(config, vote.by, voters).is_ok()
        })
    };
    let silent = request.proposer.map(leaf_of);
    let can_still = |leaf: &QuorumTree| silent.as_ref() != Some(leaf) && !says(leaf, Verdict::Deny);
    if trees.iter().all(|tree| tree.can_agree(&|leaf| says(leaf, Verdict::Approve))) {
        return Ok(done(config, call, record, request, user));
    }
    let (state, action) = match trees.iter().all(|tree| tree.can_agree(&can_still)) {
        false => (State::Denied, "approval.deny"),
        true if verdict == Verdict::Deny => (State::Open, "approval.vote_deny"),
        true => (State::Open, "approval.vote_approve"),
    };
    Ok(settled(config, call, record, (&request, Some(user)), (state, action)))
}

/// Who gives its word, where it may.
fn voter(config: &Configuration, call: &Call, request: &ApprovalRequest, voters: &[User]) -> Result<Party, Refused> {
    let refused = |detail: &str| Refused::status(403, detail);
    let voter = party(&call.actor).ok_or_else(|| refused("only approvers of the quorum policy approve and deny"))?;
    if request.proposer == Some(voter) {
        return Err(refused("you proposed it: somebody else approves or denies it"));
    }
    if voter == Party::User(request.user) {
        return Err(refused("it is about you: others approve or deny it"));
    }
    let leaf = leaf_of(voter);
    if !users::guarding(config, request.user).iter().any(|policy| policy.policy.names(&leaf)) {
        return Err(refused("you are no approver of the quorum policy that this request waits for"));
    }
    may_approve(config, voter, voters)?;
    Ok(voter)
}

/// Whether an approver can approve now: a user only while enabled and proved.
fn may_approve(config: &Configuration, voter: Party, voters: &[User]) -> Result<(), Refused> {
    let Party::User(id) = voter else { return Ok(()) };
    let user = voters.iter().find(|user| user.id() == id);
    match user.map(|user| user.sign_in_refusal(config)) {
        Some(None) => Ok(()),
        Some(Some(why)) => Err(Refused::status(403, format!("you cannot approve or deny: {why}"))),
        None => Err(Refused::status(403, "you cannot approve or deny: the user is gone")),
    }
}

fn leaf_of(party: Party) -> QuorumTree {
    match party {
        Party::User(id) => QuorumTree::User(id),
        Party::App(id) => QuorumTree::App(id),
    }
}

/// The request as it stands from now on.
fn settled(
    config: &Configuration,
    call: &Call,
    record: &Record,
    (request, user): (&ApprovalRequest, Option<&User>),
    (state, action): (State, &'static str),
) -> Decided<ApprovalRequest> {
    let after = if state == State::Open { request.clone() } else { request.settled(state, call.now) };
    let entry = match user {
        Some(user) => about(action, user),
        None => audit::Entry::done(action).about(&Kind::USER, request.user, ""),
    };
    let entry = entry.changed("digest", Value::Null, json!(request.digest));
    let change = ChangeSet {
        config: Some(config.version),
        puts: vec![kept(call, record, &after)],
        log: vec![audit::entry(call, entry)],
        ..ChangeSet::default()
    };
    Decided { change, outcome: after }
}

/// Removes the user whom the approvers let go.
fn done(
    config: &Configuration,
    call: &Call,
    record: &Record,
    request: ApprovalRequest,
    user: &User,
) -> Decided<ApprovalRequest> {
    let after = request.settled(State::Approved, call.now);
    let mut change = users::dismiss(config, call, user, false).change;
    let entry = about("approval.approve", user).changed("digest", Value::Null, json!(request.digest));
    change.log.insert(0, audit::entry(call, entry));
    change.puts.push(kept(call, record, &after));
    quorum::leave(config, call, user.id(), &mut change);
    Decided { change, outcome: after }
}

fn kept(call: &Call, record: &Record, request: &ApprovalRequest) -> Put {
    let mut put = put(kind(), record.id, call, request, Expect::Version(record.version));
    put.record.created = record.created;
    put
}

impl QuorumTree {
    /// Whether a leaf stands anywhere in it.
    fn names(&self, leaf: &Self) -> bool {
        match self {
            Self::User(_) | Self::App(_) => self == leaf,
            Self::Quorum(quorum) => quorum.members.iter().any(|member| member.names(leaf)),
        }
    }

    /// Whether it agrees when exactly the leaves do that `agrees` says.
    pub(super) fn can_agree(&self, agrees: &dyn Fn(&Self) -> bool) -> bool {
        match self {
            Self::User(_) | Self::App(_) => agrees(self),
            Self::Quorum(quorum) => quorum.members.iter().filter(|member| member.can_agree(agrees)).count() >= quorum.n,
        }
    }

    /// The tree without a leaf; a quorum never wants more than it has. `None` when nobody is left.
    pub(crate) fn without(&self, leaf: &Self) -> Option<Self> {
        match self {
            Self::User(_) | Self::App(_) => (self != leaf).then(|| self.clone()),
            Self::Quorum(quorum) => {
                let members: Vec<Self> = quorum.members.iter().filter_map(|member| member.without(leaf)).collect();
                let n = quorum.n.min(members.len());
                (n > 0).then_some(Self::Quorum(quorum::Quorum { n, members }))
            }
        }
    }
}
