//! The paths under the SCIM base and the methods that each answers.

use crate::{app::Failure, scim_reply};
use axum::{
    http::{HeaderValue, Method, StatusCode, header::ALLOW},
    response::{IntoResponse, Response},
};
use provost_scim::{ScimError, ScimType};

/// What a path names. Ids are not read yet: what is no id of ours names nothing that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// All users.
    Users,
    /// One user.
    User(String),
    /// All groups.
    Groups,
    /// One group.
    Group,
    /// Discovery.
    Discovery(Discovery),
    /// A search by POST.
    Search(Over),
    /// In the standard, but not offered here: 501.
    NotOffered(&'static str),
}

/// What a search looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    /// Resources of all types.
    All,
    /// Users.
    Users,
    /// Groups.
    Groups,
}

/// A discovery document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Discovery {
    /// `/ServiceProviderConfig`.
    ServiceProviderConfig,
    /// `/ResourceTypes`.
    ResourceTypes,
    /// `/ResourceTypes/{name}`.
    ResourceType(String),
    /// `/Schemas`.
    Schemas,
    /// `/Schemas/{urn}`, percent-decoded.
    Schema(String),
}

/// The base that the client uses (`/scim/v2` or `/scim`) and what the rest of the path names.
pub(super) fn of(path: &str) -> (&'static str, Result<Route, Failure>) {
    let rest = path.strip_prefix("/scim").unwrap_or_default();
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    let (first, below) = rest.split_once('/').unwrap_or((rest, ""));
    match first {
        "v2" => ("/scim/v2", named(below)),
        version if is_version(version) => ("/scim", Err(unsupported(version))),
        _ => ("/scim", named(rest)),
    }
}

fn is_version(segment: &str) -> bool {
    segment
        .strip_prefix('v')
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

fn unsupported(version: &str) -> Failure {
    let version: String = version.chars().take(16).collect();
    ScimError::bad_request(ScimType::InvalidVers, format!("version `{version}` is not offered; use /scim/v2")).into()
}

fn named(path: &str) -> Result<Route, Failure> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let segments: Vec<&str> = path.split('/').collect();
    match segments.as_slice() {
        ["Users"] => Ok(Route::Users),
        ["Groups"] => Ok(Route::Groups),
        ["Me"] => Ok(Route::NotOffered("/Me")),
        ["Bulk"] => Ok(Route::NotOffered("/Bulk")),
        [".search"] => Ok(Route::Search(Over::All)),
        ["Users", ".search"] => Ok(Route::Search(Over::Users)),
        ["Groups", ".search"] => Ok(Route::Search(Over::Groups)),
        ["Users", id] if !id.is_empty() => Ok(Route::User((*id).to_owned())),
        ["Groups", id] if !id.is_empty() => Ok(Route::Group),
        ["ServiceProviderConfig"] => Ok(Route::Discovery(Discovery::ServiceProviderConfig)),
        ["ResourceTypes"] => Ok(Route::Discovery(Discovery::ResourceTypes)),
        ["ResourceTypes", name] => Ok(Route::Discovery(Discovery::ResourceType((*name).to_owned()))),
        ["Schemas"] => Ok(Route::Discovery(Discovery::Schemas)),
        ["Schemas", urn] => {
            let urn = percent_encoding::percent_decode_str(urn).decode_utf8_lossy().into_owned();
            Ok(Route::Discovery(Discovery::Schema(urn)))
        }
        _ => Err(Failure::NoRoute),
    }
}

impl Route {
    /// The methods that the path answers, as `Allow` lists them.
    pub(super) fn allowed(&self) -> &'static str {
        match self {
            Self::Users | Self::Groups => "GET, HEAD, POST, OPTIONS",
            Self::User(_) | Self::Group => "GET, HEAD, PUT, PATCH, DELETE, OPTIONS",
            Self::Discovery(_) => "GET, HEAD, OPTIONS",
            Self::Search(_) => "POST, OPTIONS",
            Self::NotOffered(_) => "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
        }
    }

    /// What a request to change something is called in the audit log; `None` for a request that only reads.
    pub(super) fn write(&self, method: &Method) -> Option<&'static str> {
        match (self, method.as_str()) {
            (Self::Users, "POST") => Some("user.create"),
            (Self::User(_), "PUT" | "PATCH") => Some("user.update"),
            (Self::User(_), "DELETE") => Some("user.delete"),
            (Self::Groups, "POST") => Some("group.create"),
            (Self::Group, "PUT" | "PATCH") => Some("group.update"),
            (Self::Group, "DELETE") => Some("group.delete"),
            (Self::NotOffered(_), "POST" | "PUT" | "PATCH" | "DELETE") => Some("scim.write"),
            (_, _) => None,
        }
    }

    /// The method, when the path answers it; HEAD counts as GET (the listener leaves the body out).
    pub(super) fn method(&self, method: &Method) -> Result<Method, Failure> {
        let allowed = self.allowed();
        if !allowed.split(", ").any(|name| name == method.as_str()) {
            return Err(Failure::Method(allowed));
        }
        Ok(if *method == Method::HEAD { Method::GET } else { method.clone() })
    }
}

/// What a path can do; needs no key and reads nothing.
pub(super) fn options(route: Route) -> Response {
    let mut answer = StatusCode::NO_CONTENT.into_response();
    answer.headers_mut().insert(ALLOW, HeaderValue::from_static(route.allowed()));
    if matches!(route, Route::User(_) | Route::Group) {
        answer.headers_mut().insert("accept-patch", HeaderValue::from_static(scim_reply::CONTENT_TYPE));
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_the_same_under_both_bases() {
        for (path, base, route) in [
            ("/scim/v2/Users", "/scim/v2", Route::Users),
            ("/scim/Users", "/scim", Route::Users),
            ("/scim/v2/Users/", "/scim/v2", Route::Users),
            ("/scim/v2/Users/7", "/scim/v2", Route::User("7".to_owned())),
            ("/scim/v2/Me", "/scim/v2", Route::NotOffered("/Me")),
            ("/scim/.search", "/scim", Route::Search(Over::All)),
            ("/scim/v2/Users/.search", "/scim/v2", Route::Search(Over::Users)),
            ("/scim/Schemas/urn%3Ax", "/scim", Route::Discovery(Discovery::Schema("urn:x".to_owned()))),
        ] {
            let (found_base, found) = of(path);
            assert_eq!((found_base, found.ok()), (base, Some(route)), "{path}");
        }
    }

    #[test]
    fn what_is_not_served_is_404_and_a_foreign_version_invalid_vers() {
        for (path, status) in
            [("/scim", 404), ("/scim/v2/users", 404), ("/scim/v2/Users/1/x", 404), ("/scim/v9/Users", 400)]
        {
            assert_eq!(of(path).1.map_err(|failure| failure.scim().status), Err(status), "{path}");
        }
    }
}
