//! What administrators do to groups, over the management API and the console.

use super::{
    Group, GroupState,
    members::{Facts, MemberEdit},
    scim::remove,
    write::{about, decided},
};
use crate::{Call, Configuration, Decided, Refused, account::name_of, policy::LocalEdit as Edit};
use provost_change::ResourceId;
use provost_scim::{Element, ElementStep, Resource};
use serde_json::json;

/// What an administrator wants of a group; `None` leaves it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LocalGroup {
    /// Its name.
    pub display_name: Option<String>,
    /// Ids of users and groups who come.
    pub add_members: Vec<ResourceId>,
    /// Ids of those who go.
    pub remove_members: Vec<ResourceId>,
}

impl LocalGroup {
    /// The change of members that it asks for.
    pub fn members(&self) -> MemberEdit {
        let element = |id: &ResourceId| Element { value: id.to_string(), kind: None };
        MemberEdit::of_steps(vec![
            ElementStep::Remove(self.remove_members.iter().map(ResourceId::to_string).collect()),
            ElementStep::Add(self.add_members.iter().map(element).collect()),
        ])
        .by_hand()
    }
}

/// Makes a group by hand: unmanaged.
///
/// # Errors
/// A name that is empty or too long; members that are not there.
pub fn create_local(
    config: &Configuration,
    call: &Call,
    new: &LocalGroup,
    facts: &Facts,
) -> Result<Decided<Group>, Refused> {
    let id = ResourceId::new(call.new_id);
    let name = name_of("group", new.display_name.as_deref().unwrap_or_default())?;
    let mut resource = Resource::default();
    resource.set("displayName", json!(name));
    resource.set_id(&id.to_string());
    resource.sync_schemas(&config.full_group);
    let members = new.members().decide(config, call, (id, &name), None, facts)?;
    let state = GroupState::default();
    let entry = about("group.create", id, &resource);
    decided(config, call, None, (id, resource, state), members, entry)
}

/// Changes a group by hand.
///
/// # Errors
/// A managed group whose name and members are the identity provider's (`local_edits.groups`); a name that is empty or too long;
/// members that are not there.
pub fn edit_local(
    config: &Configuration,
    call: &Call,
    group: &Group,
    edit: &LocalGroup,
    facts: &Facts,
) -> Result<Decided<Group>, Refused> {
    unlocked(config, group)?;
    let mut resource = group.resource.clone();
    if let Some(name) = &edit.display_name {
        resource.set("displayName", json!(name_of("group", name)?));
        resource.sync_schemas(&config.full_group);
    }
    let name = edit.display_name.as_deref().unwrap_or(group.display_name());
    let members = edit.members().decide(config, call, (group.id(), name), None, facts)?;
    let entry = about("group.update", group.id(), &group.resource);
    let after = (group.id(), resource, group.state(group.management));
    decided(config, call, Some(group), after, members, entry)
}

/// Whether somebody other than its identity provider may change a group.
///
/// # Errors
/// By `local_edits.groups`.
pub(super) fn unlocked(config: &Configuration, group: &Group) -> Result<(), Refused> {
    if group.management.managed && config.policy.local_edits.groups == Edit::Lock {
        return Err(Refused::by(
            "local_edits.groups",
            409,
            None,
            "this group is managed by identity provider: its name and members are changed there",
        ));
    }
    Ok(())
}

/// Removes a group by hand, its quorum policy with it.
///
/// # Errors
/// A role of the same name that users hold, where groups are roles.
pub fn delete_local(config: &Configuration, call: &Call, group: &Group) -> Result<Decided<()>, Refused> {
    remove(config, call, group)
}
