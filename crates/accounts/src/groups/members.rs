//! What a request wants of a group's members, and what becomes of it.

use super::{Group, roles};
use crate::{
    Call, Configuration, Refused, User,
    policy::{MembersReplace, NestedGroups, UnknownMember},
    role::RoleError,
    users,
};
use provost_change::{Kind, Member, MemberChange, ResourceId};
use provost_scim::{Element, ElementStep, Query, ScimError, ScimType};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

/// The operations of a request on `members`, folded into one change: first everybody or some go, then some come.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MemberEdit {
    clear: bool,
    adds: Vec<Element>,
    removes: Vec<String>,
    /// Filters that choose members to remove by more than their ids.
    matching: Vec<Query>,
    /// Whether it is an administrator's: what clients must not see may be a member, too.
    by_hand: bool,
}

/// What deciding about members needs to know; loaded for the ids that [`MemberEdit::wanted`] names.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The head's sequence number, read before anything else.
    pub seq: u64,
    /// Users among the wanted.
    pub users: HashMap<ResourceId, User>,
    /// Groups among the wanted.
    pub groups: HashMap<ResourceId, Group>,
    /// All members, where [`MemberEdit::needs_members`].
    pub members: Vec<Member>,
    /// The groups that contain this one, directly or through others, where groups are added.
    pub containing: HashSet<ResourceId>,
    /// The groups that each wanted user is in already, where [`MemberEdit::needs_groups`].
    pub groups_of: HashMap<ResourceId, Vec<Group>>,
}

impl MemberEdit {
    /// Folds operations in their order; each works on what the ones before it leave.
    pub(super) fn of_steps(steps: Vec<ElementStep>) -> Self {
        let mut edit = Self::default();
        let mut adds: HashMap<String, (usize, Element)> = HashMap::new();
        let mut removes: HashSet<String> = HashSet::new();
        let mut place = 0;
        for step in steps {
            match step {
                ElementStep::Add(elements) => {
                    for element in elements {
                        removes.remove(&element.value);
                        place += 1;
                        adds.entry(element.value.clone()).or_insert((place, element));
                    }
                }
                ElementStep::Remove(values) => {
                    for value in values {
                        adds.remove(&value);
                        removes.insert(value);
                    }
                }
                ElementStep::RemoveMatching(query) => {
                    adds.retain(|_, (_, element)| !matches(&query, &element.value, element.kind.as_deref()));
                    edit.matching.push(query);
                }
                ElementStep::Clear => {
                    adds.clear();
                    removes.clear();
                    edit.matching.clear();
                    edit.clear = true;
                }
            }
        }
        let mut adds: Vec<(usize, Element)> = adds.into_values().collect();
        adds.sort_by_key(|(place, _)| *place);
        edit.adds = adds.into_iter().map(|(_, element)| element).collect();
        edit.removes = removes.into_iter().collect();
        edit.removes.sort();
        edit
    }

    /// These members and no others.
    pub(super) fn replacing(elements: Vec<Element>) -> Self {
        Self { clear: true, adds: elements, ..Self::default() }
    }

    /// These members too.
    pub(super) fn adding(elements: Vec<Element>) -> Self {
        Self { adds: elements, ..Self::default() }
    }

    /// The same by an administrator.
    pub(super) fn by_hand(self) -> Self {
        Self { by_hand: true, ..self }
    }

    /// Whether the members stay as they are.
    pub fn is_empty(&self) -> bool {
        !self.clear && self.adds.is_empty() && self.removes.is_empty() && self.matching.is_empty()
    }

    /// The ids of those who are to come, as far as they are ids.
    pub fn wanted(&self) -> Vec<ResourceId> {
        self.adds.iter().filter_map(|element| element.value.parse().ok()).collect()
    }

    /// Whether the decision needs all present members: a filter chooses among them by more than their ids.
    pub fn needs_members(&self) -> bool {
        !self.matching.is_empty()
    }

    /// Whether the decision needs the groups that the wanted users are in already: their number is limited, or the group `name`
    /// gives its members a role, which must go with their others.
    pub fn needs_groups(&self, config: &Configuration, group: ResourceId, name: &str) -> bool {
        let limited = config.policy.groups.per_user_max.is_some();
        !self.adds.is_empty() && (limited || roles::granted_by(config, group, name).is_some())
    }

    /// The change of a group's members; `None` when nothing is wanted of them. `version` is the one that the change rests on, if
    /// the client named one.
    ///
    /// # Errors
    /// Somebody who is not there or must not be seen, a group where groups must not nest or that would contain itself, limits and
    /// roles of the policy: the whole request is refused.
    pub(super) fn decide(
        &self,
        config: &Configuration,
        call: &Call,
        group: (ResourceId, &str),
        version: Option<u64>,
        facts: &Facts,
    ) -> Result<Option<Decision>, Refused> {
        if self.is_empty() {
            return Ok(None);
        }
        self.check_policy(config)?;
        let granted = roles::granted_by(config, group.0, group.1).filter(|_| !self.adds.is_empty());
        users::may_grant(config, call, granted.as_slice())?;
        let mut adds = Vec::with_capacity(self.adds.len());
        let mut nests = false;
        let mut left_out = Vec::new();
        for element in &self.adds {
            let Some(member) = self.member(config, element, facts)? else {
                left_out.push(element.value.as_str());
                continue;
            };
            if member.kind == Kind::GROUP {
                may_nest(config, group.0, &member, facts)?;
                nests = true;
            } else {
                may_join(config, group, &member, facts)?;
            }
            adds.push(member);
        }
        let mut removes: Vec<ResourceId> = self.removes.iter().filter_map(|value| value.parse().ok()).collect();
        let added: HashSet<ResourceId> = adds.iter().map(|member| member.id).collect();
        let chosen = facts.members.iter().filter(|member| {
            let (value, kind) = (member.id.to_string(), type_name(&member.kind));
            !added.contains(&member.id) && self.matching.iter().any(|query| matches(query, &value, Some(kind)))
        });
        removes.extend(chosen.map(|member| member.id));
        let change = MemberChange { group: group.0, version, clear: self.clear, removes, adds, at: call.now };
        // Whether a group would contain itself, and what a filter chooses, holds only as long as nothing else changes.
        let seq = (nests || self.needs_members()).then_some(facts.seq);
        Ok(Some(Decision { change, seq, warnings: warning(&left_out).into_iter().collect() }))
    }

    /// The record that an element names; nothing where the policy ignores that there is none. One that must not be seen does not exist.
    fn member(&self, config: &Configuration, element: &Element, facts: &Facts) -> Result<Option<Member>, Refused> {
        let id: Option<ResourceId> = element.value.parse().ok();
        let user = id.and_then(|id| facts.users.get(&id)).filter(|user| self.by_hand || user.is_visible(config));
        let group = id.and_then(|id| facts.groups.get(&id)).filter(|group| self.by_hand || group.is_visible(config));
        let found = match (user, group) {
            (Some(user), _) => Member { kind: Kind::USER, id: user.id() },
            (None, Some(group)) => Member { kind: Kind::GROUP, id: group.id() },
            (None, None) if self.by_hand => return Err(unknown(&element.value)),
            (None, None) => match config.policy.groups.unknown_member {
                UnknownMember::Reject => return Err(unknown(&element.value)),
                UnknownMember::Ignore => return Ok(None),
            },
        };
        match &element.kind {
            Some(kind) if !kind.eq_ignore_ascii_case(type_name(&found.kind)) => Err(Refused::invalid(format!(
                "`members.type` says `{}`, but `{}` is a {}",
                shortened(kind),
                found.id,
                type_name(&found.kind)
            ))),
            Some(_) | None => Ok(Some(found)),
        }
    }

    fn check_policy(&self, config: &Configuration) -> Result<(), Refused> {
        let policy = &config.policy.groups;
        if self.clear && policy.members_replace == MembersReplace::Reject {
            return Err(Refused::value(
                "groups.members_replace",
                "members of a group are added and removed by name; they are not replaced or removed all at once",
            ));
        }
        if self.matching.len() > MATCHING_MAX {
            return Err(Refused::invalid(format!(
                "one request chooses members by at most {MATCHING_MAX} filters other than on `value`"
            )));
        }
        let named = self.adds.len() + self.removes.len();
        match policy.members_per_patch_max {
            Some(most) if named > most as usize => Err(Refused::value(
                "groups.members_per_patch_max",
                format!("one request changes at most {most} members, not {named}"),
            )),
            Some(_) | None => Ok(()),
        }
    }
}

/// Filters that go through all members of a group, in one request.
const MATCHING_MAX: usize = 10;

/// A decided change of members.
pub(super) struct Decision {
    pub change: MemberChange,
    /// The sequence number that it rests on.
    pub seq: Option<u64>,
    /// What was not done, for the audit log.
    pub warnings: Vec<String>,
}

impl Decision {
    /// What the audit log says about it: who went and who came, at most [`LISTED_MAX`] of each.
    pub fn audited(&self) -> (Value, Value) {
        let listed = |ids: &[ResourceId]| {
            let mut list: Vec<Value> = ids.iter().take(LISTED_MAX).map(|id| json!(id)).collect();
            if ids.len() > LISTED_MAX {
                list.push(json!(format!("and {} more", ids.len() - LISTED_MAX)));
            }
            list
        };
        let removed = if self.change.clear { vec![json!("all")] } else { listed(&self.change.removes) };
        let adds: Vec<ResourceId> = self.change.adds.iter().map(|member| member.id).collect();
        (json!(removed), json!(listed(&adds)))
    }
}

/// Members that one audit entry names.
const LISTED_MAX: usize = 1_000;

/// The name of a kind as `members.type` has it.
pub fn type_name(kind: &Kind) -> &'static str {
    if *kind == Kind::GROUP { "Group" } else { "User" }
}

fn matches(query: &Query, value: &str, kind: Option<&str>) -> bool {
    query.matches_element(&json!({ "value": value, "type": kind }))
}

fn unknown(value: &str) -> Refused {
    ScimError::bad_request(
        ScimType::InvalidValue,
        format!("`members.value`: the account has no user or group `{}`; nothing was changed", shortened(value)),
    )
    .into()
}

/// Unknown members that a warning names.
const WARNED_MAX: usize = 10;

/// What the audit log says of members that were left out.
fn warning(left_out: &[&str]) -> Option<String> {
    if left_out.is_empty() {
        return None;
    }
    let named: Vec<String> = left_out.iter().take(WARNED_MAX).map(|value| format!("`{}`", shortened(value))).collect();
    let more = match left_out.len().saturating_sub(WARNED_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Some(format!(
        "left out members that the account does not have: {}{more} (policy field `groups.unknown_member`)",
        named.join(", ")
    ))
}

fn shortened(text: &str) -> String {
    text.chars().take(64).collect()
}

fn may_nest(config: &Configuration, group: ResourceId, member: &Member, facts: &Facts) -> Result<(), Refused> {
    if config.policy.groups.nested == NestedGroups::Reject {
        return Err(Refused::value(
            "groups.nested",
            format!("`{}` is a group; groups of this account contain users only", member.id),
        ));
    }
    if member.id == group || facts.containing.contains(&member.id) {
        return Err(Refused::invalid(format!("group `{}` contains this group; it cannot be its member", member.id)));
    }
    Ok(())
}

/// Limits and roles of one who joins.
fn may_join(
    config: &Configuration,
    (group, name): (ResourceId, &str),
    member: &Member,
    facts: &Facts,
) -> Result<(), Refused> {
    let Some(present) = facts.groups_of.get(&member.id) else { return Ok(()) };
    let others: Vec<(ResourceId, &str)> =
        present.iter().filter(|other| other.id() != group).map(|other| (other.id(), other.display_name())).collect();
    if let Some(most) = config.policy.groups.per_user_max
        && others.len() >= most as usize
    {
        return Err(Refused::value(
            "groups.per_user_max",
            format!("user `{}` is in {} groups already; {most} are allowed", member.id, others.len()),
        ));
    }
    let Some(user) = facts.users.get(&member.id) else { return Ok(()) };
    if roles::granted_by(config, group, name).is_none() {
        return Ok(());
    }
    let all: Vec<(ResourceId, &str)> = others.into_iter().chain([(group, name)]).collect();
    let conflict = |error: RoleError| {
        let refused = Refused::role(&error);
        Refused {
            error: ScimError { detail: format!("user `{}`: {}", member.id, refused.error.detail), ..refused.error },
            ..refused
        }
    };
    roles::together(config, &user.state, &all).map(drop).map_err(conflict)
}
