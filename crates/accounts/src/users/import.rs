//! Users as a source outside brings them: a file, an LDAP server. What a source says counts for the attributes that it names; the
//! others are left alone.

use super::{
    USER_NAME, User, UserState, indexed, judge,
    local::{self, Local},
    matching::Lookup,
    reading::{Noted, readable, refuse_unsupported},
};
use crate::{Call, Configuration, Decided, Refused, policy::RoleMeaning};
use provost_change::{IndexEntry, ResourceId, UniqueKey};
use provost_scim::{NoMatch, PatchError, PatchRequest, Resource, ScimError, ScimType, dialect, text::fold, urn};
use serde_json::{Map, Value, json};

/// Attributes that one source may name, at most.
pub const ATTRIBUTES_MAX: usize = 200;
/// Longest name of a source, in bytes.
pub const SOURCE_MAX: usize = 64;
/// Index attribute of the source of users who come from one.
pub const SOURCE: &str = "User#source";

/// What a source says of one user, read.
#[derive(Clone, Debug)]
pub struct Import {
    /// One operation each, with whether it takes something away.
    operations: Vec<(PatchRequest, bool)>,
    user_name: Option<String>,
    external_id: Option<String>,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// The user as it is then.
    pub user: User,
    /// Whether it was made, changed or left as it was.
    pub outcome: Outcome,
    /// The attributes that changed, and what else did.
    pub changed: Vec<String>,
}

/// What an import did to a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Made.
    Created,
    /// Changed.
    Updated,
    /// Left as it was.
    Unchanged,
}

impl Outcome {
    /// As reports name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
        }
    }
}

/// Whether a text can name a source: 1 to [`SOURCE_MAX`] letters, digits, `.`, `-` and `_`.
pub fn is_source(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    (1..=SOURCE_MAX).contains(&name.len()) && name.bytes().all(fits)
}

/// Under what the users of a source are found.
pub fn of_source(name: &str) -> IndexEntry {
    IndexEntry { attribute: SOURCE.to_owned(), value: name.to_owned() }
}

impl Import {
    /// Reads attributes by their SCIM paths, such as `name.givenName` or `emails[type eq "work"].value`. Null and an empty text take the
    /// attribute away, but for `active`, which stays. Texts stand for booleans where the schema has those.
    ///
    /// # Errors
    /// A path that is none; roles, which no source gives.
    pub fn read(config: &Configuration, attributes: Map<String, Value>) -> Result<Self, Refused> {
        if attributes.len() > ATTRIBUTES_MAX {
            return Err(Refused::invalid(format!("a source names at most {ATTRIBUTES_MAX} attributes")));
        }
        let key = |name: &str| {
            let (_, value) = attributes.iter().find(|(path, _)| path.eq_ignore_ascii_case(name))?;
            value.as_str().filter(|value| !value.is_empty()).map(str::to_owned)
        };
        let (user_name, external_id) = (key("userName"), key("externalId"));
        let mut operations = Vec::with_capacity(attributes.len());
        for (path, value) in attributes {
            let grants = config.policy.roles.meaning == RoleMeaning::Grant;
            if grants && path.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("roles")) {
                return Err(Refused::invalid(
                    "roles are no attributes here: grant them with `provost user update --role` or the member `roles`",
                ));
            }
            let removes = value.is_null() || value == json!("");
            // Whether somebody may sign in does not change by being left out.
            if removes && path.eq_ignore_ascii_case("active") {
                continue;
            }
            let operation = match removes {
                true => json!({ "op": "remove", "path": whole(&path) }),
                false => json!({ "op": "replace", "path": path, "value": value }),
            };
            let body = json!({ "schemas": [urn::PATCH_OP], "Operations": [operation] });
            let (body, _) = dialect::normalise_patch(body, &config.full_user);
            operations.push((PatchRequest::parse(body)?, removes));
        }
        Ok(Self { operations, user_name, external_id })
    }

    /// Where the user is found whom the source means: by `externalId` where it gives one, else by `userName`. One who is found by the name
    /// and has another `externalId` is somebody else, see [`Self::decide`].
    pub fn lookups(&self) -> Vec<Lookup> {
        let external = self.external_id.as_deref().map(|id| {
            let value = fold(id, true).into_owned();
            Lookup::Index(IndexEntry { attribute: indexed("externalId"), value })
        });
        let name = self.user_name.as_deref().map(|name| {
            let value = fold(name, false).into_owned();
            Lookup::Unique(UniqueKey { space: USER_NAME.to_owned(), value })
        });
        external.into_iter().chain(name).collect()
    }

    /// Makes or changes the user. `found` is who [`Self::lookups`] found first. Whoever is unchanged comes with a change set without audit
    /// entry, which need not be committed.
    ///
    /// # Errors
    /// What the schema or the account's rules refuse; a user of another source, and one who is known by another `externalId`.
    pub fn decide(
        &self,
        config: &Configuration,
        call: &Call,
        found: Option<&User>,
        source: &str,
    ) -> Result<Decided<Imported>, Refused> {
        let Some(user) = found else { return self.create(config, call, source) };
        self.is_same(user, source)?;
        let resource = self.apply(config, &user.resource)?;
        let state = UserState { source: Some(source.to_owned()), ..user.state.clone() };
        let mut changed = differing(&user.resource, &resource);
        if state.source != user.state.source {
            changed.push("source".to_owned());
        }
        if changed.is_empty() {
            let imported = Imported { user: user.clone(), outcome: Outcome::Unchanged, changed };
            return Ok(Decided { change: Default::default(), outcome: imported });
        }
        let decided = local::change(config, call, user, Local { resource, state, warnings: Vec::new() })?;
        Ok(decided.map(|user| Imported { user, outcome: Outcome::Updated, changed }))
    }

    fn is_same(&self, user: &User, source: &str) -> Result<(), Refused> {
        if let Some(other) = user.state.source.as_deref().filter(|other| *other != source) {
            let detail = format!("user {} comes from source `{other}`, and is changed by that one only", user.id());
            return Err(Refused::status(409, detail));
        }
        match (&self.external_id, user.resource.external_id()) {
            (Some(ours), Some(theirs)) if ours != theirs => Err(Refused::status(
                409,
                format!("user {} has this `userName` and another `externalId`: it is somebody else", user.id()),
            )),
            _ => Ok(()),
        }
    }

    fn create(&self, config: &Configuration, call: &Call, source: &str) -> Result<Decided<Imported>, Refused> {
        if self.user_name.is_none() {
            return Err(Refused::invalid("no user of the account is meant, and without `userName` none is made"));
        }
        let mut resource = self.apply(config, &Resource::default())?;
        if resource.get("active").is_none() {
            resource.set("active", json!(true));
        }
        let changed = differing(&Resource::default(), &resource);
        let state = UserState { source: Some(source.to_owned()), ..UserState::default() };
        let decided = local::create(config, call, &[], Local { resource, state, warnings: Vec::new() })?;
        Ok(decided.map(|user| Imported { user, outcome: Outcome::Created, changed }))
    }

    /// The resource with what the source says.
    pub(super) fn apply(&self, config: &Configuration, before: &Resource) -> Result<Resource, Refused> {
        let unsupported = config.policy.users.unsupported_on_patch;
        let (mut resource, mut unknown) = (before.clone(), Vec::new());
        for (request, removes) in &self.operations {
            match request.apply(readable(config, unsupported), &resource, NoMatch::Create) {
                Ok(patched) => {
                    resource = patched.resource;
                    unknown.extend(patched.unknown);
                }
                // What is not there need not be taken away.
                Err(PatchError::NoTarget(_)) if *removes => {}
                Err(error) => return Err(ScimError::from(error).into()),
            }
        }
        refuse_unsupported(unsupported, "users.unsupported_on_patch", &unknown, &mut Noted::default())?;
        if resource.get("userName") != before.get("userName") {
            judge::user_name(config, &resource)?;
        }
        Ok(resource)
    }
}

/// What is taken away with a value: the element that holds it, where a filter chooses one by its `value`.
fn whole(path: &str) -> &str {
    path.strip_suffix("].value").map_or(path, |element| &path[..=element.len()])
}

fn differing(before: &Resource, after: &Resource) -> Vec<String> {
    let (old, new) = (before.attributes(), after.attributes());
    let gone = old.keys().filter(|name| !new.contains_key(*name));
    let changed = new.iter().filter(|(name, value)| old.get(*name) != Some(value)).map(|(name, _)| name);
    changed.chain(gone).filter(|name| !matches!(name.as_str(), "schemas" | "id")).cloned().collect()
}

/// Which of what a source names is the user's manager, and by what it is known there.
///
/// # Errors
/// A value that is no text.
pub fn take_manager(attributes: &mut Map<String, Value>) -> Result<Option<String>, Refused> {
    let is_manager = |path: &str| {
        let path = path.strip_prefix(&format!("{}:", urn::ENTERPRISE_USER)).unwrap_or(path);
        path.eq_ignore_ascii_case("manager") || path.eq_ignore_ascii_case("manager.value")
    };
    let Some(path) = attributes.keys().find(|path| is_manager(path)).cloned() else { return Ok(None) };
    match attributes.shift_remove(&path) {
        Some(Value::String(named)) if !named.is_empty() => Ok(Some(named)),
        Some(Value::Null) | Some(Value::String(_)) | None => {
            attributes.insert(format!("{}:manager", urn::ENTERPRISE_USER), Value::Null);
            Ok(None)
        }
        Some(_) => Err(ScimError::bad_request(ScimType::InvalidValue, "`manager` is a text").into()),
    }
}

/// Names the manager whom [`take_manager`] took.
pub fn put_manager(attributes: &mut Map<String, Value>, manager: ResourceId) {
    attributes.insert(format!("{}:manager.value", urn::ENTERPRISE_USER), json!(manager));
}
