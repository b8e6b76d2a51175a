//! Policy documents: presets, and what an account's administrator sends.

use super::{Policy, sense};
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

/// The presets, by name, as the files that ship. `standard` comes first.
pub const PRESETS: [(&str, &str); 9] = [
    ("standard", STANDARD),
    ("directory", include_str!("../../presets/directory.json")),
    ("dsm", include_str!("../../presets/dsm.json")),
    ("fulcrum", include_str!("../../presets/fulcrum.json")),
    ("slack-like", include_str!("../../presets/slack-like.json")),
    ("github-like", include_str!("../../presets/github-like.json")),
    ("pagerduty-like", include_str!("../../presets/pagerduty-like.json")),
    ("snowflake-like", include_str!("../../presets/snowflake-like.json")),
    ("aws-like", include_str!("../../presets/aws-like.json")),
];

const STANDARD: &str = include_str!("../../presets/standard.json");

/// What a preset is for, in a few words; empty for a name that is none.
pub fn purpose(preset: &str) -> &'static str {
    match preset {
        "standard" => "plain SCIM 2.0: every attribute, strict",
        "directory" => "a directory that other applications are provisioned from",
        "dsm" => "as Fortanix Data Security Manager behaves with Entra ID",
        "fulcrum" => "as Fulcrum behaves: managed and unmanaged users live apart",
        "slack-like" => "as Slack: DELETE deactivates, tokens act on equal or lower rank",
        "github-like" => "as GitHub with managed users: everything locked to the identity provider",
        "pagerduty-like" => "as PagerDuty: deactivating removes, exactly one role",
        "snowflake-like" => "as Snowflake: groups are roles, one value per attribute",
        "aws-like" => "as AWS IAM Identity Center: names required, filters by eq and and",
        _ => "",
    }
}

/// Why a document is no policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// No preset of that name.
    #[error("there is no preset `{name}`: the presets are {}", names())]
    NoPreset {
        /// What was asked for.
        name: String,
    },
    /// Against the declared form; the sentence names the field.
    #[error("the policy document is not valid: {0}")]
    Form(String),
    /// A value that makes no sense.
    #[error("policy field `{field}`: {problem}")]
    Value {
        /// Which field.
        field: &'static str,
        /// What is wrong with it.
        problem: String,
    },
}

fn names() -> String {
    PRESETS.map(|(name, _)| format!("`{name}`")).join(", ")
}

/// The preset of that name.
///
/// # Errors
/// When there is none.
pub fn preset(name: &str) -> Result<Policy, PolicyError> {
    from_document(&Value::String(name.to_owned()))
}

/// Reads what an administrator sends: the name of a preset, or a document. A document may be partial: what it leaves out comes
/// from its `preset`, or from `standard`.
///
/// # Errors
/// Unknown presets, unknown fields and bad values, each named.
pub fn from_document(document: &Value) -> Result<Policy, PolicyError> {
    let name = match document {
        Value::String(name) => name.as_str(),
        Value::Object(fields) => match fields.get("preset") {
            None => "standard",
            Some(Value::String(name)) => name,
            Some(_) => return Err(PolicyError::Form("`preset` must be a string".to_owned())),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
            return Err(PolicyError::Form("expected the name of a preset or an object".to_owned()));
        }
    };
    let (_, text) = PRESETS
        .iter()
        .find(|(preset, _)| *preset == name)
        .ok_or_else(|| PolicyError::NoPreset { name: name.chars().take(64).collect() })?;
    let mut merged: Value = serde_json::from_str(text).map_err(|error| PolicyError::Form(error.to_string()))?;
    if document.is_object() {
        merge(&mut merged, document, 0)?;
    }
    let policy: Policy = serde_json::from_value(merged).map_err(|error| PolicyError::Form(error.to_string()))?;
    sense::check(&policy)?;
    Ok(policy)
}

/// Reads a policy as an account stores it. One that was stored before a field existed has what `standard` says for it: how things
/// were before.
pub(crate) fn stored<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Policy, D::Error> {
    let document = Value::deserialize(deserializer)?;
    let mut complete: Value = serde_json::from_str(STANDARD).map_err(de::Error::custom)?;
    merge(&mut complete, &document, 0).map_err(de::Error::custom)?;
    serde_json::from_value(complete).map_err(de::Error::custom)
}

/// Sections deep; a document that nests further is none.
const DEPTH_MAX: usize = 4;

fn merge(base: &mut Value, over: &Value, depth: usize) -> Result<(), PolicyError> {
    if depth > DEPTH_MAX {
        return Err(PolicyError::Form("nested too deeply".to_owned()));
    }
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (name, value) in over {
                match base.get_mut(name) {
                    Some(known) if known.is_object() && value.is_object() => merge(known, value, depth + 1)?,
                    _ => drop(base.insert(name.clone(), value.clone())),
                }
            }
        }
        (base, over) => *base = over.clone(),
    }
    Ok(())
}
