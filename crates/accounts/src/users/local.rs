//! What administrators do to users, over the management API and the console.

use super::{
    User, UserState, authority,
    import::Import,
    is_active, judge, leaving, values,
    write::{about, differences, ended, transition, written},
};
use crate::{
    Call, Configuration, Decided, Refused, RoleKey, audit,
    policy::{LocalEdit as Edit, RoleMeaning},
    role::represent,
    verification,
};
use provost_change::ResourceId;
use provost_scim::{Resource, urn};
use serde_json::{Map, Value, json};

/// A user made by hand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LocalUser {
    /// The sign-in name: an e-mail address where the policy wants one.
    pub email: String,
    /// Roles by id, system value or name; none means the default role.
    pub roles: Vec<String>,
}

/// What an administrator changes; `None` leaves it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LocalEdit {
    /// Another sign-in name; it must be proved again.
    pub email: Option<String>,
    /// Other roles.
    pub roles: Option<Vec<String>>,
    /// Enabled or disabled.
    pub active: Option<bool>,
    /// The address counts as proved, or no longer.
    pub verified: Option<bool>,
    /// Attributes by their SCIM paths, such as `displayName` or `name.givenName`; null and an empty text take one away.
    pub attributes: Option<Map<String, Value>>,
}

/// What an administrator wants a user to be.
pub(super) struct Local {
    pub resource: Resource,
    pub state: UserState,
    pub warnings: Vec<String>,
}

/// Makes a user by hand: unmanaged, not yet verified.
///
/// # Errors
/// A name or roles that the account's rules refuse.
pub fn create_local(config: &Configuration, call: &Call, new: &LocalUser) -> Result<Decided<User>, Refused> {
    let mut resource = read_name(config, &new.email)?;
    resource.set("active", json!(true));
    let wanted = Local { resource, state: UserState::default(), warnings: Vec::new() };
    create(config, call, &new.roles, wanted)
}

/// Makes a user with these attributes and roles, none of which means the default role.
///
/// # Errors
/// What the account's rules refuse.
pub(super) fn create(
    config: &Configuration,
    call: &Call,
    roles: &[String],
    wanted: Local,
) -> Result<Decided<User>, Refused> {
    let Local { mut resource, mut state, mut warnings } = wanted;
    let id = ResourceId::new(call.new_id);
    resource.set_id(&id.to_string());
    set_roles(config, call, roles, &mut resource, &mut state)?;
    resource.sync_schemas(&config.full_user);
    values::check(config, None, &resource)?;
    let mut post = verification::follow(config, call, None, (&resource, &mut state, id));
    warnings.append(&mut post.warnings);
    let mut change = transition(config, call, None, Some((&resource, &state, id)));
    post.queue(call, &mut change);
    let user = written(call, None, id, resource, state);
    let mut entry = about("user.create", &user).warned(warnings);
    for (name, value) in user.resource.attributes() {
        if !matches!(name.as_str(), "schemas" | "id" | "roles" | "active") {
            entry = entry.changed(name, Value::Null, value.clone());
        }
    }
    entry = entry.changed("account roles", Value::Null, json!(user.state.roles));
    change.log.push(audit::entry(call, entry));
    Ok(Decided { change, outcome: user })
}

/// Changes a user by hand.
///
/// # Errors
/// What the account's rules refuse: locked fields of managed users, guards, names, roles.
pub fn edit_local(
    config: &Configuration,
    call: &Call,
    user: &User,
    edit: &LocalEdit,
) -> Result<Decided<User>, Refused> {
    let mut resource = user.resource.clone();
    let mut state = user.state.clone();
    let mut warnings = Vec::new();
    if let Some(email) = edit.email.as_ref().filter(|email| *email != user.user_name()) {
        unlocked(user, config.policy.local_edits.profile, "local_edits.profile")?;
        // Whoever reads mail at the address can set a new password.
        authority::may_administer(config, call, user)?;
        let named = read_name(config, email)?;
        resource.set("userName", named.get("userName").cloned().unwrap_or_default());
        state.verified = false;
        if user.state.managed {
            warnings.push(
                "the identity provider knows this user by the former address: its link to the user may break"
                    .to_owned(),
            );
        }
    }
    if let Some(attributes) = edit.attributes.as_ref().filter(|attributes| !attributes.is_empty()) {
        unlocked(user, config.policy.local_edits.profile, "local_edits.profile")?;
        resource = with_attributes(config, &resource, attributes)?;
        state.verified &= !verification::is_moved(&user.resource, &resource);
        if user.state.managed {
            warnings.push("the identity provider writes what was changed here over when it next sends it".to_owned());
        }
    }
    if let Some(roles) = &edit.roles {
        unlocked(user, config.policy.local_edits.roles, "local_edits.roles")?;
        set_roles(config, call, roles, &mut resource, &mut state)?;
    }
    if let Some(active) = edit.active.filter(|active| *active != user.is_active()) {
        unlocked(user, config.policy.local_edits.profile, "local_edits.profile")?;
        resource.set("active", json!(active));
    }
    if let Some(verified) = edit.verified {
        state.verified = verified;
    }
    change_to(config, call, user, Local { resource, state, warnings })
}

/// Changes a user to what a source says of it.
///
/// # Errors
/// What the account's rules refuse, a locked profile of a managed user among it.
pub(super) fn change(
    config: &Configuration,
    call: &Call,
    user: &User,
    wanted: Local,
) -> Result<Decided<User>, Refused> {
    unlocked(user, config.policy.local_edits.profile, "local_edits.profile")?;
    let Local { resource, mut state, warnings } = wanted;
    // An address that changes must be proved anew.
    state.verified &= !verification::is_moved(&user.resource, &resource);
    change_to(config, call, user, Local { resource, state, warnings })
}

fn change_to(config: &Configuration, call: &Call, user: &User, wanted: Local) -> Result<Decided<User>, Refused> {
    let Local { resource, mut state, mut warnings } = wanted;
    values::check(config, Some(&user.resource), &resource)?;
    if user.is_active() && !is_active(&resource) {
        leaving::by_hand(config, user)?;
    }
    state.removal_requested &= !is_active(&resource);
    if user.is_active() != is_active(&resource) {
        state.held = None;
    }
    let mut post = verification::follow(config, call, Some(user), (&resource, &mut state, user.id()));
    if user.is_active() && !is_active(&resource) {
        post = post.and(ended(config, call, user, "disabled", false));
    }
    warnings.append(&mut post.warnings);
    let mut change = transition(config, call, Some(user), Some((&resource, &state, user.id())));
    post.queue(call, &mut change);
    let action = match (user.is_active(), is_active(&resource)) {
        (true, false) => "user.disable",
        (false, true) => "user.enable",
        _ => "user.update",
    };
    let entry = differences(about(action, user).warned(warnings), user, &resource, &state);
    change.log.push(audit::entry(call, entry));
    let outcome =
        if change.puts.is_empty() { user.clone() } else { written(call, Some(user), user.id(), resource, state) };
    Ok(Decided { change, outcome })
}

/// A resource with nothing but a sign-in name, checked by the schema and the policy like one that comes over SCIM.
fn read_name(config: &Configuration, email: &str) -> Result<Resource, Refused> {
    let body = json!({ "schemas": [urn::USER], "userName": email });
    let mut user = config.full_user.clone();
    user.schema.attributes.retain(|attribute| attribute.name == "userName");
    user.extensions.clear();
    let incoming = user.read(body)?;
    judge::user_name(config, &incoming.resource)?;
    Ok(incoming.resource)
}

/// The resource with other values of attributes that nothing else is made of.
fn with_attributes(
    config: &Configuration,
    before: &Resource,
    attributes: &Map<String, Value>,
) -> Result<Resource, Refused> {
    for (name, member) in [("userName", "email"), ("active", "active")] {
        if attributes.keys().any(|path| path.eq_ignore_ascii_case(name)) {
            return Err(Refused::invalid(format!(
                "`{name}` is changed by the member `{member}`, not among `attributes`"
            )));
        }
    }
    let mut resource = Import::read(config, attributes.clone())?.apply(config, before)?;
    resource.sync_schemas(&config.full_user);
    Ok(resource)
}

fn set_roles(
    config: &Configuration,
    call: &Call,
    names: &[String],
    resource: &mut Resource,
    state: &mut UserState,
) -> Result<(), Refused> {
    let roles: Vec<RoleKey> = judge::roles(config, names)?;
    let added: Vec<RoleKey> = roles.iter().filter(|role| !state.roles.contains(role)).copied().collect();
    authority::may_grant_by_hand(config, call, &added)?;
    if config.policy.roles.meaning == RoleMeaning::Grant {
        let asserted = state.asserted.as_deref().unwrap_or_default();
        resource.set("roles", Value::Array(represent(config, &roles, asserted)));
    }
    state.roles = roles;
    Ok(())
}

fn unlocked(user: &User, edit: Edit, field: &'static str) -> Result<(), Refused> {
    if user.state.managed && edit == Edit::Lock {
        return Err(Refused::by(field, 409, None, "this user is managed by the identity provider; change it there"));
    }
    Ok(())
}
