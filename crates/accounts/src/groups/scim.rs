//! What a SCIM client asks of groups.

use super::{
    Group, GroupState,
    members::{Facts, MemberEdit},
    write::{about, decided, transition},
};
use crate::{
    Call, Configuration, Decided, Refused, audit, ownership::Management, patching, policy::GroupNameConflict, quorum,
};
use provost_change::{Delete, Kind, ResourceId};
use provost_scim::{Incoming, PatchRequest, Resource, ScimError, ScimType, dialect};
use serde_json::Value;

/// A POST, read.
#[derive(Clone, Debug)]
pub struct Creation {
    resource: Resource,
    /// Who is to be in it.
    pub members: MemberEdit,
    repairs: Vec<&'static str>,
}

/// A PATCH, read.
#[derive(Clone, Debug)]
pub struct Patching {
    request: Option<PatchRequest>,
    /// What is to change in who is in it.
    pub members: MemberEdit,
    repairs: Vec<&'static str>,
}

/// A PUT, read.
#[derive(Clone, Debug)]
pub struct Replacement {
    incoming: Incoming,
    /// Who is to be in it; nothing changes where the body does not say.
    pub members: MemberEdit,
    repairs: Vec<&'static str>,
}

impl Creation {
    /// The codes of what was repaired in the body.
    pub fn repairs(&self) -> &[&'static str] {
        &self.repairs
    }

    /// Reads the body of a POST.
    ///
    /// # Errors
    /// What the schema refuses in the body itself.
    pub fn read(config: &Configuration, body: Value) -> Result<Self, Refused> {
        let (mut incoming, repairs) = read_body(config, body)?;
        let elements = incoming.resource.take_elements("members")?.unwrap_or_default();
        Ok(Self { resource: incoming.resource, members: MemberEdit::adding(elements), repairs })
    }

    /// The name that it is to have.
    pub fn name(&self) -> &str {
        self.resource.get("displayName").and_then(Value::as_str).unwrap_or_default()
    }

    /// Makes the group. `same_name` is a group of that name, should there be one that was made by hand: under
    /// `groups.name_conflict: adopt` it becomes managed and keeps its id; the outcome says so with `false`.
    ///
    /// # Errors
    /// What the policy refuses.
    pub fn decide(
        &self,
        config: &Configuration,
        call: &Call,
        facts: &Facts,
        same_name: Option<&Group>,
    ) -> Result<Decided<(Group, bool)>, Refused> {
        let by_hand = same_name.filter(|group| !group.management.managed);
        match (by_hand, config.policy.groups.name_conflict) {
            (Some(_), GroupNameConflict::Conflict) => return Err(taken()),
            (Some(group), GroupNameConflict::Adopt) => {
                let mut resource = self.resource.clone();
                resource.set_id(&group.id().to_string());
                resource.sync_schemas(&config.full_group);
                let wanted = Wanted { resource, members: &self.members, repairs: &self.repairs };
                let management = Management::of_new(call);
                return Ok(change(config, call, group, wanted, management, (None, facts))?.map(|group| (group, false)));
            }
            (Some(_), GroupNameConflict::Separate) | (None, _) => {}
        }
        let id = ResourceId::new(call.new_id);
        let mut resource = self.resource.clone();
        resource.set_id(&id.to_string());
        resource.sync_schemas(&config.full_group);
        let state = GroupState::from(Management::of_new(call));
        let members = self.members.decide(config, call, (id, self.name()), None, facts)?;
        let entry = about("group.create", id, &resource).repaired(&self.repairs);
        Ok(decided(config, call, None, (id, resource, state), members, entry)?.map(|group| (group, true)))
    }
}

impl Patching {
    /// The codes of what was repaired in the body.
    pub fn repairs(&self) -> &[&'static str] {
        &self.repairs
    }

    /// Reads the body of a PATCH.
    ///
    /// # Errors
    /// A body that is no PATCH request, in standard form or in a known dialect.
    pub fn read(config: &Configuration, body: Value) -> Result<Self, Refused> {
        let (request, repairs) = patching::read(config, &config.full_group, body)?;
        let Some(request) = request else {
            return Ok(Self { request: None, members: MemberEdit::default(), repairs });
        };
        let (request, steps) = request.detach(&config.full_group, "members")?;
        Ok(Self { request: Some(request), members: MemberEdit::of_steps(steps), repairs })
    }

    /// Changes the group as the operations say: all of them or none. `version` is the one that the change rests on, if the client
    /// named one.
    ///
    /// # Errors
    /// What the operations or the policy refuse.
    pub fn decide(
        &self,
        config: &Configuration,
        call: &Call,
        group: &Group,
        version: Option<u64>,
        facts: &Facts,
    ) -> Result<Decided<Group>, Refused> {
        let management = group.management.after_write(config, call, "group")?;
        let resource = match &self.request {
            None => group.resource.clone(),
            Some(request) => {
                let no_match = config.policy.patch.no_match.into();
                let patched = request.apply(&config.full_group, &group.resource, no_match)?;
                unknown(&patched.unknown)?;
                patched.resource
            }
        };
        let wanted = Wanted { resource, members: &self.members, repairs: &self.repairs };
        change(config, call, group, wanted, management, (version, facts))
    }
}

impl Replacement {
    /// The codes of what was repaired in the body.
    pub fn repairs(&self) -> &[&'static str] {
        &self.repairs
    }

    /// Reads the body of a PUT.
    ///
    /// # Errors
    /// What the schema refuses in the body itself.
    pub fn read(config: &Configuration, body: Value) -> Result<Self, Refused> {
        let (mut incoming, repairs) = read_body(config, body)?;
        let given = incoming.resource.take_elements("members")?;
        let cleared = incoming.cleared.iter().any(|name| name == "members");
        let members = match (given, cleared) {
            (Some(elements), _) => MemberEdit::replacing(elements),
            (None, true) => MemberEdit::replacing(Vec::new()),
            (None, false) => MemberEdit::default(),
        };
        Ok(Self { incoming, members, repairs })
    }

    /// Replaces the group's attributes, and its members where the body says who they are: membership does not end by omission.
    ///
    /// # Errors
    /// What the schema or the policy refuses.
    pub fn decide(
        &self,
        config: &Configuration,
        call: &Call,
        group: &Group,
        version: Option<u64>,
        facts: &Facts,
    ) -> Result<Decided<Group>, Refused> {
        let management = group.management.after_write(config, call, "group")?;
        let resource = config.full_group.replace(&group.resource, &self.incoming)?;
        let wanted = Wanted { resource, members: &self.members, repairs: &self.repairs };
        change(config, call, group, wanted, management, (version, facts))
    }
}

/// A DELETE: the group goes, its members stay what they are. Its quorum policy goes with it.
///
/// # Errors
/// Another app's group where ownership is exclusive.
pub fn delete(config: &Configuration, call: &Call, group: &Group) -> Result<Decided<()>, Refused> {
    group.management.after_write(config, call, "group")?;
    remove(config, call, group)
}

/// Removes a group with its quorum policy.
pub(super) fn remove(config: &Configuration, call: &Call, group: &Group) -> Result<Decided<()>, Refused> {
    let mut change = transition(config, call, Some(group), None, None)?;
    if let Some((_, version)) = config.quorum_policy(Some(group.id())) {
        change.deletes.push(Delete::bare(Kind::QUORUM_POLICY, quorum::record_id(config, Some(group.id())), version));
        change.changes_config = true;
    }
    change.log.push(audit::entry(call, about("group.delete", group.id(), &group.resource)));
    Ok(Decided { change, outcome: () })
}

/// What a request wants a group to be.
struct Wanted<'r> {
    resource: Resource,
    members: &'r MemberEdit,
    repairs: &'r [&'static str],
}

fn change(
    config: &Configuration,
    call: &Call,
    group: &Group,
    wanted: Wanted<'_>,
    management: Management,
    (version, facts): (Option<u64>, &Facts),
) -> Result<Decided<Group>, Refused> {
    let Wanted { mut resource, members, repairs } = wanted;
    resource.sync_schemas(&config.full_group);
    let name = resource.get("displayName").and_then(Value::as_str).unwrap_or_default().to_owned();
    let members = members.decide(config, call, (group.id(), &name), version, facts)?;
    let entry = about("group.update", group.id(), &group.resource).repaired(repairs);
    decided(config, call, Some(group), (group.id(), resource, group.state(management)), members, entry)
}

/// What Entra adds to the `schemas` of a group: `http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group`.
const ENTRA_SCHEMAS: &str = "http://schemas.microsoft.com/";

fn read_body(config: &Configuration, body: Value) -> Result<(Incoming, Vec<&'static str>), Refused> {
    let (body, repairs) = dialect::normalise_resource(body, &config.full_group);
    let incoming = config.full_group.read(body)?;
    unknown(&incoming.unknown)?;
    let foreign = |urn: &&String| !urn.starts_with(ENTRA_SCHEMAS) && config.full_group.schema_by_urn(urn).is_none();
    if let Some(urn) = incoming.unknown_schemas.iter().find(foreign) {
        return Err(Refused::invalid(format!("`{urn}` in `schemas` is no schema of a Group")));
    }
    Ok((incoming, repairs.into_iter().map(|repair| repair.code).collect()))
}

/// Attributes that a group does not have are named.
fn unknown(names: &[String]) -> Result<(), Refused> {
    match names.first() {
        None => Ok(()),
        Some(name) => Err(Refused::invalid(format!("`{name}` is no attribute of a Group"))),
    }
}

/// Whether a group may have been given this name, `other` being a group of that name that was made by hand.
///
/// # Errors
/// By `groups.name_conflict`.
pub fn may_be_named(config: &Configuration, group: &Group, other: Option<&Group>) -> Result<(), Refused> {
    let conflicts = config.policy.groups.name_conflict == GroupNameConflict::Conflict;
    if conflicts && other.is_some_and(|other| other.id() != group.id()) { Err(taken()) } else { Ok(()) }
}

/// What a name that a managed group has means to the client.
pub fn name_in_use() -> Refused {
    let detail = "a group with this `displayName` exists in the account".to_owned();
    ScimError { status: 409, scim_type: Some(ScimType::Uniqueness), detail }.into()
}

/// The name is that of a group made by hand.
fn taken() -> Refused {
    let detail =
        "a group with this `displayName` was made by hand in this account (policy field `groups.name_conflict`)";
    Refused {
        error: ScimError { status: 409, scim_type: Some(ScimType::Uniqueness), detail: detail.to_owned() },
        field: Some("groups.name_conflict"),
        retry_after: None,
    }
}
