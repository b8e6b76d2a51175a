//! Searching by POST (RFC 7644 §3.4.3): a query whose parameters stand in the body, out of the way of logs and proxies.

use crate::{ScimError, ScimType, urn};
use serde_json::{Map, Number, Value};

/// A SearchRequest, its parameters as they would stand in a query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchRequest {
    /// `attributes`, joined by commas.
    pub attributes: Option<String>,
    /// `excludedAttributes`, joined by commas.
    pub excluded_attributes: Option<String>,
    /// `filter`.
    pub filter: Option<String>,
    /// `startIndex`, a number; [`paging`](crate::message::paging) judges whether it is an integer.
    pub start_index: Option<String>,
    /// `count`, a number likewise.
    pub count: Option<String>,
    /// `sortBy`, in attribute notation.
    pub sort_by: Option<String>,
    /// `sortOrder`.
    pub sort_order: Option<String>,
    /// `cursor` (RFC 9865 §3); empty for the first page (PGC-17).
    pub cursor: Option<String>,
}

impl SearchRequest {
    /// Reads a body; names of members ignore case, null counts as absent.
    ///
    /// # Errors
    /// `invalidSyntax` for another message (SEA-05), `invalidValue` naming a member of the wrong type (SEA-07).
    pub fn parse(body: &Value) -> Result<Self, ScimError> {
        let syntax = |detail: &str| ScimError::bad_request(ScimType::InvalidSyntax, detail);
        let Value::Object(members) = body else { return Err(syntax("a search request is a JSON object")) };
        let is_request =
            |listed: &Value| listed.as_str().is_some_and(|one| one.eq_ignore_ascii_case(urn::SEARCH_REQUEST));
        if !member(members, "schemas").and_then(Value::as_array).is_some_and(|listed| listed.iter().any(is_request)) {
            return Err(syntax(&format!("`schemas` of a search request must contain `{}`", urn::SEARCH_REQUEST)));
        }
        Ok(Self {
            attributes: names(members, "attributes")?,
            excluded_attributes: names(members, "excludedAttributes")?,
            filter: text(members, "filter")?,
            start_index: number(members, "startIndex")?,
            count: number(members, "count")?,
            sort_by: text(members, "sortBy")?,
            sort_order: text(members, "sortOrder")?,
            cursor: text(members, "cursor")?,
        })
    }
}

fn member<'m>(members: &'m Map<String, Value>, name: &str) -> Option<&'m Value> {
    let found = members.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value).filter(|value| !value.is_null())
}

fn wrong(name: &str, expected: &str) -> ScimError {
    ScimError::bad_request(ScimType::InvalidValue, format!("`{name}` must be {expected}"))
}

/// A list of names, or one name on its own (PRJ-03).
fn names(members: &Map<String, Value>, name: &str) -> Result<Option<String>, ScimError> {
    let expected = || wrong(name, "a list of attribute names");
    match member(members, name) {
        None => Ok(None),
        Some(Value::String(one)) => Ok(Some(one.clone())),
        Some(Value::Array(list)) => {
            let list: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
            Ok(Some(list.ok_or_else(expected)?.join(",")))
        }
        Some(Value::Bool(_) | Value::Number(_) | Value::Object(_) | Value::Null) => Err(expected()),
    }
}

fn text(members: &Map<String, Value>, name: &str) -> Result<Option<String>, ScimError> {
    member(members, name)
        .map(|value| value.as_str().map(str::to_owned).ok_or_else(|| wrong(name, "a string")))
        .transpose()
}

fn number(members: &Map<String, Value>, name: &str) -> Result<Option<String>, ScimError> {
    let text = |value: &Value| value.as_number().map(Number::to_string);
    member(members, name).map(|value| text(value).ok_or_else(|| wrong(name, "an integer"))).transpose()
}
