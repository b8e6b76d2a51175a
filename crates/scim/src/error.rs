//! SCIM errors (RFC 7644 §3.12).

use serde::Serialize;

/// `scimType` keywords: RFC 7644 Table 9, and RFC 9865 Table 3 for paging by cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub enum ScimType {
    InvalidFilter,
    TooMany,
    Uniqueness,
    Mutability,
    InvalidSyntax,
    InvalidPath,
    NoTarget,
    InvalidValue,
    InvalidVers,
    Sensitive,
    InvalidCursor,
    ExpiredCursor,
    InvalidCount,
}

/// What a SCIM error answer says: status, keyword and a sentence for the person who reads the client's log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct ScimError {
    /// HTTP status, 4xx or 5xx.
    pub status: u16,
    /// Keyword, where RFC 7644 defines one.
    pub scim_type: Option<ScimType>,
    /// What was wrong, with the attribute, and what to do.
    pub detail: String,
}

impl ScimError {
    /// A 400 with its keyword.
    pub fn bad_request(scim_type: ScimType, detail: impl Into<String>) -> Self {
        Self { status: 400, scim_type: Some(scim_type), detail: detail.into() }
    }

    /// An error of another status, for which RFC 7644 has no keyword.
    pub fn status(status: u16, detail: impl Into<String>) -> Self {
        Self { status, scim_type: None, detail: detail.into() }
    }

    /// The body of RFC 7644 §3.12; `status` is a string there.
    pub fn to_json(&self) -> String {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Body<'a> {
            schemas: [&'static str; 1],
            status: String,
            #[serde(skip_serializing_if = "Option::is_none")]
            scim_type: Option<ScimType>,
            detail: &'a str,
        }
        serde_json::to_string(&Body {
            schemas: [crate::urn::ERROR],
            status: self.status.to_string(),
            scim_type: self.scim_type,
            detail: &self.detail,
        })
        .expect("strings and enums serialise")
    }
}
