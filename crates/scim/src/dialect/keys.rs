//! Spelling of the message's own words.

use super::Repairs;
use serde_json::{Map, Value};

/// Message members in another case: `{"operations":[{"Op":"replace","Path":"active"}]}` (PAT-05).
pub(super) fn restore_case(message: &mut Map<String, Value>, names: &[&str], repairs: &mut Repairs) {
    for name in names {
        let odd = message.keys().find(|key| key.eq_ignore_ascii_case(name) && key != name).cloned();
        let Some(odd) = odd.filter(|_| !message.contains_key(*name)) else { continue };
        repairs.add("key-case", format!("`{odd}` is `{name}`"));
        *message = std::mem::take(message)
            .into_iter()
            .map(|(key, value)| (if key == odd { (*name).to_owned() } else { key }, value))
            .collect();
    }
}

/// `{"op":"Replace"}`, as Entra sends without its `aadOptscim062020` flag (PIT-01).
pub(super) fn lower_op(operation: &mut Map<String, Value>, repairs: &mut Repairs) {
    let Some(Value::String(op)) = operation.get_mut("op") else { return };
    let lower = op.to_ascii_lowercase();
    if lower != *op && matches!(lower.as_str(), "add" | "remove" | "replace") {
        repairs.add("op-case", format!("`{op}` is `{lower}`"));
        *op = lower;
    }
}
