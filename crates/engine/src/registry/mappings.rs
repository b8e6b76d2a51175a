//! Changing what an app sends.

use super::{Registered, about_app, app::changed, checked};
use crate::{AttributeMapping, EnterpriseApp, FilterGroup, Mappings, ObjectMapping, TargetActions, TargetAttribute};
use provost_accounts::{Call, Configuration, Decided, Refused};
use serde_json::json;

/// What is to change of an app's mappings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MappingsEdit {
    /// Of users.
    pub users: ObjectEdit,
    /// Of groups.
    pub groups: ObjectEdit,
}

/// What is to change of the mapping of one kind of object; `None` leaves it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ObjectEdit {
    /// All rows.
    pub attributes: Option<Vec<AttributeMapping>>,
    /// Whether such objects are provisioned.
    pub enabled: Option<bool>,
    /// What may be done at the target.
    pub actions: Option<TargetActions>,
    /// All scoping filters.
    pub filters: Option<Vec<FilterGroup>>,
    /// All attributes that the target has.
    pub target: Option<Vec<TargetAttribute>>,
}

impl ObjectEdit {
    fn of(self, before: &ObjectMapping) -> ObjectMapping {
        ObjectMapping {
            enabled: self.enabled.unwrap_or(before.enabled),
            actions: self.actions.unwrap_or(before.actions),
            filters: self.filters.unwrap_or_else(|| before.filters.clone()),
            attributes: self.attributes.unwrap_or_else(|| before.attributes.clone()),
            target: self.target.unwrap_or_else(|| before.target.clone()),
        }
    }
}

impl MappingsEdit {
    /// The mappings as they would be.
    pub fn of(self, before: &Mappings) -> Mappings {
        Mappings { users: self.users.of(&before.users), groups: self.groups.of(&before.groups) }
    }
}

/// Changes the mappings of an app.
///
/// # Errors
/// What is wrong with the mappings as they would be, naming the rows.
pub fn set_mappings(
    config: &Configuration,
    call: &Call,
    before: &Registered<EnterpriseApp>,
    edit: MappingsEdit,
) -> Result<Decided<Registered<EnterpriseApp>>, Refused> {
    let old = &before.value.mappings;
    let mappings = edit.of(old);
    let app = EnterpriseApp { mappings, ..before.value.clone() };
    checked(config, &app)?;
    let mappings = &app.mappings;
    let mut entry = about_app("enterprise-app.mappings", before);
    for (objects, old, new) in [("users", &old.users, &mappings.users), ("groups", &old.groups, &mappings.groups)] {
        for (part, old, new) in [
            ("enabled", json!(old.enabled), json!(new.enabled)),
            ("actions", json!(old.actions), json!(new.actions)),
            ("filters", json!(old.filters), json!(new.filters)),
            ("attributes", json!(old.attributes), json!(new.attributes)),
            ("target_attributes", json!(old.target), json!(new.target)),
        ] {
            entry = entry.changed(&format!("{objects}.{part}"), old, new);
        }
    }
    Ok(changed(call, before, app, entry))
}
