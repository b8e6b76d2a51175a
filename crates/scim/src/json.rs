//! JSON from the wire: bounded while it is read, and without names that mean two things.

use crate::error::{ScimError, ScimType};
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::{cell::Cell, collections::HashSet, fmt};

/// What a body may hold at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of text.
    pub bytes: usize,
    /// Arrays and objects within each other; above 127 it is 127.
    pub depth: usize,
    /// Values in all, arrays and objects included.
    pub values: usize,
}

impl Default for Limits {
    /// 1 MiB, 32 levels, 100,000 values: a hundred times a large user, and nothing that costs much to refuse.
    fn default() -> Self {
        Self { bytes: 1024 * 1024, depth: 32, values: 100_000 }
    }
}

/// Why a text was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// Longer than [`Limits::bytes`]; nothing of it was read.
    #[error("the body is larger than {bytes_max} bytes")]
    TooLarge {
        /// The limit.
        bytes_max: usize,
    },
    /// Not JSON, beyond another limit, or ambiguous.
    #[error("{problem} at line {line} column {column} of the body")]
    Refused {
        /// What is wrong.
        problem: String,
        /// From 1.
        line: usize,
        /// In bytes.
        column: usize,
    },
}

/// Reads one JSON value (RFC 8259), which must be all of the text.
///
/// Attribute names compare without case (RFC 7643 §2.1), so an object that holds one name twice, in whatever case, has
/// no clear meaning and is refused. Stops at the first value beyond a limit; the cost is bounded by the limits, not by
/// the text.
///
/// # Errors
/// `TooLarge` before reading; `Refused` for malformed JSON, invalid UTF-8, a lone surrogate, a repeated name, and too
/// many levels or values.
pub fn parse(text: &[u8], limits: &Limits) -> Result<Value, JsonError> {
    if text.len() > limits.bytes {
        return Err(JsonError::TooLarge { bytes_max: limits.bytes });
    }
    let mut reader = serde_json::Deserializer::from_slice(text);
    let left = Cell::new(limits.values);
    let value = Bounded { limits, left: &left, depth: 0 }.deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

impl From<serde_json::Error> for JsonError {
    fn from(error: serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        let text = error.to_string();
        let problem = text.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&text);
        Self::Refused { problem: problem.to_owned(), line, column }
    }
}

/// 413 for a body beyond the limit on bytes, else 400 `invalidSyntax`.
impl From<JsonError> for ScimError {
    fn from(error: JsonError) -> Self {
        match &error {
            JsonError::TooLarge { .. } => Self::status(413, error.to_string()),
            JsonError::Refused { .. } => Self::bad_request(ScimType::InvalidSyntax, error.to_string()),
        }
    }
}

/// Reads one value at a depth.
#[derive(Clone, Copy)]
struct Bounded<'l> {
    limits: &'l Limits,
    /// Values that may still come.
    left: &'l Cell<usize>,
    /// Arrays and objects around the value.
    depth: usize,
}

impl Bounded<'_> {
    fn inner<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth == self.limits.depth {
            return Err(E::custom(format_args!("more than {} levels of arrays and objects", self.limits.depth)));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Bounded<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        let left = self.left.get().checked_sub(1);
        self.left.set(left.ok_or_else(|| D::Error::custom(format_args!("more than {} values", self.limits.values)))?);
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Bounded<'_> {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut values = Vec::new();
        while let Some(value) = elements.next_element_seed(inner)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut values = Map::new();
        let mut names = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            if !names.insert(name.to_ascii_lowercase()) {
                return Err(A::Error::custom(format_args!("the object holds the attribute `{}` twice", Shown(&name))));
            }
            values.insert(name, members.next_value_seed(inner)?);
        }
        Ok(Value::Object(values))
    }
}

/// A name as an error repeats it: not more than its beginning.
struct Shown<'n>(&'n str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        const CHARS_MAX: usize = 200;
        match self.0.char_indices().nth(CHARS_MAX) {
            Some((end, _)) => write!(out, "{}…", self.0[..end].escape_debug()),
            None => write!(out, "{}", self.0.escape_debug()),
        }
    }
}
