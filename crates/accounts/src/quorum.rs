//! Quorum policies: recursive approval trees of an account or a group, which guard their approvers from de-provisioning.
//!
//! An approver counted out of a quorum could make its number unreachable; that is why de-provisioning one is refused.

use crate::{
    Call, Configuration, Decided, Refused, User,
    account::put,
    audit::{self, Entry},
};
use provost_change::{ChangeSet, Delete, Expect, Kind, ResourceId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Levels of quorums inside quorums.
pub const DEPTH_MAX: usize = 8;
/// Approvers and quorums in one policy.
pub const NODES_MAX: usize = 256;

/// One node: somebody who approves, or so many of several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum QuorumTree {
    /// A user of the account.
    User(ResourceId),
    /// An admin app of the account.
    App(ResourceId),
    /// At least `n` of the members.
    Quorum(Quorum),
}

/// At least `n` of `members`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quorum {
    /// How many must approve: 1 is any, the number of members is all.
    pub n: usize,
    /// Who may.
    pub members: Vec<QuorumTree>,
}

/// A quorum policy as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuorumPolicy {
    /// The group whose policy it is; `None` is the account's own.
    pub group: Option<ResourceId>,
    /// The group's name, for messages.
    pub group_name: Option<String>,
    /// The tree.
    pub policy: QuorumTree,
}

impl QuorumTree {
    /// Reads a tree from what an administrator sends: the tree, or the tree under `policy` as it is shown. The JSON itself is
    /// bounded before it comes here.
    ///
    /// # Errors
    /// Another form, too deep, too many nodes, or a number that can never or always be reached.
    pub fn read(document: Value) -> Result<Self, Refused> {
        let document = match document {
            Value::Object(mut members) if members.len() == 1 && members.contains_key("policy") => {
                members.remove("policy").unwrap_or_default()
            }
            other => other,
        };
        let tree: Self = serde_json::from_value(document).map_err(|error| {
            Refused::invalid(format!(
                "a quorum policy is {{\"user\": id}}, {{\"app\": id}} or {{\"quorum\": {{\"n\", \"members\"}}}}: {error}"
            ))
        })?;
        let mut nodes = 0;
        tree.check(0, &mut nodes)?;
        Ok(tree)
    }

    fn check(&self, depth: usize, nodes: &mut usize) -> Result<(), Refused> {
        *nodes += 1;
        if depth > DEPTH_MAX || *nodes > NODES_MAX {
            return Err(Refused::invalid(format!(
                "a quorum policy has at most {DEPTH_MAX} levels and {NODES_MAX} approvers and quorums"
            )));
        }
        let Self::Quorum(quorum) = self else { return Ok(()) };
        if quorum.n == 0 || quorum.n > quorum.members.len() {
            let members = quorum.members.len();
            return Err(Refused::invalid(format!("a quorum of {} out of {members} members cannot be", quorum.n)));
        }
        quorum.members.iter().try_for_each(|member| member.check(depth + 1, nodes))
    }

    /// Whether a user is an approver anywhere in it.
    pub fn names_user(&self, user: ResourceId) -> bool {
        match self {
            Self::User(id) => *id == user,
            Self::App(_) => false,
            Self::Quorum(quorum) => quorum.members.iter().any(|member| member.names_user(user)),
        }
    }

    /// The users in it, each as often as it stands there.
    pub fn users(&self) -> Vec<ResourceId> {
        match self {
            Self::User(id) => vec![*id],
            Self::App(_) => Vec::new(),
            Self::Quorum(quorum) => quorum.members.iter().flat_map(Self::users).collect(),
        }
    }

    fn apps(&self) -> Vec<ResourceId> {
        match self {
            Self::App(id) => vec![*id],
            Self::User(_) => Vec::new(),
            Self::Quorum(quorum) => quorum.members.iter().flat_map(Self::apps).collect(),
        }
    }
}

/// Sets the quorum policy of the account (`group` is `None`) or of a group with its name. `users` are the loaded users of the
/// tree.
///
/// # Errors
/// An approver that is not an enabled user or an admin app of the account.
pub fn set(
    config: &Configuration,
    call: &Call,
    group: Option<(ResourceId, &str)>,
    tree: QuorumTree,
    users: &[User],
) -> Result<Decided<QuorumPolicy>, Refused> {
    let mut warnings = Vec::new();
    for id in tree.users() {
        let user = users.iter().find(|user| user.id() == id).ok_or_else(|| unknown("user", id))?;
        if !user.is_active() {
            return Err(Refused::invalid(format!("user {id} is disabled and cannot be an approver")));
        }
        if user.sign_in_refusal(config).is_some() {
            warnings.push(format!("user {id} has not proved the address yet and cannot approve until then"));
        }
    }
    if let Some(id) = tree.apps().into_iter().find(|id| config.app(*id).is_none()) {
        return Err(unknown("admin app", id));
    }
    let policy = QuorumPolicy {
        group: group.map(|(id, _)| id),
        group_name: group.map(|(_, name)| name.to_owned()),
        policy: tree,
    };
    let id = record_id(config, policy.group);
    let before = config.quorum_policy(policy.group);
    let expect = before.map_or(Expect::Absent, |(_, version)| Expect::Version(version));
    let mut change = config.change();
    change.puts.push(put(Kind::QUORUM_POLICY, id, call, &policy, expect));
    let entry = Entry::done("quorum_policy.set").about(&Kind::QUORUM_POLICY, id, &title(&policy)).changed(
        "policy",
        before.map_or(Value::Null, |(before, _)| json!(before.policy)),
        json!(policy.policy),
    );
    change.log.push(audit::entry(call, entry.warned(warnings)));
    Ok(Decided { change, outcome: policy })
}

/// Removes the quorum policy of the account or of a group.
///
/// # Errors
/// 404 when there is none.
pub fn remove(config: &Configuration, call: &Call, group: Option<ResourceId>) -> Result<Decided<()>, Refused> {
    let (before, version) = config.quorum_policy(group).ok_or_else(|| Refused::not_found("quorum policy"))?;
    let id = record_id(config, group);
    let entry = Entry::done("quorum_policy.remove").about(&Kind::QUORUM_POLICY, id, &title(before)).changed(
        "policy",
        json!(before.policy),
        Value::Null,
    );
    let change = ChangeSet {
        deletes: vec![Delete::bare(Kind::QUORUM_POLICY, id, version)],
        log: vec![audit::entry(call, entry)],
        ..config.change()
    };
    Ok(Decided { change, outcome: () })
}

/// Takes a user who goes out of every quorum policy, in the change that removes it. A quorum never wants more than it has left; a policy
/// that has nobody left goes too.
pub(crate) fn leave(config: &Configuration, call: &Call, user: ResourceId, change: &mut ChangeSet) {
    change.config = Some(config.version);
    change.changes_config = true;
    for (policy, version) in config.quorum.iter().filter(|(policy, _)| policy.policy.names_user(user)) {
        let id = record_id(config, policy.group);
        let after = policy.policy.without(&QuorumTree::User(user));
        let action = if after.is_some() { "quorum_policy.set" } else { "quorum_policy.remove" };
        let entry = Entry::done(action).about(&Kind::QUORUM_POLICY, id, &title(policy));
        change.log.push(audit::entry(call, entry.changed("policy", json!(policy.policy), json!(after))));
        match after {
            Some(tree) => {
                let after = QuorumPolicy { policy: tree, ..policy.clone() };
                change.puts.push(put(Kind::QUORUM_POLICY, id, call, &after, Expect::Version(*version)));
            }
            None => change.deletes.push(Delete::bare(Kind::QUORUM_POLICY, id, *version)),
        }
    }
}

/// A quorum policy is found under the id of what it belongs to.
pub(crate) fn record_id(config: &Configuration, group: Option<ResourceId>) -> ResourceId {
    group.unwrap_or_else(|| config.account_record())
}

/// What a message calls the policy.
pub(crate) fn title(policy: &QuorumPolicy) -> String {
    match &policy.group_name {
        None => "the account's quorum policy".to_owned(),
        Some(name) => format!("the quorum policy of group `{name}`"),
    }
}

fn unknown(what: &str, id: ResourceId) -> Refused {
    Refused::invalid(format!("the account has no {what} {id}"))
}
