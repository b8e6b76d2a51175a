//! The requests that Entra sends, to the byte where that is known.

pub(crate) mod bulk;
mod create;
mod form;
pub(crate) mod lookup;
mod members;
mod patch;
mod query;
pub(crate) mod together;

use crate::{Compatibility, CompiledObjects, Dialect, Method, Objects, Request};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use provost_scim::urn;
use serde_json::{Value as Json, json};

/// Members in one request: a hundred ids are some five kilobytes, and a target that limits operations takes a hundred.
pub const MEMBERS_MAX: usize = 100;

/// Writes the requests about one kind of object, in one dialect.
#[derive(Clone, Copy, Debug)]
pub struct Wire<'c> {
    objects: &'c CompiledObjects,
    dialect: Dialect,
}

impl CompiledObjects {
    /// Requests about such objects in a dialect.
    pub fn wire(&self, dialect: Dialect) -> Wire<'_> {
        Wire { objects: self, dialect }
    }
}

impl Wire<'_> {
    /// Removes a resource.
    pub fn delete(&self, id: &str) -> Request {
        Request::plain(Method::Delete, self.resource(id))
    }

    /// `/Users` or `/Groups`.
    pub fn endpoint(&self) -> &'static str {
        match self.objects.of {
            Objects::Users => "/Users",
            Objects::Groups => "/Groups",
        }
    }

    pub(crate) fn resource(&self, id: &str) -> String {
        format!("{}/{}", self.endpoint(), encoded(id))
    }

    fn compatibility(&self) -> &Compatibility {
        &self.objects.compatibility
    }

    fn patch(&self, id: &str, operations: Vec<Json>) -> Request {
        let body = json!({ "schemas": [urn::PATCH_OP], "Operations": operations });
        Request::with(Method::Patch, self.resource(id), &body)
    }
}

/// What stays as it is in a query or a segment of a path (RFC 3986, section 2.3).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}
