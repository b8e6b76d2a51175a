//! What one line tells of, as records with their unique keys and index entries.

use super::{Elsewhere, Item, Line, OUTBOUND, custom_kind};
use crate::{
    Account, AdminApp, Call, Configuration, QuorumPolicy, QuorumTree, Refused, Role, UserState,
    account::{PolicyVersion, name_of},
    definitions::{OwnSchema, OwnType},
    groups,
    indexes::{DeclaredIndex, State},
    policy, resources, users,
};
use jiff::Timestamp;
use provost_change::{AccountId, ChangeSet, CountChange, Expect, Kind, MemberChange, Put, Record, ResourceId};
use provost_scim::{Resource, ResourceType};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// What the lines behind the configuration are read with.
pub(super) struct Types {
    config: Configuration,
    /// User and Group that require nothing: what was there may be older than what requires it.
    user: ResourceType,
    group: ResourceType,
    elsewhere: Elsewhere,
}

/// What one line brings.
pub(super) struct Part {
    /// A record.
    pub put: Option<Put>,
    /// What is counted of it, without bounds: what was within them once may be here.
    pub counts: Vec<CountChange>,
    /// Members of a group.
    pub members: Option<MemberChange>,
}

impl Part {
    pub(super) fn of_put(put: Put) -> Self {
        Self { put: Some(put), counts: Vec::new(), members: None }
    }

    pub(super) fn of_members(members: MemberChange) -> Self {
        Self { put: None, counts: Vec::new(), members: Some(members) }
    }

    /// The record of this kind that a change set would make, as it was made first.
    fn of_change(change: ChangeSet, kind: &Kind, item: &Item) -> Self {
        let put = change.puts.into_iter().find(|put| put.record.kind == *kind).map(|mut put| {
            (put.record.created, put.record.modified) = (cut(item.created), cut(item.modified));
            put
        });
        let unbound = |count: CountChange| CountChange::by(count.name, count.delta);
        Self { put, counts: change.counts.into_iter().map(unbound).collect(), members: None }
    }
}

impl Types {
    pub(super) fn of(config: Configuration, elsewhere: Elsewhere) -> Self {
        Self { user: lenient(&config.full_user), group: lenient(&config.full_group), config, elsewhere }
    }
}

/// The type without what it requires.
fn lenient(of: &ResourceType) -> ResourceType {
    let mut lenient = of.clone();
    let extensions = lenient.extensions.iter_mut().map(|(schema, required)| {
        *required = false;
        schema
    });
    for attribute in std::iter::once(&mut lenient.schema).chain(extensions).flat_map(|schema| &mut schema.attributes) {
        attribute.required = false;
        attribute.sub_attributes.iter_mut().for_each(|sub| sub.required = false);
    }
    lenient
}

/// Reads a line.
///
/// # Errors
/// When it has another form.
pub(super) fn line(line: Value) -> Result<Line, Refused> {
    serde_json::from_value(line).map_err(|error| malformed(&error))
}

fn malformed(error: &serde_json::Error) -> Refused {
    let problem: String = error.to_string().chars().take(300).collect();
    Refused::invalid(format!("it is not a line of an account export: {problem}"))
}

fn parse<T: DeserializeOwned>(value: &Value) -> Result<T, Refused> {
    T::deserialize(value).map_err(|error| malformed(&error))
}

/// An instant as the store keeps it: in whole microseconds.
pub(super) fn cut(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}

/// A put of a record that has no unique keys and no index entries.
pub(super) fn unindexed(record: Record) -> Put {
    Put {
        record,
        expect: Expect::Absent,
        claims: Vec::new(),
        releases: Vec::new(),
        index_adds: Vec::new(),
        index_removes: Vec::new(),
    }
}

fn plain(kind: Kind, item: &Item, document: &impl Serialize) -> Put {
    unindexed(Record {
        kind,
        id: item.id,
        version: 0,
        created: cut(item.created),
        modified: cut(item.modified),
        doc: serde_json::to_string(document).expect("records are made of strings, numbers and lists"),
        state: "{}".to_owned(),
    })
}

/// A part of the configuration.
///
/// # Errors
/// A document of another form, or one whose id is another than the line's.
pub(super) fn setting(account: AccountId, line: Line) -> Result<Put, Refused> {
    let own = ResourceId::new(account.uuid());
    match line {
        Line::Account(item) => {
            let document: Account = parse(&item.attributes)?;
            named(&item, own)?;
            name_of("account", &document.name)?;
            Ok(plain(Kind::ACCOUNT, &item, &document))
        }
        Line::Policy(item) => {
            let document: PolicyVersion = parse(&item.attributes)?;
            policy::check(&document.policy).map_err(|error| Refused::invalid(error.to_string()))?;
            Ok(plain(Kind::POLICY, &item, &document))
        }
        Line::Role(item) => {
            let document: Role = parse(&item.attributes)?;
            named(&item, document.id)?;
            name_of("role", &document.name)?;
            Ok(plain(Kind::ROLE, &item, &document))
        }
        Line::AdminApp(item) => {
            let mut attributes = item.attributes.clone();
            if let Value::Object(members) = &mut attributes {
                members.insert("keys".to_owned(), json!([]));
            }
            let document: AdminApp = parse(&attributes)?;
            named(&item, document.id)?;
            name_of("admin app", &document.name)?;
            Ok(plain(Kind::ADMIN_APP, &item, &document))
        }
        Line::Schema(item) => {
            let document: OwnSchema = parse(&item.attributes)?;
            named(&item, document.id)?;
            Ok(plain(Kind::SCHEMA, &item, &document))
        }
        Line::ResourceType(item) => {
            let document: OwnType = parse(&item.attributes)?;
            named(&item, document.id)?;
            Ok(plain(Kind::RESOURCE_TYPE, &item, &document))
        }
        Line::Index(item) => {
            // Every resource that comes behind it is entered.
            let document = DeclaredIndex { state: State::Ready, ..parse(&item.attributes)? };
            named(&item, document.id)?;
            Ok(plain(Kind::INDEX, &item, &document))
        }
        other => misplaced(&other),
    }
}

fn misplaced<T>(line: &Line) -> Result<T, Refused> {
    Err(Refused::invalid(format!("a line about {} cannot stand here", line.noun())))
}

fn named(item: &Item, id: ResourceId) -> Result<(), Refused> {
    if item.id == id {
        Ok(())
    } else {
        Err(Refused::invalid(format!("the line's id is {}, the document's is {id}", item.id)))
    }
}

/// What a line behind the configuration brings, and what was left out of it.
///
/// # Errors
/// What cannot be a part of this account.
pub(super) fn part(types: &Types, call: &Call, line: Line) -> Result<(Part, Option<String>), Refused> {
    match line {
        Line::PolicyVersion(item) => {
            let document: PolicyVersion = parse(&item.attributes)?;
            Ok((Part::of_put(plain(Kind::POLICY, &item, &document)), None))
        }
        Line::User(item) => user(types, call, &item, &Kind::USER),
        Line::SuspendedUser(item) => user(types, call, &item, &Kind::SUSPENDED_USER),
        Line::DeletedUser(item) => user(types, call, &item, &Kind::DELETED_USER),
        Line::Group(item) => group(types, call, &item),
        Line::QuorumPolicy(item) => {
            let document: QuorumPolicy = parse(&item.attributes)?;
            named(&item, document.group.unwrap_or_else(|| types.config.account_record()))?;
            QuorumTree::read(json!(document.policy))?;
            Ok((Part::of_put(plain(Kind::QUORUM_POLICY, &item, &document)), None))
        }
        Line::Resource(item) => Ok((resource(types, call, item)?, None)),
        Line::EnterpriseApp(item) => Ok((outbound(types, OUTBOUND[0], &item)?, None)),
        Line::AppRole(item) => Ok((outbound(types, OUTBOUND[1], &item)?, None)),
        Line::AppAssignment(item) => Ok((outbound(types, OUTBOUND[2], &item)?, None)),
        other => misplaced(&other),
    }
}

fn user(types: &Types, call: &Call, item: &Item, kind: &Kind) -> Result<(Part, Option<String>), Refused> {
    let mut state: UserState = parse(&item.state)?;
    state.proof = None;
    if users::kind(&state) != *kind {
        return Err(Refused::invalid(format!("the line's type and the state of user {} do not go together", item.id)));
    }
    let (resource, left_out) = document(&types.user, item, "userName")?;
    let change = users::transition(&types.config, call, None, Some((&resource, &state, item.id)));
    Ok((Part::of_change(change, kind, item), left_out))
}

fn group(types: &Types, call: &Call, item: &Item) -> Result<(Part, Option<String>), Refused> {
    let state: groups::GroupState = parse(&item.state)?;
    let (resource, left_out) = document(&types.group, item, "displayName")?;
    // Where groups are roles, the roles come with lines of their own.
    let change = groups::arrival(&types.config, call, &resource, &state, item.id)?;
    Ok((Part::of_change(change, &Kind::GROUP, item), left_out))
}

fn resource(types: &Types, call: &Call, item: Item) -> Result<Part, Refused> {
    let kind = item.of.map(custom_kind);
    let custom = types.config.types.iter().find(|custom| Some(&custom.kind) == kind.as_ref());
    let custom = custom.ok_or_else(|| Refused::invalid("the account has no resource type with the id in `of`"))?;
    let body = resources::Body::read(custom, item.attributes.clone())?;
    let call = Call { new_id: item.id.uuid(), ..call.clone() };
    let change = body.create(&types.config, &call, custom)?.change;
    Ok(Part::of_change(change, &custom.kind, &item))
}

/// What is kept elsewhere, under what follows from it there.
fn outbound(types: &Types, kind: &str, item: &Item) -> Result<Part, Refused> {
    let mut put = plain(Kind::named(kind), item, &item.attributes);
    let derived = (types.elsewhere)(types.config.id, &put.record)
        .ok_or_else(|| Refused::invalid(format!("{kind} cannot be taken")))?
        .map_err(|error| Refused::invalid(error.to_string()))?;
    put.claims = derived.unique.into_iter().collect();
    put.index_adds = derived.index.into_iter().collect();
    let counts = derived.counts.into_iter().map(|(name, count)| CountChange::by(name, count)).collect();
    Ok(Part { put: Some(put), counts, members: None })
}

/// The attributes of a line's resource in canonical form; what the account knows no longer is left out, and named.
fn document(of: &ResourceType, item: &Item, name: &str) -> Result<(Resource, Option<String>), Refused> {
    let incoming = of.read(item.attributes.clone())?;
    let mut resource = incoming.resource;
    if resource.get(name).and_then(Value::as_str).is_none_or(|name| name.trim().is_empty()) {
        return Err(Refused::invalid(format!("`{name}` is missing")));
    }
    resource.set_id(&item.id.to_string());
    resource.sync_schemas(of);
    let unknown = incoming.unknown;
    let left_out = (!unknown.is_empty()).then(|| {
        let names: String = unknown.join("`, `").chars().take(200).collect();
        format!("{} {}: `{names}` is not known here and was left out", of.name, item.id)
    });
    Ok((resource, left_out))
}
