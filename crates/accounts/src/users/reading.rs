//! Reading requests under the policy: what is supported, what is left out, what is refused by name.

use crate::{Configuration, Refused, policy::Unsupported};
use provost_scim::{AttrPath, Incoming, Mutability, Op, PatchOp, PatchPath, ResourceType, dialect};
use serde_json::Value;

/// What the audit log says besides what changed.
#[derive(Clone, Debug, Default)]
pub(super) struct Noted {
    pub warnings: Vec<String>,
    pub repairs: Vec<&'static str>,
}

pub(super) fn readable(config: &Configuration, unsupported: Unsupported) -> &ResourceType {
    match unsupported {
        Unsupported::Reject | Unsupported::Ignore => &config.user,
        Unsupported::Store => &config.full_user,
    }
}

pub(super) fn read_body(
    config: &Configuration,
    body: Value,
    unsupported: Unsupported,
    field: &'static str,
) -> Result<(Incoming, Noted), Refused> {
    let (body, repairs) = dialect::normalise_resource(body, &config.full_user);
    let incoming = readable(config, unsupported).read(body)?;
    let mut noted = Noted { warnings: Vec::new(), repairs: repairs.into_iter().map(|repair| repair.code).collect() };
    let writable = incoming.unknown.iter().filter(|name| !is_read_only(&config.full_user, name));
    // Entra lists the enterprise extension in every body, with or without data for it.
    let foreign = incoming.unknown_schemas.iter().filter(|urn| config.full_user.schema_by_urn(urn).is_none());
    let unknown: Vec<String> = writable.chain(foreign).cloned().collect();
    refuse_unsupported(unsupported, field, &unknown, &mut noted)?;
    Ok((incoming, noted))
}

/// What a client cannot set anyway is ignored in a body, supported or not (RFC 7644 §3.3): Okta sends `groups` in every POST.
fn is_read_only(user: &ResourceType, name: &str) -> bool {
    let target = name.parse().ok().and_then(|path: AttrPath| user.resolve(&path).ok());
    target.and_then(|target| target.attribute).is_some_and(|attribute| attribute.mutability == Mutability::ReadOnly)
}

/// Attributes that are not supported: refused by name, or left out and noted. A password is never stored, refused or named.
pub(super) fn refuse_unsupported(
    unsupported: Unsupported,
    field: &'static str,
    unknown: &[String],
    noted: &mut Noted,
) -> Result<(), Refused> {
    let mut named: Vec<String> = Vec::new();
    for name in unknown.iter().filter(|name| !name.eq_ignore_ascii_case("password")) {
        let quoted = format!("`{name}`");
        if !named.contains(&quoted) {
            named.push(quoted);
        }
    }
    if named.is_empty() {
        return Ok(());
    }
    match unsupported {
        Unsupported::Reject => {
            let (verb, mapping) = if named.len() == 1 { ("is", "mapping") } else { ("are", "mappings") };
            Err(Refused::value(
                field,
                format!(
                    "{} {verb} not supported in this account: remove the attribute {mapping} at the identity provider",
                    named.join(", ")
                ),
            ))
        }
        Unsupported::Ignore | Unsupported::Store => {
            noted.warnings.push(format!("left out {} (policy field `{field}`)", named.join(", ")));
            Ok(())
        }
    }
}

/// Under `replace_only`, roles come and go as a whole set.
pub(super) fn replaces_roles_whole(user: &ResourceType, operation: &PatchOp) -> Result<(), Refused> {
    let in_part = operation.path.as_ref().is_some_and(|path| is_roles(user, &path.attribute) && !is_whole(path));
    if in_part || adds_roles(user, operation) {
        return Err(Refused::value(
            "roles.patch",
            "roles are replaced as a whole set: map `roles` with AssertiveAppRoleAssignmentsComplex([appRoleAssignments])",
        ));
    }
    Ok(())
}

/// Whether an operation adds to the set of roles.
pub(super) fn adds_roles(user: &ResourceType, operation: &PatchOp) -> bool {
    operation.op == Op::Add
        && match &operation.path {
            Some(path) => is_roles(user, &path.attribute) && is_whole(path),
            None => operation.value.as_ref().and_then(Value::as_object).is_some_and(|members| {
                members.keys().any(|name| name.parse().is_ok_and(|path: AttrPath| is_roles(user, &path)))
            }),
        }
}

/// Whether an operation puts a role where a filter finds one, as Entra does with `roles[primary eq "True"].value`: the one that it
/// makes, should there be none, takes the place of the one before.
pub(super) fn replaces_a_role(user: &ResourceType, operation: &PatchOp) -> bool {
    let path = operation.path.as_ref().filter(|path| path.filter.is_some());
    operation.op != Op::Remove && path.is_some_and(|path| is_roles(user, &path.attribute))
}

fn is_roles(user: &ResourceType, path: &AttrPath) -> bool {
    user.resolve(path).ok().and_then(|target| target.attribute).is_some_and(|attribute| attribute.name == "roles")
}

/// Whether a path names an attribute and no part of it.
fn is_whole(path: &PatchPath) -> bool {
    path.filter.is_none() && path.sub.is_none() && !has_sub(&path.attribute)
}

fn has_sub(path: &AttrPath) -> bool {
    match path {
        AttrPath::Plain { sub, .. } => sub.is_some(),
        AttrPath::Urn(text) => text.rsplit(':').next().is_some_and(|name| name.contains('.')),
    }
}
