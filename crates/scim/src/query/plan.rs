//! What can be read off a query without any resource: index lookups, the fields it needs, and the element it describes.

use super::{Field, Node, Operand, Query, Test};
use crate::{filter::Operator, index_value};
use serde_json::Value;

/// Longest beginning, in bytes, that is looked for in an index.
const BEGINNING_MAX: usize = 256;

/// Which comparisons an index is asked to serve.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Served {
    /// `eq`.
    Equal,
    /// `eq` and `sw`, both by how the value begins.
    Beginning,
}

impl Query {
    /// Entries of an index on single values, of which every matching resource has at least one: attribute in attribute
    /// notation (`emails.value`) and value in the form in which [`ResourceType::index_values`](crate::ResourceType::index_values)
    /// has it. `None` when no index serves the query; `id` always has one, beside the attributes in `indexed`.
    ///
    /// What the lookup finds need not match: apply [`Query::matches`] to it, unless [`Query::is_its_lookups`].
    pub fn lookups(&self, indexed: &[String]) -> Option<Vec<(String, String)>> {
        self.0.lookups(indexed, Served::Equal)
    }

    /// The same by how values begin, for a query with `sw`: every matching resource has at least one entry whose value begins so.
    ///
    /// What is found need not match: apply [`Query::matches`] to it, unless [`Query::is_its_beginnings`].
    pub fn beginnings(&self, indexed: &[String]) -> Option<Vec<(String, String)>> {
        self.0.lookups(indexed, Served::Beginning)
    }

    /// Whether a resource matches exactly when it has an entry that begins like one of [`Query::beginnings`].
    pub fn is_its_beginnings(&self, indexed: &[String]) -> bool {
        self.beginnings(indexed).is_some() && self.0.is_all(Operator::Sw)
    }

    /// Whether a resource matches exactly when it has one of the entries of [`Query::lookups`]: nothing is left to evaluate.
    pub fn is_its_lookups(&self, indexed: &[String]) -> bool {
        self.lookups(indexed).is_some() && self.0.is_all(Operator::Eq)
    }

    /// Sub-attributes with the values that a new element needs to match a query that was resolved within an attribute;
    /// `value` stands for the element itself where it has no sub-attributes. `None` when anything but `eq` joined by
    /// `and` occurs, or when two terms contradict each other.
    pub fn equalities(&self) -> Option<Vec<(String, Value)>> {
        let mut terms: Vec<&Test> = Vec::new();
        self.0.equalities(&mut terms)?;
        Some(terms.into_iter().map(|test| (test.field.own_name().to_owned(), test.operand.sent())).collect())
    }

    /// The fields that decide whether a resource matches, in the order of the filter.
    pub fn fields(&self) -> Vec<&Field> {
        let mut fields = Vec::new();
        self.0.fields(&mut fields);
        fields
    }
}

impl Node {
    fn lookups(&self, indexed: &[String], served: Served) -> Option<Vec<(String, String)>> {
        match self {
            Self::All(nodes) => nodes.iter().filter_map(|node| node.lookups(indexed, served)).min_by_key(Vec::len),
            Self::Any(nodes) => {
                let lists: Option<Vec<_>> = nodes.iter().map(|node| node.lookups(indexed, served)).collect();
                let mut entries = lists?.concat();
                entries.sort();
                entries.dedup();
                Some(entries)
            }
            Self::Element(_, node) => node.lookups(indexed, served),
            Self::Compare(Test { field, operator, operand }) => {
                let name = field.notation();
                let is_indexed = indexed.iter().any(|index| index.eq_ignore_ascii_case(&name));
                let is_served = match (operator, served) {
                    (Operator::Eq, Served::Equal) => is_indexed || name == "id",
                    (Operator::Eq | Operator::Sw, Served::Beginning) => is_indexed && operand.may_begin(),
                    _ => false,
                };
                is_served.then(|| operand.index_value()).flatten().map(|value| vec![(name, value)])
            }
            Self::Present(_) | Self::Not(_) => None,
        }
    }

    /// Whether it is comparisons of one kind, of which any may hold.
    fn is_all(&self, operator: Operator) -> bool {
        match self {
            Self::Compare(test) => test.operator == operator && test.operand.is_exact(),
            Self::Any(nodes) => nodes.iter().all(|node| node.is_all(operator)),
            Self::Element(_, node) => node.is_all(operator),
            Self::All(_) | Self::Present(_) | Self::Not(_) => false,
        }
    }

    fn equalities<'q>(&'q self, terms: &mut Vec<&'q Test>) -> Option<()> {
        match self {
            Self::All(nodes) => nodes.iter().try_for_each(|node| node.equalities(terms)),
            Self::Compare(test) if test.operator == Operator::Eq && !test.field.multi_valued => {
                match terms.iter().find(|earlier| earlier.field == test.field) {
                    Some(earlier) => earlier.operand.is_same(&test.operand).then_some(()),
                    None => {
                        terms.push(test);
                        Some(())
                    }
                }
            }
            Self::Compare(_) | Self::Any(_) | Self::Not(_) | Self::Present(_) | Self::Element(..) => None,
        }
    }

    fn fields<'q>(&'q self, fields: &mut Vec<&'q Field>) {
        match self {
            Self::All(nodes) | Self::Any(nodes) => nodes.iter().for_each(|node| node.fields(fields)),
            Self::Not(node) | Self::Element(_, node) => node.fields(fields),
            Self::Present(field) | Self::Compare(Test { field, .. }) => fields.push(field),
        }
    }
}

impl Field {
    /// The name within an element.
    fn own_name(&self) -> &str {
        self.sub.as_deref().unwrap_or("value")
    }
}

impl Operand {
    /// The literal as JSON of the attribute's type, texts as sent.
    fn sent(&self) -> Value {
        match self {
            Self::Bool(value) => Value::from(*value),
            Self::Number(number) => Value::from(number.clone()),
            Self::Text { sent, .. } | Self::Instant { sent, .. } => Value::from(sent.as_str()),
        }
    }

    /// The literal as an index has it.
    fn index_value(&self) -> Option<String> {
        match self {
            Self::Bool(value) => Some(index_value::of_bool(*value).to_owned()),
            Self::Number(number) => index_value::of_number(number),
            Self::Text { folded, .. } => Some(folded.clone()),
            Self::Instant { at, .. } => Some(index_value::of_instant(*at)),
        }
    }

    /// Whether it is looked for by how values begin.
    fn may_begin(&self) -> bool {
        match self {
            Self::Text { folded, .. } => (1..=BEGINNING_MAX).contains(&folded.len()),
            Self::Bool(_) | Self::Number(_) | Self::Instant { .. } => false,
        }
    }

    /// Whether only equal values have the same text in an index.
    fn is_exact(&self) -> bool {
        match self {
            Self::Number(number) => index_value::is_exact(number),
            Self::Bool(_) | Self::Text { .. } | Self::Instant { .. } => true,
        }
    }

    /// Whether both stand for one value.
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text { folded: left, .. }, Self::Text { folded: right, .. }) => left == right,
            (Self::Instant { at: left, .. }, Self::Instant { at: right, .. }) => left == right,
            _ => self == other,
        }
    }
}
