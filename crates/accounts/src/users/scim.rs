//! What a SCIM client asks of users.
//!
//! Each request is read first (parsed, its repaired) and decided then, so that a decision can be made again on newer
//! records without reading the body again.

use super::{
    HeldAct, User, UserState, bin, brake,
    granting::{self, as_asserted},
    is_active, judge,
    leaving::{self, Leaving},
    matching::{self, Lookup},
    reading::{Noted, adds_roles, read_body, readable, refuse_unsupported, replaces_a_role, replaces_roles_whole},
    values,
    write::{self, about, differences, transition, written},
};
use crate::{
    Actor, Call, Configuration, Decided, Refused, approvals, audit, patching,
    policy::{
        Cardinality, IdentifierUpdate, OnDeactivate, OnDelete, OnPostInactive, PatchNoMatch, RoleMeaning, RolePatch,
        UserMatch,
    },
    verification,
};
use provost_change::ResourceId;
use provost_scim::{PatchOp, PatchRequest, Resource};
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

/// What becomes of a user whom a request disables, and what is noted where the brake keeps that from being done.
#[derive(Clone, Copy)]
struct End {
    leaving: Leaving,
    act: HeldAct,
}

/// What a request wants a user to be.
struct Wanted {
    resource: Resource,
    /// Whether the request speaks of roles.
    roles: bool,
    /// Whether the request speaks of `active`: one that does says anew what becomes of a change that the brake held.
    active: bool,
    noted: Noted,
}

impl Creation {
    /// The codes of what was repaired in the body.
    pub fn repairs(&self) -> &[&'static str] {
        &self.noted.repairs
    }

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
        values::check(config, None, &resource)?;
        Ok(Self { resource, noted })
    }

    /// Where another user of the same person would be found, as far as the policy cares: one that can be reactivated, or one whose
    /// address was changed here, which the client no longer finds. The first that is found counts.
    pub fn same_person(&self, config: &Configuration) -> Vec<Lookup> {
        let policy = &config.policy.users;
        let ways: &[UserMatch] = match (policy.on_post_inactive, policy.identifier_update) {
            (OnPostInactive::Reactivate, _) => &[UserMatch::UserName, UserMatch::ExternalId, UserMatch::Email],
            (OnPostInactive::Conflict, IdentifierUpdate::Reject | IdentifierUpdate::Ignore) => &[UserMatch::ExternalId],
            (OnPostInactive::Conflict, IdentifierUpdate::Update) => &[],
        };
        matching::lookups(config, &self.resource, ways)
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
            let wanted = Wanted { resource, roles: true, active: true, noted: self.noted.clone() };
            return change(config, call, user, wanted);
        }
        let id = ResourceId::new(call.new_id);
        let mut resource = self.resource.clone();
        resource.set_id(&id.to_string());
        let origin = match call.actor {
            Actor::App { id, .. } => Some(id),
            Actor::Person { .. } | Actor::Operator | Actor::System => None,
        };
        let mut state =
            UserState { managed: true, origin, roles: vec![config.policy.roles.default], ..UserState::default() };
        let mut noted = self.noted.clone();
        granting::first(config, call, &mut resource, &mut state, &mut noted)?;
        noted.warnings.extend(known.filter(|user| user.state.origin == origin).map(|user| {
            format!(
                "user {} has the same {}: if this is the same person, the address was changed here, and one of the two users must go",
                user.id(),
                if user.resource.external_id() == self.resource.external_id() { "`externalId`" } else { "e-mail address" }
            )
        }));
        resource.sync_schemas(&config.full_user);
        let mut post = verification::follow(config, call, None, (&resource, &mut state, id));
        noted.warnings.append(&mut post.warnings);
        let mut change = transition(config, call, None, Some((&resource, &state, id)));
        post.queue(call, &mut change);
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
    /// The codes of what was repaired in the body.
    pub fn repairs(&self) -> &[&'static str] {
        &self.noted.repairs
    }

    /// Reads the body of a PATCH.
    ///
    /// # Errors
    /// A body that is no PATCH request, in standard form or in a known dialect.
    pub fn read(config: &Configuration, body: Value) -> Result<Self, Refused> {
        let (request, repairs) = patching::read(config, &config.full_user, body)?;
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
        let mut base = as_asserted(config, user);
        let Some(request) = &self.request else {
            return change(config, call, user, Wanted { resource: base, roles: false, active: false, noted });
        };
        let policy = &config.policy;
        let single = policy.roles.meaning == RoleMeaning::Grant && policy.roles.cardinality == Cardinality::Single;
        let creates = policy.patch.no_match == PatchNoMatch::Create;
        let takes_over = |operation: &PatchOp| {
            adds_roles(&config.full_user, operation) || (creates && replaces_a_role(&config.full_user, operation))
        };
        if single && request.operations.iter().any(takes_over) {
            base.remove("roles");
        }
        let no_match = policy.patch.no_match.into();
        let unsupported = policy.users.unsupported_on_patch;
        let patched = request.apply(readable(config, unsupported), &base, no_match)?;
        refuse_unsupported(unsupported, "users.unsupported_on_patch", &patched.unknown, &mut noted)?;
        let roles = patched.touched.iter().any(|path| path == "roles" || path.starts_with("roles."));
        let active = patched.touched.iter().any(|path| path == "active");
        change(config, call, user, Wanted { resource: patched.resource, roles, active, noted })
    }
}

impl Replacement {
    /// The codes of what was repaired in the body.
    pub fn repairs(&self) -> &[&'static str] {
        &self.noted.repairs
    }

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
        let active = resource.get("active").is_some();
        if !active {
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
        change(config, call, user, Wanted { resource, roles, active, noted: self.noted.clone() })
    }
}

/// A DELETE.
///
/// # Errors
/// What the policy refuses.
pub fn delete(config: &Configuration, call: &Call, user: &User) -> Result<Decided<()>, Refused> {
    judge::owned(config, call, user)?;
    let gone = |wanted: Leaving| {
        let leaving = leaving::over_scim(config, call, user, wanted)?;
        if brake::keeps(config, call) {
            return Ok(hold(config, call, user));
        }
        let ended = Ended { resource: user.resource.clone(), state: user.state.clone(), noted: Noted::default() };
        Ok(end(config, call, user, leaving, "user.delete", ended).map(drop))
    };
    match config.policy.users.on_delete {
        OnDelete::Remove => gone(Leaving::Removed),
        OnDelete::SoftDelete => gone(Leaving::Binned),
        OnDelete::Disable => {
            let mut resource = as_asserted(config, user);
            resource.set("active", json!(false));
            let wanted = Wanted { resource, roles: false, active: true, noted: Noted::default() };
            let end = End { leaving: Leaving::Disabled, act: HeldAct::Remove };
            Ok(change_to(config, call, user, wanted, end)?.map(drop))
        }
        OnDelete::Refuse => Err(Refused::by(
            "users.on_delete",
            403,
            None,
            "users of this account are not deleted over SCIM; disable the user instead",
        )),
    }
}

/// Disables a user as a client that sends `active: false` does.
///
/// # Errors
/// What the policy refuses.
pub(super) fn disable(config: &Configuration, call: &Call, user: &User) -> Result<Decided<()>, Refused> {
    let mut resource = user.resource.clone();
    resource.set("active", json!(false));
    Ok(change(config, call, user, Wanted { resource, roles: false, active: true, noted: Noted::default() })?.map(drop))
}

/// Keeps a removal for an administrator.
fn hold(config: &Configuration, call: &Call, user: &User) -> Decided<()> {
    let state = UserState { held: brake::held(call, HeldAct::Remove), ..user.state.clone() };
    let mut change = transition(config, call, Some(user), Some((&user.resource, &state, user.id())));
    let entry = about(HOLD, user).warned(vec![brake::HELD_WARNING.to_owned()]);
    change.log.push(audit::entry(call, differences(entry, user, &user.resource, &state)));
    Decided { change, outcome: () }
}

/// What the audit log calls a change that the brake keeps for an administrator.
const HOLD: &str = "user.hold";

/// From what a request wants to what the policy makes of it.
fn change(config: &Configuration, call: &Call, user: &User, wanted: Wanted) -> Result<Decided<User>, Refused> {
    let leaving = match config.policy.users.on_deactivate {
        OnDeactivate::Disable => Leaving::Disabled,
        OnDeactivate::Remove => Leaving::Removed,
    };
    change_to(config, call, user, wanted, End { leaving, act: HeldAct::Disable })
}

/// As [`change`]; `ends` is what becomes of a user whom the request disables.
fn change_to(
    config: &Configuration,
    call: &Call,
    user: &User,
    wanted: Wanted,
    ends: End,
) -> Result<Decided<User>, Refused> {
    let Wanted { mut resource, roles, active, mut noted } = wanted;
    let adopted = judge::owned(config, call, user)?;
    judge::inactive_edit(config, user, &as_asserted(config, user), &resource)?;
    judge::identifier(config, user, adopted.is_some(), &mut resource, &mut noted)?;
    judge::external_id(config, user, &mut resource, &mut noted)?;
    judge::address(user, adopted.is_some(), &resource)?;
    let mut state = adopted.unwrap_or_else(|| user.state.clone());
    granting::next(config, call, user, roles, (&mut resource, &mut state), &mut noted)?;
    resource.sync_schemas(&config.full_user);
    values::check(config, Some(&user.resource), &resource)?;
    // An address that the identity provider changes must be proved anew.
    state.verified &= !verification::is_moved(&user.resource, &resource);
    let leaves = user.is_active() && !is_active(&resource);
    if leaves {
        let leaving = leaving::over_scim(config, call, user, ends.leaving)?;
        if !brake::keeps(config, call) {
            return Ok(end(config, call, user, leaving, "user.remove", Ended { resource, state, noted }));
        }
        resource.set("active", json!(true));
        state.held = brake::held(call, ends.act);
        noted.warnings.push(brake::HELD_WARNING.to_owned());
    } else if active {
        state.held = None;
    }
    let mut post = verification::follow(config, call, Some(user), (&resource, &mut state, user.id()));
    noted.warnings.append(&mut post.warnings);
    let mut change = transition(config, call, Some(user), Some((&resource, &state, user.id())));
    post.queue(call, &mut change);
    let action = match (leaves, user.is_active(), is_active(&resource)) {
        (true, ..) => HOLD,
        (false, false, true) => "user.enable",
        (false, ..) => "user.update",
    };
    let entry = about(action, user).warned(noted.warnings).repaired(&noted.repairs);
    change.log.push(audit::entry(call, differences(entry, user, &resource, &state)));
    let outcome =
        if change.puts.is_empty() { user.clone() } else { written(call, Some(user), user.id(), resource, state) };
    Ok(Decided { change, outcome })
}

/// What a user is who is disabled or removed.
struct Ended {
    resource: Resource,
    state: UserState,
    noted: Noted,
}

/// Disables, removes, soft-deletes or suspends a user. `removal` is the action that removing it is called.
fn end(
    config: &Configuration,
    call: &Call,
    user: &User,
    leaving: Leaving,
    removal: &'static str,
    ended: Ended,
) -> Decided<User> {
    let Ended { mut resource, mut state, mut noted } = ended;
    state.held = None;
    let (action, what) = match leaving {
        Leaving::Disabled => ("user.disable", "disabled"),
        Leaving::Removed => (removal, "removed"),
        Leaving::Binned => {
            state.deleted = Some(call.now);
            (bin::SOFT_DELETE, "removed")
        }
        Leaving::Suspended => {
            resource.set("active", json!(false));
            resource.sync_schemas(&config.full_user);
            state.removal_requested = true;
            noted.warnings.push(
                "the user is an approver in a quorum policy: disabled and no longer shown over SCIM, but not removed until the other \
                 approvers have approved it, or the user is taken out of that policy (policy field `quorum_member`)"
                    .to_owned(),
            );
            ("user.suspend", "disabled")
        }
    };
    let mut post = write::ended(config, call, user, what, true);
    noted.warnings.append(&mut post.warnings);
    let after = (leaving != Leaving::Removed).then_some((&resource, &state, user.id()));
    let mut change = transition(config, call, Some(user), after);
    post.queue(call, &mut change);
    brake::count(config, call, &mut change);
    let entry = about(action, user).warned(noted.warnings).repaired(&noted.repairs);
    // The entry about a DELETE says that the user went, not what it was.
    let entry = if removal == "user.delete" && leaving == Leaving::Removed {
        entry
    } else {
        differences(entry, user, &resource, &state)
    };
    change.log.push(audit::entry(call, entry));
    let outcome = written(call, Some(user), user.id(), resource, state);
    if leaving == Leaving::Suspended {
        approvals::ask(config, call, &outcome, &mut change);
    }
    Decided { change, outcome }
}
