//! Groups as a source outside brings them, such as an LDAP server. Who is in them comes by changes of their members.

use super::{
    DISPLAY_NAME, Group, GroupState, SOURCE, indexed, local,
    write::{about, decided},
};
use crate::{Call, Configuration, Decided, Refused, account::name_of, users::import::Outcome};
use provost_change::{IndexEntry, ResourceId};
use provost_scim::{Resource, text::fold};
use serde_json::json;

/// Longest `externalId`, in bytes.
const EXTERNAL_ID_MAX: usize = 1_024;

/// What a source says of one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    display_name: String,
    external_id: String,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// The group as it is then.
    pub group: Group,
    /// Whether it was made, changed or left as it was.
    pub outcome: Outcome,
    /// The attributes that changed, and what else did.
    pub changed: Vec<&'static str>,
}

/// Under what the groups of a source are found.
pub fn of_source(name: &str) -> IndexEntry {
    IndexEntry { attribute: SOURCE.to_owned(), value: name.to_owned() }
}

impl Import {
    /// A group by its name and what the source knows it by.
    ///
    /// # Errors
    /// A name or id that is empty or too long.
    pub fn read(display_name: &str, external_id: &str) -> Result<Self, Refused> {
        if external_id.is_empty() || external_id.len() > EXTERNAL_ID_MAX {
            return Err(Refused::invalid(format!("a group's `external_id` has 1 to {EXTERNAL_ID_MAX} bytes")));
        }
        Ok(Self { display_name: name_of("group", display_name)?, external_id: external_id.to_owned() })
    }

    /// Where the group is found that the source means: by its `externalId`, else by its name. One that is found by the name and has an
    /// `externalId` is another group ([`Self::may_mean`]): sources have several groups of one name.
    pub fn lookups(&self) -> [IndexEntry; 2] {
        let id = fold(&self.external_id, true).into_owned();
        let name = fold(&self.display_name, false).into_owned();
        [
            IndexEntry { attribute: indexed("externalId"), value: id },
            IndexEntry { attribute: DISPLAY_NAME.to_owned(), value: name },
        ]
    }

    /// Whether a group that was found may be the one that the source means.
    pub fn may_mean(&self, group: &Group) -> bool {
        group.resource.external_id().is_none_or(|id| id == self.external_id)
    }

    /// Makes or changes the group. `found` is what [`Self::lookups`] found first. One that is unchanged comes with an empty change set.
    ///
    /// # Errors
    /// A group of another source, and one that an identity provider manages where those are
    /// locked.
    pub fn decide(
        &self,
        config: &Configuration,
        call: &Call,
        found: Option<&Group>,
        source: &str,
    ) -> Result<Decided<Imported>, Refused> {
        let id = found.map_or(ResourceId::new(call.new_id), Group::id);
        let mut resource = found.map_or_else(Resource::default, |group| group.resource.clone());
        let mut state = GroupState { source: Some(source.to_owned()), ..GroupState::default() };
        if let Some(group) = found {
            same_source(group, source)?;
            local::unlocked(config, group)?;
            state.management = group.management;
        }
        resource.set("displayName", json!(self.display_name));
        resource.set("externalId", json!(self.external_id));
        resource.set_id(&id.to_string());
        resource.sync_schemas(&config.full_group);
        let mut changed = Vec::new();
        for name in ["displayName", "externalId"] {
            let before = found.and_then(|group| group.resource.get(name));
            changed.extend((before != resource.get(name)).then_some(name));
        }
        if found.is_none_or(|group| group.source != state.source) {
            changed.push("source");
        }
        match found {
            Some(group) if changed.is_empty() => {
                let imported = Imported { group: group.clone(), outcome: Outcome::Unchanged, changed };
                return Ok(Decided { change: Default::default(), outcome: imported });
            }
            Some(_) | None => {}
        }
        let action = if found.is_some() { "group.update" } else { "group.create" };
        let entry = about(action, id, &resource);
        let outcome = if found.is_some() { Outcome::Updated } else { Outcome::Created };
        let decided = decided(config, call, found, (id, resource, state), None, entry)?;
        Ok(decided.map(|group| Imported { group, outcome, changed }))
    }
}

fn same_source(group: &Group, source: &str) -> Result<(), Refused> {
    match group.source.as_deref().filter(|other| *other != source) {
        None => Ok(()),
        Some(other) => {
            let detail = format!("group {} comes from source `{other}`, and is changed by that one only", group.id());
            Err(Refused::status(409, detail))
        }
    }
}
