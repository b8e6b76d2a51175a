//! What to search for, and what of a record a filter and an order see.

use crate::StoreError;
use provost_change::{Head, IndexEntry, Kind, Member, Record, ResourceId};
use provost_scim::{Meta, Query, SortBy, SortKey, SortOrder};
use serde_json::{Map, Value, json};

/// What to search for.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// The kind of the records. Without candidates, filter and `within`, the total is the head's count of this name.
    pub kind: Kind,
    /// What a filter sees as `meta.resourceType`.
    pub resource_type: String,
    /// Where to look.
    pub candidates: Candidates,
    /// What must hold of a record's attributes, `meta` included as it is shown, except for `location`.
    pub filter: Option<Query>,
    /// Only records that have this index entry too: what may not be seen is not counted.
    pub within: Option<IndexEntry>,
    /// What the filter needs to know of membership, which is in no document.
    pub edges: Edges,
    /// In which order; by id where none is given.
    pub sort: Option<Sort>,
    /// Only records behind this one in the order of ids; they are not counted less for it, and `offset` counts from it.
    /// Means nothing together with `sort`.
    pub after: Option<ResourceId>,
    /// How many of the found records to leave out before the page, from 0.
    pub offset: u64,
    /// At most how many records the page has.
    pub limit: u64,
    /// At most how many records are read to evaluate the filter on them or to sort them, and how many entries may begin alike.
    pub scan_max: u64,
    /// The configuration whose indexes it uses, where another one may not have them: that one refuses the search.
    pub config: Option<u64>,
}

/// Which records a search looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Candidates {
    /// All of the kind.
    All,
    /// Those found under any of these entries, be it in the attribute index or as the value of a unique key.
    Under(Vec<IndexEntry>),
    /// Those found under any entry of the same attribute whose value begins like one of these; the same for unique keys.
    Beginning(Vec<IndexEntry>),
    /// Those with these ids.
    Ids(Vec<ResourceId>),
    /// Groups that have any of these as a member.
    Containing(Vec<ResourceId>),
    /// Members of any of these groups.
    MembersOf(Vec<ResourceId>),
}

/// Memberships that a filter asks about. What is found stands in the attributes that the filter is evaluated on, as `members` of
/// a group, each element with its `value` and `type`, and as `groups` of a member, each with its `value`. Where nothing is found,
/// neither is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edges {
    /// Whether these are members of the record.
    pub members: Vec<ResourceId>,
    /// Whether the record has any member: the first is found, unless others are.
    pub any_member: bool,
    /// Whether the record is a member of these groups.
    pub groups: Vec<ResourceId>,
    /// Whether the record is a member of any group: the first is found, unless others are.
    pub any_group: bool,
}

/// An order.
#[derive(Clone, Debug, PartialEq)]
pub struct Sort {
    /// By which attribute. Records of one value stand in the order of their ids, whatever the direction.
    pub by: SortBy,
    /// In which direction.
    pub order: SortOrder,
    /// The index attribute or unique space that holds its values, one for every record, if there is one: then any number of records
    /// can be sorted as long as all of the kind are asked for.
    pub index: Option<String>,
}

/// A page of found records.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// In the order that was asked for.
    pub records: Vec<Record>,
    /// How many there are on all pages.
    pub total: u64,
}

/// A page, and for each of its records the groups that contain it itself, in the order of their ids.
pub type GroupedPage = (Page, Vec<Vec<ResourceId>>);

/// Memberships of one record, as far as a search asks for them.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) members: Vec<Member>,
    pub(crate) groups: Vec<ResourceId>,
}

impl Search {
    /// Whether an account with this head may be searched.
    pub(crate) fn allowed(&self, head: Option<&Head>) -> Result<(), StoreError> {
        match (self.config, head) {
            (Some(config), Some(head)) if config != head.config => Err(StoreError::ConfigChanged),
            (Some(_) | None, Some(_) | None) => Ok(()),
        }
    }

    /// The entry under which all that is asked for is found, and nothing has to be read to know that.
    pub(crate) fn is_under(&self) -> Option<&IndexEntry> {
        match (&self.candidates, &self.filter, &self.within, &self.sort) {
            (Candidates::Under(entries), None, None, None) => match entries.as_slice() {
                [entry] => Some(entry),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether all records of the kind are asked for.
    pub(crate) fn is_whole(&self) -> bool {
        self.candidates == Candidates::All && self.filter.is_none() && self.within.is_none()
    }

    /// Whether records have to be read before it is known which of them stand on the page.
    pub(crate) fn examines(&self) -> bool {
        let sorts = self.sort.as_ref().is_some_and(|sort| sort.index.is_none() || !self.is_whole());
        self.filter.is_some() || sorts
    }

    /// Whether a record is behind the one that the page follows.
    pub(crate) fn is_behind(&self, id: ResourceId) -> bool {
        self.after.is_none_or(|after| id > after)
    }

    /// Which of the found `ids`, in their order, stand on the page.
    pub(crate) fn on_page<'i>(&self, ids: &'i [ResourceId]) -> &'i [ResourceId] {
        let before = ids.partition_point(|id| !self.is_behind(*id));
        let start = before.saturating_add(size(self.offset)).min(ids.len());
        let end = start.saturating_add(size(self.limit)).min(ids.len());
        &ids[start..end]
    }

    /// Which of the found records stand on the page once they are in order: each comes with the key of its place.
    pub(crate) fn on_sorted_page(&self, sort: &Sort, mut keyed: Vec<(SortKey, ResourceId)>) -> Vec<ResourceId> {
        keyed.sort_unstable_by(|(key, id), (other, other_id)| sort.order.compare(key, other).then(id.cmp(other_id)));
        keyed.into_iter().skip(size(self.offset)).take(size(self.limit)).map(|(_, id)| id).collect()
    }

    /// Whether the filter holds of a record with these attributes; without a filter it does.
    pub(crate) fn accepts(&self, attributes: &Map<String, Value>) -> bool {
        self.filter.as_ref().is_none_or(|filter| filter.matches(attributes))
    }

    /// A record's attributes as a filter and an order see them.
    pub(crate) fn attributes(&self, record: &Record, found: &Found) -> Result<Map<String, Value>, StoreError> {
        let mut attributes: Map<String, Value> = serde_json::from_str(&record.doc)
            .map_err(|error| StoreError::Corrupt(format!("{} {}: {error}", record.kind, record.id)))?;
        let meta = Meta {
            resource_type: self.resource_type.clone(),
            created: record.created,
            last_modified: record.modified,
            location: String::new(),
            version: record.version,
            computed: 0,
        };
        attributes.insert("meta".to_owned(), meta.to_value());
        if !found.members.is_empty() {
            let members = found.members.iter().map(|member| {
                let kind = shown(&member.kind);
                json!({ "value": member.id, "$ref": format!("../{kind}s/{}", member.id), "type": kind })
            });
            attributes.insert("members".to_owned(), members.collect());
        }
        if !found.groups.is_empty() {
            let groups = found
                .groups
                .iter()
                .map(|group| json!({ "value": group, "$ref": format!("../Groups/{group}"), "type": "direct" }));
            attributes.insert("groups".to_owned(), groups.collect());
        }
        Ok(attributes)
    }
}

/// Records that a filter accepts, as they come: all are counted, those of the page are kept.
#[derive(Default)]
pub(crate) struct Accepted {
    pub(crate) page: Page,
    behind: u64,
}

impl Accepted {
    /// Takes the next in the order of ids.
    pub(crate) fn take(&mut self, search: &Search, record: Record) {
        self.page.total += 1;
        if search.is_behind(record.id) {
            let end = search.offset.saturating_add(search.limit);
            if (search.offset..end).contains(&self.behind) {
                self.page.records.push(record);
            }
            self.behind += 1;
        }
    }
}

/// A number as memory counts; those that are too large stand for the largest.
pub(crate) fn size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

impl Edges {
    /// Whether nothing is asked.
    pub(crate) fn is_empty(&self) -> bool {
        !self.any_member && !self.any_group && self.members.is_empty() && self.groups.is_empty()
    }
}

/// A member's kind as SCIM names it in `members.type` (RFC 7643 §4.2).
fn shown(kind: &Kind) -> &str {
    if *kind == Kind::USER {
        "User"
    } else if *kind == Kind::GROUP {
        "Group"
    } else {
        kind.as_str()
    }
}
