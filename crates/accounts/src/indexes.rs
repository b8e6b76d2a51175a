//! Indexes that an account declares at run time: attributes by which its resources are found, however many there are.
//!
//! A declaration is a part of the configuration. While its index is being built every write enters what it writes, and what was
//! there before is entered in the background; once all is entered, searches use it. A declaration that is taken back is no longer
//! written from that moment on, and goes when its entries are gone. Since every write expects the configuration that it was
//! decided under, none falls between two of these states.

mod progress;

pub use progress::{Progress, check_progress, progress, progress_key};

use crate::{
    Call, Configuration, Decided, Group, Refused, User,
    account::put,
    audit::{self, Entry},
    configuration::Corrupt,
    definitions::CustomType,
    groups,
    resources::{self, Custom},
    users,
};
use provost_change::{ChangeSet, CountChange, Delete, Expect, IndexEntry, Kind, Record, ResourceId};
use provost_scim::{AttrPath, ResourceType};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Indexes that an account may declare: each costs a row for every value of every resource.
pub const DECLARED_MAX: usize = 16;
/// The count of declarations with work left: indexes that are being built or taken down.
pub const COUNT: &str = "index.unfinished";
/// What is kept beside resources, and found without an index.
const KEPT_APART: [&str; 2] = ["groups", "members"];

/// An index that an account declares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclaredIndex {
    /// The id of its record.
    pub id: ResourceId,
    /// The name of the resource type: `User`, `Group` or one of the account's own.
    pub resource_type: String,
    /// The attribute in attribute notation, in the spelling of its schema.
    pub attribute: String,
    /// How far it is.
    pub state: State,
}

/// How far an index is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Writes enter resources; those that were there before are entered one after the other. No search uses it yet.
    Building,
    /// Every resource is entered, and searches use it.
    Ready,
    /// No search uses it any more, and its entries are going.
    Removing,
}

/// A type of resource that can have declared indexes.
#[derive(Clone, Copy)]
enum Of<'c> {
    User(&'c Configuration),
    Group(&'c Configuration),
    Own(&'c CustomType),
}

impl<'c> Of<'c> {
    fn named(config: &'c Configuration, name: &str) -> Option<Self> {
        let mut all = [Self::User(config), Self::Group(config)].into_iter().chain(config.types.iter().map(Self::Own));
        all.find(|of| of.resource_type().name.eq_ignore_ascii_case(name))
    }

    fn resource_type(self) -> &'c ResourceType {
        match self {
            Self::User(config) => &config.full_user,
            Self::Group(config) => &config.full_group,
            Self::Own(custom) => &custom.resource_type,
        }
    }

    fn kind(self) -> Kind {
        match self {
            Self::User(_) => Kind::USER,
            Self::Group(_) => Kind::GROUP,
            Self::Own(custom) => custom.kind.clone(),
        }
    }

    fn indexed(self, attribute: &str) -> String {
        match self {
            Self::User(_) => users::indexed(attribute),
            Self::Group(_) => groups::indexed(attribute),
            Self::Own(custom) => resources::indexed(custom, attribute),
        }
    }

    /// Whether the attribute is in no document.
    fn keeps_apart(self, attribute: &str) -> bool {
        let name = attribute.split('.').next().unwrap_or_default();
        matches!(self, Self::User(_) | Self::Group(_)) && KEPT_APART.contains(&name)
    }
}

impl DeclaredIndex {
    fn of<'c>(&self, config: &'c Configuration) -> Option<Of<'c>> {
        Of::named(config, &self.resource_type)
    }

    /// The kind of the records that it finds; `None` when the account has no such type any more.
    pub fn kind(&self, config: &Configuration) -> Option<Kind> {
        self.of(config).map(Of::kind)
    }

    /// The attribute of its index entries.
    pub fn indexed(&self, config: &Configuration) -> Option<String> {
        self.of(config).map(|of| of.indexed(&self.attribute))
    }

    /// The entries that a record has in it.
    ///
    /// # Errors
    /// A record that cannot be read: the database was changed by something else.
    pub fn entries(&self, config: &Configuration, record: &Record) -> Result<Vec<IndexEntry>, Corrupt> {
        let Some(of) = self.of(config) else { return Ok(Vec::new()) };
        let record = record.clone();
        let resource = match of {
            Of::User(_) => User::read(config.id, record)?.resource,
            Of::Group(_) => Group::read(config.id, record)?.resource,
            Of::Own(_) => Custom::read(config.id, record)?.resource,
        };
        let values = of.resource_type().values_of(&self.attribute, &resource).into_iter();
        Ok(values.map(|(name, value)| IndexEntry { attribute: of.indexed(&name), value }).collect())
    }

    fn name(&self) -> String {
        format!("{}.{}", self.resource_type, self.attribute)
    }
}

impl Configuration {
    /// A declared index by id.
    pub fn index(&self, id: ResourceId) -> Option<&DeclaredIndex> {
        self.indexes.iter().map(|(index, _)| index).find(|index| index.id == id)
    }

    /// Whether an index entry belongs to a declared index in one of these states.
    pub fn is_declared(&self, kind: &Kind, attribute: &str, states: &[State]) -> bool {
        self.indexes.iter().map(|(index, _)| index).any(|index| {
            let is_of =
                index.of(self).is_some_and(|of| of.kind() == *kind && of.indexed(&index.attribute) == attribute);
            is_of && states.contains(&index.state)
        })
    }

    /// A declaration with work left.
    pub fn unfinished_index(&self) -> Option<&DeclaredIndex> {
        self.indexes.iter().map(|(index, _)| index).find(|index| index.state != State::Ready)
    }

    /// The first declaration that names an attribute of a schema, as an extension of users or groups.
    pub(crate) fn index_on(&self, urn: &str) -> Option<&DeclaredIndex> {
        self.indexes.iter().map(|(index, _)| index).find(|index| {
            let head = index.attribute.get(..urn.len());
            head.is_some_and(|head| head.eq_ignore_ascii_case(urn)) && index.attribute[urn.len()..].starts_with(':')
        })
    }
}

/// Adds the declared indexes of a type to it.
///
/// # Errors
/// A declaration of what the type does not have.
pub(crate) fn add(declared: &[(DeclaredIndex, u64)], mut to: ResourceType) -> Result<ResourceType, String> {
    for (index, _) in declared.iter().filter(|(index, _)| index.resource_type == to.name) {
        to.indexable(&index.attribute).map_err(|error| error.to_string())?;
        let list = match index.state {
            State::Building => &mut to.building,
            State::Ready => &mut to.indexed,
            State::Removing => continue,
        };
        if !list.contains(&index.attribute) {
            list.push(index.attribute.clone());
        }
    }
    Ok(to)
}

/// Declares an index on an attribute of a resource type, given by name and in attribute notation. It is built from then on.
///
/// # Errors
/// A type or an attribute that the account does not have, or one that cannot be indexed; 409 for one that has an index, and beyond
/// [`DECLARED_MAX`].
pub fn declare(
    config: &Configuration,
    call: &Call,
    resource_type: &str,
    attribute: &str,
) -> Result<Decided<DeclaredIndex>, Refused> {
    let of = Of::named(config, resource_type);
    let of = of.ok_or_else(|| Refused::invalid("`resource_type` names no resource type of the account"))?;
    let kind = of.resource_type();
    let attribute = kind.indexable(attribute).map_err(|error| Refused::invalid(error.to_string()))?;
    let has = |names: &[String]| names.iter().any(|name| AttrPath::parse(name) == AttrPath::parse(&attribute));
    if has(&kind.indexed) || has(&kind.unique_names()) {
        return Err(Refused::status(409, format!("`{attribute}` of {} has an index already", kind.name)));
    }
    if of.keeps_apart(&attribute) {
        return Err(Refused::invalid(format!("`{attribute}` is looked up among memberships and can have no index")));
    }
    let same = |index: &&DeclaredIndex| index.resource_type == kind.name && index.attribute == attribute;
    if let Some(index) = config.indexes.iter().map(|(index, _)| index).find(same) {
        let problem = match index.state {
            State::Building | State::Ready => format!("`{attribute}` of {} has an index already", kind.name),
            State::Removing => {
                format!("the index on `{attribute}` of {} is being removed; declare it when it is gone", kind.name)
            }
        };
        return Err(Refused::status(409, problem));
    }
    if config.indexes.len() >= DECLARED_MAX {
        return Err(Refused::status(
            409,
            format!("an account declares at most {DECLARED_MAX} indexes; remove one first"),
        ));
    }
    let id = ResourceId::new(call.new_id);
    let index = DeclaredIndex { id, resource_type: kind.name.clone(), attribute, state: State::Building };
    let entry = Entry::done("index.create").about(&Kind::INDEX, id, &index.name());
    let mut decided =
        decided(config, call, index, Expect::Absent, entry.changed("state", Value::Null, json!(State::Building)));
    decided.change.puts.push(Progress::default().put(id, Expect::Absent, call.now));
    decided.change.counts.push(CountChange::by(COUNT, 1));
    Ok(decided)
}

/// Takes a declaration back: nothing uses or writes its index from then on, and its entries go in the background.
///
/// # Errors
/// 404; 409 when it was taken back already.
pub fn remove(config: &Configuration, call: &Call, id: ResourceId) -> Result<Decided<DeclaredIndex>, Refused> {
    let found = config.indexes.iter().find(|(index, _)| index.id == id);
    let (index, version) = found.ok_or_else(|| Refused::not_found("index"))?;
    let unfinished = match index.state {
        State::Building => 0,
        State::Ready => 1,
        State::Removing => return Err(Refused::status(409, "the index is being removed already")),
    };
    let mut decided = moved(config, call, (index, *version), State::Removing, "index.delete");
    decided.change.counts.extend((unfinished > 0).then(|| CountChange::by(COUNT, unfinished)));
    Ok(decided)
}

/// Lets searches use an index, now that everything is entered. `progress` is the record of how far it was, which goes. `None` when it is
/// not being built any more.
pub fn built(config: &Configuration, call: &Call, id: ResourceId, progress: &Record) -> Option<Decided<DeclaredIndex>> {
    let building = |(index, _): &&(DeclaredIndex, u64)| index.id == id && index.state == State::Building;
    let (index, version) = config.indexes.iter().find(building)?;
    let mut decided = moved(config, call, (index, *version), State::Ready, "index.ready");
    decided.change.counts.push(CountChange::by(COUNT, -1));
    decided.change.deletes.push(gone(progress));
    Some(decided)
}

/// Forgets an index, now that its entries are gone. `progress` is as for [`built`], if there is one. `None` when there is no such
/// declaration any more.
pub fn dropped(config: &Configuration, call: &Call, id: ResourceId, progress: Option<&Record>) -> Option<ChangeSet> {
    let removing = |(index, _): &&(DeclaredIndex, u64)| index.id == id && index.state == State::Removing;
    let (index, version) = config.indexes.iter().find(removing)?;
    let delete = Delete::bare(Kind::INDEX, id, *version);
    let entry = Entry::done("index.gone").about(&Kind::INDEX, id, &index.name());
    Some(ChangeSet {
        deletes: std::iter::once(delete).chain(progress.map(gone)).collect(),
        counts: vec![CountChange::by(COUNT, -1)],
        log: vec![audit::entry(call, entry)],
        ..config.change()
    })
}

fn gone(record: &Record) -> Delete {
    let Record { kind, id, version, .. } = record;
    Delete::bare(kind.clone(), *id, *version)
}

fn moved(
    config: &Configuration,
    call: &Call,
    (index, version): (&DeclaredIndex, u64),
    state: State,
    action: &'static str,
) -> Decided<DeclaredIndex> {
    let entry = Entry::done(action).about(&Kind::INDEX, index.id, &index.name());
    let entry = entry.changed("state", json!(index.state), json!(state));
    decided(config, call, DeclaredIndex { state, ..index.clone() }, Expect::Version(version), entry)
}

fn decided(
    config: &Configuration,
    call: &Call,
    index: DeclaredIndex,
    expect: Expect,
    entry: Entry,
) -> Decided<DeclaredIndex> {
    let mut change = config.change();
    change.puts.push(put(Kind::INDEX, index.id, call, &index, expect));
    change.log.push(audit::entry(call, entry));
    Decided { change, outcome: index }
}
