//! What clients really send, brought into standard form before the core sees it.
//!
//! One small function for each quirk, with the odd payload in its comment. What is standard already passes unchanged and
//! without a [`Repair`]; what no function here knows passes unchanged too, for the core to refuse.

mod keys;
mod paths;
mod removal;
mod role;
mod values;

pub use role::unpack_role;

use crate::ResourceType;
use serde_json::{Map, Value};

/// One rewrite of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    /// Which quirk: `op-case`, `boolean-text`, …
    pub code: &'static str,
    /// Where it was and what it became; names and forms only, never a person's data.
    pub detail: String,
}

/// The code of a PATCH without operations: the caller answers it as its policy says (RFC 7644 §3.5.2 wants one or more).
pub const EMPTY_OPERATIONS: &str = "empty-operations";

/// Most repairs that are reported of one body: enough to see what the client does. The rest is done in silence.
const REPAIRS_MAX: usize = 100;

/// Brings a PATCH body into the form that [`PatchRequest::parse`](crate::PatchRequest::parse) reads.
///
/// One operation may become several, in its place. When none is left, a repair with the code [`EMPTY_OPERATIONS`] says so.
pub fn normalise_patch(mut body: Value, kind: &ResourceType) -> (Value, Vec<Repair>) {
    let mut repairs = Repairs { place: String::new(), list: Vec::new() };
    let Value::Object(message) = &mut body else { return (body, repairs.list) };
    keys::restore_case(message, &["schemas", "Operations"], &mut repairs);
    if let Some(Value::Array(operations)) = message.get_mut("Operations") {
        let mut normal = Vec::with_capacity(operations.len());
        for (position, operation) in std::mem::take(operations).into_iter().enumerate() {
            repairs.place = format!("operation {}: ", position + 1);
            match operation {
                Value::Object(members) => normal.extend(operation_of(members, kind, &mut repairs)),
                other => normal.push(other),
            }
        }
        repairs.place.clear();
        if normal.is_empty() {
            let detail = "`Operations` holds nothing to do".to_owned();
            repairs.list.push(Repair { code: EMPTY_OPERATIONS, detail });
        }
        *operations = normal;
    }
    (body, repairs.list)
}

/// Brings the body of a POST or PUT into the form that [`ResourceType::read`] reads.
pub fn normalise_resource(mut body: Value, kind: &ResourceType) -> (Value, Vec<Repair>) {
    let mut repairs = Repairs { place: String::new(), list: Vec::new() };
    if let Value::Object(members) = &mut body {
        values::in_members(members, kind, false, &mut repairs);
    }
    (body, repairs.list)
}

/// The repairs so far, and where the next one is.
struct Repairs {
    place: String,
    list: Vec<Repair>,
}

impl Repairs {
    fn add(&mut self, code: &'static str, what: impl AsRef<str>) {
        if self.list.len() < REPAIRS_MAX {
            self.list.push(Repair { code, detail: format!("{}{}", self.place, what.as_ref()) });
        }
    }
}

/// One operation as the operations in standard form that it means.
fn operation_of(mut operation: Map<String, Value>, kind: &ResourceType, repairs: &mut Repairs) -> Vec<Value> {
    keys::restore_case(&mut operation, &["op", "path", "value"], repairs);
    keys::lower_op(&mut operation, repairs);
    paths::drop_empty(&mut operation, repairs);
    let mut normal = Vec::new();
    for mut operation in paths::split_by_key(operation, kind, repairs) {
        paths::qualify(&mut operation, kind, repairs);
        paths::drop_reference_filter(&mut operation, kind, repairs);
        values::in_operation(&mut operation, kind, repairs);
        normal.extend(removal::by_value(operation, kind, repairs).into_iter().map(Value::Object));
    }
    normal
}
