//! Filter to query: names and types from the schema, literals checked and folded.

use super::{Field, Node, Operand, Query, QueryError, Test};
use crate::{
    filter::{Comparison, Filter, Literal, Operator},
    instant,
    path::AttrPath,
    resource_type::{ResourceType, UnknownAttribute},
    schema::{Attribute, Mutability, Returned, Type},
    text,
};

impl Filter {
    /// What the filter means for resources of this type.
    ///
    /// A multi-valued complex attribute that is compared without a sub-attribute stands for its `value`; `eq null` is
    /// "not present". A boolean may be compared with the strings `"true"` and `"false"` in any case, as Entra does.
    ///
    /// # Errors
    /// `Unknown` for a name that the type does not have; `Refused` for an attribute that is never returned, and for an
    /// operator or a literal that does not fit the attribute's type (RFC 7644 §3.4.2.2).
    pub fn resolve(&self, resource_type: &ResourceType) -> Result<Query, QueryError> {
        node(self, Names::Resource(resource_type)).map(Query)
    }

    /// What the filter means for resources of this type in a search over several types: what the type does not have counts as an
    /// attribute without a value (RFC 7644 §3.4.2.1, LST-08).
    ///
    /// # Errors
    /// `Refused`, as [`Filter::resolve`].
    pub fn resolve_at_root(&self, resource_type: &ResourceType) -> Result<Query, QueryError> {
        node(self, Names::Root(resource_type)).map(Query)
    }

    /// What the filter means between the brackets of `attribute[…]`: its names are sub-attributes, and `value` is the
    /// element itself where there are none.
    ///
    /// # Errors
    /// As [`Filter::resolve`]; also `Refused` when the attribute has one value only.
    pub fn resolve_within(&self, attribute: &Attribute) -> Result<Query, QueryError> {
        if !attribute.multi_valued {
            return Err(refused(&attribute.name, "has one value, and a value filter selects among several"));
        }
        readable(attribute, &attribute.name)?;
        node(self, Names::Element { extension: None, attribute }).map(Query)
    }
}

/// Where names are looked up.
#[derive(Clone, Copy)]
enum Names<'s> {
    Resource(&'s ResourceType),
    /// Names that it does not have are attributes without a value.
    Root(&'s ResourceType),
    /// One value of the attribute.
    Element {
        extension: Option<&'s str>,
        attribute: &'s Attribute,
    },
}

/// What a path names.
#[derive(Clone, Copy)]
struct Found<'s> {
    extension: Option<&'s str>,
    attribute: &'s Attribute,
    sub: Option<&'s Attribute>,
    /// Whether the path starts at one value of the attribute.
    within: bool,
}

fn node(filter: &Filter, names: Names<'_>) -> Result<Node, QueryError> {
    let all = |terms: &[Filter]| terms.iter().map(|term| node(term, names)).collect::<Result<Vec<Node>, QueryError>>();
    if let Some(answer) = names.without_value(filter) {
        return Ok(answer);
    }
    match filter {
        Filter::And(terms) => all(terms).map(Node::All),
        Filter::Or(terms) => all(terms).map(Node::Any),
        Filter::Not(filter) => Ok(Node::Not(Box::new(node(filter, names)?))),
        Filter::Present(path) => Ok(Node::Present(names.find(path)?.field())),
        Filter::Compare(comparison) => compare(comparison, names),
        Filter::Value { path, filter } => element(path, filter, names),
    }
}

fn element(path: &AttrPath, filter: &Filter, names: Names<'_>) -> Result<Node, QueryError> {
    let found = names.find(path)?;
    if found.within || found.sub.is_some() {
        return Err(refused(path, "is a sub-attribute and takes no value filter"));
    }
    let Found { extension, attribute, .. } = found;
    if !attribute.multi_valued && attribute.kind != Type::Complex {
        return Err(refused(path, "has one value without sub-attributes and takes no value filter"));
    }
    let inner = node(filter, Names::Element { extension, attribute })?;
    Ok(Node::Element(found.field(), Box::new(inner)))
}

fn compare(comparison: &Comparison, names: Names<'_>) -> Result<Node, QueryError> {
    let Comparison { path, operator, value } = comparison;
    let found = names.find(path)?;
    if *value == Literal::Null {
        let present = Node::Present(found.field());
        return match operator {
            Operator::Eq => Ok(Node::Not(Box::new(present))),
            Operator::Ne => Ok(present),
            _ => Err(refused(path, "can only be compared with null by eq and ne")),
        };
    }
    let field = found.compared(path)?.field();
    let operand = operand(&field, *operator, value).map_err(|problem| refused(path, problem))?;
    Ok(Node::Compare(Test { field, operator: *operator, operand }))
}

/// The literal for a comparison with the field, or what does not fit (RFC 7644 Table 3).
fn operand(field: &Field, operator: Operator, literal: &Literal) -> Result<Operand, String> {
    use Operator::{Co, Eq, Ew, Ge, Gt, Le, Lt, Ne, Sw};
    let (kind, fits) = match field.kind {
        Type::String => ("a string", true),
        Type::Reference => ("a reference", true),
        Type::Boolean => ("a boolean", matches!(operator, Eq | Ne)),
        Type::Decimal | Type::Integer => ("a number", matches!(operator, Eq | Ne | Gt | Ge | Lt | Le)),
        Type::DateTime => ("a dateTime", matches!(operator, Eq | Ne | Gt | Ge | Lt | Le)),
        Type::Binary => ("binary", matches!(operator, Eq | Ne | Co | Sw | Ew)),
        Type::Complex => ("complex", false),
    };
    if !fits {
        return Err(format!("is {kind} and cannot be compared with {}", operator.as_str()));
    }
    match (field.kind, literal) {
        (Type::String | Type::Reference | Type::Binary, Literal::Text(sent)) => {
            Ok(Operand::Text { folded: text::fold(sent, field.case_exact).into_owned(), sent: sent.clone() })
        }
        (Type::Boolean, Literal::Bool(value)) => Ok(Operand::Bool(*value)),
        (Type::Boolean, Literal::Text(text)) if text.eq_ignore_ascii_case("true") => Ok(Operand::Bool(true)),
        (Type::Boolean, Literal::Text(text)) if text.eq_ignore_ascii_case("false") => Ok(Operand::Bool(false)),
        (Type::Decimal | Type::Integer, Literal::Number(number)) => Ok(Operand::Number(number.clone())),
        (Type::DateTime, Literal::Text(sent)) if let Some(at) = instant::parse(sent) => {
            Ok(Operand::Instant { at, sent: sent.clone() })
        }
        (_, Literal::Null | Literal::Bool(_) | Literal::Number(_) | Literal::Text(_)) => {
            Err(format!("is {kind} and cannot be compared with {literal}"))
        }
    }
}

impl<'s> Names<'s> {
    /// What an expression on an attribute that the type does not have comes to, at the root: true where "no value" is asked for.
    fn without_value(self, filter: &Filter) -> Option<Node> {
        let Self::Root(resource_type) = self else { return None };
        let (path, holds) = match filter {
            Filter::Present(path) | Filter::Value { path, .. } => (path, false),
            Filter::Compare(Comparison { path, operator, value }) => {
                let wanted = if *value == Literal::Null { Operator::Eq } else { Operator::Ne };
                (path, *operator == wanted)
            }
            Filter::And(_) | Filter::Or(_) | Filter::Not(_) => return None,
        };
        let unknown = resource_type.resolve(path).is_err();
        unknown.then(|| if holds { Node::All(Vec::new()) } else { Node::Any(Vec::new()) })
    }

    /// What a path names, if a filter may look at it.
    fn find(self, path: &AttrPath) -> Result<Found<'s>, QueryError> {
        let found = match self {
            Self::Resource(resource_type) | Self::Root(resource_type) => {
                let target = resource_type.resolve(path)?;
                let Some(attribute) = target.attribute else {
                    return Err(refused(path, "is a schema: ask for it with `schemas eq`"));
                };
                let extension = target.extension.map(|schema| schema.id.as_str());
                Found { extension, attribute, sub: target.sub, within: false }
            }
            Self::Element { extension, attribute } => {
                let unknown = || UnknownAttribute(format!("{}.{path}", attribute.name));
                let AttrPath::Plain { name, sub: None } = path else { return Err(unknown().into()) };
                let sub = match attribute.kind {
                    Type::Complex => Some(attribute.sub_attribute(name).ok_or_else(unknown)?),
                    _ if name.eq_ignore_ascii_case("value") => None,
                    _ => return Err(unknown().into()),
                };
                Found { extension, attribute, sub, within: true }
            }
        };
        readable(found.attribute, path)?;
        if let Some(sub) = found.sub {
            readable(sub, path)?;
        }
        Ok(found)
    }
}

impl Found<'_> {
    /// What a comparison with this compares: the `value` of a multi-valued complex attribute, else the thing itself.
    fn compared(self, path: &AttrPath) -> Result<Self, QueryError> {
        let Self { attribute, sub, .. } = self;
        if sub.is_some() || attribute.kind != Type::Complex {
            return Ok(self);
        }
        let value = attribute.sub_attribute("value").filter(|_| attribute.multi_valued);
        let value = value.ok_or_else(|| refused(path, "is complex: name one of its sub-attributes"))?;
        readable(value, path)?;
        Ok(Self { sub: Some(value), ..self })
    }

    fn field(self) -> Field {
        let leaf = self.sub.unwrap_or(self.attribute);
        let in_sub = self.sub.is_some_and(|sub| sub.multi_valued);
        Field {
            extension: self.extension.map(str::to_owned),
            attribute: self.attribute.name.clone(),
            sub: self.sub.map(|sub| sub.name.clone()),
            kind: leaf.kind,
            // Base64 means something else in another case, whatever a schema says (RFC 7643 §2.3.6).
            case_exact: leaf.case_exact || leaf.kind == Type::Binary,
            multi_valued: in_sub || self.attribute.multi_valued && !self.within,
            sub_multi_valued: in_sub,
        }
    }
}

/// Refuses what no answer may reveal: a filter on it would be an oracle.
fn readable(attribute: &Attribute, path: impl ToString) -> Result<(), QueryError> {
    if attribute.returned == Returned::Never || attribute.mutability == Mutability::WriteOnly {
        return Err(refused(path, "is never returned and may not be used in a filter"));
    }
    Ok(())
}

fn refused(path: impl ToString, problem: impl Into<String>) -> QueryError {
    QueryError::Refused { attribute: path.to_string(), problem: problem.into() }
}
