//! What a change of the policy would mean to the users and groups that are there (S-81). Nothing is changed by asking.

use crate::{
    Configuration, Group, Refused, RoleKey, User,
    policy::{GroupMode, OnDeactivate, RoleMeaning, Roles, Unsupported, Verification},
    role::{self, assert_roles},
    users::{excess, user_name},
};
use provost_scim::{AttrPath, Resource, ResourceType};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One thing that would be different for somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Effect {
    /// The policy field that brings it about, such as `users.on_deactivate`.
    pub field: String,
    /// What would be different, in a sentence.
    pub what: String,
}

impl Effect {
    fn of(field: &str, what: impl Into<String>) -> Self {
        Self { field: field.to_owned(), what: what.into() }
    }

    fn refusal(refused: &Refused, otherwise: &str) -> Self {
        Self::of(refused.field.unwrap_or(otherwise), refused.error.detail.clone())
    }
}

/// What would be different for a user once `new` is in force instead of `old`; empty when nothing would. `new` comes from
/// [`Configuration::with_policy`].
pub fn effects(old: &Configuration, new: &Configuration, user: &User) -> Vec<Effect> {
    let mut effects = Vec::new();
    access(old, new, user, &mut effects);
    attributes(old, new, user, &mut effects);
    roles(old, new, user, &mut effects);
    effects
}

/// What would be different for a group.
pub fn group_effects(old: &Configuration, new: &Configuration, group: &Group) -> Vec<Effect> {
    let mut effects = Vec::new();
    let name = group.display_name();
    match (old.policy.groups.mode, new.policy.groups.mode) {
        (before, after) if before == after => {}
        (_, GroupMode::Off) => {
            let what =
                format!("group `{name}` is no longer shown over SCIM or changed by a client; its members stay in it");
            effects.push(Effect::of("groups.mode", what));
        }
        (GroupMode::Off, GroupMode::Managed | GroupMode::Roles) if group.is_visible(new) => {
            effects.push(Effect::of("groups.mode", format!("group `{name}` is shown over SCIM")));
        }
        (_, GroupMode::Roles) => {
            let what = format!("group `{name}` stands for a role only once a client has changed it");
            effects.push(Effect::of("groups.mode", what));
        }
        (GroupMode::Roles, GroupMode::Managed) => {
            effects.push(Effect::of("groups.mode", format!("the members of group `{name}` no longer hold its role")));
        }
        (GroupMode::Off | GroupMode::Managed, GroupMode::Managed) => {}
    }
    if group.is_visible(old) && !group.is_visible(new) {
        effects.push(Effect::of("users.visibility", format!("group `{name}` is not managed: SCIM no longer shows it")));
    }
    let granted = |config: &Configuration| {
        let mappings = &config.policy.groups.roles;
        mappings.iter().find(|mapping| same_name(&mapping.group, name)).map(|mapping| mapping.role)
    };
    let (before, after) = (granted(old), granted(new));
    if before != after {
        let role = |role: Option<RoleKey>| {
            role.map_or_else(|| "no role".to_owned(), |role| format!("`{}`", new.role_name(role)))
        };
        let what = format!("the members of group `{name}` hold {} instead of {}", role(after), role(before));
        effects.push(Effect::of("groups.roles", what));
    }
    effects
}

fn same_name(one: &str, other: &str) -> bool {
    let fold = |name| provost_scim::text::fold(name, false).into_owned();
    fold(one) == fold(other)
}

/// Whether the user is seen, enabled, signed in.
fn access(old: &Configuration, new: &Configuration, user: &User, effects: &mut Vec<Effect>) {
    let removes = |config: &Configuration| config.policy.users.on_deactivate == OnDeactivate::Remove;
    if user.state.managed && !user.is_active() && removes(new) && !removes(old) {
        effects.push(Effect::of(
            "users.on_deactivate",
            "the user is disabled: whoever is disabled from now on is removed; this one stays, and is a new user when provisioned again",
        ));
    }
    if user.is_visible(old) && !user.is_visible(new) {
        effects.push(Effect::of("users.visibility", "the user is not managed: SCIM no longer shows it"));
    }
    let waits = |config: &Configuration| {
        config.policy.users.verification == Verification::Required && user.is_active() && !user.state.verified
    };
    if waits(new) && !waits(old) {
        effects.push(Effect::of(
            "users.verification",
            "the address is not proved: the user can no longer sign in until it is",
        ));
    }
    if waits(old) && !waits(new) {
        effects
            .push(Effect::of("users.verification", "the address is not proved, and need not be: the user can sign in"));
    }
}

/// Which of the user's attributes the policy would not take.
fn attributes(old: &Configuration, new: &Configuration, user: &User, effects: &mut Vec<Effect>) {
    if let Err(refused) = user_name(new, &user.resource)
        && user_name(old, &user.resource).is_ok()
    {
        effects.push(Effect::refusal(&refused, "users.identifier_format"));
    }
    for name in names(&user.resource) {
        if is_known(&old.user, &name) && !is_known(&new.user, &name) {
            let fate = match new.policy.users.unsupported_on_patch {
                Unsupported::Reject => "a PATCH that names it is refused",
                Unsupported::Ignore => "what a client sends of it is left out",
                Unsupported::Store => "it is still kept, but no longer announced",
            };
            effects.push(Effect::of("users.attributes", format!("`{name}` is no longer supported: {fate}")));
        }
    }
    let missing = |config: &Configuration| {
        let required = config.policy.users.required.iter();
        required.filter(|name| !has(config, &user.resource, name)).cloned().collect::<Vec<_>>()
    };
    let before = missing(old);
    for name in missing(new).iter().filter(|name| !before.contains(name)) {
        effects.push(Effect::of("users.required", format!("`{name}` is missing: a PUT without it is refused")));
    }
    for (name, value) in user.resource.attributes() {
        if let Some(found) = excess(new, name, value)
            && excess(old, name, value).is_none()
        {
            effects.push(Effect::of(
                found.field,
                format!("{}; what is there stays until a client changes it", found.problem),
            ));
        }
    }
}

/// Which roles the user would hold, once its client writes to it again.
fn roles(old: &Configuration, new: &Configuration, user: &User, effects: &mut Vec<Effect>) {
    for role in &user.state.roles {
        if new.policy.roles.protected.contains(role) && !old.policy.roles.protected.contains(role) {
            let what = format!(
                "role `{}` is protected: SCIM no longer takes it away, nor disables the user",
                new.role_name(*role)
            );
            effects.push(Effect::of("roles.protected", what));
        }
    }
    if new.policy.roles.meaning == RoleMeaning::Data {
        return;
    }
    let held = |config: &Configuration| match &user.state.asserted {
        Some(elements) => assert_roles(config, elements).map(|asserted| asserted.roles),
        None => role::check(config, &user.state.roles),
    };
    let before = match old.policy.roles.meaning {
        RoleMeaning::Grant => held(old),
        RoleMeaning::Data => Ok(user.state.roles.clone()),
    };
    match (before, held(new)) {
        (Err(_), Err(_) | Ok(_)) => {}
        (Ok(_), Err(error)) => effects.push(Effect::refusal(&Refused::role(&error), "roles.cardinality")),
        (Ok(before), Ok(after)) if before != after => {
            let list = |roles: &[RoleKey]| {
                let names: Vec<String> = roles.iter().map(|role| format!("`{}`", new.role_name(*role))).collect();
                names.join(", ")
            };
            let what = format!(
                "the user's roles become {} instead of {} when a client writes to the user next",
                list(&after),
                list(&before)
            );
            effects.push(Effect::of(changed_field(&old.policy.roles, &new.policy.roles), what));
        }
        (Ok(_), Ok(_)) => {}
    }
}

/// The first of the fields that decide which roles an assertion comes to and that differ.
fn changed_field(old: &Roles, new: &Roles) -> &'static str {
    let fields = [
        ("roles.meaning", old.meaning != new.meaning),
        ("roles.matching", old.matching != new.matching),
        ("roles.match_case", old.match_case != new.match_case),
        ("roles.unknown", old.unknown != new.unknown),
        ("roles.idp_defaults", old.idp_defaults != new.idp_defaults),
        ("roles.default", old.default != new.default),
        ("roles.cardinality", old.cardinality != new.cardinality),
        ("roles.on_conflict", old.on_conflict != new.on_conflict),
    ];
    fields.into_iter().find(|(_, differs)| *differs).map_or("roles.matching", |(field, _)| field)
}

/// The attributes of a resource in attribute notation, with the sub-attributes of complex ones.
fn names(resource: &Resource) -> Vec<String> {
    let mut names = Vec::new();
    for (name, value) in resource.attributes() {
        match value {
            Value::Object(members) => {
                let sign = if name.starts_with("urn:") { ':' } else { '.' };
                names.extend(members.keys().map(|inner| format!("{name}{sign}{inner}")));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                names.push(name.clone());
            }
        }
    }
    names
}

fn is_known(user: &ResourceType, name: &str) -> bool {
    matches!(name, "schemas" | "id") || name.parse::<AttrPath>().is_ok_and(|path| user.resolve(&path).is_ok())
}

/// Whether a resource has an attribute, named in attribute notation.
fn has(config: &Configuration, resource: &Resource, name: &str) -> bool {
    let Some(target) = name.parse::<AttrPath>().ok().and_then(|path| config.full_user.resolve(&path).ok()) else {
        return true;
    };
    let Some(attribute) = target.attribute else { return true };
    let value = match target.extension {
        Some(schema) => resource.extension(&schema.id, &attribute.name),
        None => resource.get(&attribute.name),
    };
    match (value, target.sub) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(Value::Array(elements)), Some(sub)) => elements.iter().all(|element| element.get(&sub.name).is_some()),
        (Some(value), Some(sub)) => value.get(&sub.name).is_some(),
    }
}
