//! The answer to a bulk request (RFC 7644 §3.7.3).

use super::{BulkMethod, BulkOperation, MalformedOperation};
use crate::{ScimError, urn};
use serde_json::Value;

/// What came of one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkResult {
    /// The method as the answer shows it.
    pub method: Option<String>,
    /// The operation's bulkId.
    pub bulk_id: Option<String>,
    /// The absolute URL of the resource; not shown for a POST that failed, which made none (BLK-13).
    pub location: Option<String>,
    /// The HTTP status of the single request.
    pub status: u16,
    /// The entity tag of the resource after the operation.
    pub version: Option<String>,
    /// The body of the single request's answer, as JSON text; needed when `status` is not 2xx (BLK-12).
    pub response: Option<String>,
}

impl BulkResult {
    /// The result of an operation that succeeded, without a body.
    pub fn done(operation: &BulkOperation, status: u16, location: String, version: Option<String>) -> Self {
        Self {
            method: Some(operation.method.as_str().to_owned()),
            bulk_id: operation.bulk_id.clone(),
            location: Some(location),
            status,
            version,
            response: None,
        }
    }

    /// The result of an operation that failed; `location` is that of the resource it addressed.
    pub fn failed(operation: &BulkOperation, location: Option<String>, error: &ScimError) -> Self {
        Self {
            method: Some(operation.method.as_str().to_owned()),
            bulk_id: operation.bulk_id.clone(),
            location,
            status: error.status,
            version: None,
            response: Some(error.to_json()),
        }
    }

    /// The result of an operation that could not be read.
    pub fn malformed(operation: &MalformedOperation, location: Option<String>) -> Self {
        Self {
            method: operation.method.clone(),
            bulk_id: operation.bulk_id.clone(),
            location,
            status: operation.error.status,
            version: None,
            response: Some(operation.error.to_json()),
        }
    }

    /// Whether it counts towards `failOnErrors`.
    pub fn is_error(&self) -> bool {
        !(200..300).contains(&self.status)
    }

    fn write(&self, out: &mut String) {
        let is_failed_post = self.is_error() && self.method.as_deref() == Some(BulkMethod::Post.as_str());
        let status = self.status.to_string();
        let members = [
            ("location", self.location.as_deref().filter(|_| !is_failed_post)),
            ("method", self.method.as_deref()),
            ("bulkId", self.bulk_id.as_deref()),
            ("version", self.version.as_deref()),
            ("status", Some(status.as_str())),
        ];
        out.push('{');
        for (name, text) in members.into_iter().filter_map(|(name, text)| Some((name, text?))) {
            if !out.ends_with('{') {
                out.push(',');
            }
            out.push_str(&format!("\"{name}\":{}", Value::from(text)));
        }
        if let Some(response) = &self.response {
            out.push_str(",\"response\":");
            out.push_str(response);
        }
        out.push('}');
    }
}

/// A BulkResponse of the operations that were processed, in the order given (BLK-03, BLK-12 to BLK-17).
pub fn bulk_response(results: &[BulkResult]) -> String {
    let bodies: usize = results.iter().filter_map(|result| result.response.as_ref()).map(String::len).sum();
    let mut out = String::with_capacity(bodies + results.len() * 256 + 128);
    out.push_str(&format!(r#"{{"schemas":["{}"],"Operations":["#, urn::BULK_RESPONSE));
    for (position, result) in results.iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        result.write(&mut out);
    }
    out.push_str("]}");
    out
}
