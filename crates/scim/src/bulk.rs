//! Bulk requests (RFC 7644 §3.7): many operations in one message, which may refer to what others of them create.
//!
//! Parse the message, [`order`](BulkRequest::order) its operations, [`resolve`](BulkOperation::resolved) the references of
//! each with the ids known so far, run it as the single request that it stands for, and answer with [`bulk_response`].

mod order;
mod references;
mod request;
mod response;

pub use order::Ordered;
pub use references::Unresolved;
pub use response::{BulkResult, bulk_response};

use crate::ScimError;
use serde_json::Value;

/// A bulk request whose operations are checked one by one.
#[derive(Clone, Debug, PartialEq)]
pub struct BulkRequest {
    /// After so many errors no further operation is run; never 0. `None` runs them all (BLK-15, BLK-16).
    pub fail_on_errors: Option<u64>,
    /// In the order of the request; one that is malformed fails alone.
    pub operations: Vec<Result<BulkOperation, MalformedOperation>>,
}

/// One operation: a request without its headers.
#[derive(Clone, Debug, PartialEq)]
pub struct BulkOperation {
    /// What is done.
    pub method: BulkMethod,
    /// The client's name for what a POST creates; of other methods, for the answer only.
    pub bulk_id: Option<String>,
    /// Below the service's root, beginning with a slash: `/Users`, `/Users/{id}`.
    pub path: String,
    /// The entity tag that a PUT, PATCH or DELETE expects, as If-Match would have it (BLK-11).
    pub version: Option<String>,
    /// The body of the single request, an object; `None` exactly for DELETE.
    pub data: Option<Value>,
}

/// Methods of bulk operations (RFC 7644 §3.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum BulkMethod {
    Post,
    Put,
    Patch,
    Delete,
}

/// An operation that cannot be run: what it gave that its answer repeats, and why it fails (BLK-06, BLK-29).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MalformedOperation {
    /// The method as sent, where it looks like one.
    pub method: Option<String>,
    /// The bulkId, where it is within its bounds.
    pub bulk_id: Option<String>,
    /// The path, where it is one: the location that the answer carries follows from it.
    pub path: Option<String>,
    /// 400, with a keyword.
    pub error: ScimError,
}

impl BulkMethod {
    const ALL: [Self; 4] = [Self::Post, Self::Put, Self::Patch, Self::Delete];

    /// The method as it stands in HTTP, in capitals.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// The method that a word stands for, in any case.
    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str().eq_ignore_ascii_case(word))
    }
}
