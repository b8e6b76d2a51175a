//! SCIM 2.0 (RFC 7643, 7644) as pure data and functions.
//!
//! Nothing here knows a runtime, HTTP, SQL, a clock or an account. Start reading at [`ResourceType`] (what a resource may
//! look like), then [`Resource`] (one resource in canonical form), [`Filter`] and [`PatchRequest`] (what clients send),
//! and [`dialect`] (what clients *really* send, and how it becomes standard form).

mod bulk;
mod custom;
pub mod dialect;
pub mod discovery;
mod error;
mod filter;
mod index_value;
mod instant;
pub mod json;
mod keys;
mod lex;
mod membership;
pub mod message;
mod patch;
mod path;
mod projection;
mod query;
mod resource;
mod resource_type;
mod retry_after;
mod schema;
mod search_request;
mod sort;
pub mod text;

pub use bulk::{
    BulkMethod, BulkOperation, BulkRequest, BulkResult, MalformedOperation, Ordered, Unresolved, bulk_response,
};
pub use error::{ScimError, ScimType};
pub use filter::{Comparison, Filter, FilterError, Literal, Operator};
pub use membership::{Element, ElementStep};
pub use patch::{NoMatch, Op, PatchError, PatchOp, PatchRequest, Patched};
pub use path::{AttrPath, PatchPath, PathError};
pub use projection::{Projection, Sent};
pub use query::{EdgeTerms, Field, Query, QueryError};
pub use resource::{Incoming, Meta, Resource, ValueError, render, render_with};
pub use resource_type::{ResourceType, Target, UnknownAttribute};
pub use retry_after::retry_after;
pub use schema::{Attribute, Mutability, Returned, Schema, SchemaError, Type, Uniqueness};
pub use search_request::SearchRequest;
pub use sort::{SortBy, SortKey, SortOrder};

/// Schema URIs of RFC 7643 and message URIs of RFC 7644.
pub mod urn {
    /// Core User schema (RFC 7643 §4.1).
    pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
    /// Core Group schema (RFC 7643 §4.2).
    pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
    /// Enterprise User extension (RFC 7643 §4.3).
    pub const ENTERPRISE_USER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    /// Service provider configuration (RFC 7643 §5).
    pub const SERVICE_PROVIDER_CONFIG: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
    /// Resource type (RFC 7643 §6).
    pub const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
    /// Schema definition (RFC 7643 §7).
    pub const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
    /// List answer (RFC 7644 §3.4.2).
    pub const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
    /// Search by POST (RFC 7644 §3.4.3).
    pub const SEARCH_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
    /// PATCH request (RFC 7644 §3.5.2).
    pub const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
    /// Bulk request (RFC 7644 §3.7).
    pub const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
    /// Bulk answer (RFC 7644 §3.7).
    pub const BULK_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
    /// Error answer (RFC 7644 §3.12).
    pub const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
}
