//! List answers and paging, by index (RFC 7644 §3.4.2) and by cursor (RFC 9865).

use crate::{ScimError, ScimType, urn};
use serde_json::{Number, Value};

/// Media type of every SCIM body (RFC 7644 §3.8).
pub const CONTENT_TYPE: &str = "application/scim+json";

/// Position of a page's first resource among all matches: counts from 1 (RFC 7644 §3.4.2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StartIndex(u64);

impl StartIndex {
    /// The first resource.
    pub const FIRST: Self = Self(1);

    /// The 1-based position.
    pub fn get(self) -> u64 {
        self.0
    }

    /// How many resources stand before it.
    pub fn offset(self) -> u64 {
        self.0 - 1
    }
}

impl From<u64> for StartIndex {
    /// Below 1 counts as 1 (PGI-01).
    fn from(position: u64) -> Self {
        Self(position.max(1))
    }
}

/// The page that a client asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// Position of the first resource.
    pub start_index: StartIndex,
    /// Most resources to return; 0 asks for the total only (PGI-03).
    pub count: u64,
}

/// How many resources a page holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSizes {
    /// Where the client does not say (`defaultPageSize`, RFC 9865 §4); never more than `max`.
    pub default: u64,
    /// At most (`maxPageSize`, and `filter.maxResults` of RFC 7643 §5).
    pub max: u64,
}

/// The page that a client asks for, by either method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Paging {
    /// By position; also when the client names no method (PGC-11).
    Index(PageRequest),
    /// By cursor (RFC 9865).
    Cursor {
        /// A `nextCursor` that the server issued, or pretends to be one; `None` asks for the first page (PGC-01).
        cursor: Option<String>,
        /// Most resources to return.
        count: u64,
    },
}

/// Most bytes of a cursor: room for what a query was sorted by, and not more than a URL carries.
const CURSOR_BYTES_MAX: usize = 8_192;

/// Reads the paging parameters as they stand in a query. `cursor` chooses paging by cursor, and an empty one the first page
/// (PGC-01).
///
/// Counts below 1 ask for no resources, counts beyond the largest page for the largest (PGC-05, PGC-08).
///
/// # Errors
/// `invalidValue` when both `startIndex` and `cursor` are given (PGC-12), and for a `startIndex` or `count` that is no
/// integer (PGI-08); beside a cursor, `invalidCount` for such a `count`, and `invalidCursor` for a cursor that no server
/// issues: beyond 8,192 bytes or with other characters than RFC 3986 §2.3 leaves unreserved (PGC-02, PGC-07).
pub fn paging(
    start_index: Option<&str>,
    count: Option<&str>,
    cursor: Option<&str>,
    sizes: PageSizes,
) -> Result<Paging, ScimError> {
    let Some(cursor) = cursor else {
        let start_index = position(start_index)?;
        return Ok(Paging::Index(PageRequest { start_index, count: size(count, sizes, ScimType::InvalidValue)? }));
    };
    if start_index.is_some() {
        return Err(ScimError::bad_request(
            ScimType::InvalidValue,
            "`startIndex` and `cursor` exclude each other: send one of them",
        ));
    }
    let count = size(count, sizes, ScimType::InvalidCount)?;
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    if cursor.len() > CURSOR_BYTES_MAX || !cursor.bytes().all(unreserved) {
        return Err(ScimError::bad_request(
            ScimType::InvalidCursor,
            "`cursor` is not one that was issued here; leave it empty for the first page",
        ));
    }
    Ok(Paging::Cursor { cursor: Some(cursor.to_owned()).filter(|cursor| !cursor.is_empty()), count })
}

/// Absent and below 1 it is the first position (PGI-01).
fn position(start_index: Option<&str>) -> Result<StartIndex, ScimError> {
    let position = start_index.map_or(Some(1), natural);
    position.map(StartIndex::from).ok_or_else(|| no_integer(ScimType::InvalidValue, "startIndex"))
}

/// At most the largest page, and nothing below 1 (PGI-02, PGI-03, PGI-05).
fn size(count: Option<&str>, sizes: PageSizes, scim_type: ScimType) -> Result<u64, ScimError> {
    let count = count.map_or(Some(sizes.default), natural);
    count.map(|count| count.min(sizes.max)).ok_or_else(|| no_integer(scim_type, "count"))
}

fn no_integer(scim_type: ScimType, name: &str) -> ScimError {
    ScimError::bad_request(scim_type, format!("`{name}` must be an integer"))
}

/// An integer of any size, brought into the range from 0 to the largest u64. What is beyond 64 bits may also be written with a
/// fraction or an exponent, as `1e30`: a number of that size that was read from a body is one of the two.
fn natural(text: &str) -> Option<u64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return beyond_64_bits(text);
    }
    let add = |value: u64, digit: u8| value.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
    Some(if negative { 0 } else { digits.bytes().fold(0, add) })
}

fn beyond_64_bits(text: &str) -> Option<u64> {
    const BEHIND_U64: f64 = 18_446_744_073_709_551_616.0;
    const FIRST_I64: f64 = -9_223_372_036_854_775_808.0;
    let number = text.parse::<Number>().ok()?.as_f64()?;
    if number >= BEHIND_U64 { Some(u64::MAX) } else { (number <= FIRST_I64).then_some(0) }
}

/// Where a page stands among all matches, as its answer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListPosition {
    /// At this position (PGI-06).
    Index(StartIndex),
    /// Somewhere in a query that is paged by cursor.
    Cursor {
        /// What asks for the page after this one; `None` on the last (PGC-03).
        next: Option<String>,
    },
}

impl From<StartIndex> for ListPosition {
    fn from(start_index: StartIndex) -> Self {
        Self::Index(start_index)
    }
}

impl From<u64> for ListPosition {
    fn from(position: u64) -> Self {
        Self::Index(StartIndex::from(position))
    }
}

/// The beginning of a ListResponse, up to where its `items` resources follow, separated by commas (LST-01 to LST-06).
///
/// `total` counts all matches; a query by cursor may leave it unsaid (PGC-06). [`LIST_TAIL`] ends the message.
pub fn list_head(total: Option<u64>, position: ListPosition, items: usize) -> String {
    let total = total.map_or(String::new(), |total| format!(r#""totalResults":{total},"#));
    let (start_index, next_cursor) = match position {
        ListPosition::Index(start_index) => (format!(r#""startIndex":{},"#, start_index.get()), String::new()),
        ListPosition::Cursor { next } => {
            (String::new(), next.map_or(String::new(), |next| format!(r#""nextCursor":{},"#, Value::from(next))))
        }
    };
    let schemas = urn::LIST_RESPONSE;
    format!(r#"{{"schemas":["{schemas}"],{total}{start_index}"itemsPerPage":{items},{next_cursor}"Resources":["#)
}

/// The end of a ListResponse that [`list_head`] began.
pub const LIST_TAIL: &str = "]}";

/// A ListResponse of resources that are rendered already, in their order (LST-01 to LST-06).
///
/// `itemsPerPage` is the number of resources here; `Resources` is there even when empty.
pub fn list_response<'r>(
    total: impl Into<Option<u64>>,
    position: impl Into<ListPosition>,
    resources: impl Iterator<Item = &'r str>,
) -> String {
    let resources: Vec<&str> = resources.collect();
    let mut out = list_head(total.into(), position.into(), resources.len());
    let bytes: usize = resources.iter().map(|resource| resource.len() + 1).sum();
    out.reserve(bytes + LIST_TAIL.len());
    for (position, resource) in resources.iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        out.push_str(resource);
    }
    out.push_str(LIST_TAIL);
    out
}
