//! Sorting (RFC 7644 §3.4.2.3): what `sortBy` and `sortOrder` mean, and the key that orders resources.

use crate::{
    Field, ResourceType, ScimError, ScimType, Target, instant,
    path::AttrPath,
    resource::value::is_primary,
    schema::{Mutability, Returned, Type},
    text,
};
use jiff::Timestamp;
use serde_json::{Map, Number, Value};
use std::cmp::Ordering;

/// The attribute that resources are sorted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortBy {
    field: Field,
}

/// Which end comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortOrder {
    /// The smallest key first, resources without a value last (SRT-06).
    #[default]
    Ascending,
    /// The exact reverse: resources without a value first.
    Descending,
}

/// Where a resource stands in ascending order: by code point, number, time or `false` before `true` (SRT-07), and last
/// without a value (SRT-06). Keys of one [`SortBy`] are of one type; equal ones need a tie breaker (SRT-09).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SortKey(Key);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Bool(bool),
    Number(Exact),
    Instant(Timestamp),
    Text(String),
    Missing,
}

impl SortBy {
    /// Reads `sortBy`, an attribute or sub-attribute of `kind` in attribute notation. A multi-valued complex attribute
    /// stands for its `value`.
    ///
    /// # Errors
    /// `invalidPath` when the text is no attribute notation or names nothing in `kind`; `invalidValue` for what has no order:
    /// an extension as a whole, a complex value without sub-attribute, binary, and what is never returned, since its order
    /// would tell its value (SRT-04, SRT-08).
    pub fn parse(sort_by: &str, kind: &ResourceType) -> Result<Self, ScimError> {
        let invalid_path =
            |problem: String| ScimError::bad_request(ScimType::InvalidPath, format!("in `sortBy`: {problem}"));
        let path = AttrPath::parse(sort_by).map_err(|error| invalid_path(error.to_string()))?;
        let target = kind.resolve(&path).map_err(|error| invalid_path(error.to_string()))?;
        let unfit =
            |problem| ScimError::bad_request(ScimType::InvalidValue, format!("in `sortBy`: `{path}` {problem}"));
        let Target { extension, attribute: Some(attribute), mut sub } = target else {
            return Err(unfit("is a schema: name one of its attributes"));
        };
        if sub.is_none() && attribute.kind == Type::Complex {
            sub = attribute.sub_attribute("value").filter(|_| attribute.multi_valued);
            if sub.is_none() {
                return Err(unfit("is complex: name one of its sub-attributes"));
            }
        }
        let leaf = sub.unwrap_or(attribute);
        let hidden = |returned, mutability| returned == Returned::Never || mutability == Mutability::WriteOnly;
        if hidden(attribute.returned, attribute.mutability) || hidden(leaf.returned, leaf.mutability) {
            return Err(unfit("is never returned and gives no order"));
        }
        if leaf.kind == Type::Binary {
            return Err(unfit("is binary and has no order"));
        }
        Ok(Self {
            field: Field {
                extension: extension.map(|schema| schema.id.clone()),
                attribute: attribute.name.clone(),
                sub: sub.map(|sub| sub.name.clone()),
                kind: leaf.kind,
                case_exact: leaf.case_exact,
                multi_valued: attribute.multi_valued || leaf.multi_valued,
                sub_multi_valued: sub.is_some_and(|sub| sub.multi_valued),
            },
        })
    }

    /// The attribute in canonical attribute notation, `emails.value` for `EMAILS`: one text for one order.
    pub fn notation(&self) -> String {
        self.field.notation()
    }

    /// The key of a resource in canonical form; of several values the primary one counts, else the first (SRT-05).
    ///
    /// `meta` is looked up like any other attribute: a caller that sorts by it puts it in.
    pub fn key(&self, attributes: &Map<String, Value>) -> SortKey {
        let Field { extension, attribute, sub, .. } = &self.field;
        let value = match extension {
            None => attributes.get(attribute),
            Some(urn) => attributes.get(urn).and_then(|container| container.get(attribute)),
        };
        let value = value.and_then(leading);
        let value = match sub {
            Some(sub) => value.and_then(|value| value.get(sub)).and_then(leading),
            None => value,
        };
        SortKey(value.and_then(|value| self.key_of(value)).unwrap_or(Key::Missing))
    }

    /// `None` for a value that is not of the attribute's type.
    fn key_of(&self, value: &Value) -> Option<Key> {
        match (self.field.kind, value) {
            (Type::String | Type::Reference, Value::String(text)) => {
                Some(Key::Text(text::fold(text, self.field.case_exact).into_owned()))
            }
            (Type::DateTime, Value::String(text)) => instant::parse(text).map(Key::Instant),
            (Type::Boolean, Value::Bool(value)) => Some(Key::Bool(*value)),
            (Type::Integer | Type::Decimal, Value::Number(number)) => Exact::of(number).map(Key::Number),
            (
                Type::String
                | Type::Reference
                | Type::DateTime
                | Type::Boolean
                | Type::Integer
                | Type::Decimal
                | Type::Binary
                | Type::Complex,
                _,
            ) => None,
        }
    }
}

impl SortOrder {
    /// Reads `sortOrder`, in any case; absent, it is ascending (SRT-02). Without `sortBy` there is no order to reverse, and
    /// callers do not read it (SRT-03).
    ///
    /// # Errors
    /// `invalidValue` for any other word (SRT-03).
    pub fn parse(sort_order: Option<&str>) -> Result<Self, ScimError> {
        match sort_order {
            None => Ok(Self::Ascending),
            Some(word) if word.eq_ignore_ascii_case("ascending") => Ok(Self::Ascending),
            Some(word) if word.eq_ignore_ascii_case("descending") => Ok(Self::Descending),
            Some(_) => {
                Err(ScimError::bad_request(ScimType::InvalidValue, "`sortOrder` is `ascending` or `descending`"))
            }
        }
    }

    /// How two keys compare in this order.
    pub fn compare(self, left: &SortKey, right: &SortKey) -> Ordering {
        match self {
            Self::Ascending => left.cmp(right),
            Self::Descending => right.cmp(left),
        }
    }
}

/// The value that counts: a single one, or of several the primary one, else the first.
fn leading(value: &Value) -> Option<&Value> {
    match value {
        Value::Array(values) => values.iter().find(|value| is_primary(value)).or_else(|| values.first()),
        one => Some(one),
    }
}

/// A JSON number with a total order by value: the nearest double, then what rounding to it took away.
#[derive(Clone, Copy, Debug)]
struct Exact {
    nearest: f64,
    rest: i128,
}

impl Exact {
    fn of(number: &Number) -> Option<Self> {
        let nearest = number.as_f64().filter(|value| value.is_finite())?;
        let integer = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
        #[allow(clippy::cast_possible_truncation, reason = "the double is the nearest to a 64-bit integer")]
        let rest = integer.map_or(0, |integer| integer - nearest as i128);
        // A negative zero is zero.
        Some(Self { nearest: nearest + 0.0, rest })
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nearest.total_cmp(&other.nearest).then(self.rest.cmp(&other.rest))
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Exact {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Exact {}
