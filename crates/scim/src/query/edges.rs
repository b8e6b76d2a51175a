//! What a query asks of members and groups, which are kept as edges and stand in no document.

use super::{Field, Node, Operand, Query, Test};
use crate::{filter::Operator, membership};
use std::collections::HashSet;

/// What must be known of an attribute's values to answer a query on it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct EdgeTerms {
    /// Whether each of these is among the values: the query compares with them. Each once, in its order.
    pub values: Vec<String>,
    /// Whether there is any value: the query asks with `pr`. Where one of `values` is there, no other need be looked for.
    pub any: bool,
    /// Whether the query looks at the `type` of those of `values` that are there.
    pub types: bool,
}

/// Where a node of a query stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    /// It is about the resource, or about another attribute.
    Resource,
    /// Between the brackets of the attribute.
    Element,
    /// Between its brackets, where only elements of the values that are compared with can match: `[value eq "7" and …]`.
    Known,
}

impl Query {
    /// What the query asks of a multi-valued attribute that is kept as edges, such as `members` or `groups`; nothing when it
    /// does not look at it. [`Query::matches`] then answers for a document whose attribute holds `{"value": …}` for what
    /// was found, with its `type` if the query looks at types.
    ///
    /// `None` when a few edges cannot answer it: it looks at another sub-attribute than `value`, compares by another operator
    /// than `eq`, or asks for a value that does not match. That none matches it may ask: `not (members eq "7")`. Of elements
    /// whose `value` is given it may ask anything about `value` and `type`: `members[value eq "7" and type eq "User"]`.
    pub fn edge_terms(&self, attribute: &str) -> Option<EdgeTerms> {
        let mut terms = EdgeTerms::default();
        self.0.edge_terms(attribute, Within::Resource, &mut terms)?;
        let mut seen = HashSet::new();
        terms.values.retain(|value| seen.insert(value.clone()));
        Some(terms)
    }

    /// The values of which a query that was resolved within an attribute allows each and nothing else: `value eq "a"`, or
    /// `$ref eq "https://example.com/v2/Users/a"`, and several joined by `or`.
    pub(crate) fn equal_values(&self) -> Option<Vec<String>> {
        let mut values = Vec::new();
        self.0.equal_values(&mut values)?;
        Some(values)
    }
}

impl Node {
    /// Between the brackets of the attribute, a negation asks for a value that does not match.
    fn edge_terms(&self, attribute: &str, within: Within, terms: &mut EdgeTerms) -> Option<()> {
        let within = if within == Within::Element && self.names_values() { Within::Known } else { within };
        match self {
            Self::All(nodes) | Self::Any(nodes) => {
                nodes.iter().try_for_each(|node| node.edge_terms(attribute, within, terms))
            }
            Self::Not(_) if within == Within::Element => None,
            Self::Not(node) => node.edge_terms(attribute, within, terms),
            Self::Element(field, node) => {
                let within = if field.is_core(attribute) { Within::Element } else { Within::Resource };
                node.edge_terms(attribute, within, terms)
            }
            Self::Present(field) | Self::Compare(Test { field, .. }) if !field.is_core(attribute) => Some(()),
            Self::Present(field) => {
                terms.any = true;
                // Every element has these, so asking for one of them is asking for an element.
                field.sub.as_deref().is_none_or(|sub| matches!(sub, "value" | "$ref" | "type")).then_some(())
            }
            Self::Compare(test) if let Some(value) = test.named_value() => {
                terms.values.push(value.to_owned());
                Some(())
            }
            Self::Compare(test) if within == Within::Known => match test.field.sub.as_deref() {
                Some("value") => Some(()),
                Some("type") => {
                    terms.types = true;
                    Some(())
                }
                Some(_) | None => None,
            },
            Self::Compare(_) => None,
        }
    }

    /// Whether an element that matches has one of the values that it is compared with.
    fn names_values(&self) -> bool {
        match self {
            Self::All(nodes) => nodes.iter().any(Self::names_values),
            Self::Any(nodes) => nodes.iter().all(Self::names_values),
            Self::Compare(test) => test.named_value().is_some(),
            Self::Not(_) | Self::Present(_) | Self::Element(..) => false,
        }
    }

    fn equal_values(&self, values: &mut Vec<String>) -> Option<()> {
        match self {
            Self::Any(nodes) => nodes.iter().try_for_each(|node| node.equal_values(values)),
            Self::Compare(test) if test.operator == Operator::Eq => {
                let value = test.value().or_else(|| membership::last_segment(test.text_of("$ref")?));
                values.push(value?.to_owned());
                Some(())
            }
            Self::All(_) | Self::Not(_) | Self::Present(_) | Self::Compare(_) | Self::Element(..) => None,
        }
    }
}

impl Field {
    fn is_core(&self, attribute: &str) -> bool {
        self.extension.is_none() && self.attribute == attribute
    }
}

impl Test {
    /// The one `value` that an element must have.
    fn named_value(&self) -> Option<&str> {
        self.value().filter(|_| self.operator == Operator::Eq)
    }

    /// The text that the `value` of an element is compared with, in the form in which it is compared.
    fn value(&self) -> Option<&str> {
        self.text_of("value")
    }

    /// The text that this sub-attribute is compared with.
    fn text_of(&self, sub: &str) -> Option<&str> {
        match &self.operand {
            Operand::Text { folded, .. } if self.field.sub.as_deref() == Some(sub) => Some(folded),
            Operand::Text { .. } | Operand::Bool(_) | Operand::Number(_) | Operand::Instant { .. } => None,
        }
    }
}
