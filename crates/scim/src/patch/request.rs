//! Reading a PATCH body in standard form.

use super::{Op, PatchError, PatchOp, PatchRequest};
use crate::{path::PatchPath, resource::value::kind_of, urn};
use serde_json::{Map, Value};

/// Most operations in one request: a whole user has fewer attributes, and a request must stay one short transaction.
const OPERATIONS_MAX: usize = 1_000;

impl PatchRequest {
    /// Reads a PATCH body. Members that RFC 7644 does not define are ignored.
    ///
    /// # Errors
    /// When the body is not an object, `schemas` lacks the PatchOp URN, `Operations` is not an array of 1 to 1,000 objects, an
    /// `op` is none of `add`, `remove` and `replace` (`invalidSyntax`), or a path is malformed (`invalidPath`).
    pub fn parse(body: Value) -> Result<Self, PatchError> {
        let Value::Object(mut body) = body else {
            return Err(PatchError::Syntax(format!("the body must be a JSON object, not {}", kind_of(&body))));
        };
        let schemas = body.get("schemas").and_then(Value::as_array);
        let is_patch = |urn: &Value| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(urn::PATCH_OP));
        if !schemas.is_some_and(|schemas| schemas.iter().any(is_patch)) {
            return Err(PatchError::Syntax(format!("`schemas` must be an array that contains {}", urn::PATCH_OP)));
        }
        let Some(Value::Array(operations)) = body.shift_remove("Operations") else {
            return Err(PatchError::Syntax("`Operations` must be an array".to_owned()));
        };
        if operations.is_empty() || operations.len() > OPERATIONS_MAX {
            return Err(PatchError::Syntax(format!("`Operations` must hold 1 to {OPERATIONS_MAX} operations")));
        }
        let operations = operations.into_iter().map(operation).collect::<Result<_, _>>()?;
        Ok(Self { operations, unknown: Vec::new() })
    }
}

fn operation(operation: Value) -> Result<PatchOp, PatchError> {
    let Value::Object(mut members) = operation else {
        return Err(PatchError::Syntax(format!("an operation must be an object, not {}", kind_of(&operation))));
    };
    let op = match members.get("op").and_then(Value::as_str) {
        Some("add") => Op::Add,
        Some("remove") => Op::Remove,
        Some("replace") => Op::Replace,
        Some(_) | None => return Err(PatchError::Syntax("`op` must be add, remove or replace".to_owned())),
    };
    Ok(PatchOp { op, path: path(&members)?, value: members.shift_remove("value") })
}

/// An empty path is none (PAT-30).
fn path(members: &Map<String, Value>) -> Result<Option<PatchPath>, PatchError> {
    match members.get("path") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(path)) if path.is_empty() => Ok(None),
        Some(Value::String(path)) => Ok(Some(PatchPath::parse(path)?)),
        Some(other) => Err(PatchError::Syntax(format!("`path` must be a string, not {}", kind_of(other)))),
    }
}
