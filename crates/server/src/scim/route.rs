//! The paths under the SCIM base and the methods that each answers.

use super::kind::Type;
use crate::{app::Failure, scim_reply};
use axum::{
    http::{HeaderValue, Method, StatusCode, header::ALLOW},
    response::{IntoResponse, Response},
};
use provost_change::ResourceId;
use provost_scim::{ScimError, ScimType};

/// What a path names. Ids are not read yet: what is no id of ours names nothing that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// All resources of a type.
    Resources(Type),
    /// One resource of a type, its id percent-decoded.
    Resource(Type, String),
    /// A search by POST, over one type or over all.
    Search(Option<Type>),
    /// Everything: a query over all types, by GET.
    Root,
    /// Many requests in one.
    Bulk,
    /// Discovery.
    Discovery(Discovery),
    /// In the standard, but not offered here: 501.
    NotOffered(&'static str),
}

/// A discovery document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Discovery {
    /// `/ServiceProviderConfig`.
    ServiceProviderConfig,
    /// `/ResourceTypes`.
    ResourceTypes,
    /// `/ResourceTypes/{name}`, percent-decoded.
    ResourceType(String),
    /// `/Schemas`.
    Schemas,
    /// `/Schemas/{urn}`, percent-decoded.
    Schema(String),
}

/// The base that the client uses and what the rest of the path names.
pub(super) struct Found {
    /// `/scim/v2`, `/scim`, or one of them behind the id of an admin app.
    pub base: String,
    /// The admin app that the address is for, as in `/scim/{admin app}/v2/Users`.
    pub app: Option<ResourceId>,
    /// What the rest names.
    pub route: Result<Route, Failure>,
}

/// Reads a path below `/scim`. An address may carry the id of its admin app, for clients that tell connections apart by address.
pub(super) fn of(path: &str) -> Found {
    let rest = path.strip_prefix("/scim").unwrap_or_default();
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    let (first, below) = rest.split_once('/').unwrap_or((rest, ""));
    let (base, app, rest) = match first.parse::<ResourceId>() {
        Ok(app) => (format!("/scim/{app}"), Some(app), below),
        Err(_) => ("/scim".to_owned(), None, rest),
    };
    let (first, below) = rest.split_once('/').unwrap_or((rest, ""));
    match first {
        "v2" => Found { base: format!("{base}/v2"), app, route: named(below) },
        version if is_version(version) => Found { base, app, route: Err(unsupported(version)) },
        _ => Found { base, app, route: named(rest) },
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

/// What a path below the base names.
pub(super) fn named(path: &str) -> Result<Route, Failure> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let segments: Vec<&str> = path.split('/').collect();
    match segments.as_slice() {
        [""] => Ok(Route::Root),
        ["Me"] => Ok(Route::NotOffered("/Me")),
        ["Bulk"] => Ok(Route::Bulk),
        [".search"] => Ok(Route::Search(None)),
        ["ServiceProviderConfig"] => Ok(Route::Discovery(Discovery::ServiceProviderConfig)),
        ["ResourceTypes"] => Ok(Route::Discovery(Discovery::ResourceTypes)),
        ["ResourceTypes", name] => Ok(Route::Discovery(Discovery::ResourceType(decoded(name)))),
        ["Schemas"] => Ok(Route::Discovery(Discovery::Schemas)),
        ["Schemas", urn] => Ok(Route::Discovery(Discovery::Schema(decoded(urn)))),
        [name] => Ok(Route::Resources(Type::named(name))),
        [name, ".search"] => Ok(Route::Search(Some(Type::named(name)))),
        [name, id] if !name.is_empty() && !id.is_empty() => Ok(Route::Resource(Type::named(name), decoded(id))),
        _ => Err(Failure::NoRoute),
    }
}

/// A segment as it is meant: an address is the same however its characters are written (RFC 3986 §2.3).
fn decoded(segment: &str) -> String {
    percent_encoding::percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

impl Route {
    /// The methods that the path answers, as `Allow` lists them.
    pub(super) fn allowed(&self) -> &'static str {
        match self {
            Self::Resources(_) => "GET, HEAD, POST, OPTIONS",
            Self::Resource(..) => "GET, HEAD, PUT, PATCH, DELETE, OPTIONS",
            Self::Root | Self::Discovery(_) => "GET, HEAD, OPTIONS",
            Self::Search(_) | Self::Bulk => "POST, OPTIONS",
            Self::NotOffered(_) => "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
        }
    }

    /// What a request to change something is called in the audit log; `None` for a request that only reads.
    pub(super) fn write(&self, method: &Method) -> Option<&'static str> {
        let of = match self {
            Self::Resources(of) | Self::Resource(of, _) => of,
            Self::Bulk => return Some("scim.bulk"),
            Self::NotOffered(_) => return (*method != Method::GET).then_some("scim.write"),
            Self::Root | Self::Search(_) | Self::Discovery(_) => return None,
        };
        let [create, update, delete] = match of {
            Type::User => ["user.create", "user.update", "user.delete"],
            Type::Group => ["group.create", "group.update", "group.delete"],
            Type::Own(_) => ["resource.create", "resource.update", "resource.delete"],
        };
        match method.as_str() {
            "POST" => Some(create),
            "PUT" | "PATCH" => Some(update),
            "DELETE" => Some(delete),
            _ => None,
        }
    }

    /// The type of the resource that the body of a request tells of.
    pub(super) fn written(&self, method: &Method) -> Option<&Type> {
        let (of, methods) = match self {
            Self::Resources(of) => (of, [Method::POST].as_slice()),
            Self::Resource(of, _) => (of, [Method::PUT, Method::PATCH].as_slice()),
            Self::Root | Self::Search(_) | Self::Bulk | Self::Discovery(_) | Self::NotOffered(_) => return None,
        };
        methods.contains(method).then_some(of)
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
    if matches!(route, Route::Resource(..)) {
        answer.headers_mut().insert("accept-patch", HeaderValue::from_static(scim_reply::CONTENT_TYPE));
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_the_same_under_every_base() {
        let own = |name: &str| Type::Own(format!("/{name}"));
        for (path, base, route) in [
            ("/scim/v2/Users", "/scim/v2", Route::Resources(Type::User)),
            ("/scim/Users", "/scim", Route::Resources(Type::User)),
            ("/scim/v2/Users/", "/scim/v2", Route::Resources(Type::User)),
            ("/scim/v2/Users/7", "/scim/v2", Route::Resource(Type::User, "7".to_owned())),
            ("/scim/v2/Groups/7", "/scim/v2", Route::Resource(Type::Group, "7".to_owned())),
            ("/scim/v2/Devices", "/scim/v2", Route::Resources(own("Devices"))),
            ("/scim/v2/users", "/scim/v2", Route::Resources(own("users"))),
            ("/scim/v2/Me", "/scim/v2", Route::NotOffered("/Me")),
            ("/scim/v2", "/scim/v2", Route::Root),
            ("/scim/.search", "/scim", Route::Search(None)),
            ("/scim/v2/Users/.search", "/scim/v2", Route::Search(Some(Type::User))),
            ("/scim/v2/Users/a%2Db", "/scim/v2", Route::Resource(Type::User, "a-b".to_owned())),
            ("/scim/Schemas/urn%3Ax", "/scim", Route::Discovery(Discovery::Schema("urn:x".to_owned()))),
        ] {
            let found = of(path);
            assert_eq!((found.base.as_str(), found.route.ok()), (base, Some(route)), "{path}");
        }
    }

    #[test]
    fn an_address_may_carry_the_id_of_its_admin_app() {
        let id = "0190a5b4-7f0e-7c3a-8f3e-0123456789ab";
        for (path, base) in [("v2/Users", format!("/scim/{id}/v2")), ("Users", format!("/scim/{id}"))] {
            let found = of(&format!("/scim/{id}/{path}"));
            assert_eq!((found.base, found.app), (base, id.parse().ok()), "{path}");
            assert_eq!(found.route.ok(), Some(Route::Resources(Type::User)), "{path}");
        }
    }

    #[test]
    fn what_is_not_served_is_404_and_a_foreign_version_invalid_vers() {
        for (path, status) in [("/scim/v2/Users/1/x", 404), ("/scim/v2//Users", 404), ("/scim/v9/Users", 400)] {
            assert_eq!(of(path).route.map_err(|failure| failure.scim().status), Err(status), "{path}");
        }
    }
}
