//! Reading the message: what is wrong with it as a whole, and what with an operation alone.

use super::{BulkMethod, BulkOperation, BulkRequest, MalformedOperation, references::unescaped};
use crate::{ScimError, ScimType, resource::value::kind_of, urn};
use serde_json::{Map, Value};
use std::{borrow::Cow, collections::HashSet};

/// Most bytes of a bulkId: several times a UUID with a prefix.
const BULK_ID_BYTES_MAX: usize = 256;
/// Most bytes of a path: an endpoint and an id, escaped.
const PATH_BYTES_MAX: usize = 1_024;
/// Most bytes of an entity tag.
const VERSION_BYTES_MAX: usize = 256;
/// Most bytes of an unknown method that an answer repeats.
const METHOD_BYTES_MAX: usize = 16;

impl BulkRequest {
    /// Reads a body of at most `operations_max` operations; names of members ignore case, null counts as absent, and members
    /// that RFC 7644 does not define are ignored. The limit on bytes is held where the body is read.
    ///
    /// Only a POST claims its bulkId; other operations may repeat one.
    ///
    /// # Errors
    /// 413 naming `maxOperations` (BLK-27); 400 `invalidSyntax` when the body is no BulkRequest (BLK-02); 400 `invalidValue`
    /// when `failOnErrors` is no integer from 1 up (BLK-19).
    pub fn parse(body: Value, operations_max: usize) -> Result<Self, ScimError> {
        let Value::Object(mut message) = body else {
            return Err(syntax(format!("a bulk request is a JSON object, not {}", kind_of(&body))));
        };
        let schemas = take(&mut message, "schemas");
        let is_bulk = |listed: &Value| listed.as_str().is_some_and(|one| one.eq_ignore_ascii_case(urn::BULK_REQUEST));
        if !schemas.as_ref().and_then(Value::as_array).is_some_and(|listed| listed.iter().any(is_bulk)) {
            return Err(syntax(format!("`schemas` of a bulk request must contain {}", urn::BULK_REQUEST)));
        }
        let Some(Value::Array(operations)) = take(&mut message, "Operations") else {
            return Err(syntax("`Operations` of a bulk request must be an array"));
        };
        if operations.len() > operations_max {
            let given = operations.len();
            let detail =
                format!("the bulk request holds {given} operations, which exceeds maxOperations ({operations_max})");
            return Err(ScimError::status(413, detail));
        }
        let fail_on_errors = match take(&mut message, "failOnErrors") {
            None => None,
            Some(given) => match given.as_u64().filter(|errors| *errors > 0) {
                Some(errors) => Some(errors),
                None => return Err(value("`failOnErrors` must be an integer from 1 up")),
            },
        };
        let mut claimed = HashSet::new();
        let operations = operations.into_iter().map(|operation| read(operation, &mut claimed)).collect();
        Ok(Self { fail_on_errors, operations })
    }
}

/// One operation; `claimed` holds the bulkIds of the POSTs before it.
fn read(operation: Value, claimed: &mut HashSet<String>) -> Result<BulkOperation, MalformedOperation> {
    let mut refused = MalformedOperation { method: None, bulk_id: None, path: None, error: value(String::new()) };
    let Value::Object(mut members) = operation else {
        refused.error = syntax(format!("a bulk operation is an object, not {}", kind_of(&operation)));
        return Err(refused);
    };
    let method = method(&mut members, &mut refused);
    let bulk_id = text(&mut members, "bulkId", BULK_ID_BYTES_MAX);
    refused.bulk_id = bulk_id.as_ref().ok().cloned().flatten();
    let path = path(&mut members);
    refused.path = path.as_ref().ok().cloned();
    let finish = || {
        let method = method?;
        let bulk_id = claim(method, bulk_id?, claimed)?;
        let path = usable(path?)?;
        let version = text(&mut members, "version", VERSION_BYTES_MAX)?;
        Ok(BulkOperation { method, bulk_id, path, version, data: data(method, &mut members)? })
    };
    finish().map_err(|error| MalformedOperation { error, ..refused })
}

fn method(members: &mut Map<String, Value>, refused: &mut MalformedOperation) -> Result<BulkMethod, ScimError> {
    let word = match take(members, "method") {
        None => return Err(syntax("`method` of a bulk operation is missing")),
        Some(Value::String(word)) => word,
        Some(other) => return Err(value(format!("`method` must be a string, not {}", kind_of(&other)))),
    };
    let known = BulkMethod::from_word(&word);
    let is_shown = word.len() <= METHOD_BYTES_MAX && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    refused.method = match known {
        Some(method) => Some(method.as_str().to_owned()),
        None => Some(word).filter(|_| is_shown),
    };
    known.ok_or_else(|| value("`method` must be POST, PUT, PATCH or DELETE"))
}

/// A POST needs a bulkId that no POST before it has (BLK-05, BLK-06).
fn claim(
    method: BulkMethod,
    bulk_id: Option<String>,
    claimed: &mut HashSet<String>,
) -> Result<Option<String>, ScimError> {
    if method != BulkMethod::Post {
        return Ok(bulk_id);
    }
    match bulk_id.filter(|id| !id.is_empty()) {
        None => Err(syntax("a POST in a bulk request needs a `bulkId`")),
        Some(id) if claimed.insert(id.clone()) => Ok(Some(id)),
        Some(_) => Err(value("`bulkId` is that of an earlier operation of the request")),
    }
}

/// A path below the service's root; the slash in front may be missing.
fn path(members: &mut Map<String, Value>) -> Result<String, ScimError> {
    let given = text(members, "path", PATH_BYTES_MAX)?.filter(|path| !path.is_empty());
    let path = given.ok_or_else(|| syntax("`path` of a bulk operation is missing"))?;
    let is_odd = |byte: u8| byte.is_ascii_whitespace() || byte.is_ascii_control() || matches!(byte, b'?' | b'#');
    if path.contains("://") || path.starts_with("//") || path.bytes().any(is_odd) {
        return Err(value("`path` must be a path below the service's root, such as /Users"));
    }
    Ok(if path.starts_with('/') { path } else { format!("/{path}") })
}

/// No bulk within a bulk, and no search (BLK-29).
fn usable(path: String) -> Result<String, ScimError> {
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    let mut names = segments.map(|segment| unescaped(segment).unwrap_or(Cow::Borrowed(segment)));
    let first = names.next().unwrap_or_default();
    let is_search = |name: &str| name.eq_ignore_ascii_case(".search");
    if first.eq_ignore_ascii_case("Bulk") || is_search(&first) || names.any(|name| is_search(&name)) {
        return Err(value(
            "`path` must name an endpoint of resources or a resource: bulk and search requests cannot be nested",
        ));
    }
    Ok(path)
}

/// The body of the single request: an object for all but DELETE, whose data is dropped (BLK-08, BLK-09).
fn data(method: BulkMethod, members: &mut Map<String, Value>) -> Result<Option<Value>, ScimError> {
    match (method, take(members, "data")) {
        (BulkMethod::Delete, _) => Ok(None),
        (BulkMethod::Post | BulkMethod::Put | BulkMethod::Patch, Some(data @ Value::Object(_))) => Ok(Some(data)),
        (_, Some(other)) => Err(syntax(format!("`data` must be a JSON object, not {}", kind_of(&other)))),
        (_, None) => Err(syntax(format!("a {} in a bulk request needs `data`", method.as_str()))),
    }
}

fn text(members: &mut Map<String, Value>, name: &str, bytes_max: usize) -> Result<Option<String>, ScimError> {
    match take(members, name) {
        None => Ok(None),
        Some(Value::String(text)) if text.len() > bytes_max => {
            Err(value(format!("`{name}` may have {bytes_max} bytes")))
        }
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(value(format!("`{name}` must be a string, not {}", kind_of(&other)))),
    }
}

/// Takes a member out, whatever the case of its name; null is none.
fn take(members: &mut Map<String, Value>, name: &str) -> Option<Value> {
    let key = members.keys().find(|key| key.eq_ignore_ascii_case(name))?.clone();
    members.swap_remove(&key).filter(|value| !value.is_null())
}

fn syntax(detail: impl Into<String>) -> ScimError {
    ScimError::bad_request(ScimType::InvalidSyntax, detail)
}

fn value(detail: impl Into<String>) -> ScimError {
    ScimError::bad_request(ScimType::InvalidValue, detail)
}
