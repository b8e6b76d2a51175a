//! List answers and index paging (RFC 7644 §3.4.2).

use crate::{ScimError, ScimType, urn};
use std::fmt::Write as _;

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

/// Reads `startIndex` and `count` as they stand in a query; a page holds at most `max` resources.
///
/// Absent, they mean the first page of full size. Values below 1 mean the first position, and no resources (PGI-01 to
/// PGI-03, PGI-05); integers beyond 64 bits count as the largest.
///
/// # Errors
/// `invalidValue` when one of them is no integer (PGI-08).
pub fn page(start_index: Option<&str>, count: Option<&str>, max: u64) -> Result<PageRequest, ScimError> {
    let start_index = start_index.map_or(Ok(1), |text| natural("startIndex", text))?;
    let count = count.map_or(Ok(max), |text| natural("count", text))?;
    Ok(PageRequest { start_index: StartIndex::from(start_index), count: count.min(max) })
}

/// An integer of any size, brought into the range from 0 to the largest u64.
fn natural(name: &str, text: &str) -> Result<u64, ScimError> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ScimError::bad_request(ScimType::InvalidValue, format!("`{name}` must be an integer")));
    }
    if negative {
        return Ok(0);
    }
    let add = |value: u64, digit: u8| value.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
    Ok(digits.bytes().fold(0, add))
}

/// A ListResponse of resources that are rendered already, in their order (LST-01 to LST-06).
///
/// `total` counts all matches; `itemsPerPage` is the number of resources here; `Resources` is there even when empty.
pub fn list_response<'r>(
    total: u64,
    start_index: impl Into<StartIndex>,
    resources: impl Iterator<Item = &'r str>,
) -> String {
    let resources: Vec<&str> = resources.collect();
    let bytes: usize = resources.iter().map(|resource| resource.len() + 1).sum();
    let mut out = String::with_capacity(bytes + 192);
    write!(
        out,
        r#"{{"schemas":["{}"],"totalResults":{total},"startIndex":{},"itemsPerPage":{},"Resources":["#,
        urn::LIST_RESPONSE,
        start_index.into().get(),
        resources.len(),
    )
    .expect("a String takes all that is written");
    for (position, resource) in resources.iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        out.push_str(resource);
    }
    out.push_str("]}");
    out
}
