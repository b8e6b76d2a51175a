//! The account itself: made and changed by the operator.

use crate::{
    Actor, Call, Configuration, Decided, Policy, Refused, RoleKey,
    audit::{self, Entry},
    policy::{self, Feature},
    role::{NAME_MAX, RoleKind},
};
use provost_change::{AccountId, ChangeSet, Expect, Kind, Put, Record, ResourceId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// An account: one organisation's users, groups, roles, apps, policy and log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// Its name for people; several accounts may have the same.
    pub name: String,
    /// How many enabled users it may have.
    #[serde(default)]
    pub max_users: Option<u32>,
    /// What is switched on for it; `requires` of the policy asks for some.
    #[serde(default)]
    pub features: Vec<Feature>,
    /// The record of the policy in force.
    pub policy: ResourceId,
    /// Counts the policy's versions, from 1.
    pub policy_version: u32,
}

/// What the operator may change; `None` leaves it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccountEdit {
    /// A new name.
    pub name: Option<String>,
    /// A new limit, or none.
    pub max_users: Option<Option<u32>>,
    /// Another set of features.
    pub features: Option<Vec<Feature>>,
}

/// One version of an account's policy, as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PolicyVersion {
    /// From 1.
    pub version: u32,
    /// The whole document.
    #[serde(deserialize_with = "policy::stored")]
    pub policy: Policy,
    /// Who made it: the name of an admin app, `operator`, `system`, or `person`.
    pub author: String,
    /// Which user that is, of a person: names of people are personal, and stand with the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author_user: Option<ResourceId>,
}

/// Makes an account with its first policy. `policy_id` is the id of the policy's record.
///
/// # Errors
/// A name that is empty or too long; a role that the account cannot have yet.
pub fn create(
    id: AccountId,
    call: &Call,
    name: &str,
    policy: Policy,
    edit: AccountEdit,
    policy_id: ResourceId,
) -> Result<Decided<Account>, Refused> {
    let account = Account {
        name: name_of("account", name)?,
        max_users: edit.max_users.flatten(),
        features: edit.features.unwrap_or_default(),
        policy: policy_id,
        policy_version: 1,
    };
    named_roles(&policy, |_| false)?;
    let preset = policy.preset.clone();
    let change = ChangeSet {
        creates_account: true,
        changes_config: true,
        puts: vec![
            put(Kind::ACCOUNT, ResourceId::new(id.uuid()), call, &account, Expect::Absent),
            policy_put(call, policy_id, 1, policy),
        ],
        log: vec![audit::entry(
            call,
            Entry::done("account.create").about(&Kind::ACCOUNT, ResourceId::new(id.uuid()), &account.name).changed(
                "policy",
                Value::Null,
                json!(preset),
            ),
        )],
        ..ChangeSet::default()
    };
    Ok(Decided { change, outcome: account })
}

/// Changes what the operator may change.
///
/// # Errors
/// A name that is empty or too long.
pub fn update(config: &Configuration, call: &Call, edit: AccountEdit) -> Result<Decided<Account>, Refused> {
    let mut account = config.account.clone();
    let mut entry = Entry::done("account.update").about(&Kind::ACCOUNT, config.account_record(), &account.name);
    if let Some(name) = edit.name {
        let name = name_of("account", &name)?;
        entry = entry.changed("name", json!(account.name), json!(name));
        account.name = name;
    }
    if let Some(max_users) = edit.max_users {
        entry = entry.changed("max_users", json!(account.max_users), json!(max_users));
        account.max_users = max_users;
    }
    if let Some(features) = edit.features {
        entry = entry.changed("features", json!(account.features), json!(features));
        account.features = features;
    }
    Ok(commit_account(config, call, account, Vec::new(), entry))
}

/// Puts another policy in force, as a new version.
///
/// # Errors
/// A role that is no account role of this account.
pub fn change_policy(
    config: &Configuration,
    call: &Call,
    policy: Policy,
    policy_id: ResourceId,
) -> Result<Decided<Account>, Refused> {
    let entry = Entry::done("policy.update").about(&Kind::POLICY, policy_id, &policy.preset);
    put_in_force(config, call, policy, policy_id, entry)
}

/// Puts the policy of an earlier version in force again, as a new version (S-82).
///
/// # Errors
/// A document that this version of Provost no longer takes; a role that is no account role of this account any more.
pub fn revert_policy(
    config: &Configuration,
    call: &Call,
    to: &PolicyVersion,
    policy_id: ResourceId,
) -> Result<Decided<Account>, Refused> {
    policy::check(&to.policy).map_err(|error| Refused::status(409, error.to_string()))?;
    let entry = Entry::done("policy.revert").about(&Kind::POLICY, policy_id, &to.policy.preset).changed(
        "version",
        json!(config.account.policy_version),
        json!(to.version),
    );
    put_in_force(config, call, to.policy.clone(), policy_id, entry)
}

fn put_in_force(
    config: &Configuration,
    call: &Call,
    policy: Policy,
    policy_id: ResourceId,
    mut entry: Entry,
) -> Result<Decided<Account>, Refused> {
    named_roles(&policy, |id| config.role(id).is_some_and(|role| role.kind == RoleKind::Account))?;
    let mut account = config.account.clone();
    account.policy = policy_id;
    account.policy_version += 1;
    let (old, new) = (json!(config.policy), json!(policy));
    for (path, old, new) in difference(&old, &new) {
        entry = entry.changed(&path, old, new);
    }
    let put = policy_put(call, policy_id, account.policy_version, policy);
    Ok(commit_account(config, call, account, vec![put], entry))
}

/// Whether the account has the custom roles that a policy names.
fn named_roles(policy: &Policy, has: impl Fn(ResourceId) -> bool) -> Result<(), Refused> {
    let default = [("roles.default", policy.roles.default)];
    let protected = policy.roles.protected.iter().map(|role| ("roles.protected", *role));
    let by_group = policy.groups.roles.iter().map(|mapping| ("groups.roles", mapping.role));
    for (field, role) in default.into_iter().chain(protected).chain(by_group) {
        match role {
            RoleKey::Custom(id) if !has(id) => {
                return Err(Refused::value(field, "the account has no such account role"));
            }
            RoleKey::Custom(_) | RoleKey::System(_) => {}
        }
    }
    Ok(())
}

/// Where two documents differ, field by field.
pub fn difference(old: &Value, new: &Value) -> Vec<(String, Value, Value)> {
    fn walk(path: &str, old: &Value, new: &Value, found: &mut Vec<(String, Value, Value)>) {
        match (old, new) {
            (Value::Object(olds), Value::Object(news)) => {
                for (name, new) in news {
                    let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    walk(&path, olds.get(name).unwrap_or(&Value::Null), new, found);
                }
            }
            (old, new) if old != new => found.push((path.to_owned(), old.clone(), new.clone())),
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk("", old, new, &mut found);
    found
}

fn commit_account(
    config: &Configuration,
    call: &Call,
    account: Account,
    mut puts: Vec<Put>,
    entry: Entry,
) -> Decided<Account> {
    let record = config.account_record();
    puts.push(put(Kind::ACCOUNT, record, call, &account, Expect::Version(config.account_version)));
    let change = ChangeSet {
        config: Some(config.version),
        changes_config: true,
        puts,
        log: vec![audit::entry(call, entry)],
        ..ChangeSet::default()
    };
    Decided { change, outcome: account }
}

fn policy_put(call: &Call, id: ResourceId, version: u32, policy: Policy) -> Put {
    let author = audit::actor_name(&call.actor);
    let author_user = match &call.actor {
        Actor::Person { owner, .. } => Some(owner.id),
        Actor::App { .. } | Actor::Operator | Actor::System => None,
    };
    put(Kind::POLICY, id, call, &PolicyVersion { version, policy, author, author_user }, Expect::Absent)
}

/// A put of a record that has no unique keys and no index entries.
pub fn put(kind: Kind, id: ResourceId, call: &Call, doc: &impl Serialize, expect: Expect) -> Put {
    let doc = serde_json::to_string(doc).expect("records are made of strings, numbers and lists");
    Put {
        record: Record { kind, id, version: 0, created: call.now, modified: call.now, doc, state: "{}".to_owned() },
        expect,
        claims: Vec::new(),
        releases: Vec::new(),
        index_adds: Vec::new(),
        index_removes: Vec::new(),
    }
}

/// A name for people: trimmed, not empty, one line, at most [`NAME_MAX`] characters. `what` it names stands in the refusal.
///
/// # Errors
/// 400 for any other text.
pub fn name_of(what: &str, name: &str) -> Result<String, Refused> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Refused::invalid(format!("the {what} needs a name")));
    }
    if name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
        return Err(Refused::invalid(format!("the {what}'s name must be one line of at most {NAME_MAX} characters")));
    }
    Ok(name.to_owned())
}
