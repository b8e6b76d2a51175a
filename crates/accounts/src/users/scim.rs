//! What a SCIM client asks of users.
//!
//! Each request is read first (parsed, its dialect repaired) and decided then, so that a decision can be made again on newer
//! records without reading the body again.

use super::{
    User, UserState, is_active, judge,
    reading::{Noted, read_body, readable, refuse_unsupported, replaces_roles_whole},
    write::{about, differences, transition, written},
};
use crate::{
    Actor, Call, Configuration, Decided, Refused, audit,
    policy::{
        EmptyPatch, IdentifierUpdate, OnDeactivate, OnDelete, OnPostInactive, PatchNoMatch, RoleMeaning, RolePatch,
    },
    role::{assert_roles, represent},
};
use provost_change::{IndexEntry, ResourceId, UniqueKey};
use provost_scim::{NoMatch, PatchRequest, Resource, ScimType, dialect, text::fold};
use serde_json::{Value, json};

/// A POST, read.
#[derive(Clone, Debug)]
pub struct Creation {
    resource: Resource,
    noted: Noted,
}

/// A PATCH, read.
#[derive(Clone, Debug)]
pub struct Patching {
    request: Option<PatchRequest>,
    noted: Noted,
}

/// A PUT, read.
#[derive(Clone, Debug)]
pub struct Replacement {
    incoming: provost_scim::Incoming,
    noted: Noted,
}

/// What a request wants a user to be.
struct Wanted {
    resource: Resource,
    /// Whether the request speaks of roles.
    roles: bool,
    noted: Noted,
}

impl Creation {
    /// Reads the body of a POST.
    ///
    /// # Errors
    /// What the schema or the policy refuses in the body itself.
    pub fn read(config: &Configuration, body: Value) -> Result<Self, Refused> {
        let unsupported = config.policy.users.unsupported_on_create;
        let (incoming, noted) = read_body(config, body, unsupported, "users.unsupported_on_create")?;
        let mut resource = incoming.resource;
        resource.set("active", json!(is_active(&resource)));
        judge::user_name(config, &resource)?;
        Ok(Self { resource, noted })
    }

    /// Where another user of the same person would be found, as far as the policy cares: one that can be reactivated, or one whose
    /// address was changed here, which the client no longer finds.
    pub fn same_person(&self, config: &Configuration) -> (Option<UniqueKey>, Option<IndexEntry>) {
        let policy = &config.policy.users;
        let reactivates = policy.on_post_inactive == OnPostInactive::Reactivate;
        let text = |name: &str| self.resource.get(name).and_then(Value::as_str);
        let name = text("userName")
            .filter(|_| reactivates)
            .map(|name| UniqueKey { space: super::USER_NAME.to_owned(), value: fold(name, false).into_owned() });
        let links_break = policy.identifier_update != IdentifierUpdate::Update;
        let external_id = text("externalId")
            .filter(|_| reactivates || links_break)
            .map(|id| IndexEntry { attribute: super::indexed("externalId"), value: fold(id, true).into_owned() });
        (name, external_id)
    }

    /// Makes the user, or reactivates `known`, a disabled user of the same person. Where it does not reactivate, a second user of
    /// one `externalId` is made with a warning.
    ///
    /// # Errors
    /// What the policy refuses.
    pub fn decide(&self, config: &Configuration, call: &Call, known: Option<&User>) -> Result<Decided<User>, Refused> {
        let reactivates = config.policy.users.on_post_inactive == OnPostInactive::Reactivate;
        if let Some(user) = known.filter(|user| reactivates && !user.is_active()) {
            let mut resource = self.resource.clone();
            resource.set_id(&user.id().to_string());
            let wanted = Wanted { resource, roles: true, noted: self.noted.clone() };
            return change(config, call, user, wanted);
        }
        let id = ResourceId::new(call.new_id);
        let mut resource = self.resource.clone();
        resource.set_id(&id.to_string());
        let origin = match call.actor {
            Actor::App { id, .. } => Some(id),
            Actor::Operator | Actor::System => None,
        };
        let mut state =
            UserState { managed: true, origin, roles: vec![config.policy.roles.default], ..UserState::default() };
        let mut noted = self.noted.clone();
        grant(config, &mut resource, &mut state, &mut noted)?;
        noted.warnings.extend(known.filter(|user| user.state.origin == origin).map(|user| {
            format!(
                "user {} has the same `externalId`: if this is the same person, the address was changed here, and one of the two \
                 users must go",
                user.id()
            )
        }));
        resource.sync_schemas(&config.full_user);
        let mut change = transition(config, call, None, Some((&resource, &state, id)));
        let user = written(call, None, id, resource, state);
        let mut entry = about("user.create", &user).warned(noted.warnings).repaired(&noted.repairs);
        for (name, value) in user.resource.attributes() {
            if !matches!(name.as_str(), "schemas" | "id") {
                entry = entry.changed(name, Value::Null, value.clone());
            }
        }
        change.log.push(audit::entry(call, entry));
        Ok(Decided { change, outcome: user })
    }
}

impl Patching {
    /// Reads the body of a PATCH.
    ///
    /// # Errors
    /// A body that is no PATCH request, in standard form or in a known dialect.
    pub fn read(config: &Configuration, body: Value) -> Result<Self, Refused> {
        let (body, repairs) = dialect::normalise_patch(body, &config.full_user);
        let repairs: Vec<&'static str> = repairs.into_iter().map(|repair| repair.code).collect();
        let empty = body.get("Operations").and_then(Value::as_array).is_some_and(Vec::is_empty);
        let request = match (empty, config.policy.patch.empty) {
            (true, EmptyPatch::Accept) => None,
            _ => Some(PatchRequest::parse(body)?),
        };
        if config.policy.roles.meaning == RoleMeaning::Grant && config.policy.roles.patch == RolePatch::ReplaceOnly {
            let mut operations = request.iter().flat_map(|request| &request.operations);
            operations.try_for_each(|operation| replaces_roles_whole(&config.full_user, operation))?;
        }
        Ok(Self { request, noted: Noted { warnings: Vec::new(), repairs } })
    }

    /// Changes the user as the operations say: all of them or none.
    ///
    /// # Errors
    /// What the operations or the policy refuse.
    pub fn decide(&self, config: &Configuration, call: &Call, user: &User) -> Result<Decided<User>, Refused> {
        let mut noted = self.noted.clone();
        let base = as_asserted(config, user);
        let Some(request) = &self.request else {
            return change(config, call, user, Wanted { resource: base, roles: false, noted });
        };
        let policy = &config.policy;
        let no_match = match policy.patch.no_match {
            PatchNoMatch::NoTarget => NoMatch::NoTarget,
            PatchNoMatch::Create => NoMatch::Create,
        };
        let unsupported = policy.users.unsupported_on_patch;
        let patched = request.apply(readable(config, unsupported), &base, no_match)?;
        refuse_unsupported(unsupported, "users.unsupported_on_patch", &patched.unknown, &mut noted)?;
        let roles = patched.touched.iter().any(|path| path == "roles" || path.starts_with("roles."));
        change(config, call, user, Wanted { resource: patched.resource, roles, noted })
    }
}

impl Replacement {
    /// Reads the body of a PUT.
    ///
    /// # Errors
    /// What the schema or the policy refuses in the body itself.
    pub fn read(config: &Configuration, body: Value) -> Result<Self, Refused> {
        let unsupported = config.policy.users.unsupported_on_replace;
        let (incoming, noted) = read_body(config, body, unsupported, "users.unsupported_on_replace")?;
        Ok(Self { incoming, noted })
    }

    /// Replaces the user's attributes. What decides over access is not changed by leaving it out: an omitted `active` neither
    /// enables nor disables, omitted roles stay as they were asserted.
    ///
    /// # Errors
    /// What the schema or the policy refuses.
    pub fn decide(&self, config: &Configuration, call: &Call, user: &User) -> Result<Decided<User>, Refused> {
        let base = as_asserted(config, user);
        let unsupported = config.policy.users.unsupported_on_replace;
        let mut resource = readable(config, unsupported).replace(&base, &self.incoming)?;
        if resource.get("active").is_none() {
            resource.set("active", json!(user.is_active()));
        }
        let cleared = self.incoming.cleared.iter().any(|name| name == "roles");
        let roles = cleared || self.incoming.resource.get("roles").is_some();
        if !roles
            && config.policy.roles.meaning == RoleMeaning::Grant
            && let Some(kept) = base.get("roles")
        {
            resource.set("roles", kept.clone());
        }
        change(config, call, user, Wanted { resource, roles, noted: self.noted.clone() })
    }
}

/// A DELETE.
///
/// # Errors
/// What the policy refuses.
pub fn delete(config: &Configuration, call: &Call, user: &User) -> Result<Decided<()>, Refused> {
    judge::owned(config, call, user)?;
    match config.policy.users.on_delete {
        OnDelete::Remove => {
            judge::may_deprovision(config, user)?;
            let mut change = transition(config, call, Some(user), None);
            change.log.push(audit::entry(call, about("user.delete", user)));
            Ok(Decided { change, outcome: () })
        }
        OnDelete::Disable => {
            let mut resource = user.resource.clone();
            resource.set("active", json!(false));
            let wanted = Wanted { resource, roles: false, noted: Noted::default() };
            Ok(change(config, call, user, wanted)?.map(drop))
        }
        OnDelete::Refuse => Err(Refused::by(
            "users.on_delete",
            403,
            None,
            "users of this account are not deleted over SCIM; disable the user instead",
        )),
    }
}

/// From what a request wants to what the policy makes of it.
fn change(config: &Configuration, call: &Call, user: &User, wanted: Wanted) -> Result<Decided<User>, Refused> {
    let Wanted { mut resource, roles, mut noted } = wanted;
    let adopted = judge::owned(config, call, user)?;
    identifier(config, user, adopted.is_some(), &mut resource, &mut noted)?;
    let mut state = adopted.unwrap_or_else(|| user.state.clone());
    if roles || state.asserted.is_some() {
        grant(config, &mut resource, &mut state, &mut noted)?;
    }
    resource.sync_schemas(&config.full_user);
    judge::step(config, user, &resource)?;
    let active = is_active(&resource);
    let removed = user.is_active() && !active && config.policy.users.on_deactivate == OnDeactivate::Remove;
    let after = (!removed).then_some((&resource, &state, user.id()));
    let mut change = transition(config, call, Some(user), after);
    let action = match (user.is_active(), active) {
        _ if removed => "user.remove",
        (true, false) => "user.disable",
        (false, true) => "user.enable",
        _ => "user.update",
    };
    let entry = about(action, user).warned(noted.warnings).repaired(&noted.repairs);
    change.log.push(audit::entry(call, differences(entry, user, &resource, &state)));
    let outcome = if change.puts.is_empty() && !removed {
        user.clone()
    } else {
        written(call, Some(user), user.id(), resource, state)
    };
    Ok(Decided { change, outcome })
}

/// A changed `userName`, as the policy wants it.
fn identifier(
    config: &Configuration,
    user: &User,
    adopting: bool,
    resource: &mut Resource,
    noted: &mut Noted,
) -> Result<(), Refused> {
    let old = user.resource.get("userName").cloned().unwrap_or_default();
    if resource.get("userName") == Some(&old) {
        return Ok(());
    }
    match config.policy.users.identifier_update {
        IdentifierUpdate::Reject => Err(Refused::by(
            "users.identifier_update",
            400,
            Some(ScimType::Mutability),
            "`userName` cannot be changed after the user was created",
        )),
        IdentifierUpdate::Ignore => {
            noted.warnings.push("`userName` was not changed (policy field `users.identifier_update`)".to_owned());
            resource.set("userName", old);
            Ok(())
        }
        IdentifierUpdate::Update if adopting => Err(Refused::by(
            "users.existing",
            403,
            None,
            "the request that links a user cannot change its `userName` as well; send it again on its own",
        )),
        IdentifierUpdate::Update => judge::user_name(config, resource),
    }
}

/// Makes what `roles` says the user's roles, where that is what `roles` is for.
fn grant(
    config: &Configuration,
    resource: &mut Resource,
    state: &mut UserState,
    noted: &mut Noted,
) -> Result<(), Refused> {
    if config.policy.roles.meaning == RoleMeaning::Data {
        return Ok(());
    }
    let elements = resource.get("roles").and_then(Value::as_array).cloned().unwrap_or_default();
    let asserted = assert_roles(config, &elements).map_err(|error| Refused::role(&error))?;
    noted.warnings.extend(asserted.fallbacks.iter().map(|name| {
        format!("role `{name}` does not exist in this account and was not granted (policy field `roles.unknown`)")
    }));
    resource.set("roles", Value::Array(represent(config, &asserted.roles, &asserted.elements)));
    state.roles = asserted.roles;
    state.asserted = Some(asserted.elements);
    Ok(())
}

/// The user as its origin last asserted it: what a local change of roles is measured against, and what a client's changes
/// start from.
fn as_asserted(config: &Configuration, user: &User) -> Resource {
    let mut resource = user.resource.clone();
    if config.policy.roles.meaning == RoleMeaning::Grant
        && let Some(elements) = &user.state.asserted
    {
        if elements.is_empty() {
            resource.remove("roles");
        } else {
            resource.set("roles", Value::Array(elements.clone()));
        }
    }
    resource
}
