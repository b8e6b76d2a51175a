//! Fields that choose one of several things to happen.

use serde_json::json;
use utoipa::openapi::{RefOr, Schema};

/// An enum whose values and their meanings are part of its schema, so that the reference page and the API description say them.
macro_rules! choice {
    ($(#[doc = $doc:literal])* $name:ident { $($(#[doc = $meaning:literal])* $value:ident),+ $(,)? }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[doc = $meaning])* $value),+ }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                let values = [$((serde_json::json!(Self::$value), concat!($($meaning),*))),+];
                $crate::policy::choice::schema(concat!($($doc),*), &values)
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}

/// The schema of a choice: each value with its meaning.
pub(super) fn schema(description: &str, values: &[(serde_json::Value, &str)]) -> RefOr<Schema> {
    let one = |(value, meaning): &(serde_json::Value, &str)| json!({ "type": "string", "enum": [value], "description": meaning.trim() });
    let values: Vec<_> = values.iter().map(one).collect();
    let document = json!({ "description": description.trim(), "oneOf": values });
    RefOr::T(serde_json::from_value(document).expect("a list of texts is a schema"))
}
