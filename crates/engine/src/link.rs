//! Links: which resource of the target belongs to which object of the source, and what was written there last.

use crate::document::document;
use crate::{Escrow, Key, Objects, Shared, TargetValue, Values, link_id};
use jiff::Timestamp;
use provost_change::{Delete, Expect, IndexEntry, Kind, Put, Record, ResourceId, UniqueKey};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashSet};

/// What an app knows of one object of the source. Its record's id is [`link_id`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// Of which app.
    pub app: ResourceId,
    /// Whether of a user or a group.
    pub of: Objects,
    /// Of which one.
    pub source: ResourceId,
    /// What people call it.
    pub name: String,
    /// Counts how often all links of the app were dropped; a link of an earlier count is as good as none.
    pub generation: u32,
    /// The `id` at the target; `None` while nothing is known to be there.
    pub target: Option<String>,
    /// By attribute of the target, what was written there last, or seen when it was linked. What has no value is not among them: half of
    /// what the default mappings name has none.
    pub written: Values,
    /// Whether somebody else, or a lost answer, may have left something else there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unsure: bool,
    /// What was wanted of attributes that somebody changed at the target, where that was adopted: as long as the same is wanted, they stay.
    #[serde(default, skip_serializing_if = "Values::is_empty")]
    pub adopted: Values,
    /// Attributes that were told to have no value, with what the target has there since: some give a role to whoever has none.
    #[serde(default, skip_serializing_if = "Values::is_empty")]
    pub made_of_none: Values,
    /// What somebody changed at the target, where it was logged.
    #[serde(default, skip_serializing_if = "Values::is_empty")]
    pub alerted: Values,
    /// How the object stood when it was looked at last.
    pub standing: Standing,
    /// Under which values a resource may have been created without our learning of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tried: Vec<Tried>,
    /// What it was linked to before all links were dropped, while nothing newer is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former: Option<String>,
    /// A failure that is to be tried again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escrow: Option<Escrow>,
    /// A disable or delete that waits: for the end of its cycle, or for somebody who allows or rejects it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Held>,
    /// Objects that its attributes refer to, such as the manager.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub refers: BTreeSet<ResourceId>,
    /// Those of them that have nothing at the target yet.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub awaits: BTreeSet<ResourceId>,
    /// Groups that entitle it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub through: BTreeSet<ResourceId>,
    /// Whether it was removed from the source, and may have lost memberships that the target still has.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub was_removed: bool,
    /// Groups that it was in at the target when it came back: the source may not have it in them any more.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub was_in: BTreeSet<ResourceId>,
    /// Of a group that is yet to be announced: whether it was at the target before, where other groups may have it as a member that do
    /// not have it at the source.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub was_there: bool,
    /// Of a group: whether it has members at the target that are no objects of ours, or were none in use when it was looked at last.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_strangers: bool,
    /// Whether those that refer to it have yet to learn that it is at the target.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unannounced: bool,
    /// Of a group: how far its members at the target are from those of the source.
    #[serde(default)]
    pub members: Members,
}

/// How an object stood when it was looked at last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Nothing of it is known to be at the target.
    New,
    /// Entitled.
    Entitled,
    /// Disabled there, since it is blocked or lies in the bin. Purged, it is removed there, too.
    Disabled,
    /// Disabled there, since it left the scope: nothing more is sent of it until it is entitled again.
    Left,
    /// Somebody rejected its being disabled or removed: nothing is sent of it until it is entitled again.
    Spared,
}

/// A value under which a resource may have been created.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tried {
    /// The matching attribute.
    pub attribute: String,
    /// Its value.
    pub value: TargetValue,
}

/// A disable or delete that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Since when.
    pub since: Timestamp,
    /// When the source changed.
    pub changed: Timestamp,
    /// Since when the log says that it is held; `None` while it is only counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logged: Option<Timestamp>,
}

/// How far the members of a group at the target are from those of the source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Members {
    /// All that was to be sent was sent.
    #[default]
    InStep,
    /// For these, at most [`TOUCHED_MAX`], it is not known to have arrived whether they are members.
    Touched(BTreeSet<ResourceId>),
    /// All have to be compared.
    Unknown,
}

/// Members whose state at the target is unknown that are kept one by one; beyond, all are compared.
pub const TOUCHED_MAX: usize = 1_000;

/// Groups that entitle one object that are kept: who is in more stays entitled through others.
const THROUGH_MAX: usize = 1_000;

/// A link as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredLink {
    /// Its content.
    pub link: Shared<Link>,
    /// Counts its changes.
    pub version: u64,
    /// When it was made.
    pub created: Timestamp,
}

/// A set of links of an app that can be walked in the order of their ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkSet {
    /// All of users, or all of groups.
    All(Objects),
    /// Those with a failure that will be tried again.
    Escrowed,
    /// Those with a disable or delete that waits.
    Held,
    /// Those that refer to an object with nothing at the target yet.
    Waiting,
    /// Those of which others have yet to learn that they are at the target.
    Unannounced,
    /// Groups with members at the target that are no objects of ours.
    Strangers,
    /// Those that refer to this object.
    ReferringTo(ResourceId),
    /// Those that this group entitles.
    Through(ResourceId),
}

impl Members {
    /// Adds members whose state is unknown.
    pub fn touch(&mut self, more: impl IntoIterator<Item = ResourceId>) {
        let mut all = match std::mem::take(self) {
            Self::Unknown => return *self = Self::Unknown,
            Self::InStep => BTreeSet::new(),
            Self::Touched(touched) => touched,
        };
        all.extend(more);
        *self = match all.len() {
            0 => Self::InStep,
            1..=TOUCHED_MAX => Self::Touched(all),
            _ => Self::Unknown,
        };
    }
}

impl LinkSet {
    /// The index entry under which the links of the set are found.
    pub fn entry(self, app: ResourceId) -> IndexEntry {
        let (attribute, value) = match self {
            Self::All(Objects::Users) => ("link.app", format!("{app}/users")),
            Self::All(Objects::Groups) => ("link.app", format!("{app}/groups")),
            Self::Escrowed => ("link.escrow", app.to_string()),
            Self::Held => ("link.held", app.to_string()),
            Self::Waiting => ("link.awaits", app.to_string()),
            Self::Unannounced => ("link.unannounced", app.to_string()),
            Self::Strangers => ("link.strangers", app.to_string()),
            Self::ReferringTo(id) => ("link.refers", format!("{app}/{id}")),
            Self::Through(id) => ("link.through", format!("{app}/{id}")),
        };
        IndexEntry { attribute: attribute.to_owned(), value }
    }
}

impl Link {
    /// The kind of the records.
    pub fn kind() -> Kind {
        Kind::named("link")
    }

    /// A link of an object of which nothing is known to be at the target.
    pub fn new(app: ResourceId, key: Key, generation: u32) -> Self {
        Self {
            app,
            of: key.of,
            source: key.id,
            name: String::new(),
            generation,
            target: None,
            written: Values::new(),
            unsure: false,
            adopted: Values::new(),
            made_of_none: Values::new(),
            alerted: Values::new(),
            standing: Standing::New,
            tried: Vec::new(),
            former: None,
            escrow: None,
            held: None,
            refers: BTreeSet::new(),
            awaits: BTreeSet::new(),
            through: BTreeSet::new(),
            was_removed: false,
            was_in: BTreeSet::new(),
            was_there: false,
            has_strangers: false,
            unannounced: false,
            members: Members::InStep,
        }
    }

    /// Of which object.
    pub fn key(&self) -> Key {
        Key { of: self.of, id: self.source }
    }

    /// The target has these values.
    pub fn has(&mut self, mut values: Values) {
        values.forget_nulls();
        self.written = values;
    }

    /// Whether its object is at the target, in use: members and managers can point at it.
    pub fn is_referable(&self) -> bool {
        self.target.is_some() && self.standing == Standing::Entitled
    }

    /// Notes which groups entitle the object.
    pub fn entitled_through(&mut self, groups: impl Iterator<Item = ResourceId>) {
        self.through = groups.collect();
        while self.through.len() > THROUGH_MAX {
            self.through.pop_last();
        }
    }

    /// The target no longer has it, as far as is known.
    pub fn forget_target(&mut self) {
        self.target = None;
        self.written = Values::new();
        (self.adopted, self.alerted, self.made_of_none) = (Values::new(), Values::new(), Values::new());
        self.unsure = false;
        self.standing = Standing::New;
        (self.unannounced, self.was_there, self.has_strangers) = (false, false, false);
        self.members = Members::InStep;
    }

    /// The sets that it belongs to.
    pub fn sets(&self) -> Vec<LinkSet> {
        let mut sets = vec![LinkSet::All(self.of)];
        sets.extend(self.escrow.as_ref().and_then(|escrow| escrow.next_attempt).map(|_| LinkSet::Escrowed));
        sets.extend(self.held.as_ref().map(|_| LinkSet::Held));
        sets.extend((!self.awaits.is_empty()).then_some(LinkSet::Waiting));
        sets.extend(self.unannounced.then_some(LinkSet::Unannounced));
        sets.extend(self.has_strangers.then_some(LinkSet::Strangers));
        sets.extend(self.refers.iter().map(|id| LinkSet::ReferringTo(*id)));
        sets.extend(self.through.iter().map(|id| LinkSet::Through(*id)));
        sets
    }

    /// The index entries under which it is found.
    pub fn index(&self) -> BTreeSet<IndexEntry> {
        self.sets().into_iter().map(|set| set.entry(self.app)).collect()
    }

    /// What no other link of the app may hold: two objects of the source never share a resource of the target.
    pub fn unique(&self) -> Option<UniqueKey> {
        self.target.as_ref().map(|target| target_key(self.app, self.generation, self.of, target))
    }
}

/// The unique key of the link that has this resource of the target.
pub fn target_key(app: ResourceId, generation: u32, of: Objects, target: &str) -> UniqueKey {
    let of = match of {
        Objects::Users => "users",
        Objects::Groups => "groups",
    };
    UniqueKey { space: "link.target".to_owned(), value: format!("{app}/{generation}/{of}/{target}") }
}

/// Makes, replaces or removes the record of a link. Nothing where nothing changes.
pub fn link_change(
    before: Option<&StoredLink>,
    after: Option<&Shared<Link>>,
    now: Timestamp,
) -> (Option<Put>, Option<Delete>) {
    match (before, after) {
        (Some(before), None) => {
            let link = &before.link;
            let (releases, index_removes) = (link.unique().into_iter().collect(), link.index().into_iter().collect());
            let id = link_id(link.app, link.key());
            (None, Some(Delete { kind: Link::kind(), id, version: before.version, releases, index_removes }))
        }
        (before, Some(link)) if before.is_none_or(|before| before.link != *link) => {
            let record = Record {
                kind: Link::kind(),
                id: link_id(link.app, link.key()),
                version: before.map_or(1, |before| before.version + 1),
                created: before.map_or(now, |before| before.created),
                modified: now,
                doc: document(&**link),
                state: "{}".to_owned(),
            };
            let (had, has) = (before.map(|before| before.link.sets()).unwrap_or_default(), link.sets());
            let is_there_still =
                |before: &StoredLink| before.link.generation == link.generation && before.link.target == link.target;
            let (held, holds) = match before {
                Some(before) if is_there_still(before) => Default::default(),
                before => (before.and_then(|before| before.link.unique()), link.unique()),
            };
            let put = Put {
                record,
                expect: before.map_or(Expect::Absent, |before| Expect::Version(before.version)),
                claims: holds.into_iter().collect(),
                releases: held.into_iter().collect(),
                index_adds: entries_beyond(&has, &had, link.app),
                index_removes: entries_beyond(&had, &has, link.app),
            };
            (Some(put), None)
        }
        (_, _) => (None, None),
    }
}

/// So many are looked through faster than they are hashed.
const FEW: usize = 8;

/// The index entries of those sets that the others are not among. Mostly there are none: a link stays in the sets that it is in.
fn entries_beyond(sets: &[LinkSet], others: &[LinkSet], app: ResourceId) -> Vec<IndexEntry> {
    let beyond = |is_among: &dyn Fn(&LinkSet) -> bool| -> Vec<IndexEntry> {
        sets.iter().filter(|set| !is_among(set)).map(|set| set.entry(app)).collect()
    };
    if others.len() <= FEW {
        return beyond(&|set| others.contains(set));
    }
    let others: HashSet<&LinkSet> = others.iter().collect();
    beyond(&|set| others.contains(set))
}

impl StoredLink {
    /// Reads a record.
    ///
    /// # Errors
    /// A document that is no link.
    pub fn read(record: &Record) -> Result<Self, serde_json::Error> {
        let link: Link = serde_json::from_str(&record.doc)?;
        Ok(Self { link: link.into(), version: record.version, created: record.created })
    }
}
