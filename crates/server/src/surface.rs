//! Which contract a path belongs to, and the form of an error there.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use provost_scim::ScimError;

use crate::page;
use crate::problem::{self, Problem};
use crate::scim_reply;

/// The contracts this server keeps; each has its own form of error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Surface {
    /// `/scim` and below: SCIM errors (RFC 7644 §3.12).
    Scim,
    /// `/api` and below: problem details (RFC 9457).
    Api,
    /// `/console`, `/problems`, `/verify` and below: pages for people.
    Page,
    /// Everything else; problem details too.
    Other,
}

impl Surface {
    /// The surface a request path belongs to.
    pub fn of(path: &str) -> Self {
        let below = |base: &str| path.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if below("/scim") {
            Self::Scim
        } else if below("/api") {
            Self::Api
        } else if below("/console") || below("/problems") || below("/verify") {
            Self::Page
        } else {
            Self::Other
        }
    }

    /// The metrics label.
    pub fn name(self) -> &'static str {
        match self {
            Self::Scim => "scim",
            Self::Api => "api",
            Self::Page => "page",
            Self::Other => "other",
        }
    }

    /// An error answer in the form of this surface.
    pub fn error(self, status: StatusCode, detail: &str) -> Response {
        match self {
            Self::Scim => scim_reply::error(&ScimError::status(status.as_u16(), detail)),
            Self::Page => page::page(status, status.canonical_reason().unwrap_or("Error"), detail, None),
            Self::Api | Self::Other => Problem::new(status, detail).into_response(),
        }
    }

    /// The content type of its errors.
    pub(crate) fn error_content_type(self) -> &'static str {
        match self {
            Self::Scim => scim_reply::CONTENT_TYPE,
            Self::Page => page::HTML,
            Self::Api | Self::Other => problem::CONTENT_TYPE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_surface_is_a_whole_first_segment() {
        for (path, surface) in [
            ("/scim", Surface::Scim),
            ("/scim/v2/Users", Surface::Scim),
            ("/scimitar", Surface::Other),
            ("/api/v1/accounts", Surface::Api),
            ("/apis", Surface::Other),
            ("/verify/prv_verify_1", Surface::Page),
            ("/console/accounts", Surface::Page),
            ("/consoles", Surface::Other),
            ("/metrics", Surface::Other),
            ("/", Surface::Other),
            ("", Surface::Other),
        ] {
            assert_eq!(Surface::of(path), surface, "{path}");
        }
    }
}
