//! An account's rows as both databases have them, and where reading them goes on.

use crate::StoreError;
use crate::postgres::indexed_value;
use provost_change::{Kind, Logged, Member, Record, ResourceId};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use uuid::Uuid;

/// How many rows are read and written at once.
pub(crate) const ROWS_MAX: u64 = 1000;

/// How many bytes of documents are read at once, but for a single row that has more.
pub(crate) const BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Names of the tables, in the order in which they are copied: a record is there before what names it.
pub(crate) const TABLES: [&str; 5] = ["records", "unique_keys", "attribute_index", "members", "log"];

/// Behind which row reading goes on: a table, and the key of the last row that was read, in the form of the database that is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Place {
    /// Kind and id.
    Records(Option<(String, Uuid)>),
    /// Space and value.
    UniqueKeys(Option<(String, Vec<u8>)>),
    /// Kind, attribute, value and id.
    AttributeIndex(Option<(String, String, Vec<u8>, Uuid)>),
    /// Group and member.
    Members(Option<(Uuid, Uuid)>),
    /// Sequence number.
    Log(Option<u64>),
    /// Everything was read.
    End,
    /// The account is served where it was moved to.
    Live,
}

impl Place {
    /// Before the first row of each table.
    pub(crate) const STARTS: [Self; 5] =
        [Self::Records(None), Self::UniqueKeys(None), Self::AttributeIndex(None), Self::Members(None), Self::Log(None)];

    /// Before the first row of the next table.
    pub(crate) fn next_table(&self) -> Self {
        match self {
            Self::Records(_) => Self::UniqueKeys(None),
            Self::UniqueKeys(_) => Self::AttributeIndex(None),
            Self::AttributeIndex(_) => Self::Members(None),
            Self::Members(_) => Self::Log(None),
            Self::Log(_) | Self::End | Self::Live => Self::End,
        }
    }

    pub(crate) fn text(&self) -> String {
        serde_json::to_string(self).expect("texts, numbers and lists are JSON")
    }

    pub(crate) fn read(text: &str) -> Result<Self, StoreError> {
        serde_json::from_str(text).map_err(|error| StoreError::Corrupt(format!("the place of a move: {error}")))
    }
}

/// Some rows of one table, in the order of their keys.
#[derive(Debug)]
pub(crate) enum Rows {
    Records(Vec<Record>),
    UniqueKeys(Vec<Held>),
    AttributeIndex(Vec<Found>),
    Members(Vec<(ResourceId, Member)>),
    Log(Vec<Logged>),
    /// Behind the last table.
    None,
}

/// A unique key and who holds it.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) space: String,
    pub(crate) value: Value,
    pub(crate) kind: Kind,
    pub(crate) id: ResourceId,
}

/// An index entry and whom it finds.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) kind: Kind,
    pub(crate) attribute: String,
    pub(crate) value: Value,
    pub(crate) id: ResourceId,
}

/// A value of a unique key or index entry.
#[derive(Debug)]
pub(crate) enum Value {
    /// As it is compared.
    Whole(String),
    /// The beginning and the digest of one that is too long for an index of PostgreSQL.
    Cut(Vec<u8>),
}

impl Value {
    /// The form that both databases can show.
    pub(crate) fn bytes(&self) -> Cow<'_, [u8]> {
        match self {
            Self::Whole(text) => indexed_value(text),
            Self::Cut(bytes) => Cow::Borrowed(bytes),
        }
    }

    /// The bytes by which the database that it was read from orders it.
    fn key(&self) -> Vec<u8> {
        match self {
            Self::Whole(text) => text.as_bytes().to_vec(),
            Self::Cut(bytes) => bytes.clone(),
        }
    }
}

impl Rows {
    pub(crate) fn len(&self) -> u64 {
        let len = match self {
            Self::Records(rows) => rows.len(),
            Self::UniqueKeys(rows) => rows.len(),
            Self::AttributeIndex(rows) => rows.len(),
            Self::Members(rows) => rows.len(),
            Self::Log(rows) => rows.len(),
            Self::None => 0,
        };
        len as u64
    }

    /// Behind the last of them, when there are any.
    pub(crate) fn end(&self) -> Option<Place> {
        Some(match self {
            Self::Records(rows) => {
                rows.last().map(|last| Place::Records(Some((last.kind.as_str().to_owned(), last.id.uuid()))))?
            }
            Self::UniqueKeys(rows) => {
                rows.last().map(|last| Place::UniqueKeys(Some((last.space.clone(), last.value.key()))))?
            }
            Self::AttributeIndex(rows) => {
                let last = rows.last()?;
                let kind = last.kind.as_str().to_owned();
                Place::AttributeIndex(Some((kind, last.attribute.clone(), last.value.key(), last.id.uuid())))
            }
            Self::Members(rows) => {
                rows.last().map(|(group, member)| Place::Members(Some((group.uuid(), member.id.uuid()))))?
            }
            Self::Log(rows) => rows.last().map(|last| Place::Log(Some(last.seq)))?,
            Self::None => return None,
        })
    }
}

/// Records of one kind from an id on, to be counted as one run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) kind: Kind,
    pub(crate) first: ResourceId,
    pub(crate) size: u64,
}

/// The runs of a page of records that was read behind `after`: one of each kind. The first of a kind begins before all ids.
pub(crate) fn runs(after: &Place, records: &[Record]) -> Vec<Run> {
    let before = match after {
        Place::Records(Some((kind, _))) => Some(kind.as_str()),
        _ => None,
    };
    let of_kind = records.chunk_by(|one, next| one.kind == next.kind);
    of_kind
        .map(|records| {
            let kind = records[0].kind.clone();
            let goes_on = before == Some(kind.as_str());
            let first = if goes_on { records[0].id } else { ResourceId::new(Uuid::nil()) };
            Run { kind, first, size: records.len() as u64 }
        })
        .collect()
}

/// The value in a record's document, as indexes hold it, that was cut to these bytes: its digest tells it from every other.
pub(crate) fn whole_value(record: &Record, cut: &[u8]) -> Option<String> {
    let documents = [&record.doc, &record.state].into_iter().filter_map(|text| serde_json::from_str(text).ok());
    documents.into_iter().find_map(|document| within(&document, cut))
}

fn within(value: &serde_json::Value, cut: &[u8]) -> Option<String> {
    match value {
        serde_json::Value::String(text) => {
            let forms = [true, false].into_iter().map(|case_exact| provost_scim::text::fold(text, case_exact));
            forms.into_iter().find(|form| *indexed_value(form) == *cut).map(Cow::into_owned)
        }
        serde_json::Value::Array(values) => values.iter().find_map(|value| within(value, cut)),
        serde_json::Value::Object(members) => members.values().find_map(|value| within(value, cut)),
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn record(kind: Kind, number: u128) -> Record {
        Record {
            kind,
            id: ResourceId::new(Uuid::from_u128(number)),
            version: 1,
            created: Timestamp::UNIX_EPOCH,
            modified: Timestamp::UNIX_EPOCH,
            doc: "{}".to_owned(),
            state: "{}".to_owned(),
        }
    }

    #[test]
    fn a_page_is_a_run_of_each_kind_and_the_first_of_a_kind_begins_before_all_ids() {
        let page = [record(Kind::ROLE, 7), record(Kind::USER, 1), record(Kind::USER, 2)];
        let shown = |after: &Place| {
            let runs = runs(after, &page);
            runs.iter().map(|run| (run.kind.to_string(), run.first.uuid().as_u128(), run.size)).collect::<Vec<_>>()
        };
        assert_eq!(shown(&Place::Records(None)), [("role".to_owned(), 0, 1), ("user".to_owned(), 0, 2)]);
        let after = Place::Records(Some(("role".to_owned(), Uuid::from_u128(3))));
        assert_eq!(shown(&after), [("role".to_owned(), 7, 1), ("user".to_owned(), 0, 2)]);
    }

    #[test]
    fn a_value_that_was_cut_is_found_in_the_document() {
        let (long, other) = ("ÄB".repeat(700), "äb".repeat(701));
        let doc = serde_json::json!({ "a": [1, null, { "b": other }], "c": { "d": long } }).to_string();
        let record = Record { doc, ..record(Kind::USER, 1) };
        let cut = |text: &str| indexed_value(text).into_owned();
        assert_eq!(whole_value(&record, &cut(&"äb".repeat(700))), Some("äb".repeat(700)), "without regard to case");
        assert_eq!(whole_value(&record, &cut(&long)), Some(long), "as it is");
        assert_eq!(whole_value(&record, &cut(&"x".repeat(2000))), None);
    }

    #[test]
    fn a_place_is_read_as_it_was_written() {
        let id = Uuid::from_u128(9);
        let places = [
            Place::Records(Some(("user".to_owned(), id))),
            Place::UniqueKeys(Some(("User.userName".to_owned(), vec![0, 255]))),
            Place::AttributeIndex(Some(("user".to_owned(), "a".to_owned(), vec![], id))),
            Place::Members(Some((id, id))),
            Place::Log(Some(u64::MAX)),
            Place::Log(None),
            Place::End,
            Place::Live,
        ];
        for place in places {
            assert_eq!(Place::read(&place.text()), Ok(place));
        }
        assert!(matches!(Place::read("{}"), Err(StoreError::Corrupt(_))));
    }
}
